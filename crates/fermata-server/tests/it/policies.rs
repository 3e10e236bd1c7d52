//! What owners store, and what becomes of it in a session.

use fermata_proto::v1;
use fermata_proto::v1::{
    Action, DecisionSource, Impact, MigrationType, NotificationKind, PolicySource,
    SessionHostState, UnexpectedAction,
};
use prost_types::Duration;
use tonic::Code;

use crate::acts::{
    create, host_state, notification, notifications, patient, spec, start, until_host,
};
use crate::harness::{Policies, Site, nanos};
use crate::refusal::Refusal;
use crate::world::World;

fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

fn of_server(server: &str, policy: v1::Policy) -> v1::ServerPolicy {
    v1::ServerPolicy {
        project_id: "orange".to_owned(),
        server_id: server.to_owned(),
        policy: Some(policy),
        ..Default::default()
    }
}

fn group(id: &str, members: &[&str]) -> v1::ServerGroup {
    v1::ServerGroup {
        project_id: "orange".to_owned(),
        id: id.to_owned(),
        member_ids: members.iter().map(ToString::to_string).collect(),
        ..Default::default()
    }
}

async fn put(policies: &mut Policies, policy: v1::ServerPolicy) -> v1::ServerPolicy {
    let request = v1::PutServerPolicyRequest { server_policy: Some(policy), ..Default::default() };
    policies.put_server_policy(request).await.unwrap().into_inner().server_policy.unwrap()
}

async fn put_group(policies: &mut Policies, group: v1::ServerGroup) -> v1::ServerGroup {
    let request = v1::PutServerGroupRequest { server_group: Some(group), ..Default::default() };
    policies.put_server_group(request).await.unwrap().into_inner().server_group.unwrap()
}

fn get(project: &str, server: &str) -> v1::GetServerPolicyRequest {
    v1::GetServerPolicyRequest { project_id: project.to_owned(), server_id: server.to_owned() }
}

fn get_group(project: &str, id: &str) -> v1::GetServerGroupRequest {
    v1::GetServerGroupRequest { project_id: project.to_owned(), server_group_id: id.to_owned() }
}

#[tokio::test]
async fn policies_of_servers_are_stored_replaced_and_deleted() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let policy = v1::Policy {
        controlled_temporary: Action::Keep.into(),
        controlled_permanent: Action::OwnAction.into(),
        unexpected_temporary: UnexpectedAction::Keep.into(),
        unexpected_permanent: UnexpectedAction::Evacuate.into(),
        lead_time: seconds(60),
        max_interruption: Some(Duration { seconds: 0, nanos: 100_000_000 }),
        migration_types: vec![MigrationType::Live.into(), MigrationType::None.into()],
        mitigation_requested: Some(false),
    };
    let first = put(&mut policies, of_server("s", policy.clone())).await;
    assert_eq!(first.policy, Some(policy));
    assert!(first.update_time.is_some());
    let found = policies.get_server_policy(get("orange", "s")).await.unwrap().into_inner();
    assert_eq!(found.server_policy, Some(first.clone()));
    let effective = found.effective.unwrap();
    assert_eq!(effective.policy, first.policy);
    assert_eq!(effective.sources.len(), 8);
    assert!(effective.sources.iter().all(|s| s.source() == PolicySource::Server));

    // Replaced as a whole, if it is what was read.
    let shorter = v1::Policy { lead_time: seconds(5), ..Default::default() };
    let with_etag =
        |etag: &str| v1::ServerPolicy { etag: etag.to_owned(), ..of_server("s", shorter.clone()) };
    let second = put(&mut policies, with_etag(&first.etag)).await;
    assert_eq!(second.policy, Some(shorter.clone()));
    assert_ne!(second.etag, first.etag);
    for stale in [first.etag.as_str(), "nonsense"] {
        let request = v1::PutServerPolicyRequest {
            server_policy: Some(with_etag(stale)),
            ..Default::default()
        };
        let refusal = Refusal::of(policies.put_server_policy(request).await.unwrap_err());
        assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Aborted, "ETAG_MISMATCH"));
        assert_eq!(refusal.metadata["etag"], second.etag);
    }

    // Another project sees nothing of it, and cannot tell that it is there.
    let mut absent = Vec::new();
    for (project, server) in [("violet", "s"), ("orange", "t")] {
        let refused = policies.get_server_policy(get(project, server)).await.unwrap_err();
        absent.push(Refusal::of(refused).text);
    }
    assert_eq!(absent[0], absent[1]);
    let delete = |project: &str, etag: &str| v1::DeleteServerPolicyRequest {
        project_id: project.to_owned(),
        server_id: "s".to_owned(),
        etag: etag.to_owned(),
        ..Default::default()
    };
    for (request, reason) in [
        (delete("violet", ""), "POLICY_NOT_FOUND"),
        (delete("orange", &first.etag), "ETAG_MISMATCH"),
    ] {
        let refusal = Refusal::of(policies.delete_server_policy(request).await.unwrap_err());
        assert_eq!(refusal.reason, reason);
    }
    policies.delete_server_policy(delete("orange", &second.etag)).await.unwrap();
    let gone = policies.get_server_policy(get("orange", "s")).await.unwrap_err();
    assert_eq!(Refusal::of(gone).reason, "POLICY_NOT_FOUND");
    site.stop().await;
}

