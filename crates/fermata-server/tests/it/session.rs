//! A session from its creation to its report.

use fermata_proto::v1::SessionState;

use crate::acts::{create, progress, spec, state, work_through};
use crate::harness::Site;
use crate::world::World;

#[tokio::test]
async fn runs_from_announcement_to_report() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, spec(&["compute-1", "compute-2"])).await;
    let done = work_through(&mut sessions, &session.id).await;
    assert_eq!(state(&done), SessionState::Completed);
    assert_eq!(progress(&done).hosts_done, 2);
    assert_eq!(progress(&done).servers_done, progress(&done).servers_total);
    site.stop().await;
}
