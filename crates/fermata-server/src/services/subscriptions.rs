//! The subscriptions of NotificationService: the durable consumers of projects.

use fermata_core::id::{ProjectId, SessionId, SubscriptionId};
use fermata_core::policy::{Named, check_chosen_id};
use fermata_proto::v1;
use fermata_store::{PutSubscription, Subscription, SubscriptionFilter, SubscriptionKey};

use super::page::{self, Paging, Sizes};
use super::{project, required};
use crate::convert::incoming::Reader;
use crate::convert::policy::{revision, warnings};
use crate::convert::session::etag;
use crate::convert::timestamp;
use crate::door::Entered;
use crate::error::ServeError;

/// The name of a subscription in a request.
pub(super) fn key(project: &ProjectId, id: &str) -> Result<SubscriptionKey, ServeError> {
    let id = SubscriptionId::from(required("subscription_id", id)?);
    Ok(SubscriptionKey { project: project.clone(), id })
}

pub(super) async fn put(
    Entered { message, call, app }: Entered<'_, v1::PutSubscriptionRequest>,
) -> Result<v1::PutSubscriptionResponse, ServeError> {
    let put = read(&message)?;
    let subscriptions = app.subscriptions(&call);
    let field = "subscription.project_id";
    let named = app.named(field, |cloud| Named::project(field, &put.key.project, cloud)).await;
    let answer = |stored: &Subscription| v1::PutSubscriptionResponse {
        subscription: Some(subscription(stored, subscriptions.is_connected(stored))),
        warnings: warnings(&named.cautions),
    };
    let put = async |once| {
        if !named.violations.is_empty() {
            return Err(ServeError::Violations(named.violations.clone()));
        }
        subscriptions.put(put, once).await
    };
    app.requests(&call).once(&message, &answer, put).await
}

pub(super) async fn get(
    Entered { message, call, app }: Entered<'_, v1::GetSubscriptionRequest>,
) -> Result<v1::GetSubscriptionResponse, ServeError> {
    let key = key(&project(&message.project_id)?, &message.subscription_id)?;
    let subscriptions = app.subscriptions(&call);
    let found = subscriptions.find(&key).await?;
    let subscription = subscription(&found, subscriptions.is_connected(&found));
    Ok(v1::GetSubscriptionResponse { subscription: Some(subscription) })
}

pub(super) async fn list(
    Entered { message, call, app }: Entered<'_, v1::ListSubscriptionsRequest>,
) -> Result<v1::ListSubscriptionsResponse, ServeError> {
    let mut reader = Reader::default();
    let list = format!("ListSubscriptions {}", message.project_id);
    let asked = page::Asked { size: message.page_size, token: &message.page_token };
    let sizes = Sizes { default: 50, most: 500 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(|cursor| {
        let (project, id) = cursor.rsplit_once('\n')?;
        Some(SubscriptionKey { project: project.into(), id: id.into() })
    })?;
    let subscriptions = app.subscriptions(&call);
    let found = subscriptions.list(after, paging.limit()).await?;
    if found.is_empty() && !message.project_id.is_empty() {
        let project = ProjectId::from(message.project_id.as_str());
        app.projects(&call).refuse_name("project_id", &project).await?;
    }
    let (subscriptions, next_page_token) = paging.close(
        found,
        |found| subscription(found, subscriptions.is_connected(found)),
        |found| format!("{}\n{}", found.key.project, found.key.id),
    );
    Ok(v1::ListSubscriptionsResponse { subscriptions, next_page_token })
}

pub(super) async fn delete(
    Entered { message, call, app }: Entered<'_, v1::DeleteSubscriptionRequest>,
) -> Result<v1::DeleteSubscriptionResponse, ServeError> {
    let key = key(&project(&message.project_id)?, &message.subscription_id)?;
    let (must_exist, revision) = (message.must_exist, revision(&message.etag));
    let subscriptions = app.subscriptions(&call);
    let answer = |(): &()| v1::DeleteSubscriptionResponse {};
    let delete = |once| subscriptions.delete(&key, must_exist, revision, once);
    app.requests(&call).once(&message, &answer, delete).await
}

pub(super) async fn acknowledge(
    Entered { message, call, app }: Entered<'_, v1::AcknowledgePositionRequest>,
) -> Result<v1::AcknowledgePositionResponse, ServeError> {
    let key = key(&project(&message.project_id)?, &message.subscription_id)?;
    let subscriptions = app.subscriptions(&call);
    let answer = |after: &Subscription| v1::AcknowledgePositionResponse {
        subscription: Some(subscription(after, subscriptions.is_connected(after))),
    };
    let acknowledge = |once| subscriptions.acknowledge(&key, message.sequence, once);
    app.requests(&call).once(&message, &answer, acknowledge).await
}

/// What an owner says of a subscription.
fn read(request: &v1::PutSubscriptionRequest) -> Result<PutSubscription, ServeError> {
    let sent = request.subscription.clone().unwrap_or_default();
    let mut reader = Reader::default();
    reader.required("subscription.project_id", &sent.project_id);
    reader.check(|violations| check_chosen_id("subscription.id", &sent.id, violations));
    let mode = reader.put_mode(request.mode, "subscription.etag", &sent.etag);
    let session_id = sent.filter.map(|filter| filter.session_id).unwrap_or_default();
    let session: Option<SessionId> = match session_id.as_str() {
        "" => None,
        id => match id.parse() {
            Ok(id) => Some(id),
            Err(_) => {
                reader.violation("subscription.filter.session_id", "is no id of a session");
                None
            }
        },
    };
    let project = ProjectId(sent.project_id);
    let key = SubscriptionKey { project, id: SubscriptionId(sent.id) };
    reader.finish(PutSubscription {
        key,
        display_name: sent.display_name,
        filter: SubscriptionFilter { session },
        mode,
        revision: revision(&sent.etag),
    })
}

fn subscription(row: &Subscription, connected: bool) -> v1::Subscription {
    let session = row.filter.session;
    v1::Subscription {
        project_id: row.key.project.to_string(),
        id: row.key.id.to_string(),
        display_name: row.display_name.clone(),
        filter: session.map(|id| v1::SubscriptionFilter { session_id: id.to_string() }),
        acknowledged_sequence: row.acknowledged_sequence,
        latest_sequence: row.latest_sequence,
        acknowledge_time: row.acknowledged_at.map(timestamp),
        connected,
        last_connect_time: row.connected_at.map(timestamp),
        create_time: Some(timestamp(row.created_at)),
        update_time: Some(timestamp(row.updated_at)),
        etag: etag(row.revision),
        delivery: Some(v1::subscription::Delivery::Stream(v1::StreamDelivery {})),
    }
}
