//! NotificationService. Every call names its project, and reads nothing of any other.

use std::collections::BTreeMap;

use fermata_core::actor::{Role, Who};
use fermata_core::id::{HostName, NotificationId, ProjectId};
use fermata_core::machine::Ask;
use fermata_core::session::{HostGlimpse, Session, SessionServer};
use fermata_proto::server::notification_service_server::NotificationService;
use fermata_proto::v1;
use fermata_store::{NotificationQuery, NotificationView, Topic};
use prost::Message;
use tonic::{Request, Response, Status};

use super::affairs::Affair;
use super::sessions::{cursor, read_cursor};
use super::{App, Gate, session_id, subscriptions};
use crate::bounds::admit;
use crate::convert::incoming::Reader;
use crate::convert::{owner, timestamp};
use crate::engine::Guard;
use crate::error::ServeError;
use crate::parts::{page, parts};
use crate::requests::{Known, look_up, or_answered};
use crate::stream::{Asked, Begin, Frames, Open};
use crate::token::StreamId;

/// Notifications and replies, for owners.
#[derive(Clone)]
pub struct Notifications(pub Gate);

#[tonic::async_trait]
impl NotificationService for Notifications {
    type SubscribeStream = Frames;

    async fn subscribe(
        &self,
        request: Request<v1::SubscribeRequest>,
    ) -> Result<Response<Frames>, Status> {
        Ok(Response::new(subscribe(self.0.app()?, admit(request)?).await?))
    }

    async fn get_notification(
        &self,
        request: Request<v1::GetNotificationRequest>,
    ) -> Result<Response<v1::GetNotificationResponse>, Status> {
        let request = admit(request)?;
        let project = project(&request.project_id)?;
        let id = notification_id(&request.notification_id)?;
        let view = view(self.0.app()?, &project, id).await?;
        Ok(Response::new(v1::GetNotificationResponse { notification: Some(notification(&view)) }))
    }

    async fn list_notifications(
        &self,
        request: Request<v1::ListNotificationsRequest>,
    ) -> Result<Response<v1::ListNotificationsResponse>, Status> {
        Ok(Response::new(list(self.0.app()?, &admit(request)?).await?))
    }

    async fn list_notification_servers(
        &self,
        request: Request<v1::ListNotificationServersRequest>,
    ) -> Result<Response<v1::ListNotificationServersResponse>, Status> {
        Ok(Response::new(list_servers(self.0.app()?, &admit(request)?).await?))
    }

    async fn reply(
        &self,
        request: Request<v1::ReplyRequest>,
    ) -> Result<Response<v1::ReplyResponse>, Status> {
        Ok(Response::new(reply(self.0.app()?, admit(request)?).await?))
    }

    async fn put_subscription(
        &self,
        request: Request<v1::PutSubscriptionRequest>,
    ) -> Result<Response<v1::PutSubscriptionResponse>, Status> {
        Ok(Response::new(subscriptions::put(self.0.app()?, admit(request)?).await?))
    }

    async fn get_subscription(
        &self,
        request: Request<v1::GetSubscriptionRequest>,
    ) -> Result<Response<v1::GetSubscriptionResponse>, Status> {
        Ok(Response::new(subscriptions::get(self.0.app()?, &admit(request)?).await?))
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        Ok(Response::new(subscriptions::list(self.0.app()?, &admit(request)?).await?))
    }

    async fn delete_subscription(
        &self,
        request: Request<v1::DeleteSubscriptionRequest>,
    ) -> Result<Response<v1::DeleteSubscriptionResponse>, Status> {
        Ok(Response::new(subscriptions::delete(self.0.app()?, &admit(request)?).await?))
    }

    async fn acknowledge_position(
        &self,
        request: Request<v1::AcknowledgePositionRequest>,
    ) -> Result<Response<v1::AcknowledgePositionResponse>, Status> {
        Ok(Response::new(subscriptions::acknowledge(self.0.app()?, &admit(request)?).await?))
    }
}

pub(super) fn project(value: &str) -> Result<ProjectId, ServeError> {
    let mut reader = Reader::default();
    reader.required("project_id", value);
    reader.finish(ProjectId(value.to_owned()))
}

fn notification_id(value: &str) -> Result<NotificationId, ServeError> {
    Reader::id("notification_id", value, ServeError::NotificationNotFound)
}

pub(super) fn caller(project: &ProjectId) -> String {
    format!("project/{project}")
}

async fn view(
    app: &App,
    project: &ProjectId,
    id: NotificationId,
) -> Result<NotificationView, ServeError> {
    app.engine.store.notification(project, id).await?.ok_or(ServeError::NotificationNotFound)
}

fn notification(view: &NotificationView) -> v1::Notification {
    let servers = view.servers.iter().map(|s| (s, glimpse(&view.hosts, s)));
    owner::notification(&view.head, &view.notification, servers)
}

fn glimpse(hosts: &BTreeMap<HostName, HostGlimpse>, server: &SessionServer) -> HostGlimpse {
    hosts.get(&server.key.host).copied().unwrap_or_default()
}

