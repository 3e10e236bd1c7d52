//! What owners see, and what operators see of that. No message to an owner has a host's name.

use fermata_core::Time;
use fermata_core::event::{OwnerEvent, ServerChange, SessionChange};
use fermata_core::policy::unanswered;
use fermata_core::session::{
    CounterOffer, DecisionSource, Head, HostGlimpse, Notification, NotificationKind,
    NotificationState, ScaleIn, ServerKey, ServerState, Session, SessionServer, Verdict,
};
use fermata_core::spec::{Action, Kind};
use fermata_core::ways;
use fermata_proto::v1;

use super::reason as cause_of;
use super::session::{action, kind, server_state, source, window};
use super::{history, policy, span, timestamp};
use crate::parts::{all_or_none, first_ids};

/// A server, and what its owner may know of its host.
pub type ServerOnHost<'a> = (&'a SessionServer, HostGlimpse);

/// A notification with its servers, as things stand now.
pub fn notification<'a>(
    head: &Head,
    notification: &Notification,
    servers: impl Iterator<Item = ServerOnHost<'a>>,
    now: Time,
) -> v1::Notification {
    let spec = &head.spec;
    let servers: Vec<_> = servers.collect();
    let retires = servers.iter().any(|(_, host)| host.kind == Kind::Retirement);
    let notification_kind = if retires { Kind::Retirement } else { spec.kind };
    let server_count = u32::try_from(servers.len()).unwrap_or(u32::MAX);
    let all = servers.into_iter().map(|(server, host)| affected(server, host, head, now));
    let all = all_or_none(all);
    v1::Notification {
        id: notification.id.to_string(),
        project_id: notification.project.to_string(),
        session_id: head.id.to_string(),
        kind: notification_kind_of(&notification.kind).into(),
        state: notification_state(notification.state).into(),
        plan_revision: notification.plan_revision,
        maintenance_kind: kind(notification_kind).into(),
        window: Some(window(spec.window)),
        reason: spec.reason.clone(),
        metadata: spec.metadata.clone().into_iter().collect(),
        servers_omitted: all.is_none(),
        servers: all.unwrap_or_default(),
        server_count,
        reply_deadline_time: Some(timestamp(notification.reply_deadline_time)),
        actions_start_time: Some(timestamp(notification.actions_start_time)),
        default_action: action(spec.default_action).into(),
        create_time: Some(timestamp(notification.created_at)),
        comment: notification.comment.clone(),
        counter_offer: notification.counter_offer.as_ref().map(counter_offer),
        scale_in: notification.scale_in().map(scale_in),
    }
}

/// What a notification is about.
pub fn notification_kind_of(kind: &NotificationKind) -> v1::NotificationKind {
    match kind {
        NotificationKind::Planned => v1::NotificationKind::Planned,
        NotificationKind::Drain(_) => v1::NotificationKind::Drain,
        NotificationKind::ScaleIn(_) => v1::NotificationKind::ScaleIn,
    }
}

fn counter_offer(offer: &CounterOffer) -> v1::CounterOfferStatus {
    let id = |key: &ServerKey| key.server.to_string();
    let (state, declined) = match &offer.verdict {
        Verdict::Open => (v1::CounterOfferState::Planning, None),
        Verdict::Accepted => (v1::CounterOfferState::Accepted, None),
        Verdict::Declined(why) => (v1::CounterOfferState::Declined, Some(why)),
    };
    v1::CounterOfferStatus {
        offer: Some(v1::CounterOffer {
            server_ids: first_ids(offer.servers.iter().map(id)),
            not_before_time: offer.terms.not_before.map(timestamp),
            after_server_ids: first_ids(offer.terms.after.iter().map(id)),
        }),
        state: state.into(),
        reason: declined.map(ToString::to_string).unwrap_or_default(),
        cause: cause_of::declined(declined).into(),
        create_time: Some(timestamp(offer.made_at)),
        server_count: u32::try_from(offer.servers.len()).unwrap_or(u32::MAX),
    }
}

