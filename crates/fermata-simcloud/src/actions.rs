//! When Nova accepts an action on a server, and what an accepted one does at once. How it ends is
//! in `advance`.

use fermata_core::Time;
use fermata_core::cloud::{CloudError, MigrationId};
use fermata_core::id::{HostName, ServerId};

use crate::calls::{Call, Course};
use crate::faults::Operation;
use crate::state::{Condition, Ending, MigrationState, Move, ServerState, Sim, Step, Task, Word};

/// What the port can ask of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Move it while it runs.
    LiveMigrate {
        /// Where to; `None`: the cloud chooses.
        target: Option<HostName>,
    },
    /// Move it stopped.
    Migrate {
        /// Where to; `None`: the cloud chooses.
        target: Option<HostName>,
    },
    /// Confirm its cold migration.
    ConfirmMigration,
    /// Abort its live migration.
    AbortMigration {
        /// Which.
        migration: MigrationId,
    },
    /// Stop it.
    Stop,
    /// Start it.
    Start,
}

impl Action {
    fn operation(&self) -> Operation {
        match self {
            Self::LiveMigrate { .. } => Operation::LiveMigrate,
            Self::Migrate { .. } => Operation::Migrate,
            Self::ConfirmMigration => Operation::ConfirmMigration,
            Self::AbortMigration { .. } => Operation::AbortMigration,
            Self::Stop => Operation::Stop,
            Self::Start => Operation::Start,
        }
    }

    fn target(&self) -> Option<&HostName> {
        match self {
            Self::LiveMigrate { target } | Self::Migrate { target } => target.as_ref(),
            Self::ConfirmMigration | Self::AbortMigration { .. } | Self::Stop | Self::Start => None,
        }
    }
}

impl Sim {
    /// Asks for an action on a server. `Ok`: it was accepted, and goes on by itself.
    ///
    /// # Errors
    /// As Nova's API answers: `NotFound` for an unknown server or migration; `Conflict` while a
    /// task is in flight, or when the server's status does not allow the action, or its host is
    /// down; `Rejected` for a target that does not exist, a cold migration to where the server is,
    /// a second confirmation, and an abort of what is not under way. And what faults say.
    pub fn act(&mut self, now: Time, id: &ServerId, action: Action) -> Result<(), CloudError> {
        // Before the fault is looked for: an action that ended by now may have moved the server.
        self.advance(now);
        let call = Call {
            operation: action.operation(),
            server: Some(id.clone()),
            host: action.target().cloned(),
            place: self.servers.get(id).map(|server| server.host.clone()),
        };
        self.call(now, &call, |sim, course| {
            sim.allowed(id, &action)?;
            match course {
                Course::Take(ending) => sim.begin(id, action, ending),
                Course::Forget => {}
            }
            Ok(())
        })
    }

    fn allowed(&self, id: &ServerId, action: &Action) -> Result<(), CloudError> {
        let server = self.servers.get(id).ok_or_else(|| unknown_server(id))?;
        match action {
            Action::LiveMigrate { target } => {
                self.idle(id, server)?;
                match server.condition {
                    Condition::Active | Condition::Paused => {}
                    Condition::Shutoff | Condition::Error => return Err(wrong_status(id, server)),
                }
                self.source_is_up(server)?;
                self.target_exists(target.as_ref())
            }
            Action::Migrate { target } => {
                self.idle(id, server)?;
                match server.condition {
                    Condition::Active | Condition::Shutoff => {}
                    Condition::Paused | Condition::Error => return Err(wrong_status(id, server)),
                }
                self.source_is_up(server)?;
                if target.as_ref() == Some(&server.host) {
                    let detail = format!("server {id} is on {} already", server.host);
                    return Err(CloudError::Rejected { detail });
                }
                self.target_exists(target.as_ref())
            }
            Action::ConfirmMigration => {
                if server.moved_from.is_none() {
                    return Err(wrong_status(id, server));
                }
                match self.unconfirmed(id) {
                    Some(_) => Ok(()),
                    None => Err(CloudError::Rejected {
                        detail: format!("server {id} has no migration to confirm"),
                    }),
                }
            }
            Action::AbortMigration { migration } => self.abortable(id, server, *migration),
            Action::Stop => {
                self.idle(id, server)?;
                match server.condition {
                    Condition::Active | Condition::Error => Ok(()),
                    Condition::Paused | Condition::Shutoff => Err(wrong_status(id, server)),
                }
            }
            Action::Start => {
                self.idle(id, server)?;
                match server.condition {
                    Condition::Shutoff => Ok(()),
                    Condition::Active | Condition::Paused | Condition::Error => {
                        Err(wrong_status(id, server))
                    }
                }
            }
        }
    }

