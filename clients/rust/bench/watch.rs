//! What the watch costs beside the bare stub: processor time per event, in turns against one server (`clients/bench`).
//!
//! usage: watch ADDRESS EVENTS ROUNDS

use std::env;
use std::error::Error;
use std::future::Future;

use fermata_client::v1::WatchHostsRequest;
use fermata_client::v1::host_service_client::HostServiceClient;
use fermata_client::{Channel, WatchItem, WatchOptions, connect, watch};
use futures::TryStreamExt;
use rustix::time::{ClockId, clock_gettime};
use tonic::transport;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: watch ADDRESS EVENTS ROUNDS");
    let (url, events, rounds) = (format!("http://{}", next()?), next()?.parse()?, next()?.parse()?);
    let bare = transport::Endpoint::new(url.clone())?.connect().await?;
    let connection = connect(&url).await?;
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        best.0 = best.0.min(measured(events, read_bare(bare.clone())).await?);
        best.1 = best.1.min(measured(events, read_watch(connection.clone(), events)).await?);
    }
    println!(r#"{{"bare": {:.3}, "watch": {:.3}}}"#, best.0, best.1);
    Ok(())
}

async fn read_bare(channel: transport::Channel) -> Result<u64> {
    let mut client = HostServiceClient::new(channel);
    let mut responses = client.watch_hosts(WatchHostsRequest::default()).await?.into_inner();
    let mut last = 0;
    while let Some(response) = responses.message().await? {
        last = response.sequence;
    }
    Ok(last)
}

async fn read_watch(channel: Channel, events: u64) -> Result<u64> {
    let mut items = watch(channel, WatchHostsRequest::default(), WatchOptions::default());
    while let Some(item) = items.try_next().await? {
        if let WatchItem::Event { position, .. } = item
            && position.sequence == events
        {
            return Ok(events);
        }
    }
    Ok(0)
}

/// Microseconds of processor time per event.
#[expect(clippy::cast_precision_loss, reason = "a benchmark has few events")]
async fn measured(events: u64, read: impl Future<Output = Result<u64>>) -> Result<f64> {
    let before = processor_time();
    let last = read.await?;
    if last != events {
        return Err(format!("the last event was {last}, not {events}").into());
    }
    Ok((processor_time() - before) / events as f64)
}

/// In microseconds.
#[expect(clippy::cast_precision_loss, reason = "a process lives for less than a year")]
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
