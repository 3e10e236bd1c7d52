//! Until when a caller waits: its `grpc-timeout`. Whoever works for it afterwards works for nobody.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

/// tonic has a clock for the same deadline, and answers CANCELLED by it; ours is ahead of it.
const AHEAD: Duration = Duration::from_millis(1);

/// Until when a caller waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// Of a call with these headers, which begins now. What is no time is no deadline.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let timeout = headers.get("grpc-timeout").and_then(|value| timeout(value.to_str().ok()?));
        let timeout = timeout.map(|timeout| timeout.saturating_sub(AHEAD));
        Self(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// When it passes; `None`: never.
    pub(super) fn at(self) -> Option<Instant> {
        self.0
    }

    /// What comes of this work; it is dropped when the deadline passes before.
    pub(super) async fn before<T>(self, work: impl Future<Output = T>) -> Option<T> {
        match self.0 {
            None => Some(work.await),
            Some(at) => tokio::time::timeout_at(at, work).await.ok(),
        }
    }
}

/// At most eight digits and a unit, as gRPC over HTTP/2 has it.
fn timeout(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let digits = text.strip_suffix(unit)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(count * 3600)),
        'M' => Some(Duration::from_secs(count * 60)),
        'S' => Some(Duration::from_secs(count)),
        'm' => Some(Duration::from_millis(count)),
        'u' => Some(Duration::from_micros(count)),
        'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        for (text, wanted) in [
            ("2H", Some(Duration::from_secs(7200))),
            ("3M", Some(Duration::from_secs(180))),
            ("99999999S", Some(Duration::from_secs(99_999_999))),
            ("250m", Some(Duration::from_millis(250))),
            ("0m", Some(Duration::ZERO)),
            ("7u", Some(Duration::from_micros(7))),
            ("8n", Some(Duration::from_nanos(8))),
        ] {
            assert_eq!(timeout(text), wanted, "{text}");
        }
        for none in ["", "5", "m", "5s", "+5S", "-5S", "123456789S", "1.5S", "5 S", "5\u{fc}"] {
            assert_eq!(timeout(none), None, "{none}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_done_in_time_or_not_at_all() {
        let mut headers = HeaderMap::new();
        let slow = || tokio::time::sleep(Duration::from_secs(3600));
        assert!(Deadline::of(&headers).before(slow()).await.is_some());
        headers.insert("grpc-timeout", "10S".parse().unwrap());
        assert!(Deadline::of(&headers).before(slow()).await.is_none());
        assert!(Deadline::of(&headers).before(std::future::ready(())).await.is_some());
        headers.insert("grpc-timeout", "ten".parse().unwrap());
        assert!(Deadline::of(&headers).before(slow()).await.is_some());
    }
}
