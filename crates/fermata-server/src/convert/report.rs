//! What a session did, host by host and server by server.

use fermata_core::Time;
use fermata_core::session::{Session, SessionHost, SessionServer};
use fermata_proto::v1;

use super::session as convert;
use super::span;

/// The report, without its hosts and questions.
pub fn report(session: &Session, now: Time) -> v1::SessionReport {
    let head = &session.head;
    let duration = head.started_at.map(|from| head.ended_at.unwrap_or(now) - from);
    v1::SessionReport {
        session: Some(convert::basic(head, session.progress(), now)),
        hosts: Vec::new(),
        notifications: Vec::new(),
        duration: duration.map(span),
    }
}

/// What happened to a host, without its servers.
pub fn host(session: &Session, entry: &SessionHost, now: Time) -> v1::HostReport {
    let between = |from: Option<Time>, to: Option<Time>| Some(span(to? - from?));
    v1::HostReport {
        host: Some(convert::host(session, entry, now)),
        drain_duration: between(entry.drain_started_at, entry.empty_at),
        work_duration: between(entry.empty_at, entry.work_ended_at),
        servers: Vec::new(),
    }
}

/// What happened to a server.
pub fn server(entry: &SessionServer) -> v1::SessionServer {
    convert::server(entry)
}
