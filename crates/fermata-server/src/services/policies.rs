//! PolicyService. Every call names its project, and reads and changes nothing of any other.

use fermata_core::id::{ProjectId, ServerId};
use fermata_core::policy::{GroupPolicy, Named};
use fermata_core::spec::Violation;
use fermata_proto::server::policy_service_server::PolicyService;
use fermata_proto::v1;
use fermata_store::{OwnersPolicy, PolicyOfServer, Stored};
use prost::Message;
use tonic::{Request, Response, Status};

use super::page::{self, Paging, Sizes};
use super::{project, reply, required};
use crate::app::App;
use crate::convert::incoming::Reader;
use crate::convert::policy::{effective, revision, server_group, server_policy, warnings};
use crate::door::{Call, Door, Entered};
use crate::error::ServeError;

/// Policies of owners.
#[derive(Clone)]
pub struct Policies(pub Door);

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn get_server_policy(
        &self,
        request: Request<v1::GetServerPolicyRequest>,
    ) -> Result<Response<v1::GetServerPolicyResponse>, Status> {
        reply(get_server_policy(self.0.enter(request)?).await)
    }

    async fn list_server_policies(
        &self,
        request: Request<v1::ListServerPoliciesRequest>,
    ) -> Result<Response<v1::ListServerPoliciesResponse>, Status> {
        let Entered { message, call, app } = self.0.enter(request)?;
        let asked = page::Asked { size: message.page_size, token: &message.page_token };
        let (server_policies, next_page_token) =
            list(app, &call, &message.project_id, asked, server_policy).await?;
        Ok(Response::new(v1::ListServerPoliciesResponse { server_policies, next_page_token }))
    }

    async fn put_server_policy(
        &self,
        request: Request<v1::PutServerPolicyRequest>,
    ) -> Result<Response<v1::PutServerPolicyResponse>, Status> {
        reply(put_server_policy(self.0.enter(request)?).await)
    }

    async fn delete_server_policy(
        &self,
        request: Request<v1::DeleteServerPolicyRequest>,
    ) -> Result<Response<v1::DeleteServerPolicyResponse>, Status> {
        reply(delete_server_policy(self.0.enter(request)?).await)
    }

    async fn get_server_group(
        &self,
        request: Request<v1::GetServerGroupRequest>,
    ) -> Result<Response<v1::GetServerGroupResponse>, Status> {
        reply(get_server_group(self.0.enter(request)?).await)
    }

    async fn list_server_groups(
        &self,
        request: Request<v1::ListServerGroupsRequest>,
    ) -> Result<Response<v1::ListServerGroupsResponse>, Status> {
        let Entered { message, call, app } = self.0.enter(request)?;
        let asked = page::Asked { size: message.page_size, token: &message.page_token };
        let (server_groups, next_page_token) =
            list(app, &call, &message.project_id, asked, server_group).await?;
        Ok(Response::new(v1::ListServerGroupsResponse { server_groups, next_page_token }))
    }

    async fn put_server_group(
        &self,
        request: Request<v1::PutServerGroupRequest>,
    ) -> Result<Response<v1::PutServerGroupResponse>, Status> {
        reply(put_server_group(self.0.enter(request)?).await)
    }

    async fn delete_server_group(
        &self,
        request: Request<v1::DeleteServerGroupRequest>,
    ) -> Result<Response<v1::DeleteServerGroupResponse>, Status> {
        reply(delete_server_group(self.0.enter(request)?).await)
    }
}

async fn get_server_policy(
    Entered { message, call, app }: Entered<'_, v1::GetServerPolicyRequest>,
) -> Result<v1::GetServerPolicyResponse, ServeError> {
    let project = project(&message.project_id)?;
    let server = ServerId::from(required("server_id", &message.server_id)?);
    let (stored, counts) = app.policies(&call).of_server(&project, &server).await?;
    let server_policy = stored.as_ref().map(server_policy);
    Ok(v1::GetServerPolicyResponse { server_policy, effective: effective(&counts) })
}

async fn get_server_group(
    Entered { message, call, app }: Entered<'_, v1::GetServerGroupRequest>,
) -> Result<v1::GetServerGroupResponse, ServeError> {
    let project = project(&message.project_id)?;
    let id = required("server_group_id", &message.server_group_id)?;
    let found: Stored<GroupPolicy> = app.policies(&call).find(&project, id).await?;
    Ok(v1::GetServerGroupResponse { server_group: Some(server_group(&found)) })
}

