//! Projects, as Keystone knows them.

use super::{Call, Service};
use crate::microversion::KEYSTONE;

/// `GET /v3/projects`: the projects that the role may read, which is all of them for administrators and readers of the system
/// (<https://docs.openstack.org/api-ref/identity/v3/#list-projects>).
pub(crate) fn list() -> Call {
    let mut call = Call::read("list_projects", "projects", KEYSTONE, "identity:list_projects");
    call.service = Service::Keystone;
    call
}
