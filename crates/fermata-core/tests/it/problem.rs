//! From a site, policies and a spec to what is to be planned.

mod preview;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fermata_core::cloud::{
    Capacity, Flavor, GroupAffinity, Host, Inventory, Scheduling, Server, ServerGroup,
    ServerStatus, Site, SiteHost,
};
use fermata_core::id::{HostName, ServerId};
use fermata_core::ledger::Ledger;
use fermata_core::policy::{
    CloudGroups, GroupPolicy, MaxImpacted, MigrationType, Policies, ServerPolicy,
};
use fermata_core::problem::{Asked, NamedProblem, Others, Pace};
use fermata_core::solver::{Fate, NEVER, Role, plan};
use fermata_core::spec::{Action, Draft, Kind, Spec};
use fermata_core::{Duration, Time};

use crate::world::DAWN;

const NOW: Time = DAWN;

fn host(name: &str, zone: &str) -> SiteHost {
    let amounts = [("VCPU", 16), ("MEMORY_MB", 65_536), ("DISK_GB", 1_000)];
    SiteHost {
        host: Host {
            name: name.into(),
            up: true,
            scheduling: Scheduling::Enabled,
            zone: Some(zone.to_owned()),
            aggregates: Vec::new(),
            capacity: Capacity::default(),
            hypervisor_type: "QEMU".to_owned(),
            hypervisor_version: "8".to_owned(),
            servers: 0,
        },
        inventory: Inventory {
            amounts: amounts.map(|(class, amount)| (class.to_owned(), amount)).into(),
            ..Inventory::default()
        },
    }
}

fn server(id: &str, host: &str) -> Server {
    Server {
        id: id.into(),
        name: format!("name-{id}"),
        project: "red".into(),
        host: Some(host.into()),
        host_id: "h".to_owned(),
        status: ServerStatus::Active,
        task: None,
        flavor: Flavor { vcpus: 4, memory_mib: 6_000, disk_gib: 10, ..Flavor::default() },
        metadata: BTreeMap::new(),
        pinned_zone: None,
    }
}

fn site() -> Site {
    Site {
        hosts: vec![host("hv-a", "north"), host("hv-b", "north"), host("hv-c", "south")],
        servers: vec![server("s", "hv-a"), server("t", "hv-a"), server("u", "hv-b")],
        groups: Vec::new(),
        notes: Vec::new(),
    }
}

fn spec(change: impl FnOnce(&mut Draft)) -> Spec {
    let mut draft = Draft {
        window_end: Some(NOW + Duration::hours(8)),
        reason: "new firmware".to_owned(),
        ..Draft::default()
    };
    change(&mut draft);
    draft.complete(&todo(), NOW).unwrap()
}

fn todo() -> BTreeSet<HostName> {
    ["hv-a".into()].into()
}

fn named(site: &Site, policies: &Policies, spec: &Spec) -> NamedProblem {
    let pace = Pace::default();
    let policies = &policies.clone().with_cloud(Arc::new(CloudGroups::from(site)));
    let (hosts, ledger, others) = (&todo(), &Ledger::default(), &Others::default());
    Asked { spec, hosts, site, policies, ledger, others, pace, now: NOW }.problem()
}

fn of_server(id: &str, policy: ServerPolicy) -> Policies {
    Policies::new([("red".into(), ServerId::from(id), policy)], [])
}

#[test]
fn hosts_servers_and_times_are_what_they_are() {
    let named = named(
        &site(),
        &Policies::default(),
        &spec(|d| d.work_timeout = Some(Duration::minutes(20))),
    );
    let p = &named.problem;
    assert_eq!(p.classes, ["DISK_GB", "MEMORY_MB", "VCPU"]);
    assert_eq!(p.hosts[0].role, Role::Todo(Kind::Temporary));
    assert_eq!((p.hosts[1].role, p.hosts[1].takes), (Role::Spare, true));
    assert_eq!(p.hosts[0].offers, [1_000, 65_536, 16]);
    assert_eq!((p.hosts[0].work, p.reply, p.window), (1_200, 300, Some(8 * 3_600)));
    assert_eq!(p.servers[0].need, [10, 6_000, 4]);
    assert_eq!((p.servers[0].host, p.servers[0].duration), (0, 20));
    assert_eq!(named.servers[0].action, Some(Action::LiveMigrate));
    assert_eq!(named.servers[2].action, None, "its host is not to be done");
    let plan = plan(p).unwrap();
    assert_eq!((plan.waves.len(), plan.moves()), (1, 2));
    assert_eq!(plan.ends, 300 + 20 + 1_200);
}

