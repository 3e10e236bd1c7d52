//! Counter-offers: what owners offer instead of what they were asked, and what becomes of it.

use fermata_core::event::{OperatorEvent, ReplyKind, SessionChange};
use fermata_core::machine::{Answer, Command, HostCommand, OfferedTerms, Reject};
use fermata_core::reason::DeclineCause;
use fermata_core::session::{
    Notification, NotificationState, Op, ServerState, SessionHostState, SessionState, Verdict,
    WaitParty,
};
use fermata_core::spec::{Action, StartMode, ViolationKind};
use fermata_core::{Duration, Time};

use crate::world::owners::Words;
use crate::world::story::{Story, accept, reject, story};
use crate::world::{DAWN, World};

/// Two hosts, one after the other, with a server of red and one of blue on each, and room elsewhere.
fn two_hosts() -> Story {
    story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("a", "red", "hv-a")
        .server("b", "red", "hv-b")
        .server("x", "blue", "hv-a")
        .owner("blue", Words::All(Action::LiveMigrate))
}

fn in_minutes(minutes: i64) -> Option<Time> {
    Some(DAWN + Duration::minutes(minutes))
}

fn later(servers: &[&str], not_before: Option<Time>) -> Answer {
    let servers = servers.iter().map(|s| (*s).into()).collect();
    Answer::CounterOffer(OfferedTerms { servers, not_before, after: Vec::new() })
}

fn after(servers: &[&str], first: &[&str]) -> Answer {
    Answer::CounterOffer(OfferedTerms {
        servers: servers.iter().map(|s| (*s).into()).collect(),
        not_before: None,
        after: first.iter().map(|s| (*s).into()).collect(),
    })
}

fn verdict(notification: &Notification) -> Verdict {
    notification.counter_offer.clone().expect("an offer was made").verdict
}

/// Makes an offer to the announcement, and waits until it is planned.
fn offer(w: &mut World, project: &str, answer: Answer) -> Notification {
    let announced = w.announcement(project);
    assert_eq!(w.answer(&announced, answer), Ok(true));
    assert_eq!(w.announcement(project).state, NotificationState::CounterOffered);
    planned(w, project)
}

fn planned(w: &mut World, project: &str) -> Notification {
    w.until("the verdict", |w| w.session.open_counter_offers().is_empty());
    w.announcement(project)
}

/// When it began to leave its host.
fn left_at(w: &World, server: &str) -> Time {
    w.calls_of(Op::LiveMigrate, server)[0].at
}

fn violations(said: Result<bool, Reject>) -> Vec<(String, ViolationKind)> {
    match said {
        Err(Reject::Violations(violations)) => {
            violations.into_iter().map(|f| (f.field, f.sort)).collect()
        }
        other => panic!("{other:?}"),
    }
}

// --- not before a time

#[test]
pub(crate) fn nothing_happens_before_the_time_that_was_agreed() {
    let mut w = two_hosts().begin();
    let before = w.announcement("red");
    let asked = offer(&mut w, "red", later(&["a"], in_minutes(90)));
    assert_eq!(verdict(&asked), Verdict::Accepted);
    assert!(asked.plan_revision > before.plan_revision, "the plan moves on");
    assert_eq!(asked.state, NotificationState::Pending, "and red is asked again");
    assert_eq!(asked.reply_deadline_time, w.now + Duration::minutes(1));
    let stale = w.answer(&before, accept(Action::LiveMigrate));
    assert_eq!(stale, Err(Reject::Stale { current: asked.plan_revision }));
    w.answer(&asked, accept(Action::LiveMigrate)).unwrap();
    w.finish();
    assert!(left_at(&w, "a") >= DAWN + Duration::minutes(90));
    assert!(left_at(&w, "a") < DAWN + Duration::minutes(95), "and not much later");
    assert!(left_at(&w, "b") < DAWN + Duration::minutes(10), "others do not wait for it");
}

