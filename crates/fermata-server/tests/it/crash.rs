//! A process that ends at each boundary. Every durable write and every call of the cloud is numbered by the one hook
//! around them (`fermata_core::boundary`), before it is made and after it was made; a session with all that can
//! happen is run once for each number, the process ends there, another one takes over, and what came of it is
//! checked from the event log, the audit trail and the cloud's own journal. On SQLite none is left out. On PostgreSQL,
//! where it takes minutes, every eighth has its turn, other ones with each commit; `FERMATA_NIGHTLY` leaves none out.
//!
//! - `time`: virtual time that stands still while the database works
//! - `place`: a database and a cloud that outlive processes
//! - `life`: one process from its start to its end at a boundary
//! - `story`: what the operator and the owners do
//! - `checks`: what must hold at the end

mod checks;
mod life;
mod place;
mod story;
mod time;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use fermata_core::boundary::Boundary;
use fermata_core::broken::{Rule, break_rule};

use checks::Violation;
use life::End;
use place::{Kind, Place};
use story::Story;

/// More than any session here crosses.
const TOO_MANY: u64 = 20_000;
/// On PostgreSQL, one in so many boundaries.
const EVERY: u64 = 8;

/// A session that is interrupted at this boundary, if it comes to it: how many boundaries the process crossed that
/// was interrupted, and what is wrong with what came of it.
fn interrupted(place: &mut Place, at: Option<u64>) -> (End, Result<(), Violation>) {
    place.clear();
    let mut story = Story::default();
    let first = life::live(place, &mut story, at);
    let mut lives = 1;
    while !story.is_over() {
        lives += 1;
        assert!(lives < 10, "the story does not end: {story:?}");
        life::live(place, &mut story, None);
    }
    let checked = checks::check(place, &story);
    (first, checked)
}

/// Which boundaries have their turn: the first one, and how many on the next one is.
fn turns(kind: Kind) -> (u64, u64) {
    let told = |name| std::env::var_os(name).and_then(|value| value.to_str()?.parse::<u64>().ok());
    match kind {
        Kind::Postgres if told("FERMATA_NIGHTLY").is_none() => {
            // The test command's first seeds are a commit's number by thousands.
            (told("FERMATA_FIRST_SEED").unwrap_or_default() / 1000 % EVERY, EVERY)
        }
        Kind::Sqlite | Kind::Postgres => (0, 1),
    }
}

/// Interrupts the session at every boundary that has its turn; what was found wrong, by boundary.
fn every_boundary(kind: Kind) -> (u64, BTreeMap<u64, (Boundary, Violation)>) {
    let (first, step) = turns(kind);
    let next = AtomicU64::new(first);
    let done = AtomicBool::new(false);
    let reached = AtomicU64::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..kind.threads() {
            scope.spawn(|| {
                let mut place = Place::new(kind);
                while !done.load(Ordering::SeqCst) {
                    let at = next.fetch_add(step, Ordering::SeqCst);
                    assert!(at < TOO_MANY, "the session never ends");
                    let (end, checked) = interrupted(&mut place, Some(at));
                    let Some(boundary) = end.boundary else {
                        // It ended before: there are no more.
                        done.store(true, Ordering::SeqCst);
                        break;
                    };
                    reached.fetch_add(1, Ordering::SeqCst);
                    if let Err(violation) = checked {
                        found.lock().unwrap().insert(at, (boundary, violation));
                    }
                }
            });
        }
    });
    (reached.into_inner(), found.into_inner().unwrap())
}

fn all_are_survived(kind: Kind) {
    let began = Instant::now();
    let mut place = Place::new(kind);
    let (whole, checked) = interrupted(&mut place, None);
    checked.unwrap();
    drop(place);
    let (reached, found) = every_boundary(kind);
    println!(
        "{kind:?}: {reached} boundaries ({} in a run without a crash), a crash at each, {} violations, {:.0} s",
        whole.crossed,
        found.len(),
        began.elapsed().as_secs_f64(),
    );
    let shown: Vec<_> = found.iter().take(5).collect();
    assert!(found.is_empty(), "{shown:#?}");
    assert!(reached > 200 / turns(kind).1, "only {reached} boundaries");
}

#[test]
fn every_boundary_is_survived_on_sqlite() {
    all_are_survived(Kind::Sqlite);
}

#[test]
fn every_boundary_is_survived_on_postgres() {
    if place::postgres_is_there() {
        all_are_survived(Kind::Postgres);
    }
}

/// Breaks a rule and interrupts the session until somebody notices.
fn is_noticed(rule: Rule) {
    let mut place = Place::new(Kind::Sqlite);
    let _broken = break_rule(rule);
    for at in 0.. {
        let (end, checked) = interrupted(&mut place, Some(at));
        if let Err(violation) = checked {
            println!("{rule:?} broken: noticed at boundary {at} ({:?}): {violation}", end.boundary);
            return;
        }
        assert!(
            end.boundary.is_some(),
            "{rule:?} was broken at every boundary, and nobody noticed"
        );
    }
}

#[test]
fn a_blind_resend_is_noticed() {
    is_noticed(Rule::ReadBeforeResend);
}

#[test]
fn events_apart_from_their_change_are_noticed() {
    is_noticed(Rule::EventsWithChange);
}

#[test]
fn outages_used_against_owners_are_noticed() {
    is_noticed(Rule::Outages);
}
