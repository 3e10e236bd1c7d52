//! ServerService.

use fermata_core::actor::Role;
use fermata_proto::server::server_service_server::ServerService;
use fermata_proto::v1;
use tonic::{Request, Response, Status};

use super::reply;
use crate::about::CallerKind;
use crate::config::CloudKind;
use crate::convert::timestamp;
use crate::door::{Door, Entered};
use crate::error::ServeError;

/// What answers.
#[derive(Clone)]
pub struct ServerInformation(pub Door);

#[tonic::async_trait]
impl ServerService for ServerInformation {
    async fn get_server_info(
        &self,
        request: Request<v1::GetServerInfoRequest>,
    ) -> Result<Response<v1::GetServerInfoResponse>, Status> {
        reply(get(self.0.enter(request)?).await)
    }
}

async fn get(
    Entered { message: _, call, app }: Entered<'_, v1::GetServerInfoRequest>,
) -> Result<v1::GetServerInfoResponse, ServeError> {
    let about = app.about();
    // How the site is built is none of an owner's business.
    let of_the_site = |text: &str| match call.who.role {
        Role::Owner => String::new(),
        Role::Operator | Role::Auditor | Role::Administrator | Role::Monitor => text.to_owned(),
    };
    let cloud_kind = match about.cloud {
        CloudKind::Simulated => v1::CloudKind::Simulated,
        CloudKind::Openstack => v1::CloudKind::Openstack,
    };
    let caller_kinds = about.callers.iter().map(|kind| match kind {
        CallerKind::Anybody => v1::CallerKind::Anybody,
        CallerKind::Principals => v1::CallerKind::Principals,
        CallerKind::Keystone => v1::CallerKind::Keystone,
        CallerKind::Oidc => v1::CallerKind::Oidc,
    });
    let server_info = v1::ServerInfo {
        version: about.version.to_owned(),
        replica_id: about.replica_id.clone(),
        start_time: Some(timestamp(about.started)),
        cloud_kind: cloud_kind.into(),
        cloud_endpoint: of_the_site(&about.cloud_endpoint),
        cloud_user: of_the_site(&about.cloud_user),
        database: of_the_site(&about.database),
        store_id: app.store_id().await?.to_string(),
        caller_kinds: caller_kinds.map(Into::into).collect(),
        principal: call.who.principal.to_string(),
        role: call.who.role.name().to_owned(),
    };
    Ok(v1::GetServerInfoResponse { server_info: Some(server_info) })
}