#[test]
fn a_host_that_is_disabled_or_down_takes_nothing() {
    let mut site = site();
    site.hosts[1].host.scheduling = Scheduling::Disabled { reason: "fan".to_owned() };
    site.hosts[2].host.up = false;
    let named = named(&site, &Policies::default(), &spec(|_| ()));
    assert!(!named.problem.hosts[1].takes && !named.problem.hosts[2].takes);
    assert!(plan(&named.problem).is_err());
}

#[test]
fn servers_go_by_their_policies() {
    let policy = ServerPolicy {
        migration_types: vec![MigrationType::None],
        lead_time: Some(Duration::minutes(30)),
        ..ServerPolicy::default()
    };
    let policies = of_server("s", policy);
    let temporary = named(&site(), &policies, &spec(|_| ()));
    assert_eq!(temporary.servers[0].action, Some(Action::Keep));
    assert_eq!(temporary.problem.servers[0].fate, Fate::Stay);
    assert_eq!(temporary.problem.servers[0].not_before, 1_800);
    assert_eq!(temporary.problem.servers[1].not_before, 0);
    let later = spec(|d| d.window_start = Some(NOW + Duration::minutes(20)));
    assert_eq!(named(&site(), &policies, &later).problem.servers[0].not_before, 600);
    // Where the host leaves for good, nothing is possible.
    let retired = named(&site(), &policies, &spec(|d| d.kind = Kind::Retirement));
    assert_eq!((retired.servers[0].action, retired.problem.servers[0].fate), (None, Fate::Stay));
    assert!(plan(&retired.problem).is_err());
}

#[test]
fn metadata_count_as_well() {
    let mut site = site();
    let say = |key: &str, value: &str| (format!("fermata:{key}"), value.to_owned());
    site.servers[0].metadata = [say("controlled_temporary", "keep")].into();
    for server in [1, 2] {
        site.servers[server].metadata =
            [say("group", "db"), say("group_max_impacted", "1"), say("group_recovery_time", "90s")]
                .into();
    }
    let named = named(&site, &Policies::default(), &spec(|_| ()));
    assert_eq!(named.servers[0].action, Some(Action::Keep));
    let group = &named.problem.groups[0];
    assert_eq!((group.name.as_str(), group.limit, group.recovery), ("db", 1, 90));
    assert_eq!(named.problem.servers[1].groups, [0]);
    assert_eq!(named.problem.servers[2].groups, [0]);
}

#[test]
fn groups_are_of_policies_and_of_the_cloud() {
    let mut site = site();
    site.groups.push(ServerGroup {
        id: "sg".into(),
        name: "apart".to_owned(),
        project: "red".into(),
        policy: GroupAffinity::AntiAffinity,
        max_per_host: None,
        members: vec!["s".into(), "u".into(), "gone".into()],
    });
    let mut scale_in = site.groups[0].clone();
    scale_in.policy = GroupAffinity::SoftAntiAffinity;
    site.groups.push(scale_in);
    let mut policy = GroupPolicy::new("mme".into(), "red".into());
    policy.members = ["s".into(), "t".into(), "gone".into()].into();
    policy.max_impacted = vec![MaxImpacted { group_size: 0, max: 1 }];
    let named = named(&site, &Policies::new([], [policy]), &spec(|_| ()));
    let groups = &named.problem.groups;
    assert_eq!(groups.len(), 2, "options are none");
    assert_eq!(
        (groups[0].name.as_str(), groups[0].limit, groups[0].max_per_host),
        ("mme", 1, None)
    );
    assert_eq!((groups[1].name.as_str(), groups[1].limit), ("apart", 2));
    assert_eq!(groups[1].max_per_host, Some(1));
    assert_eq!(named.problem.servers[0].groups, [0, 1]);
    let plan = plan(&named.problem).unwrap();
    let to = |server: usize| {
        let moves = plan.waves.iter().flat_map(|w| &w.hosts).flat_map(|h| &h.moves);
        moves.into_iter().find(|m| m.server == server).unwrap().to
    };
    assert_eq!(to(0), 2, "never beside its peer");
}

#[test]
fn zones_bind_and_what_nobody_declares_is_the_clouds() {
    let mut site = site();
    site.servers[0].pinned_zone = Some("north".to_owned());
    site.servers[1].flavor.extra_specs =
        [("pci_passthrough:alias".to_owned(), "gpu:2".to_owned())].into();
    let named = named(&site, &Policies::default(), &spec(|_| ()));
    let p = &named.problem;
    assert!(p.permits(0, 1) && !p.permits(0, 2) && p.permits(1, 2));
    assert_eq!(named.unchecked_resources, [("PCI:gpu".to_owned(), 2)].into());
    assert!(p.groups.is_empty() && p.parallel_hosts < NEVER);
}
