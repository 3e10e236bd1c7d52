//! Sessions, for operators.

use std::collections::BTreeSet;
use std::sync::Arc;

use fermata_core::cloud::{Host, Server, Site};
use fermata_core::id::{HostName, SessionId};
use fermata_core::ledger::Ledger;
use fermata_core::machine::Ask;
use fermata_core::policy::{CloudGroups, Policies};
use fermata_core::problem::{Asked, Pace, PlanOptions, Preview};
use fermata_core::session::Session;
use fermata_core::spec::{Draft, Spec, Violation, ViolationKind, select};
use fermata_store::{Listed, SessionQuery};
use futures::{StreamExt, TryStreamExt};

use super::App;
use crate::door::Call;
use crate::engine::Guard;
use crate::error::ServeError;
use crate::requests::Once;
use crate::telemetry::trace;

/// Servers of so many hosts are read at once when a session is created.
const READS: usize = 16;

/// Sessions, for one call.
pub struct Sessions<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
}

impl Sessions<'_> {
    /// A session as it stands.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn load(&self, id: SessionId) -> Result<Session, ServeError> {
        self.app.engine.load(id).await
    }

    /// A session, and the number of the last event that is in it.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn snapshot(&self, id: SessionId) -> Result<(Session, u64), ServeError> {
        self.app.store.session_snapshot(id).await?.ok_or(ServeError::SessionNotFound)
    }

    /// Sessions.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self, query: &SessionQuery) -> Result<Vec<Listed>, ServeError> {
        Ok(self.app.store.list_sessions(query).await?)
    }

    /// Creates a session. `violations`: what was found wrong in the draft before.
    ///
    /// # Errors
    /// Everything that is wrong with the draft; the cloud or the database does not answer.
    pub async fn create(
        &self,
        draft: Draft,
        violations: Vec<Violation>,
        once: Once<'_, Session>,
    ) -> Result<Session, ServeError> {
        let hosts = self.app.engine.hosts().await?;
        let (chosen, spec) = self.check(draft, &hosts, violations).await?;
        let servers = self.servers_on(chosen.iter().map(|h| h.name.clone()).collect()).await?;
        let guard = Guard { right: None, etag: "", once: Some(once) };
        let (who, trace) = (self.call.who.clone(), trace::traceparent());
        self.app.engine.create(who, spec, &chosen, servers, trace, guard).await
    }

    /// Asks something of a session; gives the session after it. `etag`: the one that must be current; empty: any.
    ///
    /// # Errors
    /// It does not fit the session; the etag is not current; the database does not answer.
    pub async fn ask(
        &self,
        id: SessionId,
        ask: Ask,
        etag: &str,
        once: Once<'_, Session>,
    ) -> Result<Arc<Session>, ServeError> {
        let guard = Guard { right: None, etag, once: Some(once) };
        self.app.engine.apply(id, ask.by(self.call.who.clone()), guard).await
    }

    /// Deletes a session that is over.
    ///
    /// # Errors
    /// There is none, or it is not over; the etag is not current; the database does not answer.
    pub async fn delete(
        &self,
        id: SessionId,
        etag: &str,
        once: Once<'_, ()>,
    ) -> Result<(), ServeError> {
        self.app.engine.delete(id, etag, once).await
    }

    /// The plan of a session that does not exist, as `tell` tells it.
    ///
    /// # Errors
    /// Everything that is wrong with the draft; too many previews; the cloud or the database does not answer.
    pub async fn preview<T: Send + 'static>(
        &self,
        draft: Draft,
        violations: Vec<Violation>,
        options: PlanOptions,
        tell: impl FnOnce(&Preview, &Spec) -> T + Send + 'static,
    ) -> Result<T, ServeError> {
        let hosts = self.app.engine.hosts().await?;
        let (chosen, spec) = self.check(draft, &hosts, violations).await?;
        let hosts: BTreeSet<HostName> = chosen.iter().map(|h| h.name.clone()).collect();
        let turn = self.app.previews.turn().await?;
        let (site, policies, ledger) = self.read(&hosts).await?;
        let others = self.app.store.others(None).await?;
        let pace = Pace::measured(&self.app.store.measured_moves().await?);
        let now = self.app.now();
        let work = move || {
            let (spec, site, policies, ledger) = (&spec, &site, &policies, &ledger);
            let (hosts, others) = (&hosts, &others);
            let asked = Asked { spec, hosts, site, policies, ledger, others, pace, now };
            tell(&asked.preview(options), spec)
        };
        Ok(turn.make(work).await)
    }

    /// The site, what the owners of servers on these hosts stored, and who of theirs is impacted.
    async fn read(
        &self,
        hosts: &BTreeSet<HostName>,
    ) -> Result<(Site, Policies, Ledger), ServeError> {
        let site = self.app.cloud.site().await?;
        let on_hosts =
            site.servers.iter().filter(|s| s.host.as_ref().is_some_and(|h| hosts.contains(h)));
        let owners = on_hosts.map(|server| server.project.clone()).collect();
        let policies = self.app.store.policies(&owners).await?;
        let groups = Arc::new(CloudGroups::from(&site));
        let policies = policies.with_cloud(groups);
        let ledger = self.app.engine.ledger(&owners, &policies, self.app.now()).await?;
        Ok((site, policies, ledger))
    }

    async fn servers_on(&self, hosts: Vec<HostName>) -> Result<Vec<Server>, ServeError> {
        let reads = hosts.into_iter().map(|host| {
            let cloud = Arc::clone(&self.app.cloud);
            async move { cloud.servers_on(&host).await }
        });
        let servers: Vec<Vec<Server>> =
            futures::stream::iter(reads).buffered(READS).try_collect().await?;
        Ok(servers.into_iter().flatten().collect())
    }

    /// Finds everything that is wrong with a draft, at once.
    async fn check<'h>(
        &self,
        draft: Draft,
        hosts: &'h [Host],
        mut violations: Vec<Violation>,
    ) -> Result<(Vec<&'h Host>, Spec), ServeError> {
        let chosen = select(&draft.selection, hosts).unwrap_or_else(|wrong| {
            violations.extend(wrong);
            let named: BTreeSet<&HostName> = draft.selection.names.iter().collect();
            hosts.iter().filter(|h| named.contains(&h.name)).collect()
        });
        let names: Vec<HostName> = chosen.iter().map(|h| h.name.clone()).collect();
        for (host, session) in self.app.store.sessions_of_hosts(&names).await? {
            let message = format!(
                "host '{host}' is in active session {session}; cancel that one or leave the host out"
            );
            violations.push(Violation::of(
                ViolationKind::HostInSession { host, session },
                "spec.hosts",
                message,
            ));
        }
        let spec = draft.complete(&names.into_iter().collect(), self.app.now());
        match spec {
            Ok(spec) if violations.is_empty() => Ok((chosen, spec)),
            Ok(_) => Err(ServeError::Violations(violations)),
            Err(wrong) => {
                violations.extend(wrong);
                Err(ServeError::Violations(violations))
            }
        }
    }
}
