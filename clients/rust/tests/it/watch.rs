//! What a watch tells its caller, and what it asks the server, when things go wrong.

use std::time::Duration;

use fermata_client::v1::stream_start::Start;
use fermata_client::v1::{HostEvent, HostsSnapshot, StreamPoint, StreamStart, WatchHostsRequest};
use fermata_client::{Interruption, WatchItem, WatchOptions, connect_lazy, watch};
use futures::StreamExt;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::scripted::{Part, Server, Then, event, going_away, heartbeat, part, snapshot, token};

type Item = Result<WatchItem<HostsSnapshot, HostEvent>, Status>;

/// Runs a script to its end, where the server says NOT_FOUND, and tells what the caller saw.
async fn run(script: Vec<Part>) -> (Vec<String>, Vec<Start>) {
    let (items, starts) = run_from(None, script).await;
    (but_connected(items), starts)
}

async fn run_from(start: Option<StreamStart>, script: Vec<Part>) -> (Vec<String>, Vec<Start>) {
    let server = Server::run(script).await;
    let channel = connect_lazy(&format!("http://{}", server.address)).unwrap();
    let options = WatchOptions {
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(10),
        ..WatchOptions::default()
    };
    let call = WatchHostsRequest { start, ..Default::default() };
    let items: Vec<Item> = watch(channel, call, options).collect().await;
    let starts = server.starts().into_iter().filter_map(|start| start.start).collect();
    (items.iter().map(said).collect(), starts)
}

/// Without what is said of each stream that is opened.
fn but_connected(items: Vec<String>) -> Vec<String> {
    items.into_iter().filter(|item| item != "connected").collect()
}

fn said(item: &Item) -> String {
    match item {
        Ok(WatchItem::Connected) => "connected".to_owned(),
        Ok(WatchItem::Snapshot { position, .. }) => format!("snapshot {}", position.sequence),
        Ok(WatchItem::Event { position, .. }) => format!("event {}", position.sequence),
        Ok(WatchItem::Interrupted { error, .. }) => match error {
            Interruption::Failed(status) => format!("failed {:?}", status.code()),
            Interruption::Closed => "closed".to_owned(),
            Interruption::Silent { .. } => "silent".to_owned(),
            Interruption::GoingAway => "going_away".to_owned(),
            Interruption::Missed(_) => "missed".to_owned(),
        },
        Err(status) => format!("over {:?}", status.code()),
    }
}

fn from_snapshot() -> Start {
    Start::Point(StreamPoint::Snapshot.into())
}

fn after(sequence: u64) -> Start {
    Start::ResumeToken(token(sequence))
}

fn with_reason(code: Code, reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, fermata_proto::ERROR_DOMAIN, []);
    Status::with_error_details(code, "", details)
}

#[tokio::test]
async fn goes_on_after_the_last_message_when_the_stream_fails() {
    let (items, starts) = run(vec![
        Part::Stream(vec![snapshot(3), event(4)], Then::Fail(Status::unavailable("bye"))),
        Part::Stream(vec![event(5)], Then::Close),
    ])
    .await;
    assert_eq!(
        items,
        ["snapshot 3", "event 4", "failed Unavailable", "event 5", "closed", "over NotFound"]
    );
    assert_eq!(starts, [from_snapshot(), after(4), after(5)]);
}

#[tokio::test]
async fn tells_that_it_is_connected_once_for_each_stream_that_the_server_opens() {
    let (items, _) = run_from(
        None,
        vec![
            Part::Refuse(Status::unavailable("not yet")),
            Part::Stream(vec![snapshot(3)], Then::Close),
            // Nothing has happened.
            Part::Stream(vec![heartbeat(3, 900)], Then::Close),
        ],
    )
    .await;
    let opened = ["failed Unavailable", "connected", "snapshot 3", "closed", "connected", "closed"];
    assert_eq!(items[..6], opened);
    assert_eq!(items[6..], ["over NotFound"]);
}

