//! Sessions as operators see them.

use fermata_core::Time;
use fermata_core::id::HostName;
use fermata_core::replan::Turn;
use fermata_core::session::Head;
use fermata_core::session::{
    DecisionSource, Progress, ServerState, Session, SessionHost, SessionHostState, SessionServer,
    SessionState, Wait, WaitParty,
};
use fermata_core::spec::{
    Action, Kind, MaintenanceWindow, OnFailure, OnObjection, OnSilence, Spec, StartMode,
};
use fermata_proto::v1;

use super::{history, reason, span, timestamp};
use crate::parts::first_ids;

/// The etag of a revision.
pub fn etag(revision: u64) -> String {
    format!("r{revision}")
}

/// So many waits are shown.
const WAITS: usize = 100;

/// How much of a session is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What a list needs.
    Basic,
    /// Every field.
    Full,
}

/// A session with every field.
pub fn session(session: &Session, now: Time) -> v1::Session {
    let mut message = basic(&session.head, session.progress(), now);
    message.spec = Some(spec(&session.head.spec));
    if let Some(status) = &mut message.status {
        let waits = session.waits();
        status.wait_count = u32::try_from(waits.len()).unwrap_or(u32::MAX);
        status.waits = waits.into_iter().take(WAITS).map(wait).collect();
    }
    message
}

/// As much of a session as is wanted.
pub fn viewed(session: &Session, view: View, now: Time) -> v1::Session {
    match view {
        View::Basic => basic(&session.head, session.progress(), now),
        View::Full => self::session(session, now),
    }
}

/// What a list needs of a session.
pub fn basic(head: &Head, progress: Progress, now: Time) -> v1::Session {
    let mut short = spec(&head.spec);
    short.host_overrides.clear();
    short.metadata.clear();
    if let Some(hosts) = &mut short.hosts {
        hosts.names.clear();
    }
    v1::Session {
        id: head.id.to_string(),
        spec: Some(short),
        status: Some(v1::SessionStatus {
            state: state(head.state).into(),
            state_reason: head.reason.text().to_owned(),
            state_cause: reason::session(head.reason.cause()).into(),
            plan_revision: head.plan_revision,
            waits: Vec::new(),
            progress: Some(self::progress(progress)),
            wait_count: 0,
            start_time: head.started_at.map(timestamp),
            end_time: head.ended_at.map(timestamp),
            expected_end_time: head.expected_end(now).map(timestamp),
            cloud_outage: head.trouble.as_ref().map(reason::outage),
            plan_notes: head.notes.clone(),
        }),
        etag: etag(head.revision),
        create_time: Some(timestamp(head.created_at)),
        update_time: Some(timestamp(head.updated_at)),
    }
}

/// Figures.
pub fn progress(p: Progress) -> v1::Progress {
    v1::Progress {
        hosts_total: p.hosts_total,
        hosts_done: p.hosts_done,
        hosts_in_maintenance: p.hosts_in_maintenance,
        hosts_failed: p.hosts_failed,
        hosts_skipped: p.hosts_skipped,
        servers_total: p.servers_total,
        servers_done: p.servers_done,
        servers_in_action: p.servers_in_action,
        servers_failed: p.servers_failed,
    }
}

/// A session's state.
pub fn state(state: SessionState) -> v1::SessionState {
    match state {
        SessionState::Scheduled => v1::SessionState::Scheduled,
        SessionState::Running => v1::SessionState::Running,
        SessionState::Paused => v1::SessionState::Paused,
        SessionState::Cancelling => v1::SessionState::Cancelling,
        SessionState::Cancelled => v1::SessionState::Cancelled,
        SessionState::Failed => v1::SessionState::Failed,
        SessionState::Completed => v1::SessionState::Completed,
    }
}

/// A host's state inside a session.
pub fn host_state(state: SessionHostState) -> v1::SessionHostState {
    match state {
        SessionHostState::Waiting => v1::SessionHostState::Waiting,
        SessionHostState::Draining => v1::SessionHostState::Draining,
        SessionHostState::InMaintenance => v1::SessionHostState::InMaintenance,
        SessionHostState::Returning => v1::SessionHostState::Returning,
        SessionHostState::Maintained => v1::SessionHostState::Maintained,
        SessionHostState::Retired => v1::SessionHostState::Retired,
        SessionHostState::DrainFailed => v1::SessionHostState::DrainFailed,
        SessionHostState::MaintenanceFailed => v1::SessionHostState::MaintenanceFailed,
        SessionHostState::Skipped => v1::SessionHostState::Skipped,
        SessionHostState::Cancelled => v1::SessionHostState::Cancelled,
    }
}

