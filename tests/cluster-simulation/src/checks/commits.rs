//! Changes that are written: by whom, over what, and whether they may be.

use std::collections::BTreeSet;

use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::event::OwnerEvent;
use fermata_core::id::{HostName, NotificationId, SessionId};
use fermata_core::machine::{Answer, Ask, HostCommand, Input, Transition};
use fermata_core::session::{
    DecisionSource, Goal, Notification, NotificationKind, NotificationState, ServerKey,
    ServerState, Session, SessionHostState, SessionState,
};

use super::SKEW;
use crate::message::{Commit, DbAnswer, Event};
use crate::queue::date;
use crate::store::Row;
use crate::world::World;

/// What led to a change, in one line.
fn what(commit: &Commit) -> String {
    match &commit.input {
        None => "created".to_owned(),
        Some(Input::Asked { what, .. }) => format!("{what:?}").chars().take(120).collect(),
        Some(Input::Tick) => "tick".to_owned(),
        Some(Input::Begin { call, .. }) => format!("begin call {}", call.0),
        Some(Input::Ended { call, result }) => format!("call {} ended: {result:?}", call.0),
        Some(Input::StatusRead { host, .. }) => format!("read {host}"),
        Some(Input::ServersRead { host, .. }) => format!("read servers of {host}"),
        Some(Input::Down(hosts)) => format!("{} hosts down", hosts.len()),
        Some(Input::Progress(_)) => "progress".to_owned(),
        Some(Input::Planned(_)) => "plan".to_owned(),
        Some(Input::Recover { .. }) => "recover".to_owned(),
        Some(Input::Outages(outages)) => format!("{} outages", outages.len()),
    }
}

impl World {
    /// A change reaches the database.
    pub(crate) fn commit(&mut self, commit: &Commit) -> DbAnswer {
        let id = commit.transition.as_ref().map(|t| t.next.head.id);
        let before = id.and_then(|id| self.store.sessions.get(&id)).cloned();
        let result = match self.store.commit(commit) {
            Err(refusal) => Err(refusal),
            Ok(None) => Ok(()),
            Ok(Some(written)) => {
                self.counts.commits += 1;
                if written.events_apart {
                    // A second transaction: its process may end before it.
                    if self.random.chance(100) {
                        self.store.lose_late(written.number);
                    } else {
                        let at = self.now + self.random.millis(1, 30);
                        self.queue.push(at, Event::AppendLate(written.number));
                    }
                }
                if let Some(transition) = &commit.transition {
                    let head = &transition.next.head;
                    let line = format!(
                        "{} {} {} {}: {} {}",
                        crate::replica::life::short(head.id),
                        head.revision,
                        head.state.name(),
                        if commit.runner { "runner" } else { "api" },
                        what(commit),
                        hosts_line(&transition.next),
                    );
                    self.note(|| line);
                    self.check_commit(before.as_ref(), commit, transition);
                }
                Ok(())
            }
        };
        DbAnswer::Committed(result)
    }

    pub(crate) fn append_late(&mut self, commit: u64) {
        self.store.append_late(commit);
    }

    fn check_commit(&mut self, before: Option<&Row>, commit: &Commit, transition: &Transition) {
        let after = &transition.next;
        let id = after.head.id;
        let old = before.map(|row| &row.session);
        let expected = old.map_or(1, |s| s.head.revision + 1);
        if after.head.revision != expected {
            let text =
                format!("revision {} is written after {}", after.head.revision, expected - 1);
            self.violated(4, text);
        }
        if let Some(row) = before.filter(|row| row.epoch != commit.epoch) {
            let text = format!("written under epoch {}, it is {}", commit.epoch, row.epoch);
            self.violated(7, text);
        }
        let asked = matches!(commit.input, None | Some(Input::Asked { .. }));
        if transition.audit.is_some() != asked {
            self.violated(18, format!("{} is recorded as {:?}", what(commit), transition.audit));
        }
        if old.is_some_and(|s| s.head.state.is_terminal()) {
            self.violated(18, "a session that was over has changed".to_owned());
        }
        self.hosts_of_their_own(id);
        if let (Some(old), Some(input)) = (old, &commit.input) {
            self.reply_counts(old, after, input);
            self.begun_once(old, after, input);
            self.remember(id, old, after, input);
            self.forget_dropped(old, after, input);
        }
        self.owners_told(old, transition);
        self.promises_are_met(after);
        self.somebody_is_asked(after);
        self.policies_wait(old, after);
        self.hosts_change(old, after);
    }

