//! What the operator says.

use fermata_core::Duration;
use fermata_core::cloud::Scheduling;
use fermata_core::event::SessionChange;
use fermata_core::machine::{Command, Reject};
use fermata_core::policy::span;
use fermata_core::session::{
    NotificationState, Op, ServerState, SessionHostState, SessionState, WaitParty,
};
use fermata_core::spec::{Action, Draft, OnFailure, OnSilence, StartMode};

use crate::world::faults::Outcome;
use crate::world::owners::Words;
use crate::world::story::{Story, accept, story};
use crate::world::{DAWN, World};

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

// --- start, pause, resume

#[test]
pub(crate) fn a_manual_session_waits_for_its_start() {
    let mut w = one_server().spec(|d| d.start_mode = StartMode::Manual).begin();
    w.pass(Duration::minutes(30));
    assert_eq!(w.session.head.state, SessionState::Scheduled);
    assert!(w.waits_for(&WaitParty::Operator));
    assert_eq!(w.say(Command::Start), Ok(true));
    assert_eq!(w.say(Command::Start), Ok(false), "said twice, meant once");
    w.finish();
}

#[test]
pub(crate) fn the_start_cannot_be_before_the_window() {
    let mut w = one_server()
        .spec(|d| {
            d.start_mode = StartMode::Manual;
            d.window_start = Some(DAWN + Duration::hours(1));
        })
        .begin();
    assert!(matches!(w.say(Command::Start), Err(Reject::WrongState { .. })));
    assert!(matches!(w.say(Command::Pause), Err(Reject::WrongState { .. })));
    assert!(matches!(w.say(Command::Resume), Err(Reject::WrongState { .. })));
}

#[test]
pub(crate) fn a_pause_moves_deadlines() {
    let mut w = one_server()
        .owner("red", Words::Silence)
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(10)))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    let deadline = w.host("hv-a").deadline.unwrap();
    w.say(Command::Pause).unwrap();
    assert_eq!(w.say(Command::Pause), Ok(false));
    assert!(w.waits_for(&WaitParty::Operator));
    w.pass(Duration::minutes(5));
    w.say(Command::Resume).unwrap();
    let moved = Duration::minutes(5);
    assert_eq!(
        w.question("red", "hv-a").reply_deadline_time,
        notification.reply_deadline_time + moved
    );
    assert_eq!(w.host("hv-a").deadline, Some(deadline + moved));
    assert!(w.session_changes("red").contains(&SessionChange::Paused));
    assert!(w.session_changes("red").contains(&SessionChange::Resumed));
    w.finish();
}