fn scale_in(scale_in: &ScaleIn) -> v1::ScaleIn {
    v1::ScaleIn {
        group_id: scale_in.group.to_string(),
        group_name: scale_in.name.clone(),
        server_count: scale_in.servers,
        suggested_server_ids: first_ids(&scale_in.suggested),
        resources: scale_in.resources.clone().into_iter().collect(),
        group_size: scale_in.size,
    }
}

/// A notification of a session that is at hand.
pub fn notification_in(session: &Session, asked: &Notification, now: Time) -> v1::Notification {
    let of_kind = |key: &ServerKey| {
        let server = session.servers.get(key)?;
        let host = session.hosts.get(&key.host)?;
        Some((server.as_ref(), HostGlimpse::from(host.as_ref())))
    };
    notification(&session.head, asked, asked.servers.iter().filter_map(of_kind), now)
}

/// A notification as operators see it.
pub fn for_operators(session: &Session, asked: &Notification) -> v1::SessionNotification {
    let by_owner = |key: &&ServerKey| {
        let server = session.servers.get(key);
        let decision = server.and_then(|server| server.decision.as_ref());
        decision.is_some_and(|decision| decision.source == DecisionSource::Owner)
    };
    let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    v1::SessionNotification {
        notification_id: asked.id.to_string(),
        project_id: asked.project.to_string(),
        kind: notification_kind_of(&asked.kind).into(),
        host: match &asked.kind {
            NotificationKind::Drain(host) => host.to_string(),
            NotificationKind::Planned | NotificationKind::ScaleIn(_) => String::new(),
        },
        state: notification_state(asked.state).into(),
        reply: asked
            .replied
            .map(|replied| cause_of::reply(replied.kind).into())
            .unwrap_or_default(),
        reply_time: asked.replied.map(|replied| timestamp(replied.at)),
        objection: asked.objection.clone().unwrap_or_default(),
        comment: asked.comment.clone(),
        counter_offer: asked.counter_offer.as_ref().map(counter_offer),
        create_time: Some(timestamp(asked.created_at)),
        reply_deadline_time: Some(timestamp(asked.reply_deadline_time)),
        server_count: length(asked.servers.len()),
        decided_count: length(asked.servers.iter().filter(by_owner).count()),
        history: asked.history.answers.iter().map(history::answer).collect(),
        history_left_out: asked.history.left_out,
    }
}

/// Where a notification stands.
pub fn notification_state(state: NotificationState) -> v1::NotificationState {
    match state {
        NotificationState::Pending => v1::NotificationState::Pending,
        NotificationState::Answered => v1::NotificationState::Answered,
        NotificationState::Rejected => v1::NotificationState::Rejected,
        NotificationState::Expired => v1::NotificationState::Expired,
        NotificationState::Closed => v1::NotificationState::Closed,
        NotificationState::CounterOffered => v1::NotificationState::CounterOffered,
    }
}

