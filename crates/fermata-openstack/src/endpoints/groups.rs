//! Server groups.

use super::Call;
use crate::microversion::LIST_SERVER_GROUPS;

/// `GET /os-server-groups`: the server groups of all projects from the `offset`th on
/// (<https://docs.openstack.org/api-ref/compute/#list-server-groups>). Nova may give fewer than asked for.
pub(crate) fn list(page_size: u32, offset: usize) -> Call {
    let mut call = Call::read(
        "list_server_groups",
        "os-server-groups",
        LIST_SERVER_GROUPS,
        "os_compute_api:os-server-groups:index:all_projects",
    );
    call.query = vec![
        ("all_projects", "True".to_owned()),
        ("limit", page_size.to_string()),
        ("offset", offset.to_string()),
    ];
    call
}
