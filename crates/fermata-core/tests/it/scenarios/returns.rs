//! Giving hosts back.

use fermata_core::Duration;
use fermata_core::cloud::Scheduling;
use fermata_core::event::ServerChange;
use fermata_core::host_state::HostState;
use fermata_core::id::SessionId;
use fermata_core::machine::Reject;
use fermata_core::reason::{HostCause, WaitKind};
use fermata_core::scheduling;
use fermata_core::session::{Op, ServerState, SessionHostState, SessionState, WaitParty};
use fermata_core::spec::{Action, Kind};

use crate::world::World;
use crate::world::cloud::Mood;
use crate::world::faults::Outcome;
use crate::world::story::story;

fn infrastructure(w: &crate::world::World) -> Vec<HostState> {
    w.told.hosts.iter().map(|(_, e)| e.to).collect()
}

#[test]
pub(crate) fn a_host_disabled_by_others_keeps_their_reason() {
    let mut w = story(&["hv-a"]).disabled("hv-a", "noisy fan, ask Mona").begin();
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
    let kept = Scheduling::Disabled { reason: "noisy fan, ask Mona".to_owned() };
    assert_eq!(*w.scheduling("hv-a"), kept);
    assert!(w.cloud.journal.is_empty());
    assert_eq!(infrastructure(&w).last(), Some(&HostState::Disabled));
}

#[test]
pub(crate) fn item_7_what_stays_disabled_is_not_called_back_in_service() {
    let mut w = story(&["hv-a"]).disabled("hv-a", "noisy fan, ask Mona").begin();
    w.finish();
    let reason = &w.host("hv-a").reason;
    assert_eq!(reason.cause(), HostCause::StaysDisabled);
    assert!(reason.text().contains("noisy fan, ask Mona"), "{reason}");
}

#[test]
pub(crate) fn item_7_what_an_earlier_session_left_disabled_is_enabled_again() {
    let left = scheduling::of_session(SessionId(uuid::Uuid::from_u128(7)), "its work failed");
    let mut w = story(&["hv-a"]).disabled("hv-a", &left).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    // The cloud says which session has it now.
    let Scheduling::Disabled { reason } = w.scheduling("hv-a").clone() else {
        panic!("it is enabled")
    };
    assert!(reason.contains(&w.session.head.id.to_string()), "{reason}");
    w.finish();
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::BackInService);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn infrastructure_hears_every_stage() {
    let mut w = story(&["hv-a"]).begin();
    w.finish();
    assert_eq!(
        infrastructure(&w),
        [HostState::GoingToMaintenance, HostState::InMaintenance, HostState::Enabled,]
    );
    let mut w = story(&["hv-a"]).spec(|d| d.kind = Kind::Retirement).begin();
    w.finish();
    assert_eq!(infrastructure(&w).last(), Some(&HostState::Retired));
}

#[test]
pub(crate) fn a_host_is_enabled_once_its_service_is_up() {
    let mut w = story(&["hv-a"]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.hosts.get_mut(&"hv-a".into()).unwrap().up = false;
    w.complete("hv-a").unwrap();
    w.pass(Duration::minutes(30));
    assert_eq!(w.host("hv-a").state, SessionHostState::Returning);
    assert!(w.host("hv-a").reason.text().contains("down"));
    w.cloud.hosts.get_mut(&"hv-a".into()).unwrap().up = true;
    w.until_host("hv-a", SessionHostState::Maintained);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

/// Two hosts, one after the other; the first is not listed any more when its work is done.
fn reinstalled_under_another_name() -> World {
    let mut w = story(&["hv-a", "hv-b"])
        .server("s", "red", "hv-a")
        .spec(|d| d.default_action = Some(Action::Keep))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.forgotten.insert("hv-a".into());
    w.complete("hv-a").unwrap();
    w.pass(Duration::minutes(1));
    w
}

#[test]
pub(crate) fn a_host_that_does_not_come_back_is_left_by_the_operator() {
    let mut w = reinstalled_under_another_name();
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::NotListed);
    w.skip("hv-a").unwrap();
    assert_eq!(w.host("hv-a").state, SessionHostState::Skipped);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::HandedOver);
    assert_eq!(w.server_changes("red", "s").last(), Some(&ServerChange::HandedOver));
    w.finish();
    assert_eq!(w.session.head.state, SessionState::Completed);
    assert_eq!(w.host("hv-b").state, SessionHostState::Maintained);
}

#[test]
pub(crate) fn a_host_that_does_not_come_back_is_failed_and_tried_again() {
    let mut w = reinstalled_under_another_name();
    w.fail("hv-a").unwrap();
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").state, SessionHostState::MaintenanceFailed);
    w.cloud.forgotten.clear();
    w.retry("hv-a").unwrap();
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(w.runs("s"));
}

