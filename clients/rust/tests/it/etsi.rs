//! Alarms of ETSI, by the vectors that all SDKs have.

use std::fs;
use std::time::SystemTime;

use fermata_client::etsi::{Vnf, Vnfc, alarms};
use fermata_proto::FILE_DESCRIPTOR_SET;
use fermata_proto::v1::Notification;
use prost_reflect::{DescriptorPool, DynamicMessage};
use prost_types::Timestamp;
use serde_json::Value;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn notification(json: &Value) -> Notification {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let kind = pool.get_message_by_name("fermata.v1.Notification").unwrap();
    DynamicMessage::deserialize(kind, json).unwrap().transcode_to().unwrap()
}

fn vnf(json: &Value) -> Vnf {
    let vnfc = |known: &Value| Vnfc {
        instance_id: text(&known["instanceId"]),
        affinity_group_ids: known["affinityGroupIds"]
            .as_array()
            .map(|ids| ids.iter().filter_map(text).collect())
            .unwrap_or_default(),
    };
    let servers = json["vnfcs"].as_object().unwrap();
    Vnf {
        instance_id: text(&json["instanceId"]).unwrap(),
        vnfcs: servers.iter().map(|(id, known)| (id.clone(), vnfc(known))).collect(),
        alarms_url: text(&json["alarmsUrl"]).unwrap(),
        instance_url: text(&json["instanceUrl"]),
        vim_connection_id: text(&json["vimConnectionId"]),
    }
}

#[test]
fn alarms_are_those_of_all_sdks() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../etsi/alarms.json");
    let vectors: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let time: Timestamp = vector["time"].as_str().unwrap().parse().unwrap();
        let made = alarms(
            &notification(&vector["notification"]),
            &vnf(&vector["vnf"]),
            SystemTime::try_from(time).unwrap(),
        );
        assert_eq!(serde_json::to_value(made).unwrap(), vector["alarms"], "{}", vector["name"]);
    }
}
