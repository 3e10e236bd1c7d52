//! NotificationService. Every call names its project, and reads nothing of any other.

use std::collections::BTreeMap;

use fermata_core::Time;
use fermata_core::id::{HostName, NotificationId};
use fermata_core::session::{HostGlimpse, Session, SessionServer};
use fermata_proto::server::notification_service_server::NotificationService;
use fermata_proto::v1;
use fermata_store::{NotificationQuery, NotificationView, Topic};
use tonic::{Request, Response, Status};

use super::affairs::Affair;
use super::page::{self, Paging, Sizes};
use super::{cursor, project, read_cursor, reply, session_id, subscriptions};
use crate::app::Reply;
use crate::convert::incoming::Reader;
use crate::convert::owner;
use crate::door::{Door, Entered};
use crate::error::ServeError;
use crate::parts::parts;
use crate::stream::{Frames, OfSubscription, Open, Snapshot, Start};
use crate::token::StreamId;

/// Notifications and replies, for owners.
#[derive(Clone)]
pub struct Notifications(pub Door);

#[tonic::async_trait]
impl NotificationService for Notifications {
    type SubscribeStream = Frames;

    async fn subscribe(
        &self,
        request: Request<v1::SubscribeRequest>,
    ) -> Result<Response<Frames>, Status> {
        reply(subscribe(self.0.enter(request)?).await)
    }

    async fn get_notification(
        &self,
        request: Request<v1::GetNotificationRequest>,
    ) -> Result<Response<v1::GetNotificationResponse>, Status> {
        reply(get(self.0.enter(request)?).await)
    }

    async fn list_notifications(
        &self,
        request: Request<v1::ListNotificationsRequest>,
    ) -> Result<Response<v1::ListNotificationsResponse>, Status> {
        reply(list(self.0.enter(request)?).await)
    }

    async fn list_notification_servers(
        &self,
        request: Request<v1::ListNotificationServersRequest>,
    ) -> Result<Response<v1::ListNotificationServersResponse>, Status> {
        reply(list_servers(self.0.enter(request)?).await)
    }

    async fn reply(
        &self,
        request: Request<v1::ReplyRequest>,
    ) -> Result<Response<v1::ReplyResponse>, Status> {
        reply(answer(self.0.enter(request)?).await)
    }

    async fn put_subscription(
        &self,
        request: Request<v1::PutSubscriptionRequest>,
    ) -> Result<Response<v1::PutSubscriptionResponse>, Status> {
        reply(subscriptions::put(self.0.enter(request)?).await)
    }

    async fn get_subscription(
        &self,
        request: Request<v1::GetSubscriptionRequest>,
    ) -> Result<Response<v1::GetSubscriptionResponse>, Status> {
        reply(subscriptions::get(self.0.enter(request)?).await)
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        reply(subscriptions::list(self.0.enter(request)?).await)
    }

    async fn delete_subscription(
        &self,
        request: Request<v1::DeleteSubscriptionRequest>,
    ) -> Result<Response<v1::DeleteSubscriptionResponse>, Status> {
        reply(subscriptions::delete(self.0.enter(request)?).await)
    }

    async fn acknowledge_position(
        &self,
        request: Request<v1::AcknowledgePositionRequest>,
    ) -> Result<Response<v1::AcknowledgePositionResponse>, Status> {
        reply(subscriptions::acknowledge(self.0.enter(request)?).await)
    }
}

fn notification_id(value: &str) -> Result<NotificationId, ServeError> {
    Reader::id("notification_id", value, ServeError::NotificationNotFound)
}

fn notification(view: &NotificationView, now: Time) -> v1::Notification {
    let servers = view.servers.iter().map(|s| (s, glimpse(&view.hosts, s)));
    owner::notification(&view.head, &view.notification, servers, now)
}

fn glimpse(hosts: &BTreeMap<HostName, HostGlimpse>, server: &SessionServer) -> HostGlimpse {
    hosts.get(&server.key.host).copied().unwrap_or_default()
}

async fn get(
    Entered { message, call, app }: Entered<'_, v1::GetNotificationRequest>,
) -> Result<v1::GetNotificationResponse, ServeError> {
    let project = project(&message.project_id)?;
    let id = notification_id(&message.notification_id)?;
    let view = app.notifications(&call).find(&project, id).await?;
    Ok(v1::GetNotificationResponse { notification: Some(notification(&view, app.now())) })
}

