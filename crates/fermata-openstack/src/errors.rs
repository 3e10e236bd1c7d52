//! What may be concluded from a call that did not succeed. Pure: works on what was seen.
//!
//! The one question is whether the call may have happened. An answer that Nova gives before it
//! acts says no; a broken connection or a server error after a call that must not be repeated says
//! nothing.

use std::error::Error;
use std::time::Duration;

use fermata_core::cloud::{CloudError, OutageKind};
use serde_json::Value;
use url::Url;

use crate::endpoints::{BadRequest, Call, Repeat, Service};
use crate::gate::Closed;
use crate::microversion::{MINIMUM, MINIMUM_RELEASE};
use crate::transport::Answer;

/// Longest text of Nova's that is handed on, in characters.
const MESSAGE_LIMIT: usize = 500;

/// An answer other than success.
pub(crate) fn from_answer(call: &Call, answer: &Answer) -> CloudError {
    let fault_name = fault(&answer.body).map(|(name, _)| name).unwrap_or_default();
    let message = message_of(&answer.body);
    let request_id = answer.request_id().map_or_else(String::new, |id| format!(" ({id})"));
    let (status, method, url) = (answer.status, &call.method, &answer.url);
    let mut detail =
        format!("{}: {method} {url}: HTTP {status}: {message}{request_id}", call.operation);
    if let Some(advice) = advice(call, status.as_u16(), &fault_name) {
        detail = format!("{detail}; {advice}");
    }
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
        404 if fault_name == "itemNotFound" || call.service == Service::Placement => {
            // Nothing of Placement's is missed: a plan does without it.
            CloudError::NotFound { detail }
        }
        404 => CloudError::Unavailable { kind: OutageKind::BadAnswer, detail },
        409 => CloudError::Conflict { detail },
        // Gave up waiting for the request; 429 and 503 did not begin.
        408 => undecided(call, OutageKind::Overloaded, detail),
        429 | 503 => CloudError::Unavailable { kind: OutageKind::Overloaded, detail },
        402..=499 | 501 => CloudError::Rejected { detail },
        _ => undecided(call, OutageKind::BadAnswer, detail),
    }
}

/// What an operator can do about an answer.
fn advice(call: &Call, status: u16, fault_name: &str) -> Option<String> {
    let service = call.service;
    Some(match status {
        401 => format!(
            "{service} refused a new token as well: does its [keystone_authtoken] name the same Keystone?"
        ),
        403 => format!("the role of Fermata's user lacks the policy rule {}", call.policy),
        404 if fault_name != "itemNotFound" => format!(
            "that is not {service}'s answer: is this address right? It is the catalog's for the configured interface and \
             region; {}_endpoint_override sets another one",
            setting(service)
        ),
        406 => match service {
            Service::Nova => {
                format!("Nova must offer version {MINIMUM} ({MINIMUM_RELEASE}) of its API")
            }
            Service::Placement | Service::Keystone => {
                format!("{service} must offer version {} of its API", call.microversion)
            }
        },
        413 | 429 => format!("{service} is asked less for a while"),
        502..=504 => format!("is {service}, behind its proxy, up?"),
        300..=399 | 500 | 505..=599 => format!("see the log of {service}'s API"),
        _ => return None,
    })
}

fn setting(service: Service) -> &'static str {
    match service {
        Service::Nova => "compute",
        Service::Placement => "placement",
        Service::Keystone => "identity",
    }
}

/// No answer that could be read.
pub(crate) fn from_transport(call: &Call, url: &Url, error: reqwest::Error) -> CloudError {
    let (connects, builds) = (error.is_connect(), error.is_builder());
    let cause = if error.is_timeout() && !connects {
        "no answer in time".to_owned()
    } else {
        with_causes(&error.without_url())
    };
    let (operation, method, service) = (call.operation, &call.method, call.service);
    let advice = format!("is {service} up, and reached from here?");
    let detail = format!("{operation}: {method} {url}: {cause}; {advice}");
    if connects {
        CloudError::Unavailable { kind: OutageKind::Unreachable, detail }
    } else if builds {
        CloudError::Rejected { detail }
    } else {
        undecided(call, OutageKind::Unreachable, detail)
    }
}

