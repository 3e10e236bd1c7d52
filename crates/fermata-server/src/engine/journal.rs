//! What the product does, in the log: one line for each thing that was committed. INFO; what went wrong, and what stands still
//! until an operator decides, is WARN. Only values that do not depend on a language or a version of Rust are fields.

use std::collections::BTreeSet;

use fermata_core::audit::{Action, Entry, ResourceKind};
use fermata_core::event::{OperatorEvent, OwnerEvent, ReplyKind};
use fermata_core::host_state::{News, Seen};
use fermata_core::id::{HostName, NotificationId, ProjectId};
use fermata_core::machine::Transition;
use fermata_core::reason::{Cause, HostCause, Reason};
use fermata_core::session::{
    NotificationKind, OwnerAnswer, Said, Session, SessionHostState, SessionState,
};
use tracing::Span;

use crate::convert::{reason as cause_of, session as convert};
use crate::telemetry::trace;

/// Writes an event at a level that is known only at run time.
macro_rules! line {
    ($warn:expr, $($fields:tt)*) => {
        if $warn { tracing::warn!($($fields)*) } else { tracing::info!($($fields)*) }
    };
}

/// Writes down what a transition did that was committed.
pub(super) fn of(transition: &Transition) {
    let Transition { next: session, outbox, audit, .. } = transition;
    let trace_id = trace_of(session);
    let trace_id = trace_id.as_deref();
    if let Some(entry) = audit {
        write(entry, trace_id);
    }
    for event in &outbox.operators {
        operator(session, event, trace_id);
    }
    let changed = outbox.owners.iter().filter_map(|(_, event)| match event {
        OwnerEvent::Notification(id) => Some(id),
        OwnerEvent::Server { .. } | OwnerEvent::Session { .. } => None,
    });
    for id in changed.collect::<BTreeSet<_>>() {
        silence(session, id, trace_id);
    }
}

/// An owner whose time to reply is over, and what comes of that.
fn silence(session: &Session, id: &NotificationId, trace_id: Option<&str>) {
    let Some(notification) = session.notifications.get(id) else { return };
    // What comes of it may have closed the question already.
    let now = session.head.updated_at;
    let is_silence = |answer: &OwnerAnswer| answer.at == now && answer.said == Said::Silent;
    if !notification.history.answers.iter().any(is_silence) {
        return;
    }
    let next = match &notification.kind {
        NotificationKind::Planned => "THE_SESSION_GOES_ON",
        NotificationKind::ScaleIn(_) => "ANOTHER_PLAN",
        NotificationKind::Drain(host) => {
            let server = |key| session.servers.get(key);
            let mut open =
                notification.servers.iter().filter_map(server).filter(|s| s.state.is_open());
            let held = session.hosts.get(host).is_some_and(|host| host.hold.is_some());
            match (open.all(|s| s.decision.is_some()), held) {
                (true, _) => "THE_POLICY_DECIDES",
                (false, true) => "THE_OPERATOR_DECIDES",
                (false, false) => "THE_DRAIN_IS_GIVEN_UP",
            }
        }
    };
    let About { project_id, host, kind, servers } = about(session, id);
    let (session_id, notification_id) = (&*session.head.id.to_string(), &*id.to_string());
    line!(
        matches!(next, "THE_OPERATOR_DECIDES" | "THE_DRAIN_IS_GIVEN_UP"),
        session_id,
        notification_id,
        project_id,
        host,
        kind,
        servers,
        next,
        trace_id,
        "owner silent"
    );
}

/// Writes down what somebody asked for and got.
pub fn asked(entry: &Entry) {
    write(entry, trace::trace_id(&Span::current()).as_deref());
}

fn write(entry: &Entry, trace_id: Option<&str>) {
    // Consumers do that every second.
    if entry.action == Action::AcknowledgePosition {
        return;
    }
    let Entry { who, action, resource, detail, reason } = entry;
    let (principal, role) = (who.principal.as_str(), who.role.name());
    let project_id = resource.project.as_ref().map(ProjectId::as_str);
    let of = |kind| (resource.kind == kind).then_some(resource.name.as_str());
    let (session_id, server_id) = (of(ResourceKind::Session), of(ResourceKind::ServerPolicy));
    let (subscription_id, group_id) =
        (of(ResourceKind::Subscription), of(ResourceKind::ServerGroup));
    let about_a_host = matches!(
        action,
        Action::CompleteHost
            | Action::FailHost
            | Action::SkipHost
            | Action::RetryHost
            | Action::RetryHostOverridingOwners
            | Action::ReleaseHost
    );
    let host = about_a_host.then_some(detail.as_str()).or(of(ResourceKind::Host));
    let detail = Some(detail.as_str()).filter(|detail| !about_a_host && !detail.is_empty());
    let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
    let action = action.name();
    tracing::info!(
        action,
        principal,
        role,
        session_id,
        host,
        server_id,
        subscription_id,
        group_id,
        project_id,
        detail,
        reason,
        trace_id,
        "asked for and done"
    );
}

