//! What Fermata calls by TLS with a CA of the operator's own: PostgreSQL, Keystone and Nova, issuers of tokens. Each is reached
//! with that CA, and not without. Collectors of OTLP are in the tests of the telemetry.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use fermata_core::cloud::Cloud;
use fermata_openstack::{CloudSource, OpenStackCloud, OpenStackConfig};
use fermata_server::door::{Authenticator, OidcTokens, Presented};
use fermata_store::{Options, Store};
use http::{Extensions, HeaderMap};
use jsonwebtoken::Algorithm;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::oidc::issuer::{Issuer, Signer};
use crate::secure::{Ca, dns};

/// How a client of PostgreSQL asks for TLS: its length, and a number that is no version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// What is said before TLS begins.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    PostgresAsks,
}

/// A TLS server at `localhost`, with a certificate of a CA that no system knows, before one that has no TLS.
struct Front {
    port: u16,
    files: TempDir,
}

impl Front {
    async fn of(upstream: SocketAddr, before: Before) -> Self {
        let ca = Ca::new("private");
        let (certificate, key) = ca.issue(&[dns("localhost")]);
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("ca.pem"), ca.pem()).unwrap();
        std::fs::write(files.path().join("other.pem"), Ca::new("other").pem()).unwrap();
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, acceptor.clone(), upstream, before));
            }
        });
        Self { port, files }
    }

    fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The CA of its certificate.
    fn ca(&self) -> PathBuf {
        self.files.path().join("ca.pem")
    }

    /// Another one.
    fn other(&self) -> PathBuf {
        self.files.path().join("other.pem")
    }
}

/// A client that does not trust the certificate goes away.
async fn serve(
    mut socket: TcpStream,
    acceptor: TlsAcceptor,
    upstream: SocketAddr,
    before: Before,
) -> std::io::Result<()> {
    match before {
        Before::Nothing => {}
        Before::PostgresAsks => {
            let mut asked = [0; 8];
            socket.read_exact(&mut asked).await?;
            assert_eq!(asked, SSL_REQUEST, "it does not ask for TLS");
            socket.write_all(b"S").await?;
        }
    }
    let mut socket = acceptor.accept(socket).await?;
    let mut upstream = TcpStream::connect(upstream).await?;
    copy_bidirectional(&mut socket, &mut upstream).await?;
    Ok(())
}

/// The PostgreSQL that the tests were given, else something that refuses whoever comes, in its words.
async fn postgres() -> (SocketAddr, String) {
    if let Some(url) = crate::shared::server() {
        let (user, rest) = url.trim_start_matches("postgres://").split_once('@').unwrap();
        let (address, database) = rest.split_once('/').unwrap();
        return (address.parse().unwrap(), format!("{user}@localhost/{database}"));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let said = b"SFATAL\0VFATAL\0C28000\0Mnobody is let in\0\0";
            let mut answer = vec![b'E'];
            answer.extend(u32::try_from(said.len() + 4).unwrap().to_be_bytes());
            answer.extend(said);
            let _ = socket.read_u32().await;
            let _ = socket.write_all(&answer).await;
        }
    });
    (address, "fermata@localhost/fermata".to_owned())
}

#[tokio::test]
async fn postgresql() {
    let (upstream, place) = postgres().await;
    let is_real = crate::shared::server().is_some();
    let front = Front::of(upstream, Before::PostgresAsks).await;
    let place = place.replace("@localhost/", &format!("@localhost:{}/", front.port));
    let connect = async |parameters: String| {
        let url = format!("postgres://{place}?{parameters}");
        let connected = Store::connect(&url, &Options::default()).await;
        connected.map(drop).map_err(|error| {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(deeper) = cause {
                text += &format!(": {deeper}");
                cause = deeper.source();
            }
            text
        })
    };
    for mode in ["verify-full", "verify-ca"] {
        let reached = connect(format!("sslmode={mode}&sslrootcert={}", front.ca().display())).await;
        match reached {
            Ok(()) => assert!(is_real),
            Err(error) => assert!(!is_real && error.contains("nobody is let in"), "{error}"),
        }
        for trusting in [String::new(), format!("&sslrootcert={}", front.other().display())] {
            let error = connect(format!("sslmode={mode}{trusting}")).await.unwrap_err();
            assert!(error.contains("invalid peer certificate"), "{error}");
        }
    }
}

#[tokio::test]
async fn keystone_and_nova() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = Front::of(listener.local_addr().unwrap(), Before::Nothing).await;
    let nova = format!("{}/nova/v2.1", front.origin());
    let endpoint =
        json!({"interface": "public", "region": "r", "region_id": "r", "id": "e", "url": nova});
    let token = json!({"token": {"methods": ["password"], "roles": [{"id": "r", "name": "admin"}],
        "user": {"id": "u", "name": "fermata"},
        "catalog": [{"type": "compute", "name": "nova", "endpoints": [endpoint]}]}});
    let services = json!({"services": [{"binary": "nova-compute", "host": "h1", "id": "i",
        "status": "enabled", "state": "up"}]});
    let router = Router::new()
        .route(
            "/v3/auth/tokens",
            post(async move || {
                (StatusCode::CREATED, [("x-subject-token", "token-1")], token.to_string())
            }),
        )
        .route("/nova/v2.1/os-services", get(async move || services.to_string()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let check = async |ca: Option<PathBuf>| {
        let auth_url = format!("{}/v3", front.origin());
        let mut variables = vec![
            ("OS_AUTH_URL", auth_url),
            ("OS_USERNAME", "u".to_owned()),
            ("OS_PASSWORD", "p".to_owned()),
            ("OS_PROJECT_NAME", "admin".to_owned()),
        ];
        variables.extend(ca.map(|file| ("OS_CACERT", file.display().to_string())));
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
        let config = OpenStackConfig::new(CloudSource::from_variables(variables));
        OpenStackCloud::new(config).unwrap().check().await
    };
    assert_eq!(check(Some(front.ca())).await, Ok(()));
    for ca in [None, Some(front.other())] {
        let error = check(ca).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "{error}");
    }
}

#[tokio::test]
async fn issuers_of_tokens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = Front::of(listener.local_addr().unwrap(), Before::Nothing).await;
    let signer = Signer::new("one", Algorithm::ES256);
    let issuer = Issuer::behind(listener, &front.origin(), &[&signer]);
    let clock = fermata_server::clock::system();
    let token = signer.token(&issuer.claims(clock().unix_timestamp()));
    let taken = async |more: String| {
        let file = front.files.path().join("issuers.toml");
        std::fs::write(&file, issuer.entry(&more)).unwrap();
        let tokens = OidcTokens::load(&file, Arc::clone(&clock)).unwrap();
        let mut metadata = HeaderMap::new();
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let connection = Extensions::new();
        tokens.authenticate(Presented { metadata: &metadata, connection: &connection }).await
    };
    let trusting = |file: PathBuf| format!("ca = \"{}\"", file.display());
    assert!(taken(trusting(front.ca())).await.unwrap().is_some());
    assert_eq!(issuer.asked(), 1);
    for more in [String::new(), trusting(front.other())] {
        taken(more).await.unwrap_err();
    }
    assert_eq!(issuer.asked(), 1, "it was reached all the same");
}
