//! Notifications in the words of ETSI NFV: alarms of the VnfFm interfaces of SOL002 and SOL003.
//!
//! A VNFM that gets a notification tells its NFVO (SOL003) or element manager (SOL002) of the coming maintenance by alarms with
//! the fault type [`FAULT_TYPE`]: the state of virtualised resources changes because the NFVI is maintained. What each field says,
//! and why, is in `docs/etsi.md`; all SDKs make the same alarms.

use std::collections::HashMap;
use std::time::SystemTime;

use fermata_proto::v1::{
    Action, AffectedServer, Impact, MaintenanceKind, Notification, NotificationState,
};
use prost_types::Timestamp;
use serde::Serialize;

/// The fault type of resources whose state changes because the infrastructure is maintained.
pub const FAULT_TYPE: &str = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE";

/// The data type `Alarm`, for one server. With serde it becomes the JSON of the interface. Times are in RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// That of the notification and the server: an alarm that changes keeps it.
    pub id: String,
    /// The VNF instance.
    pub managed_object_id: String,
    /// The VNFC instance that the server is, if it is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vnfc_instance_ids: Vec<String>,
    /// The server.
    pub root_cause_faulty_resource: FaultyResourceInfo,
    /// When the notification was first sent.
    pub alarm_raised_time: String,
    /// When it last changed, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm_changed_time: Option<String>,
    /// When it was closed, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm_cleared_time: Option<String>,
    /// `UNACKNOWLEDGED`: it is for those who read the alarm to acknowledge it.
    pub ack_state: &'static str,
    /// `WARNING`, and `CLEARED` once the notification is CLOSED.
    pub perceived_severity: &'static str,
    /// When the notification was first sent.
    pub event_time: String,
    /// `EQUIPMENT_ALARM`.
    pub event_type: &'static str,
    /// [`FAULT_TYPE`].
    pub fault_type: &'static str,
    /// `NFVI_COMPONENT_MAINTENANCE` or `NFVI_COMPONENT_RETIREMENT`.
    pub probable_cause: &'static str,
    /// False: no other alarm is known to come of it.
    pub is_root_cause: bool,
    /// Each as `key=value`, those first that the standard names.
    pub fault_details: Vec<String>,
    /// Where to find what belongs to it.
    #[serde(rename = "_links")]
    pub links: Links,
}

/// The data type `FaultyResourceInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultyResourceInfo {
    /// The server.
    pub faulty_resource: ResourceHandle,
    /// `COMPUTE`.
    pub faulty_resource_type: &'static str,
}

/// The data type `ResourceHandle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceHandle {
    /// The connection to the VIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<String>,
    /// The cloud's server id.
    pub resource_id: String,
    /// `OS::Nova::Server`.
    pub vim_level_resource_type: &'static str,
}

/// The links of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Links {
    /// The alarm at the VNFM.
    #[serde(rename = "self")]
    pub this: Link,
    /// The VNF instance at the VNFM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_instance: Option<Link>,
}

/// The data type `Link`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The address.
    pub href: String,
}

/// What a VNFM knows of a VNF instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vnf {
    /// The VNF instance.
    pub instance_id: String,
    /// Its servers, by the cloud's id. Only they have alarms.
    pub vnfcs: HashMap<String, Vnfc>,
    /// The alarms of the VNFM's interface, for example `https://vnfm.example/vnffm/v1/alarms`.
    pub alarms_url: String,
    /// The VNF instance at the VNFM.
    pub instance_url: Option<String>,
    /// The connection to the VIM of the servers.
    pub vim_connection_id: Option<String>,
}

/// What a VNFM knows of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vnfc {
    /// The VNFC instance that the server is.
    pub instance_id: Option<String>,
    /// The affinity and anti-affinity groups of the VNFD that it is in.
    pub affinity_group_ids: Vec<String>,
}

