//! The adapter against a real OpenStack, the one `deploy/openstack-lab` brings up.
//!
//! Runs when `FERMATA_LAB_CLOUDS` is the path of the lab's `clouds.yaml`. Otherwise says that it
//! was skipped; with `CI=true` it fails instead.

mod fixture;
mod nova;
mod renewal;

use std::io::Write;
use std::path::{Path, PathBuf};

use cloud_conformance::{Fixture, Tenant};
use fermata_core::cloud::{Cloud, ServerSeen};
use fermata_core::id::ServerId;
use fermata_openstack::{CloudSource, OpenStackCloud, OpenStackConfig};
use tokio::sync::Mutex;

use crate::fake::kind;
use fixture::LabFixture;

/// The lab is one, the tests of this file are many.
static LAB: Mutex<()> = Mutex::const_new(());

/// The lab's `clouds.yaml`; `None` if there is no lab and none is demanded.
#[allow(
    clippy::disallowed_methods,
    reason = "which lab to use is the environment's to say; a test has no configuration"
)]
fn clouds() -> Option<PathBuf> {
    match std::env::var("FERMATA_LAB_CLOUDS") {
        Ok(path) => Some(PathBuf::from(path)),
        Err(_) => {
            let demanded = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!demanded, "FERMATA_LAB_CLOUDS is not set: in CI the lab's tests must run");
            // The print macros only show for tests that fail.
            let note = "SKIPPED: FERMATA_LAB_CLOUDS is not set, there is no OpenStack to test\n";
            std::io::stderr().write_all(note.as_bytes()).unwrap();
            None
        }
    }
}

fn config(clouds: &Path, cloud: &str) -> OpenStackConfig {
    let file = Some(clouds.to_owned());
    let source = CloudSource::CloudsYaml { cloud: cloud.to_owned(), file };
    let mut config = OpenStackConfig::new(source);
    // The suite changes hosts behind the adapter's back.
    config.hosts_max_age = std::time::Duration::ZERO;
    config
}

fn connect(clouds: &Path, cloud: &str) -> OpenStackCloud {
    OpenStackCloud::new(config(clouds, cloud)).unwrap()
}

#[tokio::test]
async fn conformance_with_an_application_credential() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let fixture = LabFixture::connect(&clouds).await;
    cloud_conformance::run_all(&connect(&clouds, "app-admin"), &fixture).await;
}

#[tokio::test]
async fn a_password_does_as_well() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let cloud = connect(&clouds, "admin");
    cloud.check().await.unwrap();
    assert!(!cloud.hosts().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_hosts_offer_comes_from_placement() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let site = connect(&clouds, "app-admin").site().await.unwrap();
    let up: Vec<_> = site.hosts.iter().filter(|host| host.host.up).collect();
    assert!(!up.is_empty());
    for host in up {
        // Nova gives every provider of a host this trait, and tells of no traits itself.
        assert!(host.inventory.traits.contains("COMPUTE_NODE"), "{host:?}");
    }
}

#[tokio::test]
async fn a_tenant_is_refused() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let tenant = connect(&clouds, "tenant-a");
    let refused = [
        tenant.check().await.unwrap_err(),
        tenant.hosts().await.unwrap_err(),
        tenant.site().await.unwrap_err(),
        tenant.servers_on(&"compute01".into()).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(kind(&error), "rejected", "{error}");
        assert!(error.to_string().contains("req-"), "{error}");
    }
}

#[tokio::test]
async fn lists_are_read_to_their_end_in_pages_of_one() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let fixture = LabFixture::connect(&clouds).await;
    let since = fixture.now();
    let host = fixture.hosts().await.remove(0);
    let mut created: Vec<ServerId> = Vec::new();
    for tenant in [Tenant::First, Tenant::Second, Tenant::First] {
        created.push(fixture.create_server(tenant, &host).await);
    }

    let mut small = config(&clouds, "app-admin");
    small.page_size = 1;
    let small = OpenStackCloud::new(small).unwrap();
    let large = connect(&clouds, "app-admin");
    let sorted_ids = |mut servers: Vec<fermata_core::cloud::Server>| {
        servers.sort_by(|a, b| a.id.cmp(&b.id));
        servers
    };
    let in_one_page = sorted_ids(large.servers_on(&host).await.unwrap());
    assert_eq!(sorted_ids(small.servers_on(&host).await.unwrap()), in_one_page);
    assert!(in_one_page.len() >= created.len());
    assert_eq!(small.hosts().await.unwrap(), large.hosts().await.unwrap());

    // A deleted server is the end of a page as well.
    let deleted = created.remove(1);
    fixture.delete_server(&deleted).await;
    fixture.until_gone(&deleted).await;
    let mut asked = created.clone();
    asked.push(deleted.clone());
    let found = small.progress(&asked, since).await.unwrap();
    assert_eq!(found.servers.len(), asked.len());
    for seen in &found.servers {
        assert_eq!(matches!(seen, ServerSeen::Gone(_)), seen.id() == &deleted, "{seen:?}");
    }
    for server in &created {
        fixture.delete_server(server).await;
    }
}

#[tokio::test]
async fn a_server_without_changes_is_found_one_by_one() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let fixture = LabFixture::connect(&clouds).await;
    let host = fixture.hosts().await.remove(0);
    let server = fixture.create_server(Tenant::First, &host).await;
    let cloud = connect(&clouds, "app-admin");
    let later = fixture.now() + time::Duration::HOUR;
    let asked = [server.clone(), "00000000-0000-4000-8000-00000000beef".into()];
    let found = cloud.progress(&asked, later).await.unwrap();
    let gone: Vec<bool> = asked
        .iter()
        .map(|id| {
            let seen = found.servers.iter().find(|seen| seen.id() == id).unwrap();
            matches!(seen, ServerSeen::Gone(_))
        })
        .collect();
    assert_eq!(gone, [false, true]);
    fixture.delete_server(&server).await;
}

#[tokio::test]
async fn what_nova_says_is_handed_on() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let fixture = LabFixture::connect(&clouds).await;
    let host = fixture.hosts().await.remove(0);
    let server = fixture.create_server(Tenant::First, &host).await;
    let cloud = connect(&clouds, "app-admin");
    let conflict = cloud.start(&server).await.unwrap_err();
    assert_eq!(kind(&conflict), "conflict");
    let text = conflict.to_string();
    assert!(text.contains("Cannot 'start' instance") && text.contains("(req-"), "{text}");

    let target = "no-such-host".into();
    let refusal = cloud.migrate(&server, Some(&target)).await.unwrap_err();
    assert_eq!(kind(&refusal), "rejected");
    assert!(refusal.to_string().contains("no-such-host"), "{refusal}");
    fixture.delete_server(&server).await;
}
