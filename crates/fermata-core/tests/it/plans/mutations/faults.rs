//! How plans are spoiled. None of it, if a plan has nothing that could be spoiled like that.

use fermata_core::solver::{HostPlan, Move, NEVER, Plan, Problem, Role};
use fermata_core::spec::Kind;

use crate::plans::generate::Dice;

/// Breaks one rule, in the problem or in the plan.
type Spoil = fn(&mut Problem, &mut Plan, &mut Dice) -> Option<()>;

/// The rule a finding has to begin with, and what breaks it.
pub const FAULTS: &[(&str, Spoil)] = &[
    ("index", |problem, plan, dice| {
        a_move(plan, dice)?.1.to = problem.hosts.len();
        Some(())
    }),
    // Targets
    ("target", |_, plan, dice| {
        let (host, step) = a_move(plan, dice)?;
        step.to = host;
        Some(())
    }),
    ("target", |problem, plan, dice| {
        let wave = plan.waves.iter_mut().find(|wave| wave.hosts.len() > 1)?;
        let mates: Vec<_> = wave.hosts.iter().map(|host| host.host).collect();
        let host = dice.between(0, mates.len() - 1);
        let step = wave.hosts[host].moves.first_mut()?;
        step.to = mates[(host + 1) % mates.len()];
        temporary(problem, step.to)
    }),
    ("target", |problem, plan, _| {
        let ends: Vec<_> =
            plan.waves.iter().flat_map(|w| &w.hosts).map(|host| (host.host, host.ends)).collect();
        let steps = plan.waves.iter_mut().skip(1).flat_map(|w| &mut w.hosts);
        for step in steps.flat_map(|host| &mut host.moves) {
            let back = ends.iter().find(|(host, ends)| *host == step.to && *ends <= step.begins);
            if let Some((host, ends)) = back {
                step.begins = ends - 1;
                return temporary(problem, *host);
            }
        }
        None
    }),
    ("retirement", |problem, plan, dice| {
        let to = a_move(plan, dice)?.1.to;
        temporary(problem, to)?;
        problem.hosts[to].role = Role::Todo(Kind::Retirement);
        Some(())
    }),
    ("retirement", |problem, plan, _| {
        let host = hosts(plan).find(|host| !host.stays.is_empty())?.host;
        problem.hosts[host].role = Role::Todo(Kind::Retirement);
        Some(())
    }),
    ("placement", |problem, plan, dice| {
        let step = *a_move(plan, dice)?.1;
        problem.servers[step.server].placement = problem.placements.len();
        let others = (0..problem.hosts.len()).filter(|h| *h != step.to).collect();
        problem.placements.push(others);
        Some(())
    }),
    ("takes", |problem, plan, dice| {
        problem.hosts[a_move(plan, dice)?.1.to].takes = false;
        Some(())
    }),
    ("capacity", |problem, plan, dice| {
        let step = *a_move(plan, dice)?.1;
        let class = dice.between(0, 2);
        problem.hosts[step.to].offers[class] = problem.servers[step.server].need[class] - 1;
        Some(())
    }),
    ("spread", |problem, plan, dice| {
        let step = *a_move(plan, dice)?.1;
        let group = *problem.servers[step.server].groups.first()?;
        problem.groups[group].max_per_host = Some(0);
        Some(())
    }),
    // Who moves and who stays
    ("servers", |_, plan, _| hosts(plan).find_map(|host| host.moves.pop()).map(|_| ())),
    ("servers", |_, plan, _| {
        let host = hosts(plan).find(|host| !host.moves.is_empty())?;
        host.moves.push(host.moves[0]);
        Some(())
    }),
    ("servers", |_, plan, _| hosts(plan).find_map(|host| host.stays.pop()).map(|_| ())),
    ("servers", |_, plan, _| {
        let (mut step, at) = plan.waves.iter().enumerate().find_map(|(w, wave)| {
            wave.hosts.iter().find_map(|host| host.moves.first()).map(|step| (*step, w))
        })?;
        let later = plan.waves.get_mut(at + 1)?;
        step.begins = later.hosts[0].emptied;
        step.ends = step.begins;
        later.hosts[0].moves.push(step);
        Some(())
    }),
    // Waves
    ("parallel hosts", |problem, plan, _| {
        let most = plan.waves.iter().map(|wave| wave.hosts.len()).max()?;
        problem.parallel_hosts = most as u32 - 1;
        Some(())
    }),
    ("waves", |_, plan, _| (plan.waves.len() > 1).then(|| plan.waves.swap(0, 1))),
    ("waves", |_, plan, _| {
        let before = plan.waves.first()?.hosts[0].ends;
        plan.waves.get_mut(1)?.hosts[0].begins = before.checked_sub(1)?;
        Some(())
    }),
    ("waves", |_, plan, _| plan.waves.pop().map(|_| ())),
    ("waves", |_, plan, _| {
        let again = plan.waves.first()?.clone();
        plan.waves.push(again);
        Some(())
    }),
    ("waves", |problem, plan, dice| {
        let host = a_host(plan, dice)?.host;
        problem.hosts[host].role = Role::Spare;
        Some(())
    }),
    ("waves", |_, plan, _| {
        plan.waves.first_mut()?.hosts.clear();
        Some(())
    }),
    ("after", |problem, plan, dice| {
        let host = plan.waves.first()?.hosts[0].host;
        problem.hosts[host].after.push(a_host(plan, dice)?.host);
        Some(())
    }),
    ("under way", |problem, plan, _| {
        let host = plan.waves.get(1)?.hosts[0].host;
        problem.hosts[host].under_way = true;
        Some(())
    }),
    ("wave", |problem, plan, _| {
        // Two waves in one, which have members of the same group.
        let at = (1..plan.waves.len()).find(|w| {
            shared(problem, &plan.waves[w - 1].hosts[0], &plan.waves[*w].hosts[0]).is_some()
        })?;
        let later = plan.waves.remove(at);
        let wave = &mut plan.waves[at - 1];
        let group = shared(problem, &wave.hosts[0], &later.hosts[0])?;
        wave.hosts.extend(later.hosts);
        (problem.groups[group].limit, problem.stages) = (1, 1);
        Some(())
    }),
    // Times
    ("not before", |problem, plan, dice| {
        let host = a_host(plan, dice)?;
        problem.hosts[host.host].not_before = host.begins + 1;
        Some(())
    }),
    ("not before", |problem, plan, dice| {
        let step = *a_move(plan, dice)?.1;
        problem.servers[step.server].not_before = step.begins + 1;
        Some(())
    }),
    ("not before", |problem, plan, _| {
        let stay = *hosts(plan).find_map(|host| host.stays.first())?;
        problem.servers[stay.server].not_before = stay.begins + 1;
        Some(())
    }),
    ("reply", |problem, plan, _| {
        let asked = |host: &&mut HostPlan| !problem.hosts[host.host].under_way;
        let host = hosts(plan).filter(asked).find(|host| !host.moves.is_empty())?;
        problem.reply = host.moves[0].begins - host.begins + 1;
        Some(())
    }),
    ("reply", |problem, plan, _| {
        let asked = |host: &&mut HostPlan| !problem.hosts[host.host].under_way;
        let host = hosts(plan).filter(asked).find(|host| !host.stays.is_empty())?;
        problem.reply = host.stays[0].begins - host.begins + 1;
        Some(())
    }),
    ("duration", |_, plan, dice| {
        a_move(plan, dice)?.1.ends -= 1;
        Some(())
    }),
    ("duration", |problem, plan, _| {
        let stay = *hosts(plan).find_map(|host| host.stays.first())?;
        problem.servers[stay.server].duration = stay.ends - stay.begins;
        Some(())
    }),
    ("work", |problem, plan, dice| {
        let host = a_host(plan, dice)?;
        problem.hosts[host.host].work = host.ends - host.emptied + 1;
        Some(())
    }),
    ("times", |_, plan, _| {
        let host = hosts(plan).find(|host| !host.moves.is_empty())?;
        host.emptied = host.moves.last()?.ends - 1;
        Some(())
    }),
    ("times", |_, plan, _| {
        let host = hosts(plan).find(|host| !host.stays.is_empty())?;
        host.emptied = host.stays[0].begins - 1;
        Some(())
    }),
    ("times", |_, plan, dice| {
        let host = a_host(plan, dice)?;
        host.emptied = host.ends + 1;
        Some(())
    }),
    ("stays", |_, plan, _| {
        let both = |host: &&mut HostPlan| !host.moves.is_empty() && !host.stays.is_empty();
        let host = hosts(plan).find(both)?;
        host.stays[0].begins = host.moves.last()?.ends - 1;
        Some(())
    }),
    ("stays", |_, plan, _| {
        hosts(plan).find_map(|host| host.stays.first_mut())?.ends -= 1;
        Some(())
    }),
    ("stages", |problem, plan, _| {
        let grouped = |step: &Move| !problem.servers[step.server].groups.is_empty();
        hosts(plan).find(|host| host.moves.iter().any(grouped))?.stages = 0;
        Some(())
    }),
    ("ends", |_, plan, _| {
        plan.ends += 1;
        Some(())
    }),
    ("window", |problem, plan, _| {
        problem.window = Some(plan.ends.checked_sub(1)?);
        Some(())
    }),
    ("bounds", |_, plan, _| {
        plan.bounds.moves = plan.moves() + 1;
        Some(())
    }),
    ("bounds", |_, plan, _| {
        plan.bounds.waves = plan.waves.len() + 1;
        Some(())
    }),
    ("bounds", |_, plan, _| {
        plan.bounds.ends = plan.ends + 1;
        Some(())
    }),
    // Instants
    ("group", |problem, plan, _| {
        let (host, first, second, group) = two_of_a_group(problem, plan)?;
        problem.groups[group].limit = 1;
        host.moves[second].begins = host.moves[first].begins;
        Some(())
    }),
    ("group", |problem, plan, dice| {
        let step = *a_move(plan, dice)?.1;
        let group = *problem.servers[step.server].groups.first()?;
        let group = &mut problem.groups[group];
        let busy = if dice.chance(50) { NEVER } else { step.begins + 1 };
        group.busy = vec![busy; group.limit as usize];
        Some(())
    }),
    ("recovery", |problem, plan, _| {
        let (host, first, second, group) = two_of_a_group(problem, plan)?;
        let rest = host.moves[second].begins - host.moves[first].ends;
        problem.groups[group].recovery = rest + 1;
        Some(())
    }),
    ("parallel actions", |problem, plan, _| {
        let host = hosts(plan).find(|host| host.moves.len() > 1)?;
        problem.parallel_actions = 1;
        host.moves[1].begins = host.moves[0].begins;
        Some(())
    }),
];

