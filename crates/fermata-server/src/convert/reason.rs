//! Causes, as the contract has them.

use fermata_core::cloud::OutageKind;
use fermata_core::event::ReplyKind;
use fermata_core::reason::{
    BlockCause, DeclineCause, DeclineReason, HostCause, ServerCause, ServerReason, SessionCause,
    WaitKind,
};
use fermata_core::replan::Turn;
use fermata_core::session::{SessionHost, SessionHostState, Trouble};
use fermata_proto::v1;

use super::timestamp;

/// Why a session is in its state.
pub fn session(cause: SessionCause) -> v1::SessionStateCause {
    use v1::SessionStateCause as Sent;
    match cause {
        SessionCause::Announced => Sent::Announced,
        SessionCause::Started => Sent::Started,
        SessionCause::WindowOver => Sent::WindowOver,
        SessionCause::HostsDone => Sent::HostsDone,
        SessionCause::HostsFailed => Sent::HostsFailed,
        SessionCause::FailuresResolved => Sent::FailuresResolved,
        SessionCause::OperatorPaused => Sent::OperatorPaused,
        SessionCause::OperatorResumed => Sent::OperatorResumed,
        SessionCause::OperatorRetried => Sent::OperatorRetried,
        SessionCause::OperatorCancelled => Sent::OperatorCancelled,
    }
}

/// Why a host of a session is in its state.
pub fn host(cause: HostCause) -> v1::SessionHostStateCause {
    use v1::SessionHostStateCause as Sent;
    match cause {
        HostCause::NotItsTurn => Sent::NotItsTurn,
        HostCause::NoPlan => Sent::NoPlan,
        HostCause::AfterBlockedHost => Sent::AfterBlockedHost,
        HostCause::ToBeTriedAgain => Sent::ToBeTriedAgain,
        HostCause::DisablingScheduling => Sent::DisablingScheduling,
        HostCause::ReadingServers => Sent::ReadingServers,
        HostCause::OwnersAsked => Sent::OwnersAsked,
        HostCause::PlanningCounterOffer => Sent::PlanningCounterOffer,
        HostCause::LeadTime => Sent::LeadTime,
        HostCause::ServersLeaving => Sent::ServersLeaving,
        HostCause::ServersArriving => Sent::ServersArriving,
        HostCause::VerifyingEmpty => Sent::VerifyingEmpty,
        HostCause::SchedulingUnanswered => Sent::SchedulingUnanswered,
        HostCause::SchedulingFailed => Sent::SchedulingFailed,
        HostCause::OperatorContinued => Sent::OperatorContinued,
        HostCause::OwnerObjected => Sent::OwnerObjected,
        HostCause::OwnerSilent => Sent::OwnerSilent,
        HostCause::PolicyForbidsMove => Sent::PolicyForbidsMove,
        HostCause::ServerFailed => Sent::ServerFailed,
        HostCause::DrainTimedOut => Sent::DrainTimedOut,
        HostCause::ComputeServiceDown => Sent::ComputeServiceDown,
        HostCause::TargetDown => Sent::TargetDown,
        HostCause::SchedulingRefused => Sent::SchedulingRefused,
        HostCause::OperatorFailed => Sent::OperatorFailed,
        HostCause::OperatorSkipped => Sent::OperatorSkipped,
        HostCause::SessionCancelled => Sent::SessionCancelled,
        HostCause::HeldEmpty => Sent::HeldEmpty,
        HostCause::SchedulingEnabledByOther => Sent::SchedulingEnabledByOther,
        HostCause::HoldBroken => Sent::HoldBroken,
        HostCause::HoldRestored => Sent::HoldRestored,
        HostCause::WorkDone => Sent::WorkDone,
        HostCause::PutOff => Sent::PutOff,
        HostCause::AwaitingComputeService => Sent::AwaitingComputeService,
        HostCause::BackInService => Sent::BackInService,
        HostCause::StaysDisabled => Sent::StaysDisabled,
        HostCause::Retired => Sent::Retired,
        HostCause::NotListed => Sent::NotListed,
        HostCause::Unreadable => Sent::Unreadable,
        HostCause::ServersUnreadable => Sent::ServersUnreadable,
        HostCause::NotBackInTime => Sent::NotBackInTime,
        HostCause::ServerStatus => Sent::ServerStatus,
    }
}

