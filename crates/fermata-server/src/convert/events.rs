//! The events of a transition, encoded for the log: what a stream sends but for the sequence number
//! and the resume token, which are added when they are known. Protobuf messages may be put together
//! from pieces, so the piece in the log never has to be decoded again.

use bytes::BufMut;
use fermata_core::Time;
use fermata_core::event::{HostEvent, OperatorEvent};
use fermata_core::id::SessionId;
use fermata_core::machine::Transition;
use fermata_core::session::{Notification, Session};
use fermata_proto::v1;
use fermata_store::{NewEvent, Topic};
use prost::Message;

use super::host::host_state as infrastructure_state;
use super::reason as cause_of;
use super::session::{action, host_state, progress, server_state, servers_of, state};
use super::{owner, timestamp};
use crate::parts::first_ids;

/// Field numbers that all streamed responses share.
const SEQUENCE: u32 = 2;

/// All events of a transition, but for those of hosts.
pub fn of(transition: &Transition) -> Vec<NewEvent> {
    let session = &transition.next;
    let id = session.head.id;
    let time = Some(timestamp(session.head.updated_at));
    let mut events = Vec::new();
    for (project, event) in &transition.outbox.owners {
        let Some(event) = owner::event(session, event) else { continue };
        let message = v1::SubscribeResponse {
            time,
            message: Some(v1::subscribe_response::Message::Event(event)),
            ..Default::default()
        };
        events.push(new(Topic::Project(project.clone()), id, &message));
    }
    for event in &transition.outbox.operators {
        let message = v1::WatchSessionResponse {
            time,
            message: Some(v1::watch_session_response::Message::Event(operator(session, event))),
            ..Default::default()
        };
        events.push(new(Topic::Session(id), id, &message));
    }
    events
}

fn new(topic: Topic, session: SessionId, message: &impl Message) -> NewEvent {
    NewEvent { topic, session: Some(session), payload: message.encode_to_vec() }
}

/// The body of a frame: a piece from the log, and its sequence.
pub fn with_sequence(payload: &[u8], sequence: u64) -> bytes::Bytes {
    let mut body = bytes::BytesMut::with_capacity(payload.len() + 11);
    body.put_slice(payload);
    prost::encoding::uint64::encode(SEQUENCE, &sequence, &mut body);
    body.freeze()
}

fn operator(session: &Session, event: &OperatorEvent) -> v1::SessionEvent {
    use v1::session_event::Event;
    let event = match event {
        OperatorEvent::Session { from, to, reason } => Event::Session(v1::SessionStateChanged {
            previous_state: from.map(|s| state(s).into()).unwrap_or_default(),
            state: state(*to).into(),
            reason: reason.to_string(),
            cause: cause_of::session(reason.cause()).into(),
        }),
        OperatorEvent::Host { host, from, to, reason } => Event::Host(v1::SessionHostChanged {
            host: host.to_string(),
            previous_state: host_state(*from).into(),
            state: host_state(*to).into(),
            reason: reason.to_string(),
            cause: cause_of::host(reason.cause()).into(),
            servers_total: servers_of(session, host).0,
            servers_done: servers_of(session, host).1,
        }),
        OperatorEvent::Server { key, name, project, state, action: act, destination, detail } => {
            let (cause, detail) = cause_of::of_server(detail.as_ref());
            Event::Server(v1::SessionServerChanged {
                server_id: key.server.to_string(),
                name: name.clone(),
                project_id: project.to_string(),
                host: key.host.to_string(),
                state: server_state(*state).into(),
                action: act.map(|a| action(a).into()).unwrap_or_default(),
                destination_host: destination.as_ref().map(ToString::to_string).unwrap_or_default(),
                detail,
                cause: cause.into(),
            })
        }
        OperatorEvent::OwnerAsked { notification } => {
            let row = session.notifications.get(notification);
            Event::OwnerAsked(v1::OwnerAsked {
                notification_id: notification.to_string(),
                project_id: row.map(|n| n.project.to_string()).unwrap_or_default(),
                kind: row.map(|n| owner::notification_kind_of(&n.kind).into()).unwrap_or_default(),
                server_count: row.map(|n| asked_about(n)).unwrap_or_default(),
            })
        }
        OperatorEvent::OwnerReplied { notification, reply, comment } => {
            Event::OwnerReplied(v1::OwnerReplied {
                notification_id: notification.to_string(),
                project_id: session
                    .notifications
                    .get(notification)
                    .map(|n| n.project.to_string())
                    .unwrap_or_default(),
                kind: cause_of::reply(*reply).into(),
                comment: comment.clone(),
            })
        }
        OperatorEvent::CounterOfferJudged { notification, declined, changed } => {
            let project = session.notifications.get(notification).map(|n| n.project.to_string());
            let state = match declined {
                None => v1::CounterOfferState::Accepted,
                Some(_) => v1::CounterOfferState::Declined,
            };
            Event::CounterOfferJudged(v1::CounterOfferJudged {
                notification_id: notification.to_string(),
                project_id: project.unwrap_or_default(),
                state: state.into(),
                reason: declined.as_ref().map(ToString::to_string).unwrap_or_default(),
                cause: cause_of::declined(declined.as_ref()).into(),
                changed_project_ids: first_ids(changed),
            })
        }
        OperatorEvent::HoldBroken { host, servers } => Event::HoldBroken(v1::HoldBroken {
            host: host.to_string(),
            server_ids: first_ids(servers),
        }),
    };
    v1::SessionEvent {
        session_id: session.head.id.to_string(),
        progress: Some(progress(session.progress())),
        event: Some(event),
    }
}

fn asked_about(notification: &Notification) -> u32 {
    let servers = u32::try_from(notification.servers.len()).unwrap_or(u32::MAX);
    notification.scale_in().map_or(servers, |scale_in| scale_in.servers)
}

/// An event of a host.
pub fn of_host(event: &HostEvent, at: Time) -> Vec<u8> {
    let told = v1::HostEvent {
        host: event.host.to_string(),
        previous_state: event
            .from
            .map(|from| infrastructure_state(from).into())
            .unwrap_or_default(),
        state: infrastructure_state(event.to).into(),
        reason: event.reason.clone(),
        cause: event.cause.map(|cause| cause_of::host(cause).into()).unwrap_or_default(),
        session_id: event.session.map(|session| session.to_string()).unwrap_or_default(),
        intruder_server_ids: first_ids(&event.intruders),
    };
    let message = v1::WatchHostsResponse {
        time: Some(timestamp(at)),
        message: Some(v1::watch_hosts_response::Message::Event(told)),
        ..Default::default()
    };
    message.encode_to_vec()
}
