//! What is to be planned: hosts, servers, groups and what the operator allows. Things refer to each other by index.

use crate::id::{HostName, ServerId};
use crate::spec::Kind;

/// Seconds from the beginning of the plan, or a span.
pub type Seconds = u32;

/// An end that nobody knows.
pub const NEVER: Seconds = u32::MAX;

/// What is to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Names of the resource classes, as Placement has them. Amounts of hosts and servers are in this order.
    pub classes: Vec<String>,
    /// Every host of the site.
    pub hosts: Vec<Host>,
    /// Every server that is on a host.
    pub servers: Vec<Server>,
    /// Groups of servers with limits.
    pub groups: Vec<Group>,
    /// Sets of hosts on which servers may be.
    pub placements: Vec<HostSet>,
    /// How many hosts may be out of service at once; at least 1.
    pub parallel_hosts: u32,
    /// How many servers may be acted on at once; at least 1.
    pub parallel_actions: u32,
    /// How long owners are expected to take for a reply before their host is drained.
    pub reply: Seconds,
    /// Everything has to be over by then.
    pub window: Option<Seconds>,
    /// In how many stages the hosts of a wave may be drained together; at least 1.
    pub stages: u32,
    /// How many moves beyond the fewest are allowed where they save waves.
    pub second_moves: u32,
    /// Another seed, another plan of the same quality.
    pub seed: u64,
    /// How long to look for a better plan: so many times a number of steps that grows with the problem. 0: the first plan.
    pub effort: u32,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name.
    pub name: HostName,
    /// What servers may take of it in total, per resource class.
    pub offers: Vec<u64>,
    /// What is to be done with it.
    pub role: Role,
    /// Whether servers may go to it; for a host to be done: once it is back, too.
    pub takes: bool,
    /// It is being drained or worked on already: it belongs to the first wave.
    pub under_way: bool,
    /// How long the work on it takes.
    pub work: Seconds,
    /// Its owners are not asked before.
    pub not_before: Seconds,
    /// It comes in a later wave than these hosts.
    pub after: Vec<usize>,
}

/// What is to be done with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    Spare,
    /// It is maintained, or leaves for good.
    Todo(Kind),
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The cloud's id.
    pub id: ServerId,
    /// The host it is on.
    pub host: usize,
    /// What it takes, per resource class.
    pub need: Vec<u64>,
    /// Index of the set of hosts on which it may be.
    pub placement: usize,
    /// Groups it is a member of, each once.
    pub groups: Vec<usize>,
    /// What happens to it when its host is drained.
    pub fate: Fate,
    /// How long its move takes, or its stop and its start.
    pub duration: Seconds,
    /// It is not touched before.
    pub not_before: Seconds,
}

/// What happens to a server when its host is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes to another host.
    Move,
    /// It stays, stopped. Not possible on a host that leaves for good.
    Stay,
}

/// A group of servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name, for people.
    pub name: String,
    /// How many members may be impacted at once.
    pub limit: u32,
    /// What the limit is with one member fewer, with two fewer, and so on. Empty: the same.
    pub smaller: Vec<u32>,
    /// Least time from the end of an impact to the next one.
    pub recovery: Seconds,
    /// How many members may be on one host; 1 is anti-affinity. A host that has more today keeps them until they move.
    pub max_per_host: Option<u32>,
    /// Members that are impacted already, by others: until when, recovery included. [`NEVER`]: it is not known.
    pub busy: Vec<Seconds>,
}

impl Group {
    /// The limit with so many members fewer.
    pub(crate) fn limit_without(&self, fewer: u32) -> u32 {
        let smaller = fewer.checked_sub(1).and_then(|at| self.smaller.get(at as usize));
        smaller.copied().unwrap_or(self.limit)
    }

    /// It has one member fewer.
    pub(crate) fn shrink(&mut self) {
        if !self.smaller.is_empty() {
            self.limit = self.smaller.remove(0);
        }
    }
}

/// A set of hosts, by index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct HostSet {
    words: Vec<u64>,
}

impl HostSet {
    /// Whether a host is in it.
    pub fn has(&self, host: usize) -> bool {
        self.words.get(host / 64).is_some_and(|word| word >> (host % 64) & 1 == 1)
    }

    /// Its hosts, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }

    /// How many hosts are in it.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no host is in it.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
}

impl FromIterator<usize> for HostSet {
    fn from_iter<T: IntoIterator<Item = usize>>(hosts: T) -> Self {
        let mut words = Vec::new();
        for host in hosts {
            if words.len() <= host / 64 {
                words.resize(host / 64 + 1, 0);
            }
            words[host / 64] |= 1 << (host % 64);
        }
        Self { words }
    }
}

impl Problem {
    /// Hosts that something is to be done with.
    pub fn todo(&self) -> impl Iterator<Item = usize> {
        (0..self.hosts.len()).filter(|h| self.hosts[*h].role != Role::Spare)
    }

    /// Whether servers may go to a host after it was done.
    pub(super) fn takes_when_done(&self, host: usize) -> bool {
        let host = &self.hosts[host];
        host.takes && host.role == Role::Todo(Kind::Temporary)
    }

    /// Whether a server may be on a host, room aside.
    pub fn permits(&self, server: usize, host: usize) -> bool {
        self.placements[self.servers[server].placement].has(host)
    }

    /// The servers on each host.
    pub(super) fn by_host(&self) -> Vec<Vec<usize>> {
        let mut on = vec![Vec::new(); self.hosts.len()];
        for (s, server) in self.servers.iter().enumerate() {
            on[server.host].push(s);
        }
        on
    }
}
