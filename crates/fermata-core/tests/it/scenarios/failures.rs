//! When actions go wrong.

use fermata_core::Duration;
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::event::{OperatorEvent, ServerChange, SessionChange};
use fermata_core::session::{Op, ServerState, SessionHostState, SessionState, WaitParty};
use fermata_core::spec::Action;

use crate::world::faults::Outcome;
use crate::world::faults::Outcome::{Breaks, Conflict, Fails, Forgotten, Hangs, Rejected};
use crate::world::story::{Story, story};
use crate::world::{DAWN, World};

fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

#[test]
pub(crate) fn a_failed_migration_is_tried_again() {
    let mut w = one_server().goes("live_migrate", "s", &[Fails, Fails]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.calls_of(Op::LiveMigrate, "s").len(), 3);
    assert_eq!(w.server("hv-a", "s").failures, 2);
    use ServerChange::{ActionDone, ActionFailed, ActionStarted};
    assert_eq!(
        w.server_changes("red", "s"),
        [ActionStarted, ActionFailed, ActionStarted, ActionFailed, ActionStarted, ActionDone]
    );
}

#[test]
pub(crate) fn a_migration_that_fails_again_and_again_gives_the_host_back() {
    let mut w = one_server().goes("live_migrate", "s", &[Fails, Fails, Fails]).begin();
    w.until_session(SessionState::Failed);
    assert_eq!(w.calls_of(Op::LiveMigrate, "s").len(), 3);
    assert_eq!(w.host("hv-a").state, SessionHostState::DrainFailed);
    assert!(w.host("hv-a").reason.text().contains("given up after 3 tries"));
    assert_eq!(*w.scheduling("hv-a"), Scheduling::Enabled);
    assert!(w.session_changes("red").contains(&SessionChange::DrainGivenUp));
    assert!(w.server("hv-a", "s").error.is_some());
}

#[test]
pub(crate) fn a_host_that_cannot_be_drained_stays_in_service_until_it_can() {
    let mut w = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a");
    w = w.disabled("hv-z", "broken fan");
    let mut w = w.begin();
    w.until("it waits", |w| w.waits_for(&WaitParty::Operator));
    w.pass(Duration::minutes(10));
    assert_eq!(w.host("hv-a").state, SessionHostState::Waiting);
    assert!(
        w.host("hv-a").reason.text().contains("hosts that are disabled"),
        "{}",
        w.host("hv-a").reason
    );
    assert!(w.cloud.journal.is_empty(), "nobody is disturbed");
    w.cloud.others_schedule(&"hv-z".into(), Scheduling::Enabled);
    let mended = w.now;
    w.until_host("hv-a", SessionHostState::Draining);
    assert!(w.now <= mended + Duration::seconds(31));
    w.finish();
    assert_eq!(w.where_is("s"), Some("hv-z"));
}

#[test]
pub(crate) fn every_action_is_tried_again() {
    for (action, op, calls) in [
        (Action::Migrate, Op::Migrate, 2),
        (Action::Migrate, Op::ConfirmMigration, 2),
        (Action::Keep, Op::Stop, 2),
        (Action::Keep, Op::Start, 2),
    ] {
        for outcome in [Fails, Forgotten, Conflict, Rejected] {
            let mut w = one_server()
                .goes(op.name(), "s", &[outcome])
                .spec(|d| d.default_action = Some(action))
                .begin();
            w.finish();
            assert_eq!(w.session.head.state, SessionState::Completed, "{op:?} {outcome:?}");
            assert_eq!(w.calls_of(op, "s").len(), calls, "{op:?} {outcome:?}");
            assert!(w.runs("s"));
        }
    }
}

#[test]
pub(crate) fn a_server_in_error_holds_the_drain() {
    let mut w = one_server().goes("live_migrate", "s", &[Breaks]).begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Failed);
    assert_eq!(w.server_changes("red", "s").last(), Some(&ServerChange::ActionFailed));
    assert!(w.waits_for(&WaitParty::Operator));
    w.cloud.servers.get_mut(&"s".into()).unwrap().status = ServerStatus::Active;
    w.retry("hv-a").unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

#[test]
pub(crate) fn a_server_that_was_in_error_before_holds_the_drain() {
    let mut w = one_server().status("s", ServerStatus::Error).begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.until_session(SessionState::Failed);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::HandedOver);
}

