//! What owners, other operators and fate do to the simulated cloud, past the port: at once, and
//! regardless of whether scheduling is enabled, but never beyond capacity or against a group.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::cloud::{Capacity, CloudError, GroupAffinity, Scheduling};
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use fermata_core::placement::{Need, suits};
use serde::{Deserialize, Serialize};

use crate::actions::unknown_server;
use crate::ids::{group_id, server_id};
use crate::journal::Event;
use crate::reads::unknown_host;
use crate::schedule::{declared, fits, need_of};
use crate::state::{Condition, Group, ServerState, Sim, Word};
use crate::topology::flavor;

/// A server that somebody creates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewServer {
    /// Its name, for people.
    pub name: String,
    /// Whose it is; must be a project of the cloud.
    pub project: ProjectId,
    /// Where it starts.
    pub host: HostName,
    /// What it takes.
    pub size: Capacity,
    /// Its flavor's extra specs.
    #[serde(default)]
    pub extra_specs: BTreeMap<String, String>,
    /// What its owner notes on it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Name of the server group it joins, if any.
    pub group: Option<String>,
}

impl Sim {
    /// Somebody creates a server group without members.
    ///
    /// # Errors
    /// `Rejected` if there is one of this name, by which the simulated cloud knows them.
    pub fn create_group(
        &mut self,
        now: Time,
        name: &str,
        project: &ProjectId,
        policy: GroupAffinity,
    ) -> Result<ServerGroupId, CloudError> {
        self.advance(now);
        if self.groups.contains_key(name) {
            let detail = format!("there is a server group {name} already");
            return Err(CloudError::Rejected { detail });
        }
        let id = group_id(name);
        let group = Group {
            id: id.clone(),
            project: project.clone(),
            policy,
            max_per_host: None,
            members: BTreeSet::new(),
        };
        self.groups.insert(name.to_owned(), group);
        self.note_group(name);
        Ok(id)
    }

