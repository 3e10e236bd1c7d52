//! Limits of groups: how many members are impacted at once, and how long a group recovers.

use fermata_core::Duration;
use fermata_core::id::{ProjectId, ServerId, SessionId};
use fermata_core::ledger::{Cause, Entry, Posting};
use fermata_core::machine::Command;
use fermata_core::policy::{GroupPolicy, MaxImpacted};
use fermata_core::reason::WaitKind;
use fermata_core::session::{Op, ServerState, SessionHostState, WaitParty};
use fermata_core::spec::Action;
use uuid::Uuid;

use crate::world::World;
use crate::world::faults::Outcome;
use crate::world::owners::{Deed, Owner, Words};
use crate::world::story::{Story, accept_each, story};

/// A group of red of which so many members may be impacted at once.
fn group(members: &[&str], max: u32, recovery: i64) -> GroupPolicy {
    let mut group = GroupPolicy::new("mme".into(), "red".into());
    group.members = members.iter().map(|m| (*m).into()).collect();
    group.max_impacted = vec![MaxImpacted { group_size: 0, max }];
    group.recovery_time = Some(Duration::seconds(recovery));
    group
}

/// Three servers of red on two hosts that are drained together.
fn three(max: u32, recovery: i64) -> Story {
    story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("a1", "red", "hv-a")
        .server("a2", "red", "hv-a")
        .server("b1", "red", "hv-b")
        .spec(|d| (d.max_parallel_hosts, d.max_parallel_actions) = (2, 4))
        .group(group(&["a1", "a2", "b1"], max, recovery))
}

/// When each of these was moved: from when to when.
fn moves(w: &World, servers: &[&str]) -> Vec<(fermata_core::Time, fermata_core::Time)> {
    let mut moves: Vec<_> = servers
        .iter()
        .map(|s| {
            let line = w.calls_of(Op::LiveMigrate, s)[0];
            (line.at, line.ended_at.unwrap())
        })
        .collect();
    moves.sort();
    moves
}

#[test]
pub(crate) fn one_member_at_a_time_over_all_hosts_with_time_to_recover() {
    let mut w = three(1, 20).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.until_host("hv-b", SessionHostState::InMaintenance);
    let moves = moves(&w, &["a1", "a2", "b1"]);
    for pair in moves.windows(2) {
        assert!(pair[1].0 - pair[0].1 >= Duration::seconds(20), "{moves:?}");
    }
    assert!(moves[2].0 - moves[0].0 < Duration::minutes(3), "nobody waits for nothing: {moves:?}");
}

#[test]
pub(crate) fn as_many_as_the_limit_go_together() {
    let mut w = three(2, 0).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.until_host("hv-b", SessionHostState::InMaintenance);
    let moves = moves(&w, &["a1", "a2", "b1"]);
    assert!(moves[1].0 < moves[0].1, "two at once: {moves:?}");
    assert!(moves[2].0 >= moves[0].1, "the third later: {moves:?}");
}

#[test]
pub(crate) fn whoever_waits_says_for_what_and_others_go_on() {
    let mut w = three(1, 600).server("x", "blue", "hv-a").begin();
    w.until("one of red goes", |w| w.calls_of(Op::LiveMigrate, "a1").len() == 1);
    let a2 = w.server("hv-a", "a2").waits_for.clone().unwrap();
    assert!(a2.why.contains("group mme allows 1 of its 3"), "{}", a2.why);
    w.until("blue left", |w| w.server_state("hv-a", "x") == ServerState::Moved);
    w.until("it recovers", |w| w.waits_for(&WaitParty::Clock));
    let waits = w.session.waits();
    let wait = waits.iter().find(|w| w.description.contains("group mme recovers")).unwrap();
    let at = wait.until.unwrap();
    w.until("the next goes", |w| w.calls_of(Op::LiveMigrate, "a2").len() == 1);
    assert!(w.now >= at && w.now < at + Duration::seconds(5), "{} {at}", w.now);
    assert_eq!(w.server("hv-a", "a2").waits_for, None);
}

