//! Servers in every status that Nova knows, and hosts whose compute service is down.

use fermata_core::Duration;
use fermata_core::cloud::ServerStatus;
use fermata_core::reason::{HostCause, WaitKind};
use fermata_core::session::{Op, ServerState, SessionHostState, SessionState, WaitParty};
use fermata_core::spec::{Action, Kind};
use fermata_core::ways::{self, By, TABLE, Way};

use crate::world::World;
use crate::world::story::{Story, story};

/// As the cloud calls it.
fn status(word: &str) -> ServerStatus {
    match word {
        "ACTIVE" => ServerStatus::Active,
        "SHUTOFF" => ServerStatus::Shutoff,
        "VERIFY_RESIZE" => ServerStatus::VerifyResize,
        "ERROR" => ServerStatus::Error,
        word => ServerStatus::Other(word.to_owned()),
    }
}

/// A server in this status, and a healthy one beside it.
fn odd_one(word: &str, action: Action, kind: Kind) -> Story {
    story(&["hv-a"])
        .spare(&["hv-z"])
        .server("odd", "red", "hv-a")
        .server("well", "blue", "hv-a")
        .status("odd", status(word))
        .spec(|d| {
            d.default_action = Some(action);
            d.kind = kind;
        })
}

fn turns_into(w: &mut World, word: &str) {
    w.cloud.servers.get_mut(&"odd".into()).unwrap().status = status(word);
}

/// Calls on servers that were answered with a refusal, or left one where it was.
fn calls_in_vain(w: &World) -> usize {
    let on_servers = |op| !matches!(op, Op::DisableScheduling | Op::EnableScheduling);
    w.cloud.journal.iter().filter(|l| l.by_us && on_servers(l.op) && !l.has_effect()).count()
}

#[test]
fn in_every_status_a_host_is_drained_without_a_call_in_vain_or_nothing_is_touched() {
    for row in TABLE {
        for kind in [Kind::Temporary, Kind::Retirement] {
            for action in [Action::LiveMigrate, Action::Migrate, Action::Keep] {
                if !Action::allowed(kind).contains(&action) {
                    continue;
                }
                let about = format!("{} {action:?} {kind:?}", row.status);
                let mut w = odd_one(row.status, action, kind).begin();
                w.pass(Duration::minutes(20));
                let blocked =
                    matches!(ways::way(action, &status(row.status), kind), Way::Blocked(_));
                assert_eq!(calls_in_vain(&w), 0, "{about}");
                let expected = match blocked {
                    true => SessionHostState::Draining,
                    false => SessionHostState::InMaintenance,
                };
                assert_eq!(w.host("hv-a").state, expected, "{about} {:#?}", w.session);
                let touched = w.cloud.journal.iter().any(|l| l.by_us && l.target == "well");
                assert_eq!(touched, !blocked, "{about}");
                let named = w.session.waits().iter().any(|wait| {
                    matches!(wait.kind, WaitKind::ServerStatus | WaitKind::HeldDrain)
                        && wait.until.is_some()
                });
                assert_eq!(named, blocked, "{about} {:#?}", w.session.waits());
            }
        }
    }
}

#[test]
pub(crate) fn nothing_is_touched_before_every_server_has_a_way() {
    let mut w = odd_one("RESCUE", Action::Keep, Kind::Temporary).begin();
    w.until("the reason", |w| w.host("hv-a").reason.cause() == HostCause::ServerStatus);
    assert!(w.host("hv-a").reason.text().contains("odd-name (odd) is RESCUE: unrescue it"));
    assert!(w.waits_for(&WaitParty::Owner("red".into())));
    assert!(w.runs("well"));
    // Its owner does, and the drain goes on by itself.
    turns_into(&mut w, "ACTIVE");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.finish();
    assert!(w.runs("well"));
}

#[test]
fn a_server_that_is_not_freed_in_time_gives_the_host_back_untouched() {
    let mut w = odd_one("VERIFY_RESIZE", Action::Keep, Kind::Temporary).begin();
    w.until_session(SessionState::Failed);
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::DrainTimedOut);
    assert_eq!(w.server_state("hv-a", "well"), ServerState::Restored);
    assert!(w.calls_of(Op::Stop, "well").is_empty());
}

#[test]
fn a_suspended_server_stays_on_a_host_that_comes_back_as_it_is() {
    let mut w = odd_one("SUSPENDED", Action::LiveMigrate, Kind::Temporary).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.server_state("hv-a", "odd"), ServerState::Kept);
    assert_eq!(w.where_is("well"), Some("hv-z"));
    w.pass(Duration::minutes(5));
    assert!(w.host("hv-a").intruders.is_empty());
    w.finish();
    assert_eq!(w.server_state("hv-a", "odd"), ServerState::Restored);
    assert_eq!(w.cloud.servers[&"odd".into()].status, status("SUSPENDED"));
    let touched = w.cloud.journal.iter().any(|l| l.by_us && l.target == "odd");
    assert!(!touched);
}

