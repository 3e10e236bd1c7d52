//! The plan of a session that does not exist.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use fermata_core::cloud::Site;
use fermata_core::id::HostName;
use fermata_core::ledger::Ledger;
use fermata_core::policy::{CloudGroups, Policies};
use fermata_core::problem::{Asked, Pace};
use fermata_proto::v1;
use fermata_proto::v1::preview_session_response::Answer;
use futures::Stream;
use tonic::Status;

use super::App;
use crate::convert::incoming::Reader;
use crate::convert::plan as convert;
use crate::convert::plan_pieces::pieces;
use crate::error::ServeError;
use crate::parts::Part;

/// The parts of an answer.
pub(super) type Answers =
    Pin<Box<dyn Stream<Item = Result<v1::PreviewSessionResponse, Status>> + Send>>;

/// Previews a session as it would be created.
pub(super) async fn preview(
    app: &App,
    request: v1::PreviewSessionRequest,
) -> Result<Answers, ServeError> {
    let mut reader = Reader::default();
    let options = reader.options(request.options.unwrap_or_default());
    let spec = request
        .spec
        .ok_or_else(|| ServeError::field("spec", "is required: what would be asked for"))?;
    let draft = reader.draft(spec);
    let hosts = app.engine.cloud.hosts().await?;
    let (chosen, spec) = app.check(draft, &hosts, reader.into_violations()).await?;
    let hosts: BTreeSet<HostName> = chosen.iter().map(|h| h.name.clone()).collect();
    let turn = app.previews.turn().await?;
    let (site, policies, ledger) = read(app, &hosts).await?;
    let others = app.engine.store.others(None).await?;
    let pace = Pace::measured(&app.engine.store.measured_moves().await?);
    let now = app.engine.now();
    let work = move || {
        let (spec, site, policies, ledger) = (&spec, &site, &policies, &ledger);
        let (hosts, others) = (&hosts, &others);
        let asked = Asked { spec, hosts, site, policies, ledger, others, pace, now };
        convert::preview(&asked.preview(options), spec)
    };
    Ok(in_parts(turn.make(work).await))
}

/// The parts of an answer.
fn in_parts(answer: Result<v1::Plan, v1::PlanConflict>) -> Answers {
    match answer {
        Ok(plan) => {
            let parts = pieces(plan).flat_map(|Part { number, last, elements }| {
                let answer = move |plan| Ok(part(number, last, Answer::Plan(plan)));
                elements.into_iter().map(answer)
            });
            Box::pin(futures::stream::iter(parts))
        }
        Err(conflict) => {
            let whole = part(1, true, Answer::Conflict(conflict));
            Box::pin(futures::stream::iter([Ok(whole)]))
        }
    }
}

fn part(part: u32, last: bool, answer: Answer) -> v1::PreviewSessionResponse {
    v1::PreviewSessionResponse { answer: Some(answer), part, last }
}

/// The site, what the owners of servers on these hosts stored, and who of theirs is impacted.
async fn read(
    app: &App,
    hosts: &BTreeSet<HostName>,
) -> Result<(Site, Policies, Ledger), ServeError> {
    let site = app.engine.cloud.site().await?;
    let on_hosts =
        site.servers.iter().filter(|s| s.host.as_ref().is_some_and(|h| hosts.contains(h)));
    let owners = on_hosts.map(|server| server.project.clone()).collect();
    let policies = app.engine.store.policies(&owners).await?;
    let groups = Arc::new(CloudGroups::from(&site));
    let policies = policies.with_cloud(groups);
    let ledger = app.engine.ledger(&owners, &policies, app.engine.now()).await?;
    Ok((site, policies, ledger))
}
