//! What must hold at every step (design: the safety invariants that concern the core), told from the cloud's
//! journal and from what owners were told, not from what the session thinks of itself.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::cloud::{Host, Scheduling, ServerStatus};
use fermata_core::event::OwnerEvent;
use fermata_core::id::{HostName, NotificationId, ProjectId, ServerId};
use fermata_core::machine::{Answer, Ask, HostCommand, Input, Reject, Transition};
use fermata_core::policy::{MigrationType, Policies, ServerPolicy};
use fermata_core::reason::HostCause;
use fermata_core::session::{
    DecisionSource, Notification, NotificationKind, NotificationState, Op, ServerKey, ServerState,
    Session, SessionHostState, SessionState, Terms,
};
use fermata_core::spec::OnSilence;
use fermata_core::ways;

mod hosts;
mod limits;
mod terms;

use crate::world::cloud::{Effect, FakeCloud, Line};

/// Why the operator may go on without a host that is given back.
const NOT_COMING_BACK: [HostCause; 6] = [
    HostCause::AwaitingComputeService,
    HostCause::NotListed,
    HostCause::Unreadable,
    HostCause::NotBackInTime,
    HostCause::SchedulingUnanswered,
    HostCause::SchedulingFailed,
];

/// What was seen so far.
#[derive(Debug, Clone)]
pub(crate) struct Checks {
    /// Every host's scheduling before the session.
    before: BTreeMap<HostName, Scheduling>,
    /// Notifications as their owners last saw them.
    told: BTreeMap<NotificationId, Notification>,
    /// When an owner was first told about a server.
    first_told: BTreeMap<ServerKey, Time>,
    /// Servers whose owner accepted.
    accepted: BTreeSet<ServerKey>,
    /// Servers whose owner let its time pass where that means to go on.
    silent: BTreeSet<ServerKey>,
    /// Hosts whose owners were overridden.
    overridden: BTreeSet<HostName>,
    /// Notifications whose owner objects.
    objecting: BTreeSet<NotificationId>,
    /// What was agreed about servers by counter-offers, as their owners were told.
    agreed: BTreeMap<ServerKey, Terms>,
    /// Reads of servers that arrived: when they began, and whether nothing was there that had to leave.
    reads: BTreeMap<HostName, Vec<(Time, bool)>>,
    /// The last read of a host's scheduling that arrived.
    status: BTreeMap<HostName, Time>,
    interactive: BTreeSet<ProjectId>,
    /// What owners stored before the session.
    policies: Policies,
    /// The cloud is away, or the session is paused: deadlines will move.
    time_stands_still: bool,
}

impl Checks {
    pub(crate) fn new(hosts: Vec<Host>, policies: Policies) -> Self {
        Self {
            before: hosts.into_iter().map(|h| (h.name, h.scheduling)).collect(),
            told: BTreeMap::new(),
            first_told: BTreeMap::new(),
            accepted: BTreeSet::new(),
            silent: BTreeSet::new(),
            overridden: BTreeSet::new(),
            objecting: BTreeSet::new(),
            agreed: BTreeMap::new(),
            reads: BTreeMap::new(),
            status: BTreeMap::new(),
            interactive: BTreeSet::new(),
            policies,
            time_stands_still: false,
        }
    }

    /// Owners stored something else meanwhile.
    pub(crate) fn trust(&mut self, policies: Policies) {
        self.policies = policies;
    }

    pub(crate) fn created(&mut self, born: &Transition, now: Time) {
        assert_eq!(born.next.head.revision, 1);
        assert!(born.audit.is_some(), "somebody asks for a session");
        self.owners_see(born, now);
    }