#[tokio::test]
async fn passes_an_event_once_though_it_is_sent_twice() {
    let (items, _) = run(vec![
        Part::Stream(vec![snapshot(1), event(2), event(2), event(3)], Then::Close),
        Part::Stream(vec![event(3), event(4)], Then::Close),
    ])
    .await;
    assert_eq!(
        items,
        ["snapshot 1", "event 2", "event 3", "closed", "event 4", "closed", "over NotFound"]
    );
}

#[tokio::test]
async fn returns_when_a_draining_server_asked_for_it() {
    let wished = Duration::from_millis(80);
    let begun = tokio::time::Instant::now();
    let (items, starts) = run(vec![
        Part::Stream(vec![snapshot(1), going_away(1, 80)], Then::FallSilent),
        Part::Stream(vec![event(2)], Then::Close),
    ])
    .await;
    assert_eq!(items, ["snapshot 1", "going_away", "event 2", "closed", "over NotFound"]);
    assert_eq!(starts, [from_snapshot(), after(1), after(2)]);
    assert!(begun.elapsed() >= wished, "came back too early: {:?}", begun.elapsed());
}

#[tokio::test]
async fn leaves_a_server_that_misses_three_heartbeats() {
    let (items, starts) = run(vec![
        Part::Stream(vec![snapshot(1), event(2), heartbeat(2, 20)], Then::FallSilent),
        Part::Stream(vec![event(3)], Then::Close),
    ])
    .await;
    assert_eq!(items, ["snapshot 1", "event 2", "silent", "event 3", "closed", "over NotFound"]);
    assert_eq!(starts, [from_snapshot(), after(2), after(3)]);
}

#[tokio::test]
async fn begins_with_a_snapshot_when_its_token_is_too_old() {
    let (items, starts) = run(vec![
        Part::Stream(vec![snapshot(9)], Then::Close),
        Part::Refuse(with_reason(Code::OutOfRange, "RESUME_TOKEN_EXPIRED")),
        // A store that was set up anew, so with lower numbers.
        Part::Stream(vec![snapshot(2), event(3)], Then::Close),
    ])
    .await;
    assert_eq!(
        items,
        ["snapshot 9", "closed", "missed", "snapshot 2", "event 3", "closed", "over NotFound"]
    );
    assert_eq!(starts, [from_snapshot(), after(9), from_snapshot(), after(3)]);
}

#[tokio::test]
async fn a_snapshot_that_is_cut_between_its_parts_is_begun_again() {
    let (items, starts) = run(vec![
        Part::Stream(vec![part(3, 1, false)], Then::Fail(Status::unavailable("bye"))),
        Part::Stream(vec![part(4, 1, false), part(4, 3, true)], Then::FallSilent),
        Part::Stream(vec![part(5, 1, false), part(5, 2, true), event(6)], Then::Close),
    ])
    .await;
    assert_eq!(
        items,
        [
            "failed Unavailable",
            "failed Unknown",
            "snapshot 5",
            "event 6",
            "closed",
            "over NotFound"
        ]
    );
    assert_eq!(starts, [from_snapshot(), from_snapshot(), from_snapshot(), after(6)]);
}

#[tokio::test]
async fn a_callers_invalid_token_ends_the_watch() {
    let start = StreamStart { start: Some(Start::ResumeToken(b"forged".to_vec())) };
    let refusal = with_reason(Code::InvalidArgument, "RESUME_TOKEN_INVALID");
    let (items, starts) = run_from(Some(start), vec![Part::Refuse(refusal)]).await;
    assert_eq!(items, ["over InvalidArgument"]);
    assert_eq!(starts, [Start::ResumeToken(b"forged".to_vec())]);
}

#[tokio::test]
async fn keeps_trying_while_nobody_answers() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let channel = connect_lazy(&format!("http://{free}")).unwrap();
    let options = WatchOptions { first_wait: Duration::from_millis(1), ..Default::default() };
    let mut items = watch(channel, WatchHostsRequest::default(), options);
    for _ in 0..3 {
        assert_eq!(said(&items.next().await.unwrap()), "failed Unavailable");
    }
}
