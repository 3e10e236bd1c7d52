//! Asking owners for room, where hosts cannot be emptied.

use std::collections::BTreeSet;

use fermata_core::Duration;
use fermata_core::event::SessionChange;
use fermata_core::id::SessionId;
use fermata_core::ledger::{Entry, Posting};
use fermata_core::machine::Answer;
use fermata_core::policy::{GroupPolicy, MinPreserved};
use fermata_core::session::{
    Notification, NotificationState, SessionHostState, SessionState, WaitParty,
};
use fermata_core::spec::{Action, ViolationKind};
use uuid::Uuid;

use crate::world::World;
use crate::world::owners::{Owner, Words};
use crate::world::story::{Story, accept, story};

/// A group that may be scaled in down to so many.
fn group(name: &str, project: &str, members: &[&str], least: u32) -> GroupPolicy {
    let mut group = GroupPolicy::new(name.into(), project.into());
    group.members = members.iter().map(|m| (*m).into()).collect();
    group.min_size_for_scale_in = Some(least);
    group
}

/// A host with two servers, and elsewhere, where two have room each, a single place left.
fn full() -> Story {
    story(&["hv-a"])
        .spare(&["hv-y", "hv-z"])
        .room(2)
        .server("a1", "red", "hv-a")
        .server("a2", "red", "hv-a")
        .server("y1", "blue", "hv-y")
        .server("y2", "blue", "hv-y")
        .server("z1", "green", "hv-z")
        .owner("red", Words::All(Action::LiveMigrate))
}

fn gives(story: Story, project: &str, servers: usize) -> Story {
    let gives = Some(servers);
    story.owner_who(project, Owner { gives, ..Owner::new(Words::All(Action::LiveMigrate)) })
}

fn asked(w: &World, project: &str) -> Vec<Notification> {
    let of =
        |n: &&std::sync::Arc<Notification>| n.project.as_str() == project && n.scale_in().is_some();
    w.session.notifications.values().filter(of).map(|n| n.as_ref().clone()).collect()
}

fn until_asked(w: &mut World, project: &str) -> Notification {
    w.until("the request", |w| !asked(w, project).is_empty());
    asked(w, project).pop().unwrap()
}

#[test]
pub(crate) fn an_owner_elsewhere_gives_room() {
    let story = full().group(group("web", "blue", &["y1", "y2"], 1));
    let mut w = gives(story, "blue", 1).begin();
    let notification = until_asked(&mut w, "blue");
    let scale_in = notification.scale_in().unwrap();
    assert_eq!((scale_in.servers, scale_in.size, scale_in.suggested.len()), (1, 2, 1));
    assert_eq!(scale_in.resources["VCPU"], 1);
    assert!(w.waits_for(&WaitParty::Owner("blue".into())));
    assert_eq!(w.host("hv-a").state, SessionHostState::Waiting);
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
    assert_eq!(w.cloud.servers.len(), 4, "one went");
    assert!(w.session_changes("blue").contains(&SessionChange::Completed), "it may scale out");
}

#[test]
pub(crate) fn nobody_is_asked_who_does_not_allow_it_or_by_whom_nothing_is_won() {
    for group in [
        None,
        Some(group("web", "blue", &["y1", "y2"], 2)),
        Some(group("web", "blue", &["elsewhere"], 0)),
    ] {
        let mut story = full().owner("blue", Words::Silence);
        if let Some(group) = group {
            story = story.group(group);
        }
        let mut w = story.begin();
        w.until("it is blocked", |w| w.waits_for(&WaitParty::Operator));
        w.pass(Duration::minutes(5));
        assert!(asked(&w, "blue").is_empty());
        assert!(
            w.host("hv-a").reason.text().contains("cannot be drained"),
            "{}",
            w.host("hv-a").reason
        );
    }
}

#[test]
pub(crate) fn a_server_counts_for_each_of_its_groups() {
    let app = group("app", "blue", &["y1", "y2"], 0);
    for (least, times) in [(Some(2), 0), (Some(1), 1), (None, 0)] {
        let mut web = group("web", "blue", &["y1", "y2"], 0);
        web.min_size_for_scale_in = least;
        let mut w = full().owner("blue", Words::Silence).group(app.clone()).group(web).begin();
        w.pass(Duration::minutes(10));
        assert_eq!(asked(&w, "blue").len(), times, "{least:?} of web have to be left");
    }
}

