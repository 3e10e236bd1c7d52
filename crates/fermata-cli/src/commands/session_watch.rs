//! `fermata session watch`: a session until its end.

use fermata_client::v1::{SessionEvent, SessionSnapshot, SessionState, WatchSessionRequest};
use fermata_client::{Position, WatchItem, WatchOptions};
use futures::TryStreamExt;

use super::context::Context;
use super::watching::{Cuts, line_of_json, response};
use crate::args::Format;
use crate::failure::Failure;
use crate::output::Screen;
use crate::output::live::Live;
use crate::view;
use crate::view::projects::{ProjectNames, ids_of_event, ids_of_session};
use crate::view::tracker::Tracker;

/// Follows a session until it is COMPLETED, or ends otherwise, which is a failure.
pub(super) async fn watch(
    id: String,
    past_failure: bool,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let call = WatchSessionRequest { session_id: id.clone(), ..Default::default() };
    let channel = context.channel().await?;
    let mut items = fermata_client::watch(channel, call, WatchOptions::default());
    let mut shown = Shown::new(context.screen.clone());
    let mut cuts = Cuts::default();
    while let Some(item) = items.try_next().await? {
        match item {
            WatchItem::Snapshot { snapshot, position } => {
                let session = snapshot.session.clone().unwrap_or_default();
                context.learn(&mut shown.names, ids_of_session(&session, &snapshot.hosts)).await;
                shown.snapshot(snapshot, position)?;
            }
            WatchItem::Event { event, position } => {
                context.learn(&mut shown.names, ids_of_event(&event)).await;
                shown.event(event, position)?;
            }
            WatchItem::Connected => cuts.connected(&shown.screen, &shown.live)?,
            WatchItem::Interrupted { error, retry_in } => {
                cuts.interrupted(&shown.screen, &shown.live, &error, retry_in)?;
            }
        }
        let state = shown.tracker.state();
        if is_over(state, past_failure) {
            shown.live.finish();
            return ended(id, state, &shown.tracker);
        }
    }
    Ok(())
}

/// What an end means: only a session whose hosts are all done ended well.
pub(super) fn ended(id: String, state: SessionState, tracker: &Tracker) -> Result<(), Failure> {
    if state != SessionState::Completed {
        return Err(Failure::Ended { id, state });
    }
    match tracker.left_out() {
        hosts if hosts.is_empty() => Ok(()),
        hosts => Err(Failure::Skipped { id, hosts }),
    }
}

fn is_over(state: SessionState, past_failure: bool) -> bool {
    match state {
        SessionState::Completed | SessionState::Cancelled => true,
        SessionState::Failed => !past_failure,
        SessionState::Unspecified
        | SessionState::Scheduled
        | SessionState::Running
        | SessionState::Paused
        | SessionState::Cancelling => false,
    }
}

/// What is on the screen.
struct Shown {
    screen: Screen,
    live: Live,
    tracker: Tracker,
    names: ProjectNames,
}

impl Shown {
    fn new(screen: Screen) -> Self {
        let (tracker, names) = (Tracker::default(), ProjectNames::default());
        Self { live: Live::new(&screen), tracker, names, screen }
    }

    fn snapshot(&mut self, snapshot: SessionSnapshot, position: Position) -> Result<(), Failure> {
        self.tracker.snapshot(&snapshot);
        match self.screen.format {
            Format::Table => {
                let mut session = snapshot.session.unwrap_or_default();
                let mut hosts = snapshot.hosts;
                self.names.in_session(&mut session);
                self.names.in_session_hosts(&mut hosts);
                let text = view::session::session(&session, &hosts, &[], self.screen.now());
                self.live.line(&self.screen, &format!("{}\n", text.trim_end()))?;
                self.rows()
            }
            Format::Json => line_of_json(
                &self.screen,
                &response!(WatchSessionResponse of watch_session_response:
                    Snapshot(snapshot), position),
            ),
        }
    }

    fn event(&mut self, event: SessionEvent, position: Position) -> Result<(), Failure> {
        self.tracker.event(&event);
        match self.screen.format {
            Format::Table => {
                let (mut event, now) = (event, self.screen.now());
                self.names.in_event(&mut event);
                if let Some(line) = view::session_event::line(&event, position.time.as_ref(), now) {
                    self.live.line(&self.screen, &line)?;
                }
                self.rows()
            }
            Format::Json => line_of_json(
                &self.screen,
                &response!(WatchSessionResponse of watch_session_response: Event(event), position),
            ),
        }
    }

    fn rows(&mut self) -> Result<(), Failure> {
        Ok(self.live.rows(&self.screen, self.tracker.rows())?)
    }
}
