//! Silence, objections, and replies that do not count.

use fermata_core::Duration;
use fermata_core::event::{OperatorEvent, OwnerEvent, ReplyKind, SessionChange};
use fermata_core::machine::{Answer, Reject};
use fermata_core::session::{
    DecisionSource, NotificationState, Op, ServerState, SessionHostState, SessionState, WaitParty,
};
use fermata_core::spec::{Action, Kind, OnObjection, OnSilence, StartMode, ViolationKind};

use crate::world::owners::Words;
use crate::world::story::{Story, accept, accept_each, operator, reject, story};
use crate::world::{DAWN, World};

/// One server of red on hv-a, and room elsewhere.
fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

fn sort_of(said: Result<bool, Reject>) -> Vec<ViolationKind> {
    match said {
        Err(Reject::Violations(violations)) => violations.into_iter().map(|f| f.sort).collect(),
        other => panic!("{other:?}"),
    }
}

// --- silence

#[test]
pub(crate) fn silence_means_the_default_action() {
    let mut w = one_server()
        .owner("red", Words::Silence)
        .spec(|d| d.default_action = Some(Action::Migrate))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.done_at(Op::Migrate, "s"), notification.reply_deadline_time);
    let decision = w.server("hv-a", "s").decision.clone().unwrap();
    assert_eq!(decision.source, DecisionSource::SessionDefault);
}

#[test]
pub(crate) fn silence_holds_the_host_for_the_operator() {
    let mut w =
        one_server().owner("red", Words::Silence).spec(|d| d.on_silence = OnSilence::Hold).begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    w.pass(Duration::minutes(10));
    assert_eq!(w.host("hv-a").state, SessionHostState::Draining);
    assert!(w.waits_for(&WaitParty::Operator));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.override_owners("hv-a", "the disk is failing").unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let decision = w.server("hv-a", "s").decision.clone().unwrap();
    assert_eq!(decision.source, DecisionSource::Operator);
}

#[test]
pub(crate) fn silence_gives_the_host_back() {
    let mut w = one_server()
        .owner("red", Words::Silence)
        .spec(|d| d.on_silence = OnSilence::FailHost)
        .begin();
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed);
    assert!(w.session_changes("red").contains(&SessionChange::DrainGivenUp));
    assert_eq!(w.where_is("s"), Some("hv-a"));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
}

#[test]
pub(crate) fn everybody_whose_silence_gave_the_host_back_is_asked_again() {
    let mut w = one_server()
        .server("x", "blue", "hv-a")
        .owner("red", Words::Silence)
        .owner("blue", Words::Silence)
        .spec(|d| d.on_silence = OnSilence::FailHost)
        .begin();
    w.until_host("hv-a", SessionHostState::DrainFailed);
    for project in ["red", "blue"] {
        assert_eq!(w.question(project, "hv-a").state, NotificationState::Closed, "{project}");
    }
    w.retry("hv-a").unwrap();
    for project in ["red", "blue"] {
        w.until("the question", |w| {
            w.question(project, "hv-a").state == NotificationState::Pending
        });
    }
}

#[test]
pub(crate) fn a_project_that_does_not_take_part_is_not_waited_for_beyond_its_time() {
    for policy in [OnSilence::Hold, OnSilence::FailHost] {
        let mut w = one_server().spec(|d| d.on_silence = policy).begin();
        w.until_host("hv-a", SessionHostState::InMaintenance);
        assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
    }
}

// --- objections

#[test]
pub(crate) fn an_objection_holds_and_the_operator_overrides_it() {
    let mut w = one_server().owner("red", Words::No("quarter end".to_owned())).begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert!(w.host("hv-a").reason.text().contains("quarter end"));
    let notification = w.question("red", "hv-a");
    assert_eq!(notification.state, NotificationState::Rejected);
    assert!(matches!(w.override_owners("hv-a", " "), Err(Reject::Violations(_))), "needs a reason");
    let told = w.times_told(notification.id);
    w.override_owners("hv-a", "the disk is failing").unwrap();
    let (_, audit) = w.told.audits.iter().rfind(|(_, entry)| entry.who == operator()).unwrap();
    assert_eq!(audit.action.name(), "RetryHostOverridingOwners");
    assert_eq!((audit.detail.as_str(), &audit.resource.project), ("hv-a", &None));
    assert_eq!(audit.reason, "the disk is failing");
    assert!(w.times_told(notification.id) > told, "the owner is told");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let decision = w.server("hv-a", "s").decision.clone().unwrap();
    assert_eq!(decision.source, DecisionSource::Operator);
}

