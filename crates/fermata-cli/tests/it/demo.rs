//! `fermata demo`.

use crate::run::run;

const STORY: [&str; 3] =
    ["owner core-network  I accept:", "is empty and held", "went down, as I chose"];

async fn goes_as_it_should(arguments: &[&str], expected: &[&str]) {
    let arguments = [&["demo", "--output", "json"], arguments].concat();
    let ran = run(&arguments).await;
    assert_eq!(ran.exit, 0, "{ran:?}");
    for expected in STORY.iter().chain(expected) {
        assert!(ran.stderr.contains(expected), "{expected:?} is not in\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("fermata_"), "a token is shown");
    let report = ran.json();
    assert_eq!(report["session"]["status"]["state"], "SESSION_STATE_COMPLETED");
    assert_eq!(report["hosts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_demo_goes_as_it_should() {
    goes_as_it_should(&[], &["listen on http://"]).await;
}

#[tokio::test]
async fn the_demo_keeps_owners_apart_when_it_is_secure() {
    let refused = [
        "listen on https://",
        "owner ims           I may not see what core-network was asked: project ",
        "owner core-network  I may not see what ims was asked: project ",
        "owner ims           I may not see all sessions: the method is for callers with the role operator",
    ];
    goes_as_it_should(&["--secure"], &refused).await;
}
