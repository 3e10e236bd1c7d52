//! A tiny cloud in the manner of Nova, without time: an action that began ends whenever the checker says so.
//! A cold migration waits to be confirmed. What really happened is remembered as far as the checks ask for it.

use std::collections::BTreeMap;

use fermata_core::cloud::{
    Capacity, CloudError, CloudProgress, Flavor, Host, Migration, MigrationId, MigrationKind,
    MigrationStatus, Scheduling, Server, ServerSeen, ServerStatus,
};
use fermata_core::id::{ServerId, SessionId};
use fermata_core::scheduling;
use fermata_core::session::Op;

use crate::site::{Choice, HOSTS, SERVERS, SESSION_HOSTS, SPARE, host_name, server_id};

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Runs.
    Active,
    /// Is stopped.
    Shutoff,
    /// Was cold migrated; waits to be confirmed.
    VerifyResize,
}

/// What the cloud can do with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Live migrate it.
    LiveMigrate,
    /// Cold migrate it.
    Migrate,
    /// Confirm its cold migration.
    Confirm,
    /// Stop it.
    Stop,
    /// Start it.
    Start,
    /// Not on a server: disable a host.
    Disable,
    /// Not on a server: enable a host.
    Enable,
}

impl Deed {
    /// What an operation asks for. Nothing takes so long here that it would be aborted.
    pub fn of(op: Op) -> Self {
        match op {
            Op::LiveMigrate => Self::LiveMigrate,
            Op::Migrate => Self::Migrate,
            Op::ConfirmMigration => Self::Confirm,
            Op::Stop => Self::Stop,
            Op::Start => Self::Start,
            Op::DisableScheduling => Self::Disable,
            Op::EnableScheduling => Self::Enable,
            Op::AbortMigration(_) => unreachable!("no action has a deadline in the model"),
        }
    }
}

/// How an action ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// As asked.
    Well,
    /// The server is as it was.
    Badly,
}

/// How far a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moving {
    /// Under way.
    InProgress,
    /// Waits to be confirmed.
    Awaits,
    /// Ended well.
    Completed,
    /// Ended badly.
    Failed,
}

/// A server's newest migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Move {
    /// Its number.
    pub id: i64,
    /// Cold, or live.
    pub cold: bool,
    /// How far it is.
    pub status: Moving,
}

/// A server as the cloud has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloudServer {
    /// Where it is.
    pub host: usize,
    /// What it is.
    pub status: Status,
    /// What a cold migration returns it to.
    pub before_resize: Status,
    /// The action under way, and where it leads.
    pub job: Option<(Deed, usize)>,
    /// Its newest migration.
    pub newest: Option<Move>,
    /// The last thing that really happened to it, and where it was before.
    pub last: Option<(Deed, usize)>,
}

/// The cloud.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cloud {
    /// By number.
    pub servers: [CloudServer; SERVERS.len()],
    /// Hosts that the session disabled.
    pub disabled: [bool; HOSTS.len()],
}

impl Cloud {
    /// Before the session.
    pub fn at_first() -> Self {
        let servers = SERVERS.map(|(_, _, host)| CloudServer {
            host,
            status: Status::Active,
            before_resize: Status::Active,
            job: None,
            newest: None,
            last: None,
        });
        Self { servers, disabled: [false; HOSTS.len()] }
    }

    /// A call on a host arrives.
    pub fn call_host(&mut self, host: usize, deed: Deed) {
        self.disabled[host] = deed == Deed::Disable;
    }

    /// A call on a server arrives.
    pub fn call_server(
        &mut self,
        number: usize,
        deed: Deed,
        onto_session: Choice,
    ) -> Result<(), CloudError> {
        let target = self.target(number, onto_session);
        let server = &mut self.servers[number];
        let allowed = match deed {
            Deed::LiveMigrate | Deed::Stop => server.status == Status::Active,
            Deed::Migrate => server.status != Status::VerifyResize,
            Deed::Confirm => server.status == Status::VerifyResize,
            Deed::Start => server.status == Status::Shutoff,
            Deed::Disable | Deed::Enable => false,
        };
        if server.job.is_some() || !allowed {
            return Err(CloudError::Conflict { detail: "not in this state".to_owned() });
        }
        let newest = server.newest.map_or(0, |m| m.id);
        match deed {
            Deed::LiveMigrate | Deed::Migrate => {
                server.newest = Some(Move {
                    id: newest + 1,
                    cold: deed == Deed::Migrate,
                    status: Moving::InProgress,
                });
                server.job = Some((deed, target));
            }
            Deed::Confirm => {
                server.set_newest(Moving::InProgress);
                server.job = Some((deed, server.host));
            }
            Deed::Stop | Deed::Start | Deed::Disable | Deed::Enable => {
                server.job = Some((deed, server.host));
            }
        }
        Ok(())
    }

    /// Where the scheduler would put a server.
    fn target(&self, number: usize, onto_session: Choice) -> usize {
        let free = |host: &usize| *host != self.servers[number].host && !self.disabled[*host];
        match onto_session {
            Choice::Never => SPARE,
            Choice::Possible => (0..HOSTS.len()).find(free).unwrap_or(SPARE),
        }
    }