#[test]
pub(crate) fn a_live_migration_that_hangs_is_aborted() {
    let mut w = one_server()
        .goes("live_migrate", "s", &[Hangs])
        .spec(|d| d.action_timeout = Some(Duration::minutes(5)))
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.calls_of(Op::LiveMigrate, "s").len(), 2);
    let began = w.calls_of(Op::LiveMigrate, "s")[0].at;
    let aborts = w.cloud.journal.iter().filter(|l| matches!(l.op, Op::AbortMigration(_)));
    let aborts: Vec<_> = aborts.map(|l| l.at - began).collect();
    assert_eq!(aborts.len(), 1);
    assert!(aborts[0] >= Duration::minutes(5) && aborts[0] < Duration::minutes(6));
}

#[test]
pub(crate) fn a_move_that_ends_just_before_its_abort_counts() {
    use fermata_core::machine::Input;
    let mut w = one_server().goes("live_migrate", "s", &[Hangs]).begin();
    w.until("the migration", |w| !w.session.watched().is_empty());
    w.now = w.server("hv-a", "s").act.as_ref().unwrap().deadline;
    let read = |w: &World| w.cloud.read_progress(&["s".into()], DAWN);
    w.cloud.advance(w.now);
    w.apply(Input::Progress(read(&w))).unwrap();
    let due = w.session.due_calls(w.now).remove(0);
    assert!(matches!(due.op, Op::AbortMigration(_)));
    let server = w.cloud.servers.get_mut(&"s".into()).unwrap();
    (server.host, server.task) = ("hv-z".into(), None);
    let seen = read(&w).ok();
    w.apply(Input::Begin { call: due.id, epoch: 1, seen }).unwrap();
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved, "not gone: it was our doing");
}

#[test]
pub(crate) fn an_abort_that_does_not_come_through_leaves_the_server_to_the_operator() {
    let mut w = one_server()
        .goes("live_migrate", "s", &[Hangs])
        .goes("abort_migration", "s", &[Outcome::Unavailable])
        .spec(|d| d.action_timeout = Some(Duration::minutes(5)))
        .begin();
    w.until("the abort", |w| {
        let act = w.server("hv-a", "s").act.as_ref();
        act.is_some_and(|a| a.aborting.is_some())
    });
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Failed);
}

#[test]
pub(crate) fn a_cold_migration_that_hangs_is_left_to_the_operator() {
    let mut w = one_server()
        .goes("migrate", "s", &[Hangs])
        .spec(|d| {
            d.default_action = Some(Action::Migrate);
            d.action_timeout = Some(Duration::minutes(5));
        })
        .begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert!(w.host("hv-a").reason.text().contains("did not end in time"));
    // The cloud is still at it: trying again must not disturb it.
    w.retry("hv-a").unwrap();
    w.pass(Duration::minutes(4));
    assert_eq!(w.calls_of(Op::Migrate, "s").len(), 1);
    w.until_session(SessionState::Failed);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::HandedOver);
}

#[test]
pub(crate) fn a_confirmation_that_takes_long_is_not_sent_twice() {
    let mut w = one_server()
        .goes("confirm_migration", "s", &[Hangs])
        .spec(|d| d.default_action = Some(Action::Migrate))
        .begin();
    w.until("the confirmation", |w| !w.calls_of(Op::ConfirmMigration, "s").is_empty());
    w.pass(Duration::minutes(10));
    assert_eq!(w.calls_of(Op::ConfirmMigration, "s").len(), 1);
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
}

#[test]
pub(crate) fn an_action_that_was_accepted_and_forgotten_is_tried_again() {
    let mut w = one_server().goes("live_migrate", "s", &[Forgotten]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let calls = w.calls_of(Op::LiveMigrate, "s");
    assert_eq!(calls.len(), 2);
    assert!(calls[1].at - calls[0].at >= Duration::seconds(30));
}

#[test]
pub(crate) fn what_the_cloud_says_is_for_the_operator() {
    let mut w = one_server().goes("live_migrate", "s", &[Rejected]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let detail = |e: &OperatorEvent| match e {
        OperatorEvent::Server { detail: Some(why), .. } => why.text().contains("hv-a"),
        _ => false,
    };
    assert!(w.told.operators.iter().any(|(_, e)| detail(e)), "with every detail");
    // That owners see none of it is checked after every step.
}

#[test]
pub(crate) fn a_conflict_is_looked_into_before_anything_else() {
    let mut w = one_server().goes("live_migrate", "s", &[Conflict; 9]).begin();
    w.until_session(SessionState::Failed);
    let calls = w.calls_of(Op::LiveMigrate, "s");
    assert!(calls.windows(2).all(|c| c[1].at - c[0].at >= Duration::seconds(2)));
}
