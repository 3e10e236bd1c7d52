//! TLS, tokens and certificates as an operator configures them: files, real connections, changes while the server runs.

mod certificates;
mod rotations;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fermata_core::broken;
use fermata_openstack::{CloudSource, OpenStackConfig};
use fermata_proto::v1;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_server::Config;
use fermata_server::config::{KeystoneConfig, TlsVersion};
use fermata_server::door::{KeystoneRoles, NewPrincipal, Token, add_principal};
use fermata_server::tasks::Task;
use fermata_server::tls::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Status};

use crate::door::by;
use crate::harness::{Notifications, Sessions, Site, eventually, soon};
use crate::refusal::Refusal;
use crate::world::World;

/// The tasks that only run where callers have credentials; `tasks` has the others.
pub const CREDENTIALS: [Task; 4] = [Task::Principals, Task::Keystone, Task::Oidc, Task::Tls];

/// A CA of the test.
pub struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate with these names, and its key.
    pub fn issue(&self, names: &[SanType]) -> (String, String) {
        self.sign(names, |_| {})
    }

    fn sign(
        &self,
        names: &[SanType],
        change: impl FnOnce(&mut CertificateParams),
    ) -> (String, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = names.to_vec();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

pub fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

/// A name of the subject that is a URI.
pub fn uri(name: &str) -> SanType {
    SanType::URI(name.try_into().unwrap())
}

/// A server with TLS and principals.
pub struct Secure {
    site: Site,
    ca: Ca,
    files: PathBuf,
    address: String,
}

impl Secure {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let ca = Ca::new("operators");
        let files = tempfile::tempdir().unwrap().keep();
        let write = |name: &str, text: &str| fs::write(files.join(name), text).unwrap();
        let (certificate, key) = ca.issue(&[dns("fermata.test")]);
        write("server.pem", &certificate);
        write("server.key", &key);
        write("ca.pem", &ca.pem());
        write("principals.toml", "");
        let site = Site::with(&World::small(), |config| {
            config.principals = Some(files.join("principals.toml"));
            config.tls = Some(TlsFiles {
                certificate: files.join("server.pem"),
                key: files.join("server.key"),
                client_ca: Some(files.join("ca.pem")),
                min_version: TlsVersion::V12,
            });
            change(config);
        })
        .await;
        let address = site.endpoint().uri().authority().unwrap().to_string();
        Self { site, ca, files, address }
    }

    /// The file of principals.
    pub fn principals(&self) -> PathBuf {
        self.files.join("principals.toml")
    }

    /// A certificate of its CA with these names, and its key.
    pub fn issue(&self, names: &[SanType]) -> (String, String) {
        self.ca.issue(names)
    }

    /// Waits until whoever calls over this connection, who is an operator, is known.
    pub async fn is_known(&self, channel: &Channel) {
        eventually("the certificate is known", async || list(channel.clone()).await.ok()).await;
    }

    pub async fn stop(&mut self) {
        self.site.stop().await;
    }

    /// Adds a principal with a token, and waits until the server knows it.
    async fn know(&self, name: &str, role: &str, projects: &[&str]) -> String {
        let token = Token::new();
        let principal = NewPrincipal {
            name: name.to_owned(),
            roles: vec![role.to_owned()],
            projects: projects.iter().map(|project| (*project).to_owned()).collect(),
            expires: None,
            digest: token.digest(),
        };
        add_principal(&self.principals(), &principal).unwrap();
        let text = token.text().to_owned();
        let channel = self.channel(None).await.unwrap();
        eventually("the new principal is known", async || {
            let list = by(&text, v1::ListSessionsRequest::default());
            let answer = SessionServiceClient::new(channel.clone()).list_sessions(list).await;
            // Known, whatever it may do.
            answer
                .map_or_else(|status| status.code() != Code::Unauthenticated, |_| true)
                .then_some(())
        })
        .await;
        text
    }

    /// A connection that trusts the server's CA, with a certificate or without.
    pub async fn channel(
        &self,
        own: Option<&(String, String)>,
    ) -> Result<Channel, tonic::transport::Error> {
        self.endpoint(&self.ca, own).connect().await
    }

    fn endpoint(&self, trusted: &Ca, own: Option<&(String, String)>) -> Endpoint {
        let mut tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(trusted.pem()))
            .domain_name("fermata.test");
        if let Some((certificate, key)) = own {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        Channel::from_shared(format!("https://{}", self.address)).unwrap().tls_config(tls).unwrap()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.files);
    }
}

