//! HostService.

use fermata_core::cloud::{Scheduling, Server};
use fermata_core::id::HostName;
use fermata_core::machine::{Ask, HostCommand};
use fermata_core::scheduling::{self, Others};
use fermata_core::session::Session;
use fermata_core::spec::ViolationKind;
use fermata_core::{Duration, Time};
use fermata_proto::server::host_service_server::HostService;
use fermata_proto::v1;
use fermata_store::Topic;
use tonic::{Request, Response, Status};

use super::page::{self, Paging, Sizes};
use super::reply;
use super::sessions::{as_left, check_reason};
use crate::app::{App, Switch, Switched};
use crate::convert::host as convert;
use crate::convert::incoming::Reader;
use crate::convert::{span, timestamp};
use crate::door::{Call, Door, Entered};
use crate::error::ServeError;
use crate::parts::{Part, parts, weight};
use crate::stream::{Frames, Open, Snapshot, Start};
use crate::token::StreamId;

/// Compute hosts, for operators and infrastructure components.
#[derive(Clone)]
pub struct Hosts(pub Door);

#[tonic::async_trait]
impl HostService for Hosts {
    async fn get_host(
        &self,
        request: Request<v1::GetHostRequest>,
    ) -> Result<Response<v1::GetHostResponse>, Status> {
        reply(get(self.0.enter(request)?).await)
    }

    async fn list_hosts(
        &self,
        request: Request<v1::ListHostsRequest>,
    ) -> Result<Response<v1::ListHostsResponse>, Status> {
        reply(list(self.0.enter(request)?).await)
    }

    async fn list_host_servers(
        &self,
        request: Request<v1::ListHostServersRequest>,
    ) -> Result<Response<v1::ListHostServersResponse>, Status> {
        reply(servers(self.0.enter(request)?).await)
    }

    async fn request_host_maintenance(
        &self,
        request: Request<v1::RequestHostMaintenanceRequest>,
    ) -> Result<Response<v1::RequestHostMaintenanceResponse>, Status> {
        reply(request_maintenance(self.0.enter(request)?).await)
    }

    async fn release_host(
        &self,
        request: Request<v1::ReleaseHostRequest>,
    ) -> Result<Response<v1::ReleaseHostResponse>, Status> {
        reply(release(self.0.enter(request)?).await)
    }

    async fn set_host_scheduling(
        &self,
        request: Request<v1::SetHostSchedulingRequest>,
    ) -> Result<Response<v1::SetHostSchedulingResponse>, Status> {
        reply(switch(self.0.enter(request)?).await)
    }

    type WatchHostsStream = Frames;

    async fn watch_hosts(
        &self,
        request: Request<v1::WatchHostsRequest>,
    ) -> Result<Response<Frames>, Status> {
        reply(watch(self.0.enter(request)?).await)
    }
}

fn required(name: &str) -> Result<String, ServeError> {
    if name.is_empty() {
        return Err(ServeError::field("host", "is required: the compute host's name"));
    }
    Ok(name.to_owned())
}

/// All hosts by name, and the position of the infrastructure topic at which they were so.
async fn hosts(app: &App, call: &Call) -> Result<(Vec<v1::Host>, u64), ServeError> {
    let (listed, now) = app.hosts(call).all().await?;
    Ok((convert::hosts(&listed, &now), now.last_sequence))
}

async fn get(
    Entered { message, call, app }: Entered<'_, v1::GetHostRequest>,
) -> Result<v1::GetHostResponse, ServeError> {
    let name = required(&message.host)?;
    let (hosts, _) = hosts(app, &call).await?;
    let host = hosts.into_iter().find(|h| h.name == name).ok_or(ServeError::HostNotFound)?;
    Ok(v1::GetHostResponse { host: Some(host) })
}

async fn servers(
    Entered { message: request, call, app }: Entered<'_, v1::ListHostServersRequest>,
) -> Result<v1::ListHostServersResponse, ServeError> {
    let host = HostName(required(&request.host)?);
    let mut reader = Reader::default();
    let list = format!("ListHostServers {host}");
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 500, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let place = |server: &Server| format!("{}/{}", server.project, server.id);
    let after = paging.after(|place| Some(place.to_owned()))?;
    let mut servers = app.hosts(&call).servers(&host).await?;
    servers.sort_by_key(place);
    servers.retain(|server| after.as_ref().is_none_or(|after| place(server) > *after));
    let (servers, next_page_token) =
        paging.close(servers.iter(), |server| convert::server(server), |server| place(server));
    Ok(v1::ListHostServersResponse { servers, next_page_token })
}

async fn release(
    Entered { message, call, app }: Entered<'_, v1::ReleaseHostRequest>,
) -> Result<v1::ReleaseHostResponse, ServeError> {
    let host = HostName(required(&message.host)?);
    check_reason(&message.reason)?;
    let answer = |s: &Session| v1::ReleaseHostResponse { session: Some(as_left(s)) };
    // Asked once it is known that nobody asked before: the session that held the host may be over by now.
    let release = async |once| {
        let session = app.hosts(&call).holder(&host).await?;
        let (host, reason) = (host.clone(), message.reason.clone());
        let ask = Ask::HostCommand { host, command: HostCommand::Complete, reason };
        app.sessions(&call).ask(session, ask, "", once).await
    };
    app.requests(&call).once(&message, &answer, release).await
}

