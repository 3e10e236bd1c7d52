//! How hosts stand: what is new in the cloud's list of them is told, whoever read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use fermata_core::cloud::{CloudError, Host};
use fermata_core::host_state::{self, News};
use fermata_core::id::HostName;
use fermata_store::{Standings, StoreError};
use tracing::Instrument;

use super::Engine;
use super::announce::announce;
use super::journal;
use crate::convert::events;
use crate::error::ServeError;
use crate::telemetry::cloud::observe;

impl Engine {
    /// All compute hosts as the cloud lists them now, by name. What is new of them is told before they are given.
    ///
    /// # Errors
    /// The cloud or the database does not answer.
    pub async fn hosts(&self) -> Result<Vec<Host>, ServeError> {
        // Before the cloud is read: what somebody tells of a host meanwhile is newer than what is read here.
        let known = self.store.host_standings().await?;
        let mut hosts = observe(&self.metrics, "hosts", self.cloud.hosts()).await?;
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        let seen = known.iter().map(|(host, (standing, _))| (host.clone(), standing.seen));
        let news = host_state::news(&seen.collect(), &hosts);
        if !news.is_empty() {
            self.tell(known, news).await?;
        }
        Ok(hosts)
    }

    /// One host as it is now. What is new of it is told before it is given.
    ///
    /// # Errors
    /// The cloud lists no such host; the cloud or the database does not answer.
    pub async fn host(&self, name: &HostName) -> Result<Host, ServeError> {
        let mut known = self.store.host_standings().await?;
        known.retain(|host, _| host == name);
        let host = match observe(&self.metrics, "hosts", self.cloud.host(name)).await {
            Err(CloudError::NotFound { .. }) => return Err(ServeError::HostNotFound),
            found => found?,
        };
        let seen = known.iter().map(|(host, (standing, _))| (host.clone(), standing.seen));
        let news = host_state::news(&seen.collect(), std::slice::from_ref(&host));
        if !news.is_empty() {
            self.tell(known, news).await?;
        }
        Ok(host)
    }

    async fn tell(
        &self,
        known: Standings,
        news: BTreeMap<HostName, News>,
    ) -> Result<(), StoreError> {
        let (store, now) = (self.store.clone(), self.now());
        let (hub, hints) = (Arc::clone(&self.hub), Arc::clone(&self.hints));
        let metrics = self.metrics.clone();
        let telling = async move {
            let appended = store.tell_hosts(&known, &news, now, events::of_host).await?;
            announce(&appended, None, &hub, &hints, &metrics);
            // Of a site that is read for the first time nothing is new.
            journal::seen(news.iter().filter(|(host, _)| known.contains_key(*host)));
            Ok(())
        };
        // A caller that goes away must not take the announcement of what was committed with it.
        match tokio::spawn(telling.in_current_span()).await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
