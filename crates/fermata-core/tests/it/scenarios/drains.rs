//! The ways a host becomes empty.

use fermata_core::Duration;
use fermata_core::cloud::ServerStatus;
use fermata_core::event::{ServerChange, SessionChange};
use fermata_core::session::{
    DecisionSource, Op, ServerState, SessionHostState, SessionState, WaitParty,
};
use fermata_core::spec::{Action, Kind};

use crate::world::DAWN;
use crate::world::owners::{Deed, Owner, Words};
use crate::world::story::story;

#[test]
pub(crate) fn empty_hosts_come_first() {
    let mut w = story(&["hv-a", "hv-b", "hv-c"])
        .server("s1", "red", "hv-a")
        .server("s2", "red", "hv-a")
        .server("s3", "red", "hv-b")
        .begin();
    w.until_host("hv-c", SessionHostState::InMaintenance);
    assert_eq!(w.host("hv-a").state, SessionHostState::Waiting);
    assert_eq!(w.host("hv-b").state, SessionHostState::Waiting);
    w.finish();
    assert_eq!(w.session.head.state, SessionState::Completed);
    let moves = ["s1", "s2", "s3"].map(|s| w.calls_of(Op::LiveMigrate, s).len());
    assert_eq!(moves, [1, 1, 1], "what is done makes room, and nobody moves twice");
}

#[test]
pub(crate) fn live_migration_by_the_owners_wish() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .owner("red", Words::All(Action::LiveMigrate))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), Some("hv-z"));
    let entry = w.server("hv-a", "s");
    assert_eq!(entry.state, ServerState::Moved);
    assert_eq!(entry.decision.as_ref().unwrap().source, DecisionSource::Owner);
    assert_eq!(entry.destination.as_ref().unwrap().as_str(), "hv-z");
    assert_eq!(
        w.server_changes("red", "s"),
        [ServerChange::ActionStarted, ServerChange::ActionDone]
    );
    w.finish();
    assert_eq!(w.session_changes("red"), [SessionChange::Started, SessionChange::Completed]);
}

#[test]
pub(crate) fn cold_migration_is_confirmed() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .owner("red", Words::All(Action::Migrate))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.calls_of(Op::Migrate, "s").len(), 1);
    assert_eq!(w.calls_of(Op::ConfirmMigration, "s").len(), 1);
    assert!(w.runs("s"));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
}

#[test]
pub(crate) fn a_stopped_server_is_moved_cold_and_stays_stopped() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .status("s", ServerStatus::Shutoff)
        .owner("red", Words::All(Action::LiveMigrate))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), Some("hv-z"));
    assert!(!w.runs("s"));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
}

#[test]
pub(crate) fn item_16_the_move_of_a_stopped_server_is_called_what_it_is() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .server("t", "red", "hv-a")
        .status("s", ServerStatus::Shutoff)
        .owner("red", Words::All(Action::LiveMigrate))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.server("hv-a", "s").carried_out(), Some(Action::Migrate));
    assert_eq!(w.server("hv-a", "t").carried_out(), Some(Action::LiveMigrate));
}

#[test]
pub(crate) fn kept_servers_stop_last_and_start_after_the_work() {
    let keep = vec![("k".into(), Action::Keep), ("m".into(), Action::Migrate)];
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("k", "red", "hv-a")
        .server("m", "red", "hv-a")
        .owner("red", Words::Each(keep))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.done_at(Op::Stop, "k") > w.done_at(Op::ConfirmMigration, "m"));
    assert!(!w.runs("k"));
    assert_eq!(w.server_state("hv-a", "k"), ServerState::Kept);
    w.complete("hv-a").unwrap();
    w.until_host("hv-a", SessionHostState::Maintained);
    assert!(w.runs("k"));
    assert!(w.done_at(Op::Start, "k") >= w.done_at(Op::EnableScheduling, "hv-a"));
    assert_eq!(w.server_state("hv-a", "k"), ServerState::Restored);
    assert_eq!(
        w.server_changes("red", "k"),
        [ServerChange::ActionStarted, ServerChange::WentDown, ServerChange::IsBack]
    );
    assert!(w.session_changes("red").contains(&SessionChange::HostBack));
}

#[test]
pub(crate) fn a_kept_server_that_was_stopped_stays_stopped() {
    let mut w = story(&["hv-a"])
        .server("s", "red", "hv-a")
        .status("s", ServerStatus::Shutoff)
        .owner("red", Words::All(Action::Keep))
        .begin();
    w.finish();
    assert!(w.calls_of(Op::Stop, "s").is_empty());
    assert!(w.calls_of(Op::Start, "s").is_empty());
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
}

