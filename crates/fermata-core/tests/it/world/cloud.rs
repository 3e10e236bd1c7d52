//! A tiny cloud in the manner of Nova: calls on servers are accepted at once and take virtual time; a
//! cold migration waits to be confirmed; a journal says what really happened.

use std::collections::BTreeMap;

use fermata_core::cloud::{
    Capacity, CloudError, CloudProgress, Host, Migration, MigrationId, MigrationKind,
    MigrationStatus, Scheduling, Server, ServerSeen, ServerStatus,
};
use fermata_core::id::{HostName, ProjectId, ServerId};
use fermata_core::session::Op;
use fermata_core::{Duration, Time};

use super::faults::{Faults, Outcome, Rng};

/// Every error of the cloud names a host, as Nova's do now and then.
const WORDS: &str = "says the compute service";

#[derive(Debug, Clone)]
pub(crate) struct FakeHost {
    pub(crate) up: bool,
    pub(crate) scheduling: Scheduling,
    /// When somebody else last enabled it.
    pub(crate) enabled_by_others_at: Option<Time>,
    /// Somebody else switched it since the session began.
    pub(crate) switched_by_others: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct FakeServer {
    pub(crate) name: String,
    pub(crate) project: ProjectId,
    pub(crate) host: HostName,
    pub(crate) status: ServerStatus,
    pub(crate) task: Option<&'static str>,
    job: Option<Job>,
    /// What a cold migration returns it to.
    before_resize: ServerStatus,
}

/// An action under way, or about to begin.
#[derive(Debug, Clone)]
struct Job {
    op: Op,
    ending: Outcome,
    begins_at: Time,
    begun: bool,
    ends_at: Option<Time>,
    migration: Option<MigrationId>,
    destination: Option<HostName>,
    /// Its line in the journal.
    line: usize,
}

#[derive(Debug, Clone)]
struct FakeMigration {
    id: MigrationId,
    server: ServerId,
    kind: MigrationKind,
    status: MigrationStatus,
    source: HostName,
    destination: Option<HostName>,
    changed_at: Time,
    visible_at: Time,
}

/// What became of a call that reached the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing, ever.
    Nothing,
    /// It will begin, begins or runs.
    UnderWay,
    /// It did what was asked.
    Done,
    /// It ended otherwise.
    Failed,
}

/// A call that reached the cloud, or something that others did.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Time,
    pub(crate) op: Op,
    pub(crate) target: String,
    /// The server's host when the call came.
    pub(crate) source: Option<HostName>,
    pub(crate) by_us: bool,
    pub(crate) effect: Effect,
    pub(crate) ended_at: Option<Time>,
}

#[derive(Debug)]
pub(crate) struct FakeCloud {
    pub(crate) hosts: BTreeMap<HostName, FakeHost>,
    pub(crate) servers: BTreeMap<ServerId, FakeServer>,
    pub(crate) journal: Vec<Line>,
    pub(crate) faults: Faults,
    /// The cloud cannot be reached in these.
    pub(crate) outages: Vec<(Time, Time)>,
    /// How much longer than usual actions take, at most.
    pub(crate) jitter: Option<(Duration, Rng)>,
    migrations: Vec<FakeMigration>,
    now: Time,
}

impl FakeCloud {
    pub(crate) fn new(now: Time) -> Self {
        Self {
            hosts: BTreeMap::new(),
            servers: BTreeMap::new(),
            journal: Vec::new(),
            faults: Faults::default(),
            outages: Vec::new(),
            jitter: None,
            migrations: Vec::new(),
            now,
        }
    }

    pub(crate) fn add_host(&mut self, name: &str) {
        let host = FakeHost {
            up: true,
            scheduling: Scheduling::Enabled,
            enabled_by_others_at: None,
            switched_by_others: false,
        };
        self.hosts.insert(name.into(), host);
    }

    pub(crate) fn add_server(&mut self, id: &str, project: &str, host: &str) {
        let server = FakeServer {
            name: format!("{id}-name"),
            project: project.into(),
            host: host.into(),
            status: ServerStatus::Active,
            task: None,
            job: None,
            before_resize: ServerStatus::Active,
        };
        self.servers.insert(id.into(), server);
    }

    // --- time

