//! How databases carry queries out: out of indexes where a table has hundreds of thousands of rows that are over.

use fermata_core::session::SessionState;
use fermata_store::{AskedOfSessions, Order, SessionQuery, Store};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::place::Place;
use crate::world::{START, World, after};

/// The plan of a statement, as the database writes it.
async fn plan(raw: &DatabaseConnection, statement: &str, is_sqlite: bool) -> String {
    let explain = if is_sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let column = if is_sqlite { "detail" } else { "QUERY PLAN" };
    let statement =
        Statement::from_string(raw.get_database_backend(), format!("{explain} {statement}"));
    let rows = raw.query_all_raw(statement).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    lines.join("\n")
}

pub(crate) async fn old_sites_are_read_by_index(place: &Place) {
    let store = place.open().await;
    // One connection, or the next one would not know what is set.
    let mut options = sea_orm::ConnectOptions::new(&place.url);
    options.max_connections(1).sqlx_logging(false);
    let raw = sea_orm::Database::connect(options).await.unwrap();
    let is_sqlite = place.is_sqlite();
    if !is_sqlite {
        // With few rows PostgreSQL reads them all; asked is whether an index could serve.
        for way in ["seqscan", "bitmapscan", "sort"] {
            raw.execute_unprepared(&format!("SET enable_{way} = off")).await.unwrap();
        }
    }
    let of_states = |states: &[SessionState]| SessionQuery {
        states: states.to_vec(),
        order: Order::NewestFirst,
        limit: 50,
        ..SessionQuery::default()
    };
    let several = of_states(&[SessionState::Completed, SessionState::Running]);
    let next = SessionQuery {
        after: Some((START, fermata_core::id::SessionId(uuid::Uuid::nil()))),
        ..of_states(&[SessionState::Completed])
    };
    let by_host = SessionQuery { host: Some("hv-1".into()), ..of_states(&[]) };
    for (asked, index, count) in [
        (AskedOfSessions::OpenStates, "ix_sessions_active", 1),
        (AskedOfSessions::OverByState, "ix_sessions_state", 1),
        (AskedOfSessions::Old(START), "ix_sessions_window", 1),
        (AskedOfSessions::Listed(&several), "ix_sessions_state", 2),
        (AskedOfSessions::Listed(&next), "ix_sessions_state", 1),
        (AskedOfSessions::Listed(&by_host), "ix_session_hosts_host", 1),
    ] {
        let statements = store.statements(&asked);
        assert_eq!(statements.len(), count, "{asked:?}");
        for statement in statements {
            let plan = plan(&raw, &statement, is_sqlite).await;
            assert!(plan.contains(index), "{asked:?} does not use {index}:\n{statement}\n{plan}");
            assert!(!plan.contains("Seq Scan on sessions"), "{asked:?}:\n{plan}");
            let sorts = plan.contains("TEMP B-TREE FOR ORDER BY") || plan.contains("Sort Key");
            let is_page = matches!(asked, AskedOfSessions::Listed(query) if query.host.is_none());
            assert!(!(sorts && is_page), "a page is in order already:\n{plan}");
        }
    }
    let everything = of_states(&SessionState::ALL);
    assert_eq!(store.statements(&AskedOfSessions::Listed(&everything)).len(), 1);
}

/// What is counted now and then is right when it changes.
pub(crate) async fn counts_follow_what_ends_and_goes(place: &Place) {
    let store = place.open().await;
    let count = async |store: &Store, state: SessionState| {
        let counts = store.sessions_by_state().await.unwrap();
        counts.into_iter().find(|(of, _)| *of == state).unwrap().1
    };
    let mut first = World::stored(&store, &["hv-1"], &["red"]).await;
    let mut second = World::stored(&store, &["hv-2"], &["red"]).await;
    for _ in 0..3 {
        assert_eq!(count(&store, SessionState::Cancelled).await, 0);
    }
    first.cancel(&store).await;
    assert_eq!(count(&store, SessionState::Cancelled).await, 1);
    second.cancel(&store).await;
    assert_eq!(count(&store, SessionState::Cancelled).await, 2);
    let pruned = store.prune_sessions(after(1 << 30), 10).await.unwrap();
    assert_eq!(pruned.len(), 2);
    assert_eq!(count(&store, SessionState::Cancelled).await, 0);
}

/// Pages over several states are in one order, each session once.
pub(crate) async fn pages_over_several_states(place: &Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    for n in 0..7 {
        let host = format!("hv-{n}");
        let mut world = World::stored(&store, &[host.as_str()], &["red"]).await;
        if n % 2 == 0 {
            world.cancel(&store).await;
        }
        ids.push(world.id());
    }
    // They are of one moment.
    ids.sort();
    let states = vec![SessionState::Cancelled, SessionState::Scheduled, SessionState::Running];
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let mut query =
            SessionQuery { states: states.clone(), order, limit: 2, ..Default::default() };
        let mut found = Vec::new();
        loop {
            let page = store.list_sessions(&query).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 2);
            query.after = Some((last.head.created_at, last.head.id));
            found.extend(page.iter().map(|listed| listed.head.id));
        }
        if order == Order::NewestFirst {
            found.reverse();
        }
        assert_eq!(found, ids);
    }
}
