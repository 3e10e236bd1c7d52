//! Requests that are large, slow, or never complete.

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::{Attack, Attacking, Expected, Flood, Outcome, attack};
use crate::frames::{DATA, END_HEADERS, END_STREAM, HEADERS, WINDOW, frame};
use crate::hpack;
use crate::site::Target;
use crate::wire::{Manners, Wire};

const LIST: &str = "/fermata.v1.SessionService/ListSessions";
const REPLY: &str = "/fermata.v1.NotificationService/Reply";
const LARGEST: usize = 16_384;

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("calls never sent to their end", Expected::Held, |t, u| {
            unfinished(t, u, 10_000, &[0, 0, 0, 1, 0, 10])
        }),
        attack("messages of 4 GiB announced", Expected::Held, |t, u| {
            unfinished(t, u, 10_000, &[0, 0xff, 0xff, 0xff, 0xff, 10])
        }),
        attack("messages of 4 MB announced", Expected::Held, |t, u| {
            unfinished(t, u, 10_000, &[0, 0, 0x3f, 0xff, 0xff, 10])
        }),
        attack("bodies half sent", Expected::Held, half_bodies),
        attack("messages byte by byte", Expected::Held, byte_by_byte),
        attack("compressed bombs", Expected::Held, compressed),
        attack("messages that mean nothing", Expected::Held, meaningless),
    ]
}

/// Calls that begin and never end, as many as there may be, on several connections.
fn unfinished(target: Target, until: Instant, count: u32, body: &'static [u8]) -> Attacking {
    Box::pin(async move {
        let mut wires = Vec::new();
        for _ in 0..4 {
            wires.extend(Wire::open(target.grpc, &[(WINDOW, 1 << 20)], Manners::Polite).await);
        }
        let fields = hpack::call(REPLY, &target.attacker);
        let mut begun = 0;
        'all: for number in 0..count / 4 {
            for wire in &mut wires {
                if Instant::now() >= until {
                    break 'all;
                }
                let mut bytes = Vec::new();
                frame(&mut bytes, HEADERS, END_HEADERS, number * 2 + 1, &fields);
                frame(&mut bytes, DATA, 0, number * 2 + 1, body);
                if wire.send(&bytes).await.is_ok() {
                    begun += 1;
                }
            }
        }
        refused(wires, until, begun).await
    })
}

/// Keeps the connections, and counts what was answered.
async fn refused(wires: Vec<Wire>, until: Instant, begun: usize) -> Outcome {
    let heard: Vec<_> = wires.iter().map(|wire| std::sync::Arc::clone(&wire.heard)).collect();
    let mut outcome = super::keep(wires, until, String::new()).await;
    let answers: usize = heard.iter().map(|heard| heard.answers.load(Ordering::Relaxed)).sum();
    outcome.what = format!("{begun} begun, {answers} answered");
    outcome
}

/// As many bytes as flow control lets through, and not the last one.
fn half_bodies(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let mut wires = Vec::new();
        let fields = hpack::call(REPLY, &target.attacker);
        let mut begun = 0;
        while wires.len() < 200 && Instant::now() < until {
            let Ok(mut wire) = Wire::open(target.grpc, &[], Manners::Polite).await else {
                continue;
            };
            let mut bytes = Vec::new();
            for number in 0..4_u32 {
                let stream = number * 2 + 1;
                frame(&mut bytes, HEADERS, END_HEADERS, stream, &fields);
                // 4 MB announced, 16 kB there.
                let mut part = vec![0, 0, 0x3f, 0xff, 0xff];
                part.resize(16_000, 10);
                frame(&mut bytes, DATA, 0, stream, &part);
            }
            if wire.send(&bytes).await.is_ok() {
                begun += 4;
            }
            wires.push(wire);
        }
        refused(wires, until, begun).await
    })
}

fn byte_by_byte(target: Target, until: Instant) -> Attacking {
    let mut first = Vec::new();
    frame(&mut first, HEADERS, END_HEADERS, 1, &hpack::call(REPLY, &target.attacker));
    frame(&mut first, DATA, 0, 1, &[0, 0, 0x3f, 0xff, 0xff]);
    let mut chunk = Vec::new();
    for _ in 0..100 {
        frame(&mut chunk, DATA, 0, 1, &[10]);
    }
    Flood { first, manners: Manners::Polite, ..Flood::of(move |_| chunk.clone()) }
        .run(target, until)
}

/// A message that says it is compressed. The server announces no compression.
fn compressed(target: Target, until: Instant) -> Attacking {
    let mut fields = hpack::call(LIST, &target.attacker);
    hpack::field(&mut fields, "grpc-encoding", "gzip");
    let mut body = vec![1, 0, 0, 0x3f, 0xf0];
    // The beginning of a gzip stream, and zeros.
    body.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    body.resize(LARGEST - 11, 0);
    calls(target, until, fields, body)
}

/// Bytes that are no message.
fn meaningless(target: Target, until: Instant) -> Attacking {
    let fields = hpack::call(LIST, &target.attacker);
    let mut body = vec![0, 0, 0, 0x10, 0];
    body.resize(5 + 0x1000, 0xff);
    calls(target, until, fields, body)
}

fn calls(target: Target, until: Instant, fields: Vec<u8>, body: Vec<u8>) -> Attacking {
    let flood = Flood::of(move |number| {
        let mut chunk = Vec::new();
        let stream = (number * 2 + 1) & 0x7fff_ffff;
        frame(&mut chunk, HEADERS, END_HEADERS, stream, &fields);
        frame(&mut chunk, DATA, END_STREAM, stream, &body);
        chunk
    });
    Flood { manners: Manners::Polite, ..flood }.run(target, until)
}
