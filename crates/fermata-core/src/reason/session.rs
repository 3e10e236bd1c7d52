//! Why a session is in its state.

use super::{Reason, causes};

/// Why a session is in its state, for people and programs.
pub type SessionReason = Reason<SessionCause>;

causes! {
    /// Why a session is in its state.
    SessionCause {
        /// Created; the owners know of it.
        Announced,
        /// It started.
        Started,
        /// What is left of the window is too short for the hosts that wait.
        WindowOver,
        /// Every host is done.
        HostsDone,
        /// Hosts failed.
        HostsFailed,
        /// The last failed host was skipped or is tried again.
        FailuresResolved,
        /// The operator paused it.
        OperatorPaused,
        /// The operator resumed it.
        OperatorResumed,
        /// The operator resumed it after failures; failed hosts are tried again.
        OperatorRetried,
        /// The operator cancelled it.
        OperatorCancelled,
    }
}

impl SessionReason {
    /// Created.
    pub fn announced() -> Self {
        Self::new(
            SessionCause::Announced,
            "the owners are notified; the session waits for its start",
        )
    }

    /// Started.
    pub fn started() -> Self {
        Self::new(SessionCause::Started, "hosts are being maintained")
    }

    /// No host that waits fits into what is left of the window.
    pub fn window_over() -> Self {
        let text = "the window is over or too short for the hosts that wait; move its end with \
             UpdateSession and call ResumeSession, or CancelSession";
        Self::new(SessionCause::WindowOver, text)
    }

    /// Every host is done, or was left out of the session, which says how many of them.
    pub fn hosts_done(skipped: usize, hosts: usize) -> Self {
        let text = match skipped {
            0 => "every host is done".to_owned(),
            all if all == hosts => "every host was skipped".to_owned(),
            some => format!("{} of {hosts} hosts are done, {some} skipped", hosts - some),
        };
        Self::new(SessionCause::HostsDone, text)
    }

    /// So many hosts failed.
    pub fn hosts_failed(hosts: usize) -> Self {
        let text = format!("{hosts} host(s) failed; the session waits for the operator");
        Self::new(SessionCause::HostsFailed, text)
    }

    /// No host is failed any more.
    pub fn failures_resolved() -> Self {
        Self::new(SessionCause::FailuresResolved, "no host is failed any more")
    }

    /// The operator paused it.
    pub fn paused(given: &str) -> Self {
        Self::given(SessionCause::OperatorPaused, given, "paused by the operator")
    }

    /// The operator resumed it.
    pub fn resumed(given: &str) -> Self {
        Self::given(SessionCause::OperatorResumed, given, "resumed by the operator")
    }

    /// The operator resumed it after hosts had failed.
    pub fn retried(given: &str) -> Self {
        let default = "the operator tries failed hosts again";
        Self::given(SessionCause::OperatorRetried, given, default)
    }

    /// The operator cancelled it.
    pub fn cancelled(given: &str) -> Self {
        Self::given(SessionCause::OperatorCancelled, given, "cancelled by the operator")
    }
}
