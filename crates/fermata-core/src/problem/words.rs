//! Bounds, constraints and changes as sentences for operators, with what they are about.

use std::collections::BTreeMap;

use time::Duration;

use super::NamedProblem;
use crate::policy::span;
use crate::solver::{Change, Conflict, Constraint, Fate, Role, Seconds, WaveBound};
use crate::spec::Kind;

/// A sentence, and what it is about, by index in the problem.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The sentence, without a full stop.
    pub words: String,
    /// The group.
    pub group: Option<usize>,
    /// The resource class.
    pub class: Option<usize>,
    /// The servers.
    pub servers: Vec<usize>,
    /// The hosts.
    pub hosts: Vec<usize>,
}

/// So many things are named in a sentence; the others are counted.
const NAMED: usize = 5;

impl NamedProblem {
    /// What bounds the number of waves.
    pub fn say_bound(&self, bound: WaveBound) -> Said {
        match bound {
            WaveBound::Work => said("there is something to do"),
            WaveBound::Parallelism => said(self.at_once()),
            WaveBound::Capacity(c) => Said {
                class: Some(c),
                ..said(format!("{} in use has to fit beside the hosts of a wave", self.class(c)))
            },
            WaveBound::Growth(c) => Said {
                class: Some(c),
                ..said(format!("{} becomes free only on hosts that are done", self.class(c)))
            },
            WaveBound::Group(g) => Said { group: Some(g), ..said(self.limit(g)) },
            WaveBound::Clique => said("the limits of groups keep hosts out of each other's waves"),
            WaveBound::Order => said("hosts come after others"),
        }
    }

    /// A constraint of a conflict, and why it is in the way.
    pub fn say_constraint(&self, constraint: Constraint, conflict: &Conflict) -> Said {
        match constraint {
            Constraint::GroupLimit(g) => {
                let (held, servers, hosts) = self.held(g, conflict);
                let words = format!("{}; {held}", self.limit(g));
                Said { group: Some(g), servers, hosts, ..said(words) }
            }
            Constraint::GroupSpread(g) => {
                let (_, servers, hosts) = self.held(g, conflict);
                Said { group: Some(g), servers, hosts, ..said(self.spread(g)) }
            }
            Constraint::Placement(p) => self.say_placement(p, conflict),
            Constraint::Stay(s) => Said {
                servers: vec![s],
                hosts: vec![self.problem.servers[s].host],
                ..said(self.stay(s))
            },
            Constraint::Capacity(c) => self.say_capacity(c, conflict),
            Constraint::Takes => {
                let hosts = self.hosts(|h| !self.problem.hosts[h].takes);
                let words =
                    format!("disabled or down, no servers can go there: {}", self.named(&hosts));
                Said { hosts, ..said(words) }
            }
            Constraint::ParallelHosts => said(self.at_once()),
            Constraint::ParallelActions => said(format!(
                "{} may be acted on at once",
                count(self.problem.parallel_actions as usize, "server")
            )),
            Constraint::Order => said("servers are not touched before their lead times are over"),
            Constraint::Window => said(format!(
                "everything has to be over {} after the beginning",
                show(self.problem.window.unwrap_or_default())
            )),
        }
    }

    /// A change that would make a plan possible, as an invitation.
    pub fn say_change(&self, change: Change, conflict: &Conflict) -> Said {
        match change {
            Change::Limit(g, limit) => Said {
                group: Some(g),
                ..said(format!("allow {limit} of group {} at once", self.problem.groups[g].name))
            },
            Change::Spread(g, most) => Said {
                group: Some(g),
                ..said(format!("allow {most} of group {} on one host", self.problem.groups[g].name))
            },
            Change::ScaleIn(s) => Said {
                servers: vec![s],
                ..said(format!(
                    "scale in 1: server {} of project {}",
                    self.server(s),
                    self.servers[s].project
                ))
            },
            Change::Window(end) => {
                let later = end.saturating_sub(self.problem.window.unwrap_or_default());
                said(format!("accept an end that is {} later", show(later)))
            }
            Change::SecondMoves(moves) => {
                said(format!("allow {} to move twice", count(moves as usize, "server")))
            }
            Change::LeaveOut(h) => Said {
                hosts: vec![h],
                ..said(format!("leave out host {}", self.problem.hosts[h].name))
            },
            Change::Without(constraint) => {
                let about = self.say_constraint(constraint, conflict);
                Said { words: self.give_up(constraint, &about), ..about }
            }
        }
    }

