//! What is shown, and how news change it.

use std::collections::{BTreeSet, VecDeque};

use fermata_client::v1::{Session, SessionEvent, SessionHost, SessionServer};
use prost_types::Timestamp;
use time::OffsetDateTime;

use super::order::Order;
use crate::view::projects::{ProjectNames, ids_of_session};
use crate::view::session_event;

/// Events that are kept; more do not fit on a screen.
const EVENTS: usize = 100;

/// What the operator looks at: the details of this are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Focus {
    pub(crate) session_id: Option<String>,
    pub(crate) host: Option<String>,
}

/// How things stand, as they were read together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Picture {
    /// Those that are not over, then the last ones that are.
    pub(crate) sessions: Vec<Session>,
    /// What was looked at when it was read.
    pub(crate) focus: Focus,
    /// The session of the focus, with its waits. `None`: there is none any more.
    pub(crate) session: Option<Session>,
    /// Its hosts, in the order of its plan.
    pub(crate) hosts: Vec<SessionHost>,
    /// The servers of the host of the focus.
    pub(crate) servers: Vec<SessionServer>,
}

impl Picture {
    /// The projects of which it speaks.
    pub(crate) fn projects(&self) -> BTreeSet<String> {
        let session = self.session.as_ref();
        let mut ids = session.map(|s| ids_of_session(s, &self.hosts)).unwrap_or_default();
        ids.extend(self.servers.iter().map(|server| server.project_id.clone()));
        ids
    }

    /// Puts the names of projects beside their ids, or in their place where there is no room for both.
    pub(crate) fn name(&mut self, names: &ProjectNames) {
        self.session.iter_mut().for_each(|session| names.in_session(session));
        names.in_session_hosts(&mut self.hosts);
        names.instead_of_ids(&mut self.servers);
    }
}

/// Whether what is shown is how things are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Link {
    /// Nothing was read yet.
    #[default]
    Opening,
    /// It was read just now, and a change would be seen.
    Live,
    /// The server cannot be asked: what is shown is how things were at that time.
    Stale { since: Option<OffsetDateTime>, why: String },
}

/// The list that arrows move in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pane {
    #[default]
    Sessions,
    Hosts,
}

/// The whole screen.
#[derive(Debug, Default)]
pub(crate) struct Top {
    /// `http://127.0.0.1:7400 · 0.1.0 · simulated`
    pub(super) server: String,
    pub(super) link: Link,
    /// When the picture was read.
    read_time: Option<OffsetDateTime>,
    pub(super) picture: Picture,
    pub(super) focus: Focus,
    pub(super) pane: Pane,
    pub(super) events: VecDeque<String>,
    /// The question that is open.
    pub(super) question: Option<Order>,
    pub(super) is_help_open: bool,
    /// What became of the last order.
    pub(super) notice: Option<Notice>,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    Done(String),
    Refused(String),
}

impl Top {
    /// Nothing is read yet; this session will be selected.
    pub(crate) fn new(server: String, session_id: Option<String>) -> Self {
        Self { server, focus: Focus { session_id, host: None }, ..Self::default() }
    }

    pub(crate) fn focus(&self) -> &Focus {
        &self.focus
    }

    /// Shows how things stand. What is selected stays selected as long as it is there.
    pub(crate) fn show(&mut self, picture: Picture, now: OffsetDateTime) {
        self.read_time = Some(now);
        self.link = Link::Live;
        let is_old = picture.focus.session_id != self.focus.session_id;
        let shown = std::mem::replace(&mut self.picture, picture);
        if is_old {
            // It was read while the operator went on to another session: its details are none of that one's.
            self.picture.session = shown.session;
            self.picture.hosts = shown.hosts;
            self.picture.servers = shown.servers;
        } else if self.picture.focus.host != self.focus.host {
            self.picture.servers.clear();
        }
        let ids = self.picture.sessions.iter().map(|session| &session.id);
        self.select_session(kept(self.focus.session_id.as_ref(), ids));
        let hosts = self.picture.hosts.iter().map(|host| &host.host);
        self.select_host(kept(self.focus.host.as_ref(), hosts));
    }

    /// Adds what happened in the session of the focus.
    pub(crate) fn event(
        &mut self,
        event: &SessionEvent,
        at: Option<&Timestamp>,
        now: OffsetDateTime,
    ) {
        if Some(&event.session_id) != self.focus.session_id.as_ref() {
            return;
        }
        if let Some(line) = session_event::line(event, at, now) {
            self.events.push_front(super::panes::bare(&line));
            self.events.truncate(EVENTS);
        }
    }

    /// The server cannot be asked.
    pub(crate) fn lost(&mut self, why: String) {
        self.link = Link::Stale { since: self.read_time, why };
    }

    pub(crate) fn done(&mut self, order: &Order) {
        self.notice = Some(Notice::Done(format!("{}: done", order.title())));
    }

    pub(crate) fn refused(&mut self, order: &Order, why: &str) {
        self.notice = Some(Notice::Refused(format!("{}: {why}", order.title())));
    }

    pub(super) fn select_session(&mut self, id: Option<String>) {
        if id != self.focus.session_id {
            self.focus = Focus { session_id: id, host: None };
            self.picture.session = None;
            self.picture.hosts.clear();
            self.picture.servers.clear();
            self.events.clear();
        }
    }

    pub(super) fn select_host(&mut self, host: Option<String>) {
        if host != self.focus.host {
            self.focus.host = host;
            self.picture.servers.clear();
        }
    }

    pub(super) fn selected_session(&self) -> Option<usize> {
        let id = self.focus.session_id.as_ref()?;
        self.picture.sessions.iter().position(|session| session.id == *id)
    }

    pub(super) fn selected_host(&self) -> Option<usize> {
        let name = self.focus.host.as_ref()?;
        self.picture.hosts.iter().position(|host| host.host == *name)
    }
}

/// What was selected, if it is still there, or else the first.
fn kept<'a>(
    selected: Option<&String>,
    mut there: impl Iterator<Item = &'a String> + Clone,
) -> Option<String> {
    let still = selected.filter(|name| there.clone().any(|other| other == *name));
    still.or_else(|| there.next()).cloned()
}
