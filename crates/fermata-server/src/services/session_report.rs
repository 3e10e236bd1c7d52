//! The report of a session, page by page: its hosts with their servers, then what owners were asked and replied.

use std::sync::Arc;

use fermata_core::Time;
use fermata_core::session::{Session, SessionHost, SessionServer};
use fermata_proto::v1;

use super::page::{self, Paging, Sizes};
use super::session_id;
use super::session_lists::{Place, question_place, questions_after};
use crate::convert::incoming::Reader;
use crate::convert::{owner, report, session as convert};
use crate::door::Entered;
use crate::error::ServeError;
use crate::parts::weight;

/// A page is closed before it grows beyond this.
const PAGE: usize = 256 << 10;

/// What a session did.
pub(super) async fn report(
    Entered { message: request, call, app }: Entered<'_, v1::GetSessionReportRequest>,
) -> Result<v1::GetSessionReportResponse, ServeError> {
    let id = session_id(&request.session_id)?;
    let mut reader = Reader::default();
    let list = format!("GetSessionReport {id}");
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 50, most: 500 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(After::read)?;
    let session = app.sessions(&call).load(id).await?;
    let (page, next) = report_page(&session, after, paging.size(), app.now());
    let next_page_token = next.map(|at| paging.token(&at.cursor())).unwrap_or_default();
    let whole = report::report(&session, app.now());
    let report =
        v1::SessionReport { hosts: page.hosts, notifications: page.notifications, ..whole };
    Ok(v1::GetSessionReportResponse { report: Some(report), next_page_token })
}

/// What is on one page.
#[derive(Default)]
struct Page {
    hosts: Vec<v1::HostReport>,
    notifications: Vec<v1::SessionNotification>,
}

/// After what a page begins.
enum After {
    /// After a host or one of its servers.
    Host(Place),
    /// After all hosts, and after this question; `None`: before the first one.
    Question(Option<String>),
}

impl After {
    /// No host has an empty name.
    fn cursor(&self) -> String {
        match self {
            Self::Host(place) => place.cursor(),
            Self::Question(place) => format!("\n{}", place.as_deref().unwrap_or_default()),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        match cursor.strip_prefix('\n') {
            Some("") => Some(Self::Question(None)),
            Some(place) => Some(Self::Question(Some(place.to_owned()))),
            None => Place::read(cursor).map(Self::Host),
        }
    }
}

/// A page of the report, and after what the next one begins.
fn report_page(
    session: &Session,
    after: Option<After>,
    size: u64,
    now: Time,
) -> (Page, Option<After>) {
    let mut page = Page::default();
    let mut room = PAGE;
    let (host, mut last) = match after {
        None => (Some(None), None),
        Some(After::Host(place)) => (Some(Some(place)), None),
        Some(After::Question(place)) => (None, place),
    };
    if let Some(host) = host {
        let (hosts, next, left) = hosts_of_page(session, host.as_ref(), size, now);
        (page.hosts, room) = (hosts, left);
        if let Some(next) = next {
            return (page, Some(After::Host(next)));
        }
    }
    for question in questions_after(session, last.clone().as_deref()) {
        let message = owner::for_operators(session, question);
        let needed = weight(&message);
        let is_first = page.hosts.is_empty() && page.notifications.is_empty();
        if needed > room && !is_first {
            return (page, Some(After::Question(last)));
        }
        room = room.saturating_sub(needed);
        page.notifications.push(message);
        last = Some(question_place(question));
    }
    (page, None)
}

/// The hosts of one page, where the next page goes on with them, and how much room is left.
fn hosts_of_page(
    session: &Session,
    after: Option<&Place>,
    size: u64,
    now: Time,
) -> (Vec<v1::HostReport>, Option<Place>, usize) {
    let ordered = convert::in_order(session);
    let from = match after {
        None => 0,
        Some(at) => {
            let before = ordered.iter().take_while(|h| h.host.as_str() != at.host).count();
            before + usize::from(at.server.is_none())
        }
    };
    let rest = after.filter(|at| at.server.is_some());
    let rows = ordered.into_iter().skip(from).enumerate();
    let rows = rows.flat_map(|(i, host)| {
        // The first host may have been begun on the page before.
        let rest = rest.filter(|_| i == 0);
        let servers = session.servers_of(&host.host);
        let servers = servers.filter(move |s| rest.is_none_or(|at| at.is_before(s)));
        // A host without servers has a row, too.
        let head = rest.is_none().then_some(Row { host, server: None });
        head.into_iter().chain(servers.map(move |s| Row { host, server: Some(s) }))
    });
    let mut hosts: Vec<v1::HostReport> = Vec::new();
    let mut last: Option<Row<'_>> = None;
    let mut room = PAGE;
    for row in rows {
        let is_new = last.as_ref().is_none_or(|l| l.host.host != row.host.host);
        let head = is_new.then(|| report::host(session, row.host, now));
        let server = row.server.map(|s| report::server(s));
        let needed = head.as_ref().map_or(0, weight) + server.as_ref().map_or(0, weight);
        let full = is_new && hosts.len() as u64 >= size || needed > room;
        if let (true, Some(last)) = (full, &last) {
            let begun = last.host.host == row.host.host;
            return (hosts, Some(place_after(last, begun)), room);
        }
        room = room.saturating_sub(needed);
        hosts.extend(head);
        if let (Some(host), Some(server)) = (hosts.last_mut(), server) {
            host.servers.push(server);
        }
        last = Some(row);
    }
    (hosts, None, room)
}

/// A host of the report, or a server on it.
struct Row<'a> {
    host: &'a SessionHost,
    server: Option<&'a Arc<SessionServer>>,
}

/// The place after a row; `begun` says that there is more of its host.
fn place_after(row: &Row<'_>, begun: bool) -> Place {
    let server = row.server.filter(|_| begun).map(|s| s.key.server.to_string());
    // A host whose row alone filled the page goes on before its first server.
    let server = if begun { Some(server.unwrap_or_default()) } else { None };
    Place { host: row.host.host.to_string(), server }
}
