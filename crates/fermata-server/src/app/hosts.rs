//! Compute hosts, for operators and infrastructure components: what the cloud says, and which sessions have them.

use std::collections::BTreeMap;

use fermata_core::cloud::Host;
use fermata_core::id::{HostName, SessionId};
use fermata_core::session::{SessionHost, SessionHostState};

use super::App;
use crate::error::ServeError;

/// Which sessions have which hosts.
pub type Held = BTreeMap<HostName, (SessionId, SessionHost)>;

/// Compute hosts, for one call.
pub struct Hosts<'a> {
    pub(super) app: &'a App,
}

impl Hosts<'_> {
    /// All hosts by name, which sessions have them, and the number of the infrastructure's last event that is in it.
    ///
    /// # Errors
    /// The cloud or the database does not answer.
    pub async fn all(&self) -> Result<(Vec<Host>, Held, u64), ServeError> {
        let (rows, sequence) = self.app.store.active_hosts().await?;
        let mut held = Held::new();
        for (session, entry) in rows {
            // A host that was retired and put to use again is held by the session that is active.
            let retired = entry.state == SessionHostState::Retired;
            if !retired || !held.contains_key(&entry.host) {
                held.insert(entry.host.clone(), (session, entry));
            }
        }
        let mut found = self.app.cloud.hosts().await?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((found, held, sequence))
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
