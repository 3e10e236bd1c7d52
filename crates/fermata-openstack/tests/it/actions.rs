//! Actions: what is sent, and what is concluded when it goes wrong. Nothing is ever sent twice.

use fermata_core::cloud::{Cloud, MigrationId, Scheduling};
use fermata_openstack::OpenStackCloud;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockBuilder, ResponseTemplate};

use crate::fake::{Fake, REQUEST_TIMEOUT, SERVER, fault, get, kind, ok, post_action};

fn action(body: &Value, version: &str) -> MockBuilder {
    post_action()
        .and(header("content-type", "application/json"))
        .and(header("openstack-api-version", format!("compute {version}").as_str()))
        .and(body_json(body))
}

fn put_service() -> MockBuilder {
    Mock::given(method("PUT"))
        .and(path("/compute/v2.1/os-services/95b1a471-92da-4141-a580-98c16380646b"))
}

#[tokio::test]
async fn every_action_is_sent_as_nova_wants_it() {
    let fake = Fake::start().await;
    let accepted = || ResponseTemplate::new(202);
    for (body, version) in [
        (json!({"os-migrateLive": {"host": null, "block_migration": "auto"}}), "2.68"),
        (json!({"os-migrateLive": {"host": "h2", "block_migration": "auto"}}), "2.68"),
        (json!({"migrate": {"host": null}}), "2.56"),
        (json!({"migrate": {"host": "h2"}}), "2.56"),
        (json!({"confirmResize": null}), "2.1"),
        (json!({"os-stop": null}), "2.1"),
        (json!({"os-start": null}), "2.1"),
    ] {
        fake.nova(action(&body, version), accepted(), 1).await;
    }
    let abort = Mock::given(method("DELETE"))
        .and(path(format!("/compute/v2.1/servers/{SERVER}/migrations/7")))
        .and(header("openstack-api-version", "compute 2.65"));
    fake.nova(abort, accepted(), 1).await;

    let cloud = fake.cloud();
    let (server, target) = (SERVER.into(), "h2".into());
    cloud.live_migrate(&server, None).await.unwrap();
    cloud.live_migrate(&server, Some(&target)).await.unwrap();
    cloud.migrate(&server, None).await.unwrap();
    cloud.migrate(&server, Some(&target)).await.unwrap();
    cloud.confirm_migration(&server).await.unwrap();
    cloud.stop(&server).await.unwrap();
    cloud.start(&server).await.unwrap();
    cloud.abort_migration(&server, MigrationId(7)).await.unwrap();
}

#[tokio::test]
async fn scheduling_is_set_on_the_service_of_the_host() {
    let fake = Fake::start().await;
    fake.has_service("h1").await;
    let disable = put_service()
        .and(header("openstack-api-version", "compute 2.53"))
        .and(body_json(json!({"status": "disabled", "disabled_reason": "why"})));
    fake.nova(disable, ResponseTemplate::new(200), 1).await;
    let disabled = Scheduling::Disabled { reason: "why".to_owned() };
    fake.cloud().set_scheduling(&"h1".into(), &disabled).await.unwrap();
}

#[tokio::test]
async fn a_conflict_comes_with_novas_words() {
    let fake = Fake::start().await;
    let conflict = fault(
        409,
        "conflictingRequest",
        "Cannot 'os-migrateLive' instance while it is in task_state migrating",
    );
    fake.nova(post_action(), conflict, 1).await;
    let error = fake.cloud().live_migrate(&SERVER.into(), None).await.unwrap_err();
    assert_eq!(kind(&error), "conflict");
    assert!(error.to_string().ends_with("while it is in task_state migrating (req-42)"), "{error}");
}

#[tokio::test]
async fn a_server_error_after_an_action_says_nothing_about_it() {
    let fake = Fake::start().await;
    let broken = fault(500, "computeFault", "Unexpected API Error.");
    fake.nova(post_action(), broken, 1).await;
    let error = fake.cloud().migrate(&SERVER.into(), None).await.unwrap_err();
    assert_eq!(kind(&error), "unknown", "{error}");
}

