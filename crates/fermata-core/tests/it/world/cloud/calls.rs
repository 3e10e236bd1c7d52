//! Calls of Fermata, and what becomes of them.

use fermata_core::cloud::{CloudError, MigrationId, MigrationStatus, OutageKind, Scheduling};
use fermata_core::id::{HostName, ServerId};
use fermata_core::session::Op;
use fermata_core::{Duration, Time};

use super::{Effect, FakeCloud, Job, Line};
use crate::world::faults::Outcome;

/// Every error of the cloud names a host, as Nova's do now and then.
const WORDS: &str = "says the compute service";

impl FakeCloud {
    /// A call of Fermata on a server.
    pub(crate) fn call_server(
        &mut self,
        id: &ServerId,
        op: Op,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        self.takes_calls()?;
        let outcome = self.faults.next(op.name(), id.as_str());
        if outcome == Outcome::Unavailable {
            return Err(CloudError::Unavailable {
                kind: OutageKind::Overloaded,
                detail: "503".to_owned(),
            });
        }
        let source = self.servers.get(id).map(|s| s.host.clone());
        let line = self.journal.len();
        self.journal.push(Line {
            at: self.now,
            op,
            target: id.to_string(),
            source: source.clone(),
            by_us: true,
            effect: Effect::Nothing,
            ended_at: Some(self.now),
        });
        let detail = format!("{WORDS} of {}", source.map(|h| h.to_string()).unwrap_or_default());
        if !self.servers.contains_key(id) {
            return Err(CloudError::NotFound { detail });
        }
        if let Op::AbortMigration(migration) = op {
            return self.abort(id, migration, line, outcome);
        }
        match outcome {
            Outcome::Conflict => return Err(CloudError::Conflict { detail }),
            Outcome::Rejected => return Err(CloudError::Rejected { detail }),
            Outcome::Forgotten => return Ok(()),
            Outcome::Lost(None) => return Err(CloudError::Unknown { detail }),
            _ => {}
        }
        if !self.allows(id, op) || self.servers[id].job.is_some() {
            return match outcome {
                Outcome::Lost(_) => Err(CloudError::Unknown { detail }),
                _ => Err(CloudError::Conflict { detail }),
            };
        }
        let (late, answer, ending) = match outcome {
            Outcome::Lost(Some(late)) => {
                (late, Err(CloudError::Unknown { detail }), Outcome::Works)
            }
            other => (Duration::ZERO, Ok(()), other),
        };
        self.start_job(id, op, ending, self.now + late, line, target);
        answer
    }

    pub(super) fn start_job(
        &mut self,
        id: &ServerId,
        op: Op,
        ending: Outcome,
        begins_at: Time,
        line: usize,
        target: Option<&HostName>,
    ) {
        self.journal[line].effect = Effect::UnderWay;
        self.journal[line].ended_at = None;
        let job = Job {
            op,
            ending,
            begins_at,
            begun: false,
            ends_at: None,
            migration: None,
            destination: target.cloned(),
            line,
        };
        self.servers.get_mut(id).unwrap().job = Some(job);
        if begins_at <= self.now {
            self.begin(id, begins_at);
        }
    }

    /// Somebody else than the session aborts the live migration that is under way.
    pub(crate) fn others_abort(&mut self, id: &ServerId) {
        let job = self.servers[id].job.clone().unwrap();
        self.end_aborted(id, job.migration.unwrap(), job.line);
    }

    fn end_aborted(&mut self, id: &ServerId, migration: MigrationId, line: usize) {
        let server = self.servers.get_mut(id).unwrap();
        server.task = None;
        server.job = None;
        let now = self.now;
        self.set_migration(Some(migration), MigrationStatus::Failed("cancelled".to_owned()));
        self.close(line, Effect::Failed, now);
    }

    fn abort(
        &mut self,
        id: &ServerId,
        migration: MigrationId,
        line: usize,
        outcome: Outcome,
    ) -> Result<(), CloudError> {
        let detail = "the migration is not under way".to_owned();
        let job = self.servers[id].job.clone().filter(|j| j.migration == Some(migration));
        let Some(job) = job else { return Err(CloudError::NotFound { detail }) };
        match outcome {
            Outcome::Conflict | Outcome::Rejected => return Err(CloudError::Conflict { detail }),
            Outcome::Lost(None) => return Err(CloudError::Unknown { detail }),
            Outcome::Forgotten => return Ok(()),
            _ => {}
        }
        self.end_aborted(id, migration, job.line);
        self.close(line, Effect::Done, self.now);
        if let Outcome::Lost(_) = outcome { Err(CloudError::Unknown { detail }) } else { Ok(()) }
    }

    /// A call of Fermata on a host.
    pub(crate) fn call_host(
        &mut self,
        name: &HostName,
        scheduling: Scheduling,
    ) -> Result<(), CloudError> {
        self.takes_calls()?;
        let op = match scheduling {
            Scheduling::Enabled => Op::EnableScheduling,
            Scheduling::Disabled { .. } => Op::DisableScheduling,
        };
        let detail = format!("{WORDS} of {name}");
        if self.forgotten.contains(name) {
            return Err(CloudError::NotFound { detail });
        }
        let happens = match self.faults.next(op.name(), name.as_str()) {
            Outcome::Unavailable => {
                return Err(CloudError::Unavailable { kind: OutageKind::Overloaded, detail });
            }
            Outcome::Conflict => return Err(CloudError::Conflict { detail }),
            Outcome::Rejected => return Err(CloudError::Rejected { detail }),
            Outcome::Lost(None) => return Err(CloudError::Unknown { detail }),
            Outcome::Lost(Some(_)) => Err(CloudError::Unknown { detail }),
            _ => Ok(()),
        };
        self.hosts.get_mut(name).unwrap().scheduling = scheduling;
        self.journal.push(Line {
            at: self.now,
            op,
            target: name.to_string(),
            source: None,
            by_us: true,
            effect: Effect::Done,
            ended_at: Some(self.now),
        });
        happens
    }
}
