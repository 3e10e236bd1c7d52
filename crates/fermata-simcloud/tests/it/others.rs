//! What happens to the cloud past the port.

use fermata_core::cloud::{CloudError, MigrationStatus, Scheduling, ServerSeen, ServerStatus};
use fermata_simcloud::Action;

use crate::common::{Lab, SMALL, host, id, small_server};

#[test]
fn a_server_is_created_on_a_held_host() {
    let mut lab = Lab::new(SMALL);
    lab.disable("h3");
    let first = lab.create("late", "h3").unwrap();
    let second = lab.create("late", "h3").unwrap();
    assert_ne!(first, second);
    let on = lab.sim.servers_on(lab.now, &host("h3")).unwrap();
    assert_eq!(on.len(), 2);
    assert_eq!(lab.sim.hosts(lab.now).unwrap()[2].servers, 2);
}

#[test]
fn creation_keeps_to_room_and_groups() {
    let mut lab = Lab::new(SMALL);
    let mut big = small_server("big", "h1");
    big.size.vcpus = 5;
    let answer = lab.sim.create_server(lab.now, big);
    assert!(matches!(answer, Err(CloudError::Rejected { .. })));

    let mut member = small_server("db-3", "h1");
    member.group = Some("db".to_owned());
    let answer = lab.sim.create_server(lab.now, member.clone());
    assert!(matches!(answer, Err(CloudError::Rejected { .. })));
    member.host = host("h3");
    let created = lab.sim.create_server(lab.now, member).unwrap();
    let answer = lab.sim.move_server(lab.now, &created, &host("h2"));
    assert!(matches!(answer, Err(CloudError::Rejected { .. })));
}

#[test]
fn an_owner_moves_and_deletes_its_server() {
    let mut lab = Lab::new(SMALL);
    lab.sim.move_server(lab.now, &id("db-1"), &host("h3")).unwrap();
    lab.assert_at("db-1", "h3", ServerStatus::Active);
    lab.live("db-1", "h1").unwrap();
    lab.wait_ms(500);
    let answer = lab.sim.move_server(lab.now, &id("db-1"), &host("h1"));
    assert!(matches!(answer, Err(CloudError::Conflict { .. })));

    lab.sim.delete_server(lab.now, &id("db-1")).unwrap();
    assert_eq!(lab.seen("db-1"), ServerSeen::Gone(id("db-1")));
    assert_eq!(lab.used("h1", "VCPU"), 0);
    let migration = lab.migrations("db-1").remove(0);
    assert_eq!(migration.status, MigrationStatus::Failed("error".to_owned()));
    lab.settle();
    assert_eq!(lab.seen("db-1"), ServerSeen::Gone(id("db-1")));
}

#[test]
fn a_move_that_a_dying_host_interrupts_fails_when_the_host_is_back() {
    let mut lab = Lab::new(SMALL);
    lab.live("db-1", "h3").unwrap();
    lab.wait_ms(500);
    lab.sim.host_goes_down(lab.now, &host("h3")).unwrap();
    lab.settle();
    assert_eq!(lab.migrations("db-1")[0].status, MigrationStatus::InProgress);
    lab.sim.host_comes_up(lab.now, &host("h3")).unwrap();
    lab.assert_at("db-1", "h1", ServerStatus::Active);
    assert_eq!(lab.migrations("db-1")[0].status, MigrationStatus::Failed("failed".to_owned()));
}

#[test]
fn a_stop_waits_for_its_host() {
    let mut lab = Lab::new(SMALL);
    lab.sim.host_goes_down(lab.now, &host("h1")).unwrap();
    let answer = lab.live("db-1", "h3");
    assert!(matches!(answer, Err(CloudError::Conflict { .. })));
    lab.act("db-1", Action::Stop).unwrap();
    lab.settle();
    assert_eq!(lab.server("db-1").task.as_deref(), Some("powering-off"));
    lab.sim.host_comes_up(lab.now, &host("h1")).unwrap();
    lab.assert_at("db-1", "h1", ServerStatus::Shutoff);
}

#[test]
fn host_ids_tell_a_project_only_its_own() {
    let mut lab = Lab::new(SMALL);
    let ours = lab.server("db-1").host_id;
    let theirs = lab.create("theirs", "h1").unwrap();
    assert_ne!(ours, lab.server(theirs.as_str()).host_id);
    assert_ne!(ours, lab.server("db-2").host_id);
    lab.live("db-1", "h3").unwrap();
    lab.settle();
    lab.live("db-1", "h1").unwrap();
    lab.settle();
    assert_eq!(ours, lab.server("db-1").host_id);
}

#[test]
fn hosts_leave_and_join() {
    let mut lab = Lab::new(SMALL);
    let names = |lab: &mut Lab| -> Vec<String> {
        lab.sim.hosts(lab.now).unwrap().into_iter().map(|h| h.name.to_string()).collect()
    };
    let all = names(&mut lab);
    let answer = lab.sim.host_leaves(lab.now, &host("h1"));
    assert!(matches!(answer, Err(CloudError::Rejected { .. })), "it has servers");
    lab.sim.host_leaves(lab.now, &host("h3")).unwrap();
    assert!(!names(&mut lab).contains(&"h3".to_owned()));
    let answer = lab.sim.host_leaves(lab.now, &host("h3"));
    assert!(matches!(answer, Err(CloudError::NotFound { .. })));
    lab.disable("h1");
    lab.sim.host_joins(lab.now, &host("h3"), &host("h1")).unwrap();
    assert_eq!(names(&mut lab), all);
    let joined = &lab.sim.hosts(lab.now).unwrap()[2];
    assert!(joined.up && joined.scheduling == Scheduling::Enabled && joined.servers == 0);
    let answer = lab.sim.host_joins(lab.now, &host("h3"), &host("h1"));
    assert!(matches!(answer, Err(CloudError::Rejected { .. })));
}
