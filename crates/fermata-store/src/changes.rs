//! What a transition changed: found by comparing shared rows, written row by row.

use std::collections::BTreeMap;
use std::sync::Arc;

use fermata_core::audit::{Change, Entry, digest};
use fermata_core::broken::{self, Rule};
use fermata_core::id::{HostName, NotificationId};
use fermata_core::machine::Transition;
use fermata_core::session::{ServerKey, Session};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use serde::Serialize;
use uuid::Uuid;

use crate::entity::{notification, session, session_host, session_server};
use crate::error::{StoreError, is_duplicate};
use crate::replicas::ReplicaId;
use crate::rows::{encode, insert, signed};

/// The rows that a transition changed, ready to be written.
pub(crate) struct Changes<'a> {
    id: Uuid,
    /// The revision that was read; `None`: the session is new.
    before: Option<u64>,
    /// The epoch that was read, or that a new session begins with.
    epoch: i64,
    session: session::Model,
    hosts: Vec<session_host::Model>,
    servers: Vec<session_server::Model>,
    notifications: Vec<notification::Model>,
    /// What the audit trail says of it.
    pub(crate) audit: Option<(&'a Entry, Change)>,
    /// The session came to its end and lets go of its hosts.
    ended: bool,
    gone_hosts: Vec<&'a HostName>,
    gone_servers: Vec<&'a ServerKey>,
    gone_notifications: Vec<&'a NotificationId>,
}

impl<'a> Changes<'a> {
    pub(crate) fn of(
        before: Option<&'a Session>,
        transition: &'a Transition,
        owner: Option<ReplicaId>,
        epoch: u64,
    ) -> Result<Self, StoreError> {
        let next = &transition.next;
        let id = next.head.id.0;
        let hosts = Difference::between(before.map(|b| &b.hosts), &next.hosts);
        let servers = Difference::between(before.map(|b| &b.servers), &next.servers);
        let notifications =
            Difference::between(before.map(|b| &b.notifications), &next.notifications);
        let was_active = before.is_some_and(|b| !b.head.state.is_terminal());
        let session = session::Model::of(next, owner, epoch)?;
        let mut old = Vec::new();
        if let Some(before) = before.filter(|_| transition.audit.is_some()) {
            old.push(encode("session", &before.head)?);
            old.extend(hosts.were()?);
            old.extend(servers.were()?);
            old.extend(notifications.were()?);
        }
        let hosts_now = hosts.rows(|host| session_host::Model::of(next, host))?;
        let servers_now = servers.rows(|server| session_server::Model::of(id, server))?;
        let notifications_now =
            notifications.rows(|notification| notification::Model::of(id, notification))?;
        let audit = transition.audit.as_ref().map(|entry| {
            let new = std::iter::once(&session.body)
                .chain(hosts_now.iter().map(|row| &row.body))
                .chain(servers_now.iter().map(|row| &row.body))
                .chain(notifications_now.iter().map(|row| &row.body));
            let (before, after) =
                (digest(old.iter().map(String::as_str)), digest(new.map(String::as_str)));
            (entry, Change { before, after })
        });
        Ok(Self {
            id,
            before: before.map(|b| b.head.revision),
            epoch: signed(epoch),
            session,
            hosts: hosts_now,
            servers: servers_now,
            notifications: notifications_now,
            audit,
            ended: was_active && next.head.state.is_terminal(),
            gone_hosts: hosts.gone,
            gone_servers: servers.gone,
            gone_notifications: notifications.gone,
        })
    }

