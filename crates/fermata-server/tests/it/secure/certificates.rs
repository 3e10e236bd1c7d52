//! Certificates that are removed, end, or are replaced while their connections are open.

use std::fs;
use std::time::Duration;

use fermata_proto::v1;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use super::{Ca, Secure, dns, list, reason};
use crate::door::by;
use crate::harness::{Sessions, eventually, soon};
use crate::refusal::Refusal;

/// A stream of the project orange, begun by whoever calls over this connection.
async fn subscribed(channel: &Channel) -> Result<Streaming<v1::SubscribeResponse>, Status> {
    let orange = v1::SubscribeRequest { project_id: "orange".into(), ..Default::default() };
    let mut owners = NotificationServiceClient::new(channel.clone());
    let mut stream = owners.subscribe(orange).await?.into_inner();
    stream.message().await?.unwrap();
    Ok(stream)
}

async fn end_of(mut stream: Streaming<v1::SubscribeResponse>) -> Refusal {
    let ended = soon("the end of the stream", async {
        loop {
            if let Err(status) = stream.message().await {
                return status;
            }
        }
    });
    Refusal::of(ended.await)
}

const VNFM: &str = "[[principal]]\nname = \"vnfm\"\nroles = [\"owner\"]\nprojects = [\"orange\"]\n\
                    certificates = [\"dns:vnfm.site\"]\n";

/// Its connection goes on, since TLS asks only at its beginning; but nothing it calls is answered any more.
#[tokio::test]
async fn who_has_a_certificate_that_was_removed_is_out() {
    let mut secure = Secure::start().await;
    let other = VNFM.replace("vnfm", "other");
    fs::write(secure.principals(), format!("{VNFM}{other}")).unwrap();
    let goes = secure.channel(Some(&secure.issue(&[dns("vnfm.site")]))).await.unwrap();
    let stays = secure.channel(Some(&secure.issue(&[dns("other.site")]))).await.unwrap();
    let mut streams = Vec::new();
    for channel in [&goes, &stays] {
        let open = async || subscribed(channel).await.ok();
        streams.push(eventually("the certificate is known", open).await);
    }
    fs::write(secure.principals(), other).unwrap();
    let stream = streams.remove(0);
    assert_eq!(end_of(stream).await.reason, "CREDENTIALS_EXPIRED");
    assert_eq!(reason(subscribed(&goes).await.map(drop)), "CREDENTIALS_INVALID");
    assert_eq!(reason(list(goes).await), "CREDENTIALS_INVALID");
    assert_eq!(reason(list(stays.clone()).await), "ROLE_REQUIRED", "it is known");
    assert!(subscribed(&stays).await.is_ok());
    secure.stop().await;
}

#[tokio::test]
async fn what_a_certificate_opened_ends_with_it() {
    let mut secure = Secure::start().await;
    fs::write(secure.principals(), VNFM).unwrap();
    let lasting = secure.channel(Some(&secure.issue(&[dns("vnfm.site")]))).await.unwrap();
    let known = async || subscribed(&lasting).await.ok();
    let _open = eventually("the certificate is known", known).await;

    let until = fermata_server::clock::system()() + Duration::from_secs(6);
    let brief = secure.ca.sign(&[dns("vnfm.site")], |params| params.not_after = until);
    let channel = secure.channel(Some(&brief)).await.unwrap();
    let stream = subscribed(&channel).await.unwrap();
    assert_eq!(end_of(stream).await.reason, "CREDENTIALS_EXPIRED");
    let again = subscribed(&channel).await.map(drop);
    assert_eq!(reason(again), "CREDENTIALS_EXPIRED", "over the connection that it opened");
    assert!(subscribed(&lasting).await.is_ok(), "another certificate of the same principal");
    secure.stop().await;
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_open_ones_stay() {
    let mut secure = Secure::start().await;
    let kim = secure.know("kim", "operator", &[]).await;
    let mut before = Sessions::new(secure.channel(None).await.unwrap());
    let list = v1::ListSessionsRequest::default;
    before.list_sessions(by(&kim, list())).await.unwrap();

    // Whoever renews it writes one file after the other; in between nothing breaks.
    let next = Ca::new("the next one");
    let (certificate, key) = next.issue(&[dns("fermata.test")]);
    fs::write(secure.files.join("server.pem"), certificate).unwrap();
    eventually("the pair that does not fit is told of", async || {
        secure.site.page("/tasks").await;
        let mut fresh = Sessions::new(secure.channel(None).await.ok()?);
        fresh.list_sessions(by(&kim, list())).await.ok()?;
        Some(())
    })
    .await;
    fs::write(secure.files.join("server.key"), key).unwrap();
    eventually("the new certificate is shown", async || {
        secure.endpoint(&next, None).connect().await.ok()
    })
    .await;
    before.list_sessions(by(&kim, list())).await.unwrap();
    assert!(secure.channel(None).await.is_err(), "the old certificate is shown no more");
    secure.site.stop().await;
}
