//! Looks now and then whether hosts are down, and writes into the ledger which servers are impacted by that. Every replica
//! that works on a session does; what was seen already is written once.

use std::time::Duration;

use fermata_core::cloud::{Cloud, CloudProgress};
use fermata_core::ledger::faults::{self, Seen};
use fermata_store::ReplicaId;

use super::Runner;
use super::calls::timed;
use crate::error::ServeError;

/// Pause between two looks.
const POLL: Duration = Duration::from_secs(5);

pub(super) async fn watch(runner: &Runner) {
    loop {
        if let Some(replica) = runner.engine.replica.alive()
            && let Err(error) = look_for(runner, replica).await
        {
            tracing::warn!(%error, "faults of hosts cannot be looked for");
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn look_for(runner: &Runner, replica: ReplicaId) -> Result<(), ServeError> {
    let engine = &runner.engine;
    if engine.replica.store().tenures(replica).await?.is_empty() {
        return Ok(());
    }
    let cloud: &dyn Cloud = engine.cloud.as_ref();
    let hosts = timed(runner, "hosts", cloud.hosts()).await?;
    let mut on_down = Vec::new();
    for host in hosts.iter().filter(|h| !h.up && h.servers > 0) {
        on_down.extend(timed(runner, "servers_on", cloud.servers_on(&host.name)).await?);
    }
    let open = engine.store.open_faults().await?;
    let elsewhere = open.iter().filter(|(_, id)| on_down.iter().all(|s| s.id != *id));
    let elsewhere: Vec<_> = elsewhere.map(|(_, id)| id.clone()).collect();
    let now = engine.now();
    let progress = if elsewhere.is_empty() {
        CloudProgress::default()
    } else {
        timed(runner, "progress", cloud.progress(&elsewhere, now)).await?
    };
    let seen = Seen { hosts: &hosts, on_down: &on_down, elsewhere: &progress.servers };
    let entries = faults::look(&open, &seen);
    if !entries.is_empty() {
        tracing::info!(changes = entries.len(), "servers impacted by faults of hosts changed");
        engine.store.post_faults(&entries, now).await?;
    }
    Ok(())
}