fn hosts(plan: &mut Plan) -> impl Iterator<Item = &mut HostPlan> {
    plan.waves.iter_mut().flat_map(|wave| &mut wave.hosts)
}

fn a_host<'a>(plan: &'a mut Plan, dice: &mut Dice) -> Option<&'a mut HostPlan> {
    let hosts: Vec<_> = hosts(plan).collect();
    let at = dice.between(0, hosts.len().checked_sub(1)?);
    hosts.into_iter().nth(at)
}

/// Any move, and the host it starts from.
fn a_move<'a>(plan: &'a mut Plan, dice: &mut Dice) -> Option<(usize, &'a mut Move)> {
    let moves: Vec<_> =
        hosts(plan).flat_map(|host| host.moves.iter_mut().map(|step| (host.host, step))).collect();
    let at = dice.between(0, moves.len().checked_sub(1)?);
    moves.into_iter().nth(at)
}

fn temporary(problem: &Problem, host: usize) -> Option<()> {
    (problem.hosts[host].role == Role::Todo(Kind::Temporary)).then_some(())
}

/// A group that both hosts have members of that move.
fn shared(problem: &Problem, one: &HostPlan, other: &HostPlan) -> Option<usize> {
    let groups = |host: &HostPlan| -> Vec<usize> {
        host.moves.iter().flat_map(|step| problem.servers[step.server].groups.clone()).collect()
    };
    let others = groups(other);
    groups(one).into_iter().find(|group| others.contains(group))
}

/// A host with two moves, one after the other, of members of a group.
fn two_of_a_group<'a>(
    problem: &Problem,
    plan: &'a mut Plan,
) -> Option<(&'a mut HostPlan, usize, usize, usize)> {
    hosts(plan).find_map(|host| {
        let of = |at: usize| &problem.servers[host.moves[at].server].groups;
        let pairs = (1..host.moves.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        let found = pairs.into_iter().find_map(|(a, b)| {
            of(a).iter().find(|group| of(b).contains(group)).map(|group| (a, b, *group))
        });
        found.map(|(a, b, group)| (host, a, b, group))
    })
}
