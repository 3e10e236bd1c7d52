//! One run of an owner: reads its stream, hands out what comes, acknowledges what has been handled.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fermata_proto::v1::stream_start::Start;
use fermata_proto::v1::{
    AcknowledgePositionRequest, OwnerEvent, OwnerSnapshot, PutSubscriptionRequest, StreamPoint,
    StreamStart, SubscribeRequest, Subscription, owner_event,
};
use futures::StreamExt;
use tokio::time::timeout;
use tonic::{Request, Status};
use tracing::{info, warn};

use crate::backoff::Backoff;
use crate::error::ErrorDetails;
use crate::owner::context::Context;
use crate::owner::events::Events;
use crate::owner::hooks::OwnerItem;
use crate::owner::positions::Positions;
use crate::owner::questions::Questions;
use crate::watch::recovery::{Verdict, judge};
use crate::watch::{WatchItem, WatchOptions, watch};

/// With so many events that are not handled yet, reading pauses.
const MOST_UNHANDLED: usize = 1000;
/// A position is acknowledged at most once in so long.
const ACKNOWLEDGE_EVERY: Duration = Duration::from_secs(1);
/// Handlers have so long to end when the owner stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one call may take before it is made again.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs until `stop`, or until an error that trying again cannot mend.
pub(super) async fn run(
    context: Arc<Context>,
    stop: impl Future<Output = ()>,
) -> Result<(), Status> {
    // Whoever drops this leaves nothing behind.
    let _abandoned = context.abandoned.clone().drop_guard();
    let positions = Positions::new(MOST_UNHANDLED);
    let mut reader = Reader {
        questions: Questions::new(Arc::clone(&context)),
        events: Events::new(Arc::clone(&context)),
        positions: Arc::clone(&positions),
        context: Arc::clone(&context),
        store_id: String::new(),
    };
    let ended = tokio::select! {
        biased;
        () = stop => Ok(()),
        ended = reader.read() => ended,
        () = acknowledge_often(&context, &positions) => Ok(()),
    };
    context.stopping.cancel();
    context.tasks.close();
    if timeout(STOP_TIMEOUT, context.tasks.wait()).await.is_err() {
        warn!("handlers did not end in time, and are dropped");
        context.abandoned.cancel();
        context.tasks.wait().await;
    }
    acknowledge(&context, &positions).await;
    ended
}

struct Reader {
    context: Arc<Context>,
    questions: Questions,
    events: Events,
    positions: Arc<Positions>,
    /// That of the last snapshot.
    store_id: String,
}

impl Reader {
    async fn read(&mut self) -> Result<(), Status> {
        put_subscription(&self.context).await?;
        let settings = &self.context.settings;
        let acknowledged = Start::Point(StreamPoint::Acknowledged.into());
        let request = SubscribeRequest {
            project_id: settings.project_id.clone(),
            subscription_id: settings.subscription_id.clone(),
            start: Some(StreamStart { start: Some(acknowledged) }),
            heartbeat_interval: settings.heartbeat_interval.and_then(|i| i.try_into().ok()),
            ..Default::default()
        };
        let mut items = watch(self.context.channel.clone(), request, WatchOptions::default());
        while let Some(item) = items.next().await {
            let item = item?;
            self.context.hooks.on_item(&item);
            self.take(item);
            self.positions.room().await;
        }
        Ok(())
    }

    fn take(&mut self, item: OwnerItem) {
        match item {
            WatchItem::Snapshot { snapshot, position } => {
                self.snapshot(snapshot, position.store_id, position.sequence);
            }
            WatchItem::Event { event, position } => self.event(event, position.sequence),
            WatchItem::Connected => info!("the stream is open"),
            WatchItem::Interrupted { error, retry_in } => {
                info!(%error, ?retry_in, "the stream was interrupted");
            }
        }
    }

    fn snapshot(&mut self, snapshot: OwnerSnapshot, store_id: String, sequence: u64) {
        if !self.store_id.is_empty() && self.store_id != store_id {
            self.questions.forget();
            self.positions.forget();
        }
        self.store_id = store_id;
        let ticket = self.positions.snapshot(sequence);
        self.questions.keep(&snapshot.notifications);
        for notification in snapshot.notifications {
            self.questions.take(notification, ticket.hold());
        }
        ticket.done();
    }

    fn event(&mut self, event: OwnerEvent, sequence: u64) {
        let ticket = self.positions.event(sequence);
        match event.event {
            Some(owner_event::Event::Notification(asked)) => self.questions.take(asked, ticket),
            Some(owner_event::Event::Server(server)) => self.events.server(server, ticket),
            Some(owner_event::Event::Session(session)) => self.events.session(session, ticket),
            // Of a kind that this version does not know.
            None => ticket.done(),
        }
    }
}

/// While the server is away it waits.
async fn put_subscription(context: &Context) -> Result<(), Status> {
    let settings = &context.settings;
    let subscription = Subscription {
        project_id: settings.project_id.clone(),
        id: settings.subscription_id.clone(),
        display_name: settings.display_name.clone(),
        ..Default::default()
    };
    let mut backoff = Backoff::default();
    loop {
        let subscription = Some(subscription.clone());
        let request = limited(PutSubscriptionRequest { subscription, ..Default::default() });
        let error = match context.channel.notifications().put_subscription(request).await {
            Ok(stored) => {
                for warning in &stored.get_ref().warnings {
                    warn!(field = warning.field, "{}", warning.message);
                    context.hooks.on_warning(warning);
                }
                return Ok(());
            }
            Err(error) => error,
        };
        if judge(&error, false) == Verdict::GiveUp {
            return Err(error);
        }
        let wait = backoff.next(ErrorDetails::of(&error).retry_after);
        info!(error = error.message(), retry_in = ?wait, "could not put the subscription; retrying");
        tokio::time::sleep(wait).await;
    }
}

async fn acknowledge_often(context: &Context, positions: &Positions) {
    loop {
        positions.moved.notified().await;
        acknowledge(context, positions).await;
        // Not a wait for something: it keeps the rate.
        tokio::time::sleep(ACKNOWLEDGE_EVERY).await;
    }
}

async fn acknowledge(context: &Context, positions: &Positions) {
    let Some(sequence) = positions.to_acknowledge() else { return };
    let settings = &context.settings;
    let request = limited(AcknowledgePositionRequest {
        project_id: settings.project_id.clone(),
        subscription_id: settings.subscription_id.clone(),
        sequence,
        ..Default::default()
    });
    match context.channel.notifications().acknowledge_position(request).await {
        Ok(_) => {
            positions.acknowledged(sequence);
            context.hooks.on_acknowledged(sequence);
        }
        Err(error) => {
            // The next one, or the next start, makes up for it: events that are not acknowledged come again.
            info!(sequence, error = error.message(), "could not acknowledge the position");
            // A position that this database does not know is not acknowledged by another try.
            if judge(&error, false) != Verdict::GiveUp {
                positions.moved.notify_one();
            }
        }
    }
}

fn limited<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(CALL_TIMEOUT);
    request
}
