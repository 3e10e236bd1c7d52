//! The port over a simulated cloud: one lock, a clock, delays of the API, and the state file.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use fermata_core::Time;
use fermata_core::cloud::{
    Cloud, CloudError, CloudProgress, GroupAffinity, Host, MigrationId, Projects, Scheduling,
    Server, Site,
};
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};

use crate::actions::Action;
use crate::faults::{BadFault, Fault};
use crate::journal::Entry;
use crate::others::NewServer;
use crate::state::{Condition, Sim};
use crate::state_file::{self, StateFileError};
use crate::topology::Topology;

/// Tells the time. Actions that were accepted end as this clock goes on.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// A simulated cloud behind the port. Share it in an `Arc`: tests keep a handle for what the port
/// does not offer.
pub struct SimCloud {
    kept: Mutex<Kept>,
    clock: Clock,
    state_file: Option<PathBuf>,
}

struct Kept {
    sim: Sim,
    /// The revision that the state file has.
    saved: Option<u64>,
}

impl SimCloud {
    /// A cloud that lives as long as this value.
    pub fn new(topology: &Topology, clock: Clock) -> Self {
        let sim = Sim::new(topology, clock());
        Self { kept: Mutex::new(Kept { sim, saved: None }), clock, state_file: None }
    }

    /// A cloud that goes on after this process: as the file says if there is one, else as the
    /// topology says. The file is written, synchronously, whenever the cloud changes; that is
    /// meant for clouds of a demo's size. One process at a time may use a file.
    ///
    /// # Errors
    /// [`StateFileError`] if the file cannot be read, understood or written.
    pub fn open(
        topology: &Topology,
        clock: Clock,
        state_file: impl Into<PathBuf>,
    ) -> Result<Self, StateFileError> {
        let path = state_file.into();
        let found = state_file::read(&path)?;
        let sim = found.unwrap_or_else(|| Sim::new(topology, clock()));
        state_file::write(&path, &sim)?;
        let saved = Some(sim.revision());
        Ok(Self { kept: Mutex::new(Kept { sim, saved }), clock, state_file: Some(path) })
    }

    /// What really happened from entry number `from` on, up to now.
    pub fn journal(&self, from: u64) -> Vec<Entry> {
        let now = (self.clock)();
        let sim = &mut self.lock().sim;
        sim.advance(now);
        sim.journal(from)
    }

    /// A copy of the whole cloud as it is now, to look at.
    pub fn snapshot(&self) -> Sim {
        let now = (self.clock)();
        let sim = &mut self.lock().sim;
        sim.advance(now);
        sim.clone()
    }

    /// Lets coming calls go wrong.
    ///
    /// # Errors
    /// See [`Fault::validate`].
    pub fn inject(&self, fault: Fault) -> Result<(), BadFault> {
        let (result, _) = self.change(|sim, _| sim.inject(fault));
        result
    }

    /// Takes back all faults, those of the topology too. What hangs goes on.
    pub fn clear_faults(&self) {
        let ((), _) = self.change(Sim::clear_faults);
    }

    /// Somebody creates a server group. See [`Sim::create_group`].
    ///
    /// # Errors
    /// Those of [`Sim::create_group`], and `Unknown` if the state file cannot be written.
    pub fn create_group(
        &self,
        name: &str,
        project: &ProjectId,
        policy: GroupAffinity,
    ) -> Result<ServerGroupId, CloudError> {
        self.with(|sim, now| sim.create_group(now, name, project, policy))
    }

    /// The owner deletes a server group.
    ///
    /// # Errors
    /// Those of [`Sim::delete_group`], and `Unknown` if the state file cannot be written.
    pub fn delete_group(&self, name: &str) -> Result<(), CloudError> {
        self.with(|sim, now| sim.delete_group(now, name))
    }

    /// Somebody creates a server. See [`Sim::create_server`].
    ///
    /// # Errors
    /// Those of [`Sim::create_server`], and `Unknown` if the state file cannot be written.
    pub fn create_server(&self, new: NewServer) -> Result<ServerId, CloudError> {
        self.with(|sim, now| sim.create_server(now, new))
    }

    /// The owner deletes a server.
    ///
    /// # Errors
    /// Those of [`Sim::delete_server`], and `Unknown` if the state file cannot be written.
    pub fn delete_server(&self, id: &ServerId) -> Result<(), CloudError> {
        self.with(|sim, now| sim.delete_server(now, id))
    }

    /// Somebody moves a server.
    ///
    /// # Errors
    /// Those of [`Sim::move_server`], and `Unknown` if the state file cannot be written.
    pub fn move_server(&self, id: &ServerId, host: &HostName) -> Result<(), CloudError> {
        self.with(|sim, now| sim.move_server(now, id, host))
    }

    /// A server becomes something else.
    ///
    /// # Errors
    /// Those of [`Sim::set_condition`], and `Unknown` if the state file cannot be written.
    pub fn set_condition(&self, id: &ServerId, condition: Condition) -> Result<(), CloudError> {
        self.with(|sim, now| sim.set_condition(now, id, condition))
    }

