//! TLS of the server: certificate, key and the CA of clients' certificates come from files, and are read again when they
//! change. Connections that are open stay; those that come next get the new ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fermata_core::{Time, rfc3339};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::config::TlsVersion;
use crate::tasks::Turns;
use crate::telemetry::metrics::{CertificateUse, Metrics};

/// Pause between two looks at the files.
const EVERY: Duration = Duration::from_secs(2);
static NEWEST: &[&SupportedProtocolVersion] = &[&TLS13];

/// Where what TLS needs is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those that lead to its CA; PEM.
    pub certificate: PathBuf,
    /// Its private key; PEM.
    pub key: PathBuf,
    /// The CA of clients' certificates; PEM. Unset: clients are not asked for any.
    pub client_ca: Option<PathBuf>,
    /// The lowest version that clients may speak.
    pub min_version: TlsVersion,
}

/// Why TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{} has no {what} in PEM", file.display())]
    Pem {
        /// Which.
        file: PathBuf,
        /// What is missing.
        what: &'static str,
    },
    /// Certificate and key do not fit together, or are of a kind that is not known.
    #[error("{} and {} cannot be used: {source}", certificate.display(), key.display())]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// A new certificate that no client would accept.
    #[error("{} ended at {}", certificate.display(), rfc3339(*end))]
    Ended {
        /// The certificate.
        certificate: PathBuf,
        /// When.
        end: Time,
    },
    /// The CA of clients cannot be used.
    #[error("{} cannot be used: {problem}", file.display())]
    ClientCa {
        /// Which file.
        file: PathBuf,
        /// Why.
        problem: String,
    },
}

/// What TLS needs, as the files have it. Clones share it.
#[derive(Clone)]
pub struct Tls {
    files: Arc<TlsFiles>,
    current: Arc<RwLock<Loaded>>,
    protocol: &'static [u8],
}

struct Loaded {
    contents: Contents,
    config: Arc<ServerConfig>,
}

#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Tls {
    /// Reads the files. `protocol`: what is spoken inside, by its ALPN name.
    ///
    /// # Errors
    /// They cannot be used.
    pub fn load(files: &TlsFiles, protocol: &'static [u8]) -> Result<Self, TlsError> {
        let contents = Contents::read(files)?;
        let config = contents.config(files, protocol)?;
        let current = Arc::new(RwLock::new(Loaded { contents, config }));
        Ok(Self { files: Arc::new(files.clone()), current, protocol })
    }

    /// What of the certificates has ended, and what comes of it.
    pub fn warnings(&self) -> Vec<String> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let contents = &current.contents;
        let mut warnings = Vec::new();
        if let Some(end) = over(ends(&contents.certificate).min()) {
            let file = self.files.certificate.display();
            warnings.push(format!("{file} ended at {}: clients do not accept it", rfc3339(end)));
        }
        if let (Some(pem), Some(file)) = (&contents.client_ca, &self.files.client_ca)
            // With an old CA beside its successor all is well.
            && let Some(end) = over(ends(pem).max())
        {
            let (file, end) = (file.display(), rfc3339(end));
            warnings.push(format!("{file} ended at {end}: certificates of clients are refused"));
        }
        warnings
    }

    /// For the next connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.config))
    }

    /// Reads the files again whenever they have changed.
    pub async fn follow(self, stop: CancellationToken, turns: Turns, metrics: Metrics) {
        loop {
            self.record(&metrics);
            let again = async { self.read_again() };
            turns.turn("new TLS files cannot be used, the old ones hold", again).await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Tells when the certificates in use end.
    fn record(&self, metrics: &Metrics) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let contents = &current.contents;
        let of_clients = contents.client_ca.as_deref();
        for (certificate, pem) in [
            (CertificateUse::Server, Some(&*contents.certificate)),
            (CertificateUse::ClientCa, of_clients),
        ] {
            if let Some(at) = pem.and_then(|pem| ends(pem).min()) {
                metrics.certificate_ends(certificate, at);
            }
        }
    }

    /// Reads the files again, and says what came of it. Whoever renews a certificate writes two files: until they fit
    /// together the old ones hold.
    fn read_again(&self) -> Result<&'static str, TlsError> {
        let contents = Contents::read(&self.files)?;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).contents == contents {
            return Ok("unchanged");
        }
        let config = contents.config(&self.files, self.protocol)?;
        if let Some(end) = over(ends(&contents.certificate).min()) {
            let certificate = self.files.certificate.clone();
            return Err(TlsError::Ended { certificate, end });
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Loaded { contents, config };
        let protocol = str::from_utf8(self.protocol).unwrap_or_default();
        tracing::info!(certificate = %self.files.certificate.display(), protocol, "TLS files read again");
        Ok("read again")
    }
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |file: &Path| {
            std::fs::read(file).map_err(|source| TlsError::Read { file: file.to_owned(), source })
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            client_ca: files.client_ca.as_deref().map(read).transpose()?,
        })
    }

    fn config(&self, files: &TlsFiles, protocol: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
        let pair = |source| TlsError::Pair {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
            source,
        };
        let chain = certificates(&self.certificate, &files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| TlsError::Pem { file: files.key.clone(), what: "private key" })?;
        // Named, not the one that a process may or may not have set.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions(files.min_version))
            .map_err(pair)?;
        let builder = match (&self.client_ca, &files.client_ca) {
            (Some(pem), Some(file)) => {
                let unusable = |problem: String| TlsError::ClientCa { file: file.clone(), problem };
                let mut roots = RootCertStore::empty();
                for ca in certificates(pem, file)? {
                    roots.add(ca).map_err(|error| unusable(error.to_string()))?;
                }
                // Whoever has none may still have a token.
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .allow_unauthenticated()
                        .build()
                        .map_err(|error| unusable(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
            (None, _) | (_, None) => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(pair)?;
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Arc::new(config))
    }
}

/// The time if it is over.
fn over(end: Option<u64>) -> Option<Time> {
    let end = Time::from_unix_timestamp(i64::try_from(end?).ok()?).ok()?;
    (end <= crate::clock::system()()).then_some(end)
}

/// When each of these certificates ends, in seconds since 1970.
fn ends(pem: &[u8]) -> impl Iterator<Item = u64> {
    CertificateDer::pem_slice_iter(pem).filter_map(|der| {
        let der = der.ok()?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).ok()?;
        u64::try_from(certificate.validity().not_after.timestamp()).ok()
    })
}

fn versions(lowest: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    match lowest {
        TlsVersion::V12 => rustls::DEFAULT_VERSIONS,
        TlsVersion::V13 => NEWEST,
    }
}

fn certificates(pem: &[u8], file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let none = || TlsError::Pem { file: file.to_owned(), what: "certificate" };
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(none)
}