    fn give_up(&self, constraint: Constraint, about: &Said) -> String {
        match constraint {
            Constraint::GroupLimit(g) => {
                format!("give up the limit of group {}", self.problem.groups[g].name)
            }
            Constraint::GroupSpread(g) => {
                format!("let members of group {} share hosts", self.problem.groups[g].name)
            }
            Constraint::Placement(_) => {
                format!("let {} go to other hosts", self.named_servers(&about.servers))
            }
            Constraint::Stay(s) => format!("move server {}", self.server(s)),
            Constraint::Capacity(c) => format!("make room for {}", self.class(c)),
            Constraint::Takes => "enable hosts that are disabled or down".to_owned(),
            Constraint::ParallelHosts => "allow more hosts out of service at once".to_owned(),
            Constraint::ParallelActions => "allow more servers to be acted on at once".to_owned(),
            Constraint::Order => "give up the lead times".to_owned(),
            Constraint::Window => "give up the end of the window".to_owned(),
        }
    }

    fn at_once(&self) -> String {
        let hosts = count(self.problem.parallel_hosts as usize, "host");
        format!("{hosts} may be out of service at once")
    }

    /// `group mme-db allows 1 of 3 at once`
    fn limit(&self, g: usize) -> String {
        let group = &self.problem.groups[g];
        let size = self.members(g).len();
        let mut text = match group.limit {
            0 => format!("group {} allows none of {size} to be impacted", group.name),
            limit => format!("group {} allows {limit} of {size} at once", group.name),
        };
        if group.recovery > 0 {
            text += &format!(", with {} between impacts", show(group.recovery));
        }
        if !group.busy.is_empty() {
            text += &format!(", and {} impacted already", are(group.busy.len()));
        }
        text
    }

    fn spread(&self, g: usize) -> String {
        let group = &self.problem.groups[g];
        let most = group.max_per_host.unwrap_or_default();
        format!("group {} allows {most} of {} on one host", group.name, self.members(g).len())
    }

    /// `hosts h4, h7 hold 2 each`: the hosts in the way, or else all that are to be done, and the members on them.
    fn held(&self, g: usize, conflict: &Conflict) -> (String, Vec<usize>, Vec<usize>) {
        let mut on: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for s in self.members(g) {
            let host = self.problem.servers[s].host;
            if self.problem.hosts[host].role != Role::Spare {
                on.entry(host).or_default().push(s);
            }
        }
        if on.keys().any(|host| conflict.hosts.contains(host)) {
            on.retain(|host, _| conflict.hosts.contains(host));
        }
        let mut by_number: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (host, members) in &on {
            by_number.entry(members.len()).or_default().push(*host);
        }
        let parts = by_number.iter().rev().map(|(number, hosts)| match hosts.as_slice() {
            [_] => format!("{} holds {number}", self.named(hosts)),
            _ => format!("{} hold {number} each", self.named(hosts)),
        });
        let words = parts.collect::<Vec<_>>().join(", ");
        (words, on.values().flatten().copied().collect(), on.into_keys().collect())
    }

    fn say_placement(&self, p: usize, conflict: &Conflict) -> Said {
        let leaving = |in_the_way: bool| -> Vec<usize> {
            let bound = self.problem.servers.iter().enumerate();
            let bound = bound.filter(|(_, s)| s.placement == p && s.fate == Fate::Move);
            let todo = bound.filter(|(_, s)| {
                self.problem.hosts[s.host].role != Role::Spare
                    && (!in_the_way || conflict.hosts.contains(&s.host))
            });
            todo.map(|(s, _)| s).collect()
        };
        let mut servers = leaving(true);
        if servers.is_empty() {
            servers = leaving(false);
        }
        let hosts: Vec<usize> = self.problem.placements[p].iter().collect();
        let may = if hosts.is_empty() { "no host".to_owned() } else { self.named(&hosts) };
        let words =
            format!("zone, traits or aggregates bind {} to {may}", self.named_servers(&servers));
        Said { servers, hosts, ..said(words) }
    }

