//! The way of every call through the simulated cloud: time goes on to now, a fault may interfere,
//! and the journal records what came of it.

use fermata_core::Time;
use fermata_core::cloud::{CloudError, OutageKind};
use fermata_core::id::{HostName, ServerId};

use crate::faults::{FaultKind, Operation};
use crate::journal::{Answer, Outcome};
use crate::state::{Ending, Sim};

/// A call of the port, as far as faults and the journal care.
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) server: Option<ServerId>,
    /// The host the call names.
    pub(crate) host: Option<HostName>,
    /// The host that decides whether a fault of a host hits: the named one, or the server's.
    pub(crate) place: Option<HostName>,
}

impl Call {
    /// A call about no server or host.
    pub(crate) fn general(operation: Operation) -> Self {
        Self { operation, server: None, host: None, place: None }
    }

    /// A call about a host.
    pub(crate) fn on_host(operation: Operation, host: &HostName) -> Self {
        Self { operation, server: None, host: Some(host.clone()), place: Some(host.clone()) }
    }
}

/// What a call shall do when the state allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// Do it; what it starts will end like this.
    Take(Ending),
    /// Say that it is done, and do nothing.
    Forget,
}

impl Sim {
    pub(crate) fn call<T>(
        &mut self,
        now: Time,
        call: &Call,
        run: impl FnOnce(&mut Self, Course) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        self.advance(now);
        let fault = self.find_fault(call);
        // Clouds name hosts in what they say.
        let detail = || match &call.place {
            Some(host) => format!("fault injected into {} on {host}", call.operation),
            None => format!("fault injected into {}", call.operation),
        };
        let (outcome, answer) = match fault.map(|(_, kind)| kind) {
            None => performed(run(self, Course::Take(Ending::Well))),
            Some(FaultKind::Fails) => performed(run(self, Course::Take(Ending::Fails))),
            Some(FaultKind::Hangs) => performed(run(self, Course::Take(Ending::Hangs))),
            Some(FaultKind::Error) => performed(run(self, Course::Take(Ending::Errors))),
            Some(FaultKind::Forgets) => match run(self, Course::Forget) {
                Ok(value) => (Outcome::Nothing, Ok(value)),
                Err(error) => (Outcome::Refused, Err(error)),
            },
            Some(FaultKind::LostAnswer) => match run(self, Course::Take(Ending::Well)) {
                Ok(_) => (Outcome::Done, Err(CloudError::Unknown { detail: detail() })),
                Err(error) => (Outcome::Refused, Err(error)),
            },
            Some(FaultKind::UnknownNotDone) => nothing(CloudError::Unknown { detail: detail() }),
            Some(FaultKind::Unavailable) => {
                let (kind, detail) = (OutageKind::Overloaded, detail());
                nothing(CloudError::Unavailable { kind, detail })
            }
            Some(FaultKind::Rejects) => nothing(CloudError::Rejected { detail: detail() }),
        };
        // A fault waits for a call that it can change.
        if let Some((index, _)) = fault
            && outcome != Outcome::Refused
        {
            self.use_up_fault(index);
        }
        let told = answer.as_ref().err().map_or(Answer::Ok, Answer::from);
        self.note_call(call, outcome, told);
        answer
    }
}

type Performed<T> = (Outcome, Result<T, CloudError>);

fn performed<T>(result: Result<T, CloudError>) -> Performed<T> {
    let outcome = match result {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Refused,
    };
    (outcome, result)
}

fn nothing<T>(error: CloudError) -> Performed<T> {
    (Outcome::Nothing, Err(error))
}
