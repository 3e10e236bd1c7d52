//! What the first users missed: hosts enabled and disabled outside of sessions, hosts that die under a drain, names of projects.

use std::time::Duration;

use fermata_core::cloud::{Cloud, Scheduling};
use fermata_proto::v1;
use fermata_proto::v1::server_service_client::ServerServiceClient;
use fermata_proto::v1::{HostScheduling, HostState, SessionHostState, SessionHostStateCause};
use fermata_proto::v1::{SessionState, WaitKind};
use tonic::Code;
use tonic::transport::Channel;

use crate::acts::{
    create, get as read, host_of, patient, put_subscription, spec, until_host, until_state,
};
use crate::harness::{Hosts, Site, eventually, millis};
use crate::refusal::Refusal;
use crate::world::World;

fn set(host: &str, scheduling: HostScheduling, reason: &str) -> v1::SetHostSchedulingRequest {
    v1::SetHostSchedulingRequest {
        host: host.to_owned(),
        scheduling: scheduling.into(),
        reason: reason.to_owned(),
        ..Default::default()
    }
}

async fn switch(
    hosts: &mut Hosts,
    request: v1::SetHostSchedulingRequest,
) -> v1::SetHostSchedulingResponse {
    hosts.set_host_scheduling(request).await.unwrap().into_inner()
}

async fn refused(hosts: &mut Hosts, request: v1::SetHostSchedulingRequest) -> Refusal {
    Refusal::of(hosts.set_host_scheduling(request).await.unwrap_err())
}

async fn get(hosts: &mut Hosts, host: &str) -> v1::Host {
    let request = v1::GetHostRequest { host: host.to_owned() };
    hosts.get_host(request).await.unwrap().into_inner().host.unwrap()
}

#[tokio::test]
async fn a_host_is_disabled_and_enabled_outside_of_sessions() {
    let mut site = Site::start(&World::small()).await;
    let (mut hosts, mut audit) = (site.hosts().await, site.audit().await);
    let mut request = set("compute-3", HostScheduling::Disabled, "a broken fan");
    request.request_id = "fan".to_owned();
    let answer = switch(&mut hosts, request.clone()).await;
    let host = answer.host.clone().unwrap();
    assert_eq!((host.state(), host.disabled_by()), (HostState::Disabled, v1::DisabledBy::Operator));
    assert_eq!(host.disabled_reason, "fermata operator: a broken fan");
    assert_eq!(get(&mut hosts, "compute-3").await, host);
    let records = v1::ListAuditRecordsRequest::default();
    let record = audit.list_audit_records(records).await.unwrap().into_inner().records.remove(0);
    assert_eq!(record.action(), v1::AuditAction::SetHostScheduling);
    let resource = record.resource.clone().unwrap();
    assert_eq!(
        (resource.kind(), resource.name.as_str()),
        (v1::AuditResourceKind::Host, "compute-3")
    );
    assert_eq!((record.detail.as_str(), record.reason.as_str()), ("disabled", "a broken fan"));
    assert_ne!(record.before_digest, record.after_digest);

    let answer = switch(&mut hosts, set("compute-3", HostScheduling::Enabled, "")).await;
    assert_eq!(answer.previous_disabled_reason, "fermata operator: a broken fan");
    assert_eq!(answer.host.unwrap().state(), HostState::Enabled);
    // The same request again is answered as before, and does nothing.
    assert_eq!(switch(&mut hosts, request).await.host.unwrap(), host);
    assert_eq!(get(&mut hosts, "compute-3").await.state(), HostState::Enabled);
    site.stop().await;
}

