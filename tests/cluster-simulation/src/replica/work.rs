//! What a replica does for the sessions that it works on: what the desk says, and what follows.

use std::time::Duration;

use fermata_core::cloud::{CloudError, OutageKind, Scheduling};
use fermata_core::desk::{Done, Outcome, TROUBLE_PAUSE, Work};
use fermata_core::id::SessionId;
use fermata_core::machine::Input;
use fermata_core::scheduling;
use fermata_core::session::{Call, CallId, CallTarget, DueCall, Op, Phase, Read, Session, Want};
use fermata_simcloud::Action;

use super::Pending;
use super::engine::{Ending, cached};
use super::life::known_time;
use super::slot::{Job, Tenure, Then};
use crate::message::{CloudAnswer, CloudRequest, Parcel, Trap};
use crate::world::World;

impl World {
    /// Looks at the session: the time may have brought something.
    pub(crate) fn look_due(&mut self, r: usize, id: SessionId) {
        let now = self.now;
        let Some(slot) = self.replicas[r].process.slots.get_mut(&id) else { return };
        let queued = slot.jobs.iter().any(|job| matches!(job.then, Then::Looked));
        // After a pause it is later than it should be; and there may be an earlier one by now.
        let due = |t: &&mut Tenure| t.look_at.is_some_and(|at| at <= now);
        let Some(tenure) = slot.tenure.as_mut().filter(due) else { return };
        tenure.look_at = None;
        if !queued {
            let epoch = Some(tenure.epoch);
            self.push_job(
                r,
                id,
                Job { input: Input::Tick, epoch, fresh: true, then: Then::Looked },
            );
        }
    }

    /// Begins what is to be done now, and says when to look again.
    pub(crate) fn begin_work(&mut self, r: usize, id: SessionId) {
        let now = self.now;
        let process = &mut self.replicas[r].process;
        let (uptime, time) = (process.uptime(now), known_time(process, now));
        let Some(slot) = process.slots.get_mut(&id) else { return };
        let (Some(tenure), Some((session, _))) = (&mut slot.tenure, &slot.cached) else { return };
        if !tenure.taken_up {
            return;
        }
        if session.head.state.is_terminal() {
            if tenure.desk.is_empty() {
                slot.tenure = None;
            }
            return;
        }
        let epoch = tenure.epoch;
        let work = tenure.desk.begin(session, time, uptime);
        let pause = tenure.desk.pause(session, time, uptime);
        for work in &work {
            if let Work::Call(due) = work {
                tenure.in_hand.insert(due.id);
            }
        }
        let left: Vec<_> = calls_of(session)
            .filter(|call| call.phase == Phase::Begun && call.epoch == epoch)
            .map(|call| call.id)
            .filter(|id| tenure.in_hand.insert(*id))
            .collect();
        let session = (!work.is_empty()).then(|| session.clone());
        self.look_in(r, id, pause);
        for call in left {
            self.left_begun(r, id, epoch, call);
        }
        for work in work {
            if let Some(session) = &session {
                self.begin(r, session, epoch, work);
            }
        }
    }

    /// A call is begun, and nobody has it in hand: that it begins was written down after the database's answer was
    /// not waited for any more. Nobody else will ever end it.
    fn left_begun(&mut self, r: usize, id: SessionId, epoch: u64, call: CallId) {
        self.note(|| format!("replica {r} finds call {} begun", call.0));
        let detail = "it was begun by a write that was given up".to_owned();
        let input = Input::Ended { call, result: Err(CloudError::Unknown { detail }) };
        let then = Then::Ended(call, Outcome::Trouble);
        self.push_job(r, id, Job { input, epoch: Some(epoch), fresh: false, then });
    }

