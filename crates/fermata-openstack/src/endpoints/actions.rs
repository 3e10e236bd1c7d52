//! What Nova can be asked to do with a server: `POST /servers/{id}/action`.
//!
//! Nova accepts these and works on; how it ends is in the server and in its migrations.

use http::Method;
use serde_json::{Value, json};

use fermata_core::cloud::CloudError;
use fermata_core::id::{HostName, ServerId};

use super::{Call, Repeat, path_segment};
use crate::microversion::{LIVE_MIGRATE, MIGRATE, Microversion, SERVER_ACTION};

/// `os-migrateLive`. `auto` lets Nova see whether the disk is shared.
pub(crate) fn live_migrate(
    server: &ServerId,
    target: Option<&HostName>,
) -> Result<Call, CloudError> {
    let body = json!({"os-migrateLive": {
        "host": target.map(HostName::as_str),
        "block_migration": "auto",
    }});
    action("live_migrate", server, body, LIVE_MIGRATE)
}

/// `migrate`.
pub(crate) fn migrate(server: &ServerId, target: Option<&HostName>) -> Result<Call, CloudError> {
    let body = json!({"migrate": {"host": target.map(HostName::as_str)}});
    action("migrate", server, body, MIGRATE)
}

/// `confirmResize`, which also confirms a migration.
pub(crate) fn confirm(server: &ServerId) -> Result<Call, CloudError> {
    let body = json!({"confirmResize": null});
    action("confirm_migration", server, body, SERVER_ACTION)
}

/// `os-stop`.
pub(crate) fn stop(server: &ServerId) -> Result<Call, CloudError> {
    action("stop", server, json!({"os-stop": null}), SERVER_ACTION)
}

/// `os-start`.
pub(crate) fn start(server: &ServerId) -> Result<Call, CloudError> {
    action("start", server, json!({"os-start": null}), SERVER_ACTION)
}

fn action(
    operation: &'static str,
    server: &ServerId,
    body: Value,
    pinned: Microversion,
) -> Result<Call, CloudError> {
    let path = format!("servers/{}/action", path_segment(server.as_str())?);
    let mut call = Call::read(operation, path, pinned);
    call.method = Method::POST;
    call.server = Some(server.to_string());
    call.body = Some(body);
    call.repeat = Repeat::Harmful;
    Ok(call)
}
