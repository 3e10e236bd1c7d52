//! The conformance program: an owner, or a watch, that writes a journal of what it does.
//!
//! One suite (`tests/sdks`) runs the programs of all SDKs against a server behind a proxy that does harm, and compares what they
//! write.

mod behaviour;
mod journal;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use fermata_client::v1::SubscribeRequest;
use fermata_client::{
    Channel, ConnectOptions, Credentials, Owner, WatchOptions, connect_lazy_as, error, stop_signal,
    watch,
};
use futures::TryStreamExt;
use tokio::time::sleep;
use tonic::Status;

use behaviour::{Behaviour, BehaviourName};
use journal::Journal;

/// An owner, or a watch, that writes a journal of what it does.
#[derive(Debug, Parser)]
struct Options {
    #[arg(long, value_name = "URL")]
    server: String,
    #[arg(long, value_name = "ID")]
    project: String,
    #[arg(long, value_name = "ID")]
    subscription: String,
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    #[arg(long)]
    layer: Layer,
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    heartbeat: Option<Duration>,
    #[arg(long, default_value = "accept")]
    behaviour: BehaviourName,
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    slow_for: Duration,
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    read_delay: Duration,
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    answer_margin: Duration,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Layer {
    Watch,
    Owner,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse();
    let journal = Arc::new(Journal::open(&options.journal)?);
    let stop = stop_signal()?;
    let connect = ConnectOptions {
        credentials: options.token_file.clone().map_or(Credentials::None, Credentials::TokenFile),
        tls_ca: options.tls_ca.clone(),
        ..Default::default()
    };
    let channel = connect_lazy_as(&options.server, &connect)?;
    let ended = match options.layer {
        Layer::Owner => owner(&options, &journal).run_until(channel, stop).await,
        Layer::Watch => tokio::select! {
            () = stop => Ok(()),
            ended = read(channel, &options, &journal) => ended,
        },
    };
    let reason = ended.as_ref().err().map_or_else(|| "stopped".to_owned(), error::reason_or_code);
    journal.ended(&reason);
    Ok(if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn owner(options: &Options, journal: &Arc<Journal>) -> Owner {
    let behaviour = Arc::new(Behaviour::new(options.behaviour, options.slow_for));
    let mut owner = Owner::new(&options.project, &options.subscription)
        .display_name("conformance")
        .answer_margin(options.answer_margin)
        .hooks(journal::Journaling(Arc::clone(journal)));
    if let Some(interval) = options.heartbeat.filter(|interval| !interval.is_zero()) {
        owner = owner.heartbeat_interval(interval);
    }
    let decide = {
        let behaviour = Arc::clone(&behaviour);
        move |question| {
            let behaviour = Arc::clone(&behaviour);
            async move { behaviour.decide(question).await }
        }
    };
    let (of_server, of_session, of_end) =
        (Arc::clone(&behaviour), Arc::clone(&behaviour), behaviour);
    owner
        .on_planned(decide.clone())
        .on_drain(decide.clone())
        .on_scale_in(decide)
        .on_server_event(move |event| std::future::ready(of_server.hear(&event)))
        .on_session_event(move |event| std::future::ready(of_session.hear(&event)))
        .on_complete(move |event| std::future::ready(of_end.hear(&event)))
}

async fn read(channel: Channel, options: &Options, journal: &Journal) -> Result<(), Status> {
    let heartbeat_interval = options.heartbeat.filter(|interval| !interval.is_zero());
    let request = SubscribeRequest {
        project_id: options.project.clone(),
        heartbeat_interval: heartbeat_interval.and_then(|interval| interval.try_into().ok()),
        ..Default::default()
    };
    let mut items = watch(channel, request, WatchOptions::default());
    while let Some(item) = items.try_next().await? {
        journal.item(&item);
        sleep(options.read_delay).await;
    }
    Ok(())
}
