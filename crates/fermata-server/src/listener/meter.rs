//! What a client sends, counted as it is read: who sends much has turns like everybody else, and floods of frames that cost their
//! sender nothing are noticed. Nothing is kept, and nothing is understood but the heads of HTTP/2's frames (RFC 9113, section 4.1).

use std::time::Duration;

use tokio::time::Instant;

/// Bytes and frames of a turn: what a connection reads before others are served. A frame may be a whole call.
const TURN_BYTES: usize = 16 * 1024;
const TURN_FRAMES: usize = 64;
/// So much is read at once while frames are as small as they can be.
const SMALL_READ: usize = 1024;
/// A client may be ahead of its rate by so much.
const MOST_AHEAD: Duration = Duration::from_secs(2);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;

/// What one connection has sent.
#[derive(Debug)]
pub struct Meter {
    protocol: Protocol,
    /// Of this turn.
    bytes: usize,
    frames: usize,
    /// The last turn had as many frames as a turn may have.
    dense: bool,
    /// What each of the frames that carry nothing costs.
    cost: Duration,
    /// When the frames so far that carry nothing are worked off at their rate.
    paid: Instant,
}

#[derive(Debug)]
enum Protocol {
    /// So many bytes of the preface have come.
    Unknown(usize),
    Http2 {
        head: [u8; HEAD],
        /// Bytes of the head that are there.
        have: usize,
        /// Bytes of the payload that are to come.
        payload: usize,
    },
    /// HTTP/1.1, whose requests come one after the other.
    Other,
}

/// It sends too many frames that carry nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood;

impl Meter {
    /// A connection begins, which may send so many frames a second that carry nothing, and twice as many in one go. A client that
    /// measures its bandwidth sends a PING for each round trip, and a WINDOW_UPDATE for each frame that it takes.
    pub fn new(empty_frames: u32) -> Self {
        Self {
            protocol: Protocol::Unknown(0),
            bytes: 0,
            frames: 0,
            dense: false,
            cost: Duration::from_secs(1) / empty_frames.max(1),
            paid: Instant::now(),
        }
    }

    /// Whether it has not even said which protocol it speaks.
    pub fn is_unknown(&self) -> bool {
        matches!(self.protocol, Protocol::Unknown(_))
    }

    /// Whether others should be served before more is read. The next turn begins then.
    pub fn turn_is_over(&mut self) -> bool {
        let over = self.bytes >= TURN_BYTES || self.frames >= TURN_FRAMES;
        if over {
            self.dense = self.frames >= TURN_FRAMES;
            self.pause();
        }
        over
    }

    /// There is nothing to read: the next turn begins.
    pub fn pause(&mut self) {
        (self.bytes, self.frames) = (0, 0);
    }

    /// How much may be read at once; `None`: as much as there is room for.
    pub fn next_read(&mut self) -> Option<usize> {
        let was_dense = std::mem::take(&mut self.dense);
        was_dense.then_some(SMALL_READ)
    }

    /// Counts what was read.
    ///
    /// # Errors
    /// It is a flood.
    pub fn read(&mut self, mut bytes: &[u8]) -> Result<(), Flood> {
        self.bytes += bytes.len();
        let mut empty = 0;
        while !bytes.is_empty() {
            match &mut self.protocol {
                Protocol::Other => return Ok(()),
                Protocol::Unknown(have) => {
                    let rest = &PREFACE[*have..];
                    let some = rest.len().min(bytes.len());
                    if bytes[..some] != rest[..some] {
                        self.protocol = Protocol::Other;
                        return Ok(());
                    }
                    *have += some;
                    bytes = &bytes[some..];
                    if *have == PREFACE.len() {
                        self.protocol = Protocol::Http2 { head: [0; HEAD], have: 0, payload: 0 };
                    }
                }
                Protocol::Http2 { head, have, payload } => {
                    let skipped = (*payload).min(bytes.len());
                    *payload -= skipped;
                    bytes = &bytes[skipped..];
                    let some = (HEAD - *have).min(bytes.len());
                    head[*have..*have + some].copy_from_slice(&bytes[..some]);
                    *have += some;
                    bytes = &bytes[some..];
                    if *have == HEAD {
                        *have = 0;
                        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                        *payload = usize::try_from(length).unwrap_or(usize::MAX);
                        self.frames += 1;
                        let carries = head[3] == HEADERS || (head[3] == DATA && length > 0);
                        // The end of a request may be a frame of its own.
                        let ends = head[3] == DATA && head[4] & 1 == 1;
                        empty += u32::from(!carries && !ends);
                    }
                }
            }
        }
        self.pay(empty)
    }

