//! Everything that a plan needs: hosts with what they offer, servers, server groups. Nova's servers and services are needed;
//! the rest is done without where the role may not read it, and that is noted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fermata_core::cloud::{
    CloudError, Host, Inventory, OutageKind, Server, ServerGroup, Site, SiteHost,
};
use fermata_core::id::HostName;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;

use crate::client::Client;
use crate::endpoints::{groups, hosts, providers, servers};
use crate::knowledge::{Knowledge, Known, or_nothing};
use crate::model::groups::{GroupRecord, ServerGroups};
use crate::model::hosts::{Aggregates, join, nodes};
use crate::model::offers::{
    Inventories, OfHost, Providers, Traits, add_provider, without_placement,
};
use crate::model::record::Record;
use crate::model::servers::{ServerRecord, Servers};
use crate::paging::read_all;

/// How many providers are read at the same time.
const PROVIDERS_AT_ONCE: usize = 8;

/// Reads a site. Hosts come before servers, so that a server is never on a host that is not there.
pub(crate) async fn read(
    client: &Client,
    knowledge: &Knowledge,
    page_size: u32,
) -> Result<Site, CloudError> {
    let began = Instant::now();
    let services = knowledge.services(client, Duration::ZERO).await?;
    let hardware = knowledge.hardware(client, page_size, &services).await?;
    let mut notes = hardware.notes.clone();
    // Where servers may go depends on them, and who plans has often just changed them.
    let aggregates = if hardware.read_at >= began {
        hardware.aggregates.clone()
    } else {
        let read = client.read::<Aggregates>(&hosts::list_aggregates()).await;
        or_nothing(client, read, "aggregates", &mut notes)?
    };
    let lost: Vec<&str> =
        services.iter().filter(|s| s.cell_is_down()).map(|s| s.host.as_str()).collect();
    if !lost.is_empty() {
        // Its hosts do not report, so nothing is moved there; whoever reads their servers is refused.
        let hosts = lost.join(", ");
        notes.push(format!("Nova cannot reach the cell of {hosts}: its servers are unknown"));
    }
    let nodes = nodes(&hardware.hypervisors);
    let mut offers = aggregates.offers();
    let hosts = join(services, &hardware.hypervisors, &aggregates);
    let (servers, groups, placement) = tokio::join!(
        read_all::<Servers>(client, servers::list_all(page_size)),
        read_groups(client, page_size),
        add_providers(client, knowledge, &nodes, &mut offers),
    );
    let servers = own(servers?, &mut notes)?;
    let groups = or_nothing(client, groups, "server groups", &mut notes)?;
    let had_notes = notes.len();
    or_nothing(client, placement, "Placement's inventories", &mut notes)?;
    if notes.len() > had_notes {
        for host in &hosts {
            let offer = offers.entry(host.name.clone()).or_default();
            offer.amounts = without_placement(host, &servers);
        }
    }
    notes.dedup();
    notes.iter().for_each(|note| client.note(note));
    let site_host = |host: Host| {
        let inventory = offers.remove(&host.name).unwrap_or_default();
        SiteHost { host, inventory }
    };
    Ok(Site { hosts: hosts.into_iter().map(site_host).collect(), servers, groups, notes })
}

/// The servers that have an id. A role that may not see where servers are would see a site of servers on no host.
fn own(servers: Vec<ServerRecord>, notes: &mut Vec<String>) -> Result<Vec<Server>, CloudError> {
    if servers.iter().all(|server| server.host.is_none()) && servers.iter().any(ServerRecord::runs)
    {
        return Err(CloudError::Rejected {
            detail: "Nova does not tell which servers are on which host: the role lacks \
                     os_compute_api:os-extended-server-attributes"
                .to_owned(),
        });
    }
    for server in servers.iter().filter(|server| !server.odd().is_empty()) {
        notes.push(format!("server {:?} is odd: {}", server.id, server.odd().join(", ")));
    }
    Ok(servers.into_iter().filter(|server| !server.id.is_empty()).map(Server::from).collect())
}

async fn read_groups(client: &Client, page_size: u32) -> Result<Vec<ServerGroup>, CloudError> {
    let mut all: BTreeMap<String, GroupRecord> = BTreeMap::new();
    let mut offset = 0;
    loop {
        let page: ServerGroups = client.read(&groups::list(page_size, offset)).await?;
        // Only an empty page is the end: Nova gives fewer than asked for as it likes.
        if page.server_groups.is_empty() {
            let groups = all.into_values().filter(|group| !group.id.is_empty());
            return Ok(groups.filter_map(GroupRecord::into_group).collect());
        }
        page.server_groups.iter().for_each(|group| client.remark(group));
        offset += page.server_groups.len();
        let before = all.len();
        all.extend(page.server_groups.into_iter().map(|group| (group.id.clone(), group)));
        if all.len() == before {
            let detail = "list_server_groups: the list does not go on".to_owned();
            return Err(CloudError::Unavailable { kind: OutageKind::BadAnswer, detail });
        }
    }
}

/// Adds what Placement knows of hosts. Only providers that changed are read again.
async fn add_providers(
    client: &Client,
    knowledge: &Knowledge,
    nodes: &BTreeMap<String, HostName>,
    offers: &mut BTreeMap<HostName, Inventory>,
) -> Result<(), CloudError> {
    let list: Providers = client.read(&providers::list()).await.map_err(not_there)?;
    list.resource_providers.iter().for_each(|provider| client.remark(provider));
    let found: Vec<(OfHost, Known)> = stream::iter(list.of_hosts(nodes))
        .map(|provider| async move {
            let known = match knowledge.provider(&provider.id, provider.generation) {
                Some(known) => Some(known),
                None => read_provider(client, &provider).await?,
            };
            Ok::<_, CloudError>(known.map(|known| (provider, known)))
        })
        .buffer_unordered(PROVIDERS_AT_ONCE)
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await?;
    for (provider, known) in &found {
        let offer = offers.entry(provider.host.clone()).or_default();
        add_provider(offer, &known.inventories, &known.traits);
    }
    let known = found.into_iter().map(|(provider, known)| (provider.id, known)).collect();
    knowledge.keep_providers(known);
    Ok(())
}

/// What is known of a provider; `None`: it is gone since the list was read.
async fn read_provider(client: &Client, provider: &OfHost) -> Result<Option<Known>, CloudError> {
    let read = async {
        let (inventories, traits) =
            (providers::inventories(&provider.id)?, providers::traits(&provider.id)?);
        let inventories: Inventories = client.read(&inventories).await?;
        let traits: Traits = client.read(&traits).await?;
        Ok(Known {
            // As it was before it was read: what changed meanwhile is read again.
            generation: provider.generation,
            inventories: Arc::new(inventories),
            traits: Arc::new(traits),
        })
    };
    match read.await {
        Ok(known) => Ok(Some(known)),
        Err(CloudError::NotFound { .. }) => Ok(None),
        Err(
            error @ (CloudError::Conflict { .. }
            | CloudError::Rejected { .. }
            | CloudError::Unavailable { .. }
            | CloudError::Unknown { .. }),
        ) => Err(error),
    }
}

/// A catalog that names a Placement which is not there has none.
fn not_there(error: CloudError) -> CloudError {
    match error {
        CloudError::NotFound { detail } => CloudError::Rejected { detail },
        error @ (CloudError::Conflict { .. }
        | CloudError::Rejected { .. }
        | CloudError::Unavailable { .. }
        | CloudError::Unknown { .. }) => error,
    }
}
