//! Why a host of a session is in its state.

use std::fmt::Display;

use super::{BlockCause, BlockReason, Reason, ServerReason, causes};
use crate::cloud::ServerStatus;
use crate::id::{HostName, ProjectId, ServerId};
use crate::session::Op;

/// Why a host is in its state, for people and programs.
pub type HostReason = Reason<HostCause>;

causes! {
    /// Why a host is in its state. Which ones occur depends on the state; one that holds a drain (DRAINING) may also
    /// end it (RETURNING, DRAIN_FAILED).
    HostCause {
        /// Its turn has not come.
        NotItsTurn,
        /// No plan drains it.
        NoPlan,
        /// By a counter-offer it comes after a host that no plan drains.
        AfterBlockedHost,
        /// The operator wants it to be tried again.
        ToBeTriedAgain,
        /// Its scheduling is being disabled.
        DisablingScheduling,
        /// Its servers are being read.
        ReadingServers,
        /// Owners are asked for decisions.
        OwnersAsked,
        /// A plan is made with an owner's counter-offer.
        PlanningCounterOffer,
        /// Owners have decided; their lead time runs.
        LeadTime,
        /// Servers are leaving.
        ServersLeaving,
        /// Servers are on their way to it.
        ServersArriving,
        /// No server is left; it is read again to be sure.
        VerifyingEmpty,
        /// The cloud did not answer when its scheduling was switched; tried again.
        SchedulingUnanswered,
        /// The cloud did not switch its scheduling; tried again.
        SchedulingFailed,
        /// The operator goes on with a drain that was held.
        OperatorContinued,
        /// An owner objected.
        OwnerObjected,
        /// An owner did not reply in time.
        OwnerSilent,
        /// A server must not be migrated by its policy, and the host leaves for good.
        PolicyForbidsMove,
        /// An action on a server failed for good, or a server is broken.
        ServerFailed,
        /// It was not empty in time.
        DrainTimedOut,
        /// Its compute service is down.
        ComputeServiceDown,
        /// The cloud refused to disable its scheduling.
        SchedulingRefused,
        /// The operator reported that it failed.
        OperatorFailed,
        /// The operator left it out.
        OperatorSkipped,
        /// The operator cancelled the session.
        SessionCancelled,
        /// Verified empty and held.
        HeldEmpty,
        /// Somebody enabled its scheduling while it is held.
        SchedulingEnabledByOther,
        /// Servers turned up while it is held.
        HoldBroken,
        /// The servers that turned up are gone.
        HoldRestored,
        /// The work is done; it is given back.
        WorkDone,
        /// An owner's counter-offer was accepted; it is drained later.
        PutOff,
        /// It is given back as soon as its compute service reports.
        AwaitingComputeService,
        /// Back in service after the work.
        BackInService,
        /// Empty and disabled for good.
        Retired,
        /// The work is done; the host stays disabled, as somebody else left it.
        StaysDisabled,
        /// The cloud does not list it.
        NotListed => SchedulingFailed,
        /// The cloud refuses to show it.
        Unreadable => SchedulingFailed,
        /// The cloud refuses to show the servers on it.
        ServersUnreadable => SchedulingFailed,
        /// It was not back in service in time; the operator may go on without it.
        NotBackInTime => AwaitingComputeService,
        /// A server on it is in a status in which nothing can be done with it.
        ServerStatus => ServersLeaving,
        /// The compute service of a host to which a server of it is moved is down.
        TargetDown => ServersLeaving,
    }
}

impl HostCause {
    /// Whether a host that is given back may not come back at all, so that the operator may go on without it.
    pub(crate) fn is_doubtful(self) -> bool {
        matches!(
            self,
            Self::AwaitingComputeService
                | Self::NotListed
                | Self::Unreadable
                | Self::NotBackInTime
                | Self::SchedulingUnanswered
                | Self::SchedulingFailed
        )
    }

    /// Whether it says that the cloud does not show the host, or what is on it.
    pub(crate) fn is_unread(self) -> bool {
        matches!(self, Self::NotListed | Self::Unreadable | Self::ServersUnreadable)
    }
}

impl HostReason {
    /// Its turn has not come.
    pub fn not_its_turn() -> Self {
        Self::new(HostCause::NotItsTurn, "its turn has not come")
    }

    /// It has no wave.
    pub fn blocked(why: &BlockReason) -> Self {
        let cause = match why.cause() {
            BlockCause::NoPlan => HostCause::NoPlan,
            BlockCause::AfterBlockedHost => HostCause::AfterBlockedHost,
        };
        Self::new(cause, format!("it cannot be drained: {why}"))
    }

