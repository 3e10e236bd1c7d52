//! Owners' replies. A reply counts only if it answers the current plan, in time; the same reply
//! twice counts once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::broken::{self, Rule};
use crate::event::{OperatorEvent, OwnerEvent, ReplyKind};
use crate::id::{HostName, NotificationId, ProjectId, ServerId};
use crate::machine::owners::counter_offers::give_back_time;
use crate::machine::{Machine, OfferedTerms, Reject};
use crate::session::{
    Decision, DecisionEnd, DecisionSource, Notification, NotificationKind, NotificationState,
    ObjectionEnd, Replied, Said, ServerKey, ServerState, Verdict,
};
use crate::spec::{Action, Violation, ViolationKind, check_text};

/// What an owner answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Accept {
        /// For every server that is not named.
        all: Option<Action>,
        /// For single servers.
        decisions: Vec<(ServerId, Option<Action>)>,
    },
    /// Do not.
    Reject {
        /// Why.
        reason: String,
    },
    /// What the owner wanted to do itself is done.
    OwnActionDone {
        /// On which servers; empty: all that were to be.
        servers: Vec<ServerId>,
    },
    /// Not like this, but like that.
    CounterOffer(OfferedTerms),
}

impl Machine<'_> {
    pub(in crate::machine) fn reply(
        &mut self,
        project: &ProjectId,
        id: NotificationId,
        plan_revision: u64,
        answer: Answer,
        comment: &str,
    ) -> Result<(), Reject> {
        let notification = self
            .s
            .notifications
            .get(&id)
            .filter(|n| n.project == *project)
            .cloned()
            .ok_or(Reject::UnknownNotification)?;
        let mut violations = Vec::new();
        check_text("comment", comment, false, &mut violations);
        if plan_revision > notification.plan_revision {
            violations.push(Violation::field(
                "plan_revision",
                "is newer than any plan; use the notification's",
            ));
        }
        if !violations.is_empty() {
            return Err(Reject::Violations(violations));
        }
        if plan_revision < notification.plan_revision && !broken::is(Rule::PlanRevision) {
            return Err(Reject::Stale { current: notification.plan_revision });
        }
        match answer {
            Answer::Accept { all, decisions } => {
                self.accept(&notification, all, &decisions, comment)
            }
            Answer::Reject { reason } => self.object(&notification, &reason, comment),
            Answer::OwnActionDone { servers } => {
                self.own_action_done(&notification, &servers, comment)
            }
            Answer::CounterOffer(offer) => self.counter_offer(&notification, &offer, comment),
        }
    }

    fn accept(
        &mut self,
        notification: &Notification,
        all: Option<Action>,
        decisions: &[(ServerId, Option<Action>)],
        comment: &str,
    ) -> Result<(), Reject> {
        Self::refuse_decisions(notification)?;
        let chosen = self.check_decisions(notification, all, decisions)?;
        let decided_so = |key: &ServerKey, action: Action| {
            self.server(key)
                .and_then(|s| s.decision.as_ref())
                .is_some_and(|d| d.action == action && d.source == DecisionSource::Owner)
        };
        let same = chosen.iter().all(|(key, action)| decided_so(key, *action));
        let stands =
            notification.objection.is_none() && notification.open_counter_offer().is_none();
        if same && stands {
            return Ok(());
        }
        self.in_time(notification)?;
        // Servers that are gone meanwhile need no decision; naming them is no mistake of the owner.
        let open = |key: &ServerKey| self.server(key).is_some_and(|s| s.state.is_open());
        let news: Vec<_> = chosen
            .into_iter()
            .filter(|(key, action)| open(key) && !decided_so(key, *action))
            .collect();
        if news.is_empty() && stands {
            return Ok(());
        }
        for (key, _) in &news {
            if let Some(server) = self.server(key)
                && !matches!(server.state, ServerState::Affected | ServerState::OwnAction)
            {
                return Err(Reject::WrongState {
                    subject: format!("server '{}'", key.server),
                    state: server.state.name(),
                    allowed: vec!["AFFECTED"],
                    hint: "its action has begun; the decision stands".to_owned(),
                });
            }
        }
        let at = self.now;
        let decided = u32::try_from(news.len()).unwrap_or(u32::MAX);
        for (key, action) in news {
            if self.is_news(&key, action) {
                self.plan_again();
            }
            self.edit_server(&key, |s| {
                let decision = Decision { action, source: DecisionSource::Owner, at };
                s.decide_anew(Some(decision), DecisionEnd::DecidedOtherwise, at);
                s.state = ServerState::Affected;
            });
        }
        let said = Said::Accepted { decided, comment: comment.to_owned() };
        self.record(notification.id, None, said);
        Ok(())
    }

    fn check_decisions(
        &self,
        notification: &Notification,
        all: Option<Action>,
        decisions: &[(ServerId, Option<Action>)],
    ) -> Result<Vec<(ServerKey, Action)>, Reject> {
        let mut violations = Vec::new();
        let mut chosen = Vec::new();
        if all.is_none() && decisions.is_empty() {
            violations.push(Violation::field(
                "accept",
                "decides nothing; set `action`, or name servers in `decisions`",
            ));
        }
        let asked = by_server(&notification.servers);
        let mut named = BTreeSet::new();
        for (i, (server, action)) in decisions.iter().enumerate() {
            let field = format!("accept.decisions[{i}]");
            let of_server = asked.get(server).map(Vec::as_slice).unwrap_or_default();
            if of_server.is_empty() {
                violations.push(Violation::of(
                    ViolationKind::ServerNotInNotification,
                    format!("{field}.server_id"),
                    format!("the notification is not about server '{server}'"),
                ));
            }
            if !named.insert(server) {
                violations.push(Violation::field(
                    format!("{field}.server_id"),
                    format!("server '{server}' is decided about twice"),
                ));
            }
            match action {
                None => violations.push(Violation::field(format!("{field}.action"), "is required")),
                Some(action) => {
                    chosen.extend(
                        of_server
                            .iter()
                            .map(|k| ((*k).clone(), *action, format!("{field}.action"))),
                    );
                }
            }
        }
        if let Some(action) = all {
            chosen.extend(
                notification
                    .servers
                    .iter()
                    .filter(|k| !named.contains(&k.server))
                    .map(|k| (k.clone(), action, "accept.action".to_owned())),
            );
        }
        for (key, action, field) in &chosen {
            let Some(host) = self.host(&key.host) else { continue };
            if !Action::allowed(host.kind).contains(action) {
                violations.push(Violation::of(
                    ViolationKind::ActionNotAllowed,
                    field.clone(),
                    format!("server '{}' cannot be kept: its host leaves for good", key.server),
                ));
            }
        }
        violations.dedup();
        if violations.is_empty() {
            Ok(chosen.into_iter().map(|(key, action, _)| (key, action)).collect())
        } else {
            Err(Reject::Violations(violations))
        }
    }

    pub(super) fn in_time(&self, notification: &Notification) -> Result<(), Reject> {
        let late = Reject::Late { reply_deadline_time: notification.reply_deadline_time };
        match notification.state {
            NotificationState::Expired | NotificationState::Closed => Err(late),
            NotificationState::CounterOffered => Ok(()),
            NotificationState::Pending
            | NotificationState::Answered
            | NotificationState::Rejected => {
                // A held drain waits for its owner as well as for the operator.
                let held = notification.state == NotificationState::Rejected;
                let waits = held || self.owners_time_stands_still();
                if notification.reply_deadline_time <= self.now && !waits {
                    Err(late)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn object(
        &mut self,
        notification: &Notification,
        reason: &str,
        comment: &str,
    ) -> Result<(), Reject> {
        let mut violations = Vec::new();
        check_text("reject.reason", reason, true, &mut violations);
        if !violations.is_empty() {
            return Err(Reject::Violations(violations));
        }
        if notification.objection.as_deref() == Some(reason)
            && notification.open_counter_offer().is_none()
        {
            return Ok(());
        }
        self.in_time(notification)?;
        let objection = reason.to_owned();
        let said = Said::Objected { objection: objection.clone(), comment: comment.to_owned() };
        self.record(notification.id, Some(objection), said);
        Ok(())
    }

    fn own_action_done(
        &mut self,
        notification: &Notification,
        servers: &[ServerId],
        comment: &str,
    ) -> Result<(), Reject> {
        if notification.scale_in().is_some() {
            return self.scaled_in(notification, comment);
        }
        let asked: BTreeSet<_> = notification.servers.iter().map(|k| &k.server).collect();
        let violations: Vec<_> = servers
            .iter()
            .enumerate()
            .filter(|(_, server)| !asked.contains(server))
            .map(|(i, server)| {
                Violation::of(
                    ViolationKind::ServerNotInNotification,
                    format!("own_action_done.server_ids[{i}]"),
                    format!("the notification is not about server '{server}'"),
                )
            })
            .collect();
        if !violations.is_empty() {
            return Err(Reject::Violations(violations));
        }
        if notification.state == NotificationState::Closed {
            return Ok(());
        }
        let named: BTreeSet<_> = servers.iter().collect();
        let said: Vec<_> = notification
            .servers
            .iter()
            .filter(|k| named.is_empty() || named.contains(&k.server))
            .filter(|k| {
                self.server(k).is_some_and(|s| s.state == ServerState::OwnAction && !s.said_done)
            })
            .cloned()
            .collect();
        if said.is_empty() {
            return Ok(());
        }
        // The cloud has the last word: the host is read every few seconds while an owner acts.
        for key in &said {
            self.edit_server(key, |s| s.said_done = true);
        }
        let said = Said::OwnActionDone { comment: comment.to_owned() };
        self.replied(notification.id, said);
        Ok(())
    }

    /// Keeps what an owner replied, and tells the operators.
    pub(super) fn replied(&mut self, id: NotificationId, said: Said) {
        let Some(notification) = self.s.notifications.get_mut(&id).map(Arc::make_mut) else {
            return;
        };
        let Some((kind, comment)) = said.reply() else { return };
        notification.replied = Some(Replied { kind, at: self.now });
        comment.clone_into(&mut notification.comment);
        // Whoever objects has said why.
        let words = notification.objection.clone().filter(|_| kind == ReplyKind::Rejected);
        let comment = words.unwrap_or_else(|| comment.to_owned());
        notification.history.push(self.now, said);
        self.out.operators.push(OperatorEvent::OwnerReplied {
            notification: id,
            reply: kind,
            comment,
        });
    }

    /// Keeps what became of a question.
    pub(in crate::machine) fn remember(&mut self, id: NotificationId, said: Said) {
        if let Some(notification) = self.s.notifications.get_mut(&id).map(Arc::make_mut) {
            notification.history.push(self.now, said);
        }
    }

    fn record(&mut self, id: NotificationId, objection: Option<String>, said: Said) {
        let Some(notification) = self.s.notifications.get_mut(&id).map(Arc::make_mut) else {
            return;
        };
        let before = std::mem::replace(&mut notification.objection, objection.clone());
        if let (Some(before), None) = (&before, &objection) {
            let (objection, how) = (before.clone(), ObjectionEnd::Answered);
            notification.history.push(self.now, Said::ObjectionEnded { objection, how });
        }
        // Whoever says something else does not offer that any more.
        if let Some(offer) =
            notification.counter_offer.take_if(|offer| offer.verdict == Verdict::Open)
        {
            give_back_time(notification, &offer, self.now);
        }
        let (project, kind) = (notification.project.clone(), notification.kind.clone());
        self.refresh_notification(id);
        let mut lifted = Vec::new();
        if let (Some(before), Some(now)) = (&before, &objection) {
            let hosts: Vec<_> = match &kind {
                NotificationKind::Drain(host) => vec![host.clone()],
                NotificationKind::Planned => self.s.hosts.keys().cloned().collect(),
                NotificationKind::ScaleIn(_) => Vec::new(),
            };
            for host in hosts {
                self.objected_anew(&host, &project, [before, now]);
            }
        }
        match kind {
            NotificationKind::Planned => {
                let (before, how) = (before.as_deref(), ObjectionEnd::TakenBack);
                lifted = self.objection_to_drains(&project, before, objection.as_ref(), how);
            }
            NotificationKind::Drain(host) if before.is_some() && objection.is_none() => {
                lifted.push(host)
            }
            NotificationKind::Drain(_) => {}
            // Others may be asked.
            NotificationKind::ScaleIn(_) => self.plan_again(),
        }
        self.refresh_others(&project, id);
        for host in lifted {
            self.lift_hold(&host);
        }
        self.replied(id, said);
        self.tell_owner(&project, OwnerEvent::Notification(id));
    }

    /// Decisions given to the announcement count for drains that were asked about as well, and the other way round.
    pub(super) fn refresh_others(&mut self, project: &ProjectId, id: NotificationId) {
        let related = self.s.notifications.values().filter(|n| n.project == *project && n.id != id);
        for other in related.map(|n| n.id).collect::<Vec<_>>() {
            if self.refresh_notification(other) {
                self.tell_owner(project, OwnerEvent::Notification(other));
            }
        }
    }

    /// An objection to the announcement is one to the drains that are being asked about as well; taken back, it
    /// is taken back there. Gives the hosts where one was taken back.
    pub(super) fn objection_to_drains(
        &mut self,
        project: &ProjectId,
        before: Option<&str>,
        now: Option<&String>,
        how: ObjectionEnd,
    ) -> Vec<HostName> {
        let at = self.now;
        let mut lifted = Vec::new();
        for notification in self.s.notifications.values_mut().filter(|n| n.project == *project) {
            let NotificationKind::Drain(host) = notification.kind.clone() else { continue };
            let open = matches!(
                notification.state,
                NotificationState::Pending
                    | NotificationState::Answered
                    | NotificationState::Rejected
                    | NotificationState::CounterOffered
            );
            if open && notification.objection.as_deref() == before {
                let notification = Arc::make_mut(notification);
                notification.objection = now.cloned();
                match (before, now.cloned()) {
                    (Some(before), None) => {
                        let objection = before.to_owned();
                        notification.history.push(at, Said::ObjectionEnded { objection, how });
                        lifted.push(host);
                    }
                    (before, Some(objection)) if before != Some(objection.as_str()) => {
                        notification.history.push(at, Said::ObjectedBefore { objection });
                    }
                    (Some(_) | None, _) => {}
                }
            }
        }
        lifted
    }

    /// The owner took its objection back: unless something else holds the drain, it goes on.
    pub(super) fn lift_hold(&mut self, host: &HostName) {
        let silent = |n: &Notification| {
            n.state == NotificationState::Expired
                && n.servers.iter().any(|k| {
                    self.server(k).is_some_and(|s| s.state.is_open() && s.decision.is_none())
                })
        };
        let held = self
            .s
            .drain_notifications(host)
            .any(|n| n.state == NotificationState::Rejected || silent(n))
            || self.s.servers_of(host).any(|s| s.state == ServerState::Failed);
        if !held {
            self.edit_host(host, |h| h.hold = None);
        }
    }
}

/// The rows of each server: a server that moved between hosts of the session has several.
pub(super) fn by_server<'a>(
    keys: impl IntoIterator<Item = &'a ServerKey>,
) -> BTreeMap<&'a ServerId, Vec<&'a ServerKey>> {
    let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for key in keys {
        rows.entry(&key.server).or_default().push(key);
    }
    rows
}
