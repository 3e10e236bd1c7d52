//! Notifications in the words of ETSI NFV: alarms of the VnfFm interfaces of SOL002 and SOL003.
//!
//! A VNFM that gets a notification tells its NFVO (SOL003) or element manager (SOL002) of the coming maintenance by an alarm with
//! the fault type [`FAULT_TYPE`]: the state of virtualised resources changes because the NFVI is maintained.

use fermata_proto::v1::{
    AffectedServer, Impact, MaintenanceKind, Notification, NotificationKind, NotificationState,
};
use prost_types::Timestamp;
use serde::Serialize;

/// The fault type of resources whose state changes because the infrastructure is maintained.
pub const FAULT_TYPE: &str = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE";

/// The data type `Alarm`. With serde it becomes the JSON of the interface. Times are in RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// That of the notification: an alarm that changes keeps it.
    pub id: String,
    /// The VNF instance.
    pub managed_object_id: String,
    /// The VNFC instances that are affected, for SOL002.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vnfc_instance_ids: Vec<String>,
    /// The first affected server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause_faulty_resource: Option<FaultyResourceInfo>,
    /// When the notification was first sent.
    pub alarm_raised_time: String,
    /// `UNACKNOWLEDGED`.
    pub ack_state: &'static str,
    /// `WARNING`, and `CLEARED` once the notification is CLOSED or EXPIRED.
    pub perceived_severity: &'static str,
    /// When the notification was first sent.
    pub event_time: String,
    /// `EQUIPMENT_ALARM`.
    pub event_type: &'static str,
    /// [`FAULT_TYPE`].
    pub fault_type: &'static str,
    /// `NFVI_COMPONENT_MAINTENANCE`, `NFVI_COMPONENT_RETIREMENT`, or `NFVI_CAPACITY_SHORTAGE` for SCALE_IN.
    pub probable_cause: &'static str,
    /// True.
    pub is_root_cause: bool,
    /// Each as `key=value`, those first that the standard names.
    pub fault_details: Vec<String>,
    /// Where to find what belongs to it.
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
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
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub this: Option<Link>,
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

/// What a VNFM knows, and a notification does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vnf {
    /// The VNF instance to which the servers belong.
    pub instance_id: String,
    /// Its VNFC instances that are affected, for SOL002.
    pub vnfc_instance_ids: Vec<String>,
    /// The connection to the VIM.
    pub vim_connection_id: Option<String>,
    /// Affinity or anti-affinity groups of the VNFD that the servers are in.
    pub group_ids: Vec<String>,
    /// The address of the alarm at the VNFM.
    pub self_href: Option<String>,
    /// The address of the VNF instance at the VNFM.
    pub vnf_href: Option<String>,
}

/// The alarm of a notification, which has those of its servers that belong to the VNF instance.
///
/// The alarm keeps its id when the notification changes; it is cleared once the notification is CLOSED or EXPIRED.
#[must_use]
pub fn alarm(notification: &Notification, vnf: &Vnf) -> Alarm {
    let raised = notification.create_time.unwrap_or_default().to_string();
    let is_over =
        matches!(notification.state(), NotificationState::Closed | NotificationState::Expired);
    Alarm {
        id: notification.id.clone(),
        managed_object_id: vnf.instance_id.clone(),
        vnfc_instance_ids: vnf.vnfc_instance_ids.clone(),
        root_cause_faulty_resource: notification
            .servers
            .first()
            .map(|server| resource(server, vnf)),
        alarm_raised_time: raised.clone(),
        ack_state: "UNACKNOWLEDGED",
        perceived_severity: if is_over { "CLEARED" } else { "WARNING" },
        event_time: raised,
        event_type: "EQUIPMENT_ALARM",
        fault_type: FAULT_TYPE,
        probable_cause: probable_cause(notification),
        is_root_cause: true,
        fault_details: details(notification, vnf),
        links: links(vnf),
    }
}

fn probable_cause(notification: &Notification) -> &'static str {
    if notification.kind() == NotificationKind::ScaleIn {
        "NFVI_CAPACITY_SHORTAGE"
    } else if notification.maintenance_kind() == MaintenanceKind::Retirement {
        "NFVI_COMPONENT_RETIREMENT"
    } else {
        "NFVI_COMPONENT_MAINTENANCE"
    }
}

fn details(notification: &Notification, vnf: &Vnf) -> Vec<String> {
    let mut details = Vec::new();
    let time = |key: &str, time: Option<Timestamp>| time.map(|time| format!("{key}={time}"));
    details.extend(time("anticipatedTime", notification.actions_start_time));
    details.extend(vnf.group_ids.iter().map(|id| format!("affinityOrAntiAffinityGroupId={id}")));
    let window_end = notification.window.as_ref().and_then(|window| window.end_time);
    details.extend(time("windowEndTime", window_end));
    details.extend(time("replyDeadlineTime", notification.reply_deadline_time));
    details.push(format!("reason={}", notification.reason));
    for server in &notification.servers {
        details.push(format!("resourceId={}", server.server_id));
        let impact = impact(server.impact());
        details.extend(impact.map(|impact| format!("impact={}: {impact}", server.server_id)));
    }
    details
}

