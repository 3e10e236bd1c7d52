//! The port, over Nova: which calls answer which question. No HTTP and no JSON here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use fermata_core::Time;
use fermata_core::cloud::{
    Cloud, CloudError, CloudProgress, Host, Migration, MigrationId, OutageKind, Projects,
    Scheduling, Server, ServerSeen, Site,
};
use fermata_core::id::{HostName, ServerId};
use futures::{StreamExt, TryStreamExt, stream};
use time::format_description::well_known::Rfc3339;

use crate::client::Client;
use crate::config::{ConfigError, OpenStackConfig};
use crate::endpoints::{actions, hosts, migrations, projects, servers};
use crate::knowledge::{Knowledge, or_nothing};
use crate::model::hosts::{Service, Services};
use crate::model::migrations::{MigrationRecord, Migrations};
use crate::model::projects::{ProjectList, ProjectRecord};
use crate::model::record::Record;
use crate::model::servers::{OneServer, ServerRecord, Servers};
use crate::paging::read_all;

/// How many servers are asked for one by one at the same time.
const SINGLE_READS: usize = 8;

/// An OpenStack cloud: Nova and Placement, reached with Keystone's credentials.
///
/// The role needs Nova's administrator rights: it reads and moves servers of all projects. Each
/// call to Nova is a `nova.request` span with `operation`, `server_id`, `host`, `http.status` and
/// `nova.request_id`, each call to Placement a `placement.request` span.
pub struct OpenStackCloud {
    client: Client,
    knowledge: Knowledge,
    clock_margin: Duration,
    page_size: u32,
    hosts_max_age: Duration,
}

impl OpenStackCloud {
    /// Prepares the use of a cloud. Reads files, and calls nothing: the first call signs in, so a
    /// server starts while its cloud is away.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the configuration cannot be used.
    pub fn new(config: OpenStackConfig) -> Result<Self, ConfigError> {
        let cloud = config.source.resolve()?;
        Ok(Self {
            client: Client::new(cloud, config.request_timeout, config.headers)?,
            knowledge: Knowledge::default(),
            clock_margin: config.clock_margin,
            page_size: config.page_size,
            hosts_max_age: config.hosts_max_age,
        })
    }

    /// The compute service of a host, as Nova lists it. `NotFound` if there is none.
    async fn any_service(&self, host: &HostName) -> Result<Service, CloudError> {
        let found: Services = self.client.read(&hosts::find_service(host)).await?;
        let is_its = |service: &Service| service.host == host.as_str();
        found.services.into_iter().find(is_its).ok_or_else(|| no_service(host))
    }

    async fn is_set(&self, host: &HostName, scheduling: &Scheduling) -> bool {
        self.service(host).await.is_ok_and(|service| service.scheduling() == *scheduling)
    }

    /// The compute service of a host. `NotFound` if there is none, `Unavailable` if its cell
    /// cannot be reached.
    async fn service(&self, host: &HostName) -> Result<Service, CloudError> {
        let service = self.any_service(host).await?;
        if service.cell_is_down() {
            return Err(CloudError::Unavailable {
                kind: OutageKind::Unreachable,
                detail: format!("Nova cannot reach the cell of host {host}"),
            });
        }
        Ok(service)
    }

    async fn changed_servers(
        &self,
        since: &str,
        wanted: &BTreeSet<&ServerId>,
    ) -> Result<BTreeMap<ServerId, ServerSeen>, CloudError> {
        let first = servers::list_changed(since, self.page_size);
        let records: Vec<ServerRecord> = read_all::<Servers>(&self.client, first).await?;
        Ok(records
            .into_iter()
            .map(ServerSeen::from)
            .filter(|seen| wanted.contains(seen.id()))
            .map(|seen| (seen.id().clone(), seen))
            .collect())
    }

    async fn changed_migrations(
        &self,
        since: &str,
        wanted: &BTreeSet<&ServerId>,
    ) -> Result<Vec<Migration>, CloudError> {
        let first = migrations::list_changed(since, self.page_size);
        let records: Vec<MigrationRecord> = read_all::<Migrations>(&self.client, first).await?;
        // By number, which is from oldest to newest, and each once although pages may overlap.
        let by_id: BTreeMap<MigrationId, Migration> = records
            .into_iter()
            .filter(MigrationRecord::is_of_something)
            .map(Migration::from)
            .filter(|migration| wanted.contains(&migration.server))
            .map(|migration| (migration.id, migration))
            .collect();
        Ok(by_id.into_values().collect())
    }

