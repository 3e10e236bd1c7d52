//! The plan of a maintenance: which hosts are drained together (waves), where their servers go, and when. Pure, and
//! the same for the same [`Problem`]; nothing here knows sessions, the cloud or the clock.
//!
//! A wave is a set of hosts that are out of service together. It ends when the last of them is back. The rules a plan
//! keeps:
//!
//! - **Limits of groups.** At no instant are more members of a group impacted than its limit allows, and none is
//!   impacted less than the group's recovery time after the impact before ended (ETSI GS NFV-IFA 011,
//!   NfviMaintenanceInfo). A server that moves is impacted while it moves; one that stays is impacted from when it is
//!   stopped until it runs again after the work. All members on the hosts of a wave together fit the limit, or as many
//!   times the limit as the wave may be drained in stages; a host that has more alone is drained in stages, with no
//!   other host that has members of that group beside it.
//! - **Capacity.** At every instant and in every resource class, what is on a host and on its way to it fits. A move
//!   holds both ends.
//! - **Placement.** A server goes only where it may be, and no host has more members of a group than the group allows.
//! - **Nobody moves twice if it can be helped.** Servers go to hosts that are not to be maintained, or are done. Only
//!   where nothing else is possible, or [`Problem::second_moves`] allows it to save waves, they go to a host that is
//!   still to be done; never to one that leaves for good.
//!
//! | module | job |
//! | --- | --- |
//! | `problem` | what is to be planned |
//! | `bounds` | what no plan can beat |
//! | `stock` | what is where, and what fits |
//! | `fit` | finds the first host with room |
//! | `build` | a plan from an order of hosts, wave by wave |
//! | `search` | better orders |
//! | `color` | hosts into so many waves, by figures only |
//! | `timeline` | when each thing happens |
//! | `conflict` | why there is no plan |
//! | `relax` | a problem without some of its constraints |

mod bounds;
mod build;
mod color;
mod conflict;
mod fit;
mod problem;
mod random;
mod relax;
mod search;
mod stock;
mod timeline;

pub use bounds::{Bounds, WaveBound};
pub use conflict::{Change, Conflict, Constraint, Relaxation};
pub use problem::{Fate, Group, Host, HostSet, NEVER, Problem, Role, Seconds, Server};

/// The order of a maintenance, with expected times in seconds from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Hosts that are out of service together, one wave after the other.
    pub waves: Vec<Wave>,
    /// When the last host is back.
    pub ends: Seconds,
    /// What no plan can beat.
    pub bounds: Bounds,
}

/// Hosts that are out of service together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// The hosts.
    pub hosts: Vec<HostPlan>,
}

/// What happens to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPlan {
    /// Index of the host in the problem.
    pub host: usize,
    /// Its owners are asked.
    pub begins: Seconds,
    /// It is empty, but for servers that stay.
    pub emptied: Seconds,
    /// It is back, and servers that stayed run again.
    pub ends: Seconds,
    /// In how many stages its servers leave.
    pub stages: u32,
    /// Servers that leave it.
    pub moves: Vec<Move>,
    /// Servers that stay on it, stopped.
    pub stays: Vec<Stay>,
}

/// A server that leaves its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Index of the server in the problem.
    pub server: usize,
    /// Index of the host it goes to.
    pub to: usize,
    /// It begins.
    pub begins: Seconds,
    /// It has arrived.
    pub ends: Seconds,
}

/// A server that stays on its host, stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Index of the server in the problem.
    pub server: usize,
    /// It is being stopped.
    pub begins: Seconds,
    /// It runs again.
    pub ends: Seconds,
}

impl Plan {
    /// How many moves there are; a server that moves twice counts twice.
    pub fn moves(&self) -> usize {
        self.waves.iter().flat_map(|wave| &wave.hosts).map(|host| host.moves.len()).sum()
    }
}

/// There is no plan, or none was found that ends inside the window; [`explain`] says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlan {
    /// Hosts that cannot be drained, or not in time, by index.
    pub hosts: Vec<usize>,
}

/// Plans a maintenance.
///
/// # Errors
/// There is no plan, or none was found.
pub fn plan(problem: &Problem) -> Result<Plan, NoPlan> {
    search::best(problem)
}

/// Makes a plan for each of these numbers of stages, and takes the one that ends soonest: more stages make fewer waves, each
/// of which takes longer. One with more moves than are allowed beyond the fewest comes last, and of equals the one with the
/// fewest stages first. Gives that number, too.
///
/// # Errors
/// There is no plan for any of them, or none was found; what is said then is of the last one.
pub fn soonest(problem: &Problem, stages: &[u32]) -> Result<(u32, Plan), NoPlan> {
    let mut best: Option<(u32, Plan)> = None;
    let mut none = NoPlan { hosts: problem.todo().collect() };
    let costs = |plan: &Plan| {
        let beyond = plan.moves() - plan.bounds.moves.min(plan.moves());
        (beyond.saturating_sub(problem.second_moves as usize), plan.ends)
    };
    for stages in stages {
        match plan(&Problem { stages: *stages, ..problem.clone() }) {
            Ok(plan) if best.as_ref().is_none_or(|(_, best)| costs(&plan) < costs(best)) => {
                best = Some((*stages, plan));
            }
            Ok(_) => {}
            Err(error) => none = error,
        }
    }
    best.ok_or(none)
}

/// When everything is over if a plan is carried out in the times of another problem: that of the plan with other
/// durations. Waves and targets stay, what waits for what may not.
pub fn ends_with(problem: &Problem, plan: &Plan) -> Seconds {
    build::replay(problem, plan)
}

/// Finds out why there is no plan: which constraints are in conflict, and what would help. Takes as long as many plans.
pub fn explain(problem: &Problem, none: &NoPlan) -> Conflict {
    conflict::explain(problem, none)
}
