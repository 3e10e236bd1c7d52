//! The rules of questions and replies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fermata_client::v1::reply_request::Answer as Sent;
use fermata_client::v1::{
    Action, CounterOfferState, CounterOfferStatus, Notification, NotificationKind,
    NotificationState,
};
use fermata_client::{Answer, Fallback};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::notifications::{
    Scripted, Step, asked, question, server, snapshot, snapshot_of, until, with_reason,
};
use crate::running::{Running, owner};

/// A handler that begins, and never returns.
fn endless(begun: &CancellationToken) -> impl Fn(Notification) -> Endless + Send + Sync + 'static {
    let begun = begun.clone();
    move |_| {
        begun.cancel();
        std::future::pending()
    }
}
type Endless = std::future::Pending<Result<Answer, fermata_client::HandlerError>>;

/// With a deadline so far from now.
#[allow(clippy::disallowed_methods, reason = "a deadline is a time of the day")]
fn due_in(left: Duration, asked: Notification) -> Notification {
    let deadline = std::time::SystemTime::now() + left;
    Notification { reply_deadline_time: Some(deadline.into()), ..asked }
}

#[tokio::test]
async fn without_a_handler_it_accepts_and_does_not_scale_in() {
    let scale_in = Notification { kind: NotificationKind::ScaleIn.into(), ..question("b", 1) };
    let it = Running::script(vec![snapshot(1, vec![question("a", 1), scale_in])], owner()).await;
    it.scripted.replied(2).await;
    it.scripted.acknowledged(1).await;
    for reply in it.scripted.noted(|notes| notes.replies.clone()) {
        match reply.answer.unwrap() {
            Sent::Accept(accept) => {
                assert_eq!(reply.notification_id, "a");
                assert_eq!(accept.decisions[0].action(), Action::LiveMigrate);
            }
            Sent::Reject(reject) => {
                assert_eq!(reply.notification_id, "b");
                assert!(!reject.reason.is_empty());
            }
            other @ (Sent::CounterOffer(_) | Sent::OwnActionDone(_)) => panic!("{other:?}"),
        }
    }
    assert!(it.told.calls().is_empty());
}

#[tokio::test]
async fn each_question_is_asked_once() {
    let create_time = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
    let state = CounterOfferState::Declined.into();
    let offer = CounterOfferStatus { state, create_time, ..Default::default() };
    let declined = Notification { counter_offer: Some(offer), ..question("n", 2) };
    let gates = [CancellationToken::new(), CancellationToken::new()];
    let steps = vec![
        snapshot(1, vec![question("n", 1)]),
        asked(2, question("n", 1)),
        Step::Wait(gates[0].clone()),
        asked(3, question("n", 2)),
        Step::Wait(gates[1].clone()),
        asked(4, declined.clone()),
        asked(5, declined),
        asked(6, question("n", 1)),
    ];
    let owner = owner().on_planned(|_| async { Ok(Answer::accept()) });
    let it = Running::script(steps, owner).await;
    for (number, gate) in gates.iter().enumerate() {
        it.scripted.replied(number + 1).await;
        gate.cancel();
    }
    it.scripted.acknowledged(6).await;
    let replies = it.scripted.noted(|notes| notes.replies.clone());
    let ids: Vec<_> = replies.iter().map(|reply| reply.request_id.as_str()).collect();
    assert_eq!(ids, ["owner/n/1/0", "owner/n/2/0", "owner/n/2/1800000000000000000"]);
}

#[tokio::test]
async fn the_servers_of_a_large_question_are_listed_first() {
    let large = Notification { servers: Vec::new(), servers_omitted: true, ..question("n", 1) };
    let scripted = Scripted::run(vec![vec![snapshot(1, vec![large])]]).await;
    scripted.noted(|notes| notes.pages = vec![vec![server("a")], vec![server("b")]]);
    let it = Running::on(scripted, owner());
    it.scripted.replied(1).await;
    let Some(Sent::Accept(accept)) = it.scripted.noted(|notes| notes.replies[0].answer.clone())
    else {
        panic!("it did not accept")
    };
    let decided: Vec<_> = accept.decisions.iter().map(|d| d.server_id.as_str()).collect();
    assert_eq!(decided, ["a", "b"]);
}

#[tokio::test]
async fn questions_run_beside_each_other_up_to_a_limit() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let full = CancellationToken::new();
    let questions = (0..9).map(|number| question(&number.to_string(), 1)).collect();
    let owner = owner().concurrency(3).on_planned({
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        move |_| {
            let (now, most, full) = (Arc::clone(&now), Arc::clone(&most), full.clone());
            async move {
                let at_once = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(at_once, Ordering::SeqCst);
                if at_once == 3 {
                    full.cancel();
                }
                full.cancelled().await;
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(Answer::accept())
            }
        }
    });
    let it = Running::script(vec![snapshot(1, questions)], owner).await;
    it.scripted.replied(9).await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_question_that_matters_no_more_is_withdrawn() {
    let begun = CancellationToken::new();
    let answered = Notification { state: NotificationState::Answered.into(), ..question("n", 1) };
    let steps =
        vec![snapshot(1, vec![question("n", 1)]), Step::Wait(begun.clone()), asked(2, answered)];
    let it = Running::script(steps, owner().on_planned(endless(&begun))).await;
    it.scripted.acknowledged(2).await;
    assert_eq!(it.told.calls(), ["n 1 begin", "n 1 cancelled"]);
    assert!(it.scripted.noted(|notes| notes.replies.is_empty()));
}

