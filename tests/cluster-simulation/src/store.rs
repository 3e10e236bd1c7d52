//! A fake of the database, with the promises that the real store gives: a commit compares revision and epoch and
//! is atomic; events are numbered per topic in the order of commits; a replica keeps its sessions by signs of
//! life; sessions of replicas whose lease is out are given to others under the next epoch.

use std::collections::BTreeMap;
use std::time::Duration;

use fermata_core::Time;
use fermata_core::broken::{self, Rule};
use fermata_core::event::{HoldAlarm, OperatorEvent, OwnerEvent};
use fermata_core::id::{HostName, ProjectId, SessionId};
use fermata_core::ledger::{Ledger, Postings};
use fermata_core::machine::{Outage, Transition};
use fermata_core::session::{Notification, Session};

use crate::message::{Commit, DbAnswer, DbRequest, Refusal, RequestId, Said};

/// How long a sign of life keeps a replica's sessions.
pub(crate) const LEASE: Duration = Duration::from_secs(5);
/// Less than this between two signs of life of anybody is no outage.
const SILENCE: Duration = Duration::from_secs(5);

/// One life of a replica; one that was buried comes back under another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReplicaId(pub(crate) u64);

/// What a log is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Project(ProjectId),
    Session(SessionId),
    Infrastructure,
}

/// An event as it is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoggedEvent {
    pub(crate) number: u64,
    /// The commit that it belongs to.
    pub(crate) commit: u64,
    pub(crate) at: Time,
    pub(crate) session: SessionId,
    pub(crate) content: Content,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A notification, as it stands with this event.
    Notification(Box<Notification>),
    Owner(OwnerEvent),
    Operator(OperatorEvent),
    Alarm(HoldAlarm),
}

/// A session's row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) session: Session,
    pub(crate) epoch: u64,
    pub(crate) owner: Option<ReplicaId>,
}

/// One line for each commit.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) session: SessionId,
    pub(crate) revision: u64,
    /// How many events belong to it.
    pub(crate) events: usize,
}

/// The database.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) sessions: BTreeMap<SessionId, Row>,
    pub(crate) logs: BTreeMap<Topic, Vec<LoggedEvent>>,
    pub(crate) commits: Vec<Record>,
    pub(crate) requests: BTreeMap<RequestId, Said>,
    pub(crate) ledger: Ledger,
    /// Until when each replica's lease lasts.
    pub(crate) replicas: BTreeMap<ReplicaId, Time>,
    pub(crate) outages: Vec<Outage>,
    last_sign: Option<Time>,
    /// Events that are not written with their change: only where that rule is broken.
    apart: BTreeMap<u64, Vec<(Topic, LoggedEvent)>>,
}

/// What came of a commit.
pub(crate) struct Written {
    pub(crate) number: u64,
    pub(crate) events_apart: bool,
}

impl Store {
    /// Everything but commits.
    pub(crate) fn serve(&mut self, now: Time, request: DbRequest) -> DbAnswer {
        match request {
            DbRequest::Life { id, join, known } => self.sign_of_life(now, id, join, known),
            DbRequest::Scan { id } => {
                self.adopt(now, id);
                DbAnswer::Tenures(self.tenures(id))
            }
            DbRequest::Load { request: Some(id), .. } if self.requests.contains_key(&id) => {
                DbAnswer::Request(self.requests.get(&id).cloned())
            }
            DbRequest::Load { session, known, .. } => match self.sessions.get(&session) {
                Some(row) if known == Some((row.session.head.revision, row.epoch)) => {
                    DbAnswer::Unchanged
                }
                Some(row) => DbAnswer::Loaded(Some((row.session.clone(), row.epoch))),
                None => DbAnswer::Loaded(None),
            },
            DbRequest::Events { topic, after } => {
                let log = self.logs.get(&topic).map_or(&[][..], Vec::as_slice);
                let from = usize::try_from(after).unwrap_or(usize::MAX).min(log.len());
                DbAnswer::Events(log[from..].iter().take(20).cloned().collect())
            }
            DbRequest::Request(id) => DbAnswer::Request(self.requests.get(&id).cloned()),
            DbRequest::Resign { id } => {
                self.replicas.remove(&id);
                DbAnswer::Resigned
            }
            DbRequest::Faults(postings) => {
                postings.iter().for_each(|posting| self.ledger.post(posting, now));
                DbAnswer::Committed(Ok(()))
            }
            DbRequest::Commit(_) => DbAnswer::Away,
        }
    }

    fn sign_of_life(&mut self, now: Time, id: ReplicaId, join: bool, known: u64) -> DbAnswer {
        let kept = join || self.replicas.contains_key(&id);
        if kept {
            self.replicas.insert(id, now + LEASE);
        }
        if let Some(since) = self.last_sign.filter(|at| now - *at > SILENCE) {
            let number = self.outages.len() as u64 + 1;
            self.outages.push(Outage { number, since, until: now });
        }
        self.last_sign = Some(now);
        let outages = self.outages.iter().filter(|o| o.number > known).copied().collect();
        DbAnswer::Life { now, kept, outages }
    }

    fn adopt(&mut self, now: Time, id: ReplicaId) {
        self.replicas.retain(|_, until| *until > now);
        for row in self.sessions.values_mut() {
            let orphan = row.owner.is_none_or(|owner| !self.replicas.contains_key(&owner));
            if orphan && !row.session.head.state.is_terminal() {
                row.owner = Some(id);
                row.epoch += 1;
            }
        }
    }

