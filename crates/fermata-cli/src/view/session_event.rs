//! Events of a session, a line each.

use fermata_client::v1::session_event::Event;
use fermata_client::v1::{
    CounterOfferJudged, SessionEvent, SessionHostChanged, SessionServerChanged,
};
use prost_types::Timestamp;
use time::OffsetDateTime;

use super::{because, count, said};
use crate::output::color::{BAD, BOLD, Colored, DIM, paint, safe};
use crate::output::time::short;
use crate::words::Word;

/// `14:03:22  compute-a1  DRAINING  (servers leave)`. `None` for an event that this version does not
/// know.
pub(crate) fn line(
    event: &SessionEvent,
    at: Option<&Timestamp>,
    now: OffsetDateTime,
) -> Option<String> {
    let (who, what) = match event.event.as_ref()? {
        Event::Session(to) => {
            ("session".to_owned(), format!("{} {}", to.state().painted(), because(&to.reason)))
        }
        Event::Host(to) => (to.host.clone(), host(to)),
        Event::Server(to) => (name(to), server(to)),
        Event::OwnerAsked(asked) => (
            owner(&asked.project_id),
            format!(
                "is asked about {} ({})",
                count(asked.server_count as usize, "server"),
                asked.kind().name()
            ),
        ),
        Event::OwnerReplied(replied) => (
            owner(&replied.project_id),
            format!("replied: {} {}", replied.kind().name(), said(&replied.comment)),
        ),
        Event::CounterOfferJudged(judged) => (owner(&judged.project_id), self::judged(judged)),
        Event::HoldBroken(broken) => (
            broken.host.clone(),
            paint(
                BAD,
                &format!("ALARM: servers on a host held empty: {}", broken.server_ids.join(", ")),
            ),
        ),
    };
    let line =
        format!("{}  {}  {what}", paint(DIM, &short(at, now)), paint(BOLD, &format!("{who:<12}")));
    Some(line.trim_end().to_owned())
}

fn judged(judged: &CounterOfferJudged) -> String {
    let mut text =
        format!("counter-offer is {} {}", judged.state().painted(), because(&judged.reason));
    if !judged.changed_project_ids.is_empty() {
        let others = count(judged.changed_project_ids.len(), "other owner");
        text += &format!("{others} asked again");
    }
    text
}

fn host(to: &SessionHostChanged) -> String {
    format!("{} {}", to.state().painted(), because(&to.reason))
}

fn server(to: &SessionServerChanged) -> String {
    let mut text = format!("{} {}", to.state().painted(), paint(DIM, to.action().name()));
    if to.destination_host.is_empty() {
        text += &format!(" on {}", safe(&to.host));
    } else {
        text += &format!(" {} → {}", safe(&to.host), safe(&to.destination_host));
    }
    format!("{text} {}", because(&to.detail))
}

fn name(to: &SessionServerChanged) -> String {
    if to.name.is_empty() { to.server_id.clone() } else { to.name.clone() }
}

fn owner(project_id: &str) -> String {
    format!("owner {project_id}")
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{
        Action, HoldBroken, NotificationKind, OwnerAsked, ServerState, SessionHostState,
    };
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    fn shown(event: Event) -> String {
        let now = datetime!(2026-11-23 14:03:22 UTC);
        let event = SessionEvent { event: Some(event), ..Default::default() };
        anstream::adapter::strip_str(&line(&event, Some(&to_proto(now)), now).unwrap()).to_string()
    }

    #[test]
    fn an_event_is_a_line() {
        let drain = SessionHostChanged {
            host: "compute-a1".to_owned(),
            state: SessionHostState::Draining.into(),
            reason: "servers leave".to_owned(),
            ..Default::default()
        };
        assert_eq!(shown(Event::Host(drain)), "14:03:22  compute-a1    DRAINING (servers leave)");
        let moved = SessionServerChanged {
            server_id: "id".to_owned(),
            name: "amf-1".to_owned(),
            host: "compute-a1".to_owned(),
            state: ServerState::Moved.into(),
            action: Action::LiveMigrate.into(),
            destination_host: "compute-b3".to_owned(),
            ..Default::default()
        };
        assert_eq!(
            shown(Event::Server(moved)),
            "14:03:22  amf-1         MOVED LIVE_MIGRATE compute-a1 → compute-b3"
        );
        let asked = OwnerAsked {
            project_id: "ims".to_owned(),
            kind: NotificationKind::Drain.into(),
            server_count: 1,
            ..Default::default()
        };
        assert_eq!(
            shown(Event::OwnerAsked(asked)),
            "14:03:22  owner ims     is asked about 1 server (DRAIN)"
        );
        let broken = HoldBroken { host: "compute-b3".to_owned(), server_ids: vec!["s".to_owned()] };
        assert!(shown(Event::HoldBroken(broken)).contains("ALARM"));
    }

    #[test]
    fn an_event_from_the_future_is_skipped() {
        let now = datetime!(2026-11-23 14:03:22 UTC);
        assert_eq!(line(&SessionEvent::default(), None, now), None);
    }
}