#[test]
pub(crate) fn item_6_an_objection_in_other_words_replaces_the_first_one() {
    let mut w = one_server().begin();
    w.interactive.insert("red".into());
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, reject("not now")).unwrap();
    let since = w.host("hv-a").hold.clone().unwrap().since;
    w.pass(Duration::seconds(30));
    assert_eq!(w.answer(&notification, reject("the quarter ends")), Ok(true));
    let hold = w.host("hv-a").hold.clone().unwrap();
    assert_eq!(hold.since, since);
    for text in [hold.reason.text(), w.host("hv-a").reason.text()] {
        assert!(text.contains("the quarter ends") && !text.contains("not now"), "{text}");
    }
    let replied = w.question("red", "hv-a").replied.unwrap();
    assert_eq!(replied.kind, ReplyKind::Rejected);
    assert!(replied.at > since);
}

#[test]
pub(crate) fn an_objection_is_taken_back() {
    let mut w = one_server().begin();
    w.interactive.insert("red".into());
    let notification = w.until_asked("red", "hv-a");
    assert_eq!(w.answer(&notification, reject("not now")), Ok(true));
    assert!(w.host("hv-a").hold.is_some());
    w.pass(Duration::minutes(5));
    assert_eq!(
        w.answer(&notification, accept(Action::LiveMigrate)),
        Ok(true),
        "a hold waits for it"
    );
    assert!(w.host("hv-a").hold.is_none());
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn an_objection_gives_the_host_back() {
    let mut w = one_server()
        .owner("red", Words::No("never".to_owned()))
        .spec(|d| d.on_objection = OnObjection::FailHost)
        .begin();
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed);
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
}

#[test]
pub(crate) fn an_objection_to_the_announcement_stands_at_the_drain() {
    let mut w = one_server().begin();
    w.interactive.insert("red".into());
    let announced = w.announcement("red");
    w.answer(&announced, reject("never")).unwrap();
    w.until_asked("red", "hv-a");
    assert_eq!(w.question("red", "hv-a").state, NotificationState::Rejected);
    assert!(w.host("hv-a").hold.is_some());
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
}

#[test]
pub(crate) fn an_objection_is_taken_back_where_it_was_made() {
    let mut w = one_server().begin();
    w.interactive.insert("red".into());
    let announced = w.announcement("red");
    w.answer(&announced, reject("never")).unwrap();
    w.until_asked("red", "hv-a");
    w.answer(&announced, accept(Action::LiveMigrate)).unwrap();
    assert!(w.host("hv-a").hold.is_none(), "the drain goes on");
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn an_objection_to_the_announcement_stops_a_drain_that_has_begun() {
    let mut w = one_server()
        .spec(|d| {
            d.start_mode = StartMode::Manual;
            d.announce_reply_period = Some(Duration::minutes(30));
        })
        .begin();
    w.interactive.insert("red".into());
    w.say(fermata_core::machine::Command::Start).unwrap();
    w.until_asked("red", "hv-a");
    let announced = w.announcement("red");
    assert_eq!(announced.state, NotificationState::Pending);
    w.answer(&announced, reject("never")).unwrap();
    w.pass(Duration::minutes(10));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    assert!(w.host("hv-a").hold.is_some());
}

#[test]
pub(crate) fn nothing_that_was_only_wanted_is_done_after_an_objection() {
    use crate::world::faults::Outcome::Unavailable;
    let mut w = one_server().goes("live_migrate", "s", &[Unavailable, Unavailable]).begin();
    w.interactive.insert("red".into());
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, accept(Action::LiveMigrate)).unwrap();
    w.until("the call", |w| w.server_state("hv-a", "s") == ServerState::InAction);
    w.answer(&notification, reject("I was wrong")).unwrap();
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
}