#[tokio::test]
async fn an_action_that_is_not_answered_in_time_may_have_happened() {
    let fake = Fake::start().await;
    let late = ResponseTemplate::new(202).set_delay(REQUEST_TIMEOUT * 10);
    fake.nova(post_action(), late, 1).await;
    let error = fake.cloud().stop(&SERVER.into()).await.unwrap_err();
    assert_eq!(kind(&error), "unknown", "{error}");
}

/// The compute service of h1 as one answer after the other shows it; the last one stays.
async fn services(fake: &Fake, answers: &[Value]) {
    let answers = answers.to_vec();
    let asked = AtomicUsize::new(0);
    get("/os-services")
        .respond_with(move |_: &wiremock::Request| {
            let number = asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
            let mut service = answers[number].clone();
            service["host"] = json!("h1");
            service["id"] = json!("95b1a471-92da-4141-a580-98c16380646b");
            service["state"] = json!("up");
            ok(json!({"services": [service]}))
        })
        .mount(&fake.server)
        .await;
}

fn disabled(reason: &str) -> Scheduling {
    Scheduling::Disabled { reason: reason.to_owned() }
}

#[tokio::test]
async fn scheduling_whose_answer_does_not_come_is_read() {
    let late = || ResponseTemplate::new(200).set_delay(REQUEST_TIMEOUT * 10);
    let enabled = json!({"status": "enabled", "disabled_reason": null});
    let ours = json!({"status": "disabled", "disabled_reason": "ours"});
    let fake = Fake::start().await;
    services(&fake, &[enabled.clone(), ours]).await;
    fake.nova(put_service(), late(), 1).await;
    fake.cloud().set_scheduling(&"h1".into(), &disabled("ours")).await.unwrap();

    let fake = Fake::start().await;
    services(&fake, &[enabled.clone(), enabled]).await;
    fake.nova(put_service(), late(), 1).await;
    let error = fake.cloud().set_scheduling(&"h1".into(), &disabled("ours")).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn scheduling_that_is_as_asked_for_is_not_set_again() {
    let fake = Fake::start().await;
    services(&fake, &[json!({"status": "disabled", "disabled_reason": "ours"})]).await;
    fake.nova(put_service(), ResponseTemplate::new(200), 1).await;
    let cloud = fake.cloud();
    cloud.set_scheduling(&"h1".into(), &disabled("ours")).await.unwrap();
    cloud.set_scheduling(&"h1".into(), &disabled("another reason")).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_after_an_action_says_nothing_about_it() {
    let nova = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2.1", nova.local_addr().unwrap());
    let fake = Fake::with_nova_at(&url).await;
    let times_sent = AtomicU32::new(0);
    let serve = async {
        loop {
            let (mut connection, _) = nova.accept().await.unwrap();
            times_sent.fetch_add(1, Ordering::Relaxed);
            let mut head = [0; 4];
            connection.read_exact(&mut head).await.unwrap();
            assert_eq!(&head, b"POST");
        }
    };
    let cloud = fake.cloud();
    let server = SERVER.into();
    let error = tokio::select! {
        result = cloud.migrate(&server, None) => result.unwrap_err(),
        () = serve => unreachable!(),
    };
    assert_eq!(kind(&error), "unknown", "{error}");
    assert_eq!(times_sent.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_nova_that_is_not_reached_has_done_nothing() {
    let fake = Fake::with_nova_at("http://127.0.0.1:1/v2.1").await;
    let error = fake.cloud().migrate(&SERVER.into(), None).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn headers_of_the_caller_go_along() {
    let fake = Fake::start().await;
    let traced = post_action().and(header("traceparent", "00-abc-def-01"));
    fake.nova(traced, ResponseTemplate::new(202), 1).await;
    let mut config = fake.config();
    config.headers = Some(Arc::new(|| {
        vec![
            ("traceparent".to_owned(), "00-abc-def-01".to_owned()),
            ("not a header".to_owned(), "x".to_owned()),
        ]
    }));
    OpenStackCloud::new(config).unwrap().stop(&SERVER.into()).await.unwrap();
}
