//! The only place that uses the server crate.
//!
//! Until that crate is there, this says so; it has the same face.

use std::net::SocketAddr;
use std::path::Path;

use clap::Args;
use thiserror::Error;

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {}

/// What a server runs with.
#[derive(Debug)]
pub(crate) struct Config {}

/// A server that runs.
#[derive(Debug)]
pub(crate) enum Running {}

#[derive(Debug, Error)]
#[error("this build has no server")]
pub(crate) struct NotBuilt;

impl Config {
    pub(crate) fn load(_: ServeArgs) -> Result<Self, NotBuilt> {
        Err(NotBuilt)
    }

    pub(crate) fn demo(_: &Path) -> Self {
        Self {}
    }
}

pub(crate) async fn start(_: Config) -> Result<Running, NotBuilt> {
    Err(NotBuilt)
}

impl Running {
    pub(crate) fn grpc_addr(&self) -> SocketAddr {
        match *self {}
    }

    pub(crate) fn http_addr(&self) -> Option<SocketAddr> {
        match *self {}
    }

    pub(crate) async fn stop(self) {
        match self {}
    }
}
