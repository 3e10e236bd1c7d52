//! How much may be kept, and how long owners may make everybody wait.

use fermata_core::quota::{MAX_COUNTER_OFFERS, Quotas};
use fermata_proto::v1;
use fermata_proto::v1::NotificationKind;
use fermata_proto::v1::reply_request::Answer;
use time::Duration;
use tonic::{Code, Status};

use crate::acts::{create, notification, patient, reply, spec};
use crate::harness::{Site, from_now, millis};
use crate::refusal::Refusal;
use crate::world::World;

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;

fn exceeded(status: Status, quota: &str, limit: u64) {
    let refusal = Refusal::of(status);
    assert_eq!(refusal.code, Code::ResourceExhausted);
    assert_eq!(refusal.reason, "QUOTA_EXCEEDED");
    assert_eq!(
        (&*refusal.metadata["quota"], &*refusal.metadata["limit"]),
        (quota, &*limit.to_string())
    );
    assert_eq!(refusal.quotas, [quota]);
}

fn subscription(project: &str, id: &str) -> v1::PutSubscriptionRequest {
    let subscription = v1::Subscription {
        project_id: project.to_owned(),
        id: id.to_owned(),
        ..Default::default()
    };
    v1::PutSubscriptionRequest { subscription: Some(subscription), ..Default::default() }
}

fn group(id: &str) -> v1::PutServerGroupRequest {
    let group = v1::ServerGroup {
        project_id: "orange".to_owned(),
        id: id.to_owned(),
        member_ids: vec!["orange-web-id".to_owned()],
        ..Default::default()
    };
    v1::PutServerGroupRequest { server_group: Some(group), ..Default::default() }
}

fn policy(server: &str, lead_ms: i64) -> v1::PutServerPolicyRequest {
    let policy = v1::Policy { lead_time: millis(lead_ms), ..Default::default() };
    let policy = v1::ServerPolicy {
        project_id: "orange".to_owned(),
        server_id: server.to_owned(),
        policy: Some(policy),
        ..Default::default()
    };
    v1::PutServerPolicyRequest { server_policy: Some(policy), ..Default::default() }
}

#[tokio::test]
async fn a_project_keeps_so_much_and_replaces_what_it_has() {
    let quotas =
        Quotas { subscriptions: 2, server_policies: 1, server_groups: 1, ..Quotas::default() };
    let mut site = Site::with(&World::small(), |c| c.quotas = quotas).await;
    let (mut owners, mut policies) = (site.notifications().await, site.policies().await);
    for id in ["one", "two", "one"] {
        owners.put_subscription(subscription("orange", id)).await.unwrap();
    }
    let third = owners.put_subscription(subscription("orange", "three")).await.unwrap_err();
    exceeded(third, "subscriptions", 2);
    owners.put_subscription(subscription("violet", "three")).await.unwrap();

    policies.put_server_group(group("one")).await.unwrap();
    policies.put_server_group(group("one")).await.unwrap();
    exceeded(policies.put_server_group(group("two")).await.unwrap_err(), "server_groups", 1);
    policies.put_server_policy(policy("a", 1)).await.unwrap();
    policies.put_server_policy(policy("a", 2)).await.unwrap();
    exceeded(policies.put_server_policy(policy("b", 1)).await.unwrap_err(), "server_policies", 1);
    for limit in ["subscriptions", "server_groups", "server_policies"] {
        site.counts(limit).await;
    }
    site.stop().await;
}

#[tokio::test]
async fn so_many_sessions_are_open_at_once() {
    let quotas = Quotas { sessions: 1, ..Quotas::default() };
    let mut site = Site::with(&World::small(), |c| c.quotas = quotas).await;
    let mut sessions = site.sessions().await;
    let first = create(&mut sessions, patient(&["compute-1"])).await;
    let request =
        || v1::CreateSessionRequest { spec: Some(spec(&["compute-3"])), ..Default::default() };
    exceeded(sessions.create_session(request()).await.unwrap_err(), "sessions", 1);
    site.counts("sessions").await;
    let cancel = v1::CancelSessionRequest {
        session_id: first.id,
        reason: "room for another".to_owned(),
        ..Default::default()
    };
    sessions.cancel_session(cancel).await.unwrap();
    crate::harness::eventually("a place", async || sessions.create_session(request()).await.ok())
        .await;
    site.stop().await;
}

#[tokio::test]
async fn a_question_takes_so_many_counter_offers() {
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owners) = (site.sessions().await, site.notifications().await);
    create(&mut sessions, patient(&["compute-1"])).await;
    let mut refused = None;
    for n in 0..=i64::from(MAX_COUNTER_OFFERS) {
        let asked = crate::harness::eventually("the question", async || {
            let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
            Some(asked).filter(|n| n.state() == v1::NotificationState::Pending)
        })
        .await;
        let offer = Answer::CounterOffer(v1::CounterOffer {
            not_before_time: Some(from_now(20 + n)),
            ..Default::default()
        });
        refused = owners.reply(reply(&asked, offer)).await.err();
    }
    exceeded(refused.unwrap(), "counter_offers", MAX_COUNTER_OFFERS.into());
    site.counts("counter_offers").await;
    site.stop().await;
}

#[tokio::test]
async fn owners_make_nobody_wait_longer_than_the_operator_allows() {
    let world = World::small()
        .server("slow", "orange", "compute-1")
        .noting("fermata:lead_time", "7200h")
        .server("kept", "orange", "compute-1");
    let quotas = Quotas { longest_wait: Duration::seconds(20), ..Quotas::default() };
    let mut site = Site::with(&world, |c| c.quotas = quotas).await;
    let (mut sessions, mut policies) = (site.sessions().await, site.policies().await);
    let refusal =
        Refusal::of(policies.put_server_policy(policy("kept-id", WEEK_MS)).await.unwrap_err());
    assert_eq!(refusal.fields, ["server_policy.policy.lead_time"]);
    assert!(refusal.text.contains("is longer than 20s"), "{}", refusal.text);
    let mut long = group("g");
    let sent = long.server_group.as_mut().unwrap();
    sent.recovery_time = millis(WEEK_MS);
    sent.member_policy = Some(v1::Policy { lead_time: millis(WEEK_MS), ..Default::default() });
    let refusal = Refusal::of(policies.put_server_group(long).await.unwrap_err());
    assert_eq!(
        refusal.fields,
        ["server_group.recovery_time", "server_group.member_policy.lead_time"]
    );
    // What metadata ask for is cut, and shown as it counts.
    create(&mut sessions, patient(&["compute-1"])).await;
    let mut owners = site.notifications().await;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let slow = asked.servers.iter().find(|s| s.server_id == "slow-id").unwrap();
    assert_eq!(slow.lead_time, millis(20_000));
    site.stop().await;
}
