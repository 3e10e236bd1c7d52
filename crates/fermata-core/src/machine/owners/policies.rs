//! Owners' policies in a session: each server goes by the one its owner was last told of. Lead times, and what is
//! done when an owner is silent.

use crate::broken::{self, Rule};
use crate::id::HostName;
use crate::machine::{Machine, Reject};
use crate::policy::{span, unanswered};
use crate::session::{
    Decision, DecisionSource, Notification, NotificationKind, NotificationState, ServerKey,
    SessionHostState, SessionState,
};
use crate::spec::{Action, Violation, ViolationKind};
use std::sync::Arc;

use crate::{Duration, Time, rfc3339};

impl Machine<'_> {
    /// Before an owner is told about these servers: what counts for them from now on.
    pub(in crate::machine) fn take_policies(&mut self, keys: &[ServerKey]) {
        for key in keys {
            let Some(server) = self.server(key) else { continue };
            let policy = self.policies.of(&server.project, &key.server, &server.metadata);
            if policy != server.policy {
                self.edit_server(key, |s| s.policy = policy);
            }
        }
    }

    /// When all of these servers may be touched.
    pub(in crate::machine) fn earliest_touch(&self, keys: &[ServerKey]) -> Time {
        let spec = &self.s.head.spec;
        keys.iter()
            .filter_map(|k| self.server(k))
            .map(|s| {
                if broken::is(Rule::LeadTime) { self.now } else { s.earliest_touch(spec, self.now) }
            })
            .fold(self.now, Time::max)
    }

    /// A window must leave room for the lead times of policies.
    pub(in crate::machine) fn check_lead_times(&self) -> Result<(), Reject> {
        let spec = &self.s.head.spec;
        let waits =
            |host: &HostName| self.host(host).is_some_and(|h| h.state == SessionHostState::Waiting);
        let open = self.s.servers.values().filter(|s| s.state.is_open() && waits(&s.key.host));
        let late = open.filter(|s| {
            s.lead_time(spec) > spec.lead_time
                && s.earliest_touch(spec, self.now) >= spec.window.end
        });
        let violations: Vec<_> = late
            .map(|s| {
                let lead = span::show(s.lead_time(spec));
                let server = &s.key.server;
                Violation::of(
                    ViolationKind::Window,
                    "spec.window.end_time",
                    format!(
                        "server '{server}' is not touched before its owner has known of it for {lead}, \
                         the lead_time of its policy; move the end of the window"
                    ),
                )
            })
            .collect();
        if violations.is_empty() { Ok(()) } else { Err(Reject::Violations(violations)) }
    }

    /// A window in which owners could take all the time that they are given, and no host were drained then, would be no
    /// window.
    pub(in crate::machine) fn check_reply_periods(&self) -> Result<(), Reject> {
        let spec = &self.s.head.spec;
        let is_asked = |n: &&Arc<Notification>| {
            n.kind == NotificationKind::Planned && n.state == NotificationState::Pending
        };
        let announced = self.s.notifications.values().filter(is_asked);
        let Some(announced) = announced.map(|n| n.reply_deadline_time).max() else { return Ok(()) };
        if self.s.head.state != SessionState::Scheduled {
            return Ok(());
        }
        let from = announced.max(spec.window.start);
        let waiting = self.s.hosts.values().filter(|h| h.state == SessionHostState::Waiting);
        let ready = waiting.map(|h| self.s.drained_at_the_earliest(&h.host, from)).min();
        let Some(ready) = ready.filter(|ready| *ready >= spec.window.end) else { return Ok(()) };
        let short = span::show(Duration::seconds((ready - spec.window.end).whole_seconds() + 1));
        let text = format!(
            "is {short} too early: owners may reply until {}, and to a drain, with its lead time, until {}; give \
             them less time, or move the end",
            rfc3339(announced),
            rfc3339(ready),
        );
        let field = "spec.window.end_time";
        Err(Reject::Violations(vec![Violation::of(ViolationKind::Window, field, text)]))
    }

    /// Whether the lead times of policies let the drain of a host begin.
    pub(in crate::machine) fn may_begin(&self, host: &HostName) -> bool {
        let begins_at = self.host(host).and_then(|h| self.s.begins_at(h));
        begins_at.is_none_or(|at| at <= self.now)
    }

    /// Decides for those of these servers that nobody decided about, as their policies and the session say. Gives those
    /// for which nothing is possible.
    pub(super) fn decide_for_silent(&mut self, asked: &[ServerKey]) -> Vec<ServerKey> {
        let mut left = Vec::new();
        for key in self.undecided(asked) {
            match self.unanswered(&key) {
                Some((action, source)) => self.decide(&key, action, source),
                None => left.push(key),
            }
        }
        left
    }

    /// Decides for those of these servers that nobody decided about: by the operator's word, in the way that their owners
    /// would mind least. Gives how many there were.
    pub(in crate::machine) fn decide_by_operator(&mut self, asked: &[ServerKey]) -> u32 {
        let undecided = self.undecided(asked);
        let count = u32::try_from(undecided.len()).unwrap_or(u32::MAX);
        for key in undecided {
            let least = self.unanswered(&key).map(|(action, _)| action);
            let action = least.unwrap_or(self.s.head.spec.default_action);
            self.decide(&key, action, DecisionSource::Operator);
        }
        count
    }

    fn undecided(&self, asked: &[ServerKey]) -> Vec<ServerKey> {
        asked.iter().filter(|k| !self.needs_no_decision(k)).cloned().collect()
    }

    fn unanswered(&self, key: &ServerKey) -> Option<(Action, DecisionSource)> {
        let (server, host) = (self.server(key)?, self.host(&key.host)?);
        unanswered(&server.policy.policy, self.s.head.spec.default_action, host.kind)
    }

    /// What is decided about a server, or what happens without a reply.
    pub(super) fn expected_action(&self, key: &ServerKey) -> Option<Action> {
        let decided = self.server(key).and_then(|s| s.decision.as_ref()).map(|d| d.action);
        decided.or_else(|| self.unanswered(key).map(|(action, _)| action))
    }

    /// Whether the plan took it that something else becomes of the server.
    pub(super) fn is_news(&self, key: &ServerKey, action: Action) -> bool {
        let before = self.expected_action(key);
        let moves = |action| matches!(action, Some(Action::LiveMigrate | Action::Migrate));
        before != Some(action) && !(moves(before) && moves(Some(action)))
    }

    fn decide(&mut self, key: &ServerKey, action: Action, source: DecisionSource) {
        let at = self.now;
        self.edit_server(key, |s| s.decision = Some(Decision { action, source, at }));
        self.moved = true;
    }
}
