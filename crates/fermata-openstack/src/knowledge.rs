//! What is known of hosts and providers, and for how long it is taken for true: what changes seldom is not asked for often.
//!
//! | what | asked for |
//! | --- | --- |
//! | compute services | when the answer is older than [`OpenStackConfig::hosts_max_age`](crate::OpenStackConfig); at once after a change of ours; of a single host each time |
//! | hypervisors, aggregates | every ten minutes, and when a host is new; aggregates for each plan, too |
//! | how many servers are on a host that is down | when it went down, and every ten minutes |
//! | inventories and traits of a provider | when Placement counted a change of it (its generation) |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fermata_core::cloud::{CloudError, Host};
use fermata_core::id::HostName;
use futures::{StreamExt, stream};
use tokio::time::Instant;

use crate::client::Client;
use crate::endpoints::{hosts, servers};
use crate::model::hosts::{Aggregates, Hypervisor, Hypervisors, Service, Services, join};
use crate::model::offers::{Inventories, Traits};
use crate::model::servers::Servers;
use crate::paging::read_all;

/// How long what seldom changes is taken for true.
const SELDOM: Duration = Duration::from_secs(600);
/// After which time a host that reports and has no hypervisor yet is worth another look.
const FIRST_REPORT: Duration = Duration::from_secs(60);
/// Hosts whose servers are counted at the same time.
const COUNTS_AT_ONCE: usize = 8;

/// What is remembered of one cloud.
#[derive(Default)]
pub(crate) struct Knowledge {
    services: tokio::sync::Mutex<Option<(Instant, Vec<Service>)>>,
    hardware: tokio::sync::Mutex<Option<Arc<Hardware>>>,
    on_down: Mutex<BTreeMap<String, (Instant, u32)>>,
    providers: Mutex<BTreeMap<String, Known>>,
}

/// What Placement tells of a provider.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) generation: u64,
    pub(crate) inventories: Arc<Inventories>,
    pub(crate) traits: Arc<Traits>,
}

/// What hosts are made of, and how they are grouped.
pub(crate) struct Hardware {
    pub(crate) read_at: Instant,
    /// The hosts there were.
    hosts: BTreeSet<String>,
    pub(crate) hypervisors: Vec<Hypervisor>,
    pub(crate) aggregates: Aggregates,
    /// What the role may not read.
    pub(crate) notes: Vec<String>,
}

impl Hardware {
    fn covers(&self, services: &[Service]) -> bool {
        let age = self.read_at.elapsed();
        let with_hypervisor: BTreeSet<&str> =
            self.hypervisors.iter().map(Hypervisor::host).collect();
        let is_missing = |service: &Service| {
            !self.hosts.contains(&service.host)
                || (age > FIRST_REPORT
                    && service.is_up()
                    && !with_hypervisor.contains(service.host.as_str()))
        };
        age < SELDOM && !services.iter().any(is_missing)
    }
}

impl Knowledge {
    /// All hosts, from services that are at most so old.
    pub(crate) async fn hosts(
        &self,
        client: &Client,
        page_size: u32,
        max_age: Duration,
    ) -> Result<Vec<Host>, CloudError> {
        let services = self.services(client, max_age).await?;
        let hardware = self.hardware(client, page_size, &services).await?;
        let counts = self.count_on_down(client, page_size, &services).await;
        let mut hosts = join(services, &hardware.hypervisors, &hardware.aggregates);
        for host in &mut hosts {
            if let Some(count) = counts.get(host.name.as_str()) {
                host.servers = *count;
            }
        }
        Ok(hosts)
    }

    /// One host, from a service that was just read.
    pub(crate) async fn host(
        &self,
        client: &Client,
        page_size: u32,
        service: Service,
    ) -> Result<Option<Host>, CloudError> {
        let services = vec![service];
        let hardware = self.hardware(client, page_size, &services).await?;
        Ok(join(services, &hardware.hypervisors, &hardware.aggregates).pop())
    }

    /// All compute services, not older than `max_age`.
    pub(crate) async fn services(
        &self,
        client: &Client,
        max_age: Duration,
    ) -> Result<Vec<Service>, CloudError> {
        let mut kept = self.services.lock().await;
        if let Some((read_at, services)) = &*kept
            && read_at.elapsed() < max_age
        {
            return Ok(services.clone());
        }
        // Before the call: what is read is at least as new.
        let now = Instant::now();
        let found: Services = client.read(&hosts::list_services()).await?;
        found.services.iter().for_each(|service| client.remark(service));
        *kept = Some((now, found.services.clone()));
        Ok(found.services)
    }