    pub(super) fn look_in(&mut self, r: usize, id: SessionId, pause: Duration) {
        let process = &mut self.replicas[r].process;
        let at = process.after(self.now, pause);
        let Some(tenure) = process.slots.get_mut(&id).and_then(|s| s.tenure.as_mut()) else {
            return;
        };
        if tenure.look_at.is_none_or(|before| at < before || before < self.now) {
            tenure.look_at = Some(at);
            self.at(r, at, Parcel::LookDue(id));
        }
    }

    fn begin(&mut self, r: usize, session: &Session, epoch: u64, work: Work) {
        let id = session.head.id;
        let at = known_time(&self.replicas[r].process, self.now);
        match work {
            Work::Call(due) => match &due.target {
                CallTarget::Host(_) => {
                    let input = Input::Begin { call: due.id, epoch, seen: None };
                    let then = Then::Begun(due);
                    self.push_job(r, id, Job { input, epoch: Some(epoch), fresh: false, then });
                }
                CallTarget::Server(server) => {
                    let since = session.head.created_at;
                    let request = CloudRequest::Progress { servers: vec![server.clone()], since };
                    self.ask_cloud(r, Pending::Look { session: id, epoch, due }, request);
                }
            },
            Work::Read(want) => {
                let request = match want.what {
                    Read::Status => CloudRequest::Hosts,
                    Read::Servers => CloudRequest::ServersOn(want.host.clone()),
                };
                self.ask_cloud(r, Pending::Read { session: id, epoch, want, at }, request);
            }
            Work::Watch(servers) => {
                let since = session.watched_since();
                let request = CloudRequest::Progress { servers, since };
                self.ask_cloud(r, Pending::Watch { session: id, epoch }, request);
            }
            Work::Plan => {
                self.ask_cloud(r, Pending::Plan { session: id, epoch }, CloudRequest::Site);
            }
        }
    }

    /// The cloud answered, or not in time.
    pub(crate) fn cloud_answered(
        &mut self,
        r: usize,
        pending: Pending,
        answer: Option<CloudAnswer>,
    ) {
        let silent = || CloudError::Unavailable {
            kind: OutageKind::Unreachable,
            detail: "no answer".to_owned(),
        };
        match pending {
            Pending::Look { session, epoch, due } => {
                let result = match answer {
                    Some(CloudAnswer::Progress(result)) => result,
                    _ => Err(silent()),
                };
                let (input, then) = match result {
                    Ok(seen) => {
                        (Input::Begin { call: due.id, epoch, seen: Some(seen) }, Then::Begun(due))
                    }
                    Err(error) => (Input::Progress(Err(error)), Then::NotBegun(due.id)),
                };
                self.push_job(r, session, Job { input, epoch: Some(epoch), fresh: false, then });
            }
            Pending::Call { session, epoch, call } => {
                let result = match answer {
                    Some(CloudAnswer::Called(result)) => result,
                    Some(CloudAnswer::Away) => Err(silent()),
                    _ => Err(CloudError::Unknown { detail: "no answer".to_owned() }),
                };
                self.call_ended(r, session, epoch, call, result);
            }
            Pending::Read { session, epoch, want, at } => {
                let host = want.host.clone();
                let (input, outcome) = match (want.what, answer) {
                    (Read::Status, Some(CloudAnswer::Hosts(result))) => {
                        let result = result.and_then(|hosts| {
                            hosts.into_iter().find(|h| h.name == host).ok_or_else(|| {
                                CloudError::NotFound { detail: "not listed".to_owned() }
                            })
                        });
                        let outcome = outcome(&result);
                        (Input::StatusRead { host, at, result }, outcome)
                    }
                    (Read::Servers, Some(CloudAnswer::Servers(result))) => {
                        let outcome = outcome(&result);
                        (Input::ServersRead { host, at, result }, outcome)
                    }
                    (Read::Status, _) => {
                        (Input::StatusRead { host, at, result: Err(silent()) }, Outcome::Trouble)
                    }
                    (Read::Servers, _) => {
                        (Input::ServersRead { host, at, result: Err(silent()) }, Outcome::Trouble)
                    }
                };
                let then = Then::Read(want, outcome);
                self.push_job(r, session, Job { input, epoch: Some(epoch), fresh: false, then });
            }
            Pending::Watch { session, epoch } => {
                let result = match answer {
                    Some(CloudAnswer::Progress(result)) => result,
                    _ => Err(silent()),
                };
                let then = Then::Watched(outcome(&result));
                let input = Input::Progress(result);
                self.push_job(r, session, Job { input, epoch: Some(epoch), fresh: false, then });
            }
            Pending::Plan { session, epoch } => {
                let site = match answer {
                    Some(CloudAnswer::Site(result)) => result,
                    _ => Err(silent()),
                };
                self.plan(r, session, epoch, site);
            }
            Pending::Faults => self.faults_seen(r, answer),
            _ => {}
        }
    }

