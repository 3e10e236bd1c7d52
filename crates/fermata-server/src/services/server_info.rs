//! ServerService.

use fermata_core::actor::Role;
use fermata_core::cloud::Project;
use fermata_core::id::ProjectId;
use fermata_proto::server::server_service_server::ServerService;
use fermata_proto::v1;
use tonic::{Request, Response, Status};

use super::page::{self, Paging, Sizes};
use super::reply;
use crate::about::CallerKind;
use crate::config::CloudKind;
use crate::convert::incoming::Reader;
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

    async fn list_projects(
        &self,
        request: Request<v1::ListProjectsRequest>,
    ) -> Result<Response<v1::ListProjectsResponse>, Status> {
        reply(projects(self.0.enter(request)?).await)
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

async fn projects(
    Entered { message: request, call, app }: Entered<'_, v1::ListProjectsRequest>,
) -> Result<v1::ListProjectsResponse, ServeError> {
    let mut reader = Reader::default();
    let list = format!("ListProjects {:?} {:?}", request.ids, request.names);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let paging = Paging::read(app, &mut reader, list, asked, Sizes { default: 500, most: 1000 })?;
    reader.finish(())?;
    let after = paging.after(|id| Some(ProjectId::from(id)))?;
    let ids = request.ids.into_iter().map(ProjectId).collect();
    let names = request.names.into_iter().collect();
    let (mut projects, notes) = app.projects(&call).list(&ids, &names).await;
    projects.retain(|project| after.as_ref().is_none_or(|after| project.id > *after));
    let message = |project: &&Project| v1::Project {
        project_id: project.id.to_string(),
        name: project.name.clone(),
        domain_id: project.domain.clone(),
    };
    let (projects, next_page_token) =
        paging.close(projects.iter(), message, |project| project.id.to_string());
    Ok(v1::ListProjectsResponse { projects, next_page_token, notes })
}