#[test]
pub(crate) fn a_server_that_is_kept_counts_until_it_runs_again() {
    let keep = Words::Each(vec![("a1".into(), Action::Keep)]);
    let mut w = three(1, 20).owner("red", keep).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.pass(Duration::minutes(10));
    assert!(w.calls_of(Op::LiveMigrate, "b1").is_empty(), "a1 is down");
    w.complete("hv-a").unwrap();
    w.until_host("hv-b", SessionHostState::InMaintenance);
    let back = w.done_at(Op::Start, "a1");
    assert!(w.calls_of(Op::LiveMigrate, "b1")[0].at >= back + Duration::seconds(20));
}

#[test]
pub(crate) fn who_is_in_no_group_does_not_wait_for_one() {
    // Once both hosts are begun, the owner wants a1 kept: b1 has to wait for that, x has not.
    let mut w = three(1, 20).server("x", "blue", "hv-b").owner("red", Words::Silence).begin();
    let asked = w.until_asked("red", "hv-a");
    w.until_asked("red", "hv-b");
    let kept = accept_each(&[("a1", Action::Keep), ("a2", Action::LiveMigrate)]);
    assert_eq!(w.answer(&asked, kept), Ok(true));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.until("x left", |w| w.server_state("hv-b", "x") == ServerState::Moved);
    assert_eq!(w.host("hv-a").state, SessionHostState::InMaintenance);
    assert_eq!(w.server_state("hv-a", "a1"), ServerState::Kept);
    assert!(w.calls_of(Op::LiveMigrate, "b1").is_empty());
}

#[test]
pub(crate) fn an_owner_is_not_told_to_act_where_its_group_has_no_room() {
    let idle = Owner { deed: Deed::Nothing, ..Owner::new(Words::All(Action::OwnAction)) };
    let mut w = three(1, 20).owner_who("red", idle).begin();
    w.until("one is awaited", |w| w.server_state("hv-a", "a1") == ServerState::OwnAction);
    w.pass(Duration::minutes(2));
    assert_eq!(w.server_state("hv-a", "a2"), ServerState::Affected);
    assert_eq!(w.server_state("hv-b", "b1"), ServerState::Affected);
    w.cloud.others_move(&"a1".into(), None);
    w.until("the next is", |w| {
        w.server_state("hv-a", "a2") == ServerState::OwnAction
            || w.server_state("hv-b", "b1") == ServerState::OwnAction
    });
}

#[test]
pub(crate) fn a_failed_try_is_an_impact_to_recover_from() {
    let mut w = three(1, 60).goes("live_migrate", "a1", &[Outcome::Fails]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let tries = w.calls_of(Op::LiveMigrate, "a1");
    let failed = tries[0].ended_at.unwrap();
    assert!(tries[1].at >= failed + Duration::seconds(60));
}

fn post(w: &mut World, server: &str, entry: Entry) {
    let posting = Posting { project: "red".into(), server: server.into(), entry, target: None };
    w.ledger.post(&posting, w.now);
}

#[test]
pub(crate) fn a_fault_of_a_member_elsewhere_holds_the_others_back() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("a1", "red", "hv-a")
        .server("z1", "red", "hv-z")
        .group(group(&["a1", "z1"], 1, 30))
        .begin();
    post(&mut w, "z1", Entry::Began(Cause::Fault));
    w.until("it waits", |w| w.waits_for(&WaitParty::Operator));
    w.pass(Duration::minutes(10));
    assert_eq!(w.host("hv-a").state, SessionHostState::Waiting, "it is not begun");
    assert!(
        w.host("hv-a").reason.text().contains("group mme allows 1 of 2"),
        "{}",
        w.host("hv-a").reason
    );
    post(&mut w, "z1", Entry::Ended(Cause::Fault));
    w.until_host("hv-a", SessionHostState::Draining);
    // The next fault comes in mid drain.
    post(&mut w, "z1", Entry::Began(Cause::Fault));
    w.pass(Duration::minutes(10));
    assert!(w.calls_of(Op::LiveMigrate, "a1").is_empty());
    assert!(w.waits_for(&WaitParty::Cloud), "{:?}", w.session.waits());
    post(&mut w, "z1", Entry::Ended(Cause::Fault));
    let over = w.now;
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let began = w.calls_of(Op::LiveMigrate, "a1")[0].at;
    assert!(began >= over + Duration::seconds(30) && began < over + Duration::seconds(65));
}

