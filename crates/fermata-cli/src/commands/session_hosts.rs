//! Which hosts a session is asked for, where some are left out: the contract names hosts, and so does the session then.

use std::collections::BTreeSet;

use fermata_client::v1::{HostSelection, SessionSpec};

use super::context::Context;
use super::host::all_hosts;
use crate::failure::Failure;

/// Makes the selection one of names, without those that are excluded.
pub(super) async fn leave_out(
    excluded: &[String],
    spec: &mut SessionSpec,
    context: &Context<'_>,
) -> Result<(), Failure> {
    if excluded.is_empty() {
        return Ok(());
    }
    let HostSelection { names, aggregates, zones, all } = spec.hosts.take().unwrap_or_default();
    let mut chosen: BTreeSet<String> = names.into_iter().collect();
    let listed = all_hosts(context).await?;
    let is_in = |wanted: &[String], found: &str| wanted.iter().any(|name| name == found);
    for unknown in &zones {
        if !listed.iter().any(|host| host.zone == *unknown) {
            return Err(Failure::NotFound(format!("no host is in the zone {unknown}")));
        }
    }
    for unknown in &aggregates {
        if !listed.iter().any(|host| host.aggregates.contains(unknown)) {
            return Err(Failure::NotFound(format!("no host is in the aggregate {unknown}")));
        }
    }
    let wanted = listed.into_iter().filter(|host| {
        all || is_in(&zones, &host.zone)
            || host.aggregates.iter().any(|found| is_in(&aggregates, found))
    });
    chosen.extend(wanted.map(|host| host.name));
    for host in excluded {
        if !chosen.remove(host) {
            let text = format!("--exclude {host}: it is not among the hosts that are chosen");
            return Err(Failure::Usage(text));
        }
    }
    if chosen.is_empty() {
        return Err(Failure::Usage("every host that is chosen is excluded".to_owned()));
    }
    let names = chosen.into_iter().collect();
    spec.hosts = Some(HostSelection { names, ..Default::default() });
    Ok(())
}
