//! `fermata simulated-cloud`.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufStream};
use tokio::net::TcpStream;

use crate::run::{command, finish, run};

#[tokio::test]
async fn a_simulated_cloud_says_where_it_listens_and_answers_until_it_is_told_to_stop() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("cloud.json");
    let mut cloud =
        command(&["simulated-cloud", "--listen=127.0.0.1:0", "--state", state.to_str().unwrap()])
            .spawn()
            .unwrap();
    let mut lines = BufReader::new(cloud.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line.strip_prefix("the simulated cloud listens on ").unwrap();

    let mut stream = BufStream::new(TcpStream::connect(address).await.unwrap());
    stream.write_all(b"{\"operation\":\"servers_on\",\"host\":\"compute-a1\"}\n").await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = String::new();
    stream.read_line(&mut answer).await.unwrap();
    assert!(answer.starts_with("{\"ok\":[{") && answer.contains("amf-1"), "{answer}");

    let pid = cloud.id().unwrap().to_string();
    let killed = tokio::process::Command::new("kill").args(["-TERM", &pid]).status().await;
    assert!(killed.unwrap().success());
    assert_eq!(finish(cloud).await.exit, 0);
    assert!(state.exists());
}

#[tokio::test]
async fn a_simulated_cloud_stays_on_loopback() {
    let ran = run(&["simulated-cloud", "--listen=0.0.0.0:0"]).await;
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.stderr.contains("loopback"), "{ran:?}");
}
