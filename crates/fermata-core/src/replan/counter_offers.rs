//! Counter-offers in a plan: what is agreed, and whether what is offered can be kept.

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

use super::Replan;
use crate::Time;
use crate::id::{HostName, NotificationId, ServerId};
use crate::problem::seconds;
use crate::reason::DeclineReason;
use crate::session::{CounterOffer, ServerKey, SessionHostState, Terms};
use crate::solver::{NoPlan, Plan, Problem, Role, Seconds};

/// An offer that was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The notification to which it was made.
    pub notification: NotificationId,
    /// When it was made.
    pub made_at: Time,
    /// What becomes of it.
    pub judgement: Judgement,
}

/// What becomes of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It can be kept.
    Accepted {
        /// Hosts that are being drained and are put off for it.
        put_off: BTreeSet<HostName>,
        /// Hosts that come at another time because of it, in another wave or with other ones before them.
        changed: BTreeSet<HostName>,
    },
    /// It cannot, and why: in words that name nobody else and no host.
    Declined(DeclineReason),
}

/// What is agreed about servers.
pub(super) type Agreed = BTreeMap<ServerKey, Terms>;
/// The plan for hosts that can be drained, and those that cannot.
type Found = (Option<(u32, Plan)>, Option<NoPlan>);

/// A way to keep an offer.
struct Way {
    put_off: BTreeSet<HostName>,
    agreed: Agreed,
    found: Found,
}

