//! The normal form of a state: what cannot make a difference any more is the same in all states, so that states
//! that differ in nothing else are one.
//!
//! - Times that passed are [`NOW`], or nothing where that means the same; records of when something was are NOW.
//! - Revisions, plan revisions and epochs are small numbers that keep their order; so are numbers of calls, of
//!   notifications and of migrations.
//! - Memory of a replica that it could only use for writes or calls that it would be refused is forgotten.
//! - Notifications that are closed are forgotten, and announcements once the session has started: in the model
//!   nobody objects, and owners answer only what still waits for an answer.
//! - Of servers that left, and of those on hosts that are done with, only that is kept, and whether they were
//!   handed over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fermata_core::broken::{self, Rule};
use fermata_core::cloud::ServerStatus;
use fermata_core::id::NotificationId;
use fermata_core::reason::{HostReason, SessionReason};
use fermata_core::session::{
    Act, Call, CallId, EarlierDecisions, Head, History, Notification, NotificationKind,
    NotificationState, Op, Phase, ServerState, Session, SessionHost, SessionServer, SessionState,
};
use fermata_core::{Duration, Time};
use uuid::Uuid;

use crate::cloud::{Cloud, Deed, Move};
use crate::digest::digest;
use crate::replica::{FORMER_EPOCH, OWNER_EPOCH};
use crate::site::{NOW, server_id};
use crate::state::{Doing, State, Who};

/// An accepted action is forgotten by the cloud after this; what is longer ago makes no difference.
const LONG_AGO: Duration = Duration::seconds(30);

impl State {
    /// Brings the state into its normal form.
    pub fn normalise(&mut self) {
        self.forget_useless_memory();
        let looked: BTreeSet<usize> = [&self.owner, &self.former]
            .into_iter()
            .filter_map(|doing| match doing {
                Some(Doing::Looked { server, .. } | Doing::Drafted { server, .. }) => Some(*server),
                _ => None,
            })
            .collect();
        let drafted = matches!(self.owner, Some(Doing::Drafted { .. }))
            || matches!(self.former, Some(Doing::Drafted { .. }));
        let session = Arc::make_mut(&mut self.session);
        head(&mut session.head);
        notifications(session);
        for entry in session.hosts.values_mut() {
            replace(entry, host);
        }
        servers(session);
        // A draft is of an older revision, and names calls by the numbers that they have.
        if !drafted {
            session.head.revision = 1;
            let calls = number_calls(session);
            for doing in [&mut self.owner, &mut self.former].into_iter().flatten() {
                renumber(doing, &calls);
            }
        }
        for server in 0..self.cloud.servers.len() {
            migrations(session, &mut self.cloud, server, looked.contains(&server));
        }
        self.air.sort_unstable();
        self.digest = digest(self);
    }

    fn forget_useless_memory(&mut self) {
        let useful = |doing: &Doing| match doing {
            Doing::Nothing => false,
            Doing::Looked { .. }
            | Doing::Drafted { .. }
            | Doing::Sent { .. }
            | Doing::Answered { .. } => Who::Former.may_write(),
            Doing::Begun { .. } => Who::Former.may_call(),
        };
        self.former = self.former.take().filter(useful);
        if self.former.is_none() {
            for flight in &mut self.air {
                flight.waits = flight.waits.filter(|w| *w != Who::Former);
            }
        }
        debug_assert!(
            broken::is(Rule::Epoch) || broken::is(Rule::LeaseMargin) || self.former.is_none()
        );
    }
}

fn replace<T: Clone + PartialEq>(row: &mut Arc<T>, normal: impl FnOnce(&mut T)) {
    let mut next = T::clone(row);
    normal(&mut next);
    if next != **row {
        *row = Arc::new(next);
    }
}

fn coming(at: Time) -> Time {
    at.max(NOW)
}

fn once(at: &mut Option<Time>) {
    *at = at.map(|_| NOW);
}

fn head(head: &mut Head) {
    head.reason = SessionReason::announced();
    head.plan_revision = 1;
    head.created_at = NOW;
    head.updated_at = NOW;
    once(&mut head.started_at);
    once(&mut head.ended_at);
}

fn host(host: &mut SessionHost) {
    // The next read begins after whatever was the last change.
    host.quiet_since = None;
    if let Some(hold) = &mut host.hold {
        hold.since = NOW;
        hold.reason = HostReason::not_its_turn();
    }
    if let Some(call) = &mut host.call {
        normal_call(call);
    }
    once(&mut host.drain_started_at);
    once(&mut host.empty_at);
    once(&mut host.work_ended_at);
    once(&mut host.ended_at);
    if host.state.is_settled() {
        host.reason = HostReason::not_its_turn();
        host.returned_because = None;
        host.drain_started_at = None;
        host.deadline = None;
        host.empty_at = None;
        host.work_ended_at = None;
    }
}

fn normal_call(call: &mut Call) {
    call.not_before = coming(call.not_before);
    call.epoch = match call.phase {
        Phase::Begun if call.epoch >= OWNER_EPOCH => OWNER_EPOCH,
        Phase::Begun => FORMER_EPOCH,
        Phase::Planned | Phase::Accepted { .. } | Phase::Unresolved { .. } => 0,
    };
    match &mut call.phase {
        Phase::Planned => {}
        Phase::Begun => call.not_before = NOW,
        Phase::Accepted { at } => {
            call.not_before = NOW;
            *at = (*at).max(NOW - LONG_AGO);
        }
        Phase::Unresolved { settles_at } => {
            call.not_before = NOW;
            *settles_at = coming(*settles_at);
        }
    }
}