    /// A service was changed by us.
    pub(crate) async fn forget_services(&self) {
        *self.services.lock().await = None;
    }

    /// What these hosts are made of.
    pub(crate) async fn hardware(
        &self,
        client: &Client,
        page_size: u32,
        services: &[Service],
    ) -> Result<Arc<Hardware>, CloudError> {
        let mut kept = self.hardware.lock().await;
        if let Some(hardware) = kept.as_ref().filter(|hardware| hardware.covers(services)) {
            return Ok(Arc::clone(hardware));
        }
        let read_at = Instant::now();
        let list_aggregates = hosts::list_aggregates();
        let (hypervisors, aggregates) = tokio::join!(
            read_all::<Hypervisors>(client, hosts::list_hypervisors(page_size)),
            client.read::<Aggregates>(&list_aggregates),
        );
        let mut notes = Vec::new();
        let hypervisors = or_nothing(client, hypervisors, "what hosts offer", &mut notes)?;
        let aggregates = or_nothing(client, aggregates, "aggregates", &mut notes)?;
        aggregates.aggregates.iter().for_each(|aggregate| client.remark(aggregate));
        let before = kept.iter().flat_map(|hardware| hardware.hosts.iter().cloned());
        let now = services.iter().map(|service| service.host.clone());
        let hosts = before.chain(now).collect();
        let hardware = Arc::new(Hardware { read_at, hosts, hypervisors, aggregates, notes });
        *kept = Some(Arc::clone(&hardware));
        Ok(hardware)
    }

    /// How many servers are on hosts that are down. Of the others their hypervisors tell, which a dead one does not.
    async fn count_on_down(
        &self,
        client: &Client,
        page_size: u32,
        services: &[Service],
    ) -> BTreeMap<String, u32> {
        let is_down = |service: &&Service| !service.is_up() && !service.cell_is_down();
        let down: Vec<&str> = services.iter().filter(is_down).map(|s| s.host.as_str()).collect();
        let unknown: Vec<HostName> = {
            let mut counts = self.on_down();
            counts.retain(|host, _| down.contains(&host.as_str()));
            let is_known = |host: &&&str| {
                counts.get(**host).is_some_and(|(read_at, _)| read_at.elapsed() < SELDOM)
            };
            down.iter().filter(|host| !is_known(host)).map(|host| HostName::from(*host)).collect()
        };
        let count = |host: HostName| async move {
            let first = servers::list_on_host(&host, page_size);
            (host, read_all::<Servers>(client, first).await)
        };
        let counted: Vec<_> =
            stream::iter(unknown).map(count).buffer_unordered(COUNTS_AT_ONCE).collect().await;
        let now = Instant::now();
        let mut counts = self.on_down();
        for (host, found) in counted {
            // What cannot be counted is what the hypervisor told last.
            if let Ok(found) = found {
                let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
                counts.insert(host.to_string(), (now, count));
            }
        }
        counts.iter().map(|(host, (_, count))| (host.clone(), *count)).collect()
    }

    /// What is known of a provider, if it has not changed since.
    pub(crate) fn provider(&self, id: &str, generation: u64) -> Option<Known> {
        let providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        providers.get(id).filter(|known| known.generation == generation).cloned()
    }

    /// Remembers the providers there are, and forgets all others.
    pub(crate) fn keep_providers(&self, known: BTreeMap<String, Known>) {
        *self.providers.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn on_down(&self) -> MutexGuard<'_, BTreeMap<String, (Instant, u32)>> {
        self.on_down.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the role may not read is nothing, and is noted.
pub(crate) fn or_nothing<T: Default>(
    client: &Client,
    read: Result<T, CloudError>,
    what: &str,
    notes: &mut Vec<String>,
) -> Result<T, CloudError> {
    match read {
        Err(CloudError::Rejected { detail }) => {
            let note = format!("{what} cannot be known: {detail}");
            client.note(&note);
            notes.push(note);
            Ok(T::default())
        }
        Ok(_)
        | Err(
            CloudError::NotFound { .. }
            | CloudError::Conflict { .. }
            | CloudError::Unavailable { .. }
            | CloudError::Unknown { .. },
        ) => read,
    }
}