    /// Invariant 14.
    fn hosts_of_their_own(&mut self, id: SessionId) {
        let Some(row) = self.store.sessions.get(&id) else { return };
        if row.session.head.state.is_terminal() || row.session.head.revision > 1 {
            return;
        }
        let shared = self.store.sessions.values().any(|other| {
            other.session.head.id != id
                && !other.session.head.state.is_terminal()
                && other.session.hosts.keys().any(|h| row.session.hosts.contains_key(h))
        });
        if shared {
            self.violated(14, format!("{id} has a host that another session has"));
        }
    }

    /// Invariant 11.
    fn reply_counts(&mut self, old: &Session, after: &Session, input: &Input) {
        let Input::Asked { what, .. } = input else { return };
        let Ask::Reply { notification, plan_revision, answer, .. } = what else { return };
        self.counts.replies += 1;
        let Some(told) = self.checks.told.get(notification) else { return };
        if *plan_revision < told.plan_revision {
            let text =
                format!("a reply to plan {plan_revision} counts, it is {}", told.plan_revision);
            self.violated(11, text);
            return;
        }
        let late = told.reply_deadline_time <= after.head.updated_at
            || matches!(told.state, NotificationState::Expired | NotificationState::Closed);
        let decided = told.servers.iter().any(|key| {
            let of = |s: &Session| s.servers.get(key).and_then(|s| s.decision.clone());
            of(old) != of(after) && of(after).is_some_and(|d| d.source == DecisionSource::Owner)
        });
        let stands_still = old.head.trouble.is_some()
            || old.head.state == SessionState::Paused
            || matches!(
                told.state,
                NotificationState::Rejected | NotificationState::CounterOffered
            );
        let offer =
            |s: &Session| s.notifications.get(notification).and_then(|n| n.counter_offer.clone());
        let counts = match answer {
            Answer::Accept { .. } => decided,
            Answer::CounterOffer(_) => offer(old) != offer(after),
            Answer::Reject { .. } | Answer::OwnActionDone { .. } => false,
        };
        if late && counts && !stands_still {
            let text = format!("a reply counts after {}", told.reply_deadline_time);
            self.violated(11, text);
        }
    }

    fn remember(&mut self, id: SessionId, old: &Session, after: &Session, input: &Input) {
        let checks = &mut self.checks;
        let what = match input {
            Input::Asked { what, .. } => Some(what),
            _ => None,
        };
        match what {
            Some(Ask::Reply {
                notification, answer: Answer::Accept { all, decisions }, ..
            }) => {
                if let Some(notification) = old.notifications.get(notification) {
                    for key in &notification.servers {
                        let named = decisions.iter().any(|(s, _)| *s == key.server);
                        if all.is_some() || named {
                            checks.agreed.insert((id, key.clone()));
                        }
                    }
                }
            }
            Some(Ask::HostCommand {
                host,
                command: HostCommand::Retry { override_owners: true },
                ..
            }) => {
                checks.overridden.insert((id, host.clone()));
            }
            Some(Ask::Update { .. })
                if after.head.started_at.is_none()
                    && after.head.plan_revision != old.head.plan_revision =>
            {
                checks.agreed.retain(|(of, _)| *of != id);
            }
            _ => {}
        }
        for (name, host) in &after.hosts {
            let from = old.hosts.get(name).map(|h| h.state);
            let again = from.is_some_and(|s| s.is_failed() || s == SessionHostState::Skipped);
            if again && matches!(host.state, SessionHostState::Waiting | SessionHostState::Draining)
            {
                checks.agreed.retain(|(of, key)| *of != id || key.host != *name);
                checks.overridden.remove(&(id, name.clone()));
            }
        }
    }

