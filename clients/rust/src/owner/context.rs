//! What all parts of a run share.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fermata_proto::v1::{Notification, OwnerSessionEvent, ServerEvent};
use futures::future::BoxFuture;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answer::Answer;
use crate::channel::Channel;
use crate::owner::hooks::{HandlerError, Hooks};

/// A handler at work.
pub(super) type Handling<T> = BoxFuture<'static, Result<T, HandlerError>>;
/// A handler.
pub(super) type Handler<I, O> = Arc<dyn Fn(I) -> Handling<O> + Send + Sync>;

/// What an author has registered.
#[derive(Clone, Default)]
pub(super) struct Handlers {
    pub(super) planned: Option<Handler<Notification, Answer>>,
    pub(super) drain: Option<Handler<Notification, Answer>>,
    pub(super) scale_in: Option<Handler<Notification, Answer>>,
    pub(super) server: Option<Handler<ServerEvent, ()>>,
    pub(super) session: Option<Handler<OwnerSessionEvent, ()>>,
    pub(super) complete: Option<Handler<OwnerSessionEvent, ()>>,
}

/// What answers a question that no handler has decided in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// [`Answer::accept`]; to SCALE_IN [`Answer::reject`].
    #[default]
    Accept,
    /// [`Answer::reject`].
    Reject,
}

/// What an author has set.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) project_id: String,
    pub(super) subscription_id: String,
    pub(super) display_name: String,
    pub(super) fallback: Fallback,
    pub(super) answer_margin: Duration,
    pub(super) concurrency: usize,
    pub(super) heartbeat_interval: Option<Duration>,
}

pub(super) struct Context {
    pub(super) channel: Channel,
    pub(super) settings: Settings,
    pub(super) handlers: Handlers,
    pub(super) hooks: Arc<dyn Hooks>,
    /// No handler begins any more.
    pub(super) stopping: CancellationToken,
    /// Handlers that run end, too.
    pub(super) abandoned: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Context {
    /// Works beside everything else, until it is done or the run is over.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let abandoned = self.abandoned.clone();
        self.tasks.spawn(async move {
            abandoned.run_until_cancelled(work).await;
        });
    }

    /// Waits so long. `None`: the owner stops.
    pub(super) async fn rest(&self, wait: Duration) -> Option<()> {
        self.stopping.run_until_cancelled(sleep(wait)).await
    }
}
