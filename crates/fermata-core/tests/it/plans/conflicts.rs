//! Whether what is said to stand in the way does, and whether what is said to help does.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::solver::{
    Change, Conflict, Constraint, Problem, Relaxation, Role, explain, plan as make,
};
use fermata_core::spec::Kind;

use super::checker::check;
use super::naive;
use super::spoil::{Reason, impossible};

/// What was seen of conflicts.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many there were.
    pub conflicts: usize,
    /// How many constraints they named.
    pub constraints: usize,
    /// How many of these are enough to give up, with all others of the problem kept.
    pub enough: usize,
    /// Conflicts with at least one such constraint.
    pub with_enough: usize,
    /// What was proposed.
    pub relaxations: BTreeMap<&'static str, usize>,
    /// Conflicts for which nothing was proposed.
    pub helpless: usize,
}

/// What is wrong with a conflict; nothing if it is fine.
pub fn judge(problem: &Problem, conflict: &Conflict, tally: &mut Tally) -> Vec<String> {
    let mut findings = Vec::new();
    let named = &conflict.constraints;
    let known: BTreeSet<_> = problem.constraints().into_iter().collect();
    let set: BTreeSet<_> = named.iter().copied().collect();
    if set.len() != named.len() || !set.is_subset(&known) {
        findings.push(format!("names: {named:?}"));
        return findings;
    }
    if make(&problem.only(named)).is_ok() {
        findings.push(format!("conflict: {named:?} can be met together"));
    }
    let mut enough = 0;
    for constraint in named {
        let others: Vec<_> = named.iter().copied().filter(|c| c != constraint).collect();
        let rest = problem.only(&others);
        match make(&rest) {
            Ok(plan) => findings.extend(check(&rest, &plan)),
            Err(_) => findings.push(format!("smallest: {constraint:?} is not needed in {named:?}")),
        }
        let without = problem.without(&[*constraint]);
        if let Ok(plan) = make(&without) {
            findings.extend(check(&without, &plan));
            enough += 1;
        }
    }
    let todo: BTreeSet<_> = problem.todo().collect();
    let hosts: BTreeSet<_> = conflict.hosts.iter().copied().collect();
    if hosts.len() != conflict.hosts.len() || !hosts.is_subset(&todo) {
        findings.push(format!("hosts: {:?} are not all to be done", conflict.hosts));
    }
    for Relaxation { change, plan } in &conflict.relaxations {
        let changed = apply(problem, *change);
        let wrong = check(&changed, plan);
        if !wrong.is_empty() {
            findings.push(format!("relaxation: {change:?} does not help: {wrong:?}"));
        }
        if let Err(finding) = follow(changed, *change) {
            findings.push(finding);
        }
        *tally.relaxations.entry(kind(*change)).or_default() += 1;
    }
    if !conflict.relaxations.is_sorted_by_key(|relaxation| relaxation.plan.ends) {
        findings.push("relaxations: not the one that ends first before the others".to_owned());
    }
    tally.conflicts += 1;
    tally.constraints += named.len();
    tally.enough += enough;
    tally.with_enough += usize::from(enough > 0);
    tally.helpless += usize::from(conflict.relaxations.is_empty());
    findings
}

/// Who follows a proposal a minute later gets a plan, and has asked for something.
fn follow(mut changed: Problem, change: Change) -> Result<(), String> {
    if changed.todo().next().is_none() {
        return Err(format!("relaxation: nothing is left to be done after {change:?}"));
    }
    changed.window = changed.window.map(|window| window.saturating_sub(60));
    match make(&changed) {
        Ok(plan) => {
            let wrong = check(&changed, &plan);
            let sound = wrong.is_empty();
            if sound { Ok(()) } else { Err(format!("the plan after {change:?}: {wrong:?}")) }
        }
        Err(none) => Err(format!("relaxation: {change:?} was followed, and there is {none:?}")),
    }
}

fn kind(change: Change) -> &'static str {
    match change {
        Change::Limit(..) => "limit",
        Change::Spread(..) => "spread",
        Change::ScaleIn(_) => "scale in",
        Change::Window(_) => "window",
        Change::SecondMoves(_) => "second moves",
        Change::LeaveOut(_) => "leave out",
        Change::Without(_) => "without",
    }
}

/// The problem after a change.
fn apply(problem: &Problem, change: Change) -> Problem {
    let mut changed = problem.clone();
    match change {
        Change::Limit(group, limit) => changed.groups[group].limit = limit,
        Change::Spread(group, most) => changed.groups[group].max_per_host = Some(most),
        Change::ScaleIn(server) => {
            changed.servers[server].need.fill(0);
            for group in std::mem::take(&mut changed.servers[server].groups) {
                let group = &mut changed.groups[group];
                group.limit = group.smaller.first().copied().unwrap_or(group.limit);
            }
        }
        Change::Window(end) => changed.window = Some(end),
        Change::SecondMoves(moves) => changed.second_moves = moves,
        Change::LeaveOut(host) => {
            let leaves = changed.hosts[host].role == Role::Todo(Kind::Retirement);
            changed.hosts[host].takes &= !leaves;
            changed.hosts[host].role = Role::Spare;
            changed.hosts[host].under_way = false;
            changed.hosts.iter_mut().for_each(|other| other.after.retain(|before| *before != host));
        }
        Change::Without(constraint) => changed = problem.without(&[constraint]),
    }
    changed
}

#[test]
fn item_17_what_stands_in_the_way_does_and_what_helps_does() {
    let mut tally = Tally::default();
    let mut named = 0;
    for seed in 0..20 {
        for reason in Reason::ALL {
            let Some((problem, needed)) = impossible(reason, seed) else { continue };
            let conflict = match make(&problem) {
                Ok(plan) => panic!("seed {seed}, {reason:?}: {:#?}", check(&problem, &plan)),
                Err(none) => explain(&problem, &none),
            };
            let findings = judge(&problem, &conflict, &mut tally);
            assert!(findings.is_empty(), "seed {seed}, {reason:?}: {findings:#?}");
            for constraint in needed.into_iter().filter(|c| is_needed(&problem, *c)) {
                let there = conflict.constraints.contains(&constraint);
                let all = &conflict.constraints;
                assert!(there, "seed {seed}, {reason:?}: {constraint:?} not in {all:?}");
                named += 1;
            }
        }
    }
    println!("{named} reasons named; {tally:#?}");
    assert!(tally.conflicts >= 200, "only {} conflicts", tally.conflicts);
}

/// Whether there is a plan without a constraint, so that it belongs to every conflict.
fn is_needed(problem: &Problem, constraint: Constraint) -> bool {
    let without = problem.without(&[constraint]);
    naive::plan(&without)
        .is_some_and(|plan| without.window.is_none_or(|window| plan.ends <= window))
}

#[test]
fn impossible_sites_are_impossible_for_their_reason() {
    let (mut sites, mut possible) = (0, 0);
    for seed in 0..20 {
        for reason in Reason::ALL {
            let Some((problem, needed)) = impossible(reason, seed) else { continue };
            let plan = naive::plan(&problem);
            let plan = plan.filter(|plan| problem.window.is_none_or(|window| plan.ends <= window));
            assert_eq!(plan, None, "seed {seed}, {reason:?}");
            sites += 1;
            possible += usize::from(needed.iter().all(|c| is_needed(&problem, *c)));
        }
    }
    println!("{sites} impossible sites, {possible} for no other reason");
    assert!(sites >= 200 && possible > sites / 2);
}
