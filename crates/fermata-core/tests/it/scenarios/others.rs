//! What somebody else does meanwhile.

use std::sync::Arc;

use fermata_core::Duration;
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::event::{OperatorEvent, ServerChange};
use fermata_core::host_state::HostState;
use fermata_core::machine::{Input, Reject};
use fermata_core::reason::{HostCause, ServerCause};
use fermata_core::session::{
    NotificationState, Op, ServerKey, ServerState, SessionHostState, WaitParty,
};
use fermata_core::spec::{Action, Kind};

use crate::world::World;
use crate::world::faults::Outcome;
use crate::world::owners::{Deed, Words};
use crate::world::story::{Story, accept, story};

fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

#[test]
pub(crate) fn scheduling_enabled_on_a_held_host_is_disabled_again() {
    let mut w = story(&["hv-a"]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.others_schedule(&"hv-a".into(), Scheduling::Enabled);
    w.pass(Duration::seconds(15));
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(w.host("hv-a").reason.text().contains("somebody enabled"));
    assert_eq!(w.host("hv-a").state, SessionHostState::InMaintenance);
    w.finish();
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn scheduling_enabled_during_a_drain_is_disabled_before_the_host_is_ready() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.cloud.others_schedule(&"hv-a".into(), Scheduling::Enabled);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
pub(crate) fn a_server_on_its_way_to_the_host_is_waited_for_asked_about_and_moved() {
    let mut w = story(&["hv-a"]).spare(&["hv-y", "hv-z"]).server("s", "red", "hv-z").begin();
    w.cloud.others_send(&"s".into(), &"hv-a".into());
    w.until("the wait", |w| w.host("hv-a").arriving.len() == 1);
    w.pass(Duration::seconds(2));
    assert!(w.host("hv-a").reason.text().contains("1 server(s) are on their way"));
    assert!(w.waits_for(&WaitParty::Cloud), "{:?}", w.session.waits());
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.server("hv-a", "s").state, ServerState::Moved);
    assert_eq!(w.cloud.servers_at(&"hv-a".into()), []);
    w.finish();
}

#[test]
pub(crate) fn silence_says_nothing_about_a_server_that_was_not_asked_about() {
    let mut w = one_server().server("t", "red", "hv-z").owner("red", Words::Silence).begin();
    let asked = w.until_asked("red", "hv-a");
    w.cloud.others_move(&"t".into(), Some(&"hv-a".into()));
    // It is found in the moment in which the reply period ends.
    w.now = asked.reply_deadline_time;
    w.cloud.advance(w.now);
    let (host, at) = ("hv-a".into(), w.now);
    let result = w.cloud.read_servers(&host);
    w.apply(Input::ServersRead { host, at, result }).unwrap();
    assert!(w.server("hv-a", "s").decision.is_some());
    assert_eq!(w.server("hv-a", "t").decision, None);
    let again = w.question("red", "hv-a");
    assert_eq!(again.state, NotificationState::Pending);
    assert!(again.plan_revision > asked.plan_revision && again.reply_deadline_time > w.now);
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn a_server_on_a_held_host_raises_the_alarm() {
    let mut w = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-z").begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.pass(Duration::seconds(15));
    assert!(w.host("hv-a").reason.text().contains("NOT EMPTY"));
    assert_eq!(w.host("hv-a").intruders.len(), 1);
    let alarms = |w: &World| {
        let of = |(_, e): &&(_, OperatorEvent)| matches!(e, OperatorEvent::HoldBroken { .. });
        w.told.operators.iter().filter(of).count()
    };
    assert_eq!(alarms(&w), 1);
    let (_, last) = w.told.hosts.last().unwrap();
    assert_eq!(last.to, HostState::InMaintenance);
    assert_eq!(last.intruders.len(), 1);
    w.pass(Duration::minutes(5));
    assert_eq!(alarms(&w), 1, "the same servers are no news");
    w.cloud.others_move(&"s".into(), None);
    w.pass(Duration::seconds(15));
    assert!(w.host("hv-a").intruders.is_empty());
    assert!(w.host("hv-a").reason.text().contains("held again"));
}

#[test]
pub(crate) fn a_host_is_not_retired_with_servers_that_turned_up() {
    let site = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-z");
    let mut w = site.spec(|d| d.kind = Kind::Retirement).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.pass(Duration::seconds(15));
    assert!(matches!(w.complete("hv-a"), Err(Reject::WrongState { .. })));
    w.cloud.others_move(&"s".into(), None);
    w.pass(Duration::seconds(15));
    w.complete("hv-a").unwrap();
    assert_eq!(w.host("hv-a").state, SessionHostState::Retired);
}

#[test]
pub(crate) fn a_kept_server_that_is_started_on_a_held_host_raises_the_alarm() {
    let mut w = one_server().spec(|d| d.default_action = Some(Action::Keep)).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.cloud.others_switch(&"s".into(), ServerStatus::Active);
    w.pass(Duration::seconds(15));
    assert_eq!(w.host("hv-a").intruders.len(), 1);
    w.finish();
    assert!(w.calls_of(Op::Start, "s").is_empty());
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
}

#[test]
pub(crate) fn a_server_that_turns_up_during_a_drain_is_asked_about() {
    let mut w = one_server()
        .server("t", "red", "hv-z")
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(10)))
        .begin();
    let old = w.until_asked("red", "hv-a");
    assert_eq!(w.answer(&old, accept(Action::OwnAction)), Ok(true));
    w.cloud.others_move(&"t".into(), Some(&"hv-a".into()));
    w.pass(Duration::seconds(40));
    let new = w.question("red", "hv-a");
    assert_eq!(new.id, old.id);
    assert!(new.plan_revision > old.plan_revision);
    assert_eq!(new.servers.len(), 2);
    assert_eq!(new.state, NotificationState::Pending);
    w.answer(&new, accept(Action::LiveMigrate)).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.server_state("hv-a", "t"), ServerState::Moved);
}

