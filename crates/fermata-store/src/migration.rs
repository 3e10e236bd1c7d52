//! The tables' history. Append only: a migration that was released never changes.

mod m0001_first;
mod m0002_replicas;
mod m0003_policies;
mod m0004_ledger;
mod m0005_moves;
mod m0006_subscriptions;
mod m0007_principals;
mod m0008_audit;
mod m0009_hosts;
mod m0010_formats;
mod m0011_audit_anchor;
mod m0012_old_sites;

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter};
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

use crate::entity::meta;
use crate::error::StoreError;

/// The number of the newest migration that a release must have to use the tables: the newest one that takes away or changes
/// what releases before it use. 0: none did.
const NEEDED: i32 = 0;

pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_replicas::Migration),
            Box::new(m0003_policies::Migration),
            Box::new(m0004_ledger::Migration),
            Box::new(m0005_moves::Migration),
            Box::new(m0006_subscriptions::Migration),
            Box::new(m0007_principals::Migration),
            Box::new(m0008_audit::Migration),
            Box::new(m0009_hosts::Migration),
            Box::new(m0010_formats::Migration),
            Box::new(m0011_audit_anchor::Migration),
            Box::new(m0012_old_sites::Migration),
        ]
    }
}

/// Brings the tables up to date. What a newer release added to them is left as it is, unless that release said that older
/// ones cannot live with it.
///
/// # Errors
/// [`StoreError::Hopeless`] if only a newer release can use the database; [`StoreError::Unavailable`],
/// [`StoreError::Database`].
pub(crate) async fn migrate(db: &DatabaseConnection) -> Result<(), StoreError> {
    Migrator::install(db).await?;
    let own: BTreeSet<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = Migrator::get_migration_models(db).await?;
    let newer: Vec<_> =
        applied.into_iter().map(|model| model.version).filter(|name| !own.contains(name)).collect();
    if newer.is_empty() {
        Migrator::up(db, None).await?;
        return Ok(());
    }
    let newest = own.last().map_or(0, |name| number(name));
    let needed = meta::Entity::find().one(db).await?.map_or(0, |row| row.needed_migration);
    if needed > newest {
        return Err(StoreError::Hopeless(format!(
            "the database belongs to a newer release of Fermata ({}), and this release cannot use it; start the newer one, \
             or restore a back-up",
            newer.join(", ")
        )));
    }
    Ok(())
}

/// Tells releases before this one whether they can use the tables.
pub(crate) async fn note_needed<C: ConnectionTrait>(db: &C) -> Result<(), StoreError> {
    use meta::Column;
    meta::Entity::update_many()
        .col_expr(Column::NeededMigration, Expr::value(NEEDED))
        .filter(Column::NeededMigration.lt(NEEDED))
        .exec(db)
        .await?;
    Ok(())
}

/// `m0010_formats` is number 10.
fn number(name: &str) -> i32 {
    let digits = name.trim_start_matches('m').split('_').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
