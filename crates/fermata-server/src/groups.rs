//! What the cloud says of groups, as it was last read: which servers there are, members of server groups, groups that
//! servers' metadata name. Policies of groups go by it. Never read while a session is changed.

use std::sync::Arc;
use std::time::Duration;

use crate::causes::chain;
use crate::projects::KnownProjects;
use fermata_core::cloud::{Cloud, CloudError};
use fermata_core::policy::CloudGroups;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// They are not asked for again before so long.
const REFRESH: Duration = Duration::from_secs(60);

/// Nor, for something that was not there, before so long.
const AGAIN: Duration = Duration::from_secs(15);
/// A write waits no longer for what is only a help.
const PATIENCE: Duration = Duration::from_secs(2);

/// What this process knows of groups in the cloud.
#[derive(Default)]
pub struct KnownGroups {
    /// What projects are called.
    pub projects: KnownProjects,
    known: std::sync::Mutex<Known>,
    /// Held while the cloud is asked, so that others wait for the answer instead of asking as well.
    asking: Mutex<()>,
}

#[derive(Default)]
struct Known {
    groups: Arc<CloudGroups>,
    /// When the cloud was last asked, whatever it answered.
    asked_at: Option<Instant>,
}

impl KnownGroups {
    /// What was last read; `None` if it is time to ask again.
    pub fn recent(&self) -> Option<Arc<CloudGroups>> {
        let known = self.known();
        let recent = known.asked_at.is_some_and(|at| at.elapsed() < REFRESH);
        recent.then(|| Arc::clone(&known.groups))
    }

    /// Asks the cloud.
    ///
    /// # Errors
    /// It does not answer. What was known before stays.
    pub async fn read(&self, cloud: &dyn Cloud) -> Result<Arc<CloudGroups>, CloudError> {
        let _asking = self.asking.lock().await;
        self.ask(cloud).await
    }

    /// What was last read, asked for again if it is time to. A cloud that does not answer changes nothing.
    pub async fn refreshed(&self, cloud: &dyn Cloud) -> Arc<CloudGroups> {
        let _asking = self.asking.lock().await;
        if let Some(groups) = self.recent() {
            return groups;
        }
        match self.ask(cloud).await {
            Ok(groups) => groups,
            Err(error) => {
                tracing::warn!(
                    error = chain(&error),
                    "groups cannot be read; what was last read counts"
                );
                Arc::clone(&self.known().groups)
            }
        }
    }

    /// What was last read; read again if that is not `enough`, because it may just have come, though not all the time.
    /// `None`: the cloud did not answer.
    pub async fn looked_up(
        &self,
        cloud: &dyn Cloud,
        enough: impl Fn(&CloudGroups) -> bool,
    ) -> Option<Arc<CloudGroups>> {
        let usable = || {
            let known = self.known();
            let age = known.asked_at?.elapsed();
            let usable = age < AGAIN || age < REFRESH && enough(&known.groups);
            usable.then(|| Arc::clone(&known.groups))
        };
        let read = async {
            if let Some(groups) = usable() {
                return Ok(groups);
            }
            let _asking = self.asking.lock().await;
            match usable() {
                Some(groups) => Ok(groups),
                None => self.ask(cloud).await,
            }
        };
        let read = tokio::time::timeout(PATIENCE, read).await.ok()?.ok()?;
        read.are_read().then_some(read)
    }

    async fn ask(&self, cloud: &dyn Cloud) -> Result<Arc<CloudGroups>, CloudError> {
        let (site, projects) = tokio::join!(cloud.site(), self.projects.looked_up(cloud, |_| true));
        let mut known = self.known();
        known.asked_at = Some(Instant::now());
        let names = projects.known.iter().map(|p| (p.id.clone(), p.name.clone()));
        known.groups = Arc::new(CloudGroups::from(&site?).naming(names));
        Ok(Arc::clone(&known.groups))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