    async fn one_server(&self, id: ServerId) -> Result<ServerSeen, CloudError> {
        let read = async {
            let found = self.client.read::<OneServer>(&servers::show(&id)?).await?.server;
            self.client.remark(&found);
            if found.id != id.as_str() {
                let detail = format!("asked for server {id}, Nova shows {:?}", found.id);
                return Err(CloudError::Unavailable { kind: OutageKind::BadAnswer, detail });
            }
            Ok(ServerSeen::from(found))
        };
        match read.await {
            Ok(seen) => Ok(seen),
            Err(CloudError::NotFound { .. }) => Ok(ServerSeen::Gone(id)),
            Err(
                error @ (CloudError::Conflict { .. }
                | CloudError::Rejected { .. }
                | CloudError::Unavailable { .. }
                | CloudError::Unknown { .. }),
            ) => Err(error),
        }
    }

    /// A time as Nova reads it in `changes-since`: whole seconds, and earlier than asked, because
    /// Nova compares with its own clock.
    fn changes_since(&self, since: Time) -> Result<String, CloudError> {
        let rejected = |what: &dyn std::fmt::Display| CloudError::Rejected {
            detail: format!("Nova cannot be asked for changes since {since}: {what}"),
        };
        let margin = time::Duration::try_from(self.clock_margin).map_err(|e| rejected(&e))?;
        since
            .to_offset(time::UtcOffset::UTC)
            .checked_sub(margin)
            .and_then(|since| since.replace_nanosecond(0).ok())
            .ok_or_else(|| rejected(&"out of range"))?
            .format(&Rfc3339)
            .map_err(|e| rejected(&e))
    }
}

fn no_service(host: &HostName) -> CloudError {
    CloudError::NotFound { detail: format!("Nova has no compute service on host {host}") }
}

#[async_trait]
impl Cloud for OpenStackCloud {
    /// Reads the compute services: a role without administrator rights may not, and a Nova older
    /// than [`MINIMUM`](crate::microversion::MINIMUM) refuses, naming the versions it offers.
    async fn check(&self) -> Result<(), CloudError> {
        let signed_in = self.client.sign_in().await;
        signed_in.map_err(|failure| failure.verdict())?;
        self.client.read::<Services>(&hosts::list_services()).await.map(|_| ())
    }

    /// From services that are at most [`OpenStackConfig::hosts_max_age`] old. How many servers a host has is what its
    /// hypervisor last reported, which Nova hears once a minute; of a host that is down it was counted.
    async fn hosts(&self) -> Result<Vec<Host>, CloudError> {
        self.knowledge.hosts(&self.client, self.page_size, self.hosts_max_age).await
    }

    /// One call, as a rule: what the host is made of changes seldom.
    async fn host(&self, host: &HostName) -> Result<Host, CloudError> {
        let service = self.any_service(host).await?;
        let found = self.knowledge.host(&self.client, self.page_size, service).await?;
        found.ok_or_else(|| no_service(host))
    }

    /// What is so already is not asked for again. An answer that does not come is looked for in the service: Nova calls the
    /// host before it answers, and takes as long as that takes.
    async fn set_scheduling(
        &self,
        host: &HostName,
        scheduling: &Scheduling,
    ) -> Result<(), CloudError> {
        let service = self.service(host).await?;
        if service.scheduling() == *scheduling {
            return Ok(());
        }
        let Some(id) = service.id else {
            return Err(CloudError::Unavailable {
                kind: OutageKind::BadAnswer,
                detail: format!("Nova does not name the compute service of host {host}"),
            });
        };
        let call = hosts::set_scheduling(host, &id, scheduling);
        let result = self.client.send(&call).await.map(|_| ());
        self.knowledge.forget_services().await;
        match result {
            Err(CloudError::Unavailable { .. } | CloudError::Unknown { .. })
                if self.is_set(host, scheduling).await =>
            {
                Ok(())
            }
            Ok(())
            | Err(
                CloudError::NotFound { .. }
                | CloudError::Conflict { .. }
                | CloudError::Rejected { .. }
                | CloudError::Unavailable { .. }
                | CloudError::Unknown { .. },
            ) => result,
        }
    }

    async fn servers_on(&self, host: &HostName) -> Result<Vec<Server>, CloudError> {
        let first = servers::list_on_host(host, self.page_size);
        let records = read_all::<Servers>(&self.client, first).await?;
        // Nova drops a filter that the role may not use, and answers with every server there is.
        if let Some(stray) =
            records.iter().find(|record| record.host.as_deref() != Some(host.as_str()))
        {
            return Err(CloudError::Rejected {
                detail: format!(
                    "asked for the servers on host {host}, Nova lists {} on {:?}: the role lacks \
                     os_compute_api:servers:allow_all_filters or \
                     os_compute_api:os-extended-server-attributes",
                    stray.id, stray.host,
                ),
            });
        }
        if let Some(nameless) = records.iter().find(|record| record.id.is_empty()) {
            let odd = nameless.odd().join(", ");
            let detail =
                format!("a server on host {host} has no id, so nothing can be done with it: {odd}");
            return Err(CloudError::Unavailable { kind: OutageKind::BadAnswer, detail });
        }
        // Nova leaves out the servers of a cell it cannot reach without a word, and does not mind
        // a host that does not exist. Neither is an empty host.
        self.service(host).await?;
        Ok(records.into_iter().map(Server::from).collect())
    }

