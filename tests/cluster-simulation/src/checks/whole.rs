//! The whole: whether orphans are adopted in time, and whether everything adds up at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use fermata_core::cloud::Scheduling;
use fermata_core::event::OperatorEvent;
use fermata_core::id::{HostName, NotificationId, SessionId};
use fermata_core::session::{Notification, SessionHostState, SessionState};

use crate::message::Place;
use crate::queue::date;
use crate::store::{Content, LoggedEvent, Topic};
use crate::world::World;

/// So long after its lease ran out, a session of a replica that is gone is adopted.
const ADOPTED_WITHIN: Duration = Duration::from_secs(2);
/// A replica that was kept from the database may still wait for an old answer (3 s), then for its next sign of
/// life (1 s) and its next look for orphans (0.5 s).
const RECOVERS_WITHIN: Duration = Duration::from_secs(6);

impl World {
    /// Invariant 21, now and then.
    pub(crate) fn look_at_all(&mut self) {
        let now = self.now;
        let weather = self.network.weather;
        let calm = weather.lost == 0 && weather.late == 0 && self.database_away == 0;
        for r in 0..self.replicas.len() {
            let replica = &self.replicas[r];
            let good = calm
                && replica.up
                && !replica.process.resigning
                && replica.paused_until.is_none_or(|until| until <= now)
                && !self.network.is_cut(Place::Replica(r), Place::Database);
            let works = !replica.process.tenures().is_empty();
            let can_look = good
                && works
                && self.cloud_away == 0
                && !self.network.is_cut(Place::Replica(r), Place::Cloud);
            self.checks.watch.attention(r, date(now), can_look);
            let since = &mut self.checks.good_since[r];
            *since = good.then(|| since.unwrap_or(now));
        }
        self.offers_are_judged();
        let able = self.checks.good_since.iter().flatten().min().copied();
        let time = self.database_time();
        let rows = self.store.sessions.values();
        let orphans: Vec<_> = rows
            .filter(|row| self.store.is_orphan(row, time))
            .map(|row| row.session.head.id)
            .collect();
        self.checks.orphaned.retain(|id, _| orphans.contains(id));
        for id in orphans {
            let since = *self.checks.orphaned.entry(id).or_insert(now);
            let Some(able) = able else { continue };
            if now > since + ADOPTED_WITHIN && now > able + RECOVERS_WITHIN {
                self.violated(21, format!("{id} is not adopted since {since:?}"));
                self.checks.orphaned.insert(id, now);
            }
        }
    }

    /// Everything was healed, and enough time has passed.
    pub(crate) fn check_end(&mut self) {
        self.everything_ended();
        self.no_offer_is_left();
        self.log_adds_up();
        self.owners_have_everything();
        let missing = self
            .checks
            .acknowledged
            .iter()
            .find(|(request, said)| self.store.requests.get(request) != Some(said))
            .map(|(request, _)| *request);
        if let Some(request) = missing {
            self.violated(17, format!("{request:?} was answered and is forgotten"));
        }
    }

    /// Invariants 16 and 20.
    fn everything_ended(&mut self) {
        self.read_cloud_journal();
        let rows: Vec<_> = self.store.sessions.values().map(|r| r.session.clone()).collect();
        for session in &rows {
            match session.head.state {
                SessionState::Completed => self.counts.completed += 1,
                SessionState::Cancelled => self.counts.cancelled += 1,
                state => {
                    self.counts.waiting += 1;
                    let waits = session.waits();
                    let text = format!(
                        "{} is {state:?} for ever; it waits for {waits:?}",
                        session.head.id
                    );
                    self.violated(20, text);
                }
            }
            for (name, host) in &session.hosts {
                let back = matches!(
                    host.state,
                    SessionHostState::Maintained
                        | SessionHostState::DrainFailed
                        | SessionHostState::Skipped
                        | SessionHostState::Cancelled
                );
                let ours = format!("fermata session {}", session.head.id);
                let view = &self.checks.view;
                let left = matches!(view.hosts.get(name),
                    Some(Scheduling::Disabled { reason }) if reason.contains(&ours));
                // One on which the work failed before it was left out, by the operator's word also before it was empty, is
                // handed over as it is.
                let handed_over = host.state != SessionHostState::Maintained
                    && (host.empty_at.is_some() || self.has_failed(session.head.id, name));
                if back && left && !handed_over {
                    let text = format!("{name} is {:?} and stays disabled by {ours}", host.state);
                    self.violated(16, text);
                }
            }
        }
    }