/// Nothing was sent: the service is nowhere.
pub(crate) fn no_endpoint(call: &Call, what: &str) -> CloudError {
    let detail = format!("{}: {what}", call.operation);
    match call.service {
        // Some clouds have no Placement that everybody may use; without Nova there is no cloud at all.
        Service::Placement => CloudError::Rejected { detail },
        Service::Nova | Service::Keystone => {
            CloudError::Unavailable { kind: OutageKind::SignIn, detail }
        }
    }
}

/// Nothing was sent: the service is left alone for now.
pub(crate) fn not_sent(call: &Call, why: Closed, wait: Duration) -> CloudError {
    let kind = match why {
        Closed::AskedToWait => OutageKind::Overloaded,
        Closed::DoesNotAnswer(_) => OutageKind::Unreachable,
    };
    let detail = format!("{}: not called: {}", call.operation, closed(call.service, why, wait));
    CloudError::Unavailable { kind, detail }
}

/// Why a service is left alone.
pub(crate) fn closed(service: Service, why: Closed, wait: Duration) -> String {
    let seconds = wait.as_secs() + 1;
    match why {
        Closed::AskedToWait => {
            format!("{service} asked to be called again later (Retry-After), in {seconds} s")
        }
        Closed::DoesNotAnswer(times) => {
            format!(
                "{service} did not answer {times} times in a row; it is tried again in {seconds} s"
            )
        }
    }
}

/// Logs that a service is left alone from now on.
pub(crate) fn note(service: Service, closing: Option<(Closed, Duration)>) {
    if let Some((why, pause)) = closing {
        let why = closed(service, why, pause);
        tracing::warn!(%service, why, "a service is left alone for a while");
    }
}

/// A success whose body is not what Nova answers. Only reads look into bodies.
pub(crate) fn from_body(call: &Call, answer: &Answer, error: &serde_json::Error) -> CloudError {
    let id = answer.request_id().map_or_else(String::new, |id| format!(" ({id})"));
    let detail = format!(
        "{}: {} {}: not an answer of {}'s: {error}{id}; does a proxy or a portal answer in its place?",
        call.operation, call.method, answer.url, call.service
    );
    CloudError::Unavailable { kind: OutageKind::BadAnswer, detail }
}

fn undecided(call: &Call, kind: OutageKind, detail: String) -> CloudError {
    match call.repeat {
        Repeat::Harmless => CloudError::Unavailable { kind, detail },
        Repeat::Harmful => CloudError::Unknown { detail },
    }
}

/// What an answer says, in a few words.
pub(crate) fn message_of(body: &[u8]) -> String {
    match fault(body) {
        Some((_, message)) => shorten(&message),
        None => shorten(&String::from_utf8_lossy(body)),
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

pub(crate) fn shorten(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The error and its causes on one line; a cause that the text before it already tells is left out.
pub(crate) fn with_causes(error: &dyn Error) -> String {
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
    use http::{HeaderMap, HeaderValue, StatusCode};

    const ID: &str = "73313a2b-1b22-4470-9a30-9b578617e705";

    fn read() -> Call {
        servers::show(&ID.into()).unwrap()
    }

    fn act() -> Call {
        actions::migrate(&ID.into(), None).unwrap()
    }

    fn answer(call: &Call, status: u16, body: &str) -> CloudError {
        let status = StatusCode::from_u16(status).unwrap();
        let id = HeaderValue::from_static("req-1");
        let headers = HeaderMap::from_iter([("x-openstack-request-id".parse().unwrap(), id)]);
        let url = Url::parse("http://nova/v2.1").unwrap();
        from_answer(call, &Answer { url, status, headers, body: body.as_bytes().to_vec() })
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
            "the cloud refused, the state does not allow it: migrate: POST http://nova/v2.1: HTTP 409 Conflict: \
             Cannot 'migrate' instance while it is in task_state migrating (req-1)"
        );
    }

    #[test]
    fn a_long_answer_is_cut() {
        let error = answer(&act(), 500, &"é".repeat(10_000));
        assert!(error.to_string().chars().count() < MESSAGE_LIMIT + 200);
    }
}
