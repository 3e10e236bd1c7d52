//! An owner that runs against a scripted server, and what its hooks were told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fermata_client::owner::{HandlerCall, OwnerItem, Reply};
use fermata_client::v1::Warning;
use fermata_client::{Hooks, Owner, WatchItem, error};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::Status;

use crate::notifications::{Scripted, Step};

/// What the hooks were told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) calls: Mutex<Vec<String>>,
    pub(crate) replies: Mutex<Vec<String>>,
    pub(crate) refused: Mutex<Vec<String>>,
    pub(crate) given_up: Mutex<Vec<String>>,
    pub(crate) warnings: Mutex<Vec<Warning>>,
    pub(crate) read: AtomicUsize,
}

impl Told {
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn replies(&self) -> Vec<String> {
        self.replies.lock().unwrap().clone()
    }
}

pub(crate) struct Telling(pub(crate) Arc<Told>);

impl Hooks for Telling {
    fn on_item(&self, item: &OwnerItem) {
        if !matches!(item, WatchItem::Connected) {
            self.0.read.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn on_warning(&self, warning: &Warning) {
        self.0.warnings.lock().unwrap().push(warning.clone());
    }

    fn on_handler(&self, call: &HandlerCall<'_>) {
        let said = format!("{} {} {}", call.id, call.attempt, call.phase.name());
        self.0.calls.lock().unwrap().push(said);
    }

    fn on_reply(&self, reply: &Reply<'_>) {
        let outcome = reply.refused.map_or_else(|| "accepted".to_owned(), error::reason_or_code);
        let fallback = if reply.fallback { " fallback" } else { "" };
        let said = format!("{}{fallback} {outcome}", reply.answer.name());
        self.0.replies.lock().unwrap().push(said);
    }

    fn on_reply_refused(&self, reply: &Reply<'_>) {
        self.0.refused.lock().unwrap().push(error::reason_or_code(reply.refused.unwrap()));
    }

    fn on_error(&self, call: &HandlerCall<'_>) {
        self.0.given_up.lock().unwrap().push(call.id.to_owned());
    }
}

/// An owner that runs until the test stops it, or ends.
pub(crate) struct Running {
    pub(crate) scripted: Scripted,
    pub(crate) told: Arc<Told>,
    pub(crate) run: JoinHandle<Result<(), Status>>,
    stop: Option<oneshot::Sender<()>>,
}

pub(crate) fn owner() -> Owner {
    Owner::new("p", "vnfm")
}

impl Running {
    pub(crate) async fn script(steps: Vec<Step>, owner: Owner) -> Self {
        Self::on(Scripted::run(vec![steps]).await, owner)
    }

    pub(crate) fn on(scripted: Scripted, owner: Owner) -> Self {
        let told = Arc::new(Told::default());
        let owner = owner.hooks(Telling(Arc::clone(&told)));
        let (stop, stopped) = oneshot::channel::<()>();
        let channel = scripted.channel();
        let stopped = async { stopped.await.unwrap() };
        let run = tokio::spawn(async move { owner.run_until(channel, stopped).await });
        Self { scripted, told, run, stop: Some(stop) }
    }

    /// Tells it to stop; `run` ends when it has.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.run.abort();
    }
}