#[test]
fn a_paused_server_moves_live_whichever_move_was_decided() {
    let mut w = odd_one("PAUSED", Action::Migrate, Kind::Temporary).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.calls_of(Op::LiveMigrate, "odd").len(), 1);
    assert!(w.calls_of(Op::Migrate, "odd").is_empty());
    assert_eq!(w.where_is("odd"), Some("hv-z"));
}

#[test]
fn a_plan_says_which_servers_stand_in_its_way() {
    let mut w = odd_one("SUSPENDED", Action::LiveMigrate, Kind::Retirement).begin();
    w.until_session(SessionState::Running);
    w.pass(Duration::minutes(1));
    let note = "server odd-name (odd) on host hv-a: it is SUSPENDED: resume it; nothing is done on its host before";
    assert_eq!(w.session.head.notes, [note]);
    turns_into(&mut w, "ACTIVE");
    w.until_host("hv-a", SessionHostState::InMaintenance);
}

fn down(kind: Kind) -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).spec(|d| d.kind = kind)
}

fn goes(w: &mut World, up: bool) {
    w.cloud.hosts.get_mut(&"hv-a".into()).unwrap().up = up;
}

#[test]
fn a_host_that_is_down_and_empty_is_retired_at_once() {
    let mut w = down(Kind::Retirement).begin();
    goes(&mut w, false);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.complete("hv-a").unwrap();
    assert_eq!(w.host("hv-a").state, SessionHostState::Retired);
    w.until_session(SessionState::Completed);
}

#[test]
fn a_host_that_is_down_and_empty_is_worked_on_and_comes_back() {
    let mut w = down(Kind::Temporary).begin();
    goes(&mut w, false);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.complete("hv-a").unwrap();
    w.pass(Duration::minutes(5));
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::AwaitingComputeService);
    goes(&mut w, true);
    w.until_session(SessionState::Completed);
    assert_eq!(w.host("hv-a").state, SessionHostState::Maintained);
}

#[test]
pub(crate) fn a_host_that_is_down_with_servers_waits_for_the_operator() {
    let mut w = down(Kind::Temporary).server("s", "red", "hv-a").begin();
    goes(&mut w, false);
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::ComputeServiceDown);
    assert!(!w.was_asked("red", "hv-a"), "nothing can be decided");
    assert!(w.session.waits().iter().any(|wait| wait.kind == WaitKind::HeldDrain));
    assert!(w.session.head.notes[0].contains("hv-a is down with 1 server(s) on it"));
    let on_servers = w.cloud.journal.iter().any(|l| l.target == "s");
    assert!(!on_servers);
    // It is still down: held again. Then it is up, and drained.
    w.retry("hv-a").unwrap();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    goes(&mut w, true);
    w.retry("hv-a").unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), Some("hv-z"));
}

#[test]
fn the_table_in_the_documents_is_what_the_code_does() {
    let documented = include_str!("../../../../../docs/openstack.md");
    let shown =
        |row: &ways::Row, action| match ways::way(action, &status(row.status), Kind::Temporary) {
            Way::Do(Action::LiveMigrate) => "live",
            Way::Do(Action::Migrate) => "cold",
            Way::Do(_) => "stopped",
            Way::Rests => "stays",
            Way::Blocked(_) => "–",
        };
    let everywhere = |row: &ways::Row| {
        let possible = |action| {
            !matches!(ways::way(action, &status(row.status), Kind::Retirement), Way::Blocked(_))
        };
        possible(Action::LiveMigrate) && shown(row, Action::Keep) != "–"
    };
    let rows = TABLE.iter().map(|row| {
        let [live, cold, keep] =
            [Action::LiveMigrate, Action::Migrate, Action::Keep].map(|action| shown(row, action));
        let first = match (everywhere(row), row.obstacle.by) {
            (true, _) => " ".to_owned(),
            (false, By::Cloud) => format!(" cloud: {} ", row.obstacle.remedy),
            (false, By::Owner) => format!(" owner: {} ", row.obstacle.remedy),
            (false, By::Operator) => format!(" operator: {} ", row.obstacle.remedy),
        };
        format!("| `{}` | {live} | {cold} | {keep} |{first}|", row.status)
    });
    let table = rows.collect::<Vec<_>>().join("\n");
    assert!(documented.contains(&format!("\n{table}\n\n")), "docs/openstack.md wants:\n{table}");
}
