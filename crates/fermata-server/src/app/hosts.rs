//! Compute hosts, for operators and infrastructure components: what the cloud says, how they stand, and which sessions have
//! them.

use fermata_core::audit::{Entry, Resource};
use fermata_core::cloud::{CloudError, Host, Scheduling, Server};
use fermata_core::id::{HostName, SessionId};
use fermata_core::scheduling::{self, Others};
use fermata_store::HostsNow;

use super::App;
use crate::engine::journal;
use crate::error::ServeError;
use crate::requests::Once;

/// Compute hosts, for one call.
pub struct Hosts<'a> {
    pub(super) app: &'a App,
}

/// A host that is to be enabled or disabled.
pub struct Switch {
    /// Which.
    pub host: HostName,
    /// What it is to be.
    pub to: Scheduling,
    /// What becomes of what somebody else disabled.
    pub others: Others,
    /// Why, in the words of whoever asks.
    pub reason: String,
}

/// A host that was.
pub struct Switched {
    /// What it was before.
    pub before: Scheduling,
    /// The host after it, as the cloud has it.
    pub after: Host,
    /// How hosts stand after it.
    pub now: HostsNow,
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

    /// Enables or disables a host that no session holds.
    ///
    /// # Errors
    /// The cloud lists no such host; a session holds it; somebody else disabled it; the cloud refuses; the cloud or the database
    /// does not answer.
    pub async fn switch(
        &self,
        Switch { host, to, others, reason }: Switch,
        once: Once<'_, Switched>,
    ) -> Result<Switched, ServeError> {
        let App { engine, store, cloud, .. } = self.app;
        let before = engine.host(&host).await?.scheduling;
        if let Some((session, row)) = store.hosts_now().await?.held.get(&host)
            && let Some(ends) = scheduling::holds(row)
        {
            let (session, state) = (*session, row.state.name());
            return Err(ServeError::HostHeld { host, session, state, ends });
        }
        if let Err(reason) = scheduling::may_switch(&before, others) {
            return Err(ServeError::HostDisabledByOther { host, reason });
        }
        let detail = match (&to, others) {
            (Scheduling::Enabled, Others::Respect) => "enabled",
            (Scheduling::Enabled, Others::Override) => "enabled (override_others)",
            (Scheduling::Disabled { .. }, Others::Respect) => "disabled",
            (Scheduling::Disabled { .. }, Others::Override) => "disabled (override_others)",
        };
        let entry = Entry { reason, ..once.entry(Resource::host(&host), detail.to_owned()) };
        // First: a change of the cloud that nobody recorded would be worse than a record of one that did not come about.
        store.record_asked(&entry, (&before, &to), self.app.now()).await?;
        match cloud.set_scheduling(&host, &to).await {
            Ok(()) => journal::asked(&entry),
            Err(CloudError::NotFound { .. }) => return Err(ServeError::HostNotFound),
            Err(error @ (CloudError::Rejected { .. } | CloudError::Conflict { .. })) => {
                return Err(ServeError::SwitchRefused { host, error });
            }
            Err(error @ (CloudError::Unavailable { .. } | CloudError::Unknown { .. })) => {
                return Err(error.into());
            }
        }
        let after = engine.host(&host).await?;
        let switched = Switched { before, after, now: store.hosts_now().await? };
        if let Some(record) = once.record(&switched) {
            store.note_request(record, self.app.now()).await?;
        }
        Ok(switched)
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
