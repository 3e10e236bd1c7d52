//! One number for a state in its normal form. Every field is named, so that a new one is not forgotten.

use std::hash::{DefaultHasher, Hash, Hasher};

use fermata_core::cloud::ServerStatus;
use fermata_core::session::{
    Act, Call, Goal, Head, Notification, NotificationKind, Op, Phase, SchedulingFact, Session,
    SessionHost, SessionServer, SessionState,
};
use fermata_core::{Duration, Time};

use crate::cloud::Deed;
use crate::site::NOW;
use crate::state::{Doing, State};

/// The number of a state.
pub fn digest(state: &State) -> u64 {
    let State { session, owner, former, air, cloud, left, told, wrong, digest: _ } = state;
    let mut hasher = DefaultHasher::new();
    hash_session(session, &mut hasher);
    for doing in [owner, former] {
        hash_doing(doing.as_ref(), &mut hasher);
    }
    (air, cloud, left, told, wrong).hash(&mut hasher);
    hasher.finish()
}

fn hash_doing(doing: Option<&Doing>, h: &mut DefaultHasher) {
    match doing {
        None => 0_u8.hash(h),
        Some(Doing::Nothing) => 1_u8.hash(h),
        Some(Doing::Looked { call, server, seen }) => (2_u8, call, server, seen).hash(h),
        Some(Doing::Drafted { before, call, server, seen }) => {
            (3_u8, call, server, seen).hash(h);
            hash_session(before, h);
        }
        Some(Doing::Begun { call, target, op }) => (4_u8, call, target, Deed::of(*op)).hash(h),
        Some(Doing::Sent { call }) => (5_u8, call).hash(h),
        Some(Doing::Answered { call, answer }) => (6_u8, call, answer).hash(h),
    }
}

fn until(at: Time) -> Duration {
    at - NOW
}

fn when(at: Option<Time>) -> Option<Duration> {
    at.map(until)
}

fn hash_session(session: &Session, h: &mut DefaultHasher) {
    let Session { head, hosts, servers, notifications } = session;
    hash_head(head, h);
    for host in hosts.values() {
        hash_host(host, h);
    }
    servers.len().hash(h);
    for server in servers.values() {
        hash_server(server, h);
    }
    notifications.len().hash(h);
    for notification in notifications.values() {
        hash_notification(notification, h);
    }
}

fn hash_head(head: &Head, h: &mut DefaultHasher) {
    // What was asked for never changes in the model; nothing of it is told here.
    let Head {
        id: _,
        revision,
        spec: _,
        state,
        reason,
        plan_revision,
        created_at,
        updated_at,
        started_at,
        ended_at,
        paused_at,
        start_requested,
        trouble,
        unreadable,
        // They go by the plan.
        notes: _,
        outages,
        // A plan is made at once, and is always the same.
        course: _,
        next_call,
        trace_parent,
    } = head;
    let state = SessionState::ALL.iter().position(|s| s == state);
    (revision, state, reason, plan_revision, until(*created_at), until(*updated_at)).hash(h);
    (when(*started_at), when(*ended_at), when(*paused_at), start_requested).hash(h);
    (
        trouble.as_ref().map(|t| (until(t.since), t.kind, &t.detail)),
        unreadable,
        outages,
        next_call,
        trace_parent,
    )
        .hash(h);
}