// --- replies that do not count

#[test]
pub(crate) fn a_late_reply_changes_nothing() {
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    w.until("silence", |w| w.now >= notification.reply_deadline_time);
    let before = w.session.clone();
    let said = w.answer(&notification, accept(Action::Migrate));
    assert_eq!(said, Err(Reject::Late { reply_deadline_time: notification.reply_deadline_time }));
    assert_eq!(w.session, before);
}

#[test]
pub(crate) fn the_deadline_itself_is_late() {
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    w.now = notification.reply_deadline_time;
    let said = w.answer(&notification, accept(Action::Migrate));
    assert_eq!(said, Err(Reject::Late { reply_deadline_time: notification.reply_deadline_time }));
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    w.now = notification.reply_deadline_time - Duration::microseconds(1);
    assert_eq!(w.answer(&notification, accept(Action::Migrate)), Ok(true));
}

#[test]
pub(crate) fn a_reply_to_an_older_plan_is_stale() {
    let mut w = one_server().spec(|d| d.window_start = Some(DAWN + Duration::hours(1))).begin();
    let old = w.announcement("red");
    w.update(&["reason"], |d| d.reason = "other firmware".to_owned()).unwrap();
    let new = w.announcement("red");
    assert!(new.plan_revision > old.plan_revision);
    let said = w.answer(&old, accept(Action::Migrate));
    assert_eq!(said, Err(Reject::Stale { current: new.plan_revision }));
    assert_eq!(w.answer(&new, accept(Action::Migrate)), Ok(true));
}

#[test]
pub(crate) fn a_reply_to_a_plan_that_does_not_exist_yet_is_a_violation() {
    let mut w = one_server().begin();
    let mut notification = w.announcement("red");
    notification.plan_revision += 1;
    assert_eq!(sort_of(w.answer(&notification, accept(Action::Migrate))), [ViolationKind::Field]);
}

#[test]
pub(crate) fn others_cannot_answer() {
    let mut w = one_server().server("t", "blue", "hv-a").begin();
    let notification = w.announcement("red");
    let said = w.reply(&"blue".into(), notification.id, 1, accept(Action::Migrate), "");
    assert_eq!(said, Err(Reject::UnknownNotification));
}

#[test]
pub(crate) fn servers_and_actions_that_are_not_offered_are_refused_together() {
    let mut w =
        one_server().server("t", "blue", "hv-a").spec(|d| d.kind = Kind::Retirement).begin();
    let notification = w.announcement("red");
    let answer = accept_each(&[("t", Action::Migrate), ("s", Action::Keep)]);
    assert_eq!(
        sort_of(w.answer(&notification, answer)),
        [ViolationKind::ServerNotInNotification, ViolationKind::ActionNotAllowed]
    );
    assert_eq!(
        sort_of(w.answer(&notification, accept(Action::Keep))),
        [ViolationKind::ActionNotAllowed]
    );
    let nothing = Answer::Accept { all: None, decisions: Vec::new() };
    assert_eq!(sort_of(w.answer(&notification, nothing)), [ViolationKind::Field]);
    assert_eq!(sort_of(w.answer(&notification, reject(" "))), [ViolationKind::Field]);
    let done = Answer::OwnActionDone { servers: vec!["t".into()] };
    assert_eq!(sort_of(w.answer(&notification, done)), [ViolationKind::ServerNotInNotification]);
}

#[test]
pub(crate) fn a_server_decided_twice_in_one_reply_is_a_violation() {
    let mut w = one_server().begin();
    let notification = w.announcement("red");
    let both = accept_each(&[("s", Action::Keep), ("s", Action::Migrate)]);
    assert_eq!(sort_of(w.answer(&notification, both)), [ViolationKind::Field]);
    assert!(w.server("hv-a", "s").decision.is_none());
}