fn impact(impact: Impact) -> Option<&'static str> {
    match impact {
        Impact::Unspecified => None,
        Impact::Move => Some("the resource is moved"),
        Impact::Down => Some("the resource is down during the work on its host"),
        Impact::RemovedWithHost => Some("the host of the resource is removed for good"),
        Impact::OwnAction => Some("the consumer acts itself"),
    }
}

fn resource(server: &AffectedServer, vnf: &Vnf) -> FaultyResourceInfo {
    let faulty_resource = ResourceHandle {
        vim_connection_id: vnf.vim_connection_id.clone(),
        resource_id: server.server_id.clone(),
        vim_level_resource_type: "OS::Nova::Server",
    };
    FaultyResourceInfo { faulty_resource, faulty_resource_type: "COMPUTE" }
}

fn links(vnf: &Vnf) -> Option<Links> {
    let link = |href: &Option<String>| href.clone().map(|href| Link { href });
    let links = Links { this: link(&vnf.self_href), object_instance: link(&vnf.vnf_href) };
    (links.this.is_some() || links.object_instance.is_some()).then_some(links)
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::MaintenanceWindow;
    use serde_json::json;

    use super::*;

    fn asked() -> Notification {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        Notification {
            id: "n-1".to_owned(),
            kind: NotificationKind::Drain.into(),
            state: NotificationState::Pending.into(),
            reason: "new firmware".to_owned(),
            create_time: at(1_796_040_000),
            actions_start_time: at(1_796_043_600),
            reply_deadline_time: at(1_796_040_060),
            window: Some(MaintenanceWindow { end_time: at(1_796_050_800), ..Default::default() }),
            servers: vec![AffectedServer {
                server_id: "server-1".to_owned(),
                impact: Impact::Move.into(),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    #[test]
    fn an_alarm_is_the_json_of_the_interface() {
        let vnf = Vnf {
            instance_id: "vnf-1".to_owned(),
            vnfc_instance_ids: vec!["vnfc-1".to_owned()],
            vim_connection_id: Some("vim-1".to_owned()),
            group_ids: vec!["group-1".to_owned()],
            self_href: Some("https://vnfm.example/vnffm/v1/alarms/n-1".to_owned()),
            vnf_href: None,
        };
        let expected = json!({
            "id": "n-1",
            "managedObjectId": "vnf-1",
            "vnfcInstanceIds": ["vnfc-1"],
            "rootCauseFaultyResource": {
                "faultyResource": {
                    "vimConnectionId": "vim-1",
                    "resourceId": "server-1",
                    "vimLevelResourceType": "OS::Nova::Server",
                },
                "faultyResourceType": "COMPUTE",
            },
            "alarmRaisedTime": "2026-11-30T12:00:00Z",
            "ackState": "UNACKNOWLEDGED",
            "perceivedSeverity": "WARNING",
            "eventTime": "2026-11-30T12:00:00Z",
            "eventType": "EQUIPMENT_ALARM",
            "faultType": "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE",
            "probableCause": "NFVI_COMPONENT_MAINTENANCE",
            "isRootCause": true,
            "faultDetails": [
                "anticipatedTime=2026-11-30T13:00:00Z",
                "affinityOrAntiAffinityGroupId=group-1",
                "windowEndTime=2026-11-30T15:00:00Z",
                "replyDeadlineTime=2026-11-30T12:01:00Z",
                "reason=new firmware",
                "resourceId=server-1",
                "impact=server-1: the resource is moved",
            ],
            "_links": {"self": {"href": "https://vnfm.example/vnffm/v1/alarms/n-1"}},
        });
        assert_eq!(serde_json::to_value(alarm(&asked(), &vnf)).unwrap(), expected);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let vnf = Vnf { instance_id: "vnf-1".to_owned(), ..Default::default() };
        let asked = Notification { servers: Vec::new(), ..asked() };
        let made = serde_json::to_value(alarm(&asked, &vnf)).unwrap();
        for absent in ["vnfcInstanceIds", "rootCauseFaultyResource", "_links"] {
            assert_eq!(made.get(absent), None);
        }
    }

    #[test]
    fn it_is_cleared_when_the_question_is_over() {
        let of = |change: fn(&mut Notification)| {
            let mut asked = asked();
            change(&mut asked);
            alarm(&asked, &Vnf::default())
        };
        let closed = of(|asked| asked.state = NotificationState::Closed.into());
        assert_eq!((closed.id.as_str(), closed.perceived_severity), ("n-1", "CLEARED"));
        let retired = of(|asked| asked.maintenance_kind = MaintenanceKind::Retirement.into());
        assert_eq!(retired.probable_cause, "NFVI_COMPONENT_RETIREMENT");
        let scale_in = of(|asked| asked.kind = NotificationKind::ScaleIn.into());
        assert_eq!(scale_in.probable_cause, "NFVI_CAPACITY_SHORTAGE");
    }
}
