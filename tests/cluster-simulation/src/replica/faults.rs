//! Looks now and then whether hosts are down, as the real runner does.

use std::time::Duration;

use fermata_core::cloud::{Server, ServerSeen, Site};
use fermata_core::id::ServerId;
use fermata_core::ledger::faults::{Seen, look};

use super::Pending;
use crate::message::{CloudAnswer, CloudRequest, DbRequest, Faults, Parcel};
use crate::world::World;

/// Pause between two looks.
const POLL: Duration = Duration::from_secs(5);

impl World {
    pub(crate) fn faults_due(&mut self, r: usize) {
        self.after(r, POLL, Parcel::FaultsDue);
        let process = &self.replicas[r].process;
        if process.joined && !process.tenures().is_empty() {
            let servers = self.store.ledger.open_faults().into_iter().map(|(_, id)| id).collect();
            self.ask_cloud(r, Pending::Faults, CloudRequest::Faults(servers));
        }
    }

    /// A site that was read for a plan shows them as well.
    pub(crate) fn faults_of_site(&mut self, site: &Site) {
        let hosts: Vec<_> = site.hosts.iter().map(|h| h.host.clone()).collect();
        let is_down = |s: &&Server| hosts.iter().any(|h| !h.up && Some(&h.name) == s.host.as_ref());
        let on_down: Vec<_> = site.servers.iter().filter(is_down).cloned().collect();
        let open = self.store.ledger.open_faults();
        let seen = |id: &ServerId| match site.servers.iter().find(|s| s.id == *id) {
            Some(server) => ServerSeen::Present(server.clone()),
            None => ServerSeen::Gone(id.clone()),
        };
        let elsewhere: Vec<_> = open.iter().map(|(_, id)| seen(id)).collect();
        let now = self.database_time();
        for posting in
            look(&open, &Seen { hosts: &hosts, on_down: &on_down, elsewhere: &elsewhere })
        {
            self.store.ledger.post(&posting, now);
        }
    }

    pub(crate) fn faults_seen(&mut self, r: usize, answer: Option<CloudAnswer>) {
        let Some(CloudAnswer::Faults(Ok(faults))) = answer else { return };
        let Faults { hosts, on_down, elsewhere } = faults;
        let seen = Seen { hosts: &hosts, on_down: &on_down, elsewhere: &elsewhere };
        let entries = look(&self.store.ledger.open_faults(), &seen);
        if !entries.is_empty() {
            self.ask_database(r, Pending::Faults, DbRequest::Faults(entries));
        }
    }
}