    fn tenures(&self, id: ReplicaId) -> Vec<(SessionId, u64, u64)> {
        let mine = |row: &&Row| row.owner == Some(id) && !row.session.head.state.is_terminal();
        let tenure = |row: &Row| (row.session.head.id, row.epoch, row.session.head.revision);
        self.sessions.values().filter(mine).map(tenure).collect()
    }

    /// Whether a session that is not over has no living owner.
    pub(crate) fn is_orphan(&self, row: &Row, now: Time) -> bool {
        !row.session.head.state.is_terminal()
            && row.owner.is_none_or(|o| self.replicas.get(&o).is_none_or(|until| *until <= now))
    }

    /// Writes a change with its events and its request, or nothing.
    pub(crate) fn commit(&mut self, commit: &Commit) -> Result<Option<Written>, Refusal> {
        if let Some(said) = commit.request.as_ref().and_then(|(id, _)| self.requests.get(id)) {
            return Err(Refusal::RequestExists(said.clone()));
        }
        let Some(transition) = &commit.transition else {
            self.note_request(commit);
            return Ok(None);
        };
        let next = &transition.next;
        let id = next.head.id;
        match (commit.before, self.sessions.get(&id)) {
            (None, None) => {}
            (Some(revision), Some(row)) => {
                let changed = row.session.head.revision != revision;
                let moved = row.epoch != commit.epoch;
                if changed && !broken::is(Rule::Revision) || moved && !broken::is(Rule::Epoch) {
                    return Err(Refusal::Conflict);
                }
            }
            (None, Some(_)) | (Some(_), None) => return Err(Refusal::Conflict),
        }
        if !next.head.state.is_terminal() && self.is_busy(id, next.hosts.keys()) {
            return Err(Refusal::HostBusy);
        }
        if self.is_judged_anew(&transition.ledger) {
            return Err(Refusal::Conflict);
        }
        for posting in &transition.ledger.entries {
            self.ledger.post(posting, next.head.updated_at);
        }
        let row = match self.sessions.get(&id) {
            Some(row) => Row { session: next.clone(), epoch: row.epoch, owner: row.owner },
            None => Row { session: next.clone(), epoch: 1, owner: Some(commit.by) },
        };
        self.sessions.insert(id, row);
        self.note_request(commit);
        let number = self.commits.len() as u64;
        let events = events_of(transition, number);
        self.commits.push(Record {
            session: id,
            revision: next.head.revision,
            events: events.len(),
        });
        let events_apart = broken::is(Rule::EventsWithChange) && !events.is_empty();
        if events_apart {
            self.apart.insert(number, events);
        } else {
            self.append(events);
        }
        Ok(Some(Written { number, events_apart }))
    }

    /// Whether something takes room that was judged by an account as it is not any more.
    fn is_judged_anew(&self, postings: &Postings) -> bool {
        let mut taken = postings.entries.iter().filter(|p| p.entry.leaves_less_room());
        taken.any(|p| {
            postings
                .judged
                .get(&p.project)
                .is_some_and(|at| *at != self.ledger.revision(&p.project))
        })
    }

    fn note_request(&mut self, commit: &Commit) {
        if let Some((id, said)) = &commit.request {
            self.requests.insert(*id, said.clone());
        }
    }

    /// Whether another session that is not over has one of these hosts.
    fn is_busy<'a>(&self, id: SessionId, mut hosts: impl Iterator<Item = &'a HostName>) -> bool {
        hosts.any(|host| {
            self.sessions.values().any(|row| {
                row.session.head.id != id
                    && !row.session.head.state.is_terminal()
                    && row.session.hosts.contains_key(host)
            })
        })
    }

    /// Writes the events of a change that were not written with it.
    pub(crate) fn append_late(&mut self, commit: u64) {
        let events = self.apart.remove(&commit).unwrap_or_default();
        self.append(events);
    }

    /// The process that was to write them has ended.
    pub(crate) fn lose_late(&mut self, commit: u64) {
        self.apart.remove(&commit);
    }

    fn append(&mut self, events: Vec<(Topic, LoggedEvent)>) {
        for (topic, mut event) in events {
            let log = self.logs.entry(topic).or_default();
            event.number = log.len() as u64 + 1;
            log.push(event);
        }
    }
}

/// Everything that a transition tells, by topic and in order. The numbers are given by the log.
fn events_of(transition: &Transition, commit: u64) -> Vec<(Topic, LoggedEvent)> {
    let session = transition.next.head.id;
    let at = transition.next.head.updated_at;
    let event = |content| LoggedEvent { number: 0, commit, at, session, content };
    let outbox = &transition.outbox;
    let owners = outbox.owners.iter().map(|(project, told)| {
        let content = match told {
            OwnerEvent::Notification(id) => match transition.next.notifications.get(id) {
                Some(notification) => {
                    Content::Notification(Box::new(notification.as_ref().clone()))
                }
                None => Content::Owner(told.clone()),
            },
            OwnerEvent::Server { .. } | OwnerEvent::Session { .. } => Content::Owner(told.clone()),
        };
        (Topic::Project(project.clone()), event(content))
    });
    let operators = outbox
        .operators
        .iter()
        .map(|told| (Topic::Session(session), event(Content::Operator(told.clone()))));
    let alarms = outbox.alarms.iter();
    let alarms = alarms.map(|told| (Topic::Infrastructure, event(Content::Alarm(told.clone()))));
    owners.chain(operators).chain(alarms).collect()
}
