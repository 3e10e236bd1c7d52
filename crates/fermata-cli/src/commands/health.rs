//! `fermata health`: whether a server serves, for whoever starts and stops it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use fermata_server::config::{HttpListen, Listen};
use reqwest::Certificate;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::context::Context;
use crate::args::{Format, HealthArgs};
use crate::failure::Failure;

pub(super) async fn health(args: &HealthArgs, context: &Context<'_>) -> Result<(), Failure> {
    let listed = args.listen.map(|Listen(address)| reachable(address).to_string());
    let context = match &listed {
        Some(address) => &context.of_server(address),
        None => context,
    };
    grpc(context).await?;
    let http = match args.http_listen {
        Some(HttpListen::On(address)) => Some(readiness(reachable(address), context).await?),
        Some(HttpListen::Off) | None => None,
    };
    if context.screen.format == Format::Table {
        context.screen.line(format_args!("{} is SERVING", context.server()))?;
        if let Some(url) = http {
            context.screen.line(format_args!("{url} is ready"))?;
        }
    }
    Ok(())
}

/// Asks `grpc.health.v1`.
async fn grpc(context: &Context<'_>) -> Result<(), Failure> {
    let mut client = HealthClient::new(context.channel().await?);
    let answer = context.ask(client.check(HealthCheckRequest::default())).await?;
    match answer.status() {
        ServingStatus::Serving => Ok(()),
        status @ (ServingStatus::Unknown
        | ServingStatus::NotServing
        | ServingStatus::ServiceUnknown) => {
            let text = format!("{} is {}", context.server(), status.as_str_name());
            Err(Status::unavailable(text).into())
        }
    }
}

/// Asks `/readyz`, and gives its URL.
async fn readiness(address: SocketAddr, context: &Context<'_>) -> Result<String, Failure> {
    let scheme = if context.server().starts_with("https:") { "https" } else { "http" };
    let url = format!("{scheme}://{address}/readyz");
    let mut client = reqwest::Client::builder().no_proxy().timeout(context.timeout());
    if let Some(file) = context.tls_ca() {
        let pem = std::fs::read(file)?;
        for root in Certificate::from_pem_bundle(&pem).map_err(|error| Failure::local(&error))? {
            client = client.add_root_certificate(root);
        }
    }
    let away = |error: reqwest::Error| {
        let said = Failure::local(&error).to_string();
        Failure::from(Status::unavailable(said))
    };
    let client = client.build().map_err(|error| Failure::local(&error))?;
    let answer = client.get(&url).send().await.map_err(away)?;
    let is_ready = answer.status().is_success();
    let text = answer.text().await.map_err(away)?;
    if is_ready {
        Ok(url)
    } else {
        Err(Status::unavailable(format!("{url}: {}", text.trim())).into())
    }
}

/// Where a server on this machine is reached that listens on this address.
fn reachable(listens: SocketAddr) -> SocketAddr {
    let address = match listens.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        one @ (IpAddr::V4(_) | IpAddr::V6(_)) => one,
    };
    SocketAddr::new(address, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_asked_on_loopback() {
        let at = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(at("0.0.0.0:7400"), "127.0.0.1:7400");
        assert_eq!(at("[::]:7400"), "[::1]:7400");
        assert_eq!(at("192.0.2.7:7400"), "192.0.2.7:7400");
    }
}