#[test]
pub(crate) fn a_server_on_which_another_session_acts_is_waited_for() {
    let other = Cause::Session(SessionId(Uuid::nil()));
    let mut w = story(&["hv-a"]).spare(&["hv-z"]).server("a1", "red", "hv-a").begin();
    w.until_host("hv-a", SessionHostState::Draining);
    post(&mut w, "a1", Entry::Began(other));
    w.pass(Duration::minutes(15));
    assert!(w.session.waits().iter().any(|w| w.kind == WaitKind::OtherSession));
    assert!(w.calls_of(Op::LiveMigrate, "a1").is_empty());
    post(&mut w, "a1", Entry::Ended(other));
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn nothing_is_left_in_the_ledger_at_the_end() {
    let mut w = three(1, 5).owner("red", Words::Each(vec![("a1".into(), Action::Keep)])).begin();
    w.finish();
    let open = w.ledger.impacts(&"red".into()).iter().filter(|i| i.ended_at.is_none());
    assert_eq!(open.count(), 0, "{:?}", w.ledger);
}

#[test]
pub(crate) fn a_server_that_is_left_broken_stays_impacted_by_a_fault() {
    let mut w = three(1, 5).goes("live_migrate", "a1", &[Outcome::Breaks]).begin();
    w.until("it broke", |w| w.server_state("hv-a", "a1") == ServerState::Failed);
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "b1").is_empty(), "a1 is in ERROR");
    w.retry("hv-a").unwrap();
    let impacts = w.ledger.impacts(&"red".into());
    assert!(
        impacts.iter().any(|i| i.ended_at.is_none()),
        "trying again mends nothing: {impacts:?}"
    );
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "b1").is_empty(), "a1 still is in ERROR");
    w.fail("hv-a").unwrap();
    w.until("it is left to the operator", |w| {
        w.server_state("hv-a", "a1") == ServerState::HandedOver
    });
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "b1").is_empty(), "it still is");
    let impacts = w.ledger.impacts(&"red".into());
    assert!(impacts.iter().any(|i| i.cause == Cause::Fault && i.ended_at.is_none()), "{impacts:?}");
}

#[test]
pub(crate) fn a_server_that_broke_on_its_way_and_is_elsewhere_stays_impacted_by_a_fault() {
    let mut w = three(1, 5).goes("live_migrate", "a1", &[Outcome::Breaks]).begin();
    w.until("it broke", |w| w.server_state("hv-a", "a1") == ServerState::Failed);
    // A cold migration that fails at its end leaves the server on the target.
    w.cloud.servers.get_mut(&"a1".into()).unwrap().host = "hv-z".into();
    w.retry("hv-a").unwrap();
    w.until("it is not there", |w| w.server_state("hv-a", "a1") == ServerState::Gone);
    w.pass(Duration::minutes(5));
    assert!(w.calls_of(Op::LiveMigrate, "b1").is_empty(), "a1 is in ERROR");
}

