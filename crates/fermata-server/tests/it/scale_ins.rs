//! Asking owners for room, over real gRPC and a cloud that is full.

use fermata_core::id::ServerId;
use fermata_proto::v1;
use fermata_proto::v1::owner_event::Event;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{
    NotificationKind, OwnerSessionChange, SessionHostState, SessionState, WaitParty,
};

use crate::acts::{complete, create, notifications, reply, spec, until, until_host, until_state};
use crate::harness::{Site, eventually, millis};
use crate::owners::event;
use crate::tape::{Tape, of_project};
use crate::world::World;

/// Three hosts with room for two servers each, and one place that is free where two are needed.
fn full() -> World {
    World::of_hosts(3)
        .vcpus(2)
        .server("a1", "violet", "compute-1")
        .server("a2", "violet", "compute-1")
        .server("b1", "orange", "compute-2")
        .server("b2", "orange", "compute-2")
        .server("c1", "violet", "compute-3")
}

#[tokio::test]
async fn an_owner_gives_room_and_hears_when_it_may_take_it_back() {
    let (mut site, cloud) = Site::over_open_cloud(&full()).await;
    let mut policies = site.policies().await;
    let group = v1::ServerGroup {
        project_id: "orange".to_owned(),
        id: "web".to_owned(),
        member_ids: vec!["b1-id".to_owned(), "b2-id".to_owned()],
        min_size_for_scale_in: Some(1),
        ..Default::default()
    };
    let request = v1::PutServerGroupRequest { server_group: Some(group), ..Default::default() };
    policies.put_server_group(request).await.unwrap();
    let channel = site.channel().await;
    let mut orange = Tape::open(&channel, of_project("orange", None)).await.unwrap();
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;

    let spec = v1::SessionSpec { announce_reply_period: millis(600_000), ..spec(&["compute-1"]) };
    let spec = v1::SessionSpec { start_mode: v1::StartMode::Manual.into(), ..spec };
    let session = create(&mut sessions, spec).await;
    crate::acts::start(&mut sessions, &session.id).await;
    let asked = eventually("the request", async || {
        let all = notifications(&mut owners, "orange").await;
        all.into_iter().find(|n| n.kind() == NotificationKind::ScaleIn)
    })
    .await;
    let scale_in = asked.scale_in.clone().unwrap();
    assert_eq!(
        (scale_in.group_id.as_str(), scale_in.server_count, scale_in.group_size),
        ("web", 1, 2)
    );
    assert_eq!(scale_in.suggested_server_ids.len(), 1);
    assert_eq!(scale_in.resources["VCPU"], 1);
    let waits = until(&mut sessions, &session.id, |s| {
        let waits = &s.status.as_ref().unwrap().waits;
        waits.iter().any(|w| w.party() == WaitParty::Owner && w.project_id == "orange")
    });
    assert_eq!(waits.await.hosts[0].state(), SessionHostState::Waiting);

    cloud.delete_server(&ServerId(scale_in.suggested_server_ids[0].clone())).unwrap();
    let done = Answer::OwnActionDone(v1::OwnActionDone::default());
    owners.reply(reply(&asked, done)).await.unwrap();
    until_host(&mut sessions, &session.id, "compute-1", SessionHostState::InMaintenance).await;
    complete(&mut sessions, &session.id, "compute-1").await;
    until_state(&mut sessions, &session.id, SessionState::Completed).await;
    orange
        .until(|message| {
            matches!(event(message), Some(Event::Session(e))
                if e.change() == OwnerSessionChange::Completed)
        })
        .await;
    site.stop().await;
}
