//! What owners and others do in the cloud.

use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::id::{HostName, ServerId};
use fermata_core::session::Op;

use super::{Effect, FakeCloud, Line};
use crate::world::faults::Outcome;

impl FakeCloud {
    /// An owner or somebody else moves a server at once; `None`: deletes it.
    pub(crate) fn others_move(&mut self, id: &ServerId, to: Option<&HostName>) {
        let Some(server) = self.servers.get(id) else { return };
        if server.task.is_some() || server.job.is_some() {
            return;
        }
        self.journal.push(Line {
            at: self.now,
            op: Op::Migrate,
            target: id.to_string(),
            source: Some(server.host.clone()),
            by_us: false,
            effect: Effect::Done,
            ended_at: Some(self.now),
        });
        let back = self.migrations.iter().rfind(|m| m.server == *id).map(|m| m.source.clone());
        match to {
            // One that waits to be confirmed can only be reverted.
            Some(to) => {
                let server = self.servers.get_mut(id).unwrap();
                if server.status == ServerStatus::VerifyResize {
                    server.status = server.before_resize.clone();
                    server.host = back.unwrap_or_else(|| to.clone());
                } else {
                    server.host = to.clone();
                }
            }
            None => {
                self.servers.remove(id);
            }
        }
    }

    /// Somebody else begins to live migrate a server to a host.
    pub(crate) fn others_send(&mut self, id: &ServerId, to: &HostName) {
        let line = self.journal.len();
        self.journal.push(Line {
            at: self.now,
            op: Op::LiveMigrate,
            target: id.to_string(),
            source: Some(self.servers[id].host.clone()),
            by_us: false,
            effect: Effect::Nothing,
            ended_at: None,
        });
        self.start_job(id, Op::LiveMigrate, Outcome::Works, self.now, line, None);
        if let Some(job) = self.servers.get_mut(id).and_then(|server| server.job.as_mut()) {
            job.destination = Some(to.clone());
            job.ending = Outcome::Works;
        }
        if let Some(migration) = self.migrations.last_mut() {
            migration.destination = Some(to.clone());
        }
    }

    /// An owner starts or stops a server at once.
    pub(crate) fn others_switch(&mut self, id: &ServerId, status: ServerStatus) {
        let op = if status == ServerStatus::Active { Op::Start } else { Op::Stop };
        let Some(server) = self.servers.get_mut(id) else { return };
        if server.task.is_some() || server.job.is_some() {
            return;
        }
        server.status = status;
        self.journal.push(Line {
            at: self.now,
            op,
            target: id.to_string(),
            source: None,
            by_us: false,
            effect: Effect::Done,
            ended_at: Some(self.now),
        });
    }

    /// Somebody else switches a host's scheduling.
    pub(crate) fn others_schedule(&mut self, name: &HostName, scheduling: Scheduling) {
        let host = self.hosts.get_mut(name).unwrap();
        if scheduling == Scheduling::Enabled {
            host.enabled_by_others_at = Some(self.now);
        }
        host.switched_by_others = true;
        host.scheduling = scheduling;
    }
}