#[test]
pub(crate) fn an_offer_is_told_to_the_operator() {
    let mut w = two_hosts().begin();
    let announced = w.announcement("red");
    let said = later(&["a"], in_minutes(90));
    w.reply(&"red".into(), announced.id, announced.plan_revision, said, "a busy hour").unwrap();
    let replied = w.told.operators.iter().rev().find_map(|(_, event)| match event {
        OperatorEvent::OwnerReplied { reply, comment, .. } => Some((*reply, comment.as_str())),
        _ => None,
    });
    assert_eq!(replied, Some((ReplyKind::CounterOffer, "a busy hour")));
    assert!(
        w.session.waits().iter().any(|w| w.description.contains("counter-offer of project red"))
    );
    planned(&mut w, "red");
    let judged = w.told.operators.iter().rev().find_map(|(_, event)| match event {
        OperatorEvent::CounterOfferJudged { notification, declined, .. } => {
            Some((*notification, declined.clone()))
        }
        _ => None,
    });
    assert_eq!(judged, Some((announced.id, None)));
}

#[test]
pub(crate) fn what_cannot_end_inside_the_window_is_declined_and_the_question_stands() {
    let mut w = two_hosts()
        .spec(|d| d.work_timeout = Some(Duration::hours(3)))
        .spec(|d| d.announce_reply_period = Some(Duration::minutes(10)))
        .begin();
    let before = w.announcement("red");
    // Two hosts of three hours each, eight hours in all: one may begin two hours later, and not four.
    let asked = offer(&mut w, "red", later(&["a"], in_minutes(5 * 60 + 30)));
    let Verdict::Declined(why) = verdict(&asked) else { panic!("{asked:?}") };
    assert_eq!(why.cause(), DeclineCause::WindowExceeded);
    assert!(why.text().contains("the window ends at 2026-03-01T16:00:00Z"), "{why}");
    assert_eq!(
        (asked.state, asked.plan_revision),
        (NotificationState::Pending, before.plan_revision)
    );
    assert!(asked.reply_deadline_time >= before.reply_deadline_time);
    assert!(w.server("hv-a", "a").terms.is_unset());
    assert_eq!(w.answer(&asked, accept(Action::LiveMigrate)), Ok(true), "it can still be answered");
    let again = offer(&mut w, "red", later(&["a"], in_minutes(4 * 60)));
    assert_eq!(verdict(&again), Verdict::Accepted, "another one may be kept");
}

#[test]
pub(crate) fn the_time_in_which_an_offer_is_planned_is_given_back_once_whatever_happens_meanwhile()
{
    let mut w = two_hosts()
        .spec(|d| d.work_timeout = Some(Duration::hours(3)))
        .spec(|d| d.announce_reply_period = Some(Duration::hours(1)))
        .begin();
    let before = w.announcement("red");
    w.pass(Duration::minutes(1));
    let too_late = later(&["a"], in_minutes(5 * 60 + 30));
    w.latency.most = Duration::minutes(1);
    let made_at = w.now;
    w.answer(&before, too_late.clone()).unwrap();
    w.crash(Duration::minutes(10));
    w.pass(Duration::seconds(1));
    let even_later = later(&["a"], in_minutes(5 * 60 + 40));
    w.answer(&before, even_later).unwrap();
    let after = planned(&mut w, "red");
    assert!(matches!(verdict(&after), Verdict::Declined(_)), "{after:?}");
    assert!(w.now - made_at > Duration::minutes(10));
    assert_eq!(after.reply_deadline_time - before.reply_deadline_time, w.now - made_at);

    let made_at = w.now;
    w.answer(&after, too_late).unwrap();
    w.pass(Duration::seconds(1));
    w.answer(&after, accept(Action::LiveMigrate)).unwrap();
    assert_eq!(
        w.announcement("red").reply_deadline_time - after.reply_deadline_time,
        w.now - made_at,
        "taken back"
    );
}

