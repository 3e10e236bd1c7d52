//! `fermata simulated-cloud`: a cloud that several servers share, until it is told to stop.

use std::sync::Arc;

use fermata_server::clock;
use fermata_simcloud::{SMALL_TELCO_SITE, SimCloud, Topology, remote};
use tokio::net::TcpListener;

use super::serve::stop_requested;
use crate::args::Format;
use crate::args::simulated_cloud::SimulatedCloudArgs;
use crate::failure::Failure;
use crate::output::Screen;

pub(super) async fn run(args: &SimulatedCloudArgs, screen: &Screen) -> Result<(), Failure> {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "{} can be reached from other machines and callers are not authenticated: a simulated \
             cloud listens on loopback only",
            args.listen
        )));
    }
    let cloud = open(args)?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| Failure::Local(format!("cannot listen on {}: {error}", args.listen)))?;
    let address = listener.local_addr().map_err(|error| Failure::local(&error))?;
    match screen.format {
        Format::Table => screen.line(format_args!("the simulated cloud listens on {address}"))?,
        Format::Json => screen.line(serde_json::json!({ "listen": address.to_string() }))?,
    }
    let mut stopped = Ok(());
    remote::serve(Arc::new(cloud), listener, async { stopped = stop_requested().await }).await;
    Ok(stopped?)
}

fn open(args: &SimulatedCloudArgs) -> Result<SimCloud, Failure> {
    let topology = match &args.topology {
        Some(file) => Topology::load(file),
        None => Topology::parse(SMALL_TELCO_SITE),
    };
    let topology = topology.map_err(|error| Failure::local(&error))?;
    match &args.state {
        Some(file) => {
            SimCloud::open(&topology, clock::system(), file).map_err(|error| Failure::local(&error))
        }
        None => Ok(SimCloud::new(&topology, clock::system())),
    }
}
