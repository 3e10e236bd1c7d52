//! What each sight of a server means for the action on it.

use std::collections::BTreeMap;

use time::macros::datetime;

use super::*;
use crate::cloud::Flavor;
use crate::id::ServerId;
use crate::session::{Call, CallId};

const BEGAN: Time = datetime!(2026-03-01 08:00 UTC);
const DEADLINE: Time = datetime!(2026-03-01 08:15 UTC);
const ACCEPTED: Phase = Phase::Accepted { at: BEGAN };
const UNRESOLVED: Phase = Phase::Unresolved { settles_at: datetime!(2026-03-01 08:00:10 UTC) };

fn secs(secs: i64) -> Time {
    BEGAN + Duration::seconds(secs)
}

fn act(op: Op, phase: Phase) -> Act {
    let call = Call { id: CallId(1), op, phase, epoch: 1, not_before: BEGAN, tries: 0 };
    Act {
        target: None,
        call,
        deadline: DEADLINE,
        begun_at: Some(BEGAN),
        baseline: Some(MigrationId(5)),
        aborting: None,
    }
}

fn server(host: &str, status: ServerStatus, task: Option<&str>) -> Server {
    Server {
        id: "s".into(),
        name: "web".to_owned(),
        project: "red".into(),
        host: Some(host.into()),
        host_id: String::new(),
        status,
        task: task.map(str::to_owned),
        flavor: Flavor::default(),
        metadata: BTreeMap::new(),
        pinned_zone: None,
    }
}

fn migration(id: i64, kind: MigrationKind, status: MigrationStatus) -> Migration {
    let (source, destination) = (Some("here".into()), Some("there".into()));
    Migration { id: MigrationId(id), server: "s".into(), kind, status, source, destination }
}

fn of(act: &Act, server: &Server, migrations: &[Migration], now: Time) -> Verdict {
    judge(act, &"here".into(), &ServerSeen::Present(server.clone()), migrations, now)
}

fn failed() -> MigrationStatus {
    MigrationStatus::Failed("error".to_owned())
}

#[test]
fn what_is_seen_of_a_live_migration() {
    use MigrationKind::{Cold, Live};
    use MigrationStatus::{AwaitsConfirmation, Completed, InProgress};
    use ServerStatus::{Active, Error, VerifyResize};
    let moving = || ServerStatus::Other("MIGRATING".to_owned());
    let task = Some("migrating");
    let ended = || Verdict::Failed(ServerReason::migration_failed("live migration", "error"));
    let broken = |v: &Verdict| matches!(v, Verdict::Broken(_));
    let late = DEADLINE + ABORT_GRACE;
    for (phase, host, status, task, migrations, now, expected) in [
        // Under way.
        (ACCEPTED, "here", moving(), task, vec![(6, Live, InProgress)], secs(5), Verdict::UnderWay),
        (ACCEPTED, "here", Active, None, vec![(6, Live, InProgress)], secs(5), Verdict::UnderWay),
        (ACCEPTED, "here", moving(), task, vec![], secs(60), Verdict::UnderWay),
        (UNRESOLVED, "here", moving(), task, vec![], secs(60), Verdict::UnderWay),
        // There, but the cloud is not done with it.
        (ACCEPTED, "there", Active, task, vec![(6, Live, Completed)], secs(5), Verdict::UnderWay),
        // Failed; but not while the cloud still rolls back.
        (ACCEPTED, "here", Active, None, vec![(6, Live, failed())], secs(5), ended()),
        (ACCEPTED, "here", Active, task, vec![(6, Live, failed())], secs(5), Verdict::UnderWay),
        // Only newer migrations of the same kind count.
        (ACCEPTED, "here", Active, None, vec![(5, Live, failed())], secs(5), Verdict::Wait),
        (ACCEPTED, "here", Active, None, vec![(6, Cold, failed())], secs(5), Verdict::Wait),
        (
            ACCEPTED,
            "here",
            Active,
            None,
            vec![(6, Live, failed()), (7, Live, InProgress)],
            secs(5),
            Verdict::UnderWay,
        ),
        // Nothing to be seen of it.
        (ACCEPTED, "here", Active, None, vec![], secs(29), Verdict::Wait),
        (
            ACCEPTED,
            "here",
            Active,
            None,
            vec![],
            secs(30),
            Verdict::Failed(ServerReason::ignored()),
        ),
        (UNRESOLVED, "here", Active, None, vec![], secs(9), Verdict::Wait),
        (UNRESOLVED, "here", Active, None, vec![], secs(10), Verdict::NeverStarted),
        // Too long.
        (
            ACCEPTED,
            "here",
            moving(),
            task,
            vec![(6, Live, InProgress)],
            DEADLINE,
            Verdict::Abort(MigrationId(6)),
        ),
        // Somebody moved it back.
        (ACCEPTED, "here", Active, None, vec![(6, Live, Completed)], secs(5), moved_back()),
    ] {
        let migrations: Vec<_> =
            migrations.into_iter().map(|(id, kind, status)| migration(id, kind, status)).collect();
        let seen = server(host, status, task);
        let verdict = of(&act(Op::LiveMigrate, phase), &seen, &migrations, now);
        assert_eq!(verdict, expected, "{seen:?} {migrations:?} {now}");
    }
    let live = act(Op::LiveMigrate, ACCEPTED);
    let there = server("there", Active, None);
    assert_eq!(of(&live, &there, &[], secs(5)), Verdict::Moved(there.clone()));
    let unconfirmed = server("there", VerifyResize, None);
    assert_ne!(of(&live, &unconfirmed, &[], secs(5)), Verdict::Moved(unconfirmed));
    assert!(broken(&of(&live, &server("here", Error, None), &[], secs(5))));
    assert!(!broken(&of(&live, &server("here", Error, task), &[], secs(5))));
    // Whatever the cloud shows, it is not watched without end.
    for status in [InProgress, AwaitsConfirmation, Completed, failed()] {
        let mut aborted = act(Op::LiveMigrate, ACCEPTED);
        aborted.aborting = Some(MigrationId(6));
        let seen = [migration(6, Live, status.clone())];
        let stuck = server("here", moving(), task);
        assert_eq!(of(&aborted, &stuck, &seen, DEADLINE), Verdict::UnderWay, "{status:?}");
        assert_eq!(of(&aborted, &stuck, &seen, late), Verdict::Endless, "{status:?}");
    }
}

