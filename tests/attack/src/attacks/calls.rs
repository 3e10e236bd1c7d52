//! Calls as they should be, but too many of them; and callers who guess.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fermata_proto::v1::{CreateSessionRequest, HostSelection, SessionSpec};
use prost::Message;
use tokio::time::Instant;

use super::{Attack, Attacking, Expected, Flood, attack};
use crate::frames::{DATA, END_HEADERS, END_STREAM, HEADERS, frame, message};
use crate::hpack;
use crate::site::Target;
use crate::wire::Manners;

const LIST: &str = "/fermata.v1.SessionService/ListSessions";
const CREATE: &str = "/fermata.v1.SessionService/CreateSession";
/// Calls in one go.
const MANY: u32 = 50;

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("flood of calls", Expected::Held, |t, u| {
            let fields = hpack::call(LIST, &t.attacker);
            flood(t, u, move |_| fields.clone(), Vec::new(), MANY)
        }),
        attack("flood of calls to nothing", Expected::Held, |t, u| {
            let fields = hpack::call("/fermata.v1.SessionService/Nothing", &t.attacker);
            flood(t, u, move |_| fields.clone(), Vec::new(), MANY)
        }),
        attack("guessed tokens", Expected::Held, |t, u| {
            let guess = |number: u32| hpack::call(LIST, &format!("fermata_{number:064x}"));
            flood(t, u, guess, Vec::new(), MANY)
        }),
        attack("tokens that look like an issuer's", Expected::Held, |t, u| {
            let guess =
                |number: u32| hpack::call(LIST, &format!("eyJhbGciOiJub25lIn0.{number:x}."));
            flood(t, u, guess, Vec::new(), MANY)
        }),
        attack("requests with 200,000 elements", Expected::Held, |t, u| {
            let fields = hpack::call(CREATE, &t.operator);
            flood(t, u, move |_| fields.clone(), many_hosts(), 1)
        }),
    ]
}

fn many_hosts() -> Vec<u8> {
    let names = (0..200_000).map(|i| format!("h{i:x}")).collect();
    let spec = SessionSpec {
        hosts: Some(HostSelection { names, ..Default::default() }),
        ..Default::default()
    };
    CreateSessionRequest { spec: Some(spec), ..Default::default() }.encode_to_vec()
}

fn flood(
    target: Target,
    until: Instant,
    fields: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
    content: Vec<u8>,
    at_once: u32,
) -> Attacking {
    let content = message(&content);
    let guess = Arc::new(AtomicU32::new(0));
    let again = move |number: u32| {
        let mut chunk = Vec::new();
        for i in 0..at_once {
            let stream = ((number * at_once + i) * 2 + 1) & 0x7fff_ffff;
            let fields = fields(guess.fetch_add(1, Ordering::Relaxed));
            frame(&mut chunk, HEADERS, END_HEADERS, stream, &fields);
            let (last, rest) = content.split_at(content.len() - content.len() % 16_384);
            for part in last.chunks(16_384) {
                frame(&mut chunk, DATA, 0, stream, part);
            }
            frame(&mut chunk, DATA, END_STREAM, stream, rest);
        }
        chunk
    };
    Flood { manners: Manners::Polite, ..Flood::of(again) }.run(target, until)
}
