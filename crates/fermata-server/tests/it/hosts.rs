//! Hosts as infrastructure components see them, and Doctor's way to have one host emptied.

use fermata_proto::v1;
use fermata_proto::v1::watch_hosts_response::Message;
use fermata_proto::v1::{HostState, SessionState};
use tonic::Code;

use crate::acts::{create, host_state, patient, state, until_host, until_state};
use crate::harness::{Hosts, Site, millis};
use crate::refusal::Refusal;
use crate::tape::{Tape, after};
use crate::world::World;

type Watch = Tape<v1::WatchHostsResponse>;

async fn get(hosts: &mut Hosts, name: &str) -> v1::Host {
    let request = v1::GetHostRequest { host: name.to_owned() };
    hosts.get_host(request).await.unwrap().into_inner().host.unwrap()
}

async fn names(hosts: &mut Hosts, request: v1::ListHostsRequest) -> Vec<String> {
    let answer = hosts.list_hosts(request).await.unwrap().into_inner();
    answer.hosts.into_iter().map(|h| h.name).collect()
}

/// The changes of a host's state on a watch.
fn path(watch: &Watch, host: &str) -> Vec<(HostState, HostState)> {
    let changes = watch.events().filter_map(|h| match &h.message.message {
        Some(Message::Event(e)) if e.host == host => Some((e.previous_state(), e.state())),
        _ => None,
    });
    changes.collect()
}

fn steps(path: &[HostState]) -> Vec<(HostState, HostState)> {
    path.windows(2).map(|w| (w[0], w[1])).collect()
}

fn reached(host: &str, state: HostState) -> impl Fn(&v1::WatchHostsResponse) -> bool {
    let host = host.to_owned();
    move |m| matches!(&m.message, Some(Message::Event(e)) if e.host == host && e.state() == state)
}

fn ask(host: &str) -> v1::RequestHostMaintenanceRequest {
    v1::RequestHostMaintenanceRequest {
        host: host.to_owned(),
        reason: "a broken fan".to_owned(),
        reply_period: millis(100),
        ..Default::default()
    }
}

#[tokio::test]
async fn hosts_are_listed_by_filter_in_order_and_page_by_page() {
    let mut site = Site::start(&World::small()).await;
    let mut hosts = site.hosts().await;
    let all = ["compute-1", "compute-2", "compute-3", "compute-4"];
    assert_eq!(names(&mut hosts, v1::ListHostsRequest::default()).await, all);
    let mut request = v1::ListHostsRequest {
        order_by: "name desc".to_owned(),
        page_size: 3,
        ..Default::default()
    };
    let first = hosts.list_hosts(request.clone()).await.unwrap().into_inner();
    request.page_token = first.next_page_token;
    let mut found: Vec<_> = first.hosts.into_iter().map(|h| h.name).collect();
    found.extend(names(&mut hosts, request).await);
    found.reverse();
    assert_eq!(found, all);
    let mut filtered = async |filter: v1::HostFilter| {
        names(&mut hosts, v1::ListHostsRequest { filter: Some(filter), ..Default::default() }).await
    };
    let fast = v1::HostFilter { aggregate: "fast".to_owned(), ..Default::default() };
    assert_eq!(filtered(fast).await, ["compute-1", "compute-3"]);
    let west = v1::HostFilter {
        zone: "west".to_owned(),
        name_contains: "-4".to_owned(),
        ..Default::default()
    };
    assert_eq!(filtered(west).await, ["compute-4"]);
    let held =
        v1::HostFilter { states: vec![HostState::InMaintenance.into()], ..Default::default() };
    assert!(filtered(held).await.is_empty());

    let host = get(&mut hosts, "compute-1").await;
    assert_eq!((host.state(), host.server_count), (HostState::Enabled, 2));
    assert_eq!((host.zone.as_str(), host.aggregates.len()), ("east", 1));
    assert_eq!(host.memory_mib, 4_194_304);
    assert_eq!(host.hypervisor_type, "QEMU");
    let request = v1::GetHostRequest { host: "compute-9".to_owned() };
    let refusal = Refusal::of(hosts.get_host(request).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::NotFound, "HOST_NOT_FOUND"));
    site.stop().await;
}

