//! An owner that agrees to everything: it takes part for one project and answers every question
//! with the first action that is allowed for each server.
//!
//! `cargo run -p fermata-client --example owner -- http://127.0.0.1:7400 PROJECT_ID`

use std::error::Error;

use fermata_client::Channel;
use fermata_client::v1::notification_service_client::NotificationServiceClient;
use fermata_client::v1::stream_start::Start;
use fermata_client::v1::{
    Accept, AcknowledgePositionRequest, Action, Decision, Notification, NotificationState,
    OwnerEvent, PutSubscriptionRequest, ReplyRequest, StreamPoint, StreamStart, SubscribeRequest,
    Subscription, owner_event, reply_request,
};
use fermata_client::{WatchItem, WatchOptions, connect, watch};
use futures::TryStreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(project_id)) = (arguments.next(), arguments.next()) else {
        return Err("usage: owner SERVER PROJECT_ID".into());
    };
    let channel = connect(&server).await?;
    let mut calls = NotificationServiceClient::new(channel.clone());

    // From now on this project's silence means something; see SessionSpec.on_silence. The id is the same on every start, so
    // that there is one subscription however often this program starts.
    let subscription = Subscription {
        project_id: project_id.clone(),
        id: "example-owner".to_owned(),
        display_name: "example owner".to_owned(),
        ..Default::default()
    };
    calls
        .put_subscription(PutSubscriptionRequest {
            subscription: Some(subscription.clone()),
            ..Default::default()
        })
        .await?;

    // Goes on after what the last run acknowledged; nothing is kept here.
    let acknowledged = Start::Point(StreamPoint::Acknowledged.into());
    let call = SubscribeRequest {
        project_id: project_id.clone(),
        subscription_id: subscription.id.clone(),
        start: Some(StreamStart { start: Some(acknowledged) }),
        ..Default::default()
    };
    let mut items = watch(channel, call, WatchOptions::default());
    while let Some(item) = items.try_next().await? {
        let done = match &item {
            WatchItem::Snapshot { position, .. } | WatchItem::Event { position, .. } => {
                Some(position.sequence)
            }
            WatchItem::Interrupted { .. } => None,
        };
        match item {
            WatchItem::Snapshot { snapshot, .. } => {
                for notification in snapshot.notifications {
                    answer(&mut calls, notification).await;
                }
            }
            WatchItem::Event { event: OwnerEvent { event: Some(event) }, .. } => match event {
                owner_event::Event::Notification(notification) => {
                    answer(&mut calls, notification).await;
                }
                owner_event::Event::Server(server) => {
                    println!("{}: {}", server.name, server.change().as_str_name());
                }
                owner_event::Event::Session(session) => {
                    println!("session: {}", session.change().as_str_name());
                }
            },
            // An event of a kind that this version does not know.
            WatchItem::Event { event: OwnerEvent { event: None }, .. } => {}
            WatchItem::Interrupted { error, retry_in } => {
                eprintln!("{error}, again in {retry_in:?}")
            }
        }
        if let Some(sequence) = done {
            let acknowledge = AcknowledgePositionRequest {
                project_id: project_id.clone(),
                subscription_id: subscription.id.clone(),
                sequence,
                ..Default::default()
            };
            // What is not acknowledged comes once more after the next start.
            if let Err(status) = calls.acknowledge_position(acknowledge).await {
                eprintln!("not acknowledged: {}", status.message());
            }
        }
    }
    Ok(())
}

async fn answer(calls: &mut NotificationServiceClient<Channel>, asked: Notification) {
    if asked.state() != NotificationState::Pending {
        return;
    }
    // Too many servers for one message: all of them take what is offered. ListNotificationServers would have them.
    let action = if asked.servers_omitted { asked.default_action() } else { Action::Unspecified };
    let decisions = asked
        .servers
        .iter()
        .filter_map(|server| {
            let action = *server.allowed_actions.first()?;
            Some(Decision { server_id: server.server_id.clone(), action })
        })
        .collect();
    let reply = ReplyRequest {
        request_id: format!("{}-{}", asked.id, asked.plan_revision),
        project_id: asked.project_id,
        notification_id: asked.id,
        plan_revision: asked.plan_revision,
        answer: Some(reply_request::Answer::Accept(Accept { decisions, action: action.into() })),
        ..Default::default()
    };
    match calls.reply(reply).await {
        Ok(_) => println!("accepted {} servers", asked.server_count),
        // The plan moved on or the time is over; where an answer is still wanted, it is asked again.
        Err(status) => eprintln!("not accepted: {}", status.message()),
    }
}
