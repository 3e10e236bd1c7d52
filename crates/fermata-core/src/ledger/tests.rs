use std::collections::BTreeSet;
use std::sync::Arc;

use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

use super::{Ask, Cause, Entry, Full, Ledger, Posting};
use crate::Time;
use crate::id::{ProjectId, ServerId, SessionId};
use crate::policy::{CloudGroups, GroupPolicy, MaxImpacted, Policies};
use crate::reason::WaitKind;

const DAWN: Time = datetime!(2026-03-01 08:00 UTC);
const OURS: SessionId = SessionId(Uuid::from_u128(1));
const OTHER: SessionId = SessionId(Uuid::from_u128(2));

/// Group `g` of red: servers a, b and c, of which so many may be impacted, 20 seconds apart.
fn policies(max: u32) -> Policies {
    let mut group = GroupPolicy::new("g".into(), "red".into());
    group.members = ["a", "b", "c"].map(ServerId::from).into();
    group.max_impacted = vec![MaxImpacted { group_size: 0, max }];
    group.recovery_time = Some(Duration::seconds(20));
    Policies::new([], [group])
}

fn posted(entries: &[(&str, Entry, i64)]) -> Ledger {
    let mut ledger = Ledger::default();
    for (server, entry, at) in entries {
        let posting = Posting {
            project: "red".into(),
            server: (*server).into(),
            entry: *entry,
            target: None,
        };
        ledger.post(&posting, DAWN + Duration::seconds(*at));
    }
    ledger
}

/// Asks for server a at this second, while the session impacts others.
fn room(ledger: &Ledger, max: u32, impacted: &[&str], ended: &[&str], at: i64) -> Result<(), Full> {
    room_under(&policies(max), ledger, impacted, ended, at)
}

fn room_under(
    policies: &Policies,
    ledger: &Ledger,
    impacted: &[&str],
    ended: &[&str],
    at: i64,
) -> Result<(), Full> {
    let set = |ids: &[&str]| ids.iter().map(|id| ServerId::from(*id)).collect::<BTreeSet<_>>();
    let (project, server) = (ProjectId::from("red"), ServerId::from("a"));
    let ask = Ask {
        project: &project,
        server: &server,
        session: OURS,
        impacted: &set(impacted),
        ended: &set(ended),
        now: DAWN + Duration::seconds(at),
    };
    ledger.room(&ask, policies)
}

const BY_OTHER: Cause = Cause::Session(OTHER);

#[test]
fn members_of_all_sessions_and_faults_count() {
    let ledger = posted(&[("b", Entry::Began(BY_OTHER), 0), ("c", Entry::Began(Cause::Fault), 0)]);
    assert!(room(&ledger, 3, &[], &[], 1).is_ok());
    let full = room(&ledger, 2, &[], &[], 1).unwrap_err();
    assert_eq!(full.until, None);
    assert!(full.why.contains("group g allows 2 of its 3"), "{}", full.why);
    let none = Ledger::default();
    assert!(room(&none, 1, &["b"], &[], 1).is_err(), "what this step began counts, too");
    assert!(room(&none, 1, &["z"], &[], 1).is_ok(), "who is in no group of it does not");
    assert!(room(&none, 0, &[], &[], 1).is_err(), "a group may allow none at all");
}

#[test]
fn a_server_that_is_impacted_twice_counts_once() {
    let ledger = posted(&[
        ("b", Entry::Began(BY_OTHER), 0),
        ("b", Entry::Began(Cause::Fault), 0),
        ("a", Entry::Began(Cause::Fault), 0),
    ]);
    assert!(room(&ledger, 2, &[], &[], 1).is_ok(), "one that a fault impacts may be moved away");
    assert!(room(&ledger, 1, &[], &[], 1).is_err());
}

