//! gRPC-Web by HTTP/1.1, as a browser's page calls: byte by byte, so that no library of ours decides what is sent.

use fermata_proto::v1;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Site, soon};
use crate::world::World;

const PAGE: &str = "https://console.example.org";
const PATH: &str = "/fermata.v1.SessionService/ListSessions";

async fn site(origins: &[&str]) -> Site {
    let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    Site::with(&World::small(), |config| config.web_origins = origins).await
}

/// What the server answers, and closes the connection after.
async fn answer(site: &Site, head: &str, body: &[u8]) -> String {
    let address = site.endpoint().uri().authority().unwrap().to_string();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!(
        "{head}\r\nhost: fermata.test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    let _ = soon("the answer", stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).to_lowercase()
}

fn call(origin: &str) -> String {
    format!(
        "POST {PATH} HTTP/1.1\r\norigin: {origin}\r\ncontent-type: application/grpc-web+proto\r\nx-grpc-web: 1"
    )
}

fn framed(message: &impl Message) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    bytes.extend(message.encode_to_vec());
    bytes
}

#[tokio::test]
async fn a_page_of_a_known_origin_calls_and_reads_errors() {
    let mut site = site(&[PAGE]).await;
    let preflight = format!(
        "OPTIONS {PATH} HTTP/1.1\r\norigin: {PAGE}\r\naccess-control-request-method: POST\r\n\
         access-control-request-headers: content-type,x-grpc-web,authorization"
    );
    let allowed = answer(&site, &preflight, &[]).await;
    assert!(allowed.starts_with("http/1.1 200"), "{allowed}");
    assert!(allowed.contains(&format!("access-control-allow-origin: {PAGE}")), "{allowed}");
    assert!(allowed.contains("authorization"), "{allowed}");

    let fine = answer(&site, &call(PAGE), &framed(&v1::ListSessionsRequest::default())).await;
    assert!(fine.starts_with("http/1.1 200"), "{fine}");
    assert!(fine.contains("grpc-status:0"), "the trailers are in the body: {fine}");
    let wrong = v1::ListSessionsRequest { page_size: -1, ..Default::default() };
    let refused = answer(&site, &call(PAGE), &framed(&wrong)).await;
    assert!(refused.contains("grpc-status: 3"), "{refused}");
    assert!(refused.contains("access-control-expose-headers: grpc-status"), "{refused}");
    site.stop().await;
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_nothing() {
    let mut site = site(&[PAGE]).await;
    let call = call("https://elsewhere.example.org");
    let foreign = answer(&site, &call, &framed(&v1::ListSessionsRequest::default())).await;
    assert!(
        !foreign.contains("access-control-allow-origin"),
        "the browser keeps it back: {foreign}"
    );
    site.stop().await;
}

#[tokio::test]
async fn without_origins_there_is_no_http_1() {
    let mut site = site(&[]).await;
    let nothing = answer(&site, &call(PAGE), &framed(&v1::ListSessionsRequest::default())).await;
    assert!(!nothing.contains("grpc-status"), "{nothing}");
    site.stop().await;
}
