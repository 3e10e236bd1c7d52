use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::option;
use proptest::prelude::*;
use time::Duration;

use super::{Policies, Source};
use crate::id::{ProjectId, ServerId};
use crate::policy::{CloudGroups, Field, GroupPolicy, MigrationType, ServerPolicy};
use crate::spec::Action;

fn group(id: &str, members: &[&str], policy: ServerPolicy) -> GroupPolicy {
    let mut group = GroupPolicy::new(id.into(), "red".into());
    group.members = members.iter().map(|m| ServerId::from(*m)).collect();
    group.member_policy = policy;
    group
}

fn lead(minutes: i64) -> ServerPolicy {
    ServerPolicy { lead_time: Some(Duration::minutes(minutes)), ..ServerPolicy::default() }
}

#[test]
fn field_by_field_the_server_then_its_groups_then_its_metadata() {
    let red = ProjectId::from("red");
    let own = ServerPolicy { controlled_temporary: Some(Action::Keep), ..Default::default() };
    let member = ServerPolicy {
        controlled_temporary: Some(Action::Migrate),
        migration_types: vec![MigrationType::Offline],
        ..Default::default()
    };
    let servers = [(red.clone(), ServerId::from("s"), own)];
    let policies = Policies::new(servers, [group("g", &["s", "t"], member)]);
    let metadata: BTreeMap<_, _> = [
        ("fermata:controlled_temporary", "live_migrate"),
        ("fermata:migration_types", "live"),
        ("fermata:lead_time", "5m"),
        ("fermata:mitigation_requested", "?"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into();
    let s = policies.of(&red, &"s".into(), &metadata);
    assert_eq!(s.policy.controlled_temporary, Some(Action::Keep));
    assert_eq!(s.policy.migration_types, [MigrationType::Offline]);
    assert_eq!(s.policy.lead_time, Some(Duration::minutes(5)));
    let sources = BTreeMap::from([
        (Field::ControlledTemporary, Source::Server),
        (Field::MigrationTypes, Source::Group("g".into())),
        (Field::LeadTime, Source::Metadata),
    ]);
    assert_eq!(s.sources, sources);
    assert_eq!(s.invalid_values.len(), 1);
    let t = policies.of(&red, &"t".into(), &BTreeMap::new());
    assert_eq!(t.policy.controlled_temporary, Some(Action::Migrate));
    assert!(policies.of(&red, &"u".into(), &BTreeMap::new()).is_unset());
    let stranger = policies.of(&"blue".into(), &"s".into(), &BTreeMap::new());
    assert!(stranger.is_unset(), "a policy is of one project");
}

#[test]
fn of_several_groups_the_first_counts_and_of_times_the_one_that_asks_for_more() {
    let a = ServerPolicy { mitigation_requested: Some(false), ..lead(1) };
    let b = ServerPolicy {
        mitigation_requested: Some(true),
        max_interruption: Some(Duration::SECOND),
        ..lead(9)
    };
    let c = ServerPolicy { max_interruption: Some(Duration::MILLISECOND), ..lead(3) };
    let groups = [group("b", &["s"], b), group("c", &["s"], c), group("a", &["s"], a)];
    let s = Policies::new([], groups).of(&"red".into(), &"s".into(), &BTreeMap::new());
    assert_eq!(s.policy.mitigation_requested, Some(false));
    assert_eq!(s.policy.lead_time, Some(Duration::minutes(9)));
    assert_eq!(s.policy.max_interruption, Some(Duration::MILLISECOND));
    assert_eq!(s.sources[&Field::LeadTime], Source::Group("b".into()));
}

#[test]
fn members_of_a_server_group_are_members() {
    let mut of_cloud = group("g", &[], lead(1));
    of_cloud.server_group = Some("nova-1".into());
    let policies = Policies::new([], [of_cloud]);
    let nobody = |p: &Policies| p.of(&"red".into(), &"s".into(), &BTreeMap::new()).is_unset();
    assert!(nobody(&policies));
    let members = BTreeSet::from([ServerId::from("s")]);
    assert!(!nobody(
        &policies.with_cloud(Arc::new(CloudGroups::new([("nova-1".into(), members)])))
    ));
}

fn policy() -> impl Strategy<Value = ServerPolicy> {
    let action = proptest::sample::select(vec![Action::Keep, Action::Migrate]);
    let minutes = option::of(0..5_i64).prop_map(|m| m.map(Duration::minutes));
    (option::of(action), minutes, option::of(any::<bool>())).prop_map(
        |(controlled_temporary, lead_time, mitigation_requested)| ServerPolicy {
            controlled_temporary,
            lead_time,
            mitigation_requested,
            ..ServerPolicy::default()
        },
    )
}

proptest! {
    #[test]
    fn a_field_is_what_its_source_says(
        own in option::of(policy()),
        groups in proptest::collection::vec(policy(), 0..3),
    ) {
        let red = ProjectId::from("red");
        let groups = groups.iter().enumerate();
        let groups: Vec<_> = groups.map(|(i, p)| group(&i.to_string(), &["s"], p.clone())).collect();
        let servers = own.clone().map(|p| (red.clone(), ServerId::from("s"), p));
        let policies = Policies::new(servers, groups.clone());
        let found = policies.of(&red, &"s".into(), &BTreeMap::new());
        let own = own.unwrap_or_default();
        for field in Field::ALL {
            let source = found.sources.get(&field);
            let said_by_group = groups.iter().any(|g| g.member_policy.sets(field));
            prop_assert_eq!(source.is_some(), own.sets(field) || said_by_group);
            let said = match source {
                Some(Source::Server) => own.clone(),
                Some(Source::Group(id)) => {
                    prop_assert!(!own.sets(field));
                    groups.iter().find(|g| g.id == *id).unwrap().member_policy.clone()
                }
                Some(Source::Metadata) | None => ServerPolicy::default(),
            };
            let mut same = found.policy.clone();
            same.take(field, &said);
            prop_assert_eq!(&same, &found.policy);
        }
    }
}
