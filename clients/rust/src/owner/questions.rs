//! Questions: each is given to a handler once, answered once, and withdrawn when it does not matter any more.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use fermata_proto::v1::{Notification, NotificationKind, NotificationState};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::owner::answering::Answering;
use crate::owner::context::Context;
use crate::owner::hooks::HandlerName;
use crate::owner::key::Key;
use crate::owner::positions::Ticket;
use crate::owner::question::Question;
use crate::owner::telemetry;

/// All questions of an owner. Belongs to the one who reads the stream.
pub(super) struct Questions {
    context: Arc<Context>,
    turns: Arc<Semaphore>,
    asked: HashMap<String, Asked>,
}

/// What was asked by one notification.
#[derive(Default)]
struct Asked {
    keys: HashSet<Key>,
    revision: u64,
    /// The last question.
    last: Option<Arc<Question>>,
}

impl Asked {
    fn withdraw(&self) {
        if let Some(last) = &self.last {
            last.withdraw();
        }
    }
}

impl Questions {
    pub(super) fn new(context: Arc<Context>) -> Self {
        let turns = Arc::new(Semaphore::new(context.settings.concurrency));
        Self { context, turns, asked: HashMap::new() }
    }

    /// A notification as it stands now. The ticket is done when its question is.
    pub(super) fn take(&mut self, notification: Notification, ticket: Ticket) {
        let (state, handler) = (notification.state(), handler_of(&notification));
        let Some(handler) = handler.filter(|_| state == NotificationState::Pending) else {
            self.ends(&notification.id, state);
            return ticket.done();
        };
        let asked = self.asked.entry(notification.id.clone()).or_default();
        let key = Key::of(&notification);
        if asked.keys.contains(&key) || key.plan_revision < asked.revision {
            return match &asked.last {
                Some(last) if last.key == key => last.hold(ticket),
                Some(_) | None => ticket.done(),
            };
        }
        telemetry::question(handler);
        asked.keys.insert(key);
        asked.revision = key.plan_revision;
        asked.withdraw();
        let question = Arc::new(Question::new(key, handler, notification, ticket));
        let before = asked.last.replace(Arc::clone(&question)).map(|last| last.ended.clone());
        self.ask(question, before);
    }

    /// A snapshot has these notifications: questions of all others do not matter any more.
    pub(super) fn keep(&mut self, notifications: &[Notification]) {
        let there: HashSet<&str> = notifications.iter().map(|n| n.id.as_str()).collect();
        self.asked.retain(|id, asked| {
            let stays = there.contains(id.as_str());
            if !stays {
                asked.withdraw();
            }
            stays
        });
    }

    /// The database is another one, which does not know the answers that were given.
    pub(super) fn forget(&mut self) {
        for asked in self.asked.values_mut() {
            asked.withdraw();
            asked.keys.clear();
            asked.revision = 0;
        }
    }

    /// A notification does not wait for a reply.
    fn ends(&mut self, id: &str, state: NotificationState) {
        let Some(asked) = self.asked.get(id) else { return };
        asked.withdraw();
        // A question in one of these states is never asked again.
        if matches!(state, NotificationState::Closed | NotificationState::Expired) {
            self.asked.remove(id);
        }
    }

    fn ask(&self, question: Arc<Question>, before: Option<CancellationToken>) {
        let answering = Answering::new(Arc::clone(&self.context), Arc::clone(&self.turns));
        self.context.spawn(async move { answering.run(question, before).await });
    }
}

/// `None`: a kind of question that this version does not know.
fn handler_of(notification: &Notification) -> Option<HandlerName> {
    match notification.kind() {
        NotificationKind::Unspecified => None,
        NotificationKind::Planned => Some(HandlerName::Planned),
        NotificationKind::Drain => Some(HandlerName::Drain),
        NotificationKind::ScaleIn => Some(HandlerName::ScaleIn),
    }
}
