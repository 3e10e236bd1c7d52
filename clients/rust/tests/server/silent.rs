//! A server that is there and says nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fermata_client::owner::{Hooks, OwnerItem};
use fermata_client::testing::{CORE_NETWORK, SimulatedFermata, spec, until};
use fermata_client::v1::SessionState;
use fermata_client::{Owner, WatchItem};

#[derive(Clone, Default)]
struct Causes(Arc<Mutex<Vec<&'static str>>>);

impl Hooks for Causes {
    fn on_item(&self, item: &OwnerItem) {
        if let WatchItem::Interrupted { error, .. } = item {
            self.0.lock().unwrap().push(error.name());
        }
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_left_and_found_again() {
    let server = SimulatedFermata::start().await.unwrap();
    let causes = Causes::default();
    let owner = Owner::new(CORE_NETWORK, "vnfm")
        .heartbeat_interval(Duration::from_secs(1))
        .hooks(causes.clone());
    let running = server.run(owner).await.unwrap();
    server.process().unwrap().freeze().unwrap();
    let first =
        until("the silence", || std::future::ready(Ok(causes.0.lock().unwrap().first().copied())));
    let first = first.await.unwrap();
    server.process().unwrap().thaw().unwrap();
    // Whichever notices first: the heartbeats of the stream, or the keepalive of the connection.
    assert!(["silent", "failed"].contains(&first), "{first}");
    let report = server.maintain(spec(["compute-a2"])).await.unwrap();
    let status = report.session.unwrap().status.unwrap();
    assert_eq!(status.state(), SessionState::Completed);
    running.stop().await.unwrap();
}
