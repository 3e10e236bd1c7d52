//! What may be concluded from a call that did not succeed. Pure: works on what was seen.
//!
//! The one question is whether the call may have happened. An answer that Nova gives before it
//! acts says no; a broken connection or a server error after a call that must not be repeated says
//! nothing.

use std::error::Error;

use fermata_core::cloud::{CloudError, OutageKind};
use http::StatusCode;
use openstack_sdk::api::ApiError;
use openstack_sdk::auth::authtoken::AuthTokenError;
use openstack_sdk::{AuthError, OpenStackError, RestError};
use serde_json::Value;

use crate::endpoints::{BadRequest, Call, Repeat, Service};
use crate::microversion::{MINIMUM, MINIMUM_RELEASE};

/// Longest text of Nova's that is handed on, in characters.
const MESSAGE_LIMIT: usize = 500;

/// An answer other than success.
pub(crate) fn from_answer(
    call: &Call,
    status: StatusCode,
    body: &[u8],
    request_id: Option<&str>,
) -> CloudError {
    let fault = fault(body);
    let (fault_name, message) = match &fault {
        Some((name, message)) => (name.as_str(), shorten(message)),
        None => ("", shorten(&String::from_utf8_lossy(body))),
    };
    let request_id = request_id.map_or_else(String::new, |id| format!(" ({id})"));
    let detail = format!("{}: HTTP {status}: {message}{request_id}", call.operation);
    match status.as_u16() {
        400 => match call.bad_request {
            BadRequest::Refused => CloudError::Rejected { detail },
            BadRequest::WrongState => CloudError::Conflict { detail },
            BadRequest::ListChanged => {
                CloudError::Unavailable { kind: OutageKind::BadAnswer, detail }
            }
        },
        // The token was renewed before this answer was taken for the last one.
        401 => CloudError::Unavailable { kind: OutageKind::SignIn, detail },
        // A proxy that lost its way says 404 as well. Taken for Nova's, it would mean that a
        // server is gone.
        404 if fault_name == "itemNotFound" => CloudError::NotFound { detail },
        404 => CloudError::Unavailable { kind: OutageKind::BadAnswer, detail },
        406 => CloudError::Rejected {
            detail: match call.service {
                Service::Nova => format!(
                    "Nova must offer version {MINIMUM} ({MINIMUM_RELEASE}) of its API; {detail}"
                ),
                Service::Placement | Service::Keystone => format!(
                    "{} must offer version {} of its API; {detail}",
                    call.service, call.microversion
                ),
            },
        },
        409 => CloudError::Conflict { detail },
        // Gave up waiting for the request; 429 and 503 did not begin.
        408 => undecided(call, OutageKind::Overloaded, detail),
        429 | 503 => CloudError::Unavailable { kind: OutageKind::Overloaded, detail },
        402..=499 | 501 => CloudError::Rejected { detail },
        _ => undecided(call, OutageKind::BadAnswer, detail),
    }
}

/// No answer that could be read.
pub(crate) fn from_transport(call: &Call, error: &ApiError<RestError>) -> CloudError {
    let detail = format!("{}: {}", call.operation, with_causes(error));
    if let ApiError::Client { source: RestError::Communication { source } } = error {
        return if source.is_connect() {
            CloudError::Unavailable { kind: OutageKind::Unreachable, detail }
        } else if source.is_builder() {
            CloudError::Rejected { detail }
        } else {
            undecided(call, OutageKind::Unreachable, detail)
        };
    }
    // Some clouds have no Placement that everybody may use; without Nova there is no cloud at all.
    if matches!(error, ApiError::Catalog { .. }) && call.service == Service::Placement {
        return CloudError::Rejected { detail };
    }
    // Found before anything was sent: no token to send, no Nova in the catalog.
    let nothing_to_send_to = matches!(
        error,
        ApiError::Client { source: RestError::AuthError { .. } } | ApiError::Catalog { .. }
    );
    let cannot_be_sent = matches!(
        error,
        ApiError::Body { .. } | ApiError::UrlParse { .. } | ApiError::InvalidUri { .. }
    );
    if nothing_to_send_to {
        CloudError::Unavailable { kind: OutageKind::SignIn, detail }
    } else if cannot_be_sent {
        CloudError::Rejected { detail }
    } else {
        undecided(call, OutageKind::BadAnswer, detail)
    }
}

/// A success whose body is not what Nova answers. Only reads look into bodies.
pub(crate) fn from_body(call: &Call, error: &serde_json::Error) -> CloudError {
    CloudError::Unavailable {
        kind: OutageKind::BadAnswer,
        detail: format!("{}: not an answer of {}'s: {error}", call.operation, call.service),
    }
}

/// No session with Keystone. Nothing was sent to Nova.
pub(crate) fn from_sign_in(error: &OpenStackError) -> CloudError {
    CloudError::Unavailable { kind: OutageKind::SignIn, detail: sign_in_detail(error) }
}

/// The same for who asked whether the credentials are any good.
pub(crate) fn from_check_of_sign_in(error: &OpenStackError) -> CloudError {
    if credentials_are_bad(error) {
        CloudError::Rejected { detail: sign_in_detail(error) }
    } else {
        from_sign_in(error)
    }
}

fn sign_in_detail(error: &OpenStackError) -> String {
    let text = match auth_error(error) {
        Some(error) => with_causes(error),
        None => with_causes(error),
    };
    format!("signing in to Keystone: {text}")
}

