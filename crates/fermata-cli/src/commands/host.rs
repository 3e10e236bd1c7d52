//! `fermata host`.

use fermata_client::v1::{
    CloudKind, GetHostRequest, Host, HostFilter, HostServer, ListHostServersRequest,
    ListHostServersResponse, ListHostsRequest, ListHostsResponse, RequestHostMaintenanceRequest,
    WatchHostsRequest,
};
use fermata_client::{WatchItem, WatchOptions};
use futures::TryStreamExt;

use super::context::{Context, pages, present};
use super::session_write::created;
use super::watching::{Cuts, line_of_json, response};
use super::{host_drain, host_scheduling};
use crate::args::Format;
use crate::args::host::{HostCommand, ListArgs, RequestArgs};
use crate::args::moment::Moment;
use crate::failure::Failure;
use crate::output::color::{BUSY, paint};
use crate::output::live::Live;
use crate::output::time::to_proto;
use crate::view;
use crate::view::projects::{ProjectNames, ids_in};

pub(super) async fn run(command: HostCommand, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        HostCommand::List(args) => list(args, context).await,
        HostCommand::Get { host } => {
            let mut client = context.hosts().await?;
            let request = GetHostRequest { host };
            let host = present(context.ask(client.get_host(request)).await?.host)?;
            let servers = match context.screen.format {
                Format::Table => servers_on(&host.name, context).await?,
                Format::Json => Vec::new(),
            };
            let of_servers = servers.iter().map(|server| server.project_id.clone());
            let ids = of_servers.chain(ids_in(&host.session_state_reason));
            let names = context.names_of(ids).await;
            let mut host = host;
            names.in_hosts(std::slice::from_mut(&mut host));
            let shown = |host: &_, now| view::host::host(host, &servers, &names, now);
            context.screen.answer_about(&host.name, &host, shown)
        }
        HostCommand::Servers { host } => {
            let servers = servers_on(&host, context).await?;
            let names = context.names_of(servers.iter().map(|server| &server.project_id)).await;
            let all = ListHostServersResponse { servers, next_page_token: String::new() };
            context.screen.list(&all, |all, _| view::host::servers(&all.servers).naming(&names))
        }
        HostCommand::Watch => watch(context).await,
        HostCommand::Drain(args) => host_drain::drain(args, context).await,
        HostCommand::Undrain(args) => host_drain::undrain(args, context).await,
        HostCommand::Enable(args) => host_scheduling::enable(args, context).await,
        HostCommand::Disable(args) => host_scheduling::disable(args, context).await,
        HostCommand::RequestMaintenance(args) => request_maintenance(args, context).await,
        HostCommand::Release(args) => host_drain::release(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let filter = HostFilter {
        states: args.states.iter().map(|&state| state.into()).collect(),
        zone: args.zone,
        aggregate: args.aggregate,
        name_contains: args.name,
        hypervisor_version: args.hypervisor_version,
    };
    let mut hosts = listed(&filter, args.limit.entries(), context).await?;
    let ids = hosts.iter().flat_map(|host| ids_in(&host.session_state_reason));
    context.names_of(ids).await.in_hosts(&mut hosts);
    let all = ListHostsResponse { hosts, next_page_token: String::new() };
    context.screen.list(&all, view::host::list)?;
    if context.screen.format == Format::Table && !context.screen.is_for_scripts() {
        say_if_simulated(context).await?;
    }
    Ok(())
}

/// The servers that the cloud has on a host.
async fn servers_on(host: &str, context: &Context<'_>) -> Result<Vec<HostServer>, Failure> {
    let mut client = context.hosts().await?;
    pages(usize::MAX, async |page_size, page_token| {
        let request = ListHostServersRequest { host: host.to_owned(), page_size, page_token };
        let page = context.ask(client.list_host_servers(request)).await?;
        Ok((page.servers, page.next_page_token))
    })
    .await
}

/// Every host of the cloud.
pub(super) async fn all_hosts(context: &Context<'_>) -> Result<Vec<Host>, Failure> {
    listed(&HostFilter::default(), usize::MAX, context).await
}

async fn listed(
    filter: &HostFilter,
    entries: usize,
    context: &Context<'_>,
) -> Result<Vec<Host>, Failure> {
    let mut client = context.hosts().await?;
    pages(entries, async |page_size, page_token| {
        let filter = Some(filter.clone());
        let request = ListHostsRequest { page_size, page_token, filter, ..Default::default() };
        let page = context.ask(client.list_hosts(request)).await?;
        Ok((page.hosts, page.next_page_token))
    })
    .await
}

/// Hosts that exist only in memory look like others. A server of a release that cannot be asked is none of the list's
/// failures.
async fn say_if_simulated(context: &Context<'_>) -> Result<(), Failure> {
    if let Ok(server) = context.server_info().await
        && server.cloud_kind() == CloudKind::Simulated
    {
        context.screen.note(paint(BUSY, view::server_info::SIMULATED))?;
    }
    Ok(())
}

async fn request_maintenance(args: RequestArgs, context: &Context<'_>) -> Result<(), Failure> {
    let end = args.end.or(args.span.map(Moment::In));
    let request = RequestHostMaintenanceRequest {
        host: args.host,
        reason: args.reason,
        timeout: args.drain_timeout.and_then(|span| span.try_into().ok()),
        kind: args.kind.unwrap_or_default().into(),
        end_time: end.map(|end| to_proto(end.at(context.screen.now()))),
        request_id: args.request_id.or_new(),
        reply_period: args.reply_period.and_then(|span| span.try_into().ok()),
    };
    let mut client = context.hosts().await?;
    let session = present(context.ask(client.request_host_maintenance(request)).await?.session)?;
    created(session, args.watch, context).await
}

async fn watch(context: &Context<'_>) -> Result<(), Failure> {
    let screen = context.screen;
    let live = Live::new(screen);
    let channel = context.channel().await?;
    let mut items =
        fermata_client::watch(channel, WatchHostsRequest::default(), WatchOptions::default());
    let mut cuts = Cuts::default();
    let mut names = ProjectNames::default();
    while let Some(item) = items.try_next().await? {
        match (item, screen.format) {
            (WatchItem::Snapshot { mut snapshot, .. }, Format::Table) => {
                let texts = snapshot.hosts.iter().map(|host| &host.session_state_reason);
                context.learn(&mut names, texts.flat_map(|text| ids_in(text))).await;
                names.in_hosts(&mut snapshot.hosts);
                screen.line(view::host::snapshot(&snapshot))?;
            }
            (WatchItem::Snapshot { snapshot, position }, Format::Json) => line_of_json(
                screen,
                &response!(WatchHostsResponse of watch_hosts_response: Snapshot(snapshot), position),
            )?,
            (WatchItem::Event { mut event, position }, Format::Table) => {
                context.learn(&mut names, ids_in(&event.reason)).await;
                names.in_host_event(&mut event);
                screen.line(view::host::event(&event, position.time.as_ref(), screen.now()))?;
            }
            (WatchItem::Event { event, position }, Format::Json) => line_of_json(
                screen,
                &response!(WatchHostsResponse of watch_hosts_response: Event(event), position),
            )?,
            (WatchItem::Connected, _) => cuts.connected(screen, &live)?,
            (WatchItem::Interrupted { error, retry_in }, _) => {
                cuts.interrupted(screen, &live, &error, retry_in)?;
            }
        }
    }
    Ok(())
}
