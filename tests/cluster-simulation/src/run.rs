//! Runs one seed to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::checks::Violation;
use crate::counts::Counts;
use crate::queue::Moment;
use crate::world::World;

/// So long after everything was healed, everything must be over.
const LONGEST: Duration = Duration::from_secs(1500);
/// Until everybody has heard how it ended.
const EPILOGUE: Duration = Duration::from_secs(60);
/// More happens in no world.
const MOST_EVENTS: u64 = 2_000_000;

/// What came of a seed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which.
    pub seed: u64,
    /// What must not be.
    pub violations: Vec<Violation>,
    /// Figures.
    pub counts: Counts,
    /// What happened, for people; empty unless asked for.
    pub trace: Vec<String>,
}

/// Whether what happened is written down for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// It is.
    Kept,
    /// It is not: that is faster.
    None,
}

/// Runs a seed until everything is over, or something is wrong.
pub fn run(seed: u64, trace: Trace) -> Outcome {
    let mut world = World::new(seed, trace == Trace::Kept);
    let result = catch_unwind(AssertUnwindSafe(|| play(&mut world)));
    if let Err(panic) = result {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        world.violated(0, format!("a panic: {}", text.unwrap_or_default()));
    }
    world.counts.outages = world.store.outages.len() as u64;
    world.counts.virtual_seconds = world.now.as_secs();
    Outcome {
        seed,
        violations: std::mem::take(&mut world.checks.violations),
        counts: world.counts,
        trace: world.trace.take().unwrap_or_default(),
    }
}

fn play(world: &mut World) {
    let mut over_at: Option<Moment> = None;
    while world.checks.violations.is_empty() && world.turn() {
        let Some(healed_at) = world.operator.healed_at else { continue };
        if world.operator_is_done() {
            let over_at = *over_at.get_or_insert(world.now);
            if world.everybody_knows() || world.now > over_at + EPILOGUE {
                break;
            }
            continue;
        }
        over_at = None;
        if world.now > healed_at + LONGEST || world.counts.messages > MOST_EVENTS {
            break;
        }
    }
    if world.checks.violations.is_empty() {
        world.check_end();
    }
}