    /// Invariant 10: a policy decides only what its owner was asked in vain.
    fn policies_wait(&mut self, old: Option<&Session>, after: &Session) {
        let by_policy = |session: &Session, key: &ServerKey| {
            let decision = session.servers.get(key)?.decision.clone()?;
            (decision.source == DecisionSource::Policy).then_some(decision)
        };
        for key in after.servers.keys() {
            let decision = by_policy(after, key);
            if decision.is_none() || decision == old.and_then(|old| by_policy(old, key)) {
                continue;
            }
            self.counts.by_policy += 1;
            // In the same step the owner may be asked again, or the host be given back.
            let before = old.into_iter().flat_map(|old| old.notifications.values());
            let mut asked = before.chain(after.notifications.values()).filter(|n| {
                n.kind == NotificationKind::Drain(key.host.clone()) && n.servers.contains(key)
            });
            let in_vain = asked.any(|n| n.reply_deadline_time <= after.head.updated_at);
            if !in_vain {
                self.violated(10, format!("a policy decides about {key:?}, whose owner may reply"));
            }
        }
    }

    /// Invariants 10 and 11, from what owners are told.
    fn owners_told(&mut self, old: Option<&Session>, transition: &Transition) {
        let after = &transition.next;
        let id = after.head.id;
        let now = after.head.updated_at;
        for (project, event) in &transition.outbox.owners {
            let OwnerEvent::Notification(notification) = event else { continue };
            let Some(notification) = after.notifications.get(notification).map(AsRef::as_ref)
            else {
                continue;
            };
            if notification.project != *project {
                self.violated(5, format!("{project} is told of {notification:?}"));
            }
            for key in &notification.servers {
                self.checks.first_told.entry((id, key.clone())).or_insert(now);
            }
            self.checks
                .asked_at
                .entry((notification.id, notification.plan_revision))
                .or_insert(now);
            let before = self.checks.told.insert(notification.id, notification.clone());
            self.offer_is_told(id, before.as_ref(), notification, now);
            self.room_is_asked_for(after, before.as_ref(), notification);
            let expired = notification.state == NotificationState::Expired
                && before.as_ref().is_some_and(|b| b.state != NotificationState::Expired);
            if expired {
                self.expired(old.unwrap_or(after), id, notification);
            }
        }
    }

    /// A reply period is over only if its owner could reply for that long.
    fn expired(&mut self, session: &Session, id: SessionId, notification: &Notification) {
        let now = self.store.sessions.get(&id).map(|row| row.session.head.updated_at);
        let asked =
            self.checks.asked_at.get(&(notification.id, notification.plan_revision)).copied();
        let (Some(now), Some(asked)) = (now, asked) else { return };
        let spec = &session.head.spec;
        let period = match notification.kind {
            NotificationKind::Planned | NotificationKind::ScaleIn(_) => spec.announce_reply_period,
            NotificationKind::Drain(_) => spec.drain_reply_period,
        };
        let plan = (notification.id, notification.plan_revision);
        let considered = self.checks.considered.get(&plan).into_iter().flatten().copied();
        let outages = self.store.outages.iter().map(|o| (o.since, o.until));
        let not_theirs: BTreeSet<_> = outages.chain(considered).collect();
        let mut theirs = time::Duration::ZERO;
        let mut at = asked;
        for (since, until) in &not_theirs {
            theirs += ((*since).min(now) - at).max(time::Duration::ZERO);
            at = at.max(*until);
        }
        theirs += (now - at).max(time::Duration::ZERO);
        if theirs < period - SKEW {
            let text = format!(
                "{period} of {} is over {} after it was asked at {asked}; outages and plans of its owner's offers left \
                 {theirs} of that: {not_theirs:?}",
                notification.id,
                now - asked,
            );
            self.violated(10, text);
        }
        if let NotificationKind::Drain(_) = notification.kind {
            self.checks.agreed.extend(notification.servers.iter().map(|key| (id, key.clone())));
        }
    }