#[test]
pub(crate) fn offers_that_say_nothing_are_refused_with_all_their_violations() {
    let mut w = two_hosts().begin();
    let announced = w.announcement("red");
    let of = |w: &mut World, answer| violations(w.answer(&announced, answer));
    let field = |name: &str| (format!("counter_offer{name}"), ViolationKind::Field);
    assert_eq!(of(&mut w, later(&["a"], None)), [field("")]);
    assert_eq!(of(&mut w, later(&["a"], in_minutes(0))), [field(".not_before")]);
    assert_eq!(of(&mut w, later(&["a"], in_minutes(8 * 60))), [field(".not_before")]);
    assert_eq!(
        of(&mut w, after(&["x", "a"], &["x", "nobody"])),
        [
            field(".after_server_ids[0]"),
            field(".after_server_ids[1]"),
            ("counter_offer.server_ids[0]".to_owned(), ViolationKind::ServerNotInNotification),
        ]
    );
    assert_eq!(of(&mut w, after(&["a", "b"], &["b"])), [field(".after_server_ids")]);
    let all_after_all = after(&[], &["a", "b"]);
    assert_eq!(of(&mut w, all_after_all), [field(".server_ids")]);
}

#[test]
pub(crate) fn the_same_offer_twice_counts_once_and_another_answer_takes_it_back() {
    let mut w = two_hosts().begin();
    let announced = w.announcement("red");
    assert_eq!(w.answer(&announced, later(&["a"], in_minutes(90))), Ok(true));
    assert_eq!(w.answer(&announced, later(&["a"], in_minutes(90))), Ok(false));
    assert_eq!(w.answer(&announced, accept(Action::LiveMigrate)), Ok(true));
    assert_eq!(w.announcement("red").counter_offer, None);
    w.until_session(SessionState::Running);
    assert!(w.server("hv-a", "a").terms.is_unset());
}

#[test]
pub(crate) fn a_session_does_not_start_while_an_offer_is_planned() {
    let mut w = two_hosts().outage(Duration::ZERO, Duration::minutes(20)).begin();
    let announced = w.announcement("red");
    w.answer(&announced, later(&["a"], in_minutes(90))).unwrap();
    w.pass(Duration::minutes(15));
    assert_eq!(w.session.head.state, SessionState::Scheduled);
    assert_eq!(
        w.announcement("red").state,
        NotificationState::CounterOffered,
        "no deadline passes"
    );
    let asked = planned(&mut w, "red");
    assert_eq!(verdict(&asked), Verdict::Accepted);
}

#[test]
pub(crate) fn a_session_that_is_cancelled_plans_no_offer() {
    let mut w = two_hosts().outage(Duration::ZERO, Duration::minutes(20)).begin();
    let announced = w.announcement("red");
    w.answer(&announced, later(&["a"], in_minutes(90))).unwrap();
    w.say(Command::Cancel).unwrap();
    w.until_session(SessionState::Cancelled);
    assert!(w.session.open_counter_offers().is_empty());
}

// --- after others

#[test]
pub(crate) fn half_of_them_go_first() {
    let mut w = story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("a", "red", "hv-a")
        .server("b", "red", "hv-b")
        .spec(|d| d.max_parallel_hosts = 2)
        .owner("red", Words::HalfFirst(Action::LiveMigrate))
        .begin();
    w.finish();
    let first = w.calls_of(Op::LiveMigrate, "a")[0].ended_at.unwrap();
    assert!(left_at(&w, "b") >= first);
}

#[test]
pub(crate) fn half_of_them_go_first_from_the_same_host() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("a1", "red", "hv-a")
        .server("a2", "red", "hv-a")
        .server("a3", "red", "hv-a")
        .server("a4", "red", "hv-a")
        .owner("red", Words::HalfFirst(Action::LiveMigrate))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let ended = ["a1", "a2"].map(|s| w.calls_of(Op::LiveMigrate, s)[0].ended_at.unwrap());
    for second in ["a3", "a4"] {
        assert!(ended.iter().all(|first| left_at(&w, second) >= *first));
    }
    assert!(left_at(&w, "a2") < ended[0], "together otherwise");
}

#[test]
pub(crate) fn whoever_comes_after_a_server_that_is_kept_waits_for_its_host() {
    let mut w = two_hosts().spec(|d| d.max_parallel_hosts = 2).begin();
    let asked = offer(&mut w, "red", after(&["b"], &["a"]));
    let decisions = vec![("a".into(), Some(Action::Keep)), ("b".into(), Some(Action::LiveMigrate))];
    w.answer(&asked, Answer::Accept { all: None, decisions }).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.pass(Duration::minutes(30));
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting, "it is not drained to no purpose");
    w.finish();
    assert!(left_at(&w, "b") >= w.done_at(Op::Start, "a"));
}

