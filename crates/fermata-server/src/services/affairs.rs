//! A project's affairs, one after the other: what the parts of its snapshot are made of. They are converted when they
//! are asked for, so that the whole snapshot of a large project is never there at once.

use std::sync::Arc;

use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_core::session::{HostGlimpse, NotificationState, ServerKey, SessionServer};
use fermata_proto::v1;
use fermata_store::ProjectAffairs;

use crate::convert::owner;
use crate::parts::{Part, weight};

/// One of a project's affairs.
pub(super) enum Affair {
    /// A server that is affected.
    Server(Box<v1::AffectedServer>),
    /// A notification that is not closed.
    Notification(Box<v1::Notification>),
}

impl Affair {
    /// All of them: servers first.
    pub(super) fn all(affairs: ProjectAffairs, now: Time) -> impl Iterator<Item = Self> {
        let affairs = Arc::new(affairs);
        let (servers, notifications) = (0..affairs.servers.len(), 0..affairs.notifications.len());
        let of_servers = Arc::clone(&affairs);
        let servers = servers.filter_map(move |i| server(&of_servers, i, now));
        servers.chain(notifications.filter_map(move |i| notification(&affairs, i, now)))
    }

    /// What it takes in a message.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Server(server) => weight(server.as_ref()),
            Self::Notification(notification) => weight(notification.as_ref()),
        }
    }

    /// A part of the snapshot.
    pub(super) fn part(part: Part<Self>) -> v1::OwnerSnapshot {
        let Part { number, last, elements } = part;
        let mut snapshot = v1::OwnerSnapshot { part: number, last, ..Default::default() };
        for affair in elements {
            match affair {
                Self::Server(server) => snapshot.servers.push(*server),
                Self::Notification(notification) => snapshot.notifications.push(*notification),
            }
        }
        snapshot
    }
}

fn glimpse(affairs: &ProjectAffairs, session: SessionId, server: &SessionServer) -> HostGlimpse {
    affairs.hosts.get(&(session, server.key.host.clone())).copied().unwrap_or_default()
}

fn server(affairs: &ProjectAffairs, index: usize, now: Time) -> Option<Affair> {
    let (session, server) = affairs.servers.get(index)?;
    let head = affairs.heads.get(session)?;
    let affected = owner::affected(server, glimpse(affairs, *session, server), head, now);
    Some(Affair::Server(Box::new(affected)))
}

fn notification(affairs: &ProjectAffairs, index: usize, now: Time) -> Option<Affair> {
    let (session, notification) = affairs.notifications.get(index)?;
    if notification.state == NotificationState::Closed {
        return None;
    }
    let servers = notification.servers.iter().filter_map(|key| {
        let server = find(affairs, *session, key)?;
        Some((server, glimpse(affairs, *session, server)))
    });
    let head = affairs.heads.get(session)?;
    Some(Affair::Notification(Box::new(owner::notification(head, notification, servers, now))))
}

/// A server by its key. The store gives them in this order.
fn find<'a>(
    affairs: &'a ProjectAffairs,
    session: SessionId,
    key: &ServerKey,
) -> Option<&'a SessionServer> {
    let servers = &affairs.servers;
    let at = servers.binary_search_by(|(of, server)| (of, &server.key).cmp(&(&session, key)));
    servers.get(at.ok()?).map(|(_, server)| server)
}
