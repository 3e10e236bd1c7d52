//! PolicyService. Every call names its project, and reads and changes nothing of any other.

use std::collections::BTreeMap;

use fermata_core::cloud::{CloudError, ServerSeen};
use fermata_core::id::{ProjectId, ServerId};
use fermata_core::policy::GroupPolicy;
use fermata_proto::server::policy_service_server::PolicyService;
use fermata_proto::v1;
use fermata_store::{
    OwnersPolicy, PolicyOfServer, PolicyQuery, PutMode, PutPolicy, StoreError, Stored,
};
use prost::Message;
use tonic::{Request, Response, Status};

use super::notifications::{caller, project};
use super::{App, Gate};
use crate::bounds::admit;
use crate::convert::incoming::Reader;
use crate::convert::policy::{effective, revision, server_group, server_policy};
use crate::convert::session::etag;
use crate::error::ServeError;
use crate::parts::page;
use crate::requests::{Known, look_up, or_answered};

/// Policies of owners.
#[derive(Clone)]
pub struct Policies(pub Gate);

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn get_server_policy(
        &self,
        request: Request<v1::GetServerPolicyRequest>,
    ) -> Result<Response<v1::GetServerPolicyResponse>, Status> {
        Ok(Response::new(get_server_policy(self.0.app()?, &admit(request)?).await?))
    }

    async fn list_server_policies(
        &self,
        request: Request<v1::ListServerPoliciesRequest>,
    ) -> Result<Response<v1::ListServerPoliciesResponse>, Status> {
        let v1::ListServerPoliciesRequest { project_id, page_size, page_token } = admit(request)?;
        let app = self.0.app()?;
        let (server_policies, next_page_token) =
            list(app, &project_id, page_size, &page_token, server_policy).await?;
        Ok(Response::new(v1::ListServerPoliciesResponse { server_policies, next_page_token }))
    }

    async fn put_server_policy(
        &self,
        request: Request<v1::PutServerPolicyRequest>,
    ) -> Result<Response<v1::PutServerPolicyResponse>, Status> {
        let request = admit(request)?;
        let mut reader = Reader::default();
        let sent = request.server_policy.clone().unwrap_or_default();
        let etag = sent.etag.clone();
        let mode = reader.put_mode(request.mode, "server_policy.etag", &etag);
        let policy = reader.server_policy(sent);
        let policy = reader.finish(policy)?;
        let answer = |stored: &Stored<_>| v1::PutServerPolicyResponse {
            server_policy: Some(server_policy(stored)),
        };
        let asked = Asked { method: "PutServerPolicy", request: &request, id: &request.request_id };
        Ok(Response::new(put(self.0.app()?, asked, policy, (mode, &etag), answer).await?))
    }

    async fn delete_server_policy(
        &self,
        request: Request<v1::DeleteServerPolicyRequest>,
    ) -> Result<Response<v1::DeleteServerPolicyResponse>, Status> {
        let request = admit(request)?;
        let project = project(&request.project_id)?;
        let (id, etag) = (named("server_id", &request.server_id)?, &request.etag);
        let method = "DeleteServerPolicy";
        let asked = Asked { method, request: &request, id: &request.request_id };
        let answer = delete::<PolicyOfServer, _, _>(self.0.app()?, asked, &project, id, etag);
        Ok(Response::new(answer.await?))
    }

    async fn get_server_group(
        &self,
        request: Request<v1::GetServerGroupRequest>,
    ) -> Result<Response<v1::GetServerGroupResponse>, Status> {
        let request = admit(request)?;
        let project = project(&request.project_id)?;
        let id = named("server_group_id", &request.server_group_id)?;
        let store = &self.0.app()?.engine.store;
        let found = store.policy::<GroupPolicy>(&project, id).await.map_err(ServeError::from)?;
        let found = found.ok_or(ServeError::ServerGroupNotFound)?;
        Ok(Response::new(v1::GetServerGroupResponse { server_group: Some(server_group(&found)) }))
    }

    async fn list_server_groups(
        &self,
        request: Request<v1::ListServerGroupsRequest>,
    ) -> Result<Response<v1::ListServerGroupsResponse>, Status> {
        let v1::ListServerGroupsRequest { project_id, page_size, page_token } = admit(request)?;
        let app = self.0.app()?;
        let (server_groups, next_page_token) =
            list(app, &project_id, page_size, &page_token, server_group).await?;
        Ok(Response::new(v1::ListServerGroupsResponse { server_groups, next_page_token }))
    }

    async fn put_server_group(
        &self,
        request: Request<v1::PutServerGroupRequest>,
    ) -> Result<Response<v1::PutServerGroupResponse>, Status> {
        let request = admit(request)?;
        let mut reader = Reader::default();
        let sent = request.server_group.clone().unwrap_or_default();
        let etag = sent.etag.clone();
        let mode = reader.put_mode(request.mode, "server_group.etag", &etag);
        let group = reader.server_group(sent);
        let group = reader.finish(group)?;
        let answer = |stored: &Stored<_>| v1::PutServerGroupResponse {
            server_group: Some(server_group(stored)),
        };
        let asked = Asked { method: "PutServerGroup", request: &request, id: &request.request_id };
        Ok(Response::new(put(self.0.app()?, asked, group, (mode, &etag), answer).await?))
    }

    async fn delete_server_group(
        &self,
        request: Request<v1::DeleteServerGroupRequest>,
    ) -> Result<Response<v1::DeleteServerGroupResponse>, Status> {
        let request = admit(request)?;
        let project = project(&request.project_id)?;
        let (id, etag) = (named("server_group_id", &request.server_group_id)?, &request.etag);
        let method = "DeleteServerGroup";
        let asked = Asked { method, request: &request, id: &request.request_id };
        let answer = delete::<GroupPolicy, _, _>(self.0.app()?, asked, &project, id, etag);
        Ok(Response::new(answer.await?))
    }
}

