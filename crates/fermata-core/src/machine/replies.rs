//! Owners' replies. A reply counts only if it answers the current plan, in time; the same reply
//! twice counts once.

use std::sync::Arc;

use super::offers::give_back_time;
use super::{CounterOffer, Machine, Reject};
use crate::broken::{self, Rule};
use crate::event::{OperatorEvent, OwnerEvent, ReplyKind};
use crate::id::{HostName, NotificationId, ProjectId, ServerId};
use crate::session::{
    Decision, DecisionSource, Notice, NoticeKind, NoticeState, ServerKey, ServerState, Verdict,
};
use crate::spec::{Action, Fault, FaultSort, check_text};

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
    CounterOffer(CounterOffer),
}

impl Machine<'_> {
    pub(super) fn reply(
        &mut self,
        project: &ProjectId,
        id: NotificationId,
        plan_revision: u64,
        answer: Answer,
        comment: &str,
    ) -> Result<(), Reject> {
        let notice = self
            .s
            .notices
            .get(&id)
            .filter(|n| n.project == *project)
            .cloned()
            .ok_or(Reject::UnknownNotice)?;
        let mut faults = Vec::new();
        check_text("comment", comment, false, &mut faults);
        if plan_revision > notice.plan_revision {
            faults.push(Fault::field(
                "plan_revision",
                "is newer than any plan; use the notification's",
            ));
        }
        if !faults.is_empty() {
            return Err(Reject::Faults(faults));
        }
        if plan_revision < notice.plan_revision && !broken::is(Rule::PlanRevision) {
            return Err(Reject::Stale { current: notice.plan_revision });
        }
        match answer {
            Answer::Accept { all, decisions } => self.accept(&notice, all, &decisions, comment),
            Answer::Reject { reason } => self.object(&notice, &reason, comment),
            Answer::OwnActionDone { servers } => self.own_action_done(&notice, &servers, comment),
            Answer::CounterOffer(offer) => self.counter_offer(&notice, &offer, comment),
        }
    }

    fn accept(
        &mut self,
        notice: &Notice,
        all: Option<Action>,
        decisions: &[(ServerId, Option<Action>)],
        comment: &str,
    ) -> Result<(), Reject> {
        Self::refuse_decisions(notice)?;
        let chosen = self.check_decisions(notice, all, decisions)?;
        let decided_so = |key: &ServerKey, action: Action| {
            self.server(key)
                .and_then(|s| s.decision.as_ref())
                .is_some_and(|d| d.action == action && d.source == DecisionSource::Owner)
        };
        let same = chosen.iter().all(|(key, action)| decided_so(key, *action));
        let stands = notice.objection.is_none() && notice.open_offer().is_none();
        if same && stands {
            return Ok(());
        }
        self.in_time(notice)?;
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
        for (key, action) in news {
            if self.is_news(&key, action) {
                self.plan_again();
            }
            self.edit_server(&key, |s| {
                s.decision = Some(Decision { action, source: DecisionSource::Owner, at });
                s.state = ServerState::Affected;
            });
        }
        self.record(notice.id, None, comment, ReplyKind::Accepted);
        Ok(())
    }

    fn check_decisions(
        &self,
        notice: &Notice,
        all: Option<Action>,
        decisions: &[(ServerId, Option<Action>)],
    ) -> Result<Vec<(ServerKey, Action)>, Reject> {
        let mut faults = Vec::new();
        let mut chosen = Vec::new();
        if all.is_none() && decisions.is_empty() {
            faults.push(Fault::field(
                "accept",
                "decides nothing; set `action`, or name servers in `decisions`",
            ));
        }
        for (i, (server, action)) in decisions.iter().enumerate() {
            let field = format!("accept.decisions[{i}]");
            let of_server: Vec<_> = notice.servers.iter().filter(|k| k.server == *server).collect();
            if of_server.is_empty() {
                faults.push(Fault::of(
                    FaultSort::ServerNotInNotification,
                    format!("{field}.server_id"),
                    format!("the notification is not about server '{server}'"),
                ));
            }
            if decisions[..i].iter().any(|(before, _)| before == server) {
                faults.push(Fault::field(
                    format!("{field}.server_id"),
                    format!("server '{server}' is decided about twice"),
                ));
            }
            match action {
                None => faults.push(Fault::field(format!("{field}.action"), "is required")),
                Some(action) => {
                    chosen.extend(
                        of_server
                            .into_iter()
                            .map(|k| (k.clone(), *action, format!("{field}.action"))),
                    );
                }
            }
        }
        if let Some(action) = all {
            let named: Vec<_> = decisions.iter().map(|(s, _)| s).collect();
            chosen.extend(
                notice
                    .servers
                    .iter()
                    .filter(|k| !named.contains(&&k.server))
                    .map(|k| (k.clone(), action, "accept.action".to_owned())),
            );
        }
        for (key, action, field) in &chosen {
            let Some(host) = self.host(&key.host) else { continue };
            if !Action::allowed(host.kind).contains(action) {
                faults.push(Fault::of(
                    FaultSort::ActionNotAllowed,
                    field.clone(),
                    format!("server '{}' cannot be kept: its host leaves for good", key.server),
                ));
            }
        }
        faults.dedup();
        if faults.is_empty() {
            Ok(chosen.into_iter().map(|(key, action, _)| (key, action)).collect())
        } else {
            Err(Reject::Faults(faults))
        }
    }

    pub(super) fn in_time(&self, notice: &Notice) -> Result<(), Reject> {
        let late = Reject::Late { reply_by: notice.reply_by };
        match notice.state {
            NoticeState::Expired | NoticeState::Closed => Err(late),
            NoticeState::CounterOffered => Ok(()),
            NoticeState::Pending | NoticeState::Answered | NoticeState::Rejected => {
                // A held drain waits for its owner as well as for the operator.
                let held = notice.state == NoticeState::Rejected;
                let waits = held || self.owners_time_stands_still();
                if notice.reply_by <= self.now && !waits { Err(late) } else { Ok(()) }
            }
        }
    }

    fn object(&mut self, notice: &Notice, reason: &str, comment: &str) -> Result<(), Reject> {
        let mut faults = Vec::new();
        check_text("reject.reason", reason, true, &mut faults);
        if !faults.is_empty() {
            return Err(Reject::Faults(faults));
        }
        if notice.objection.as_deref() == Some(reason) && notice.open_offer().is_none() {
            return Ok(());
        }
        self.in_time(notice)?;
        self.record(notice.id, Some(reason.to_owned()), comment, ReplyKind::Rejected);
        Ok(())
    }

    fn own_action_done(
        &mut self,
        notice: &Notice,
        servers: &[ServerId],
        comment: &str,
    ) -> Result<(), Reject> {
        if notice.scale_in().is_some() {
            return self.scaled_in(notice, comment);
        }
        let faults: Vec<_> = servers
            .iter()
            .enumerate()
            .filter(|(_, server)| !notice.servers.iter().any(|k| k.server == **server))
            .map(|(i, server)| {
                Fault::of(
                    FaultSort::ServerNotInNotification,
                    format!("own_action_done.server_ids[{i}]"),
                    format!("the notification is not about server '{server}'"),
                )
            })
            .collect();
        if !faults.is_empty() {
            return Err(Reject::Faults(faults));
        }
        if notice.state == NoticeState::Closed {
            return Ok(());
        }
        let said: Vec<_> = notice
            .servers
            .iter()
            .filter(|k| servers.is_empty() || servers.contains(&k.server))
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
        self.out.operators.push(OperatorEvent::OwnerReplied {
            notice: notice.id,
            reply: ReplyKind::OwnActionDone,
            comment: comment.to_owned(),
        });
        self.set_comment(notice.id, comment);
        Ok(())
    }

    fn set_comment(&mut self, id: NotificationId, comment: &str) {
        if let Some(notice) = self.s.notices.get_mut(&id) {
            comment.clone_into(&mut Arc::make_mut(notice).comment);
        }
    }

    fn record(
        &mut self,
        id: NotificationId,
        objection: Option<String>,
        comment: &str,
        reply: ReplyKind,
    ) {
        let Some(notice) = self.s.notices.get_mut(&id).map(Arc::make_mut) else { return };
        let before = std::mem::replace(&mut notice.objection, objection.clone());
        // Whoever says something else does not offer that any more.
        if let Some(offer) = notice.offer.take_if(|offer| offer.verdict == Verdict::Open) {
            give_back_time(notice, &offer, self.now);
        }
        comment.clone_into(&mut notice.comment);
        let (project, kind) = (notice.project.clone(), notice.kind.clone());
        self.refresh_notice(id);
        let mut lifted = Vec::new();
        match kind {
            NoticeKind::Planned => {
                lifted = self.objection_to_drains(&project, before.as_deref(), objection.as_ref());
            }
            NoticeKind::Drain(host) if before.is_some() && objection.is_none() => lifted.push(host),
            NoticeKind::Drain(_) => {}
            // Others may be asked.
            NoticeKind::ScaleIn(_) => self.plan_again(),
        }
        self.refresh_others(&project, id);
        for host in lifted {
            self.lift_hold(&host);
        }
        let words = self.s.notices.get(&id).and_then(|n| n.objection.clone());
        self.tell_owner(&project, OwnerEvent::Notice(id));
        self.out.operators.push(OperatorEvent::OwnerReplied {
            notice: id,
            reply,
            comment: words.unwrap_or_else(|| comment.to_owned()),
        });
    }

    /// Decisions given to the announcement count for drains that were asked about as well, and the other way round.
    pub(super) fn refresh_others(&mut self, project: &ProjectId, id: NotificationId) {
        let related = self.s.notices.values().filter(|n| n.project == *project && n.id != id);
        for other in related.map(|n| n.id).collect::<Vec<_>>() {
            if self.refresh_notice(other) {
                self.tell_owner(project, OwnerEvent::Notice(other));
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
    ) -> Vec<HostName> {
        let mut lifted = Vec::new();
        for notice in self.s.notices.values_mut().filter(|n| n.project == *project) {
            let NoticeKind::Drain(host) = notice.kind.clone() else { continue };
            let open = matches!(
                notice.state,
                NoticeState::Pending
                    | NoticeState::Answered
                    | NoticeState::Rejected
                    | NoticeState::CounterOffered
            );
            if open && notice.objection.as_deref() == before {
                Arc::make_mut(notice).objection = now.cloned();
                if before.is_some() && now.is_none() {
                    lifted.push(host);
                }
            }
        }
        lifted
    }

    /// The owner took its objection back: unless something else holds the drain, it goes on.
    pub(super) fn lift_hold(&mut self, host: &HostName) {
        let silent = |n: &Notice| {
            n.state == NoticeState::Expired
                && n.servers.iter().any(|k| {
                    self.server(k).is_some_and(|s| s.state.is_open() && s.decision.is_none())
                })
        };
        let held =
            self.s.drain_notices(host).any(|n| n.state == NoticeState::Rejected || silent(n))
                || self.s.servers_of(host).any(|s| s.state == ServerState::Failed);
        if !held {
            self.edit_host(host, |h| h.hold = None);
        }
    }
}
