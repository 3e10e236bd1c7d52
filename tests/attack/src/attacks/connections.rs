//! Sockets that say nothing, too little, or something else; and the same connection again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsConnector;

use super::{Attack, Attacking, Expected, Outcome, attack};
use crate::frames;
use crate::site::Target;
use crate::wire::{Manners, Wire, connect, is_closed};

/// As many as there are places; one address has half of them.
const SOCKETS: usize = 10_000;
const SOME: usize = 1000;
const FEW: usize = 100;
/// Of a server, for the first byte and for the handshake.
const SILENCE: Duration = Duration::from_secs(10);
/// PING of the server, and its patience.
const KEEPALIVE: Duration = Duration::from_secs(30);

pub(super) fn all() -> Vec<Attack> {
    let secure = |attack: Attack| Attack { tls: true, ..attack };
    vec![
        attack("silent sockets", Expected::Cut { after: SILENCE }, |t, u| {
            sockets(t, u, SOCKETS, Vec::new())
        }),
        attack("half a preface", Expected::Cut { after: SILENCE }, |t, u| {
            sockets(t, u, SOME, frames::PREFACE[..14].to_vec())
        }),
        attack("not HTTP at all", Expected::CutAtOnce, |t, u| {
            sockets(t, u, SOME, vec![0xff; 4096])
        }),
        attack("hello, then silence", Expected::Cut { after: KEEPALIVE }, |t, u| {
            sockets(t, u, SOME, frames::hello(&[]))
        }),
        attack("hello, then good manners only", Expected::Held, idle),
        attack("storm of connections", Expected::Held, storm),
        secure(attack("TLS: silent sockets", Expected::Cut { after: SILENCE }, |t, u| {
            sockets(t, u, SOME, Vec::new())
        })),
        secure(attack("TLS: not TLS at all", Expected::CutAtOnce, |t, u| {
            sockets(t, u, FEW, vec![0x5a; 4096])
        })),
        secure(attack("TLS: half a handshake", Expected::Cut { after: SILENCE }, |t, u| {
            sockets(t, u, SOME, half_a_handshake())
        })),
        secure(attack("TLS: storm of handshakes", Expected::Held, handshakes)),
    ]
}

/// A record of TLS that says it has 512 bytes, and 64 of them.
fn half_a_handshake() -> Vec<u8> {
    let mut bytes = vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
    bytes.resize(64, 7);
    bytes
}

fn sockets(target: Target, until: Instant, count: usize, first: Vec<u8>) -> Attacking {
    Box::pin(async move {
        let mut streams = Vec::new();
        while streams.len() < count && Instant::now() < until {
            if let Ok(mut stream) = connect(target.grpc).await {
                let _ = stream.write_all(&first).await;
                streams.push(stream);
            }
        }
        sleep_until(until).await;
        let (opened, mut cut) = (streams.len(), 0);
        for mut stream in streams {
            cut += usize::from(is_closed(&mut stream).await);
        }
        Outcome { opened, cut, what: format!("{} still open", opened - cut) }
    })
}

fn idle(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let mut wires = Vec::new();
        while wires.len() < SOME && Instant::now() < until {
            wires.extend(Wire::open(target.grpc, &[], Manners::Polite).await);
        }
        super::keep(wires, until, "PINGs are answered".to_owned()).await
    })
}

fn storm(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let count = Arc::new(AtomicUsize::new(0));
        let one = |_| {
            let (count, address) = (Arc::clone(&count), target.grpc);
            tokio::spawn(async move {
                while Instant::now() < until {
                    if let Ok(mut stream) = connect(address).await {
                        let _ = stream.write_all(&frames::hello(&[])).await;
                        let _ = stream.read(&mut [0; 64]).await;
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        };
        futures::future::join_all((0..32).map(one)).await;
        let opened = count.load(Ordering::Relaxed);
        Outcome { opened, cut: 0, what: "opened and closed".to_owned() }
    })
}

fn handshakes(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let Some(connector) = connector(&target) else { return Outcome::default() };
        let count = Arc::new(AtomicUsize::new(0));
        let one = |_| {
            let (count, connector, address) = (Arc::clone(&count), connector.clone(), target.grpc);
            tokio::spawn(async move {
                while Instant::now() < until {
                    let Ok(stream) = connect(address).await else { continue };
                    if handshake(&connector, stream).await.is_some() {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        };
        futures::future::join_all((0..32).map(one)).await;
        let opened = count.load(Ordering::Relaxed);
        Outcome { opened, cut: 0, what: "whole handshakes".to_owned() }
    })
}

async fn handshake(connector: &TlsConnector, stream: TcpStream) -> Option<()> {
    let name = ServerName::try_from("localhost").ok()?;
    connector.connect(name, stream).await.ok().map(drop)
}

fn connector(target: &Target) -> Option<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(target.ca.as_ref()?.as_bytes()).ok()?).ok()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.ok()?.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    // Each is a whole one.
    config.resumption = rustls::client::Resumption::disabled();
    Some(TlsConnector::from(Arc::new(config)))
}
