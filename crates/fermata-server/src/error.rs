//! What can go wrong while a call is served. [`crate::status`] is the one place that turns it into an answer.

use std::time::Duration;

use fermata_core::actor::Role;
use fermata_core::cloud::CloudError;
use fermata_core::id::{HostName, ProjectId, SessionId};
use fermata_core::machine::Reject;
use fermata_core::spec::{Violation, summary};
use fermata_store::StoreError;
use thiserror::Error;

/// Why a call was not served.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the reasons are documented in errors.proto")]
pub enum ServeError {
    #[error("{}", summary(.0))]
    Violations(Vec<Violation>),
    #[error("no such session; ListSessions lists them")]
    SessionNotFound,
    #[error("the cloud has no such host; ListHosts lists them")]
    HostNotFound,
    #[error("no active session holds this host")]
    HostNotHeld,
    #[error("host '{host}' is {state} in session {session}: {ends}")]
    HostHeld { host: HostName, session: SessionId, state: &'static str, ends: &'static str },
    #[error(
        "host '{host}' was disabled by somebody else, {}; ask them, or override it",
        for_a_reason(.reason)
    )]
    HostDisabledByOther { host: HostName, reason: String },
    #[error("the cloud does not switch the scheduling of host '{host}': {error}")]
    SwitchRefused { host: HostName, error: CloudError },
    #[error("no such notification in this project; ListNotifications lists them")]
    NotificationNotFound,
    #[error("no such subscription in this project; ListSubscriptions lists them")]
    SubscriptionNotFound,
    #[error("no policy applies to this server in this project; ListServerPolicies lists policies")]
    PolicyNotFound,
    #[error("no such group of servers in this project; ListServerGroups lists them")]
    ServerGroupNotFound,
    #[error(transparent)]
    Reject(#[from] Reject),
    #[error(
        "the etag is not the current one: it changed meanwhile; read it again and decide again"
    )]
    EtagMismatch { etag: String },
    #[error("it exists, and the mode is CREATE_ONLY; read it, or choose another mode")]
    Exists { etag: String },
    #[error("too many concurrent changes; try again")]
    Concurrent,
    #[error("this request_id was used before with another request; use a new one")]
    RequestIdReused,
    #[error("the session is {state}; only one that is COMPLETED or CANCELLED can be deleted")]
    NotDeletable { state: &'static str },
    #[error(
        "the resume token is damaged, or of another store, stream or filter; begin with a snapshot"
    )]
    ResumeTokenInvalid,
    #[error("the resume token is older than what is kept; begin with a snapshot")]
    ResumeTokenExpired { first_kept: u64 },
    #[error(
        "the acknowledged position {sequence} is older than what is kept, which begins with {first_kept}; begin with a snapshot"
    )]
    AcknowledgedExpired { sequence: u64, first_kept: u64 },
    #[error("the page token is damaged or of another list call; begin with the first page")]
    PageTokenInvalid,
    #[error("the reader was {behind:?} behind and was cut off; resume with the last token")]
    SlowReader { behind: Duration },
    #[error("{limit} streams are open, which is the limit; try again later")]
    TooManyStreams { limit: usize },
    #[error(
        "{limit} calls are answered at once for this {scope}, which is the limit; call again in a moment"
    )]
    TooManyCalls { scope: &'static str, limit: usize },
    #[error("more than {limit} calls in a second; call again in {retry:?}")]
    CallRateExceeded { limit: u32, retry: Duration },
    #[error("the request did not arrive within {timeout:?}; send it again")]
    RequestTooSlow { timeout: Duration },
    #[error("{limit} previews are being made, which is the limit; try again later")]
    TooManyPreviews { limit: usize },
    #[error("another replica works on the session now")]
    LeaseLost,
    #[error("Fermata is shutting down; call again")]
    ShuttingDown,
    #[error("Fermata has not finished its start; call again")]
    Starting,
    #[error("the call carries no credential that is taken here; send one")]
    CredentialsMissing,
    #[error("the credential is not valid here; check it, and where it comes from")]
    CredentialsInvalid,
    #[error("the credential has expired or was revoked; call again with a new one")]
    CredentialsExpired,
    #[error("{who}, who knows whether the credential is good, does not answer; call again")]
    CredentialsUndecided { who: &'static str },
    #[error("the method is for callers with the role {roles}; use a credential that has it")]
    RoleRequired { roles: String },
    #[error(
        "project '{project}' is not one of the caller's; name another one, or use its credential"
    )]
    ProjectForeign { project: ProjectId },
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ServeError {
    /// The method is for callers with one of these roles.
    pub fn role_required(roles: &[Role]) -> Self {
        let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
        Self::RoleRequired { roles: roles.join(",") }
    }

    /// A violation of one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Violations(vec![Violation::field(field, message)])
    }
}

fn for_a_reason(reason: &str) -> String {
    if reason.is_empty() { "without a reason".to_owned() } else { format!("for '{reason}'") }
}