#[test]
pub(crate) fn a_new_server_has_its_own_lead_time() {
    let mut w = one_server()
        .server("t", "red", "hv-z")
        .spec(|d| d.lead_time = Some(Duration::minutes(15)))
        .begin();
    w.until_asked("red", "hv-a");
    w.pass(Duration::minutes(10));
    w.cloud.others_move(&"t".into(), Some(&"hv-a".into()));
    let moved = w.now;
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert!(w.done_at(Op::LiveMigrate, "t") >= moved + Duration::minutes(15));
}

#[test]
pub(crate) fn a_server_that_is_deleted_meanwhile_is_gone() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.cloud.others_move(&"s".into(), None);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Gone);
    assert_eq!(w.server_changes("red", "s"), [ServerChange::Gone]);
}

#[test]
pub(crate) fn a_server_that_comes_back_is_asked_about_again() {
    let mut w = one_server()
        .server("t", "blue", "hv-a")
        .spec(|d| d.drain_reply_period = Some(Duration::minutes(20)))
        .begin();
    let old = w.until_asked("red", "hv-a");
    w.answer(&old, accept(Action::LiveMigrate)).unwrap();
    w.cloud.others_move(&"s".into(), Some(&"hv-z".into()));
    w.pass(Duration::minutes(2));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Gone);
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.pass(Duration::minutes(2));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Affected);
    let new = w.question("red", "hv-a");
    assert_eq!(new.state, NotificationState::Pending, "what was decided is spent");
    assert!(new.plan_revision > old.plan_revision);
    w.finish();
}

#[test]
pub(crate) fn a_server_the_cloud_is_busy_with_is_left_alone() {
    let mut w = one_server().begin();
    w.cloud.servers.get_mut(&"s".into()).unwrap().task = Some("image_snapshot");
    w.until("the scale_in", |w| w.server_state("hv-a", "s") == ServerState::InAction);
    w.pass(Duration::minutes(3));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.cloud.servers.get_mut(&"s".into()).unwrap().task = None;
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn a_server_the_cloud_is_busy_with_for_too_long_gives_the_host_back() {
    let mut w = one_server().begin();
    w.cloud.servers.get_mut(&"s".into()).unwrap().task = Some("image_snapshot");
    w.until_host("hv-a", SessionHostState::DrainFailed);
    let error = w.server("hv-a", "s").error.clone().unwrap();
    assert_eq!(error.cause(), ServerCause::CloudBusy);
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::ServerFailed);
}