#[test]
pub(crate) fn nobody_is_asked_while_there_is_room() {
    let story = full().spare(&["hv-x"]).group(group("web", "blue", &["y1", "y2"], 0));
    let mut w = story.begin();
    w.finish();
    assert!(asked(&w, "blue").is_empty());
}

#[test]
pub(crate) fn as_few_as_possible_are_asked_for() {
    let story = full()
        .server("z2", "green", "hv-z")
        .group(group("web", "blue", &["y1", "y2"], 0))
        .group(group("app", "green", &["z1", "z2"], 0));
    let mut w = story.begin();
    w.until("the requests", |w| w.session.open_scale_ins().count() > 0);
    let servers: u32 = w.session.open_scale_ins().map(|(_, scale_in)| scale_in.servers).sum();
    assert_eq!(servers, 2, "two have to leave, and there is no place");
}

#[test]
pub(crate) fn whoever_says_no_is_not_asked_again_and_others_are() {
    let story = full().group(group("web", "blue", &["y1", "y2"], 1)).group(group(
        "app",
        "green",
        &["z1"],
        0,
    ));
    let mut w = gives(gives(story, "blue", 0), "green", 0).begin();
    w.until("both were asked", |w| !asked(w, "blue").is_empty() && !asked(w, "green").is_empty());
    w.until("both said no", |w| w.session.open_scale_ins().count() == 0);
    w.pass(Duration::minutes(30));
    for project in ["blue", "green"] {
        let asked = asked(&w, project);
        assert_eq!(asked.len(), 1, "{project}");
        assert_eq!(asked[0].state, NotificationState::Rejected);
    }
    assert!(w.waits_for(&WaitParty::Operator));
    w.skip("hv-a").unwrap();
    w.until_session(SessionState::Completed);
}

#[test]
pub(crate) fn silence_is_a_no() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    let notification = until_asked(&mut w, "blue");
    w.until("it is over", |w| asked(w, "blue")[0].state == NotificationState::Expired);
    assert_eq!(w.now, notification.reply_deadline_time);
    w.pass(Duration::minutes(10));
    assert_eq!(asked(&w, "blue").len(), 1);
    let done = Answer::OwnActionDone { servers: Vec::new() };
    assert!(w.answer(&notification, done).is_err(), "it is too late to say something");
    w.cloud.others_move(&"y1".into(), None);
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn who_gave_less_than_was_asked_is_asked_again() {
    let story = full().server("z2", "green", "hv-z").group(group("web", "blue", &["y1", "y2"], 0));
    let mut w = gives(story, "blue", 1).begin();
    let first = until_asked(&mut w, "blue");
    assert_eq!(first.scale_in().unwrap().servers, 2);
    w.until("it is asked again", |w| asked(w, "blue").len() == 2);
    let second = asked(&w, "blue").pop().unwrap();
    assert_eq!((second.scale_in().unwrap().servers, second.scale_in().unwrap().size), (1, 1));
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
}

#[test]
pub(crate) fn who_says_done_and_gave_nothing_is_not_asked_again() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    let notification = until_asked(&mut w, "blue");
    let done = Answer::OwnActionDone { servers: Vec::new() };
    assert_eq!(w.answer(&notification, done.clone()), Ok(true));
    assert_eq!(w.answer(&notification, done), Ok(false), "said twice, meant once");
    w.pass(Duration::minutes(10));
    assert_eq!(asked(&w, "blue").len(), 1);
    assert!(w.waits_for(&WaitParty::Operator));
}

#[test]
pub(crate) fn a_request_ends_when_there_is_room() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    let notification = until_asked(&mut w, "blue");
    w.cloud.add_host("hv-new");
    w.until_host("hv-a", SessionHostState::Draining);
    assert_eq!(asked(&w, "blue")[0].state, NotificationState::Closed);
    assert!(w.times_told(notification.id) >= 2, "its owner is told");
}