fn hash_host(host: &SessionHost, h: &mut DefaultHasher) {
    let SessionHost {
        host,
        kind: _,
        state,
        reason,
        scheduling,
        down,
        servers_known,
        empty_reads,
        arriving,
        quiet_since,
        hold,
        turn: _,
        expected_at: _,
        goal,
        returned_because: _,
        call,
        drain_started_at,
        deadline,
        empty_at,
        work_ended_at,
        ended_at,
        intruders,
    } = host;
    (host, *state as u8, reason, (down, servers_known), empty_reads, when(*quiet_since)).hash(h);
    arriving.hash(h);
    match scheduling {
        SchedulingFact::Untouched => 0_u8.hash(h),
        SchedulingFact::DisabledByUs => 1_u8.hash(h),
        SchedulingFact::DisabledBefore { reason } => (2_u8, reason).hash(h),
    }
    (hold.as_ref().map(|x| (&x.reason, until(x.since))), goal.map(|g: Goal| g as u8)).hash(h);
    call.is_some().hash(h);
    if let Some(call) = call {
        hash_call(call, h);
    }
    (when(*drain_started_at), when(*deadline), when(*empty_at)).hash(h);
    (when(*work_ended_at), when(*ended_at), intruders).hash(h);
}

fn hash_call(call: &Call, h: &mut DefaultHasher) {
    let Call { id, op, phase, epoch, not_before, tries } = call;
    (id, epoch, until(*not_before), tries).hash(h);
    hash_op(*op, h);
    match phase {
        Phase::Planned => 0_u8.hash(h),
        Phase::Begun => 1_u8.hash(h),
        Phase::Accepted { at } => (2_u8, until(*at)).hash(h),
        Phase::Unresolved { settles_at } => (3_u8, until(*settles_at)).hash(h),
    }
}

fn hash_op(op: Op, h: &mut DefaultHasher) {
    op.name().hash(h);
    if let Op::AbortMigration(migration) = op {
        migration.hash(h);
    }
}

fn hash_server(server: &SessionServer, h: &mut DefaultHasher) {
    let SessionServer {
        key,
        name,
        project: _,
        host_id,
        status,
        state,
        // Nobody has policies in the model or makes offers, so nobody waits for groups.
        metadata: _,
        policy: _,
        waits_for: _,
        target: _,
        target_down,
        failed_targets: _,
        terms: _,
        memory_mib: _,
        // No rule looks at it.
        earlier: _,
        decision,
        act,
        failures,
        retry_at,
        stuck,
        was_running,
        said_done,
        told_at,
        act_started_at,
        act_ended_at,
        destination,
        error,
    } = server;
    (key, name, host_id, *state as u8, failures, when(*retry_at), target_down).hash(h);
    match status {
        ServerStatus::Active => 0_u8.hash(h),
        ServerStatus::Shutoff => 1_u8.hash(h),
        ServerStatus::VerifyResize => 2_u8.hash(h),
        ServerStatus::Error => 3_u8.hash(h),
        ServerStatus::Other(word) => (4_u8, word).hash(h),
    }
    decision.as_ref().map(|d| (d.action as u8, d.source as u8, until(d.at))).hash(h);
    act.is_some().hash(h);
    if let Some(Act { target: _, call, deadline, begun_at, baseline, aborting }) = act {
        hash_call(call, h);
        (until(*deadline), when(*begun_at), baseline, aborting).hash(h);
    }
    (stuck, was_running, said_done, when(*told_at), when(*act_started_at)).hash(h);
    (when(*act_ended_at), destination, error).hash(h);
}

fn hash_notification(notification: &Notification, h: &mut DefaultHasher) {
    let Notification {
        id,
        project,
        kind,
        state,
        plan_revision,
        servers,
        reply_deadline_time,
        actions_start_time,
        created_at,
        comment,
        objection,
        // Nobody makes offers in the model.
        replied: _,
        counter_offer: _,
        // No rule looks at it.
        history: _,
    } = notification;
    (id, project, *state as u8, plan_revision, servers, until(*reply_deadline_time)).hash(h);
    match kind {
        NotificationKind::Planned => 0_u8.hash(h),
        NotificationKind::Drain(host) => (1_u8, host).hash(h),
        NotificationKind::ScaleIn(scale_in) => (2_u8, &scale_in.group, scale_in.servers).hash(h),
    }
    (until(*actions_start_time), until(*created_at), comment, objection).hash(h);
}
