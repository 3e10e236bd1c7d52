//! The fixture of the conformance suite over the lab: servers through Nova's own API, faults
//! through the files its hypervisors read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use cloud_conformance::{Fixture, Tenant};
use fermata_core::Time;
use fermata_core::cloud::Flavor;
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use serde_json::{Value, json};

use super::nova::Nova;

const POLL_INTERVAL: Duration = Duration::from_millis(250);
const TIME_LIMIT: Duration = Duration::from_secs(90);
/// Seconds that outlast every test.
const FOR_EVER: u32 = 3600;

pub(crate) struct LabFixture {
    first: Nova,
    second: Nova,
    /// Faults of every host, as the lab's `README.md` has them.
    ctl: PathBuf,
    faults: Mutex<BTreeMap<&'static str, Value>>,
    image: String,
    flavor_id: String,
    flavor: Flavor,
}

impl LabFixture {
    /// `clouds`: the lab's `clouds.yaml`; its directory is the lab's.
    pub(crate) async fn connect(clouds: &Path) -> Self {
        let first = Nova::connect(clouds, "admin-a").await;
        let image = first.get("images").await;
        let flavors = first.get("flavors/detail").await;
        let small = flavors["flavors"]
            .as_array()
            .and_then(|all| all.iter().find(|flavor| flavor["name"] == "m1.tiny"))
            .expect("the lab has a flavor m1.tiny");
        let fixture = Self {
            image: text(&image["images"][0]["id"]),
            flavor_id: text(&small["id"]),
            flavor: Flavor {
                vcpus: u32::try_from(number(&small["vcpus"])).unwrap(),
                memory_mib: number(&small["ram"]),
                disk_gib: number(&small["disk"]),
                ..Flavor::default()
            },
            first,
            second: Nova::connect(clouds, "admin-b").await,
            ctl: clouds.with_file_name("ctl").join("all.json"),
            faults: Mutex::default(),
        };
        fixture.clear_faults().await;
        fixture
    }

    pub(crate) async fn until_gone(&self, server: &ServerId) {
        until("the server is gone", || async { self.first.find(&path(server)).await.is_none() })
            .await;
    }

    fn nova(&self, tenant: Tenant) -> &Nova {
        match tenant {
            Tenant::First => &self.first,
            Tenant::Second => &self.second,
        }
    }

    fn server(&self, host: &HostName) -> Value {
        json!({
            "name": "fermata-openstack-test", "host": host.as_str(), "networks": "auto",
            "imageRef": self.image, "flavorRef": self.flavor_id,
        })
    }

    async fn create(&self, tenant: Tenant, server: Value) -> ServerId {
        let nova = self.nova(tenant);
        let created = nova.post("servers", server).await;
        let id = ServerId(text(&created["server"]["id"]));
        until("the server is active", || is_active(nova, &id)).await;
        id
    }

    fn set_fault(&self, operation: &'static str, fault: Value) {
        let mut faults = self.faults.lock().unwrap();
        faults.insert(operation, fault);
        // Half a file counts as none.
        let half = self.ctl.with_extension("new");
        std::fs::write(&half, serde_json::to_vec(&*faults).unwrap()).unwrap();
        std::fs::rename(half, &self.ctl).unwrap();
    }
}

#[async_trait]
impl Fixture for LabFixture {
    #[allow(clippy::disallowed_methods, reason = "the lab runs by the clock of this machine")]
    fn now(&self) -> Time {
        Time::now_utc()
    }

    fn poll_interval(&self) -> Duration {
        POLL_INTERVAL
    }

    fn time_limit(&self) -> Duration {
        TIME_LIMIT
    }

    async fn hosts(&self) -> Vec<HostName> {
        let services = self.first.get("os-services?binary=nova-compute").await;
        let mut hosts: Vec<HostName> = services["services"]
            .as_array()
            .expect("a list of services")
            .iter()
            .filter(|service| service["state"] == "up" && service["status"] == "enabled")
            .map(|service| HostName(text(&service["host"])))
            .collect();
        hosts.sort();
        hosts
    }

    fn project(&self, tenant: Tenant) -> ProjectId {
        ProjectId(self.nova(tenant).project.clone())
    }

    async fn create_server(&self, tenant: Tenant, host: &HostName) -> ServerId {
        self.create(tenant, json!({"server": self.server(host)})).await
    }

    fn flavor(&self) -> Flavor {
        self.flavor.clone()
    }

    async fn create_group(&self, tenant: Tenant) -> ServerGroupId {
        let group = json!({"name": "fermata-openstack-test", "policy": "anti-affinity"});
        let created =
            self.nova(tenant).post("os-server-groups", json!({"server_group": group})).await;
        ServerGroupId(text(&created["server_group"]["id"]))
    }

    async fn create_member(
        &self,
        tenant: Tenant,
        host: &HostName,
        group: &ServerGroupId,
        metadata: &BTreeMap<String, String>,
    ) -> ServerId {
        let mut server = self.server(host);
        server["metadata"] = json!(metadata);
        let hints = json!({"group": group.as_str()});
        self.create(tenant, json!({"server": server, "os:scheduler_hints": hints})).await
    }

    async fn delete_group(&self, tenant: Tenant, group: &ServerGroupId) {
        self.nova(tenant).delete(&format!("os-server-groups/{group}")).await;
    }

    async fn delete_server(&self, server: &ServerId) {
        self.first.delete(&path(server)).await;
    }

    async fn fail_next_live_migration(&self, server: &ServerId) {
        let fault = json!({"fail": "copy stalled", "uuids": [server.as_str()]});
        self.set_fault("live_migration", fault);
    }

    async fn fail_next_migration(&self, server: &ServerId) {
        let fault = json!({"fail": "no room", "uuids": [server.as_str()]});
        self.set_fault("migrate_disk_and_power_off", fault);
    }

    async fn hang_live_migration(&self, server: &ServerId) {
        let fault = json!({"delay": FOR_EVER, "uuids": [server.as_str()]});
        self.set_fault("live_migration", fault);
    }

    async fn clear_faults(&self) {
        self.faults.lock().unwrap().clear();
        match std::fs::remove_file(&self.ctl) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => panic!("{}: {error}", self.ctl.display()),
        }
    }
}

async fn is_active(nova: &Nova, server: &ServerId) -> bool {
    let found = nova.get(&path(server)).await;
    let status = &found["server"]["status"];
    assert!(status != "ERROR", "{found}");
    status == "ACTIVE"
}

fn path(server: &ServerId) -> String {
    format!("servers/{server}")
}

fn text(json: &Value) -> String {
    json.as_str().expect("a text").to_owned()
}

fn number(json: &Value) -> u64 {
    json.as_u64().expect("a number")
}

async fn until<Looking: Future<Output = bool>>(what: &str, look: impl Fn() -> Looking) {
    let looking = async {
        while !look().await {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    if tokio::time::timeout(TIME_LIMIT, looking).await.is_err() {
        panic!("not seen within {TIME_LIMIT:?}: {what}");
    }
}
