//! The values of metric labels. Labels are words known when the program is built: enums here, or
//! `&'static str`. An id of a session, host, server or project can therefore never become one.

use fermata_core::cloud::CloudError;
use fermata_core::event::ActionEnd;
use fermata_core::machine::{Ask, Input};
use fermata_core::quota::Quota;
use fermata_core::reason::WaitKind;
use fermata_core::session::{NotificationState, Party, SessionHostState, SessionState};
use fermata_core::spec::Action;
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
        /// Frames of a connection that carry nothing.
        Frames => "frames",
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
        /// Time in which a request has to arrive.
        SlowRequests => "slow_requests",
        /// Time in which a client has to take something of what it is sent.
        StalledReaders => "stalled_readers",
        /// Time in which a client has to say something.
        SilentConnections => "silent_connections",
        /// Bytes of one request.
        MessageSize => "message_size",
        /// Previews that are made at once.
        Previews => "previews",
        /// Subscriptions of a project.
        Subscriptions => "subscriptions",
        /// Policies of servers of a project.
        ServerPolicies => "server_policies",
        /// Server groups of a project.
        ServerGroups => "server_groups",
        /// Sessions that are not over.
        Sessions => "sessions",
        /// Counter-offers to one notification.
        CounterOffers => "counter_offers",
    }
}

impl From<Quota> for Limit {
    fn from(quota: Quota) -> Self {
        match quota {
            Quota::Subscriptions => Self::Subscriptions,
            Quota::ServerPolicies => Self::ServerPolicies,
            Quota::ServerGroups => Self::ServerGroups,
            Quota::Sessions => Self::Sessions,
            Quota::CounterOffers => Self::CounterOffers,
        }
    }
}

label_values! {
    /// What a certificate is for.
    CertificateUse {
        /// The server shows it, or it leads from there to the CA.
        Server => "server",
        /// It is a CA of clients.
        ClientCa => "client_ca",
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

/// Values of the label `state` of hosts, in the order of [`SessionHostState::ALL`].
pub(super) const HOST_STATES: &[&str] = &[
    "waiting",
    "draining",
    "in_maintenance",
    "returning",
    "maintained",
    "retired",
    "drain_failed",
    "maintenance_failed",
    "skipped",
    "cancelled",
];

/// Values of the label `wait`, in the order of [`WaitKind::ALL`].
pub(super) const WAITS: &[&str] = &[
    "cloud_outage",
    "counter_offer_plan",
    "scale_in",
    "session_start",
    "window_start",
    "announcement_reply",
    "session_resume",
    "failed_hosts",
    "held_drain",
    "drain_reply",
    "own_action",
    "other_session",
    "group_limit",
    "group_recovery",
    "limits_lookup",
    "room",
    "agreed_order",
    "lead_time",
    "servers_leaving",
    "servers_arriving",
    "host_work",
    "host_return",
    "blocked_host",
    "policy_lead_time",
    "lost_host",
    "unreadable_site",
    "server_status",
    "disabled_reason",
];

/// Values of the label `party`, in the order of [`Party::ALL`].
pub(super) const PARTIES: &[&str] = &["operator", "owner", "cloud", "clock"];

/// Values of the label `action`.
pub(super) const ACTIONS: &[&str] = &["live_migrate", "migrate", "keep", "own_action"];

/// Values of the label `action` of moves.
pub(super) const MOVES: &[&str] = &["live_migrate", "migrate"];

/// Values of the label `connected`.
pub(super) const YES_NO: &[&str] = &["yes", "no"];

/// Every state of a host, with its label.
pub(super) fn host_states() -> impl Iterator<Item = (SessionHostState, &'static str)> {
    SessionHostState::ALL.into_iter().zip(HOST_STATES.iter().copied())
}

/// Everything that can be waited for, with its label.
pub(super) fn waits() -> impl Iterator<Item = (WaitKind, &'static str)> {
    WaitKind::ALL.iter().copied().zip(WAITS.iter().copied())
}

/// Everybody who can be waited for, with the label.
pub(super) fn parties() -> impl Iterator<Item = (Party, &'static str)> {
    Party::ALL.into_iter().zip(PARTIES.iter().copied())
}

/// What is done with a server, as a label.
pub(super) fn action(action: Action) -> &'static str {
    match action {
        Action::LiveMigrate => "live_migrate",
        Action::Migrate => "migrate",
        Action::Keep => "keep",
        Action::OwnAction => "own_action",
    }
}

label_values! {
    /// How an action on a server ended.
    ActionOutcome {
        /// As it should.
        Done => "done",
        /// It failed, and may be tried again.
        Failed => "failed",
        /// It failed, and is not tried again.
        GivenUp => "given_up",
    }
}

impl From<ActionEnd> for ActionOutcome {
    fn from(end: ActionEnd) -> Self {
        match end {
            ActionEnd::Done => Self::Done,
            ActionEnd::Failed => Self::Failed,
            ActionEnd::GivenUp => Self::GivenUp,
        }
    }
}

label_values! {
    /// What became of a question to an owner.
    OwnerReply {
        /// Every server has a decision.
        Answered => "answered",
        /// The owner objected.
        Rejected => "rejected",
        /// The owner made a counter-offer.
        CounterOffered => "counter_offered",
        /// The owner said nothing in time.
        Silent => "silent",
    }
}

impl OwnerReply {
    /// What a question became; `None`: it is open, or nobody asks any more.
    pub fn of(state: NotificationState) -> Option<Self> {
        match state {
            NotificationState::Answered => Some(Self::Answered),
            NotificationState::Rejected => Some(Self::Rejected),
            NotificationState::CounterOffered => Some(Self::CounterOffered),
            NotificationState::Expired => Some(Self::Silent),
            NotificationState::Pending | NotificationState::Closed => None,
        }
    }
}

label_values! {
    /// What takes longer than it should.
    Late {
        /// The operator's work on a host.
        Work => "work",
        /// A session, which will not be over when its window ends.
        Window => "window",
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
        Input::Down(_) => "down",
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
    fn hosts_waits_and_parties_have_the_names_of_the_contract() {
        use crate::convert::{reason, session};
        assert_eq!(host_states().count(), HOST_STATES.len());
        for (state, name) in host_states() {
            let known = session::host_state(state).as_str_name();
            assert_eq!(known, format!("SESSION_HOST_STATE_{}", name.to_uppercase()));
        }
        assert_eq!(WaitKind::ALL.len(), WAITS.len());
        for (wait, name) in waits() {
            let known = reason::wait(wait).as_str_name();
            assert_eq!(known, format!("WAIT_KIND_{}", name.to_uppercase()));
        }
        for (party, name) in parties() {
            assert_eq!(format!("{party:?}").to_lowercase(), name);
        }
    }

    #[test]
    fn session_states_are_those_of_the_contract() {
        for state in [SessionState::Scheduled, SessionState::Cancelling, SessionState::Completed] {
            assert_eq!(session_state(state), state.name().to_lowercase());
            assert!(SESSION_STATES.contains(&session_state(state)));
        }
    }
}
