//! Asking owners: issuing notices, asking again when the plan changes for them, and what silence
//! and objections mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::Duration;

use super::Machine;
use crate::Time;
use crate::event::{OperatorEvent, OwnerEvent};
use crate::id::{HostName, NotificationId, ProjectId};
use crate::session::{Hold, Notice, NoticeKind, NoticeState, ServerKey, ServerState, SessionState};
use crate::spec::{OnObjection, OnSilence};

impl Machine<'_> {
    /// How long an owner has for a reply.
    pub(super) fn reply_period(&self, kind: &NoticeKind) -> Duration {
        let spec = &self.s.head.spec;
        match kind {
            NoticeKind::Planned | NoticeKind::ScaleIn(_) => spec.announce_reply_period,
            NoticeKind::Drain(_) => spec.drain_reply_period,
        }
    }

    /// Sends a new notice about these servers.
    pub(super) fn issue(
        &mut self,
        project: &ProjectId,
        kind: NoticeKind,
        servers: Vec<ServerKey>,
        reply_by: Time,
        actions_at: Time,
    ) {
        let id = NotificationId((self.ids)());
        let objection = match kind {
            NoticeKind::Planned | NoticeKind::ScaleIn(_) => None,
            NoticeKind::Drain(_) => self.standing_objection(project),
        };
        let notice = Notice {
            id,
            project: project.clone(),
            kind,
            state: NoticeState::Pending,
            plan_revision: self.s.head.plan_revision,
            servers,
            reply_by,
            actions_at,
            created_at: self.now,
            comment: String::new(),
            objection,
            offer: None,
        };
        self.s.notices.insert(id, Arc::new(notice));
        self.told(id);
    }

    /// An objection to the announcement stands until the owner takes it back or is overridden.
    fn standing_objection(&self, project: &ProjectId) -> Option<String> {
        self.s
            .notices
            .values()
            .find(|n| n.project == *project && n.kind == NoticeKind::Planned)?
            .objection
            .clone()
    }

    /// Recomputes a notice that is sent (again), marks its servers as told and tells everybody.
    fn told(&mut self, id: NotificationId) {
        let Some(notice) = self.s.notices.get(&id).cloned() else { return };
        for key in &notice.servers {
            let now = self.now;
            self.edit_server(key, |s| s.told_at = s.told_at.or(Some(now)));
        }
        let state = self.answered_state(&notice);
        if let Some(notice) = self.s.notices.get_mut(&id) {
            Arc::make_mut(notice).state = state;
        }
        self.moved = true;
        self.tell_owner(&notice.project, OwnerEvent::Notice(id));
        self.out.operators.push(OperatorEvent::OwnerAsked { notice: id });
    }

    fn answered_state(&self, notice: &Notice) -> NoticeState {
        if notice.open_offer().is_some() {
            NoticeState::CounterOffered
        } else if notice.objection.is_some() {
            NoticeState::Rejected
        } else if notice.scale_in().is_some() {
            notice.state
        } else if notice.servers.iter().all(|k| self.needs_no_decision(k)) {
            NoticeState::Answered
        } else {
            NoticeState::Pending
        }
    }

    pub(super) fn needs_no_decision(&self, key: &ServerKey) -> bool {
        self.server(key).is_none_or(|s| s.decision.is_some() || !s.state.is_open())
    }

    /// After a decision: whether all servers of a notice are decided now. `true`: its state changed.
    pub(super) fn refresh_notice(&mut self, id: NotificationId) -> bool {
        let Some(notice) = self.s.notices.get(&id) else { return false };
        let state = match notice.state {
            NoticeState::Closed | NoticeState::Expired => return false,
            NoticeState::Pending
            | NoticeState::Answered
            | NoticeState::Rejected
            | NoticeState::CounterOffered => self.answered_state(notice),
        };
        if state == notice.state {
            return false;
        }
        if let Some(notice) = self.s.notices.get_mut(&id) {
            Arc::make_mut(notice).state = state;
        }
        self.moved = true;
        true
    }

    /// Makes sure that every owner of servers on this host was asked about them.
    pub(super) fn ask(&mut self, host: &HostName) {
        let mut by_project: BTreeMap<ProjectId, Vec<ServerKey>> = BTreeMap::new();
        for server in self.s.servers_of(host) {
            if matches!(server.state, ServerState::Affected | ServerState::OwnAction) {
                by_project.entry(server.project.clone()).or_default().push(server.key.clone());
            }
        }
        for (project, keys) in by_project {
            let asked = self
                .s
                .drain_notices(host)
                .find(|n| n.project == project)
                .map(|n| (n.id, keys.iter().all(|k| n.servers.contains(k))));
            match asked {
                Some((_, true)) => {}
                Some((id, false)) => self.ask_again(id, keys),
                None => {
                    self.take_policies(&keys);
                    let reply_by = self.now + self.s.head.spec.drain_reply_period;
                    let actions_at = self.earliest_touch(&keys);
                    let kind = NoticeKind::Drain(host.clone());
                    self.issue(&project, kind, keys, reply_by, actions_at);
                }
            }
        }
    }

    /// The plan changed for this owner: a new revision, a new deadline, and the question once more.
    pub(super) fn ask_again(&mut self, id: NotificationId, keys: Vec<ServerKey>) {
        self.take_policies(&keys);
        self.s.head.plan_revision += 1;
        let revision = self.s.head.plan_revision;
        let actions_at = self.earliest_touch(&keys);
        let Some(kind) = self.s.notices.get(&id).map(|n| n.kind.clone()) else { return };
        let reply_by = self.now + self.reply_period(&kind);
        let spec = &self.s.head.spec;
        if let Some(notice) = self.s.notices.get_mut(&id).map(Arc::make_mut) {
            notice.reply_by = reply_by;
            notice.plan_revision = revision;
            notice.servers = keys;
            notice.actions_at = match notice.kind {
                NoticeKind::Planned => actions_at.max(spec.window.start),
                NoticeKind::Drain(_) | NoticeKind::ScaleIn(_) => actions_at,
            };
            notice.state = NoticeState::Pending;
        }
        self.told(id);
    }

    /// Notices whose reply period is over. An outage of the cloud or of Fermata is not used
    /// against owners: see `outage`.
    pub(super) fn expire_notices(&mut self) {
        if self.owners_time_stands_still() {
            return;
        }
        let over: Vec<_> = self
            .s
            .notices
            .values()
            .filter(|n| n.state == NoticeState::Pending && n.reply_by <= self.now)
            .cloned()
            .collect();
        for notice in over {
            let id = notice.id;
            // What another one's silence means may have closed it.
            let open = self.s.notices.get_mut(&id).filter(|n| n.state == NoticeState::Pending);
            let Some(row) = open else { continue };
            Arc::make_mut(row).state = NoticeState::Expired;
            self.moved = true;
            match &notice.kind {
                NoticeKind::Planned => {}
                NoticeKind::Drain(host) => self.silence(host, &notice),
                // Others may be asked.
                NoticeKind::ScaleIn(_) => self.plan_again(),
            }
            self.tell_owner(&notice.project, OwnerEvent::Notice(id));
        }
    }

    /// While the cloud is away or the session is paused, no reply is late: deadlines are moved afterwards.
    pub(super) fn owners_time_stands_still(&self) -> bool {
        self.s.head.trouble.is_some() || self.s.head.state == SessionState::Paused
    }

    /// Silence is an answer for the servers that were asked about, and for no others that are on the host by now.
    fn silence(&mut self, host: &HostName, notice: &Notice) {
        let project = &notice.project;
        let on_silence = if self.interactive.contains(project) {
            self.s.head.spec.on_silence
        } else {
            OnSilence::Proceed
        };
        let text = format!("project {project} did not reply in time");
        match on_silence {
            OnSilence::Proceed => {
                if let Some(key) = self.decide_for_silent(&notice.servers).first() {
                    let server = &key.server;
                    let why = "must not be migrated by its policy, and its host leaves for good";
                    self.hold(host, &format!("server {server} of project {project} {why}"));
                }
            }
            OnSilence::Hold => self.hold(host, &text),
            OnSilence::FailHost => self.give_up(host, &text),
        }
    }

    /// What an owner's objection means for a host that is drained.
    pub(super) fn objected(&mut self, host: &HostName, project: &ProjectId, why: &str) {
        let text = format!("project {project} objects: {why}");
        match self.s.head.spec.on_objection {
            OnObjection::Hold => self.hold(host, &text),
            OnObjection::FailHost => self.give_up(host, &text),
        }
    }

    /// The drain waits for the operator.
    pub(super) fn hold(&mut self, host: &HostName, why: &str) {
        if self.host(host).is_none_or(|h| h.hold.is_some()) {
            return;
        }
        self.drop_planned_acts(host);
        let hold = Hold { reason: why.to_owned(), since: self.now };
        self.edit_host(host, |h| h.hold = Some(hold));
        let state = self.host(host).map(|h| h.state);
        if let Some(state) = state {
            self.set_host(host, state, format!("held for the operator: {why}"));
        }
    }

    /// The announcement of a session that starts is not asked any more; drains ask for themselves.
    pub(super) fn announcements_answered(&self) -> bool {
        self.s.head.state != SessionState::Scheduled
            || !self.s.notices.values().any(|n| {
                let open = [NoticeState::Pending, NoticeState::CounterOffered];
                n.kind == NoticeKind::Planned && open.contains(&n.state)
            })
    }
}