#[tokio::test]
async fn a_higher_revision_replaces_the_question_in_order() {
    let begun = CancellationToken::new();
    let steps = vec![
        snapshot(1, vec![question("n", 1)]),
        Step::Wait(begun.clone()),
        asked(2, question("n", 2)),
    ];
    let owner = owner().on_planned(move |asked| {
        begun.cancel();
        async move {
            if asked.plan_revision == 1 {
                std::future::pending::<()>().await;
            }
            Ok(Answer::accept())
        }
    });
    let it = Running::script(steps, owner).await;
    it.scripted.acknowledged(2).await;
    assert_eq!(it.told.calls(), ["n 1 begin", "n 1 cancelled", "n 1 begin", "n 1 end"]);
    let revisions =
        it.scripted.noted(|n| n.replies.iter().map(|r| r.plan_revision).collect::<Vec<_>>());
    assert_eq!(revisions, [2]);
}

#[tokio::test]
async fn a_snapshot_without_the_question_withdraws_it() {
    let begun = CancellationToken::new();
    let lost = with_reason(Code::OutOfRange, "RESUME_TOKEN_EXPIRED");
    let scripted = Scripted::run(vec![
        vec![snapshot(1, vec![question("n", 1)]), Step::Wait(begun.clone()), Step::Fail(lost)],
        vec![snapshot(9, Vec::new())],
    ])
    .await;
    let it = Running::on(scripted, owner().on_planned(endless(&begun)));
    it.scripted.acknowledged(9).await;
    assert_eq!(it.told.calls(), ["n 1 begin", "n 1 cancelled"]);
}

#[tokio::test]
async fn a_question_that_is_being_handled_holds_a_snapshot_that_has_it_again() {
    let (begun, answer) = (CancellationToken::new(), CancellationToken::new());
    let lost = with_reason(Code::OutOfRange, "RESUME_TOKEN_EXPIRED");
    let scripted = Scripted::run(vec![
        vec![
            snapshot(1, Vec::new()),
            asked(3, question("n", 1)),
            Step::Wait(begun.clone()),
            Step::Fail(lost),
        ],
        vec![snapshot(9, vec![question("n", 1)]), asked(10, question("n", 1))],
    ])
    .await;
    let owner = owner().on_planned({
        let answer = answer.clone();
        move |_| {
            begun.cancel();
            let answer = answer.clone();
            async move {
                answer.cancelled().await;
                Ok(Answer::accept())
            }
        }
    });
    let it = Running::on(scripted, owner);
    // Two snapshots, two events, one interruption.
    until("everything to be read", || it.told.read.load(Ordering::Relaxed) == 5).await;
    it.scripted.acknowledged(2).await;
    answer.cancel();
    it.scripted.acknowledged(10).await;
    let (acknowledged, replies) =
        it.scripted.noted(|notes| (notes.acknowledged.clone(), notes.replies.len()));
    assert!(acknowledged.iter().all(|sequence| [2, 10].contains(sequence)), "{acknowledged:?}");
    assert_eq!(replies, 1);
}

#[tokio::test]
async fn another_database_is_answered_again() {
    let answered = CancellationToken::new();
    let lost = with_reason(Code::InvalidArgument, "RESUME_TOKEN_INVALID");
    let scripted = Scripted::run(vec![
        vec![snapshot(5, vec![question("n", 1)]), Step::Wait(answered.clone()), Step::Fail(lost)],
        vec![snapshot_of("restored", 2, vec![question("n", 1)])],
    ])
    .await;
    let it = Running::on(scripted, owner());
    it.scripted.replied(1).await;
    answered.cancel();
    it.scripted.replied(2).await;
    it.scripted.acknowledged(2).await;
}

#[tokio::test]
async fn a_reply_is_repeated_as_it_is() {
    let scripted = Scripted::run(vec![vec![snapshot(1, vec![question("n", 1)])]]).await;
    let passes = [Code::DeadlineExceeded, Code::Unknown, Code::Internal, Code::Unavailable];
    let errors = passes.iter().map(|code| Status::new(*code, "")).collect();
    scripted.noted(|notes| notes.reply_errors = errors);
    let it = Running::on(scripted, owner());
    it.scripted.acknowledged(1).await;
    let replies = it.scripted.noted(|notes| notes.replies.clone());
    assert_eq!(replies.len(), 5);
    assert!(replies.iter().all(|reply| *reply == replies[0]));
    assert_eq!(it.told.replies(), ["accept accepted"]);
}

