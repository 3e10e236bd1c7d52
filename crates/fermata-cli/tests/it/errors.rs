//! What goes wrong, and the exit code it leads to.

use crate::run::run;
use crate::site::Site;

#[tokio::test]
async fn an_unreachable_server_is_5_and_says_what_to_do() {
    let ran = run(&["--server", "http://127.0.0.1:1", "host", "list"]).await;
    assert_eq!(ran.exit, 5);
    assert!(ran.stderr.contains("cannot reach http://127.0.0.1:1"), "{ran:?}");
    assert!(ran.stderr.contains("hint: is the server running?"), "{ran:?}");

    let ran = run(&["--server", "http://127.0.0.1:1", "-o", "json", "host", "list"]).await;
    assert!(ran.error()["hint"].as_str().unwrap().contains("--server"), "{ran:?}");
}

#[tokio::test]
async fn a_field_that_is_wrong_is_2_and_named() {
    let site = Site::start().await;
    let create = "session create --host nowhere-1 --host nowhere-2 --for 1h --reason test";
    let ran = site.json(create).await;
    assert_eq!(ran.exit, 2, "{ran:?}");
    let error = ran.error();
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    assert_eq!(error["reason"], "UNKNOWN_HOST");
    assert_eq!(error["field_violations"].as_array().unwrap().len(), 2, "{error}");

    let ran = site.run(create).await;
    let named = |host: &str| ran.stderr.lines().any(|line| line.contains(host));
    assert!(named("nowhere-1") && named("nowhere-2"), "{ran:?}");
    assert!(ran.stderr.contains("reason UNKNOWN_HOST"), "{ran:?}");
}

#[tokio::test]
async fn what_is_not_there_is_3() {
    let site = Site::start().await;
    assert_eq!(site.run("host get nowhere").await.exit, 3);
    assert_eq!(site.run("session get ffff").await.exit, 3);
    let unknown = "session watch 0193ffff-ffff-7fff-bfff-ffffffffffff";
    assert_eq!(site.run(unknown).await.exit, 3);
    assert_eq!(
        site.run("owner get --project p 0193ffff-ffff-7fff-bfff-ffffffffffff").await.exit,
        3
    );
}

#[tokio::test]
async fn what_the_state_does_not_allow_is_4() {
    let site = Site::start().await;
    let session = site.create("--host compute-b3 --for 1h --manual-start").await;
    let ran = site.json(&format!("session pause {session}")).await;
    assert_eq!(ran.exit, 4, "{ran:?}");
    assert_eq!(ran.error()["reason"], "WRONG_STATE");
    assert_eq!(ran.error()["metadata"]["state"], "SCHEDULED");
    let again = "session create --host compute-b3 --for 1h --reason test";
    assert_eq!(site.run(again).await.exit, 4);
}

#[tokio::test]
async fn what_changed_meanwhile_is_6() {
    let site = Site::start().await;
    let create = "session create --host compute-b3 --for 1h --manual-start --request-id one";
    site.run(&format!("{create} --reason first")).await.text();
    assert_eq!(site.run(&format!("{create} --reason second")).await.exit, 6);

    let session = site.json("session list").await.json();
    let session = session["sessions"][0]["id"].as_str().unwrap();
    let ran = site.json(&format!("session cancel {session} --etag stale")).await;
    assert_eq!(ran.exit, 6, "{ran:?}");
    assert_eq!(ran.error()["reason"], "ETAG_MISMATCH");
}
