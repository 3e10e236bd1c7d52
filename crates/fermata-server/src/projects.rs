//! What projects are called, as the cloud last said. Nothing depends on it, and nothing waits for it for long.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use fermata_core::cloud::{Cloud, Projects};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::causes::chain;

/// They are not asked for again before so long.
const REFRESH: Duration = Duration::from_secs(300);
/// Nor, for one that was not there, before so long.
const AGAIN: Duration = Duration::from_secs(15);
/// Nobody waits longer for names.
const PATIENCE: Duration = Duration::from_secs(2);

/// What this process knows of projects in the cloud.
#[derive(Default)]
pub struct KnownProjects {
    known: std::sync::Mutex<Known>,
    /// Held while the cloud is asked, so that others wait for the answer instead of asking as well.
    asking: Mutex<()>,
}

#[derive(Default)]
struct Known {
    projects: Arc<Projects>,
    /// When the cloud was last asked, whatever it answered.
    asked_at: Option<Instant>,
}

impl KnownProjects {
    /// What was last read; read again if that is not `enough`, because it may just have come, though not all the time. A cloud
    /// that does not answer adds a note to what was known before.
    pub async fn looked_up(
        &self,
        cloud: &dyn Cloud,
        enough: impl Fn(&Projects) -> bool,
    ) -> Arc<Projects> {
        let recent = || {
            let known = self.known();
            let age = known.asked_at?.elapsed();
            let usable = age < AGAIN || age < REFRESH && enough(&known.projects);
            usable.then(|| Arc::clone(&known.projects))
        };
        let read = async {
            if let Some(projects) = recent() {
                return projects;
            }
            let _asking = self.asking.lock().await;
            match recent() {
                Some(projects) => projects,
                None => self.ask(cloud).await,
            }
        };
        match tokio::time::timeout(PATIENCE, read).await {
            Ok(projects) => projects,
            Err(_) => self.with_note("the cloud does not answer in time"),
        }
    }

    async fn ask(&self, cloud: &dyn Cloud) -> Arc<Projects> {
        let read = cloud.projects().await;
        let mut known = self.known();
        known.asked_at = Some(Instant::now());
        match read {
            Ok(projects) => {
                known.projects = Arc::new(projects);
                Arc::clone(&known.projects)
            }
            Err(error) => {
                drop(known);
                tracing::warn!(error = chain(&error), "names of projects cannot be read");
                self.with_note("the cloud does not answer")
            }
        }
    }

    fn with_note(&self, why: &str) -> Arc<Projects> {
        let mut projects = Projects::clone(&self.known().projects);
        projects.notes.push(format!("names of projects may be missing: {why}"));
        Arc::new(projects)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use fermata_core::id::ProjectId;
    use fermata_simcloud::{SimCloud, Topology};

    use super::*;

    fn cloud() -> SimCloud {
        let host = "[[hosts]]\nname = \"h\"\nvcpus = 1\nmemory_mib = 1\ndisk_gib = 1\n";
        let text = format!("{host}[[projects]]\nid = \"p1\"\nname = \"ims\"\n");
        SimCloud::new(&Topology::parse(&text).unwrap(), crate::clock::system())
    }

    #[tokio::test(start_paused = true)]
    async fn item_10_names_of_projects_are_asked_for_now_and_then() {
        let (known, cloud) = (KnownProjects::default(), cloud());
        let found = known.looked_up(&cloud, |_| true).await;
        let names: Vec<_> = found.known.iter().map(|p| (p.id.clone(), p.name.as_str())).collect();
        assert_eq!(names, [(ProjectId::from("p1"), "ims")]);
        let again = async |enough: bool| known.looked_up(&cloud, |_| enough).await;
        assert!(
            Arc::ptr_eq(&found, &again(false).await),
            "one that is not there is not looked for at once"
        );
        tokio::time::advance(AGAIN).await;
        assert!(Arc::ptr_eq(&found, &again(true).await));
        assert!(!Arc::ptr_eq(&found, &again(false).await));
    }
}
