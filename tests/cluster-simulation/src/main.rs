//! Runs seeds of the cluster simulation, or replays one.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use clap::Parser;
use cluster_simulation::{Counts, Outcome, Trace, run};
use fermata_core::broken::{Broken, Rule, break_rule};

/// Simulates whole clusters with faults, and checks what must hold.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many at once.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Only this one.
    #[arg(long)]
    seed: Option<u64>,
    /// Print everything that happens; with --seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Break this rule on purpose, by its number in `fermata_core::broken::Rule::ALL`: it should be noticed.
    #[arg(long)]
    break_rule: Option<usize>,
}

impl Arguments {
    fn broken(&self) -> Option<Broken> {
        self.break_rule.and_then(|n| Rule::ALL.get(n)).map(|rule| break_rule(*rule))
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let _broken = arguments.broken();
    match arguments.seed {
        Some(seed) => replay(seed, arguments.trace),
        None => run_all(&arguments),
    }
}

fn replay(seed: u64, trace: bool) -> ExitCode {
    let outcome = run(seed, if trace { Trace::Kept } else { Trace::None });
    for line in &outcome.trace {
        println!("{line}");
    }
    let mut total = Total::default();
    total.add(&outcome);
    total.print();
    total.code()
}

fn run_all(arguments: &Arguments) -> ExitCode {
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from.saturating_add(arguments.seeds);
    let total = Mutex::new(Total::default());
    thread::scope(|scope| {
        for _ in 0..arguments.threads.max(1) {
            scope.spawn(|| {
                let _broken = arguments.broken();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let outcome = run(seed, Trace::None);
                    if let Ok(mut total) = total.lock() {
                        total.add(&outcome);
                        let step = (arguments.seeds / 20).max(100);
                        if total.seeds.is_multiple_of(step) {
                            eprintln!(
                                "{} seeds, {} with violations",
                                total.seeds,
                                total.failing.len()
                            );
                        }
                    }
                }
            });
        }
    });
    match total.into_inner() {
        Ok(total) => {
            total.print();
            total.code()
        }
        Err(_) => ExitCode::FAILURE,
    }
}

#[derive(Debug, Default)]
struct Total {
    seeds: u64,
    counts: Counts,
    failing: Vec<(u64, String)>,
}

impl Total {
    fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.counts.add(&outcome.counts);
        if let Some(first) = outcome.violations.first() {
            let text = format!("{:?}: invariant {}: {}", first.at, first.invariant, first.text);
            self.failing.push((outcome.seed, text));
        }
    }

    fn print(&self) {
        println!("seeds {}", self.seeds);
        println!("{}", self.counts);
        println!("seeds with violations {}", self.failing.len());
        let mut failing: Vec<_> = self.failing.iter().collect();
        failing.sort();
        for (seed, text) in failing {
            println!("  --seed {seed}: {text}");
        }
    }

    fn code(&self) -> ExitCode {
        if self.failing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
