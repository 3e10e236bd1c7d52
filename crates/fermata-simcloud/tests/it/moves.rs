//! Where servers may move to, and what Nova answers when they may not.

use fermata_core::cloud::{CloudError, Migration, MigrationId, MigrationStatus, ServerStatus};
use fermata_simcloud::{Action, Condition};

use crate::common::{Lab, SMALL, host, id};

fn assert_no_valid_host(lab: &mut Lab, server: &str, on: &str) {
    lab.settle();
    lab.assert_at(server, on, ServerStatus::Active);
    let last = lab.migrations(server).pop();
    let status = last.map(|migration| migration.status);
    assert_eq!(status, Some(MigrationStatus::Failed("error".to_owned())));
}

fn anywhere() -> Action {
    Action::LiveMigrate { target: None }
}

#[test]
fn a_full_host_takes_nothing() {
    let mut lab = Lab::new(SMALL);
    for n in 0..5 {
        lab.create(&format!("filler-{n}"), "h3").unwrap();
    }
    lab.live("db-1", "h3").unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");
}

#[test]
fn a_move_takes_room_at_both_ends_until_it_is_over() {
    let mut lab = Lab::new(SMALL);
    lab.live("db-1", "h3").unwrap();
    lab.wait_ms(500);
    assert_eq!(lab.used("h1", "VCPU"), 4);
    assert_eq!(lab.used("h3", "VCPU"), 4);
    lab.settle();
    assert_eq!(lab.used("h1", "VCPU"), 0);

    lab.cold("db-1", "h1").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h1", ServerStatus::VerifyResize);
    assert_eq!(lab.used("h3", "VCPU"), 4, "until confirmed");
    lab.act("db-1", Action::ConfirmMigration).unwrap();
    lab.settle();
    assert_eq!(lab.used("h3", "VCPU"), 0);
}

#[test]
fn two_moves_do_not_share_the_last_room() {
    let mut lab = Lab::new(SMALL);
    for n in 0..4 {
        lab.create(&format!("filler-{n}"), "h3").unwrap();
    }
    // Both fit alone. They are apart, so only room can keep one of them from h3.
    let small = lab.create("small", "h1").unwrap();
    lab.live("db-1", "h3").unwrap();
    lab.live(small.as_str(), "h3").unwrap();
    lab.settle();
    assert!(lab.used("h3", "VCPU") <= 8);
    let moved = [lab.server("db-1"), lab.server(small.as_str())]
        .into_iter()
        .filter(|server| server.host == Some(host("h3")))
        .count();
    assert_eq!(moved, 1);
}

#[test]
fn members_that_must_be_apart_stay_apart() {
    let mut lab = Lab::new(SMALL);
    lab.live("db-1", "h2").unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");
    // Under way to h3, db-1 is on both.
    lab.live("db-1", "h3").unwrap();
    lab.wait_ms(500);
    lab.live("db-2", "h1").unwrap();
    assert_no_valid_host(&mut lab, "db-2", "h2");
    lab.live("db-2", "h1").unwrap();
    lab.settle();
    lab.assert_at("db-2", "h1", ServerStatus::Active);
}

