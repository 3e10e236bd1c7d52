//! Two tenants: neither sees what the other has, nor whether it has it.

use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_proto::v1;
use tonic::{Code, Status};

use super::{Callers, by, projects};
use crate::acts::{patient, put_subscription};
use crate::harness::Site;
use crate::world::World;

/// A server that knows two owners, one who is both of them, an operator and another one.
async fn site() -> Site {
    let callers = Callers::default();
    callers.know("orange", &[Role::Owner], projects(&["orange"]));
    callers.know("violet", &[Role::Owner], projects(&["violet"]));
    callers.know("both", &[Role::Owner], projects(&["orange", "violet"]));
    callers.know("kim", &[Role::Operator], Projects::Of([].into()));
    callers.know("lee", &[Role::Operator], Projects::Of([].into()));
    Site::for_callers(&World::small(), callers.identity()).await
}

fn group(project: &str) -> v1::PutServerGroupRequest {
    v1::PutServerGroupRequest {
        server_group: Some(v1::ServerGroup {
            project_id: project.to_owned(),
            id: "web".to_owned(),
            member_ids: vec![format!("{project}-web-id")],
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn policy(project: &str) -> v1::PutServerPolicyRequest {
    v1::PutServerPolicyRequest {
        server_policy: Some(v1::ServerPolicy {
            project_id: project.to_owned(),
            server_id: format!("{project}-web-id"),
            policy: Some(v1::Policy { mitigation_requested: Some(true), ..Default::default() }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// What both have: a subscription, a group, a policy.
async fn furnish(site: &Site) {
    for project in ["orange", "violet"] {
        let put = by(project, put_subscription(project, "vnfm"));
        site.notifications().await.put_subscription(put).await.unwrap();
        let mut policies = site.policies().await;
        policies.put_server_group(by(project, group(project))).await.unwrap();
        policies.put_server_policy(by(project, policy(project))).await.unwrap();
    }
}

#[tokio::test]
async fn a_list_without_a_project_has_those_of_the_caller() {
    let mut site = site().await;
    furnish(&site).await;
    for (caller, seen) in [
        ("orange", vec!["orange"]),
        ("violet", vec!["violet"]),
        ("both", vec!["orange", "violet"]),
        ("kim", vec!["orange", "violet"]),
    ] {
        let list = by(caller, v1::ListSubscriptionsRequest::default());
        let found = site.notifications().await.list_subscriptions(list).await.unwrap();
        let found = found.into_inner().subscriptions;
        assert_eq!(found.iter().map(|s| &s.project_id).collect::<Vec<_>>(), seen, "{caller}");
        let mut policies = site.policies().await;
        let list = by(caller, v1::ListServerGroupsRequest::default());
        let found = policies.list_server_groups(list).await.unwrap().into_inner().server_groups;
        assert_eq!(found.iter().map(|g| &g.project_id).collect::<Vec<_>>(), seen, "{caller}");
        let list = by(caller, v1::ListServerPoliciesRequest::default());
        let found = policies.list_server_policies(list).await.unwrap().into_inner().server_policies;
        assert_eq!(found.iter().map(|p| &p.project_id).collect::<Vec<_>>(), seen, "{caller}");
    }
    site.stop().await;
}

/// What a caller is told, to the byte.
fn told<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String, Vec<u8>) {
    let status = answer.unwrap_err();
    (status.code(), status.message().to_owned(), status.details().to_vec())
}

/// Whether the other one has it or not, the answer is that of one's own that is not there.
#[tokio::test]
async fn what_is_foreign_looks_as_if_it_were_not_there() {
    let mut site = site().await;
    furnish(&site).await;
    let spec = Some(patient(&["compute-1"]));
    let create = by("kim", v1::CreateSessionRequest { spec, ..Default::default() });
    site.sessions().await.create_session(create).await.unwrap();
    let mut owners = site.notifications().await;
    let list = v1::ListNotificationsRequest { project_id: "violet".into(), ..Default::default() };
    let told_violet = owners.list_notifications(by("violet", list)).await.unwrap().into_inner();
    let real = told_violet.notifications[0].id.clone();

    let get = |project: &str, id: &str| {
        let (project_id, notification_id) = (project.to_owned(), id.to_owned());
        by("orange", v1::GetNotificationRequest { project_id, notification_id })
    };
    let absent = told(owners.get_notification(get("orange", &real)).await);
    assert_eq!(absent.0, Code::NotFound);
    for id in [real.as_str(), "0193f0a4-0b1c-7d2e-8f30-415263748596", "no uuid"] {
        assert_eq!(told(owners.get_notification(get("violet", id)).await), absent, "{id}");
    }

    let get = |project: &str, id: &str| {
        let (project_id, subscription_id) = (project.to_owned(), id.to_owned());
        by("orange", v1::GetSubscriptionRequest { project_id, subscription_id })
    };
    let absent = told(owners.get_subscription(get("orange", "other")).await);
    for id in ["vnfm", "other"] {
        assert_eq!(told(owners.get_subscription(get("violet", id)).await), absent, "{id}");
    }

    let mut policies = site.policies().await;
    let get = |project: &str, id: &str| {
        let (project_id, server_group_id) = (project.to_owned(), id.to_owned());
        by("orange", v1::GetServerGroupRequest { project_id, server_group_id })
    };
    let absent = told(policies.get_server_group(get("orange", "other")).await);
    for id in ["web", "other"] {
        assert_eq!(told(policies.get_server_group(get("violet", id)).await), absent, "{id}");
    }
    let get = |project: &str, id: &str| {
        let (project_id, server_id) = (project.to_owned(), id.to_owned());
        by("orange", v1::GetServerPolicyRequest { project_id, server_id })
    };
    let absent = told(policies.get_server_policy(get("orange", "violet-web-id")).await);
    for id in ["violet-web-id", "other"] {
        assert_eq!(told(policies.get_server_policy(get("violet", id)).await), absent, "{id}");
    }
    site.stop().await;
}

/// The same id of two principals is two ids, whether they act for one project or none.
#[tokio::test]
async fn a_request_id_belongs_to_its_principal() {
    let mut site = site().await;
    let mut sessions = site.sessions().await;
    let create = |caller, host| {
        let (spec, request_id) = (Some(patient(&[host])), "once".to_owned());
        by(caller, v1::CreateSessionRequest { spec, request_id })
    };
    let of_kim = create("kim", "compute-1");
    let again = by("kim", of_kim.get_ref().clone());
    let first = sessions.create_session(of_kim).await.unwrap().into_inner();
    assert_eq!(sessions.create_session(again).await.unwrap().into_inner(), first);
    let of_lee = sessions.create_session(create("lee", "compute-2")).await.unwrap().into_inner();
    assert_ne!(of_lee.session.unwrap().id, first.session.unwrap().id);
    let reused = sessions.create_session(create("kim", "compute-3")).await.unwrap_err();
    assert_eq!(reused.code(), Code::AlreadyExists);

    let mut policies = site.policies().await;
    for (caller, name) in [("orange", "a"), ("both", "b"), ("kim", "c")] {
        let mut put = group("orange");
        put.request_id = "once".to_owned();
        put.server_group.as_mut().unwrap().display_name = name.to_owned();
        let stored = policies.put_server_group(by(caller, put)).await.unwrap().into_inner();
        assert_eq!(stored.server_group.unwrap().display_name, name, "{caller}");
    }
    site.stop().await;
}

/// Who asks for something stands in the record of it.
#[tokio::test]
async fn the_audit_names_the_principal() {
    let mut site = site().await;
    let mut sessions = site.sessions().await;
    let spec = Some(patient(&["compute-1"]));
    let create = by("kim", v1::CreateSessionRequest { spec, ..Default::default() });
    let created = sessions.create_session(create).await.unwrap().into_inner().session.unwrap();
    let session_id = created.id.clone();
    let cancel = v1::CancelSessionRequest { session_id, ..Default::default() };
    sessions.cancel_session(by("lee", cancel)).await.unwrap();
    let url = crate::harness::database_url(site.dir.path());
    site.stop().await;
    let store = fermata_store::Store::connect(&url, &fermata_store::Options::default()).await;
    let query = fermata_store::AuditQuery { limit: 10, ..Default::default() };
    let (records, _) = store.unwrap().list_audit(&query).await.unwrap();
    let who: Vec<_> = records.iter().map(|r| (r.principal.as_str(), r.role.as_str())).collect();
    assert_eq!(who, [("lee", "operator"), ("kim", "operator")]);
}
