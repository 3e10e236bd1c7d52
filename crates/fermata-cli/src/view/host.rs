//! Compute hosts, and the events of their states.

use fermata_client::v1::{Host, HostEvent, HostServer, HostsSnapshot, ListHostsResponse};
use prost_types::Timestamp;
use time::OffsetDateTime;

use super::projects::ProjectNames;
use super::{because, or_dash};
use crate::output::color::{BAD, BOLD, Colored, DIM, paint, safe};
use crate::output::commands::spoken;
use crate::output::facts::facts;
use crate::output::table::{Listing, Table, table};
use crate::output::time::short;

/// A host.
pub(crate) fn host(
    host: &Host,
    servers: &[HostServer],
    names: &ProjectNames,
    _: OffsetDateTime,
) -> String {
    let mut shown = vec![
        ("zone", or_dash(&host.zone)),
        ("aggregates", or_dash(&host.aggregates.join(", "))),
        ("offers", format!("{} vCPUs, {} MiB, {} GiB", host.vcpus, host.memory_mib, host.disk_gib)),
        ("servers", host.server_count.to_string()),
        (
            "hypervisor",
            safe(&format!("{} {}", host.hypervisor_type, host.hypervisor_version)).into(),
        ),
    ];
    if !host.disabled_reason.is_empty() {
        shown.push(("disabled", safe(&host.disabled_reason).into()));
    }
    if !host.session_id.is_empty() {
        let why = because(&host.session_state_reason);
        shown.push(("session", format!("{} {why}", safe(&host.session_id))));
    }
    let text = format!("{} {}\n{}", paint(BOLD, &host.name), host.state().painted(), facts(shown));
    if servers.is_empty() { text } else { format!("{text}\n{}", grid(servers).naming(names)) }
}

/// Servers on a host as a table.
pub(crate) fn servers(servers: &[HostServer]) -> Listing {
    grid(servers).or_nothing("no servers")
}

fn grid(servers: &[HostServer]) -> Table {
    let rows = servers.iter().map(|server| {
        let doing =
            if server.task.is_empty() { String::new() } else { format!(" ({})", server.task) };
        [
            or_dash(&server.name),
            or_dash(&server.server_id),
            or_dash(&server.project_id),
            safe(&format!("{}{doing}", server.status)).into_owned(),
            server.vcpus.to_string(),
            server.memory_mib.to_string(),
        ]
    });
    table(["SERVER", "ID", "PROJECT", "STATUS", "VCPUS", "MIB"], rows)
}

/// Hosts as a table.
pub(crate) fn list(response: &ListHostsResponse, _: OffsetDateTime) -> Listing {
    hosts(&response.hosts)
}

/// The hosts that a watch begins with.
pub(crate) fn snapshot(snapshot: &HostsSnapshot) -> String {
    hosts(&snapshot.hosts).to_string()
}

/// `14:03:22  compute-a1  GOING_TO_MAINTENANCE  (session 0193…)`
pub(crate) fn event(event: &HostEvent, at: Option<&Timestamp>, now: OffsetDateTime) -> String {
    let mut line = format!(
        "{}  {}  {} → {} {}",
        paint(DIM, &short(at, now)),
        paint(BOLD, &format!("{:<12}", event.host)),
        event.previous_state().painted(),
        event.state().painted(),
        because(&event.reason)
    );
    if !event.session_id.is_empty() {
        line += &paint(DIM, &format!("  session {}", event.session_id));
    }
    if !event.intruder_server_ids.is_empty() {
        let ids = event.intruder_server_ids.join(", ");
        line += &paint(BAD, &format!("  ALARM: servers on a host held empty: {ids}"));
    }
    line.trim_end().to_owned()
}

fn hosts(hosts: &[Host]) -> Listing {
    let rows = hosts.iter().map(|host| {
        let why = if host.session_id.is_empty() {
            or_dash(&host.disabled_reason)
        } else {
            or_dash(&spoken(&host.session_state_reason))
        };
        [
            safe(&host.name).into_owned(),
            host.state().painted(),
            or_dash(&host.zone),
            or_dash(&host.aggregates.join(",")),
            host.server_count.to_string(),
            or_dash(&host.session_id),
            why,
        ]
    });
    table(["HOST", "STATE", "ZONE", "AGGREGATES", "SERVERS", "SESSION", "WHY"], rows)
        .or_nothing("no hosts")
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::HostState;
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    #[test]
    fn hosts_have_a_line_each() {
        let response = ListHostsResponse {
            hosts: vec![
                Host {
                    name: "compute-a1".to_owned(),
                    state: HostState::Enabled.into(),
                    zone: "zone-a".to_owned(),
                    server_count: 3,
                    ..Default::default()
                },
                Host {
                    name: "compute-a2".to_owned(),
                    state: HostState::Disabled.into(),
                    disabled_reason: "broken fan".to_owned(),
                    ..Default::default()
                },
            ],
            ..Default::default()
        };
        let made = list(&response, OffsetDateTime::UNIX_EPOCH);
        let expected = "\
HOST        STATE     ZONE    AGGREGATES  SERVERS  SESSION  WHY
compute-a1  ENABLED   zone-a  –           3        –        –
compute-a2  DISABLED  –       –           0        –        broken fan";
        assert_eq!(anstream::adapter::strip_str(&made.to_string()).to_string(), expected);
    }

    #[test]
    fn a_broken_hold_is_an_alarm() {
        let now = datetime!(2026-11-23 14:03:22 UTC);
        let broken = HostEvent {
            host: "compute-a1".to_owned(),
            previous_state: HostState::InMaintenance.into(),
            state: HostState::InMaintenance.into(),
            intruder_server_ids: vec!["srv-9".to_owned()],
            ..Default::default()
        };
        let made = event(&broken, Some(&to_proto(now)), now);
        assert!(made.contains("ALARM") && made.contains("srv-9"), "{made}");
    }
}