#[test]
fn a_group_recovers_from_the_last_impact_by_anybody() {
    let ledger = posted(&[
        ("b", Entry::Began(BY_OTHER), 0),
        ("b", Entry::Ended(BY_OTHER), 10),
        ("c", Entry::Began(Cause::Fault), 0),
        ("c", Entry::Ended(Cause::Fault), 15),
    ]);
    let full = room(&ledger, 1, &[], &[], 34).unwrap_err();
    assert_eq!(full.until, Some(DAWN + Duration::seconds(35)));
    assert!(room(&ledger, 1, &[], &[], 35).is_ok());
    let full = room(&Ledger::default(), 1, &[], &["b"], 50).unwrap_err();
    assert_eq!(full.until, Some(DAWN + Duration::seconds(70)), "what this step ended counts");
}

#[test]
fn a_group_recovers_from_impacts_on_a_member_that_is_gone() {
    let there = |servers: &[&str]| {
        let servers = servers.iter().map(|id| (ServerId::from(*id), ProjectId::from("red")));
        Arc::new(CloudGroups::new([("nova-1".into(), [])]).knowing(servers))
    };
    let gone = policies(1).with_cloud(there(&["a", "c"]));
    let ended = posted(&[("b", Entry::Began(BY_OTHER), 0), ("b", Entry::Ended(BY_OTHER), 10)]);
    let full = room_under(&gone, &ended, &[], &[], 29).unwrap_err();
    assert_eq!(full.until, Some(DAWN + Duration::seconds(30)));
    assert!(room_under(&gone, &ended, &[], &[], 30).is_ok());
    assert!(room_under(&gone, &Ledger::default(), &[], &["b"], 1).is_err(), "ended in this step");
    let open = posted(&[("b", Entry::Began(BY_OTHER), 0)]);
    for (ledger, own) in [(&open, &[][..]), (&Ledger::default(), &["b"])] {
        let full = room_under(&gone, ledger, own, &[], 500).unwrap_err();
        assert_eq!(full.kind, WaitKind::GroupRecovery, "nobody has seen yet that it ended");
        assert!(full.why.contains("impact on b, which is gone"), "{}", full.why);
    }
    let stranger = posted(&[("z", Entry::Began(BY_OTHER), 0)]);
    assert!(room_under(&gone, &stranger, &[], &[], 1).is_ok(), "it never was a member");
    let mut of_cloud = GroupPolicy::new("g".into(), "red".into());
    of_cloud.members = ["a".into()].into();
    of_cloud.server_group = Some("nova-1".into());
    of_cloud.recovery_time = Some(Duration::seconds(20));
    let of_cloud = Policies::new([], [of_cloud]).with_cloud(there(&["a"]));
    assert!(room_under(&of_cloud, &stranger, &[], &[], 1).is_err(), "it may have been a member");
}

#[test]
fn what_did_not_begin_leaves_nothing() {
    let ledger = posted(&[("b", Entry::Began(BY_OTHER), 0), ("b", Entry::Dropped(OTHER), 5)]);
    assert!(room(&ledger, 1, &[], &[], 6).is_ok());
    let ledger = posted(&[("b", Entry::Began(BY_OTHER), 0), ("b", Entry::Dropped(OURS), 5)]);
    assert!(room(&ledger, 1, &[], &[], 6).is_err(), "only its own session drops it");
}

#[test]
fn two_sessions_never_act_on_one_server() {
    let ledger = posted(&[("a", Entry::Began(BY_OTHER), 0)]);
    let full = room(&ledger, 3, &[], &[], 1).unwrap_err();
    assert!(full.why.contains(&OTHER.to_string()), "{}", full.why);
}

#[test]
fn an_account_is_judged_anew_after_what_leaves_less_room() {
    let mut ledger = Ledger::default();
    let red = ProjectId::from("red");
    assert_eq!(ledger.revision(&red), 0);
    let post = |ledger: &mut Ledger, entry| {
        let posting = Posting { project: red.clone(), server: "b".into(), entry, target: None };
        ledger.post(&posting, DAWN);
        ledger.revision(&red)
    };
    assert_eq!(post(&mut ledger, Entry::Began(BY_OTHER)), 1);
    assert_eq!(post(&mut ledger, Entry::Ended(BY_OTHER)), 1);
    assert_eq!(post(&mut ledger, Entry::Began(Cause::Fault)), 2);
    assert_eq!(ledger.revision(&"blue".into()), 0);
}