#[test]
pub(crate) fn an_owner_that_acts_itself_is_seen_to_have_acted() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .owner_who(
            "red",
            Owner {
                takes: Duration::seconds(40),
                deed: Deed::MoveTo("hv-z".into()),
                ..Owner::new(Words::All(Action::OwnAction))
            },
        )
        .begin();
    w.until("its own action", |w| w.server_state("hv-a", "s") == ServerState::OwnAction);
    assert!(w.waits_for(&WaitParty::Owner("red".into())));
    let asked = w.now;
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.now - asked < Duration::minutes(1), "the host is read often meanwhile");
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Gone);
    assert!(w.cloud.journal.iter().all(|l| !l.by_us || l.target == "hv-a"));
}

#[test]
pub(crate) fn a_host_that_retires_is_left_empty_and_disabled() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .spec(|d| d.kind = Kind::Retirement)
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.complete("hv-a").unwrap();
    assert_eq!(w.host("hv-a").state, SessionHostState::Retired);
    w.until_session(SessionState::Completed);
    assert!(w.calls_of(Op::EnableScheduling, "hv-a").is_empty());
    assert!(w.cloud.servers_at(&"hv-a".into()).is_empty());
}

#[test]
pub(crate) fn one_host_may_retire_while_the_others_come_back() {
    let mut w = story(&["hv-a", "hv-b"])
        .spec(|d| d.host_kinds = vec![("hv-b".into(), Some(Kind::Retirement))])
        .begin();
    w.finish();
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
    assert_eq!(w.host("hv-b").state, SessionHostState::Retired);
}

#[test]
pub(crate) fn nothing_is_touched_before_the_lead_time_is_over() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .owner("red", Words::All(Action::LiveMigrate))
        .spec(|d| d.lead_time = Some(Duration::minutes(20)))
        .begin();
    assert_eq!(w.announcement("red").actions_start_time, DAWN + Duration::minutes(20));
    w.until_asked("red", "hv-a");
    w.pass(Duration::minutes(5));
    assert!(w.waits_for(&WaitParty::Clock), "{:?}", w.session.waits());
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.done_at(Op::LiveMigrate, "s"), DAWN + Duration::minutes(20));
}

#[test]
pub(crate) fn early_replies_shorten_the_wait() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .owner("red", Words::All(Action::LiveMigrate))
        .spec(|d| {
            d.announce_reply_period = Some(Duration::hours(2));
            d.drain_reply_period = Some(Duration::hours(1));
        })
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.now < DAWN + Duration::minutes(3));
}

#[test]
pub(crate) fn a_window_that_opens_later_is_waited_for() {
    let mut w = story(&["hv-a"]).spec(|d| d.window_start = Some(DAWN + Duration::hours(1))).begin();
    assert!(w.waits_for(&WaitParty::Clock));
    w.pass(Duration::minutes(59));
    assert_eq!(w.session.head.state, SessionState::Scheduled);
    w.pass(Duration::minutes(1));
    assert_eq!(w.session.head.state, SessionState::Running);
}

#[test]
pub(crate) fn no_more_hosts_and_actions_at_once_than_allowed() {
    let mut story = story(&["hv-a", "hv-b", "hv-c"]).spare(&["hv-z"]).spec(|d| {
        d.max_parallel_hosts = 2;
        d.max_parallel_actions = 3;
    });
    for (i, host) in
        ["hv-a", "hv-a", "hv-a", "hv-b", "hv-b", "hv-b", "hv-c", "hv-d"].iter().enumerate()
    {
        story = story.server(&format!("s{i}"), "red", host);
    }
    let mut w = story.begin();
    let (mut hosts, mut actions) = (0, 0);
    w.run_while(Duration::minutes(10), |w| {
        hosts = hosts.max(w.session.hosts.values().filter(|h| h.state.is_active()).count());
        actions = actions.max(w.session.watched().len());
        true
    });
    assert_eq!((hosts, actions), (2, 3));
    w.finish();
}

#[test]
pub(crate) fn a_server_moved_onto_a_host_of_the_session_is_asked_about_there() {
    let mut w =
        story(&["hv-a", "hv-b"]).server("s", "red", "hv-a").server("t", "red", "hv-b").begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), Some("hv-b"));
    w.complete("hv-a").unwrap();
    w.until_asked("red", "hv-b");
    assert_eq!(w.question("red", "hv-b").servers.len(), 2);
    w.finish();
    assert_eq!(w.where_is("s"), Some("hv-a"));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
    assert_eq!(w.server_state("hv-b", "s"), ServerState::Moved);
}
