//! Explores the model and tells how far it went. Takes the large variant with `--large`, and single limits as
//! `losses=1`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::time::Instant;

use session_model::graph::{Graph, way_to};
use session_model::model::SessionModel;
use session_model::site::{Choice, Limits};
use stateright::{Checker, Model};
use std::sync::Arc;

fn main() {
    let mut limits = Limits::usual();
    for argument in std::env::args().skip(1) {
        if argument == "--large" {
            limits = Limits::large();
            continue;
        }
        let (name, value) = argument.split_once('=').expect("--large, or a limit as name=number");
        let number: u8 = value.parse().expect("a number");
        let choice = if number == 0 { Choice::Never } else { Choice::Possible };
        match name {
            "losses" => limits.losses = number,
            "lost_answers" => limits.lost_answers = number,
            "bad_ends" => limits.bad_ends = number,
            "resumes" => limits.resumes = number,
            "parallel_actions" => limits.parallel_actions = number.into(),
            "cancels" => limits.cancels = choice,
            "answers_announcement" => limits.answers_announcement = choice,
            "moves_onto_session" => limits.moves_onto_session = choice,
            other => panic!("no limit is called {other}"),
        }
    }
    println!("{limits:?}");
    let began = Instant::now();
    let graph = Arc::new(Graph::default());
    let model = SessionModel { limits, graph: Some(Arc::clone(&graph)) };
    let checker = model.checker().threads(2).spawn_bfs().join();
    println!(
        "done: {}, states: {}, unique: {}, depth: {}, stuck: {}, {:?}",
        checker.is_done(),
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        graph.stuck().len(),
        began.elapsed()
    );
    for property in checker.model().properties() {
        let path = checker.discovery(property.name);
        println!(
            "{:?} {}: {}",
            property.expectation,
            property.name,
            if path.is_some() { "found" } else { "none" }
        );
        if let Some(path) = path.filter(|_| property.expectation.discovery_is_failure()) {
            for action in path.into_actions() {
                println!("    {action:?}");
            }
        }
    }
    if let Some((way, state)) = way_to(checker.model(), &graph.stuck()) {
        println!("nothing leads to an end from here:");
        for action in way {
            println!("    {action:?}");
        }
        println!("{state:#?}");
    }
}
