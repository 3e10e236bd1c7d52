//! What tests do to a cloud in another process, past the port: as [`crate::SimCloud`] offers it to
//! those that hold it. All of these fail as calls of the port do.

use fermata_core::cloud::CloudError;
use fermata_core::id::{HostName, ServerId};

use super::client::RemoteCloud;
use super::wire::{Request, WireEntry};
use crate::faults::Fault;
use crate::journal::Entry;
use crate::others::NewServer;

impl RemoteCloud {
    /// What really happened from entry number `from` on, up to now.
    pub async fn journal(&self, from: u64) -> Result<Vec<Entry>, CloudError> {
        let entries: Vec<WireEntry> = self.ask(&Request::Journal { from }).await?;
        Ok(entries.into_iter().map(Entry::from).collect())
    }

    /// Lets coming calls go wrong. `Rejected` if the fault has no meaning ([`Fault::validate`]).
    pub async fn inject(&self, fault: Fault) -> Result<(), CloudError> {
        self.ask(&Request::Inject { fault }).await
    }

    /// Takes back all faults. What hangs goes on.
    pub async fn clear_faults(&self) -> Result<(), CloudError> {
        self.ask(&Request::ClearFaults {}).await
    }

    /// Somebody creates a server; it is active at once.
    pub async fn create_server(&self, new: NewServer) -> Result<ServerId, CloudError> {
        self.ask(&Request::CreateServer(new)).await
    }

    /// The owner deletes a server.
    pub async fn delete_server(&self, server: &ServerId) -> Result<(), CloudError> {
        self.ask(&Request::DeleteServer { server: server.clone() }).await
    }

    /// Somebody moves a server.
    pub async fn move_server(&self, server: &ServerId, host: &HostName) -> Result<(), CloudError> {
        let (server, host) = (server.clone(), host.clone());
        self.ask(&Request::MoveServer { server, host }).await
    }

    /// A host's compute service stops to report.
    pub async fn host_goes_down(&self, host: &HostName) -> Result<(), CloudError> {
        self.ask(&Request::HostGoesDown { host: host.clone() }).await
    }

    /// A host's compute service reports again.
    pub async fn host_comes_up(&self, host: &HostName) -> Result<(), CloudError> {
        self.ask(&Request::HostComesUp { host: host.clone() }).await
    }
}
