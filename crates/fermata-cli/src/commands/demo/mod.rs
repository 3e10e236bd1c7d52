//! `fermata demo`: a server on a simulated cloud, two owners and an operator, and what they say to
//! each other from the first notification to the report.
//!
//! | file | job |
//! | --- | --- |
//! | `narrator` | who says what on the screen |
//! | `owner` | an owner that takes part over its stream |
//! | `operator` | the operator: asks for a session, works on hosts |
//! | `secured` | TLS and tokens, with `--secure` |
//! | `verdict` | whether it went as it should |
//! | `invitation` | what to try while the server stays up |

mod invitation;
mod narrator;
mod operator;
mod owner;
mod secured;
mod verdict;

use std::time::Duration;

use fermata_server::Config;
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
use secured::{OPERATOR, Secured, connect};

/// A demo that takes longer has gone wrong.
const LIMIT: Duration = Duration::from_secs(90);

pub(super) async fn demo(args: &DemoArgs, screen: &Screen) -> Result<(), Failure> {
    let state = tempfile::tempdir()?;
    let mut config = Config::demo(state.path());
    let secured = args.secure.then(|| Secured::new(state.path(), &mut config)).transpose()?;
    let mut running =
        fermata_server::start(config).await.map_err(|error| Failure::local(&error))?;
    running.ready().await.map_err(|error| Failure::local(&error))?;
    let scheme = if secured.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", running.grpc_addr());
    let secured = secured.as_ref();
    let narrator = Narrator::new(screen.clone());
    // Owners go on answering while the server is held.
    let mut owners = JoinSet::new();
    let told = tokio::time::timeout(LIMIT, story(&url, secured, &narrator, &mut owners)).await;
    let outcome = match told {
        Ok(Ok(session_id)) if args.hold => {
            let text = invitation::text(&url, secured, running.http_addr(), &session_id);
            hold(&text, screen).await
        }
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
    secured: Option<&Secured>,
    narrator: &Narrator,
    owners: &mut JoinSet<()>,
) -> Result<String, Failure> {
    narrator.say(
        Speaker::Fermata,
        &format!("I coordinate a simulated telco site of six hosts, and listen on {url}"),
    )?;
    let joining = OWNERS.map(async |character| {
        let channel = connect(secured, url, character.name).await?;
        Owner::join(channel, character, narrator.clone()).await
    });
    let (heard, mut hears) = mpsc::channel(OWNERS.len());
    for owner in future::try_join_all(joining).await? {
        if secured.is_some() {
            owner.is_kept_apart().await?;
        }
        owners.spawn(owner.take_part(heard.clone()));
    }
    drop(heard);
    let channel = connect(secured, url, OPERATOR).await?;
    let report = operator::maintain(channel, narrator).await?;
    for _ in OWNERS {
        let gone = || Failure::Local("an owner did not hear of the end".to_owned());
        hears.recv().await.ok_or_else(gone)?;
    }
    narrator.pause()?;
    narrator.document(&report, |report, now| view::report::report(report, &owner::names(), now))?;
    verdict::check(&report)?;
    narrator.pause()?;
    narrator
        .say(Speaker::Fermata, "every host is maintained, and every owner got what it chose")?;
    Ok(report.session.map(|session| session.id).unwrap_or_default())
}

async fn hold(text: &str, screen: &Screen) -> Result<(), Failure> {
    match screen.format {
        Format::Table => screen.line(text)?,
        Format::Json => screen.note(text)?,
    }
    Ok(stop_requested().await?)
}
