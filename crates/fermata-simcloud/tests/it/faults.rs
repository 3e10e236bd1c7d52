//! Each kind of fault does what it says, to the calls it says.

use fermata_core::cloud::{CloudError, MigrationStatus, Scheduling, ServerStatus};
use fermata_simcloud::{Action, BadFault, Fault, FaultKind, Operation};

use crate::common::{Lab, SMALL, host, id};

fn lab_with(operation: Operation, kind: FaultKind) -> Lab {
    let mut lab = Lab::new(SMALL);
    let fault = Fault { times: Some(1), ..Fault::always(operation, kind) };
    lab.sim.inject(fault).unwrap();
    lab
}

fn failed(word: &str) -> MigrationStatus {
    MigrationStatus::Failed(word.to_owned())
}

#[test]
fn a_live_migration_that_fails_leaves_the_server() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::Fails);
    lab.live("db-1", "h3").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
    assert_eq!(lab.migrations("db-1")[0].status, failed("failed"));
    assert_eq!(lab.used("h3", "VCPU"), 0, "the claim is dropped");

    lab.live("db-1", "h3").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Active);
}

#[test]
fn a_cold_migration_that_fails_is_rolled_back() {
    let mut lab = lab_with(Operation::Migrate, FaultKind::Fails);
    lab.cold("db-1", "h3").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
    assert_eq!(lab.migrations("db-1")[0].status, failed("error"));
}

#[test]
fn a_confirmation_that_fails_can_be_repeated() {
    let mut lab = lab_with(Operation::ConfirmMigration, FaultKind::Fails);
    lab.cold("db-1", "h3").unwrap();
    lab.settle();
    lab.act("db-1", Action::ConfirmMigration).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::VerifyResize);
    lab.act("db-1", Action::ConfirmMigration).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Active);
}

#[test]
fn stop_and_start_that_fail_change_nothing() {
    let mut lab = lab_with(Operation::Stop, FaultKind::Fails);
    lab.act("db-1", Action::Stop).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
    lab.act("db-1", Action::Stop).unwrap();
    lab.settle();
    let fault = Fault::once(Operation::Start, &id("db-1"), FaultKind::Fails);
    lab.sim.inject(fault).unwrap();
    lab.act("db-1", Action::Start).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Shutoff);
}

#[test]
fn what_hangs_goes_on_when_faults_are_cleared() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::Hangs);
    lab.live("db-1", "h3").unwrap();
    lab.settle();
    let migration = lab.migrations("db-1").remove(0);
    assert_eq!(migration.status, MigrationStatus::InProgress);
    assert_eq!(lab.server("db-1").task.as_deref(), Some("migrating"));
    lab.sim.clear_faults(lab.now);
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Active);
}

#[test]
fn what_hangs_can_be_aborted() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::Hangs);
    lab.live("db-1", "h3").unwrap();
    lab.settle();
    let migration = lab.migrations("db-1")[0].id;
    lab.act("db-1", Action::AbortMigration { migration }).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
    assert_eq!(lab.migrations("db-1")[0].status, failed("cancelled"));
    assert_eq!(lab.used("h3", "VCPU"), 0);
}

#[test]
fn what_is_forgotten_never_begins() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::Forgets);
    lab.live("db-1", "h3").unwrap();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
    lab.settle();
    assert_eq!(lab.migrations("db-1"), []);

    let mut lab = lab_with(Operation::SetScheduling, FaultKind::Forgets);
    lab.disable("h1");
    let hosts = lab.sim.hosts(lab.now).unwrap();
    assert_eq!(hosts[0].scheduling, Scheduling::Enabled);
}

#[test]
fn a_lost_answer_hides_what_happened() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::LostAnswer);
    let answer = lab.live("db-1", "h3");
    assert!(matches!(answer, Err(CloudError::Unknown { .. })));
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Active);

    let mut lab = lab_with(Operation::SetScheduling, FaultKind::LostAnswer);
    let disabled = Scheduling::Disabled { reason: "work".to_owned() };
    let answer = lab.sim.set_scheduling(lab.now, &host("h1"), &disabled);
    assert!(matches!(answer, Err(CloudError::Unknown { .. })));
    assert_eq!(lab.sim.hosts(lab.now).unwrap()[0].scheduling, disabled);
}

