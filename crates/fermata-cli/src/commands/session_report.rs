//! `fermata session report` and `fermata session export`: what happened to every host and server, and what owners were asked.

use fermata_client::v1::{
    GetSessionReportRequest, HostReport, Session, SessionFilter, SessionReport, SessionState,
};
use time::OffsetDateTime;

use super::context::{Context, pages, present};
use super::ids::resolve;
use super::session::listed;
use crate::args::session::{ExportArgs, SessionArg};
use crate::failure::{Exit, Failure};
use crate::output::json;
use crate::output::time::from_proto;
use crate::view;

pub(super) async fn report(args: &SessionArg, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = resolve(context, &args.session).await?;
    let report = read(&session_id, context).await?;
    let servers = report.hosts.iter().flat_map(|host| &host.servers);
    let ids = servers
        .map(|server| &server.project_id)
        .chain(report.notifications.iter().map(|a| &a.project_id));
    let names = context.names_of(ids).await;
    context.screen.answer(&report, |report, now| view::report::report(report, &names, now))
}

pub(super) async fn export(args: ExportArgs, context: &Context<'_>) -> Result<(), Failure> {
    let until = args.until.map(|past| past.at(context.screen.now()));
    let is_named = !args.sessions.is_empty();
    let ids = if is_named {
        let mut ids = Vec::new();
        for given in &args.sessions {
            ids.push(resolve(context, given).await?);
        }
        ids
    } else {
        over(until, context).await?
    };
    let (mut count, mut deleted) = (0_u64, 0_u64);
    for id in ids {
        match line(&id, context).await {
            Ok(line) => {
                context.screen.line(line)?;
                count += 1;
            }
            // The server deletes the oldest ones by itself, while this goes on.
            Err(failure) if !is_named && failure.exit() == Exit::NotFound => deleted += 1,
            Err(failure) => return Err(failure),
        }
    }
    let meanwhile = match deleted {
        0 => String::new(),
        some => format!("; deleted meanwhile: {some}"),
    };
    Ok(context.screen.note(format!("sessions exported: {count}{meanwhile}"))?)
}

/// The sessions that were over before `until`, the oldest first.
async fn over(
    until: Option<OffsetDateTime>,
    context: &Context<'_>,
) -> Result<Vec<String>, Failure> {
    let states = [SessionState::Completed, SessionState::Cancelled].map(Into::into).into();
    let filter = SessionFilter { states, ..Default::default() };
    let sessions = listed(filter, "create_time", usize::MAX, context).await?;
    let ended = |session: &Session| {
        session.status.as_ref().and_then(|status| status.end_time.as_ref()).and_then(from_proto)
    };
    let is_wanted = |session: &Session| {
        until.is_none_or(|until| ended(session).is_some_and(|ended| ended < until))
    };
    Ok(sessions.into_iter().filter(is_wanted).map(|session| session.id).collect())
}

/// A session on one line of JSON.
async fn line(session_id: &str, context: &Context<'_>) -> Result<String, Failure> {
    let mut report = read(session_id, context).await?;
    let asked = std::mem::take(&mut report.notifications);
    let report = json::line(&report)?;
    let asked = asked.iter().map(json::line).collect::<Result<Vec<_>, _>>()?.join(",");
    Ok(format!(r#"{{"report":{report},"notifications":[{asked}]}}"#))
}

/// The whole report.
async fn read(session_id: &str, context: &Context<'_>) -> Result<SessionReport, Failure> {
    let mut client = context.sessions().await?;
    let mut report = SessionReport::default();
    let mut notifications = Vec::new();
    let pieces = pages(usize::MAX, async |page_size, page_token| {
        let session_id = session_id.to_owned();
        let request = GetSessionReportRequest { session_id, page_size, page_token };
        let page = context.ask(client.get_session_report(request)).await?;
        report = present(page.report)?;
        notifications.append(&mut report.notifications);
        Ok((std::mem::take(&mut report.hosts), page.next_page_token))
    })
    .await?;
    Ok(SessionReport { hosts: put_together(pieces), notifications, ..report })
}

/// The hosts of a report, of which one with many servers comes on several pages.
fn put_together(pieces: Vec<HostReport>) -> Vec<HostReport> {
    let mut hosts: Vec<HostReport> = Vec::new();
    for piece in pieces {
        let name = |host: &HostReport| host.host.as_ref().map(|h| h.host.clone());
        match hosts.last_mut().filter(|last| name(last) == name(&piece)) {
            Some(last) => last.servers.extend(piece.servers),
            None => hosts.push(piece),
        }
    }
    hosts
}
