//! What owners were asked, as one project may see it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fermata_core::Time;
use fermata_core::id::{HostName, NotificationId, ProjectId, SessionId};
use fermata_core::session::{
    Head, HostGlimpse, Notification, NotificationState, ServerKey, SessionServer,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::affairs::{heads, hosts_of, servers};
use crate::entity::notification::{self, Column, Entity};
use crate::error::StoreError;
use crate::sessions::{Order, beyond};
use crate::store::Store;

/// A notification with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationView {
    /// The session.
    pub head: Arc<Head>,
    /// The notification.
    pub notification: Notification,
    /// Its servers.
    pub servers: Vec<SessionServer>,
    /// Their hosts.
    pub hosts: BTreeMap<HostName, HostGlimpse>,
}

/// Which notifications of a project to list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationQuery {
    /// The owner.
    pub project: ProjectId,
    /// Only of this session.
    pub session: Option<SessionId>,
    /// Only in one of these states; empty: any.
    pub states: Vec<NotificationState>,
    /// After the notification with this creation time and id.
    pub after: Option<(Time, NotificationId)>,
    /// At most this many.
    pub limit: u64,
}

impl Store {
    /// A notification to this project.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn notification(
        &self,
        project: &ProjectId,
        id: NotificationId,
    ) -> Result<Option<NotificationView>, StoreError> {
        let db = self.read().await?;
        let rows =
            Entity::find_by_id(id.0).filter(Column::Project.eq(project.as_str())).all(&db).await?;
        Ok(views(&db, project, &rows).await?.pop())
    }

    /// The session that asks by a notification, and the project that is asked: one row, by its key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn session_of_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(SessionId, ProjectId)>, StoreError> {
        let row: Option<(Uuid, String)> = Entity::find_by_id(id.0)
            .select_only()
            .columns([Column::SessionId, Column::Project])
            .into_tuple()
            .one(&self.db())
            .await?;
        Ok(row.map(|(session, project)| (SessionId(session), ProjectId(project))))
    }

    /// Notifications to a project, newest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_notifications(
        &self,
        query: &NotificationQuery,
    ) -> Result<Vec<NotificationView>, StoreError> {
        let db = self.read().await?;
        let mut select =
            Entity::find().filter(Column::Project.eq(query.project.as_str())).limit(query.limit);
        if let Some(session) = query.session {
            select = select.filter(Column::SessionId.eq(session.0));
        }
        if !query.states.is_empty() {
            let states = query.states.iter().map(|state| state.name());
            select = select.filter(Column::State.is_in(states));
        }
        if let Some((time, id)) = query.after {
            let page = beyond(Column::CreatedAt, Column::Id, Order::NewestFirst, time, id.0);
            select = select.filter(page);
        }
        let rows =
            select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(&db).await?;
        views(&db, &query.project, &rows).await
    }
}

/// Notifications with what they are about: one query per table, however many they are.
async fn views<C: ConnectionTrait>(
    db: &C,
    project: &ProjectId,
    rows: &[notification::Model],
) -> Result<Vec<NotificationView>, StoreError> {
    let sessions: BTreeSet<_> = rows.iter().map(|row| SessionId(row.session_id)).collect();
    let sessions: Vec<_> = sessions.into_iter().collect();
    let heads: BTreeMap<_, _> =
        heads(db, &sessions).await?.into_iter().map(|(id, head)| (id, Arc::new(head))).collect();
    let servers: BTreeMap<(SessionId, ServerKey), SessionServer> = servers(db, project, &sessions)
        .await?
        .into_iter()
        .map(|(id, server)| ((id, server.key.clone()), server))
        .collect();
    let known = hosts_of(db, project, &sessions).await?;
    let views = rows.iter().map(|row| {
        let session = SessionId(row.session_id);
        let notification = row.notification()?;
        let head = heads.get(&session).cloned().ok_or_else(|| {
            StoreError::corrupt(
                format!("notification {}", notification.id),
                "its session is missing",
            )
        })?;
        let servers: Vec<_> = notification
            .servers
            .iter()
            .filter_map(|key| servers.get(&(session, key.clone())).cloned())
            .collect();
        let hosts = servers.iter().map(|server| server.key.host.clone());
        let hosts = hosts
            .filter_map(|host| {
                let glimpse = *known.get(&(session, host.clone()))?;
                Some((host, glimpse))
            })
            .collect();
        Ok(NotificationView { head, notification, servers, hosts })
    });
    views.collect()
}
