//! What grows with a session, page by page: its hosts, its servers, what its owners were asked.

use std::sync::Arc;

use fermata_core::session::{Notification, Session, SessionServer};
use fermata_proto::v1;

use super::page::{self, Paging, Sizes};
use super::session_id;
use crate::convert::incoming::Reader;
use crate::convert::{owner, session as convert};
use crate::door::Entered;
use crate::error::ServeError;

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
    let after = paging.after(|place| Some(place.to_owned()))?;
    let session = app.sessions(&call).load(id).await?;
    let wanted = questions_after(&session, after.as_deref()).filter(|n| {
        let state = i32::from(owner::notification_state(n.state));
        (filter.project_id.is_empty() || n.project.as_str() == filter.project_id)
            && (filter.states.is_empty() || filter.states.contains(&state))
    });
    let (notifications, next_page_token) =
        paging.close(wanted, |n| owner::for_operators(&session, n), |n| question_place(n));
    Ok(v1::ListSessionNotificationsResponse { notifications, next_page_token })
}

/// The questions to owners after one of them, by project and then by the time of the question.
pub(super) fn questions_after<'a>(
    session: &'a Session,
    after: Option<&str>,
) -> impl Iterator<Item = &'a Arc<Notification>> {
    let mut all: Vec<_> = session.notifications.values().collect();
    // Ids of notifications rise with time.
    all.sort_by(|a, b| (&a.project, a.id).cmp(&(&b.project, b.id)));
    let from = match after {
        None => 0,
        Some(after) => 1 + all.iter().take_while(|n| question_place(n) != after).count(),
    };
    all.into_iter().skip(from)
}

/// A place in the list of questions.
pub(super) fn question_place(question: &Notification) -> String {
    format!("{} {}", question.id, question.project)
}

/// A place in a list of servers by host.
pub(super) struct Place {
    pub(super) host: String,
    /// `None`: after the whole host.
    pub(super) server: Option<String>,
}

impl Place {
    fn of(server: &SessionServer) -> Self {
        let (host, server) = (server.key.host.to_string(), server.key.server.to_string());
        Self { host, server: Some(server) }
    }

    pub(super) fn is_before(&self, server: &SessionServer) -> bool {
        let key = (server.key.host.as_str(), Some(server.key.server.as_str()));
        key > (self.host.as_str(), self.server.as_deref())
    }

    pub(super) fn cursor(&self) -> String {
        match &self.server {
            None => self.host.clone(),
            Some(server) => format!("{}\n{server}", self.host),
        }
    }

    pub(super) fn read(cursor: &str) -> Option<Self> {
        let (host, server) = match cursor.split_once('\n') {
            None => (cursor, None),
            Some((host, server)) => (host, Some(server.to_owned())),
        };
        (!host.is_empty()).then(|| Self { host: host.to_owned(), server })
    }
}
