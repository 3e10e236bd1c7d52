//! What values of options look like.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

/// An address to listen on: `127.0.0.1:7400`, `localhost:7400`, or `:7400` for every IPv4 address of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

/// Why a text is no address to listen on.
#[derive(Debug, Error)]
pub enum ListenError {
    /// No port can be found in it.
    #[error(
        "'{0}' is no address to listen on; it must be HOST:PORT or :PORT, for example localhost:7400"
    )]
    Form(String),
    /// The name of its host has no address.
    #[error("the host of '{text}' has no address: {source}")]
    Name {
        /// What was typed.
        text: String,
        /// Why.
        source: std::io::Error,
    },
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse() {
            return Ok(Self(address));
        }
        let form = || ListenError::Form(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(form)?;
        let port: u16 = port.parse().map_err(|_| form())?;
        if host.is_empty() {
            return Ok(Self(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))));
        }
        // What has colons of its own is an IPv6 address without its brackets, or a URL.
        if host.contains([':', '/']) {
            return Err(form());
        }
        let found = (host, port).to_socket_addrs();
        let found = found.map_err(|source| ListenError::Name { text: text.to_owned(), source })?;
        // `localhost` has an address of each kind; clients that are told 127.0.0.1 must find it.
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(SocketAddr::is_ipv6);
        found.first().copied().map(Self).ok_or_else(form)
    }
}

/// Where the HTTP side door listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpListen {
    /// Nowhere.
    Off,
    /// Here.
    On(SocketAddr),
}

impl FromStr for HttpListen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(|Listen(at)| Self::On(at)) }
    }
}

/// A span as people write it: `15s`, `2min`, `7days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = humantime::DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        humantime::parse_duration(text).map(Self)
    }
}

/// Words with commas between them; none is fine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub BTreeSet<String>);

impl FromStr for Words {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Self(words.map(str::to_owned).collect()))
    }
}

macro_rules! from_text {
    ($($name:ty),*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

from_text!(Listen, HttpListen, Span, Words);