    /// The owner deletes a server group; its members stay.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_group(&mut self, now: Time, name: &str) -> Result<(), CloudError> {
        self.advance(now);
        self.groups.get_mut(name).ok_or_else(|| unknown_group(name))?.members.clear();
        self.note_group(name);
        self.groups.remove(name);
        Ok(())
    }

    /// Somebody creates a server; it is active at once.
    ///
    /// # Errors
    /// `NotFound` for an unknown host, project or group; `Rejected` if the host is down, has no
    /// room or not what the flavor demands, or the group does not allow it.
    pub fn create_server(&mut self, now: Time, new: NewServer) -> Result<ServerId, CloudError> {
        self.advance(now);
        if !self.projects.contains_key(&new.project) {
            let detail = format!("project {} could not be found", new.project);
            return Err(CloudError::NotFound { detail });
        }
        let id = server_id(&new.project, &new.name, self.created + 1);
        let flavor = flavor(new.size, new.extra_specs);
        let need = need_of(&flavor, &declared(self.hosts.values().map(|host| &host.inventory)));
        self.room_on(&new.host, &need, None)?;
        if let Some(name) = &new.group {
            let Some(group) = self.groups.get_mut(name) else {
                return Err(unknown_group(name));
            };
            group.members.insert(id.clone());
            if let Err(error) = self.allowed_by_group(&id, &new.host) {
                self.leave_groups(&id);
                return Err(error);
            }
        }
        self.created += 1;
        let server = ServerState {
            name: new.name,
            project: new.project,
            host: new.host,
            flavor,
            need,
            metadata: new.metadata,
            zone: None,
            condition: Condition::Active,
            task: None,
            moving_to: None,
            moved_from: None,
        };
        self.servers.insert(id.clone(), server);
        self.note_server(&id);
        if let Some(name) = &new.group {
            self.note_group(name);
        }
        Ok(id)
    }

    /// The owner deletes a server. What was under way with it is over.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_server(&mut self, now: Time, id: &ServerId) -> Result<(), CloudError> {
        self.advance(now);
        if self.servers.remove(id).is_none() {
            return Err(unknown_server(id));
        }
        let left = self.leave_groups(id);
        self.jobs.retain(|job| job.server != *id);
        let ended: Vec<_> = self
            .migrations
            .iter()
            .filter(|migration| migration.server == *id)
            .filter_map(|migration| Some((migration.id, after_deletion(migration.word)?)))
            .collect();
        for (migration, word) in ended {
            self.set_migration(migration, word);
        }
        self.note(Event::Gone { server: id.clone() });
        for name in left {
            self.note_group(&name);
        }
        Ok(())
    }

    /// Somebody moves a server, which has no task, to another host.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while a task is in flight or a migration waits for confirmation;
    /// `Rejected` if the host is down, has no room or not what the server demands, or the group does
    /// not allow it.
    pub fn move_server(
        &mut self,
        now: Time,
        id: &ServerId,
        host: &HostName,
    ) -> Result<(), CloudError> {
        self.advance(now);
        let server = self.servers.get(id).ok_or_else(|| unknown_server(id))?;
        if server.task.is_some() || server.moved_from.is_some() {
            let detail = format!("server {id} is being changed");
            return Err(CloudError::Conflict { detail });
        }
        if server.host == *host {
            return Ok(());
        }
        self.room_on(host, &server.need, server.zone.as_deref())?;
        self.allowed_by_group(id, host)?;
        self.change_server(id, |server| server.host = host.clone());
        Ok(())
    }

    /// A server, which has no task, becomes something else: paused, broken, stopped, active.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while a task is in flight or a migration waits for confirmation.
    pub fn set_condition(
        &mut self,
        now: Time,
        id: &ServerId,
        condition: Condition,
    ) -> Result<(), CloudError> {
        self.advance(now);
        let server = self.servers.get(id).ok_or_else(|| unknown_server(id))?;
        if server.task.is_some() || server.moved_from.is_some() {
            let detail = format!("server {id} is being changed");
            return Err(CloudError::Conflict { detail });
        }
        self.change_server(id, |server| server.condition = condition);
        Ok(())
    }

    /// A host's compute service stops to report. What is under way on it waits.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn host_goes_down(&mut self, now: Time, name: &HostName) -> Result<(), CloudError> {
        self.advance(now);
        self.hosts.get_mut(name).ok_or_else(|| unknown_host(name))?.up = false;
        self.note_host(name);
        Ok(())
    }

    /// A host's compute service reports again. Moves that it interrupted have failed; other
    /// actions that waited for it are done.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn host_comes_up(&mut self, now: Time, name: &HostName) -> Result<(), CloudError> {
        self.advance(now);
        self.hosts.get_mut(name).ok_or_else(|| unknown_host(name))?.up = true;
        self.note_host(name);
        self.resume_waiting();
        Ok(())
    }

    /// Somebody takes a host out of the cloud for good.
    ///
    /// # Errors
    /// `NotFound`; `Rejected` while servers are on it or on their way to or from it.
    pub fn host_leaves(&mut self, now: Time, name: &HostName) -> Result<(), CloudError> {
        self.advance(now);
        if !self.hosts.contains_key(name) {
            return Err(unknown_host(name));
        }
        if self.servers.values().any(|s| s.host == *name || s.reserved() == Some(name)) {
            let detail = format!("compute host {name} has servers");
            return Err(CloudError::Rejected { detail });
        }
        self.hosts.remove(name);
        self.note(Event::HostGone { host: name.clone() });
        Ok(())
    }

    /// A host joins the cloud: up, open for scheduling, else like another one.
    ///
    /// # Errors
    /// `NotFound`: there is no other one of that name; `Rejected`: it is there already.
    pub fn host_joins(
        &mut self,
        now: Time,
        name: &HostName,
        like: &HostName,
    ) -> Result<(), CloudError> {
        self.advance(now);
        let mut host = self.hosts.get(like).ok_or_else(|| unknown_host(like))?.clone();
        if self.hosts.contains_key(name) {
            let detail = format!("there is a compute host {name} already");
            return Err(CloudError::Rejected { detail });
        }
        (host.up, host.scheduling) = (true, Scheduling::Enabled);
        self.hosts.insert(name.clone(), host);
        self.note_host(name);
        Ok(())
    }

    fn room_on(&self, name: &HostName, need: &Need, zone: Option<&str>) -> Result<(), CloudError> {
        let host = self.hosts.get(name).ok_or_else(|| unknown_host(name))?;
        let rejected = |why: &dyn std::fmt::Display| {
            let detail = format!("no valid host was found: {name}: {why}");
            Err(CloudError::Rejected { detail })
        };
        if !host.up {
            return rejected(&"it is down");
        }
        if !fits(need, &self.used_on(name), &host.inventory) {
            return rejected(&"it has no room");
        }
        match suits(host.zone.as_deref(), &host.inventory, need, zone) {
            Ok(()) => Ok(()),
            Err(why) => rejected(&why),
        }
    }

    fn allowed_by_group(&self, id: &ServerId, host: &HostName) -> Result<(), CloudError> {
        if self.group_allows(id, host) {
            return Ok(());
        }
        let detail = format!("no valid host was found: the server group excludes {host}");
        Err(CloudError::Rejected { detail })
    }

    /// Answers the names of the groups that it left.
    fn leave_groups(&mut self, id: &ServerId) -> Vec<String> {
        let of_it = self
            .groups
            .iter_mut()
            .filter_map(|(name, group)| group.members.remove(id).then(|| name.clone()));
        of_it.collect()
    }
}

fn unknown_group(name: &str) -> CloudError {
    CloudError::NotFound { detail: format!("server group {name} could not be found") }
}

/// How a migration ends when its server is deleted; Nova confirms what it can on the way.
fn after_deletion(word: Word) -> Option<Word> {
    match word {
        Word::Running | Word::Migrating => Some(Word::Error),
        Word::Finished | Word::Confirming => Some(Word::Confirmed),
        Word::Completed | Word::Confirmed | Word::Failed | Word::Error | Word::Cancelled => None,
    }
}
