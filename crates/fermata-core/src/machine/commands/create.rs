//! The birth of a session: its rows from what the cloud shows, and the announcement to every owner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::actor::Who;
use crate::audit::{Action, Entry, Resource};
use crate::cloud::{Host, Server};
use crate::event::{OperatorEvent, Outbox};
use crate::id::{HostName, SessionId};
use crate::machine::{Context, Machine, Reject, Transition};
use crate::policy::{Effective, metadata};
use crate::reason::{HostReason, SessionReason};
use crate::session::{
    Course, EarlierDecisions, Head, NotificationKind, SchedulingFact, ServerKey, ServerState,
    Session, SessionHost, SessionHostState, SessionServer, SessionState, Terms,
};
use crate::spec::{Kind, Spec};

/// Creates a session over these hosts and the servers found on them, for whoever asks for it. `outages`: how many there were
/// before.
///
/// # Errors
/// The window is too short for the lead times of servers' policies; every one is listed.
pub fn create(
    who: Who,
    spec: Spec,
    hosts: &[&Host],
    servers: Vec<Server>,
    trace_parent: Option<String>,
    outages: u64,
    context: Context<'_>,
) -> Result<Transition, Reject> {
    let now = context.now;
    let head = Head {
        id: SessionId((context.ids)()),
        revision: 0,
        state: SessionState::Scheduled,
        reason: SessionReason::announced(),
        plan_revision: 1,
        created_at: now,
        updated_at: now,
        started_at: None,
        ended_at: None,
        paused_at: None,
        start_requested: false,
        trouble: None,
        unreadable: None,
        notes: Vec::new(),
        course: Course::default(),
        outages,
        next_call: 1,
        trace_parent,
        spec,
    };
    let rows = hosts
        .iter()
        .map(|h| (h.name.clone(), Arc::new(SessionHost::new(&h.name, head.spec.kind_of(&h.name)))))
        .collect();
    let born =
        Session { head, hosts: rows, servers: BTreeMap::new(), notifications: BTreeMap::new() };
    let mut machine = Machine {
        s: born.clone(),
        now,
        interactive: context.interactive,
        policies: context.policies,
        ledger: context.ledger,
        judged: BTreeMap::new(),
        before: &born,
        ids: context.ids,
        out: Outbox::default(),
        moved: false,
    };
    for server in servers {
        if let Some(host) = server.host.clone() {
            machine.add_server(&host, &server);
        }
    }
    let reason = machine.s.head.spec.reason.clone();
    machine.out.operators.push(OperatorEvent::Session {
        from: None,
        to: SessionState::Scheduled,
        reason: machine.s.head.reason.clone(),
    });
    let all: Vec<_> = machine.s.servers.keys().cloned().collect();
    machine.take_policies(&all);
    machine.check_lead_times()?;
    machine.announce();
    machine.check_reply_periods()?;
    machine.settle();
    let resource = Resource::session(machine.s.head.id);
    let detail = String::new();
    Ok(machine.finish(Some(Entry { who, action: Action::CreateSession, resource, detail, reason })))
}

impl SessionHost {
    pub(crate) fn new(host: &HostName, kind: Kind) -> Self {
        Self {
            host: host.clone(),
            kind,
            state: SessionHostState::Waiting,
            reason: HostReason::not_its_turn(),
            scheduling: SchedulingFact::Untouched,
            down: false,
            servers_known: false,
            empty_reads: 0,
            arriving: BTreeSet::new(),
            quiet_since: None,
            hold: None,
            turn: None,
            expected_at: None,
            goal: None,
            returned_because: None,
            call: None,
            drain_started_at: None,
            deadline: None,
            empty_at: None,
            work_ended_at: None,
            ended_at: None,
            intruders: BTreeSet::new(),
        }
    }
}

impl Machine<'_> {
    pub(in crate::machine) fn add_server(&mut self, host: &HostName, server: &Server) -> ServerKey {
        let key = ServerKey { host: host.clone(), server: server.id.clone() };
        let was_running = self.s.has_stopped(server);
        let entry = SessionServer {
            key: key.clone(),
            name: server.name.clone(),
            project: server.project.clone(),
            host_id: server.host_id.clone(),
            status: server.status.clone(),
            state: ServerState::Affected,
            memory_mib: server.flavor.memory_mib,
            metadata: metadata::own(&server.metadata),
            policy: Effective::default(),
            terms: Terms::default(),
            decision: None,
            earlier: EarlierDecisions::default(),
            act: None,
            failures: 0,
            retry_at: None,
            target: None,
            failed_targets: BTreeSet::new(),
            waits_for: None,
            stuck: false,
            said_done: false,
            target_down: false,
            was_running,
            told_at: None,
            act_started_at: None,
            act_ended_at: None,
            destination: None,
            error: None,
        };
        self.s.servers.insert(key.clone(), Arc::new(entry));
        key
    }

    /// Tells every owner of servers on the session's hosts what is planned.
    pub(super) fn announce(&mut self) {
        let spec = &self.s.head.spec;
        let reply_deadline_time = self.now + spec.announce_reply_period;
        let start = spec.window.start;
        for project in self.s.projects() {
            let servers: Vec<_> = self
                .s
                .servers
                .values()
                .filter(|s| s.project == project)
                .map(|s| s.key.clone())
                .collect();
            let actions_start_time = start.max(self.earliest_touch(&servers));
            self.issue(
                &project,
                NotificationKind::Planned,
                servers,
                reply_deadline_time,
                actions_start_time,
            );
        }
    }
}
