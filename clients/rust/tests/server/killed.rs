//! The example of a VNFM, killed after each line that it writes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use fermata_client::Operator;
use fermata_client::testing::{CORE_NETWORK, Options, Process, SimulatedFermata, spec, until};
use fermata_client::v1::{DecisionSource, PutSubscriptionRequest, Subscription, session_event};
use futures::future::join_all;
use tempfile::TempDir;

use crate::program::example;

/// The example writes fourteen lines in a session, if nothing happens to it.
const LINES: usize = 14;

/// A session over both members of the pair. The VNFM is killed once, a line later in each round, and started again. The owner
/// decides on every server, answers each question once, and the active member is never touched.
#[tokio::test]
async fn it_may_be_killed_at_any_step() {
    // Each has a server of its own.
    join_all((0..LINES).map(killed_after)).await;
}

async fn killed_after(lines: usize) {
    let topology = Some(include_str!("pair.toml").to_owned());
    let server = SimulatedFermata::with(Options { topology, ..Default::default() }).await.unwrap();
    // It takes part before the session begins, so that the session waits for it.
    let subscription = Subscription {
        project_id: CORE_NETWORK.to_owned(),
        id: "example-vnfm".to_owned(),
        ..Default::default()
    };
    let put = PutSubscriptionRequest { subscription: Some(subscription), ..Default::default() };
    server.channel().notifications().put_subscription(put).await.unwrap();

    let operator = Operator::new(server.channel());
    let mut both = spec(["compute-1", "compute-2"]);
    both.max_parallel_hosts = 1;
    // One of the two servers is decided for at its host's turn only, so the session waits for the end of this.
    both.announce_reply_period = Some(prost_types::Duration { seconds: 4, nanos: 0 });
    let session = operator.create(both).await.unwrap();
    let replies: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    let follow = operator.follow(session.id).on_host_ready(|_| async { Ok(()) }).on_event({
        let replies = Arc::clone(&replies);
        move |event| {
            if let Some(session_event::Event::OwnerReplied(replied)) = &event.event {
                let mut replies = replies.lock().unwrap();
                *replies.entry(replied.notification_id.clone()).or_default() += 1;
            }
        }
    });
    let mut following = tokio::spawn(async move { follow.await });

    let folder = TempDir::new().unwrap();
    let start = || {
        let state = folder.path().join("state.json").display().to_string();
        let arguments = ["--server", &server.target(), "--project", CORE_NETWORK, "--pair"]
            .into_iter()
            .chain(["gateway-1,gateway-2", "--state", &state])
            .map(str::to_owned)
            .collect::<Vec<_>>();
        Process::start(&example("vnfm"), &arguments).unwrap()
    };
    let first = start();
    let has_written = until("lines of the example", || {
        std::future::ready(Ok((first.log().len() >= lines).then_some(())))
    });
    // A session that has ended before leaves nothing to be killed in.
    let report = tokio::select! {
        written = has_written => {
            written.unwrap();
            let is_late = late(&first);
            first.kill().await.unwrap();
            assert!(!is_late);
            let second = start();
            let report = (&mut following).await.unwrap().unwrap();
            assert!(!late(&second));
            second.stop().await.unwrap();
            report
        }
        report = &mut following => report.unwrap().unwrap(),
    };
    let servers: Vec<_> = report.hosts.iter().flat_map(|host| &host.servers).collect();
    assert_eq!(servers.len(), 2);
    for server in servers {
        assert_eq!(server.decision_source(), DecisionSource::Owner, "after {lines}: {server:?}");
    }
    let replies = replies.lock().unwrap();
    assert!(!replies.is_empty() && replies.values().all(|count| *count == 1), "{replies:?}");
}

/// Whether the active member was touched.
fn late(example: &Process) -> bool {
    example.log().iter().any(|line| line["message"] == "switched over late")
}
