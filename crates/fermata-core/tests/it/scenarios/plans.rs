//! The plan of a session: where servers go, and when there has to be another one.

use fermata_core::Duration;
use fermata_core::cloud::Scheduling;
use fermata_core::policy::GroupPolicy;
use fermata_core::session::{Op, SessionHostState};
use fermata_core::spec::Action;

use crate::world::World;
use crate::world::faults::Outcome;
use crate::world::owners::Words;
use crate::world::story::{Story, story};

fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-x", "hv-y", "hv-z"]).server("s", "red", "hv-a")
}

fn basis(w: &World) -> u64 {
    w.session.head.course.basis
}

#[test]
pub(crate) fn members_that_must_be_apart_do_not_meet() {
    let mut apart = GroupPolicy::new("apart".into(), "red".into());
    apart.members = ["a", "b", "x", "y"].map(Into::into).into();
    apart.anti_affinity = true;
    let mut w = story(&["hv-a", "hv-b"])
        .spare(&["hv-x", "hv-y", "hv-z"])
        .server("a", "red", "hv-a")
        .server("b", "red", "hv-b")
        .server("x", "red", "hv-x")
        .server("y", "red", "hv-y")
        .group(apart)
        .begin();
    w.finish();
    let mut places = ["a", "b", "x", "y"].map(|s| w.where_is(s).unwrap().to_owned()).to_vec();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 4, "each on a host of its own");
}

#[test]
pub(crate) fn nobody_goes_where_another_session_sends_a_member_that_must_be_apart() {
    for (promised, expected) in [("hv-x", "hv-y"), ("hv-y", "hv-x")] {
        let mut apart = GroupPolicy::new("apart".into(), "red".into());
        apart.members = ["s", "t"].map(Into::into).into();
        apart.anti_affinity = true;
        let mut w = story(&["hv-a"])
            .spare(&["hv-b", "hv-x", "hv-y"])
            .server("s", "red", "hv-a")
            .server("t", "red", "hv-b")
            .group(apart)
            .begin();
        w.others.hosts = ["hv-b"].map(Into::into).into();
        w.others.promised = [("t".into(), promised.into())].into();
        w.until_host("hv-a", SessionHostState::InMaintenance);
        assert_eq!(w.where_is("s"), Some(expected));
    }
}

#[test]
pub(crate) fn a_target_holds_room_until_the_server_is_there() {
    use fermata_core::replan::promises;
    let mut w = one_server().owner("red", Words::Silence).begin();
    w.until("the plan", |w| w.server("hv-a", "s").target.is_some());
    let target = w.server("hv-a", "s").target.clone();
    assert_eq!(promises(w.server("hv-a", "s")), target.as_ref(), "from when it is chosen");
    w.until("it moves", |w| w.server("hv-a", "s").act.is_some());
    assert_eq!(promises(w.server("hv-a", "s")), target.as_ref());
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(promises(w.server("hv-a", "s")), None, "now it is there");
}

#[test]
pub(crate) fn nobody_goes_where_another_session_sends_him_on() {
    let mut w = one_server().begin();
    w.others.hosts = ["hv-x", "hv-y"].map(Into::into).into();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), Some("hv-z"));

    let mut w = one_server().disabled("hv-z", "broken fan").begin();
    w.others.hosts = ["hv-x", "hv-y"].map(Into::into).into();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_ne!(w.where_is("s"), Some("hv-a"), "unless there is nowhere else to go");
}

#[test]
pub(crate) fn a_move_that_failed_is_tried_elsewhere() {
    let mut w = one_server().goes("live_migrate", "s", &[Outcome::Fails]).begin();
    w.until("the first try", |w| w.calls_of(Op::LiveMigrate, "s").len() == 1);
    let first = w.server("hv-a", "s").act.clone().unwrap().target.unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_ne!(w.where_is("s"), Some(first.as_str()));
    assert_eq!(w.server("hv-a", "s").failed_targets, [first].into());
}

#[test]
pub(crate) fn a_target_that_is_lost_before_the_move_is_not_used() {
    let mut w = one_server().spec(|d| d.lead_time = Some(Duration::minutes(10))).begin();
    w.until("the plan", |w| w.server("hv-a", "s").target.is_some());
    let target = w.server("hv-a", "s").target.clone().unwrap();
    w.cloud.others_schedule(&target, Scheduling::Disabled { reason: "a fire".to_owned() });
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_ne!(w.where_is("s"), Some(target.as_str()));
}

#[test]
pub(crate) fn what_a_plan_foresaw_needs_no_other_one() {
    let mut w = one_server().owner("red", Words::All(Action::LiveMigrate)).begin();
    w.until_host("hv-a", SessionHostState::Draining);
    let before = basis(&w);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(basis(&w), before);
}

#[test]
pub(crate) fn an_owner_who_wants_its_server_kept_changes_the_plan() {
    let mut w = one_server().owner("red", Words::All(Action::Keep)).begin();
    let before = basis(&w);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(basis(&w) > before);
    assert_eq!(w.server("hv-a", "s").target, None);
}

#[test]
pub(crate) fn what_an_owner_takes_away_itself_needs_no_room() {
    let mut w = story(&["hv-a"])
        .server("s", "red", "hv-a")
        .owner("red", Words::All(Action::OwnAction))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), None, "its owner deleted it, and there is no other host");
}
