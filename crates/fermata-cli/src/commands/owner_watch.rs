//! `fermata owner watch`: everything that concerns one project.

use fermata_client::v1::stream_start::Start;
use fermata_client::v1::{StreamPoint, StreamStart, SubscribeRequest, SubscriptionFilter};
use fermata_client::{WatchItem, WatchOptions};
use futures::TryStreamExt;

use super::context::Context;
use super::ids::session_of_owner;
use super::watching::{Cuts, line_of_json, response};
use crate::args::Format;
use crate::args::owner::WatchArgs;
use crate::failure::Failure;
use crate::output::live::Live;
use crate::view;

pub(super) async fn watch(args: WatchArgs, context: &Context<'_>) -> Result<(), Failure> {
    let screen = context.screen;
    let live = Live::new(screen);
    let acknowledged = Start::Point(StreamPoint::Acknowledged.into());
    let filter = match &args.session {
        None => None,
        Some(given) => {
            let session_id = session_of_owner(context, &args.project.project, given).await?;
            Some(SubscriptionFilter { session_id })
        }
    };
    let names = context.names_of([&args.project.project]).await;
    let call = SubscribeRequest {
        project_id: args.project.project,
        filter,
        subscription_id: args.subscription.unwrap_or_default(),
        start: args.resume.then_some(StreamStart { start: Some(acknowledged) }),
        ..Default::default()
    };
    let channel = context.channel().await?;
    let mut items = fermata_client::watch(channel, call, WatchOptions::default());
    let mut cuts = Cuts::default();
    while let Some(item) = items.try_next().await? {
        match (item, screen.format) {
            (WatchItem::Snapshot { snapshot, .. }, Format::Table) => {
                screen.line(
                    view::owner_event::snapshot(&snapshot, &names, screen.now()).trim_end(),
                )?;
            }
            (WatchItem::Snapshot { snapshot, position }, Format::Json) => line_of_json(
                screen,
                &response!(SubscribeResponse of subscribe_response: Snapshot(snapshot), position),
            )?,
            (WatchItem::Event { event, position }, Format::Table) => {
                let now = screen.now();
                let time = position.time.as_ref();
                if let Some(text) = view::owner_event::event(&event, &names, time, now) {
                    screen.line(text)?;
                }
            }
            (WatchItem::Event { event, position }, Format::Json) => line_of_json(
                screen,
                &response!(SubscribeResponse of subscribe_response: Event(event), position),
            )?,
            (WatchItem::Connected, _) => cuts.connected(screen, &live)?,
            (WatchItem::Interrupted { error, retry_in }, _) => {
                cuts.interrupted(screen, &live, &error, retry_in)?;
            }
        }
    }
    Ok(())
}