    /// Whether operators were told that the work on this host failed.
    fn has_failed(&self, session: SessionId, name: &HostName) -> bool {
        let log = self.store.logs.get(&Topic::Session(session));
        let is_failure = |event: &LoggedEvent| {
            matches!(&event.content, Content::Operator(OperatorEvent::Host {
                host, to: SessionHostState::MaintenanceFailed, ..
            }) if host == name)
        };
        log.is_some_and(|log| log.iter().any(is_failure))
    }

    /// Invariants 2, 4 and 18, from the log and the commits.
    fn log_adds_up(&mut self) {
        let mut counted = vec![0_usize; self.store.commits.len()];
        let mut found = Vec::new();
        let mut last: BTreeMap<NotificationId, Notification> = BTreeMap::new();
        for (topic, log) in &self.store.logs {
            let mut commit = 0;
            for (event, number) in log.iter().zip(1_u64..) {
                self.counts.events += 1;
                if event.number != number || event.commit < commit {
                    found.push((2, format!("{topic:?}: {event:?} at {number} after {commit}")));
                }
                commit = event.commit;
                counted[usize::try_from(event.commit).unwrap_or(0)] += 1;
                if let Content::Notification(notification) = &event.content {
                    last.insert(notification.id, notification.as_ref().clone());
                }
            }
        }
        for (record, count) in self.store.commits.iter().zip(&counted) {
            if record.events != *count {
                found.push((4, format!("{record:?} has {count} events")));
            }
        }
        for row in self.store.sessions.values() {
            let id = row.session.head.id;
            let revisions =
                self.store.commits.iter().filter(|r| r.session == id).map(|r| r.revision);
            if !revisions.eq(1..=row.session.head.revision) {
                found.push((18, format!("the commits of {id} have gaps")));
            }
            for (notification, stands) in &row.session.notifications {
                let told = last.get(notification).map(visible);
                if told != Some(visible(stands)) {
                    found.push((4, format!("{stands:?} is not what its owner was told: {told:?}")));
                }
            }
        }
        for (invariant, text) in found {
            self.violated(invariant, text);
        }
    }

    /// Whether owners have everything that was told.
    pub(crate) fn everybody_knows(&self) -> bool {
        self.owners.iter().all(|owner| {
            let log = self.store.logs.get(&Topic::Project(owner.project.clone()));
            owner.cursor == log.map_or(0, Vec::len) as u64
        })
    }

    /// Invariants 1, 3, 19 and 22.
    fn owners_have_everything(&mut self) {
        let mut found = Vec::new();
        for owner in &self.owners {
            let topic = Topic::Project(owner.project.clone());
            let log = self.store.logs.get(&topic).map_or(&[][..], Vec::as_slice);
            if owner.cursor != log.len() as u64 {
                let text =
                    format!("{} has {} of {} events", owner.project, owner.cursor, log.len());
                found.push((19, text));
            }
            for (got, is) in owner.journal.iter().zip(log) {
                if got != is {
                    found.push((1, format!("{} has {got:?}, the log {is:?}", owner.project)));
                }
            }
        }
        for (invariant, text) in found {
            self.violated(invariant, text);
        }
    }
}

/// What an owner can read of a notification.
fn visible(notification: &Notification) -> impl PartialEq + std::fmt::Debug + use<> {
    let asked = (
        notification.servers.clone(),
        notification.reply_deadline_time,
        notification.actions_start_time,
    );
    (
        notification.state,
        notification.plan_revision,
        asked,
        notification.counter_offer.clone(),
        notification.scale_in().cloned(),
    )
}