fn operator(session: &Session, event: &OperatorEvent, trace_id: Option<&str>) {
    let id = session.head.id;
    let session_id = &*id.to_string();
    match event {
        OperatorEvent::Session { from: None, to, reason: _ } => {
            let (hosts, servers, state) = (session.hosts.len(), session.servers.len(), to.name());
            tracing::info!(session_id, state, hosts, servers, trace_id, "session created");
        }
        OperatorEvent::Session { from: Some(from), to, reason } => {
            let (cause, reason) = of_reason(reason, |cause| cause_of::session(cause).as_str_name());
            let (from, state) = (from.name(), to.name());
            line!(
                matches!(to, SessionState::Failed | SessionState::Paused),
                session_id,
                from,
                state,
                cause,
                reason,
                trace_id,
                "session state"
            );
        }
        OperatorEvent::Host { host, from, to, reason } => {
            let given_up =
                matches!(to, SessionHostState::DrainFailed | SessionHostState::MaintenanceFailed)
                    || matches!(
                        reason.cause(),
                        HostCause::ComputeServiceDown | HostCause::TargetDown
                    );
            let held = session.hosts.get(host).is_some_and(|host| host.hold.is_some());
            let (cause, reason) = of_reason(reason, |cause| cause_of::host(cause).as_str_name());
            let (host, from, state) = (host.as_str(), from.name(), to.name());
            line!(
                given_up || held,
                session_id,
                host,
                from,
                state,
                cause,
                reason,
                trace_id,
                "host state"
            );
        }
        OperatorEvent::Server { key, name, project, state, action, destination, detail } => {
            let failed = detail.as_ref().is_some_and(|detail| detail.cause().is_failure());
            let of_detail = detail
                .as_ref()
                .map(|detail| of_reason(detail, |cause| cause_of::server(cause).as_str_name()));
            let (cause, reason) =
                (of_detail.map(|(cause, _)| cause), of_detail.map(|(_, text)| text));
            let (server_id, host) = (key.server.as_str(), key.host.as_str());
            let (project_id, state) = (project.as_str(), state.name());
            let action = action.map(|action| convert::action(action).as_str_name());
            let to = destination.as_ref().map(HostName::as_str);
            if failed {
                tracing::warn!(
                    session_id,
                    host,
                    server_id,
                    name,
                    project_id,
                    action,
                    to,
                    state,
                    cause,
                    reason,
                    trace_id,
                    "server action failed"
                );
            } else {
                tracing::info!(
                    session_id,
                    host,
                    server_id,
                    name,
                    project_id,
                    action,
                    to,
                    state,
                    cause,
                    reason,
                    trace_id,
                    "server state"
                );
            }
        }
        OperatorEvent::OwnerAsked { notification } => {
            let About { project_id, host, kind, servers } = about(session, notification);
            let notification_id = &*notification.to_string();
            tracing::info!(
                session_id,
                notification_id,
                project_id,
                host,
                kind,
                servers,
                trace_id,
                "owner asked"
            );
        }
        OperatorEvent::OwnerReplied { notification, reply, comment } => {
            let About { project_id, host, kind, servers } = about(session, notification);
            let notification_id = &*notification.to_string();
            let objected = *reply == ReplyKind::Rejected;
            let (reply, comment) = (cause_of::reply(*reply).as_str_name(), comment.as_str());
            line!(
                objected,
                session_id,
                notification_id,
                project_id,
                host,
                kind,
                servers,
                reply,
                comment,
                trace_id,
                "owner replied"
            );
        }
        OperatorEvent::CounterOfferJudged { notification, declined, changed } => {
            let About { project_id, host, .. } = about(session, notification);
            let notification_id = &*notification.to_string();
            let (accepted, asked_again) = (declined.is_none(), changed.len());
            let reason = declined.as_ref().map(Reason::text);
            tracing::info!(
                session_id,
                notification_id,
                project_id,
                host,
                accepted,
                reason,
                asked_again,
                trace_id,
                "counter-offer judged"
            );
        }
        OperatorEvent::HoldBroken { host, servers } => {
            let host = host.as_str();
            for server in servers {
                let server_id = server.as_str();
                tracing::warn!(
                    session_id,
                    host,
                    server_id,
                    trace_id,
                    "server on a host that is held empty"
                );
            }
        }
    }
}

/// Writes down what the cloud says anew of hosts.
pub(super) fn seen<'a>(news: impl Iterator<Item = (&'a HostName, &'a News)>) {
    for (host, News { seen, reason }) in news {
        let (host, reason) = (host.as_str(), reason.as_str());
        match seen {
            Seen::Absent => {
                tracing::warn!(host, reason, "the cloud does not list the host any more")
            }
            Seen::Present { up, open } => {
                line!(!*up, host, up, scheduling = open, reason, "the cloud says of the host");
            }
        }
    }
}

/// The name of a cause in the contract, and its text.
fn of_reason<C: Cause>(
    reason: &Reason<C>,
    name: impl Fn(C) -> &'static str,
) -> (&'static str, &str) {
    (name(reason.cause()), reason.text())
}

/// What a notification is about.
struct About<'a> {
    project_id: Option<&'a str>,
    host: Option<&'a str>,
    kind: Option<&'static str>,
    servers: usize,
}

fn about<'a>(session: &'a Session, id: &NotificationId) -> About<'a> {
    let found = session.notifications.get(id);
    About {
        project_id: found.map(|found| found.project.as_str()),
        host: found.and_then(|found| match &found.kind {
            NotificationKind::Drain(host) => Some(host.as_str()),
            NotificationKind::Planned | NotificationKind::ScaleIn(_) => None,
        }),
        kind: found.map(|found| match &found.kind {
            NotificationKind::Planned => "PLANNED",
            NotificationKind::Drain(_) => "DRAIN",
            NotificationKind::ScaleIn(_) => "SCALE_IN",
        }),
        servers: found.map_or(0, |found| found.servers.len()),
    }
}

/// The trace of whoever asks now, else that of whoever created the session.
fn trace_of(session: &Session) -> Option<String> {
    trace::trace_id(&Span::current()).or_else(|| trace_of_creator(session))
}

/// The trace of the call that created the session.
pub fn trace_of_creator(session: &Session) -> Option<String> {
    session.head.trace_parent.as_deref().and_then(trace_in).map(str::to_owned)
}

/// The id of the trace in a stored `traceparent`.
pub fn trace_in(parent: &str) -> Option<&str> {
    parent.split('-').nth(1)
}
