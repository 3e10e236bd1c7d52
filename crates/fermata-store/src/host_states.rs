//! How hosts stand, as it was told last. Whoever changes what a host's state goes by (a session, the deletion of one, whoever
//! reads the cloud's list) holds the host's row until the end of its transaction, and tells in the same transaction what
//! changed by that. So every change is told once, and a snapshot is never ahead of its events, nor behind them.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::event::HostEvent;
use fermata_core::host_state::{self, Held, HostState, News, Seen, Standing, holders};
use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::Transition;
use fermata_core::session::{Session, SessionHostState};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::host_state::{Column, Entity, Model};
use crate::entity::session_host;
use crate::error::StoreError;
use crate::events::{self, Appended, NewEvent, Topic, last_sequence};
use crate::hosts::rows_that_count;
use crate::rows::{decode, encode, insert, signed, unsigned};
use crate::store::{Store, retrying};

/// Encodes an event of a host for the log.
pub type Tell = fn(&HostEvent, Time) -> Vec<u8>;

/// How hosts stand, with the revision of each.
pub type Standings = BTreeMap<HostName, (Standing, u64)>;

/// Hosts at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostsNow {
    /// The states, of all hosts that somebody was told of and that the cloud lists.
    pub states: BTreeMap<HostName, HostState>,
    /// Which sessions have which hosts.
    pub held: Held,
    /// The last sequence number of the infrastructure's topic at that moment; 0: none.
    pub last_sequence: u64,
}

impl Store {
    /// How hosts stand. To be read before the cloud is: see [`Store::tell_hosts`].
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn host_standings(&self) -> Result<Standings, StoreError> {
        Entity::find().all(&self.db()).await?.iter().map(Model::standing).collect()
    }

    /// How hosts stand, which sessions have them, and the position of the events that led there; all of one moment.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn hosts_now(&self) -> Result<HostsNow, StoreError> {
        let db = self.read().await?;
        let mut states = BTreeMap::new();
        for row in Entity::find().all(&db).await? {
            let (host, (standing, _)) = row.standing()?;
            if let Some(state) = standing.state.filter(|state| *state != HostState::Removed) {
                states.insert(host, state);
            }
        }
        let held = holders(rows_that_count(&db, None).await?);
        Ok(HostsNow {
            states,
            held,
            last_sequence: last_sequence(&db, &Topic::Infrastructure).await?,
        })
    }

    /// Tells what is new in the cloud's list of hosts. `known`: how they stood before it was read; a host that somebody told
    /// something else of meanwhile is left to the next one who reads the list.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn tell_hosts(
        &self,
        known: &Standings,
        news: &BTreeMap<HostName, News>,
        now: Time,
        tell: Tell,
    ) -> Result<Vec<Appended>, StoreError> {
        retrying!({
            let writing = self.write("hosts").await?;
            let db = &writing.db;
            let untold = news.keys().filter(|host| !known.contains_key(*host));
            add_untold(db, untold).await?;
            let mut locked = Locked::read(db, &news.keys().cloned().collect()).await?;
            let mut told = Vec::new();
            for (host, of_it) in news {
                let before = known.get(host).map_or(0, |(_, revision)| *revision);
                if locked.rows.get(host).is_some_and(|(_, revision)| *revision == before)
                    && let Some(change) = locked.update(host, |_| of_it.seen)
                {
                    told.push(HostEvent::of_news(host.clone(), of_it, change));
                }
            }
            locked.write(db).await?;
            let events = new_events(&told, now, tell);
            let appended = events::append(db, events.iter(), now).await?;
            writing.commit().await?;
            Ok(appended)
        })
    }
}

/// What is told of hosts with a step of a session; its rows must be written already.
pub(crate) async fn of_step<C: ConnectionTrait>(
    db: &C,
    before: Option<&Session>,
    transition: &Transition,
    now: Time,
    tell: Tell,
) -> Result<Vec<NewEvent>, StoreError> {
    let Transition { next, outbox, .. } = transition;
    let touched = host_state::touched(before, next, outbox);
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let known: BTreeMap<&HostName, Seen> = touched
        .iter()
        .filter_map(|host| Some((host, host_state::known(next.hosts.get(host)?)?)))
        .collect();
    add_untold(db, known.keys().copied()).await?;
    let mut locked = Locked::read(db, &touched).await?;
    let mut told = Vec::new();
    for host in &touched {
        let learned = |standing: &Standing| match (standing.state, known.get(host)) {
            (None, Some(seen)) => *seen,
            (None, None) | (Some(_), _) => standing.seen.after_all(host, outbox),
        };
        if let Some(change) = locked.update(host, learned) {
            told.push(HostEvent::of_step(next, host.clone(), change));
        }
    }
    for alarm in &outbox.alarms {
        if let Some(state) = locked.rows.get(&alarm.host).and_then(|(standing, _)| standing.state) {
            told.push(HostEvent::of_alarm(next, alarm, state));
        }
    }
    locked.write(db).await?;
    Ok(new_events(&told, now, tell))
}

