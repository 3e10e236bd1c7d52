//! What can go wrong, and the exit code of each.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use fermata_client::ConnectError;
use fermata_client::v1::SessionState;
use fermata_core::audit::Fault;
use tonic::{Code, Status};

use crate::words::Word;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line cannot be carried out as written.
    #[error("{0}")]
    Usage(String),
    /// What was named does not exist.
    #[error("{0}")]
    NotFound(String),
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server answered with an error, or did not answer.
    #[error("{}", .0.message())]
    Call(#[from] Box<Status>),
    /// A watched session ended otherwise than well.
    #[error("session {id} is {}", .state.name())]
    Ended { id: String, state: SessionState },
    /// A watched session is completed, and hosts were left out of it.
    #[error("session {id} is COMPLETED, but was not done on: {}", .hosts.join(", "))]
    Skipped { id: String, hosts: Vec<String> },
    /// What was waited for did not happen.
    #[error("{0}")]
    NotReached(String),
    /// What was asked for cannot be done; the answer has said why.
    #[error("there is no such plan")]
    NoPlan,
    /// The audit trail is not as it was written.
    #[error("the audit trail is broken: {0}")]
    Tampered(Fault),
    /// Something in this process.
    #[error("{0}")]
    Local(String),
    /// The output cannot be written.
    #[error("cannot write")]
    Output(#[from] io::Error),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Call(Box::new(status))
    }
}

/// The exit codes. `args::EXIT_CODES` documents them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Ok = 0,
    Failure = 1,
    Usage = 2,
    NotFound = 3,
    Refused = 4,
    Unavailable = 5,
    Conflict = 6,
    Ended = 7,
    NoPlan = 8,
    Tampered = 9,
    NotReached = 10,
    Skipped = 11,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Failure {
    /// An error of this process, with what caused it.
    pub(crate) fn local(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            let said = deeper.to_string();
            // Some errors say what caused them, and give it as their source as well.
            if !text.contains(&said) {
                text += &format!(": {said}");
            }
            cause = deeper.source();
        }
        Self::Local(text)
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_)
            | Self::Connect(ConnectError::Address { .. } | ConnectError::File { .. }) => {
                Exit::Usage
            }
            Self::NotFound(_) => Exit::NotFound,
            Self::Connect(ConnectError::Unreachable { .. }) => Exit::Unavailable,
            Self::Call(status) => code(status.code()).1,
            Self::Ended { .. } => Exit::Ended,
            Self::NotReached(_) => Exit::NotReached,
            Self::Skipped { .. } => Exit::Skipped,
            Self::NoPlan => Exit::NoPlan,
            Self::Tampered(_) => Exit::Tampered,
            // Whoever reads the output has seen enough, as with `| head`.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
            Self::Local(_) | Self::Output(_) => Exit::Failure,
        }
    }
}

/// The name of a gRPC code as its specification writes it, and the exit code it leads to.
pub(crate) fn code(code: Code) -> (&'static str, Exit) {
    match code {
        Code::Ok => ("OK", Exit::Ok),
        Code::Cancelled => ("CANCELLED", Exit::Failure),
        Code::Unknown => ("UNKNOWN", Exit::Failure),
        Code::InvalidArgument => ("INVALID_ARGUMENT", Exit::Usage),
        Code::DeadlineExceeded => ("DEADLINE_EXCEEDED", Exit::Unavailable),
        Code::NotFound => ("NOT_FOUND", Exit::NotFound),
        Code::AlreadyExists => ("ALREADY_EXISTS", Exit::Conflict),
        Code::PermissionDenied => ("PERMISSION_DENIED", Exit::Failure),
        Code::ResourceExhausted => ("RESOURCE_EXHAUSTED", Exit::Unavailable),
        Code::FailedPrecondition => ("FAILED_PRECONDITION", Exit::Refused),
        Code::Aborted => ("ABORTED", Exit::Conflict),
        Code::OutOfRange => ("OUT_OF_RANGE", Exit::Failure),
        Code::Unimplemented => ("UNIMPLEMENTED", Exit::Failure),
        Code::Internal => ("INTERNAL", Exit::Failure),
        Code::Unavailable => ("UNAVAILABLE", Exit::Unavailable),
        Code::DataLoss => ("DATA_LOSS", Exit::Failure),
        Code::Unauthenticated => ("UNAUTHENTICATED", Exit::Failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit_of(status: Status) -> u8 {
        Failure::from(status).exit() as u8
    }

    #[test]
    fn exit_codes_are_those_that_help_documents() {
        assert_eq!(exit_of(Status::internal("")), 1);
        assert_eq!(exit_of(Status::permission_denied("")), 1);
        assert_eq!(exit_of(Status::invalid_argument("")), 2);
        assert_eq!(exit_of(Status::not_found("")), 3);
        assert_eq!(exit_of(Status::failed_precondition("")), 4);
        assert_eq!(exit_of(Status::unavailable("")), 5);
        assert_eq!(exit_of(Status::deadline_exceeded("")), 5);
        assert_eq!(exit_of(Status::aborted("")), 6);
        assert_eq!(exit_of(Status::already_exists("")), 6);
        let ended = Failure::Ended { id: "x".to_owned(), state: SessionState::Cancelled };
        assert_eq!(ended.exit() as u8, 7);
        assert_eq!(Failure::NoPlan.exit() as u8, 8);
        let skipped = Failure::Skipped { id: "x".to_owned(), hosts: Vec::new() };
        assert_eq!(skipped.exit() as u8, 11);
        assert_eq!(Failure::NotReached(String::new()).exit() as u8, 10);
        let fault = Fault::Changed { sequence: 1 };
        assert_eq!(Failure::Tampered(fault).exit() as u8, 9);
    }

    #[test]
    fn item_15_a_cause_is_not_said_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot listen: {source}")]
        struct Doubled {
            source: io::Error,
        }
        #[derive(Debug, thiserror::Error)]
        #[error("cannot start")]
        struct Apart(#[source] Doubled);
        let error = Apart(Doubled { source: io::Error::other("in use") });
        let said = Failure::local(&error).to_string();
        assert_eq!(said, "cannot start: cannot listen: in use");
    }

    #[test]
    fn a_reader_that_leaves_is_no_failure() {
        let closed = Failure::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(closed.exit(), Exit::Ok);
    }
}