/// The alarms of a notification: one for each of its servers that belongs to the VNF instance.
///
/// `time` is when the notification became what it is: the time of the position of its event. An alarm keeps its id when the
/// notification changes; it is CLEARED once that is CLOSED. SCALE_IN gives no alarm.
#[must_use]
pub fn alarms(notification: &Notification, vnf: &Vnf, time: SystemTime) -> Vec<Alarm> {
    let of = |server: &AffectedServer| {
        let vnfc = vnf.vnfcs.get(&server.server_id)?;
        Some(alarm(notification, server, vnf, vnfc, Timestamp::from(time)))
    };
    notification.servers.iter().filter_map(of).collect()
}

fn alarm(
    notification: &Notification,
    server: &AffectedServer,
    vnf: &Vnf,
    vnfc: &Vnfc,
    time: Timestamp,
) -> Alarm {
    let id = format!("{}.{}", notification.id, server.server_id);
    let create_time = notification.create_time.unwrap_or_default();
    let raised = seconds(create_time);
    let told = seconds(time);
    let cleared = notification.state() == NotificationState::Closed;
    let changed = cleared || time.seconds > create_time.seconds;
    let retired = notification.maintenance_kind() == MaintenanceKind::Retirement;
    let alarms_url = vnf.alarms_url.strip_suffix('/').unwrap_or(&vnf.alarms_url);
    Alarm {
        managed_object_id: vnf.instance_id.clone(),
        vnfc_instance_ids: vnfc.instance_id.iter().cloned().collect(),
        root_cause_faulty_resource: FaultyResourceInfo {
            faulty_resource: ResourceHandle {
                vim_connection_id: vnf.vim_connection_id.clone(),
                resource_id: server.server_id.clone(),
                vim_level_resource_type: "OS::Nova::Server",
            },
            faulty_resource_type: "COMPUTE",
        },
        alarm_raised_time: raised.clone(),
        alarm_changed_time: changed.then(|| told.clone()),
        alarm_cleared_time: cleared.then_some(told),
        ack_state: "UNACKNOWLEDGED",
        perceived_severity: if cleared { "CLEARED" } else { "WARNING" },
        event_time: raised,
        event_type: "EQUIPMENT_ALARM",
        fault_type: FAULT_TYPE,
        probable_cause: if retired {
            "NFVI_COMPONENT_RETIREMENT"
        } else {
            "NFVI_COMPONENT_MAINTENANCE"
        },
        is_root_cause: false,
        fault_details: details(notification, server, vnfc),
        links: Links {
            this: Link { href: format!("{alarms_url}/{id}") },
            object_instance: vnf.instance_url.clone().map(|href| Link { href }),
        },
        id,
    }
}

fn details(notification: &Notification, server: &AffectedServer, vnfc: &Vnfc) -> Vec<String> {
    let window_end = notification.window.as_ref().and_then(|window| window.end_time);
    let anticipated = server.expected_start_time.or(notification.actions_start_time);
    let groups = vnfc.affinity_group_ids.iter().cloned().map(Some);
    let session = Some(notification.session_id.clone());
    let reason = Some(notification.reason.clone()).filter(|reason| !reason.is_empty());
    std::iter::once(("anticipatedTime", anticipated.map(seconds)))
        .chain(groups.map(|group| ("affinityOrAntiAffinityGroupId", group)))
        .chain([
            ("impact", impact(server).map(str::to_owned)),
            ("action", action(server).map(str::to_owned)),
            ("replyDeadlineTime", notification.reply_deadline_time.map(seconds)),
            ("windowEndTime", window_end.map(seconds)),
            ("maintenanceSessionId", session),
            ("reason", reason),
        ])
        .filter_map(|(key, value)| value.map(|value| format!("{key}={value}")))
        .collect()
}

fn impact(server: &AffectedServer) -> Option<&'static str> {
    let impact = server.impact();
    (impact != Impact::Unspecified).then(|| impact.as_str_name().trim_start_matches("IMPACT_"))
}

/// What is decided, else what happens without a decision. A decision that this SDK does not know is left out.
fn action(server: &AffectedServer) -> Option<&'static str> {
    let action = if server.decision == 0 { server.default_action() } else { server.decision() };
    (action != Action::Unspecified).then(|| action.as_str_name().trim_start_matches("ACTION_"))
}

fn seconds(time: Timestamp) -> String {
    Timestamp { nanos: 0, ..time }.to_string()
}