#[tokio::test]
async fn groups_are_stored_and_their_members_have_their_policy() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let wanted = v1::ServerGroup {
        display_name: "data base".to_owned(),
        nova_server_group_id: "nova-1".to_owned(),
        max_impacted: vec![v1::MaxImpacted { group_size: 3, max: 1 }],
        min_preserved: vec![v1::MinPreserved { group_size: 0, min: 2 }],
        recovery_time: seconds(90),
        anti_affinity: true,
        max_per_host: Some(1),
        min_size_for_scale_in: Some(2),
        member_policy: Some(v1::Policy { lead_time: seconds(60), ..Default::default() }),
        ..group("db", &["s", "t"])
    };
    let stored = put_group(&mut policies, wanted.clone()).await;
    let (etag, update_time) = (stored.etag.clone(), stored.update_time);
    assert_eq!(stored, v1::ServerGroup { etag, update_time, ..wanted });
    let found = policies.get_server_group(get_group("orange", "db")).await.unwrap().into_inner();
    assert_eq!(found.server_group, Some(stored));

    let own = v1::Policy { controlled_temporary: Action::Keep.into(), ..Default::default() };
    put(&mut policies, of_server("s", own)).await;
    let s = policies.get_server_policy(get("orange", "s")).await.unwrap().into_inner();
    let effective = s.effective.unwrap();
    let named: Vec<_> = effective
        .sources
        .iter()
        .map(|s| (s.field.as_str(), s.source(), s.group_id.as_str()))
        .collect();
    let expected = [
        ("controlled_temporary", PolicySource::Server, ""),
        ("lead_time", PolicySource::Group, "db"),
    ];
    assert_eq!(named, expected);
    let t = policies.get_server_policy(get("orange", "t")).await.unwrap().into_inner();
    assert_eq!(t.server_policy, None, "nothing is stored for it alone");
    assert_eq!(t.effective.unwrap().policy.unwrap().lead_time, seconds(60));

    let request = v1::DeleteServerGroupRequest {
        project_id: "orange".to_owned(),
        server_group_id: "db".to_owned(),
        ..Default::default()
    };
    policies.delete_server_group(request.clone()).await.unwrap();
    let gone = Refusal::of(policies.delete_server_group(request).await.unwrap_err());
    assert_eq!((gone.code, gone.reason.as_str()), (Code::NotFound, "SERVER_GROUP_NOT_FOUND"));
    let gone = policies.get_server_group(get_group("orange", "db")).await.unwrap_err();
    assert_eq!(Refusal::of(gone).reason, "SERVER_GROUP_NOT_FOUND");
    site.stop().await;
}

