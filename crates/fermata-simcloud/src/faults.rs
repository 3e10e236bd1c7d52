//! Calls that go wrong on demand: what a fault is, and which call it hits.

use std::fmt;

use fermata_core::id::{HostName, ServerId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calls::Call;
use crate::state::Sim;

/// The calls of the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `check`.
    Check,
    /// `hosts`.
    Hosts,
    /// `set_scheduling`.
    SetScheduling,
    /// `arriving`.
    Arriving,
    /// `servers_on`.
    ServersOn,
    /// `progress`.
    Progress,
    /// `site`.
    Site,
    /// `live_migrate`.
    LiveMigrate,
    /// `migrate`.
    Migrate,
    /// `confirm_migration`.
    ConfirmMigration,
    /// `abort_migration`.
    AbortMigration,
    /// `stop`.
    Stop,
    /// `start`.
    Start,
}

impl Operation {
    pub(crate) fn is_read(self) -> bool {
        match self {
            Self::Check
            | Self::Hosts
            | Self::Arriving
            | Self::ServersOn
            | Self::Progress
            | Self::Site => true,
            Self::SetScheduling
            | Self::LiveMigrate
            | Self::Migrate
            | Self::ConfirmMigration
            | Self::AbortMigration
            | Self::Stop
            | Self::Start => false,
        }
    }

    fn names_server(self) -> bool {
        match self {
            Self::LiveMigrate
            | Self::Migrate
            | Self::ConfirmMigration
            | Self::AbortMigration
            | Self::Stop
            | Self::Start => true,
            Self::Check
            | Self::Hosts
            | Self::SetScheduling
            | Self::Arriving
            | Self::ServersOn
            | Self::Progress
            | Self::Site => false,
        }
    }

    fn names_host(self) -> bool {
        match self {
            Self::SetScheduling | Self::Arriving | Self::ServersOn => true,
            Self::Check
            | Self::Hosts
            | Self::Progress
            | Self::Site
            | Self::LiveMigrate
            | Self::Migrate
            | Self::ConfirmMigration
            | Self::AbortMigration
            | Self::Stop
            | Self::Start => self.names_server(),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::Hosts => "hosts",
            Self::SetScheduling => "set_scheduling",
            Self::Arriving => "arriving",
            Self::ServersOn => "servers_on",
            Self::Progress => "progress",
            Self::Site => "site",
            Self::LiveMigrate => "live_migrate",
            Self::Migrate => "migrate",
            Self::ConfirmMigration => "confirm_migration",
            Self::AbortMigration => "abort_migration",
            Self::Stop => "stop",
            Self::Start => "start",
        })
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Accepted, and ends in failure: the server is as and where it was before. Actions only.
    Fails,
    /// Accepted, and never ends: until it is aborted or the faults are cleared. Actions only.
    Hangs,
    /// Accepted, and nothing happens at all. Actions and `set_scheduling`.
    Forgets,
    /// Accepted, and the server ends in ERROR. Actions only.
    Error,
    /// It happens, and the caller is told [`fermata_core::cloud::CloudError::Unknown`].
    LostAnswer,
    /// Nothing happens, and the caller is told [`fermata_core::cloud::CloudError::Unknown`].
    UnknownNotDone,
    /// Nothing happens, and the caller is told [`fermata_core::cloud::CloudError::Unavailable`].
    Unavailable,
    /// Nothing happens, and the caller is told [`fermata_core::cloud::CloudError::Rejected`].
    Rejects,
}

impl FaultKind {
    fn applies_to(self, operation: Operation) -> bool {
        match self {
            Self::Fails | Self::Hangs | Self::Error => operation.names_server(),
            Self::Forgets => !operation.is_read(),
            Self::LostAnswer | Self::UnknownNotDone | Self::Unavailable | Self::Rejects => true,
        }
    }
}

/// A fault waiting for its call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which call it hits.
    pub operation: Operation,
    /// Only for this server; `None`: for any.
    pub server: Option<ServerId>,
    /// Only for this host (of an action: the host the server is on); `None`: for any.
    pub host: Option<HostName>,
    /// How many calls it hits; `None`: every one until it is cleared. Calls that the cloud refuses
    /// anyway are not hit by faults that need an accepted call.
    pub times: Option<u32>,
    /// How it goes wrong.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault that hits the next `operation` on `server`, once.
    pub fn once(operation: Operation, server: &ServerId, kind: FaultKind) -> Self {
        Self { operation, server: Some(server.clone()), host: None, times: Some(1), kind }
    }

    /// A fault that hits every `operation` until it is cleared.
    pub fn always(operation: Operation, kind: FaultKind) -> Self {
        Self { operation, server: None, host: None, times: None, kind }
    }

    /// Says what would keep this fault from ever having its meaning.
    ///
    /// # Errors
    /// [`BadFault`], the first that applies.
    pub fn validate(&self) -> Result<(), BadFault> {
        let operation = self.operation;
        if !self.kind.applies_to(operation) {
            let kind = self.kind;
            return Err(BadFault::Kind { kind, operation });
        }
        if self.server.is_some() && !operation.names_server() {
            return Err(BadFault::Server { operation });
        }
        if self.host.is_some() && !operation.names_host() {
            return Err(BadFault::Host { operation });
        }
        if self.times == Some(0) {
            return Err(BadFault::Never);
        }
        Ok(())
    }

    fn hits(&self, call: &Call) -> bool {
        self.operation == call.operation
            && (self.server.is_none() || self.server == call.server)
            && (self.host.is_none() || self.host == call.place)
    }
}

/// Why a fault cannot be injected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadFault {
    /// The call cannot go wrong in this way.
    #[error("{operation} cannot have a fault of kind {kind:?}")]
    Kind {
        /// The way.
        kind: FaultKind,
        /// The call.
        operation: Operation,
    },
    /// The call is not about one server.
    #[error("{operation} is not about one server")]
    Server {
        /// The call.
        operation: Operation,
    },
    /// The call is not about one host.
    #[error("{operation} is not about one host")]
    Host {
        /// The call.
        operation: Operation,
    },
    /// It would hit no call.
    #[error("times is 0, so it would hit no call")]
    Never,
}

impl Sim {
    /// Lets coming calls go wrong. Of several faults for a call, the one injected first hits.
    ///
    /// # Errors
    /// See [`Fault::validate`].
    pub fn inject(&mut self, fault: Fault) -> Result<(), BadFault> {
        fault.validate()?;
        self.faults.push(fault);
        self.revision += 1;
        Ok(())
    }

    pub(crate) fn find_fault(&self, call: &Call) -> Option<(usize, FaultKind)> {
        self.faults
            .iter()
            .enumerate()
            .find(|(_, fault)| fault.hits(call))
            .map(|(index, fault)| (index, fault.kind))
    }

    pub(crate) fn use_up_fault(&mut self, index: usize) {
        self.revision += 1;
        if let Some(times) = self.faults.get_mut(index).and_then(|f| f.times.as_mut()) {
            *times = times.saturating_sub(1);
        }
        self.faults.retain(|fault| fault.times != Some(0));
    }
}
