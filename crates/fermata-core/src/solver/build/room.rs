//! Where the servers of a wave go.

use super::super::Role;
use super::super::fit::Shelf;
use super::super::stock::Stock;
use super::super::timeline::Drain;
use super::{Builder, CARE, Standing};
use crate::spec::Kind;

/// So many servers may go to hosts that are still to be done that it is no limit.
pub(super) const ANY_NUMBER: usize = usize::MAX / 2;

/// Where the servers of a wave may go.
pub(super) struct Targets {
    /// Hosts that are not to be done, or done.
    pub(super) settled: Shelf,
    /// Hosts that are to be done later, and how many servers may still go there.
    pub(super) later: Option<(Shelf, usize)>,
}

impl Builder<'_, '_, '_> {
    pub(super) fn settled(&self) -> Shelf {
        let problem = self.index.problem;
        let mut hosts: Vec<_> = (0..problem.hosts.len())
            .filter(|h| match self.standing[*h] {
                Standing::Spare => problem.hosts[*h].takes,
                Standing::Done => problem.takes_when_done(*h),
                Standing::Waiting | Standing::Receives | Standing::InWave => false,
            })
            .map(|h| (self.kept_for_others(h), self.stock.slack(h) + self.whim(h), h))
            .collect();
        hosts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        self.shelf(hosts.into_iter().map(|(_, _, h)| h).collect())
    }

    fn kept_for_others(&self, host: usize) -> u32 {
        if self.order.whims.is_empty() { self.index.sought[host] } else { 0 }
    }

    fn whim(&self, host: usize) -> f64 {
        self.order.whims.get(host).copied().unwrap_or(0.0)
    }

    /// Hosts whose turn comes last are first.
    pub(super) fn later(&self) -> Shelf {
        let problem = self.index.problem;
        let takes = |h: &&usize| problem.takes_when_done(**h) && !problem.hosts[**h].under_way;
        self.shelf(self.waiting.iter().rev().filter(takes).copied().collect())
    }

    fn shelf(&self, hosts: Vec<usize>) -> Shelf {
        Shelf::new(hosts, self.index.problem.hosts.len(), self.index.classes, |h, class| {
            self.stock.free(h, class)
        })
    }

    /// Finds room for every server that leaves a host. Nothing has changed if there is not enough.
    pub(super) fn place(&mut self, host: usize, targets: &mut Targets) -> Option<Drain> {
        let stays = self.stock.staying(host);
        if !stays.is_empty() && self.index.problem.hosts[host].role == Role::Todo(Kind::Retirement)
        {
            return None;
        }
        if !targets.have_room(&self.stock, host, self.index.classes) {
            return None;
        }
        let mut leaving = self.stock.leaving(host);
        // What is hard to place goes first.
        let whims = !self.order.whims.is_empty();
        let (size, narrow) = (&self.index.size, |s: usize| !whims && self.index.is_narrow(s));
        leaving.sort_by(|a, b| {
            narrow(*b).cmp(&narrow(*a)).then(size[*b].total_cmp(&size[*a])).then(a.cmp(b))
        });
        let mut moves = Vec::with_capacity(leaving.len());
        for server in leaving {
            let to = self
                .find(server, host, None, targets)
                .or_else(|| self.make_room(server, host, &mut moves, targets));
            let Some(to) = to else {
                self.take_back(host, moves, targets);
                return None;
            };
            self.go(server, to, targets);
            moves.push((server, to));
        }
        Some(Drain { host, moves, stays })
    }

    /// Another server of the same host goes elsewhere, so that this one has room.
    fn make_room(
        &mut self,
        server: usize,
        host: usize,
        moves: &mut [(usize, usize)],
        targets: &mut Targets,
    ) -> Option<usize> {
        if self.failures >= CARE {
            return None;
        }
        for (other, place) in moves {
            let (other, to) = (*other, *place);
            self.back(other, host, targets);
            if self.has_room(server, to) && self.stock.welcome(server, to) {
                self.go(server, to, targets);
                let elsewhere = self.find(other, host, Some(to), targets);
                self.back(server, host, targets);
                if let Some(elsewhere) = elsewhere {
                    self.go(other, elsewhere, targets);
                    *place = elsewhere;
                    return Some(to);
                }
            }
            self.go(other, to, targets);
        }
        None
    }

    fn has_room(&self, server: usize, host: usize) -> bool {
        let need = &self.index.problem.servers[server].need;
        need.iter().enumerate().all(|(class, need)| *need <= self.stock.free(host, class))
    }

    fn go(&mut self, server: usize, to: usize, targets: &mut Targets) {
        self.stock.go(server, to);
        targets.refresh(&self.stock, to);
        if self.waits(to)
            && let Some((_, left)) = &mut targets.later
        {
            *left -= 1;
        }
    }

    fn back(&mut self, server: usize, host: usize, targets: &mut Targets) {
        let from = self.stock.place(server);
        self.stock.go(server, host);
        targets.refresh(&self.stock, from);
        if self.waits(from)
            && let Some((_, left)) = &mut targets.later
        {
            *left += 1;
        }
    }

    pub(super) fn take_back(
        &mut self,
        host: usize,
        moves: Vec<(usize, usize)>,
        targets: &mut Targets,
    ) {
        for (server, _) in moves.into_iter().rev() {
            self.back(server, host, targets);
        }
    }

    fn find(
        &self,
        server: usize,
        from: usize,
        but: Option<usize>,
        targets: &Targets,
    ) -> Option<usize> {
        let info = &self.index.problem.servers[server];
        let set = &self.index.problem.placements[info.placement];
        let welcome = |h: usize| but != Some(h) && self.stock.welcome(server, h);
        let found = targets.settled.first_in(set, &info.need, welcome);
        if found.is_some() {
            return found;
        }
        let (later, left) = targets.later.as_ref()?;
        if *left == 0 {
            return None;
        }
        later.first_in(set, &info.need, |h| {
            h != from
                && !self.in_wave(h)
                && welcome(h)
                && (*left > ANY_NUMBER / 2 || self.may_wait_with(server, h))
        })
    }

    /// Whether a host that receives a server can still be drained all at once, as far as the server's groups go. Asked
    /// only where servers move twice to save waves, not where there is no other way.
    fn may_wait_with(&self, server: usize, host: usize) -> bool {
        self.index.problem.servers[server]
            .groups
            .iter()
            .all(|g| self.stock.members_on(*g, host) < self.index.limit[*g] as usize)
    }
}

impl Targets {
    /// Whether there is room at all for what leaves a host, wherever it is.
    fn have_room(&self, stock: &Stock<'_, '_>, host: usize, classes: usize) -> bool {
        self.later.is_some()
            || (0..classes).all(|class| stock.leaves(host, class) <= self.settled.total(class))
    }

    fn refresh(&mut self, stock: &Stock<'_, '_>, host: usize) {
        self.settled.set(host, |class| stock.free(host, class));
        if let Some((later, _)) = &mut self.later {
            later.set(host, |class| stock.free(host, class));
        }
    }
}