async fn switch(
    Entered { message, call, app }: Entered<'_, v1::SetHostSchedulingRequest>,
) -> Result<v1::SetHostSchedulingResponse, ServeError> {
    let host = HostName(required(&message.host)?);
    check_reason(&message.reason)?;
    let to = match message.scheduling() {
        v1::HostScheduling::Enabled => Scheduling::Enabled,
        v1::HostScheduling::Disabled if message.reason.trim().is_empty() => {
            let text = "is required: it is what the cloud shows of a host that is disabled";
            return Err(ServeError::field("reason", text));
        }
        v1::HostScheduling::Disabled => {
            Scheduling::Disabled { reason: scheduling::of_operator(&message.reason) }
        }
        v1::HostScheduling::Unspecified => {
            return Err(ServeError::field("scheduling", "is required: ENABLED or DISABLED"));
        }
    };
    let others = if message.override_others { Others::Override } else { Others::Respect };
    let answer = |Switched { before, after, now }: &Switched| v1::SetHostSchedulingResponse {
        host: convert::one(after, now),
        previous_disabled_reason: convert::disabled_reason(before).to_owned(),
    };
    let switch = async |once| {
        let reason = message.reason.clone();
        app.hosts(&call).switch(Switch { host: host.clone(), to, others, reason }, once).await
    };
    app.requests(&call).once(&message, &answer, switch).await
}

async fn list(
    Entered { message: request, call, app }: Entered<'_, v1::ListHostsRequest>,
) -> Result<v1::ListHostsResponse, ServeError> {
    let mut reader = Reader::default();
    let filter = request.filter.clone().unwrap_or_default();
    reader.host_states(&filter.states);
    let descending = match request.order_by.as_str() {
        "" | "name" | "name asc" => false,
        "name desc" => true,
        other => {
            let text = format!("'{other}' is unknown; use 'name' or 'name desc'");
            return Err(ServeError::field("order_by", text));
        }
    };
    let list = format!("ListHosts {:?} {}", request.filter, request.order_by);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 100, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    reader.finish(())?;
    let after = paging.after(|name| Some(name.to_owned()))?;
    let (mut hosts, _) = hosts(app, &call).await?;
    if descending {
        hosts.reverse();
    }
    let wanted = hosts.into_iter().filter(|h| matches(h, &filter)).filter(|h| {
        after
            .as_ref()
            .is_none_or(|after| if descending { h.name < *after } else { h.name > *after })
    });
    let (hosts, next_page_token) = paging.close(wanted, v1::Host::clone, |h| h.name.clone());
    Ok(v1::ListHostsResponse { hosts, next_page_token })
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
    Entered { message, call, app }: Entered<'_, v1::RequestHostMaintenanceRequest>,
) -> Result<v1::RequestHostMaintenanceResponse, ServeError> {
    required(&message.host)?;
    let answer = |s: &Session| v1::RequestHostMaintenanceResponse { session: Some(as_left(s)) };
    let create = async |once| {
        let mut reader = Reader::default();
        let draft = reader.draft(spec_of(&message, app.now())?);
        let created = app.sessions(&call).create(draft, reader.into_violations(), once).await;
        created.map_err(in_its_own_words)
    };
    app.requests(&call).once(&message, &answer, create).await
}

/// The session that empties one host at once.
fn spec_of(
    request: &v1::RequestHostMaintenanceRequest,
    now: Time,
) -> Result<v1::SessionSpec, ServeError> {
    let mut reader = Reader::default();
    let timeout = reader.span("timeout", request.timeout).unwrap_or(Duration::hours(1));
    let reply_period = reader.span("reply_period", request.reply_period);
    let (timeout, reply_period) = reader.finish((timeout, reply_period))?;
    let reply_period = reply_period.unwrap_or_else(|| Duration::minutes(5).min(timeout / 2));
    let end = now + Duration::hours(24);
    Ok(v1::SessionSpec {
        hosts: Some(v1::HostSelection { names: vec![request.host.clone()], ..Default::default() }),
        window: Some(v1::MaintenanceWindow {
            start_time: None,
            end_time: request.end_time.or_else(|| Some(timestamp(end))),
        }),
        kind: request.kind,
        reason: request.reason.clone(),
        // It starts at once: owners are asked when the host is drained, which is now.
        announce_reply_period: Some(prost_types::Duration::default()),
        drain_reply_period: Some(span(reply_period)),
        drain_timeout: Some(span(timeout)),
        ..Default::default()
    })
}

/// Violations of a session's spec, named by the fields of RequestHostMaintenance.
fn in_its_own_words(error: ServeError) -> ServeError {
    let ServeError::Violations(mut violations) = error else { return error };
    if violations.iter().any(|violation| violation.sort == ViolationKind::UnknownHost) {
        return ServeError::HostNotFound;
    }
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

async fn watch(
    Entered { message, call, app }: Entered<'_, v1::WatchHostsRequest>,
) -> Result<Frames, ServeError> {
    let start = Start::read(message.start, message.heartbeat_interval, false)?;
    let topic = Topic::Infrastructure;
    let id = StreamId::new(&topic, "");
    let open = Open { topic, session: None, id, start, of: None };
    let snapshot = async || {
        let (hosts, sequence) = hosts(app, &call).await?;
        let part = |Part { number, last, elements }| v1::HostsSnapshot {
            part: number,
            last,
            hosts: elements,
        };
        Ok(Snapshot::new(sequence, parts(0, hosts.into_iter(), weight), part))
    };
    app.stream::<v1::WatchHostsResponse, _>(&call, open, snapshot).await
}
