//! Random worlds: hosts, servers, owners, faults, commands and crashes by chance. Every step is checked (see
//! [`crate::invariants`]); at the end, once nothing goes wrong any more and the operator cooperates, every
//! session ends. A failure prints the case, which is all there is to it: it can be pasted into a test.

pub(crate) mod case;
mod found;

use fermata_core::cloud::{CloudError, OutageKind, Scheduling, ServerStatus};
use fermata_core::id::{HostName, ServerId};
use fermata_core::machine::{Answer, Ask, Command, HostCommand, Input, OfferedTerms};
use fermata_core::session::{Notification, SessionHostState, SessionState};
use fermata_core::spec::{Action, Draft};
use fermata_core::{Duration, Time};
use proptest::prelude::*;

use crate::world::World;
use case::{Case, Happening, PROJECTS, Said, case};

impl Case {
    pub(crate) fn run(&self) {
        let mut world = self.build();
        for (after, happening) in &self.happenings {
            world.pass_time(Duration::seconds(*after));
            world.happen(happening);
        }
        world.come_to_an_end();
        world.stays_over();
    }
}

impl World {
    fn pass_time(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    fn host_at(&self, i: usize) -> HostName {
        let names: Vec<_> = self.cloud.hosts.keys().cloned().collect();
        names[i % names.len()].clone()
    }

    fn server_at(&self, i: usize) -> Option<ServerId> {
        let ids: Vec<_> = self.cloud.servers.keys().cloned().collect();
        (!ids.is_empty()).then(|| ids[i % ids.len()].clone())
    }

    fn happen(&mut self, happening: &Happening) {
        match happening {
            // What the operator says may be refused; that is checked by scenarios.
            Happening::Command(command) => {
                let reason = String::new();
                let _ = self.command(Ask::Command { command: *command, reason });
            }
            Happening::Host(i, command) => {
                let hosts: Vec<_> = self.session.hosts.keys().cloned().collect();
                let host = hosts[i % hosts.len()].clone();
                let reason = "because".to_owned();
                let _ = self.command(Ask::HostCommand { host, command: *command, reason });
            }
            Happening::Reply { notification, older_by, answer } => {
                self.reply_by_chance(*notification, *older_by, answer);
            }
            Happening::MoveServer(server, host) => {
                if let Some(server) = self.server_at(*server) {
                    let host = self.host_at(*host);
                    self.cloud.others_move(&server, Some(&host));
                }
            }
            Happening::DeleteServer(server) => {
                if let Some(server) = self.server_at(*server) {
                    self.cloud.others_move(&server, None);
                }
            }
            Happening::SwitchServer(server, on) => {
                let status = if *on { ServerStatus::Active } else { ServerStatus::Shutoff };
                if let Some(server) = self.server_at(*server) {
                    self.cloud.others_switch(&server, status);
                }
            }
            Happening::NewServer(host, project) => {
                let id = format!("new-{:02}", self.cloud.born);
                let host = self.host_at(*host);
                self.cloud.add_server(&id, PROJECTS[*project], host.as_str());
            }
            Happening::EnableHost(host) => {
                let host = self.host_at(*host);
                self.cloud.others_schedule(&host, Scheduling::Enabled);
            }
            Happening::DisableHost(host) => {
                let host = self.host_at(*host);
                let reason = "somebody else's reason".to_owned();
                self.cloud.others_schedule(&host, Scheduling::Disabled { reason });
            }
            Happening::HostUp(host, up) => {
                let host = self.host_at(*host);
                self.cloud.hosts.get_mut(&host).unwrap().up = *up;
            }
            Happening::LaterEnd(minutes) => {
                let window_end = Some(self.now + Duration::minutes(*minutes));
                let draft = Box::new(Draft { window_end, ..Draft::default() });
                let fields = vec!["window".to_owned()];
                let _ = self.command(Ask::Update { draft, fields });
            }
            Happening::Crash(down) => self.crash(Duration::seconds(*down)),
        }
    }

    fn reply_by_chance(&mut self, notification: usize, older_by: u64, said: &Said) {
        let notifications: Vec<_> = self.session.notifications.values().cloned().collect();
        let Some(notification) = notifications.get(notification % notifications.len().max(1))
        else {
            return;
        };
        let answer = match said {
            Said::All(action) => Answer::Accept { all: Some(*action), decisions: Vec::new() },
            Said::Some(server, action) => {
                let Some(key) =
                    notification.servers.get(server % notification.servers.len().max(1))
                else {
                    return;
                };
                let decisions = vec![(key.server.clone(), Some(*action))];
                Answer::Accept { all: None, decisions }
            }
            Said::No => Answer::Reject { reason: format!("no, says {}", notification.project) },
            Said::Done => Answer::OwnActionDone { servers: Vec::new() },
            Said::Later(server, minutes) => Answer::CounterOffer(OfferedTerms {
                servers: server_of(notification, *server),
                not_before: Some(self.now + Duration::minutes(*minutes)),
                after: Vec::new(),
            }),
            Said::After(server, first) => Answer::CounterOffer(OfferedTerms {
                servers: server_of(notification, *server),
                not_before: None,
                after: server_of(notification, *first),
            }),
        };
        let revision = notification.plan_revision.saturating_sub(older_by);
        let _ = self.reply(&notification.project, notification.id, revision, answer, "");
    }

    /// Nothing goes wrong any more, and the operator does what it is asked for.
    fn come_to_an_end(&mut self) {
        self.cloud.faults.chance = None;
        for host in self.cloud.hosts.values_mut() {
            host.up = true;
        }
        let late: Time = self.now + Duration::hours(3);
        while !self.session.head.state.is_terminal() {
            let end = self.now + Duration::minutes(10);
            let asks = |w: &Self| {
                let state = w.session.head.state;
                state.is_terminal()
                    || matches!(state, SessionState::Paused | SessionState::Failed)
                    || w.session.hosts.values().any(|h| h.state == SessionHostState::InMaintenance)
            };
            self.run_while(end - self.now, |w| !asks(w));
            let ready: Vec<_> = self
                .session
                .hosts
                .values()
                .filter(|h| h.state == SessionHostState::InMaintenance)
                .map(|h| (h.host.clone(), h.intruders.is_empty()))
                .collect();
            for (host, empty) in ready {
                // Refused for a moment while a host that retires is being disabled again, and as long as
                // servers are on it that turned up.
                let command = if empty { HostCommand::Complete } else { HostCommand::Fail };
                let _ = self.command(Ask::HostCommand { host, command, reason: String::new() });
            }
            let state = self.session.head.state;
            let stuck = matches!(state, SessionState::Paused | SessionState::Failed);
            if stuck || self.now > late {
                let _ =
                    self.command(Ask::Command { command: Command::Cancel, reason: String::new() });
            }
            let too_late = late + Duration::hours(3);
            assert!(self.now < too_late, "it never ends: {:#?}", self.session);
            self.pass_time(Duration::seconds(5));
        }
    }

    /// Whatever comes now, a session that is over stays as it is.
    fn stays_over(&mut self) {
        let over = self.session.clone();
        self.pass_time(Duration::hours(10));
        self.crash(Duration::minutes(1));
        let away =
            CloudError::Unavailable { kind: OutageKind::Overloaded, detail: "503".to_owned() };
        self.apply(Input::Progress(Err(away))).unwrap();
        for command in [Command::Start, Command::Pause, Command::Resume, Command::Cancel] {
            self.happen(&Happening::Command(command));
        }
        for (i, host) in over.hosts.keys().enumerate() {
            let override_owners = true;
            self.happen(&Happening::Host(i, HostCommand::Complete));
            self.happen(&Happening::Host(i, HostCommand::Retry { override_owners }));
            let (at, read) = (self.now, self.cloud.read_servers(host));
            self.apply(Input::ServersRead { host: host.clone(), at, result: read }).unwrap();
        }
        for i in 0..over.notifications.len() {
            self.reply_by_chance(i, 0, &Said::All(Action::Migrate));
            self.reply_by_chance(i, 0, &Said::No);
        }
        assert_eq!(self.session, over);
    }
}

/// One of the servers that a question is about, if there is any.
fn server_of(notification: &Notification, number: usize) -> Vec<ServerId> {
    let key = notification.servers.get(number % notification.servers.len().max(1));
    key.iter().map(|k| k.server.clone()).collect()
}

/// 256 cases, or as many as `PROPTEST_CASES` says, from `PROPTEST_RNG_SEED` on.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 400, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_sessions_keep_every_promise(case in case()) {
        case.run();
    }
}
