//! What a session waits for, and which calls end the wait.

use super::causes;

causes! {
    /// What a session waits for.
    WaitKind {
        /// The cloud to answer again.
        CloudOutage,
        /// A plan with an owner's counter-offer.
        CounterOfferPlan,
        /// An owner to scale in.
        ScaleIn,
        /// The operator to start the session.
        SessionStart,
        /// The window to open.
        WindowStart,
        /// An owner's reply to the announcement.
        AnnouncementReply,
        /// The operator to resume a paused session.
        SessionResume,
        /// The operator to decide about failed hosts.
        FailedHosts,
        /// The operator to decide about a drain that is held.
        HeldDrain,
        /// An owner's decisions for servers of a host that is drained.
        DrainReply,
        /// An owner's own action on servers.
        OwnAction,
        /// Another session to finish with a server.
        OtherSession,
        /// Room in a server group.
        GroupLimit,
        /// A server group to recover.
        GroupRecovery,
        /// The limits of server groups to be looked up.
        LimitsLookup,
        /// Room on another host.
        Room,
        /// Servers that come first by an accepted counter-offer.
        AgreedOrder,
        /// The lead time of owners.
        LeadTime,
        /// Servers to leave.
        ServersLeaving,
        /// Servers to arrive that were on their way.
        ServersArriving,
        /// The operator's work on a host.
        HostWork,
        /// A host to be back in service.
        HostReturn,
        /// The operator to decide about a host that no plan drains.
        BlockedHost,
        /// The lead times that policies ask for, before a host is drained.
        PolicyLeadTime,
        /// The operator to go on without a host that does not come back, or that the cloud does not show.
        LostHost,
        /// The operator to let Fermata read what a plan needs.
        UnreadableSite,
        /// A server to be in a status in which something can be done with it.
        ServerStatus,
        /// The cloud to be told why a host stays disabled.
        DisabledReason,
    }
}

const START: &str = "fermata.v1.SessionService/StartSession";
const RESUME: &str = "fermata.v1.SessionService/ResumeSession";
const CANCEL: &str = "fermata.v1.SessionService/CancelSession";
const UPDATE: &str = "fermata.v1.SessionService/UpdateSession";
const COMPLETE_HOST: &str = "fermata.v1.SessionService/CompleteHost";
const FAIL_HOST: &str = "fermata.v1.SessionService/FailHost";
const SKIP_HOST: &str = "fermata.v1.SessionService/SkipHost";
const RETRY_HOST: &str = "fermata.v1.SessionService/RetryHost";
const REPLY: &str = "fermata.v1.NotificationService/Reply";

impl WaitKind {
    /// The full names of the methods that end the wait, the usual one first. Empty: no call ends it.
    pub fn ended_by(self) -> &'static [&'static str] {
        match self {
            Self::SessionStart => &[START],
            Self::WindowStart => &[UPDATE],
            Self::SessionResume => &[RESUME, CANCEL],
            Self::FailedHosts => &[RESUME, RETRY_HOST, SKIP_HOST, CANCEL],
            Self::HeldDrain => &[RETRY_HOST, SKIP_HOST, FAIL_HOST],
            Self::HostWork => &[COMPLETE_HOST, FAIL_HOST],
            Self::BlockedHost => &[SKIP_HOST],
            Self::LostHost => &[FAIL_HOST, SKIP_HOST],
            Self::UnreadableSite => &[CANCEL],
            Self::AnnouncementReply | Self::DrainReply | Self::OwnAction | Self::ScaleIn => {
                &[REPLY]
            }
            Self::CloudOutage
            | Self::CounterOfferPlan
            | Self::OtherSession
            | Self::GroupLimit
            | Self::GroupRecovery
            | Self::LimitsLookup
            | Self::Room
            | Self::AgreedOrder
            | Self::LeadTime
            | Self::ServersLeaving
            | Self::ServersArriving
            | Self::HostReturn
            | Self::ServerStatus
            | Self::DisabledReason
            | Self::PolicyLeadTime => &[],
        }
    }
}
