use std::collections::BTreeMap;

use super::{
    HostState, Learned, News, Seen, Standing, follow, holders, known, matters, news, state,
};
use crate::cloud::{Capacity, Host, Scheduling};
use crate::event::HostEvent;
use crate::id::SessionId;
use crate::session::{Goal, SchedulingFact, SessionHost, SessionHostState};
use crate::spec::Kind;

const OPEN: Seen = Seen::Present { up: true, open: true };
const CLOSED: Seen = Seen::Present { up: true, open: false };
const DOWN: Seen = Seen::Present { up: false, open: true };
const DOWN_AND_CLOSED: Seen = Seen::Present { up: false, open: false };

fn host(name: &str, up: bool, disabled: Option<&str>) -> Host {
    Host {
        name: name.into(),
        up,
        scheduling: match disabled {
            None => Scheduling::Enabled,
            Some(reason) => Scheduling::Disabled { reason: reason.to_owned() },
        },
        zone: None,
        aggregates: Vec::new(),
        capacity: Capacity::default(),
        hypervisor_type: String::new(),
        hypervisor_version: String::new(),
        servers: 0,
    }
}

fn row(state: SessionHostState) -> SessionHost {
    SessionHost { state, ..SessionHost::new(&"a".into(), Kind::default()) }
}

#[test]
fn a_host_that_no_session_has_is_what_the_cloud_says() {
    let cloud = [
        (OPEN, HostState::Enabled),
        (CLOSED, HostState::Disabled),
        (DOWN, HostState::Down),
        (DOWN_AND_CLOSED, HostState::Down),
        (Seen::Absent, HostState::Removed),
    ];
    for (seen, expected) in cloud {
        assert_eq!(state(seen, None), expected, "{seen:?}");
        for unheld in [
            SessionHostState::Waiting,
            SessionHostState::Maintained,
            SessionHostState::DrainFailed,
            SessionHostState::MaintenanceFailed,
            SessionHostState::Skipped,
            SessionHostState::Cancelled,
        ] {
            assert_eq!(state(seen, Some(&row(unheld))), expected, "{seen:?} {unheld:?}");
        }
    }
}

#[test]
fn a_session_decides_while_it_has_the_host() {
    let given_back =
        SessionHost { goal: Some(Goal::DrainFailed), ..row(SessionHostState::Returning) };
    let worked_on =
        SessionHost { goal: Some(Goal::Maintained), ..row(SessionHostState::Returning) };
    for seen in [OPEN, CLOSED, DOWN, DOWN_AND_CLOSED] {
        let is = |row: &SessionHost| state(seen, Some(row));
        let drained = if [DOWN, DOWN_AND_CLOSED].contains(&seen) {
            HostState::Down
        } else {
            HostState::GoingToMaintenance
        };
        assert_eq!(is(&row(SessionHostState::Draining)), drained);
        assert_eq!(is(&given_back), drained);
        assert_eq!(is(&row(SessionHostState::InMaintenance)), HostState::InMaintenance);
        assert_eq!(is(&worked_on), HostState::InMaintenance);
    }
    let held = row(SessionHostState::InMaintenance);
    assert_eq!(state(Seen::Absent, Some(&held)), HostState::Removed, "what is gone is gone");
    let retired = row(SessionHostState::Retired);
    assert_eq!(state(CLOSED, Some(&retired)), HostState::Retired);
    assert_eq!(state(DOWN_AND_CLOSED, Some(&retired)), HostState::Retired, "it was switched off");
    assert_eq!(state(OPEN, Some(&retired)), HostState::Enabled, "somebody put it to use again");
}

#[test]
fn the_active_session_counts_before_the_one_that_retired_the_host() {
    let (old, new) = (SessionId(uuid::Uuid::from_u128(1)), SessionId(uuid::Uuid::from_u128(2)));
    let (retired, waits) = (row(SessionHostState::Retired), row(SessionHostState::Waiting));
    let rows = [(old, retired.clone()), (new, waits.clone())];
    for rows in [rows.clone().to_vec(), rows.into_iter().rev().collect()] {
        assert_eq!(holders(rows)[&"a".into()], (new, waits.clone()));
    }
    assert_eq!(holders([(old, retired.clone())])[&"a".into()], (old, retired));
}

#[test]
fn what_matters_and_what_is_known() {
    let (waits, drains) = (row(SessionHostState::Waiting), row(SessionHostState::Draining));
    assert!(matters(None, &waits), "another session may have retired it");
    assert!(matters(Some(&waits), &drains));
    assert!(!matters(Some(&drains), &SessionHost { empty_reads: 1, ..drains.clone() }));
    assert_eq!(known(&waits), None);
    assert_eq!(known(&drains), Some(OPEN));
    let closed = SessionHost { scheduling: SchedulingFact::DisabledByUs, ..drains };
    assert_eq!(known(&closed), Some(CLOSED));
    assert_eq!(DOWN.after(Learned::Switched { open: false }), DOWN_AND_CLOSED);
    assert_eq!(DOWN.after(Learned::Read(CLOSED)), CLOSED);
    assert_eq!(Seen::Absent.after(Learned::Read(OPEN)), Seen::Absent);
}

#[test]
fn news_are_what_is_listed_otherwise_than_before() {
    let before =
        [("gone", Seen::Absent), ("left", OPEN), ("same", CLOSED), ("up", DOWN), ("closed", OPEN)];
    let before = before.map(|(name, seen)| (name.into(), seen)).into();
    let listed = [
        host("same", true, Some("another reason is no news")),
        host("up", true, None),
        host("closed", true, Some("smells of smoke")),
        host("new", false, None),
    ];
    let found = news(&before, &listed);
    let expected = [
        ("closed", CLOSED, "its scheduling was disabled: smells of smoke"),
        ("left", Seen::Absent, "the cloud does not list it any more"),
        ("new", DOWN, "the cloud lists it"),
        ("up", OPEN, "its compute service reports again"),
    ];
    let expected = expected
        .map(|(name, seen, reason)| (name.into(), News { seen, reason: reason.to_owned() }));
    assert_eq!(found, BTreeMap::from(expected));
}

#[test]
fn a_change_is_told_once_and_who_follows_knows_the_same() {
    let mut standing = Standing::UNTOLD;
    let mut followed = BTreeMap::new();
    let steps = [
        (OPEN, None, Some((None, HostState::Enabled))),
        (OPEN, None, None),
        (DOWN, None, Some((Some(HostState::Enabled), HostState::Down))),
        (DOWN_AND_CLOSED, None, None),
        (DOWN_AND_CLOSED, Some(SessionHostState::Draining), None),
        (
            CLOSED,
            Some(SessionHostState::Draining),
            Some((Some(HostState::Down), HostState::GoingToMaintenance)),
        ),
        (Seen::Absent, None, Some((Some(HostState::GoingToMaintenance), HostState::Removed))),
        (OPEN, None, Some((Some(HostState::Removed), HostState::Enabled))),
    ];
    for (seen, held, told) in steps {
        let held = held.map(row);
        let change = standing.update(seen, held.as_ref());
        assert_eq!(change, told);
        if let Some((from, to)) = change {
            let why = News { seen, reason: String::new() };
            let event = HostEvent::of_news("a".into(), &why, (from, to));
            follow(&mut followed, &event);
        }
        let is = state(seen, held.as_ref());
        assert_eq!(followed.get(&"a".into()).copied().unwrap_or(HostState::Removed), is);
    }
}
