//! How much may be asked of one endpoint: so many calls at once, so many a second, none while it asked to wait, and one now
//! and then while it does not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// Calls without an answer in a row after which an endpoint is left alone for a while.
const FAILURES: u32 = 5;
/// How long it is left alone at first; twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Long enough to be no burden, short enough to be there soon after it.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The longest an endpoint may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How much may be asked of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Calls at once.
    pub(crate) concurrency: usize,
    /// Calls a second, over time.
    pub(crate) rate: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16, rate: 50.0 }
    }
}

/// Lets calls to one endpoint pass.
pub(crate) struct Gate {
    places: Semaphore,
    state: Mutex<State>,
}

/// Why no call passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It asked to be called later.
    AskedToWait,
    /// It did not answer that many calls in a row.
    DoesNotAnswer(u32),
}

/// How a call ended, as far as it says something of the endpoint.
pub(crate) enum Outcome<'a> {
    Answer(StatusCode, &'a HeaderMap),
    None,
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        let places = Semaphore::new(limits.concurrency.max(1));
        Self { places, state: Mutex::new(State::new(limits.rate)) }
    }

    /// Waits for a place and for the time of a call. Does not wait for an endpoint that is left alone: says why, and how
    /// long it still is.
    pub(crate) async fn pass(&self) -> Result<SemaphorePermit<'_>, (Closed, Duration)> {
        self.state().look(Instant::now())?;
        // The semaphore is never closed.
        let place = self.places.acquire().await;
        let place = place.map_err(|_| (Closed::AskedToWait, Duration::ZERO))?;
        let at = self.state().time_of_call(Instant::now());
        if at > Instant::now() {
            sleep_until(at).await;
        }
        self.state().open(Instant::now())?;
        Ok(place)
    }

    /// Notes how a call ended. Says so if the endpoint is left alone from now on.
    pub(crate) fn saw(&self, outcome: &Outcome<'_>) -> Option<(Closed, Duration)> {
        self.state().saw(outcome, Instant::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of an endpoint.
struct State {
    interval: Duration,
    burst: Duration,
    /// When the next call would be on time if calls came at the rate.
    due: Option<Instant>,
    failures: u32,
    closed: Option<(Instant, Closed)>,
}

impl State {
    fn new(rate: f64) -> Self {
        let interval = Duration::from_secs_f64(1.0 / rate.clamp(0.01, 10_000.0));
        // A second's worth may come at once.
        let burst = interval.max(Duration::from_secs(1));
        Self { interval, burst, due: None, failures: 0, closed: None }
    }

    fn look(&self, now: Instant) -> Result<(), (Closed, Duration)> {
        match self.closed {
            Some((until, why)) if until > now => Err((why, until - now)),
            Some(_) | None => Ok(()),
        }
    }

    /// After a pause one call passes to see how it is; the others wait for what it finds.
    fn open(&mut self, now: Instant) -> Result<(), (Closed, Duration)> {
        self.look(now)?;
        self.closed = match self.closed {
            Some((_, why @ Closed::DoesNotAnswer(_))) => Some((now + LONGEST_PAUSE, why)),
            Some((_, Closed::AskedToWait)) | None => None,
        };
        Ok(())
    }

    fn time_of_call(&mut self, now: Instant) -> Instant {
        let due = self.due.map_or(now, |due| due.max(now));
        self.due = Some(due + self.interval);
        // A call may be early by what a second's worth of calls takes.
        due.checked_sub(self.burst).map_or(now, |at| at.max(now))
    }

    fn saw(&mut self, outcome: &Outcome<'_>, now: Instant) -> Option<(Closed, Duration)> {
        let asked = match outcome {
            Outcome::Answer(status, headers) if matches!(status.as_u16(), 413 | 429 | 503) => {
                retry_after(headers)
            }
            Outcome::Answer(..) | Outcome::None => None,
        };
        let (why, pause) = match (asked, outcome) {
            (Some(pause), _) => (Closed::AskedToWait, spread(pause.min(LONGEST_RETRY_AFTER))),
            (None, Outcome::Answer(status, _)) if !matches!(status.as_u16(), 502..=504) => {
                self.failures = 0;
                // What was asked for earlier still holds.
                if matches!(self.closed, Some((_, Closed::DoesNotAnswer(_)))) {
                    self.closed = None;
                }
                return None;
            }
            (None, Outcome::Answer(..) | Outcome::None) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures < FAILURES {
                    return None;
                }
                let doubled = FIRST_PAUSE * 2_u32.pow((self.failures - FAILURES).min(8));
                (Closed::DoesNotAnswer(self.failures), spread(doubled.min(LONGEST_PAUSE)))
            }
        };
        self.closed = Some((now + pause, why));
        Some((why, pause))
    }
}

/// `Retry-After`, in seconds or as a date, which is compared with the answer's own date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let asked = text(http::header::RETRY_AFTER)?.trim();
    if let Ok(seconds) = asked.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    let now = httpdate::parse_http_date(text(http::header::DATE)?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// A little longer, by chance, so that replicas do not come back at the same moment.
fn spread(pause: Duration) -> Duration {
    pause.mul_f64(1.0 + rand::random_range(0.0..0.2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const SECOND: Duration = Duration::from_secs(1);

    fn answer(
        state: &mut State,
        now: Instant,
        status: u16,
        after: Option<&str>,
    ) -> Option<(Closed, Duration)> {
        let mut headers = HeaderMap::new();
        headers.insert("date", HeaderValue::from_static("Mon, 30 Nov 2026 12:00:00 GMT"));
        if let Some(after) = after {
            headers.insert("retry-after", HeaderValue::from_str(after).unwrap());
        }
        state.saw(&Outcome::Answer(StatusCode::from_u16(status).unwrap(), &headers), now)
    }

    #[test]
    fn an_endpoint_that_asks_to_wait_is_not_called_until_then() {
        for asked in ["30", "Mon, 30 Nov 2026 12:00:30 GMT"] {
            let (mut state, now) = (State::new(50.0), Instant::now());
            let (why, pause) = answer(&mut state, now, 429, Some(asked)).unwrap();
            assert_eq!(why, Closed::AskedToWait);
            assert!(pause >= 30 * SECOND && pause <= 36 * SECOND, "{pause:?}");
            // Others were under way, and are answered.
            assert_eq!(answer(&mut state, now, 200, None), None);
            assert_eq!(state.open(now + 29 * SECOND).unwrap_err().0, Closed::AskedToWait);
            for _ in 0..2 {
                assert_eq!(state.open(now + 37 * SECOND), Ok(()));
            }
        }
        assert_eq!(answer(&mut State::new(50.0), Instant::now(), 429, Some("soon")), None);
    }

    #[test]
    fn an_endpoint_that_does_not_answer_is_tried_now_and_then() {
        let (mut state, now) = (State::new(50.0), Instant::now());
        for _ in 1..FAILURES {
            assert_eq!(state.saw(&Outcome::None, now), None);
        }
        assert!(answer(&mut state, now, 502, None).is_some());
        assert_eq!(state.open(now).unwrap_err().0, Closed::DoesNotAnswer(FAILURES));
        let later = now + 3 * SECOND;
        assert_eq!(state.open(later), Ok(()), "one looks");
        assert!(state.open(later).is_err(), "the others wait for what it finds");
        assert!(state.saw(&Outcome::None, later).unwrap().1 >= 4 * SECOND, "longer each time");
        let later = later + LONGEST_PAUSE;
        assert_eq!(state.open(later), Ok(()));
        assert_eq!(answer(&mut state, later, 404, None), None, "it is there");
        assert_eq!((state.open(later), state.open(later)), (Ok(()), Ok(())));
    }

    #[test]
    fn calls_come_at_the_rate_after_the_first_second() {
        let (mut state, start) = (State::new(10.0), Instant::now());
        let mut now = start;
        for _ in 0..50 {
            now = state.time_of_call(now);
        }
        assert_eq!((now - start).as_millis(), 3900);
    }

    #[tokio::test]
    async fn only_so_many_calls_are_under_way() {
        let gate = Gate::new(Limits { concurrency: 2, rate: 1000.0 });
        let (first, _second) = (gate.pass().await.unwrap(), gate.pass().await.unwrap());
        let third = gate.pass();
        tokio::pin!(third);
        assert!(futures::poll!(&mut third).is_pending());
        drop(first);
        assert!(third.await.is_ok());
    }
}
