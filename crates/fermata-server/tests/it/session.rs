//! A session from its creation to its report.

use fermata_proto::v1;

use crate::harness::{Site, create, host_state, spec, state, until};

#[tokio::test]
async fn runs_from_announcement_to_report() {
    let mut site = Site::start().await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, spec(&["compute01", "compute02"])).await;
    for host in ["compute01", "compute02"] {
        let held = until(&mut sessions, &session.id, |s| {
            s.status.as_ref().unwrap().progress.unwrap().hosts_in_maintenance == 1
        })
        .await;
        let in_maintenance = ["compute01", "compute02"]
            .into_iter()
            .find(|h| host_state(&held, h) == v1::SessionHostState::InMaintenance)
            .unwrap();
        let request = v1::CompleteHostRequest {
            session_id: session.id.clone(),
            host: in_maintenance.to_owned(),
            ..Default::default()
        };
        sessions.complete_host(request).await.unwrap();
        let _ = host;
    }
    let done = until(&mut sessions, &session.id, |s| state(s) == v1::SessionState::Completed).await;
    assert_eq!(done.status.unwrap().progress.unwrap().hosts_done, 2);
    site.stop().await;
}
