//! Which servers are impacted: from the moment when the cloud took a call until the server is where and what it should
//! be, as long as its host is down, and as long as it is broken.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::cloud::ServerStatus;
use fermata_core::id::{HostName, ServerId};
use fermata_simcloud::{Entry, Event, Operation, Outcome};

use super::By;

/// Why a server is impacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// From the call until nothing is done with it any more. One that broke on the way has not arrived.
    Moved(By),
    /// From the call until it is ACTIVE.
    Stopped(By),
    /// The compute service of its host is down.
    HostDown,
    /// It is in ERROR, and nobody's action led there.
    Broken,
}

impl Cause {
    pub(super) fn is_fermatas(self) -> bool {
        match self {
            Self::Moved(by) | Self::Stopped(by) => by == By::Fermata,
            Self::HostDown | Self::Broken => false,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Moved(By::Fermata) => "moved by Fermata",
            Self::Moved(By::Others) => "moved by others",
            Self::Stopped(By::Fermata) => "stopped by Fermata",
            Self::Stopped(By::Others) => "stopped by others",
            Self::HostDown => "on a host that is down",
            Self::Broken => "broken",
        }
    }
}

/// What impacts a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    LiveMigrate,
    Migrate,
    Stop,
}

/// An action that the cloud took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    pub(super) server: ServerId,
    pub(super) act: Act,
}

/// An impact that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) cause: Cause,
    pub(super) since: Time,
    pub(super) until: Time,
}

#[derive(Debug)]
struct Seen {
    host: HostName,
    status: ServerStatus,
    task: Option<String>,
    /// Since when each lasts.
    causes: BTreeMap<Cause, Time>,
    /// Whether the move under way came so far that a host was chosen.
    under_way: bool,
}

/// All servers that there are.
#[derive(Debug, Default)]
pub(super) struct Impacts {
    down: BTreeSet<HostName>,
    servers: BTreeMap<ServerId, Seen>,
    ended: BTreeMap<ServerId, Vec<Ended>>,
}

impl Impacts {
    pub(super) fn exists(&self, server: &ServerId) -> bool {
        self.servers.contains_key(server)
    }

    /// Why a server is impacted now, each with its beginning.
    pub(super) fn of(&self, server: &ServerId) -> impl Iterator<Item = (Cause, Time)> {
        let causes = self.servers.get(server).map(|seen| &seen.causes);
        causes.into_iter().flatten().map(|(cause, since)| (*cause, *since))
    }

    /// What impacted a server and does no more.
    pub(super) fn ended(&self, server: &ServerId) -> &[Ended] {
        self.ended.get(server).map_or(&[], Vec::as_slice)
    }

    /// Whether this entry is an action that impacts a server, and that the cloud took.
    pub(super) fn begun(event: &Event) -> Option<Begun> {
        let Event::Call { operation, server: Some(server), outcome: Outcome::Done, .. } = event
        else {
            return None;
        };
        let act = match operation {
            Operation::LiveMigrate => Act::LiveMigrate,
            Operation::Migrate => Act::Migrate,
            Operation::Stop => Act::Stop,
            Operation::Check
            | Operation::Hosts
            | Operation::SetScheduling
            | Operation::Arriving
            | Operation::ServersOn
            | Operation::Progress
            | Operation::Site
            | Operation::ConfirmMigration
            | Operation::AbortMigration
            | Operation::Start => return None,
        };
        Some(Begun { server: server.clone(), act })
    }

    pub(super) fn begin(&mut self, at: Time, begun: &Begun, by: By) {
        let Some(seen) = self.servers.get_mut(&begun.server) else { return };
        let cause = match begun.act {
            Act::Stop => Cause::Stopped(by),
            Act::LiveMigrate | Act::Migrate => Cause::Moved(by),
        };
        seen.under_way = false;
        seen.causes.entry(cause).or_insert(at);
    }

    pub(super) fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::Host { host, up, .. } => {
                if *up {
                    self.down.remove(host);
                } else {
                    self.down.insert(host.clone());
                }
                let there = self.servers.iter().filter(|(_, seen)| seen.host == *host);
                for server in there.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                    self.settle(at, &server);
                }
            }
            Event::Server { server, host, reserved, status, task, .. } => {
                let seen = self.servers.entry(server.clone()).or_insert_with(|| Seen {
                    host: host.clone(),
                    status: status.clone(),
                    task: None,
                    causes: BTreeMap::new(),
                    under_way: false,
                });
                seen.under_way |= reserved.is_some();
                (seen.host, seen.status, seen.task) = (host.clone(), status.clone(), task.clone());
                self.settle(at, server);
            }
            Event::Gone { server } => {
                if let Some(gone) = self.servers.remove(server) {
                    for (cause, since) in gone.causes {
                        self.end(server, Ended { cause, since, until: at });
                    }
                }
            }
            Event::Call { .. }
            | Event::HostGone { .. }
            | Event::Migration { .. }
            | Event::Group { .. } => {}
        }
    }

    /// What is over with a server as it is now, and what begins.
    fn settle(&mut self, at: Time, server: &ServerId) {
        let Some(seen) = self.servers.get_mut(server) else { return };
        let (idle, broken) = (seen.task.is_none(), seen.status == ServerStatus::Error);
        let down = self.down.contains(&seen.host) && seen.status != ServerStatus::Shutoff;
        let active = seen.status == ServerStatus::Active;
        let over: Vec<_> = seen
            .causes
            .iter()
            .map(|(cause, since)| (*cause, *since))
            .filter(|(cause, _)| match cause {
                Cause::Moved(_) => idle && !broken,
                Cause::Stopped(_) => idle && active,
                Cause::HostDown => !down,
                Cause::Broken => !broken,
            })
            .collect();
        for (cause, _) in &over {
            seen.causes.remove(cause);
        }
        let acted_on = seen.causes.keys().any(|c| matches!(c, Cause::Moved(_) | Cause::Stopped(_)));
        if broken && !acted_on {
            seen.causes.entry(Cause::Broken).or_insert(at);
        }
        if down {
            seen.causes.entry(Cause::HostDown).or_insert(at);
        }
        let under_way = seen.under_way;
        for (cause, since) in over {
            // A move for which no host was found has touched nothing.
            if under_way || !matches!(cause, Cause::Moved(_)) {
                self.end(server, Ended { cause, since, until: at });
            }
        }
    }

    fn end(&mut self, server: &ServerId, ended: Ended) {
        self.ended.entry(server.clone()).or_default().push(ended);
    }
}
