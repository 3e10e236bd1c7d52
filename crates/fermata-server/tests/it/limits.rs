//! The limit of a group over two sessions at once and a host that fails, by the simulated cloud's own journal.

use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::ServerId;
use fermata_proto::v1;
use fermata_proto::v1::policy_service_client::PolicyServiceClient;
use fermata_proto::v1::{SessionHostState, SessionState, WaitParty};
use fermata_server::clock;
use fermata_simcloud::{Event, SimCloud};
use tonic::transport::Channel;

use crate::acts::{complete, create, spec, until, until_host, until_state};
use crate::harness::{Sessions, Site, millis};
use crate::world::World;

const RECOVERY: Duration = Duration::from_millis(1500);

/// When each of these servers was acted on, in order.
fn impacts(cloud: &SimCloud, servers: &[&str]) -> Vec<(Time, Time, String)> {
    let mut impacts = Vec::new();
    for name in servers {
        let id = ServerId(format!("{name}-id"));
        let mut since = None;
        for entry in cloud.journal(0) {
            let Event::Server { server, task, .. } = &entry.event else { continue };
            match (*server == id, task.is_some(), since) {
                (true, true, None) => since = Some(entry.at),
                (true, false, Some(began)) => {
                    impacts.push((began, entry.at, (*name).to_owned()));
                    since = None;
                }
                _ => {}
            }
        }
        assert_eq!(since, None, "{name} is still acted on");
    }
    impacts.sort();
    impacts
}

async fn put_group(channel: Channel, members: &[&str]) {
    let group = v1::ServerGroup {
        project_id: "orange".to_owned(),
        id: "mme".to_owned(),
        member_ids: members.iter().map(|m| format!("{m}-id")).collect(),
        max_impacted: vec![v1::MaxImpacted { group_size: 0, max: 1 }],
        recovery_time: millis(RECOVERY.as_millis() as i64),
        ..Default::default()
    };
    let request = v1::PutServerGroupRequest { server_group: Some(group), ..Default::default() };
    PolicyServiceClient::new(channel).put_server_group(request).await.unwrap();
}

/// Two members on hosts of one session, one on a host of another, and one on a host that goes down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sessions_and_a_fault_keep_one_limit() {
    let world = World::of_hosts(6)
        .server("a1", "orange", "compute-1")
        .server("a2", "orange", "compute-1")
        .server("b1", "orange", "compute-2")
        .server("c1", "orange", "compute-3")
        .taking("live_migrate", 400);
    let (mut site, cloud) = Site::over_open_cloud(&world).await;
    let channel = site.channel().await;
    put_group(channel.clone(), &["a1", "a2", "b1", "c1"]).await;

    cloud.host_goes_down(&"compute-3".into()).unwrap();
    let mut sessions = Sessions::new(channel);
    let one = create(&mut sessions, spec(&["compute-1"])).await.id;
    let other = create(&mut sessions, spec(&["compute-2"])).await.id;
    for (id, host) in [(&one, "compute-1"), (&other, "compute-2")] {
        let waits = until(&mut sessions, id, |s| {
            let waits = &s.status.as_ref().unwrap().waits;
            waits.iter().any(|w| w.host == host && w.party() == WaitParty::Operator)
        });
        let hosts = waits.await.hosts;
        assert_eq!(hosts[0].state(), SessionHostState::Waiting);
        let why = &hosts[0].state_reason;
        assert!(why.contains("group mme allows 1 of 4"), "{why}");
    }
    assert_eq!(impacts(&cloud, &["a1", "a2", "b1"]), []);

    // It comes back, and the operator changes something: that makes another plan at once.
    cloud.host_comes_up(&"compute-3".into()).unwrap();
    let up = clock::system()();
    for (id, host) in [(&one, "compute-1"), (&other, "compute-2")] {
        let request = v1::UpdateSessionRequest {
            session_id: id.clone(),
            spec: Some(v1::SessionSpec { max_parallel_actions: 3, ..Default::default() }),
            update_mask: Some(prost_types::FieldMask {
                paths: vec!["max_parallel_actions".to_owned()],
            }),
            ..Default::default()
        };
        sessions.update_session(request).await.unwrap();
        until_host(&mut sessions, id, host, SessionHostState::InMaintenance).await;
        complete(&mut sessions, id, host).await;
        until_state(&mut sessions, id, SessionState::Completed).await;
    }
    let impacts = impacts(&cloud, &["a1", "a2", "b1", "c1"]);
    let order: Vec<_> = impacts.iter().map(|(_, _, name)| name).collect();
    assert_eq!(order.len(), 3, "{order:?}");
    assert!(impacts[0].0 >= up + RECOVERY, "the group recovers from the fault first");
    for pair in impacts.windows(2) {
        assert!(pair[1].0 >= pair[0].1 + RECOVERY, "one at a time, with time between: {impacts:?}");
    }
    site.stop().await;
}
