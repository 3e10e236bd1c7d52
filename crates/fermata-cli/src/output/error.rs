//! Failures on standard error: for people with every wrong field on its own line and a hint, for
//! programs as one JSON document.

use std::error::Error;
use std::fmt::Write;

use fermata_client::ErrorDetails;
use serde_json::json;

use crate::args::Format;
use crate::failure::{Exit, Failure, code};
use crate::output::color::{BAD, BOLD, DIM, paint, safe_lines};
use crate::output::commands::spoken;
use crate::output::{Screen, hint, json, time};

/// Metadata of an error that lists only its first violations: how many there are beside.
const MORE_VIOLATIONS: &str = "more_violations";

/// Reports a failure. One that is none, such as a reader who left, is not mentioned.
pub(crate) fn report(screen: &Screen, failure: &Failure) {
    if failure.exit() == Exit::Ok {
        return;
    }
    let text = match screen.format {
        Format::Json => as_json(failure),
        Format::Table => for_people(failure),
    };
    // Nobody is left to tell where standard error is closed, too.
    let _ = screen.note(text.trim_end());
}

/// A failure where there is one line for it: what went wrong, and what to do.
pub(crate) fn in_a_line(failure: &Failure) -> String {
    let Told { message, hint, .. } = told(failure);
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    let text = format!("{}{hint}", spoken(&message));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a failure says, gathered from wherever it comes.
struct Told {
    message: String,
    code: &'static str,
    details: ErrorDetails,
    hint: Option<String>,
}

fn told(failure: &Failure) -> Told {
    let (code, details) = match failure {
        Failure::Call(status) => (code(status.code()).0, ErrorDetails::of(status)),
        Failure::Usage(_)
        | Failure::NotFound(_)
        | Failure::Connect(_)
        | Failure::Ended { .. }
        | Failure::NotReached(_)
        | Failure::Skipped { .. }
        | Failure::NoPlan
        | Failure::Tampered(_)
        | Failure::Local(_)
        | Failure::Output(_) => ("", ErrorDetails::default()),
    };
    let hint = hint::of(failure, &details);
    Told { message: chain(failure), code, details, hint }
}

/// The message, and that of what is at the bottom of it.
fn chain(failure: &Failure) -> String {
    let mut deepest = failure.source();
    if let Failure::Call(status) = failure {
        // The status itself has been said.
        deepest = status.source();
    }
    while let Some(deeper) = deepest.and_then(Error::source) {
        deepest = Some(deeper);
    }
    let said = failure.to_string();
    match deepest.map(|cause| cause.to_string()) {
        Some(cause) if !said.contains(&cause) => format!("{said}: {cause}"),
        Some(_) | None => said,
    }
}

fn for_people(failure: &Failure) -> String {
    let Told { message, details, hint, .. } = told(failure);
    let fields: Vec<_> =
        details.field_violations.iter().map(|wrong| (&wrong.field, &wrong.description)).collect();
    let conditions = details.precondition_violations.iter();
    let conditions: Vec<_> =
        conditions.map(|broken| (&broken.subject, &broken.description)).collect();
    // Servers repeat in the message what the details say; people want to read it once.
    let repeats = |(_, said): &(_, &String)| message.contains(said.as_str());
    let (headline, fields) = match fields.as_slice() {
        [only] if repeats(only) => (message.clone(), Vec::new()),
        [_, _, ..] if fields.iter().all(repeats) => {
            (format!("{} fields are wrong", fields.len()), fields)
        }
        _ => (message.clone(), fields),
    };

    let mut text = format!("{} {}\n", paint(BAD, "error:"), safe_lines(&spoken(&headline), 2));
    let mut fact = |name: &str, what: &str| {
        let _ = writeln!(text, "  {} {}", paint(DIM, name), safe_lines(&spoken(what), 4));
    };
    if !details.reason_name.is_empty() {
        fact("reason", &details.reason_name);
    }
    let mut metadata: Vec<_> =
        details.metadata.iter().filter(|(name, _)| *name != MORE_VIOLATIONS).collect();
    metadata.sort_unstable();
    for (name, value) in metadata {
        fact(name, value);
    }
    for (name, said) in fields {
        fact(name, said);
    }
    for (subject, said) in conditions.into_iter().filter(|condition| !repeats(condition)) {
        fact(subject, said);
    }
    if let Some(more) = details.metadata.get(MORE_VIOLATIONS) {
        fact("and", &format!("{more} more"));
    }
    if let Some(after) = details.retry_after {
        fact("try again", &format!("in {}", time::span(after)));
    }
    if let Some(hint) = hint {
        let _ = writeln!(text, "{} {}", paint(BOLD, "hint:"), safe_lines(&hint, 2));
    }
    text
}

fn as_json(failure: &Failure) -> String {
    let Told { message, code, details, hint } = told(failure);
    let fields = details.field_violations.iter();
    let conditions = details.precondition_violations.iter();
    let error = json::object([
        ("message", json!(message)),
        ("code", json!(code)),
        ("reason", json!(details.reason_name)),
        ("metadata", json::any(&details.metadata)),
        (
            "field_violations",
            fields
                .map(|wrong| json!({"field": wrong.field, "description": wrong.description}))
                .collect(),
        ),
        (
            "precondition_violations",
            conditions
                .map(|broken| {
                    json!({
                        "type": broken.kind,
                        "subject": broken.subject,
                        "description": broken.description,
                    })
                })
                .collect(),
        ),
        ("retry_after_seconds", json!(details.retry_after.map(|after| after.as_secs_f64()))),
        ("hint", json!(hint)),
        ("exit_code", json!(failure.exit() as u8)),
    ]);
    json!({ "error": error }).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails as Sent, StatusExt};

    use super::*;

    fn wrong_fields() -> Failure {
        let mut sent = Sent::with_error_info("INVALID_FIELD", fermata_proto::ERROR_DOMAIN, []);
        sent.add_bad_request_violation("spec.reason", "must not be empty")
            .add_bad_request_violation("spec.window.end_time", "is in the past")
            .set_retry_info(Some(Duration::from_secs(2)));
        Status::with_error_details(Code::InvalidArgument, "2 fields are wrong", sent).into()
    }

    #[test]
    fn every_wrong_field_has_its_line() {
        let text = anstream::adapter::strip_str(&for_people(&wrong_fields())).to_string();
        assert_eq!(
            text,
            "error: 2 fields are wrong\n  \
               reason INVALID_FIELD\n  \
               spec.reason must not be empty\n  \
               spec.window.end_time is in the past\n  \
               try again in 2.0 s\n"
        );
    }

    #[test]
    fn violations_that_are_left_out_are_counted_behind_the_others() {
        let more = [("more_violations".to_owned(), "9980".to_owned())];
        let mut sent = Sent::with_error_info("UNKNOWN_HOST", fermata_proto::ERROR_DOMAIN, more);
        sent.add_bad_request_violation("spec.hosts.names[0]", "is unknown");
        let message = "9981 fields are wrong: spec.hosts.names[0]";
        let failure = Status::with_error_details(Code::InvalidArgument, message, sent).into();
        let text = anstream::adapter::strip_str(&for_people(&failure)).to_string();
        assert_eq!(
            text,
            "error: 9981 fields are wrong: spec.hosts.names[0]\n  \
               reason UNKNOWN_HOST\n  \
               spec.hosts.names[0] is unknown\n  \
               and 9980 more\n\
             hint: `fermata host list` shows the hosts\n"
        );
    }

    #[test]
    fn what_the_message_says_is_not_said_again() {
        let failure = |fields: &[&str]| {
            let mut sent = Sent::new();
            for field in fields {
                sent.add_bad_request_violation(*field, format!("{field} is wrong"));
            }
            let message: Vec<_> = fields.iter().map(|f| format!("{f}: {f} is wrong")).collect();
            Status::with_error_details(Code::InvalidArgument, message.join("; "), sent).into()
        };
        let shown = |fields: &[&str]| {
            anstream::adapter::strip_str(&for_people(&failure(fields))).to_string()
        };
        assert_eq!(shown(&["a"]), "error: a: a is wrong\n");
        assert_eq!(
            shown(&["a", "b"]),
            "error: 2 fields are wrong\n  a a is wrong\n  b b is wrong\n"
        );
    }

    #[test]
    fn programs_get_one_document() {
        let made: Value = serde_json::from_str(&as_json(&wrong_fields())).unwrap();
        assert_eq!(made["error"]["code"], "INVALID_ARGUMENT");
        assert_eq!(made["error"]["reason"], "INVALID_FIELD");
        assert_eq!(made["error"]["field_violations"][1]["field"], "spec.window.end_time");
        assert_eq!(made["error"]["retry_after_seconds"], 2.0);
        assert_eq!(made["error"]["exit_code"], 2);
        assert_eq!(made["error"].get("metadata"), None);
    }
}
