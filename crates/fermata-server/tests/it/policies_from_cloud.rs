//! What the cloud says about policies: metadata of servers, and members of server groups.

use fermata_proto::v1;
use fermata_proto::v1::{
    Action, DecisionSource, MigrationType, NotificationKind, PolicySource, SessionHostState,
};
use prost_types::Duration;
use tonic::Code;

use crate::acts::{create, notification, notifications, patient, spec, start, until_host};
use crate::harness::{Policies, Site, eventually, nanos};
use crate::refusal::Refusal;
use crate::world::World;

const WEB: &str = "orange-web-id";

/// One server of orange, which says what is to become of it.
fn noted() -> World {
    World::of_hosts(2)
        .server("orange-web", "orange", "compute-1")
        .noting("fermata:controlled_temporary", "keep")
        .noting("fermata:lead_time", "1s")
        .noting("fermata:migration_types", "teleport")
        .noting("role", "web")
}

fn get(project: &str) -> v1::GetServerPolicyRequest {
    v1::GetServerPolicyRequest { project_id: project.to_owned(), server_id: WEB.to_owned() }
}

fn stored() -> v1::PutServerPolicyRequest {
    let policy =
        v1::Policy { migration_types: vec![MigrationType::Offline.into()], ..Default::default() };
    let server_policy = v1::ServerPolicy {
        project_id: "orange".to_owned(),
        server_id: WEB.to_owned(),
        policy: Some(policy),
        ..Default::default()
    };
    v1::PutServerPolicyRequest { server_policy: Some(server_policy), ..Default::default() }
}

/// A group of orange that goes by a server group of the cloud: its members are kept.
async fn put_group(policies: &mut Policies, server_group: String) {
    let keep = v1::Policy { controlled_temporary: Action::Keep.into(), ..Default::default() };
    let group = v1::ServerGroup {
        project_id: "orange".to_owned(),
        id: "web".to_owned(),
        nova_server_group_id: server_group,
        member_policy: Some(keep),
        ..Default::default()
    };
    let request = v1::PutServerGroupRequest { server_group: Some(group), ..Default::default() };
    policies.put_server_group(request).await.unwrap();
}

/// Where what counts comes from: field and source.
fn sources(found: v1::GetServerPolicyResponse) -> Vec<(String, PolicySource)> {
    let sources = found.effective.unwrap().sources;
    sources.into_iter().map(|s| (s.field.clone(), s.source())).collect()
}

#[tokio::test]
async fn metadata_say_what_silence_means() {
    let mut site = Site::start(&noted()).await;
    let mut policies = site.policies().await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let found = policies.get_server_policy(get("orange")).await.unwrap().into_inner();
    assert_eq!(found.server_policy, None);
    let bad = &found.effective.as_ref().unwrap().invalid_values;
    assert_eq!(bad.iter().map(|b| b.key.as_str()).collect::<Vec<_>>(), ["fermata:migration_types"]);
    let expected = ["controlled_temporary", "lead_time"];
    assert_eq!(sources(found), expected.map(|f| (f.to_owned(), PolicySource::Metadata)));
    let foreign = Refusal::of(policies.get_server_policy(get("violet")).await.unwrap_err());
    assert_eq!(foreign.reason, "POLICY_NOT_FOUND", "another project's metadata are not shown");

    let id = create(&mut sessions, spec(&["compute-1"])).await.id;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let server = &asked.servers[0];
    assert_eq!(server.default_action(), Action::Keep);
    assert_eq!(server.default_action_source(), DecisionSource::Policy);
    assert_eq!(server.lead_time, Some(Duration { seconds: 1, nanos: 0 }));
    assert_eq!(server.policy.as_ref().unwrap().invalid_values.len(), 1, "the owner is told of it");
    assert!(nanos(asked.actions_start_time) >= nanos(asked.create_time) + 1_000_000_000);
    until_host(&mut sessions, &id, "compute-1", SessionHostState::InMaintenance).await;
    let told = notifications(&mut owners, "orange").await;
    let drain = told.iter().find(|n| n.kind() == NotificationKind::Drain).unwrap();
    assert_eq!(drain.servers[0].decision(), Action::Keep);
    assert_eq!(drain.servers[0].decision_source(), DecisionSource::Policy);
    site.stop().await;
}

#[tokio::test]
async fn a_cloud_that_is_away_hides_only_metadata() {
    let away = "operation = \"progress\", kind = \"unavailable\"";
    let mut site = Site::start(&noted().fault(away)).await;
    let mut policies = site.policies().await;
    let refusal = Refusal::of(policies.get_server_policy(get("orange")).await.unwrap_err());
    assert_eq!(
        (refusal.code, refusal.reason.as_str()),
        (Code::Unavailable, "CLOUD_UNAVAILABLE"),
        "whether there is a policy is not known"
    );
    policies.put_server_policy(stored()).await.unwrap();
    let found = policies.get_server_policy(get("orange")).await.unwrap().into_inner();
    assert_eq!(sources(found), [("migration_types".to_owned(), PolicySource::Server)]);
    site.stop().await;
}

