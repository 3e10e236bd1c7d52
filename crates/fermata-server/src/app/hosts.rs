//! Compute hosts, for operators and infrastructure components: what the cloud says, how they stand, and which sessions have
//! them.

use fermata_core::cloud::{Host, Server};
use fermata_core::id::{HostName, SessionId};
use fermata_store::HostsNow;

use super::App;
use crate::error::ServeError;

/// Compute hosts, for one call.
pub struct Hosts<'a> {
    pub(super) app: &'a App,
}

impl Hosts<'_> {
    /// All hosts by name as the cloud lists them, and how they stand at one moment after that.
    ///
    /// # Errors
    /// The cloud or the database does not answer.
    pub async fn all(&self) -> Result<(Vec<Host>, HostsNow), ServeError> {
        let listed = self.app.engine.hosts().await?;
        Ok((listed, self.app.store.hosts_now().await?))
    }

    /// The servers that the cloud has on a host now.
    ///
    /// # Errors
    /// It lists no such host, or the cloud or the database does not answer.
    pub async fn servers(&self, host: &HostName) -> Result<Vec<Server>, ServeError> {
        let listed = self.app.engine.hosts().await?;
        if !listed.iter().any(|known| known.name == *host) {
            return Err(ServeError::HostNotFound);
        }
        Ok(self.app.cloud.servers_on(host).await?)
    }

    /// The active session that has this host.
    ///
    /// # Errors
    /// None has, or the database does not answer.
    pub async fn holder(&self, host: &HostName) -> Result<SessionId, ServeError> {
        let held = self.app.store.sessions_of_hosts(std::slice::from_ref(host)).await?;
        held.into_iter().next().map(|(_, session)| session).ok_or(ServeError::HostNotHeld)
    }
}