#[test]
fn what_is_seen_of_a_cold_migration() {
    use MigrationKind::Cold;
    use MigrationStatus::{AwaitsConfirmation, Completed, InProgress};
    use ServerStatus::{Active, Shutoff, VerifyResize};
    let cold = act(Op::Migrate, ACCEPTED);
    let see = |host, status, task, migrations: &[Migration], now| {
        of(&cold, &server(host, status, task), migrations, now)
    };
    let arrived = server("there", VerifyResize, None);
    assert_eq!(of(&cold, &arrived, &[], secs(5)), Verdict::Confirm(arrived.clone()));
    let task = Some("resize_finish");
    assert_eq!(see("there", VerifyResize, task, &[], secs(5)), Verdict::UnderWay);
    for status in [Active, Shutoff] {
        let confirmed = server("there", status, None);
        assert_eq!(of(&cold, &confirmed, &[], secs(5)), Verdict::Moved(confirmed.clone()));
    }
    let finished = [migration(6, Cold, AwaitsConfirmation)];
    assert_eq!(see("there", Active, None, &finished, secs(5)), Verdict::UnderWay);
    let progress = [migration(6, Cold, InProgress)];
    assert_eq!(see("here", Active, None, &progress, secs(5)), Verdict::UnderWay);
    let ended = Verdict::Failed(ServerReason::migration_failed("migration", "error"));
    assert_eq!(see("here", Active, None, &[migration(6, Cold, failed())], secs(5)), ended);
    let completed = [migration(6, Cold, Completed)];
    assert_eq!(see("here", Active, None, &completed, secs(5)), moved_back());
    let late = DEADLINE + ABORT_GRACE;
    assert_eq!(see("here", Active, task, &progress, late), Verdict::Endless);
    assert_eq!(see("here", VerifyResize, None, &[], late), Verdict::Endless);
    assert_eq!(see("here", Active, None, &[], secs(5)), Verdict::Wait);
}

#[test]
fn what_is_seen_of_a_confirmation() {
    use MigrationKind::Cold;
    use MigrationStatus::{AwaitsConfirmation, InProgress};
    use ServerStatus::{Active, Shutoff, VerifyResize};
    let confirm = act(Op::ConfirmMigration, ACCEPTED);
    for status in [Active, Shutoff] {
        let there = server("there", status.clone(), None);
        assert_eq!(of(&confirm, &there, &[], secs(5)), Verdict::Moved(there.clone()));
        let here = server("here", status, None);
        assert_eq!(of(&confirm, &here, &[], secs(5)), Verdict::Reverted);
    }
    let waits = server("there", VerifyResize, None);
    let finished = [migration(6, Cold, AwaitsConfirmation)];
    assert_eq!(of(&confirm, &waits, &finished, secs(5)), Verdict::Wait);
    assert!(matches!(of(&confirm, &waits, &finished, secs(30)), Verdict::Failed(_)));
    let lost = act(Op::ConfirmMigration, UNRESOLVED);
    assert_eq!(of(&lost, &waits, &finished, secs(10)), Verdict::NeverStarted);
    // The cloud is at it: neither forgotten nor not begun, however long it takes.
    let confirming = [migration(6, Cold, InProgress)];
    for act in [&confirm, &lost] {
        assert_eq!(of(act, &waits, &confirming, secs(600)), Verdict::UnderWay);
        let late = DEADLINE + ABORT_GRACE;
        assert_eq!(of(act, &waits, &confirming, late), Verdict::Endless);
    }
}

#[test]
fn what_is_seen_of_stopping_and_starting() {
    use ServerStatus::{Active, Shutoff};
    for (op, before, after, task, done) in [
        (Op::Stop, Active, Shutoff, "powering-off", Verdict::Stopped),
        (Op::Start, Shutoff, Active, "powering-on", Verdict::Started),
    ] {
        let accepted = act(op, ACCEPTED);
        let see = |status: &ServerStatus, task, now| {
            of(&accepted, &server("here", status.clone(), task), &[], now)
        };
        assert_eq!(see(&after, None, secs(5)), done);
        assert_eq!(see(&after, Some(task), secs(5)), Verdict::UnderWay);
        assert_eq!(see(&before, Some(task), secs(5)), Verdict::UnderWay);
        assert_eq!(see(&before, None, secs(5)), Verdict::Wait);
        assert!(matches!(see(&before, None, secs(30)), Verdict::Failed(_)));
        let late = DEADLINE + ABORT_GRACE;
        assert_eq!(see(&before, Some(task), late), Verdict::Endless);
        let lost = act(op, UNRESOLVED);
        let seen = server("here", before, None);
        assert_eq!(of(&lost, &seen, &[], secs(10)), Verdict::NeverStarted);
    }
}

#[test]
fn a_server_that_does_not_exist_is_gone() {
    for op in [Op::LiveMigrate, Op::Migrate, Op::ConfirmMigration, Op::Stop, Op::Start] {
        let gone = ServerSeen::Gone(ServerId::from("s"));
        assert_eq!(judge(&act(op, ACCEPTED), &"here".into(), &gone, &[], BEGAN), Verdict::Gone);
    }
}
