//! Which session has which host.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::id::{HostName, ServerId, SessionId};
use fermata_core::problem::Others;
use fermata_core::session::{SessionHost, SessionHostState};

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entity::session_host::{Column, Entity, Model};
use crate::entity::session_server;
use crate::error::StoreError;
use crate::rows::decode;
use crate::store::Store;

impl Store {
    /// Which active sessions have these hosts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn sessions_of_hosts(
        &self,
        hosts: &[HostName],
    ) -> Result<Vec<(HostName, SessionId)>, StoreError> {
        let mut found = Vec::new();
        for some in hosts.chunks(1000) {
            let rows: Vec<(String, Uuid)> = Entity::find()
                .select_only()
                .columns([Column::Host, Column::SessionId])
                .filter(active())
                .filter(Column::Host.is_in(some.iter().map(HostName::as_str)))
                .order_by_asc(Column::Host)
                .into_tuple()
                .all(&self.db())
                .await?;
            found.extend(rows.into_iter().map(|(host, id)| (HostName(host), SessionId(id))));
        }
        Ok(found)
    }

    /// What active sessions are about to do, but for one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn others(&self, except: Option<SessionId>) -> Result<Others, StoreError> {
        let except = except.map(|id| id.0);
        let promised = self.promised(except).await?;
        Ok(Others { promised, hosts: self.hosts_of_others(except).await? })
    }

    /// The servers that sessions move from hosts that are not empty yet, or are about to, and where to.
    async fn promised(
        &self,
        except: Option<Uuid>,
    ) -> Result<BTreeMap<ServerId, HostName>, StoreError> {
        use session_server::{Column as Server, Entity as Servers};
        let not_empty =
            [SessionHostState::Waiting, SessionHostState::Draining].map(SessionHostState::name);
        let hosts: BTreeSet<(Uuid, String)> = Entity::find()
            .select_only()
            .columns([Column::SessionId, Column::Host])
            .filter(active())
            .filter(Column::State.is_in(not_empty))
            .filter(Condition::all().add_option(except.map(|id| Column::SessionId.ne(id))))
            .into_tuple()
            .all(&self.db())
            .await?
            .into_iter()
            .collect();
        let rows: Vec<(Uuid, String, String, String)> = Servers::find()
            .select_only()
            .columns([Server::SessionId, Server::Host, Server::Server, Server::Target])
            .filter(Server::Target.is_not_null())
            .filter(Condition::all().add_option(except.map(|id| Server::SessionId.ne(id))))
            .into_tuple()
            .all(&self.db())
            .await?;
        let rows = rows.into_iter().filter(|(id, host, ..)| hosts.contains(&(*id, host.clone())));
        Ok(rows.map(|(.., server, target)| (ServerId(server), HostName(target))).collect())
    }

    /// Hosts that sessions are yet to do. Nothing of their rows is decoded: one that is damaged harms its own session only.
    async fn hosts_of_others(
        &self,
        except: Option<Uuid>,
    ) -> Result<BTreeSet<HostName>, StoreError> {
        use SessionHostState::{Draining, InMaintenance, Returning, Waiting};
        let open = [Waiting, Draining, InMaintenance, Returning].map(SessionHostState::name);
        let hosts: Vec<String> = Entity::find()
            .select_only()
            .column(Column::Host)
            .filter(active())
            .filter(Column::State.is_in(open))
            .filter(Condition::all().add_option(except.map(|id| Column::SessionId.ne(id))))
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(hosts.into_iter().map(HostName).collect())
    }
}

/// Rows of active sessions, and of hosts that other sessions retired; of these hosts, or of all.
pub(crate) async fn rows_that_count<C: ConnectionTrait>(
    db: &C,
    hosts: Option<&[&str]>,
) -> Result<Vec<(SessionId, SessionHost)>, StoreError> {
    let retired = Column::State.eq(SessionHostState::Retired.name()).and(active().not());
    let mut rows = Vec::new();
    let parts: Vec<Option<&[&str]>> = match hosts {
        None => vec![None],
        Some(hosts) => hosts.chunks(1000).map(Some).collect(),
    };
    for part in parts {
        let of_them = part.map(|hosts| Column::Host.is_in(hosts.iter().copied()));
        let of_them = Condition::all().add_option(of_them);
        // Apart, so that each uses its index.
        for counts in [active(), retired.clone()] {
            rows.extend(Entity::find().filter(of_them.clone()).filter(counts).all(db).await?);
        }
    }
    let host = |row: &Model| {
        let what = format!("host {} of session {}", row.host, row.session_id);
        Ok((SessionId(row.session_id), decode(&what, &row.body)?))
    };
    rows.iter().map(host).collect()
}

/// The column itself, not compared with a value: only so is the partial index used.
fn active() -> Expr {
    Expr::col((Entity, Column::Active))
}
