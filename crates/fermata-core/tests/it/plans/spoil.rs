//! Sites for which there is no plan, each for a reason that is known.

use fermata_core::solver::{Constraint, Fate, Group, NEVER, Problem, Role};
use fermata_core::spec::Kind;

use super::generate::{Dice, Site};

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// More members of a group stay on a host than may be impacted at once.
    KeptOverLimit,
    /// A group allows no impact.
    LimitZero,
    /// Others impact as many members of a group as its limit allows, nobody knows until when.
    BusyForGood,
    /// Hosts leave for good, and the others have no room.
    RetirementWithoutRoom,
    /// A server is bigger than every host.
    FitsNowhere,
    /// Anti-affinity, and every host where members may be has one.
    TooFewHosts,
    /// Not even one host is done inside the window.
    WindowTooShort,
    /// A server stays on a host that leaves for good.
    StayOnRetiring,
    /// A server may be on its own host only.
    OnlyHome,
    /// No host takes servers.
    AllClosed,
    /// Two hosts come after each other.
    OrderInCircle,
    /// More hosts are under way than may be out of service.
    TooManyUnderWay,
}

impl Reason {
    pub const ALL: [Self; 12] = [
        Self::KeptOverLimit,
        Self::LimitZero,
        Self::BusyForGood,
        Self::RetirementWithoutRoom,
        Self::FitsNowhere,
        Self::TooFewHosts,
        Self::WindowTooShort,
        Self::StayOnRetiring,
        Self::OnlyHome,
        Self::AllClosed,
        Self::OrderInCircle,
        Self::TooManyUnderWay,
    ];
}

/// A site without a plan, and constraints of which each has to be in every smallest conflict: without it, the reason is
/// gone. None: the reason does not fit this site.
pub fn impossible(reason: Reason, seed: u64) -> Option<(Problem, Vec<Constraint>)> {
    let mut dice = Dice::new(seed);
    let any = Site::any(dice.any());
    let hosts = dice.between(6, 12);
    let site = Site {
        hosts,
        spare: any.spare.min(hosts / 3),
        servers_per_host: dice.between(2, 5),
        fill: dice.between(50, 75) as u64,
        retired: 0,
        under_way: 0,
        closed: 0,
        ..any
    };
    let mut problem = site.build();
    let needed = spoil(&mut problem, &mut dice, reason)?;
    Some((problem, needed))
}

fn spoil(problem: &mut Problem, dice: &mut Dice, reason: Reason) -> Option<Vec<Constraint>> {
    let todo: Vec<_> = problem.todo().collect();
    let on = |problem: &Problem, h: usize| -> Vec<usize> {
        (0..problem.servers.len()).filter(|s| problem.servers[*s].host == h).collect()
    };
    let busiest = *todo.iter().max_by_key(|h| on(problem, **h).len())?;
    let there = on(problem, busiest);
    let server = *there.first()?;
    match reason {
        Reason::KeptOverLimit => {
            let members: Vec<_> = there.iter().copied().take(dice.between(2, 3)).collect();
            let limit = members.len() as u32 - 1;
            members.iter().for_each(|s| problem.servers[*s].fate = Fate::Stay);
            let group = group(problem, &members, limit);
            let stays = members.into_iter().map(Constraint::Stay);
            Some(stays.chain([Constraint::GroupLimit(group)]).collect())
        }
        Reason::LimitZero => {
            let group = group(problem, &[server], 0);
            Some(vec![Constraint::GroupLimit(group)])
        }
        Reason::BusyForGood => {
            let group = group(problem, &[server], 2);
            problem.groups[group].busy = vec![NEVER, 100, NEVER];
            Some(vec![Constraint::GroupLimit(group)])
        }
        Reason::RetirementWithoutRoom => {
            for h in &todo {
                problem.hosts[*h].role = Role::Todo(Kind::Retirement);
            }
            problem.servers.iter_mut().for_each(|server| server.fate = Fate::Move);
            let spare: Vec<_> = (0..problem.hosts.len())
                .filter(|h| problem.hosts[*h].role == Role::Spare)
                .collect();
            spare.first()?;
            for h in spare {
                let used = on(problem, h).iter().map(|s| problem.servers[*s].need[1]).sum();
                problem.hosts[h].offers[1] = used;
            }
            // Other classes may be short as well, and then each of them is a reason of its own.
            Some(Vec::new())
        }
        Reason::FitsNowhere => {
            problem.servers[server].fate = Fate::Move;
            let most = problem.hosts.iter().map(|host| host.offers[1]).max()?;
            problem.servers[server].need[1] = most + 1;
            Some(vec![Constraint::Capacity(1)])
        }
        Reason::TooFewHosts => {
            let full: Vec<_> = todo.into_iter().filter(|h| !on(problem, *h).is_empty()).collect();
            let hosts: Vec<_> = full.into_iter().take(3).collect();
            let members: Vec<_> = hosts.iter().map(|h| on(problem, *h)[0]).collect();
            for s in &members {
                problem.servers[*s].fate = Fate::Move;
                problem.servers[*s].placement = problem.placements.len();
            }
            let group = group(problem, &members, 1);
            problem.groups[group].max_per_host = Some(1);
            problem.placements.push(hosts.into_iter().collect());
            // Without one of them, room may be the next reason.
            Some(Vec::new())
        }
        Reason::WindowTooShort => {
            problem.window = Some(problem.hosts[busiest].work - 1);
            Some(vec![Constraint::Window])
        }
        Reason::StayOnRetiring => {
            problem.servers[server].fate = Fate::Stay;
            problem.hosts[busiest].role = Role::Todo(Kind::Retirement);
            Some(vec![Constraint::Stay(server)])
        }
        Reason::OnlyHome => {
            problem.servers[server].fate = Fate::Move;
            problem.servers[server].placement = problem.placements.len();
            problem.placements.push([busiest].into_iter().collect());
            Some(vec![Constraint::Placement(problem.placements.len() - 1)])
        }
        Reason::AllClosed => {
            problem.hosts.iter_mut().for_each(|host| host.takes = false);
            problem.servers[server].fate = Fate::Move;
            Some(vec![Constraint::Takes])
        }
        Reason::OrderInCircle => {
            let other = todo.into_iter().find(|h| *h != busiest)?;
            problem.hosts[busiest].after.push(other);
            problem.hosts[other].after.push(busiest);
            Some(vec![Constraint::Order])
        }
        Reason::TooManyUnderWay => {
            problem.hosts[todo[0]].under_way = true;
            problem.hosts[*todo.get(1)?].under_way = true;
            problem.hosts.iter_mut().filter(|host| host.under_way).for_each(|host| {
                host.not_before = 0;
                host.after.clear();
            });
            problem.parallel_hosts = 1;
            Some(vec![Constraint::ParallelHosts])
        }
    }
}

fn group(problem: &mut Problem, members: &[usize], limit: u32) -> usize {
    let group = problem.groups.len();
    let name = format!("group-{group}");
    problem.groups.push(Group {
        name,
        limit,
        smaller: Vec::new(),
        recovery: 0,
        max_per_host: None,
        busy: Vec::new(),
    });
    members.iter().for_each(|s| problem.servers[*s].groups.push(group));
    group
}