    /// The action under way on a server ends. Gives the host from which it was.
    pub fn end(&mut self, number: usize, ending: Ending) -> usize {
        let server = &mut self.servers[number];
        let source = server.host;
        let Some((deed, to)) = server.job.take() else { return source };
        if ending == Ending::Badly {
            match deed {
                Deed::LiveMigrate | Deed::Migrate => server.set_newest(Moving::Failed),
                Deed::Confirm => server.set_newest(Moving::Awaits),
                Deed::Stop | Deed::Start | Deed::Disable | Deed::Enable => {}
            }
            return source;
        }
        match deed {
            Deed::LiveMigrate => {
                server.host = to;
                server.set_newest(Moving::Completed);
            }
            Deed::Migrate => {
                server.host = to;
                server.before_resize = server.status;
                server.status = Status::VerifyResize;
                server.set_newest(Moving::Awaits);
            }
            Deed::Confirm => {
                server.status = server.before_resize;
                server.set_newest(Moving::Completed);
            }
            Deed::Stop => server.status = Status::Shutoff,
            Deed::Start => server.status = Status::Active,
            Deed::Disable | Deed::Enable => {}
        }
        server.last = Some((deed, source));
        source
    }

    // --- reads

    /// How a host looks.
    pub fn read_host(&self, host: usize, session: SessionId) -> Host {
        let scheduling = if self.disabled[host] {
            Scheduling::Disabled { reason: scheduling::of_session(session, "new firmware") }
        } else {
            Scheduling::Enabled
        };
        Host {
            name: host_name(host),
            up: true,
            scheduling,
            zone: None,
            aggregates: Vec::new(),
            capacity: Capacity::default(),
            hypervisor_type: String::new(),
            hypervisor_version: String::new(),
            servers: 0,
        }
    }

    /// The servers on a host.
    pub fn servers_on(&self, host: usize) -> Vec<Server> {
        let on = self.servers.iter().enumerate().filter(|(_, s)| s.host == host);
        on.map(|(number, server)| server.show(number)).collect()
    }

    /// The servers on their way to a host.
    pub fn arriving(&self, host: usize) -> Vec<ServerId> {
        let coming = |s: &CloudServer| s.host != host && s.job.is_some_and(|(_, to)| to == host);
        let on_their_way = self.servers.iter().enumerate().filter(|(_, s)| coming(s));
        on_their_way.map(|(number, server)| server.show(number).id).collect()
    }

    /// How servers stand.
    pub fn progress(&self, numbers: &[usize]) -> CloudProgress {
        numbers.iter().fold(CloudProgress::default(), |mut all, number| {
            let one = self.servers[*number].progress(*number);
            all.servers.extend(one.servers);
            all.migrations.extend(one.migrations);
            all
        })
    }

    /// Whether a session's host has no server but stopped ones that shall be there.
    pub fn is_empty(&self, host: usize, kept: impl Fn(usize) -> bool) -> bool {
        let mut on = self.servers.iter().enumerate().filter(|(_, s)| s.host == host);
        host < SESSION_HOSTS
            && on.all(|(n, s)| kept(n) && s.status == Status::Shutoff && s.job.is_none())
    }
}

impl CloudServer {
    fn set_newest(&mut self, status: Moving) {
        if let Some(newest) = &mut self.newest {
            newest.status = status;
        }
    }

    fn show(&self, number: usize) -> Server {
        let (_, project, _) = SERVERS[number];
        let status = match self.status {
            Status::Active => ServerStatus::Active,
            Status::Shutoff => ServerStatus::Shutoff,
            Status::VerifyResize => ServerStatus::VerifyResize,
        };
        // Nova shows no task while it confirms.
        let task = self.job.filter(|(deed, _)| *deed != Deed::Confirm).map(|_| "busy".to_owned());
        Server {
            id: server_id(number),
            name: String::new(),
            project: project.into(),
            host: Some(host_name(self.host)),
            host_id: String::new(),
            status,
            task,
            flavor: Flavor::default(),
            metadata: BTreeMap::new(),
            pinned_zone: None,
        }
    }

    /// How this server stands.
    pub fn progress(&self, number: usize) -> CloudProgress {
        let migration = self.newest.map(|m| Migration {
            id: MigrationId(m.id),
            server: server_id(number),
            kind: if m.cold { MigrationKind::Cold } else { MigrationKind::Live },
            status: match m.status {
                Moving::InProgress => MigrationStatus::InProgress,
                Moving::Awaits => MigrationStatus::AwaitsConfirmation,
                Moving::Completed => MigrationStatus::Completed,
                Moving::Failed => MigrationStatus::Failed("error".to_owned()),
            },
            source: None,
            destination: None,
        });
        CloudProgress {
            servers: vec![ServerSeen::Present(self.show(number))],
            migrations: migration.into_iter().collect(),
        }
    }
}
