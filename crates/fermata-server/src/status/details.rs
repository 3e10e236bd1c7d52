//! What an error carries beside its code, kept small whatever a caller sent: stock clients refuse a status with more than
//! 8 KiB of headers, and then show nothing of it.

use std::collections::HashMap;
use std::time::Duration;

use fermata_core::text::is_unsafe;
use fermata_proto::ERROR_DOMAIN;
use fermata_proto::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Most bytes of a status in HTTP headers: message, details and metadata, with their names.
const LARGEST: usize = 4096;
/// Most violations that a status lists.
const MOST_VIOLATIONS: usize = 20;
/// Most bytes of a message, percent-encoded as it is sent.
const LONGEST_MESSAGE: usize = 640;
/// Most bytes of any other text, percent-encoded.
const LONGEST_TEXT: usize = 320;
/// The metadata in ErrorInfo that counts what was left out.
const MORE: &str = "more_violations";

/// What an error carries.
#[derive(Debug, Default)]
pub(super) struct Details {
    violations: Vec<Violation>,
    left_out: usize,
    quotas: Vec<(&'static str, String)>,
    /// When to try again.
    pub(super) retry: Option<Duration>,
}

#[derive(Debug)]
enum Violation {
    Field { field: String, description: String },
    Precondition { sort: &'static str, subject: String, description: String },
}

impl Details {
    /// A field that is wrong.
    pub(super) fn field(&mut self, field: &str, description: impl AsRef<str>) {
        let violation = || Violation::Field {
            field: shorten(field, LONGEST_TEXT),
            description: shorten(description.as_ref(), LONGEST_TEXT),
        };
        self.push(violation);
    }

    /// Something that has to be otherwise first.
    pub(super) fn precondition(
        &mut self,
        sort: &'static str,
        subject: &str,
        description: impl AsRef<str>,
    ) {
        let violation = || Violation::Precondition {
            sort,
            subject: shorten(subject, LONGEST_TEXT),
            description: shorten(description.as_ref(), LONGEST_TEXT),
        };
        self.push(violation);
    }

    /// Something of which there is no more.
    pub(super) fn quota(&mut self, subject: &'static str, description: impl AsRef<str>) {
        self.quotas.push((subject, shorten(description.as_ref(), LONGEST_TEXT)));
    }

    fn push(&mut self, violation: impl FnOnce() -> Violation) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(violation());
        } else {
            self.left_out += 1;
        }
    }

    /// The status. Violations for which there is no room are counted in the metadata.
    pub(super) fn into_status(
        mut self,
        code: Code,
        reason: ErrorReason,
        message: &str,
        metadata: &[(&str, &str)],
    ) -> Status {
        let message = shorten(message, LONGEST_MESSAGE);
        let metadata = metadata.iter();
        let metadata = metadata.map(|(k, v)| ((*k).to_owned(), shorten(v, LONGEST_TEXT)));
        let metadata: HashMap<String, String> = metadata.collect();
        loop {
            let status = self.status(code, reason, &message, metadata.clone());
            if size(&status) <= LARGEST || self.violations.len() <= 1 {
                return status;
            }
            self.violations.pop();
            self.left_out += 1;
        }
    }

    fn status(
        &self,
        code: Code,
        reason: ErrorReason,
        message: &str,
        mut metadata: HashMap<String, String>,
    ) -> Status {
        if self.left_out > 0 {
            metadata.insert(MORE.to_owned(), self.left_out.to_string());
        }
        let name = reason.as_str_name().trim_start_matches("ERROR_REASON_");
        let mut details = ErrorDetails::with_error_info(name, ERROR_DOMAIN, metadata);
        for violation in &self.violations {
            match violation {
                Violation::Field { field, description } => {
                    details.add_bad_request_violation(field, description);
                }
                Violation::Precondition { sort, subject, description } => {
                    details.add_precondition_failure_violation(*sort, subject, description);
                }
            }
        }
        for (subject, description) in &self.quotas {
            details.add_quota_failure_violation(*subject, description);
        }
        if self.retry.is_some() {
            details.set_retry_info(self.retry);
        }
        Status::with_error_details(code, message, details)
    }
}