#[test]
fn calls_that_are_not_done_say_so_or_do_not() {
    let mut lab = lab_with(Operation::Stop, FaultKind::UnknownNotDone);
    let answer = lab.act("db-1", Action::Stop);
    assert!(matches!(answer, Err(CloudError::Unknown { .. })));

    let fault = Fault::once(Operation::Stop, &id("db-1"), FaultKind::Unavailable);
    lab.sim.inject(fault).unwrap();
    let answer = lab.act("db-1", Action::Stop);
    assert!(matches!(answer, Err(CloudError::Unavailable { .. })));

    let fault = Fault::once(Operation::Stop, &id("db-1"), FaultKind::Rejects);
    lab.sim.inject(fault).unwrap();
    let answer = lab.act("db-1", Action::Stop);
    assert!(matches!(answer, Err(CloudError::Rejected { .. })));

    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
}

#[test]
fn an_error_leaves_the_server_where_nova_leaves_it() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::Error);
    lab.live("db-1", "h3").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Error);
    assert_eq!(lab.migrations("db-1")[0].status, failed("error"));

    let mut lab = lab_with(Operation::Migrate, FaultKind::Error);
    lab.cold("db-1", "h3").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Error);
    assert_eq!(lab.migrations("db-1")[0].status, failed("error"));
    assert_eq!(lab.used("h1", "VCPU"), 0);

    let mut lab = lab_with(Operation::Stop, FaultKind::Error);
    lab.act("db-1", Action::Stop).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::Error);
}

#[test]
fn reads_go_wrong_too() {
    let mut lab = lab_with(Operation::Hosts, FaultKind::Unavailable);
    let answer = lab.sim.hosts(lab.now);
    assert!(matches!(answer, Err(CloudError::Unavailable { .. })));
    assert!(lab.sim.hosts(lab.now).is_ok());

    let fault = Fault {
        host: Some(host("h2")),
        ..Fault::always(Operation::ServersOn, FaultKind::Unavailable)
    };
    lab.sim.inject(fault).unwrap();
    assert!(lab.sim.servers_on(lab.now, &host("h1")).is_ok());
    assert!(lab.sim.servers_on(lab.now, &host("h2")).is_err());
}

#[test]
fn faults_keep_to_their_server_their_host_and_their_number() {
    let mut lab = Lab::new(SMALL);
    let fault = Fault::once(Operation::Stop, &id("db-1"), FaultKind::Unavailable);
    lab.sim.inject(fault).unwrap();
    let fault =
        Fault { host: Some(host("h2")), ..Fault::always(Operation::Stop, FaultKind::Rejects) };
    lab.sim.inject(fault).unwrap();
    for _ in 0..2 {
        let answer = lab.act("db-2", Action::Stop);
        assert!(matches!(answer, Err(CloudError::Rejected { .. })));
    }
    let answer = lab.act("db-1", Action::Stop);
    assert!(matches!(answer, Err(CloudError::Unavailable { .. })));
    assert_eq!(lab.act("db-1", Action::Stop), Ok(()));
}

#[test]
fn a_fault_waits_for_a_call_that_is_accepted() {
    let mut lab = lab_with(Operation::LiveMigrate, FaultKind::Fails);
    lab.act("db-1", Action::Stop).unwrap();
    let answer = lab.live("db-1", "h3");
    assert!(matches!(answer, Err(CloudError::Conflict { .. })));
    lab.live("db-2", "h3").unwrap();
    lab.settle();
    lab.assert_at("db-2", "h2", ServerStatus::Active);
}

#[test]
fn faults_without_meaning_are_refused() {
    let mut lab = Lab::new(SMALL);
    let mut inject = |fault| lab.sim.inject(fault);
    assert_eq!(
        inject(Fault::always(Operation::Hosts, FaultKind::Hangs)),
        Err(BadFault::Kind { kind: FaultKind::Hangs, operation: Operation::Hosts })
    );
    assert_eq!(
        inject(Fault::once(Operation::Progress, &id("db-1"), FaultKind::Unavailable)),
        Err(BadFault::Server { operation: Operation::Progress })
    );
    let never = Fault { times: Some(0), ..Fault::always(Operation::Stop, FaultKind::Fails) };
    assert_eq!(inject(never), Err(BadFault::Never));
}
