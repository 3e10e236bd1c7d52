//! What somebody else does meanwhile.

use fermata_core::Duration;
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::event::{InfrastructureState, OperatorEvent, ServerChange};
use fermata_core::session::{HostState, NoticeState, Op, ServerState, SessionState};
use fermata_core::spec::Action;

use crate::world::faults::Outcome;
use crate::world::story::{Story, accept, story};

fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

#[test]
fn scheduling_enabled_on_a_held_host_is_disabled_again() {
    let mut w = story(&["hv-a"]).begin();
    w.until_host("hv-a", HostState::InMaintenance);
    w.cloud.others_schedule(&"hv-a".into(), Scheduling::Enabled);
    w.pass(Duration::seconds(15));
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(w.host("hv-a").reason.contains("somebody enabled"));
    assert_eq!(w.host("hv-a").state, HostState::InMaintenance);
    w.finish();
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
fn scheduling_enabled_during_a_drain_is_disabled_before_the_host_is_ready() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.cloud.others_schedule(&"hv-a".into(), Scheduling::Enabled);
    w.until_host("hv-a", HostState::InMaintenance);
    assert_ne!(*w.scheduling("hv-a"), Scheduling::Enabled);
}

#[test]
fn a_server_on_a_held_host_raises_the_alarm() {
    let mut w = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-z").begin();
    w.until_host("hv-a", HostState::InMaintenance);
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.pass(Duration::seconds(15));
    assert!(w.host("hv-a").reason.contains("NOT EMPTY"));
    assert_eq!(w.host("hv-a").intruders.len(), 1);
    let alarms = |w: &crate::world::World| {
        let of = |(_, e): &&(_, OperatorEvent)| matches!(e, OperatorEvent::HoldBroken { .. });
        w.told.operators.iter().filter(of).count()
    };
    assert_eq!(alarms(&w), 1);
    let (_, last) = w.told.infrastructure.last().unwrap();
    assert_eq!(last.to, InfrastructureState::InMaintenance);
    assert_eq!(last.intruders.len(), 1);
    w.pass(Duration::minutes(5));
    assert_eq!(alarms(&w), 1, "the same servers are no news");
    w.cloud.others_move(&"s".into(), None);
    w.pass(Duration::seconds(15));
    assert!(w.host("hv-a").intruders.is_empty());
    assert!(w.host("hv-a").reason.contains("held again"));
}

#[test]
fn a_kept_server_that_is_started_on_a_held_host_raises_the_alarm() {
    let mut w = one_server().spec(|d| d.default_action = Some(Action::Keep)).begin();
    w.until_host("hv-a", HostState::InMaintenance);
    w.cloud.others_switch(&"s".into(), ServerStatus::Active);
    w.pass(Duration::seconds(15));
    assert_eq!(w.host("hv-a").intruders.len(), 1);
    w.finish();
    assert!(w.calls_of(Op::Start, "s").is_empty());
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Restored);
}

#[test]
fn a_server_that_turns_up_during_a_drain_is_asked_about() {
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
    assert_eq!(new.state, NoticeState::Pending);
    w.answer(&new, accept(Action::LiveMigrate)).unwrap();
    w.until_host("hv-a", HostState::InMaintenance);
    assert_eq!(w.server_state("hv-a", "t"), ServerState::Moved);
}

#[test]
fn a_new_server_has_its_own_lead_time() {
    let mut w = one_server()
        .server("t", "red", "hv-z")
        .spec(|d| d.lead_time = Some(Duration::minutes(15)))
        .begin();
    w.until_asked("red", "hv-a");
    w.pass(Duration::minutes(10));
    w.cloud.others_move(&"t".into(), Some(&"hv-a".into()));
    let moved = w.now;
    w.until_host("hv-a", HostState::InMaintenance);
    assert!(w.done_at(Op::LiveMigrate, "t") >= moved + Duration::minutes(15));
}

#[test]
fn a_server_that_is_deleted_meanwhile_is_gone() {
    let mut w = one_server().begin();
    w.until_asked("red", "hv-a");
    w.cloud.others_move(&"s".into(), None);
    w.until_host("hv-a", HostState::InMaintenance);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Gone);
    assert_eq!(w.server_changes("red", "s"), [ServerChange::Gone]);
}

#[test]
fn a_server_that_comes_back_is_asked_about_again() {
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
    assert_eq!(new.state, NoticeState::Pending, "what was decided is spent");
    assert!(new.plan_revision > old.plan_revision);
    w.finish();
}

#[test]
fn a_server_the_cloud_is_busy_with_is_left_alone() {
    let mut w = one_server().begin();
    w.cloud.servers.get_mut(&"s".into()).unwrap().task = Some("image_snapshot");
    w.until("the wish", |w| w.server_state("hv-a", "s") == ServerState::InAction);
    w.pass(Duration::minutes(3));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.cloud.servers.get_mut(&"s".into()).unwrap().task = None;
    w.until_host("hv-a", HostState::InMaintenance);
}

#[test]
fn a_server_that_others_move_back_is_not_watched_for_ever() {
    let mut w = one_server().begin();
    w.until("the migration", |w| !w.session.watched().is_empty());
    // Between two looks it arrives, and is moved back.
    w.now += Duration::seconds(21);
    w.cloud.advance(w.now);
    assert_eq!(w.where_is("s"), Some("hv-z"));
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.until_host("hv-a", HostState::InMaintenance);
    assert_eq!(w.server("hv-a", "s").failures, 1);
}

#[test]
fn a_migration_that_others_revert_is_tried_again() {
    let mut w = one_server()
        .goes("confirm_migration", "s", &[Outcome::Forgotten])
        .spec(|d| d.default_action = Some(Action::Migrate))
        .begin();
    w.until("the confirmation", |w| !w.calls_of(Op::ConfirmMigration, "s").is_empty());
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.until_host("hv-a", HostState::InMaintenance);
    assert_eq!(w.calls_of(Op::Migrate, "s").len(), 2);
    assert_eq!(w.server("hv-a", "s").failures, 1);
}

#[test]
fn an_arriving_server_is_not_touched_before_its_move_is_over() {
    // hv-b drains as well, and sees the server while its move is not confirmed yet.
    let slow = [Outcome::Forgotten, Outcome::Forgotten];
    let mut w = story(&["hv-a", "hv-b"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .server("t", "blue", "hv-b")
        .server("u", "blue", "hv-z")
        .goes("confirm_migration", "s", &slow)
        .spec(|d| {
            d.max_parallel_hosts = 2;
            d.default_action = Some(Action::Migrate);
            d.drain_reply_period = Some(Duration::ZERO);
        })
        .begin();
    w.until("the migration", |w| !w.calls_of(Op::Migrate, "s").is_empty());
    w.cloud.others_schedule(&"hv-b".into(), Scheduling::Enabled);
    w.finish();
    assert!(w.runs("s"));
}