    /// Lets everything happen that happens until `now`.
    pub(crate) fn advance(&mut self, now: Time) {
        self.now = now;
        let ids: Vec<_> = self
            .servers
            .iter()
            .filter(|(_, s)| s.job.is_some())
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            let Some(job) = self.servers[&id].job.clone() else { continue };
            if !job.begun && job.begins_at <= now {
                self.begin(&id, job.begins_at);
            }
            let Some(job) = self.servers[&id].job.clone() else { continue };
            if job.begun && job.ends_at.is_some_and(|at| at <= now) {
                self.finish(&id, &job);
            }
        }
    }

    fn begin(&mut self, id: &ServerId, at: Time) {
        let Some(mut job) = self.servers.get_mut(id).and_then(|s| s.job.take()) else { return };
        if !self.allows(id, job.op) {
            self.close(job.line, Effect::Nothing, at);
            return;
        }
        let server = &self.servers[id];
        let source = server.host.clone();
        let (task, takes) = match job.op {
            Op::LiveMigrate => (Some("migrating"), 20),
            Op::Migrate => (Some("resize_migrating"), 30),
            Op::ConfirmMigration => (None, 5),
            Op::Stop => (Some("powering-off"), 8),
            Op::Start => (Some("powering-on"), 6),
            Op::DisableScheduling | Op::EnableScheduling | Op::AbortMigration(_) => (None, 0),
        };
        if let Op::LiveMigrate | Op::Migrate = job.op {
            job.destination = self.choose_target(&source);
            if job.destination.is_none() {
                job.ending = Outcome::Fails;
            }
            let kind =
                if job.op == Op::Migrate { MigrationKind::Cold } else { MigrationKind::Live };
            let migration = MigrationId(i64::try_from(self.migrations.len()).unwrap() + 1);
            self.migrations.push(FakeMigration {
                id: migration,
                server: id.clone(),
                kind,
                status: MigrationStatus::InProgress,
                source,
                destination: job.destination.clone(),
                changed_at: at,
                // After the answer, the record may not exist yet.
                visible_at: at + Duration::seconds(1),
            });
            job.migration = Some(migration);
        }
        if job.op == Op::ConfirmMigration {
            job.migration = self.newest_migration(id);
            self.set_migration(job.migration, MigrationStatus::InProgress);
        }
        let jitter = self.jitter.as_mut().map_or(Duration::ZERO, |(most, rng)| rng.span(*most));
        job.begun = true;
        job.ends_at =
            (job.ending != Outcome::Hangs).then(|| at + Duration::seconds(takes) + jitter);
        let server = self.servers.get_mut(id).unwrap();
        server.task = task;
        server.job = Some(job);
    }

    fn finish(&mut self, id: &ServerId, job: &Job) {
        let at = job.ends_at.unwrap_or(self.now);
        let server = self.servers.get_mut(id).unwrap();
        server.task = None;
        server.job = None;
        let failed = MigrationStatus::Failed("error".to_owned());
        let moved = job.destination.clone().unwrap_or_else(|| server.host.clone());
        let migration = match (job.op, job.ending) {
            (Op::LiveMigrate, Outcome::Works) => {
                server.host = moved;
                MigrationStatus::Completed
            }
            (Op::Migrate, Outcome::Works) => {
                server.host = moved;
                server.before_resize =
                    std::mem::replace(&mut server.status, ServerStatus::VerifyResize);
                MigrationStatus::AwaitsConfirmation
            }
            (Op::ConfirmMigration, Outcome::Works) => {
                server.status = server.before_resize.clone();
                MigrationStatus::Completed
            }
            (Op::ConfirmMigration, Outcome::Fails) => MigrationStatus::AwaitsConfirmation,
            (Op::Stop, Outcome::Works) => {
                server.status = ServerStatus::Shutoff;
                failed
            }
            (Op::Start, Outcome::Works) => {
                server.status = ServerStatus::Active;
                failed
            }
            (_, Outcome::Breaks) => {
                server.status = ServerStatus::Error;
                failed
            }
            (_, _) => failed,
        };
        self.set_migration(job.migration, migration);
        let effect = if job.ending == Outcome::Works { Effect::Done } else { Effect::Failed };
        self.close(job.line, effect, at);
    }

    fn close(&mut self, line: usize, effect: Effect, at: Time) {
        self.journal[line].effect = effect;
        self.journal[line].ended_at = Some(at);
    }

    fn choose_target(&self, source: &HostName) -> Option<HostName> {
        let on = |name: &HostName| self.servers.values().filter(|s| s.host == *name).count();
        self.hosts
            .iter()
            .filter(|(name, h)| {
                *name != source && h.up && matches!(h.scheduling, Scheduling::Enabled)
            })
            .min_by_key(|(name, _)| (on(name), (*name).clone()))
            .map(|(name, _)| name.clone())
    }

    fn newest_migration(&self, id: &ServerId) -> Option<MigrationId> {
        self.migrations.iter().filter(|m| m.server == *id).map(|m| m.id).max()
    }

    fn set_migration(&mut self, id: Option<MigrationId>, status: MigrationStatus) {
        let now = self.now;
        if let Some(m) = self.migrations.iter_mut().find(|m| Some(m.id) == id) {
            m.status = status;
            m.changed_at = now;
        }
    }

    /// Whether the server's state allows an action to begin.
    fn allows(&self, id: &ServerId, op: Op) -> bool {
        let server = &self.servers[id];
        if server.task.is_some() || server.job.as_ref().is_some_and(|j| j.begun) {
            return false;
        }
        match op {
            Op::LiveMigrate | Op::Stop => server.status == ServerStatus::Active,
            Op::Migrate => {
                matches!(server.status, ServerStatus::Active | ServerStatus::Shutoff)
            }
            Op::ConfirmMigration => server.status == ServerStatus::VerifyResize,
            Op::Start => server.status == ServerStatus::Shutoff,
            Op::DisableScheduling | Op::EnableScheduling | Op::AbortMigration(_) => true,
        }
    }

    // --- calls

    /// A call of Fermata on a server.
    pub(crate) fn call_server(&mut self, id: &ServerId, op: Op) -> Result<(), CloudError> {
        self.reachable()?;
        let outcome = self.faults.next(op.name(), id.as_str());
        if outcome == Outcome::Unavailable {
            return Err(CloudError::Unavailable { detail: "503".to_owned() });
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
        self.start_job(id, op, ending, self.now + late, line);
        answer
    }

    fn start_job(&mut self, id: &ServerId, op: Op, ending: Outcome, begins_at: Time, line: usize) {
        self.journal[line].effect = Effect::UnderWay;
        self.journal[line].ended_at = None;
        let job = Job {
            op,
            ending,
            begins_at,
            begun: false,
            ends_at: None,
            migration: None,
            destination: None,
            line,
        };
        self.servers.get_mut(id).unwrap().job = Some(job);
        if begins_at <= self.now {
            self.begin(id, begins_at);
        }
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
        let server = self.servers.get_mut(id).unwrap();
        server.task = None;
        server.job = None;
        let now = self.now;
        self.set_migration(Some(migration), MigrationStatus::Failed("cancelled".to_owned()));
        self.close(job.line, Effect::Failed, now);
        self.close(line, Effect::Done, now);
        if let Outcome::Lost(_) = outcome { Err(CloudError::Unknown { detail }) } else { Ok(()) }
    }

    /// A call of Fermata on a host.
    pub(crate) fn call_host(
        &mut self,
        name: &HostName,
        scheduling: Scheduling,
    ) -> Result<(), CloudError> {
        self.reachable()?;
        let op = match scheduling {
            Scheduling::Enabled => Op::EnableScheduling,
            Scheduling::Disabled { .. } => Op::DisableScheduling,
        };
        let detail = format!("{WORDS} of {name}");
        let happens = match self.faults.next(op.name(), name.as_str()) {
            Outcome::Unavailable => return Err(CloudError::Unavailable { detail }),
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

    // --- reads

    pub(crate) fn reachable(&self) -> Result<(), CloudError> {
        if self.outages.iter().any(|(from, to)| *from <= self.now && self.now < *to) {
            return Err(CloudError::Unavailable { detail: "connection refused".to_owned() });
        }
        Ok(())
    }

    pub(crate) fn hosts(&self) -> Vec<Host> {
        self.hosts.iter().map(|(name, host)| self.show_host(name, host)).collect()
    }

    fn show_host(&self, name: &HostName, host: &FakeHost) -> Host {
        Host {
            name: name.clone(),
            up: host.up,
            scheduling: host.scheduling.clone(),
            zone: Some("zone-1".to_owned()),
            aggregates: Vec::new(),
            capacity: Capacity::default(),
            hypervisor_type: "QEMU".to_owned(),
            hypervisor_version: "8.2.0".to_owned(),
            servers: u32::try_from(self.servers_at(name).len()).unwrap(),
        }
    }

    pub(crate) fn read_host(&self, name: &HostName) -> Result<Host, CloudError> {
        self.reachable()?;
        let host = self.hosts.get(name);
        host.map(|h| self.show_host(name, h))
            .ok_or_else(|| CloudError::NotFound { detail: name.to_string() })
    }

    pub(crate) fn read_servers(&self, host: &HostName) -> Result<Vec<Server>, CloudError> {
        self.reachable()?;
        Ok(self.servers_at(host))
    }

    /// The servers on a host, whether or not the cloud can be reached.
    pub(crate) fn servers_at(&self, host: &HostName) -> Vec<Server> {
        let on = self.servers.iter().filter(|(_, s)| s.host == *host);
        on.map(|(id, s)| self.show_server(id, s)).collect()
    }

    fn show_server(&self, id: &ServerId, server: &FakeServer) -> Server {
        Server {
            id: id.clone(),
            name: server.name.clone(),
            project: server.project.clone(),
            host: Some(server.host.clone()),
            host_id: opaque(&server.host, &server.project),
            status: server.status.clone(),
            task: server.task.map(str::to_owned),
        }
    }

    pub(crate) fn read_progress(
        &self,
        ids: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        self.reachable()?;
        let servers = ids
            .iter()
            .map(|id| match self.servers.get(id) {
                Some(server) => ServerSeen::Present(self.show_server(id, server)),
                None => ServerSeen::Gone(id.clone()),
            })
            .collect();
        let migrations = self
            .migrations
            .iter()
            .filter(|m| {
                ids.contains(&m.server) && m.changed_at >= since && m.visible_at <= self.now
            })
            .map(|m| Migration {
                id: m.id,
                server: m.server.clone(),
                kind: m.kind,
                status: m.status.clone(),
                source: Some(m.source.clone()),
                destination: m.destination.clone(),
            })
            .collect();
        Ok(CloudProgress { servers, migrations })
    }

    // --- what others do

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

/// The id of a host that one project sees.
fn opaque(host: &HostName, project: &ProjectId) -> String {
    let text = format!("{project}/{host}");
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
