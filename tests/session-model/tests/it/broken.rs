//! The model can fail: with a rule broken, it finds what goes wrong, and names it.

use std::collections::BTreeSet;

use fermata_core::broken::Rule;
use session_model::model::SessionModel;
use session_model::site::{Choice, Limits};
use stateright::{Checker, HasDiscoveries, Model};

/// Breaks a rule; one of these properties must turn out not to hold.
fn breaks(limits: Limits, rule: Rule, properties: &[&'static str]) {
    let model = SessionModel::new(Limits { broken: Some(rule), ..limits });
    let wanted: BTreeSet<_> = properties.iter().copied().collect();
    let checker =
        model.checker().threads(2).finish_when(HasDiscoveries::AnyOf(wanted)).spawn_bfs().join();
    let found = properties.iter().find_map(|name| Some((name, checker.discovery(name)?)));
    let (name, path) = found.unwrap_or_else(|| panic!("{rule:?} is broken, and nothing is wrong"));
    println!("{rule:?} is broken, so not \"{name}\":");
    for action in path.into_actions() {
        println!("  {action:?}");
    }
}

fn few() -> Limits {
    Limits {
        losses: 1,
        lost_answers: 0,
        bad_ends: 0,
        resumes: 0,
        cancels: Choice::Never,
        ..Limits::usual()
    }
}

#[test]
fn a_write_under_an_old_epoch() {
    breaks(few(), Rule::Epoch, &["a write needs the current epoch"]);
}

#[test]
fn a_write_over_another_write() {
    let limits = Limits { losses: 0, cancels: Choice::Possible, ..few() };
    breaks(limits, Rule::Revision, &["what was said stands"]);
}

#[test]
fn a_call_that_is_made_again_without_a_read() {
    breaks(few(), Rule::ReadBeforeResend, &["one action per server", "nothing is done twice"]);
}

#[test]
fn a_host_that_is_ready_after_one_read() {
    let limits = Limits { losses: 0, ..few() };
    breaks(limits, Rule::EmptyTwice, &["ready after two empty reads"]);
}

#[test]
fn a_call_after_the_lease_is_out() {
    breaks(few(), Rule::LeaseMargin, &["one action per server", "nothing is done twice"]);
}