#[test]
pub(crate) fn whoever_comes_after_a_host_that_is_left_out_does_not_wait_for_it() {
    let mut w = two_hosts().begin();
    let asked = offer(&mut w, "red", after(&["b"], &["a"]));
    w.answer(&asked, accept(Action::LiveMigrate)).unwrap();
    w.skip("hv-a").unwrap();
    w.until_host("hv-b", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn servers_do_not_wait_for_each_other() {
    let mut w = two_hosts().begin();
    let asked = offer(&mut w, "red", after(&["b"], &["a"]));
    let said = w.answer(&asked, after(&["a"], &["b"]));
    assert_eq!(
        violations(said),
        [("counter_offer.after_server_ids".to_owned(), ViolationKind::Field)]
    );
}

#[test]
pub(crate) fn nobody_can_leave_a_host_after_a_server_that_is_kept_on_it() {
    let mut w = two_hosts().server("a2", "red", "hv-a").begin();
    let announced = w.announcement("red");
    let decisions = vec![("a".into(), Some(Action::Keep))];
    w.answer(&announced, Answer::Accept { all: None, decisions }).unwrap();
    let said = w.answer(&announced, after(&["a2"], &["a"]));
    assert_eq!(
        violations(said),
        [("counter_offer.after_server_ids".to_owned(), ViolationKind::Field)]
    );
}

// --- while a host is drained

#[test]
pub(crate) fn a_drain_waits_where_that_takes_less_than_its_time() {
    let mut w = two_hosts().spec(|d| d.max_parallel_hosts = 2).begin();
    let asked = w.until_asked("red", "hv-a");
    let at = w.now + Duration::minutes(20);
    w.answer(&asked, later(&[], Some(at))).unwrap();
    let asked = {
        w.until("the verdict", |w| w.session.open_counter_offers().is_empty());
        w.question("red", "hv-a")
    };
    assert_eq!(verdict(&asked), Verdict::Accepted);
    assert_eq!(asked.state, NotificationState::Pending, "it is asked again");
    assert_eq!(asked.actions_start_time, at);
    assert!(!w.session_changes("red").contains(&SessionChange::DrainPutOff));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(left_at(&w, "a") >= at);
}

#[test]
pub(crate) fn a_drain_is_put_off_where_the_time_is_after_its_own() {
    let mut w = two_hosts().begin();
    let asked = w.until_asked("red", "hv-a");
    let at = w.now + Duration::minutes(90);
    w.answer(&asked, later(&["a"], Some(at))).unwrap();
    w.until("it is put off", |w| w.host("hv-a").state == SessionHostState::Waiting);
    for project in ["red", "blue"] {
        assert!(w.session_changes(project).contains(&SessionChange::DrainPutOff), "{project}");
        assert_eq!(w.question(project, "hv-a").state, NotificationState::Closed);
    }
    assert_eq!(w.scheduling("hv-a"), &fermata_core::cloud::Scheduling::Enabled);
    assert!(w.server("hv-a", "x").decision.is_none(), "blue agreed to something else");
    assert_eq!(w.announcement("blue").state, NotificationState::Pending, "so it is asked again");
    w.until_host("hv-b", SessionHostState::InMaintenance);
    assert!(w.now < at, "others go on meanwhile");
    w.finish();
    assert!(left_at(&w, "a") >= at && left_at(&w, "a") < at + Duration::minutes(5));
    assert!(left_at(&w, "x") >= at - Duration::minutes(1), "its host comes as a whole");
}

#[test]
pub(crate) fn a_host_that_is_put_off_can_be_skipped_and_cancelled() {
    for cancel in [false, true] {
        let mut w = two_hosts().begin();
        let asked = w.until_asked("red", "hv-a");
        let at = w.now + Duration::minutes(90);
        w.answer(&asked, later(&["a"], Some(at))).unwrap();
        w.until("it is given back", |w| w.host("hv-a").state == SessionHostState::Returning);
        let expected = if cancel {
            w.say(Command::Cancel).unwrap();
            SessionHostState::Cancelled
        } else {
            w.tell_host("hv-a", HostCommand::Skip).unwrap();
            SessionHostState::Skipped
        };
        w.finish();
        assert_eq!(w.host("hv-a").state, expected);
        assert_eq!(w.server_state("hv-a", "a"), ServerState::Restored);
    }
}

#[test]
pub(crate) fn a_drain_in_which_something_has_begun_is_not_put_off() {
    let mut w = two_hosts().server("a2", "red", "hv-a").begin();
    let asked = w.until_asked("red", "hv-a");
    w.answer(&asked, accept(Action::OwnAction)).unwrap();
    w.until("it is red's turn", |w| w.server_state("hv-a", "a") == ServerState::OwnAction);
    let said = w.answer(&asked, later(&["a"], Some(w.now + Duration::minutes(90))));
    assert!(matches!(said, Err(Reject::WrongState { .. })), "{said:?}");
}

#[test]
pub(crate) fn an_offer_to_the_announcement_is_about_servers_that_are_being_drained_as_well() {
    let mut w = two_hosts()
        .spec(|d| d.max_parallel_hosts = 2)
        .spec(|d| d.announce_reply_period = Some(Duration::minutes(20)))
        .spec(|d| d.lead_time = Some(Duration::minutes(10)))
        .begin();
    w.answer(&w.announcement("red"), accept(Action::LiveMigrate)).unwrap();
    assert_eq!(w.until_asked("red", "hv-a").state, NotificationState::Answered);
    let at = w.now + Duration::minutes(20);
    offer(&mut w, "red", later(&["a"], Some(at)));
    let asked = w.question("red", "hv-a");
    assert_eq!(
        (asked.state, asked.actions_start_time),
        (NotificationState::Pending, at),
        "the drain asks again"
    );
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(left_at(&w, "a") >= at);
}

#[test]
pub(crate) fn an_offer_lifts_an_objection_if_it_is_kept() {
    for (minutes, kept) in [(90, true), (450, false)] {
        let mut w = two_hosts().spec(|d| d.work_timeout = Some(Duration::hours(1))).begin();
        let asked = w.until_asked("red", "hv-a");
        w.answer(&asked, reject("not now")).unwrap();
        assert!(w.host("hv-a").hold.is_some());
        w.answer(&asked, later(&["a"], in_minutes(minutes))).unwrap();
        w.until("the verdict", |w| w.session.open_counter_offers().is_empty());
        if kept {
            w.finish();
            assert!(left_at(&w, "a") >= DAWN + Duration::minutes(minutes));
        } else {
            assert_eq!(
                w.question("red", "hv-a").state,
                NotificationState::Rejected,
                "no is still no"
            );
            assert!(w.waits_for(&WaitParty::Operator));
        }
    }
}

// --- others

#[test]
pub(crate) fn owners_whose_turn_changes_are_asked_again_and_others_are_not() {
    let mut w = story(&["hv-a", "hv-b", "hv-c"])
        .spare(&["hv-z"])
        .server("a", "red", "hv-a")
        .server("b", "blue", "hv-b")
        .server("c", "green", "hv-c")
        .server("c2", "green", "hv-c")
        .spec(|d| d.start_mode = StartMode::Manual)
        .spec(|d| d.announce_reply_period = Some(Duration::hours(1)))
        .begin();
    for project in ["red", "blue", "green"] {
        let announced = w.announcement(project);
        w.answer(&announced, accept(Action::LiveMigrate)).unwrap();
    }
    // The hosts come in the order of their names; hv-a would be the first one.
    let told = ["blue", "green"].map(|p| w.times_told(w.announcement(p).id));
    let asked = offer(&mut w, "red", later(&["a"], in_minutes(150)));
    assert_eq!(verdict(&asked), Verdict::Accepted);
    let changed = w.told.operators.iter().rev().find_map(|(_, event)| match event {
        OperatorEvent::CounterOfferJudged { changed, .. } => Some(changed.clone()),
        _ => None,
    });
    let changed: Vec<_> = changed.unwrap().into_iter().map(|p| p.to_string()).collect();
    for (project, told) in ["blue", "green"].into_iter().zip(told) {
        let is_changed = changed.contains(&project.to_owned());
        let now = w.announcement(project);
        let expected =
            if is_changed { NotificationState::Pending } else { NotificationState::Answered };
        assert_eq!(now.state, expected, "{project}");
        assert_eq!(w.times_told(now.id) > told, is_changed, "{project}");
    }
    assert!(!changed.is_empty(), "whoever came second comes first now");
}

#[test]
pub(crate) fn whoever_comes_after_a_host_that_failed_waits_for_the_operator() {
    use fermata_core::spec::OnFailure;
    let mut w = two_hosts().spec(|d| d.on_failure = OnFailure::Continue).begin();
    let asked = offer(&mut w, "red", after(&["b"], &["a"]));
    w.answer(&asked, accept(Action::LiveMigrate)).unwrap();
    w.until_host("hv-a", SessionHostState::Draining);
    w.fail("hv-a").unwrap();
    w.until_host("hv-a", SessionHostState::DrainFailed);
    w.pass(Duration::minutes(10));
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting);
    assert!(w.host("hv-b").reason.text().contains("comes after hv-a"), "{}", w.host("hv-b").reason);
    w.retry("hv-a").unwrap();
    w.finish();
    assert!(left_at(&w, "b") >= w.calls_of(Op::LiveMigrate, "a")[0].ended_at.unwrap());
}

#[test]
pub(crate) fn whoever_comes_after_a_server_that_was_kept_on_a_host_that_failed_waits_as_well() {
    use fermata_core::spec::OnFailure;
    let mut w = two_hosts().spec(|d| d.on_failure = OnFailure::Continue).begin();
    let asked = offer(&mut w, "red", after(&["b"], &["a"]));
    w.answer(&asked, accept(Action::Keep)).unwrap();
    w.until("it is stopped", |w| w.server_state("hv-a", "a") == ServerState::Kept);
    w.fail("hv-a").unwrap();
    w.until_host("hv-a", SessionHostState::DrainFailed);
    assert_eq!(w.server_state("hv-a", "a"), ServerState::Restored, "it runs again");
    w.pass(Duration::minutes(10));
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting);
}

