//! What was seen, as a table, and what of it is a fault.

use std::time::Duration;

use crate::attacks::{Attack, Expected};
use crate::honest::Seen;
use crate::run::Measured;

/// More is a fault, in MB.
const MOST_MEMORY: u64 = 50;
/// The same of the address space, where limits of the system count: threads that come and go take some.
const MOST_ADDRESSES: u64 = 2000;
/// Calls may take twice as long as before the attack, and what is below this is no harm: processors are shared with the attackers
/// and with whatever else runs.
const HARMLESS: Duration = Duration::from_millis(50);
/// A connection is cut at most so long after it should be.
const MARGIN: Duration = Duration::from_secs(6);

/// Its head.
pub fn head() {
    println!(
        "{:<34} {:>8} {:>8} {:>8} {:>8} {:>7} {:>6} {:>7} {:>7}  what came of it",
        "attack", "p50 ms", "p99 ms", "before", "new p99", "failed", "MB", "opened", "cut"
    );
}

/// A row, and under it what is wrong. Returns the number of faults.
pub fn row(attack: &Attack, lasting: Duration, seen: &Measured) -> usize {
    let ms = |times: &[Duration], percent| Seen::percentile(times, percent).as_secs_f64() * 1e3;
    let (during, before) = (&seen.during, &seen.before);
    println!(
        "{:<34} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {:>7} {:>6} {:>7} {:>7}  {}",
        attack.name,
        ms(&during.calls, 50),
        ms(&during.calls, 99),
        ms(&before.calls, 99),
        ms(&during.new, 99),
        during.failures.values().sum::<usize>(),
        seen.memory,
        seen.outcome.opened,
        seen.outcome.cut,
        seen.outcome.what,
    );
    let faults = faults(attack.expected, lasting, seen);
    for fault in &faults {
        println!("    {fault}");
    }
    faults.len()
}

fn faults(expected: Expected, lasting: Duration, seen: &Measured) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, times) in seen.before.failures.iter().chain(&seen.during.failures) {
        faults.push(format!("the honest client failed {times} times: {what}"));
    }
    faults.extend(seen.errors.iter().map(|line| format!("the server logged {line}")));
    let p99 = |times: &[Duration]| Seen::percentile(times, 99);
    for (what, during, before) in [
        ("calls", &seen.during.calls, &seen.before.calls),
        ("new connections", &seen.during.new, &seen.before.new),
    ] {
        let most = (p99(before) * 2).max(HARMLESS);
        if during.is_empty() || p99(during) > most {
            faults.push(format!("{what} took {:?}, not {most:?} at most", p99(during)));
        }
    }
    if seen.memory > MOST_MEMORY {
        faults.push(format!("the server took {} MB, not {MOST_MEMORY} at most", seen.memory));
    }
    if seen.addresses > MOST_ADDRESSES {
        faults.push(format!("the server took {} MB of addresses", seen.addresses));
    }
    let outcome = &seen.outcome;
    if let Expected::Cut { after } = expected
        && lasting > after + MARGIN
        && outcome.cut < outcome.opened
    {
        let held = outcome.opened - outcome.cut;
        faults.push(format!("{held} connections were not cut after {after:?}"));
    }
    if let Expected::CutAtOnce = expected
        && outcome.cut == 0
    {
        faults.push("not one connection was cut".to_owned());
    }
    faults
}
