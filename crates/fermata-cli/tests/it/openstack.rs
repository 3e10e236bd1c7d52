//! `fermata openstack check`, where there is no OpenStack.

use crate::run::{Ran, run};

async fn check(clouds: &str, cloud: &str) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("clouds.yaml");
    std::fs::write(&file, clouds).unwrap();
    let file = file.to_str().unwrap();
    run(&["openstack", "check", "--os-clouds-file", file, "--os-cloud", cloud]).await
}

#[tokio::test]
async fn why_nobody_can_sign_in_is_told() {
    // Nobody listens there.
    let auth = "auth_url: 'http://127.0.0.1:1/v3', username: fermata, password: hunter2";
    let clouds = format!(
        "clouds: {{north: {{auth: {{{auth}}}}}, old: {{auth_type: v2password, auth: {{{auth}}}}}}}"
    );
    for (cloud, why) in [
        ("north", "POST http://127.0.0.1:1/v3/auth/tokens"),
        ("old", "auth_type (OS_AUTH_TYPE) cannot be \"v2password\""),
        ("south", "known are [\"north\", \"old\"]"),
    ] {
        let ran = check(&clouds, cloud).await;
        assert_eq!(ran.exit, 1, "{ran:?}");
        assert!(ran.stderr.contains(why), "{ran:?}");
        assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
    }
}
