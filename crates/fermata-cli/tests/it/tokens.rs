//! `fermata token`, and calls with what it made.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fermata_server::Config;
use serde_json::Value;

use crate::run::{Ran, command, finish, run};

async fn create(file: &Path, rest: &str) -> Ran {
    let mut arguments = vec!["token", "create", "--principals", file.to_str().unwrap()];
    arguments.extend(rest.split_whitespace());
    run(&arguments).await
}

#[tokio::test]
async fn a_token_opens_what_its_holder_may_do() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("principals.toml");
    let operator = create(&file, "noc --role operator --role monitor").await.text();
    let vnfm = create(&file, "vnfm --role owner --project core --project ran --output json").await;
    let vnfm: Value = vnfm.json();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(text.contains(vnfm["digest"].as_str().unwrap()));
    assert!(!text.contains(operator.trim()) && !text.contains(vnfm["token"].as_str().unwrap()));

    let mut config = Config::demo(directory.path());
    config.principals = Some(file.clone());
    let mut running = fermata_server::start(config).await.unwrap();
    running.ready().await.unwrap();
    let url = format!("http://{}", running.grpc_addr());
    let kept = directory.path().join("token");
    std::fs::write(&kept, operator).unwrap();
    let ask = async |arguments: &str, token: Option<&str>| {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let mut asked = command(&arguments);
        asked.env("FERMATA_SERVER", &url);
        if let Some(token) = token {
            asked.env("FERMATA_TOKEN", token);
        }
        finish(asked.spawn().unwrap()).await
    };
    let refused = ask("session list", None).await;
    assert!(refused.exit != 0 && refused.stderr.contains("--token-file"), "{refused:?}");
    let by_file = ask(&format!("session list --token-file {}", kept.display()), None).await;
    assert!(by_file.text().contains("no sessions"));
    let token = vnfm["token"].as_str();
    ask("owner list --project ran", token).await.text();
    for (arguments, why) in
        [("owner list --project other", "not one of"), ("session list", "operator")]
    {
        let refused = ask(arguments, token).await;
        assert!(refused.exit != 0 && refused.stderr.contains(why), "{refused:?}");
        assert!(!refused.stderr.contains(token.unwrap()));
    }
    running.stop().await;
}

#[tokio::test]
async fn a_principal_that_cannot_be_is_not_added() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("principals.toml");
    create(&file, "noc --role operator").await.text();
    let before = std::fs::read_to_string(&file).unwrap();
    for (rest, why) in [
        ("noc --role operator", "is there twice"),
        ("vnfm --role owner", "has no projects"),
        ("vnfm --role king", "king"),
        ("vnfm --role operator --project core", "is no owner"),
        ("vnfm --role operator --expires tomorrow", "is no time"),
    ] {
        let refused = create(&file, rest).await;
        assert!(refused.exit != 0 && refused.stderr.contains(why), "{refused:?}");
        assert!(refused.stdout.is_empty(), "a token that opens nothing is not shown");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}