#[tokio::test]
async fn lists_go_by_page() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    for server in ["c", "a", "b"] {
        put(&mut policies, of_server(server, v1::Policy::default())).await;
        put_group(&mut policies, group(server, &["s"])).await;
    }
    let violet = v1::ServerPolicy {
        project_id: "violet".to_owned(),
        ..of_server("d", v1::Policy::default())
    };
    put(&mut policies, violet).await;
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let project_id = "orange".to_owned();
        let request = v1::ListServerPoliciesRequest { project_id, page_size: 2, page_token };
        let page = policies.list_server_policies(request).await.unwrap().into_inner();
        seen.extend(page.server_policies.into_iter().map(|p| p.server_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["a", "b", "c"]);
    let all = policies.list_server_policies(v1::ListServerPoliciesRequest::default());
    assert_eq!(all.await.unwrap().into_inner().server_policies.len(), 4, "of all projects");
    let request = v1::ListServerGroupsRequest { page_size: 1, ..Default::default() };
    let page = policies.list_server_groups(request).await.unwrap().into_inner();
    assert_eq!(page.server_groups[0].id, "a");
    let foreign =
        v1::ListServerPoliciesRequest { page_token: page.next_page_token, ..Default::default() };
    let refusal = Refusal::of(policies.list_server_policies(foreign).await.unwrap_err());
    assert_eq!(refusal.reason, "PAGE_TOKEN_INVALID");
    site.stop().await;
}

#[tokio::test]
async fn every_fault_is_named_at_once() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let unknown = v1::Policy { controlled_temporary: 99, ..Default::default() };
    let request = v1::PutServerPolicyRequest {
        server_policy: Some(v1::ServerPolicy { policy: Some(unknown), ..Default::default() }),
        ..Default::default()
    };
    let refusal = Refusal::of(policies.put_server_policy(request).await.unwrap_err());
    assert_eq!(
        refusal.fields,
        ["server_policy.policy.controlled_temporary"],
        "before anything else"
    );
    let bad = v1::Policy {
        controlled_permanent: Action::Keep.into(),
        unexpected_permanent: UnexpectedAction::Keep.into(),
        lead_time: seconds(-1),
        migration_types: vec![0, MigrationType::Live.into(), MigrationType::Live.into()],
        ..Default::default()
    };
    let request = v1::PutServerPolicyRequest {
        server_policy: Some(v1::ServerPolicy { policy: Some(bad), ..Default::default() }),
        ..Default::default()
    };
    let refusal = Refusal::of(policies.put_server_policy(request).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    let mut fields: Vec<_> =
        refusal.fields.iter().map(|f| f.trim_start_matches("server_policy.")).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "policy.controlled_permanent",
            "policy.lead_time",
            "policy.migration_types[0]",
            "policy.migration_types[1]",
            "policy.unexpected_permanent",
            "project_id",
            "server_id",
        ]
    );
    let bad = v1::ServerGroup {
        max_impacted: vec![v1::MaxImpacted { group_size: 1, max: 2 }],
        max_per_host: Some(0),
        ..group("not an id", &[])
    };
    let request = v1::PutServerGroupRequest { server_group: Some(bad), ..Default::default() };
    let refusal = Refusal::of(policies.put_server_group(request).await.unwrap_err());
    let expected = [
        "server_group.id",
        "server_group.member_ids",
        "server_group.max_impacted[0].max",
        "server_group.max_per_host",
    ];
    assert_eq!(refusal.fields, expected);
    for refused in [
        policies.put_server_policy(v1::PutServerPolicyRequest::default()).await.err(),
        policies.put_server_group(v1::PutServerGroupRequest::default()).await.err(),
        policies.get_server_policy(get("", "")).await.err(),
    ] {
        assert_eq!(Refusal::of(refused.unwrap()).reason, "INVALID_FIELD");
    }
    site.stop().await;
}

