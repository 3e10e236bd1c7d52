//! Every cause that the contract names occurs, and stands where its comment says.
//!
//! Every world records the causes that it shows ([`record`]), for the thread that it runs on. The test below runs random
//! worlds and those stories that show what chance seldom does, and then asks which causes nobody has shown.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;

use fermata_core::event::{OperatorEvent, OwnerEvent};
use fermata_core::machine::Transition;
use fermata_core::reason::{
    BlockCause, DeclineCause, HostCause, ServerCause, SessionCause, WaitKind,
};
use fermata_core::replan::Turn;
use fermata_core::session::{SessionHostState, SessionState};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::random::case::case;
use crate::scenarios::{
    counter_offers, deaths, drains, failures, hosts, limits, operator, others, outages, policies,
    replies, returns, scale_ins, states,
};

/// Random worlds that are looked at.
const WORLDS: usize = 60;
/// Causes that nothing in this crate's tests shows, and why.
const NOT_SHOWN: [(&str, &str); 3] = [
    (
        "decline DrainBegun",
        "no story makes an offer for a later time than a drain with a move under way has",
    ),
    (
        "decline NoPlan",
        "no story makes an offer that leaves a host without a plan, and not the window too short",
    ),
    (
        "wait LimitsLookup",
        "every step that may act is given the limits; a step without them waits for the next one",
    ),
];

thread_local! {
    static SHOWN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

fn show(kind: &str, cause: impl Debug) {
    SHOWN.with_borrow_mut(|shown| shown.insert(name(kind, cause)));
}

fn name(kind: &str, cause: impl Debug) -> String {
    format!("{kind} {cause:?}")
}

/// Notes every cause in the state after a step and in what it tells; no text is without one, and no cause without a text.
pub(crate) fn record(transition: &Transition) {
    let session = &transition.next;
    show("session", session.head.reason.cause());
    assert!(!session.head.reason.text().is_empty());
    fits_session(session.head.state, session.head.reason.cause());
    for host in session.hosts.values() {
        show("host", host.reason.cause());
        assert!(!host.reason.text().is_empty(), "{host:#?}");
        fits_host(host.state, host.reason.cause());
        if let Some(Turn::Blocked(why)) = &host.turn {
            show("block", why.cause());
        }
    }
    for wait in session.waits() {
        show("wait", wait.kind);
        assert!(!wait.description.is_empty(), "{wait:#?}");
    }
    for event in &transition.outbox.operators {
        match event {
            OperatorEvent::Session { to, reason, .. } => fits_session(*to, reason.cause()),
            OperatorEvent::Host { to, reason, .. } => {
                show("host", reason.cause());
                fits_host(*to, reason.cause());
            }
            OperatorEvent::CounterOfferJudged { declined: Some(reason), .. } => {
                show("decline", reason.cause());
            }
            OperatorEvent::Server { detail: Some(reason), .. } => show("server", reason.cause()),
            _ => {}
        }
    }
    for (_, event) in &transition.outbox.owners {
        if let OwnerEvent::Server { detail: Some(reason), .. } = event {
            show("server", reason.cause());
        }
    }
}

/// The states that reason.proto names for a cause.
fn fits_session(state: SessionState, cause: SessionCause) {
    use SessionState as S;
    let states: &[S] = match cause {
        SessionCause::Announced => &[S::Scheduled],
        SessionCause::Started | SessionCause::FailuresResolved | SessionCause::OperatorRetried => {
            &[S::Running]
        }
        SessionCause::WindowOver | SessionCause::OperatorPaused => &[S::Paused],
        SessionCause::HostsDone => &[S::Completed],
        SessionCause::HostsFailed => &[S::Failed],
        SessionCause::OperatorResumed => &[S::Scheduled, S::Running],
        SessionCause::OperatorCancelled => &[S::Cancelling, S::Cancelled],
    };
    assert!(states.contains(&state), "{cause:?} in {state:?}");
}

/// The states that reason.proto names for a cause.
fn fits_host(state: SessionHostState, cause: HostCause) {
    use SessionHostState as S;
    let states: &[S] = match cause {
        HostCause::NotItsTurn
        | HostCause::NoPlan
        | HostCause::AfterBlockedHost
        | HostCause::ToBeTriedAgain => &[S::Waiting],
        HostCause::DisablingScheduling
        | HostCause::ReadingServers
        | HostCause::OwnersAsked
        | HostCause::PlanningCounterOffer
        | HostCause::LeadTime
        | HostCause::ServersLeaving
        | HostCause::ServersArriving
        | HostCause::VerifyingEmpty
        | HostCause::ServerStatus
        | HostCause::TargetDown
        | HostCause::OperatorContinued => &[S::Draining],
        HostCause::SchedulingUnanswered
        | HostCause::SchedulingFailed
        | HostCause::NotListed
        | HostCause::Unreadable => &[S::Draining, S::InMaintenance, S::Returning],
        HostCause::ServersUnreadable => &[S::Draining, S::InMaintenance],
        HostCause::OwnerObjected
        | HostCause::OwnerSilent
        | HostCause::PolicyForbidsMove
        | HostCause::ServerFailed => &[S::Draining, S::Returning, S::DrainFailed],
        HostCause::ComputeServiceDown => &[S::Draining, S::Returning, S::DrainFailed],
        HostCause::DrainTimedOut | HostCause::SchedulingRefused => &[S::Returning, S::DrainFailed],
        HostCause::OperatorFailed => &[S::Returning, S::DrainFailed, S::MaintenanceFailed],
        HostCause::OperatorSkipped => &[S::Returning, S::Skipped],
        HostCause::SessionCancelled => &[S::Returning, S::Cancelled],
        HostCause::HeldEmpty
        | HostCause::SchedulingEnabledByOther
        | HostCause::HoldBroken
        | HostCause::HoldRestored => &[S::InMaintenance],
        HostCause::WorkDone
        | HostCause::PutOff
        | HostCause::AwaitingComputeService
        | HostCause::NotBackInTime => &[S::Returning],
        HostCause::BackInService | HostCause::StaysDisabled => &[S::Maintained],
        HostCause::Retired => &[S::Retired],
    };
    assert!(states.contains(&state), "{cause:?} in {state:?}");
}

#[test]
fn every_cause_occurs() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..WORLDS {
        case().new_tree(&mut runner).unwrap().current().run();
    }
    for story in STORIES {
        story();
    }
    let all = SessionCause::ALL.iter().map(|c| name("session", c));
    let all = all.chain(HostCause::ALL.iter().map(|c| name("host", c)));
    let all = all.chain(ServerCause::ALL.iter().map(|c| name("server", c)));
    let all = all.chain(BlockCause::ALL.iter().map(|c| name("block", c)));
    let all = all.chain(DeclineCause::ALL.iter().map(|c| name("decline", c)));
    let all = all.chain(WaitKind::ALL.iter().map(|c| name("wait", c)));
    let shown = SHOWN.with_borrow(BTreeSet::clone);
    let missing: Vec<_> = all.filter(|c| !shown.contains(c)).collect();
    let excused: Vec<_> = NOT_SHOWN.iter().map(|(cause, _)| (*cause).to_owned()).collect();
    assert_eq!(missing, excused);
}

