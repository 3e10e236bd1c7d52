use std::collections::BTreeMap;

use proptest::prelude::*;
use time::Duration;

use super::{groups, own, policy};
use crate::id::{ProjectId, ServerId};
use crate::policy::{MigrationType, ServerPolicy, UnexpectedAction};
use crate::spec::Action;

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| (format!("fermata:{k}"), (*v).to_owned())).collect()
}

#[test]
fn every_key() {
    let mut metadata = pairs(&[
        ("controlled_temporary", "keep"),
        ("controlled_permanent", "Live-Migrate"),
        ("unexpected_temporary", "KEEP"),
        ("unexpected_permanent", "evacuate"),
        ("lead_time", "10m"),
        ("max_interruption", "100 ms"),
        ("migration_types", "live, NO_MIGRATION"),
        ("mitigation_requested", "true"),
    ]);
    metadata.insert("somebody:else".to_owned(), "x".to_owned());
    let (said, bad) = policy(&metadata);
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(
        said,
        ServerPolicy {
            controlled_temporary: Some(Action::Keep),
            controlled_permanent: Some(Action::LiveMigrate),
            unexpected_temporary: Some(UnexpectedAction::Keep),
            unexpected_permanent: Some(UnexpectedAction::Evacuate),
            lead_time: Some(Duration::minutes(10)),
            max_interruption: Some(Duration::milliseconds(100)),
            migration_types: vec![MigrationType::Live, MigrationType::None],
            mitigation_requested: Some(true),
        }
    );
    assert_eq!(own(&metadata).len(), 8);
}

#[test]
fn bad_values_are_reported_and_left_out() {
    let (said, bad) = policy(&pairs(&[
        ("controlled_temporary", "explode"),
        ("controlled_permanent", "keep"),
        ("lead_time", "soon"),
        ("migration_types", "live,live"),
        ("mitigation_requested", "maybe"),
        ("max_interruption", "1000d"),
        ("group_max_impacted", "few"),
        ("group_max_per_host", "1"),
        ("colour", "red"),
    ]));
    assert_eq!(said, ServerPolicy::default());
    let mut keys: Vec<_> = bad.iter().map(|b| b.key.trim_start_matches("fermata:")).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "colour",
            "controlled_permanent",
            "controlled_temporary",
            "group",
            "group_max_impacted",
            "lead_time",
            "max_interruption",
            "migration_types",
            "mitigation_requested",
        ]
    );
}

#[test]
fn of_what_members_say_of_their_group_the_strictest_counts() {
    let red = ProjectId::from("red");
    let blue = ProjectId::from("blue");
    let a = pairs(&[("group", "db"), ("group_max_impacted", "2")]);
    let b = pairs(&[
        ("group", "db"),
        ("group_max_impacted", "1"),
        ("group_recovery_time", "1m"),
        ("group_anti_affinity", "true"),
    ]);
    let c = pairs(&[
        ("group", "db"),
        ("group_recovery_time", "5m"),
        ("group_max_per_host", "x"),
        ("group_anti_affinity", "false"),
    ]);
    let d = pairs(&[("group", "db"), ("group_max_per_host", "2")]);
    let e = pairs(&[("lead_time", "1m")]);
    let servers: [(_, ServerId, _); 5] = [
        (&red, "a".into(), a),
        (&red, "b".into(), b),
        (&red, "c".into(), c),
        (&blue, "d".into(), d),
        (&blue, "e".into(), e),
    ];
    let found = groups(servers.iter().map(|(p, s, m)| (*p, s, m)));
    assert_eq!(found.len(), 2, "a group is of one project");
    let [blue, red] = [&found[0], &found[1]];
    assert_eq!((blue.group.members.len(), blue.group.max_per_host), (1, Some(2)));
    assert!(blue.contradictions.is_empty());
    assert_eq!(red.group.id.as_str(), "metadata:db");
    assert_eq!(red.group.members.len(), 3);
    assert_eq!(red.group.limit(3), 1);
    assert_eq!(red.group.recovery_time, Some(Duration::minutes(5)));
    assert!(red.group.anti_affinity);
    assert_eq!(red.group.max_per_host, None);
    let keys: Vec<_> = red.contradictions.iter().map(|b| b.key.as_str()).collect();
    let expected = [
        "fermata:group_max_impacted",
        "fermata:group_recovery_time",
        "fermata:group_anti_affinity",
    ];
    assert_eq!(keys, expected);
}

const KEYS: [&str; 10] = [
    "controlled_temporary",
    "controlled_permanent",
    "unexpected_temporary",
    "unexpected_permanent",
    "lead_time",
    "max_interruption",
    "migration_types",
    "mitigation_requested",
    "group",
    "group_max_impacted",
];
const VALUES: [&str; 14] = [
    "keep",
    "live_migrate",
    "migrate",
    "own_action",
    "evacuate",
    "10m",
    "-1s",
    "PT1H",
    "live",
    "offline,live",
    "none",
    "live,live",
    "true",
    "3",
];

proptest! {
    #[test]
    fn whatever_is_read_is_a_policy_without_violations(
        pairs in proptest::collection::btree_map(
            proptest::sample::select(KEYS.to_vec()),
            prop_oneof![proptest::sample::select(VALUES.to_vec()).prop_map(String::from), ".{0,9}"],
            0..10,
        ),
    ) {
        let metadata = pairs.iter().map(|(k, v)| (format!("fermata:{k}"), v.clone())).collect();
        let (said, bad) = policy(&metadata);
        let mut violations = Vec::new();
        said.check("policy", &mut violations);
        prop_assert_eq!(violations, vec![]);
        for field in crate::policy::Field::ALL {
            let key = format!("fermata:{}", field.name());
            let reported = bad.iter().any(|b| b.key == key);
            prop_assert_eq!(metadata.contains_key(&key), said.sets(field) || reported);
        }
    }
}
