//! How good plans are and how long they take: large sites, against the bounds and against a plain greedy.
//!
//! `cargo bench -p fermata-core --bench plan`; with `--test`, as `cargo test` calls it, one small site; other arguments are parts of the names of the
//! sites to plan.
#![allow(clippy::print_stdout, missing_docs, reason = "a program that prints figures")]

#[path = "../tests/it/plans/generate.rs"]
#[allow(dead_code, reason = "tests use the rest")]
mod generate;
#[path = "plan/greedy.rs"]
mod greedy;

use std::time::Instant;

use fermata_core::solver::{Problem, plan};
use generate::Site;

struct Case {
    name: String,
    problem: Problem,
    /// The greedy looks at every host for every server: it is left out where that takes minutes.
    compare: bool,
}

fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let wanted: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    println!(
        "{:<48} {:>7} {:>7} {:>7} {:>6} {:>5} {:>5}  {:<13} {:>6} {:>6} {:>7}",
        "site",
        "servers",
        "moves",
        "least",
        "ratio",
        "waves",
        "least",
        "by",
        "greedy",
        "fewer",
        "seconds"
    );
    for case in if quick { vec![small()] } else { cases() } {
        if wanted.iter().all(|part| case.name.contains(part.as_str())) {
            row(&case);
        }
    }
}

fn row(case: &Case) {
    let Case { name, problem, compare } = case;
    let began = Instant::now();
    let found = plan(problem);
    let seconds = began.elapsed().as_secs_f64();
    let servers = problem.servers.len();
    let Ok(found) = found else {
        println!("{name:<48} {servers:>7} no plan");
        return;
    };
    let (moves, least_moves) = (found.moves(), found.bounds.moves);
    let ratio = moves as f64 / least_moves.max(1) as f64;
    let (waves, least) = (found.waves.len(), found.bounds.waves);
    let by = format!("{:?}", found.bounds.waves_by);
    let (greedy, fewer) = match compare.then(|| greedy::waves(problem)).flatten() {
        Some(greedy) => {
            let fewer = 100.0 * (1.0 - waves as f64 / greedy as f64);
            (greedy.to_string(), format!("{fewer:.0} %"))
        }
        None => (String::new(), String::new()),
    };
    println!(
        "{name:<48} {servers:>7} {moves:>7} {least_moves:>7} {ratio:>6.3} {waves:>5} {least:>5}  {by:<13} \
         {greedy:>6} {fewer:>6} {seconds:>7.3}"
    );
}

fn small() -> Case {
    let problem = Site::constrained(40, 20, 75, 1).build();
    Case { name: "40 hosts".to_owned(), problem, compare: true }
}

/// Every server is in a group of 2 to 8 with limit 1; all hosts are to be done.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let sites = [(1_000, 60, 5), (1_000, 75, 2), (1_000, 85, 5), (1_000, 92, 2), (1_000, 92, 0)];
    let large = [(5_000, 75, 2), (5_000, 85, 5), (5_000, 92, 2)];
    for (hosts, fill, empty) in sites.into_iter().chain(large) {
        for (stages, twice) in [(1, 0), (4, 0), (4, 5)] {
            let site = Site::constrained(hosts, 20, fill, 7);
            // A little less, since servers that move twice are more of the moves than of the servers.
            let second_moves = (hosts * 20 * twice / 100 * 9 / 10) as u32;
            let empties = hosts * empty / 100;
            let site = Site { spare: 0, empty: empties, stages, second_moves, ..site };
            cases.push(Case {
                name: format!(
                    "{hosts} hosts, {fill} % full, {empty} % empty, {stages} stages, {twice} % twice"
                ),
                problem: site.build(),
                compare: hosts <= 1_000,
            });
        }
    }
    cases
}