    /// The operator wants it to be tried again.
    pub fn to_be_tried_again() -> Self {
        Self::new(HostCause::ToBeTriedAgain, "to be tried again")
    }

    /// Its scheduling is being disabled.
    pub fn disabling_scheduling() -> Self {
        Self::new(HostCause::DisablingScheduling, "scheduling is being disabled")
    }

    /// Its servers are being read.
    pub fn reading_servers() -> Self {
        Self::new(HostCause::ReadingServers, "its servers are being read")
    }

    /// Owners are asked.
    pub fn owners_asked() -> Self {
        Self::new(HostCause::OwnersAsked, "owners are asked")
    }

    /// A counter-offer is being planned.
    pub fn planning_counter_offer() -> Self {
        let text = "an owner's counter-offer is being planned";
        Self::new(HostCause::PlanningCounterOffer, text)
    }

    /// The lead time of its owners runs.
    pub fn lead_time() -> Self {
        Self::new(HostCause::LeadTime, "owners are ready; their lead time runs")
    }

    /// Servers are leaving.
    pub fn servers_leaving() -> Self {
        Self::new(HostCause::ServersLeaving, "servers are leaving")
    }

    /// So many servers are on their way to it.
    pub fn servers_arriving(servers: usize) -> Self {
        let text =
            format!("{servers} server(s) are on their way to it; it waits until they are there");
        Self::new(HostCause::ServersArriving, text)
    }

    /// No server is left.
    pub fn verifying_empty() -> Self {
        Self::new(HostCause::VerifyingEmpty, "verifying that it is empty")
    }

    /// The cloud did not answer a switch of its scheduling.
    pub fn scheduling_unanswered(op: Op, error: &dyn Display) -> Self {
        let text = format!("{} was not answered: {error}; tried again", op.name());
        Self::new(HostCause::SchedulingUnanswered, text)
    }

    /// The cloud did not switch its scheduling.
    pub fn scheduling_failed(op: Op, error: &dyn Display) -> Self {
        let text = format!("{} failed: {error}; tried again", op.name());
        Self::new(HostCause::SchedulingFailed, text)
    }

    /// The work is done, and somebody else disabled the host for this reason.
    pub fn stays_disabled(reason: &str) -> Self {
        let text = match reason {
            "" => "the work is done; it stays disabled, as it was before the session".to_owned(),
            reason => format!(
                "the work is done; it stays disabled, as it was before the session: {reason}"
            ),
        };
        Self::new(HostCause::StaysDisabled, text)
    }

    /// The operator goes on with a drain that was held.
    pub fn continued(given: &str) -> Self {
        Self::given(HostCause::OperatorContinued, given, "the operator goes on")
    }

    /// An owner objected.
    pub fn objected(project: &ProjectId, why: &str) -> Self {
        Self::new(HostCause::OwnerObjected, format!("project {project} objects: {why}"))
    }

    /// An owner did not reply in time.
    pub fn silent(project: &ProjectId) -> Self {
        Self::new(HostCause::OwnerSilent, format!("project {project} did not reply in time"))
    }

    /// A server must not be migrated, and cannot stay.
    pub fn policy_forbids_move(server: &ServerId, project: &ProjectId) -> Self {
        let text = format!(
            "server {server} of project {project} must not be migrated by its policy, and its host leaves for good"
        );
        Self::new(HostCause::PolicyForbidsMove, text)
    }

    /// Nothing more can be tried with a server.
    pub fn server_failed(name: &str, server: &ServerId, why: &ServerReason) -> Self {
        Self::new(HostCause::ServerFailed, format!("server {name} ({server}): {why}"))
    }

    /// The drain waits for the operator because of this.
    pub(crate) fn held(&self) -> Self {
        Self::new(self.cause(), format!("held for the operator: {}", self.text))
    }

    /// It was not empty in time.
    pub fn drain_timed_out() -> Self {
        Self::new(HostCause::DrainTimedOut, "it was not empty in time")
    }

    /// Its compute service is down, and servers are on it.
    pub fn compute_service_down(servers: usize) -> Self {
        let text = format!(
            "its compute service is down with {servers} server(s) on it, and nothing can be moved from it; bring it up, or \
             evacuate them, and then RetryHost"
        );
        Self::new(HostCause::ComputeServiceDown, text)
    }

    /// Its compute service went down while servers were leaving.
    pub fn went_down(servers: usize) -> Self {
        let text = format!(
            "DOWN: its compute service does not report, and {servers} server(s) are still on it; the drain goes on when it is \
             up, or when they are evacuated"
        );
        Self::new(HostCause::ComputeServiceDown, text)
    }