async fn list(channel: Channel) -> Result<(), Status> {
    let request = v1::ListSessionsRequest::default();
    SessionServiceClient::new(channel).list_sessions(request).await.map(drop)
}

fn reason(answer: Result<(), Status>) -> String {
    Refusal::of(answer.unwrap_err()).reason
}

#[tokio::test]
async fn tokens_open_the_door_for_whom_the_file_names() {
    let mut secure = Secure::start().await;
    // Without TLS nobody gets as far as a call.
    let clear = Channel::from_shared(format!("http://{}", secure.address)).unwrap();
    let clear =
        async { list(clear.connect().await.map_err(|e| Status::unknown(e.to_string()))?).await };
    assert!(soon("a refusal", clear).await.is_err());

    let channel = secure.channel(None).await.unwrap();
    assert_eq!(reason(list(channel.clone()).await), "CREDENTIALS_MISSING");
    let kim = secure.know("kim", "operator", &[]).await;
    let vnfm = secure.know("vnfm-orange", "owner", &["orange"]).await;
    let mut sessions = Sessions::new(channel.clone());
    let list = v1::ListSessionsRequest::default;
    sessions.list_sessions(by(&kim, list())).await.unwrap();
    let refused = async |sessions: &mut Sessions, token: &str| {
        let answer = sessions.list_sessions(by(token, list())).await;
        Refusal::of(answer.unwrap_err()).reason
    };
    assert_eq!(refused(&mut sessions, &vnfm).await, "ROLE_REQUIRED");
    let digest = Token::new().digest().to_string();
    let long = "x".repeat(5000);
    for wrong in ["", "a b", &kim[1..], &kim.to_uppercase(), &digest, &long, &format!("{kim}{kim}")]
    {
        assert_eq!(refused(&mut sessions, wrong).await, "CREDENTIALS_INVALID", "{wrong}");
    }
    let mut owners = Notifications::new(channel);
    let mine = v1::ListNotificationsRequest { project_id: "orange".into(), ..Default::default() };
    owners.list_notifications(by(&vnfm, mine)).await.unwrap();
    let theirs = v1::ListNotificationsRequest { project_id: "violet".into(), ..Default::default() };
    let answer = owners.list_notifications(by(&vnfm, theirs)).await;
    assert_eq!(Refusal::of(answer.unwrap_err()).reason, "PROJECT_FOREIGN");
    secure.site.stop().await;
}

#[tokio::test]
async fn certificates_open_the_door_for_whom_the_file_names() {
    let mut secure = Secure::start().await;
    let entry = "[[principal]]\nname = \"vnfm\"\nroles = [\"operator\"]\n\
                 certificates = [\"uri:spiffe://site/vnfm/*\", \"dns:vnfm.site\"]\n";
    fs::write(secure.principals(), entry).unwrap();
    for name in [uri("spiffe://site/vnfm/7"), dns("VNFM.site")] {
        let channel = secure.channel(Some(&secure.ca.issue(&[name]))).await.unwrap();
        eventually("the certificate is known", async || list(channel.clone()).await.ok()).await;
    }
    for name in [uri("spiffe://site/vnfm"), dns("vnfm.site.evil"), uri("dns:vnfm.site")] {
        let channel = secure.channel(Some(&secure.ca.issue(&[name]))).await.unwrap();
        assert_eq!(reason(list(channel).await), "CREDENTIALS_INVALID");
    }
    // One of another CA does not even get a connection that works.
    let foreign = Ca::new("operators").issue(&[dns("vnfm.site")]);
    let answer = async {
        list(secure.channel(Some(&foreign)).await.map_err(|e| Status::unknown(e.to_string()))?)
            .await
    };
    let status = soon("a refusal", answer).await.unwrap_err();
    assert_ne!(status.code(), Code::Unauthenticated, "it got as far as the door: {status}");
    secure.site.stop().await;
}

