//! What owners stored for servers and for groups of them: rows by project and id with the policy as body.

use std::collections::BTreeSet;

use fermata_core::Time;
use fermata_core::audit::{Change, ResourceKind, digest};
use fermata_core::id::{ProjectId, ServerId};
use fermata_core::policy::{GroupPolicy, Policies, ServerPolicy};
use fermata_core::quota::Quota;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use crate::audit::{self, Asked};
use crate::entity::policy::{self, Column, Entity};
use crate::error::{StoreError, is_duplicate};
use crate::requests;
use crate::rows::{decode, encode, micros, signed, time, unsigned};
use crate::store::{Store, retrying};
use crate::write_mode::PutMode;

/// The policy of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyOfServer {
    /// The owner.
    pub project: ProjectId,
    /// The server.
    pub server: ServerId,
    /// What it says.
    pub policy: ServerPolicy,
}

/// A policy as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<P> {
    /// The policy.
    pub policy: P,
    /// Rises whenever it is stored, also after it was deleted in between.
    pub revision: u64,
    /// When it was last stored.
    pub updated_at: Time,
}

/// What must hold for a policy to be stored, and what is remembered of that.
pub struct PutPolicy<'a, P> {
    /// Whether it may be there.
    pub mode: PutMode,
    /// The revision that must be current; `None`: any, or none.
    pub revision: Option<u64>,
    /// What is remembered of it.
    pub asked: Asked<'a, Stored<P>>,
}

/// Which policies to list, in order of project and id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyQuery {
    /// Only of these projects.
    pub projects: Option<BTreeSet<ProjectId>>,
    /// After the one of this project with this id.
    pub after: Option<(ProjectId, String)>,
    /// At most this many.
    pub limit: u64,
}

/// Something that an owner stores.
pub trait OwnersPolicy: Clone + Send + Sync {
    /// Tells the rows apart.
    const KIND: &'static str;
    /// What it is in the audit trail.
    const RESOURCE: ResourceKind;
    /// How many there may be.
    const QUOTA: Quota;
    /// The owner.
    fn project(&self) -> &ProjectId;
    /// The id in the project.
    fn id(&self) -> &str;
    /// The rest, encoded.
    ///
    /// # Errors
    /// It cannot be encoded.
    fn body(&self) -> Result<String, StoreError>;
    /// Put together again.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    fn read(project: ProjectId, id: String, body: &str) -> Result<Self, StoreError>;
}

impl OwnersPolicy for PolicyOfServer {
    const KIND: &'static str = "server";
    const RESOURCE: ResourceKind = ResourceKind::ServerPolicy;
    const QUOTA: Quota = Quota::ServerPolicies;

    fn project(&self) -> &ProjectId {
        &self.project
    }

    fn id(&self) -> &str {
        self.server.as_str()
    }

    fn body(&self) -> Result<String, StoreError> {
        encode("policy of a server", &self.policy)
    }

    fn read(project: ProjectId, id: String, body: &str) -> Result<Self, StoreError> {
        let policy = decode(&format!("policy of server {id}"), body)?;
        Ok(Self { project, server: ServerId(id), policy })
    }
}

impl OwnersPolicy for GroupPolicy {
    const KIND: &'static str = "group";
    const RESOURCE: ResourceKind = ResourceKind::ServerGroup;
    const QUOTA: Quota = Quota::ServerGroups;

    fn project(&self) -> &ProjectId {
        &self.project
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn body(&self) -> Result<String, StoreError> {
        encode("policy of a group", self)
    }

    fn read(_: ProjectId, id: String, body: &str) -> Result<Self, StoreError> {
        decode(&format!("policy of group {id}"), body)
    }
}

impl Store {
    /// A policy of this project.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn policy<P: OwnersPolicy>(
        &self,
        project: &ProjectId,
        id: &str,
    ) -> Result<Option<Stored<P>>, StoreError> {
        by_key::<P>(project, id).one(&self.db()).await?.map(read).transpose()
    }

