//! Readiness and health follow the database, both ways; what the database refuses is told as what it is.

use fermata_proto::v1;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::acts::{create, patient};
use crate::cluster::Cluster;
use crate::harness::{Sessions, Site, eventually, soon};
use crate::refusal::Refusal;
use crate::world::World;

async fn page_says(site: &Site, wanted: &[&str]) {
    let look = async || {
        let page = site.page("/readyz?verbose").await;
        wanted.iter().all(|text| page.contains(text)).then_some(())
    };
    eventually(&format!("{wanted:?} on the page"), look).await;
}

#[tokio::test]
async fn readiness_and_health_follow_the_database() {
    let mut site = Site::start(&World::small()).await;
    let mut health = HealthClient::new(site.channel().await);
    let request = HealthCheckRequest { service: "fermata.v1.SessionService".to_owned() };
    let mut watch = health.watch(request).await.unwrap().into_inner();
    let mut next = async || soon("health", watch.message()).await.unwrap().unwrap().status();
    assert_eq!(next().await, ServingStatus::Serving);
    page_says(&site, &["200 OK", "[+] database: ok", "[+] lease: ok"]).await;
    let file = site.dir.path().join("fermata.db");
    let away = site.dir.path().join("away.db");
    let mut sessions = site.sessions().await;
    let mut hosts = ["compute-1", "compute-2"].iter();
    for (host, other) in hosts.by_ref().zip(["compute-3", "compute-4"]) {
        std::fs::rename(&file, &away).unwrap();
        let asked =
            v1::CreateSessionRequest { spec: Some(patient(&[*host])), ..Default::default() };
        let refusal = Refusal::of(sessions.create_session(asked).await.unwrap_err());
        assert_eq!(
            (refusal.code, refusal.reason.as_str()),
            (Code::Unavailable, "STORE_UNAVAILABLE")
        );
        assert!(!refusal.text.contains("fermata.db"), "callers are not told: {}", refusal.text);
        assert_eq!(next().await, ServingStatus::NotServing);
        page_says(&site, &["503 Service Unavailable", "[-] database: ", "deleted or moved"]).await;
        std::fs::rename(&away, &file).unwrap();
        assert_eq!(next().await, ServingStatus::Serving);
        page_says(&site, &["200 OK", "[+] database: ok"]).await;
        create(&mut sessions, patient(&[other])).await;
    }
    site.stop().await;
}

/// Who may come in is no reason to be out of service, and shown all the same.
#[tokio::test]
async fn a_server_that_is_open_to_other_machines_shows_it() {
    let mut site = Site::start(&World::small()).await;
    page_says(&site, &["200 OK", "[+] access: ok"]).await;
    site.stop().await;
    let everywhere = std::net::Ipv4Addr::UNSPECIFIED.into();
    let open = |config: &mut fermata_server::Config| config.listen.set_ip(everywhere);
    let mut site = Site::with(&World::small(), open).await;
    page_says(
        &site,
        &["200 OK", "[!] access: ", "can be reached from other machines", "there is no TLS"],
    )
    .await;
    site.stop().await;
}

/// An operator and a script delete the same session at once: one of them does, the others hear that it is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_race_to_delete_is_no_fault() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    for _ in 0..10 {
        let id = create(&mut sessions, patient(&["compute-1"])).await.id;
        let cancel = v1::CancelSessionRequest { session_id: id.clone(), ..Default::default() };
        sessions.cancel_session(cancel).await.unwrap();
        crate::acts::until_state(&mut sessions, &id, v1::SessionState::Cancelled).await;
        let deletes: Vec<_> =
            (0..16).map(|_| tokio::spawn(delete(sessions.clone(), id.clone()))).collect();
        let mut deleted = 0;
        for delete in deletes {
            match delete.await.unwrap() {
                Ok(()) => deleted += 1,
                Err(status) => {
                    assert!(matches!(status.code(), Code::NotFound | Code::Aborted), "{status:?}")
                }
            }
        }
        assert_eq!(deleted, 1);
    }
    site.stop().await;
}

async fn delete(mut sessions: Sessions, id: String) -> Result<(), tonic::Status> {
    let request = v1::DeleteSessionRequest { session_id: id, ..Default::default() };
    sessions.delete_session(request).await.map(drop)
}

/// PostgreSQL cannot store NUL: that is the caller's mistake, and not a fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nul_is_refused_as_the_callers_mistake() {
    let Some(cluster) = Cluster::over(&World::small()).await else { return };
    let member = cluster.member().await;
    let mut sessions = Sessions::new(member.channel().await);
    let spec = v1::SessionSpec { reason: "new \0 kernel".to_owned(), ..patient(&["compute-1"]) };
    let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
    let refusal = Refusal::of(sessions.create_session(request).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    create(&mut sessions, patient(&["compute-1"])).await;
    member.stop().await;
}

/// A database that lets nobody write, or nobody in, seen by a replica on PostgreSQL; and back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_follows_a_server_that_turns_everybody_away() {
    let Some(cluster) = Cluster::over(&World::small()).await else { return };
    let member = cluster.member().await;
    let mut sessions = Sessions::new(member.channel().await);
    let ready = async |wanted: bool| {
        let look = async || (member.is_ready() == wanted).then_some(());
        eventually("readiness", look).await;
    };
    ready(true).await;
    for (off, on, said, host) in [
        (
            "SET default_transaction_read_only = on",
            "RESET default_transaction_read_only",
            "read-only",
            "compute-1",
        ),
        (
            "ALLOW_CONNECTIONS false",
            "ALLOW_CONNECTIONS true",
            "not currently accepting",
            "compute-2",
        ),
    ] {
        cluster.alter(off);
        ready(false).await;
        let look = async || {
            let checks = member.checks();
            let trouble = checks.into_iter().find(|c| c.name == "database")?.trouble?;
            trouble.contains(said).then_some(())
        };
        eventually(said, look).await;
        let asked = v1::CreateSessionRequest { spec: Some(patient(&[host])), ..Default::default() };
        let refusal = Refusal::of(sessions.create_session(asked).await.unwrap_err());
        assert_eq!((refusal.code, refusal.retry), (Code::Unavailable, true), "{refusal:?}");
        cluster.alter(on);
        ready(true).await;
        create(&mut sessions, patient(&[host])).await;
    }
    member.stop().await;
}
