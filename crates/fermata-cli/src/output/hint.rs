//! What to do about a failure, where the message alone does not say it.

use std::error::Error;

use fermata_client::v1::{ErrorReason, SessionState};
use fermata_client::{ConnectError, ErrorDetails};

use crate::failure::Failure;

pub(crate) fn of(failure: &Failure, details: &ErrorDetails) -> Option<String> {
    let hint = match failure {
        Failure::Connect(ConnectError::Unreachable { source, .. }) => {
            by_transport(source).unwrap_or(
                "is the server running? Start one with `fermata serve --cloud …`, or name another with --server",
            )
        }
        Failure::Ended { id, state: SessionState::Failed } => {
            return Some(format!(
                "see `fermata session get {id}`, then resume it, skip hosts, or cancel it"
            ));
        }
        Failure::Tampered(fault) => {
            return Some(format!(
                "compare record {} with a back-up of the database, and find out who can write to it",
                fault.sequence()
            ));
        }
        Failure::Call(status) => match details.reason {
            Some(reason) => by_reason(reason)?,
            None => by_transport(status.source()?)?,
        },
        Failure::Usage(_)
        | Failure::NotFound(_)
        | Failure::Connect(ConnectError::Address { .. } | ConnectError::File { .. })
        | Failure::Ended { .. }
        | Failure::NotReached(_)
        | Failure::Skipped { .. }
        | Failure::NoPlan
        | Failure::Local(_)
        | Failure::Output(_) => return None,
    };
    Some(hint.to_owned())
}

/// What the two ends of a connection do not agree about.
fn by_transport(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text += &format!(": {deeper}");
        cause = deeper.source();
    }
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    Some(if says(&["peer certificate: UnknownIssuer", "BadSignature"]) {
        "the server's certificate is of a CA that is not trusted here: --tls-ca FILE"
    } else if says(&["peer certificate: Expired", "peer certificate: certificate expired"]) {
        "the server's certificate has expired, or the clock here is wrong"
    } else if says(&["NotValidForName", "not valid for name"]) {
        "the server's certificate is for other names: --server with a name that it has"
    } else if says(&["received fatal alert"]) {
        "the server refused the certificate of this client: --tls-cert and --tls-key, of the server's client CA and not expired"
    } else if says(&[
        "InvalidContentType",
        "corrupt message",
        "frame with invalid size",
        "http2 error",
    ]) {
        "one end speaks TLS and the other does not: --server https://… or http://…"
    } else {
        return None;
    })
}

fn by_reason(reason: ErrorReason) -> Option<&'static str> {
    Some(match reason {
        ErrorReason::UnknownHost | ErrorReason::HostNotFound => {
            "`fermata host list` shows the hosts"
        }
        ErrorReason::WindowInvalid => {
            "the window ends with --end TIME or --for SPAN, after its start and after now"
        }
        ErrorReason::HostInSession => {
            "`fermata session list --host HOST` shows the other session; wait for it or cancel it"
        }
        ErrorReason::HostDisabledByOther => {
            "`fermata host get HOST` shows it; --force switches it all the same"
        }
        ErrorReason::CloudRefused => "what the cloud says is above; nothing was changed",
        ErrorReason::SessionNotFound => "`fermata session list` shows the sessions",
        ErrorReason::NotificationNotFound => {
            "`fermata owner list --project ID` shows the notifications of a project"
        }
        ErrorReason::SubscriptionNotFound => "`fermata owner subscriptions` shows who takes part",
        ErrorReason::PolicyNotFound => "`fermata policy server list` shows the policies of servers",
        ErrorReason::ServerGroupNotFound => "`fermata policy group list` shows the groups",
        ErrorReason::ServerNotInNotification | ErrorReason::ActionNotAllowed => {
            "`fermata owner get NOTIFICATION` shows the servers and what each allows"
        }
        ErrorReason::WrongState => "`fermata session get SESSION` shows what it waits for",
        ErrorReason::ReplyLate => {
            "the default action is taken now; the operator may be asked to skip the host"
        }
        ErrorReason::PlanRevisionStale => {
            "the plan changed meanwhile: read the notification again and decide again"
        }
        ErrorReason::EtagMismatch => "it changed meanwhile: read it again and decide again",
        ErrorReason::ResourceExists => "it exists: read it, and replace it or take another id",
        ErrorReason::RequestIdReused => "take another --request-id, or none, for another request",
        ErrorReason::ConcurrentChange
        | ErrorReason::SlowReader
        | ErrorReason::TooManyStreams
        | ErrorReason::TooManyPreviews
        | ErrorReason::TooManyCalls
        | ErrorReason::CallRateExceeded
        | ErrorReason::RequestTooSlow
        | ErrorReason::CloudUnavailable
        | ErrorReason::StoreUnavailable
        | ErrorReason::ShuttingDown
        | ErrorReason::Starting => "try again",
        ErrorReason::QuotaExceeded => {
            "delete what is not needed any more, or ask the operator for a higher quota"
        }
        ErrorReason::NewerReleaseNeeded => {
            "call again, or ask a replica of the newer release: --server URL"
        }
        ErrorReason::CredentialsMissing
        | ErrorReason::CredentialsInvalid
        | ErrorReason::CredentialsExpired => {
            "give valid credentials: --token-file FILE, FERMATA_TOKEN, --os-cloud NAME, or --tls-cert and --tls-key"
        }
        ErrorReason::RoleRequired => {
            "ask your administrator for the role, or use other credentials"
        }
        ErrorReason::ProjectForeign => "name a project of yours, or use other credentials",
        ErrorReason::Internal => "Fermata's log holds more",
        ErrorReason::Unspecified
        | ErrorReason::InvalidField
        | ErrorReason::ResumeTokenInvalid
        | ErrorReason::ResumeTokenExpired
        | ErrorReason::PageTokenInvalid => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_tls_refuses_says_what_to_do() {
        let hint = |text: &str| by_transport(&io::Error::other(text)).unwrap_or_default();
        assert!(hint("invalid peer certificate: UnknownIssuer").contains("--tls-ca"));
        assert!(hint("invalid peer certificate: certificate expired: …").contains("expired"));
        assert!(hint("received fatal alert: CertificateExpired").contains("--tls-cert"));
        assert!(hint("received corrupt message of type InvalidContentType").contains("https://"));
        assert_eq!(hint("Connection refused (os error 111)"), "");
    }
}
