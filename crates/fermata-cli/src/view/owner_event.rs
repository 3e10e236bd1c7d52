//! What an owner is told, a line or a block each.

use fermata_client::v1::owner_event::Event;
use fermata_client::v1::{NotificationState, OwnerEvent, OwnerSnapshot, ServerChange, ServerEvent};
use prost_types::Timestamp;
use time::OffsetDateTime;

use super::projects::ProjectNames;
use super::{because, count, owner, said};
use crate::output::color::{BAD, BOLD, BUSY, DIM, GOOD, paint};
use crate::output::time::short;
use crate::words::Word;

/// The affairs that a watch begins with.
pub(crate) fn snapshot(
    snapshot: &OwnerSnapshot,
    names: &ProjectNames,
    now: OffsetDateTime,
) -> String {
    let mut text = if snapshot.servers.is_empty() {
        "no servers are affected\n".to_owned()
    } else {
        let affected = count(snapshot.servers.len(), "affected server");
        format!("{affected}\n{}\n", owner::servers(&snapshot.servers, now))
    };
    for notification in &snapshot.notifications {
        text += &format!("\n{}", owner::notification(notification, names, now));
    }
    text
}

/// An event. `None` for one that this version does not know.
pub(crate) fn event(
    event: &OwnerEvent,
    names: &ProjectNames,
    at: Option<&Timestamp>,
    now: OffsetDateTime,
) -> Option<String> {
    let what = match event.event.as_ref()? {
        // What was asked is shown while an answer is awaited; after that only where it stands.
        Event::Notification(asked) if asked.state() == NotificationState::Pending => {
            owner::notification(asked, names, now)
        }
        Event::Notification(asked) => {
            format!("{} {}", owner::headline(asked), said(&asked.comment))
        }
        Event::Server(server) => self::server(server),
        Event::Session(session) => {
            let change = paint(BOLD, session.change().name());
            format!("session {change} {}", because(&session.reason))
        }
    };
    Some(format!("{}  {}", paint(DIM, &short(at, now)), what.trim_end()))
}

fn server(event: &ServerEvent) -> String {
    let style = match event.change() {
        ServerChange::ActionDone | ServerChange::IsBack => GOOD,
        ServerChange::ActionStarted | ServerChange::WentDown => BUSY,
        ServerChange::ActionFailed | ServerChange::HandedOver => BAD,
        ServerChange::Unspecified | ServerChange::Gone => DIM,
    };
    format!(
        "{}  {} {} {}",
        paint(BOLD, &format!("{:<12}", event.name)),
        paint(style, event.change().name()),
        paint(DIM, event.action().name()),
        because(&event.detail)
    )
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::Action;
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    #[test]
    fn a_server_event_is_a_line() {
        let now = datetime!(2026-11-23 14:02:00 UTC);
        let down = ServerEvent {
            name: "amf-1".to_owned(),
            change: ServerChange::WentDown.into(),
            action: Action::Keep.into(),
            ..Default::default()
        };
        let (happened, names) =
            (OwnerEvent { event: Some(Event::Server(down)) }, ProjectNames::default());
        let made = event(&happened, &names, Some(&to_proto(now)), now);
        let bare = anstream::adapter::strip_str(&made.unwrap()).to_string();
        assert_eq!(bare, "14:02:00  amf-1         WENT_DOWN KEEP");
    }
}
