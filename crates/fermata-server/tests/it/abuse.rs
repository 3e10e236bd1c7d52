//! Small requests that used to stop the server, and what an honest caller sees beside them.

use fermata_proto::v1;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{Action, NotificationKind};
use prost_types::{Duration, Timestamp};
use tonic::Code;

use crate::acts::{create, get, notification, patient, reply, spec};
use crate::bounds::size_of;
use crate::harness::{Site, soon};
use crate::refusal::Refusal;
use crate::world::World;

const LARGEST_STATUS: usize = 4096;

fn decisions(count: usize) -> Answer {
    let action = Action::LiveMigrate.into();
    let decisions = (0..count).map(|i| v1::Decision { server_id: format!("{i:x}"), action });
    Answer::Accept(v1::Accept { action: 0, decisions: decisions.collect() })
}

/// Two owners reply with 100,000 decisions each, then with as many as they may; an operator is served all the time.
#[tokio::test]
async fn replies_of_many_decisions_do_not_stop_the_server() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let mut answers = Vec::new();
    for project in ["orange", "violet"] {
        let mut owner = site.notifications().await;
        let asked = notification(&mut owner, project, NotificationKind::Planned).await;
        answers.push(tokio::spawn(async move {
            let mut refusals = Vec::new();
            for count in [100_000, 10_000] {
                let refused = owner.reply(reply(&asked, decisions(count))).await;
                refusals.push(refused.unwrap_err());
            }
            refusals
        }));
    }
    get(&mut sessions, &session.id).await;
    for answer in answers {
        let refusals = soon("the refusals", answer).await.unwrap();
        assert!(refusals.iter().all(|s| size_of(s) <= LARGEST_STATUS));
        let [many, most] = <[_; 2]>::try_from(refusals).unwrap().map(Refusal::of);
        assert_eq!((many.code, many.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
        assert_eq!(many.fields, ["accept.decisions"]);
        assert_eq!(most.reason, "SERVER_NOT_IN_NOTIFICATION");
        let listed = most.fields.len();
        assert!((10..=20).contains(&listed), "{listed}");
        assert_eq!(most.metadata["more_violations"], (10_000 - listed).to_string());
    }
    get(&mut sessions, &session.id).await;
    site.stop().await;
}

/// As many unknown hosts as there may be: the first are named, the others counted, and each is named once.
#[tokio::test]
async fn unknown_hosts_are_told_in_a_status_that_can_be_read() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    for count in [1, 10, 20, 40, 1000, 10_000] {
        let names: Vec<_> = (0..count).map(|i| format!("compute-x{i:05}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let request = v1::CreateSessionRequest { spec: Some(spec(&names)), ..Default::default() };
        let status = sessions.create_session(request).await.unwrap_err();
        assert!(size_of(&status) <= LARGEST_STATUS, "{count}: {}", size_of(&status));
        assert!(!status.message().contains("compute-x"), "{}", status.message());
        let refusal = Refusal::of(status);
        assert_eq!(refusal.reason, "UNKNOWN_HOST");
        assert!(refusal.fields.len() <= 20);
        let more = refusal.metadata.get("more_violations").map_or(0, |m| m.parse().unwrap());
        assert_eq!(refusal.fields.len() + more, count);
    }
    site.stop().await;
}

/// Sessions at the far ends of time, with every span as long as it may be.
#[tokio::test]
async fn sessions_at_the_far_ends_of_time() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let year = Some(Duration { seconds: 366 * 86400, nanos: 0 });
    let last = fermata_core::limits::LAST_TIME.unix_timestamp();
    for start in [None, Some(0), Some(last - 1)] {
        let at = |seconds| Timestamp { seconds, nanos: 0 };
        let spec = v1::SessionSpec {
            hosts: spec(&["compute-1"]).hosts,
            window: Some(v1::MaintenanceWindow {
                start_time: start.map(at),
                end_time: Some(at(last)),
            }),
            reason: "new firmware".to_owned(),
            announce_reply_period: year,
            drain_reply_period: year,
            drain_timeout: year,
            work_timeout: year,
            action_timeout: year,
            ..Default::default()
        };
        let request = v1::PreviewSessionRequest { spec: Some(spec.clone()), ..Default::default() };
        sessions.preview_session(request).await.unwrap();
        if start == Some(last - 1) {
            // Owners could take longer than that.
            let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
            let refused = sessions.create_session(request).await.unwrap_err();
            assert_eq!(Refusal::of(refused).reason, "WINDOW_INVALID");
            continue;
        }
        let created = create(&mut sessions, spec).await;
        crate::acts::cancel(&mut sessions, &created.id).await;
        crate::acts::until_state(&mut sessions, &created.id, v1::SessionState::Cancelled).await;
    }
    site.stop().await;
}
