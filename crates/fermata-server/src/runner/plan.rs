//! Makes a session's plan from the site as it is, beside the threads that serve calls; one after the other, so that each
//! knows what the one before promised.

use std::collections::BTreeSet;
use std::sync::Arc;

use fermata_core::cloud::{CloudError, Site};
use fermata_core::desk::Done;
use fermata_core::machine::Input;
use fermata_core::policy::CloudGroups;
use fermata_core::problem::Pace;
use fermata_core::replan::{Planned, Replan};
use fermata_core::session::Session;
use tracing::Instrument;

use super::Runner;
use super::calls::{effect, outcome, timed};
use super::faults;
use crate::engine::Guard;
use crate::error::ServeError;
use crate::replica::Right;

/// Makes a plan and tells the session.
pub(super) async fn plan(runner: Arc<Runner>, right: Right, session: Arc<Session>) -> Done {
    let span = effect(&session, "plan");
    let result = make(&runner, right, &session).instrument(span.clone()).await;
    Done::Plan(span.in_scope(|| outcome(&session, result)))
}

async fn make(runner: &Runner, right: Right, session: &Arc<Session>) -> Result<(), ServeError> {
    let engine = &runner.engine;
    let _alone = runner.planning.lock().await;
    let site: Result<Site, CloudError> = {
        let _place = runner.calls.acquire().await;
        timed(runner, "site", runner.cloud.site()).await
    };
    let (planned, error) = match site {
        Ok(site) => (Ok(think(runner, session, site).await?), None),
        Err(error) => (Err(error.clone()), Some(error)),
    };
    engine.apply(right.session, Input::Planned(planned), Guard::of(right)).await?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

async fn think(runner: &Runner, session: &Arc<Session>, site: Site) -> Result<Planned, ServeError> {
    let engine = &runner.engine;
    // Anybody may be asked to scale in.
    let owners: BTreeSet<_> =
        site.servers.iter().map(|s| s.project.clone()).chain(session.projects()).collect();
    let groups = Arc::new(CloudGroups::from(&site));
    let policies = runner.store.policies(&owners).await?.with_cloud(groups);
    faults::look_at(runner, &site).await?;
    let now = engine.now();
    let ledger = engine.ledger(&owners, &policies, now).await?;
    let others = runner.store.others(Some(session.head.id)).await?;
    let pace = Pace::measured(&runner.store.measured_moves().await?);
    let session = Arc::clone(session);
    let work = move || {
        let (session, site, policies, ledger) = (&*session, &site, &policies, &ledger);
        Replan { session, site, policies, ledger, others: &others, pace, now }.plan()
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(planned) => Ok(planned),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
