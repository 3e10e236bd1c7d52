//! The other rules of the owner.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fermata_client::v1::stream_start::Start;
use fermata_client::v1::{OwnerSessionChange, Warning};
use fermata_client::{ErrorDetails, Owner};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use crate::notifications::{
    Scripted, Step, asked, question, server_event, session_event, snapshot, until, with_reason,
};
use crate::running::{Running, owner};

#[tokio::test]
async fn it_subscribes_from_the_acknowledged_position() {
    let steps = vec![snapshot(4, Vec::new()), server_event(5, "a", "s"), server_event(6, "a", "s")];
    let it = Running::script(steps, owner().display_name("a VNFM")).await;
    it.scripted.acknowledged(6).await;
    let (subscribed, put) =
        it.scripted.noted(|notes| (notes.subscribed[0].clone(), notes.put[0].clone()));
    let acknowledged = fermata_client::v1::StreamPoint::Acknowledged;
    assert_eq!(subscribed.start.unwrap().start, Some(Start::Point(acknowledged.into())));
    assert_eq!(subscribed.subscription_id, "vnfm");
    let subscription = put.subscription.unwrap();
    assert_eq!((subscription.id.as_str(), subscription.display_name.as_str()), ("vnfm", "a VNFM"));
}

#[tokio::test]
async fn it_waits_for_a_server_that_is_away() {
    let scripted = Scripted::run(vec![vec![snapshot(1, Vec::new())]]).await;
    let errors = [Code::Unavailable, Code::Internal];
    scripted.noted(|notes| notes.put_errors = errors.map(|code| with_reason(code, "")).into());
    let it = Running::on(scripted, owner());
    it.scripted.acknowledged(1).await;
    assert_eq!(it.scripted.noted(|notes| notes.put.len()), 3);
}

#[tokio::test]
async fn what_may_be_wrong_with_its_subscription_is_told() {
    let scripted = Scripted::run(vec![vec![snapshot(1, Vec::new())]]).await;
    let warning = Warning { field: "subscription.project_id".into(), message: "nobody".into() };
    scripted.noted(|notes| notes.put_warnings = vec![warning.clone()]);
    let it = Running::on(scripted, owner());
    it.scripted.acknowledged(1).await;
    assert_eq!(*it.told.warnings.lock().unwrap(), [warning]);
}

#[tokio::test]
async fn what_cannot_be_mended_ends_it() {
    let scripted = Scripted::run(Vec::new()).await;
    let foreign = with_reason(Code::PermissionDenied, "PROJECT_FOREIGN");
    scripted.noted(|notes| notes.put_errors = [foreign].into());
    let ended = Owner::new("p", "vnfm").run(scripted.channel()).await.unwrap_err();
    assert_eq!(ErrorDetails::of(&ended).reason_name, "PROJECT_FOREIGN");

    let deleted = with_reason(Code::NotFound, "SUBSCRIPTION_NOT_FOUND");
    let scripted = Scripted::run(vec![vec![snapshot(1, Vec::new()), Step::Fail(deleted)]]).await;
    let ended = Owner::new("p", "vnfm").run(scripted.channel()).await.unwrap_err();
    assert_eq!(ErrorDetails::of(&ended).reason_name, "SUBSCRIPTION_NOT_FOUND");
    // What was handled before is acknowledged all the same.
    assert_eq!(scripted.noted(|notes| notes.acknowledged.clone()), [1]);
}

#[tokio::test]
async fn events_of_one_session_come_in_order_and_those_of_others_beside() {
    let gate = CancellationToken::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let steps = vec![
        snapshot(1, Vec::new()),
        server_event(2, "a1", "a"),
        server_event(3, "a2", "a"),
        server_event(4, "b1", "b"),
        session_event(5, OwnerSessionChange::Started, "b"),
        session_event(6, OwnerSessionChange::Completed, "b"),
    ];
    let hear =
        |heard: &Arc<Mutex<Vec<String>>>, what: &str| heard.lock().unwrap().push(what.to_owned());
    let owner = owner()
        .on_server_event({
            let (gate, heard) = (gate.clone(), Arc::clone(&heard));
            move |event| {
                let (gate, heard) = (gate.clone(), Arc::clone(&heard));
                async move {
                    if event.server_id == "a1" {
                        gate.cancelled().await;
                    }
                    hear(&heard, &event.server_id);
                    Ok(())
                }
            }
        })
        .on_session_event({
            let heard = Arc::clone(&heard);
            move |_| {
                hear(&heard, "started");
                std::future::ready(Ok(()))
            }
        })
        .on_complete({
            let heard = Arc::clone(&heard);
            move |_| {
                hear(&heard, "complete");
                std::future::ready(Ok(()))
            }
        });
    let it = Running::script(steps, owner).await;
    until("the other session", || *heard.lock().unwrap() == ["b1", "started", "complete"]).await;
    it.scripted.acknowledged(1).await;
    gate.cancel();
    it.scripted.acknowledged(6).await;
    assert_eq!(heard.lock().unwrap()[3..], ["a1", "a2"]);
}

