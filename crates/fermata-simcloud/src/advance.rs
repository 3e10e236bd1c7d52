//! How accepted actions end: the simulated cloud's own doings as time goes on. The endings are
//! those that Nova was seen to have.

use std::time::Duration;

use fermata_core::Time;
use fermata_core::cloud::MigrationId;
use fermata_core::id::{HostName, ServerId};

use crate::journal::Event;
use crate::state::{
    Condition, Ending, Job, MigrationState, Move, ServerState, Sim, Step, Task, Word,
};

impl Sim {
    /// Lets everything happen that is due by `now`, in order. A time before the last one is taken
    /// as the last one.
    pub fn advance(&mut self, now: Time) {
        while let Some((due, job)) = self.take_due(now) {
            self.now = self.now.max(due);
            self.finish(job);
        }
        self.now = self.now.max(now);
    }

    fn take_due(&mut self, now: Time) -> Option<(Time, Job)> {
        let (due, _, index) = self
            .jobs
            .iter()
            .enumerate()
            .filter_map(|(index, job)| Some((job.due?, job.number, index)))
            .min()
            .filter(|(due, _, _)| *due <= now)?;
        Some((due, self.jobs.swap_remove(index)))
    }

    pub(crate) fn schedule_job(&mut self, server: &ServerId, step: Step, ending: Ending) {
        let delay = self.delay(&step);
        // A move that hangs does so in the transfer, after a host was chosen.
        let hangs = ending == Ending::Hangs && !matches!(step, Step::Schedule { .. });
        let number = self.next_job;
        self.next_job += 1;
        self.jobs.push(Job {
            number,
            server: server.clone(),
            due: (!hangs).then(|| self.now + delay),
            step,
            ending,
        });
    }

    fn delay(&mut self, step: &Step) -> Duration {
        let latencies = &self.latencies;
        let span = match step {
            Step::Schedule { .. } => latencies.schedule,
            Step::Transfer { kind, .. } => match kind {
                Move::Live => latencies.live_migrate,
                Move::Cold => latencies.migrate,
            },
            Step::Confirm { .. } => latencies.confirm_migration,
            Step::Abort { .. } => latencies.abort_migration,
            Step::Stop => latencies.stop,
            Step::Start => latencies.start,
        };
        self.jitter.within(span)
    }

    fn finish(&mut self, job: Job) {
        if self.waits_for_host(&job) {
            self.jobs.push(Job { due: None, ..job });
            return;
        }
        let Job { server, step, ending, .. } = job;
        match step {
            Step::Schedule { kind, target } => {
                self.place(&server, kind, target.as_ref(), ending);
            }
            Step::Transfer { kind, migration } => {
                self.end_transfer(&server, kind, migration, ending);
            }
            Step::Confirm { migration } => self.end_confirm(&server, migration, ending),
            Step::Abort { migration } => self.end_abort(&server, migration, ending),
            Step::Stop => self.end_power(&server, Condition::Shutoff, ending),
            Step::Start => self.end_power(&server, Condition::Active, ending),
        }
    }

    fn place(&mut self, id: &ServerId, kind: Move, target: Option<&HostName>, ending: Ending) {
        let chosen = self.choose(id, target);
        let Some(server) = self.servers.get_mut(id) else {
            return;
        };
        let source = server.host.clone();
        let word = match (&chosen, kind) {
            (None, _) => {
                server.task = None;
                Word::Error
            }
            (Some(_), Move::Live) => Word::Running,
            (Some(_), Move::Cold) => {
                server.task = Some(Task::ResizeMigrating);
                Word::Migrating
            }
        };
        server.moving_to.clone_from(&chosen);
        let destination = chosen.clone().or_else(|| target.cloned());
        let migration = self.add_migration(id, kind, word, source, destination);
        self.note_server(id);
        if chosen.is_some() {
            self.schedule_job(id, Step::Transfer { kind, migration }, ending);
        }
    }

    fn end_transfer(&mut self, id: &ServerId, kind: Move, migration: MigrationId, ending: Ending) {
        let word = match (ending, kind) {
            (Ending::Well | Ending::Hangs, Move::Live) => Word::Completed,
            (Ending::Well | Ending::Hangs, Move::Cold) => Word::Finished,
            (Ending::Fails, Move::Live) => Word::Failed,
            (Ending::Fails, Move::Cold) | (Ending::Errors, _) => Word::Error,
        };
        self.set_migration(migration, word);
        self.change_server(id, |server| {
            server.task = None;
            let destination = server.moving_to.take();
            match ending {
                Ending::Well | Ending::Hangs => {
                    let source = move_to(server, destination);
                    match kind {
                        Move::Live => {}
                        Move::Cold => server.moved_from = source,
                    }
                }
                Ending::Fails => {}
                Ending::Errors => {
                    server.condition = Condition::Error;
                    // A cold migration that breaks leaves the server at the destination.
                    match kind {
                        Move::Live => {}
                        Move::Cold => {
                            move_to(server, destination);
                        }
                    }
                }
            }
        });
    }