async fn answer(
    Entered { message, call, app }: Entered<'_, v1::ReplyRequest>,
) -> Result<v1::ReplyResponse, ServeError> {
    let project = project(&message.project_id)?;
    let notification = notification_id(&message.notification_id)?;
    let mut reader = Reader::default();
    let answer = reader.answer(message.answer.clone());
    let answer = reader.finish(answer)?;
    let (plan_revision, comment) = (message.plan_revision, message.comment.clone());
    let replied = Reply { project, notification, plan_revision, answer, comment };
    let answered = |s: &Session| v1::ReplyResponse {
        notification: s
            .notifications
            .get(&notification)
            .map(|n| owner::notification_in(s, n, s.head.updated_at)),
    };
    let notifications = app.notifications(&call);
    app.requests(&call).once(&message, &answered, |once| notifications.reply(replied, once)).await
}

async fn list(
    Entered { message: request, call, app }: Entered<'_, v1::ListNotificationsRequest>,
) -> Result<v1::ListNotificationsResponse, ServeError> {
    let project = project(&request.project_id)?;
    let filter = request.filter.clone().unwrap_or_default();
    let mut reader = Reader::default();
    let states = reader.notification_states(&filter.states);
    let session = match filter.session_id.as_str() {
        "" => None,
        id => Some(session_id(id)?),
    };
    let list = format!("ListNotifications {project} {:?}", request.filter);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 50, most: 500 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    let after = paging.after(read_cursor)?;
    let limit = paging.limit();
    let query = reader.finish(NotificationQuery { project, session, states, after, limit })?;
    let found = app.notifications(&call).list(&query).await?;
    if found.is_empty() && request.page_token.is_empty() {
        app.projects(&call).refuse_name("project_id", &query.project).await?;
    }
    let position = |v: &NotificationView| cursor(v.notification.created_at, v.notification.id);
    let (notifications, next_page_token) =
        paging.close(found, |view| notification(view, app.now()), position);
    Ok(v1::ListNotificationsResponse { notifications, next_page_token })
}

async fn list_servers(
    Entered { message: request, call, app }: Entered<'_, v1::ListNotificationServersRequest>,
) -> Result<v1::ListNotificationServersResponse, ServeError> {
    let project = project(&request.project_id)?;
    let id = notification_id(&request.notification_id)?;
    let mut reader = Reader::default();
    let list = format!("ListNotificationServers {project} {id}");
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 500, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(|id| Some(id.to_owned()))?;
    let view = app.notifications(&call).find(&project, id).await?;
    // By id: the order of the hosts is none of the owner's business.
    let mut servers: Vec<&SessionServer> = view.servers.iter().collect();
    servers.sort_by(|a, b| a.key.server.cmp(&b.key.server));
    servers.retain(|s| after.as_deref().is_none_or(|after| s.key.server.as_str() > after));
    let message =
        |s: &&SessionServer| owner::affected(s, glimpse(&view.hosts, s), &view.head, app.now());
    let (servers, next_page_token) = paging.close(servers, message, |s| s.key.server.to_string());
    Ok(v1::ListNotificationServersResponse { servers, next_page_token })
}

async fn subscribe(
    Entered { message: request, call, app }: Entered<'_, v1::SubscribeRequest>,
) -> Result<Frames, ServeError> {
    let project = project(&request.project_id)?;
    let of_subscription = !request.subscription_id.is_empty();
    let start = Start::read(request.start, request.heartbeat_interval, of_subscription)?;
    let topic = Topic::Project(project.clone());
    let subscriptions = app.subscriptions(&call);
    let subscription = match request.subscription_id.as_str() {
        "" => None,
        _ if request.filter.is_some() => {
            let text = "is the subscription's own; leave it out, or store it with PutSubscription";
            return Err(ServeError::field("filter", text));
        }
        id => Some(subscriptions.find(&subscriptions::key(&project, id)?).await?),
    };
    if subscription.is_none() && !app.notifications(&call).ever_told(&topic).await? {
        app.projects(&call).refuse_name("project_id", &project).await?;
    }
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
    let of = match &subscription {
        Some(found) => Some(OfSubscription {
            place: subscriptions.attend(found).await?,
            acknowledged: found.acknowledged_sequence,
        }),
        None => None,
    };
    let open = Open { topic, session, id, start, of };
    let snapshot = async || {
        let affairs = app.notifications(&call).affairs(&project, session).await?;
        let sequence = affairs.last_sequence;
        Ok(Snapshot::new(
            sequence,
            parts(0, Affair::all(affairs, app.now()), Affair::weight),
            Affair::part,
        ))
    };
    app.stream::<v1::SubscribeResponse, _>(&call, open, snapshot).await
}