fn servers(session: &mut Session) {
    let over: BTreeSet<_> = session
        .hosts
        .values()
        .filter(|h| h.state.is_settled() && !h.state.is_failed())
        .map(|h| h.host.clone())
        .collect();
    for (key, entry) in &mut session.servers {
        let host_is_over = over.contains(&key.host);
        replace(entry, |entry| server(entry, host_is_over));
    }
}

fn server(entry: &mut SessionServer, host_is_over: bool) {
    entry.name.clear();
    entry.host_id.clear();
    entry.error = None;
    entry.earlier = EarlierDecisions::default();
    entry.retry_at = entry.retry_at.filter(|at| *at > NOW);
    once(&mut entry.told_at);
    once(&mut entry.act_started_at);
    entry.act_ended_at = None;
    if let Some(decision) = &mut entry.decision {
        decision.at = NOW;
    }
    if let Some(Act { call, begun_at, .. }) = &mut entry.act {
        normal_call(call);
        once(begun_at);
    }
    let left = matches!(entry.state, ServerState::Moved | ServerState::Gone);
    if entry.act.is_some() || !(left || host_is_over) {
        return;
    }
    if entry.state != ServerState::HandedOver {
        entry.state = ServerState::Moved;
    }
    entry.status = ServerStatus::Active;
    entry.decision = None;
    entry.failures = 0;
    entry.retry_at = None;
    entry.stuck = false;
    entry.was_running = false;
    entry.said_done = false;
    entry.told_at = None;
    entry.act_started_at = None;
    entry.destination = None;
}

fn notifications(session: &mut Session) {
    let scheduled = session.head.state == SessionState::Scheduled;
    let kept = std::mem::take(&mut session.notifications).into_values().filter(|n| {
        n.state != NotificationState::Closed && (scheduled || n.kind != NotificationKind::Planned)
    });
    session.notifications = kept
        .zip(1_u128..)
        .map(|(mut row, number)| {
            let id = NotificationId(Uuid::from_u128(number));
            replace(&mut row, |row| notification(row, id));
            (id, row)
        })
        .collect();
}

fn notification(notification: &mut Notification, id: NotificationId) {
    notification.id = id;
    notification.plan_revision = 1;
    notification.created_at = NOW;
    notification.comment.clear();
    notification.history = History::default();
    notification.actions_start_time = coming(notification.actions_start_time);
    notification.reply_deadline_time = if notification.state == NotificationState::Pending {
        coming(notification.reply_deadline_time)
    } else {
        NOW
    };
}

/// Numbers calls from 1, in their order.
fn number_calls(session: &mut Session) -> BTreeMap<CallId, CallId> {
    let hosts = session.hosts.values().filter_map(|h| h.call.as_ref());
    let servers = session.servers.values().filter_map(|s| s.act.as_ref().map(|a| &a.call));
    let ids: BTreeSet<CallId> = hosts.chain(servers).map(|call| call.id).collect();
    let new: BTreeMap<_, _> = ids.into_iter().zip((1..).map(CallId)).collect();
    for row in session.hosts.values_mut() {
        replace(row, |host| {
            if let Some(call) = &mut host.call {
                call.id = new[&call.id];
            }
        });
    }
    for row in session.servers.values_mut() {
        replace(row, |server| {
            if let Some(act) = &mut server.act {
                act.call.id = new[&act.call.id];
            }
        });
    }
    session.head.next_call = new.len() as u64 + 1;
    new
}

fn renumber(doing: &mut Doing, new: &BTreeMap<CallId, CallId>) {
    match doing {
        Doing::Nothing => {}
        Doing::Looked { call, .. }
        | Doing::Drafted { call, .. }
        | Doing::Begun { call, .. }
        | Doing::Sent { call }
        // 0: the session does not know it any more.
        | Doing::Answered { call, .. } => *call = new.get(call).copied().unwrap_or(CallId(0)),
    }
}

/// Of a server's migrations counts only one that is newer than what was seen before the call under way.
fn migrations(session: &mut Session, cloud: &mut Cloud, number: usize, looked: bool) {
    let id = server_id(number);
    let row = session.servers.values_mut().find(|s| s.key.server == id && s.act.is_some());
    let newest = cloud.servers[number].newest;
    let runs = matches!(
        cloud.servers[number].job,
        Some((Deed::LiveMigrate | Deed::Migrate | Deed::Confirm, _))
    );
    let Some(act) = row.as_ref().and_then(|row| row.act.as_ref()) else {
        if !looked && !runs {
            cloud.servers[number].newest = None;
        } else if let Some(newest) = newest {
            cloud.servers[number].newest = Some(Move { id: 1, ..newest });
        }
        return;
    };
    let before_look = act.call.phase == Phase::Planned && act.call.op != Op::ConfirmMigration;
    let counts = newest.is_some_and(|m| before_look || act.baseline.is_none_or(|b| m.id > b.0));
    cloud.servers[number].newest =
        newest.filter(|_| counts && (!before_look || looked || runs)).map(|m| Move { id: 1, ..m });
    if let Some(row) = row {
        replace(row, |row| {
            if let Some(act) = &mut row.act {
                act.baseline = None;
            }
        });
    }
}
