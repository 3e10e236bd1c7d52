//! Compute hosts as operators and infrastructure components see them. Where a host stands is said by
//! [`fermata_core::host_state`] alone.

use std::collections::BTreeMap;

use fermata_core::cloud::{Host, Scheduling, Server};
use fermata_core::host_state::HostState;
use fermata_core::id::HostName;
use fermata_core::scheduling::DisabledBy;
use fermata_core::session::SessionHostState;
use fermata_proto::v1;
use fermata_store::HostsNow;

use super::reason;

/// The hosts that there are now, by name. `listed`: how the cloud listed them before. One that came since has no details yet.
pub fn hosts(listed: &[Host], now: &HostsNow) -> Vec<v1::Host> {
    let listed: BTreeMap<&HostName, &Host> = listed.iter().map(|h| (&h.name, h)).collect();
    let host = |(name, state): (&HostName, &HostState)| {
        let details = listed.get(name).map(|h| details(h)).unwrap_or_default();
        with_session(v1::Host { state: host_state(*state).into(), ..details }, name, now)
    };
    now.states.iter().map(host).collect()
}

/// A host, of which the cloud says this.
pub fn one(host: &Host, now: &HostsNow) -> Option<v1::Host> {
    let all = hosts(std::slice::from_ref(host), now);
    all.into_iter().find(|found| found.name == host.name.as_str())
}

/// Why it is disabled; empty if it is not.
pub fn disabled_reason(scheduling: &Scheduling) -> &str {
    match scheduling {
        Scheduling::Enabled => "",
        Scheduling::Disabled { reason } => reason,
    }
}

/// Who disabled it.
fn disabled_by(scheduling: &Scheduling) -> v1::DisabledBy {
    let Scheduling::Disabled { reason } = scheduling else { return v1::DisabledBy::Unspecified };
    match DisabledBy::of(reason) {
        DisabledBy::Session(_) => v1::DisabledBy::Session,
        DisabledBy::Operator => v1::DisabledBy::Operator,
        DisabledBy::Other => v1::DisabledBy::Other,
    }
}

/// What the cloud says of it.
fn details(host: &Host) -> v1::Host {
    v1::Host {
        disabled_reason: disabled_reason(&host.scheduling).to_owned(),
        disabled_by: disabled_by(&host.scheduling).into(),
        zone: host.zone.clone().unwrap_or_default(),
        aggregates: host.aggregates.clone(),
        vcpus: host.capacity.vcpus,
        memory_mib: host.capacity.memory_mib,
        disk_gib: host.capacity.disk_gib,
        server_count: host.servers,
        hypervisor_type: host.hypervisor_type.clone(),
        hypervisor_version: host.hypervisor_version.clone(),
        ..v1::Host::default()
    }
}

/// What the session does with it that has it.
fn with_session(mut host: v1::Host, name: &HostName, now: &HostsNow) -> v1::Host {
    host.name = name.to_string();
    if let Some((session, row)) = now.held.get(name) {
        if row.state != SessionHostState::Retired {
            host.session_id = session.to_string();
        }
        host.session_state_reason = row.reason.to_string();
        host.session_state_cause = reason::host(row.reason.cause()).into();
    }
    host
}

/// A server on a host.
pub fn server(server: &Server) -> v1::HostServer {
    v1::HostServer {
        server_id: server.id.to_string(),
        name: server.name.clone(),
        project_id: server.project.to_string(),
        status: server.status.name().to_owned(),
        task: server.task.clone().unwrap_or_default(),
        vcpus: server.flavor.vcpus,
        memory_mib: server.flavor.memory_mib,
    }
}

/// Where a host stands.
pub fn host_state(state: HostState) -> v1::HostState {
    match state {
        HostState::Enabled => v1::HostState::Enabled,
        HostState::Disabled => v1::HostState::Disabled,
        HostState::GoingToMaintenance => v1::HostState::GoingToMaintenance,
        HostState::InMaintenance => v1::HostState::InMaintenance,
        HostState::Down => v1::HostState::Down,
        HostState::Retired => v1::HostState::Retired,
        HostState::Removed => v1::HostState::Removed,
    }
}
