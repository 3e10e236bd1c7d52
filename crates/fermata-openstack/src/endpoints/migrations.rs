//! Reading and aborting migrations.

use http::Method;

use fermata_core::cloud::{CloudError, MigrationId};
use fermata_core::id::{HostName, ServerId};

use super::{BadRequest, Call, Repeat, path_segment};
use crate::microversion::{ABORT_MIGRATION, LIST_MIGRATIONS};

/// `GET /os-migrations`, first page: every migration that changed.
pub(crate) fn list_changed(since: &str, page_size: u32) -> Call {
    let mut call = Call::read(
        "list_changed_migrations",
        "os-migrations",
        LIST_MIGRATIONS,
        "os_compute_api:os-migrations:index",
    );
    call.query = vec![("changes-since", since.to_owned()), ("limit", page_size.to_string())];
    call
}

/// `GET /os-migrations`, first page: every migration from or to a host that changed.
pub(crate) fn list_changed_of(host: &HostName, since: &str, page_size: u32) -> Call {
    let mut call = list_changed(since, page_size);
    call.operation = "list_host_migrations";
    call.host = Some(host.to_string());
    call.query.push(("host", host.to_string()));
    call
}

/// `DELETE /servers/{id}/migrations/{id}`. Nova answers 400 when the migration is not one that can
/// be aborted (any more).
pub(crate) fn abort(server: &ServerId, migration: MigrationId) -> Result<Call, CloudError> {
    let mut call = Call::read(
        "abort_migration",
        format!("servers/{}/migrations/{}", path_segment(server.as_str())?, migration.0),
        ABORT_MIGRATION,
        "os_compute_api:servers:migrations:delete",
    );
    call.method = Method::DELETE;
    call.server = Some(server.to_string());
    call.repeat = Repeat::Harmful;
    call.bad_request = BadRequest::WrongState;
    Ok(call)
}
