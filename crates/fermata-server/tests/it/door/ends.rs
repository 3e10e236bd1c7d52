//! Streams end when the credential of their caller does, and go on with a new one.

use std::time::Duration;

use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_proto::v1;
use fermata_server::clock;
use fermata_server::door::Credential;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use super::{Callers, by, projects};
use crate::acts::patient;
use crate::harness::{Sessions, Site, soon};
use crate::refusal::Refusal;
use crate::world::World;

/// Reads a stream until it ends with an error.
async fn end<M>(stream: &mut Streaming<M>, mut each: impl FnMut(M)) -> Status {
    let reading = async {
        loop {
            match stream.message().await {
                Ok(Some(message)) => each(message),
                Ok(None) => panic!("the stream ended without a word"),
                Err(status) => return status,
            }
        }
    };
    soon("the end of the stream", reading).await
}

fn is_expired(status: Status) {
    let refusal = Refusal::of(status);
    assert_eq!(refusal.code, Code::Unauthenticated);
    assert_eq!(refusal.reason, "CREDENTIALS_EXPIRED");
    assert!(refusal.text.contains("call again with a new one"), "{}", refusal.text);
}

async fn create(sessions: &mut Sessions) -> String {
    let spec = Some(patient(&["compute-1"]));
    let create = by("kim", v1::CreateSessionRequest { spec, ..Default::default() });
    sessions.create_session(create).await.unwrap().into_inner().session.unwrap().id
}

#[tokio::test]
async fn every_stream_ends_when_the_credential_is_revoked() {
    let callers = Callers::default();
    let revoked = CancellationToken::new();
    let credential = || Credential { revoked: revoked.clone(), ..Credential::default() };
    let all = || Projects::All;
    callers.know("kim", &[Role::Operator], all());
    callers.know_until("lent", &[Role::Operator], all(), credential());
    callers.know_until("orange", &[Role::Owner], projects(&["orange"]), credential());
    let mut site = Site::for_callers(&World::small(), callers.identity()).await;
    let (mut sessions, mut hosts) = (site.sessions().await, site.hosts().await);
    let mut owners = site.notifications().await;
    let session_id = create(&mut sessions).await;

    let watch = v1::WatchSessionRequest { session_id: session_id.clone(), ..Default::default() };
    let mut session = sessions.watch_session(by("lent", watch.clone())).await.unwrap().into_inner();
    let mut kept = sessions.watch_session(by("kim", watch)).await.unwrap().into_inner();
    let watch = by("lent", v1::WatchHostsRequest::default());
    let mut infrastructure = hosts.watch_hosts(watch).await.unwrap().into_inner();
    let subscribe = v1::SubscribeRequest { project_id: "orange".into(), ..Default::default() };
    let mut project = owners.subscribe(by("orange", subscribe.clone())).await.unwrap().into_inner();
    session.message().await.unwrap().unwrap();
    kept.message().await.unwrap().unwrap();
    infrastructure.message().await.unwrap().unwrap();
    let token = project.message().await.unwrap().unwrap().resume_token;
    assert!(!token.is_empty(), "the whole snapshot");

    revoked.cancel();
    is_expired(end(&mut session, |_| {}).await);
    is_expired(end(&mut infrastructure, |_| {}).await);
    is_expired(end(&mut project, |_| {}).await);

    // Others do not notice, and the same token goes on with a new credential.
    callers.know("renewed", &[Role::Owner], projects(&["orange"]));
    let start = crate::tape::after(token);
    let subscribe = v1::SubscribeRequest { start, ..subscribe };
    let mut project = owners.subscribe(by("renewed", subscribe)).await.unwrap().into_inner();
    let cancel = v1::CancelSessionRequest { session_id, ..Default::default() };
    sessions.cancel_session(by("kim", cancel)).await.unwrap();
    soon("an event", kept.message()).await.unwrap().unwrap();
    soon("an event", project.message()).await.unwrap().unwrap();
    site.stop().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_credential_expires() {
    let callers = Callers::default();
    callers.know("kim", &[Role::Operator], Projects::All);
    let mut site = Site::for_callers(&World::small(), callers.identity()).await;
    let expires_at = Some((clock::system())() + Duration::from_millis(300));
    let credential = Credential { expires_at, ..Default::default() };
    callers.know_until("brief", &[Role::Monitor], Projects::All, credential);
    let watch = by("brief", v1::WatchHostsRequest::default());
    let mut stream = site.hosts().await.watch_hosts(watch).await.unwrap().into_inner();
    is_expired(end(&mut stream, |_| {}).await);
    site.stop().await;
}
