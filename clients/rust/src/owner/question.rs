//! A question, and how far it has come.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fermata_proto::v1::{ListNotificationServersRequest, Notification};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::channel::Channel;
use crate::owner::hooks::HandlerName;
use crate::owner::key::Key;
use crate::owner::positions::Ticket;

/// The most servers in a page.
const PAGE: i32 = 1000;

/// What a notification asks. Each key is a question of its own.
pub(super) struct Question {
    pub(super) key: Key,
    pub(super) handler: HandlerName,
    pub(super) notification: Notification,
    /// It does not wait for an answer any more.
    pub(super) withdrawn: CancellationToken,
    /// Nothing works on it any more.
    pub(super) ended: CancellationToken,
    whole: OnceCell<Notification>,
    progress: Mutex<Progress>,
}

struct Progress {
    stage: Stage,
    /// The question is another one now, or none.
    is_replaced: bool,
    /// What brought it: an event, and snapshots that came while it was not settled.
    tickets: Vec<Ticket>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A handler looks for an answer.
    Asked,
    /// There is an answer on its way, which is not taken back: the server decides what it is worth.
    Replying,
    /// Nothing remains to be done.
    Settled,
}

impl Question {
    pub(super) fn new(
        key: Key,
        handler: HandlerName,
        notification: Notification,
        ticket: Ticket,
    ) -> Self {
        let tickets = vec![ticket];
        Self {
            key,
            handler,
            notification,
            withdrawn: CancellationToken::new(),
            ended: CancellationToken::new(),
            whole: OnceCell::new(),
            progress: Mutex::new(Progress { stage: Stage::Asked, is_replaced: false, tickets }),
        }
    }

    /// It does not matter any more. Its handler is dropped, if there is no answer yet.
    pub(super) fn withdraw(&self) {
        let mut progress = self.lock();
        progress.is_replaced = true;
        if progress.stage == Stage::Asked {
            self.withdrawn.cancel();
        }
    }

    /// An answer is about to be sent. False: it does not matter any more.
    #[must_use]
    pub(super) fn begin_reply(&self) -> bool {
        self.go_to(Stage::Replying)
    }

    /// The answer was not valid, another one is looked for. False: it does not matter any more.
    #[must_use]
    pub(super) fn ask_again(&self) -> bool {
        self.go_to(Stage::Asked)
    }

    /// The same question came once more. Acknowledged before the answer, it would be lost if the owner were killed now.
    pub(super) fn hold(&self, ticket: Ticket) {
        let mut progress = self.lock();
        match progress.stage {
            Stage::Asked | Stage::Replying => progress.tickets.push(ticket),
            Stage::Settled => ticket.done(),
        }
    }

    /// Nothing remains to be done.
    pub(super) fn settle(&self) {
        let mut progress = self.lock();
        progress.stage = Stage::Settled;
        progress.tickets.drain(..).for_each(Ticket::done);
    }

    /// The notification with its servers, which are listed if there were too many for one message.
    ///
    /// # Errors
    /// Those of ListNotificationServers. The next call asks again.
    pub(super) async fn whole(&self, channel: &Channel) -> Result<&Notification, Status> {
        let asked = &self.notification;
        let is_whole = !asked.servers_omitted || !asked.servers.is_empty();
        if is_whole {
            return Ok(asked);
        }
        self.whole.get_or_try_init(|| with_servers(channel, asked)).await
    }

    /// The notification with its servers, if they are known.
    pub(super) fn best(&self) -> &Notification {
        self.whole.get().unwrap_or(&self.notification)
    }

    fn go_to(&self, stage: Stage) -> bool {
        let mut progress = self.lock();
        if !progress.is_replaced {
            progress.stage = stage;
        }
        !progress.is_replaced
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn with_servers(channel: &Channel, asked: &Notification) -> Result<Notification, Status> {
    let mut whole = asked.clone();
    let mut request = ListNotificationServersRequest {
        project_id: asked.project_id.clone(),
        notification_id: asked.id.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    loop {
        let page = channel.notifications().list_notification_servers(request.clone()).await?;
        let page = page.into_inner();
        whole.servers.extend(page.servers);
        if page.next_page_token.is_empty() {
            whole.servers_omitted = false;
            return Ok(whole);
        }
        request.page_token = page.next_page_token;
    }
}