#[test]
fn members_that_must_be_together_do_not_move_alone() {
    let together = SMALL
        .replace("anti-affinity", "affinity")
        .replace(r#"host = "h2", flavor"#, r#"host = "h1", flavor"#);
    let mut lab = Lab::new(&together);
    lab.act("db-1", anywhere()).unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");
}

#[test]
fn zones_and_aggregates_confine_servers() {
    let zoned = SMALL
        .replace(r#"host = "h1", flavor = "half""#, r#"host = "h1", flavor = "half", zone = "z1""#);
    let mut lab = Lab::new(&zoned);
    lab.live("db-1", "h3").unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");

    let fast = SMALL
        .replace(r#"host = "h1", flavor = "half""#, r#"host = "h1", flavor = "fast-half""#)
        .replace(
            r#"groups = [{ name = "db", policy = "anti-affinity", members = ["db-1", "db-2"] }]"#,
            "",
        );
    let mut lab = Lab::new(&fast);
    lab.live("db-1", "h2").unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");
    lab.act("db-1", anywhere()).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Active);
}

#[test]
fn disabled_and_down_hosts_take_nothing() {
    let mut lab = Lab::new(SMALL);
    lab.disable("h3");
    lab.live("db-1", "h3").unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");
    lab.act("db-1", anywhere()).unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");

    let mut lab = Lab::new(SMALL);
    lab.sim.host_goes_down(lab.now, &host("h3")).unwrap();
    lab.cold("db-1", "h3").unwrap();
    assert_no_valid_host(&mut lab, "db-1", "h1");
}

#[test]
fn migration_records_come_late_and_rise() {
    let mut lab = Lab::new(SMALL);
    lab.live("db-1", "h3").unwrap();
    assert_eq!(lab.migrations("db-1"), [], "accepted, but nothing chosen yet");
    assert_eq!(lab.server("db-1").status, ServerStatus::Other("MIGRATING".to_owned()));
    lab.settle();
    lab.cold("db-1", "h1").unwrap();
    lab.settle();
    let ids: Vec<MigrationId> = lab.migrations("db-1").iter().map(|m| m.id).collect();
    assert_eq!(ids, [MigrationId(1), MigrationId(2)]);

    let changed = |lab: &mut Lab, since| -> Vec<Migration> {
        let progress = lab.sim.progress(lab.now, &[id("db-1")], since);
        progress.unwrap().migrations
    };
    let since = lab.now;
    assert_eq!(changed(&mut lab, since), []);
    lab.act("db-1", Action::ConfirmMigration).unwrap();
    assert_eq!(changed(&mut lab, since).len(), 1);
}

#[test]
fn statuses_that_do_not_allow_an_action_conflict() {
    let mut lab = Lab::new(SMALL);
    lab.sim.set_condition(lab.now, &id("db-1"), Condition::Error).unwrap();
    let refused = [anywhere(), Action::Migrate { target: None }, Action::Start];
    for action in refused {
        let answer = lab.act("db-1", action);
        assert!(matches!(answer, Err(CloudError::Conflict { .. })));
    }
    lab.sim.set_condition(lab.now, &id("db-1"), Condition::Paused).unwrap();
    assert!(lab.act("db-1", Action::Stop).is_err());
    assert_eq!(lab.live("db-1", "h3"), Ok(()), "a paused server can move");
}

#[test]
fn calls_that_can_never_succeed_are_rejected() {
    let mut lab = Lab::new(SMALL);
    let rejected = |answer| assert!(matches!(answer, Err(CloudError::Rejected { .. })));
    rejected(lab.live("db-1", "nowhere"));
    rejected(lab.cold("db-1", "nowhere"));
    rejected(lab.cold("db-1", "h1"));
    lab.cold("db-1", "h3").unwrap();
    lab.settle();
    lab.act("db-1", Action::ConfirmMigration).unwrap();
    rejected(lab.act("db-1", Action::ConfirmMigration));
}

#[test]
fn an_abort_that_comes_too_late_changes_nothing() {
    let slow_abort = format!("{SMALL}\nabort_migration = {{ min_ms = 9000, max_ms = 9000 }}");
    let mut lab = Lab::new(&slow_abort);
    lab.live("db-1", "h3").unwrap();
    lab.wait_ms(500);
    let migration = lab.migrations("db-1")[0].id;
    lab.act("db-1", Action::AbortMigration { migration }).unwrap();
    lab.settle();
    lab.assert_at("db-1", "h3", ServerStatus::Active);
    assert_eq!(lab.migrations("db-1")[0].status, MigrationStatus::Completed);
    let answer = lab.act("db-1", Action::AbortMigration { migration });
    assert!(matches!(answer, Err(CloudError::Conflict { .. })));
}
