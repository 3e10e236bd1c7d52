//! HostService.

use std::collections::BTreeMap;

use fermata_core::Duration;
use fermata_core::id::HostName;
use fermata_core::machine::{Ask, HostCommand};
use fermata_core::session::Session;
use fermata_proto::server::host_service_server::HostService;
use fermata_proto::v1;
use fermata_store::Topic;
use prost::Message;
use tonic::{Request, Response, Status};

use super::sessions::check_reason;
use super::{App, Gate, OPERATOR, OperatorWrite, operator};
use crate::bounds::admit;
use crate::convert::host::{self as convert, Held};
use crate::convert::incoming::Reader;
use crate::convert::{session, span, timestamp};
use crate::error::ServeError;
use crate::parts::{Part, page, parts, weight};
use crate::requests::{Known, look_up, or_answered};
use crate::stream::{Asked, Begin, Frames, Open};
use crate::token::StreamId;

/// Compute hosts, for operators and infrastructure components.
#[derive(Clone)]
pub struct Hosts(pub Gate);

#[tonic::async_trait]
impl HostService for Hosts {
    async fn get_host(
        &self,
        request: Request<v1::GetHostRequest>,
    ) -> Result<Response<v1::GetHostResponse>, Status> {
        let name = required(&admit(request)?.host)?;
        let (hosts, _) = hosts(self.0.app()?).await?;
        let host = hosts.into_iter().find(|h| h.name == name).ok_or(ServeError::HostNotFound)?;
        Ok(Response::new(v1::GetHostResponse { host: Some(host) }))
    }

    async fn list_hosts(
        &self,
        request: Request<v1::ListHostsRequest>,
    ) -> Result<Response<v1::ListHostsResponse>, Status> {
        Ok(Response::new(list(self.0.app()?, &admit(request)?).await?))
    }

    async fn request_host_maintenance(
        &self,
        request: Request<v1::RequestHostMaintenanceRequest>,
    ) -> Result<Response<v1::RequestHostMaintenanceResponse>, Status> {
        Ok(Response::new(request_maintenance(self.0.app()?, admit(request)?).await?))
    }

    async fn release_host(
        &self,
        request: Request<v1::ReleaseHostRequest>,
    ) -> Result<Response<v1::ReleaseHostResponse>, Status> {
        let request = admit(request)?;
        let host = HostName(required(&request.host)?);
        check_reason(&request.reason)?;
        let app = self.0.app()?;
        // Before anything else: the session that held the host may be over by now.
        let known =
            look_up(&app.engine.store, OPERATOR, &request.request_id, "ReleaseHost", &request);
        if let Known::Answered(response) = known.await? {
            return Ok(Response::new(response));
        }
        let names = std::slice::from_ref(&host);
        let held = app.engine.store.sessions_of_hosts(names).await.map_err(ServeError::from)?;
        let (_, session) = held.into_iter().next().ok_or(ServeError::HostNotHeld)?;
        let ask = Ask::HostCommand {
            host,
            command: HostCommand::Complete,
            reason: request.reason.clone(),
        };
        let write = OperatorWrite {
            method: "ReleaseHost",
            request: &request,
            request_id: &request.request_id,
            session,
            etag: "",
        };
        let answer = |session| v1::ReleaseHostResponse { session: Some(session) };
        Ok(Response::new(app.operator_write(write, ask.by(operator()), answer).await?))
    }

    type WatchHostsStream = Frames;

    async fn watch_hosts(
        &self,
        request: Request<v1::WatchHostsRequest>,
    ) -> Result<Response<Frames>, Status> {
        Ok(Response::new(watch(self.0.app()?, admit(request)?).await?))
    }
}

fn required(name: &str) -> Result<String, ServeError> {
    if name.is_empty() {
        return Err(ServeError::field("host", "is required: the compute host's name"));
    }
    Ok(name.to_owned())
}

/// All hosts by name, and the position of the infrastructure topic at which they were so.
async fn hosts(app: &App) -> Result<(Vec<v1::Host>, u64), ServeError> {
    let (rows, sequence) = app.engine.store.active_hosts().await?;
    let mut held: Held = BTreeMap::new();
    for (session, entry) in rows {
        // A host that was retired and put to use again is held by the session that is active.
        let retired = entry.state == fermata_core::session::SessionHostState::Retired;
        if !retired || !held.contains_key(&entry.host) {
            held.insert(entry.host.clone(), (session, entry));
        }
    }
    let mut found = app.engine.cloud.hosts().await?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((found.iter().map(|h| convert::host(h, &held)).collect(), sequence))
}

