//! `fermata demo`.

use crate::run::run;

#[tokio::test]
async fn the_demo_goes_as_it_should() {
    let ran = run(&["demo", "--output", "json"]).await;
    assert_eq!(ran.exit, 0, "{ran:?}");
    for expected in ["owner core-network  I accept:", "is empty and held", "went down, as I chose"]
    {
        assert!(ran.stderr.contains(expected), "{expected:?} is not in\n{}", ran.stderr);
    }
    let report = ran.json();
    assert_eq!(report["session"]["status"]["state"], "SESSION_STATE_COMPLETED");
    assert_eq!(report["hosts"].as_array().unwrap().len(), 3);
}