    fn call_ended(
        &mut self,
        r: usize,
        session: SessionId,
        epoch: u64,
        call: CallId,
        result: Result<(), CloudError>,
    ) {
        self.checks.call_answered(session, call, &result);
        let then = Then::Ended(call, outcome(&result));
        let input = Input::Ended { call, result };
        self.push_job(r, session, Job { input, epoch: Some(epoch), fresh: false, then });
    }

    /// An answer to a call came once more, or after it was not waited for any more.
    pub(crate) fn called_again(&mut self, r: usize, ticket: u64, answer: CloudAnswer) {
        let CloudAnswer::Called(result) = answer else { return };
        let Some((session, epoch, call)) = self.replicas[r].process.called.get(&ticket).copied()
        else {
            return;
        };
        self.checks.call_answered(session, call, &result);
        let input = Input::Ended { call, result };
        let job = Job { input, epoch: Some(epoch), fresh: false, then: Then::Nothing };
        self.push_job(r, session, job);
    }

    /// What follows a change that the runner wanted.
    pub(crate) fn follow(&mut self, r: usize, id: SessionId, job: Job, ending: &Ending) {
        let now = self.now;
        let state = |world: &Self, want: &Want| {
            cached(world, r, id).and_then(|s| s.hosts.get(&want.host)).map(|h| h.state)
        };
        let lost = matches!(ending, Ending::Unanswered);
        let done = match &job.then {
            Then::TakenUp if lost => {
                self.again(r, id, job);
                return;
            }
            Then::TakenUp => {
                if let Some(tenure) = self.tenure(r, id) {
                    tenure.taken_up = true;
                }
                return;
            }
            Then::Looked => {
                let time = known_time(&self.replicas[r].process, now);
                if let Some(tenure) = self.tenure(r, id) {
                    tenure.desk.looked(time);
                }
                if lost {
                    self.look_in(r, id, TROUBLE_PAUSE);
                }
                return;
            }
            Then::Begun(due) => {
                let due = due.clone();
                self.begun(r, id, &job, &due, ending);
                return;
            }
            Then::NotBegun(call) => Done::Call(*call, Outcome::Trouble),
            Then::Ended(..) if lost => {
                self.again(r, id, job);
                return;
            }
            Then::Ended(call, outcome) => Done::Call(*call, *outcome),
            Then::Read(want, outcome) => {
                let outcome = if lost { Outcome::Trouble } else { *outcome };
                Done::Read(want.clone(), state(self, want), outcome)
            }
            Then::Watched(outcome) => Done::Watch(if lost { Outcome::Trouble } else { *outcome }),
            Then::Planned(outcome) => Done::Plan(if lost { Outcome::Trouble } else { *outcome }),
            Then::Nothing | Then::Answer(_) => return,
        };
        self.done(r, id, done);
    }

    /// Tells the desk that something has ended.
    pub(super) fn done(&mut self, r: usize, id: SessionId, done: Done) {
        let uptime = self.replicas[r].process.uptime(self.now);
        if let Some(tenure) = self.tenure(r, id) {
            if let Done::Call(call, _) = &done {
                tenure.in_hand.remove(call);
            }
            tenure.desk.done(done, uptime);
        }
    }

