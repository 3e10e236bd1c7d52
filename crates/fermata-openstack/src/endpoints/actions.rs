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
    action(
        "live_migrate",
        server,
        body,
        LIVE_MIGRATE,
        "os_compute_api:os-migrate-server:migrate_live",
    )
}

/// `migrate`.
pub(crate) fn migrate(server: &ServerId, target: Option<&HostName>) -> Result<Call, CloudError> {
    let body = json!({"migrate": {"host": target.map(HostName::as_str)}});
    action("migrate", server, body, MIGRATE, "os_compute_api:os-migrate-server:migrate")
}

/// `confirmResize`, which also confirms a migration.
pub(crate) fn confirm(server: &ServerId) -> Result<Call, CloudError> {
    let body = json!({"confirmResize": null});
    let policy = "os_compute_api:servers:confirm_resize";
    action("confirm_migration", server, body, SERVER_ACTION, policy)
}

/// `os-stop`.
pub(crate) fn stop(server: &ServerId) -> Result<Call, CloudError> {
    let body = json!({"os-stop": null});
    action("stop", server, body, SERVER_ACTION, "os_compute_api:servers:stop")
}

/// `os-start`.
pub(crate) fn start(server: &ServerId) -> Result<Call, CloudError> {
    let body = json!({"os-start": null});
    action("start", server, body, SERVER_ACTION, "os_compute_api:servers:start")
}

fn action(
    operation: &'static str,
    server: &ServerId,
    body: Value,
    pinned: Microversion,
    policy: &'static str,
) -> Result<Call, CloudError> {
    let path = format!("servers/{}/action", path_segment(server.as_str())?);
    let mut call = Call::read(operation, path, pinned, policy);
    call.method = Method::POST;
    call.server = Some(server.to_string());
    call.body = Some(body);
    call.repeat = Repeat::Harmful;
    Ok(call)
}
