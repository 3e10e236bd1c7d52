//! What an operator may ask for: defaults, violations, boundaries.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::Host;
use fermata_core::id::HostName;
use fermata_core::limits::MAX_TEXT;
use fermata_core::spec::{
    Action, Draft, Kind, OnFailure, OnObjection, OnSilence, Selection, Spec, StartMode, Violation,
    ViolationKind, select,
};
use fermata_core::{Duration, Time};

use crate::world::DAWN;
use crate::world::cloud::FakeCloud;

const NOW: Time = DAWN;

/// As little as possible.
fn draft() -> Draft {
    Draft {
        window_end: Some(NOW + Duration::hours(8)),
        reason: "new firmware".to_owned(),
        ..Draft::default()
    }
}

fn complete(draft: Draft) -> Result<Spec, Vec<Violation>> {
    let hosts: BTreeSet<HostName> = ["hv-a".into(), "hv-b".into()].into();
    draft.complete(&hosts, NOW)
}

#[track_caller]
fn fields(change: impl FnOnce(&mut Draft)) -> Vec<String> {
    let mut draft = draft();
    change(&mut draft);
    complete(draft).unwrap_err().into_iter().map(|f| f.field).collect()
}

#[track_caller]
fn fine(change: impl FnOnce(&mut Draft)) -> Spec {
    let mut draft = draft();
    change(&mut draft);
    complete(draft).unwrap()
}

#[test]
fn defaults_are_those_of_the_contract() {
    let spec = complete(draft()).unwrap();
    assert_eq!((spec.window.start, spec.window.end), (NOW, NOW + Duration::hours(8)));
    assert_eq!(spec.kind, Kind::Temporary);
    assert_eq!(spec.announce_reply_period, Duration::minutes(10));
    assert_eq!(spec.drain_reply_period, Duration::minutes(5));
    assert_eq!(spec.lead_time, Duration::ZERO);
    assert_eq!(spec.on_silence, OnSilence::Proceed);
    assert_eq!(spec.on_objection, OnObjection::Hold);
    assert_eq!(spec.default_action, Action::LiveMigrate);
    assert_eq!(spec.on_failure, OnFailure::Stop);
    assert_eq!(spec.start_mode, StartMode::Automatic);
    assert_eq!((spec.max_parallel_hosts, spec.max_parallel_actions), (1, 4));
    assert_eq!(spec.drain_timeout, Duration::hours(1));
    assert_eq!(spec.work_timeout, None);
    assert_eq!(spec.action_timeout, Duration::minutes(15));
    assert_eq!(spec.action_attempts, 3);
}

#[test]
fn every_violation_is_listed_at_once() {
    let found = fields(|d| {
        d.window_end = Some(NOW - Duration::hours(1));
        d.host_kinds = vec![("hv-x".into(), None), ("hv-a".into(), Some(Kind::Retirement))];
        d.reason = " ".to_owned();
        d.announce_reply_period = Some(Duration::seconds(-1));
        d.drain_reply_period = Some(Duration::days(400));
        d.lead_time = Some(Duration::hours(2));
        d.drain_timeout = Some(Duration::ZERO);
        d.work_timeout = Some(Duration::ZERO);
        d.action_timeout = Some(Duration::ZERO);
        d.default_action = Some(Action::Keep);
        d.max_parallel_hosts = 1001;
        d.max_parallel_actions = 1001;
        d.action_attempts = 21;
        d.metadata = BTreeMap::from([("k".to_owned(), "v".repeat(MAX_TEXT + 1))]);
    });
    assert_eq!(
        found,
        [
            "spec.window.end_time",
            "spec.host_overrides[0].host",
            "spec.host_overrides[0].kind",
            "spec.announce_reply_period",
            "spec.drain_reply_period",
            "spec.drain_timeout",
            "spec.action_timeout",
            "spec.work_timeout",
            "spec.drain_timeout",
            "spec.reason",
            "spec.metadata['k']",
            "spec.default_action",
            "spec.max_parallel_hosts",
            "spec.max_parallel_actions",
            "spec.action_attempts",
        ]
    );
}

#[test]
fn windows_that_cannot_be() {
    let window = |start: Option<Time>, end: Option<Time>| {
        move |d: &mut Draft| (d.window_start, d.window_end) = (start, end)
    };
    let hour = Duration::hours(1);
    for (start, end) in [
        (None, None),
        (None, Some(NOW)),
        (None, Some(NOW - hour)),
        (Some(NOW + hour), Some(NOW + hour)),
        (Some(NOW + hour), Some(NOW + hour / 2)),
    ] {
        assert_eq!(fields(window(start, end)), ["spec.window.end_time"], "{start:?} {end:?}");
    }
    let microsecond = Duration::microseconds(1);
    fine(window(None, Some(NOW + microsecond)));
    fine(window(Some(NOW - hour), Some(NOW + hour)));
}

#[test]
fn a_window_holds_the_lead_time() {
    let lead = Duration::minutes(30);
    let ends = |span: Duration| {
        move |d: &mut Draft| {
            d.lead_time = Some(lead);
            // A start in the past gives no more time.
            d.window_start = Some(NOW - Duration::hours(1));
            d.window_end = Some(NOW + span);
        }
    };
    fine(ends(lead));
    let violations = fields(ends(lead - Duration::seconds(1)));
    assert_eq!(violations, ["spec.window.end_time"]);
}

