//! The one place that maps errors to gRPC status: code, reason (`ErrorReason` of the contract), and details.

mod details;
#[cfg(test)]
mod documented;
mod reached;

use std::time::Duration;

use fermata_core::cloud::CloudError;
use fermata_core::machine::Reject;
use fermata_core::quota::Exceeded;
use fermata_core::spec::{Violation, ViolationKind};
use fermata_proto::v1::ErrorReason;
use fermata_store::StoreError;
use tonic::{Code, Status};

use self::details::Details;
use self::reached::reached;
use crate::causes::chain;
use crate::error::ServeError;
use crate::telemetry::metrics::Limit;

pub(crate) use self::reached::limit_of;

const RETRY_SOON: Duration = Duration::from_secs(1);
/// Issuers are not asked more often than this.
const UNDECIDED_PAUSE: Duration = Duration::from_secs(10);

impl From<ServeError> for Status {
    fn from(error: ServeError) -> Self {
        let message = error.to_string();
        match error {
            ServeError::Violations(violations)
            | ServeError::Reject(Reject::Violations(violations)) => {
                from_violations(&violations, &message)
            }
            ServeError::SessionNotFound => {
                answer(Code::NotFound, ErrorReason::SessionNotFound, message, |_| {})
            }
            ServeError::HostNotFound
            | ServeError::HostNotHeld
            | ServeError::Reject(Reject::UnknownHost(_)) => {
                answer(Code::NotFound, ErrorReason::HostNotFound, message, |_| {})
            }
            ServeError::HostHeld { host, session, .. } => {
                host_in_session(&message, &[(host.to_string(), session.to_string())])
            }
            ServeError::HostDisabledByOther { host, reason } => with(
                Code::FailedPrecondition,
                ErrorReason::HostDisabledByOther,
                message.clone(),
                &[("disabled_reason", &reason)],
                |d| {
                    d.precondition("DISABLED_BY_OTHER", &format!("host/{host}"), message);
                },
            ),
            ServeError::SwitchRefused { .. } => {
                answer(Code::FailedPrecondition, ErrorReason::CloudRefused, message, |_| {})
            }
            ServeError::NotificationNotFound | ServeError::Reject(Reject::UnknownNotification) => {
                answer(Code::NotFound, ErrorReason::NotificationNotFound, message, |_| {})
            }
            ServeError::SubscriptionNotFound => {
                answer(Code::NotFound, ErrorReason::SubscriptionNotFound, message, |_| {})
            }
            ServeError::PolicyNotFound => {
                answer(Code::NotFound, ErrorReason::PolicyNotFound, message, |_| {})
            }
            ServeError::ServerGroupNotFound => {
                answer(Code::NotFound, ErrorReason::ServerGroupNotFound, message, |_| {})
            }
            ServeError::Reject(Reject::WrongState { subject, state, allowed, .. }) => {
                wrong_state(message, &subject, state, &allowed)
            }
            ServeError::NotDeletable { state } => {
                wrong_state(message, "the session", state, &["COMPLETED", "CANCELLED"])
            }
            ServeError::Reject(Reject::Late { reply_deadline_time }) => {
                let at = fermata_core::rfc3339(reply_deadline_time);
                with(
                    Code::FailedPrecondition,
                    ErrorReason::ReplyLate,
                    message.clone(),
                    &[("reply_deadline_time", &at)],
                    |d| {
                        d.precondition("REPLY_BY", "notification", message);
                    },
                )
            }
            ServeError::Reject(Reject::Stale { current }) => with(
                Code::Aborted,
                ErrorReason::PlanRevisionStale,
                message,
                &[("plan_revision", &current.to_string())],
                |_| {},
            ),
            ServeError::EtagMismatch { etag } => {
                with(Code::Aborted, ErrorReason::EtagMismatch, message, &[("etag", &etag)], |_| {})
            }
            ServeError::Exists { etag } => with(
                Code::AlreadyExists,
                ErrorReason::ResourceExists,
                message,
                &[("etag", &etag)],
                |_| {},
            ),
            ServeError::Concurrent => {
                retry(Code::Aborted, ErrorReason::ConcurrentChange, message, RETRY_SOON)
            }
            ServeError::RequestIdReused => {
                answer(Code::AlreadyExists, ErrorReason::RequestIdReused, message, |_| {})
            }
            ServeError::ResumeTokenInvalid => answer(
                Code::InvalidArgument,
                ErrorReason::ResumeTokenInvalid,
                message.clone(),
                |d| {
                    d.field("start.resume_token", message);
                },
            ),
            ServeError::ResumeTokenExpired { first_kept }
            | ServeError::AcknowledgedExpired { first_kept, .. } => with(
                Code::OutOfRange,
                ErrorReason::ResumeTokenExpired,
                message,
                &[("first_kept_sequence", &first_kept.to_string())],
                |_| {},
            ),
            ServeError::PageTokenInvalid => {
                answer(Code::InvalidArgument, ErrorReason::PageTokenInvalid, message.clone(), |d| {
                    d.field("page_token", message);
                })
            }
            ServeError::SlowReader { .. } => {
                retry(Code::ResourceExhausted, ErrorReason::SlowReader, message, RETRY_SOON)
            }
            ServeError::TooManyStreams { limit } => {
                let pause = Duration::from_secs(30);
                with(
                    Code::ResourceExhausted,
                    ErrorReason::TooManyStreams,
                    message.clone(),
                    &[("limit", &limit.to_string())],
                    |d| {
                        d.retry = Some(pause);
                        d.quota("streams", message);
                    },
                )
            }
            ServeError::TooManyCalls { scope, limit } => with(
                Code::ResourceExhausted,
                ErrorReason::TooManyCalls,
                message.clone(),
                &[("scope", scope), ("limit", &limit.to_string())],
                |d| {
                    d.retry = Some(RETRY_SOON);
                    d.quota("calls", message);
                },
            ),
            ServeError::CallRateExceeded { limit, retry } => with(
                Code::ResourceExhausted,
                ErrorReason::CallRateExceeded,
                message.clone(),
                &[("limit", &limit.to_string())],
                |d| {
                    d.retry = Some(retry);
                    d.quota("call_rate", message);
                },
            ),
            ServeError::Reject(Reject::Quota(exceeded)) => quota_exceeded(exceeded),
            ServeError::RequestTooSlow { .. } => {
                retry(Code::DeadlineExceeded, ErrorReason::RequestTooSlow, message, RETRY_SOON)
            }
            ServeError::TooManyPreviews { limit } => {
                let pause = Duration::from_secs(10);
                let status = with(
                    Code::ResourceExhausted,
                    ErrorReason::TooManyPreviews,
                    message.clone(),
                    &[("limit", &limit.to_string())],
                    |d| {
                        d.retry = Some(pause);
                        d.quota("previews", message);
                    },
                );
                reached(Limit::Previews, status)
            }
            // Only the runner can hear this; a caller may simply call again.
            ServeError::LeaseLost => {
                retry(Code::Aborted, ErrorReason::ConcurrentChange, message, RETRY_SOON)
            }
            ServeError::ShuttingDown => {
                retry(Code::Unavailable, ErrorReason::ShuttingDown, message, RETRY_SOON)
            }
            ServeError::Starting => {
                retry(Code::Unavailable, ErrorReason::Starting, message, RETRY_SOON)
            }
            ServeError::CredentialsMissing => {
                answer(Code::Unauthenticated, ErrorReason::CredentialsMissing, message, |_| {})
            }
            ServeError::CredentialsInvalid => {
                answer(Code::Unauthenticated, ErrorReason::CredentialsInvalid, message, |_| {})
            }
            ServeError::CredentialsExpired => {
                answer(Code::Unauthenticated, ErrorReason::CredentialsExpired, message, |_| {})
            }
            ServeError::CredentialsUndecided { who: _ } => {
                retry(Code::Unavailable, ErrorReason::CloudUnavailable, message, UNDECIDED_PAUSE)
            }
            ServeError::RoleRequired { roles } => with(
                Code::PermissionDenied,
                ErrorReason::RoleRequired,
                message,
                &[("required_roles", &roles)],
                |_| {},
            ),
            ServeError::ProjectForeign { project } => with(
                Code::PermissionDenied,
                ErrorReason::ProjectForeign,
                message,
                &[("project_id", project.as_str())],
                |_| {},
            ),
            ServeError::Cloud(error) => from_cloud(&error, message),
            ServeError::Store(error) => from_store(&error),
        }
    }
}