    fn end_confirm(&mut self, id: &ServerId, migration: MigrationId, ending: Ending) {
        let word = match ending {
            Ending::Well | Ending::Hangs => Word::Confirmed,
            Ending::Fails => Word::Finished,
            Ending::Errors => Word::Error,
        };
        self.set_migration(migration, word);
        self.change_server(id, |server| match ending {
            Ending::Well | Ending::Hangs => server.moved_from = None,
            Ending::Fails => {}
            Ending::Errors => {
                server.moved_from = None;
                server.condition = Condition::Error;
            }
        });
    }

    fn end_abort(&mut self, id: &ServerId, migration: MigrationId, ending: Ending) {
        let word = match ending {
            Ending::Well | Ending::Hangs => Word::Cancelled,
            Ending::Errors => Word::Error,
            Ending::Fails => return,
        };
        let is_transfer =
            |job: &Job| matches!(job.step, Step::Transfer { migration: of, .. } if of == migration);
        if !self.jobs.iter().any(is_transfer) {
            // It ended before the abort took hold.
            return;
        }
        self.jobs.retain(|job| !is_transfer(job));
        self.set_migration(migration, word);
        self.change_server(id, |server| {
            server.task = None;
            server.moving_to = None;
            if ending == Ending::Errors {
                server.condition = Condition::Error;
            }
        });
    }

    fn end_power(&mut self, id: &ServerId, condition: Condition, ending: Ending) {
        self.change_server(id, |server| {
            server.task = None;
            match ending {
                Ending::Well | Ending::Hangs => server.condition = condition,
                Ending::Fails => {}
                Ending::Errors => server.condition = Condition::Error,
            }
        });
    }

    /// A job at the hosts themselves does not end while one of them is down.
    fn waits_for_host(&self, job: &Job) -> bool {
        match job.step {
            Step::Schedule { .. } => false,
            Step::Transfer { .. }
            | Step::Confirm { .. }
            | Step::Abort { .. }
            | Step::Stop
            | Step::Start => self.servers.get(&job.server).is_some_and(|server| {
                self.is_down(&server.host)
                    || matches!(job.step, Step::Transfer { .. })
                        && server.moving_to.as_ref().is_some_and(|to| self.is_down(to))
            }),
        }
    }

    /// What waited for a host that is back: a move was interrupted and fails, the rest is done.
    pub(crate) fn resume_waiting(&mut self) {
        let now = self.now;
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            if job.due.is_none() && job.ending != Ending::Hangs && !self.waits_for_host(job) {
                job.due = Some(now);
                if matches!(job.step, Step::Transfer { .. }) {
                    job.ending = Ending::Fails;
                }
            }
        }
        self.jobs = jobs;
        self.advance(now);
    }

    /// Takes back all faults; what hangs goes on, and takes its usual time from now.
    pub fn clear_faults(&mut self, now: Time) {
        self.advance(now);
        self.faults.clear();
        self.revision += 1;
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            if job.ending == Ending::Hangs {
                job.ending = Ending::Well;
                if job.due.is_none() {
                    job.due = Some(self.now + self.delay(&job.step));
                }
            }
        }
        self.jobs = jobs;
    }

    pub(crate) fn is_down(&self, host: &HostName) -> bool {
        self.hosts.get(host).is_none_or(|host| !host.up)
    }

    pub(crate) fn change_server(&mut self, id: &ServerId, change: impl FnOnce(&mut ServerState)) {
        if let Some(server) = self.servers.get_mut(id) {
            change(server);
            self.note_server(id);
        }
    }

    pub(crate) fn migration(&self, id: MigrationId) -> Option<&MigrationState> {
        let index = usize::try_from(id.0.checked_sub(1)?).ok()?;
        self.migrations.get(index)
    }

    fn add_migration(
        &mut self,
        server: &ServerId,
        kind: Move,
        word: Word,
        source: HostName,
        destination: Option<HostName>,
    ) -> MigrationId {
        let count = i64::try_from(self.migrations.len()).unwrap_or(i64::MAX);
        let id = MigrationId(count.saturating_add(1));
        self.migrations.push(MigrationState {
            id,
            server: server.clone(),
            kind,
            word,
            source,
            destination,
            updated: self.now,
        });
        self.note_migration(id);
        id
    }

    pub(crate) fn set_migration(&mut self, id: MigrationId, word: Word) {
        let now = self.now;
        let index = usize::try_from(id.0.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(migration) = self.migrations.get_mut(index) {
            migration.word = word;
            migration.updated = now;
        }
        self.note_migration(id);
    }

    fn note_migration(&mut self, id: MigrationId) {
        if let Some(migration) = self.migration(id) {
            let event = Event::Migration {
                migration: id,
                server: migration.server.clone(),
                status: migration.word.text().to_owned(),
                source: migration.source.clone(),
                destination: migration.destination.clone(),
            };
            self.note(event);
        }
    }
}

/// Moves a server; answers where it was.
fn move_to(server: &mut ServerState, destination: Option<HostName>) -> Option<HostName> {
    destination.map(|destination| std::mem::replace(&mut server.host, destination))
}
