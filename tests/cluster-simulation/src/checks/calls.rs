//! Calls of the cloud: whether the replica that makes one still works on the session, whether one that may have
//! happened is repeated, whether the owner agreed.

use std::collections::BTreeMap;
use std::time::Duration;

use fermata_core::cloud::CloudError;
use fermata_core::id::{HostName, ServerId, SessionId};
use fermata_core::machine::Input;
use fermata_core::session::{
    CallId, CallTarget, DueCall, NotificationKind, NotificationState, Op, Phase, ServerKey, Session,
};

use super::SKEW;
use crate::message::{CloudAnswer, CloudRequest, Return};
use crate::queue::Moment;
use crate::store::LEASE;
use crate::world::World;

/// An unanswered call is left alone for 10 s by the clock of its replica. That clock was told late if the database took
/// up to 3 s to answer, and then catches up.
const LEFT_ALONE: Duration = Duration::from_millis(6_700);
/// A look at a server is at most so old when a call is sent: the look's question and its answer take their time.
const LOOK: Duration = Duration::from_secs(12);

/// A call that was made.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) at: Moment,
    pub(crate) session: SessionId,
    pub(crate) call: CallId,
    pub(crate) op: Op,
    pub(crate) server: Option<ServerId>,
    /// The host that the call is about, or that the server is drained from.
    pub(crate) host: HostName,
    /// Whether the replica was told for certain what came of it.
    pub(crate) known: bool,
    /// Whether it came to the cloud and was accepted.
    pub(crate) accepted: bool,
}

impl World {
    pub(crate) fn call_is_sent(
        &mut self,
        back: Return,
        session: &Session,
        epoch: u64,
        due: &DueCall,
        op: Op,
    ) {
        let id = session.head.id;
        let (server, host) = match &due.target {
            CallTarget::Host(host) => (None, host.clone()),
            CallTarget::Server(server) => {
                let acting = session.servers.values().find(|s| {
                    s.key.server == *server && s.act.as_ref().is_some_and(|a| a.call.id == due.id)
                });
                let Some(acting) = acting else { return };
                (Some(server.clone()), acting.key.host.clone())
            }
        };
        let sent = Sent {
            at: self.now,
            session: id,
            call: due.id,
            op,
            server,
            host,
            known: false,
            accepted: false,
        };
        self.under_its_lease(&sent, epoch);
        self.not_repeated(&sent);
        let key = (back.replica, back.life, back.ticket);
        self.checks.order.push(key);
        self.checks.sent.insert(key, sent);
    }

    /// Invariants 6 and 7: nobody begins anything for a session that is in other hands. Where the database's clock
    /// went forward, leases end earlier than their holders can know, by at most what it jumped; within one lease
    /// after that, such a call is not held against anybody (what it does is seen by the next replica, which waits
    /// for a trace of it).
    fn under_its_lease(&mut self, sent: &Sent, epoch: u64) {
        let Some(row) = self.store.sessions.get(&sent.session) else { return };
        let (current, over) = (row.epoch, row.session.head.state.is_terminal());
        let allowed = self.checks.jumped_at.is_some_and(|at| sent.at <= at + LEASE);
        if current > epoch && !allowed {
            let text = format!("{sent:?} is made under epoch {epoch}, the session is at {current}");
            self.violated(7, text);
        }
        if over {
            self.violated(18, format!("{sent:?} is made for a session that is over"));
        }
    }

    /// Invariant 8: a call that may have happened, or may still happen, is not made again.
    fn not_repeated(&mut self, sent: &Sent) {
        if sent.op.is_idempotent() || matches!(sent.op, Op::AbortMigration(_)) {
            return;
        }
        let before = self.checks.order.iter().rev().filter_map(|key| self.checks.sent.get(key));
        let same = before
            .take_while(|b| b.at + LEFT_ALONE > sent.at)
            .find(|b| b.session == sent.session && b.server == sent.server && b.op == sent.op);
        let jumped = self.checks.jumped_at.is_some_and(|at| at + LEFT_ALONE + LEASE > sent.at);
        if let Some(before) = same.filter(|b| !b.known && !b.accepted).cloned()
            && !jumped
        {
            self.violated(8, format!("{sent:?} is made although nobody knows of {before:?}"));
        }
    }