#[test]
pub(crate) fn a_migration_that_others_abort_is_tried_again() {
    let mut w = one_server().begin();
    w.until("the migration", |w| !w.session.watched().is_empty());
    w.cloud.others_abort(&"s".into());
    w.until("the failure", |w| w.server("hv-a", "s").failures == 1);
    assert_eq!(w.server("hv-a", "s").error.clone().unwrap().cause(), ServerCause::Aborted);
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn a_server_that_others_move_back_is_not_watched_for_ever() {
    let mut w = one_server().begin();
    w.until("the migration", |w| !w.session.watched().is_empty());
    // Between two looks it arrives, and is moved back.
    w.now += Duration::seconds(21);
    w.cloud.advance(w.now);
    assert_eq!(w.where_is("s"), Some("hv-z"));
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.server("hv-a", "s").failures, 1);
}

#[test]
pub(crate) fn a_read_that_began_before_the_last_change_says_nothing() {
    let mut w = one_server().begin();
    w.until("the migration", |w| !w.session.watched().is_empty());
    let read = |w: &World, at| {
        let host = "hv-a".into();
        let result = w.cloud.read_servers(&host);
        Input::ServersRead { host, at, result }
    };
    let with_server = read(&w, w.now);
    w.until("the move", |w| w.server_state("hv-a", "s") == ServerState::Moved);
    assert_eq!(w.apply(with_server), Ok(false), "it has left since");
    let count = |w: &World| w.host("hv-a").empty_reads;
    let empty = read(&w, w.now);
    let before = count(&w);
    assert_eq!(w.apply(empty.clone()), Ok(false), "it began in the moment of the move");
    w.now += Duration::milliseconds(1);
    let empty = read(&w, w.now);
    assert_eq!(w.apply(empty.clone()), Ok(true));
    assert_eq!(w.apply(empty), Ok(false), "one read counts once");
    assert_eq!(count(&w), before + 1);
}

#[test]
pub(crate) fn a_migration_that_others_revert_is_tried_again() {
    let mut w = one_server()
        .goes("confirm_migration", "s", &[Outcome::Forgotten])
        .spec(|d| d.default_action = Some(Action::Migrate))
        .begin();
    w.until("the confirmation", |w| !w.calls_of(Op::ConfirmMigration, "s").is_empty());
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.calls_of(Op::Migrate, "s").len(), 2);
    assert_eq!(w.server("hv-a", "s").failures, 1);
}

#[test]
pub(crate) fn an_arriving_server_is_not_touched_before_its_move_is_over() {
    // hv-b is drained as well, and takes the server because somebody enabled it. Its move is confirmed late.
    let slow = [Outcome::Forgotten, Outcome::Forgotten];
    let mut w = story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .server("t", "blue", "hv-b")
        .server("u", "green", "hv-z")
        .server("v", "green", "hv-z")
        .owner("blue", Words::All(Action::OwnAction))
        .goes("confirm_migration", "s", &slow)
        .spec(|d| {
            d.max_parallel_hosts = 2;
            d.default_action = Some(Action::Migrate);
            d.drain_reply_period = Some(Duration::seconds(30));
        })
        .begin();
    w.owners.get_mut(&"blue".into()).unwrap().deed = Deed::Nothing;
    w.until_asked("blue", "hv-b");
    w.cloud.others_schedule(&"hv-b".into(), Scheduling::Enabled);
    // No plan says so; but then plans are made of what was read.
    let key = ServerKey { host: "hv-a".into(), server: "s".into() };
    Arc::make_mut(w.session.servers.get_mut(&key).unwrap()).target = Some("hv-b".into());
    w.until("the arrival", |w| w.where_is("s") == Some("hv-b"));
    w.until("the question", |w| w.was_asked("red", "hv-b"));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::InAction, "not confirmed yet");
    w.until("the confirmation", |w| w.server_state("hv-a", "s") == ServerState::Moved);
    assert_eq!(w.calls_of(Op::ConfirmMigration, "s").len(), 3);
    w.until("the second move", |w| w.server_state("hv-b", "s") == ServerState::Moved);
    assert!(w.done_at(Op::ConfirmMigration, "s") < w.calls_of(Op::Migrate, "s")[1].at);
}

#[test]
pub(crate) fn a_server_that_its_owner_has_to_confirm_is_left_alone() {
    let mut w = one_server().status("s", ServerStatus::VerifyResize).begin();
    w.until("its owner", |w| w.host("hv-a").reason.cause() == HostCause::ServerStatus);
    w.pass(Duration::minutes(3));
    assert!(w.waits_for(&WaitParty::Owner("red".into())));
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Affected);
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.cloud.servers.get_mut(&"s".into()).unwrap().status = ServerStatus::Active;
    w.until_host("hv-a", SessionHostState::InMaintenance);
}