#[test]
pub(crate) fn a_drain_does_not_time_out_while_it_is_paused() {
    let mut w = one_server().spec(|d| d.drain_timeout = Some(Duration::minutes(15))).begin();
    w.until_asked("red", "hv-a");
    w.say(Command::Pause).unwrap();
    w.pass(Duration::hours(2));
    assert_eq!(w.host("hv-a").state, SessionHostState::Draining);
    w.say(Command::Resume).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn in_a_pause_what_runs_is_finished_and_nothing_new_starts() {
    let mut w =
        one_server().server("t", "red", "hv-a").spec(|d| d.max_parallel_actions = 1).begin();
    w.until("the first action", |w| !w.session.watched().is_empty());
    w.say(Command::Pause).unwrap();
    w.pass(Duration::minutes(10));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
    assert_eq!(w.server_state("hv-a", "t"), ServerState::Affected);
    w.say(Command::Resume).unwrap();
    w.finish();
}

#[test]
pub(crate) fn in_a_pause_a_call_that_waits_is_not_made() {
    let mut w = one_server().goes("live_migrate", "s", &[Outcome::Unavailable]).begin();
    w.until("the call", |w| w.server_state("hv-a", "s") == ServerState::InAction);
    w.say(Command::Pause).unwrap();
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.say(Command::Resume).unwrap();
    w.finish();
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
}

// --- cancel

#[test]
pub(crate) fn cancel_before_the_start() {
    let mut w = one_server().spec(|d| d.window_start = Some(DAWN + Duration::hours(1))).begin();
    w.say(Command::Cancel).unwrap();
    assert_eq!(w.session.head.state, SessionState::Cancelled);
    assert_eq!(w.announcement("red").state, NotificationState::Closed);
    assert_eq!(w.session_changes("red"), [SessionChange::Cancelled]);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
    assert_eq!(w.say(Command::Cancel), Ok(false));
    assert!(matches!(w.say(Command::Start), Err(Reject::WrongState { .. })));
    assert!(w.cloud.journal.is_empty());
}

#[test]
pub(crate) fn cancel_while_scheduling_is_being_disabled() {
    for outcome in [Outcome::Lost(Some(Duration::ZERO)), Outcome::Lost(None)] {
        let mut w = one_server().goes("disable_scheduling", "hv-a", &[outcome]).begin();
        w.until_host("hv-a", SessionHostState::Draining);
        w.say(Command::Cancel).unwrap();
        w.until_session(SessionState::Cancelled);
        assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    }
}

#[test]
pub(crate) fn cancel_while_owners_are_asked() {
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert_eq!(w.host("hv-a").state, SessionHostState::Cancelled);
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(matches!(w.answer(&notification, accept(Action::Keep)), Err(Reject::Late { .. })));
}

#[test]
pub(crate) fn cancel_while_servers_move_finishes_the_move() {
    let mut w = one_server()
        .server("k", "red", "hv-a")
        .spec(|d| {
            d.default_action = Some(Action::Migrate);
            d.max_parallel_actions = 1;
        })
        .begin();
    w.until("a migration", |w| !w.session.watched().is_empty());
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert_eq!(w.calls_of(Op::ConfirmMigration, "k").len(), 1);
    assert!(w.runs("k") && w.runs("s"));
    assert_eq!(w.server_state("hv-a", "k"), ServerState::Moved);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
    assert_eq!(w.where_is("s"), Some("hv-a"));
}

#[test]
pub(crate) fn cancel_finishes_the_move_from_a_host_that_others_disabled() {
    let mut w = one_server()
        .disabled("hv-a", "noisy fan")
        .spec(|d| d.default_action = Some(Action::Migrate))
        .begin();
    w.until("a migration", |w| !w.session.watched().is_empty());
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
    assert!(w.runs("s"));
}

#[test]
pub(crate) fn cancel_while_servers_are_kept_starts_them() {
    let keep = vec![("k".into(), Action::Keep)];
    let mut w = story(&["hv-a"])
        .server("k", "red", "hv-a")
        .server("o", "blue", "hv-a")
        .owner("red", Words::Each(keep))
        .owner("blue", Words::All(Action::OwnAction))
        .begin();
    w.owners.get_mut(&"blue".into()).unwrap().takes = Duration::minutes(2);
    w.until("the stop", |w| w.server_state("hv-a", "k") == ServerState::Kept);
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert!(w.runs("k"));
}

#[test]
pub(crate) fn a_host_in_maintenance_stays_held_after_cancel() {
    let mut w = story(&["hv-a", "hv-b"])
        .server("k", "red", "hv-a")
        .server("l", "red", "hv-b")
        .spec(|d| d.default_action = Some(Action::Keep))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.say(Command::Cancel).unwrap();
    w.pass(Duration::hours(3));
    assert_eq!(w.session.head.state, SessionState::Cancelling);
    assert_eq!(w.host("hv-a").state, SessionHostState::InMaintenance);
    assert_eq!(w.host("hv-b").state, SessionHostState::Cancelled);
    assert!(w.waits_for(&WaitParty::Operator));
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled);
    w.complete("hv-a").unwrap();
    w.until_session(SessionState::Cancelled);
    assert!(w.runs("k"));
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
}

#[test]
pub(crate) fn cancel_while_paused_and_while_failed() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.say(Command::Pause).unwrap();
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    let mut w = first_host_fails(OnFailure::Stop);
    w.until_session(SessionState::Failed);
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert_eq!(w.host("hv-b").state, SessionHostState::Cancelled);
}

#[test]
pub(crate) fn a_session_that_is_over_cannot_be_cancelled_and_its_hosts_are_not_held() {
    let mut w = story(&["hv-a"]).begin();
    w.finish();
    assert!(matches!(w.say(Command::Cancel), Err(Reject::WrongState { .. })));
    assert!(matches!(w.complete("hv-a"), Err(Reject::WrongState { .. })));
}

// --- time

