//! What owners and the operator say. Either replica takes it: whoever is asked reads the session, applies what was
//! said and writes, until that comes through.

use fermata_core::actor::{self, Role};
use fermata_core::id::NotificationId;
use fermata_core::machine::{Answer, Ask, Command, HostCommand};
use fermata_core::session::{Notification, SessionHostState};
use fermata_core::session::{NotificationKind, NotificationState, SessionState};

use crate::replica::step;
use crate::site::{Choice, Limits, SESSION_HOSTS, answers, host_name, host_number, server_number};
use crate::state::State;

/// Something that somebody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// An owner answers a question, with its first or second choice.
    Reply(NotificationId, usize),
    /// The operator: the work on this host is done.
    Complete(usize),
    /// The operator: cancel.
    Cancel,
    /// The operator: try failed hosts again.
    Resume,
}

impl State {
    /// What may be said now.
    pub fn sayings(&self, limits: &Limits) -> Vec<Said> {
        let state = self.session.head.state;
        let mut all = Vec::new();
        let asked = |n: &Notification| {
            let announcement = n.kind == NotificationKind::Planned;
            n.state == NotificationState::Pending
                && (!announcement || limits.answers_announcement == Choice::Possible)
        };
        for notification in self.session.notifications.values().filter(|n| asked(n)) {
            all.extend([Said::Reply(notification.id, 0), Said::Reply(notification.id, 1)]);
        }
        for host in 0..SESSION_HOSTS {
            if self.session.hosts[&host_name(host)].state == SessionHostState::InMaintenance {
                all.push(Said::Complete(host));
            }
        }
        let may_cancel = !self.told.cancelled && !state.is_terminal();
        if may_cancel && limits.cancels == Choice::Possible {
            all.push(Said::Cancel);
        }
        if state == SessionState::Failed && self.left.resumes > 0 {
            all.push(Said::Resume);
        }
        all
    }

    /// Somebody says something.
    pub fn hear(&mut self, said: Said) {
        let command = |command| Ask::Command { command, reason: String::new() };
        let ask = match said {
            Said::Reply(id, choice) => {
                let notification = &self.session.notifications[&id];
                let action = answers(&notification.project)[choice];
                Ask::Reply {
                    project: notification.project.clone(),
                    notification: id,
                    plan_revision: notification.plan_revision,
                    answer: Answer::Accept { all: Some(action), decisions: Vec::new() },
                    comment: String::new(),
                }
            }
            Said::Complete(host) => Ask::HostCommand {
                host: host_name(host),
                command: HostCommand::Complete,
                reason: String::new(),
            },
            Said::Cancel => command(Command::Cancel),
            Said::Resume => command(Command::Resume),
        };
        let role = if matches!(said, Said::Reply(..)) { Role::Owner } else { Role::Operator };
        let input = ask.by(actor::Who::new("somebody", role));
        let Ok(next) = step(&self.session, input) else { return };
        match said {
            Said::Reply(id, _) => {
                for key in self.session.notifications[&id].servers.clone() {
                    self.told.agreed[host_number(&key.host)][server_number(&key.server)] = true;
                }
            }
            Said::Complete(_) => {}
            Said::Cancel => self.told.cancelled = true,
            Said::Resume => self.left.resumes -= 1,
        }
        if let Some(next) = next {
            self.store(next);
        }
    }
}
