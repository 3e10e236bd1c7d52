//! Entities and migrated tables must agree: column by column, with type, nullability and key.

use sea_orm::{ConnectionTrait, DatabaseConnection, EntityName, EntityTrait, Schema};

use super::{
    account, audit_chain, audit_record, event, host_state, impact, measured_move, meta,
    notification, outage, policy, replica, request, session, session_host, session_server,
    subscription, topic,
};
use crate::store::{Options, Store};

/// Name, type, whether it may be NULL, and its place in the key.
type Column = (String, String, bool, i32);

async fn columns(db: &DatabaseConnection, table: &str) -> Vec<Column> {
    let sql =
        format!("SELECT name, lower(type), \"notnull\", pk FROM pragma_table_info('{table}')");
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| {
            let column = |i: usize| row.try_get_by_index::<String>(i).unwrap();
            let not_null = row.try_get_by_index::<bool>(2).unwrap();
            (column(0), column(1), not_null, row.try_get_by_index(3).unwrap())
        })
        .collect()
}

async fn check<E: EntityTrait + EntityName>(migrated: &DatabaseConnection, entity: E) {
    let fresh = Store::connect("sqlite::memory:", &Options::default()).await.unwrap();
    let create = Schema::new(fresh.backend()).create_table_from_entity(entity);
    fresh.db().execute(&create).await.unwrap();
    let table = entity.table_name();
    let expected = columns(&fresh.raw(), table).await;
    assert!(!expected.is_empty(), "{table}");
    assert_eq!(columns(migrated, table).await, expected, "{table}");
}

#[tokio::test]
async fn entities_are_the_migrated_tables() {
    let store = Store::connect("sqlite::memory:", &Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    let db = &store.raw();
    check(db, account::Entity).await;
    check(db, audit_chain::Entity).await;
    check(db, audit_record::Entity).await;
    check(db, event::Entity).await;
    check(db, host_state::Entity).await;
    check(db, impact::Entity).await;
    check(db, measured_move::Entity).await;
    check(db, meta::Entity).await;
    check(db, notification::Entity).await;
    check(db, outage::Entity).await;
    check(db, policy::Entity).await;
    check(db, replica::Entity).await;
    check(db, request::Entity).await;
    check(db, session::Entity).await;
    check(db, session_host::Entity).await;
    check(db, session_server::Entity).await;
    check(db, subscription::Entity).await;
    check(db, topic::Entity).await;
}
