//! Calls a handler once.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, info_span, warn};

use crate::owner::hooks::{HandlerCall, HandlerError, HandlerName, Hooks, Phase};
use crate::owner::telemetry;

/// How long to wait after a handler has failed for the first time; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Why there is nothing from a handler.
#[derive(Debug)]
pub(super) enum CallError {
    /// It failed, or panicked.
    Failed(HandlerError),
    /// It had not returned in time.
    OutOfTime,
}

/// Which call of a handler it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) handler: HandlerName,
    pub(super) id: &'a str,
    pub(super) plan_revision: u64,
    pub(super) attempt: u32,
}

impl Call<'_> {
    /// What the handler returns, by `until`. Whoever drops this drops the handler.
    pub(super) async fn make<T>(
        self,
        hooks: &dyn Hooks,
        handling: impl Future<Output = Result<T, HandlerError>>,
        until: Option<Instant>,
    ) -> Result<T, CallError> {
        let mut told = Told { call: self, hooks, began: Instant::now(), has_ended: false };
        told.tell(Phase::Begin);
        let caught = AssertUnwindSafe(handling).catch_unwind().instrument(self.span());
        let ended = match until {
            Some(until) => timeout_at(until, caught).await.map_err(|_| CallError::OutOfTime)?,
            None => caught.await,
        };
        let panicked = |_| HandlerError::from("the handler panicked");
        match ended.map_err(panicked).and_then(|returned| returned) {
            Ok(returned) => {
                told.end(Phase::End);
                Ok(returned)
            }
            Err(error) => {
                warn!(
                    handler = %self.handler, id = self.id, attempt = self.attempt, %error,
                    "handler failed"
                );
                told.end(Phase::Failed(&error));
                Err(CallError::Failed(error))
            }
        }
    }

    fn span(self) -> Span {
        // `otel.name` is the name that OpenTelemetry gets.
        info_span!(
            "fermata.owner.handler",
            otel.name = %format_args!("fermata.owner.{}", self.handler),
            handler = %self.handler,
            id = self.id,
            attempt = self.attempt,
        )
    }

    /// What hooks are told of it.
    pub(super) fn told<'b>(&'b self, phase: Phase<'b>) -> HandlerCall<'b> {
        let Self { handler, id, plan_revision, attempt } = *self;
        HandlerCall { handler, id, plan_revision, attempt, phase }
    }
}

/// Tells hooks and telemetry of the end of a call, also if it is dropped.
struct Told<'a> {
    call: Call<'a>,
    hooks: &'a dyn Hooks,
    began: Instant,
    has_ended: bool,
}

impl Told<'_> {
    fn tell(&self, phase: Phase<'_>) {
        self.hooks.on_handler(&self.call.told(phase));
    }

    fn end(&mut self, phase: Phase<'_>) {
        self.has_ended = true;
        telemetry::handled(self.call.handler, phase.name(), self.began.elapsed());
        self.tell(phase);
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(Phase::Cancelled);
        }
    }
}

/// How long to wait after this attempt, counted from 1.
pub(super) fn wait_after(attempt: u32) -> Duration {
    FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Phases(Mutex<Vec<&'static str>>);

    impl Hooks for Phases {
        fn on_handler(&self, call: &HandlerCall<'_>) {
            self.0.lock().unwrap().push(call.phase.name());
        }
    }

    const CALL: Call<'_> =
        Call { handler: HandlerName::Planned, id: "n", plan_revision: 1, attempt: 1 };

    async fn phases(
        handling: impl Future<Output = Result<u8, HandlerError>>,
        until: Option<Instant>,
    ) -> (Result<u8, CallError>, Vec<&'static str>) {
        let phases = Phases::default();
        let returned = CALL.make(&phases, handling, until).await;
        (returned, phases.0.into_inner().unwrap())
    }

    #[tokio::test]
    async fn what_returns_fails_or_panics_is_told() {
        let (returned, told) = phases(async { Ok(7) }, None).await;
        assert_eq!((returned.unwrap(), told), (7, vec!["begin", "end"]));
        let (returned, told) = phases(async { Err("no".into()) }, None).await;
        assert!(matches!(returned, Err(CallError::Failed(error)) if error.to_string() == "no"));
        assert_eq!(told, ["begin", "failed"]);
        let (returned, told) = phases(async { panic!("a defect of the handler") }, None).await;
        assert!(matches!(returned, Err(CallError::Failed(_))));
        assert_eq!(told, ["begin", "failed"]);
    }

    #[tokio::test]
    async fn what_does_not_return_is_cancelled() {
        let until = Instant::now() + Duration::from_millis(20);
        let (returned, told) = phases(std::future::pending(), Some(until)).await;
        assert!(matches!(returned, Err(CallError::OutOfTime)));
        assert_eq!(told, ["begin", "cancelled"]);
    }

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let waits: Vec<u64> = (1..=7).map(|attempt| wait_after(attempt).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
    }
}
