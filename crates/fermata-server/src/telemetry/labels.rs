//! The values of metric labels. Labels are words known when the program is built: enums here, or
//! `&'static str`. An id of a session, host, server or project can therefore never become one.

use fermata_core::cloud::CloudError;
use fermata_core::machine::{Ask, Input};
use fermata_core::session::SessionState;
use tonic::Code;

/// Declares an enum of label values, with the list of all of them for the documentation.
macro_rules! label_values {
    (
        $(#[$doc:meta])* $name:ident {
            $( $(#[$variant_doc:meta])* $variant:ident => $value:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )+
        }

        impl $name {
            /// Every value.
            pub const VALUES: &'static [&'static str] = &[$($value),+];

            /// The label's value.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $value, )+
                }
            }
        }
    };
}

label_values! {
    /// What a stream is about.
    StreamKind {
        /// `NotificationService.Subscribe`.
        Notifications => "notifications",
        /// `SessionService.WatchSession`.
        Session => "session",
        /// `HostService.WatchHosts`.
        Hosts => "hosts",
    }
}

label_values! {
    /// What a connection to the database does.
    ConnectionState {
        /// A statement or transaction runs on it.
        InUse => "in_use",
        /// Nothing.
        Idle => "idle",
    }
}

label_values! {
    /// Of what a caller wanted more than there is, or than its share.
    Limit {
        /// Connections.
        Connections => "connections",
        /// Connections from one address.
        ConnectionsPerAddress => "connections_per_address",
        /// Calls of one connection at once.
        ConnectionCalls => "connection_calls",
        /// Calls of one principal at once.
        PrincipalCalls => "principal_calls",
        /// Calls that need no credential.
        OpenCalls => "open_calls",
        /// Calls at once.
        Calls => "calls",
        /// Calls of one principal in a second.
        CallRate => "call_rate",
        /// Bytes of requests that are not answered yet.
        RequestBytes => "request_bytes",
        /// Streams.
        Streams => "streams",
        /// Streams of one principal.
        PrincipalStreams => "principal_streams",
    }
}

label_values! {
    /// Where a stream starts.
    StreamStart {
        /// With a snapshot.
        Snapshot => "snapshot",
        /// After a resume token.
        Resume => "resume",
        /// With what happens from now on.
        Now => "now",
    }
}

label_values! {
    /// What a topic of the event log is about.
    TopicKind {
        /// What a project's owner is told.
        Owner => "owner",
        /// What operators are told about a session.
        Session => "session",
        /// What infrastructure components are told.
        Infrastructure => "infrastructure",
    }
}

label_values! {
    /// How a step of a session's state machine ended.
    StepOutcome {
        /// The session went on.
        Applied => "applied",
        /// The input was refused.
        Rejected => "rejected",
    }
}

label_values! {
    /// How a call to the cloud ended; the errors are those of [`CloudError`].
    CloudOutcome {
        /// Accepted, or read.
        Ok => "ok",
        /// Not known there.
        NotFound => "not_found",
        /// The state does not allow it.
        Conflict => "conflict",
        /// Refused for good.
        Rejected => "rejected",
        /// Not reached.
        Unavailable => "unavailable",
        /// No answer: it may have happened.
        Unknown => "unknown",
    }
}

impl CloudOutcome {
    /// The outcome that a result stands for.
    pub fn of<T>(result: &Result<T, CloudError>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(CloudError::NotFound { .. }) => Self::NotFound,
            Err(CloudError::Conflict { .. }) => Self::Conflict,
            Err(CloudError::Rejected { .. }) => Self::Rejected,
            Err(CloudError::Unavailable { .. }) => Self::Unavailable,
            Err(CloudError::Unknown { .. }) => Self::Unknown,
        }
    }
}

label_values! {
    /// How a database transaction ended.
    TransactionOutcome {
        /// Committed.
        Committed => "committed",
        /// Rolled back because the domain said no.
        RolledBack => "rolled_back",
        /// Lost against another one; it is tried again.
        Conflict => "conflict",
        /// The database failed.
        Failed => "failed",
    }
}

/// Values of the label `state`.
pub(super) const SESSION_STATES: &[&str] =
    &["scheduled", "running", "paused", "cancelling", "cancelled", "failed", "completed"];

/// A session's state as a label.
pub(super) fn session_state(state: SessionState) -> &'static str {
    match state {
        SessionState::Scheduled => "scheduled",
        SessionState::Running => "running",
        SessionState::Paused => "paused",
        SessionState::Cancelling => "cancelling",
        SessionState::Cancelled => "cancelled",
        SessionState::Failed => "failed",
        SessionState::Completed => "completed",
    }
}

/// What kind of input a step got, as a label.
pub fn input_kind(input: &Input) -> &'static str {
    match input {
        Input::Asked { what, .. } => match what {
            Ask::Command { .. } => "command",
            Ask::HostCommand { .. } => "host_command",
            Ask::Update { .. } => "update",
            Ask::Reply { .. } => "reply",
        },
        Input::Tick => "tick",
        Input::Begin { .. } => "begin",
        Input::Ended { .. } => "ended",
        Input::StatusRead { .. } => "status_read",
        Input::ServersRead { .. } => "servers_read",
        Input::Planned(_) => "planned",
        Input::Progress(_) => "progress",
        Input::Recover { .. } => "recover",
        Input::Outages(_) => "outages",
    }
}

/// Values of the label `code`: the names of gRPC's status codes, by number.
pub(super) const CODES: &[&str] = &[
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// A gRPC status code as a label.
pub(super) fn code_name(code: Code) -> &'static str {
    CODES.get(code as usize).copied().unwrap_or("UNKNOWN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_names() {
        assert_eq!(code_name(Code::Ok), "OK");
        assert_eq!(code_name(Code::FailedPrecondition), "FAILED_PRECONDITION");
        assert_eq!(code_name(Code::Unauthenticated), "UNAUTHENTICATED");
    }

    #[test]
    fn session_states_are_those_of_the_contract() {
        for state in [SessionState::Scheduled, SessionState::Cancelling, SessionState::Completed] {
            assert_eq!(session_state(state), state.name().to_lowercase());
            assert!(SESSION_STATES.contains(&session_state(state)));
        }
    }
}