#[test]
pub(crate) fn what_was_decided_beside_an_impact_that_is_over_waits_for_the_group_to_recover() {
    // Two may go at once, but the cloud is busy with the second one until the first has arrived.
    let mut w = three(2, 120).begin();
    w.cloud.servers.get_mut(&"a2".into()).unwrap().task = Some("image_snapshot");
    w.until("both are decided", |w| {
        w.server("hv-a", "a1").act.is_some() && w.server("hv-a", "a2").act.is_some()
    });
    w.until("the first arrived", |w| w.server_state("hv-a", "a1") == ServerState::Moved);
    w.cloud.servers.get_mut(&"a2".into()).unwrap().task = None;
    w.until("the second goes", |w| !w.calls_of(Op::LiveMigrate, "a2").is_empty());
    let went = w.calls_of(Op::LiveMigrate, "a2")[0].at;
    assert!(went >= w.done_at(Op::LiveMigrate, "a1") + Duration::seconds(120), "{went}");
}

#[test]
pub(crate) fn what_was_decided_and_did_not_begin_is_no_impact() {
    // The cloud is busy with the first one when it should go, and then the operator pauses.
    let mut w = three(1, 3600).begin();
    w.cloud.servers.get_mut(&"a1".into()).unwrap().task = Some("image_snapshot");
    w.until("it is decided", |w| w.server("hv-a", "a1").act.is_some());
    w.say(Command::Pause).unwrap();
    assert_eq!(w.server("hv-a", "a1").act, None);
    assert!(w.ledger.impacts(&"red".into()).is_empty(), "{:?}", w.ledger);
    w.cloud.servers.get_mut(&"a1".into()).unwrap().task = None;
    w.say(Command::Resume).unwrap();
    let resumed = w.now;
    w.until("it goes", |w| !w.calls_of(Op::LiveMigrate, "a1").is_empty());
    assert!(w.now < resumed + Duration::minutes(1), "nobody has to recover: {}", w.now);
}

#[test]
pub(crate) fn who_is_in_no_group_leaves_a_host_that_no_plan_would_begin_now() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("a1", "red", "hv-a")
        .server("z1", "red", "hv-z")
        .group(group(&["a1", "z1"], 1, 0))
        .owner("blue", Words::All(Action::LiveMigrate))
        .begin();
    w.until_host("hv-a", SessionHostState::Draining);
    // Another session impacts the other member, for who knows how long; then a server turns up.
    post(&mut w, "z1", Entry::Began(Cause::Session(SessionId(Uuid::nil()))));
    w.cloud.add_server("n", "blue", "hv-a");
    w.until("it leaves", |w| w.where_is("n") == Some("hv-z"));
    assert_eq!(w.where_is("a1"), Some("hv-a"));
}

#[test]
pub(crate) fn nobody_goes_where_another_session_has_just_sent_a_member_that_must_be_apart() {
    let mut apart = group(&["a", "b"], 2, 0);
    apart.anti_affinity = true;
    let mut w = story(&["hv-a"])
        .spare(&["hv-b", "hv-x", "hv-y"])
        .server("a", "red", "hv-a")
        .server("b", "red", "hv-b")
        .group(apart)
        .spec(|d| d.lead_time = Some(Duration::minutes(5)))
        .begin();
    w.others.hosts = ["hv-b"].map(Into::into).into();
    w.until("the plan", |w| w.server("hv-a", "a").target.is_some());
    // A plan that was made in the same moment sent the other one there, and it has long arrived.
    let taken = w.server("hv-a", "a").target.clone().unwrap();
    let cause = Cause::Session(SessionId(Uuid::nil()));
    let (project, server) = (ProjectId::from("red"), ServerId::from("b"));
    let target = Some(taken.clone());
    let began = Posting { project, server, entry: Entry::Began(cause), target };
    w.ledger.post(&began, w.now);
    w.ledger.post(&Posting { entry: Entry::Ended(cause), ..began }, w.now);
    w.cloud.others_move(&"b".into(), Some(&taken));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_ne!(w.where_is("a"), Some(taken.as_str()));
    assert_ne!(w.where_is("a"), Some("hv-b"), "which is yet to be done");
}