/// A server's state.
pub fn server_state(state: ServerState) -> v1::ServerState {
    match state {
        ServerState::Affected => v1::ServerState::Affected,
        ServerState::InAction => v1::ServerState::InAction,
        ServerState::OwnAction => v1::ServerState::OwnAction,
        ServerState::Moved => v1::ServerState::Moved,
        ServerState::Kept => v1::ServerState::Kept,
        ServerState::Restored => v1::ServerState::Restored,
        ServerState::Gone => v1::ServerState::Gone,
        ServerState::Failed => v1::ServerState::Failed,
        ServerState::HandedOver => v1::ServerState::HandedOver,
    }
}

/// An action.
pub fn action(action: Action) -> v1::Action {
    match action {
        Action::LiveMigrate => v1::Action::LiveMigrate,
        Action::Migrate => v1::Action::Migrate,
        Action::OwnAction => v1::Action::OwnAction,
        Action::Keep => v1::Action::Keep,
    }
}

/// Who decided.
pub fn source(source: DecisionSource) -> v1::DecisionSource {
    match source {
        DecisionSource::Owner => v1::DecisionSource::Owner,
        DecisionSource::SessionDefault => v1::DecisionSource::SessionDefault,
        DecisionSource::Operator => v1::DecisionSource::Operator,
        DecisionSource::Policy => v1::DecisionSource::Policy,
    }
}

/// A kind.
pub fn kind(kind: Kind) -> v1::MaintenanceKind {
    match kind {
        Kind::Temporary => v1::MaintenanceKind::Temporary,
        Kind::Retirement => v1::MaintenanceKind::Retirement,
    }
}

/// A window.
pub fn window(window: MaintenanceWindow) -> v1::MaintenanceWindow {
    v1::MaintenanceWindow {
        start_time: Some(timestamp(window.start)),
        end_time: Some(timestamp(window.end)),
    }
}

fn spec(spec: &Spec) -> v1::SessionSpec {
    v1::SessionSpec {
        hosts: Some(v1::HostSelection {
            names: spec.selection.names.iter().map(ToString::to_string).collect(),
            aggregates: spec.selection.aggregates.clone(),
            zones: spec.selection.zones.clone(),
            all: spec.selection.all,
        }),
        window: Some(window(spec.window)),
        kind: kind(spec.kind).into(),
        host_overrides: spec
            .host_kinds
            .iter()
            .map(|(host, k)| v1::HostOverride { host: host.to_string(), kind: kind(*k).into() })
            .collect(),
        reason: spec.reason.clone(),
        metadata: spec.metadata.clone().into_iter().collect(),
        announce_reply_period: Some(span(spec.announce_reply_period)),
        drain_reply_period: Some(span(spec.drain_reply_period)),
        lead_time: Some(span(spec.lead_time)),
        on_silence: match spec.on_silence {
            OnSilence::Proceed => v1::OnSilence::Proceed,
            OnSilence::Hold => v1::OnSilence::Hold,
            OnSilence::FailHost => v1::OnSilence::FailHost,
        }
        .into(),
        on_objection: match spec.on_objection {
            OnObjection::Hold => v1::OnObjection::Hold,
            OnObjection::FailHost => v1::OnObjection::FailHost,
        }
        .into(),
        default_action: action(spec.default_action).into(),
        on_failure: match spec.on_failure {
            OnFailure::Stop => v1::OnFailure::Stop,
            OnFailure::Continue => v1::OnFailure::Continue,
        }
        .into(),
        start_mode: match spec.start_mode {
            StartMode::Automatic => v1::StartMode::Automatic,
            StartMode::Manual => v1::StartMode::Manual,
        }
        .into(),
        max_parallel_hosts: spec.max_parallel_hosts,
        max_parallel_actions: spec.max_parallel_actions,
        drain_timeout: Some(span(spec.drain_timeout)),
        work_timeout: spec.work_timeout.map(span),
        action_timeout: Some(span(spec.action_timeout)),
        action_attempts: spec.action_attempts,
    }
}

