//! What a session did, host by host and server by server.

use fermata_core::Time;
use fermata_core::session::{Session, SessionHost, SessionServer};
use fermata_proto::v1;

use super::session as convert;
use super::{reason, span, timestamp};

/// The report with these hosts.
pub fn report<'a>(
    session: &Session,
    hosts: impl Iterator<Item = &'a SessionHost>,
    now: Time,
) -> v1::SessionReport {
    let head = &session.head;
    let duration = head.started_at.map(|from| head.ended_at.unwrap_or(now) - from);
    v1::SessionReport {
        session: Some(convert::head(head, session.progress())),
        hosts: hosts.map(|h| host(session, h)).collect(),
        duration: duration.map(span),
    }
}

fn host(session: &Session, entry: &SessionHost) -> v1::HostReport {
    let between = |from: Option<Time>, to: Option<Time>| Some(span(to? - from?));
    v1::HostReport {
        host: Some(convert::host(session, entry)),
        drain_duration: between(entry.drain_started_at, entry.empty_at),
        work_duration: between(entry.empty_at, entry.work_ended_at),
        servers: session.servers_of(&entry.host).map(|s| server(s)).collect(),
    }
}

fn server(entry: &SessionServer) -> v1::ServerReport {
    let decision = entry.decision.as_ref();
    let (error_cause, error) = reason::of_server(entry.error.as_ref());
    let tried = u32::from(entry.act_started_at.is_some());
    v1::ServerReport {
        server_id: entry.key.server.to_string(),
        name: entry.name.clone(),
        project_id: entry.project.to_string(),
        state: convert::server_state(entry.state).into(),
        action: decision.map(|d| convert::action(d.action).into()).unwrap_or_default(),
        decision_source: decision.map(|d| convert::source(d.source).into()).unwrap_or_default(),
        decide_time: decision.map(|d| timestamp(d.at)),
        action_start_time: entry.act_started_at.map(timestamp),
        action_end_time: entry.act_ended_at.map(timestamp),
        attempts: entry.failures + tried * u32::from(entry.error.is_none()),
        destination_host: entry.destination.as_ref().map(ToString::to_string).unwrap_or_default(),
        error,
        error_cause: error_cause.into(),
    }
}