#[test]
pub(crate) fn a_drain_that_is_not_done_in_time_is_given_back() {
    let mut w = one_server()
        .owner("red", Words::All(Action::OwnAction))
        .spec(|d| d.drain_timeout = Some(Duration::minutes(20)))
        .begin();
    w.owners.get_mut(&"red".into()).unwrap().deed = crate::world::owners::Deed::Nothing;
    w.until_session(SessionState::Failed);
    let host = w.host("hv-a");
    assert_eq!(host.state, SessionHostState::DrainFailed);
    assert!(host.reason.text().contains("not empty in time"));
    assert!(w.now - host.drain_started_at.unwrap() < Duration::minutes(21));
    assert!(w.session_changes("red").contains(&SessionChange::DrainGivenUp));
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn the_end_of_the_window_pauses_the_session() {
    let mut w = story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-b")
        .spec(|d| d.window_end = Some(DAWN + Duration::hours(1)))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.pass(Duration::hours(2));
    assert_eq!(w.session.head.state, SessionState::Running, "what has begun is finished");
    w.complete("hv-a").unwrap();
    w.until_session(SessionState::Paused);
    assert!(w.session.head.reason.text().contains("window"));
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting);
    w.say(Command::Resume).unwrap();
    assert_eq!(w.session.head.state, SessionState::Paused, "it is still over");
    let end = Some(w.now + Duration::hours(2));
    w.update(&["window"], |d| d.window_end = end).unwrap();
    w.say(Command::Resume).unwrap();
    w.finish();
    assert_eq!(w.session.head.state, SessionState::Completed);
}

