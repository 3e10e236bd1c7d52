//! HTTP/1.1: gRPC-Web on the port of gRPC, and the pages about health and metrics.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

use super::{Attack, Attacking, Expected, Outcome, attack};
use crate::wire::{connect, is_closed};

const SOME: usize = 1000;
const PAGES: usize = 400;
/// Of hyper, for the head of a request.
const HEAD: Duration = Duration::from_secs(30);
const ENDLESS: &[u8] = b"POST /fermata.v1.SessionService/ListSessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc-web\r\ntransfer-encoding: chunked\r\n\r\n";

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("web: heads never complete", Expected::Cut { after: HEAD }, |t, u| {
            slow(t.grpc, u, SOME, b"POST / HTTP/1.1\r\nhost: x\r\n", b"x-more: y\r\n")
        }),
        attack("web: bodies without an end", Expected::Held, |t, u| {
            slow(t.grpc, u, SOME, ENDLESS, b"1\r\n\0\r\n")
        }),
        attack("pages: silent sockets", Expected::Held, |t, u| slow(t.http, u, PAGES, b"", b"")),
        attack("pages: heads never complete", Expected::Cut { after: HEAD }, |t, u| {
            slow(t.http, u, PAGES, b"GET /readyz HTTP/1.1\r\n", b"x-more: y\r\n")
        }),
        attack("pages: endless heads", Expected::Held, |t, u| {
            slow(t.http, u, 50, b"GET /metrics HTTP/1.1\r\n", &[b'y'; 16_384])
        }),
    ]
}

/// Begins so many requests, and goes on with each a little at a time.
fn slow(
    address: SocketAddr,
    until: Instant,
    count: usize,
    first: &'static [u8],
    more: &'static [u8],
) -> Attacking {
    Box::pin(async move {
        let mut streams: Vec<TcpStream> = Vec::new();
        while streams.len() < count && Instant::now() < until {
            if let Ok(mut stream) = connect(address).await {
                let _ = stream.write_all(first).await;
                streams.push(stream);
            }
        }
        while Instant::now() < until {
            for stream in &streams {
                // What is cut, or takes nothing, is counted below.
                let _ = stream.try_write(more);
            }
            sleep_until(until.min(Instant::now() + Duration::from_millis(100))).await;
        }
        let (opened, mut cut) = (streams.len(), 0);
        for mut stream in streams {
            cut += usize::from(is_closed(&mut stream).await);
        }
        Outcome { opened, cut, what: format!("{} still open", opened - cut) }
    })
}