#[tokio::test]
async fn what_a_finished_session_left_disabled_is_recognised_and_says_what_happened() {
    let mut site = Site::start(&World::small()).await;
    let (mut hosts, mut sessions) = (site.hosts().await, site.sessions().await);
    let id = create(&mut sessions, spec(&["compute-3"])).await.id;
    until_host(&mut sessions, &id, "compute-3", SessionHostState::InMaintenance).await;
    // While a session has it, nobody switches it.
    let refusal = refused(&mut hosts, set("compute-3", HostScheduling::Enabled, "")).await;
    assert_eq!(refusal.code, Code::FailedPrecondition);
    assert_eq!(refusal.reason, "HOST_IN_SESSION");
    assert!(refusal.text.contains(&id) && refusal.text.contains("CompleteHost"), "{refusal:?}");
    let (session_id, host) = (id.clone(), "compute-3".to_owned());
    let (reason, more) = ("the board is dead".to_owned(), Default::default());
    let fail = v1::FailHostRequest { session_id, host, reason, ..more };
    sessions.fail_host(fail).await.unwrap();
    let told = eventually("the reason", async || {
        let host = get(&mut hosts, "compute-3").await;
        host.disabled_reason.ends_with("maintenance failed: the board is dead").then_some(host)
    })
    .await;
    assert!(told.disabled_reason.contains(&id));
    let (session_id, host) = (id.clone(), "compute-3".to_owned());
    let skip = v1::SkipHostRequest { session_id, host, ..Default::default() };
    sessions.skip_host(skip).await.unwrap();
    until_state(&mut sessions, &id, SessionState::Completed).await;
    let host = get(&mut hosts, "compute-3").await;
    assert_eq!((host.state(), host.disabled_by()), (HostState::Disabled, v1::DisabledBy::Session));
    let text = "skipped: skipped by the operator; the work on it failed: the board is dead";
    assert!(host.disabled_reason.ends_with(text), "{host:?}");
    let answer = switch(&mut hosts, set("compute-3", HostScheduling::Enabled, "a new one")).await;
    assert_eq!(answer.host.unwrap().state(), HostState::Enabled);
    site.stop().await;
}

#[tokio::test]
async fn what_somebody_else_disabled_is_told_and_not_overwritten_without_being_asked() {
    let (mut site, cloud) = Site::over_open_cloud(&World::small()).await;
    let mut hosts = site.hosts().await;
    let foreign = Scheduling::Disabled { reason: "smells of smoke".to_owned() };
    cloud.set_scheduling(&"compute-3".into(), &foreign).await.unwrap();
    for wanted in [HostScheduling::Enabled, HostScheduling::Disabled] {
        let refusal = refused(&mut hosts, set("compute-3", wanted, "mine")).await;
        assert_eq!(refusal.reason, "HOST_DISABLED_BY_OTHER");
        assert_eq!(refusal.metadata["disabled_reason"], "smells of smoke");
    }
    assert_eq!(cloud.host(&"compute-3".into()).await.unwrap().scheduling, foreign);
    let mut request = set("compute-3", HostScheduling::Enabled, "aired");
    request.override_others = true;
    let answer = switch(&mut hosts, request).await;
    assert_eq!(answer.previous_disabled_reason, "smells of smoke");
    assert_eq!(answer.host.unwrap().state(), HostState::Enabled);

    let refusal = refused(&mut hosts, set("compute-9", HostScheduling::Enabled, "")).await;
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::NotFound, "HOST_NOT_FOUND"));
    let refusal = refused(&mut hosts, set("compute-3", HostScheduling::Disabled, " ")).await;
    assert_eq!(refusal.fields, ["reason"]);
    let refusal = refused(&mut hosts, set("compute-3", HostScheduling::Unspecified, "x")).await;
    assert_eq!(refusal.fields, ["scheduling"]);
    site.stop().await;
}

/// The operator meant more than the maintenance.
#[tokio::test]
async fn a_session_leaves_a_host_disabled_that_an_operator_disabled() {
    let mut site = Site::start(&World::small()).await;
    let (mut hosts, mut sessions) = (site.hosts().await, site.sessions().await);
    switch(&mut hosts, set("compute-3", HostScheduling::Disabled, "to be sold")).await;
    let id = create(&mut sessions, spec(&["compute-3"])).await.id;
    until_host(&mut sessions, &id, "compute-3", SessionHostState::InMaintenance).await;
    crate::acts::complete(&mut sessions, &id, "compute-3").await;
    let done = until_state(&mut sessions, &id, SessionState::Completed).await;
    let cause = host_of(&done, "compute-3").state_cause();
    assert_eq!(cause, SessionHostStateCause::StaysDisabled);
    let host = get(&mut hosts, "compute-3").await;
    assert_eq!(host.disabled_reason, "fermata operator: to be sold");
    site.stop().await;
}

