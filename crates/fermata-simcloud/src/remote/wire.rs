//! What the lines say: requests, answers, and errors in words that do not change.
//!
//! ```text
//! {"operation":"migrate","server":"amf-1","target":null}
//! {"ok":null}
//! {"operation":"start","server":"nobody"}
//! {"error":{"kind":"not_found","detail":"server nobody could not be found"}}
//! ```

use fermata_core::Time;
use fermata_core::cloud::{CloudError, MigrationId, OutageKind, Scheduling};
use fermata_core::id::{HostName, ServerId};
use serde::{Deserialize, Serialize};

use crate::faults::Fault;
use crate::journal::{Entry, Event};
use crate::others::NewServer;

/// A request: a call of the port, or something past it. Options may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    Check {},
    Hosts {},
    SetScheduling { host: HostName, scheduling: Scheduling },
    Arriving { host: HostName, since: Moment },
    ServersOn { host: HostName },
    Progress { servers: Vec<ServerId>, since: Moment },
    Site {},
    Projects {},
    LiveMigrate { server: ServerId, target: Option<HostName> },
    Migrate { server: ServerId, target: Option<HostName> },
    ConfirmMigration { server: ServerId },
    AbortMigration { server: ServerId, migration: MigrationId },
    Stop { server: ServerId },
    Start { server: ServerId },
    Journal { from: u64 },
    Inject { fault: Fault },
    ClearFaults {},
    CreateServer(NewServer),
    DeleteServer { server: ServerId },
    MoveServer { server: ServerId, host: HostName },
    HostGoesDown { host: HostName },
    HostComesUp { host: HostName },
}

impl Request {
    /// Whether it only looks, so that a lost answer leaves nothing in doubt.
    pub(super) fn is_read(&self) -> bool {
        match self {
            Self::Check {}
            | Self::Hosts {}
            | Self::Arriving { .. }
            | Self::ServersOn { .. }
            | Self::Progress { .. }
            | Self::Site {}
            | Self::Projects {}
            | Self::Journal { .. } => true,
            Self::SetScheduling { .. }
            | Self::LiveMigrate { .. }
            | Self::Migrate { .. }
            | Self::ConfirmMigration { .. }
            | Self::AbortMigration { .. }
            | Self::Stop { .. }
            | Self::Start { .. }
            | Self::Inject { .. }
            | Self::ClearFaults {}
            | Self::CreateServer(_)
            | Self::DeleteServer { .. }
            | Self::MoveServer { .. }
            | Self::HostGoesDown { .. }
            | Self::HostComesUp { .. } => false,
        }
    }
}

/// A time as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Moment(#[serde(with = "time::serde::rfc3339")] pub(super) Time);

/// An entry of the journal; the same as [`Entry`] but for how the time is written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireEntry {
    number: u64,
    at: Moment,
    event: Event,
}

impl From<Entry> for WireEntry {
    fn from(Entry { number, at, event }: Entry) -> Self {
        Self { number, at: Moment(at), event }
    }
}

impl From<WireEntry> for Entry {
    fn from(WireEntry { number, at, event }: WireEntry) -> Self {
        Self { number, at: at.0, event }
    }
}

/// The answer to a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer<T> {
    Ok(T),
    Error(WireError),
}

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireError {
    pub(super) kind: ErrorKind,
    pub(super) detail: String,
}

/// The kinds of [`CloudError`], and requests that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErrorKind {
    NotFound,
    Conflict,
    Rejected,
    Unavailable,
    Unknown,
    /// The line is no request, or one without meaning. Nothing happened.
    BadRequest,
}

impl WireError {
    pub(super) fn bad_request(detail: impl ToString) -> Self {
        Self { kind: ErrorKind::BadRequest, detail: detail.to_string() }
    }
}

impl From<CloudError> for WireError {
    fn from(error: CloudError) -> Self {
        let (kind, detail) = match error {
            CloudError::NotFound { detail } => (ErrorKind::NotFound, detail),
            CloudError::Conflict { detail } => (ErrorKind::Conflict, detail),
            CloudError::Rejected { detail } => (ErrorKind::Rejected, detail),
            CloudError::Unavailable { kind: _, detail } => (ErrorKind::Unavailable, detail),
            CloudError::Unknown { detail } => (ErrorKind::Unknown, detail),
        };
        Self { kind, detail }
    }
}

impl From<WireError> for CloudError {
    fn from(WireError { kind, detail }: WireError) -> Self {
        match kind {
            ErrorKind::NotFound => Self::NotFound { detail },
            ErrorKind::Conflict => Self::Conflict { detail },
            ErrorKind::Rejected | ErrorKind::BadRequest => Self::Rejected { detail },
            ErrorKind::Unavailable => Self::Unavailable { kind: OutageKind::Overloaded, detail },
            ErrorKind::Unknown => Self::Unknown { detail },
        }
    }
}
