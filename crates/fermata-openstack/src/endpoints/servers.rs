//! Reading servers.

use fermata_core::cloud::CloudError;
use fermata_core::id::{HostName, ServerId};

use super::{Call, path_segment};
use crate::microversion::{LIST_SERVERS, PINNED_ZONE, SHOW_SERVER};

/// `GET /servers/detail`, first page: every server on a host. `soft_deleted` adds those that are
/// deleted but can still be restored: they occupy the host, and Nova hides them otherwise.
pub(crate) fn list_on_host(host: &HostName, page_size: u32) -> Call {
    let mut call = list("list_servers_on_host", page_size);
    call.host = Some(host.to_string());
    call.query.push(("host", host.to_string()));
    call.query.push(("soft_deleted", "true".to_owned()));
    call
}

/// `GET /servers/detail`, first page: every server there is. Those that are deleted but can still be restored
/// occupy their host, and Nova hides them otherwise.
pub(crate) fn list_all(page_size: u32) -> Call {
    let mut call = list("list_servers", page_size);
    call.query.push(("soft_deleted", "true".to_owned()));
    call
}

/// `GET /servers/detail`, first page: every server that changed, deleted ones included.
pub(crate) fn list_changed(since: &str, page_size: u32) -> Call {
    let mut call = list("list_changed_servers", page_size);
    call.query.push(("changes-since", since.to_owned()));
    call
}

fn list(operation: &'static str, page_size: u32) -> Call {
    let mut call = Call::read(
        operation,
        "servers/detail",
        LIST_SERVERS,
        "os_compute_api:servers:detail:get_all_tenants",
    );
    call.newer = Some(PINNED_ZONE);
    call.query = vec![("all_tenants", "1".to_owned()), ("limit", page_size.to_string())];
    call
}

/// `GET /servers/{id}`.
pub(crate) fn show(server: &ServerId) -> Result<Call, CloudError> {
    let mut call = Call::read(
        "show_server",
        format!("servers/{}", path_segment(server.as_str())?),
        SHOW_SERVER,
        "os_compute_api:servers:show",
    );
    call.newer = Some(PINNED_ZONE);
    call.server = Some(server.to_string());
    Ok(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        for id in ["../os-services", "a/b", "a?b", "a%2fb", ""] {
            assert!(matches!(show(&id.into()), Err(CloudError::NotFound { .. })), "{id}");
        }
        let call = show(&"73313a2b-1b22-4470-9a30-9b578617e705".into()).unwrap();
        assert_eq!(call.path, "servers/73313a2b-1b22-4470-9a30-9b578617e705");
    }
}