#[tokio::test]
async fn a_host_that_dies_under_a_drain_is_told_to_all_who_look() {
    let world = World::small().taking("live_migrate", 600_000);
    let poll = |c: &mut fermata_server::Config| c.host_poll_interval = Duration::from_millis(20);
    let (mut site, cloud) = Site::over_open_cloud_with(&world, poll).await;
    let (mut hosts, mut sessions) = (site.hosts().await, site.sessions().await);
    let quick = v1::SessionSpec { drain_reply_period: millis(100), ..spec(&["compute-1"]) };
    let id = create(&mut sessions, quick).await.id;
    until_host(&mut sessions, &id, "compute-1", SessionHostState::Draining).await;
    eventually("the moves", async || {
        let session = read(&mut sessions, &id).await;
        (crate::acts::progress(&session.session).servers_in_action == 2).then_some(())
    })
    .await;
    cloud.host_goes_down(&"compute-1".into()).unwrap();
    let session = eventually("the session to know", async || {
        let session = read(&mut sessions, &id).await;
        let cause = host_of(&session, "compute-1").state_cause();
        (cause == SessionHostStateCause::ComputeServiceDown).then_some(session)
    })
    .await;
    let host = host_of(&session, "compute-1");
    assert!(host.state_reason.starts_with("DOWN: "), "{host:?}");
    assert_eq!(host.deadline_time, None);
    let status = session.session.status.as_ref().unwrap();
    assert_eq!(status.expected_end_time, None);
    assert_eq!((status.waits.len(), status.waits[0].kind()), (1, WaitKind::LostHost));
    assert_eq!(status.waits[0].deadline_time, None);
    assert_eq!(get(&mut hosts, "compute-1").await.state(), HostState::Down);
    cloud.host_comes_up(&"compute-1".into()).unwrap();
    eventually("the drain to go on", async || {
        let session = read(&mut sessions, &id).await;
        let cause = host_of(&session, "compute-1").state_cause();
        (cause == SessionHostStateCause::ServersLeaving).then_some(())
    })
    .await;
    assert_eq!(get(&mut hosts, "compute-1").await.state(), HostState::GoingToMaintenance);
    site.stop().await;
}

async fn projects(channel: &Channel, request: v1::ListProjectsRequest) -> Vec<(String, String)> {
    let mut client = ServerServiceClient::new(channel.clone());
    let answer = client.list_projects(request).await.unwrap().into_inner();
    assert!(answer.notes.is_empty(), "{answer:?}");
    answer.projects.into_iter().map(|p| (p.project_id, p.name)).collect()
}

#[tokio::test]
async fn projects_have_names_that_are_not_taken_for_ids() {
    let text = World::small().text();
    let text = text.replace("id = \"orange\"\n", "id = \"0001\"\n");
    let text = text.replace("id = \"violet\"\n", "id = \"0002\"\n");
    let mut site = Site::start_from_text(&text).await;
    let channel = site.channel().await;
    let both = [("0001", "orange"), ("0002", "violet")].map(|(i, n)| (i.to_owned(), n.to_owned()));
    assert_eq!(projects(&channel, v1::ListProjectsRequest::default()).await, both);
    let named = v1::ListProjectsRequest { names: vec!["violet".to_owned()], ..Default::default() };
    assert_eq!(projects(&channel, named).await, both[1..]);
    let ids = vec!["0001".to_owned(), "0009".to_owned()];
    let some = v1::ListProjectsRequest { ids, ..Default::default() };
    assert_eq!(projects(&channel, some).await, both[..1]);

    let mut owners = site.notifications().await;
    let refusal = owners.put_subscription(put_subscription("orange", "vnfm")).await.unwrap_err();
    let refusal = Refusal::of(refusal);
    assert_eq!(refusal.reason, "INVALID_FIELD");
    assert!(refusal.text.contains("its id is 0001"), "{refusal:?}");
    owners.put_subscription(put_subscription("0001", "vnfm")).await.unwrap();
    site.stop().await;
}

/// Two hosts of one session: the one that failed does not keep the other from being switched once it is done.
#[tokio::test]
async fn a_host_with_which_a_session_is_done_may_be_switched() {
    let mut site = Site::start(&World::small()).await;
    let (mut hosts, mut sessions) = (site.hosts().await, site.sessions().await);
    let id = create(&mut sessions, patient(&["compute-3", "compute-4"])).await.id;
    until_host(&mut sessions, &id, "compute-3", SessionHostState::Waiting).await;
    let (session_id, host) = (id.clone(), "compute-3".to_owned());
    let skip = v1::SkipHostRequest { session_id, host, ..Default::default() };
    sessions.skip_host(skip).await.unwrap();
    switch(&mut hosts, set("compute-3", HostScheduling::Disabled, "a broken fan")).await;
    let refusal = refused(&mut hosts, set("compute-4", HostScheduling::Disabled, "mine")).await;
    assert!(refusal.text.contains("SkipHost leaves it out"), "{refusal:?}");
    site.stop().await;
}