#[tokio::test]
async fn who_is_taken_out_of_the_file_is_out_and_the_others_do_not_notice() {
    let mut secure = Secure::start().await;
    let orange = secure.know("orange", "owner", &["orange"]).await;
    let before = fs::read_to_string(secure.principals()).unwrap();
    let violet = secure.know("violet", "owner", &["violet"]).await;
    let channel = secure.channel(None).await.unwrap();
    let mut owners = NotificationServiceClient::new(channel);
    let of =
        |project: &str| v1::SubscribeRequest { project_id: project.into(), ..Default::default() };
    let mut stays = owners.subscribe(by(&orange, of("orange"))).await.unwrap().into_inner();
    let mut goes = owners.subscribe(by(&violet, of("violet"))).await.unwrap().into_inner();
    stays.message().await.unwrap().unwrap();
    goes.message().await.unwrap().unwrap();

    fs::write(secure.principals(), before).unwrap();
    let ended = soon("the end of the stream", async {
        loop {
            if let Err(status) = goes.message().await {
                return status;
            }
        }
    });
    assert_eq!(Refusal::of(ended.await).reason, "CREDENTIALS_EXPIRED");
    let again = owners.subscribe(by(&violet, of("violet"))).await.unwrap_err();
    assert_eq!(Refusal::of(again).reason, "CREDENTIALS_INVALID");
    let other = owners.subscribe(by(&orange, of("orange"))).await;
    assert!(other.is_ok(), "who stayed in the file is let in as before");
    tokio::select! {
        biased;
        message = stays.message() => assert!(message.unwrap().is_some()),
        () = std::future::ready(()) => {}
    }
    secure.site.stop().await;
}

/// As in `tasks`, for those that only run with principals, issuers, Keystone and TLS.
#[tokio::test]
async fn what_follows_files_and_keystone_is_started_again_after_a_panic() {
    let tasks = CREDENTIALS;
    tasks.iter().for_each(|task| broken::panic_once(task.name()));
    // Nobody answers there, and none of its tokens comes.
    let nowhere = [
        ("OS_AUTH_URL", "http://127.0.0.1:1/v3"),
        ("OS_USERNAME", "fermata"),
        ("OS_PASSWORD", "secret"),
    ];
    let nowhere = nowhere.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let none = BTreeSet::new;
    let keystone = KeystoneConfig {
        openstack: OpenStackConfig::new(CloudSource::from_variables(nowhere)),
        roles: KeystoneRoles { operator: none(), owner: none(), monitor: none(), auditor: none() },
    };
    let issuers = tempfile::NamedTempFile::new().unwrap();
    let mut secure = Secure::with(|config| {
        config.keystone = Some(keystone);
        config.oidc = Some(issuers.path().to_owned());
    })
    .await;
    for task in tasks {
        eventually(&format!("{} is started again", task.name()), async || {
            let standing = secure.site.tasks().standings().remove(&task)?;
            (standing.restarts > 0 && standing.panic.is_none() && standing.running > 0)
                .then_some(())
        })
        .await;
    }
    // They do their work as before.
    secure.know("kim", "operator", &[]).await;
    fs::write(issuers.path(), "[[issuer]]\n").unwrap();
    eventually("the file of issuers that is wrong is told of", async || {
        secure.site.tasks().standings().remove(&Task::Oidc)?.last?.outcome.err()
    })
    .await;
    secure.site.stop().await;
}

#[tokio::test]
async fn whoever_says_nothing_is_cut_off() {
    let mut site = Site::start(&World::small()).await;
    let address = site.endpoint().uri().authority().unwrap().to_string();
    let mut silent = TcpStream::connect(address).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(60), silent.read(&mut [0])).await;
    assert_eq!(read.expect("it is cut off").unwrap_or(0), 0);
    site.counts("silent_connections").await;
    site.stop().await;
}

/// A handshake by a client that speaks this version alone.
async fn handshake(
    secure: &Secure,
    version: &'static SupportedProtocolVersion,
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(secure.ca.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(&secure.address).await.unwrap();
    let name = ServerName::try_from("fermata.test").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn older_versions_of_tls_are_refused_where_they_should_be() {
    for (lowest, old_is_taken) in [(TlsVersion::V12, true), (TlsVersion::V13, false)] {
        let change = |config: &mut Config| config.tls.as_mut().unwrap().min_version = lowest;
        let mut secure = Secure::with(change).await;
        handshake(&secure, &TLS13).await.unwrap();
        assert_eq!(handshake(&secure, &TLS12).await.is_ok(), old_is_taken, "{lowest:?}");
        secure.site.stop().await;
    }
}

#[test]
fn files_that_cannot_be_used_are_told_at_the_start() {
    let missing = TlsFiles {
        certificate: Path::new("/nowhere/server.pem").to_owned(),
        key: Path::new("/nowhere/server.key").to_owned(),
        client_ca: None,
        min_version: TlsVersion::V12,
    };
    let error = fermata_server::tls::Tls::load(&missing, b"h2").err().unwrap().to_string();
    assert!(error.contains("/nowhere/server.pem"), "{error}");
}