    /// Policies, by project and id.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_policies<P: OwnersPolicy>(
        &self,
        query: &PolicyQuery,
    ) -> Result<Vec<Stored<P>>, StoreError> {
        let mut select = Entity::find().filter(Column::Kind.eq(P::KIND)).limit(query.limit);
        if let Some(projects) = &query.projects {
            select = select.filter(Column::Project.is_in(projects.iter().map(ProjectId::as_str)));
        }
        if let Some((project, id)) = &query.after {
            let same = Condition::all()
                .add(Column::Project.eq(project.as_str()))
                .add(Column::Id.gt(id.as_str()));
            let beyond = Condition::any().add(Column::Project.gt(project.as_str())).add(same);
            select = select.filter(beyond);
        }
        let select = select.order_by_asc(Column::Project).order_by_asc(Column::Id);
        select.all(&self.db()).await?.into_iter().map(read).collect()
    }

    /// Stores a policy in place of the one before, if there is one.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`] before all others; [`StoreError::Exists`], [`StoreError::NotFound`] as `put.mode` says;
    /// [`StoreError::Quota`] if there are enough; [`StoreError::Conflict`] if another revision is current, or somebody else stored it at the same time; [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn put_policy<P: OwnersPolicy>(
        &self,
        policy: P,
        put: PutPolicy<'_, P>,
    ) -> Result<Stored<P>, StoreError> {
        let body = policy.body()?;
        retrying!(self.try_put(&policy, &body, &put).await)
    }

    async fn try_put<P: OwnersPolicy>(
        &self,
        policy: &P,
        body: &str,
        put: &PutPolicy<'_, P>,
    ) -> Result<Stored<P>, StoreError> {
        let writing = self.write("put_policy").await?;
        let (project, id) = (policy.project(), policy.id());
        let row = by_key::<P>(project, id).one(&writing.db).await?;
        let before = row.as_ref().map(|row| unsigned(row.revision)).transpose()?;
        let change = Change {
            before: digest(row.as_ref().map(|row| row.body.as_str())),
            after: digest([body]),
        };
        let Asked { entry, record, now } = put.asked;
        // Times rise even where a row was deleted in between, so that an old etag never fits again.
        let at_least = before.map_or(1, |revision| revision + 1);
        let revision = unsigned(micros(now).max(0))?.max(at_least);
        let stored = Stored { policy: policy.clone(), revision, updated_at: now };
        requests::note(&writing.db, record(&stored).as_ref(), now).await?;
        put.mode.admit(before, put.revision)?;
        let row = policy::Model {
            kind: P::KIND.to_owned(),
            project: project.to_string(),
            id: id.to_owned(),
            revision: signed(revision),
            updated_at: micros(now),
            body: body.to_owned(),
        };
        match before {
            None => {
                let there = Entity::find()
                    .filter(Column::Kind.eq(P::KIND))
                    .filter(Column::Project.eq(project.as_str()))
                    .count(&writing.db)
                    .await?;
                self.quotas.one_more(P::QUOTA, there)?;
                let insert = Entity::insert(row.into_active_model());
                match insert.exec_without_returning(&writing.db).await {
                    Ok(_) => {}
                    Err(error) if is_duplicate(&error) => return Err(StoreError::Conflict),
                    Err(error) => return Err(error.into()),
                }
            }
            Some(before) => {
                let replaced = Entity::update_many()
                    .set(row.into_active_model().reset_all())
                    .filter(key::<P>(project, id))
                    .filter(Column::Revision.eq(signed(before)))
                    .exec(&writing.db)
                    .await?;
                if replaced.rows_affected == 0 {
                    return Err(StoreError::Conflict);
                }
            }
        }
        audit::record(&writing.db, entry, change, now).await?;
        writing.commit().await?;
        Ok(stored)
    }

    /// Deletes a policy of this project. `revision`: the one that must be current.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`] before all others; [`StoreError::NotFound`]; [`StoreError::Conflict`] if another
    /// revision is current;
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn delete_policy<P: OwnersPolicy>(
        &self,
        project: &ProjectId,
        id: &str,
        revision: Option<u64>,
        asked: Asked<'_, ()>,
    ) -> Result<(), StoreError> {
        let writing = self.write("delete_policy").await?;
        let db = &writing.db;
        requests::note(db, (asked.record)(&()).as_ref(), asked.now).await?;
        let there = by_key::<P>(project, id).lock_exclusive().one(db).await?;
        let there = there.ok_or(StoreError::NotFound)?;
        if revision.is_some_and(|revision| signed(revision) != there.revision) {
            return Err(StoreError::Conflict);
        }
        Entity::delete_many().filter(key::<P>(project, id)).exec(db).await?;
        let change = Change { before: digest([there.body.as_str()]), after: None };
        audit::record(db, asked.entry, change, asked.now).await?;
        writing.commit().await
    }

    /// Everything that these projects stored.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn policies(&self, projects: &BTreeSet<ProjectId>) -> Result<Policies, StoreError> {
        let projects: Vec<_> = projects.iter().map(ProjectId::as_str).collect();
        let (mut servers, mut groups) = (Vec::new(), Vec::new());
        for some in projects.chunks(1000) {
            let of_some = Column::Project.is_in(some.iter().copied());
            for row in Entity::find().filter(of_some).all(&self.db()).await? {
                match row.kind.as_str() {
                    PolicyOfServer::KIND => {
                        let PolicyOfServer { project, server, policy } = read(row)?.policy;
                        servers.push((project, server, policy));
                    }
                    GroupPolicy::KIND => groups.push(read::<GroupPolicy>(row)?.policy),
                    other => {
                        let what = format!("policy of kind '{other}'");
                        return Err(StoreError::corrupt(what, "there is no such kind"));
                    }
                }
            }
        }
        Ok(Policies::new(servers, groups).waiting_at_most(self.quotas.longest_wait))
    }
}

fn key<P: OwnersPolicy>(project: &ProjectId, id: &str) -> Condition {
    Condition::all()
        .add(Column::Kind.eq(P::KIND))
        .add(Column::Project.eq(project.as_str()))
        .add(Column::Id.eq(id))
}

fn by_key<P: OwnersPolicy>(project: &ProjectId, id: &str) -> Select<Entity> {
    Entity::find().filter(key::<P>(project, id))
}

fn read<P: OwnersPolicy>(row: policy::Model) -> Result<Stored<P>, StoreError> {
    Ok(Stored {
        revision: unsigned(row.revision)?,
        updated_at: time(row.updated_at)?,
        policy: P::read(ProjectId(row.project), row.id, &row.body)?,
    })
}
