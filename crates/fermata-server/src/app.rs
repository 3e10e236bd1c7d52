//! What the services stand on, once the database is ready: one façade per noun, each for one call. Only what is here touches
//! engine, store and cloud; who may call is decided before ([`crate::door`]).

mod audit;
mod hosts;
mod notifications;
mod policies;
mod projects;
mod sessions;
mod subscriptions;

use std::sync::Arc;

use fermata_core::Time;
use fermata_core::cloud::Cloud;
use fermata_core::policy::{CloudGroups, Named};
use fermata_core::quota::Quotas;
use fermata_store::{Store, StoreError};

use self::audit::Audit;
use self::hosts::Hosts;
use self::notifications::Notifications;
use self::policies::Policies;
use self::projects::Projects;
use self::sessions::Sessions;
use self::subscriptions::Subscriptions;
use crate::about::About;
use crate::attendance::Attendance;
use crate::door::Call;
use crate::engine::Engine;
use crate::error::ServeError;
use crate::preview::Previews;
use crate::replica::Replica;
use crate::requests::Requests;
use crate::stream::{Frames, Open, Snapshot, Streamed, Streams};
use crate::token::Tokens;

pub use self::hosts::{Switch, Switched};
pub use self::notifications::Reply;

/// What the services stand on.
#[derive(Clone)]
pub struct App {
    engine: Arc<Engine>,
    store: Store,
    cloud: Arc<dyn Cloud>,
    replica: Arc<Replica>,
    streams: Arc<Streams>,
    attendance: Arc<Attendance>,
    previews: Previews,
    about: Arc<About>,
}

/// What an app is made of.
pub struct Behind {
    /// Changes sessions.
    pub engine: Arc<Engine>,
    /// The database.
    pub store: Store,
    /// The cloud.
    pub cloud: Arc<dyn Cloud>,
    /// This process among others.
    pub replica: Arc<Replica>,
    /// Opens streams.
    pub streams: Arc<Streams>,
    /// Knows which subscriptions have a stream open.
    pub attendance: Arc<Attendance>,
    /// Where previews are made.
    pub previews: Previews,
    /// What this process is.
    pub about: Arc<About>,
}

impl App {
    /// An app over these parts.
    pub fn over(behind: Behind) -> Self {
        let Behind { engine, store, cloud, replica, streams, attendance, previews, about } = behind;
        Self { engine, store, cloud, replica, streams, attendance, previews, about }
    }

    /// Sessions, for this call.
    pub fn sessions<'a>(&'a self, call: &'a Call) -> Sessions<'a> {
        Sessions { app: self, call }
    }

    /// Compute hosts, for this call. Whoever may see any of them sees all.
    pub fn hosts<'a>(&'a self, _: &'a Call) -> Hosts<'a> {
        Hosts { app: self }
    }

    /// Notifications, for this call.
    pub fn notifications<'a>(&'a self, call: &'a Call) -> Notifications<'a> {
        Notifications { app: self, call }
    }

    /// Subscriptions, for this call.
    pub fn subscriptions<'a>(&'a self, call: &'a Call) -> Subscriptions<'a> {
        Subscriptions { app: self, call }
    }

    /// Projects and their names, for this call.
    pub fn projects<'a>(&'a self, call: &'a Call) -> Projects<'a> {
        Projects { app: self, call }
    }

    /// Policies of owners, for this call.
    pub fn policies<'a>(&'a self, call: &'a Call) -> Policies<'a> {
        Policies { app: self, call }
    }

    /// Whether what an owner names is in the cloud.
    pub async fn named(&self, field: &str, look: impl Fn(&CloudGroups) -> Named) -> Named {
        self.engine.named(field, look).await
    }

    /// The audit trail, for this call. Whoever may see any of it sees all.
    pub fn audit<'a>(&'a self, _: &'a Call) -> Audit<'a> {
        Audit { app: self }
    }

    /// How much may be kept.
    pub fn quotas(&self) -> &Quotas {
        self.store.quotas()
    }

    /// What this process is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The identity of the database.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn store_id(&self) -> Result<uuid::Uuid, ServeError> {
        Ok(self.store.identity().await?.store_id)
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.engine.now()
    }

    /// Makes and reads page tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.streams.tokens
    }

    /// Requests that may be repeated: this call is one.
    pub fn requests<'a>(&'a self, call: &'a Call) -> Requests<'a> {
        Requests { store: &self.store, call }
    }

    /// Opens a stream for this call; `snapshot` is made if it begins with one.
    ///
    /// # Errors
    /// The stream cannot begin where it is asked to, or there are too many.
    pub async fn stream<R, F>(
        &self,
        call: &Call,
        open: Open,
        snapshot: impl FnOnce() -> F,
    ) -> Result<Frames, ServeError>
    where
        R: Streamed + 'static,
        F: Future<Output = Result<Snapshot<R>, ServeError>>,
    {
        self.streams.open(&self.store, open, call, snapshot).await
    }

    /// Whether the database answers, and takes what is written.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn probe(&self) -> Result<(), String> {
        self.store.probe().await
    }

    /// Whether this replica may work on sessions.
    pub fn has_lease(&self) -> bool {
        self.replica.alive().is_some()
    }
}

/// Why the store did not change something that is not there, or not as the caller's etag says. `current`: its revision.
async fn refused(
    error: StoreError,
    absent: ServeError,
    has_etag: bool,
    current: impl Future<Output = Result<Option<u64>, StoreError>>,
) -> ServeError {
    match error {
        StoreError::NotFound => absent,
        StoreError::Conflict if !has_etag => ServeError::Concurrent,
        StoreError::Conflict => match current.await {
            Ok(current) => {
                let etag = current.map(crate::convert::session::etag).unwrap_or_default();
                ServeError::EtagMismatch { etag }
            }
            Err(error) => error.into(),
        },
        StoreError::AheadOfTopic { last } => {
            ServeError::field("sequence", format!("is higher than the project's newest, {last}"))
        }
        error @ (StoreError::HostBusy { .. }
        | StoreError::RequestExists
        | StoreError::Exists { .. }
        | StoreError::Quota(_)
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::NewerFormat { .. }
        | StoreError::Nul
        | StoreError::Hopeless(_)
        | StoreError::Database(_)) => error.into(),
    }
}
