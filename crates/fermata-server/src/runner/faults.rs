//! Looks which servers are on hosts that are down, and writes into the ledger who is impacted by that. Every replica that works
//! on a session does; what was seen already is written once.

use std::collections::BTreeSet;

use fermata_core::cloud::{Cloud, CloudProgress, Host, Server, ServerSeen, Site};
use fermata_core::id::{HostName, ServerId};
use fermata_core::ledger::faults::{self, Open, Seen};

use super::Runner;
use super::calls::timed;
use crate::error::ServeError;

/// Looks at hosts that were just read.
pub(super) async fn look_for(runner: &Runner, hosts: &[Host]) -> Result<(), ServeError> {
    let cloud: &dyn Cloud = runner.cloud.as_ref();
    let mut on_down = Vec::new();
    for host in hosts.iter().filter(|h| !h.up && h.servers > 0) {
        on_down.extend(timed(runner, "servers_on", cloud.servers_on(&host.name)).await?);
    }
    let open = runner.store.open_faults().await?;
    let elsewhere = open.iter().filter(|(_, id)| on_down.iter().all(|s| s.id != *id));
    let elsewhere: Vec<_> = elsewhere.map(|(_, id)| id.clone()).collect();
    let now = runner.engine.now();
    let progress = if elsewhere.is_empty() {
        CloudProgress::default()
    } else {
        timed(runner, "progress", cloud.progress(&elsewhere, now)).await?
    };
    note(runner, &open, &Seen { hosts, on_down: &on_down, elsewhere: &progress.servers }).await
}

/// Looks at a site that was read for a plan.
pub(super) async fn look_at(runner: &Runner, site: &Site) -> Result<(), ServeError> {
    let hosts: Vec<Host> = site.hosts.iter().map(|h| h.host.clone()).collect();
    let down: BTreeSet<&HostName> = hosts.iter().filter(|h| !h.up).map(|h| &h.name).collect();
    let is_down = |server: &&Server| server.host.as_ref().is_some_and(|h| down.contains(h));
    let on_down: Vec<Server> = site.servers.iter().filter(is_down).cloned().collect();
    let open = runner.store.open_faults().await?;
    let seen = |id: &ServerId| match site.servers.iter().find(|s| s.id == *id) {
        Some(server) => ServerSeen::Present(server.clone()),
        None => ServerSeen::Gone(id.clone()),
    };
    let elsewhere: Vec<_> = open.iter().map(|(_, id)| seen(id)).collect();
    note(runner, &open, &Seen { hosts: &hosts, on_down: &on_down, elsewhere: &elsewhere }).await
}

/// Writes down what was seen.
async fn note(runner: &Runner, open: &Open, seen: &Seen<'_>) -> Result<(), ServeError> {
    let entries = faults::look(open, seen);
    if !entries.is_empty() {
        tracing::info!(changes = entries.len(), "servers impacted by faults of hosts changed");
        runner.store.post_faults(&entries, runner.engine.now()).await?;
    }
    Ok(())
}
