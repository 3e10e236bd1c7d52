//! The tables' history. Append only: a migration that was released never changes.

mod m0001_first;
mod m0002_replicas;
mod m0003_policies;
mod m0004_ledger;
mod m0005_moves;
mod m0006_subscriptions;
mod m0007_principals;
mod m0009_hosts;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

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
            Box::new(m0009_hosts::Migration),
        ]
    }
}
