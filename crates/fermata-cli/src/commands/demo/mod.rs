//! `fermata demo`: a server on a simulated cloud, two owners and an operator, and what they say to
//! each other from the first notification to the report.
//!
//! | file | job |
//! | --- | --- |
//! | `narrator` | who says what on the screen |
//! | `owner` | an owner that takes part over its stream |
//! | `operator` | the operator: asks for a session, works on hosts |
//! | `verdict` | whether it went as it should |
//! | `invitation` | what to try while the server stays up |

mod invitation;
mod narrator;
mod operator;
mod owner;
mod verdict;

use std::time::Duration;

use fermata_server::{Config, Running};
use futures::future;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::serve::stop_requested;
use crate::args::{DemoArgs, Format};
use crate::failure::Failure;
use crate::output::Screen;
use crate::view;
use narrator::{Narrator, Speaker};
use owner::{OWNERS, Owner};

/// A demo that takes longer has gone wrong.
const LIMIT: Duration = Duration::from_secs(90);

pub(super) async fn demo(args: &DemoArgs, screen: &Screen) -> Result<(), Failure> {
    let state = tempfile::tempdir()?;
    let config = Config::demo(state.path());
    let mut running =
        fermata_server::start(config).await.map_err(|error| Failure::local(&error))?;
    running.ready().await.map_err(|error| Failure::local(&error))?;
    let url = format!("http://{}", running.grpc_addr());
    let narrator = Narrator::new(screen.clone());
    // Owners go on answering while the server is held.
    let mut owners = JoinSet::new();
    let told = tokio::time::timeout(LIMIT, story(&url, &narrator, &mut owners)).await;
    let outcome = match told {
        Ok(Ok(session_id)) if args.hold => hold(&url, &running, &session_id, screen).await,
        Ok(outcome) => outcome.map(|_| ()),
        Err(_) => Err(Failure::Local(format!("the demo is not over after {LIMIT:?}"))),
    };
    owners.shutdown().await;
    running.stop().await;
    outcome
}

/// Tells the story, and gives the id of its session.
async fn story(
    url: &str,
    narrator: &Narrator,
    owners: &mut JoinSet<()>,
) -> Result<String, Failure> {
    let channel = fermata_client::connect(url).await?;
    narrator.say(
        Speaker::Fermata,
        &format!("I coordinate a simulated telco site of six hosts, and listen on {url}"),
    )?;
    let joining = OWNERS.map(|character| Owner::join(channel.clone(), character, narrator.clone()));
    let (heard, mut hears) = mpsc::channel(OWNERS.len());
    for owner in future::try_join_all(joining).await? {
        owners.spawn(owner.take_part(heard.clone()));
    }
    drop(heard);
    let report = operator::maintain(channel, narrator).await?;
    for _ in OWNERS {
        let gone = || Failure::Local("an owner did not hear of the end".to_owned());
        hears.recv().await.ok_or_else(gone)?;
    }
    narrator.pause()?;
    narrator.document(&report, view::report::report)?;
    verdict::check(&report)?;
    narrator.pause()?;
    narrator
        .say(Speaker::Fermata, "every host is maintained, and every owner got what it chose")?;
    Ok(report.session.map(|session| session.id).unwrap_or_default())
}

async fn hold(
    url: &str,
    running: &Running,
    session_id: &str,
    screen: &Screen,
) -> Result<(), Failure> {
    let text = invitation::text(url, running.http_addr(), session_id);
    match screen.format {
        Format::Table => screen.line(text)?,
        Format::Json => screen.note(text)?,
    }
    Ok(stop_requested().await?)
}
