//! Every attack. A new one is a row in the list of its file.
//!
//! | file | what is attacked |
//! | --- | --- |
//! | `connections` | sockets, the beginning of TLS and of HTTP/2 |
//! | `frames` | the frames of HTTP/2 that cost the sender little |
//! | `headers` | what is kept until headers are complete |
//! | `messages` | requests that are large, slow, or never complete |
//! | `readers` | answers that nobody takes |
//! | `calls` | calls as they should be, but too many |
//! | `web` | HTTP/1.1: gRPC-Web, and the pages about health |

mod calls;
mod connections;
mod frames;
mod headers;
mod messages;
mod readers;
mod web;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, sleep_until};

use crate::site::Target;
use crate::wire::{Manners, Wire};

/// What an attack does until it has to end.
pub type Attacking = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// An attack.
pub struct Attack {
    pub name: &'static str,
    pub tls: bool,
    pub expected: Expected,
    pub run: fn(Target, Instant) -> Attacking,
}

/// What has to become of the attacker's connections, besides that nobody else notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// They may stay: what they hold is bounded.
    Held,
    /// All are closed after this time.
    Cut { after: Duration },
    /// They are closed within the attack, however short it is.
    CutAtOnce,
}

/// What became of an attacker's connections.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub opened: usize,
    /// By the server.
    pub cut: usize,
    pub what: String,
}

/// All attacks.
pub fn all() -> Vec<Attack> {
    let mut all = Vec::new();
    all.extend(connections::all());
    all.extend(frames::all());
    all.extend(headers::all());
    all.extend(messages::all());
    all.extend(readers::all());
    all.extend(calls::all());
    all.extend(web::all());
    all
}

fn attack(name: &'static str, expected: Expected, run: fn(Target, Instant) -> Attacking) -> Attack {
    Attack { name, tls: false, expected, run }
}

/// What one connection of a flood says hello with, sends once, and sends over and over.
struct Flood {
    connections: usize,
    settings: Vec<(u16, u32)>,
    manners: Manners,
    first: Vec<u8>,
    /// Bytes to repeat, made anew from the number of the repetition.
    again: Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>,
}

impl Flood {
    fn of(again: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self {
            connections: 4,
            settings: Vec::new(),
            manners: Manners::Rude,
            first: Vec::new(),
            again: Box::new(again),
        }
    }

    /// Sends until the end; a connection that is cut is opened anew.
    fn run(self, target: Target, until: Instant) -> Attacking {
        Box::pin(async move {
            let flood = Arc::new(self);
            let target = Arc::new(target);
            let one = |_| {
                let (flood, target) = (Arc::clone(&flood), Arc::clone(&target));
                tokio::spawn(async move { flood.one(&target, until).await })
            };
            let mut outcome = Outcome::default();
            let mut bytes = 0;
            for ended in join_all((0..flood.connections).map(one)).await {
                let (opened, cut, sent) = ended.unwrap_or_default();
                outcome.opened += opened;
                outcome.cut += cut;
                bytes += sent;
            }
            outcome.what = format!("{:.1} MB sent", bytes as f64 / 1e6);
            outcome
        })
    }

    async fn one(&self, target: &Target, until: Instant) -> (usize, usize, usize) {
        let (mut opened, mut cut, mut bytes) = (0, 0, 0);
        while Instant::now() < until {
            let Ok(mut wire) = Wire::open(target.grpc, &self.settings, self.manners).await else {
                tokio::task::yield_now().await;
                continue;
            };
            opened += 1;
            let ended = self.fill(&mut wire, until, &mut bytes).await;
            match ended {
                // It takes nothing more, and has not said no.
                Err(error) if error.kind() == io::ErrorKind::TimedOut && !wire.is_closed() => {
                    while Instant::now() < until && !wire.is_closed() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    cut += usize::from(wire.is_closed());
                }
                Err(_) => cut += 1,
                Ok(()) => {}
            }
        }
        (opened, cut, bytes)
    }

    async fn fill(&self, wire: &mut Wire, until: Instant, bytes: &mut usize) -> io::Result<()> {
        wire.send(&self.first).await?;
        for number in 0.. {
            if Instant::now() >= until {
                break;
            }
            let chunk = (self.again)(number);
            wire.send(&chunk).await?;
            *bytes += chunk.len();
            // Who reads what comes back has a turn, too.
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// Opens connections, keeps them, and counts at the end how many the server has closed.
async fn keep(wires: Vec<Wire>, until: Instant, what: String) -> Outcome {
    sleep_until(until).await;
    let cut = wires.iter().filter(|wire| wire.is_closed()).count();
    Outcome { opened: wires.len(), cut, what }
}
