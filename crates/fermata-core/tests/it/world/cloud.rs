//! A tiny cloud in the manner of Nova: calls on servers are accepted at once and take virtual time; a
//! cold migration waits to be confirmed; a journal says what really happened.
//!
//! - [`calls`]: what Fermata calls
//! - [`reads`]: what it reads
//! - [`others`]: what somebody else does

mod calls;
mod others;
mod reads;

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{MigrationId, MigrationKind, MigrationStatus, Scheduling, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerId};
use fermata_core::session::Op;
use fermata_core::{Duration, Time};

use super::faults::{Faults, Outcome, Rng};

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
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) task: Option<&'static str>,
    job: Option<Job>,
    /// What a cold migration returns it to.
    before_resize: ServerStatus,
}

impl FakeServer {
    /// Where it is moved to right now.
    fn destination(&self) -> Option<&HostName> {
        self.job.as_ref().filter(|job| job.begun)?.destination.as_ref()
    }
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

impl Line {
    pub(crate) fn has_effect(&self) -> bool {
        self.effect == Effect::Done
    }
}

/// How a cloud answers reads and calls, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    Answers,
    /// Nobody can connect.
    Silent,
    /// It never answers: nobody knows of a call whether it happened.
    TimesOut,
    /// It refuses everything.
    Refuses,
}

#[derive(Debug)]
pub(crate) struct FakeCloud {
    pub(crate) hosts: BTreeMap<HostName, FakeHost>,
    pub(crate) servers: BTreeMap<ServerId, FakeServer>,
    pub(crate) journal: Vec<Line>,
    pub(crate) faults: Faults,
    /// The cloud cannot be reached in these.
    pub(crate) outages: Vec<(Time, Time)>,
    /// How it answers everything.
    pub(crate) mood: Mood,
    /// Hosts that it does not list any more.
    pub(crate) forgotten: BTreeSet<HostName>,
    /// How many servers have room on a host; `None`: any number.
    pub(crate) room: Option<u64>,
    /// How much longer than usual actions take, at most.
    pub(crate) jitter: Option<(Duration, Rng)>,
    /// How many servers there ever were.
    pub(crate) born: usize,
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
            mood: Mood::Answers,
            forgotten: BTreeSet::new(),
            room: None,
            jitter: None,
            born: 0,
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
        self.born += 1;
        let server = FakeServer {
            name: format!("{id}-name"),
            project: project.into(),
            host: host.into(),
            status: ServerStatus::Active,
            metadata: BTreeMap::new(),
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
            let takes = |h: &FakeHost| h.up && h.scheduling == Scheduling::Enabled;
            job.destination = job.destination.filter(|d| self.hosts.get(d).is_some_and(takes));
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
            Op::LiveMigrate => matches!(server.status.name(), "ACTIVE" | "PAUSED"),
            Op::Stop => server.status == ServerStatus::Active,
            Op::Migrate => {
                matches!(server.status, ServerStatus::Active | ServerStatus::Shutoff)
            }
            Op::ConfirmMigration => server.status == ServerStatus::VerifyResize,
            Op::Start => server.status == ServerStatus::Shutoff,
            Op::DisableScheduling | Op::EnableScheduling | Op::AbortMigration(_) => true,
        }
    }
}