/// Why a server is in its state, or why an action on it failed.
pub fn server(cause: ServerCause) -> v1::ServerCause {
    use v1::ServerCause as Sent;
    match cause {
        ServerCause::OwnerActs => Sent::OwnerActs,
        ServerCause::StoppedForWork => Sent::StoppedForWork,
        ServerCause::WasStopped => Sent::WasStopped,
        ServerCause::StaysStopped => Sent::StaysStopped,
        ServerCause::LeftHost => Sent::LeftHost,
        ServerCause::WorkFailed => Sent::WorkFailed,
        ServerCause::LeftBroken => Sent::LeftBroken,
        ServerCause::Refused => Sent::Refused,
        ServerCause::NotAnswered => Sent::NotAnswered,
        ServerCause::NotBegun => Sent::NotBegun,
        ServerCause::Ignored => Sent::Ignored,
        ServerCause::MigrationFailed => Sent::MigrationFailed,
        ServerCause::Aborted => Sent::Aborted,
        ServerCause::TimedOut => Sent::TimedOut,
        ServerCause::MovedBack => Sent::MovedBack,
        ServerCause::Reverted => Sent::Reverted,
        ServerCause::CloudBusy => Sent::CloudBusy,
        ServerCause::ServerError => Sent::ServerError,
    }
}

/// What a session waits for.
pub fn wait(kind: WaitKind) -> v1::WaitKind {
    use v1::WaitKind as Sent;
    match kind {
        WaitKind::CloudOutage => Sent::CloudOutage,
        WaitKind::CounterOfferPlan => Sent::CounterOfferPlan,
        WaitKind::ScaleIn => Sent::ScaleIn,
        WaitKind::SessionStart => Sent::SessionStart,
        WaitKind::WindowStart => Sent::WindowStart,
        WaitKind::AnnouncementReply => Sent::AnnouncementReply,
        WaitKind::SessionResume => Sent::SessionResume,
        WaitKind::FailedHosts => Sent::FailedHosts,
        WaitKind::HeldDrain => Sent::HeldDrain,
        WaitKind::DrainReply => Sent::DrainReply,
        WaitKind::OwnAction => Sent::OwnAction,
        WaitKind::OtherSession => Sent::OtherSession,
        WaitKind::GroupLimit => Sent::GroupLimit,
        WaitKind::GroupRecovery => Sent::GroupRecovery,
        WaitKind::LimitsLookup => Sent::LimitsLookup,
        WaitKind::Room => Sent::Room,
        WaitKind::AgreedOrder => Sent::AgreedOrder,
        WaitKind::LeadTime => Sent::LeadTime,
        WaitKind::ServersLeaving => Sent::ServersLeaving,
        WaitKind::ServersArriving => Sent::ServersArriving,
        WaitKind::HostWork => Sent::HostWork,
        WaitKind::HostReturn => Sent::HostReturn,
        WaitKind::BlockedHost => Sent::BlockedHost,
        WaitKind::PolicyLeadTime => Sent::PolicyLeadTime,
        WaitKind::LostHost => Sent::LostHost,
        WaitKind::UnreadableSite => Sent::UnreadableSite,
        WaitKind::ServerStatus => Sent::ServerStatus,
        WaitKind::DisabledReason => Sent::DisabledReason,
    }
}

/// The cause and the text of what is told of a server, if there is something to tell.
pub fn of_server(reason: Option<&ServerReason>) -> (v1::ServerCause, String) {
    match reason {
        Some(reason) => (server(reason.cause()), reason.text().to_owned()),
        None => (v1::ServerCause::Unspecified, String::new()),
    }
}

/// Why a counter-offer was declined; UNSPECIFIED: it was not.
pub fn declined(reason: Option<&DeclineReason>) -> v1::CounterOfferDeclineCause {
    reason.map_or(v1::CounterOfferDeclineCause::Unspecified, |reason| decline(reason.cause()))
}

fn decline(cause: DeclineCause) -> v1::CounterOfferDeclineCause {
    use v1::CounterOfferDeclineCause as Sent;
    match cause {
        DeclineCause::AfterNothing => Sent::AfterNothing,
        DeclineCause::DrainBegun => Sent::DrainBegun,
        DeclineCause::WindowExceeded => Sent::WindowExceeded,
        DeclineCause::NoPlan => Sent::NoPlan,
    }
}

/// Why a host has no wave; UNSPECIFIED: it has one.
pub fn no_wave(host: &SessionHost) -> v1::NoWaveCause {
    let is_drained = !matches!(host.state, SessionHostState::Waiting | SessionHostState::Draining);
    match &host.turn {
        _ if host.state.is_settled() => v1::NoWaveCause::HostDone,
        Some(Turn::Wave(_)) => v1::NoWaveCause::Unspecified,
        Some(Turn::Blocked(_)) | None if is_drained => v1::NoWaveCause::NotDrained,
        Some(Turn::Blocked(why)) => match why.cause() {
            BlockCause::NoPlan => v1::NoWaveCause::NoPlan,
            BlockCause::AfterBlockedHost => v1::NoWaveCause::AfterBlockedHost,
        },
        None => v1::NoWaveCause::NotPlanned,
    }
}

