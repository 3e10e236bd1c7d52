//! Why a host's scheduling is disabled, as the cloud has it: the reasons that Fermata gives, whose a reason is, and whether an
//! operator may switch a host outside of sessions.

use uuid::Uuid;

use crate::cloud::Scheduling;
use crate::id::{HostName, SessionId};
use crate::session::{Session, SessionHost, SessionHostState};

/// Nova keeps at most so many characters (os-services, `disabled_reason`).
const LONGEST: usize = 255;
const OF_SESSION: &str = "fermata session ";
const OF_OPERATOR: &str = "fermata operator: ";

/// Who disabled a host, by the reason that the cloud has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledBy {
    /// Fermata, in a session, which may be over or deleted.
    Session(SessionId),
    /// Fermata, because an operator asked for it outside of sessions.
    Operator,
    /// Somebody else.
    Other,
}

impl DisabledBy {
    /// Who gave this reason.
    pub fn of(reason: &str) -> Self {
        let session = reason.strip_prefix(OF_SESSION).and_then(|rest| rest.get(..36));
        match session.and_then(|id| Uuid::try_parse(id).ok()) {
            Some(id) => Self::Session(SessionId(id)),
            None if reason.starts_with(OF_OPERATOR) => Self::Operator,
            None => Self::Other,
        }
    }

    /// Whether a session gave it. What an earlier session left disabled, the one that has the host now may enable: no two of
    /// them have a host at once.
    pub fn is_session(self) -> bool {
        match self {
            Self::Session(_) => true,
            Self::Operator | Self::Other => false,
        }
    }
}

/// The reason that Fermata gives when a session disables a host. It names the session, so that Fermata recognises it, and
/// people find it.
pub fn of_session(session: SessionId, text: &str) -> String {
    cut(format!("{OF_SESSION}{session}: {text}"))
}

/// The reason that Fermata gives when an operator has a host disabled outside of sessions.
pub fn of_operator(text: &str) -> String {
    cut(format!("{OF_OPERATOR}{text}"))
}

fn cut(text: String) -> String {
    text.chars().take(LONGEST).collect()
}

/// The reason for which a session has a host disabled: what it is for, and after that how it ended.
pub fn reason(session: &Session, host: &HostName) -> String {
    let purpose = || session.head.spec.reason.clone();
    let text = session.hosts.get(host).map_or_else(purpose, |row| match row.state {
        SessionHostState::MaintenanceFailed => format!("maintenance failed: {}", row.reason),
        SessionHostState::Skipped => format!("skipped: {}", row.reason),
        SessionHostState::Retired => format!("retired: {}", row.reason),
        SessionHostState::DrainFailed => format!("drain failed: {}", row.reason),
        SessionHostState::Cancelled => format!("cancelled: {}", row.reason),
        SessionHostState::Waiting
        | SessionHostState::Draining
        | SessionHostState::InMaintenance
        | SessionHostState::Returning
        | SessionHostState::Maintained => purpose(),
    });
    of_session(session.head.id, &text)
}

/// What a session has to do with a host before an operator may switch it; `None`: nothing. The text names calls.
pub fn holds(row: &SessionHost) -> Option<&'static str> {
    match row.state {
        SessionHostState::Waiting => Some("SkipHost leaves it out"),
        SessionHostState::Draining => Some("SkipHost gives it back"),
        SessionHostState::InMaintenance => {
            Some("CompleteHost gives it back, FailHost leaves it disabled")
        }
        SessionHostState::Returning => Some("it is being given back; wait until it is"),
        SessionHostState::DrainFailed | SessionHostState::MaintenanceFailed => {
            Some("SkipHost leaves it as it is, RetryHost tries it again")
        }
        SessionHostState::Maintained
        | SessionHostState::Retired
        | SessionHostState::Skipped
        | SessionHostState::Cancelled => {
            row.call.as_ref().map(|_| "the cloud is being told why it is disabled; try again")
        }
    }
}

/// What becomes of what somebody else disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// It stays as it is.
    Respect,
    /// The operator says that it is switched all the same.
    Override,
}

/// Whether an operator may switch a host that is found so: what Fermata disabled is its own, under whichever session.
///
/// # Errors
/// Somebody else disabled it, for this reason.
pub fn may_switch(found: &Scheduling, others: Others) -> Result<(), String> {
    match (found, others) {
        (Scheduling::Disabled { reason }, Others::Respect)
            if DisabledBy::of(reason) == DisabledBy::Other =>
        {
            Err(reason.clone())
        }
        (Scheduling::Disabled { .. } | Scheduling::Enabled, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disabled(reason: impl Into<String>) -> Scheduling {
        Scheduling::Disabled { reason: reason.into() }
    }

    #[test]
    fn what_fermata_disabled_it_recognises_as_its_own_under_any_session() {
        let session = SessionId(Uuid::from_u128(7));
        assert_eq!(DisabledBy::of(&of_session(session, "firmware")), DisabledBy::Session(session));
        assert_eq!(DisabledBy::of(&of_operator("a broken fan")), DisabledBy::Operator);
        for foreign in ["", "smells", "fermata session firmware", "fermata", "fermata operator"] {
            assert_eq!(DisabledBy::of(foreign), DisabledBy::Other, "{foreign}");
        }
        for own in [of_session(session, "x"), of_operator("x")] {
            assert_eq!(may_switch(&disabled(own), Others::Respect), Ok(()));
        }
    }

    #[test]
    fn what_somebody_else_disabled_is_not_switched_without_being_asked() {
        let foreign = disabled("smells of smoke");
        assert_eq!(may_switch(&foreign, Others::Respect), Err("smells of smoke".to_owned()));
        assert_eq!(may_switch(&foreign, Others::Override), Ok(()));
        assert_eq!(may_switch(&Scheduling::Enabled, Others::Respect), Ok(()));
    }

    #[test]
    fn a_reason_is_no_longer_than_nova_keeps() {
        let long = "é".repeat(400);
        assert_eq!(of_operator(&long).chars().count(), LONGEST);
        assert_eq!(of_session(SessionId(Uuid::nil()), &long).chars().count(), LONGEST);
    }
}
