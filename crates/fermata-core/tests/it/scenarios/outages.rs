//! The cloud or Fermata away, and lost answers.

use fermata_core::Duration;
use fermata_core::cloud::{CloudError, Scheduling};
use fermata_core::id::HostName;
use fermata_core::machine::{Command, Input};
use fermata_core::scheduling;
use fermata_core::session::{
    NotificationState, Op, ServerState, SessionHostState, SessionState, WaitParty,
};
use fermata_core::spec::{Action, OnSilence};

use crate::world::DAWN;
use crate::world::faults::Outcome;
use crate::world::owners::Words;
use crate::world::runner::CrashPoint;
use crate::world::story::{Story, accept, reject, story};

fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

#[test]
pub(crate) fn an_answer_that_was_lost_is_never_sent_again_when_it_happened() {
    for (action, ops) in [
        (Action::LiveMigrate, vec![Op::LiveMigrate]),
        (Action::Migrate, vec![Op::Migrate, Op::ConfirmMigration]),
        (Action::Keep, vec![Op::Stop, Op::Start]),
    ] {
        for late in [0, 3, 8] {
            let lost = [Outcome::Lost(Some(Duration::seconds(late)))];
            let mut story = one_server().spec(|d| d.default_action = Some(action));
            for op in &ops {
                story = story.goes(op.name(), "s", &lost);
            }
            let mut w = story.begin();
            w.finish();
            for op in &ops {
                assert_eq!(w.calls_of(*op, "s").len(), 1, "{op:?} {late}");
            }
            assert!(w.runs("s"));
        }
    }
}

#[test]
pub(crate) fn an_answer_that_was_lost_is_sent_again_when_it_did_not_happen() {
    for (action, op) in [
        (Action::LiveMigrate, Op::LiveMigrate),
        (Action::Migrate, Op::ConfirmMigration),
        (Action::Keep, Op::Start),
    ] {
        let mut w = one_server()
            .goes(op.name(), "s", &[Outcome::Lost(None)])
            .spec(|d| d.default_action = Some(action))
            .begin();
        w.finish();
        let calls = w.calls_of(op, "s");
        assert_eq!(calls.len(), 2);
        assert!(calls[1].at - calls[0].at >= Duration::seconds(10));
        assert!(w.runs("s"));
    }
}

#[test]
pub(crate) fn answers_lost_again_and_again_are_looked_into_every_time() {
    let lost = [
        Outcome::Lost(None),
        Outcome::Lost(None),
        Outcome::Lost(None),
        Outcome::Lost(Some(Duration::seconds(8))),
    ];
    let mut w = one_server().goes("live_migrate", "s", &lost).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.calls_of(Op::LiveMigrate, "s").len(), 4);
}

#[test]
pub(crate) fn a_crash_around_any_call_repeats_nothing_that_happened() {
    for action in [Action::LiveMigrate, Action::Migrate, Action::Keep] {
        for call in 0..5 {
            for point in [CrashPoint::BeforeCall, CrashPoint::AfterCall] {
                let mut w = one_server().spec(|d| d.default_action = Some(action)).begin();
                w.crashes.at.push((call, point, Duration::seconds(7)));
                w.finish();
                assert_eq!(w.session.head.state, SessionState::Completed);
                assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
                assert!(w.runs("s"), "{action:?} {call} {point:?}");
            }
        }
    }
}

#[test]
pub(crate) fn outages_in_a_row_are_all_given_back() {
    let mut w = one_server()
        .owner("red", Words::Silence)
        .spec(|d| {
            d.drain_reply_period = Some(Duration::minutes(5));
            d.on_silence = OnSilence::FailHost;
        })
        .begin();
    let before = w.until_asked("red", "hv-a");
    w.crash_often(&[Duration::minutes(4), Duration::minutes(7), Duration::minutes(9)]);
    let after = w.question("red", "hv-a");
    assert_eq!(after.state, NotificationState::Pending);
    assert_eq!(after.reply_deadline_time - before.reply_deadline_time, Duration::minutes(20));
    w.answer(&after, accept(Action::LiveMigrate)).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn an_outage_of_the_cloud_extends_deadlines() {
    let out = (Duration::minutes(2), Duration::minutes(12));
    let mut w = one_server()
        .server("t", "blue", "hv-a")
        .owner("red", Words::Silence)
        .outage(out.0, out.1)
        .spec(|d| {
            d.drain_reply_period = Some(Duration::minutes(5));
            d.on_silence = OnSilence::FailHost;
        })
        .begin();
    let notification = w.until_asked("red", "hv-a");
    assert!(notification.reply_deadline_time < DAWN + out.1);
    let deadline = w.host("hv-a").deadline.unwrap();
    w.run_until(DAWN + Duration::minutes(11));
    assert!(w.waits_for(&WaitParty::Cloud));
    assert!(w.session.head.trouble.is_some());
    assert_eq!(w.host("hv-a").state, SessionHostState::Draining, "it is not used against owners");
    w.run_until(DAWN + Duration::minutes(13));
    assert!(w.session.head.trouble.is_none());
    let moved = w.question("red", "hv-a").reply_deadline_time - notification.reply_deadline_time;
    assert!(moved > Duration::minutes(9) && moved <= Duration::minutes(11), "{moved}");
    assert!(w.host("hv-a").deadline.unwrap() >= deadline + Duration::minutes(9));
    let notification = w.question("red", "hv-a");
    w.answer(&notification, accept(Action::LiveMigrate)).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn an_outage_while_servers_move_is_sat_out() {
    for second in (60..150).step_by(7) {
        let out = (Duration::seconds(second), Duration::seconds(second + 400));
        let mut w = one_server()
            .outage(out.0, out.1)
            .spec(|d| {
                d.default_action = Some(Action::Migrate);
                d.action_timeout = Some(Duration::minutes(2));
            })
            .begin();
        w.finish();
        assert_eq!(w.session.head.state, SessionState::Completed, "{second}");
        assert_eq!(w.calls_of(Op::Migrate, "s").len(), 1);
    }
}

#[test]
pub(crate) fn a_crash_does_not_use_up_owners_time() {
    let mut w = one_server()
        .owner("red", Words::Silence)
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(5)))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    w.crash(Duration::minutes(30));
    assert_eq!(
        w.question("red", "hv-a").reply_deadline_time,
        notification.reply_deadline_time + Duration::minutes(30)
    );
    w.finish();
}

