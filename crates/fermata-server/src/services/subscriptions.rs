//! The subscriptions of NotificationService: the durable consumers of projects.

use fermata_core::id::{ProjectId, SessionId, SubscriptionId};
use fermata_core::policy::check_chosen_id;
use fermata_proto::v1;
use fermata_store::{
    PutSubscription, RequestRecord, Store, StoreError, Subscription, SubscriptionFilter,
    SubscriptionKey, SubscriptionQuery,
};
use prost::Message;

use super::App;
use super::notifications::{caller, project};
use crate::convert::incoming::Reader;
use crate::convert::policy::revision;
use crate::convert::session::etag;
use crate::convert::timestamp;
use crate::error::ServeError;
use crate::requests::{Known, RequestKey, look_up, or_answered};

/// The name of a subscription in a request.
pub(super) fn key(project: &ProjectId, id: &str) -> Result<SubscriptionKey, ServeError> {
    let mut reader = Reader::default();
    reader.required("subscription_id", id);
    let key = SubscriptionKey { project: project.clone(), id: SubscriptionId(id.to_owned()) };
    reader.finish(key)
}

/// A subscription that must be there.
pub(super) async fn find(store: &Store, key: &SubscriptionKey) -> Result<Subscription, ServeError> {
    store.subscription(key).await?.ok_or(ServeError::SubscriptionNotFound)
}

pub(super) async fn put(
    app: &App,
    request: v1::PutSubscriptionRequest,
) -> Result<v1::PutSubscriptionResponse, ServeError> {
    let put = read(&request)?;
    let store = &app.engine.store;
    let caller = caller(&put.key.project);
    let method = "PutSubscription";
    let request_key = match look_up(store, &caller, &request.request_id, method, &request).await? {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let answer = |stored: &Subscription| v1::PutSubscriptionResponse {
        subscription: Some(subscription(app, stored)),
    };
    let record =
        |stored: &Subscription| recorded(request_key.as_ref(), || answer(stored).encode_to_vec());
    let result = match store.put_subscription(&put, &record, app.engine.now()).await {
        Ok(stored) => {
            app.attendance.look();
            Ok(answer(&stored))
        }
        Err(error) => Err(refused(app, &put.key, put.revision.is_some(), error).await),
    };
    or_answered(store, request_key.clone(), result).await
}

pub(super) async fn get(
    app: &App,
    request: &v1::GetSubscriptionRequest,
) -> Result<v1::GetSubscriptionResponse, ServeError> {
    let key = key(&project(&request.project_id)?, &request.subscription_id)?;
    let found = find(&app.engine.store, &key).await?;
    Ok(v1::GetSubscriptionResponse { subscription: Some(subscription(app, &found)) })
}

pub(super) async fn list(
    app: &App,
    request: &v1::ListSubscriptionsRequest,
) -> Result<v1::ListSubscriptionsResponse, ServeError> {
    let mut reader = Reader::default();
    let size = reader.page_size(request.page_size, 50, 500);
    reader.finish(())?;
    let project = (!request.project_id.is_empty()).then(|| ProjectId(request.project_id.clone()));
    let list = format!("ListSubscriptions {}", request.project_id);
    let tokens = &app.streams.tokens;
    let after = match tokens.read_page(&list, &request.page_token)? {
        None => None,
        Some(cursor) => {
            let (project, id) = cursor.rsplit_once('\n').ok_or(ServeError::PageTokenInvalid)?;
            Some(SubscriptionKey { project: project.into(), id: id.into() })
        }
    };
    let query = SubscriptionQuery { project, after, limit: size + 1 };
    let mut found = app.engine.store.list_subscriptions(&query).await?;
    let more = found.len() as u64 > size;
    found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more);
    let next_page_token = next
        .map(|s| tokens.page(&list, &format!("{}\n{}", s.key.project, s.key.id)))
        .unwrap_or_default();
    let subscriptions = found.iter().map(|found| subscription(app, found)).collect();
    Ok(v1::ListSubscriptionsResponse { subscriptions, next_page_token })
}

