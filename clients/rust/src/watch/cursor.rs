//! How far a watch has read: what to ask for when it opens again, what it has seen, and how long
//! silence is normal.

use std::time::Duration;

use fermata_proto::v1::{StreamPoint, StreamStart, stream_start::Start};

use crate::watch::{Received, WatchItem, WatchMessage};

/// The contract's default interval, until a heartbeat tells the one in force.
const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(15);
/// So many heartbeats may be missed.
const MISSED_HEARTBEATS: u32 = 3;

/// Where the next stream begins.
#[derive(Debug, Clone, PartialEq)]
enum Beginning {
    /// Where the caller said.
    Asked(StreamStart),
    /// After a message of this watch.
    After(Vec<u8>),
}

/// What a message means for the watch.
#[derive(Debug)]
pub(super) enum Taken<S, E> {
    /// The caller wants to know.
    Item(WatchItem<S, E>),
    /// Nobody needs to know.
    Nothing,
    /// The server goes away.
    Leave { reconnect_after: Option<Duration> },
}

#[derive(Debug)]
pub(super) struct Cursor {
    beginning: Beginning,
    sequence: u64,
    heartbeat: Duration,
}

impl Cursor {
    pub(super) fn new(asked: Option<&StreamStart>, heartbeat: Option<Duration>) -> Self {
        Self {
            beginning: Beginning::Asked(asked.cloned().unwrap_or_else(snapshot)),
            sequence: 0,
            heartbeat: heartbeat.unwrap_or(DEFAULT_HEARTBEAT),
        }
    }

    pub(super) fn start(&self) -> StreamStart {
        match &self.beginning {
            Beginning::Asked(start) => start.clone(),
            Beginning::After(token) => {
                StreamStart { start: Some(Start::ResumeToken(token.clone())) }
            }
        }
    }

    /// Whether the next stream begins after a token that came from this watch.
    pub(super) fn has_own_token(&self) -> bool {
        matches!(self.beginning, Beginning::After(_))
    }

    /// Forgets what was read: the next stream begins with a snapshot.
    pub(super) fn begin_again(&mut self) {
        self.beginning = Beginning::Asked(snapshot());
        self.sequence = 0;
    }

    /// How long silence is normal.
    pub(super) fn patience(&self) -> Duration {
        self.heartbeat * MISSED_HEARTBEATS
    }

    pub(super) fn take<S, E>(&mut self, received: Received<S, E>) -> Taken<S, E> {
        let Received { position, message } = received;
        if !position.resume_token.is_empty() {
            match &mut self.beginning {
                // Into the place that is there: this happens for each event.
                Beginning::After(token) => token.clone_from(&position.resume_token),
                asked @ Beginning::Asked(_) => {
                    *asked = Beginning::After(position.resume_token.clone());
                }
            }
        }
        let seen = self.sequence;
        self.sequence = seen.max(position.sequence);
        match message {
            Some(WatchMessage::Snapshot(snapshot)) => {
                // A server that was set up anew counts from the beginning again.
                self.sequence = position.sequence;
                Taken::Item(WatchItem::Snapshot { snapshot, position })
            }
            Some(WatchMessage::Event(event)) if position.sequence > seen => {
                Taken::Item(WatchItem::Event { event, position })
            }
            Some(WatchMessage::Heartbeat(heartbeat)) => {
                if let Some(interval) = heartbeat.interval.and_then(|i| i.try_into().ok()) {
                    self.heartbeat = interval;
                }
                Taken::Nothing
            }
            Some(WatchMessage::GoingAway(going_away)) => Taken::Leave {
                reconnect_after: going_away.reconnect_after.and_then(|after| after.try_into().ok()),
            },
            Some(WatchMessage::Event(_)) | None => Taken::Nothing,
        }
    }
}

fn snapshot() -> StreamStart {
    StreamStart { start: Some(Start::Point(StreamPoint::Snapshot.into())) }
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::Heartbeat;

    use super::*;
    use crate::watch::Position;

    type Message = WatchMessage<&'static str, &'static str>;

    fn at(
        sequence: u64,
        message: impl Into<Option<Message>>,
    ) -> Received<&'static str, &'static str> {
        let resume_token = sequence.to_string().into_bytes();
        Received {
            position: Position { sequence, resume_token, ..Position::default() },
            message: message.into(),
        }
    }

    fn events_passed(cursor: &mut Cursor, sequences: &[u64]) -> Vec<u64> {
        let passes = |cursor: &mut Cursor, sequence| {
            matches!(
                cursor.take(at(sequence, Message::Event("event"))),
                Taken::Item(WatchItem::Event { .. })
            )
        };
        sequences.iter().copied().filter(|&sequence| passes(cursor, sequence)).collect()
    }

    #[test]
    fn begins_with_a_snapshot_and_goes_on_after_the_last_message() {
        let mut cursor = Cursor::new(None, None);
        assert_eq!(cursor.start(), snapshot());
        cursor.take(at(4, Message::Snapshot("state")));
        assert_eq!(cursor.start().start, Some(Start::ResumeToken(b"4".to_vec())));
        assert!(cursor.has_own_token());
    }

    #[test]
    fn begins_where_the_caller_said() {
        let asked = StreamStart { start: Some(Start::ResumeToken(b"saved".to_vec())) };
        let cursor = Cursor::new(Some(&asked), None);
        assert_eq!(cursor.start(), asked);
        assert!(!cursor.has_own_token());
    }

    #[test]
    fn an_event_passes_once() {
        let mut cursor = Cursor::new(None, None);
        cursor.take(at(3, Message::Snapshot("state")));
        assert_eq!(events_passed(&mut cursor, &[2, 3, 4, 4, 6, 5]), [4, 6]);
    }

    #[test]
    fn a_snapshot_of_a_younger_store_counts_from_the_beginning() {
        let mut cursor = Cursor::new(None, None);
        cursor.take(at(90, Message::Snapshot("state")));
        cursor.begin_again();
        assert_eq!(cursor.start(), snapshot());
        cursor.take(at(2, Message::Snapshot("state")));
        assert_eq!(events_passed(&mut cursor, &[3]), [3]);
    }

    #[test]
    fn a_heartbeat_sets_the_patience_and_moves_the_token() {
        let mut cursor = Cursor::new(None, Some(Duration::from_secs(2)));
        assert_eq!(cursor.patience(), Duration::from_secs(6));
        let interval = Some(prost_types::Duration { seconds: 5, nanos: 0 });
        cursor.take(at(8, Message::Heartbeat(Heartbeat { interval })));
        assert_eq!(cursor.patience(), Duration::from_secs(15));
        assert_eq!(cursor.start().start, Some(Start::ResumeToken(b"8".to_vec())));
    }

    #[test]
    fn an_unknown_kind_still_moves_the_token() {
        let mut cursor = Cursor::new(None, None);
        assert!(matches!(cursor.take(at(1, None)), Taken::Nothing));
        assert!(cursor.has_own_token());
    }
}