#[tokio::test]
async fn the_end_of_a_session_is_a_session_event_where_nobody_else_hears_of_it() {
    let heard = Arc::new(AtomicUsize::new(0));
    let owner = owner().on_session_event({
        let heard = Arc::clone(&heard);
        move |event| {
            assert_eq!(event.change(), OwnerSessionChange::Cancelled);
            heard.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok(()))
        }
    });
    let steps = vec![snapshot(1, Vec::new()), session_event(2, OwnerSessionChange::Cancelled, "s")];
    let it = Running::script(steps, owner).await;
    it.scripted.acknowledged(2).await;
    assert_eq!(heard.load(Ordering::SeqCst), 1);
}

/// The waits between five attempts are 15 seconds in all.
#[tokio::test]
async fn an_event_is_given_up_after_five_failures() {
    let steps = vec![snapshot(1, Vec::new()), server_event(2, "a", "s"), server_event(3, "b", "s")];
    let owner = owner().on_server_event(|event| async move {
        if event.server_id == "a" { Err("broken".into()) } else { Ok(()) }
    });
    let it = Running::script(steps, owner).await;
    it.scripted.acknowledged(3).await;
    let attempts = it.told.calls().iter().filter(|call| call.ends_with("failed")).count();
    assert_eq!(attempts, 5);
    assert_eq!(*it.told.given_up.lock().unwrap(), ["a"]);
}

#[tokio::test]
async fn reading_pauses_while_too_much_is_not_handled() {
    const EVENTS: u64 = 1100;
    let gate = CancellationToken::new();
    let events = (0..EVENTS).map(|number| server_event(2 + number, &number.to_string(), "s"));
    let steps = std::iter::once(snapshot(1, Vec::new())).chain(events).collect();
    let owner = owner().on_server_event({
        let gate = gate.clone();
        move |_| {
            let gate = gate.clone();
            async move {
                gate.cancelled().await;
                Ok(())
            }
        }
    });
    let it = Running::script(steps, owner).await;
    // The snapshot, and a thousand events.
    until("reading to pause", || it.told.read.load(Ordering::Relaxed) == 1001).await;
    it.scripted.acknowledged(1).await;
    assert_eq!(it.told.read.load(Ordering::Relaxed), 1001);
    gate.cancel();
    it.scripted.acknowledged(1 + EVENTS).await;
}

#[tokio::test]
async fn stopping_lets_handlers_end_and_begins_no_others() {
    let (begun, end) = (CancellationToken::new(), CancellationToken::new());
    let heard = Arc::new(AtomicUsize::new(0));
    let owner = owner().on_server_event({
        let (begun, end, heard) = (begun.clone(), end.clone(), Arc::clone(&heard));
        move |_| {
            begun.cancel();
            let (end, heard) = (end.clone(), Arc::clone(&heard));
            async move {
                end.cancelled().await;
                heard.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }
    });
    let steps = vec![snapshot(1, Vec::new()), server_event(2, "a", "s"), server_event(3, "b", "s")];
    let mut it = Running::script(steps, owner).await;
    begun.cancelled().await;
    until("both events to be read", || it.told.read.load(Ordering::Relaxed) == 3).await;
    it.stop();
    // It does not end before its handler.
    assert!(!it.run.is_finished());
    end.cancel();
    (&mut it.run).await.unwrap().unwrap();
    assert_eq!(heard.load(Ordering::SeqCst), 1);
    assert_eq!(it.scripted.noted(|notes| notes.acknowledged.last().copied()), Some(2));
}

/// It waits for its handlers for ten seconds.
#[tokio::test]
async fn stopping_drops_a_handler_that_does_not_end() {
    let begun = CancellationToken::new();
    let owner = owner().on_planned({
        let begun = begun.clone();
        move |_| {
            begun.cancel();
            std::future::pending()
        }
    });
    let steps =
        vec![snapshot(1, Vec::new()), server_event(2, "a", "s"), asked(3, question("n", 1))];
    let mut it = Running::script(steps, owner).await;
    begun.cancelled().await;
    it.stop();
    (&mut it.run).await.unwrap().unwrap();
    assert_eq!(it.told.calls(), ["n 1 begin", "n 1 cancelled"]);
    // It is asked again after the next start.
    assert_eq!(it.scripted.noted(|notes| notes.acknowledged.last().copied()), Some(2));
    assert!(it.scripted.noted(|notes| notes.replies.is_empty()));
}

#[tokio::test]
async fn an_owner_that_is_dropped_leaves_nothing_behind() {
    /// Says when it is dropped.
    struct Dropped(CancellationToken);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    let (begun, dropped) = (CancellationToken::new(), CancellationToken::new());
    let owner = owner().on_planned({
        let (begun, dropped) = (begun.clone(), dropped.clone());
        move |_| {
            begun.cancel();
            let held = Dropped(dropped.clone());
            async move {
                let _held = held;
                std::future::pending().await
            }
        }
    });
    let it = Running::script(vec![snapshot(1, vec![question("n", 1)])], owner).await;
    begun.cancelled().await;
    it.run.abort();
    until("the handler to be dropped", || dropped.is_cancelled()).await;
}
