//! `fermata database`.

use fermata_server::Config;

use crate::run;

#[tokio::test]
async fn a_file_is_made_anew_while_no_server_uses_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = fermata_server::start(Config::demo(directory.path())).await.unwrap();
    running.ready().await.unwrap();
    let url = format!("sqlite://{}?mode=rw", directory.path().join("fermata.db").display());
    let vacuum = async |output: &str| {
        run::run(&["-o", output, "database", "vacuum", "--database-url", &url]).await
    };
    let refused = vacuum("table").await;
    assert_eq!(refused.exit, 1, "{refused:?}");
    assert!(refused.stderr.contains("a server uses the database"), "{refused:?}");
    running.stop().await;
    let done = vacuum("json").await.json();
    let bytes = |name: &str| done[name].as_u64().unwrap();
    assert!((1..=bytes("bytes_before")).contains(&bytes("bytes_after")), "{done}");
    let text = vacuum("table").await.text();
    assert!(text.contains("KiB; before it had"), "{text}");
}

#[tokio::test]
async fn the_database_is_that_of_the_server_s_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = fermata_server::start(Config::demo(directory.path())).await.unwrap();
    running.ready().await.unwrap();
    running.stop().await;
    let config = directory.path().join("fermata.toml");
    let names = |file: &str| {
        let url = format!("sqlite://{}?mode=rwc", directory.path().join(file).display());
        std::fs::write(&config, format!("database_url = \"{url}\"\n")).unwrap();
    };
    let line = ["database", "restored", "--config", &config.display().to_string()];
    names("fermata.db");
    assert!(run::run(&line).await.text().contains("the database is store"));
    // A back-up that was not put in place is not made up for.
    names("other.db");
    let refused = run::run(&line).await;
    assert_eq!(refused.exit, 1, "{refused:?}");
    assert!(refused.stderr.contains("other.db does not exist"), "{refused:?}");
    assert!(!directory.path().join("other.db").exists());
}