/// Doctor's flow: a host is asked for, emptied, held, and given back; everybody who watches sees it.
#[tokio::test]
async fn one_host_is_emptied_held_and_given_back() {
    let mut site = Site::start(&World::small()).await;
    let mut hosts = site.hosts().await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let mut watch = Watch::open(&channel, v1::WatchHostsRequest::default()).await.unwrap();
    let first = watch.next().await;
    let Some(Message::Snapshot(snapshot)) = &first.message else { panic!("{first:?}") };
    assert!(snapshot.hosts.iter().all(|h| h.state() == HostState::Enabled));
    // That they are there was told before.
    assert_eq!((snapshot.hosts.len(), first.sequence), (4, 4));

    let answer = hosts.request_host_maintenance(ask("compute-1")).await.unwrap().into_inner();
    let session = answer.session.unwrap().id;
    watch.until(reached("compute-1", HostState::GoingToMaintenance)).await;
    let seen = get(&mut hosts, "compute-1").await;
    assert_eq!(seen.session_id, session);
    watch.until(reached("compute-1", HostState::InMaintenance)).await;
    let seen = get(&mut hosts, "compute-1").await;
    assert_eq!((seen.state(), seen.server_count), (HostState::InMaintenance, 0));
    assert!(seen.disabled_reason.contains(&session), "{seen:?}");
    let mut in_maintenance = async |state: HostState| {
        let filter = v1::HostFilter { states: vec![state.into()], ..Default::default() };
        names(&mut hosts, v1::ListHostsRequest { filter: Some(filter), ..Default::default() }).await
    };
    assert_eq!(in_maintenance(HostState::InMaintenance).await, ["compute-1"]);
    let release = v1::ReleaseHostRequest {
        host: "compute-1".to_owned(),
        reason: "the fan turns".to_owned(),
        ..Default::default()
    };
    hosts.release_host(release).await.unwrap();
    watch.until(reached("compute-1", HostState::Enabled)).await;
    use HostState::{Enabled, GoingToMaintenance, InMaintenance};
    assert_eq!(
        path(&watch, "compute-1"),
        steps(&[Enabled, GoingToMaintenance, InMaintenance, Enabled])
    );
    assert!(path(&watch, "compute-2").is_empty());
    until_state(&mut sessions, &session, SessionState::Completed).await;
    assert_eq!(get(&mut hosts, "compute-1").await.session_id, "");
    // The same from the log.
    let request = v1::WatchHostsRequest { start: after(first.resume_token), ..Default::default() };
    let mut again = Watch::open(&channel, request).await.unwrap();
    again.until(reached("compute-1", Enabled)).await;
    assert_eq!(again.sequences(), [5, 6, 7]);
    let bytes = |w: &Watch| w.events().map(|h| h.bytes.clone()).collect::<Vec<_>>();
    assert_eq!(bytes(&again), bytes(&watch));
    site.stop().await;
}

/// Doctor's failed maintenance: the host is not empty in time and goes back to enabled.
#[tokio::test]
async fn a_host_that_is_not_empty_in_time_goes_back_to_service() {
    // A move that takes longer than the host has.
    let mut site = Site::start(&World::small().taking("live_migrate", 3000)).await;
    let mut hosts = site.hosts().await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let mut watch = Watch::open(&channel, v1::WatchHostsRequest::default()).await.unwrap();
    let request = v1::RequestHostMaintenanceRequest { timeout: millis(1500), ..ask("compute-1") };
    let answer = hosts.request_host_maintenance(request).await.unwrap().into_inner();
    let session = answer.session.unwrap().id;
    watch.until(reached("compute-1", HostState::Enabled)).await;
    use HostState::{Enabled, GoingToMaintenance};
    assert_eq!(path(&watch, "compute-1"), steps(&[Enabled, GoingToMaintenance, Enabled]));
    let failed = until_state(&mut sessions, &session, SessionState::Failed).await;
    assert_eq!(host_state(&failed, "compute-1"), v1::SessionHostState::DrainFailed);
    let host = get(&mut hosts, "compute-1").await;
    assert_eq!((host.state(), host.disabled_reason.as_str()), (Enabled, ""));
    site.stop().await;
}

#[tokio::test]
async fn a_host_that_leaves_for_good_ends_retired() {
    let mut site = Site::start(&World::small()).await;
    let mut hosts = site.hosts().await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let mut watch = Watch::open(&channel, v1::WatchHostsRequest::default()).await.unwrap();
    let request = v1::RequestHostMaintenanceRequest {
        kind: v1::MaintenanceKind::Retirement.into(),
        ..ask("compute-2")
    };
    let answer = hosts.request_host_maintenance(request).await.unwrap().into_inner();
    let session = answer.session.unwrap().id;
    watch.until(reached("compute-2", HostState::InMaintenance)).await;
    let release = v1::ReleaseHostRequest { host: "compute-2".to_owned(), ..Default::default() };
    hosts.release_host(release).await.unwrap();
    watch.until(reached("compute-2", HostState::Retired)).await;
    use HostState::{Enabled, GoingToMaintenance, InMaintenance, Retired};
    assert_eq!(
        path(&watch, "compute-2"),
        steps(&[Enabled, GoingToMaintenance, InMaintenance, Retired])
    );
    let done = until_state(&mut sessions, &session, SessionState::Completed).await;
    assert_eq!(host_state(&done, "compute-2"), v1::SessionHostState::Retired);
    // It stays so after the session, and its servers are elsewhere.
    let host = get(&mut hosts, "compute-2").await;
    assert_eq!((host.state(), host.server_count, host.session_id.as_str()), (Retired, 0, ""));
    assert!(host.disabled_reason.contains(&session));
    site.stop().await;
}

#[tokio::test]
async fn a_host_that_was_disabled_before_keeps_its_reason() {
    let world = World::small();
    let text = world.text().replace(
        "name = \"compute-3\"\n",
        "name = \"compute-3\"\ndisabled_reason = \"smells of smoke\"\n",
    );
    let mut site = Site::start_from_text(&text).await;
    let mut hosts = site.hosts().await;
    let mut sessions = site.sessions().await;
    assert_eq!(get(&mut hosts, "compute-3").await.state(), HostState::Disabled);
    let spec = v1::SessionSpec {
        start_mode: 0,
        announce_reply_period: millis(0),
        ..patient(&["compute-3"])
    };
    let id = create(&mut sessions, spec).await.id;
    until_host(&mut sessions, &id, "compute-3", v1::SessionHostState::InMaintenance).await;
    crate::acts::complete(&mut sessions, &id, "compute-3").await;
    let done = until_state(&mut sessions, &id, SessionState::Completed).await;
    assert_eq!(state(&done), SessionState::Completed);
    let host = get(&mut hosts, "compute-3").await;
    assert_eq!(
        (host.state(), host.disabled_reason.as_str()),
        (HostState::Disabled, "smells of smoke")
    );
    site.stop().await;
}
