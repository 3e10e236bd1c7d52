//! Everything that concerns one project right now, for the snapshot its owner's stream begins with.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::id::{HostName, ProjectId, SessionId};
use fermata_core::session::{Head, HostGlimpse, Notification, SessionHost, SessionServer};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{notification, session, session_host, session_server};
use crate::error::StoreError;
use crate::events::{Topic, last_sequence};
use crate::rows::decode;
use crate::sessions::active_ids;
use crate::store::Store;

/// What concerns one project at one moment: rows of its own in active sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectAffairs {
    /// Sessions with servers of the project or notifications to it.
    pub heads: BTreeMap<SessionId, Head>,
    /// The hosts that those servers are or were on.
    pub hosts: BTreeMap<(SessionId, HostName), HostGlimpse>,
    /// The project's servers.
    pub servers: Vec<(SessionId, SessionServer)>,
    /// The notifications to the project.
    pub notifications: Vec<(SessionId, Notification)>,
    /// The last sequence number of the project's topic at that moment; 0: none.
    pub last_sequence: u64,
}

impl Store {
    /// What concerns a project now, in one session or in every active one.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn project_affairs(
        &self,
        project: &ProjectId,
        session: Option<SessionId>,
    ) -> Result<ProjectAffairs, StoreError> {
        let db = self.read().await?;
        let mut sessions = active_ids(&db).await?;
        sessions.retain(|id| session.is_none_or(|wanted| *id == wanted));
        let servers = servers(&db, project, &sessions).await?;
        let notifications = notifications(&db, project, &sessions).await?;
        let concerned: BTreeSet<_> = servers
            .iter()
            .map(|(id, _)| *id)
            .chain(notifications.iter().map(|(id, _)| *id))
            .collect();
        let concerned: Vec<_> = concerned.into_iter().collect();
        Ok(ProjectAffairs {
            heads: heads(&db, &concerned).await?,
            hosts: hosts_of(&db, project, &concerned).await?,
            servers,
            notifications,
            last_sequence: last_sequence(&db, &Topic::Project(project.clone())).await?,
        })
    }
}

fn uuids(sessions: &[SessionId]) -> impl Iterator<Item = Uuid> {
    sessions.iter().map(|id| id.0)
}

/// The heads of these sessions.
pub(crate) async fn heads<C: ConnectionTrait>(
    db: &C,
    sessions: &[SessionId],
) -> Result<BTreeMap<SessionId, Head>, StoreError> {
    let rows =
        session::Entity::find().filter(session::Column::Id.is_in(uuids(sessions))).all(db).await?;
    rows.iter().map(|row| Ok((SessionId(row.id), row.head()?))).collect()
}

/// The project's servers in these sessions.
pub(crate) async fn servers<C: ConnectionTrait>(
    db: &C,
    project: &ProjectId,
    sessions: &[SessionId],
) -> Result<Vec<(SessionId, SessionServer)>, StoreError> {
    use session_server::Column;
    let rows = session_server::Entity::find()
        .filter(Column::Project.eq(project.as_str()))
        .filter(Column::SessionId.is_in(uuids(sessions)))
        .all(db)
        .await?;
    let servers = rows.iter().map(|row| {
        let what = format!("server {} of session {}", row.server, row.session_id);
        Ok((SessionId(row.session_id), decode(&what, &row.body)?))
    });
    let mut servers: Vec<(_, SessionServer)> = servers.collect::<Result<_, StoreError>>()?;
    // An order in the query would lure SQLite to the key, past every other project's servers.
    servers.sort_by(|(a, x), (b, y)| (a, &x.key).cmp(&(b, &y.key)));
    Ok(servers)
}

/// The hosts that the project's servers in these sessions are or were on.
pub(crate) async fn hosts_of<C: ConnectionTrait>(
    db: &C,
    project: &ProjectId,
    sessions: &[SessionId],
) -> Result<BTreeMap<(SessionId, HostName), HostGlimpse>, StoreError> {
    use session_server::Column;
    let theirs = Query::select()
        .columns([Column::SessionId, Column::Host])
        .from(session_server::Entity)
        .and_where(Column::Project.eq(project.as_str()))
        .and_where(Column::SessionId.is_in(uuids(sessions)))
        .take();
    let key = Expr::tuple([
        session_host::Column::SessionId.into_expr(),
        session_host::Column::Host.into_expr(),
    ]);
    let rows = session_host::Entity::find().filter(key.in_subquery(theirs)).all(db).await?;
    let hosts = rows.iter().map(|row| {
        let what = format!("host {} of session {}", row.host, row.session_id);
        let entry: SessionHost = decode(&what, &row.body)?;
        Ok(((SessionId(row.session_id), entry.host.clone()), HostGlimpse::from(&entry)))
    });
    hosts.collect()
}

async fn notifications<C: ConnectionTrait>(
    db: &C,
    project: &ProjectId,
    sessions: &[SessionId],
) -> Result<Vec<(SessionId, Notification)>, StoreError> {
    let rows = notification::Entity::find()
        .filter(notification::Column::Project.eq(project.as_str()))
        .filter(notification::Column::SessionId.is_in(uuids(sessions)))
        .order_by_asc(notification::Column::CreatedAt)
        .order_by_asc(notification::Column::Id)
        .all(db)
        .await?;
    rows.iter().map(|row| Ok((SessionId(row.session_id), row.notification()?))).collect()
}