/// Whether signing in failed because of the credentials, and not because Keystone is away.
fn credentials_are_bad(error: &OpenStackError) -> bool {
    if matches!(error, OpenStackError::AuthHelperError { .. }) {
        // The SDK would ask somebody for what is missing.
        return true;
    }
    match auth_error(error) {
        Some(AuthError::Identity(refusal)) => refusal.code == 401,
        Some(AuthError::AuthValueNotSupplied(_)) => true,
        Some(AuthError::AuthToken { source }) => matches!(
            source,
            AuthTokenError::IdentityMethod { .. }
                | AuthTokenError::MissingAuthData
                | AuthTokenError::Scope { .. }
        ),
        Some(_) | None => false,
    }
}

fn auth_error(error: &OpenStackError) -> Option<&AuthError> {
    if let OpenStackError::AuthError { source } = error { Some(source) } else { None }
}

fn undecided(call: &Call, kind: OutageKind, detail: String) -> CloudError {
    match call.repeat {
        Repeat::Harmless => CloudError::Unavailable { kind, detail },
        Repeat::Harmful => CloudError::Unknown { detail },
    }
}

/// Name and message of a fault of Nova's, `{"itemNotFound": {"code": 404, "message": "…"}}`, or of
/// the token check before it, `{"error": {"message": "…"}}`
/// (<https://docs.openstack.org/api-guide/compute/faults.html>), or Placement's, `{"errors": [{"detail": "…"}]}`.
fn fault(body: &[u8]) -> Option<(String, String)> {
    let fault: Value = serde_json::from_slice(body).ok()?;
    if let Some(detail) = fault.pointer("/errors/0/detail") {
        return Some(("errors".to_owned(), detail.as_str()?.to_owned()));
    }
    let (name, inner) = fault.as_object()?.iter().next()?;
    Some((name.clone(), inner.get("message")?.as_str()?.to_owned()))
}

fn shorten(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The error and its causes on one line; a cause that the text before it already tells is left out.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    shorten(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::{actions, migrations, servers};
    use fermata_core::cloud::MigrationId;

    const ID: &str = "73313a2b-1b22-4470-9a30-9b578617e705";

    fn read() -> Call {
        servers::show(&ID.into()).unwrap()
    }

    fn act() -> Call {
        actions::migrate(&ID.into(), None).unwrap()
    }

    fn answer(call: &Call, status: u16, body: &str) -> CloudError {
        let status = StatusCode::from_u16(status).unwrap();
        from_answer(call, status, body.as_bytes(), Some("req-1"))
    }

    fn kind(error: &CloudError) -> &'static str {
        match error {
            CloudError::NotFound { .. } => "not found",
            CloudError::Conflict { .. } => "conflict",
            CloudError::Rejected { .. } => "rejected",
            CloudError::Unavailable { .. } => "unavailable",
            CloudError::Unknown { .. } => "unknown",
        }
    }

    #[test]
    fn every_status_has_its_conclusion() {
        let nova = r#"{"itemNotFound": {"code": 1, "message": "no"}}"#;
        for (status, reading, acting) in [
            (302, "unavailable", "unknown"),
            (400, "rejected", "rejected"),
            (401, "unavailable", "unavailable"),
            (403, "rejected", "rejected"),
            (404, "not found", "not found"),
            (406, "rejected", "rejected"),
            (408, "unavailable", "unknown"),
            (409, "conflict", "conflict"),
            (413, "rejected", "rejected"),
            (429, "unavailable", "unavailable"),
            (500, "unavailable", "unknown"),
            (501, "rejected", "rejected"),
            (502, "unavailable", "unknown"),
            (503, "unavailable", "unavailable"),
            (504, "unavailable", "unknown"),
        ] {
            assert_eq!(kind(&answer(&read(), status, nova)), reading, "{status}");
            assert_eq!(kind(&answer(&act(), status, nova)), acting, "{status}");
        }
    }

    #[test]
    fn a_404_that_is_not_novas_does_not_mean_gone() {
        let gateway = r#"{"error": {"message": "no route"}}"#;
        for body in ["", "<html>404</html>", "{}", r#"{"status": 404}"#, gateway] {
            assert_eq!(kind(&answer(&read(), 404, body)), "unavailable", "{body}");
        }
    }

    #[test]
    fn a_400_means_what_the_call_says() {
        let nova = r#"{"badRequest": {"code": 400, "message": "no"}}"#;
        let abort = migrations::abort(&ID.into(), MigrationId(7)).unwrap();
        assert_eq!(kind(&answer(&abort, 400, nova)), "conflict");
        let next_page = servers::list_changed("2026-01-01T00:00:00Z", 10).after(ID);
        assert_eq!(kind(&answer(&next_page, 400, nova)), "unavailable");
    }

    #[test]
    fn the_detail_holds_novas_message_and_the_request_id() {
        let body = r#"{"conflictingRequest": {"code": 409, "message": "Cannot 'migrate' instance while it is in task_state migrating"}}"#;
        let error = answer(&act(), 409, body);
        assert_eq!(
            error.to_string(),
            "the cloud refused, the state does not allow it: migrate: HTTP 409 Conflict: \
             Cannot 'migrate' instance while it is in task_state migrating (req-1)"
        );
    }

    #[test]
    fn a_long_answer_is_cut() {
        let error = answer(&act(), 500, &"é".repeat(10_000));
        assert!(error.to_string().chars().count() < MESSAGE_LIMIT + 150);
    }
}