async fn list<P: OwnersPolicy, M: Message>(
    app: &App,
    call: &Call,
    project: &str,
    asked: page::Asked<'_>,
    message: impl Fn(&Stored<P>) -> M,
) -> Result<(Vec<M>, String), ServeError> {
    let mut reader = Reader::default();
    let list = format!("policies {} {project}", P::KIND);
    let sizes = Sizes { default: 50, most: 500 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(|cursor| {
        let (project, id) = cursor.split_once('\n')?;
        Some((ProjectId::from(project), id.to_owned()))
    })?;
    let found = app.policies(call).list::<P>(after, paging.limit()).await?;
    if found.is_empty() && !project.is_empty() {
        app.projects(call).refuse_name("project_id", &ProjectId::from(project)).await?;
    }
    let position = |s: &Stored<P>| format!("{}\n{}", s.policy.project(), s.policy.id());
    Ok(paging.close(found, message, position))
}

fn none(violations: Vec<Violation>) -> Result<(), ServeError> {
    if violations.is_empty() { Ok(()) } else { Err(ServeError::Violations(violations)) }
}

async fn put_server_policy(
    Entered { message, call, app }: Entered<'_, v1::PutServerPolicyRequest>,
) -> Result<v1::PutServerPolicyResponse, ServeError> {
    let mut reader = Reader::default();
    let sent = message.server_policy.clone().unwrap_or_default();
    let revision = revision(&sent.etag);
    let mode = reader.put_mode(message.mode, "server_policy.etag", &sent.etag);
    let policy = reader.server_policy(sent);
    let policy = reader.finish(policy)?;
    let mut violations = Vec::new();
    let longest = app.quotas().longest_wait;
    policy.policy.check_waits("server_policy.policy", longest, &mut violations);
    none(violations)?;
    let field = "server_policy.server_id";
    let named =
        app.named(field, |c| Named::server(field, &policy.project, &policy.server, c)).await;
    let answer = |stored: &Stored<_>| v1::PutServerPolicyResponse {
        server_policy: Some(server_policy(stored)),
        warnings: warnings(&named.cautions),
    };
    let policies = app.policies(&call);
    let put = async |once| {
        none(named.violations.clone())?;
        policies.put(policy, mode, revision, once).await
    };
    app.requests(&call).once(&message, &answer, put).await
}

async fn put_server_group(
    Entered { message, call, app }: Entered<'_, v1::PutServerGroupRequest>,
) -> Result<v1::PutServerGroupResponse, ServeError> {
    let mut reader = Reader::default();
    let sent = message.server_group.clone().unwrap_or_default();
    let revision = revision(&sent.etag);
    let mode = reader.put_mode(message.mode, "server_group.etag", &sent.etag);
    let group = reader.server_group(sent);
    let group = reader.finish(group)?;
    let mut violations = Vec::new();
    group.check_waits("server_group", app.quotas().longest_wait, &mut violations);
    none(violations)?;
    let field = "server_group";
    let named = app.named(field, |cloud| Named::group(field, &group, cloud)).await;
    let answer = |stored: &Stored<_>| v1::PutServerGroupResponse {
        server_group: Some(server_group(stored)),
        warnings: warnings(&named.cautions),
    };
    let policies = app.policies(&call);
    let put = async |once| {
        none(named.violations.clone())?;
        policies.put(group, mode, revision, once).await
    };
    app.requests(&call).once(&message, &answer, put).await
}

async fn delete_server_policy(
    Entered { message, call, app }: Entered<'_, v1::DeleteServerPolicyRequest>,
) -> Result<v1::DeleteServerPolicyResponse, ServeError> {
    let project = project(&message.project_id)?;
    let id = required("server_id", &message.server_id)?;
    let revision = revision(&message.etag);
    let answer = |(): &()| v1::DeleteServerPolicyResponse {};
    let policies = app.policies(&call);
    let delete = |once| policies.delete::<PolicyOfServer>(&project, id, revision, once);
    app.requests(&call).once(&message, &answer, delete).await
}

async fn delete_server_group(
    Entered { message, call, app }: Entered<'_, v1::DeleteServerGroupRequest>,
) -> Result<v1::DeleteServerGroupResponse, ServeError> {
    let project = project(&message.project_id)?;
    let id = required("server_group_id", &message.server_group_id)?;
    let revision = revision(&message.etag);
    let answer = |(): &()| v1::DeleteServerGroupResponse {};
    let policies = app.policies(&call);
    let delete = |once| policies.delete::<GroupPolicy>(&project, id, revision, once);
    app.requests(&call).once(&message, &answer, delete).await
}
