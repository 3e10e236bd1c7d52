//! Words that let a scenario read like a story.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::actor::{Role, Who};
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::event::{OperatorEvent, OwnerEvent, ServerChange, SessionChange};
use fermata_core::id::{HostName, NotificationId, ProjectId, ServerId};
use fermata_core::machine::{Answer, Ask, Command, HostCommand, Reject};
use fermata_core::policy::{GroupPolicy, Policies, ServerPolicy};
use fermata_core::session::{
    Notification, NotificationKind, Op, ServerKey, ServerState, SessionHost, SessionHostState,
    SessionServer, SessionState, WaitParty,
};
use fermata_core::spec::{Action, Draft, Selection};
use fermata_core::{Duration, Time};

use super::cloud::{Effect, FakeCloud, Line};
use super::faults::Outcome;
use super::owners::{Owner, Words};
use super::{DAWN, Latency, World};

/// Who creates sessions and commands them.
pub(crate) fn operator() -> Who {
    Who::new("kim", Role::Operator)
}

/// Longer than anything in a story takes.
const LONG: Duration = Duration::hours(12);

/// A world before its session exists.
pub(crate) struct Story {
    cloud: FakeCloud,
    draft: Draft,
    owners: BTreeMap<ProjectId, Owner>,
    interactive: BTreeSet<ProjectId>,
    policies: Vec<(ProjectId, ServerId, ServerPolicy)>,
    groups: Vec<GroupPolicy>,
}

/// Hosts of these names, and a session over all of them: 8 hours from now, one minute for every reply.
pub(crate) fn story(hosts: &[&str]) -> Story {
    let mut cloud = FakeCloud::new(DAWN);
    for host in hosts {
        cloud.add_host(host);
    }
    let draft = Draft {
        selection: Selection { all: true, ..Selection::default() },
        window_end: Some(DAWN + Duration::hours(8)),
        reason: "new firmware".to_owned(),
        announce_reply_period: Some(Duration::minutes(1)),
        drain_reply_period: Some(Duration::minutes(1)),
        ..Draft::default()
    };
    Story {
        cloud,
        draft,
        owners: BTreeMap::new(),
        interactive: BTreeSet::new(),
        policies: Vec::new(),
        groups: Vec::new(),
    }
}

impl Story {
    /// Hosts that are not in the session and take what leaves the others.
    pub(crate) fn spare(mut self, hosts: &[&str]) -> Self {
        let names = self.cloud.hosts.keys().cloned().collect();
        self.draft.selection = Selection { names, ..Selection::default() };
        for host in hosts {
            self.cloud.add_host(host);
        }
        self
    }

    pub(crate) fn server(mut self, id: &str, project: &str, host: &str) -> Self {
        self.cloud.add_server(id, project, host);
        self
    }

    /// What the owner of this server has stored about it.
    pub(crate) fn policy(mut self, id: &str, policy: ServerPolicy) -> Self {
        let project = self.cloud.servers[&ServerId::from(id)].project.clone();
        self.policies.push((project, id.into(), policy));
        self
    }

