//! Whether and when to try again after an error.

use std::time::Duration;

use fermata_proto::v1::ErrorReason;
use tonic::{Code, Status};

use crate::error::ErrorDetails;
use crate::watch::WatchOptions;

/// What an error means for a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Trying again cannot mend it.
    GiveUp,
    /// The place to go on from is lost: begin with a snapshot.
    BeginAgain,
    /// Go on after the last message.
    GoOn,
}

/// Judges `status`. `own_token` says that the stream was opened with a token of this watch, not
/// with one of the caller's.
pub(super) fn judge(status: &Status, own_token: bool) -> Verdict {
    match ErrorDetails::of(status).reason {
        Some(ErrorReason::ResumeTokenExpired) => return Verdict::BeginAgain,
        // A token that this server gave is invalid only where its store was replaced.
        Some(ErrorReason::ResumeTokenInvalid) if own_token => return Verdict::BeginAgain,
        _ => {}
    }
    match status.code() {
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        // Without our reason it is tonic's: a message beyond the size limit.
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => Verdict::GiveUp,
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Aborted
        | Code::Internal
        | Code::Unavailable => Verdict::GoOn,
    }
}

/// Waits that double, with jitter, so that clients cut at once do not return at once.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(options: &WatchOptions) -> Self {
        Self { first: options.first_wait, longest: options.longest_wait, failures: 0 }
    }

    /// It works again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait: half fixed, half chance, and no less than `at_least`.
    pub(super) fn next(&mut self, at_least: Option<Duration>) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let wait = doubled.min(self.longest).mul_f64(rand::random_range(0.5..=1.0));
        wait.max(at_least.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails as Sent, StatusExt};

    use super::*;

    fn with_reason(code: Code, reason: &str) -> Status {
        let sent = Sent::with_error_info(reason, fermata_proto::ERROR_DOMAIN, []);
        Status::with_error_details(code, "", sent)
    }

    #[test]
    fn an_expired_token_means_a_snapshot_whoever_gave_it() {
        let status = with_reason(Code::OutOfRange, "RESUME_TOKEN_EXPIRED");
        assert_eq!(judge(&status, true), Verdict::BeginAgain);
        assert_eq!(judge(&status, false), Verdict::BeginAgain);
    }

    #[test]
    fn an_invalid_token_is_the_callers_fault_only_if_it_is_the_callers() {
        let status = with_reason(Code::InvalidArgument, "RESUME_TOKEN_INVALID");
        assert_eq!(judge(&status, true), Verdict::BeginAgain);
        assert_eq!(judge(&status, false), Verdict::GiveUp);
    }

    #[test]
    fn what_a_restart_mends_is_tried_again() {
        assert_eq!(judge(&Status::unavailable(""), true), Verdict::GoOn);
        assert_eq!(judge(&Status::unknown("h2 error"), true), Verdict::GoOn);
        let slow = with_reason(Code::ResourceExhausted, "SLOW_READER");
        assert_eq!(judge(&slow, true), Verdict::GoOn);
    }

    #[test]
    fn what_nothing_mends_is_not() {
        assert_eq!(judge(&Status::not_found(""), true), Verdict::GiveUp);
        assert_eq!(judge(&Status::out_of_range("message too large"), true), Verdict::GiveUp);
        assert_eq!(judge(&Status::unauthenticated(""), true), Verdict::GiveUp);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew() {
        let options = WatchOptions {
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_millis(450),
            ..WatchOptions::default()
        };
        let mut backoff = Backoff::new(&options);
        for longest in [100, 200, 400, 450, 450] {
            let wait = backoff.next(None);
            assert!(wait <= Duration::from_millis(longest), "{wait:?} > {longest} ms");
            assert!(wait >= Duration::from_millis(longest / 2), "{wait:?} < half of {longest} ms");
        }
        backoff.reset();
        assert!(backoff.next(None) <= Duration::from_millis(100));
    }

    #[test]
    fn the_servers_wish_is_kept() {
        let mut backoff = Backoff::new(&WatchOptions::default());
        let wished = Duration::from_secs(40);
        assert_eq!(backoff.next(Some(wished)), wished);
    }
}