    fn hosts_change(&mut self, old: Option<&Session>, after: &Session) {
        let Some(old) = old else { return };
        for (name, host) in &after.hosts {
            let from = old.hosts.get(name).map(|h| h.state);
            if from == Some(host.state) {
                continue;
            }
            match host.state {
                SessionHostState::Draining => {
                    let now = self.now;
                    self.checks.drain_began.insert((after.head.id, name.clone()), now);
                }
                SessionHostState::InMaintenance => self.is_empty(after, name),
                SessionHostState::Returning if host.goal == Some(Goal::Waiting) => {
                    self.counts.hosts_put_off += 1;
                }
                SessionHostState::Maintained
                | SessionHostState::DrainFailed
                | SessionHostState::Skipped
                | SessionHostState::Cancelled
                    if from == Some(SessionHostState::Returning) =>
                {
                    self.is_given_back(after, name);
                }
                _ => {}
            }
        }
    }

    /// Invariant 9.
    fn is_empty(&mut self, session: &Session, name: &HostName) {
        self.cloud.advance(date(self.now));
        self.read_cloud_journal();
        let view = &self.checks.view;
        let disabled = matches!(view.hosts.get(name), Some(Scheduling::Disabled { .. }));
        let began = self.checks.drain_began.get(&(session.head.id, name.clone())).copied();
        let reads = view.reads.get(name).cloned().unwrap_or_default();
        let since = view.changed.get(name).copied().max(began.map(date));
        let counted = reads.iter().filter(|at| Some(**at) > since).count();
        let left = view.servers.iter().find(|(server, seen)| {
            let key = ServerKey { host: name.clone(), server: (*server).clone() };
            let kept = session.servers.get(&key).is_some_and(|s| s.state == ServerState::Kept)
                && seen.status == ServerStatus::Shutoff;
            seen.host == *name && !kept
        });
        let left = left.map(|(server, seen)| format!("{server} {seen:?}"));
        if !disabled {
            self.violated(9, format!("{name} is in maintenance and takes servers"));
        }
        if counted < 2 && left.is_none() {
            let text = format!("{name} is in maintenance after {counted} reads since {since:?}");
            self.violated(9, text);
        }
        if let Some(left) = left {
            self.violated(9, format!("{name} is in maintenance with {left}"));
        }
    }

    /// Invariant 16.
    pub(crate) fn is_given_back(&mut self, session: &Session, name: &HostName) {
        let id = session.head.id;
        self.cloud.advance(date(self.now));
        self.read_cloud_journal();
        if let Some(Scheduling::Disabled { reason }) = self.checks.view.hosts.get(name)
            && reason.contains(&id.to_string())
        {
            self.violated(16, format!("{name} was given back and is disabled by {id}"));
        }
        let forgotten = self.checks.stopped.iter().find(|(server, by)| {
            let key = ServerKey { host: name.clone(), server: (*server).clone() };
            let seen = self.checks.view.servers.get(*server);
            **by == id
                && seen.is_some_and(|s| s.host == *name && s.status == ServerStatus::Shutoff)
                && session.servers.get(&key).is_none_or(|s| s.state != ServerState::HandedOver)
        });
        if let Some((server, _)) = forgotten {
            self.violated(16, format!("{server} was stopped for {name} and is forgotten"));
        }
    }

    pub(crate) fn notification_is_of(
        &self,
        notification: NotificationId,
        session: SessionId,
    ) -> bool {
        self.store
            .sessions
            .get(&session)
            .is_some_and(|r| r.session.notifications.contains_key(&notification))
    }
}

fn hosts_line(session: &Session) -> String {
    let hosts = session.hosts.values().map(|h| {
        let acts = session.servers_of(&h.host).filter_map(|s| s.act.as_ref());
        let calls: Vec<_> = h.call.iter().chain(acts.map(|a| &a.call)).collect();
        let calls: Vec<_> =
            calls.iter().map(|c| format!("{} {} {:?}", c.id.0, c.op.name(), c.phase)).collect();
        format!(
            "{} {}{}",
            h.host,
            h.state.name(),
            if calls.is_empty() { String::new() } else { format!(" {calls:?}") }
        )
    });
    hosts.collect::<Vec<_>>().join(", ")
}
