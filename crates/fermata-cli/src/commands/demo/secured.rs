//! What `--secure` adds: a CA of the demo with the server's certificate, and a token for each who takes part.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use fermata_client::{Channel, ConnectOptions, Credentials};
use fermata_server::Config;
use fermata_server::config::TlsVersion;
use fermata_server::door::{NewPrincipal, Token, add_principal};
use fermata_server::tls::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::owner::OWNERS;
use crate::failure::Failure;

/// The operator's name among the principals.
pub(super) const OPERATOR: &str = "operator";

/// How to reach the demo's server, and who may.
#[derive(Debug, Clone)]
pub(super) struct Secured {
    folder: PathBuf,
}

impl Secured {
    /// Makes CA, certificate, principals and tokens in this folder, and has the server use them.
    pub(super) fn new(folder: &Path, config: &mut Config) -> Result<Self, Failure> {
        let secured = Self { folder: folder.to_owned() };
        let (certificate, key) = (secured.file("server.pem"), secured.file("server.key"));
        let failed = |error: rcgen::Error| Failure::local(&error);
        let (ca, own, own_key) = certificates().map_err(failed)?;
        fs::write(secured.ca(), ca)?;
        fs::write(&certificate, own)?;
        private(&key, &own_key)?;
        let principals = secured.file("principals.toml");
        secured.admit(&principals, OPERATOR, "operator", &[])?;
        for owner in OWNERS {
            secured.admit(&principals, owner.name, "owner", &[owner.project_id])?;
        }
        config.tls =
            Some(TlsFiles { certificate, key, client_ca: None, min_version: TlsVersion::V13 });
        config.principals = Some(principals);
        Ok(secured)
    }

    fn admit(&self, file: &Path, name: &str, role: &str, projects: &[&str]) -> Result<(), Failure> {
        let token = Token::new();
        let principal = NewPrincipal {
            name: name.to_owned(),
            roles: vec![role.to_owned()],
            projects: projects.iter().map(|id| (*id).to_owned()).collect(),
            expires: None,
            digest: token.digest(),
        };
        add_principal(file, &principal).map_err(|error| Failure::local(&error))?;
        Ok(private(&self.token_of(name), token.text())?)
    }

    /// The demo's CA.
    pub(super) fn ca(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// The file with somebody's token.
    pub(super) fn token_of(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.token"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A connection of somebody's own.
    async fn connect(&self, url: &str, name: &str) -> Result<Channel, Failure> {
        let options = ConnectOptions {
            credentials: Credentials::TokenFile(self.token_of(name)),
            tls_ca: Some(self.ca()),
            tls_identity: None,
        };
        Ok(fermata_client::connect_as(url, &options).await?)
    }
}

/// A connection for somebody who takes part.
pub(super) async fn connect(
    secured: Option<&Secured>,
    url: &str,
    name: &str,
) -> Result<Channel, Failure> {
    match secured {
        Some(secured) => secured.connect(url, name).await,
        None => Ok(fermata_client::connect(url).await?),
    }
}

/// A CA, and a certificate of it for this machine with its key; all in PEM.
fn certificates() -> Result<(String, String, String), rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "Fermata's demo");
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let own = CertificateParams::new(names)?.signed_by(&key, &ca)?;
    Ok((ca.pem(), own.pem(), key.serialize_pem()))
}

/// A new file that only its owner can read.
fn private(file: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}