#[tokio::test]
async fn puts_can_be_repeated() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let request = v1::PutServerPolicyRequest {
        server_policy: Some(of_server("s", v1::Policy::default())),
        request_id: "once".to_owned(),
        ..Default::default()
    };
    let once = policies.put_server_policy(request.clone()).await.unwrap().into_inner();
    let twice = policies.put_server_policy(request.clone()).await.unwrap().into_inner();
    assert_eq!(once, twice);
    let other = of_server("t", v1::Policy::default());
    let request = v1::PutServerPolicyRequest { server_policy: Some(other), ..request };
    let refusal = Refusal::of(policies.put_server_policy(request).await.unwrap_err());
    assert_eq!(refusal.reason, "REQUEST_ID_REUSED");
    let request = v1::PutServerGroupRequest {
        server_group: Some(group("db", &["s"])),
        request_id: "group".to_owned(),
        ..Default::default()
    };
    let once = policies.put_server_group(request.clone()).await.unwrap().into_inner();
    let twice = policies.put_server_group(request).await.unwrap().into_inner();
    assert_eq!(once, twice);
    let delete = v1::DeleteServerGroupRequest {
        project_id: "orange".to_owned(),
        server_group_id: "db".to_owned(),
        request_id: "away".to_owned(),
        ..Default::default()
    };
    policies.delete_server_group(delete.clone()).await.unwrap();
    policies.delete_server_group(delete.clone()).await.unwrap();
    let unnamed = v1::DeleteServerGroupRequest { request_id: String::new(), ..delete };
    let refusal = Refusal::of(policies.delete_server_group(unnamed).await.unwrap_err());
    assert_eq!(refusal.reason, "SERVER_GROUP_NOT_FOUND");
    let delete = v1::DeleteServerPolicyRequest {
        project_id: "orange".to_owned(),
        server_id: "s".to_owned(),
        request_id: "policy away".to_owned(),
        ..Default::default()
    };
    policies.delete_server_policy(delete.clone()).await.unwrap();
    policies.delete_server_policy(delete).await.unwrap();
    site.stop().await;
}

#[tokio::test]
async fn puts_can_be_only_for_what_is_absent_or_only_for_what_is_present() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let of_server = |mode: v1::PutMode| v1::PutServerPolicyRequest {
        server_policy: Some(of_server("s", v1::Policy::default())),
        mode: mode.into(),
        ..Default::default()
    };
    let of_group = |mode: v1::PutMode| v1::PutServerGroupRequest {
        server_group: Some(group("db", &["s"])),
        mode: mode.into(),
        ..Default::default()
    };
    let (create, replace) = (v1::PutMode::CreateOnly, v1::PutMode::ReplaceOnly);
    let absent = Refusal::of(policies.put_server_policy(of_server(replace)).await.unwrap_err());
    assert_eq!((absent.code, absent.reason.as_str()), (Code::NotFound, "POLICY_NOT_FOUND"));
    let absent = Refusal::of(policies.put_server_group(of_group(replace)).await.unwrap_err());
    assert_eq!((absent.code, absent.reason.as_str()), (Code::NotFound, "SERVER_GROUP_NOT_FOUND"));
    let made = policies.put_server_policy(of_server(create)).await.unwrap().into_inner();
    policies.put_server_group(of_group(create)).await.unwrap();
    let there = Refusal::of(policies.put_server_policy(of_server(create)).await.unwrap_err());
    assert_eq!((there.code, there.reason.as_str()), (Code::AlreadyExists, "RESOURCE_EXISTS"));
    assert_eq!(there.metadata["etag"], made.server_policy.unwrap().etag);
    let there = Refusal::of(policies.put_server_group(of_group(create)).await.unwrap_err());
    assert_eq!(there.reason, "RESOURCE_EXISTS");
    policies.put_server_policy(of_server(replace)).await.unwrap();
    policies.put_server_group(of_group(replace)).await.unwrap();
    site.stop().await;
}