    /// What the owner of this server noted on it.
    pub(crate) fn metadata(mut self, id: &str, key: &str, value: &str) -> Self {
        let server = self.cloud.servers.get_mut(&ServerId::from(id)).unwrap();
        server.metadata.insert(key.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn group(mut self, group: GroupPolicy) -> Self {
        self.groups.push(group);
        self
    }

    pub(crate) fn status(mut self, id: &str, status: ServerStatus) -> Self {
        self.cloud.servers.get_mut(&ServerId::from(id)).unwrap().status = status;
        self
    }

    pub(crate) fn disabled(mut self, host: &str, reason: &str) -> Self {
        let reason = reason.to_owned();
        self.cloud.hosts.get_mut(&HostName::from(host)).unwrap().scheduling =
            Scheduling::Disabled { reason };
        self
    }

    /// A project that takes part, and what it says to every question.
    pub(crate) fn owner(self, project: &str, words: Words) -> Self {
        self.owner_who(project, Owner::new(words))
    }

    pub(crate) fn owner_who(mut self, project: &str, owner: Owner) -> Self {
        self.interactive.insert(project.into());
        self.owners.insert(project.into(), owner);
        self
    }

    /// The next calls of this operation on this server or host end so.
    pub(crate) fn goes(mut self, op: &str, target: &str, outcomes: &[Outcome]) -> Self {
        self.cloud.faults.script(op, target, outcomes);
        self
    }

    pub(crate) fn outage(mut self, from: Duration, to: Duration) -> Self {
        self.cloud.outages.push((DAWN + from, DAWN + to));
        self
    }

    /// How many servers have room on a host.
    pub(crate) fn room(mut self, servers: u64) -> Self {
        self.cloud.room = Some(servers);
        self
    }

    pub(crate) fn spec(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        change(&mut self.draft);
        self
    }

    pub(crate) fn begin(self) -> World {
        self.try_begin().unwrap()
    }

    pub(crate) fn try_begin(self) -> Result<World, Reject> {
        let all = self.cloud.hosts();
        let chosen = fermata_core::spec::select(&self.draft.selection, &all).unwrap();
        let names = chosen.iter().map(|h| h.name.clone()).collect();
        let spec = self.draft.complete(&names, DAWN).unwrap();
        let latency = Latency { most: Duration::ZERO };
        let policies = Policies::new(self.policies, self.groups);
        World::begin(self.cloud, spec, self.owners, self.interactive, policies, 0, latency)
    }
}

/// The same answer for every server.
pub(crate) fn accept(action: Action) -> Answer {
    Answer::Accept { all: Some(action), decisions: Vec::new() }
}

/// An answer for single servers.
pub(crate) fn accept_each(decisions: &[(&str, Action)]) -> Answer {
    let decisions = decisions.iter().map(|(s, a)| (ServerId::from(*s), Some(*a))).collect();
    Answer::Accept { all: None, decisions }
}

pub(crate) fn reject(reason: &str) -> Answer {
    Answer::Reject { reason: reason.to_owned() }
}

impl World {
    // --- time

    pub(crate) fn pass(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        self.run_while(LONG, |w| !holds(w));
        assert!(holds(self), "{what} never came; {:#?}", self.session);
    }

    #[track_caller]
    pub(crate) fn until_host(&mut self, host: &str, state: SessionHostState) {
        self.until(&format!("{host} {state:?}"), |w| w.host(host).state == state);
    }

    #[track_caller]
    pub(crate) fn until_session(&mut self, state: SessionState) {
        self.until(state.name(), |w| w.session.head.state == state);
    }

    /// The operator completes every host that is ready, until the session is over.
    #[track_caller]
    pub(crate) fn finish(&mut self) {
        let end = self.now + LONG;
        while !self.session.head.state.is_terminal() && self.now < end {
            let ready = |w: &Self| {
                w.session.head.state.is_terminal()
                    || w.session.hosts.values().any(|h| h.state == SessionHostState::InMaintenance)
            };
            self.run_while(LONG, |w| !ready(w));
            let hosts: Vec<_> = self
                .session
                .hosts
                .values()
                .filter(|h| h.state == SessionHostState::InMaintenance)
                .map(|h| h.host.to_string())
                .collect();
            for host in hosts {
                self.complete(&host).unwrap();
            }
        }
        assert!(self.session.head.state.is_terminal(), "it never ends; {:#?}", self.session);
    }

    // --- the operator

    /// The operator asks for something.
    pub(crate) fn command(&mut self, ask: Ask) -> Result<bool, Reject> {
        self.apply(ask.by(operator()))
    }

    pub(crate) fn say(&mut self, command: Command) -> Result<bool, Reject> {
        self.command(Ask::Command { command, reason: String::new() })
    }

    pub(crate) fn tell_host(&mut self, host: &str, command: HostCommand) -> Result<bool, Reject> {
        self.command(Ask::HostCommand { host: host.into(), command, reason: String::new() })
    }

    pub(crate) fn complete(&mut self, host: &str) -> Result<bool, Reject> {
        self.tell_host(host, HostCommand::Complete)
    }

    pub(crate) fn fail(&mut self, host: &str) -> Result<bool, Reject> {
        self.tell_host(host, HostCommand::Fail)
    }

    pub(crate) fn skip(&mut self, host: &str) -> Result<bool, Reject> {
        self.tell_host(host, HostCommand::Skip)
    }

    pub(crate) fn retry(&mut self, host: &str) -> Result<bool, Reject> {
        self.tell_host(host, HostCommand::Retry { override_owners: false })
    }

    pub(crate) fn override_owners(&mut self, host: &str, why: &str) -> Result<bool, Reject> {
        let command = HostCommand::Retry { override_owners: true };
        self.command(Ask::HostCommand { host: host.into(), command, reason: why.to_owned() })
    }

    pub(crate) fn update(
        &mut self,
        fields: &[&str],
        change: impl FnOnce(&mut Draft),
    ) -> Result<bool, Reject> {
        let mut draft = Draft::default();
        change(&mut draft);
        let fields = fields.iter().map(|f| (*f).to_owned()).collect();
        self.command(Ask::Update { draft: Box::new(draft), fields })
    }

    // --- owners

    /// The announcement to a project.
    #[track_caller]
    pub(crate) fn announcement(&self, project: &str) -> Notification {
        self.find_notification(project, &NotificationKind::Planned)
    }

    /// The newest question to a project about the drain of a host.
    #[track_caller]
    pub(crate) fn question(&self, project: &str, host: &str) -> Notification {
        self.find_notification(project, &NotificationKind::Drain(host.into()))
    }

    #[track_caller]
    fn find_notification(&self, project: &str, kind: &NotificationKind) -> Notification {
        let found = |n: &&std::sync::Arc<Notification>| {
            n.project == ProjectId::from(project) && n.kind == *kind
        };
        self.session.notifications.values().rfind(found).expect("it was asked").as_ref().clone()
    }

    pub(crate) fn was_asked(&self, project: &str, host: &str) -> bool {
        let kind = NotificationKind::Drain(host.into());
        self.session
            .notifications
            .values()
            .any(|n| n.project == ProjectId::from(project) && n.kind == kind)
    }

    /// Waits until the owner is asked about a host.
    #[track_caller]
    pub(crate) fn until_asked(&mut self, project: &str, host: &str) -> Notification {
        self.until("the question", |w| w.was_asked(project, host));
        self.question(project, host)
    }

    /// The owner answers the question as it stands.
    pub(crate) fn answer(
        &mut self,
        notification: &Notification,
        answer: Answer,
    ) -> Result<bool, Reject> {
        let id: NotificationId = notification.id;
        self.reply(&notification.project, id, notification.plan_revision, answer, "")
    }

    // --- what is seen

    #[track_caller]
    pub(crate) fn host(&self, host: &str) -> &SessionHost {
        &self.session.hosts[&HostName::from(host)]
    }

    #[track_caller]
    pub(crate) fn server(&self, host: &str, server: &str) -> &SessionServer {
        &self.session.servers[&ServerKey { host: host.into(), server: server.into() }]
    }

    pub(crate) fn server_state(&self, host: &str, server: &str) -> ServerState {
        self.server(host, server).state
    }

    pub(crate) fn where_is(&self, server: &str) -> Option<&str> {
        self.cloud.servers.get(&ServerId::from(server)).map(|s| s.host.as_str())
    }

    pub(crate) fn runs(&self, server: &str) -> bool {
        self.cloud.servers[&ServerId::from(server)].status == ServerStatus::Active
    }

    pub(crate) fn scheduling(&self, host: &str) -> &Scheduling {
        &self.cloud.hosts[&HostName::from(host)].scheduling
    }

    /// Calls that reached the cloud.
    pub(crate) fn calls_of(&self, op: Op, target: &str) -> Vec<&Line> {
        self.cloud.journal.iter().filter(|l| l.by_us && l.op == op && l.target == target).collect()
    }

    /// When an operation on this server or host took effect.
    #[track_caller]
    pub(crate) fn done_at(&self, op: Op, target: &str) -> Time {
        let lines = self.calls_of(op, target);
        let line = lines.into_iter().find(|l| l.effect == Effect::Done);
        line.expect("it was done").at
    }

    pub(crate) fn server_changes(&self, project: &str, server: &str) -> Vec<ServerChange> {
        let of = |(_, to, event): &(Time, ProjectId, OwnerEvent)| match event {
            OwnerEvent::Server { server: about, change, .. }
                if *to == ProjectId::from(project) && *about == ServerId::from(server) =>
            {
                Some(*change)
            }
            _ => None,
        };
        self.told.owners.iter().filter_map(of).collect()
    }

    pub(crate) fn session_changes(&self, project: &str) -> Vec<SessionChange> {
        let of = |(_, to, event): &(Time, ProjectId, OwnerEvent)| match event {
            OwnerEvent::Session { change, .. } if *to == ProjectId::from(project) => Some(*change),
            _ => None,
        };
        self.told.owners.iter().filter_map(of).collect()
    }

    /// How often an owner was told of this question.
    pub(crate) fn times_told(&self, notification: NotificationId) -> usize {
        let of = |(_, _, event): &&(Time, ProjectId, OwnerEvent)| {
            *event == OwnerEvent::Notification(notification)
        };
        self.told.owners.iter().filter(of).count()
    }

    pub(crate) fn host_states(&self, host: &str) -> Vec<SessionHostState> {
        let mut states = Vec::new();
        for (_, event) in &self.told.operators {
            if let OperatorEvent::Host { host: about, from, to, .. } = event
                && *about == HostName::from(host)
                && from != to
            {
                states.push(*to);
            }
        }
        states
    }

    pub(crate) fn waits_for(&self, party: &WaitParty) -> bool {
        self.session.waits().iter().any(|w| w.party == *party)
    }
}
