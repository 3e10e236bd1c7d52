//! Sends an answer until the server has taken or refused it.

use std::time::Duration;

use fermata_proto::v1::ErrorReason;
use tokio::time::{Instant, sleep};
use tonic::{Code, Request, Status};
use tracing::{info, warn};

use crate::answer::Answer;
use crate::backoff::Backoff;
use crate::clock;
use crate::error::{ErrorDetails, reason_or_code};
use crate::owner::context::Context;
use crate::owner::hooks::Reply;
use crate::owner::question::Question;
use crate::owner::telemetry;

/// How long one call may take before it is made again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The server finds the answer of a handler wrong, whenever it is sent: the handler has to think again.
#[derive(Debug)]
pub(super) struct NotValid(pub(super) Status);

/// Sends an answer, repeats it until the deadline while it cannot be told, and tells the hooks how it ended. The request is the
/// same each time, so the server counts it once. Of all errors but [`NotValid`] the hooks know.
pub(super) async fn send(
    context: &Context,
    question: &Question,
    answer: &Answer,
    fallback: bool,
) -> Result<(), NotValid> {
    let notification = question.best();
    let Some(mut request) = answer.request(notification) else { return Ok(()) };
    request.request_id = question.key.request_id(&notification.id);
    let deadline = notification.reply_deadline_time.map(clock::instant);
    let mut backoff = Backoff::default();
    let refused = loop {
        let mut request = Request::new(request.clone());
        request.set_timeout(ATTEMPT_TIMEOUT);
        let Err(error) = context.channel.notifications().reply(request).await else { break None };
        let wait = backoff.next(ErrorDetails::of(&error).retry_after);
        let has_time = deadline.is_none_or(|deadline| Instant::now() + wait < deadline);
        if !may_pass(&error) || !has_time {
            break Some(error);
        }
        info!(notification_id = notification.id, error = error.message(), retry_in = ?wait, "could not reply; retrying");
        sleep(wait).await;
    };
    telemetry::reply(&refused.as_ref().map_or_else(|| "accepted".to_owned(), reason_or_code));
    let reply = Reply { notification, answer, fallback, refused: refused.as_ref() };
    context.hooks.on_reply(&reply);
    let Some(error) = &refused else {
        info!(notification_id = notification.id, answer = answer.name(), fallback, "replied");
        return Ok(());
    };
    if !fallback && is_not_valid(error) {
        return Err(NotValid(error.clone()));
    }
    warn!(notification_id = notification.id, answer = answer.name(), fallback, error = %reason_or_code(error), "the server refused the reply");
    context.hooks.on_reply_refused(&reply);
    Ok(())
}

fn is_not_valid(error: &Status) -> bool {
    error.code() == Code::InvalidArgument || is_quota(error)
}

/// A quota of counter-offers has the code of what passes, and does not.
fn is_quota(error: &Status) -> bool {
    ErrorDetails::of(error).reason == Some(ErrorReason::QuotaExceeded)
}

fn may_pass(error: &Status) -> bool {
    match error.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::Unknown
        | Code::Internal
        | Code::Cancelled => true,
        Code::ResourceExhausted => !is_quota(error),
        Code::Aborted => {
            let details = ErrorDetails::of(error);
            details.reason_name.is_empty() || details.reason == Some(ErrorReason::ConcurrentChange)
        }
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
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
    fn what_passes_is_sent_again() {
        for code in [
            Code::Unavailable,
            Code::DeadlineExceeded,
            Code::ResourceExhausted,
            Code::Unknown,
            Code::Internal,
            Code::Aborted,
            Code::Cancelled,
        ] {
            assert!(may_pass(&Status::new(code, "")), "{code:?}");
        }
        assert!(may_pass(&with_reason(Code::Aborted, "CONCURRENT_CHANGE")));
    }

    #[test]
    fn what_ends_a_question_is_not() {
        for (code, reason) in [
            (Code::Aborted, "PLAN_REVISION_STALE"),
            (Code::FailedPrecondition, "REPLY_LATE"),
            (Code::AlreadyExists, "REQUEST_ID_REUSED"),
            (Code::ResourceExhausted, "QUOTA_EXCEEDED"),
            (Code::NotFound, ""),
        ] {
            assert!(!may_pass(&with_reason(code, reason)), "{code:?} {reason}");
        }
        assert!(is_not_valid(&with_reason(Code::ResourceExhausted, "QUOTA_EXCEEDED")));
        assert!(is_not_valid(&Status::invalid_argument("")));
        assert!(!is_not_valid(&Status::not_found("")));
    }
}
