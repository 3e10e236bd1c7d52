//! The suite of the port, over a simulated cloud in tokio's own, paused time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cloud_conformance::{Fixture, Tenant, run_all};
use fermata_core::Time;
use fermata_core::cloud::{Flavor, GroupAffinity};
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use fermata_simcloud::{Clock, Fault, FaultKind, Operation, SMALL_TELCO_SITE, SimCloud, Topology};

use crate::common::{SMALL, START, host, small_server};

/// The one group that cases make.
const GROUP: &str = "subjects";

pub(crate) struct SimFixture {
    pub(crate) cloud: Arc<SimCloud>,
    pub(crate) clock: Clock,
    pub(crate) hosts: Vec<HostName>,
    pub(crate) projects: [ProjectId; 2],
}

#[async_trait]
impl Fixture for SimFixture {
    fn now(&self) -> Time {
        (self.clock)()
    }

    fn poll_interval(&self) -> Duration {
        Duration::from_millis(20)
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn hosts(&self) -> Vec<HostName> {
        self.hosts.clone()
    }

    fn project(&self, tenant: Tenant) -> ProjectId {
        let [first, second] = &self.projects;
        match tenant {
            Tenant::First => first.clone(),
            Tenant::Second => second.clone(),
        }
    }

    async fn create_server(&self, tenant: Tenant, host: &HostName) -> ServerId {
        let mut new = small_server("subject", host.as_str());
        new.project = self.project(tenant);
        self.cloud.create_server(new).unwrap()
    }

    fn flavor(&self) -> Flavor {
        Flavor { vcpus: 1, memory_mib: 1024, disk_gib: 10, ..Flavor::default() }
    }

    async fn create_group(&self, tenant: Tenant) -> ServerGroupId {
        let project = self.project(tenant);
        self.cloud.create_group(GROUP, &project, GroupAffinity::AntiAffinity).unwrap()
    }

    async fn create_member(
        &self,
        tenant: Tenant,
        host: &HostName,
        _group: &ServerGroupId,
        metadata: &BTreeMap<String, String>,
    ) -> ServerId {
        let mut new = small_server("member", host.as_str());
        new.project = self.project(tenant);
        new.metadata = metadata.clone();
        new.group = Some(GROUP.to_owned());
        self.cloud.create_server(new).unwrap()
    }

    async fn delete_group(&self, _tenant: Tenant, _group: &ServerGroupId) {
        self.cloud.delete_group(GROUP).unwrap();
    }

    async fn delete_server(&self, server: &ServerId) {
        self.cloud.delete_server(server).unwrap();
    }

    async fn fail_next_live_migration(&self, server: &ServerId) {
        let fault = Fault::once(Operation::LiveMigrate, server, FaultKind::Fails);
        self.cloud.inject(fault).unwrap();
    }

    async fn fail_next_migration(&self, server: &ServerId) {
        let fault = Fault::once(Operation::Migrate, server, FaultKind::Fails);
        self.cloud.inject(fault).unwrap();
    }

    async fn hang_live_migration(&self, server: &ServerId) {
        let mut fault = Fault::once(Operation::LiveMigrate, server, FaultKind::Hangs);
        fault.times = None;
        self.cloud.inject(fault).unwrap();
    }

    async fn clear_faults(&self) {
        self.cloud.clear_faults();
    }
}

/// Time that passes as tokio's does.
pub(crate) fn tokio_clock() -> Clock {
    let origin = tokio::time::Instant::now();
    Arc::new(move || START + origin.elapsed())
}

#[tokio::test(start_paused = true)]
async fn small_cloud_conforms() {
    let clock = tokio_clock();
    let topology = Topology::parse(SMALL).unwrap();
    let cloud = Arc::new(SimCloud::new(&topology, clock.clone()));
    let fixture = SimFixture {
        cloud: cloud.clone(),
        clock,
        hosts: vec![host("h3"), host("h2")],
        projects: [ProjectId::from("p1"), ProjectId::from("p2")],
    };
    run_all(&*cloud, &fixture).await;
}

#[tokio::test(start_paused = true)]
async fn telco_site_in_a_state_file_conforms() {
    let clock = tokio_clock();
    let directory = tempfile::tempdir().unwrap();
    let topology = Topology::parse(SMALL_TELCO_SITE).unwrap();
    let file = directory.path().join("cloud.json");
    let cloud = Arc::new(SimCloud::open(&topology, clock.clone(), file).unwrap());
    let fixture = SimFixture {
        cloud: cloud.clone(),
        clock,
        hosts: vec![host("compute-a1"), host("compute-b3")],
        projects: [
            ProjectId::from("3f6c1c52a0f44d0c9a4be1d0c6f7a101"),
            ProjectId::from("8b1d7e04c2ce4f5fb0a55b7d2f9ea202"),
        ],
    };
    run_all(&*cloud, &fixture).await;
}
