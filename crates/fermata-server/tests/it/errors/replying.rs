//! Replies that cannot count, and requests that are not what they were.

use fermata_proto::v1;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{Action, ReplyRequest};
use tonic::Code::{Aborted, AlreadyExists, FailedPrecondition, InvalidArgument, NotFound};

use super::{Row, Scene, row};
use crate::acts::{accept, reply, spec};
use crate::harness::nanos;

pub async fn replying(scene: &mut Scene, rows: &mut Vec<Row>) {
    let decide = |notification: &v1::Notification, server: &str, action: i32| {
        let decisions = vec![v1::Decision { server_id: server.to_owned(), action }];
        reply(notification, Answer::Accept(v1::Accept { action: 0, decisions }))
    };
    let live = i32::from(Action::LiveMigrate);
    let mut try_to = async |case, request: ReplyRequest, code, reason| {
        row(case, scene.owners.reply(request).await, code, reason).owner("orange")
    };
    let (asked, foreign) = (&scene.asked, &scene.foreign);
    let reply_deadline_time = scene.expired.reply_deadline_time.unwrap();
    let current = asked.plan_revision.to_string();
    let as_orange =
        |request: ReplyRequest| ReplyRequest { project_id: "orange".to_owned(), ..request };
    rows.extend([
        try_to(
            "a server that is another's",
            decide(asked, "elsewhere-id", live),
            InvalidArgument,
            "SERVER_NOT_IN_NOTIFICATION",
        )
        .await
        .fields(&["accept.decisions[0].server_id"]),
        try_to(
            "an action that is not offered",
            decide(&scene.retiring, "orange-db-id", Action::Keep.into()),
            InvalidArgument,
            "ACTION_NOT_ALLOWED",
        )
        .await
        .fields(&["accept.decisions[0].action"]),
        try_to(
            "an action that nobody knows",
            decide(asked, "orange-web-id", 42),
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["accept.decisions[0].action"]),
        try_to(
            "a late reply",
            accept(&scene.expired, Action::Keep),
            FailedPrecondition,
            "REPLY_LATE",
        )
        .await
        .metadata(&[("reply_deadline_time", &rfc3339(reply_deadline_time))])
        .precondition("REPLY_BY", "notification"),
        try_to(
            "a reply to an older plan",
            accept(&scene.stale, Action::Keep),
            Aborted,
            "PLAN_REVISION_STALE",
        )
        .await
        .metadata(&[("plan_revision", &current)]),
        try_to(
            "a reply to a plan to come",
            ReplyRequest { plan_revision: 99, ..accept(asked, Action::Keep) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["plan_revision"]),
        try_to(
            "an empty reply",
            ReplyRequest { answer: None, ..accept(asked, Action::Keep) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["answer"]),
        try_to(
            "a reply that decides nothing",
            reply(asked, Answer::Accept(v1::Accept::default())),
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["accept"]),
        try_to(
            "an objection without a reason",
            reply(asked, Answer::Reject(v1::Reject::default())),
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["reject.reason"]),
        try_to(
            "a reply of nobody",
            ReplyRequest { project_id: String::new(), ..accept(asked, Action::Keep) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["project_id"]),
    ]);
    // What is another's is answered like what is not there, to the letter.
    let absent = ReplyRequest {
        notification_id: "01900000-0000-7000-8000-000000000000".to_owned(),
        ..accept(asked, Action::Keep)
    };
    let theirs = as_orange(accept(foreign, Action::Keep));
    let absent = try_to("an absent notification", absent, NotFound, "NOTIFICATION_NOT_FOUND").await;
    let theirs = try_to("another's notification", theirs, NotFound, "NOTIFICATION_NOT_FOUND").await;
    assert_eq!(absent.got.text, theirs.got.text);
    rows.extend([absent, theirs]);
}

fn rfc3339(at: prost_types::Timestamp) -> String {
    let at = fermata_core::Time::from_unix_timestamp_nanos(nanos(Some(at))).unwrap();
    at.format(&time::format_description::well_known::Rfc3339).unwrap()
}

pub async fn repeating(scene: &mut Scene, rows: &mut Vec<Row>) {
    let first = ReplyRequest {
        request_id: "reply-1".to_owned(),
        comment: "fine".to_owned(),
        ..accept(&scene.asked, Action::Migrate)
    };
    let once = scene.owners.reply(first.clone()).await.unwrap().into_inner();
    let twice = scene.owners.reply(first.clone()).await.unwrap().into_inner();
    assert_eq!(once, twice, "the same request gets the same answer");
    let other = ReplyRequest { comment: "not so fine".to_owned(), ..first };
    let refused = scene.owners.reply(other).await;
    rows.push(
        row("a request id used for something else", refused, AlreadyExists, "REQUEST_ID_REUSED")
            .owner("orange"),
    );
    // Request ids are a project's own.
    let theirs = ReplyRequest {
        request_id: "reply-1".to_owned(),
        ..accept(&scene.foreign, Action::Migrate)
    };
    scene.owners.reply(theirs).await.unwrap();
    let long =
        v1::CreateSessionRequest { spec: Some(spec(&["compute-4"])), request_id: "x".repeat(129) };
    let refused = scene.sessions.create_session(long).await;
    rows.push(
        row("a request id that is too long", refused, InvalidArgument, "INVALID_FIELD")
            .fields(&["request_id"]),
    );
}
