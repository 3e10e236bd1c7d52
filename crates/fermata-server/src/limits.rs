//! How much callers may take at once. What a caller holds is bounded at the door, before anybody works for it; what one
//! caller may hold is a part of what there is, so that others still get something.

use std::time::Duration;

/// Descriptors that are not for connections: the database, the log, the cloud, whatever opens a file.
const DESCRIPTORS_OF_OUR_OWN: usize = 256;

/// How much callers may take at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections, in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// Streams and calls that one connection may have open; a client waits before it opens another.
    pub streams_per_connection: u32,
    /// Streams of events, in all.
    pub streams: usize,
    /// Streams of events of one principal.
    pub streams_per_principal: usize,
    /// Calls that are answered at once, in all.
    pub calls: usize,
    /// Calls of one principal, or of one connection, that are answered at once.
    pub calls_per_principal: usize,
    /// Calls of one principal in a second, on average; `None`: as many as it likes.
    pub call_rate: Option<u32>,
    /// How long a request may take to arrive.
    pub request_timeout: Duration,
    /// Bytes of requests that are not answered yet, in all. One connection may have a quarter of them.
    pub request_bytes: usize,
    /// A connection whose client takes nothing of what it is sent is closed after this time.
    pub stalled_after: Duration,
    /// Frames of a connection that carry nothing, in a second; twice as many in one go.
    pub empty_frames: u32,
    /// A connection that is so old is ended in good order, so that clients spread over replicas again; `None`: it may grow as old
    /// as it likes.
    pub connection_age: Option<Duration>,
    /// Its streams end within this, one after the other, and what is left is cut off.
    pub connection_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let streams = 20_000;
        let calls = 512;
        Self {
            connections: 10_000,
            connections_per_address: 5_000,
            streams_per_connection: 10_000,
            streams,
            streams_per_principal: streams / 2,
            calls,
            calls_per_principal: calls / 4,
            call_rate: Some(1000),
            request_timeout: Duration::from_secs(15),
            request_bytes: 64 << 20,
            stalled_after: Duration::from_secs(60),
            empty_frames: 10_000,
            connection_age: Some(Duration::from_secs(12 * 3600)),
            connection_grace: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// The same, with no more connections than this process may have descriptors. It takes as many of those as the system
    /// lets it have.
    #[must_use]
    pub fn within_the_system(self) -> Self {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut have = getrlimit(Resource::Nofile);
        let most = rustix::process::Rlimit { current: have.maximum, maximum: have.maximum };
        if setrlimit(Resource::Nofile, most).is_ok() {
            have = most;
        }
        let Some(descriptors) = have.current else { return self };
        let descriptors = usize::try_from(descriptors).unwrap_or(usize::MAX);
        let room = descriptors.saturating_sub(DESCRIPTORS_OF_OUR_OWN).max(1);
        if room < self.connections {
            tracing::warn!(
                descriptors,
                connections = room,
                wanted = self.connections,
                "this process may not have enough file descriptors; raise its limit (nofile)"
            );
        }
        let connections = self.connections.min(room);
        Self {
            connections,
            connections_per_address: self.connections_per_address.min(connections),
            ..self
        }
    }
}
