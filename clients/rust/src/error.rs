//! What a `tonic::Status` of Fermata says beyond its code and message, as types.

use std::collections::HashMap;
use std::time::Duration;

use fermata_proto::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The details of an error. Empty where the server attached none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// The reason. `None` where there is none, or one that this version does not know.
    pub reason: Option<ErrorReason>,
    /// The reason as it was sent, for example `WRONG_STATE`. Empty where there is none.
    pub reason_name: String,
    /// Figures that go with the reason, as [`ErrorReason`] documents them.
    pub metadata: HashMap<String, String>,
    /// Every field that was wrong.
    pub field_violations: Vec<FieldViolation>,
    /// Every condition that did not hold.
    pub precondition_violations: Vec<PreconditionViolation>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
}

/// A field of a request that was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// The field's path in the request, for example `spec.window.end_time`.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub description: String,
}

/// A condition that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreconditionViolation {
    /// What kind of condition.
    pub kind: String,
    /// What it is about, for example a host's name.
    pub subject: String,
    /// How it failed.
    pub description: String,
}

impl ErrorDetails {
    /// Reads the details of `status`. Details that cannot be decoded count as absent.
    pub fn of(status: &Status) -> Self {
        let sent = status.get_error_details();
        let info = sent.error_info().filter(|info| info.domain == fermata_proto::ERROR_DOMAIN);
        let reason_name = info.map(|info| info.reason.clone()).unwrap_or_default();
        Self {
            reason: ErrorReason::from_str_name(&format!("ERROR_REASON_{reason_name}")),
            metadata: info.map(|info| info.metadata.clone()).unwrap_or_default(),
            field_violations: sent
                .bad_request()
                .into_iter()
                .flat_map(|bad| &bad.field_violations)
                .map(|v| FieldViolation {
                    field: v.field.clone(),
                    description: v.description.clone(),
                })
                .collect(),
            precondition_violations: sent
                .precondition_failure()
                .into_iter()
                .flat_map(|failure| &failure.violations)
                .map(|v| PreconditionViolation {
                    kind: v.r#type.clone(),
                    subject: v.subject.clone(),
                    description: v.description.clone(),
                })
                .collect(),
            retry_after: sent.retry_info().and_then(|info| info.retry_delay),
            reason_name,
        }
    }
}

/// The name of an error's reason, or that of its code if there is no reason, for example `WRONG_STATE` or `UNAVAILABLE`. For
/// logs and labels.
#[must_use]
pub fn reason_or_code(status: &Status) -> String {
    let reason = ErrorDetails::of(status).reason_name;
    if reason.is_empty() { code_name(status.code()).to_owned() } else { reason }
}

/// The name of a status code as gRPC writes it, for example `NOT_FOUND`.
#[must_use]
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails as Sent;

    use super::*;

    #[test]
    fn reads_everything_a_server_attaches() {
        let mut sent = Sent::with_error_info(
            "PLAN_REVISION_STALE",
            fermata_proto::ERROR_DOMAIN,
            [("plan_revision".to_owned(), "7".to_owned())],
        );
        sent.add_bad_request_violation("spec.reason", "must not be empty")
            .add_precondition_failure_violation("STATE", "compute-1", "is DRAINING")
            .set_retry_info(Some(Duration::from_secs(3)));
        let status = Status::with_error_details(Code::Aborted, "an older plan", sent);

        let read = ErrorDetails::of(&status);
        assert_eq!(read.reason, Some(ErrorReason::PlanRevisionStale));
        assert_eq!(read.reason_name, "PLAN_REVISION_STALE");
        assert_eq!(read.metadata["plan_revision"], "7");
        assert_eq!(read.field_violations[0].field, "spec.reason");
        assert_eq!(read.precondition_violations[0].subject, "compute-1");
        assert_eq!(read.retry_after, Some(Duration::from_secs(3)));
    }

    #[test]
    fn keeps_the_name_of_a_reason_it_does_not_know() {
        let sent = Sent::with_error_info("FROM_THE_FUTURE", fermata_proto::ERROR_DOMAIN, []);
        let read = ErrorDetails::of(&Status::with_error_details(Code::Internal, "", sent));
        assert_eq!((read.reason, read.reason_name.as_str()), (None, "FROM_THE_FUTURE"));
    }

    #[test]
    fn another_domains_reason_is_not_ours() {
        let sent = Sent::with_error_info("WRONG_STATE", "proxy.example", []);
        let read = ErrorDetails::of(&Status::with_error_details(Code::Internal, "", sent));
        assert_eq!(read, ErrorDetails::default());
    }

    #[test]
    fn a_label_is_the_reason_or_the_code() {
        let sent = Sent::with_error_info("WRONG_STATE", fermata_proto::ERROR_DOMAIN, []);
        let with_reason = Status::with_error_details(Code::FailedPrecondition, "", sent);
        assert_eq!(reason_or_code(&with_reason), "WRONG_STATE");
        assert_eq!(reason_or_code(&Status::unavailable("")), "UNAVAILABLE");
    }

    #[test]
    fn a_bare_status_has_no_details() {
        assert_eq!(ErrorDetails::of(&Status::not_found("no")), ErrorDetails::default());
    }
}