#[test]
pub(crate) fn a_host_that_comes_back_is_not_to_be_given_up_by_a_call_too_many() {
    let mut w = story(&["hv-a"])
        .server("s", "red", "hv-a")
        .spec(|d| d.default_action = Some(Action::Keep))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.complete("hv-a").unwrap();
    for said in [w.fail("hv-a"), w.skip("hv-a")] {
        let Err(Reject::WrongState { hint, .. }) = said else { panic!("{said:?}") };
        assert!(hint.contains("if it is not back by"), "{hint}");
    }
    w.finish();
    assert!(w.runs("s"));
}

#[test]
pub(crate) fn a_host_that_comes_back_late_comes_back() {
    let mut w = story(&["hv-a"]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.hosts.get_mut(&"hv-a".into()).unwrap().up = false;
    w.complete("hv-a").unwrap();
    let wait = w.session.waits().remove(0);
    assert_eq!((wait.kind, wait.until), (WaitKind::HostReturn, w.host("hv-a").deadline));
    w.pass(Duration::minutes(16));
    let wait = w.session.waits().remove(0);
    assert_eq!((wait.kind, wait.party), (WaitKind::LostHost, WaitParty::Operator));
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::NotBackInTime);
    w.cloud.hosts.get_mut(&"hv-a".into()).unwrap().up = true;
    w.until_session(SessionState::Completed);
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
}

#[test]
pub(crate) fn a_host_that_the_cloud_refuses_to_show_says_so_and_goes_on_when_it_is_shown() {
    let mut w = story(&["hv-a"]).begin();
    w.cloud.mood = Mood::Refuses;
    w.pass(Duration::minutes(1));
    let waits = w.session.waits();
    assert!(waits.iter().any(|wait| wait.kind == WaitKind::UnreadableSite), "{waits:?}");
    w.cloud.mood = Mood::Answers;
    w.until_host("hv-a", SessionHostState::Draining);
    assert_eq!(w.session.head.unreadable, None);
    w.cloud.mood = Mood::Refuses;
    w.pass(Duration::minutes(1));
    assert_eq!(w.host("hv-a").state, SessionHostState::Draining);
    let waits = w.session.waits();
    assert!(waits.iter().any(|wait| wait.kind == WaitKind::LostHost), "{waits:?}");
    w.cloud.mood = Mood::Answers;
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.mood = Mood::Refuses;
    w.pass(Duration::minutes(1));
    assert!(w.host("hv-a").reason.text().contains("cannot be read"));
    w.cloud.mood = Mood::Answers;
    w.pass(Duration::minutes(1));
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::HeldEmpty);
    w.finish();
}

#[test]
pub(crate) fn enabling_comes_through_in_the_end() {
    let wrong = [Outcome::Rejected, Outcome::Conflict, Outcome::Lost(None), Outcome::Unavailable];
    let mut w = story(&["hv-a"]).goes("enable_scheduling", "hv-a", &wrong).begin();
    w.finish();
    assert_eq!(w.session.head.state, SessionState::Completed);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn a_kept_server_that_does_not_start_is_handed_over() {
    let fails = [Outcome::Fails; 3];
    let mut w = story(&["hv-a"])
        .server("s", "red", "hv-a")
        .goes("start", "s", &fails)
        .spec(|d| d.default_action = Some(Action::Keep))
        .begin();
    w.finish();
    assert_eq!(w.calls_of(Op::Start, "s").len(), 3);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::HandedOver);
    assert_eq!(w.session.head.state, SessionState::Completed);
}

#[test]
pub(crate) fn scheduling_that_cannot_be_disabled_gives_the_host_back() {
    let mut w = story(&["hv-a"]).goes("disable_scheduling", "hv-a", &[Outcome::Rejected]).begin();
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed);
    assert!(w.host("hv-a").reason.text().contains("could not be disabled"));
}

#[test]
pub(crate) fn a_disabling_that_fails_after_the_drain_was_given_up_is_not_tried_for_ever() {
    use fermata_core::cloud::CloudError;
    use fermata_core::machine::{Command, Input};
    let mut w = story(&["hv-a"]).begin();
    w.plan();
    let host = "hv-a".into();
    let read = w.cloud.read_host(&host);
    let at = w.now;
    w.apply(Input::StatusRead { host, at, result: read }).unwrap();
    let due = w.session.due_calls(w.now)[0].clone();
    w.apply(Input::Begin { call: due.id, epoch: 1, seen: None }).unwrap();
    w.say(Command::Cancel).unwrap();
    let result = Err(CloudError::Rejected { detail: "no".to_owned() });
    w.apply(Input::Ended { call: due.id, result }).unwrap();
    w.until_session(SessionState::Cancelled);
    assert!(w.calls_of(Op::DisableScheduling, "hv-a").is_empty());
}