    fn stay(&self, s: usize) -> String {
        let host = &self.problem.hosts[self.problem.servers[s].host];
        let server = self.server(s);
        match (host.role, self.servers[s].action) {
            (Role::Todo(Kind::Retirement), None) => format!(
                "host {} leaves for good, and by its policy or its status server {server} cannot move",
                host.name
            ),
            (Role::Todo(Kind::Retirement), Some(_)) => {
                format!("host {} leaves for good, and server {server} stays on it", host.name)
            }
            (Role::Todo(Kind::Temporary) | Role::Spare, _) => {
                format!("server {server} stays on host {}, stopped", host.name)
            }
        }
    }

    /// The host in the way that needs most, and what there is elsewhere.
    fn say_capacity(&self, c: usize, conflict: &Conflict) -> Said {
        let leaves = |host: usize| -> u64 {
            let on = self.problem.servers.iter().filter(|s| s.host == host && s.fate == Fate::Move);
            on.map(|s| s.need[c]).sum()
        };
        let hosts =
            conflict.hosts.iter().copied().max_by_key(|h| (leaves(*h), std::cmp::Reverse(*h)));
        let Some(host) = hosts else {
            return Said {
                class: Some(c),
                ..said(format!("there is too little {}", self.class(c)))
            };
        };
        let mut used = vec![0; self.problem.hosts.len()];
        for server in &self.problem.servers {
            used[server.host] += server.need[c];
        }
        let others = self.hosts(|h| {
            let other = &self.problem.hosts[h];
            h != host && other.takes && other.role != Role::Todo(Kind::Retirement)
        });
        let free = others.iter().map(|h| self.problem.hosts[*h].offers[c].saturating_sub(used[*h]));
        let words = format!(
            "{} {} leave host {}, and {} are free on others, {} at most on one",
            leaves(host),
            self.class(c),
            self.problem.hosts[host].name,
            free.clone().sum::<u64>(),
            free.max().unwrap_or(0)
        );
        Said { class: Some(c), hosts: vec![host], ..said(words) }
    }

    fn members(&self, g: usize) -> Vec<usize> {
        let servers = self.problem.servers.iter().enumerate();
        servers.filter(|(_, server)| server.groups.contains(&g)).map(|(s, _)| s).collect()
    }

    fn hosts(&self, which: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.problem.hosts.len()).filter(|h| which(*h)).collect()
    }

    fn class(&self, c: usize) -> &str {
        &self.problem.classes[c]
    }

    /// The name of a server, or its id.
    fn server(&self, s: usize) -> &str {
        let name = &self.servers[s].name;
        if name.is_empty() { self.problem.servers[s].id.as_str() } else { name }
    }

    /// `hosts h4, h7`
    fn named(&self, hosts: &[usize]) -> String {
        list("host", hosts.iter().map(|h| self.problem.hosts[*h].name.as_str()))
    }

    fn named_servers(&self, servers: &[usize]) -> String {
        let mut names: Vec<&str> = servers.iter().map(|s| self.server(*s)).collect();
        names.sort_unstable();
        list("server", names.into_iter())
    }
}

fn said(words: impl Into<String>) -> Said {
    Said { words: words.into(), ..Said::default() }
}

fn show(span: Seconds) -> String {
    span::show(Duration::seconds(span.into()))
}

fn are(number: usize) -> String {
    if number == 1 { "1 is".to_owned() } else { format!("{number} are") }
}

fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// `hosts a, b and 3 more`
fn list<'a>(thing: &str, names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let number = names.len();
    let shown = names.take(NAMED).collect::<Vec<_>>().join(", ");
    let more = number.saturating_sub(NAMED);
    let plural = if number == 1 { "" } else { "s" };
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{thing}{plural} {shown}{rest}")
}
