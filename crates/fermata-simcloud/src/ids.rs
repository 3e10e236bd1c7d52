//! Ids made from names, so that the same topology always gives the same cloud.

use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use sha2::{Digest, Sha224, Sha256};
use uuid::Builder;

/// The id of a server whose topology names none, or that is created later as the `nth` one.
pub(crate) fn server_id(project: &ProjectId, name: &str, nth: u64) -> ServerId {
    ServerId(uuid_of(&format!("{project}/{name}/{nth}")))
}

/// The id of a server group.
pub(crate) fn group_id(name: &str) -> ServerGroupId {
    ServerGroupId(uuid_of(&format!("group/{name}")))
}

fn uuid_of(text: &str) -> String {
    let digest = Sha256::digest(text);
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(digest) {
        *byte = from;
    }
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// Nova's `hostId`: tells a project which of its servers share a host, and nothing else.
pub(crate) fn host_id(project: &ProjectId, host: &HostName) -> String {
    Sha224::digest(format!("{project}{host}")).iter().map(|byte| format!("{byte:02x}")).collect()
}