pub(super) async fn delete(
    app: &App,
    request: &v1::DeleteSubscriptionRequest,
) -> Result<v1::DeleteSubscriptionResponse, ServeError> {
    let key = key(&project(&request.project_id)?, &request.subscription_id)?;
    let store = &app.engine.store;
    let caller = caller(&key.project);
    let method = "DeleteSubscription";
    let request_key = match look_up(store, &caller, &request.request_id, method, request).await? {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let record = recorded(request_key.as_ref(), Vec::new);
    let wanted = revision(&request.etag);
    let now = app.engine.now();
    let result = store.delete_subscription(&key, request.must_exist, wanted, record, now).await;
    let result = match result {
        Ok(_) => {
            app.attendance.look();
            Ok(v1::DeleteSubscriptionResponse {})
        }
        Err(error) => Err(refused(app, &key, wanted.is_some(), error).await),
    };
    or_answered(store, request_key, result).await
}

pub(super) async fn acknowledge(
    app: &App,
    request: &v1::AcknowledgePositionRequest,
) -> Result<v1::AcknowledgePositionResponse, ServeError> {
    let key = key(&project(&request.project_id)?, &request.subscription_id)?;
    let store = &app.engine.store;
    let caller = caller(&key.project);
    let method = "AcknowledgePosition";
    let request_key = match look_up(store, &caller, &request.request_id, method, request).await? {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let answer = |after: &Subscription| v1::AcknowledgePositionResponse {
        subscription: Some(subscription(app, after)),
    };
    let record =
        |after: &Subscription| recorded(request_key.as_ref(), || answer(after).encode_to_vec());
    let result = match store.acknowledge(&key, request.sequence, &record, app.engine.now()).await {
        Ok(after) => Ok(answer(&after)),
        Err(error) => Err(refused(app, &key, false, error).await),
    };
    or_answered(store, request_key.clone(), result).await
}

fn recorded(key: Option<&RequestKey>, answer: impl FnOnce() -> Vec<u8>) -> Option<RequestRecord> {
    key.map(|key| key.clone().answered(answer()))
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

/// Why the store did not change a subscription.
async fn refused(
    app: &App,
    key: &SubscriptionKey,
    has_etag: bool,
    error: StoreError,
) -> ServeError {
    match error {
        StoreError::NotFound => ServeError::SubscriptionNotFound,
        StoreError::AheadOfTopic { last } => {
            ServeError::field("sequence", format!("is higher than the project's newest, {last}"))
        }
        StoreError::Conflict if !has_etag => ServeError::Concurrent,
        StoreError::Conflict => match app.engine.store.subscription(key).await {
            Ok(Some(current)) => ServeError::EtagMismatch { etag: etag(current.revision) },
            Ok(None) => ServeError::EtagMismatch { etag: String::new() },
            Err(error) => error.into(),
        },
        error @ (StoreError::HostBusy { .. }
        | StoreError::RequestExists
        | StoreError::Exists { .. }
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::Nul
        | StoreError::Hopeless(_)
        | StoreError::Database(_)) => error.into(),
    }
}

fn subscription(app: &App, row: &Subscription) -> v1::Subscription {
    let session = row.filter.session;
    v1::Subscription {
        project_id: row.key.project.to_string(),
        id: row.key.id.to_string(),
        display_name: row.display_name.clone(),
        filter: session.map(|id| v1::SubscriptionFilter { session_id: id.to_string() }),
        acknowledged_sequence: row.acknowledged_sequence,
        latest_sequence: row.latest_sequence,
        acknowledge_time: row.acknowledged_at.map(timestamp),
        connected: app.attendance.is_connected(row),
        last_connect_time: row.connected_at.map(timestamp),
        create_time: Some(timestamp(row.created_at)),
        update_time: Some(timestamp(row.updated_at)),
        etag: etag(row.revision),
        delivery: Some(v1::subscription::Delivery::Stream(v1::StreamDelivery {})),
    }
}