    /// The compute service of the host that a server is on its way to went down.
    pub fn target_down(name: &str, target: &HostName) -> Self {
        let text = format!(
            "host {target}, to which server {name} is on its way, is DOWN: its compute service does not report"
        );
        Self::new(HostCause::TargetDown, text)
    }

    /// Servers on it are in a status in which nothing can be done with them: the first of so many.
    pub fn server_status(
        name: &str,
        server: &ServerId,
        status: &ServerStatus,
        remedy: &str,
        number: usize,
    ) -> Self {
        let more = match number {
            0 | 1 => String::new(),
            more => format!(" (and {} more servers)", more - 1),
        };
        let text = format!(
            "server {name} ({server}) is {}: {remedy}{more}; nothing is touched before",
            status.name()
        );
        Self::new(HostCause::ServerStatus, text)
    }

    /// The cloud refused to disable its scheduling.
    pub fn scheduling_refused(error: &dyn Display) -> Self {
        let text = format!("its scheduling could not be disabled: {error}");
        Self::new(HostCause::SchedulingRefused, text)
    }

    /// The operator reported that it failed.
    pub fn failed(given: &str) -> Self {
        Self::given(HostCause::OperatorFailed, given, "failed by the operator")
    }

    /// The operator left it out.
    pub fn skipped(given: &str) -> Self {
        Self::given(HostCause::OperatorSkipped, given, "skipped by the operator")
    }

    /// The operator left it out after the work on it had failed.
    pub fn skipped_after(failed: &Self, given: &str) -> Self {
        let skipped = Self::skipped(given);
        Self::new(HostCause::OperatorSkipped, format!("{skipped}; the work on it failed: {failed}"))
    }

    /// The operator cancelled the session.
    pub fn session_cancelled(why: &str) -> Self {
        Self::new(HostCause::SessionCancelled, why)
    }

    /// Verified empty and held.
    pub fn held_empty() -> Self {
        let text = "verified empty and held; CompleteHost or FailHost when the work is over";
        Self::new(HostCause::HeldEmpty, text)
    }

    /// Somebody enabled its scheduling while it is held.
    pub fn scheduling_enabled_by_other() -> Self {
        let text = "somebody enabled its scheduling while it is held; disabling it again";
        Self::new(HostCause::SchedulingEnabledByOther, text)
    }

    /// So many servers turned up while it is held.
    pub fn hold_broken(servers: usize) -> Self {
        let text = format!("NOT EMPTY: {servers} server(s) turned up on the held host");
        Self::new(HostCause::HoldBroken, text)
    }

    /// The servers that turned up are gone.
    pub fn hold_restored() -> Self {
        let text = "verified empty and held again; the servers that turned up are gone";
        Self::new(HostCause::HoldRestored, text)
    }

    /// The work is done.
    pub fn work_done(given: &str) -> Self {
        Self::given(HostCause::WorkDone, given, "the work is done; going back to service")
    }

    /// It is drained later.
    pub fn put_off() -> Self {
        Self::new(HostCause::PutOff, "an owner's counter-offer: it is drained later")
    }

    /// Nothing can be enabled before its compute service reports.
    pub fn awaiting_compute_service() -> Self {
        let text = "its compute service is down; it is enabled as soon as it reports";
        Self::new(HostCause::AwaitingComputeService, text)
    }

    /// The cloud does not list it.
    pub fn not_listed() -> Self {
        let text = "the cloud does not list it: it was removed, or has another name now";
        Self::new(HostCause::NotListed, text)
    }

    /// The cloud refuses to show it.
    pub fn unreadable(error: &dyn Display) -> Self {
        Self::new(HostCause::Unreadable, format!("it cannot be read: {error}"))
    }

    /// The cloud refuses to show the servers on it.
    pub fn servers_unreadable(error: &dyn Display) -> Self {
        Self::new(HostCause::ServersUnreadable, format!("its servers cannot be read: {error}"))
    }

    /// It was not back in service in time.
    pub fn not_back_in_time(why: &Self) -> Self {
        let text = format!("it is not back in service in time: {}", why.text);
        Self::new(HostCause::NotBackInTime, text)
    }

    /// Back in service after the work.
    pub fn back_in_service() -> Self {
        Self::new(HostCause::BackInService, "back in service")
    }

    /// Empty and disabled for good.
    pub fn retired(given: &str) -> Self {
        Self::given(HostCause::Retired, given, "empty and disabled for good")
    }
}