/// A server and what the session means for it.
pub fn affected(
    server: &SessionServer,
    host: HostGlimpse,
    head: &Head,
    now: Time,
) -> v1::AffectedServer {
    let spec = &head.spec;
    let expected_start = host.expected_start(head, now).filter(|_| server.state.is_open());
    let kind = host.kind;
    let decision = server.decision.as_ref();
    let decided = decision.map(|d| d.action);
    let default = unanswered(&server.policy.policy, spec.default_action, kind);
    let expected = decided.or(default.map(|(action, _)| action)).unwrap_or(spec.default_action);
    // What is done with it has begun; its status is of that.
    let untouched = server.state == ServerState::Affected && server.act.is_none();
    let note = ways::note(Some(expected), &server.status, kind).filter(|_| untouched);
    let status_note = note.unwrap_or_default();
    let impact = match expected {
        Action::Keep => v1::Impact::Down,
        Action::OwnAction => v1::Impact::OwnAction,
        Action::LiveMigrate | Action::Migrate if decided.is_none() && kind == Kind::Retirement => {
            v1::Impact::RemovedWithHost
        }
        Action::LiveMigrate | Action::Migrate => v1::Impact::Move,
    };
    v1::AffectedServer {
        server_id: server.key.server.to_string(),
        name: server.name.clone(),
        host_id: server.host_id.clone(),
        impact: impact.into(),
        allowed_actions: Action::allowed(kind).iter().map(|a| action(*a).into()).collect(),
        decision: decided.map(|a| action(a).into()).unwrap_or_default(),
        state: server_state(server.state).into(),
        decision_source: decision.map(|d| source(d.source).into()).unwrap_or_default(),
        default_action: default.map(|(act, _)| action(act).into()).unwrap_or_default(),
        default_action_source: default.map(|(_, by)| source(by).into()).unwrap_or_default(),
        lead_time: Some(span(server.lead_time(spec))),
        policy: policy::effective(&server.policy),
        agreed_not_before_time: server.terms.not_before.map(timestamp),
        agreed_after_server_ids: first_ids(server.terms.after.iter().map(|k| &k.server)),
        expected_start_time: expected_start.map(timestamp),
        status: server.status.name().to_owned(),
        status_note,
    }
}

/// An event for an owner; `None` if it is about a notification that is not there.
pub fn event(session: &Session, event: &OwnerEvent) -> Option<v1::OwnerEvent> {
    use v1::owner_event::Event;
    let session_id = session.head.id.to_string();
    let event = match event {
        OwnerEvent::Notification(id) => Event::Notification(notification_in(
            session,
            session.notifications.get(id)?,
            session.head.updated_at,
        )),
        OwnerEvent::Server { server, name, host_id, change, action: act, state, detail } => {
            let (cause, detail) = cause_of::of_server(detail.as_ref());
            Event::Server(v1::ServerEvent {
                session_id,
                server_id: server.to_string(),
                name: name.clone(),
                host_id: host_id.clone(),
                change: server_change(*change).into(),
                action: act.map(|a| action(a).into()).unwrap_or_default(),
                detail,
                cause: cause.into(),
                state: server_state(*state).into(),
            })
        }
        OwnerEvent::Session { change, reason, cause, servers } => {
            Event::Session(v1::OwnerSessionEvent {
                session_id,
                change: session_change(*change).into(),
                reason: reason.clone(),
                cause: cause.map(|c| cause_of::session(c).into()).unwrap_or_default(),
                session_reason: session.head.spec.reason.clone(),
                server_ids: first_ids(servers),
                server_count: u32::try_from(servers.len()).unwrap_or(u32::MAX),
            })
        }
    };
    Some(v1::OwnerEvent { event: Some(event) })
}

fn server_change(change: ServerChange) -> v1::ServerChange {
    match change {
        ServerChange::ActionStarted => v1::ServerChange::ActionStarted,
        ServerChange::ActionDone => v1::ServerChange::ActionDone,
        ServerChange::ActionFailed => v1::ServerChange::ActionFailed,
        ServerChange::WentDown => v1::ServerChange::WentDown,
        ServerChange::IsBack => v1::ServerChange::IsBack,
        ServerChange::Gone => v1::ServerChange::Gone,
        ServerChange::HandedOver => v1::ServerChange::HandedOver,
    }
}

fn session_change(change: SessionChange) -> v1::OwnerSessionChange {
    match change {
        SessionChange::Started => v1::OwnerSessionChange::Started,
        SessionChange::Paused => v1::OwnerSessionChange::Paused,
        SessionChange::Resumed => v1::OwnerSessionChange::Resumed,
        SessionChange::Completed => v1::OwnerSessionChange::Completed,
        SessionChange::Cancelled => v1::OwnerSessionChange::Cancelled,
        SessionChange::DrainGivenUp => v1::OwnerSessionChange::DrainGivenUp,
        SessionChange::HostBack => v1::OwnerSessionChange::HostBack,
        SessionChange::DrainPutOff => v1::OwnerSessionChange::DrainPutOff,
    }
}
