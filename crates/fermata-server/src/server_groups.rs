//! Members of the cloud's server groups, as they were last read: policies of groups may go by them. Never read while a
//! session is changed.

use std::time::Duration;

use fermata_core::cloud::{Cloud, CloudError};
use fermata_core::policy::ServerGroups;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// They are not asked for again before so long.
const REFRESH: Duration = Duration::from_secs(60);

/// What this process knows of the cloud's server groups.
#[derive(Default)]
pub struct KnownServerGroups {
    members: std::sync::Mutex<Known>,
    /// Held while the cloud is asked, so that others wait for the answer instead of asking as well.
    asking: Mutex<()>,
}

#[derive(Default)]
struct Known {
    members: ServerGroups,
    /// When the cloud was last asked, whatever it answered.
    asked_at: Option<Instant>,
}

impl KnownServerGroups {
    /// The members last read; `None` if it is time to ask again.
    pub fn recent(&self) -> Option<ServerGroups> {
        let known = self.known();
        let recent = known.asked_at.is_some_and(|at| at.elapsed() < REFRESH);
        recent.then(|| known.members.clone())
    }

    /// Asks the cloud.
    ///
    /// # Errors
    /// It does not answer. What was known before stays.
    pub async fn read(&self, cloud: &dyn Cloud) -> Result<ServerGroups, CloudError> {
        let _asking = self.asking.lock().await;
        self.ask(cloud).await
    }

    /// The members last read, asked for again if it is time to. A cloud that does not answer changes nothing.
    pub async fn refreshed(&self, cloud: &dyn Cloud) -> ServerGroups {
        let _asking = self.asking.lock().await;
        if let Some(members) = self.recent() {
            return members;
        }
        match self.ask(cloud).await {
            Ok(members) => members,
            Err(error) => {
                tracing::warn!(%error, "server groups cannot be read; the members last read count");
                self.known().members.clone()
            }
        }
    }

    async fn ask(&self, cloud: &dyn Cloud) -> Result<ServerGroups, CloudError> {
        let site = cloud.site().await;
        let mut known = self.known();
        known.asked_at = Some(Instant::now());
        let groups = site?.groups.into_iter();
        known.members = groups.map(|g| (g.id, g.members.into_iter().collect())).collect();
        Ok(known.members.clone())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.members.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
