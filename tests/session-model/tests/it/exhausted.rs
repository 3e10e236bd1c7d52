//! Every state within the limits is visited, every property holds in each, and from each the session can still
//! come to an end or to a point where it waits for the operator.

use std::sync::Arc;

use session_model::graph::{Graph, way_to};
use session_model::model::SessionModel;
use session_model::site::{Choice, Limits};
use stateright::{Checker, Expectation, Model};

fn exhaust(limits: Limits, never: &[&str]) {
    let shown = format!("{limits:?}");
    let graph = Arc::new(Graph::default());
    let model = SessionModel { limits, graph: Some(Arc::clone(&graph)) };
    let checker = model.checker().threads(2).spawn_bfs().join();
    println!(
        "{shown}: {} states, {} of them unique, depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    assert!(checker.is_done(), "not every state was visited");
    assert!(checker.discoveries().len() < checker.model().properties().len(), "it stopped early");
    for property in checker.model().properties() {
        match property.expectation {
            Expectation::Always | Expectation::Eventually => {
                checker.assert_no_discovery(property.name);
            }
            Expectation::Sometimes if never.contains(&property.name) => {}
            Expectation::Sometimes => {
                checker.assert_any_discovery(property.name);
            }
        }
    }
    let way = way_to(checker.model(), &graph.stuck()).map(|(way, _)| way);
    assert_eq!(way, None, "nothing leads to an end from there");
}

#[test]
fn two_losses_and_a_lost_answer() {
    exhaust(Limits { bad_ends: 0, ..Limits::usual() }, &[]);
}

#[test]
fn a_loss_and_an_action_that_fails() {
    let limits = Limits { losses: 1, lost_answers: 0, ..Limits::usual() };
    exhaust(limits, &["completed after two losses", "completed after a lost answer"]);
}

#[test]
fn servers_that_move_onto_the_other_host() {
    let limits = Limits {
        losses: 1,
        lost_answers: 0,
        bad_ends: 0,
        moves_onto_session: Choice::Possible,
        ..Limits::usual()
    };
    exhaust(limits, &["failed", "completed after two losses", "completed after a lost answer"]);
}

#[test]
#[ignore = "takes minutes without --release"]
fn everything_that_is_usual() {
    exhaust(Limits::usual(), &[]);
}

#[test]
#[ignore = "takes minutes, even with --release"]
fn large() {
    exhaust(Limits::large(), &[]);
}