#[test]
fn a_drain_has_time_for_its_owners() {
    let timeout = Some(Duration::minutes(10));
    for lead in [true, false] {
        let set = |span: Duration| {
            move |d: &mut Draft| {
                d.drain_timeout = timeout;
                *(if lead { &mut d.lead_time } else { &mut d.drain_reply_period }) = Some(span);
            }
        };
        fine(set(Duration::minutes(10)));
        assert_eq!(fields(set(Duration::minutes(11))), ["spec.drain_timeout"]);
    }
}

#[test]
fn spans_and_counts_have_bounds() {
    let year = Duration::days(366);
    fine(|d| d.announce_reply_period = Some(year));
    fine(|d| d.announce_reply_period = Some(Duration::ZERO));
    let second = Duration::seconds(1);
    assert_eq!(
        fields(|d| d.announce_reply_period = Some(year + second)),
        ["spec.announce_reply_period"]
    );
    fine(|d| (d.max_parallel_hosts, d.max_parallel_actions, d.action_attempts) = (1000, 1000, 20));
}

#[test]
fn texts_are_counted_in_characters() {
    fine(|d| d.reason = "ä".repeat(MAX_TEXT));
    assert_eq!(fields(|d| d.reason = "ä".repeat(MAX_TEXT + 1)), ["spec.reason"]);
    let entries = |n: usize| (0..n).map(|i| (format!("k{i}"), String::new())).collect();
    fine(|d| d.metadata = entries(64));
    assert_eq!(fields(|d| d.metadata = entries(65)), ["spec.metadata"]);
    let nameless = BTreeMap::from([(String::new(), "v".to_owned())]);
    assert_eq!(fields(|d| d.metadata = nameless), ["spec.metadata"]);
}

#[test]
fn default_actions_that_cannot_be() {
    fine(|d| d.default_action = Some(Action::Keep));
    let own = fields(|d| d.default_action = Some(Action::OwnAction));
    assert_eq!(own, ["spec.default_action"]);
    let keep = |d: &mut Draft| {
        d.kind = Kind::Retirement;
        d.default_action = Some(Action::Keep);
    };
    assert_eq!(fields(keep), ["spec.default_action"]);
    let one = |d: &mut Draft| {
        d.host_kinds = vec![("hv-b".into(), Some(Kind::Retirement))];
        d.default_action = Some(Action::Keep);
    };
    assert_eq!(fields(one), ["spec.default_action"]);
    // Every host differs from the session's kind.
    fine(|d| {
        keep(d);
        let kind = Some(Kind::Temporary);
        d.host_kinds = vec![("hv-a".into(), kind), ("hv-b".into(), kind)];
    });
}

#[test]
fn hosts_may_differ_in_kind() {
    let spec = fine(|d| d.host_kinds = vec![("hv-b".into(), Some(Kind::Retirement))]);
    assert_eq!(spec.kind_of(&"hv-a".into()), Kind::Temporary);
    assert_eq!(spec.kind_of(&"hv-b".into()), Kind::Retirement);
    let twice = |d: &mut Draft| {
        let (once, again) = (Some(Kind::Retirement), Some(Kind::Temporary));
        d.host_kinds = vec![("hv-b".into(), once), ("hv-b".into(), again)];
    };
    assert_eq!(fields(twice), ["spec.host_overrides[1].host"]);
    assert!(!Action::allowed(Kind::Retirement).contains(&Action::Keep));
    assert!(Action::allowed(Kind::Temporary).contains(&Action::Keep));
}

// --- selection

fn hosts() -> Vec<Host> {
    let mut cloud = FakeCloud::new(NOW);
    for host in ["hv-a", "hv-b", "hv-c"] {
        cloud.add_host(host);
    }
    let mut hosts = cloud.hosts();
    hosts[0].aggregates = vec!["gpu".to_owned()];
    hosts[1].zone = Some("north".to_owned());
    hosts[2].zone = None;
    hosts
}

fn chosen(selection: Selection) -> Result<Vec<String>, Vec<String>> {
    let hosts = hosts();
    match select(&selection, &hosts) {
        Ok(found) => Ok(found.iter().map(|h| h.name.to_string()).collect()),
        Err(violations) => {
            assert!(
                violations
                    .iter()
                    .all(|f| { f.sort == ViolationKind::UnknownHost || f.field == "spec.hosts" })
            );
            Err(violations.into_iter().map(|f| f.field).collect())
        }
    }
}

#[test]
fn a_selection_is_the_union_of_what_is_named() {
    let ok = |names: &[&str]| Ok(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    let all = Selection { all: true, ..Selection::default() };
    assert_eq!(chosen(all), ok(&["hv-a", "hv-b", "hv-c"]));
    let union = Selection {
        names: vec!["hv-c".into(), "hv-c".into()],
        aggregates: vec!["gpu".to_owned()],
        ..Selection::default()
    };
    assert_eq!(chosen(union), ok(&["hv-a", "hv-c"]));
    let zone = Selection { zones: vec!["north".to_owned()], ..Selection::default() };
    assert_eq!(chosen(zone), ok(&["hv-b"]));
}

#[test]
fn what_the_cloud_does_not_have_is_named() {
    let wrong = Selection {
        names: vec!["hv-a".into(), "hv-x".into()],
        aggregates: vec!["ssd".to_owned()],
        zones: vec!["south".to_owned()],
        all: true,
    };
    let expected = ["spec.hosts.names[1]", "spec.hosts.aggregates[0]", "spec.hosts.zones[0]"];
    assert_eq!(chosen(wrong), Err(expected.map(str::to_owned).to_vec()));
    assert_eq!(chosen(Selection::default()), Err(vec!["spec.hosts".to_owned()]));
}