#[test]
pub(crate) fn a_host_that_does_not_fit_into_the_window_does_not_keep_others_from_it() {
    // One undecided server needs its reply period; two decided ones need none.
    let mut w = story(&["hv-a", "hv-b", "hv-c"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-b")
        .server("t", "blue", "hv-c")
        .server("u", "blue", "hv-c")
        .owner("blue", Words::All(Action::LiveMigrate))
        .spec(|d| {
            d.window_end = Some(DAWN + Duration::hours(1));
            d.drain_reply_period = Some(Duration::minutes(20));
        })
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.run_until(DAWN + Duration::minutes(45));
    w.complete("hv-a").unwrap();
    w.until_host("hv-c", SessionHostState::InMaintenance);
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting);
}

// --- update

#[test]
pub(crate) fn a_change_of_the_plan_is_announced_again() {
    let mut w = one_server().spec(|d| d.window_start = Some(DAWN + Duration::hours(1))).begin();
    let old = w.announcement("red");
    w.answer(&old, accept(Action::Keep)).unwrap();
    let window = (Some(DAWN + Duration::hours(2)), Some(DAWN + Duration::hours(9)));
    let changed = w.update(&["window"], |d| (d.window_start, d.window_end) = window);
    assert_eq!(changed, Ok(true));
    let new = w.announcement("red");
    assert_eq!(new.state, NotificationState::Pending);
    assert!(new.plan_revision > old.plan_revision);
    assert_eq!(new.reply_deadline_time, w.now + Duration::minutes(1));
    assert!(
        new.actions_start_time >= DAWN + Duration::hours(2),
        "nothing is touched before the window"
    );
    assert!(w.server("hv-a", "s").decision.is_none(), "it was about the old plan");
    let changed = w.update(&["max_parallel_hosts"], |d| d.max_parallel_hosts = 3);
    assert_eq!(changed, Ok(true));
    assert_eq!(w.announcement("red").plan_revision, new.plan_revision, "no owner's business");
}

#[test]
fn one_entry_of_the_metadata_is_changed_by_its_key() {
    let mut w = one_server().spec(|d| d.window_start = Some(DAWN + Duration::hours(1))).begin();
    let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    w.update(&["metadata"], |d| d.metadata = [entry("a", "1"), entry("b.c", "2")].into()).unwrap();
    w.update(&["metadata.a", "metadata.`d`"], |d| {
        d.metadata = [entry("d", "3"), entry("e", "4")].into()
    })
    .unwrap();
    assert_eq!(w.session.head.spec.metadata, [entry("b.c", "2"), entry("d", "3")].into());
    w.update(&["metadata.`b.c`"], |_| ()).unwrap();
    assert_eq!(w.session.head.spec.metadata, [entry("d", "3")].into());
    assert!(matches!(w.update(&["metadata."], |_| ()), Err(Reject::Violations(_))));
}

#[test]
fn one_end_of_the_window_changes_without_the_other() {
    let begin = DAWN + Duration::hours(1);
    let mut w = one_server().spec(|d| d.window_start = Some(begin)).begin();
    let old = w.announcement("red");
    let before = w.session.head.spec.window;
    let both = |d: &mut Draft| {
        (d.window_start, d.window_end) =
            (Some(DAWN + Duration::hours(2)), Some(DAWN + Duration::hours(9)));
    };
    assert_eq!(w.update(&["window.end_time"], both), Ok(true));
    let window = w.session.head.spec.window;
    assert_eq!((window.start, window.end), (before.start, DAWN + Duration::hours(9)));
    assert!(w.announcement("red").plan_revision > old.plan_revision, "it is a new plan");
    assert_eq!(w.update(&["window.start_time"], both), Ok(true));
    let window = w.session.head.spec.window;
    assert_eq!(window.start, DAWN + Duration::hours(2));
    assert_eq!(window.end, DAWN + Duration::hours(9));
    let late = w.update(&["window.start_time"], |d| {
        d.window_start = Some(DAWN + Duration::hours(10));
        d.window_end = Some(DAWN + Duration::hours(12));
    });
    assert!(matches!(late, Err(Reject::Violations(_))), "the end that stays is before it");
    let unset = w.update(&["window.end_time"], |d| d.window_end = None);
    assert!(matches!(unset, Err(Reject::Violations(_))), "it is required");
}

#[test]
pub(crate) fn a_session_that_missed_its_window_is_announced_again_with_the_new_one() {
    let mut w = one_server().spec(|d| d.start_mode = StartMode::Manual).begin();
    w.until_session(SessionState::Paused);
    let old = w.announcement("red");
    let end = Some(w.now + Duration::hours(2));
    w.update(&["window"], |d| d.window_end = end).unwrap();
    assert!(w.announcement("red").plan_revision > old.plan_revision);
    w.say(Command::Resume).unwrap();
    assert_eq!(w.session.head.state, SessionState::Scheduled);
}

#[test]
pub(crate) fn what_cannot_be_changed_is_refused() {
    let mut w = one_server().begin();
    assert!(matches!(w.update(&["hosts"], |_| ()), Err(Reject::Violations(_))));
    assert!(matches!(w.update(&[], |_| ()), Err(Reject::Violations(_))));
    assert!(matches!(w.update(&["reason"], |_| ()), Err(Reject::Violations(_))), "it is required");
    w.until_session(SessionState::Running);
    let moved = w.update(&["window"], |d| {
        d.window_start = Some(DAWN + Duration::hours(1));
        d.window_end = Some(DAWN + Duration::hours(3));
    });
    assert!(matches!(moved, Err(Reject::Violations(_))), "it has started");
    w.say(Command::Cancel).unwrap();
    let over = w.update(&["reason"], |d| d.reason = "x".to_owned());
    assert!(matches!(over, Err(Reject::WrongState { .. })));
}

/// Owners have 10 minutes for the announcement, and 5 for each drain; the window ends after this time.
fn in_window_of(story: Story, minutes: i64) -> Story {
    story.spec(|d| {
        d.announce_reply_period = Some(Duration::minutes(10));
        d.drain_reply_period = Some(Duration::minutes(5));
        d.window_end = Some(DAWN + Duration::minutes(minutes));
    })
}

#[test]
pub(crate) fn item_17_a_window_that_owners_can_use_up_is_refused() {
    for minutes in [1, 9, 15] {
        let refused = in_window_of(one_server(), minutes).try_begin();
        let Err(Reject::Violations(violations)) = refused.map(|w| w.session) else {
            panic!("a window of {minutes} minutes")
        };
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].field, "spec.window.end_time");
        let short = span::show(Duration::seconds((15 - minutes) * 60 + 1));
        let text = &violations[0].message;
        assert!(text.contains(&format!("{short} too early")), "{text}");
    }
    // Just enough: nobody says anything, and the server leaves inside the window.
    let mut w = in_window_of(one_server(), 17).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.now < DAWN + Duration::minutes(17));
    // A host that has nobody to wait for can be worked on.
    let empty = story(&["hv-a", "hv-b"]).spare(&["hv-z"]).server("s", "red", "hv-a");
    in_window_of(empty, 11).begin();
}
