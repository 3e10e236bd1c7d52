//! What goes wrong, and how it is over.

use std::collections::BTreeMap;

use fermata_core::cloud::{Capacity, Scheduling};
use fermata_core::id::{HostName, ProjectId};
use fermata_simcloud::{Action, Fault, NewServer};

use crate::checks::groups::By;
use crate::message::{Event, Fate, Place, Trap};
use crate::operator::names;
use crate::queue::date;
use crate::world::World;

impl World {
    pub(crate) fn strike(&mut self, fate: Fate) {
        self.note(|| format!("fate: {fate:?}"));
        match fate {
            Fate::Crash(r) if self.replicas[r].up => {
                self.counts.crashes += 1;
                self.stop(r);
            }
            Fate::Resign(r) if self.replicas[r].up => self.resign(r),
            Fate::Pause(r, long) if self.replicas[r].up => {
                self.counts.pauses += 1;
                let until = self.replicas[r].paused_until;
                self.replicas[r].paused_until = until.max(Some(self.now + long));
            }
            Fate::Trap(r, trap, long) => self.replicas[r].trap = Some((trap, long)),
            Fate::Cut(a, b) => {
                self.counts.partitions += 1;
                self.network.cut(a, b);
            }
            Fate::Crash(_) | Fate::Resign(_) | Fate::Pause(..) => {}
            Fate::DatabaseAway => self.database_away += 1,
            Fate::CloudAway => self.cloud_away += 1,
            Fate::SlowCloud => self.network.slow_cloud += 1,
            Fate::Jump(millis) => {
                self.jumped += time::Duration::milliseconds(millis);
                if millis > 0 {
                    self.checks.jumped_at = Some(self.now);
                }
            }
            Fate::CloudFault(operation, kind) => {
                let fault = Fault { operation, server: None, host: None, times: Some(1), kind };
                // A kind that an operation cannot have does nothing.
                let _ = self.cloud.inject(fault);
            }
            Fate::NewServer { host, project } => self.new_server(host, project),
            Fate::Move { server, host } => self.others_move(server, host),
            Fate::HostDown(host) => self.host_goes_down(&host),
        }
    }

    /// Somebody else begins to move a server to a host that takes servers.
    fn others_move(&mut self, server: usize, host: usize) {
        self.cloud.advance(date(self.now));
        self.read_cloud_journal();
        let host = &names(host + 1)[host];
        let view = &self.checks.view;
        let enabled = view.hosts.get(host) == Some(&Scheduling::Enabled);
        let ids: Vec<_> = view.servers.keys().cloned().collect();
        let Some(id) = ids.get(server % ids.len().max(1)) else { return };
        let action = Action::LiveMigrate { target: Some(host.clone()) };
        if enabled && self.cloud.act(date(self.now), id, action).is_ok() {
            self.counts.moves_by_others += 1;
            self.checks.moved_by_others.insert(id.clone(), self.now);
        }
        self.read_cloud_journal_of(By::Others);
    }

    fn host_goes_down(&mut self, host: &HostName) {
        if self.down.insert(host.clone()) {
            self.counts.host_faults += 1;
            let _ = self.cloud.host_goes_down(date(self.now), host);
            self.read_cloud_journal();
        }
    }

    fn host_comes_up(&mut self, host: &HostName) {
        if self.down.remove(host) {
            let _ = self.cloud.host_comes_up(date(self.now), host);
            self.read_cloud_journal();
        }
    }

    fn new_server(&mut self, host: usize, project: usize) {
        let hosts = names(host + 1);
        let project = ProjectId::from(format!("project-{}", project + 1));
        let group = self.group_to_join(&project);
        let new = NewServer {
            name: format!("new-{}", self.now.as_micros()),
            project,
            host: hosts[host].clone(),
            size: Capacity { vcpus: 1, memory_mib: 1024, disk_gib: 1 },
            extra_specs: BTreeMap::new(),
            metadata: BTreeMap::new(),
            group,
        };
        // Nobody can create a server on a host that is disabled.
        let disabled = self.checks.view.hosts.get(&new.host);
        if disabled.is_some_and(|s| *s == Scheduling::Enabled) {
            let _ = self.cloud.create_server(date(self.now), new);
            self.read_cloud_journal();
        }
    }

    /// A new server may join a server group.
    fn group_to_join(&mut self, project: &ProjectId) -> Option<String> {
        let groups = self.checks.view.groups.values().filter(|group| group.project == *project);
        let names: Vec<_> = groups.map(|group| group.name.clone()).collect();
        if names.is_empty() || self.random.chance(500) {
            return None;
        }
        names.into_iter().nth(self.random.index(3))
    }

    /// A replica comes to a point where something may wait for it.
    pub(crate) fn pass_trap(&mut self, r: usize, at: [Trap; 2]) {
        let Some((trap, long)) = self.replicas[r].trap.filter(|(trap, _)| at.contains(trap)) else {
            return;
        };
        self.replicas[r].trap = None;
        match trap {
            Trap::CrashBegun | Trap::CrashCalled => {
                self.strike(Fate::Crash(r));
                self.queue.push(self.now + long, Event::FateEnds(Fate::Crash(r)));
            }
            Trap::PauseBegun | Trap::PauseCalled => self.strike(Fate::Pause(r, long)),
        }
    }

    /// The process ends, and all that it knew.
    pub(crate) fn stop(&mut self, r: usize) {
        self.note(|| format!("replica {r} ends"));
        let replica = &mut self.replicas[r];
        replica.up = false;
        replica.paused_until = None;
        replica.trap = None;
        self.checks.good_since[r] = None;
        replica.process.tickets.clear();
        replica.process.slots.clear();
    }

    pub(crate) fn relent(&mut self, fate: &Fate) {
        match fate {
            Fate::Crash(r) | Fate::Resign(r) => {
                let replica = &self.replicas[*r];
                if !replica.up || replica.process.resigning {
                    self.note(|| format!("replica {r} begins"));
                    self.boot(*r);
                }
            }
            Fate::Cut(a, b) => self.network.mend(*a, *b),
            Fate::DatabaseAway => self.database_away = self.database_away.saturating_sub(1),
            Fate::CloudAway => self.cloud_away = self.cloud_away.saturating_sub(1),
            Fate::SlowCloud => self.network.slow_cloud = self.network.slow_cloud.saturating_sub(1),
            Fate::HostDown(host) => self.host_comes_up(host),
            Fate::Pause(..)
            | Fate::Trap(..)
            | Fate::Jump(_)
            | Fate::CloudFault(..)
            | Fate::NewServer { .. }
            | Fate::Move { .. } => {}
        }
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn heal(&mut self) {
        self.note(|| "everything is healed".to_owned());
        self.healed = true;
        self.operator.healed_at = Some(self.now);
        self.network.heal();
        self.database_away = 0;
        self.cloud_away = 0;
        self.cloud.clear_faults(date(self.now));
        for host in self.down.clone() {
            self.host_comes_up(&host);
        }
        for r in 0..self.replicas.len() {
            // A pause goes on: what came meanwhile waits for its end.
            self.replicas[r].trap = None;
            self.relent(&Fate::Crash(r));
        }
    }

    /// Where a replica and others meet.
    pub(crate) fn place(&self, other: usize) -> Place {
        match other {
            0 => Place::Database,
            1 => Place::Cloud,
            n => Place::Client(n - 2),
        }
    }
}
