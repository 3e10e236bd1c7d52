//! The plan that an operator would get, or why there is none.

use time::Duration;

use super::{Asked, NamedProblem, seconds};
use crate::Time;
use crate::solver::{Conflict, Plan, Seconds, ends_with, explain, soonest};
use crate::spec::Spec;

/// More stages than this nobody needs.
pub const MAX_STAGES: u32 = 16;

/// What an operator may choose about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanOptions {
    /// In how many stages the hosts of a wave may be drained at most.
    pub max_stages: u32,
    /// How many moves beyond the fewest are allowed where they save waves.
    pub second_moves: u32,
    /// Another seed, another plan of the same quality.
    pub seed: u64,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { max_stages: super::STAGES, second_moves: 0, seed: 1 }
    }
}

/// What an operator asked for, and what comes of it.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What the numbers of the answer stand for.
    pub named: NamedProblem,
    /// The plan, or why there is none.
    pub answer: Result<Forecast, Conflict>,
}

/// A plan, and how sure its end is.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// The plan.
    pub plan: Plan,
    /// In how many stages the hosts of a wave may be drained in it.
    pub stages: u32,
    /// When it ends.
    pub ends: Ends,
}

/// When a plan ends, if no host fails, no owner objects, and the work on a host takes as long as the operator said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Every owner replies at once, and servers move, stop and start in half the time.
    pub earliest: Time,
    /// Every owner takes the whole reply period, and servers move at the pace that was assumed.
    pub expected: Time,
    /// Every host with servers takes its whole time-out to become empty, and every server that stayed all tries to start.
    pub latest: Time,
}

impl Asked<'_> {
    /// The plan that ends soonest, or why there is none. Takes as long as several plans; without one, as long as many.
    pub fn preview(&self, options: PlanOptions) -> Preview {
        let announced = self.after_announcement();
        let mut named = Asked { spec: &announced, ..*self }.problem();
        let begins = named.begins;
        named.count_impacts(self.ledger, None, begins);
        let stages = numbers_of_stages(options.max_stages);
        named.problem.stages = stages.last().copied().unwrap_or(1);
        named.problem.second_moves = options.second_moves;
        named.problem.seed = options.seed;
        let avoided = self.others.avoided(&named.problem);
        let avoiding =
            avoided.and_then(|problem| Some((soonest(&problem, &stages).ok()?, problem)));
        let found = match avoiding {
            Some((found, problem)) => {
                named.problem = problem;
                Ok(found)
            }
            None => soonest(&named.problem, &stages),
        };
        let answer = match found {
            Ok((stages, plan)) => {
                let ends = self.ends(&named, &plan);
                Ok(Forecast { plan, stages, ends })
            }
            Err(none) => Err(explain(&named.problem, &none)),
        };
        Preview { named, answer }
    }

    /// The spec as if every owner took the whole time for a reply to the announcement.
    fn after_announcement(&self) -> Spec {
        let mut spec = self.spec.clone();
        let on_hosts = |host: &Option<_>| host.as_ref().is_some_and(|h| self.hosts.contains(h));
        if self.site.servers.iter().any(|server| on_hosts(&server.host)) {
            spec.window.start = spec.window.start.max(self.now + spec.announce_reply_period);
        }
        spec
    }

    fn ends(&self, named: &NamedProblem, plan: &Plan) -> Ends {
        let expected = named.begins + Duration::seconds(plan.ends.into());
        let mut at_best = self.problem();
        at_best.problem.reply = 0;
        for server in &mut at_best.problem.servers {
            server.duration = server.duration.div_ceil(2);
        }
        let earliest = ends_with(&at_best.problem, plan);
        let latest = self.at_worst(named, plan);
        // Less to wait for may bring things into a worse order.
        Ends {
            earliest: expected.min(at_best.begins + Duration::seconds(earliest.into())),
            expected,
            latest: expected.max(named.begins + Duration::seconds(latest.into())),
        }
    }

    fn at_worst(&self, named: &NamedProblem, plan: &Plan) -> Seconds {
        let drain = seconds(self.spec.drain_timeout);
        let start = seconds(self.spec.action_timeout).saturating_mul(self.spec.action_attempts);
        plan.waves.iter().fold(0, |now, wave| {
            let ends = wave.hosts.iter().map(|host| {
                let is_empty = host.moves.is_empty() && host.stays.is_empty();
                now.max(host.begins)
                    .saturating_add(if is_empty { 0 } else { drain })
                    .saturating_add(named.problem.hosts[host.host].work)
                    .saturating_add(if host.stays.is_empty() { 0 } else { start })
            });
            ends.max().unwrap_or(now)
        })
    }
}

/// 1, 2, 4 and so on, and the most.
fn numbers_of_stages(most: u32) -> Vec<u32> {
    let most = most.clamp(1, MAX_STAGES);
    let doubling = std::iter::successors(Some(1), |stages| Some(stages * 2));
    doubling.take_while(|stages| *stages < most).chain([most]).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers_of_stages;

    #[test]
    fn stages_are_tried_by_doubling_up_to_the_most() {
        assert_eq!(numbers_of_stages(0), [1]);
        assert_eq!(numbers_of_stages(1), [1]);
        assert_eq!(numbers_of_stages(3), [1, 2, 3]);
        assert_eq!(numbers_of_stages(4), [1, 2, 4]);
        assert_eq!(numbers_of_stages(1_000), [1, 2, 4, 8, 16]);
    }
}