    /// After every step.
    pub(crate) fn stepped(
        &mut self,
        before: &Session,
        transition: &Transition,
        input: &Input,
        cloud: &FakeCloud,
        interactive: &BTreeSet<ProjectId>,
        now: Time,
    ) {
        self.interactive.clone_from(interactive);
        let after = &transition.next;
        assert!(!before.head.state.is_terminal(), "a terminal session changed by {input:?}");
        assert_eq!(after.head.revision, before.head.revision + 1, "one revision per transition");
        assert_eq!(after.head.updated_at, now);
        let asked = matches!(input, Input::Asked { .. });
        assert_eq!(
            transition.audit.is_some(),
            asked,
            "what somebody asks for is recorded: {input:?}"
        );
        self.time_stands_still =
            after.head.trouble.is_some() || after.head.state == SessionState::Paused;
        self.remember(input, after);
        for (name, host) in &before.hosts {
            let is_over = host.state.is_failed() || host.state == SessionHostState::Skipped;
            let now = after.hosts[name].state;
            if is_over && matches!(now, SessionHostState::Waiting | SessionHostState::Draining) {
                self.forget_answers(name);
            }
        }
        self.owners_see(transition, now);
        self.policies_wait(before, after, now);
        for (name, host) in &after.hosts {
            let from = before.hosts[name].state;
            // The operator goes on without it, and has it as it is.
            let let_go = from == SessionHostState::Returning
                && host.state == SessionHostState::Skipped
                && NOT_COMING_BACK.contains(&before.hosts[name].reason.cause());
            if let_go {
                self.nobody_forgotten(name, after, cloud);
            } else if from != host.state {
                self.host_went(name, from, host.state, after, cloud);
            }
        }
        within_limits(after);
        lives(after, now);
    }

    fn remember(&mut self, input: &Input, after: &Session) {
        match input {
            Input::ServersRead { host, at, result: Ok(found) } => {
                let stays = |id: &ServerId, status: &ServerStatus| {
                    let key = ServerKey { host: host.clone(), server: id.clone() };
                    ways::rests(status)
                        && after.servers.get(&key).is_some_and(|s| s.state == ServerState::Kept)
                };
                let empty = found.arriving.is_empty()
                    && found.present.iter().all(|s| stays(&s.id, &s.status));
                self.reads.entry(host.clone()).or_default().push((*at, empty));
            }
            Input::StatusRead { host, at, result: Ok(_) } => {
                self.status.insert(host.clone(), *at);
            }
            Input::Asked {
                what: Ask::HostCommand { host, command: HostCommand::Retry { override_owners }, .. },
                ..
            } => {
                self.asked_anew(host);
                if *override_owners {
                    self.overridden.insert(host.clone());
                }
            }
            Input::Asked { what: Ask::Update { .. }, .. } if after.head.started_at.is_none() => {
                self.accepted.clear();
            }
            _ => {}
        }
    }

    fn policy_of(&self, session: &Session, key: &ServerKey) -> ServerPolicy {
        let server = &session.servers[key];
        self.policies.of(&server.project, &key.server, &server.metadata).policy
    }

    /// Invariant 10: a policy decides only what its owner was asked in vain, and as it says.
    fn policies_wait(&self, before: &Session, after: &Session, now: Time) {
        let by_policy = |session: &Session, key: &ServerKey| {
            let decision = session.servers.get(key)?.decision.clone()?;
            (decision.source == DecisionSource::Policy).then_some(decision)
        };
        for key in after.servers.keys() {
            let Some(decision) = by_policy(after, key) else { continue };
            if by_policy(before, key).as_ref() == Some(&decision) {
                continue;
            }
            // In the same step the owner may be asked again, or the host be given back.
            let notifications = before.notifications.values().chain(after.notifications.values());
            let mut asked = notifications.filter(|n| {
                n.kind == NotificationKind::Drain(key.host.clone()) && n.servers.contains(key)
            });
            let waited = asked.any(|n| n.reply_deadline_time <= now);
            assert!(waited, "a policy decides about {key:?} before its owner's time is over");
            let policy = self.policy_of(after, key);
            let cell = policy.controlled(after.hosts[&key.host].kind);
            let named = policy.migration_types.iter().any(|m| m.action() == decision.action);
            assert!(
                cell.map_or(named, |action| action == decision.action),
                "{decision:?} of {key:?} is not what {policy:?} says"
            );
        }
    }

    fn forget_answers(&mut self, host: &HostName) {
        self.accepted.retain(|k| k.host != *host);
        self.silent.retain(|k| k.host != *host);
    }

    /// The operator goes on with a host: held questions are settled or asked again.
    fn asked_anew(&mut self, host: &HostName) {
        let told = &self.told;
        self.objecting.retain(|id| told[id].kind != NotificationKind::Drain(host.clone()));
    }

