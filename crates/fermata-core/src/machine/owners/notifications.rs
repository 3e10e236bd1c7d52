//! Asking owners: issuing notifications, asking again when the plan changes for them, and what silence
//! and objections mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::Duration;

use crate::Time;
use crate::event::{OperatorEvent, OwnerEvent};
use crate::id::{HostName, NotificationId, ProjectId};
use crate::machine::Machine;
use crate::reason::HostReason;
use crate::session::{
    History, Hold, Notification, NotificationKind, NotificationState, Said, ServerKey, ServerState,
    SessionState,
};
use crate::spec::{OnObjection, OnSilence};

impl Machine<'_> {
    /// How long an owner has for a reply.
    pub(super) fn reply_period(&self, kind: &NotificationKind) -> Duration {
        let spec = &self.s.head.spec;
        match kind {
            NotificationKind::Planned | NotificationKind::ScaleIn(_) => spec.announce_reply_period,
            NotificationKind::Drain(_) => spec.drain_reply_period,
        }
    }

    /// Sends a new notification about these servers.
    pub(in crate::machine) fn issue(
        &mut self,
        project: &ProjectId,
        kind: NotificationKind,
        servers: Vec<ServerKey>,
        reply_deadline_time: Time,
        actions_start_time: Time,
    ) {
        let id = NotificationId((self.ids)());
        let objection = match kind {
            NotificationKind::Planned | NotificationKind::ScaleIn(_) => None,
            NotificationKind::Drain(_) => self.standing_objection(project),
        };
        let mut history = History::default();
        if let Some(objection) = objection.clone() {
            history.push(self.now, Said::ObjectedBefore { objection });
        }
        let notification = Notification {
            id,
            project: project.clone(),
            kind,
            state: NotificationState::Pending,
            plan_revision: self.s.head.plan_revision,
            servers,
            reply_deadline_time,
            actions_start_time,
            created_at: self.now,
            comment: String::new(),
            objection,
            replied: None,
            counter_offer: None,
            history,
        };
        self.s.notifications.insert(id, Arc::new(notification));
        self.told(id);
    }

    /// An objection to the announcement stands until the owner takes it back or is overridden.
    fn standing_objection(&self, project: &ProjectId) -> Option<String> {
        self.s
            .notifications
            .values()
            .find(|n| n.project == *project && n.kind == NotificationKind::Planned)?
            .objection
            .clone()
    }

    /// Recomputes a notification that is sent (again), marks its servers as told and tells everybody.
    fn told(&mut self, id: NotificationId) {
        let Some(notification) = self.s.notifications.get(&id).cloned() else { return };
        for key in &notification.servers {
            let now = self.now;
            self.edit_server(key, |s| s.told_at = s.told_at.or(Some(now)));
        }
        let state = self.answered_state(&notification);
        if let Some(notification) = self.s.notifications.get_mut(&id) {
            Arc::make_mut(notification).state = state;
        }
        self.moved = true;
        self.tell_owner(&notification.project, OwnerEvent::Notification(id));
        self.out.operators.push(OperatorEvent::OwnerAsked { notification: id });
    }

    fn answered_state(&self, notification: &Notification) -> NotificationState {
        if notification.open_counter_offer().is_some() {
            NotificationState::CounterOffered
        } else if notification.objection.is_some() {
            NotificationState::Rejected
        } else if notification.scale_in().is_some() {
            notification.state
        } else if notification.servers.iter().all(|k| self.needs_no_decision(k)) {
            NotificationState::Answered
        } else {
            NotificationState::Pending
        }
    }

    pub(super) fn needs_no_decision(&self, key: &ServerKey) -> bool {
        self.server(key).is_none_or(|s| s.decision.is_some() || !s.state.is_open())
    }

    /// After a decision: whether all servers of a notification are decided now. `true`: its state changed.
    pub(in crate::machine) fn refresh_notification(&mut self, id: NotificationId) -> bool {
        let Some(notification) = self.s.notifications.get(&id) else { return false };
        let state = match notification.state {
            NotificationState::Closed | NotificationState::Expired => return false,
            NotificationState::Pending
            | NotificationState::Answered
            | NotificationState::Rejected
            | NotificationState::CounterOffered => self.answered_state(notification),
        };
        if state == notification.state {
            return false;
        }
        if let Some(notification) = self.s.notifications.get_mut(&id) {
            Arc::make_mut(notification).state = state;
        }
        self.moved = true;
        true
    }

    /// Makes sure that every owner of servers on this host was asked about them.
    pub(in crate::machine) fn ask(&mut self, host: &HostName) {
        let mut by_project: BTreeMap<ProjectId, Vec<ServerKey>> = BTreeMap::new();
        for server in self.s.servers_of(host) {
            if matches!(server.state, ServerState::Affected | ServerState::OwnAction) {
                by_project.entry(server.project.clone()).or_default().push(server.key.clone());
            }
        }
        for (project, keys) in by_project {
            let asked = self
                .s
                .drain_notifications(host)
                .find(|n| n.project == project)
                .map(|n| (n.id, keys.iter().all(|k| n.servers.contains(k))));
            match asked {
                Some((_, true)) => {}
                Some((id, false)) => self.ask_again(id, keys),
                None => {
                    self.take_policies(&keys);
                    let reply_deadline_time = self.now + self.s.head.spec.drain_reply_period;
                    let actions_start_time = self.earliest_touch(&keys);
                    let kind = NotificationKind::Drain(host.clone());
                    self.issue(&project, kind, keys, reply_deadline_time, actions_start_time);
                }
            }
        }
    }

    /// The plan changed for this owner: a new revision, a new deadline, and the question once more.
    pub(in crate::machine) fn ask_again(&mut self, id: NotificationId, keys: Vec<ServerKey>) {
        self.take_policies(&keys);
        self.s.head.plan_revision += 1;
        let revision = self.s.head.plan_revision;
        let actions_start_time = self.earliest_touch(&keys);
        let Some(kind) = self.s.notifications.get(&id).map(|n| n.kind.clone()) else { return };
        let reply_deadline_time = self.now + self.reply_period(&kind);
        let spec = &self.s.head.spec;
        if let Some(notification) = self.s.notifications.get_mut(&id).map(Arc::make_mut) {
            notification.reply_deadline_time = reply_deadline_time;
            notification.plan_revision = revision;
            notification.servers = keys;
            notification.actions_start_time = match notification.kind {
                NotificationKind::Planned => actions_start_time.max(spec.window.start),
                NotificationKind::Drain(_) | NotificationKind::ScaleIn(_) => actions_start_time,
            };
            notification.state = NotificationState::Pending;
        }
        self.told(id);
    }

    /// Notifications whose reply period is over. An outage of the cloud or of Fermata is not used
    /// against owners: see `outage`.
    pub(in crate::machine) fn expire_notifications(&mut self) {
        if self.owners_time_stands_still() {
            return;
        }
        let over: Vec<_> = self
            .s
            .notifications
            .values()
            .filter(|n| n.state == NotificationState::Pending && n.reply_deadline_time <= self.now)
            .cloned()
            .collect();
        for notification in over {
            let id = notification.id;
            // What another one's silence means may have closed it.
            let open =
                self.s.notifications.get_mut(&id).filter(|n| n.state == NotificationState::Pending);
            let Some(row) = open else { continue };
            let row = Arc::make_mut(row);
            row.state = NotificationState::Expired;
            row.history.push(self.now, Said::Silent);
            self.moved = true;
            match &notification.kind {
                NotificationKind::Planned => {}
                NotificationKind::Drain(host) => self.silence(host, &notification),
                // Others may be asked.
                NotificationKind::ScaleIn(_) => self.plan_again(),
            }
            self.tell_owner(&notification.project, OwnerEvent::Notification(id));
        }
    }

    /// While the cloud is away or the session is paused, no reply is late: deadlines are moved afterwards.
    pub(super) fn owners_time_stands_still(&self) -> bool {
        self.s.head.trouble.is_some() || self.s.head.state == SessionState::Paused
    }

    /// Silence is an answer for the servers that were asked about, and for no others that are on the host by now.
    fn silence(&mut self, host: &HostName, notification: &Notification) {
        let project = &notification.project;
        let on_silence = if self.interactive.contains(project) {
            self.s.head.spec.on_silence
        } else {
            OnSilence::Proceed
        };
        match on_silence {
            OnSilence::Proceed => {
                if let Some(key) = self.decide_for_silent(&notification.servers).first() {
                    self.hold(host, &HostReason::policy_forbids_move(&key.server, project));
                }
            }
            OnSilence::Hold => self.hold(host, &HostReason::silent(project)),
            OnSilence::FailHost => self.give_up(host, HostReason::silent(project)),
        }
    }

    /// What an owner's objection means for a host that is drained.
    pub(in crate::machine) fn objected(&mut self, host: &HostName, project: &ProjectId, why: &str) {
        let why = HostReason::objected(project, why);
        match self.s.head.spec.on_objection {
            OnObjection::Hold => self.hold(host, &why),
            OnObjection::FailHost => self.give_up(host, why),
        }
    }

    /// The drain waits for the operator.
    pub(in crate::machine) fn hold(&mut self, host: &HostName, why: &HostReason) {
        if self.host(host).is_none_or(|h| h.hold.is_some()) {
            return;
        }
        self.drop_planned_acts(host);
        let hold = Hold { reason: why.clone(), since: self.now };
        self.edit_host(host, |h| h.hold = Some(hold));
        let state = self.host(host).map(|h| h.state);
        if let Some(state) = state {
            self.set_host(host, state, why.held());
        }
    }

    /// An owner objects in other words: a drain that waits for the operator because of it quotes these.
    pub(super) fn objected_anew(&mut self, host: &HostName, project: &ProjectId, words: [&str; 2]) {
        let [before, now] = words.map(|words| HostReason::objected(project, words));
        let held = self.host(host).and_then(|h| Some((h.state, h.hold.clone()?)));
        let Some((state, hold)) = held.filter(|(_, hold)| hold.reason == before) else { return };
        let since = hold.since;
        self.set_host(host, state, now.held());
        self.edit_host(host, |h| h.hold = Some(Hold { reason: now, since }));
    }

    /// The announcement of a session that starts is not asked any more; drains ask for themselves.
    pub(in crate::machine) fn announcements_answered(&self) -> bool {
        self.s.head.state != SessionState::Scheduled
            || !self.s.notifications.values().any(|n| {
                let open = [NotificationState::Pending, NotificationState::CounterOffered];
                n.kind == NotificationKind::Planned && open.contains(&n.state)
            })
    }
}
