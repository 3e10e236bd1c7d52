//! Cases about the whole site: what hosts offer, what servers are made of, which of them belong together.

use std::collections::BTreeMap;

use fermata_core::cloud::{Cloud, GroupAffinity, Host, Server, Site};
use fermata_core::id::{HostName, ServerGroupId, ServerId};
use fermata_core::placement::{DISK_GB, MEMORY_MB, Need, VCPU, declared, permits};

use crate::fixture::{Fixture, Tenant};
use crate::live::not_moved;
use crate::wait::{Subject, two_hosts, until};

/// A site has the hosts that are listed, and on each of them the servers that are on it.
pub async fn agrees_with_hosts_and_the_servers_on_them(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let site = read(cloud).await;
    let hosts: Vec<Host> = site.hosts.iter().map(|found| found.host.clone()).collect();
    assert_eq!(hosts, cloud.hosts().await.expect("hosts"));
    for host in &hosts {
        let mut listed = cloud.servers_on(&host.name).await.expect("servers on a host");
        listed.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(on(&site, &host.name), listed, "{}", host.name);
    }
    assert_eq!(server(&site, &subject.id).host.as_ref(), Some(&subject.source));
    subject.delete().await;
}

/// What a server is made of is told, in a site and with the servers on its host.
pub async fn flavors_are_told(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    assert_eq!(server(&read(cloud).await, &subject.id).flavor, fixture.flavor());
    assert_eq!(subject.look().await.0.flavor, fixture.flavor());
    subject.delete().await;
}

/// Every host that is up offers CPUs, memory and disk, at least what its servers need, and may have the servers it has.
pub async fn inventories_cover_what_is_in_use(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let site = read(cloud).await;
    let declared = declared(&site.hosts);
    for host in site.hosts.iter().filter(|host| host.host.up) {
        let offered = &host.inventory.amounts;
        for class in [VCPU, MEMORY_MB, DISK_GB] {
            assert!(offered.get(class).is_some_and(|amount| *amount > 0), "{class}: {host:?}");
        }
        let mut used: BTreeMap<String, u64> = BTreeMap::new();
        for server in on(&site, &host.host.name) {
            let mut need = Need::from(&server.flavor);
            need.drop_undeclared(&declared);
            assert_eq!(permits(host, &need, server.pinned_zone.as_deref()), Ok(()), "{server:?}");
            for (class, amount) in need.amounts {
                *used.entry(class).or_default() += amount;
            }
        }
        for (class, amount) in used {
            assert!(amount <= offered.get(&class).copied().unwrap_or(0), "{class}: {host:?}");
        }
    }
    subject.delete().await;
}

/// A group with its members, and what their owner noted on them.
pub async fn groups_and_metadata_are_told(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let pair = Pair::create(cloud, fixture).await;
    let site = read(cloud).await;
    let group = site.groups.iter().find(|group| group.id == pair.group).expect("the group");
    assert_eq!(group.policy, GroupAffinity::AntiAffinity);
    assert_eq!(group.max_per_host.unwrap_or(1), 1);
    assert_eq!(group.project, fixture.project(Tenant::First));
    assert!(!group.name.is_empty());
    let mut members = vec![pair.one.id.clone(), pair.two.clone()];
    members.sort();
    assert_eq!(group.members, members);
    for (id, noted) in [(&pair.one.id, "10m"), (&pair.two, "20m")] {
        assert_eq!(server(&site, id).metadata, lead_time(noted));
    }
    assert_eq!(pair.one.look().await.0.metadata, lead_time("10m"));
    pair.delete().await;
}

/// A host that is named does not get a server whose group has another one there.
pub async fn a_named_host_with_another_member_is_refused(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let pair = Pair::create(cloud, fixture).await;
    let answer = cloud.live_migrate(&pair.one.id, Some(&pair.one.other)).await;
    not_moved(&pair.one, answer).await;
    pair.delete().await;
}

/// Two servers of a group on two hosts.
struct Pair<'a> {
    group: ServerGroupId,
    one: Subject<'a>,
    two: ServerId,
}

impl<'a> Pair<'a> {
    async fn create(cloud: &'a dyn Cloud, fixture: &'a dyn Fixture) -> Self {
        let (source, other) = two_hosts(fixture).await;
        let since = fixture.now();
        let group = fixture.create_group(Tenant::First).await;
        let member = |host: HostName, noted: &'static str| {
            let group = group.clone();
            async move { fixture.create_member(Tenant::First, &host, &group, &lead_time(noted)).await }
        };
        let id = member(source.clone(), "10m").await;
        let two = member(other.clone(), "20m").await;
        Self { group, one: Subject { cloud, fixture, id, source, other, since }, two }
    }

    async fn delete(self) {
        let Self { group, one, two } = self;
        let (cloud, fixture) = (one.cloud, one.fixture);
        fixture.delete_server(&two).await;
        one.delete().await;
        until(fixture, "both members are gone", async || {
            let site = read(cloud).await;
            (!site.servers.iter().any(|server| server.id == two)).then_some(())
        })
        .await;
        fixture.delete_group(Tenant::First, &group).await;
        assert!(!read(cloud).await.groups.iter().any(|found| found.id == group));
    }
}

async fn read(cloud: &dyn Cloud) -> Site {
    cloud.site().await.expect("the site")
}

fn lead_time(noted: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("fermata:lead_time".to_owned(), noted.to_owned())])
}

fn server<'a>(site: &'a Site, id: &ServerId) -> &'a Server {
    let found: Vec<&Server> = site.servers.iter().filter(|server| server.id == *id).collect();
    match found.as_slice() {
        [server] => server,
        _ => panic!("{id} is in the site {} times", found.len()),
    }
}

fn on(site: &Site, host: &HostName) -> Vec<Server> {
    let is_there = |server: &&Server| server.host.as_ref() == Some(host);
    let mut servers: Vec<Server> = site.servers.iter().filter(is_there).cloned().collect();
    servers.sort_by(|a, b| a.id.cmp(&b.id));
    servers
}