    fn pay(&mut self, frames: u32) -> Result<(), Flood> {
        if frames == 0 {
            return Ok(());
        }
        let now = Instant::now();
        self.paid = self.paid.max(now) + self.cost * frames;
        if self.paid - now > MOST_AHEAD { Err(Flood) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 10_000;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, u8::try_from(payload.len()).unwrap(), kind, flags, 0, 0, 0, 1];
        bytes.extend_from_slice(payload);
        bytes
    }

    fn begun() -> Meter {
        let mut meter = Meter::new(RATE);
        assert!(meter.is_unknown());
        meter.read(PREFACE).unwrap();
        assert!(!meter.is_unknown());
        meter
    }

    #[tokio::test(start_paused = true)]
    async fn frames_are_counted_however_they_are_cut() {
        let bytes: Vec<_> =
            [frame(1, 4, b"head"), frame(0, 0, b"payload"), frame(6, 0, &[0; 8])].concat();
        for size in 1..bytes.len() {
            let mut meter = begun();
            for part in bytes.chunks(size) {
                meter.read(part).unwrap();
            }
            assert_eq!(meter.frames, 3, "in parts of {size}");
            let paid = meter.paid - Instant::now();
            assert_eq!(paid, Duration::from_secs(1) / RATE, "one PING, in parts of {size}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_frames_that_carry_nothing_is_noticed() {
        for empty in
            [frame(6, 0, &[0; 8]), frame(4, 0, b""), frame(0xbe, 0, b"x"), frame(0, 0, b"")]
        {
            let mut meter = begun();
            let second = RATE as usize;
            meter.read(&empty.repeat(2 * second)).unwrap();
            tokio::time::advance(Duration::from_secs(1)).await;
            meter.read(&empty.repeat(second)).unwrap();
            assert_eq!(meter.read(&empty), Err(Flood));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_and_messages_are_no_flood() {
        let mut meter = begun();
        let call = [frame(1, 4, b"head"), frame(0, 0, b"message"), frame(0, 1, b"")].concat();
        meter.read(&call.repeat(20 * RATE as usize)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_has_so_many_bytes_and_frames() {
        let mut meter = begun();
        meter.pause();
        assert_eq!(meter.next_read(), None);
        meter.read(&frame(1, 4, b"").repeat(TURN_FRAMES - 1)).unwrap();
        assert!(!meter.turn_is_over());
        meter.read(&frame(1, 4, b"")).unwrap();
        assert!(meter.turn_is_over());
        assert_eq!(meter.next_read(), Some(SMALL_READ), "the last turn was full of frames");
        assert!(!meter.turn_is_over(), "the next turn has begun");
        let mut meter = begun();
        meter.read(&[0, 0x40, 0, 0, 0, 0, 0, 0, 1]).unwrap();
        meter.read(&[7; TURN_BYTES]).unwrap();
        assert!(meter.turn_is_over());
        assert_eq!(meter.next_read(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn other_protocols_are_left_alone() {
        let mut meter = Meter::new(RATE);
        meter.read(b"POST / HTTP/1.1\r\n").unwrap();
        assert!(!meter.is_unknown());
        meter.read(&[0; 1 << 20]).unwrap();
        assert_eq!(meter.frames, 0);
    }
}
