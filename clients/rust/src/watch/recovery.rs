//! Whether to try again after an error.

use fermata_proto::v1::ErrorReason;
use tonic::{Code, Status};

use crate::error::ErrorDetails;

/// What an error means for a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Trying again cannot mend it.
    GiveUp,
    /// The place to go on from is lost: begin with a snapshot.
    BeginAgain,
    /// Go on after the last message.
    GoOn,
}

/// Judges `status`. `own_token` says that the stream was opened with a token of this watch, not
/// with one of the caller's.
pub(crate) fn judge(status: &Status, own_token: bool) -> Verdict {
    match ErrorDetails::of(status).reason {
        Some(ErrorReason::ResumeTokenExpired) => return Verdict::BeginAgain,
        // A token that this server gave is invalid only where its store was replaced.
        Some(ErrorReason::ResumeTokenInvalid) if own_token => return Verdict::BeginAgain,
        // It has the code of what passes, but somebody has to delete something first.
        Some(ErrorReason::QuotaExceeded) => return Verdict::GiveUp,
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
    fn a_quota_does_not_pass_though_its_code_does() {
        let full = with_reason(Code::ResourceExhausted, "QUOTA_EXCEEDED");
        assert_eq!(judge(&full, false), Verdict::GiveUp);
    }
}