#[tokio::test]
async fn a_reply_that_is_refused_ends_the_question() {
    let refusals = [
        (Code::Aborted, "PLAN_REVISION_STALE"),
        (Code::FailedPrecondition, "REPLY_LATE"),
        (Code::FailedPrecondition, "WRONG_STATE"),
        (Code::NotFound, "NOTIFICATION_NOT_FOUND"),
        (Code::AlreadyExists, "REQUEST_ID_REUSED"),
    ];
    for (code, reason) in refusals {
        let scripted = Scripted::run(vec![vec![snapshot(1, vec![question("n", 1)])]]).await;
        scripted.noted(|notes| notes.reply_errors = [with_reason(code, reason)].into());
        let it = Running::on(scripted, owner());
        it.scripted.acknowledged(1).await;
        assert_eq!(*it.told.refused.lock().unwrap(), [reason]);
        assert_eq!(it.told.replies(), [format!("accept {reason}")]);
    }
}

#[tokio::test]
async fn a_handler_that_fails_or_panics_is_called_again() {
    let tries = AtomicUsize::new(0);
    let owner = owner().on_planned(move |_| {
        let tries = tries.fetch_add(1, Ordering::SeqCst);
        async move {
            match tries {
                0 => Err("not yet".into()),
                1 => panic!("a defect"),
                _ => Ok(Answer::reject("no")),
            }
        }
    });
    let it = Running::script(vec![snapshot(1, vec![question("n", 1)])], owner).await;
    it.scripted.replied(1).await;
    it.scripted.acknowledged(1).await;
    let phases = ["n 1 begin", "n 1 failed", "n 2 begin", "n 2 failed", "n 3 begin", "n 3 end"];
    assert_eq!(it.told.calls(), phases);
    assert_eq!(it.told.replies(), ["reject accepted"]);
}

#[tokio::test]
async fn an_answer_that_is_not_valid_counts_as_a_failure() {
    for error in [
        with_reason(Code::InvalidArgument, "ACTION_NOT_ALLOWED"),
        with_reason(Code::ResourceExhausted, "QUOTA_EXCEEDED"),
    ] {
        let scripted = Scripted::run(vec![vec![snapshot(1, vec![question("n", 1)])]]).await;
        scripted.noted(|notes| notes.reply_errors = [error].into());
        let tries = AtomicUsize::new(0);
        let owner = owner().on_planned(move |_| {
            let is_first = tries.fetch_add(1, Ordering::SeqCst) == 0;
            let action = if is_first { Action::Keep } else { Action::Migrate };
            async move { Ok(Answer::accept_all(action)) }
        });
        let it = Running::on(scripted, owner);
        it.scripted.acknowledged(1).await;
        let actions = it.scripted.noted(|notes| {
            let accepted = |reply: &fermata_client::v1::ReplyRequest| match &reply.answer {
                Some(Sent::Accept(accept)) => Some(accept.action()),
                _ => None,
            };
            notes.replies.iter().filter_map(accepted).collect::<Vec<_>>()
        });
        assert_eq!(actions, [Action::Keep, Action::Migrate]);
        assert!(it.told.refused.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_fallback_answers_before_the_deadline() {
    for (fallback, name) in [(Fallback::Accept, "accept"), (Fallback::Reject, "reject")] {
        let soon = due_in(Duration::from_secs(1), question("n", 1));
        let slow = owner().fallback(fallback).on_planned(endless(&CancellationToken::new()));
        let it = Running::script(vec![snapshot(1, vec![soon.clone()])], slow).await;
        it.scripted.replied(1).await;
        it.scripted.acknowledged(1).await;
        assert_eq!(it.told.replies(), [format!("{name} fallback accepted")]);
        assert_eq!(it.told.calls(), ["n 1 begin", "n 1 cancelled"]);

        let failing = owner().fallback(fallback).on_planned(|_| async { Err("always".into()) });
        let soon = due_in(Duration::from_secs(1), question("n", 1));
        let it = Running::script(vec![snapshot(1, vec![soon])], failing).await;
        it.scripted.acknowledged(1).await;
        assert_eq!(it.told.replies(), [format!("{name} fallback accepted")]);
    }
}

#[tokio::test]
async fn the_fallback_does_not_wait_for_a_turn() {
    let soon = due_in(Duration::from_secs(1), question("second", 1));
    let begun = CancellationToken::new();
    let owner = owner().concurrency(1).on_planned(endless(&begun));
    let steps =
        vec![snapshot(1, vec![question("first", 1)]), Step::Wait(begun.clone()), asked(2, soon)];
    let it = Running::script(steps, owner).await;
    it.scripted.replied(1).await;
    let reply = it.scripted.noted(|notes| notes.replies[0].clone());
    assert_eq!(reply.notification_id, "second");
    assert_eq!(it.told.calls(), ["first 1 begin"]);
}

#[tokio::test]
async fn no_answer_sends_nothing() {
    let owner = owner().on_planned(|_| async { Ok(Answer::no_answer()) });
    let it = Running::script(vec![snapshot(1, vec![question("n", 1)])], owner).await;
    it.scripted.acknowledged(1).await;
    assert!(it.scripted.noted(|notes| notes.replies.is_empty()));
}
