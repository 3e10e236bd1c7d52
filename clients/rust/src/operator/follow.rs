//! A session that is followed to its end.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use fermata_proto::v1::{
    CompleteHostRequest, FailHostRequest, SessionEvent, SessionHost, SessionHostState,
    SessionReport, SessionState, WatchSessionRequest, session_event,
};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::Status;
use tracing::warn;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::error::ErrorDetails;
use crate::operator::Operator;
use crate::owner::HandlerError;
use crate::watch::recovery::{Verdict, judge};
use crate::watch::{WatchItem, WatchOptions, watch};

/// The contract's limit of a reason, in characters.
const REASON: usize = 1024;

/// Works on a host that is empty and held.
pub type HostHandler =
    Arc<dyn Fn(SessionHost) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;
/// Hears of each event of the session, in order.
pub type EventHandler = Arc<dyn Fn(&SessionEvent) + Send + Sync>;

/// A session that is followed, made by [`Operator::follow`]. `.await` it: it gives the report when the session is COMPLETED or
/// CANCELLED. A session that is PAUSED or FAILED waits for somebody, and this waits with it.
///
/// Its errors are what trying again cannot mend, for example NOT_FOUND. Whoever drops it drops the work on hosts.
#[must_use = "a session is followed when this is awaited"]
pub struct Follow {
    operator: Operator,
    session_id: String,
    on_host_ready: Option<HostHandler>,
    on_event: Option<EventHandler>,
}

impl Follow {
    pub(super) fn new(operator: Operator, session_id: String) -> Self {
        Self { operator, session_id, on_host_ready: None, on_event: None }
    }

    /// Is called for each host that is in maintenance and empty, beside each other. When it returns, the host is completed; when
    /// it fails, the host has failed, with its error as the reason. After a restart of your program it is called again for a host
    /// that is still in maintenance. Without it hosts are left to somebody else.
    pub fn on_host_ready<F, R>(mut self, handler: F) -> Self
    where
        F: Fn(SessionHost) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.on_host_ready = Some(Arc::new(move |host| handler(host).boxed()));
        self
    }

    /// Is called for each event that comes after the beginning. It should return soon: the next event waits for it.
    pub fn on_event(mut self, handler: impl Fn(&SessionEvent) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(handler));
        self
    }

    async fn until_the_end(self) -> Result<SessionReport, Status> {
        let session_id = self.session_id.clone();
        let operator = self.operator.clone();
        let mut following = Following {
            follow: self,
            hosts: HashMap::new(),
            work: HashMap::new(),
            tasks: JoinSet::new(),
        };
        let request = WatchSessionRequest { session_id: session_id.clone(), ..Default::default() };
        let mut items = watch(operator.channel.clone(), request, WatchOptions::default());
        while let Some(item) = items.next().await {
            if following.take(item?) {
                break;
            }
        }
        // What was said of a host was taken, but its answer may still be on its way.
        while following.tasks.join_next().await.is_some() {}
        operator.report(session_id).await
    }
}

impl IntoFuture for Follow {
    type Output = Result<SessionReport, Status>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.until_the_end().boxed()
    }
}

impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

struct Following {
    follow: Follow,
    hosts: HashMap<String, SessionHost>,
    /// Hosts in maintenance whose work has begun.
    work: HashMap<String, tokio::task::AbortHandle>,
    tasks: JoinSet<()>,
}

impl Following {
    /// Returns whether the session has ended.
    fn take(&mut self, item: WatchItem<fermata_proto::v1::SessionSnapshot, SessionEvent>) -> bool {
        match item {
            WatchItem::Snapshot { snapshot, .. } => {
                self.hosts = snapshot.hosts.into_iter().map(|h| (h.host.clone(), h)).collect();
                for host in self.hosts.values().cloned().collect::<Vec<_>>() {
                    self.look_at(host);
                }
                let status = snapshot.session.and_then(|session| session.status);
                status.is_some_and(|status| has_ended(status.state()))
            }
            WatchItem::Event { event, .. } => {
                let ended = self.apply(&event);
                if let Some(on_event) = &self.follow.on_event {
                    on_event(&event);
                }
                ended
            }
            WatchItem::Connected | WatchItem::Interrupted { .. } => false,
        }
    }

    fn apply(&mut self, event: &SessionEvent) -> bool {
        if let Some(session_event::Event::Host(change)) = &event.event {
            let host = self.hosts.entry(change.host.clone()).or_default();
            host.host.clone_from(&change.host);
            host.state = change.state;
            host.state_reason.clone_from(&change.reason);
            host.state_cause.clone_from(&change.cause);
            (host.servers_total, host.servers_done) = (change.servers_total, change.servers_done);
            let host = host.clone();
            self.look_at(host);
        }
        matches!(&event.event, Some(session_event::Event::Session(session)) if has_ended(session.state()))
    }

    fn look_at(&mut self, host: SessionHost) {
        if host.state() != SessionHostState::InMaintenance {
            // If it comes into maintenance again, the work begins again.
            self.work.remove(&host.host);
            return;
        }
        let Some(handler) = self.follow.on_host_ready.clone() else { return };
        if self.work.contains_key(&host.host) {
            return;
        }
        let (operator, session_id) = (self.follow.operator.clone(), self.follow.session_id.clone());
        let name = host.host.clone();
        let task = self.tasks.spawn(work(operator, session_id, handler, host));
        self.work.insert(name, task);
    }
}

fn has_ended(state: SessionState) -> bool {
    matches!(state, SessionState::Completed | SessionState::Cancelled)
}

async fn work(operator: Operator, session_id: String, handler: HostHandler, host: SessionHost) {
    let name = host.host.clone();
    let panicked = |_| HandlerError::from("the handler panicked");
    let handling = AssertUnwindSafe(async move { handler(host).await }).catch_unwind();
    let worked = handling.await.map_err(panicked).and_then(|worked| worked);
    let request_id = Uuid::now_v7().to_string();
    let reason = worked.as_ref().err().map(|error| reason_of(&**error));
    if let Some(reason) = &reason {
        warn!(host = name, reason, "the work on a host failed");
    }
    let mut backoff = Backoff::default();
    loop {
        let (session_id, host) = (session_id.clone(), name.clone());
        let (request_id, reason) = (request_id.clone(), reason.clone());
        let mut sessions = operator.channel.sessions();
        let told = match reason {
            Some(reason) => {
                let failed =
                    FailHostRequest { session_id, host, reason, request_id, ..Default::default() };
                sessions.fail_host(failed).await.map(|_| ())
            }
            None => {
                let done =
                    CompleteHostRequest { session_id, host, request_id, ..Default::default() };
                sessions.complete_host(done).await.map(|_| ())
            }
        };
        let Err(error) = told else { return };
        if judge(&error, false) == Verdict::GiveUp {
            // Somebody else decided about the host meanwhile; the session shows what.
            warn!(
                host = name,
                error = error.message(),
                "the host could not be completed or failed"
            );
            return;
        }
        sleep(backoff.next(ErrorDetails::of(&error).retry_after)).await;
    }
}

/// An error as the reason of a host that has failed: not empty, and not longer than the contract allows.
fn reason_of(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let text: String = error.to_string().chars().take(REASON).collect();
    if text.is_empty() { "the work failed".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_neither_empty_nor_too_long() {
        assert_eq!(reason_of(&*HandlerError::from("")), "the work failed");
        assert_eq!(reason_of(&*HandlerError::from("é".repeat(2000))), "é".repeat(REASON));
    }
}