    /// Invariant 8 as well: a call that was begun is not begun again, whether or not it was made then; after it was
    /// settled that it never happened, it has another number.
    pub(crate) fn begun_once(&mut self, before: &Session, after: &Session, input: &Input) {
        let Input::Begin { call, .. } = input else { return };
        let begun = |session: &Session| {
            let entry = session.servers.values().find(|s| {
                s.act.as_ref().is_some_and(|a| a.call.id == *call && a.call.phase == Phase::Begun)
            })?;
            Some((entry.key.clone(), entry.act.as_ref()?.call.op))
        };
        let Some((key, op)) = begun(after).filter(|_| begun(before).is_none()) else { return };
        if !self.checks.begun.insert((after.head.id, *call)) {
            self.violated(8, format!("call {} of {} is begun twice", call.0, after.head.id));
        }
        if let Op::LiveMigrate | Op::Migrate | Op::Stop = op {
            self.owner_agreed(after, &key);
            self.promise_is_kept(after, &key);
        }
    }

    /// Invariant 10, when a call on a server is begun: from then on it can happen.
    fn owner_agreed(&mut self, session: &Session, key: &ServerKey) {
        let id = session.head.id;
        let about = (id, key.clone());
        let now = session.head.updated_at;
        let Some(told) = self.checks.first_told.get(&about).copied() else {
            return self.violated(10, format!("{key:?} is touched, and nobody was told"));
        };
        let entry = session.servers.get(key);
        let policy = entry.map(|s| self.policies.of(&s.project, &key.server, &BTreeMap::new()));
        let asked_for = policy.and_then(|p| p.policy.lead_time).unwrap_or_default();
        if now - told < session.head.spec.lead_time.max(asked_for) - SKEW {
            self.violated(10, format!("{key:?} is touched {} after it was told", now - told));
        }
        let overridden = self.checks.overridden.contains(&(id, key.host.clone()));
        if !overridden && !self.checks.agreed.contains(&about) {
            self.violated(10, format!("{key:?} is touched, and nobody agreed"));
        }
        let objects = self.checks.told.values().any(|n| {
            n.kind == NotificationKind::Drain(key.host.clone())
                && n.servers.contains(key)
                && n.state == NotificationState::Rejected
                && self.notification_is_of(n.id, id)
        });
        if objects && !overridden {
            self.violated(10, format!("{key:?} is touched although its owner objects"));
        }
    }

    /// A call is at the cloud.
    pub(crate) fn call_arrives(
        &mut self,
        back: Return,
        request: &CloudRequest,
        answer: &CloudAnswer,
    ) {
        let key = (back.replica, back.life, back.ticket);
        let Some(sent) = self.checks.sent.get_mut(&key) else { return };
        let CloudAnswer::Called(result) = answer else { return };
        // The cloud may say that it did not answer, and have done it: then a task runs.
        let server = sent.server.clone();
        let runs = server.as_ref().is_some_and(|s| {
            self.checks.view.servers.get(s).is_some_and(|seen| seen.task.is_some())
        });
        let done = result.is_ok() || matches!(result, Err(CloudError::Unknown { .. })) && runs;
        sent.accepted |= done;
        let sent = sent.clone();
        let (CloudRequest::Act(..), Some(server), true) = (request, server, done) else { return };
        if sent.op == Op::Stop {
            self.checks.stopped.insert(server.clone(), sent.session);
        }
        let Some(seen) = self.checks.view.servers.get(&server) else { return };
        let leaves = matches!(sent.op, Op::LiveMigrate | Op::Migrate | Op::Stop);
        // Nova takes a call for a server wherever it is: what others do after the look is not seen by anybody.
        let others = self.checks.moved_by_others.get(&server);
        let meanwhile = others.is_some_and(|at| *at + LOOK > sent.at);
        if leaves && seen.host != sent.host && !meanwhile {
            let text = format!("{sent:?} is accepted, and the server had left already: {seen:?}");
            self.violated(8, text);
        }
    }
}

impl super::Checks {
    pub(crate) fn call_answered(
        &mut self,
        session: SessionId,
        call: CallId,
        result: &Result<(), CloudError>,
    ) {
        if matches!(result, Err(CloudError::Unknown { .. })) {
            return;
        }
        for sent in self.sent.values_mut().filter(|s| s.session == session && s.call == call) {
            sent.known = true;
        }
    }
}
