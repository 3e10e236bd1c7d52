//! Events: those of one session in order, those of different sessions beside each other.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fermata_proto::v1::{OwnerSessionChange, OwnerSessionEvent, ServerEvent};
use tokio::sync::Semaphore;
use tracing::error;

use crate::owner::call::{Call, CallError, wait_after};
use crate::owner::context::{Context, Handling};
use crate::owner::hooks::{HandlerName, Phase};
use crate::owner::positions::Ticket;
use crate::owner::telemetry;

/// How often the handler of an event is called at most.
const ATTEMPTS: u32 = 5;

/// All events of an owner that are no questions.
pub(super) struct Events {
    context: Arc<Context>,
    turns: Arc<Semaphore>,
    /// Those that wait, by session. A session that is here has a task.
    lanes: Arc<Mutex<Lanes>>,
}

type Lanes = HashMap<String, VecDeque<Event>>;

/// An event that a handler waits for.
struct Event {
    handler: HandlerName,
    /// The server or session that it is about.
    id: String,
    handle: Box<dyn Fn() -> Handling<()> + Send + Sync>,
    ticket: Ticket,
}

impl Events {
    pub(super) fn new(context: Arc<Context>) -> Self {
        let turns = Arc::new(Semaphore::new(context.settings.concurrency));
        Self { context, turns, lanes: Arc::default() }
    }

    /// Something happened to a server.
    pub(super) fn server(&self, event: ServerEvent, ticket: Ticket) {
        telemetry::event(HandlerName::Server);
        let Some(handler) = self.context.handlers.server.clone() else { return ticket.done() };
        let (session_id, id) = (event.session_id.clone(), event.server_id.clone());
        let handle = Box::new(move || handler(event.clone()));
        self.take(session_id, Event { handler: HandlerName::Server, id, handle, ticket });
    }

    /// Something happened to a session.
    pub(super) fn session(&self, event: OwnerSessionEvent, ticket: Ticket) {
        let handlers = &self.context.handlers;
        let over = [OwnerSessionChange::Completed, OwnerSessionChange::Cancelled];
        let is_over = over.contains(&event.change());
        let complete = handlers.complete.as_ref().filter(|_| is_over);
        let name = if complete.is_some() { HandlerName::Complete } else { HandlerName::Session };
        telemetry::event(name);
        let Some(handler) = complete.or(handlers.session.as_ref()).cloned() else {
            return ticket.done();
        };
        let id = event.session_id.clone();
        let handle = Box::new(move || handler(event.clone()));
        self.take(id.clone(), Event { handler: name, id, handle, ticket });
    }

    fn take(&self, session_id: String, event: Event) {
        let mut lanes = lock(&self.lanes);
        if let Some(waiting) = lanes.get_mut(&session_id) {
            return waiting.push_back(event);
        }
        lanes.insert(session_id.clone(), VecDeque::from([event]));
        let (context, turns) = (Arc::clone(&self.context), Arc::clone(&self.turns));
        let lanes = Arc::clone(&self.lanes);
        self.context.spawn(async move {
            while let Some(event) = next(&lanes, &session_id) {
                let Some(Ok(_turn)) = context.stopping.run_until_cancelled(turns.acquire()).await
                else {
                    return;
                };
                if !handled(&context, &event).await {
                    return;
                }
                event.ticket.done();
            }
        });
    }
}

/// The next event of a session. `None`: there is none, and the next one that comes begins a lane.
fn next(lanes: &Mutex<Lanes>, session_id: &str) -> Option<Event> {
    let mut lanes = lock(lanes);
    let event = lanes.get_mut(session_id).and_then(VecDeque::pop_front);
    if event.is_none() {
        lanes.remove(session_id);
    }
    event
}

fn lock(lanes: &Mutex<Lanes>) -> MutexGuard<'_, Lanes> {
    lanes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls the handler until it returns, or often enough. False: the owner stops first.
async fn handled(context: &Context, event: &Event) -> bool {
    for attempt in 1..=ATTEMPTS {
        if context.stopping.is_cancelled() {
            return false;
        }
        let call = Call { handler: event.handler, id: &event.id, plan_revision: 0, attempt };
        let handling = async { (event.handle)().await };
        match call.make(&*context.hooks, handling, None).await {
            Ok(()) => return true,
            Err(CallError::Failed(failure)) if attempt == ATTEMPTS => {
                error!(handler = %event.handler, id = event.id, error = %failure, "event given up");
                context.hooks.on_error(&call.told(Phase::Failed(&failure)));
            }
            Err(CallError::Failed(_) | CallError::OutOfTime) => {
                if context.rest(wait_after(attempt)).await.is_none() {
                    return false;
                }
            }
        }
    }
    true
}