    /// Invariant 5, and: whatever an owner can see of a question is what it was last told.
    fn owners_see(&mut self, transition: &Transition, now: Time) {
        let after = &transition.next;
        for (project, event) in &transition.outbox.owners {
            let text = format!("{event:?}");
            for host in self.before.keys() {
                assert!(!text.contains(host.as_str()), "an owner is told of a host: {text}");
            }
            for server in after.servers.values().filter(|s| s.project != *project) {
                let named = text.contains(&format!("\"{}\"", server.key.server));
                assert!(!named, "{project} is told of another's server: {text}");
            }
            if let OwnerEvent::Notification(id) = event {
                let notification = after.notifications[id].as_ref().clone();
                assert_eq!(notification.project, *project);
                for key in &notification.servers {
                    assert_eq!(after.servers[key].project, *project);
                    self.first_told.entry(key.clone()).or_insert(now);
                }
                self.sees_notification(notification, after);
            }
        }
        for (id, notification) in &after.notifications {
            let told = self.told.get(id).expect("an owner was told of the question");
            assert_eq!(
                visible(told),
                visible(notification),
                "the owner does not see that it changed"
            );
        }
    }

    fn sees_notification(&mut self, notification: Notification, after: &Session) {
        match self.told.get(&notification.id) {
            Some(old) => {
                assert!(
                    notification.plan_revision >= old.plan_revision,
                    "a plan revision went back"
                );
                if notification.plan_revision == old.plan_revision {
                    assert!(
                        notification.reply_deadline_time >= old.reply_deadline_time,
                        "a deadline moved towards the owner"
                    );
                    assert_eq!(
                        notification.servers, old.servers,
                        "another question, the same revision"
                    );
                }
            }
            None => {
                let announced = self.told.values().find(|n| {
                    n.kind == NotificationKind::Planned
                        && n.project == notification.project
                        && self.objecting.contains(&n.id)
                });
                if notification.kind != NotificationKind::Planned && announced.is_some() {
                    self.objecting.insert(notification.id);
                }
            }
        }
        self.sees_verdict(&notification);
        assert!(notification.plan_revision <= after.head.plan_revision);
        let proceeds = !self.interactive.contains(&notification.project)
            || after.head.spec.on_silence == OnSilence::Proceed;
        if notification.state == NotificationState::Expired
            && notification.kind != NotificationKind::Planned
            && proceeds
        {
            self.silent.extend(notification.servers.iter().cloned());
        }
        self.told.insert(notification.id, notification);
    }

    /// Invariants 6, 8 and 10, when a call on a server is made.
    pub(crate) fn calls(
        &self,
        session: &Session,
        cloud: &FakeCloud,
        id: &ServerId,
        op: Op,
        now: Time,
    ) {
        let acting: Vec<_> = session
            .servers
            .values()
            .filter(|s| s.key.server == *id && s.act.is_some())
            .map(|s| s.key.clone())
            .collect();
        assert_eq!(acting.len(), 1, "one action per server: {acting:?}");
        if let Op::AbortMigration(_) = op {
            return;
        }
        let source = cloud.servers.get(id).map(|s| s.host.clone());
        let mut ours = cloud.journal.iter().filter(|l| l.by_us && l.target == *id.as_str());
        let pending = ours.clone().find(|l| l.effect == Effect::UnderWay);
        assert!(pending.is_none(), "{op:?} on {id} at {now} while another runs: {pending:?}");
        let effective = |l: &&Line| l.has_effect();
        let last = cloud.journal.iter().filter(|l| l.target == *id.as_str()).rfind(effective);
        let repeated = last.is_some_and(|l| l.by_us && l.op == op && l.source == source);
        assert!(!repeated, "{op:?} on {id} at {now} again, it had happened: {last:?}");
        let key = &acting[0];
        if let Op::LiveMigrate | Op::Migrate | Op::Stop = op
            && ours.all(|l| !l.has_effect() || l.source.as_ref() != Some(&key.host))
        {
            self.may_touch(session, key, op, now);
            self.terms_hold(session, key, cloud, now);
            let project = &session.servers[key].project;
            limits::hold(&self.policies, project, id, &session.impacted(project), cloud, now);
        }
    }