async fn reply(app: &App, request: v1::ReplyRequest) -> Result<v1::ReplyResponse, ServeError> {
    let project = project(&request.project_id)?;
    let id = notification_id(&request.notification_id)?;
    let mut reader = Reader::default();
    let answer = reader.answer(request.answer.clone());
    let answer = reader.finish(answer)?;
    let caller = caller(&project);
    let known = look_up(&app.engine.store, &caller, &request.request_id, "Reply", &request).await?;
    let key = match known {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let session = view(app, &project, id).await?.head.id;
    let ask = Ask::Reply {
        project,
        notification: id,
        plan_revision: request.plan_revision,
        answer,
        comment: request.comment,
    };
    let answered = |s: &Session| v1::ReplyResponse {
        notification: s.notifications.get(&id).map(|n| owner::notification_in(s, n)),
    };
    let respond = |s: &Session| answered(s).encode_to_vec();
    let guard = Guard { right: None, etag: "", request: key.clone(), respond: &respond };
    let next = app.engine.apply(session, ask.by(Who::new("loopback", Role::Owner)), guard).await;
    or_answered(&app.engine.store, key, next.map(|next| answered(&next))).await
}

async fn list(
    app: &App,
    request: &v1::ListNotificationsRequest,
) -> Result<v1::ListNotificationsResponse, ServeError> {
    let project = project(&request.project_id)?;
    let filter = request.filter.clone().unwrap_or_default();
    let mut reader = Reader::default();
    let size = reader.page_size(request.page_size, 50, 500);
    let states = reader.notification_states(&filter.states);
    let session = match filter.session_id.as_str() {
        "" => None,
        id => Some(session_id(id)?),
    };
    let list = format!("ListNotifications {project} {:?}", request.filter);
    let tokens = &app.streams.tokens;
    let after = match tokens.read_page(&list, &request.page_token)? {
        None => None,
        Some(cursor) => Some(read_cursor(&cursor).ok_or(ServeError::PageTokenInvalid)?),
    };
    let query =
        reader.finish(NotificationQuery { project, session, states, after, limit: size + 1 })?;
    let found = app.engine.store.list_notifications(&query).await?;
    let page = page(found, size, notification);
    let next_page_token = page
        .after
        .map(|v| tokens.page(&list, &cursor(v.notification.created_at, v.notification.id)))
        .unwrap_or_default();
    Ok(v1::ListNotificationsResponse { notifications: page.messages, next_page_token })
}

async fn list_servers(
    app: &App,
    request: &v1::ListNotificationServersRequest,
) -> Result<v1::ListNotificationServersResponse, ServeError> {
    let project = project(&request.project_id)?;
    let id = notification_id(&request.notification_id)?;
    let mut reader = Reader::default();
    let size = reader.page_size(request.page_size, 500, 1000);
    reader.finish(())?;
    let list = format!("ListNotificationServers {project} {id}");
    let tokens = &app.streams.tokens;
    let after = tokens.read_page(&list, &request.page_token)?;
    let view = view(app, &project, id).await?;
    // By id: the order of the hosts is none of the owner's business.
    let mut servers: Vec<&SessionServer> = view.servers.iter().collect();
    servers.sort_by(|a, b| a.key.server.cmp(&b.key.server));
    servers.retain(|s| after.as_deref().is_none_or(|after| s.key.server.as_str() > after));
    let spec = &view.head.spec;
    let message = |s: &&SessionServer| owner::affected(s, glimpse(&view.hosts, s), spec);
    let page = page(servers, size, message);
    let next = page.after.map(|s| tokens.page(&list, s.key.server.as_str()));
    let next_page_token = next.unwrap_or_default();
    Ok(v1::ListNotificationServersResponse { servers: page.messages, next_page_token })
}

async fn subscribe(app: &App, request: v1::SubscribeRequest) -> Result<Frames, ServeError> {
    let project = project(&request.project_id)?;
    let mut reader = Reader::default();
    let heartbeat = reader.span("heartbeat_interval", request.heartbeat_interval);
    let heartbeat = reader.finish(heartbeat)?;
    let asked = Asked::read(request.start, !request.subscription_id.is_empty())?;
    let store = &app.engine.store;
    let topic = Topic::Project(project.clone());
    let subscription = match request.subscription_id.as_str() {
        "" => None,
        _ if request.filter.is_some() => {
            let text = "is the subscription's own; leave it out, or store it with PutSubscription";
            return Err(ServeError::field("filter", text));
        }
        id => Some(subscriptions::find(store, &subscriptions::key(&project, id)?).await?),
    };
    let (session, id) = match &subscription {
        // Whatever the filter is by then, a token goes on after the same event.
        Some(found) => {
            let stream = format!("subscription/{}", found.key.id);
            (found.filter.session, StreamId::new(&topic, &stream))
        }
        None => {
            let filter = request.filter.unwrap_or_default();
            let session = match filter.session_id.as_str() {
                "" => None,
                id => Some(session_id(id)?),
            };
            (session, StreamId::new(&topic, &filter.session_id))
        }
    };
    let place = match &subscription {
        Some(found) => Some(app.attendance.enter(found).await?),
        None => None,
    };
    let acknowledged = subscription.map_or(0, |found| found.acknowledged_sequence);
    let begin = match asked {
        Asked::Token(token) => Begin::After(app.streams.resume(store, &topic, id, &token).await?),
        Asked::Now => Begin::Now,
        Asked::Acknowledged if acknowledged > 0 => {
            Begin::After(app.streams.acknowledged(store, &topic, acknowledged).await?)
        }
        Asked::Snapshot | Asked::Acknowledged => {
            let affairs = store.project_affairs(&project, session).await?;
            let sequence = affairs.last_sequence;
            let time = Some(timestamp(app.engine.now()));
            let store_id = app.streams.store_id();
            let parts = parts(0, Affair::all(affairs), Affair::weight);
            Begin::snapshot(sequence, parts, move |part| v1::SubscribeResponse {
                sequence,
                store_id: store_id.clone(),
                time,
                message: Some(v1::subscribe_response::Message::Snapshot(Affair::part(part))),
                ..Default::default()
            })
        }
    };
    let open = Open { topic, session, id, heartbeat, place };
    app.streams.open::<v1::SubscribeResponse>(open, begin).await
}
