//! An example of a VNFM for a pair of servers, of which one is active and the other stands by.
//!
//! It moves the traffic to the other member before it lets Fermata touch the active one, decides for each server, asks for another
//! time in its busy hours, makes room when it is asked to scale in, and scales out again afterwards. It may be killed at any time.
//!
//! `cargo run -p fermata-client --example vnfm -- --project PROJECT --pair amf-1,amf-2 --busy 17:00-22:00`

mod hours;
mod vnf;
mod vnfm;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use fermata_client::{Fallback, Owner, connect_lazy, stop_signal};

use hours::BusyHours;
use vnf::Vnf;
use vnfm::Vnfm;

/// An example of a VNFM for an active/standby pair.
#[derive(Debug, Parser)]
struct Options {
    /// The address of Fermata
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7400")]
    server: String,
    /// The project of the servers
    #[arg(long, value_name = "ID")]
    project: String,
    /// The names of the two servers, separated by a comma
    #[arg(long, value_name = "NAMES", value_parser = pair)]
    pair: [String; 2],
    /// Keeps what the VNFM must know after a restart
    #[arg(long, value_name = "FILE", default_value = "vnfm.json")]
    state: PathBuf,
    /// Hours of the day, in UTC, at which nothing should move, for example 18:00-22:00
    #[arg(long, value_name = "HOURS")]
    busy: Option<BusyHours>,
}

fn pair(names: &str) -> Result<[String; 2], String> {
    let names: Vec<String> = names.split(',').map(str::to_owned).collect();
    names.try_into().map_err(|names: Vec<_>| format!("two servers are a pair, not {}", names.len()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    tracing_subscriber::fmt().json().flatten_event(true).init();
    let vnfm = Arc::new(Vnfm::new(Vnf::open(options.state, options.pair)?, options.busy));
    let owner = owner(&options.project, &vnfm);
    owner.run_until(connect_lazy(&options.server)?, stop_signal()?).await?;
    Ok(())
}

/// Lets the VNFM decide and hear.
fn owner(project_id: &str, vnfm: &Arc<Vnfm>) -> Owner {
    let [planned, drain, scale_in, event, complete] = [(); 5].map(|()| Arc::clone(vnfm));
    Owner::new(project_id, "example-vnfm")
        .display_name("VNFM of an active/standby pair")
        // What this VNFM has not decided must not be touched.
        .fallback(Fallback::Reject)
        .on_planned(move |asked| std::future::ready(planned.planned(&asked)))
        .on_drain(move |asked| std::future::ready(drain.decide(&asked)))
        .on_scale_in(move |asked| std::future::ready(scale_in.scale_in(&asked)))
        .on_server_event(move |changed| std::future::ready(event.server_changed(&changed)))
        .on_complete(move |ended| std::future::ready(complete.complete(&ended)))
}