async fn list(
    app: &App,
    request: &v1::ListHostsRequest,
) -> Result<v1::ListHostsResponse, ServeError> {
    let mut reader = Reader::default();
    let size = reader.page_size(request.page_size, 100, 1000);
    let filter = request.filter.clone().unwrap_or_default();
    reader.host_states(&filter.states);
    reader.finish(())?;
    let descending = match request.order_by.as_str() {
        "" | "name" | "name asc" => false,
        "name desc" => true,
        other => {
            let text = format!("'{other}' is unknown; use 'name' or 'name desc'");
            return Err(ServeError::field("order_by", text));
        }
    };
    let list = format!("ListHosts {:?} {}", request.filter, request.order_by);
    let tokens = &app.streams.tokens;
    let after = tokens.read_page(&list, &request.page_token)?;
    let (mut hosts, _) = hosts(app).await?;
    if descending {
        hosts.reverse();
    }
    let wanted = hosts.into_iter().filter(|h| matches(h, &filter)).filter(|h| {
        after
            .as_ref()
            .is_none_or(|after| if descending { h.name < *after } else { h.name > *after })
    });
    let page = page(wanted, size, v1::Host::clone);
    let next_page_token = page.after.map(|h| tokens.page(&list, &h.name)).unwrap_or_default();
    Ok(v1::ListHostsResponse { hosts: page.messages, next_page_token })
}

fn matches(host: &v1::Host, filter: &v1::HostFilter) -> bool {
    (filter.states.is_empty() || filter.states.contains(&host.state))
        && (filter.zone.is_empty() || host.zone == filter.zone)
        && (filter.aggregate.is_empty() || host.aggregates.contains(&filter.aggregate))
        && host.name.contains(&filter.name_contains)
        && (filter.hypervisor_version.is_empty()
            || host.hypervisor_version == filter.hypervisor_version)
}

async fn request_maintenance(
    app: &App,
    request: v1::RequestHostMaintenanceRequest,
) -> Result<v1::RequestHostMaintenanceResponse, ServeError> {
    let name = required(&request.host)?;
    let method = "RequestHostMaintenance";
    let known = look_up(&app.engine.store, OPERATOR, &request.request_id, method, &request).await?;
    let key = match known {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let (known_hosts, _) = hosts(app).await?;
    if !known_hosts.iter().any(|h| h.name == name) {
        return Err(ServeError::HostNotFound);
    }
    let mut reader = Reader::default();
    let timeout = reader.span("timeout", request.timeout).unwrap_or(Duration::hours(1));
    let reply_period = reader.span("reply_period", request.reply_period);
    let (timeout, reply_period) = reader.finish((timeout, reply_period))?;
    let reply_period = reply_period.unwrap_or_else(|| Duration::minutes(5).min(timeout / 2));
    let end = app.engine.now() + Duration::hours(24);
    let spec = v1::SessionSpec {
        hosts: Some(v1::HostSelection { names: vec![name], ..Default::default() }),
        window: Some(v1::MaintenanceWindow {
            start_time: None,
            end_time: request.end_time.or_else(|| Some(timestamp(end))),
        }),
        kind: request.kind,
        reason: request.reason,
        // It starts at once: owners are asked when the host is drained, which is now.
        announce_reply_period: Some(prost_types::Duration::default()),
        drain_reply_period: Some(span(reply_period)),
        drain_timeout: Some(span(timeout)),
        ..Default::default()
    };
    let answer =
        |s: &Session| v1::RequestHostMaintenanceResponse { session: Some(session::session(s)) };
    let respond = |s: &Session| answer(s).encode_to_vec();
    let created = app.create_session(spec, key.clone(), &respond).await;
    let result = created.map(|s| answer(&s)).map_err(in_its_own_words);
    or_answered(&app.engine.store, key, result).await
}

/// Violations of a session's spec, named by the fields of RequestHostMaintenance.
fn in_its_own_words(error: ServeError) -> ServeError {
    let ServeError::Violations(mut violations) = error else { return error };
    for violation in &mut violations {
        let field = match violation.field.as_str() {
            "spec.hosts" | "spec.hosts.names[0]" => "host",
            "spec.reason" => "reason",
            "spec.kind" => "kind",
            "spec.window.end_time" => "end_time",
            "spec.drain_timeout" => "timeout",
            "spec.drain_reply_period" => "reply_period",
            other => other,
        };
        violation.field = field.to_owned();
    }
    ServeError::Violations(violations)
}

async fn watch(app: &App, request: v1::WatchHostsRequest) -> Result<Frames, ServeError> {
    let mut reader = Reader::default();
    let heartbeat = reader.span("heartbeat_interval", request.heartbeat_interval);
    let heartbeat = reader.finish(heartbeat)?;
    let topic = Topic::Infrastructure;
    let id = StreamId::new(&topic, "");
    let begin = match Asked::read(request.start, false)? {
        Asked::Token(token) => {
            Begin::After(app.streams.resume(&app.engine.store, &topic, id, &token).await?)
        }
        Asked::Now => Begin::Now,
        Asked::Snapshot | Asked::Acknowledged => {
            let (hosts, sequence) = hosts(app).await?;
            let time = Some(timestamp(app.engine.now()));
            let store_id = app.streams.store_id();
            let parts = parts(0, hosts.into_iter(), weight);
            Begin::snapshot(sequence, parts, move |Part { number, last, elements }| {
                let snapshot = v1::HostsSnapshot { part: number, last, hosts: elements };
                v1::WatchHostsResponse {
                    sequence,
                    store_id: store_id.clone(),
                    time,
                    message: Some(v1::watch_hosts_response::Message::Snapshot(snapshot)),
                    ..Default::default()
                }
            })
        }
    };
    let open = Open { topic, session: None, id, heartbeat, place: None };
    app.streams.open::<v1::WatchHostsResponse>(open, begin).await
}