    fn idle(&self, id: &ServerId, server: &ServerState) -> Result<(), CloudError> {
        if let Some(task) = server.task {
            let detail = format!("server {id} has task_state {}", task.word());
            return Err(CloudError::Conflict { detail });
        }
        if server.moved_from.is_some() {
            return Err(wrong_status(id, server));
        }
        Ok(())
    }

    fn source_is_up(&self, server: &ServerState) -> Result<(), CloudError> {
        if self.is_down(&server.host) {
            let detail = format!("the compute service of {} is down", server.host);
            return Err(CloudError::Conflict { detail });
        }
        Ok(())
    }

    fn target_exists(&self, target: Option<&HostName>) -> Result<(), CloudError> {
        match target {
            Some(host) if !self.hosts.contains_key(host) => Err(CloudError::Rejected {
                detail: format!("compute host {host} could not be found"),
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn abortable(
        &self,
        id: &ServerId,
        server: &ServerState,
        migration: MigrationId,
    ) -> Result<(), CloudError> {
        if server.task != Some(Task::Migrating) {
            return Err(wrong_status(id, server));
        }
        match self.migration(migration) {
            Some(found) if found.server == *id => match found.word {
                Word::Running => Ok(()),
                Word::Migrating
                | Word::Finished
                | Word::Confirming
                | Word::Completed
                | Word::Confirmed
                | Word::Failed
                | Word::Error
                | Word::Cancelled => Err(CloudError::Rejected {
                    detail: format!("migration {} is {}", migration.0, found.word.text()),
                }),
            },
            Some(_) | None => Err(CloudError::NotFound {
                detail: format!("server {id} has no migration {}", migration.0),
            }),
        }
    }

    fn begin(&mut self, id: &ServerId, action: Action, ending: Ending) {
        let (task, step) = match action {
            Action::LiveMigrate { target } => {
                (Some(Task::Migrating), Step::Schedule { kind: Move::Live, target })
            }
            Action::Migrate { target } => {
                (Some(Task::ResizePrep), Step::Schedule { kind: Move::Cold, target })
            }
            Action::ConfirmMigration => {
                let Some(migration) = self.unconfirmed(id).map(|migration| migration.id) else {
                    return;
                };
                self.set_migration(migration, Word::Confirming);
                (None, Step::Confirm { migration })
            }
            Action::AbortMigration { migration } => {
                (Some(Task::Migrating), Step::Abort { migration })
            }
            Action::Stop => (Some(Task::PoweringOff), Step::Stop),
            Action::Start => (Some(Task::PoweringOn), Step::Start),
        };
        if let Some(server) = self.servers.get_mut(id)
            && server.task != task
        {
            server.task = task;
            self.note_server(id);
        }
        self.schedule_job(id, step, ending);
    }

    fn unconfirmed(&self, id: &ServerId) -> Option<&MigrationState> {
        self.migrations
            .iter()
            .rev()
            .find(|migration| migration.server == *id && migration.word == Word::Finished)
    }
}

pub(crate) fn unknown_server(id: &ServerId) -> CloudError {
    CloudError::NotFound { detail: format!("server {id} could not be found") }
}

fn wrong_status(id: &ServerId, server: &ServerState) -> CloudError {
    CloudError::Conflict { detail: format!("server {id} is {:?}", server.status()) }
}
