//! What the operator says about single hosts.

use fermata_core::Duration;
use fermata_core::cloud::{HostServers, Scheduling};
use fermata_core::event::ServerChange;
use fermata_core::id::HostName;
use fermata_core::machine::{Command, Input, Reject};
use fermata_core::session::{ServerState, SessionHostState, SessionState, WaitParty};
use fermata_core::spec::{Action, OnFailure, OnSilence};

use crate::world::World;
use crate::world::owners::Words;
use crate::world::story::{Story, story};

fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

/// Two hosts; the drain of hv-a fails because its owner does not reply.
fn first_host_fails(on_failure: OnFailure) -> World {
    story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .server("t", "blue", "hv-b")
        .server("u", "blue", "hv-b")
        .owner("red", Words::Silence)
        .spec(|d| {
            d.on_silence = OnSilence::FailHost;
            d.on_failure = on_failure;
        })
        .begin()
}

#[test]
pub(crate) fn a_failed_maintenance_is_left_to_the_operator() {
    let mut w = one_server().spec(|d| d.default_action = Some(Action::Keep)).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.fail("hv-a"), Ok(true));
    assert_eq!(w.host("hv-a").state, SessionHostState::MaintenanceFailed);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::HandedOver);
    assert_eq!(w.server_changes("red", "s").last(), Some(&ServerChange::HandedOver));
    assert_eq!(w.session.head.state, SessionState::Failed);
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled, "it stays disabled");
    assert_eq!(w.fail("hv-a"), Ok(false));
    w.skip("hv-a").unwrap();
    w.until_session(SessionState::Completed);
}

#[test]
pub(crate) fn a_failed_maintenance_tried_again_starts_what_it_stopped() {
    let mut w = one_server().spec(|d| d.default_action = Some(Action::Keep)).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.fail("hv-a").unwrap();
    w.retry("hv-a").unwrap();
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
    assert!(w.runs("s"), "it ran before it was stopped for the work");
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn a_failed_maintenance_tried_again_and_cancelled_is_given_back() {
    let mut w = story(&["hv-a"])
        .server("s", "red", "hv-a")
        .spec(|d| d.default_action = Some(Action::Keep))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.fail("hv-a").unwrap();
    w.say(Command::Resume).unwrap();
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(w.runs("s"));
}

#[test]
pub(crate) fn infrastructure_is_never_told_that_a_disabled_host_is_enabled() {
    use fermata_core::host_state::HostState;
    let mut w = one_server().begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.fail("hv-a").unwrap();
    w.skip("hv-a").unwrap();
    let last = w.told.hosts.last().unwrap().1.to;
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert_eq!(last, HostState::Disabled);
}

#[test]
pub(crate) fn a_drain_failed_by_the_operator_is_given_back() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.fail("hv-a").unwrap();
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(matches!(w.complete("hv-a"), Err(Reject::WrongState { .. })));
}

#[test]
pub(crate) fn hosts_are_skipped() {
    let mut w = story(&["hv-a", "hv-b"]).server("s", "red", "hv-a").begin();
    assert_eq!(w.skip("hv-a"), Ok(true));
    assert_eq!(w.skip("hv-a"), Ok(false));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
    w.until_host("hv-b", SessionHostState::InMaintenance);
    assert!(matches!(w.skip("hv-b"), Err(Reject::WrongState { .. })));
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Skipped);
    assert_eq!(w.session.head.state, SessionState::Completed);
    assert!(matches!(w.skip("hv-x"), Err(Reject::UnknownHost(_))));
}

#[test]
pub(crate) fn a_draining_host_is_skipped_and_given_back() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.skip("hv-a").unwrap();
    w.until_session(SessionState::Completed);
    assert_eq!(
        w.host_states("hv-a"),
        [SessionHostState::Draining, SessionHostState::Returning, SessionHostState::Skipped]
    );
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn a_failed_host_stops_the_others() {
    let mut w = first_host_fails(OnFailure::Stop);
    w.until_session(SessionState::Failed);
    w.pass(Duration::hours(1));
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting);
    assert!(w.waits_for(&WaitParty::Operator));
    w.skip("hv-a").unwrap();
    w.finish();
    assert_eq!(w.host("hv-b").state, SessionHostState::Maintained);
    assert_eq!(w.session.head.state, SessionState::Completed);
}

#[test]
pub(crate) fn a_failed_host_lets_the_others_go_on() {
    let mut w = first_host_fails(OnFailure::Continue);
    w.until_host("hv-b", SessionHostState::InMaintenance);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed);
    assert_eq!(w.session.head.state, SessionState::Running);
    w.complete("hv-b").unwrap();
    w.until_session(SessionState::Failed);
}

#[test]
pub(crate) fn a_failed_host_is_tried_again() {
    for command in [true, false] {
        let mut w = first_host_fails(OnFailure::Stop);
        w.until_session(SessionState::Failed);
        w.owners.get_mut(&"red".into()).unwrap().words = Words::All(Action::LiveMigrate);
        if command {
            w.say(Command::Resume).unwrap();
        } else {
            w.retry("hv-a").unwrap();
        }
        assert_eq!(w.session.head.state, SessionState::Running);
        w.finish();
        assert_eq!(w.session.head.state, SessionState::Completed);
        assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
    }
}

#[test]
pub(crate) fn there_is_nothing_to_try_again_on_a_host_that_goes_well() {
    let mut w = story(&["hv-a"]).begin();
    assert!(matches!(w.retry("hv-a"), Err(Reject::WrongState { .. })));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(matches!(w.retry("hv-a"), Err(Reject::WrongState { .. })));
}

#[test]
pub(crate) fn a_read_from_before_a_drain_does_not_count_for_it() {
    let mut w = story(&["hv-a"]).spare(&["hv-z"]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.fail("hv-a").unwrap();
    let at = w.now;
    w.pass(Duration::seconds(1));
    w.say(Command::Resume).unwrap();
    w.plan();
    assert_eq!(w.host("hv-a").state, SessionHostState::Draining);
    // It was begun while the host was held, and its answer took a while.
    let host = HostName::from("hv-a");
    w.apply(Input::ServersRead { host, at, result: Ok(HostServers::default()) }).unwrap();
    assert!(!w.host("hv-a").servers_known);
    assert_eq!(w.host("hv-a").empty_reads, 0);
    w.finish();
}
