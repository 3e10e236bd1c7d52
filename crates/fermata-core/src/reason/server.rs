//! Why a server of a session is in its state, and why an action on it failed.

use std::fmt::Display;

use super::{Reason, causes};

/// Why a server is in its state, for people and programs.
pub type ServerReason = Reason<ServerCause>;

causes! {
    /// Why a server is in its state, or why an action on it failed.
    ServerCause {
        /// Its owner acts itself.
        OwnerActs,
        /// Fermata stopped it for the work on its host.
        StoppedForWork,
        /// It was stopped before the work on its host.
        WasStopped,
        /// Its host is back; it was stopped before the work and stays stopped.
        StaysStopped,
        /// It is not on the host any more.
        LeftHost,
        /// The work on its host failed while it was stopped there.
        WorkFailed,
        /// It was broken, or the cloud was still at it, when its host was given back.
        LeftBroken,
        /// The cloud refused the action.
        Refused,
        /// The cloud did not answer, and did not begin the action.
        NotAnswered,
        /// The cloud did not begin the action.
        NotBegun,
        /// The cloud accepted the action and did nothing.
        Ignored,
        /// The migration failed in the cloud.
        MigrationFailed,
        /// Somebody aborted the migration.
        Aborted,
        /// The action took longer than `action_timeout`.
        TimedOut,
        /// Somebody moved it back.
        MovedBack,
        /// Somebody reverted the migration.
        Reverted,
        /// The cloud was busy with it.
        CloudBusy,
        /// It is in the status ERROR.
        ServerError,
    }
}

impl ServerCause {
    /// Whether an action on the server failed.
    pub fn is_failure(self) -> bool {
        match self {
            Self::Refused
            | Self::NotAnswered
            | Self::NotBegun
            | Self::Ignored
            | Self::MigrationFailed
            | Self::Aborted
            | Self::TimedOut
            | Self::MovedBack
            | Self::Reverted
            | Self::CloudBusy
            | Self::ServerError
            | Self::LeftBroken => true,
            Self::OwnerActs
            | Self::StoppedForWork
            | Self::WasStopped
            | Self::StaysStopped
            | Self::LeftHost
            | Self::WorkFailed => false,
        }
    }
}

impl ServerReason {
    /// Its owner's own action is awaited.
    pub fn owner_acts() -> Self {
        Self::new(ServerCause::OwnerActs, "your action is awaited")
    }

    /// Stopped for the work.
    pub fn stopped_for_work() -> Self {
        Self::new(ServerCause::StoppedForWork, "stopped; it is started when its host is back")
    }

    /// It was stopped before.
    pub fn was_stopped() -> Self {
        Self::new(ServerCause::WasStopped, "it was stopped already, and stays so")
    }

    /// Its host is back, it stays stopped.
    pub fn stays_stopped() -> Self {
        let text = "its host is back; it was stopped before and stays so";
        Self::new(ServerCause::StaysStopped, text)
    }

    /// It is not on the host any more.
    pub fn left_host() -> Self {
        Self::new(ServerCause::LeftHost, "it is not on this host any more")
    }

    /// The work on its host failed.
    pub fn work_failed() -> Self {
        let text = "the work on its host failed; it stays stopped, the operator decides";
        Self::new(ServerCause::WorkFailed, text)
    }

    /// Its host did not come back, and the operator goes on without it.
    pub fn host_lost() -> Self {
        let text = "its host did not come back into service; the operator decides";
        Self::new(ServerCause::WorkFailed, text)
    }

    /// It is broken, or the cloud is still at it.
    pub fn left_broken() -> Self {
        Self::new(ServerCause::LeftBroken, "left to the operator")
    }

    /// The cloud refused. The error may name hosts: only for operators.
    pub fn refused(error: &dyn Display) -> Self {
        Self::new(ServerCause::Refused, error.to_string())
    }

    /// As [`Self::refused`], for owners.
    pub fn refused_for_owner() -> Self {
        Self::new(ServerCause::Refused, "the cloud refused it")
    }

    /// The cloud did not answer. The error may name hosts: only for operators.
    pub fn not_answered(error: &dyn Display) -> Self {
        Self::new(ServerCause::NotAnswered, error.to_string())
    }

    /// The cloud did not begin the action.
    pub fn not_begun() -> Self {
        Self::new(ServerCause::NotBegun, "the cloud did not begin it")
    }

    /// The cloud accepted the action and did nothing.
    pub fn ignored() -> Self {
        Self::new(ServerCause::Ignored, "the cloud accepted it and did nothing")
    }

    /// The cloud ended the migration with this status.
    pub fn migration_failed(what: &str, status: &str) -> Self {
        Self::new(ServerCause::MigrationFailed, format!("the {what} ended in '{status}'"))
    }

    /// Somebody else than Fermata aborted the migration.
    pub fn aborted(what: &str, status: &str) -> Self {
        let text = format!("the {what} ended in '{status}': somebody aborted it");
        Self::new(ServerCause::Aborted, text)
    }

    /// Fermata aborted the migration, because it took too long.
    pub fn timed_out(what: &str, status: &str) -> Self {
        let text = format!("the {what} ended in '{status}': it took too long and was aborted");
        Self::new(ServerCause::TimedOut, text)
    }

    /// It takes too long and cannot be ended.
    pub fn endless() -> Self {
        let text = "it did not end in time and the cloud is still at it";
        Self::new(ServerCause::TimedOut, text)
    }

    /// Somebody moved it back.
    pub fn moved_back() -> Self {
        Self::new(ServerCause::MovedBack, "it was moved, and somebody moved it back")
    }

    /// Somebody reverted the migration.
    pub fn reverted() -> Self {
        Self::new(ServerCause::Reverted, "somebody reverted the migration")
    }

    /// The cloud was busy with it.
    pub fn cloud_busy() -> Self {
        Self::new(ServerCause::CloudBusy, "the cloud was busy with the server all the time")
    }

    /// It is in ERROR.
    pub fn server_error() -> Self {
        Self::new(ServerCause::ServerError, "the server is in ERROR; the operator decides")
    }

    /// The same, and what comes next.
    pub(crate) fn then(&self, next: &str) -> Self {
        Self::new(self.cause(), format!("{}; {next}", self.text))
    }
}
