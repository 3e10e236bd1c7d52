//! Subscriptions: the durable consumers of projects.

use fermata_core::access::Projects;
use fermata_core::audit::{Resource, ResourceKind};
use fermata_store::{
    Asked, PutSubscription, StoreError, Subscription, SubscriptionKey, SubscriptionQuery,
};

use super::{App, refused};
use crate::attendance::Place;
use crate::door::Call;
use crate::engine::journal;
use crate::error::ServeError;
use crate::requests::Once;

/// A subscription, as the audit trail has it.
fn resource(SubscriptionKey { project, id }: &SubscriptionKey) -> Resource {
    Resource::of(ResourceKind::Subscription, project, id.as_str())
}

/// Subscriptions, for one call.
pub struct Subscriptions<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
}

impl Subscriptions<'_> {
    /// A subscription.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn find(&self, key: &SubscriptionKey) -> Result<Subscription, ServeError> {
        self.app.store.subscription(key).await?.ok_or(ServeError::SubscriptionNotFound)
    }

    /// Subscriptions that the call may see, by project and id.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(
        &self,
        after: Option<SubscriptionKey>,
        limit: u64,
    ) -> Result<Vec<Subscription>, ServeError> {
        let projects = match self.call.listed() {
            Projects::All => None,
            Projects::Of(projects) => Some(projects),
        };
        let query = SubscriptionQuery { projects, after, limit };
        Ok(self.app.store.list_subscriptions(&query).await?)
    }

    /// Creates or replaces a subscription.
    ///
    /// # Errors
    /// The mode or the etag does not allow it; the database does not answer.
    pub async fn put(
        &self,
        put: PutSubscription,
        once: Once<'_, Subscription>,
    ) -> Result<Subscription, ServeError> {
        let record = |stored: &Subscription| once.record(stored);
        let entry = once.entry(resource(&put.key), String::new());
        let asked = Asked { entry: &entry, record: &record, now: self.app.now() };
        let stored = self.app.store.put_subscription(&put, asked).await;
        match stored {
            Ok(stored) => {
                self.app.attendance.look();
                journal::asked(&entry);
                Ok(stored)
            }
            Err(error) => Err(self.refused(&put.key, put.revision.is_some(), error).await),
        }
    }

    /// Deletes a subscription. `revision`: the one that must be current.
    ///
    /// # Errors
    /// There must be one and is none; the etag is not current; the database does not answer.
    pub async fn delete(
        &self,
        key: &SubscriptionKey,
        must_exist: bool,
        revision: Option<u64>,
        once: Once<'_, ()>,
    ) -> Result<(), ServeError> {
        let record = |(): &()| once.record(&());
        let entry = once.entry(resource(key), String::new());
        let asked = Asked { entry: &entry, record: &record, now: self.app.now() };
        let deleted = self.app.store.delete_subscription(key, must_exist, revision, asked);
        match deleted.await {
            Ok(_) => {
                self.app.attendance.look();
                journal::asked(&entry);
                Ok(())
            }
            Err(error) => Err(self.refused(key, revision.is_some(), error).await),
        }
    }

    /// Records how far a consumer has read.
    ///
    /// # Errors
    /// There is no such subscription, or no such event yet; the database does not answer.
    pub async fn acknowledge(
        &self,
        key: &SubscriptionKey,
        sequence: u64,
        once: Once<'_, Subscription>,
    ) -> Result<Subscription, ServeError> {
        let record = |after: &Subscription| once.record(after);
        let entry = once.entry(resource(key), sequence.to_string());
        let asked = Asked { entry: &entry, record: &record, now: self.app.now() };
        match self.app.store.acknowledge(key, sequence, asked).await {
            Ok(after) => Ok(after),
            Err(error) => Err(self.refused(key, false, error).await),
        }
    }

    /// The place of a stream of this subscription.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn attend(&self, subscription: &Subscription) -> Result<Place, ServeError> {
        Ok(self.app.attendance.enter(subscription).await?)
    }

    /// Whether a stream of the subscription is open.
    pub fn is_connected(&self, subscription: &Subscription) -> bool {
        self.app.attendance.is_connected(subscription)
    }

    async fn refused(
        &self,
        key: &SubscriptionKey,
        has_etag: bool,
        error: StoreError,
    ) -> ServeError {
        let current = async { Ok(self.app.store.subscription(key).await?.map(|s| s.revision)) };
        refused(error, ServeError::SubscriptionNotFound, has_etag, current).await
    }
}
