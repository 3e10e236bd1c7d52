//! Signs of life, what the time is, and whose sessions a replica works on.

use std::time::Duration;

use fermata_core::Time;
use fermata_core::cloud::{CloudError, OutageKind};
use fermata_core::desk::Outcome;
use fermata_core::id::SessionId;
use fermata_core::machine::{Input, Outage};

use super::slot::{Job, Tenure, Then};
use super::{Heard, Pending, Process};
use crate::message::{DbAnswer, DbRequest, Parcel};
use crate::store::ReplicaId;
use crate::world::World;

/// Pause between two looks for orphans.
const SCAN_EVERY: Duration = Duration::from_millis(500);
/// With an older sign of life nothing is applied: there may have been an outage meanwhile, and deadlines that fell
/// into it must not count.
const FRESH: Duration = Duration::from_secs(4);

impl World {
    /// A process begins.
    pub(crate) fn boot(&mut self, r: usize) {
        let id = self.new_replica_id();
        let drift = i64::try_from(self.random.between(0, 20_001)).unwrap_or(0) - 10_000;
        let replica = &mut self.replicas[r];
        replica.life += 1;
        replica.up = true;
        self.checks.good_since[r] = None;
        replica.process = Process::new(id, self.now, drift);
        self.after(r, Duration::ZERO, Parcel::LifeDue);
        self.after(r, SCAN_EVERY, Parcel::ScanDue);
        self.after(r, Duration::ZERO, Parcel::FaultsDue);
    }

    pub(crate) fn new_replica_id(&mut self) -> ReplicaId {
        self.next_replica_id += 1;
        ReplicaId(self.next_replica_id)
    }

    pub(crate) fn life_is_fresh(&self, r: usize) -> bool {
        let process = &self.replicas[r].process;
        let uptime = process.uptime(self.now);
        process.joined && process.heard.is_some_and(|h| uptime < h.asked_at + FRESH)
    }

    /// Time for a sign of life, at regular times.
    pub(crate) fn life_due(&mut self, r: usize) {
        let pause = self.replicas[r].process.lease.renew_every();
        self.after(r, pause, Parcel::LifeDue);
        self.give_sign_of_life(r);
    }

    pub(crate) fn give_sign_of_life(&mut self, r: usize) {
        let now = self.now;
        let process = &mut self.replicas[r].process;
        if process.asking || process.resigning {
            return;
        }
        process.asking = true;
        let (id, asked_at) = (process.id, process.uptime(now));
        let known = process.outages.last().map_or(0, |o| o.number);
        let request = DbRequest::Life { id, join: !process.joined, known };
        self.ask_database(r, Pending::Life { id, asked_at }, request);
    }

    pub(crate) fn life_answered(
        &mut self,
        r: usize,
        id: ReplicaId,
        asked_at: Duration,
        answer: DbAnswer,
    ) {
        let now = self.now;
        let process = &mut self.replicas[r].process;
        process.asking = false;
        if process.id != id {
            return;
        }
        let DbAnswer::Life { now: told, kept, outages } = answer else { return };
        if !kept {
            self.bury(r);
            return;
        }
        process.joined = true;
        process.lease.renewed(asked_at);
        process.heard = Some(Heard { now: told, asked_at, at: process.uptime(now) });
        note_outages(process, outages);
        self.settle_unmade(r);
        for session in self.replicas[r].process.slots.keys().copied().collect::<Vec<_>>() {
            self.work_off(r, session);
        }
    }

    /// The database has given the replica's sessions to others: it comes back as another one.
    fn bury(&mut self, r: usize) {
        let id = self.new_replica_id();
        let process = &mut self.replicas[r].process;
        process.id = id;
        process.joined = false;
        process.lease.lost();
        for session in process.tenures() {
            self.lose(r, session);
        }
        self.note(|| format!("replica {r} was buried, and comes back as {id:?}"));
        self.give_sign_of_life(r);
    }