fn wait(wait: Wait) -> v1::Wait {
    let (party, project) = match wait.party {
        WaitParty::Operator => (v1::WaitParty::Operator, String::new()),
        WaitParty::Owner(project) => (v1::WaitParty::Owner, project.0),
        WaitParty::Cloud => (v1::WaitParty::Cloud, String::new()),
        WaitParty::Clock => (v1::WaitParty::Clock, String::new()),
    };
    v1::Wait {
        party: party.into(),
        project_id: project,
        host: wait.host.map(|h| h.0).unwrap_or_default(),
        description: wait.description,
        deadline_time: wait.until.map(timestamp),
        kind: reason::wait(wait.kind).into(),
        ended_by: wait.kind.ended_by().iter().map(|method| (*method).to_owned()).collect(),
    }
}

/// How many servers of a host the session affects, and how many of them are done.
pub fn servers_of(session: &Session, host: &HostName) -> (u32, u32) {
    session.servers_of(host).fold((0, 0), |(total, done), server| {
        let is_done = server.state.is_done() || server.state == ServerState::Kept;
        (total + 1, done + u32::from(is_done))
    })
}

/// The hosts in the order of the plan: as they were begun, then those that wait.
pub fn in_order(session: &Session) -> Vec<&SessionHost> {
    let mut hosts: Vec<&SessionHost> = session.hosts.values().map(AsRef::as_ref).collect();
    let turn = |h: &SessionHost| wave(h).unwrap_or(u32::MAX);
    hosts.sort_by_key(|h| (h.drain_started_at.is_none(), h.drain_started_at, turn(h), &h.host));
    hosts
}

/// A host inside its session.
pub fn host(session: &Session, host: &SessionHost, now: Time) -> v1::SessionHost {
    let (total, done) = servers_of(session, &host.host);
    v1::SessionHost {
        host: host.host.to_string(),
        state: host_state(host.state).into(),
        state_reason: host.reason.text().to_owned(),
        state_cause: reason::host(host.reason.cause()).into(),
        kind: kind(host.kind).into(),
        servers_total: total,
        servers_done: done,
        drain_start_time: host.drain_started_at.map(timestamp),
        empty_time: host.empty_at.map(timestamp),
        end_time: host.ended_at.map(timestamp),
        deadline_time: host.deadline(session).map(timestamp),
        intruder_server_ids: first_ids(&host.intruders),
        wave: wave(host).unwrap_or_default(),
        no_wave_cause: reason::no_wave(host).into(),
        expected_start_time: host.expected_start(&session.head, now).map(timestamp),
    }
}

/// A server inside its session.
pub fn server(entry: &SessionServer) -> v1::SessionServer {
    let decision = entry.decision.as_ref();
    let tried = u32::from(entry.act_started_at.is_some());
    let (error_cause, error) = reason::of_server(entry.error.as_ref());
    v1::SessionServer {
        server_id: entry.key.server.to_string(),
        name: entry.name.clone(),
        project_id: entry.project.to_string(),
        state: server_state(entry.state).into(),
        action: entry.carried_out().map(|of| action(of).into()).unwrap_or_default(),
        decision_source: decision.map(|d| source(d.source).into()).unwrap_or_default(),
        decide_time: decision.map(|d| timestamp(d.at)),
        action_start_time: entry.act_started_at.map(timestamp),
        action_end_time: entry.act_ended_at.map(timestamp),
        attempts: entry.failures + tried * u32::from(entry.error.is_none()),
        destination_host: entry.destination.as_ref().map(ToString::to_string).unwrap_or_default(),
        error,
        error_cause: error_cause.into(),
        host: entry.key.host.to_string(),
        earlier_decisions: entry.earlier.decisions.iter().map(history::decision).collect(),
        earlier_decisions_left_out: entry.earlier.left_out,
    }
}

/// The wave of a host that is not over.
fn wave(host: &SessionHost) -> Option<u32> {
    match host.turn {
        Some(Turn::Wave(wave)) if !host.state.is_settled() => Some(wave),
        Some(Turn::Wave(_) | Turn::Blocked(_)) | None => None,
    }
}
