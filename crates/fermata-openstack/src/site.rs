//! Everything that a plan needs: hosts with what they offer, servers, server groups.

use std::collections::BTreeMap;

use fermata_core::cloud::{CloudError, Inventory, OutageKind, Server, ServerGroup, Site, SiteHost};
use fermata_core::id::HostName;
use futures::{StreamExt, TryStreamExt, stream};

use crate::client::Client;
use crate::endpoints::{groups, hosts, providers, servers};
use crate::model::groups::{GroupRecord, ServerGroups};
use crate::model::hosts::{Aggregates, Hypervisors, Services, join, nodes};
use crate::model::offers::{Inventories, Providers, Traits, add_provider, without_placement};
use crate::model::servers::{ServerRecord, Servers};
use crate::paging::read_all;

/// How many providers are read at the same time.
const PROVIDERS_AT_ONCE: usize = 8;

/// Reads a site. Hosts come before servers, so that a server is never on a host that is not there.
pub(crate) async fn read(client: &Client, page_size: u32) -> Result<Site, CloudError> {
    let (list_services, list_aggregates) = (hosts::list_services(), hosts::list_aggregates());
    let (services, hypervisors, aggregates) = tokio::try_join!(
        client.read::<Services>(&list_services),
        read_all::<Hypervisors>(client, hosts::list_hypervisors(page_size)),
        client.read::<Aggregates>(&list_aggregates),
    )?;
    // Nova leaves out the servers of a cell it cannot reach without a word, and half a site is none.
    if let Some(service) = services.services.iter().find(|service| service.cell_is_down()) {
        let detail = format!("Nova cannot reach the cell of host {}", service.host);
        return Err(CloudError::Unavailable { kind: OutageKind::Unreachable, detail });
    }
    let nodes = nodes(&hypervisors);
    let mut offers = aggregates.offers();
    let hosts = join(services, hypervisors, aggregates);
    let (servers, groups, placement) = tokio::join!(
        read_all::<Servers>(client, servers::list_all(page_size)),
        read_groups(client, page_size),
        add_providers(client, &nodes, &mut offers),
    );
    let servers: Vec<Server> = own(servers?)?.into_iter().map(Server::from).collect();
    if let Err(error) = placement {
        match error {
            CloudError::Rejected { .. } => {
                tracing::warn!(%error, "placement_cannot_be_used");
                for host in &hosts {
                    let offer = offers.entry(host.name.clone()).or_default();
                    offer.amounts = without_placement(host, &servers);
                }
            }
            CloudError::NotFound { .. }
            | CloudError::Conflict { .. }
            | CloudError::Unavailable { .. }
            | CloudError::Unknown { .. } => return Err(error),
        }
    }
    let site_host = |host: fermata_core::cloud::Host| {
        let inventory = offers.remove(&host.name).unwrap_or_default();
        SiteHost { host, inventory }
    };
    Ok(Site { hosts: hosts.into_iter().map(site_host).collect(), servers, groups: groups? })
}

/// A role that may not see where servers are would see a site of servers on no host.
fn own(servers: Vec<ServerRecord>) -> Result<Vec<ServerRecord>, CloudError> {
    if servers.iter().all(|server| server.host.is_none()) && servers.iter().any(ServerRecord::runs)
    {
        return Err(CloudError::Rejected {
            detail: "Nova does not tell which servers are on which host: the role lacks \
                     os_compute_api:os-extended-server-attributes"
                .to_owned(),
        });
    }
    Ok(servers)
}

async fn read_groups(client: &Client, page_size: u32) -> Result<Vec<ServerGroup>, CloudError> {
    let mut all: BTreeMap<String, GroupRecord> = BTreeMap::new();
    let mut offset = 0;
    loop {
        let page: ServerGroups = client.read(&groups::list(page_size, offset)).await?;
        // Only an empty page is the end: Nova gives fewer than asked for as it likes.
        if page.server_groups.is_empty() {
            return Ok(all.into_values().filter_map(GroupRecord::into_group).collect());
        }
        offset += page.server_groups.len();
        let before = all.len();
        all.extend(page.server_groups.into_iter().map(|group| (group.id.clone(), group)));
        if all.len() == before {
            let detail = "list_server_groups: the list does not go on".to_owned();
            return Err(CloudError::Unavailable { kind: OutageKind::BadAnswer, detail });
        }
    }
}

/// Adds what Placement knows of hosts.
async fn add_providers(
    client: &Client,
    nodes: &BTreeMap<String, HostName>,
    offers: &mut BTreeMap<HostName, Inventory>,
) -> Result<(), CloudError> {
    let list: Providers = client.read(&providers::list()).await?;
    let read = |(id, host): (String, HostName)| async move {
        let (inventories, traits) = (providers::inventories(&id)?, providers::traits(&id)?);
        let inventories: Inventories = client.read(&inventories).await?;
        let traits: Traits = client.read(&traits).await?;
        Ok::<_, CloudError>((host, inventories, traits))
    };
    let found: Vec<_> = stream::iter(list.of_hosts(nodes))
        .map(read)
        .buffer_unordered(PROVIDERS_AT_ONCE)
        .try_collect()
        .await?;
    for (host, inventories, traits) in found {
        add_provider(offers.entry(host).or_default(), inventories, traits);
    }
    Ok(())
}