    /// Calls that were begun and certainly not made are told as such, if the tenure goes on.
    fn settle_unmade(&mut self, r: usize) {
        let mut jobs = Vec::new();
        for (id, slot) in &mut self.replicas[r].process.slots {
            let Some(tenure) = &mut slot.tenure else { continue };
            for call in std::mem::take(&mut tenure.unmade) {
                let detail = "the lease was not usable".to_owned();
                let result = Err(CloudError::Unavailable { kind: OutageKind::Unreachable, detail });
                let job = Job {
                    input: Input::Ended { call, result },
                    epoch: Some(tenure.epoch),
                    fresh: false,
                    then: Then::Ended(call, Outcome::Trouble),
                };
                jobs.push((*id, job));
            }
        }
        for (id, job) in jobs {
            self.push_job(r, id, job);
        }
    }

    pub(crate) fn scan_due(&mut self, r: usize) {
        self.after(r, SCAN_EVERY, Parcel::ScanDue);
        let process = &mut self.replicas[r].process;
        if process.scanning || !process.joined || process.resigning {
            return;
        }
        process.scanning = true;
        let id = process.id;
        self.ask_database(r, Pending::Scan { id }, DbRequest::Scan { id });
    }

    pub(crate) fn scanned(&mut self, r: usize, id: ReplicaId, answer: DbAnswer) {
        let process = &mut self.replicas[r].process;
        process.scanning = false;
        let DbAnswer::Tenures(tenures) = answer else { return };
        if process.id != id || process.resigning {
            return;
        }
        let mut elsewhere = process.tenures();
        for (session, epoch, revision) in tenures {
            elsewhere.remove(&session);
            self.take_up(r, session, epoch);
            self.look_if_changed(r, session, Some(revision));
        }
        for session in elsewhere {
            self.look_if_changed(r, session, None);
        }
    }

    /// A session that others changed is looked at, and one that is not this replica's any more.
    fn look_if_changed(&mut self, r: usize, id: SessionId, revision: Option<u64>) {
        let now = self.now;
        let Some(slot) = self.replicas[r].process.slots.get_mut(&id) else { return };
        let seen = slot.cached.as_ref().map(|(session, _)| session.head.revision);
        if let Some(tenure) = slot.tenure.as_mut().filter(|t| t.taken_up)
            && (revision.is_none() || seen != revision)
        {
            tenure.look_at = Some(now);
            self.look_due(r, id);
        }
    }

    /// The session is this replica's, under this epoch.
    pub(crate) fn take_up(&mut self, r: usize, session: SessionId, epoch: u64) {
        let slot = self.replicas[r].process.slots.entry(session).or_default();
        if slot.tenure.as_ref().is_some_and(|t| t.epoch >= epoch) {
            return;
        }
        slot.drop_work();
        slot.tenure = Some(Tenure::new(epoch));
        self.note(|| format!("replica {r} takes up {} under epoch {epoch}", short(session)));
        let input = Input::Recover { epoch };
        self.push_job(
            r,
            session,
            Job { input, epoch: Some(epoch), fresh: true, then: Then::TakenUp },
        );
    }

    /// The session is somebody else's now.
    pub(crate) fn lose(&mut self, r: usize, session: SessionId) {
        if let Some(slot) = self.replicas[r].process.slots.get_mut(&session) {
            slot.tenure = None;
            slot.drop_work();
            self.note(|| format!("replica {r} lost {}", short(session)));
        }
    }

    /// The process ends in good order.
    pub(crate) fn resign(&mut self, r: usize) {
        let process = &mut self.replicas[r].process;
        process.resigning = true;
        let id = process.id;
        for session in process.tenures() {
            self.lose(r, session);
        }
        self.ask_database(r, Pending::Resign, DbRequest::Resign { id });
    }
}

fn note_outages(process: &mut Process, outages: Vec<Outage>) {
    for outage in outages {
        if process.outages.last().is_none_or(|last| last.number < outage.number) {
            process.outages.push(outage);
        }
    }
}

/// The end of a session's id, for people.
pub(crate) fn short(session: SessionId) -> String {
    let text = session.to_string();
    format!("session-{}", &text[text.len().saturating_sub(4)..])
}

/// The time, where the replica must know it.
pub(crate) fn known_time(process: &Process, now: Duration) -> Time {
    process.time(now).unwrap_or_else(|| crate::queue::date(now))
}