    /// Writes the session's own row, if it is still as it was read, and in the same hands.
    pub(crate) async fn put_session<C: ConnectionTrait>(&self, db: &C) -> Result<(), StoreError> {
        let mut row = self.session.clone().into_active_model().reset_all();
        let Some(before) = self.before else {
            return match session::Entity::insert(row).exec_without_returning(db).await {
                Ok(_) => Ok(()),
                Err(error) if is_duplicate(&error) => Err(StoreError::Conflict),
                Err(error) => Err(error.into()),
            };
        };
        // Whose it is changes by other ways.
        row.not_set(session::Column::Owner);
        row.not_set(session::Column::Epoch);
        row.not_set(session::Column::Format);
        // Setting a key, even to what it is, makes SQLite look at every row that refers to it.
        row.not_set(session::Column::Id);
        let mut update =
            session::Entity::update_many().set(row).filter(session::Column::Id.eq(self.id));
        if !broken::is(Rule::Revision) {
            update = update.filter(session::Column::Revision.eq(signed(before)));
        }
        if !broken::is(Rule::Epoch) {
            update = update.filter(session::Column::Epoch.eq(self.epoch));
        }
        let updated = update.exec(db).await?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Writes the hosts. A duplicate means that another active session has one of them.
    pub(crate) async fn put_hosts<C: ConnectionTrait>(&mut self, db: &C) -> Result<(), DbErr> {
        use session_host::{Column, Entity};
        if self.ended {
            Entity::update_many()
                .col_expr(Column::Active, Expr::value(false))
                .filter(Column::SessionId.eq(self.id))
                .exec(db)
                .await?;
        }
        for host in &self.gone_hosts {
            Entity::delete_by_id((self.id, host.0.clone())).exec(db).await?;
        }
        let replace = OnConflict::columns([Column::SessionId, Column::Host])
            .update_columns([Column::State, Column::Active, Column::Body])
            .to_owned();
        insert::<Entity, _>(db, std::mem::take(&mut self.hosts), Some(replace)).await
    }

    /// Writes servers and notifications.
    pub(crate) async fn put_rest<C: ConnectionTrait>(self, db: &C) -> Result<(), DbErr> {
        for key in self.gone_servers {
            let key = (self.id, key.host.0.clone(), key.server.0.clone());
            session_server::Entity::delete_by_id(key).exec(db).await?;
        }
        for id in self.gone_notifications {
            notification::Entity::delete_by_id(id.0).exec(db).await?;
        }
        let replace = {
            use session_server::Column;
            OnConflict::columns([Column::SessionId, Column::Host, Column::Server])
                .update_columns([Column::Project, Column::Body, Column::Target])
                .to_owned()
        };
        insert::<session_server::Entity, _>(db, self.servers, Some(replace)).await?;
        let replace = OnConflict::column(notification::Column::Id)
            .update_columns([notification::Column::State, notification::Column::Body])
            .to_owned();
        insert::<notification::Entity, _>(db, self.notifications, Some(replace)).await
    }
}

/// What differs between two maps of shared rows.
struct Difference<'a, K, V> {
    /// New or changed.
    changed: Vec<&'a V>,
    /// No longer there.
    gone: Vec<&'a K>,
    /// As what changed or is gone was before.
    old: Vec<&'a V>,
}

impl<'a, K: Ord, V: Eq + Serialize> Difference<'a, K, V> {
    /// Walks both maps side by side. Rows that are the same by address are not looked into: of 20,000, a
    /// transition changes a few.
    fn between(before: Option<&'a BTreeMap<K, Arc<V>>>, next: &'a BTreeMap<K, Arc<V>>) -> Self {
        let mut old = before.into_iter().flatten().peekable();
        let mut difference = Self { changed: Vec::new(), gone: Vec::new(), old: Vec::new() };
        for (key, row) in next {
            if old.next_if(|(_, was)| Arc::ptr_eq(was, row)).is_some() {
                continue;
            }
            while let Some((gone, was)) = old.next_if(|(k, _)| *k < key) {
                difference.gone.push(gone);
                difference.old.push(was);
            }
            let was = old.next_if(|(k, _)| *k == key).map(|(_, was)| was);
            if was != Some(row) {
                difference.changed.push(row);
                difference.old.extend(was.map(AsRef::as_ref));
            }
        }
        for (gone, was) in old {
            difference.gone.push(gone);
            difference.old.push(was);
        }
        difference
    }

    /// The bodies of what is not as it was before.
    fn were(&self) -> Result<Vec<String>, StoreError> {
        self.old.iter().map(|row| encode("row of a session", row)).collect()
    }

    fn rows<M>(&self, row: impl Fn(&V) -> Result<M, StoreError>) -> Result<Vec<M>, StoreError> {
        self.changed.iter().map(|changed| row(changed)).collect()
    }
}