fn named<'a>(field: &str, value: &'a str) -> Result<&'a str, ServeError> {
    let mut reader = Reader::default();
    reader.required(field, value);
    reader.finish(value)
}

/// What is said of something that is not there.
trait Absent {
    const ABSENT: ServeError;
}

impl Absent for PolicyOfServer {
    const ABSENT: ServeError = ServeError::PolicyNotFound;
}

impl Absent for GroupPolicy {
    const ABSENT: ServeError = ServeError::ServerGroupNotFound;
}

/// What a server of this project says in its metadata; nothing if the project has no such server.
async fn metadata_of(
    app: &App,
    project: &ProjectId,
    server: &ServerId,
) -> Result<BTreeMap<String, String>, CloudError> {
    let found = app.engine.cloud.progress(std::slice::from_ref(server), app.engine.now()).await;
    let seen = match found {
        Ok(found) => found.servers.into_iter().next(),
        Err(CloudError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(match seen {
        Some(ServerSeen::Present(found)) if found.project == *project => found.metadata,
        Some(ServerSeen::Present(_) | ServerSeen::Gone(_)) | None => BTreeMap::new(),
    })
}

async fn get_server_policy(
    app: &App,
    request: &v1::GetServerPolicyRequest,
) -> Result<v1::GetServerPolicyResponse, ServeError> {
    let project = project(&request.project_id)?;
    let server = ServerId(named("server_id", &request.server_id)?.to_owned());
    let store = &app.engine.store;
    let stored = store.policy::<PolicyOfServer>(&project, server.as_str()).await?;
    let policies = app.engine.policies_of(&project).await?;
    let (metadata, away) = match metadata_of(app, &project, &server).await {
        Ok(metadata) => (metadata, None),
        Err(error) => (BTreeMap::new(), Some(error)),
    };
    let counts = policies.of(&project, &server, &metadata);
    if stored.is_none() && counts.is_unset() {
        return Err(away.map_or(ServeError::PolicyNotFound, ServeError::Cloud));
    }
    let server_policy = stored.as_ref().map(server_policy);
    Ok(v1::GetServerPolicyResponse { server_policy, effective: effective(&counts) })
}

async fn list<P: OwnersPolicy, M: Message>(
    app: &App,
    project: &str,
    page_size: i32,
    page_token: &str,
    message: impl Fn(&Stored<P>) -> M,
) -> Result<(Vec<M>, String), ServeError> {
    let mut reader = Reader::default();
    let size = reader.page_size(page_size, 50, 500);
    reader.finish(())?;
    let list = format!("policies {} {project}", P::KIND);
    let tokens = &app.streams.tokens;
    let after = match tokens.read_page(&list, page_token)? {
        None => None,
        Some(cursor) => {
            let (project, id) = cursor.split_once('\n').ok_or(ServeError::PageTokenInvalid)?;
            Some((ProjectId::from(project), id.to_owned()))
        }
    };
    let project = (!project.is_empty()).then(|| ProjectId::from(project));
    let query = PolicyQuery { project, after, limit: size + 1 };
    let found = app.engine.store.list_policies::<P>(&query).await?;
    let page = page(found, size, message);
    let cursor = |s: &Stored<P>| format!("{}\n{}", s.policy.project(), s.policy.id());
    let next = page.after.map(|s| tokens.page(&list, &cursor(&s)));
    Ok((page.messages, next.unwrap_or_default()))
}

/// A request that may be repeated.
struct Asked<'a, Q> {
    method: &'static str,
    request: &'a Q,
    id: &'a str,
}

async fn put<P: OwnersPolicy + Absent, Q: Message, R: Message + Default>(
    app: &App,
    asked: Asked<'_, Q>,
    policy: P,
    (mode, sent_etag): (PutMode, &str),
    answer: impl Fn(&Stored<P>) -> R + Sync,
) -> Result<R, ServeError> {
    let store = &app.engine.store;
    let (project, id) = (policy.project().clone(), policy.id().to_owned());
    let Asked { method, request, id: request_id } = asked;
    let known = look_up(store, &caller(&project), request_id, method, request).await?;
    let key = match known {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let record =
        |stored: &Stored<P>| key.clone().map(|key| key.answered(answer(stored).encode_to_vec()));
    let (revision, now) = (revision(sent_etag), app.engine.now());
    let how = PutPolicy { mode, revision, record: &record, now };
    let result = match store.put_policy(policy, how).await {
        Ok(stored) => Ok(answer(&stored)),
        Err(error) => Err(refused::<P>(app, &project, &id, sent_etag, error).await),
    };
    or_answered(store, key.clone(), result).await
}

async fn delete<P: OwnersPolicy + Absent, Q: Message, R: Message + Default>(
    app: &App,
    asked: Asked<'_, Q>,
    project: &ProjectId,
    id: &str,
    sent_etag: &str,
) -> Result<R, ServeError> {
    let store = &app.engine.store;
    let Asked { method, request, id: request_id } = asked;
    let key = match look_up(store, &caller(project), request_id, method, request).await? {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let record = key.clone().map(|key| key.answered(R::default().encode_to_vec()));
    let (wanted, now) = (revision(sent_etag), app.engine.now());
    let result = match store.delete_policy::<P>(project, id, wanted, record, now).await {
        Ok(()) => Ok(R::default()),
        Err(error) => Err(refused::<P>(app, project, id, sent_etag, error).await),
    };
    or_answered(store, key, result).await
}

/// Why the store did not change a policy.
async fn refused<P: OwnersPolicy + Absent>(
    app: &App,
    project: &ProjectId,
    id: &str,
    sent_etag: &str,
    error: StoreError,
) -> ServeError {
    match error {
        StoreError::NotFound => P::ABSENT,
        StoreError::Conflict if sent_etag.is_empty() => ServeError::Concurrent,
        StoreError::Conflict => match app.engine.store.policy::<P>(project, id).await {
            Ok(Some(current)) => ServeError::EtagMismatch { etag: etag(current.revision) },
            Ok(None) => ServeError::EtagMismatch { etag: String::new() },
            Err(error) => error.into(),
        },
        error @ (StoreError::HostBusy { .. }
        | StoreError::RequestExists
        | StoreError::Exists { .. }
        | StoreError::AheadOfTopic { .. }
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::Nul
        | StoreError::Hopeless(_)
        | StoreError::Database(_)) => error.into(),
    }
}