#[test]
pub(crate) fn an_offer_to_the_announcement_lifts_the_objection_to_the_drain_as_well() {
    let mut w = two_hosts().spec(|d| d.announce_reply_period = Some(Duration::hours(1))).begin();
    let announced = w.announcement("red");
    w.answer(&announced, reject("not now")).unwrap();
    w.until_asked("red", "hv-a");
    assert!(w.host("hv-a").hold.is_some());
    let asked = offer(&mut w, "red", later(&["a"], in_minutes(40)));
    assert_eq!(verdict(&asked), Verdict::Accepted);
    w.finish();
    assert!(left_at(&w, "a") >= DAWN + Duration::minutes(40));
}

#[test]
pub(crate) fn nobody_is_to_come_after_what_is_not_going_to_be_done() {
    use fermata_core::spec::OnFailure;
    let mut w = two_hosts()
        .spec(|d| d.on_failure = OnFailure::Continue)
        .spec(|d| d.announce_reply_period = Some(Duration::hours(1)))
        .begin();
    let announced = w.announcement("red");
    w.say(Command::Start).unwrap();
    w.until_host("hv-a", SessionHostState::Draining);
    w.fail("hv-a").unwrap();
    w.until_host("hv-a", SessionHostState::DrainFailed);
    assert_eq!(w.answer(&announced, after(&["b"], &["a"])), Ok(true));
    let asked = planned(&mut w, "red");
    let Verdict::Declined(why) = verdict(&asked) else { panic!("{asked:?}") };
    assert_eq!(why.cause(), DeclineCause::AfterNothing);
}

#[test]
pub(crate) fn a_session_that_is_cancelled_asks_nobody_for_room() {
    use fermata_core::policy::GroupPolicy;
    let mut group = GroupPolicy::new("web".into(), "red".into());
    group.members = ["a"].map(Into::into).into();
    group.min_size_for_scale_in = Some(0);
    let mut w = story(&["hv-a"]).server("a", "red", "hv-a").group(group).begin();
    w.until("the request", |w| w.session.open_scale_ins().count() == 1);
    w.say(Command::Cancel).unwrap();
    assert_eq!(w.session.open_scale_ins().count(), 0);
}