/// A method that no service has; without a reason, like all that does not come from a service of ours.
pub(crate) fn no_such_method() -> Status {
    Status::unimplemented("there is no such method; reflection lists them")
}

/// The caller said how long it waits, and does not wait any longer: without a reason, since nobody hears it.
pub(crate) fn deadline_passed() -> Status {
    Status::deadline_exceeded("the deadline of the call passed; call again, or wait longer")
}

/// Reflection that was held open; without a reason, since it is no service of ours.
pub(crate) fn open_for_too_long() -> Status {
    Status::deadline_exceeded("the call was open for too long; call again")
}

fn from_cloud(error: &CloudError, message: String) -> Status {
    match error {
        CloudError::Unavailable { .. } | CloudError::Unknown { .. } => {
            let pause = Duration::from_secs(5);
            retry(Code::Unavailable, ErrorReason::CloudUnavailable, message, pause)
        }
        CloudError::NotFound { .. } => {
            answer(Code::NotFound, ErrorReason::HostNotFound, message, |_| {})
        }
        CloudError::Conflict { .. } | CloudError::Rejected { .. } => {
            tracing::error!(%error, "the cloud refused a read");
            answer(
                Code::Internal,
                ErrorReason::Internal,
                "the cloud refused; see Fermata's log".into(),
                |_| {},
            )
        }
    }
}

