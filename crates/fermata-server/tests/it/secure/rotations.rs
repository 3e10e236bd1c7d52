//! Certificates that are renewed again and again, under load: no call fails, whether its connection is old or new.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use fermata_proto::v1;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::TLS13;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::{Secure, dns, handshake};
use crate::door::by;
use crate::harness::eventually;

/// With every other test, and in the nightly run. The server looks at its files every two seconds.
const FEW: usize = 2;
const MANY: usize = 1_000;

/// The certificate that a new connection is shown.
async fn shown(secure: &Secure) -> io::Result<Vec<u8>> {
    let stream = handshake(secure, &TLS13).await?;
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    Ok(certificates.first().map(|first| first.to_vec()).unwrap_or_default())
}

async fn call(channel: Channel, token: &str) -> Result<(), Status> {
    let list = by(token, v1::ListSessionsRequest::default());
    SessionServiceClient::new(channel).list_sessions(list).await.map(drop)
}

/// Calls until it is told to stop; over one connection, or over a new one each time.
async fn load(
    endpoint: Endpoint,
    token: String,
    anew: bool,
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
) -> Result<(), String> {
    let connect = async || endpoint.connect().await.map_err(|error| format!("{error:?}"));
    let mut channel = connect().await?;
    while !stop.load(Ordering::Relaxed) {
        if anew {
            channel = connect().await?;
        }
        call(channel.clone(), &token).await.map_err(|status| status.to_string())?;
        calls.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn no_call_fails(rotations: usize) {
    let mut secure = Secure::start().await;
    let kim = secure.know("kim", "operator", &[]).await;
    let (stop, calls) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let endpoint = secure.endpoint(&secure.ca, None);
    let loads = [false, true].map(|anew| {
        tokio::spawn(load(endpoint.clone(), kim.clone(), anew, stop.clone(), calls.clone()))
    });
    for _ in 0..rotations {
        let (certificate, key) = secure.ca.issue(&[dns("fermata.test")]);
        let wanted = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap().to_vec();
        // One file after the other, as whoever renews them does it.
        fs::write(secure.files.join("server.pem"), certificate).unwrap();
        fs::write(secure.files.join("server.key"), key).unwrap();
        eventually("the new certificate is shown", async || {
            let is_new = shown(&secure).await.unwrap() == wanted;
            is_new.then_some(())
        })
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    for load in loads {
        load.await.unwrap().unwrap();
    }
    let calls = calls.load(Ordering::Relaxed);
    println!("{rotations} rotations, {calls} calls, none failed");
    assert!(calls > rotations);
    secure.stop().await;
}

#[tokio::test]
async fn no_call_fails_when_certificates_are_renewed() {
    no_call_fails(FEW).await;
}

#[tokio::test]
#[ignore = "half an hour; the nightly run has it"]
async fn no_call_fails_when_certificates_are_renewed_a_thousand_times() {
    no_call_fails(MANY).await;
}