/// Stories with causes that chance seldom shows.
const STORIES: &[fn()] = &[
    counter_offers::whoever_comes_after_a_host_that_failed_waits_for_the_operator,
    counter_offers::what_cannot_end_inside_the_window_is_declined_and_the_question_stands,
    counter_offers::nobody_is_to_come_after_what_is_not_going_to_be_done,
    counter_offers::a_drain_in_which_something_has_begun_is_not_put_off,
    counter_offers::nobody_can_leave_a_host_after_a_server_that_is_kept_on_it,
    counter_offers::a_drain_is_put_off_where_the_time_is_after_its_own,
    counter_offers::half_of_them_go_first_from_the_same_host,
    deaths::item_8_a_host_that_dies_while_servers_come_to_it_is_told_at_once,
    drains::a_kept_server_that_was_stopped_stays_stopped,
    drains::a_host_that_retires_is_left_empty_and_disabled,
    drains::a_window_that_opens_later_is_waited_for,
    drains::nothing_is_touched_before_the_lead_time_is_over,
    failures::a_host_that_cannot_be_drained_stays_in_service_until_it_can,
    failures::a_live_migration_that_hangs_is_aborted,
    failures::a_migration_that_fails_again_and_again_gives_the_host_back,
    failures::an_action_that_was_accepted_and_forgotten_is_tried_again,
    failures::a_server_in_error_holds_the_drain,
    failures::what_the_cloud_says_is_for_the_operator,
    failures::a_conflict_is_looked_into_before_anything_else,
    hosts::a_failed_maintenance_is_left_to_the_operator,
    hosts::a_failed_host_is_tried_again,
    hosts::a_failed_host_stops_the_others,
    limits::whoever_waits_says_for_what_and_others_go_on,
    limits::a_server_on_which_another_session_acts_is_waited_for,
    limits::one_member_at_a_time_over_all_hosts_with_time_to_recover,
    operator::a_manual_session_waits_for_its_start,
    operator::a_drain_that_is_not_done_in_time_is_given_back,
    operator::the_end_of_the_window_pauses_the_session,
    others::scheduling_enabled_on_a_held_host_is_disabled_again,
    others::a_server_on_its_way_to_the_host_is_waited_for_asked_about_and_moved,
    others::a_server_on_a_held_host_raises_the_alarm,
    others::a_server_the_cloud_is_busy_with_for_too_long_gives_the_host_back,
    others::a_migration_that_others_abort_is_tried_again,
    others::a_server_that_others_move_back_is_not_watched_for_ever,
    others::a_migration_that_others_revert_is_tried_again,
    outages::an_outage_of_the_cloud_extends_deadlines,
    outages::answers_lost_again_and_again_are_looked_into_every_time,
    policies::what_must_not_be_migrated_holds_a_host_that_leaves,
    policies::a_host_serves_until_the_lead_time_is_nearly_over,
    replies::silence_holds_the_host_for_the_operator,
    replies::an_objection_holds_and_the_operator_overrides_it,
    returns::a_host_is_enabled_once_its_service_is_up,
    returns::a_host_that_does_not_come_back_is_left_by_the_operator,
    returns::a_host_that_comes_back_late_comes_back,
    returns::a_host_that_the_cloud_refuses_to_show_says_so_and_goes_on_when_it_is_shown,
    returns::enabling_comes_through_in_the_end,
    returns::a_kept_server_that_does_not_start_is_handed_over,
    returns::scheduling_that_cannot_be_disabled_gives_the_host_back,
    states::a_host_that_is_down_with_servers_waits_for_the_operator,
    states::nothing_is_touched_before_every_server_has_a_way,
    scale_ins::an_owner_elsewhere_gives_room,
];
