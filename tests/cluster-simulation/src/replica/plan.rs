//! Plans of sessions: made from the site as it was read, by what the replica knows.

use std::sync::Arc;

use fermata_core::cloud::{CloudError, Site};
use fermata_core::desk::{Done, Outcome, TROUBLE_PAUSE};
use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::Input;
use fermata_core::policy::CloudGroups;
use fermata_core::problem::{Others, Pace};
use fermata_core::replan::{Replan, promises};
use fermata_core::session::{Session, SessionHostState};

use super::engine::cached;
use super::life::known_time;
use super::slot::{Job, Then};
use super::work::outcome;
use crate::world::World;

impl World {
    pub(crate) fn plan(
        &mut self,
        r: usize,
        id: SessionId,
        epoch: u64,
        site: Result<Box<Site>, CloudError>,
    ) {
        if let Ok(site) = &site {
            self.faults_of_site(site);
        }
        let Some(session) = cached(self, r, id) else {
            // What it knew of the session it forgot meanwhile.
            self.done(r, id, Done::Plan(Outcome::Trouble));
            return self.look_in(r, id, TROUBLE_PAUSE);
        };
        let then = Then::Planned(outcome(&site));
        let planned = site.map(|site| {
            let policies = self.policies.clone().with_cloud(Arc::new(CloudGroups::from(&*site)));
            let others =
                self.store.sessions.values().filter(|row| {
                    row.session.head.id != id && !row.session.head.state.is_terminal()
                });
            let not_empty = |session: &Session, host: &HostName| {
                matches!(
                    session.hosts[host].state,
                    SessionHostState::Waiting | SessionHostState::Draining
                )
            };
            let servers = others.flat_map(|row| {
                let all = row.session.servers.values();
                all.filter(|s| not_empty(&row.session, &s.key.host))
            });
            let promised = servers
                .filter_map(|s| Some((s.key.server.clone(), promises(s)?.clone())))
                .collect();
            let rows = self.store.sessions.values().filter(|row| row.session.head.id != id);
            let active = rows.filter(|row| !row.session.head.state.is_terminal());
            let others = active.flat_map(|row| row.session.hosts.values());
            let hosts = others.filter(|h| !h.state.is_settled()).map(|h| h.host.clone()).collect();
            let others = Others { promised, hosts };
            let replan = Replan {
                pace: Pace::default(),
                session,
                site: &site,
                policies: &policies,
                ledger: &self.store.ledger,
                others: &others,
                now: known_time(&self.replicas[r].process, self.now),
            };
            replan.plan()
        });
        let input = Input::Planned(planned);
        self.push_job(r, id, Job { input, epoch: Some(epoch), fresh: false, then });
    }
}