    /// A migration whose server has no task is not under way, whatever it says: a compute service that dies leaves
    /// such records.
    async fn arriving(&self, host: &HostName, since: Time) -> Result<Vec<ServerId>, CloudError> {
        let since = self.changes_since(since)?;
        let first = migrations::list_changed_of(host, &since, self.page_size);
        let records: Vec<MigrationRecord> = read_all::<Migrations>(&self.client, first).await?;
        let coming: BTreeSet<ServerId> = records
            .into_iter()
            .filter(|record| record.ends_on(host) && record.is_of_something())
            .map(|record| Migration::from(record).server)
            .collect();
        let seen: Vec<ServerSeen> = stream::iter(coming)
            .map(|id| self.one_server(id))
            .buffered(SINGLE_READS)
            .try_collect()
            .await?;
        let arrives = |seen: ServerSeen| match seen {
            ServerSeen::Present(server) => server.task.is_some().then_some(server.id),
            ServerSeen::Gone(_) => None,
        };
        Ok(seen.into_iter().filter_map(arrives).collect())
    }

    /// `since` should be when the oldest action began: servers that did not change since then are
    /// read one by one. The migrations may include some that ended up to the clock margin earlier
    /// ([`OpenStackConfig::clock_margin`]); their ids tell them from later ones.
    async fn progress(
        &self,
        servers: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        let wanted: BTreeSet<&ServerId> = servers.iter().collect();
        if wanted.is_empty() {
            return Ok(CloudProgress::default());
        }
        let since = self.changes_since(since)?;
        // In this order, so that the server beside an ended migration is never older than the end.
        let migrations = self.changed_migrations(&since, &wanted).await?;
        let mut seen = self.changed_servers(&since, &wanted).await?;
        let unchanged: Vec<ServerId> =
            wanted.into_iter().filter(|id| !seen.contains_key(*id)).cloned().collect();
        let one_by_one: Vec<ServerSeen> = stream::iter(unchanged)
            .map(|id| self.one_server(id))
            .buffer_unordered(SINGLE_READS)
            .try_collect()
            .await?;
        seen.extend(one_by_one.into_iter().map(|server| (server.id().clone(), server)));
        Ok(CloudProgress { servers: seen.into_values().collect(), migrations })
    }

    async fn site(&self) -> Result<Site, CloudError> {
        crate::site::read(&self.client, &self.knowledge, self.page_size).await
    }

    /// Those that the role may read.
    async fn projects(&self) -> Result<Projects, CloudError> {
        let mut notes = Vec::new();
        let read = self.client.read::<ProjectList>(&projects::list()).await;
        let list = or_nothing(&self.client, read, "names of projects", &mut notes)?;
        list.projects.iter().for_each(|project| self.client.remark(project));
        if list.truncated {
            let note =
                "names of projects are known in part: Keystone lists no more than its list_limit";
            self.client.note(note);
            notes.push(note.to_owned());
        }
        let known = list.projects.into_iter().filter_map(ProjectRecord::into_project).collect();
        Ok(Projects { known, notes })
    }

    async fn live_migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        let call = actions::live_migrate(server, target)?;
        self.client.send(&call).await.map(|_| ())
    }

    async fn migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        let call = actions::migrate(server, target)?;
        self.client.send(&call).await.map(|_| ())
    }

    async fn confirm_migration(&self, server: &ServerId) -> Result<(), CloudError> {
        let call = actions::confirm(server)?;
        self.client.send(&call).await.map(|_| ())
    }

    async fn abort_migration(
        &self,
        server: &ServerId,
        migration: MigrationId,
    ) -> Result<(), CloudError> {
        let call = migrations::abort(server, migration)?;
        self.client.send(&call).await.map(|_| ())
    }

    async fn stop(&self, server: &ServerId) -> Result<(), CloudError> {
        let call = actions::stop(server)?;
        self.client.send(&call).await.map(|_| ())
    }

    async fn start(&self, server: &ServerId) -> Result<(), CloudError> {
        let call = actions::start(server)?;
        self.client.send(&call).await.map(|_| ())
    }
}