/// The owner is told what its policy means, and that is what happens when it is silent.
#[tokio::test]
async fn silence_means_what_the_policy_says() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let keep = v1::Policy {
        controlled_temporary: Action::Keep.into(),
        lead_time: seconds(1),
        ..Default::default()
    };
    put(&mut policies, of_server("orange-web-id", keep.clone())).await;
    let id = create(&mut sessions, spec(&["compute-1"])).await.id;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let server = &asked.servers[0];
    assert_eq!(server.impact(), Impact::Down);
    assert_eq!(server.default_action(), Action::Keep);
    assert_eq!(server.default_action_source(), DecisionSource::Policy);
    assert_eq!(server.lead_time, seconds(1));
    assert_eq!(server.policy.as_ref().unwrap().policy, Some(keep));
    let waits = nanos(asked.actions_start_time) - nanos(asked.create_time);
    assert!(waits >= 1_000_000_000, "{waits}");
    let other = notification(&mut owners, "violet", NotificationKind::Planned).await;
    assert_eq!(other.servers[0].default_action(), Action::LiveMigrate);
    assert_eq!(other.servers[0].default_action_source(), DecisionSource::SessionDefault);
    assert_eq!(other.servers[0].policy, None);

    until_host(&mut sessions, &id, "compute-1", SessionHostState::InMaintenance).await;
    let request = v1::GetSessionReportRequest { session_id: id.clone(), ..Default::default() };
    let report = sessions.get_session_report(request).await.unwrap().into_inner().report.unwrap();
    for server in report.hosts.iter().flat_map(|h| &h.servers) {
        let expected = match server.name.as_str() {
            "orange-web" => (Action::Keep, DecisionSource::Policy),
            _ => (Action::LiveMigrate, DecisionSource::SessionDefault),
        };
        assert_eq!((server.action(), server.decision_source()), expected, "{}", server.name);
        if server.name == "orange-web" {
            let began = nanos(server.action_start_time);
            assert!(began >= nanos(asked.create_time) + 1_000_000_000, "before its lead time");
        }
    }
    let told = notifications(&mut owners, "orange").await;
    let drain = told.iter().find(|n| n.kind() == NotificationKind::Drain).unwrap();
    assert_eq!(drain.servers[0].decision_source(), DecisionSource::Policy);
    site.stop().await;
}

#[tokio::test]
async fn a_window_too_short_for_a_policy_is_refused() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let mut sessions = site.sessions().await;
    for server in ["orange-web-id", "orange-db-id"] {
        let day = v1::Policy { lead_time: seconds(86_400), ..Default::default() };
        put(&mut policies, of_server(server, day)).await;
    }
    let request = v1::CreateSessionRequest {
        spec: Some(spec(&["compute-1", "compute-2"])),
        ..Default::default()
    };
    let refusal = Refusal::of(sessions.create_session(request).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "WINDOW_INVALID"));
    assert_eq!(refusal.fields, ["spec.window.end_time", "spec.window.end_time"]);
    for server in ["orange-web-id", "orange-db-id"] {
        assert!(refusal.text.contains(server), "{}", refusal.text);
    }
    site.stop().await;
}

/// What an owner was told stands until it is asked again; then its policy of that time counts.
#[tokio::test]
async fn a_policy_counts_for_the_next_question() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let id = create(&mut sessions, patient(&["compute-1"])).await.id;
    let offline =
        v1::Policy { migration_types: vec![MigrationType::Offline.into()], ..Default::default() };
    put(&mut policies, of_server("orange-web-id", offline)).await;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    assert_eq!(asked.servers[0].default_action(), Action::LiveMigrate);
    start(&mut sessions, &id).await;
    let started = crate::acts::get(&mut sessions, &id).await;
    assert_ne!(host_state(&started, "compute-1"), SessionHostState::InMaintenance);
    let asked = crate::harness::eventually("the question", async || {
        let told = notifications(&mut owners, "orange").await;
        told.into_iter().find(|n| n.kind() == NotificationKind::Drain)
    })
    .await;
    assert_eq!(asked.servers[0].default_action(), Action::Migrate);
    assert_eq!(asked.servers[0].default_action_source(), DecisionSource::Policy);
    site.stop().await;
}