#[tokio::test]
async fn members_of_a_server_group_have_the_member_policy() {
    let world = World::small().group("apart", &["orange-web", "orange-db"]);
    let mut site = Site::start(&world).await;
    let mut policies = site.policies().await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    put_group(&mut policies, world.group_id().await).await;
    let found = policies.get_server_policy(get("orange")).await.unwrap().into_inner();
    assert_eq!(sources(found), [("controlled_temporary".to_owned(), PolicySource::Group)]);
    let id = create(&mut sessions, patient(&["compute-1"])).await.id;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    assert_eq!(asked.servers[0].default_action(), Action::Keep);
    assert_eq!(asked.servers[0].default_action_source(), DecisionSource::Policy);

    // A process that has just begun knows them as well when it asks.
    site.stop().await;
    site.up(|_| {}).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    start(&mut sessions, &id).await;
    let drain = eventually("the question", async || {
        let told = notifications(&mut owners, "orange").await;
        told.into_iter().find(|n| n.kind() == NotificationKind::Drain)
    })
    .await;
    assert_eq!(drain.servers[0].default_action(), Action::Keep);
    assert_eq!(drain.servers[0].default_action_source(), DecisionSource::Policy);
    site.stop().await;
}

#[tokio::test]
async fn sessions_need_the_clouds_server_groups_only_where_policies_name_them() {
    let away = "operation = \"site\", kind = \"unavailable\"";
    let mut site = Site::start(&World::small().fault(away)).await;
    let mut policies = site.policies().await;
    let mut sessions = site.sessions().await;
    let create_over = |host: &str| v1::CreateSessionRequest {
        spec: Some(patient(&[host])),
        ..Default::default()
    };
    sessions.create_session(create_over("compute-1")).await.unwrap();
    put_group(&mut policies, "somewhere".to_owned()).await;
    let refused = sessions.create_session(create_over("compute-2")).await.unwrap_err();
    let refusal = Refusal::of(refused);
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Unavailable, "CLOUD_UNAVAILABLE"));
    sessions.create_session(create_over("compute-3")).await.unwrap();
    site.stop().await;
}

/// What is not there is said, and what is certainly meant otherwise is refused: else the protection is not in force, and
/// nobody knows.
#[tokio::test]
async fn item_10_names_are_not_taken_for_ids() {
    let mut site = Site::start(&World::small()).await;
    let mut policies = site.policies().await;
    let put = |server: &str| {
        let mut request = stored();
        request.server_policy.as_mut().unwrap().server_id = server.to_owned();
        request
    };
    let there = policies.put_server_policy(put(WEB)).await.unwrap().into_inner();
    assert_eq!(there.warnings, []);

    let named = Refusal::of(policies.put_server_policy(put("orange-web")).await.unwrap_err());
    assert_eq!((named.code, named.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    assert_eq!(named.fields, ["server_policy.server_id"]);
    assert!(named.text.contains(WEB), "{named:?}");

    let absent = policies.put_server_policy(put("yet-to-come")).await.unwrap().into_inner();
    assert_eq!(absent.warnings[0].field, "server_policy.server_id");
    assert!(absent.warnings[0].message.contains("no server yet-to-come"), "{absent:?}");
    let again = policies.put_server_policy(put("yet-to-come")).await.unwrap().into_inner();
    assert_eq!(again.warnings, absent.warnings);

    let members = vec![WEB.to_owned(), "orange-db".to_owned()];
    let group = v1::ServerGroup {
        project_id: "orange".to_owned(),
        id: "web".to_owned(),
        member_ids: members,
        ..Default::default()
    };
    let request = v1::PutServerGroupRequest { server_group: Some(group), ..Default::default() };
    let named = Refusal::of(policies.put_server_group(request).await.unwrap_err());
    assert_eq!(named.fields, ["server_group.member_ids"]);

    let subscription = v1::Subscription {
        project_id: "oragne".to_owned(),
        id: "vnfm".to_owned(),
        ..Default::default()
    };
    let request =
        v1::PutSubscriptionRequest { subscription: Some(subscription), ..Default::default() };
    let mut owners = site.notifications().await;
    let made = owners.put_subscription(request).await.unwrap().into_inner();
    assert!(made.warnings[0].message.contains("belongs to project oragne"), "{made:?}");
    site.stop().await;
}

#[tokio::test]
async fn item_10_a_cloud_that_is_away_refuses_no_policy() {
    let away = "operation = \"site\", kind = \"unavailable\"";
    let mut site = Site::start(&World::small().fault(away)).await;
    let mut policies = site.policies().await;
    let made = policies.put_server_policy(stored()).await.unwrap().into_inner();
    assert!(made.warnings[0].message.contains("was not looked up"), "{made:?}");
    site.stop().await;
}