fn quota_exceeded(exceeded: Exceeded) -> Status {
    let Exceeded { quota, limit } = exceeded;
    let message = exceeded.to_string();
    let status = with(
        Code::ResourceExhausted,
        ErrorReason::QuotaExceeded,
        message.clone(),
        &[("quota", quota.name()), ("limit", &limit.to_string())],
        |d| d.quota(quota.name(), message),
    );
    reached(quota, status)
}

fn from_store(error: &StoreError) -> Status {
    match error {
        StoreError::HostBusy { host, session } => {
            let text = format!("host '{host}' is in another active session");
            host_in_session(&text, &[(host.to_string(), session.to_string())])
        }
        StoreError::Conflict => Status::from(ServeError::Concurrent),
        StoreError::RequestExists => Status::from(ServeError::RequestIdReused),
        StoreError::Exists { revision } => {
            Status::from(ServeError::Exists { etag: crate::convert::session::etag(*revision) })
        }
        StoreError::Quota(exceeded) => quota_exceeded(*exceeded),
        StoreError::Nul => {
            let text = "a text contains NUL (U+0000), which cannot be stored; leave it out";
            answer(Code::InvalidArgument, ErrorReason::InvalidField, text.to_owned(), |details| {
                details.field("request", text);
            })
        }
        error if error.is_retryable() => {
            tracing::warn!(error = chain(error), "the database does not answer");
            let text = "the database does not answer; try again".to_owned();
            retry(Code::Unavailable, ErrorReason::StoreUnavailable, text, RETRY_SOON)
        }
        StoreError::NewerFormat { .. } => {
            let text = format!("{error}; another replica can, call again");
            retry(Code::Unavailable, ErrorReason::NewerReleaseNeeded, text, RETRY_SOON)
        }
        StoreError::NotFound
        | StoreError::AheadOfTopic { .. }
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::Hopeless(_)
        | StoreError::Database(_) => {
            tracing::error!(error = chain(error), "the database failed");
            let text = "internal error; Fermata's log says more".to_owned();
            answer(Code::Internal, ErrorReason::Internal, text, |_| {})
        }
    }
}

fn from_violations(violations: &[Violation], message: &str) -> Status {
    let busy: Vec<_> = violations
        .iter()
        .filter_map(|f| match &f.sort {
            ViolationKind::HostInSession { host, session } => {
                Some((host.to_string(), session.to_string()))
            }
            ViolationKind::Field
            | ViolationKind::UnknownHost
            | ViolationKind::Window
            | ViolationKind::ServerNotInNotification
            | ViolationKind::ActionNotAllowed => None,
        })
        .collect();
    if busy.len() == violations.len() {
        let text = match busy.as_slice() {
            [(host, _)] => format!("host '{host}' is in another active session"),
            busy => format!("{} of the hosts are in other active sessions", busy.len()),
        };
        return host_in_session(&text, &busy);
    }
    let all = |sort: &ViolationKind| violations.iter().all(|f| f.sort == *sort);
    let reason = if all(&ViolationKind::UnknownHost) {
        ErrorReason::UnknownHost
    } else if all(&ViolationKind::Window) {
        ErrorReason::WindowInvalid
    } else if all(&ViolationKind::ServerNotInNotification) {
        ErrorReason::ServerNotInNotification
    } else if all(&ViolationKind::ActionNotAllowed) {
        ErrorReason::ActionNotAllowed
    } else {
        ErrorReason::InvalidField
    };
    answer(Code::InvalidArgument, reason, message.to_owned(), |details| {
        for violation in violations {
            details.field(&violation.field, &violation.message);
        }
    })
}

fn host_in_session(message: &str, busy: &[(String, String)]) -> Status {
    let code = Code::FailedPrecondition;
    answer(code, ErrorReason::HostInSession, message.to_owned(), |details| {
        for (host, session) in busy {
            details.precondition(
                "HOST_IN_SESSION",
                &format!("host/{host}"),
                format!("is in active session {session}; cancel that one or leave the host out"),
            );
        }
    })
}

fn wrong_state(message: String, subject: &str, state: &str, allowed: &[&str]) -> Status {
    let metadata = [("state", state), ("allowed_states", &allowed.join(","))];
    with(Code::FailedPrecondition, ErrorReason::WrongState, message.clone(), &metadata, |details| {
        details.precondition("STATE", subject, message);
    })
}

fn retry(code: Code, reason: ErrorReason, message: String, after: Duration) -> Status {
    answer(code, reason, message, |details| details.retry = Some(after))
}

fn answer(
    code: Code,
    reason: ErrorReason,
    message: String,
    fill: impl FnOnce(&mut Details),
) -> Status {
    with(code, reason, message, &[], fill)
}

fn with(
    code: Code,
    reason: ErrorReason,
    message: String,
    metadata: &[(&str, &str)],
    fill: impl FnOnce(&mut Details),
) -> Status {
    let mut details = Details::default();
    fill(&mut details);
    details.into_status(code, reason, &message, metadata)
}