/// What is told of hosts when a session is deleted that retired these; its rows must be gone already.
pub(crate) async fn of_deletion<C: ConnectionTrait>(
    db: &C,
    session: SessionId,
    retired: &BTreeSet<HostName>,
    now: Time,
    tell: Tell,
) -> Result<Vec<NewEvent>, StoreError> {
    let mut locked = Locked::read(db, retired).await?;
    let mut told = Vec::new();
    for host in retired {
        if let Some(change) = locked.update(host, |standing| standing.seen) {
            told.push(HostEvent::of_deletion(session, host.clone(), change));
        }
    }
    locked.write(db).await?;
    Ok(new_events(&told, now, tell))
}

/// The hosts that this session retired.
pub(crate) async fn retired_by<C: ConnectionTrait>(
    db: &C,
    session: SessionId,
) -> Result<BTreeSet<HostName>, StoreError> {
    let hosts: Vec<String> = session_host::Entity::find()
        .select_only()
        .column(session_host::Column::Host)
        .filter(session_host::Column::SessionId.eq(session.0))
        .filter(session_host::Column::State.eq(SessionHostState::Retired.name()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(hosts.into_iter().map(HostName).collect())
}

/// Rows of hosts that nobody else changes until the end of the transaction, and what sessions do with these hosts.
struct Locked {
    rows: Standings,
    held: Held,
    changed: BTreeSet<HostName>,
}

impl Locked {
    async fn read<C: ConnectionTrait>(
        db: &C,
        hosts: &BTreeSet<HostName>,
    ) -> Result<Self, StoreError> {
        let names: Vec<&str> = hosts.iter().map(HostName::as_str).collect();
        let mut rows = Standings::new();
        // In the order of hosts, so that two transactions cannot wait for each other.
        for some in names.chunks(1000) {
            let find = Entity::find().filter(Column::Host.is_in(some.iter().copied()));
            for row in find.order_by_asc(Column::Host).lock_exclusive().all(db).await? {
                let (host, standing) = row.standing()?;
                rows.insert(host, standing);
            }
        }
        // After that: what a session changed before it let go of the rows is seen.
        let held = holders(rows_that_count(db, Some(&names)).await?);
        Ok(Self { rows, held, changed: BTreeSet::new() })
    }

    /// Goes by what is seen of a host; gives the states before and after if that is to be told. A host without a row is
    /// left to whoever reads the cloud's list.
    fn update(
        &mut self,
        host: &HostName,
        seen: impl FnOnce(&Standing) -> Seen,
    ) -> Option<(Option<HostState>, HostState)> {
        let (standing, revision) = self.rows.get_mut(host)?;
        let before = *standing;
        let held = self.held.get(host).map(|(_, row)| row);
        let change = standing.update(seen(&before), held);
        if *standing != before {
            *revision += 1;
            self.changed.insert(host.clone());
        }
        change
    }

    async fn write<C: ConnectionTrait>(&self, db: &C) -> Result<(), StoreError> {
        let rows = self.changed.iter().filter_map(|host| {
            let (standing, revision) = self.rows.get(host)?;
            Some(Model::of(host, standing, *revision))
        });
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let replace = OnConflict::column(Column::Host)
            .update_columns([Column::Revision, Column::Body])
            .to_owned();
        Ok(insert::<Entity, _>(db, rows, Some(replace)).await?)
    }
}

/// Adds rows of hosts that nobody was told of yet, so that there is something to hold.
async fn add_untold<'a, C: ConnectionTrait>(
    db: &C,
    hosts: impl Iterator<Item = &'a HostName>,
) -> Result<(), StoreError> {
    let rows = hosts.map(|host| Model::of(host, &Standing::UNTOLD, 0));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let there = OnConflict::column(Column::Host).do_nothing().to_owned();
    Ok(insert::<Entity, _>(db, rows, Some(there)).await?)
}

fn new_events(told: &[HostEvent], now: Time, tell: Tell) -> Vec<NewEvent> {
    let event = |event: &HostEvent| NewEvent {
        topic: Topic::Infrastructure,
        session: event.session,
        payload: tell(event, now),
    };
    told.iter().map(event).collect()
}

impl Model {
    fn of(host: &HostName, standing: &Standing, revision: u64) -> Result<Self, StoreError> {
        let body = encode("host", standing)?;
        Ok(Self { host: host.0.clone(), revision: signed(revision), body })
    }

    fn standing(&self) -> Result<(HostName, (Standing, u64)), StoreError> {
        let standing = decode(&format!("host {}", self.host), &self.body)?;
        Ok((HostName(self.host.clone()), (standing, unsigned(self.revision)?)))
    }
}
