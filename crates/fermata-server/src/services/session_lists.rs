//! What grows with a session, page by page: its hosts, its servers, its report.

use std::sync::Arc;

use fermata_core::Time;
use fermata_core::session::{Notification, Session, SessionHost, SessionServer};
use fermata_proto::v1;

use super::page::{self, Paging, Sizes};
use super::session_id;
use crate::convert::incoming::Reader;
use crate::convert::{owner, report, session as convert};
use crate::door::Entered;
use crate::error::ServeError;
use crate::parts::weight;

/// The hosts of a session.
pub(super) async fn hosts(
    Entered { message: request, call, app }: Entered<'_, v1::ListSessionHostsRequest>,
) -> Result<v1::ListSessionHostsResponse, ServeError> {
    let id = session_id(&request.session_id)?;
    let by_name = match request.order_by.as_str() {
        "" | "plan" => false,
        "host" => true,
        other => {
            let text = format!("'{other}' is unknown; use 'plan' or 'host'");
            return Err(ServeError::field("order_by", text));
        }
    };
    let mut reader = Reader::default();
    let states = request.filter.clone().unwrap_or_default().states;
    let list = format!("ListSessionHosts {id} {:?} {by_name}", request.filter);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 100, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(|host| Some(host.to_owned()))?;
    let session = app.sessions(&call).load(id).await?;
    let mut ordered = convert::in_order(&session);
    if by_name {
        ordered.sort_by(|a, b| a.host.cmp(&b.host));
    }
    let from = match &after {
        None => 0,
        Some(after) => 1 + ordered.iter().take_while(|h| h.host.as_str() != after).count(),
    };
    let wanted = ordered
        .into_iter()
        .skip(from)
        .filter(|h| states.is_empty() || states.contains(&i32::from(convert::host_state(h.state))));
    let (hosts, next_page_token) =
        paging.close(wanted, |h| convert::host(&session, h, app.now()), |h| h.host.to_string());
    Ok(v1::ListSessionHostsResponse { hosts, next_page_token })
}

/// The servers of a session, by host and id.
pub(super) async fn servers(
    Entered { message: request, call, app }: Entered<'_, v1::ListSessionServersRequest>,
) -> Result<v1::ListSessionServersResponse, ServeError> {
    let id = session_id(&request.session_id)?;
    let filter = request.filter.clone().unwrap_or_default();
    let mut reader = Reader::default();
    let list = format!("ListSessionServers {id} {:?}", request.filter);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 500, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(Place::read)?;
    let session = app.sessions(&call).load(id).await?;
    let is_wanted = |s: &&Arc<SessionServer>| {
        after.as_ref().is_none_or(|after| after.is_before(s))
            && (filter.host.is_empty() || s.key.host.as_str() == filter.host)
            && (filter.project_id.is_empty() || s.project.as_str() == filter.project_id)
            && (filter.states.is_empty()
                || filter.states.contains(&i32::from(convert::server_state(s.state))))
    };
    let wanted = session.servers.values().filter(is_wanted);
    let (servers, next_page_token) =
        paging.close(wanted, |s| convert::server(s), |s| Place::of(s).cursor());
    Ok(v1::ListSessionServersResponse { servers, next_page_token })
}

/// What the owners of a session were asked, and what they replied.
pub(super) async fn notifications(
    Entered { message: request, call, app }: Entered<'_, v1::ListSessionNotificationsRequest>,
) -> Result<v1::ListSessionNotificationsResponse, ServeError> {
    let id = session_id(&request.session_id)?;
    let filter = request.filter.clone().unwrap_or_default();
    let mut reader = Reader::default();
    let list = format!("ListSessionNotifications {id} {:?}", request.filter);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 100, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    // Ids of notifications rise with time.
    let place = |n: &Notification| format!("{} {}", n.id, n.project);
    let after = paging.after(|place| Some(place.to_owned()))?;
    let session = app.sessions(&call).load(id).await?;
    let mut all: Vec<_> = session.notifications.values().collect();
    all.sort_by(|a, b| (&a.project, a.id).cmp(&(&b.project, b.id)));
    let from = match &after {
        None => 0,
        Some(after) => 1 + all.iter().take_while(|n| place(n) != *after).count(),
    };
    let wanted = all.into_iter().skip(from).filter(|n| {
        let state = i32::from(owner::notification_state(n.state));
        (filter.project_id.is_empty() || n.project.as_str() == filter.project_id)
            && (filter.states.is_empty() || filter.states.contains(&state))
    });
    let (notifications, next_page_token) =
        paging.close(wanted, |n| owner::for_operators(&session, n), |n| place(n));
    Ok(v1::ListSessionNotificationsResponse { notifications, next_page_token })
}

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
    let after = paging.after(Place::read)?;
    let session = app.sessions(&call).load(id).await?;
    let (hosts, next) = report_page(&session, after.as_ref(), paging.size(), app.now());
    let next_page_token = next.map(|at| paging.token(&at.cursor())).unwrap_or_default();
    let report = v1::SessionReport { hosts, ..report::report(&session, app.now()) };
    Ok(v1::GetSessionReportResponse { report: Some(report), next_page_token })
}

/// The hosts of one page of the report, and where the next page goes on.
fn report_page(
    session: &Session,
    after: Option<&Place>,
    size: u64,
    now: Time,
) -> (Vec<v1::HostReport>, Option<Place>) {
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
            return (hosts, Some(Place::after(last, begun)));
        }
        room = room.saturating_sub(needed);
        hosts.extend(head);
        if let (Some(host), Some(server)) = (hosts.last_mut(), server) {
            host.servers.push(server);
        }
        last = Some(row);
    }
    (hosts, None)
}

/// A page of the report is closed before it grows beyond this.
const PAGE: usize = 256 << 10;

/// A host of the report, or a server on it.
struct Row<'a> {
    host: &'a SessionHost,
    server: Option<&'a Arc<SessionServer>>,
}

/// A place in a list of servers by host.
struct Place {
    host: String,
    /// `None`: after the whole host.
    server: Option<String>,
}

impl Place {
    fn of(server: &SessionServer) -> Self {
        let (host, server) = (server.key.host.to_string(), server.key.server.to_string());
        Self { host, server: Some(server) }
    }

    /// After a row; `begun` says that there is more of its host.
    fn after(row: &Row<'_>, begun: bool) -> Self {
        let server = row.server.filter(|_| begun).map(|s| s.key.server.to_string());
        // A host whose row alone filled the page goes on before its first server.
        let server = if begun { Some(server.unwrap_or_default()) } else { None };
        Self { host: row.host.host.to_string(), server }
    }

    fn is_before(&self, server: &SessionServer) -> bool {
        let key = (server.key.host.as_str(), Some(server.key.server.as_str()));
        key > (self.host.as_str(), self.server.as_deref())
    }

    fn cursor(&self) -> String {
        match &self.server {
            None => self.host.clone(),
            Some(server) => format!("{}\n{server}", self.host),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (host, server) = match cursor.split_once('\n') {
            None => (cursor, None),
            Some((host, server)) => (host, Some(server.to_owned())),
        };
        (!host.is_empty()).then(|| Self { host: host.to_owned(), server })
    }
}
