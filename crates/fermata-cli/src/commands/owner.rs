//! `fermata owner`: which function carries out which command, and the short ones.

use fermata_client::v1::{
    AcknowledgePositionRequest, DeleteSubscriptionRequest, GetNotificationRequest,
    ListNotificationsRequest, ListNotificationsResponse, ListSubscriptionsRequest,
    ListSubscriptionsResponse, Notification, NotificationFilter, PutSubscriptionRequest,
    Subscription, SubscriptionFilter,
};

use super::context::{Context, pages, present};
use super::{ids, owner_reply, owner_watch};
use crate::args::owner::{
    AckArgs, ListArgs, OwnerCommand, SubscribeArgs, SubscriptionsArgs, UnsubscribeArgs,
};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::view;

pub(super) async fn run(mut command: OwnerCommand, context: &Context<'_>) -> Result<(), Failure> {
    // The server warns of a project without servers where something is stored for it.
    let is_warned_of = matches!(&command, OwnerCommand::Subscribe(_));
    let project = command.project_mut();
    *project = if is_warned_of {
        context.project(project).await?
    } else {
        context.known_project(project).await?
    };
    match command {
        OwnerCommand::Watch(args) => owner_watch::watch(args, context).await,
        OwnerCommand::Reply(args) => owner_reply::reply(args, context).await,
        OwnerCommand::Get(args) => {
            let notification = get(args.project.project, args.notification, context).await?;
            show(&notification, context).await
        }
        OwnerCommand::List(args) => list(args, context).await,
        OwnerCommand::Subscribe(args) => subscribe(args, context).await,
        OwnerCommand::Ack(args) => acknowledge(args, context).await,
        OwnerCommand::Subscriptions(args) => subscriptions(args, context).await,
        OwnerCommand::Unsubscribe(args) => unsubscribe(args, context).await,
    }
}

pub(super) async fn show(asked: &Notification, context: &Context<'_>) -> Result<(), Failure> {
    let names = context.names_of([&asked.project_id]).await;
    context.screen.answer(asked, |asked, now| view::owner::notification(asked, &names, now))
}

pub(super) async fn get(
    project_id: String,
    notification_id: String,
    context: &Context<'_>,
) -> Result<Notification, Failure> {
    let notification_id = ids::notification(context, &project_id, &notification_id).await?;
    let mut client = context.notifications().await?;
    let request = GetNotificationRequest { project_id, notification_id };
    present(context.ask(client.get_notification(request)).await?.notification)
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = match args.session.as_str() {
        "" => String::new(),
        given => ids::session_of_owner(context, &args.project.project, given).await?,
    };
    let filter = NotificationFilter {
        session_id,
        states: args.states.iter().map(|&state| state.into()).collect(),
    };
    let mut client = context.notifications().await?;
    let notifications = pages(args.limit.entries(), async |page_size, page_token| {
        let request = ListNotificationsRequest {
            project_id: args.project.project.clone(),
            page_size,
            page_token,
            filter: Some(filter.clone()),
        };
        let page = context.ask(client.list_notifications(request)).await?;
        Ok((page.notifications, page.next_page_token))
    })
    .await?;
    let all = ListNotificationsResponse { notifications, next_page_token: String::new() };
    context.screen.list(&all, view::owner::list)
}

async fn subscribe(args: SubscribeArgs, context: &Context<'_>) -> Result<(), Failure> {
    let filter = match &args.session {
        None => None,
        Some(given) => {
            let session_id = ids::session_of_owner(context, &args.project.project, given).await?;
            Some(SubscriptionFilter { session_id })
        }
    };
    let mut client = context.notifications().await?;
    let subscription = Subscription {
        project_id: args.project.project,
        id: args.subscription,
        display_name: args.name,
        filter,
        ..Default::default()
    };
    let request = PutSubscriptionRequest {
        subscription: Some(subscription),
        mode: args.mode.mode().into(),
        request_id: args.request_id.or_new(),
    };
    let response = context.ask(client.put_subscription(request)).await?;
    context.warn(&response.warnings)?;
    show_subscription(&present(response.subscription)?, context).await
}

async fn acknowledge(args: AckArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut client = context.notifications().await?;
    let request = AcknowledgePositionRequest {
        project_id: args.project.project,
        subscription_id: args.subscription,
        sequence: args.sequence,
        ..Default::default()
    };
    let after = present(context.ask(client.acknowledge_position(request)).await?.subscription)?;
    show_subscription(&after, context).await
}

async fn show_subscription(made: &Subscription, context: &Context<'_>) -> Result<(), Failure> {
    let names = context.names_of([&made.project_id]).await;
    let shown = |made: &_, now| view::owner::subscription(made, &names, now);
    context.screen.answer_about(&made.id, made, shown)
}

async fn subscriptions(args: SubscriptionsArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut client = context.notifications().await?;
    let subscriptions = pages(args.limit.entries(), async |page_size, page_token| {
        let project_id = args.project.clone();
        let request = ListSubscriptionsRequest { project_id, page_size, page_token };
        let page = context.ask(client.list_subscriptions(request)).await?;
        Ok((page.subscriptions, page.next_page_token))
    })
    .await?;
    let names = context.names_of(subscriptions.iter().map(|made| &made.project_id)).await;
    let all = ListSubscriptionsResponse { subscriptions, next_page_token: String::new() };
    context.screen.list(&all, |all, now| view::owner::subscriptions(all, now).naming(&names))
}

async fn unsubscribe(args: UnsubscribeArgs, context: &Context<'_>) -> Result<(), Failure> {
    context.confirm(&format!("delete subscription {} and its position", args.subscription))?;
    let mut client = context.notifications().await?;
    let request = DeleteSubscriptionRequest {
        project_id: args.project.project,
        subscription_id: args.subscription.clone(),
        must_exist: args.must_exist,
        request_id: args.request_id.or_new(),
        ..Default::default()
    };
    let response = context.ask(client.delete_subscription(request)).await?;
    let id = args.subscription;
    context.screen.answer(&response, |_, _| format!("subscription {} is deleted", safe(&id)))
}