    fn tenure(&mut self, r: usize, id: SessionId) -> Option<&mut Tenure> {
        self.replicas[r].process.slots.get_mut(&id)?.tenure.as_mut()
    }

    fn again(&mut self, r: usize, id: SessionId, job: Job) {
        self.after(r, Duration::from_millis(500), Parcel::Again(id, Box::new(job)));
    }

    /// It is written down that a call is about to be made: now it is made, if the lease still allows that.
    fn begun(&mut self, r: usize, id: SessionId, job: &Job, due: &DueCall, ending: &Ending) {
        let epoch = job.epoch.unwrap_or(0);
        let uptime = self.replicas[r].process.uptime(self.now);
        if matches!(ending, Ending::Unanswered) {
            // Perhaps it was written down; the call was not made, but that nobody else knows.
            let detail = "the database did not answer".to_owned();
            self.call_ended(r, id, epoch, due.id, Err(CloudError::Unknown { detail }));
            return;
        }
        let begun = cached(self, r, id)
            .and_then(|session| call_of(session, due.id))
            .filter(|call| call.phase == Phase::Begun && call.epoch == epoch);
        let Some((op, true)) = begun.map(|call| (call.op, *ending == Ending::Changed)) else {
            self.done(r, id, Done::Call(due.id, Outcome::Through));
            return;
        };
        // The process may have been buried meanwhile, and come back with another lease.
        if self.tenure(r, id).is_none_or(|t| t.epoch != epoch) {
            return;
        }
        if !self.replicas[r].process.lease.is_usable(uptime) {
            self.note(|| format!("replica {r} does not make {} {}", op.name(), due.id.0));
            if let Some(tenure) = self.tenure(r, id) {
                tenure.unmade.push(due.id);
            }
            return;
        }
        let Some(session) = cached(self, r, id).cloned() else { return };
        let request = request_of(&session, due.id, op, &due.target);
        self.note(|| format!("replica {r} calls {} {} on {:?}", op.name(), due.id.0, due.target));
        let pending = Pending::Call { session: id, epoch, call: due.id };
        let back = self.ask_cloud(r, pending, request);
        self.call_is_sent(back, &session, epoch, due, op);
        self.pass_trap(r, [Trap::CrashCalled, Trap::PauseCalled]);
    }
}

fn calls_of(session: &Session) -> impl Iterator<Item = &Call> {
    let hosts = session.hosts.values().filter_map(|h| h.call.as_ref());
    hosts.chain(session.servers.values().filter_map(|s| s.act.as_ref()).map(|a| &a.call))
}

fn call_of(session: &Session, id: CallId) -> Option<&Call> {
    calls_of(session).find(|c| c.id == id)
}

pub(super) fn outcome<T>(result: &Result<T, CloudError>) -> Outcome {
    if result.is_ok() { Outcome::Through } else { Outcome::Trouble }
}

fn request_of(session: &Session, call: CallId, op: Op, target: &CallTarget) -> CloudRequest {
    match target {
        CallTarget::Host(host) => {
            let scheduling = if op == Op::EnableScheduling {
                Scheduling::Enabled
            } else {
                Scheduling::Disabled { reason: scheduling::reason(session, host) }
            };
            CloudRequest::Schedule(host.clone(), scheduling)
        }
        CallTarget::Server(server) => {
            let action = match op {
                Op::LiveMigrate | Op::DisableScheduling | Op::EnableScheduling => {
                    Action::LiveMigrate { target: session.target_of(call).cloned() }
                }
                Op::Migrate => Action::Migrate { target: session.target_of(call).cloned() },
                Op::ConfirmMigration => Action::ConfirmMigration,
                Op::AbortMigration(migration) => Action::AbortMigration { migration },
                Op::Stop => Action::Stop,
                Op::Start => Action::Start,
            };
            CloudRequest::Act(server.clone(), action)
        }
    }
}