#[test]
pub(crate) fn other_answers_than_done_and_no_are_refused() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    let notification = until_asked(&mut w, "blue");
    for answer in [accept(Action::LiveMigrate), Answer::CounterOffer(Default::default())] {
        let Err(fermata_core::machine::Reject::Violations(violations)) =
            w.answer(&notification, answer)
        else {
            panic!("it was not refused")
        };
        assert_eq!(violations[0].sort, ViolationKind::Field);
        assert!(violations[0].message.contains("own_action_done"), "{violations:?}");
    }
    assert_eq!(asked(&w, "blue")[0].state, NotificationState::Pending);
}

#[test]
pub(crate) fn what_other_sessions_ask_for_counts() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    another_session(&mut w, Entry::Asked);
    w.until("it is blocked", |w| w.waits_for(&WaitParty::Operator));
    w.pass(Duration::minutes(2));
    assert!(asked(&w, "blue").is_empty(), "one is asked for, and one has to stay");
    another_session(&mut w, Entry::Withdrawn);
    until_asked(&mut w, "blue");
}

/// Another session asks for a server, or does not any more.
fn another_session(w: &mut World, entry: fn(SessionId) -> Entry) {
    let (project, server) = ("blue".into(), "y2".into());
    let entry = entry(SessionId(Uuid::nil()));
    w.ledger.post(&Posting { project, server, entry, target: None }, w.now);
}

#[test]
pub(crate) fn of_two_that_ask_in_the_same_moment_one_does() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    w.latency.most = Duration::seconds(1);
    // The plan that asks is made, and before it counts another replica has asked.
    w.until("there is a plan that asks", World::is_about_to_ask);
    another_session(&mut w, Entry::Asked);
    w.until("it is blocked", |w| w.waits_for(&WaitParty::Operator));
    w.pass(Duration::minutes(2));
    assert!(asked(&w, "blue").is_empty(), "one is asked for, and one has to stay");
}

#[test]
pub(crate) fn what_a_session_asks_for_is_in_the_ledger_until_it_is_answered() {
    let mut w = full().group(group("web", "blue", &["y1", "y2"], 1)).begin();
    let other = SessionId(Uuid::nil());
    let notification = until_asked(&mut w, "blue");
    let suggested: BTreeSet<_> =
        notification.scale_in().unwrap().suggested.iter().cloned().collect();
    assert_eq!(w.ledger.asked_by_others(other), suggested);
    assert!(w.ledger.asked_by_others(w.session.head.id).is_empty());
    let revision = w.ledger.revision(&"blue".into());
    assert!(revision > 0, "whoever judged before looks again");
    w.answer(&notification, Answer::OwnActionDone { servers: Vec::new() }).unwrap();
    assert!(w.ledger.asked_by_others(other).is_empty());
}

#[test]
pub(crate) fn nobody_is_asked_for_what_leaves_a_group_without_room_for_impacts() {
    // Of two, one has to be there at any time: of one, none could ever leave its host.
    for (min, times) in [(1, 0), (0, 1)] {
        let mut web = group("web", "blue", &["y1", "y2"], 1);
        web.min_preserved = vec![MinPreserved { group_size: 0, min }];
        let mut w = full().owner("blue", Words::Silence).group(web).begin();
        w.pass(Duration::minutes(10));
        assert_eq!(asked(&w, "blue").len(), times, "{min} of web have to be there");
    }
}

#[test]
pub(crate) fn where_no_other_host_takes_servers_those_on_the_host_are_asked_for() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-y"])
        .disabled("hv-y", "full")
        .server("a1", "red", "hv-a")
        .server("y1", "red", "hv-y")
        .group(group("web", "red", &["a1", "y1"], 1))
        .begin();
    let notification = until_asked(&mut w, "red");
    assert_eq!(notification.scale_in().unwrap().suggested, ["a1".into()]);
    w.cloud.others_move(&"a1".into(), None);
    w.answer(&notification, Answer::OwnActionDone { servers: Vec::new() }).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
}