#[test]
pub(crate) fn the_same_reply_twice_counts_once() {
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    assert_eq!(w.answer(&notification, accept(Action::Keep)), Ok(true));
    let replied = |w: &World| {
        let of = |(_, e): &&(_, OperatorEvent)| matches!(e, OperatorEvent::OwnerReplied { .. });
        w.told.operators.iter().filter(of).count()
    };
    let (events, revision) = (replied(&w), w.session.head.revision);
    assert_eq!(w.answer(&notification, accept(Action::Keep)), Ok(false));
    assert_eq!((replied(&w), w.session.head.revision), (events, revision));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.answer(&notification, accept(Action::Keep)), Ok(false), "even when it is late");
}

#[test]
pub(crate) fn decisions_may_change_before_the_deadline() {
    let mut w = one_server()
        .server("t", "blue", "hv-a")
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(10)))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    assert_eq!(w.answer(&notification, accept(Action::Keep)), Ok(true));
    w.pass(Duration::minutes(1));
    assert_eq!(w.answer(&notification, accept(Action::Migrate)), Ok(true));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.calls_of(Op::Stop, "s").is_empty());
    assert_eq!(w.calls_of(Op::Migrate, "s").len(), 1);
}

#[test]
pub(crate) fn decisions_stand_once_the_action_has_begun() {
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, accept(Action::LiveMigrate)).unwrap();
    w.until("the action", |w| w.server_state("hv-a", "s") == ServerState::InAction);
    let said = w.answer(&notification, accept(Action::Keep));
    assert!(matches!(said, Err(Reject::WrongState { .. })), "{said:?}");
}

#[test]
pub(crate) fn what_was_decided_at_the_announcement_is_not_asked_again() {
    let mut w = one_server().begin();
    let announced = w.announcement("red");
    w.answer(&announced, accept(Action::Migrate)).unwrap();
    assert_eq!(w.session.head.state, SessionState::Running, "all replied, so it starts");
    w.until_asked("red", "hv-a");
    assert_eq!(w.question("red", "hv-a").state, NotificationState::Answered);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.now < DAWN + Duration::minutes(2));
}

#[test]
pub(crate) fn servers_left_out_of_a_reply_stay_undecided() {
    let mut w = one_server().server("t", "red", "hv-a").begin();
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, accept_each(&[("s", Action::Migrate)])).unwrap();
    assert_eq!(w.question("red", "hv-a").state, NotificationState::Pending);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let source = |s| w.server("hv-a", s).decision.as_ref().unwrap().source;
    assert_eq!((source("s"), source("t")), (DecisionSource::Owner, DecisionSource::SessionDefault));
}

#[test]
pub(crate) fn an_owner_says_that_it_is_done() {
    let mut w = one_server().begin();
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, accept(Action::OwnAction)).unwrap();
    w.cloud.others_move(&"s".into(), None);
    let done = Answer::OwnActionDone { servers: vec!["s".into()] };
    let said =
        w.reply(&"red".into(), notification.id, notification.plan_revision, done.clone(), "");
    assert_eq!(said, Ok(true));
    let again = w.reply(&"red".into(), notification.id, notification.plan_revision, done, "");
    assert_eq!(again, Ok(false), "the same reply twice counts once");
    let (_, last) = w.told.operators.last().unwrap();
    let expected = ReplyKind::OwnActionDone;
    assert!(matches!(last, OperatorEvent::OwnerReplied { reply, .. } if *reply == expected));
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn owners_hear_only_of_their_own() {
    let mut w = one_server().server("t", "blue", "hv-a").server("u", "blue", "hv-a").begin();
    w.finish();
    let of = |project: &str| {
        let events = w.told.owners.iter().filter(move |(_, p, _)| p.as_str() == project);
        events.filter(|(_, _, e)| matches!(e, OwnerEvent::Server { .. })).count()
    };
    assert_eq!((of("red"), of("blue")), (2, 4));
}

#[test]
pub(crate) fn an_owner_whose_servers_are_gone_is_not_waited_for() {
    let mut w = one_server()
        .server("t", "blue", "hv-a")
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(30)))
        .begin();
    let notification = w.until_asked("red", "hv-a");
    w.answer(&notification, accept(Action::LiveMigrate)).unwrap();
    w.cloud.others_move(&"t".into(), None);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.now < notification.reply_deadline_time - Duration::minutes(20));
}
