//! What a channel adds to calls.

use std::collections::HashMap;

use fermata_client::v1::notification_service_client::NotificationServiceClient;
use fermata_client::v1::{PutSubscriptionRequest, ReplyRequest};
use fermata_client::{ConnectOptions, Credentials, ErrorDetails, Owner, connect_lazy_as};
use tonic::{Code, Status};

use crate::notifications::{Scripted, Step, snapshot, with_reason};

fn reply() -> ReplyRequest {
    ReplyRequest { notification_id: "n".to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_write_is_sent_again_under_one_id() {
    let scripted = Scripted::run(Vec::new()).await;
    let busy = [
        Status::unavailable("restarts"),
        with_reason(Code::ResourceExhausted, "TOO_MANY_CALLS"),
        with_reason(Code::ResourceExhausted, "CALL_RATE_EXCEEDED"),
    ];
    scripted.noted(|notes| notes.reply_errors = busy.into());
    scripted.channel().notifications().reply(reply()).await.unwrap();
    let replies = scripted.noted(|notes| notes.replies.clone());
    assert_eq!(replies.len(), 4);
    assert!(!replies[0].request_id.is_empty());
    assert!(replies.iter().all(|reply| *reply == replies[0]));
}

#[tokio::test]
async fn what_does_not_pass_is_not_sent_again() {
    for error in [Status::internal(""), with_reason(Code::ResourceExhausted, "QUOTA_EXCEEDED")] {
        let scripted = Scripted::run(Vec::new()).await;
        scripted.noted(|notes| notes.reply_errors = [error.clone()].into());
        let refused = scripted.channel().notifications().reply(reply()).await.unwrap_err();
        assert_eq!(ErrorDetails::of(&refused), ErrorDetails::of(&error));
        assert_eq!(refused.code(), error.code());
        assert_eq!(scripted.noted(|notes| notes.replies.len()), 1);
    }
}

#[tokio::test]
async fn a_bare_client_sends_once_and_adds_no_id() {
    let scripted = Scripted::run(Vec::new()).await;
    scripted.noted(|notes| notes.reply_errors = [Status::unavailable("")].into());
    let mut bare = NotificationServiceClient::new(scripted.channel());
    assert_eq!(bare.reply(reply()).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(scripted.noted(|notes| notes.replies.clone()), [reply()]);
}

#[tokio::test]
async fn what_may_be_repeated_anyway_gets_no_id() {
    let scripted = Scripted::run(Vec::new()).await;
    scripted.noted(|notes| notes.put_errors = [Status::unavailable("")].into());
    let request = PutSubscriptionRequest::default();
    scripted.channel().notifications().put_subscription(request.clone()).await.unwrap();
    assert_eq!(scripted.noted(|notes| notes.put.clone()), [request.clone(), request]);
}

#[tokio::test]
async fn the_server_hears_who_calls_and_with_what() {
    let scripted = Scripted::run(Vec::new()).await;
    let request = PutSubscriptionRequest::default();
    scripted.channel().notifications().put_subscription(request).await.unwrap();
    let head = scripted.noted(|notes| notes.heads[0].clone());
    let agent = head.get("user-agent").unwrap().to_str().unwrap();
    assert!(agent.starts_with(concat!("fermata-rust/", env!("CARGO_PKG_VERSION"))), "{agent}");
    assert_eq!(head.get("authorization"), None);
}

/// The tokens of each call and stream.
fn tokens(scripted: &Scripted) -> Vec<String> {
    let token = |head: &tonic::metadata::MetadataMap| {
        head.get("authorization").unwrap().to_str().unwrap().to_owned()
    };
    scripted.noted(|notes| notes.heads.iter().map(token).collect())
}

#[tokio::test]
async fn a_token_in_a_file_that_has_expired_is_read_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "fresh").unwrap();
    let expired = || with_reason(Code::Unauthenticated, "CREDENTIALS_EXPIRED");
    let streams = vec![vec![Step::Fail(expired())], vec![snapshot(1, Vec::new())]];
    let scripted = Scripted::run(streams).await;
    scripted.noted(|notes| notes.put_errors = [expired()].into());
    let options = ConnectOptions {
        credentials: Credentials::TokenFile(file.path().to_owned()),
        ..Default::default()
    };
    let channel = connect_lazy_as(&format!("http://{}", scripted.address), &options).unwrap();
    let run = tokio::spawn(async move { Owner::new("p", "vnfm").run(channel).await });
    scripted.acknowledged(1).await;
    run.abort();
    // Twice the subscription, and two streams.
    assert_eq!(tokens(&scripted), ["Bearer fresh"; 4]);
}

#[tokio::test]
async fn a_token_that_stays_what_it_is_ends_the_owner_when_it_has_expired() {
    let scripted = Scripted::run(Vec::new()).await;
    let expired = with_reason(Code::Unauthenticated, "CREDENTIALS_EXPIRED");
    scripted.noted(|notes| notes.put_errors = [expired].into());
    let options =
        ConnectOptions { credentials: Credentials::Token("old".to_owned()), ..Default::default() };
    let channel = connect_lazy_as(&format!("http://{}", scripted.address), &options).unwrap();
    let ended = Owner::new("p", "vnfm").run(channel).await.unwrap_err();
    let details = ErrorDetails::of(&ended);
    assert_eq!(details.reason_name, "CREDENTIALS_EXPIRED");
    assert_eq!(details.metadata, HashMap::new());
    assert_eq!(tokens(&scripted), ["Bearer old"]);
}