/// An outage of the cloud.
pub fn outage(trouble: &Trouble) -> v1::CloudOutage {
    let kind = match trouble.kind {
        OutageKind::Unreachable => v1::CloudOutageKind::Unreachable,
        OutageKind::Overloaded => v1::CloudOutageKind::Overloaded,
        OutageKind::SignIn => v1::CloudOutageKind::SignIn,
        OutageKind::BadAnswer => v1::CloudOutageKind::BadAnswer,
    };
    v1::CloudOutage {
        start_time: Some(timestamp(trouble.since)),
        kind: kind.into(),
        detail: trouble.detail.clone(),
    }
}

/// What kind of reply an owner gave.
pub fn reply(kind: ReplyKind) -> v1::ReplyKind {
    match kind {
        ReplyKind::Accepted => v1::ReplyKind::Accepted,
        ReplyKind::Rejected => v1::ReplyKind::Rejected,
        ReplyKind::OwnActionDone => v1::ReplyKind::OwnActionDone,
        ReplyKind::CounterOffer => v1::ReplyKind::CounterOffer,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Debug;

    use fermata_proto::FILE_DESCRIPTOR_SET;
    use prost_reflect::DescriptorPool;

    use super::*;

    /// `NotItsTurn` as `NOT_ITS_TURN`.
    fn constant(value: impl Debug) -> String {
        let mut name = String::new();
        for c in format!("{value:?}").chars() {
            if c.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
        }
        name
    }

    /// Every cause of the core is one of the contract's, by the same name; and the contract has no other ones.
    fn is_the_same<C: Debug + Copy>(of: &str, prefix: &str, all: &[C], sent: impl Fn(C) -> String) {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let contract = pool.get_enum_by_name(&format!("fermata.v1.{of}")).unwrap();
        let contract: BTreeSet<_> =
            contract.values().filter(|v| v.number() != 0).map(|v| v.name().to_owned()).collect();
        let core: BTreeSet<_> = all.iter().map(|c| format!("{prefix}{}", constant(c))).collect();
        assert_eq!(core, contract, "{of}");
        for cause in all {
            assert_eq!(sent(*cause), format!("{prefix}{}", constant(cause)));
        }
    }

    #[test]
    fn causes_are_those_of_the_contract() {
        let name = |name: &str| name.to_owned();
        is_the_same("SessionStateCause", "SESSION_STATE_CAUSE_", SessionCause::ALL, |c| {
            name(session(c).as_str_name())
        });
        is_the_same("SessionHostStateCause", "SESSION_HOST_STATE_CAUSE_", HostCause::ALL, |c| {
            name(host(c).as_str_name())
        });
        is_the_same("ServerCause", "SERVER_CAUSE_", ServerCause::ALL, |c| {
            name(server(c).as_str_name())
        });
        is_the_same(
            "CounterOfferDeclineCause",
            "COUNTER_OFFER_DECLINE_CAUSE_",
            DeclineCause::ALL,
            |c| name(decline(c).as_str_name()),
        );
        is_the_same("WaitKind", "WAIT_KIND_", WaitKind::ALL, |c| name(wait(c).as_str_name()));
    }

    #[test]
    fn calls_that_end_a_wait_are_in_the_contract_and_its_comments_name_them() {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let methods: BTreeSet<_> = pool
            .services()
            .flat_map(|s| s.methods().collect::<Vec<_>>())
            .map(|m| format!("{}/{}", m.parent_service().full_name(), m.name()))
            .collect();
        let kinds = pool.get_enum_by_name("fermata.v1.WaitKind").unwrap();
        let file = kinds.parent_file().file_descriptor_proto().clone();
        let info = file.source_code_info.clone().unwrap();
        let at = file.enum_type.iter().position(|e| e.name() == "WaitKind").unwrap();
        for kind in WaitKind::ALL {
            let number = i32::from(wait(*kind));
            let path = [5, i32::try_from(at).unwrap(), 2, number];
            let comment = info.location.iter().find(|l| l.path == path).unwrap();
            for method in kind.ended_by() {
                assert!(methods.contains(*method), "{method}");
                let short = method.rsplit('/').next().unwrap();
                assert!(comment.leading_comments().contains(short), "{kind:?}: {short}");
            }
        }
    }
}
