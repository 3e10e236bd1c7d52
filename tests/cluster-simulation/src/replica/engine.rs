//! Applies changes to a session, one after the other: load, step, commit; again if somebody else was faster.

use fermata_core::id::SessionId;
use fermata_core::machine::{Context, Input, Reject, step};
use fermata_core::policy::Policies;
use fermata_core::session::Session;

use super::Pending;
use super::life::known_time;
use super::slot::{Busy, Job, Then};
use crate::message::{Commit, DbAnswer, DbRequest, Refusal, Said, Trap};
use crate::queue::Moment;
use crate::world::{World, new_id};

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Changed,
    Same,
    Rejected(Reject),
    /// The database did not answer: it was written, or not.
    Unanswered,
    Served(Said),
    NoSession,
}

impl World {
    pub(crate) fn push_job(&mut self, r: usize, id: SessionId, job: Job) {
        let slot = self.replicas[r].process.slots.entry(id).or_default();
        slot.jobs.push_back(job);
        self.work_off(r, id);
    }

    /// Goes on with what waits, until the database has to be asked.
    pub(crate) fn work_off(&mut self, r: usize, id: SessionId) {
        loop {
            let now: Moment = self.now;
            let fresh = self.life_is_fresh(r);
            let process = &mut self.replicas[r].process;
            let time = known_time(process, now);
            let Some(slot) = process.slots.get_mut(&id) else { return };
            if slot.busy.is_some() {
                return;
            }
            let Some(job) = slot.jobs.front_mut() else {
                if slot.tenure.is_none() {
                    process.slots.remove(&id);
                }
                return;
            };
            if job.epoch.is_some() && job.epoch != slot.tenure.as_ref().map(|t| t.epoch) {
                slot.jobs.pop_front();
                continue;
            }
            if !fresh {
                self.give_sign_of_life(r);
                return;
            }
            let known = slot.cached.as_ref().map(|(s, epoch)| (s.head.revision, *epoch));
            let Some((session, epoch)) = slot.cached.as_ref().filter(|_| !job.fresh) else {
                job.fresh = false;
                let request = match &job.then {
                    Then::Answer(back) => Some(back.request),
                    _ => None,
                };
                slot.busy = Some(Busy::Loading);
                let request = DbRequest::Load { session: id, known, request };
                self.ask_database(r, Pending::Load(id), request);
                return;
            };
            if job.epoch.is_some_and(|wanted| wanted != *epoch) {
                self.lose(r, id);
                continue;
            }
            let unknown = process.outages.iter().filter(|o| o.number > session.head.outages);
            let unknown: Vec<_> = unknown.copied().collect();
            let asked = unknown.is_empty() || session.head.state.is_terminal();
            let input = if asked { job.input.clone() } else { Input::Outages(unknown) };
            let mut ids = || new_id(&mut self.last_id);
            // Nobody says policies where they are said not to matter.
            let nothing = Policies::default();
            let matters = input.may_ask_or_act(session);
            let policies = if matters { &self.policies } else { &nothing };
            let ledger = matters.then_some(&self.store.ledger);
            let interactive = &self.interactive;
            let context = Context { now: time, interactive, policies, ledger, ids: &mut ids };
            self.counts.steps += 1;
            let result = step(session, input.clone(), context);
            let (runner, by, epoch, before) =
                (job.epoch.is_some(), process.id, *epoch, session.head.revision);
            let back = match &job.then {
                Then::Answer(back) if asked => Some(back.request),
                _ => None,
            };
            let request = back.map(|request| (request, Said::Done(id)));
            let (transition, next) = match result {
                Err(reject) => {
                    self.finish(r, id, Ending::Rejected(reject));
                    continue;
                }
                Ok(None) if request.is_none() => {
                    self.finish(r, id, Ending::Same);
                    continue;
                }
                Ok(None) => (None, session.clone()),
                Ok(Some(transition)) => {
                    let next = transition.next.clone();
                    (Some(transition), next)
                }
            };
            let before = Some(before);
            let begins = matches!(input, Input::Begin { .. });
            let commit =
                Commit { by, runner, before, epoch, transition, request, input: Some(input) };
            let busy = Busy::Committing { next: Box::new(next), outages: !asked };
            slot.busy = Some(busy);
            self.ask_database(r, Pending::Commit(id), DbRequest::Commit(Box::new(commit)));
            if begins {
                self.pass_trap(r, [Trap::CrashBegun, Trap::PauseBegun]);
            }
            return;
        }
    }

    pub(crate) fn loaded(&mut self, r: usize, id: SessionId, answer: DbAnswer) {
        let Some(slot) = self.replicas[r].process.slots.get_mut(&id) else { return };
        slot.busy = None;
        match answer {
            DbAnswer::Loaded(Some(found)) => slot.cached = Some(found),
            DbAnswer::Unchanged => {}
            DbAnswer::Loaded(None) => self.finish(r, id, Ending::NoSession),
            DbAnswer::Request(Some(said)) => self.finish(r, id, Ending::Served(said)),
            _ => {
                slot.cached = None;
                self.finish(r, id, Ending::Unanswered);
            }
        }
        self.work_off(r, id);
    }

    pub(crate) fn committed(&mut self, r: usize, id: SessionId, answer: DbAnswer) {
        let Some(slot) = self.replicas[r].process.slots.get_mut(&id) else { return };
        let Some(Busy::Committing { next, outages }) = slot.busy.take() else { return };
        match answer {
            DbAnswer::Committed(Ok(())) => {
                let epoch = slot.cached.as_ref().map_or(0, |(_, epoch)| *epoch);
                let same = slot.cached.as_ref().is_some_and(|(s, _)| *s == *next);
                slot.cached = Some((*next, epoch));
                if !outages {
                    self.finish(r, id, if same { Ending::Same } else { Ending::Changed });
                }
            }
            // Somebody else changed it: the rules look again.
            DbAnswer::Committed(Err(Refusal::Conflict)) => slot.cached = None,
            DbAnswer::Committed(Err(Refusal::RequestExists(said))) => {
                self.finish(r, id, Ending::Served(said));
            }
            _ => {
                slot.cached = None;
                self.finish(r, id, Ending::Unanswered);
            }
        }
        self.work_off(r, id);
    }

    /// The job at the front has ended.
    fn finish(&mut self, r: usize, id: SessionId, ending: Ending) {
        let Some(slot) = self.replicas[r].process.slots.get_mut(&id) else { return };
        let Some(job) = slot.jobs.pop_front() else { return };
        match &job.then {
            Then::Answer(back) => {
                let said = match ending {
                    Ending::Changed | Ending::Same => Said::Done(id),
                    Ending::Rejected(reject) => Said::Refused(reject.to_string()),
                    Ending::NoSession => Said::Refused("no such session".to_owned()),
                    Ending::Unanswered => Said::Unavailable,
                    Ending::Served(said) => said,
                };
                self.answer_client(*back, said);
            }
            _ => self.follow(r, id, job, &ending),
        }
        self.begin_work(r, id);
    }
}

/// A session as this replica knows it.
pub(crate) fn cached(world: &World, r: usize, id: SessionId) -> Option<&Session> {
    world.replicas[r].process.slots.get(&id)?.cached.as_ref().map(|(session, _)| session)
}