impl Replan<'_> {
    /// What is agreed now.
    pub(super) fn terms(&self) -> Agreed {
        let agreed = self.session.servers.values().filter(|s| !s.terms.is_unset());
        agreed.map(|s| (s.key.clone(), s.terms.clone())).collect()
    }

    /// The same problem under these terms.
    pub(super) fn with_terms(&self, bare: &Problem, agreed: &Agreed, begins: Time) -> Problem {
        let mut problem = bare.clone();
        if agreed.is_empty() {
            return problem;
        }
        let hosts: BTreeMap<HostName, usize> =
            problem.hosts.iter().enumerate().map(|(at, h)| (h.name.clone(), at)).collect();
        let servers: BTreeMap<(usize, &ServerId), usize> =
            bare.servers.iter().enumerate().map(|(at, s)| ((s.host, &s.id), at)).collect();
        for (key, terms) in agreed {
            let Some(host) = hosts.get(&key.host).copied() else { continue };
            let Some(server) = servers.get(&(host, &key.server)).copied() else { continue };
            if problem.hosts[host].role == Role::Spare {
                continue;
            }
            if let Some(at) = terms.not_before {
                let server = &mut problem.servers[server];
                server.not_before = server.not_before.max(seconds(at - begins));
            }
            for awaited in &terms.after {
                let before = hosts.get(&awaited.host).copied().filter(|b| {
                    let todo = problem.hosts[*b].role != Role::Spare;
                    // Both are in the first wave; the server waits for the other one there.
                    let both = problem.hosts[*b].under_way && problem.hosts[host].under_way;
                    *b != host && todo && !both
                });
                if let Some(before) = before
                    && !self.session.is_out_of_the_way(awaited, key)
                    && !problem.hosts[host].after.contains(&before)
                {
                    problem.hosts[host].after.push(before);
                }
            }
        }
        problem
    }

    /// What becomes of the offers that are open, one after the other. `found`: the plan without any of them.
    pub(super) fn judge(
        &self,
        bare: &Problem,
        begins: Time,
        stages: &[u32],
        found: (&Option<(u32, Plan)>, &Option<NoPlan>),
    ) -> Vec<Judged> {
        let offers = self.session.open_counter_offers();
        if offers.is_empty() {
            return Vec::new();
        }
        let mut agreed = self.terms();
        let mut before: Found = (found.0.clone(), found.1.clone());
        let mut put_off = BTreeSet::new();
        let mut judged = Vec::new();
        for (notification, offer) in offers {
            let ways = self.ways(bare, begins, stages, offer, &agreed, &put_off);
            let kept = ways.into_iter().filter(|way| self.is_kept(&before, way, begins));
            // Nobody is bothered for nothing: of equals the one that puts off least.
            let best = kept.min_by_key(|way| (ends(&way.found), way.put_off.len()));
            let judgement = match best {
                Some(way) => {
                    let new: BTreeSet<_> = way.put_off.difference(&put_off).cloned().collect();
                    let changed = self.changed(bare, &before, &way.found);
                    let changed = changed.union(&new).cloned().collect();
                    put_off = way.put_off;
                    agreed = way.agreed;
                    before = way.found;
                    Judgement::Accepted { put_off: new, changed }
                }
                None => Judgement::Declined(self.why_not(bare, begins, stages, offer, &agreed)),
            };
            judged.push(Judged {
                notification: notification.id,
                made_at: offer.made_at,
                judgement,
            });
        }
        judged
    }

    /// The ways to keep an offer: where a host that is being drained waits for it, and where it is put off.
    fn ways(
        &self,
        bare: &Problem,
        begins: Time,
        stages: &[u32],
        offer: &CounterOffer,
        agreed: &Agreed,
        put_off: &BTreeSet<HostName>,
    ) -> Vec<Way> {
        if self.waits_for_nothing(bare, offer) {
            return Vec::new();
        }
        let agreed = with(agreed, offer);
        let draining: BTreeSet<HostName> = offer
            .servers
            .iter()
            .filter(|k| {
                self.session
                    .hosts
                    .get(&k.host)
                    .is_some_and(|h| h.state == SessionHostState::Draining)
            })
            .map(|k| k.host.clone())
            .filter(|h| !put_off.contains(h))
            .collect();
        let way = |more: &BTreeSet<HostName>| {
            let put_off: BTreeSet<HostName> = put_off.union(more).cloned().collect();
            let mut problem = bare.clone();
            let hosts = problem.hosts.iter_mut().filter(|h| put_off.contains(&h.name));
            hosts.for_each(|host| host.under_way = false);
            let problem = self.with_terms(&problem, &agreed, begins);
            let found = self.avoiding_others(&problem, stages);
            Way { put_off, agreed: agreed.clone(), found }
        };
        let mut ways = Vec::new();
        if draining.iter().all(|h| self.may_wait_on(h, offer)) {
            let waits = way(&BTreeSet::new());
            if draining.iter().all(|h| self.empty_in_time(bare, begins, h, &waits.found)) {
                ways.push(waits);
            }
        }
        if !draining.is_empty() && draining.iter().all(|h| self.session.has_not_begun(h)) {
            ways.push(way(&draining));
        }
        ways
    }

    /// Whether a server would come after one with which nothing is going to be done as things are.
    fn waits_for_nothing(&self, bare: &Problem, offer: &CounterOffer) -> bool {
        let todo: BTreeSet<&HostName> = bare.todo().map(|h| &bare.hosts[h].name).collect();
        offer.servers.iter().any(|key| {
            let mut after = offer.terms.after.iter();
            after.any(|a| !todo.contains(&a.host) && !self.session.is_out_of_the_way(a, key))
        })
    }

    /// Whether the servers that others on this host would come after are being taken care of.
    fn may_wait_on(&self, host: &HostName, offer: &CounterOffer) -> bool {
        let mut own = offer.servers.iter().filter(|k| k.host == *host);
        own.all(|key| {
            offer.terms.after.iter().all(|awaited| {
                let draining =
                    |h: &HostName| self.session.hosts.get(h).is_some_and(|h| h.state.is_active());
                draining(&awaited.host) || self.session.is_out_of_the_way(awaited, key)
            })
        })
    }

    /// Whether a host that is being drained is empty before its drain is given up.
    fn empty_in_time(&self, bare: &Problem, begins: Time, host: &HostName, found: &Found) -> bool {
        let deadline = self.session.hosts.get(host).and_then(|h| h.deadline);
        let plan = found.0.as_ref().map(|(_, plan)| plan);
        let hosts = plan.iter().flat_map(|plan| &plan.waves).flat_map(|wave| &wave.hosts);
        let emptied = hosts.filter(|h| bare.hosts[h.host].name == *host).map(|h| h.emptied).max();
        match (deadline, emptied) {
            (Some(deadline), Some(emptied)) => {
                begins + Duration::seconds(emptied.into()) < deadline
            }
            (None, _) | (_, None) => false,
        }
    }

    /// Whether every host is drained as before, and everything ends inside the window, or no later than before.
    fn is_kept(&self, before: &Found, way: &Way, begins: Time) -> bool {
        let blocked = |found: &Found| -> BTreeSet<usize> {
            found.1.iter().flat_map(|none| none.hosts.iter().copied()).collect()
        };
        let window = seconds(self.session.head.spec.window.end - begins);
        let most = ends(before).max(window);
        blocked(&way.found).is_subset(&blocked(before)) && ends(&way.found) <= most
    }

    /// Hosts that come at another time.
    fn changed(&self, bare: &Problem, before: &Found, after: &Found) -> BTreeSet<HostName> {
        let (before, after) = (turns(bare, before), turns(bare, after));
        let names = before.keys().chain(after.keys());
        let waits = |name: &&&HostName| self.is_waiting(name);
        let changed = names.filter(waits).filter(|name| before.get(*name) != after.get(*name));
        changed.map(|name| (*name).clone()).collect()
    }

    fn why_not(
        &self,
        bare: &Problem,
        begins: Time,
        stages: &[u32],
        offer: &CounterOffer,
        agreed: &Agreed,
    ) -> DeclineReason {
        let window = self.session.head.spec.window.end;
        let agreed = with(agreed, offer);
        let mut problem = bare.clone();
        problem.hosts.iter_mut().for_each(|host| host.under_way = false);
        let problem = self.with_terms(&problem, &agreed, begins);
        let (found, blocked) = self.avoiding_others(&problem, stages);
        let begun = offer.servers.iter().any(|k| {
            let draining = |h: &crate::session::SessionHost| h.state == SessionHostState::Draining;
            self.session.hosts.get(&k.host).is_some_and(|h| draining(h))
                && !self.session.has_not_begun(&k.host)
        });
        match found {
            _ if self.waits_for_nothing(bare, offer) => DeclineReason::after_nothing(),
            _ if begun => DeclineReason::drain_begun(),
            Some((_, plan)) if blocked.is_none() => {
                let ends = begins + Duration::seconds(plan.ends.into());
                DeclineReason::window_exceeded(ends, window)
            }
            Some(_) | None => DeclineReason::no_plan(),
        }
    }
}

/// What is agreed if an offer is accepted.
fn with(agreed: &Agreed, offer: &CounterOffer) -> Agreed {
    let mut agreed = agreed.clone();
    agreed.extend(offer.servers.iter().map(|k| (k.clone(), offer.terms.clone())));
    agreed
}

fn ends(found: &Found) -> Seconds {
    found.0.as_ref().map_or(0, |(_, plan)| plan.ends)
}

/// In which wave each host is.
fn turns<'a>(problem: &'a Problem, found: &Found) -> BTreeMap<&'a HostName, u32> {
    let plan = found.0.as_ref().map(|(_, plan)| plan);
    let waves = plan.iter().flat_map(|plan| &plan.waves);
    let of_wave = (1..).zip(waves).flat_map(|(number, wave)| {
        wave.hosts.iter().map(move |h| (&problem.hosts[h.host].name, number))
    });
    of_wave.collect()
}