    /// Invariant 10.
    fn may_touch(&self, session: &Session, key: &ServerKey, op: Op, now: Time) {
        let spec = &session.head.spec;
        let told = self.first_told.get(key).expect("the owner was told before");
        let policy = self.policy_of(session, key);
        let lead_time = spec.lead_time.max(policy.lead_time.unwrap_or_default());
        assert!(*told + lead_time <= now, "{key:?} is touched before its lead time is over");
        let stays = policy.migration_types == [MigrationType::None]
            && policy.controlled(session.hosts[&key.host].kind).is_none();
        assert!(
            !stays
                || op == Op::Stop
                || self.accepted.contains(key)
                || self.overridden.contains(&key.host),
            "{key:?} is moved against its policy"
        );
        let project = &session.servers[key].project;
        let mut asked = self.told.values().filter(|n| {
            n.kind == NotificationKind::Drain(key.host.clone()) && n.project == *project
        });
        let objected = asked.clone().find(|n| self.objecting.contains(&n.id));
        assert!(
            objected.is_none_or(|n| n.state == NotificationState::Closed),
            "{key:?} is touched although its owner objects"
        );
        let silent = asked.any(|n| n.servers.contains(key) && n.reply_deadline_time <= now)
            && (!self.interactive.contains(project) || spec.on_silence == OnSilence::Proceed);
        assert!(
            self.accepted.contains(key)
                || silent
                || self.silent.contains(key)
                || self.overridden.contains(&key.host),
            "{key:?} is touched at {now} and nobody agreed"
        );
    }

    /// Invariant 11, after a reply. `before`: what was known when it came.
    pub(crate) fn replied(
        &mut self,
        before: &Self,
        id: NotificationId,
        plan_revision: u64,
        answer: &Answer,
        said: &Result<bool, Reject>,
        now: Time,
    ) {
        let Some(notification) = before.told.get(&id) else {
            assert!(said.is_err());
            return;
        };
        if plan_revision != notification.plan_revision {
            assert!(said.is_err(), "a reply to another plan counted");
        }
        let held = matches!(
            notification.state,
            NotificationState::Rejected | NotificationState::CounterOffered
        );
        let report = matches!(answer, Answer::OwnActionDone { .. });
        if notification.reply_deadline_time <= now && !held && !report && !before.time_stands_still
        {
            assert!(!matches!(said, Ok(true)), "a late reply counted");
        }
        if said.is_err() {
            return;
        }
        match answer {
            Answer::Accept { all, decisions } => {
                for key in &notification.servers {
                    let named = decisions.iter().any(|(s, _)| *s == key.server);
                    if all.is_some() || named {
                        self.accepted.insert(key.clone());
                    }
                }
                self.objecting.remove(&id);
                if notification.kind == NotificationKind::Planned {
                    let told = &self.told;
                    self.objecting.retain(|n| told[n].project != notification.project);
                }
            }
            Answer::Reject { .. } => {
                self.objecting.insert(id);
            }
            Answer::OwnActionDone { .. } | Answer::CounterOffer(_) => {}
        }
    }
}

/// What an owner can read of a question.
fn visible(notification: &Notification) -> impl PartialEq + std::fmt::Debug {
    let asked = (
        notification.servers.clone(),
        notification.reply_deadline_time,
        notification.actions_start_time,
    );
    (
        notification.state,
        notification.plan_revision,
        asked,
        notification.counter_offer.clone(),
        notification.scale_in().cloned(),
    )
}

fn within_limits(session: &Session) {
    let spec = &session.head.spec;
    let acting = session.servers.values().filter(|s| s.act.is_some()).count();
    assert!(acting <= spec.max_parallel_actions as usize, "{acting} actions at once");
}

/// Invariant 20: a session ends, or waits for somebody, or has something to do.
fn lives(session: &Session, now: Time) {
    assert!(
        session.head.state.is_terminal()
            || !session.waits().is_empty()
            || !session.due_calls(now).is_empty()
            || !session.wants().is_empty()
            || !session.watched().is_empty()
            || session.next_due(now).is_some(),
        "nothing will ever happen: {session:#?}"
    );
}
