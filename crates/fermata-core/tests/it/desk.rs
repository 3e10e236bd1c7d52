//! When a replica looks at a session again.

use std::time::Duration as Span;

use fermata_core::Duration;
use fermata_core::desk::{Desk, LONGEST_PAUSE};
use fermata_core::id::SessionId;
use fermata_core::session::Session;
use fermata_core::spec::StartMode;
use uuid::Uuid;

use crate::world::DAWN;
use crate::world::story::story;

/// A session that waits for its operator, and whose owners were asked.
fn idle() -> Session {
    let story = story(&["hv-a"])
        .server("s", "red", "hv-a")
        .spec(|draft| draft.start_mode = StartMode::Manual);
    story.begin().session
}

/// How long a replica sleeps that has just looked.
fn pause(session: &Session, after: Duration) -> Span {
    let now = DAWN + after;
    let mut desk = Desk::new(Span::from_secs(2));
    desk.looked(now);
    assert!(desk.begin(session, now, Span::from_secs(100)).is_empty());
    desk.pause(session, now, Span::from_secs(100))
}

#[test]
fn a_session_for_which_nothing_is_due_sleeps_long() {
    let mut session = idle();
    let late = Duration::hours(1);
    let mut pauses = Vec::new();
    for id in 1..=8_u128 {
        session.head.id = SessionId(Uuid::from_u128(id * 0x1_2345_6789));
        pauses.push(pause(&session, late));
    }
    assert!(pauses.iter().all(|p| (LONGEST_PAUSE / 2..=LONGEST_PAUSE).contains(p)), "{pauses:?}");
    // Those that were taken up together are not looked at together.
    pauses.sort();
    pauses.dedup();
    assert!(pauses.len() > 4, "{pauses:?}");
}

#[test]
fn it_wakes_when_something_is_due() {
    let session = idle();
    let deadline = session.notifications.values().map(|n| n.reply_deadline_time).min().unwrap();
    assert_eq!(deadline, DAWN + Duration::minutes(1));
    assert_eq!(pause(&session, Duration::seconds(53)), Span::from_secs(7));
    // The end of the window, far away from everything else.
    let end = session.head.spec.window.end;
    assert_eq!(pause(&session, end - DAWN - Duration::seconds(3)), Span::from_secs(3));
}
