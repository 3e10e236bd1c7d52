//! A checker that cannot fail is worth nothing: plans that keep the rules are spoiled, one rule at a time, and the
//! checker has to name that rule.

mod faults;

use fermata_core::solver::{
    Bounds, Fate, HostPlan, Move, NEVER, Plan, Problem, Role, Stay, Wave, WaveBound,
};
use fermata_core::spec::Kind;

use super::checker::{check, needless, second_moves};
use super::generate::{Dice, Site};
use super::naive;
use faults::FAULTS;

#[test]
fn every_broken_rule_is_noticed() {
    let mut broken = vec![0; FAULTS.len()];
    for seed in 0..150 {
        // Every other site has a wave of several hosts.
        let site = Site::any(seed);
        let site = if seed % 2 == 0 { site } else { Site { under_way: 2, ..site } };
        let problem = site.build();
        let Some(plan) = naive::plan(&problem) else { continue };
        let mut dice = Dice::new(seed);
        for (at, (rule, spoil)) in FAULTS.iter().enumerate() {
            let (mut problem, mut plan) = (problem.clone(), plan.clone());
            if spoil(&mut problem, &mut plan, &mut dice).is_none() {
                continue;
            }
            let findings = check(&problem, &plan);
            let noticed = findings.iter().any(|finding| finding.starts_with(rule));
            assert!(noticed, "seed {seed}, fault {at}, {rule} is not among {findings:?}");
            broken[at] += 1;
        }
    }
    println!("rules broken: {broken:?}");
    let idle: Vec<_> = broken.iter().zip(FAULTS).filter(|(n, _)| **n < 3).collect();
    assert!(idle.is_empty(), "hardly ever possible: {idle:?}");
}

#[test]
fn needless_second_moves_are_noticed() {
    let mut seen = 0;
    for seed in 0..600 {
        let mut problem = Site::any(seed).build();
        let Some(plan) = naive::plan(&problem) else { continue };
        let moves = second_moves(&problem, &plan);
        let open = problem.hosts.iter().any(|host| host.role == Role::Spare && host.takes);
        if moves == 0 || !open {
            continue;
        }
        problem.second_moves = 0;
        assert!(needless(&problem, &plan, moves - 1).is_some(), "seed {seed}");
        assert_eq!(needless(&problem, &plan, moves), None, "seed {seed}");
        // All servers that move twice are counted, and only they.
        let mut left: Vec<_> = plan.waves.iter().flat_map(|w| &w.hosts).collect();
        let mut servers: Vec<_> =
            left.drain(..).flat_map(|host| host.moves.iter().map(|step| step.server)).collect();
        servers.sort_unstable();
        servers.dedup();
        assert_eq!(plan.moves() - servers.len(), moves, "seed {seed}");
        seen += 1;
    }
    assert!(seen > 10, "only {seen} plans with second moves");
}

/// Two hosts that are drained at the same time onto a third, with a group of limit 2 that has a member on each of them
/// and a third that stays.
fn two_at_once() -> (Problem, Plan) {
    let site = Site { custom: 0, ..Site::plain(3, 1, 60, 1) };
    let mut problem = site.build();
    problem.reply = 100;
    problem.parallel_actions = 2;
    let template = problem.servers[0].clone();
    problem.servers = [1, 2, 2]
        .map(|host| {
            let mut server = template.clone();
            (server.host, server.need, server.duration) = (host, vec![1, 1, 1], 10);
            server.groups = vec![0];
            server
        })
        .to_vec();
    problem.servers[2].fate = Fate::Stay;
    problem.hosts[0].offers = vec![2, 2, 2];
    problem.groups = vec![fermata_core::solver::Group {
        name: "group".to_owned(),
        limit: 2,
        recovery: 30,
        max_per_host: Some(2),
        smaller: Vec::new(),
        busy: vec![100],
    }];
    problem.stages = 2;
    problem.hosts.iter_mut().for_each(|host| host.work = 500);
    let step = |server| Move { server, to: 0, begins: 100, ends: 110 };
    let host = |host, server, emptied, ends| HostPlan {
        host,
        begins: 0,
        emptied,
        ends,
        stages: 1,
        moves: vec![step(server)],
        stays: Vec::new(),
    };
    let mut second = host(2, 1, 140, 650);
    second.stays = vec![Stay { server: 2, begins: 140, ends: 650 }];
    let waves = vec![Wave { hosts: vec![host(1, 0, 110, 610), second] }];
    let bounds = Bounds { moves: 2, waves: 1, waves_by: WaveBound::Work, ends: 650 };
    (problem, Plan { waves, ends: 650, bounds })
}

/// How the plan of [`two_at_once`] may be spoiled, and the rule that this breaks.
type Spoiled = (&'static str, fn(&mut Problem, &mut Plan));

#[test]
fn a_tight_plan_keeps_the_rules_and_nothing_tighter_does() {
    let (problem, plan) = two_at_once();
    assert_eq!(check(&problem, &plan), Vec::<String>::new());
    let spoiled: [Spoiled; 12] = [
        ("parallel actions", |problem, _| problem.parallel_actions = 1),
        ("parallel hosts", |problem, _| problem.parallel_hosts = 1),
        ("capacity", |problem, _| problem.hosts[0].offers[1] = 1),
        ("spread", |problem, _| problem.groups[0].max_per_host = Some(1)),
        ("group", |problem, _| problem.groups[0].busy[0] = 101),
        ("group", |problem, _| problem.groups[0].busy.push(NEVER)),
        ("group", |problem, _| problem.groups[0].limit = 1),
        ("recovery", |problem, _| problem.groups[0].recovery = 31),
        ("wave", |problem, _| problem.stages = 1),
        ("work", |problem, _| problem.hosts[1].work = 501),
        ("duration", |problem, _| problem.hosts[2].work = 501),
        ("retirement", |problem, _| problem.hosts[2].role = Role::Todo(Kind::Retirement)),
    ];
    for (rule, spoil) in spoiled {
        let (mut problem, mut plan) = (problem.clone(), plan.clone());
        spoil(&mut problem, &mut plan);
        let findings = check(&problem, &plan);
        assert!(findings.iter().any(|f| f.starts_with(rule)), "{rule}: {findings:?}");
    }
}
