//! What is asked of the table of sessions where there may be hundreds of thousands that are over: every query here comes out
//! of an index, which a test asserts by the plan of the database.

use fermata_core::Time;
use fermata_core::session::{SessionHostState, SessionState};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};

use super::{SessionQuery, beyond};
use crate::entity::session::{Column, Entity};
use crate::entity::session_host;
use crate::rows::micros;
use crate::store::Store;

/// The states in which a session is over.
const OVER: [SessionState; 2] = [SessionState::Cancelled, SessionState::Completed];

/// The states of those that are not over. Grouped by the database they would come out of the index of states, with a look at
/// every session.
pub(super) fn open_states() -> Select<Entity> {
    // The column itself, not compared with a value: only so is the partial index used.
    let active = Expr::col((Entity, Column::Active));
    Entity::find().select_only().column(Column::State).filter(active)
}

/// How many of those that are over are in each state.
pub(super) fn over_by_state() -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "sessions")
        .filter(Column::State.is_in(OVER.map(|state| state.name())))
        .group_by(Column::State)
}

/// Those that are over and whose window ended before this time; not of those that retired a host.
pub(super) fn old(before: Time, limit: u64) -> Select<Entity> {
    let retired = session_host::Entity::find()
        .select_only()
        .column(session_host::Column::SessionId)
        .filter(session_host::Column::State.eq(SessionHostState::Retired.name()));
    Entity::find()
        .filter(Expr::col((Entity, Column::Active)).not())
        .filter(Column::WindowEnd.lt(micros(before)))
        .filter(Column::Id.not_in_subquery(retired.as_query().to_owned()))
        .order_by_asc(Column::WindowEnd)
        .limit(limit)
}

/// A list, one query for each state: each comes in order from the index, while several states in one query would be read
/// whole and sorted.
pub(super) fn listed(query: &SessionQuery) -> Vec<Select<Entity>> {
    let wanted = |state: &SessionState| query.states.contains(state);
    let states: Vec<_> = SessionState::ALL.into_iter().filter(wanted).collect();
    if states.is_empty() || states.len() == SessionState::ALL.len() {
        return vec![page(query)];
    }
    states.iter().map(|state| page(query).filter(Column::State.eq(state.name()))).collect()
}

fn page(query: &SessionQuery) -> Select<Entity> {
    let mut select = Entity::find().limit(query.limit);
    if let Some(host) = &query.host {
        let with_host = Query::select()
            .column(session_host::Column::SessionId)
            .from(session_host::Entity)
            .and_where(session_host::Column::Host.eq(host.as_str()))
            .take();
        select = select.filter(Column::Id.in_subquery(with_host));
    }
    if let Some(time) = query.ends_after_time {
        select = select.filter(Column::WindowEnd.gt(micros(time)));
    }
    if let Some((time, id)) = query.after {
        select = select.filter(beyond(Column::CreatedAt, Column::Id, query.order, time, id.0));
    }
    let order = query.order.sql();
    select.order_by(Column::CreatedAt, order.clone()).order_by(Column::Id, order)
}

/// A query of this module, for whoever wants to know how the database carries it out.
#[doc(hidden)]
#[derive(Debug)]
pub enum Asked<'a> {
    /// Counting those that are not over.
    OpenStates,
    /// Counting those that are over.
    OverByState,
    /// Looking for old ones.
    Old(Time),
    /// A list.
    Listed(&'a SessionQuery),
}

impl Store {
    /// The statements of a query.
    #[doc(hidden)]
    pub fn statements(&self, asked: &Asked<'_>) -> Vec<String> {
        let selects = match asked {
            Asked::OpenStates => vec![open_states()],
            Asked::OverByState => vec![over_by_state()],
            Asked::Old(before) => vec![old(*before, 20)],
            Asked::Listed(query) => listed(query),
        };
        selects.iter().map(|select| select.build(self.backend()).to_string()).collect()
    }
}