    /// A host's compute service stops to report.
    ///
    /// # Errors
    /// Those of [`Sim::host_goes_down`], and `Unknown` if the state file cannot be written.
    pub fn host_goes_down(&self, name: &HostName) -> Result<(), CloudError> {
        self.with(|sim, now| sim.host_goes_down(now, name))
    }

    /// A host's compute service reports again.
    ///
    /// # Errors
    /// Those of [`Sim::host_comes_up`], and `Unknown` if the state file cannot be written.
    pub fn host_comes_up(&self, name: &HostName) -> Result<(), CloudError> {
        self.with(|sim, now| sim.host_comes_up(now, name))
    }

    /// Somebody takes a host out of the cloud.
    ///
    /// # Errors
    /// Those of [`Sim::host_leaves`], and `Unknown` if the state file cannot be written.
    pub fn host_leaves(&self, name: &HostName) -> Result<(), CloudError> {
        self.with(|sim, now| sim.host_leaves(now, name))
    }

    /// A host joins the cloud, like another one.
    ///
    /// # Errors
    /// Those of [`Sim::host_joins`], and `Unknown` if the state file cannot be written.
    pub fn host_joins(&self, name: &HostName, like: &HostName) -> Result<(), CloudError> {
        self.with(|sim, now| sim.host_joins(now, name, like))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        run: impl FnOnce(&mut Sim, Time) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let (answer, saved) = self.change(run);
        saved.map_err(|error| CloudError::Unknown { detail: error.to_string() })?;
        answer
    }

    fn change<T>(&self, run: impl FnOnce(&mut Sim, Time) -> T) -> (T, Result<(), StateFileError>) {
        let now = (self.clock)();
        let kept = &mut *self.lock();
        let answer = run(&mut kept.sim, now);
        let saved = self.save(kept);
        if let Err(error) = &saved {
            tracing::error!(error = error as &dyn std::error::Error, "sim_state_not_saved");
        }
        (answer, saved)
    }

    fn save(&self, kept: &mut Kept) -> Result<(), StateFileError> {
        let revision = kept.sim.revision();
        if let Some(path) = &self.state_file
            && kept.saved != Some(revision)
        {
            state_file::write(path, &kept.sim)?;
            kept.saved = Some(revision);
        }
        Ok(())
    }

    /// A call through the API. It takes effect halfway: a caller that gives up before may have
    /// prevented it, one that gives up after has missed the answer.
    async fn call<T>(
        &self,
        run: impl FnOnce(&mut Sim, Time) -> Result<T, CloudError> + Send,
    ) -> Result<T, CloudError> {
        let half = self.lock().sim.answer_delay() / 2;
        tokio::time::sleep(half).await;
        let answer = self.with(run);
        tokio::time::sleep(half).await;
        answer
    }

    async fn act(&self, server: &ServerId, action: Action) -> Result<(), CloudError> {
        self.call(|sim, now| sim.act(now, server, action)).await
    }
}

#[async_trait]
impl Cloud for SimCloud {
    async fn check(&self) -> Result<(), CloudError> {
        self.call(Sim::check).await
    }

    async fn hosts(&self) -> Result<Vec<Host>, CloudError> {
        self.call(Sim::hosts).await
    }

    async fn set_scheduling(
        &self,
        host: &HostName,
        scheduling: &Scheduling,
    ) -> Result<(), CloudError> {
        self.call(|sim, now| sim.set_scheduling(now, host, scheduling)).await
    }

    async fn arriving(&self, host: &HostName, _since: Time) -> Result<Vec<ServerId>, CloudError> {
        self.call(|sim, now| sim.arriving(now, host)).await
    }

    async fn servers_on(&self, host: &HostName) -> Result<Vec<Server>, CloudError> {
        self.call(|sim, now| sim.servers_on(now, host)).await
    }

    async fn progress(
        &self,
        servers: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        self.call(|sim, now| sim.progress(now, servers, since)).await
    }

    async fn site(&self) -> Result<Site, CloudError> {
        self.call(Sim::site).await
    }

    async fn projects(&self) -> Result<Projects, CloudError> {
        Ok(self.lock().sim.projects())
    }

    async fn live_migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        let target = target.cloned();
        self.act(server, Action::LiveMigrate { target }).await
    }

    async fn migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        let target = target.cloned();
        self.act(server, Action::Migrate { target }).await
    }

    async fn confirm_migration(&self, server: &ServerId) -> Result<(), CloudError> {
        self.act(server, Action::ConfirmMigration).await
    }

    async fn abort_migration(
        &self,
        server: &ServerId,
        migration: MigrationId,
    ) -> Result<(), CloudError> {
        self.act(server, Action::AbortMigration { migration }).await
    }

    async fn stop(&self, server: &ServerId) -> Result<(), CloudError> {
        self.act(server, Action::Stop).await
    }

    async fn start(&self, server: &ServerId) -> Result<(), CloudError> {
        self.act(server, Action::Start).await
    }
}
