//! Cases about hosts, their scheduling, and which servers are seen.

use fermata_core::cloud::{Cloud, Host, Scheduling, Server, ServerSeen, ServerStatus};
use fermata_core::id::{HostName, ServerId};

use crate::fixture::{Fixture, Tenant};
use crate::wait::{Subject, enable, two_hosts, until};

/// The cloud says that it can be used.
pub async fn cloud_can_be_used(cloud: &dyn Cloud, _fixture: &dyn Fixture) {
    assert_eq!(cloud.check().await, Ok(()));
}

/// Every host the fixture names is listed once, up, enabled, in a zone, and with a capacity.
pub async fn hosts_are_listed(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let listed = cloud.hosts().await.expect("hosts");
    for name in fixture.hosts().await {
        let found: Vec<&Host> = listed.iter().filter(|host| host.name == name).collect();
        let [host] = found.as_slice() else {
            panic!("{name} is listed {} times", found.len());
        };
        assert!(host.up, "{host:?}");
        assert_eq!(host.scheduling, Scheduling::Enabled, "{host:?}");
        assert!(host.zone.is_some(), "{host:?}");
        assert!(host.capacity.vcpus > 0, "{host:?}");
        assert!(host.capacity.memory_mib > 0, "{host:?}");
        assert!(host.capacity.disk_gib > 0, "{host:?}");
        assert!(!host.hypervisor_type.is_empty(), "{host:?}");
        assert!(!host.hypervisor_version.is_empty(), "{host:?}");
        assert!(host.aggregates.is_sorted(), "{host:?}");
    }
}

/// A host is disabled with a reason, again with the same one, with another one, and enabled twice.
pub async fn scheduling_is_disabled_with_a_reason_and_enabled(
    cloud: &dyn Cloud,
    fixture: &dyn Fixture,
) {
    let (host, _) = two_hosts(fixture).await;
    for reason in ["conformance: one", "conformance: one", "conformance: two"] {
        let disabled = Scheduling::Disabled { reason: reason.to_owned() };
        let answer = cloud.set_scheduling(&host, &disabled).await;
        assert_eq!(answer, Ok(()), "{reason}");
        assert_eq!(scheduling_of(cloud, &host).await, disabled);
    }
    for _ in 0..2 {
        enable(cloud, &host).await;
        assert_eq!(scheduling_of(cloud, &host).await, Scheduling::Enabled);
    }
}

async fn scheduling_of(cloud: &dyn Cloud, name: &HostName) -> Scheduling {
    let hosts = cloud.hosts().await.expect("hosts");
    let host = hosts.into_iter().find(|host| host.name == *name);
    host.expect("the host is listed").scheduling
}

/// Servers of two projects on one host are both seen on it, with what they are, and on no other.
pub async fn servers_of_all_projects_are_on_a_host(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let (host, other) = two_hosts(fixture).await;
    let first = fixture.create_server(Tenant::First, &host).await;
    let second = fixture.create_server(Tenant::Second, &host).await;
    let servers = cloud.servers_on(&host).await.expect("servers on the host");
    let mut host_ids = Vec::new();
    for (id, tenant) in [(&first, Tenant::First), (&second, Tenant::Second)] {
        let found: Vec<&Server> = servers.iter().filter(|server| server.id == *id).collect();
        let [server] = found.as_slice() else {
            panic!("{id} is listed {} times", found.len());
        };
        assert_eq!(server.project, fixture.project(tenant), "{server:?}");
        assert_eq!(server.host.as_ref(), Some(&host), "{server:?}");
        assert_eq!(server.status, ServerStatus::Active, "{server:?}");
        assert_eq!(server.task, None, "{server:?}");
        assert!(!server.name.is_empty(), "{server:?}");
        assert!(!server.host_id.is_empty(), "{server:?}");
        host_ids.push(&server.host_id);
    }
    assert_ne!(host_ids.first(), host_ids.get(1), "hostId tells projects apart");
    assert!(!is_on(cloud, &other, &first).await);
    for id in [&first, &second] {
        fixture.delete_server(id).await;
        until(fixture, "a deleted server is on no host", async || {
            (!is_on(cloud, &host, id).await).then_some(())
        })
        .await;
    }
}

pub(crate) async fn is_on(cloud: &dyn Cloud, host: &HostName, id: &ServerId) -> bool {
    let servers = cloud.servers_on(host).await.expect("servers on a host");
    servers.iter().any(|server| server.id == *id)
}

/// Exactly one entry comes back for each server asked for: changed or not since then, and gone.
pub async fn progress_has_one_entry_per_server(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let one = Subject::create(cloud, fixture).await;
    let two = Subject::create(cloud, fixture).await;
    let never = ServerId::from(crate::absent::NO_SERVER);
    let asked = [two.id.clone(), never.clone(), one.id.clone()];
    for since in [one.since, fixture.now()] {
        let progress = cloud.progress(&asked, since).await.expect("progress");
        assert_eq!(progress.servers.len(), asked.len(), "{progress:?}");
        assert_eq!(progress.migrations, [], "nothing was moved");
        for id in &asked {
            let seen = progress.servers.iter().find(|seen| seen.id() == id);
            match seen {
                Some(ServerSeen::Present(server)) => {
                    assert_ne!(server.id, never);
                    assert_eq!(server.host.as_ref(), Some(&one.source));
                }
                Some(ServerSeen::Gone(id)) => assert_eq!(*id, never),
                None => panic!("no entry for {id}: {progress:?}"),
            }
        }
    }
    let nothing = cloud.progress(&[], one.since).await.expect("progress");
    assert_eq!(nothing.servers, []);
    assert_eq!(nothing.migrations, []);
    one.delete().await;
    two.delete().await;
}
