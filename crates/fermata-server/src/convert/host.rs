//! Compute hosts as operators and infrastructure components see them: what the cloud says, and what active
//! sessions do with them.

use fermata_core::cloud::{Host, Scheduling};
use fermata_core::event::InfrastructureState;
use fermata_core::session::{SessionHost, SessionHostState};
use fermata_proto::v1;

use super::reason;
use crate::app::Held;

/// A host.
pub fn host(host: &Host, held: &Held) -> v1::Host {
    let entry = held.get(&host.name);
    let disabled_reason = match &host.scheduling {
        Scheduling::Enabled => String::new(),
        Scheduling::Disabled { reason } => reason.clone(),
    };
    v1::Host {
        name: host.name.to_string(),
        state: state(host, entry.map(|(_, e)| e)).into(),
        disabled_reason,
        zone: host.zone.clone().unwrap_or_default(),
        aggregates: host.aggregates.clone(),
        vcpus: host.capacity.vcpus,
        memory_mib: host.capacity.memory_mib,
        disk_gib: host.capacity.disk_gib,
        server_count: host.servers,
        hypervisor_type: host.hypervisor_type.clone(),
        hypervisor_version: host.hypervisor_version.clone(),
        session_id: entry
            .filter(|(_, e)| e.state != SessionHostState::Retired)
            .map(|(id, _)| id.to_string())
            .unwrap_or_default(),
        session_state_reason: entry.map(|(_, e)| e.reason.to_string()).unwrap_or_default(),
        session_state_cause: entry
            .map(|(_, e)| reason::host(e.reason.cause()).into())
            .unwrap_or_default(),
    }
}

fn state(host: &Host, entry: Option<&SessionHost>) -> v1::HostState {
    let disabled = host.scheduling != Scheduling::Enabled;
    match entry.map(|e| e.state) {
        Some(SessionHostState::Draining | SessionHostState::Returning) => {
            v1::HostState::GoingToMaintenance
        }
        Some(SessionHostState::InMaintenance) => v1::HostState::InMaintenance,
        Some(SessionHostState::Retired) if disabled => v1::HostState::Retired,
        Some(
            SessionHostState::Waiting
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled,
        )
        | None => match (host.up, disabled) {
            (false, _) => v1::HostState::Down,
            (true, true) => v1::HostState::Disabled,
            (true, false) => v1::HostState::Enabled,
        },
    }
}

/// Where a host stands, in events.
pub fn infrastructure_state(state: InfrastructureState) -> v1::HostState {
    match state {
        InfrastructureState::Enabled => v1::HostState::Enabled,
        InfrastructureState::Disabled => v1::HostState::Disabled,
        InfrastructureState::GoingToMaintenance => v1::HostState::GoingToMaintenance,
        InfrastructureState::InMaintenance => v1::HostState::InMaintenance,
        InfrastructureState::Retired => v1::HostState::Retired,
    }
}
