//! Placement: what hosts offer (<https://docs.openstack.org/api-ref/placement/>).

use fermata_core::cloud::CloudError;

use super::{Call, Service, path_segment};
use crate::microversion::PLACEMENT;

/// `GET /resource_providers`: every resource provider; Placement does not page them.
pub(crate) fn list() -> Call {
    read(
        "list_resource_providers",
        "resource_providers".to_owned(),
        "placement:resource_providers:list",
    )
}

/// `GET /resource_providers/{uuid}/inventories`.
pub(crate) fn inventories(provider: &str) -> Result<Call, CloudError> {
    let path = format!("resource_providers/{}/inventories", path_segment(provider)?);
    Ok(read("list_inventories", path, "placement:resource_providers:inventories:list"))
}

/// `GET /resource_providers/{uuid}/traits`.
pub(crate) fn traits(provider: &str) -> Result<Call, CloudError> {
    let path = format!("resource_providers/{}/traits", path_segment(provider)?);
    Ok(read("list_traits", path, "placement:resource_providers:traits:list"))
}

fn read(operation: &'static str, path: String, policy: &'static str) -> Call {
    let mut call = Call::read(operation, path, PLACEMENT, policy);
    call.service = Service::Placement;
    call
}
