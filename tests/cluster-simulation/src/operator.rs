//! The operator: opens sessions, looks after them, and changes its mind. Once everything is healed it cooperates,
//! so that every session can come to its end.

use std::time::Duration;

use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::{Command, HostCommand};
use fermata_core::session::{Session, SessionHost, SessionHostState, SessionState};
use fermata_core::spec::{Draft, StartMode};

use crate::message::{Api, ClientAlarm, Said};
use crate::queue::{Moment, date};
use crate::world::World;

/// So long after everything was healed, sessions that are not over are cancelled.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the operator knows.
#[derive(Debug, Default)]
pub(crate) struct Operator {
    /// Sessions to open that are not answered yet.
    pub(crate) wanted: usize,
    /// When everything was healed.
    pub(crate) healed_at: Option<Moment>,
}

impl World {
    fn operator(&self) -> usize {
        self.owners.len()
    }

    pub(crate) fn operator_hears(&mut self, api: &Api, said: Said) {
        match (api, said) {
            (Api::Create(_), _) => self.operator.wanted -= 1,
            (Api::Get(_), Said::Session(session)) => {
                if let Some(session) = *session {
                    self.operator_sees(&session);
                }
            }
            _ => {}
        }
    }

    /// Every session that it wanted was opened or refused, and is over.
    pub(crate) fn operator_is_done(&self) -> bool {
        self.operator.wanted == 0 && self.open_sessions().is_empty()
    }

    /// It lists them; one may have been opened by an attempt that was given up.
    fn open_sessions(&self) -> Vec<SessionId> {
        let rows = self.store.sessions.values();
        rows.filter(|r| !r.session.head.state.is_terminal()).map(|r| r.session.head.id).collect()
    }

    pub(crate) fn operator_minds(&mut self) {
        let client = self.operator();
        for session in self.open_sessions() {
            self.ask(client, Api::Get(session));
        }
        let pause = self.random.millis(1500, 4500);
        self.wake_client(client, pause, ClientAlarm::Mind);
    }

    fn operator_sees(&mut self, session: &Session) {
        let id = session.head.id;
        if session.head.state.is_terminal() {
            return;
        }
        let api = match self.operator.healed_at {
            None => self.whim(session),
            Some(at) => self.duty(session, self.now > at + PATIENCE),
        };
        if let Some(command) = api {
            self.say(Api::Command(id, command));
        }
        let hosts: Vec<_> = session.hosts.values().cloned().collect();
        for host in hosts {
            let command = match self.operator.healed_at {
                None => self.whim_about(&host),
                Some(_) => duty_about(&host),
            };
            if let Some(command) = command {
                self.say(Api::HostCommand(id, host.host.clone(), command));
            }
        }
    }

    fn say(&mut self, api: Api) {
        let client = self.operator();
        self.wake_client(client, Duration::ZERO, ClientAlarm::Say(Box::new(api)));
    }

    /// What the operator says about a session, by mood.
    fn whim(&mut self, session: &Session) -> Option<Command> {
        let state = session.head.state;
        let random = &mut self.random;
        let of_thousand = random.between(0, 1000);
        match state {
            SessionState::Scheduled if of_thousand < 50 => {
                self.change_plan(session);
                None
            }
            SessionState::Scheduled if of_thousand < 250 => Some(Command::Start),
            SessionState::Running if of_thousand < 25 => Some(Command::Pause),
            SessionState::Paused if of_thousand < 350 => Some(Command::Resume),
            SessionState::Failed if of_thousand < 150 => Some(Command::Resume),
            _ if of_thousand > 990 => Some(Command::Cancel),
            _ => None,
        }
    }

    /// The plan changes before the start: owners are asked again.
    fn change_plan(&mut self, session: &Session) {
        let secs = i64::try_from(self.random.between(1, 10)).unwrap_or(1);
        let draft = Draft {
            lead_time: Some(time::Duration::seconds(secs)),
            reason: "another reason".to_owned(),
            ..Draft::default()
        };
        let fields = vec!["lead_time".to_owned(), "reason".to_owned()];
        self.say(Api::Update(session.head.id, Box::new(draft), fields));
    }

    fn whim_about(&mut self, host: &SessionHost) -> Option<HostCommand> {
        let of_thousand = self.random.between(0, 1000);
        match host.state {
            SessionHostState::InMaintenance if of_thousand < 300 => Some(HostCommand::Complete),
            SessionHostState::InMaintenance if of_thousand < 330 => Some(HostCommand::Fail),
            SessionHostState::Draining if host.hold.is_some() => match of_thousand {
                0..150 => Some(HostCommand::Retry { override_owners: true }),
                150..250 => Some(HostCommand::Retry { override_owners: false }),
                250..300 => Some(HostCommand::Skip),
                300..330 => Some(HostCommand::Fail),
                _ => None,
            },
            SessionHostState::Draining if of_thousand < 10 => Some(HostCommand::Skip),
            SessionHostState::Draining if of_thousand < 20 => Some(HostCommand::Fail),
            SessionHostState::Waiting if of_thousand < 15 => Some(HostCommand::Skip),
            SessionHostState::DrainFailed | SessionHostState::MaintenanceFailed => {
                match of_thousand {
                    0..120 => Some(HostCommand::Retry { override_owners: false }),
                    120..200 => Some(HostCommand::Skip),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What an operator says that wants the session to end.
    fn duty(&mut self, session: &Session, cancel: bool) -> Option<Command> {
        let state = session.head.state;
        if cancel && state != SessionState::Cancelling {
            return Some(Command::Cancel);
        }
        match state {
            SessionState::Scheduled if session.head.spec.start_mode == StartMode::Manual => {
                (session.head.spec.window.start <= date(self.now)).then_some(Command::Start)
            }
            // The window may be over.
            SessionState::Paused if self.random.chance(500) => Some(Command::Cancel),
            SessionState::Paused => Some(Command::Resume),
            SessionState::Failed if self.random.chance(300) => Some(Command::Cancel),
            SessionState::Scheduled
            | SessionState::Running
            | SessionState::Cancelling
            | SessionState::Cancelled
            | SessionState::Failed
            | SessionState::Completed => None,
        }
    }
}

fn duty_about(host: &SessionHost) -> Option<HostCommand> {
    match host.state {
        SessionHostState::InMaintenance if host.intruders.is_empty() => Some(HostCommand::Complete),
        SessionHostState::InMaintenance => Some(HostCommand::Fail),
        SessionHostState::Draining if host.hold.is_some() => {
            Some(HostCommand::Retry { override_owners: true })
        }
        SessionHostState::DrainFailed | SessionHostState::MaintenanceFailed => {
            Some(HostCommand::Skip)
        }
        _ => None,
    }
}

/// Whether a host is named.
pub(crate) fn names(count: usize) -> Vec<HostName> {
    (1..=count).map(|n| HostName::from(format!("host-{n}"))).collect()
}
