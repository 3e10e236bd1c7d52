//! Reads the cloud's list of hosts now and then, also when no session is open: what is new is told, and where a session runs,
//! servers on hosts that are down are noted. The eldest replica does, and each that works on a session.

use std::collections::BTreeSet;

use super::{Runner, faults};
use crate::error::ServeError;
use crate::tasks::Turns;

pub(super) async fn watch(runner: &Runner, turns: &Turns) {
    loop {
        turns.turn("hosts cannot be looked at", look(runner)).await;
        tokio::time::sleep(runner.poll_hosts).await;
    }
}

/// Looks once, and says at how many hosts.
async fn look(runner: &Runner) -> Result<String, ServeError> {
    let Some(replica) = runner.replica.alive() else {
        return Ok("nothing without a lease".to_owned());
    };
    let works = !runner.replica.store().tenures(replica).await?.is_empty();
    if !works && !runner.replica.is_eldest().await? {
        return Ok("nothing: no session runs here, and the eldest replica looks".to_owned());
    }
    let hosts = runner.engine.hosts().await?;
    let down: BTreeSet<_> = hosts.iter().filter(|h| !h.up).map(|h| h.name.clone()).collect();
    let count = down.len();
    // First: whatever else fails, the sessions are to know it.
    runner.see_down(down);
    if works {
        faults::look_for(runner, &hosts).await?;
    }
    Ok(format!("hosts: {}, down: {count}", hosts.len()))
}