/// How many bytes of headers a status is.
fn size(status: &Status) -> usize {
    let headers = status.clone().into_http::<()>().into_parts().0.headers;
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// A text of at most `most` bytes once it is percent-encoded; what is cut off is marked. Characters that must not reach
/// a terminal are shown as what they are.
fn shorten(text: &str, most: usize) -> String {
    const MARK: &str = "...";
    let mut short = String::new();
    let (mut length, mut fits) = (0, 0);
    for c in text.chars() {
        let shown = if is_unsafe(c) { c.escape_unicode().to_string() } else { c.to_string() };
        length += encoded(&shown);
        if length > most {
            short.truncate(fits);
            short.push_str(MARK);
            return short;
        }
        short.push_str(&shown);
        if length + MARK.len() <= most {
            fits = short.len();
        }
    }
    short
}

/// Bytes of a text, percent-encoded.
fn encoded(text: &str) -> usize {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.,;:'/()[]=+*!@$&~|^\\".contains(b);
    text.bytes().map(|b| if plain(&b) { 1 } else { 3 }).sum()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn status(details: Details, message: &str, metadata: &[(&str, &str)]) -> Status {
        details.into_status(Code::InvalidArgument, ErrorReason::InvalidField, message, metadata)
    }

    #[test]
    fn at_most_twenty_violations_and_the_number_of_the_others() {
        let mut details = Details::default();
        for i in 0..10_000 {
            details.field(&format!("f[{i}]"), "is bad");
        }
        let sent = status(details, "10000 fields are wrong", &[]);
        let told = sent.get_error_details();
        assert_eq!(told.bad_request().unwrap().field_violations.len(), MOST_VIOLATIONS);
        assert_eq!(told.error_info().unwrap().metadata[MORE], "9980");
    }

    #[test]
    fn violations_that_have_no_room_are_counted() {
        let mut details = Details::default();
        for i in 0..20 {
            details.field(&format!("f[{i}]"), "long ".repeat(60));
        }
        let sent = status(details, "20 fields are wrong", &[]);
        assert!(size(&sent) <= LARGEST, "{}", size(&sent));
        let told = sent.get_error_details();
        let listed = told.bad_request().unwrap().field_violations.len();
        assert!((5..20).contains(&listed), "{listed}");
        assert_eq!(told.error_info().unwrap().metadata[MORE], (20 - listed).to_string());
    }

    #[test]
    fn what_is_cut_is_marked_and_nothing_else_is() {
        assert_eq!(shorten("short", 20), "short");
        assert_eq!(shorten("exactly-ten", 11), "exactly-ten");
        assert_eq!(shorten("exactly-eleven", 11), "exactly-...");
        assert_eq!(shorten("a\u{202e}b\nc", 99), "a\\u{202e}b\\u{a}c");
        assert_eq!(shorten("ääää", 20), "ää...");
    }

    proptest! {
        #[test]
        fn no_status_is_larger_than_stock_clients_take(
            message in ".{0,3000}",
            value in "\\PC{0,1000}",
            fields in vec((any::<String>(), "\\PC{0,400}"), 0..40),
            subjects in vec(("\\PC{0,400}", ".{0,400}"), 0..3),
        ) {
            let mut details = Details::default();
            for (field, description) in &fields {
                details.field(field, description);
            }
            for (subject, description) in &subjects {
                details.precondition("STATE", subject, description);
            }
            details.quota("streams", &value);
            details.retry = Some(Duration::from_secs(1));
            let sent = status(details, &message, &[("state", &value), ("etag", &value)]);
            prop_assert!(size(&sent) <= LARGEST, "{}", size(&sent));
            // It can be read back, whatever was in it.
            prop_assert!(sent.get_error_details().error_info().is_some());
        }
    }
}