#[test]
pub(crate) fn who_has_answered_may_change_its_mind_as_long_as_without_the_outage() {
    let mut w = one_server()
        .server("t", "blue", "hv-a")
        .owner("red", Words::Silence)
        .owner("blue", Words::Silence)
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(5)))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, accept(Action::LiveMigrate)).unwrap();
    w.crash(Duration::minutes(30));
    let after = w.question("red", "hv-a");
    assert_eq!(after.reply_deadline_time, notification.reply_deadline_time + Duration::minutes(30));
    assert_eq!(w.answer(&after, accept(Action::Migrate)), Ok(true));
}

#[test]
pub(crate) fn a_crash_in_an_outage_is_counted_once() {
    let out = (Duration::seconds(70), Duration::minutes(20));
    let mut w = one_server()
        .owner("red", Words::Silence)
        .outage(out.0, out.1)
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(5)))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    w.run_until(DAWN + Duration::minutes(5));
    assert!(w.session.head.trouble.is_some());
    w.crash(Duration::minutes(10));
    w.until("the cloud", |w| w.session.head.trouble.is_none());
    let moved = w.question("red", "hv-a").reply_deadline_time - notification.reply_deadline_time;
    assert!(moved <= out.1 - out.0 + Duration::seconds(10), "{moved}");
}

#[test]
pub(crate) fn a_held_host_notifications_the_end_of_an_outage() {
    let mut w = one_server()
        .outage(Duration::seconds(80), Duration::minutes(12))
        .spec(|d| {
            d.drain_reply_period = Some(Duration::minutes(10));
            d.drain_timeout = Some(Duration::minutes(30));
        })
        .begin();
    w.until("the outage", |w| w.session.head.trouble.is_some());
    let notification = w.question("red", "hv-a");
    w.answer(&notification, reject("not today")).unwrap();
    assert!(w.host("hv-a").hold.is_some());
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed, "its deadline still counts");
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
}

#[test]
pub(crate) fn an_action_that_did_not_begin_is_not_begun_after_a_cancel_or_in_a_pause() {
    for (action, op) in [
        (Action::LiveMigrate, Op::LiveMigrate),
        (Action::Migrate, Op::Migrate),
        (Action::Keep, Op::Stop),
    ] {
        for command in [Command::Cancel, Command::Pause] {
            let mut w = one_server()
                .goes(op.name(), "s", &[Outcome::Lost(None)])
                .spec(|d| d.default_action = Some(action))
                .begin();
            w.until("the call", |w| !w.calls_of(op, "s").is_empty());
            w.say(command).unwrap();
            w.pass(Duration::minutes(1));
            assert_eq!(w.calls_of(op, "s").len(), 1, "{op:?} {command:?}");
            assert!(w.runs("s"));
        }
    }
}

#[test]
pub(crate) fn a_disabling_that_comes_through_late_does_not_outlast_the_session() {
    for crashes in [true, false] {
        let mut w = story(&["hv-a"]).begin();
        w.plan();
        let host: HostName = "hv-a".into();
        let (at, result) = (w.now, w.cloud.read_host(&host));
        w.apply(Input::StatusRead { host: host.clone(), at, result }).unwrap();
        let due = w.session.due_calls(w.now)[0].clone();
        w.apply(Input::Begin { call: due.id, epoch: 1, seen: None }).unwrap();
        if crashes {
            w.crash(Duration::ZERO);
        } else {
            let result = Err(CloudError::Unknown { detail: "no answer".to_owned() });
            w.apply(Input::Ended { call: due.id, result }).unwrap();
        }
        w.say(Command::Cancel).unwrap();
        w.pass(Duration::seconds(8));
        assert_ne!(w.session.head.state, SessionState::Cancelled);
        let reason = scheduling::of_session(w.session.head.id, "late");
        w.cloud.hosts.get_mut(&host).unwrap().scheduling = Scheduling::Disabled { reason };
        w.until_session(SessionState::Cancelled);
        assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    }
}
