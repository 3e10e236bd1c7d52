//! Answers that nobody takes.

use fermata_proto::v1::SubscribeRequest;
use futures::future::join_all;
use prost::Message;
use tokio::time::Instant;

use super::{Attack, Attacking, Expected, attack, keep};
use crate::frames::WINDOW;
use crate::hpack;
use crate::site::{ATTACKED_PROJECT, Target};
use crate::wire::{Manners, Wire};

const SUBSCRIBE: &str = "/fermata.v1.NotificationService/Subscribe";
const LIST: &str = "/fermata.v1.SessionService/ListSessions";
/// What one of the tables had.
const UNREAD: u32 = 18_000;
const READERS: u32 = 1000;

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("streams without a window", Expected::Held, |t, u| {
            unread(t, u, 4, READERS / 4, SUBSCRIBE, 0, Manners::Polite)
        }),
        attack("calls without a window", Expected::Held, |t, u| {
            unread(t, u, 4, UNREAD / 4, LIST, 0, Manners::Polite)
        }),
        attack("streams that are not read", Expected::Held, |t, u| {
            unread(t, u, 100, 10, SUBSCRIBE, 65_535, Manners::Deaf)
        }),
        attack("one reader in ten reads nothing", Expected::Held, one_in_ten),
    ]
}

fn subscribe() -> Vec<u8> {
    let project_id = ATTACKED_PROJECT.to_owned();
    SubscribeRequest { project_id, ..Default::default() }.encode_to_vec()
}

async fn open(
    target: &Target,
    streams: u32,
    path: &str,
    window: u32,
    manners: Manners,
    until: Instant,
) -> Option<Wire> {
    let mut wire = Wire::open(target.grpc, &[(WINDOW, window)], manners).await.ok()?;
    let fields = hpack::call(path, &target.attacker);
    let content = if path == SUBSCRIBE { subscribe() } else { Vec::new() };
    for number in 0..streams {
        if Instant::now() >= until || wire.call(number * 2 + 1, &fields, &content).await.is_err() {
            break;
        }
    }
    Some(wire)
}

fn unread(
    target: Target,
    until: Instant,
    connections: usize,
    streams: u32,
    path: &'static str,
    window: u32,
    manners: Manners,
) -> Attacking {
    Box::pin(async move {
        let one = |_| open(&target, streams, path, window, manners, until);
        let wires = join_all((0..connections).map(one)).await.into_iter().flatten().collect();
        keep(wires, until, format!("{streams} on each")).await
    })
}

fn one_in_ten(target: Target, until: Instant) -> Attacking {
    Box::pin(async move {
        let one = |number: usize| {
            let (window, manners) = if number.is_multiple_of(10) {
                (0, Manners::Deaf)
            } else {
                (65_535, Manners::Polite)
            };
            let target = &target;
            async move { open(target, READERS / 100, SUBSCRIBE, window, manners, until).await }
        };
        let wires: Vec<_> = join_all((0..100).map(one)).await.into_iter().flatten().collect();
        keep(wires, until, "10 streams on each".to_owned()).await
    })
}
