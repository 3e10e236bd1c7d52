//! What the file of issuers says: whose tokens are taken, and what their claims mean.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fermata_core::actor::Role;
use http::Uri;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use thiserror::Error;

use super::claims::ClaimPath;
use crate::config::wrong_toml;

/// Clocks of machines that keep time differ by less.
const CLOCK_SKEW: Duration = Duration::from_secs(30);
/// A skew beyond that is no skew, but a token that does not expire when it says.
const LONGEST_CLOCK_SKEW: Duration = Duration::from_secs(300);
/// What issuers sign with unless they are told otherwise: RSA by OpenID Connect, and its usual successor.
const ALGORITHMS: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256];

/// Why the file of issuers cannot be used.
#[derive(Debug, Error)]
pub enum IssuersError {
    /// It cannot be read.
    #[error("the issuers file {} cannot be used: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or has other keys than it should.
    #[error("the issuers file {} is wrong: {problem}", file.display())]
    Parse {
        /// Which.
        file: PathBuf,
        /// Why.
        problem: String,
    },
    /// What it says cannot be.
    #[error("the issuers file {} is wrong: issuer '{issuer}' {problem}", file.display())]
    Entry {
        /// Which file.
        file: PathBuf,
        /// Which issuer.
        issuer: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The CA of an issuer cannot be used.
    #[error("the issuers file {} is wrong: the ca of issuer '{issuer}' cannot be used: {problem}", file.display())]
    Ca {
        /// Which file.
        file: PathBuf,
        /// Which issuer.
        issuer: String,
        /// Why.
        problem: String,
    },
}

/// One issuer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its URL, exactly as its tokens have it in `iss`.
    pub issuer: String,
    /// Who Fermata is to it: a token must be for one of them (`aud`).
    pub audiences: BTreeSet<String>,
    /// Where its keys are; unset: where its discovery document says.
    pub jwks_uri: Option<String>,
    /// The CA of its certificate, PEM; unset: those of the system.
    pub ca: Option<PathBuf>,
    /// What it may sign with.
    #[serde(default = "algorithms", deserialize_with = "signatures")]
    pub algorithms: Vec<Algorithm>,
    /// By how much its clock and this one may differ.
    #[serde(default = "clock_skew", deserialize_with = "span")]
    pub clock_skew: Duration,
    /// The claim that names the caller.
    #[serde(default = "subject")]
    pub principal_claim: ClaimPath,
    /// The claim with the caller's roles.
    #[serde(default = "roles")]
    pub roles_claim: ClaimPath,
    /// The claim with the projects that the caller owns.
    #[serde(default = "projects")]
    pub projects_claim: ClaimPath,
    /// By which words of the roles' claim a caller gets which role. None: only those subjects get one that are named as
    /// principals.
    pub roles: BTreeMap<Role, BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issuer: Vec<Entry>,
}

impl Entry {
    /// The issuer as names of its principals have it: its URL without the scheme.
    pub(super) fn name(&self) -> &str {
        self.issuer.split_once("://").map_or(&self.issuer, |(_, name)| name)
    }

    /// What is wrong with it by itself.
    fn problem(&self) -> Option<&'static str> {
        let uris = [Some(&self.issuer), self.jwks_uri.as_ref()];
        if uris.into_iter().flatten().any(|uri| !may_be_asked(uri)) {
            Some("must be an https URL, and so must its jwks_uri (http is for loopback addresses)")
        } else if self.audiences.is_empty() || self.audiences.contains("") {
            Some("has no audiences: name what its tokens for Fermata have as aud")
        } else if self.algorithms.is_empty() {
            Some("has no algorithms")
        } else if self.clock_skew > LONGEST_CLOCK_SKEW {
            Some("has a clock_skew of more than 5 minutes")
        } else if !self.roles.is_empty() && self.roles.values().all(BTreeSet::is_empty) {
            Some(
                "gives no role: say in its table roles which words of its roles_claim stand for which role",
            )
        } else {
            None
        }
    }
}

/// Whether keys may come from there: whoever can change them on the way lets in whom it likes.
pub(super) fn may_be_asked(uri: &str) -> bool {
    let Ok(uri) = uri.parse::<Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            bare.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        (Some(_) | None, _) => false,
    }
}

/// The issuers in a text.
pub(super) fn entries(file: &Path, text: &str) -> Result<Vec<Entry>, IssuersError> {
    let wrong = |error| {
        let problem = wrong_toml(&error, text);
        IssuersError::Parse { file: file.to_owned(), problem }
    };
    let parsed: File = toml::from_str(text).map_err(wrong)?;
    for (i, entry) in parsed.issuer.iter().enumerate() {
        let is_twice = parsed.issuer[..i].iter().any(|other| other.issuer == entry.issuer);
        if let Some(problem) = entry.problem().or(is_twice.then_some("is there twice")) {
            let issuer = entry.issuer.escape_debug().to_string();
            return Err(IssuersError::Entry { file: file.to_owned(), issuer, problem });
        }
    }
    Ok(parsed.issuer)
}

fn algorithms() -> Vec<Algorithm> {
    ALGORITHMS.to_vec()
}

fn clock_skew() -> Duration {
    CLOCK_SKEW
}

fn subject() -> ClaimPath {
    ClaimPath::of("sub")
}

fn roles() -> ClaimPath {
    ClaimPath::of("roles")
}

fn projects() -> ClaimPath {
    ClaimPath::of("projects")
}

/// Those with a pair of keys. With HMAC, whoever can check a token can also make one.
fn signatures<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Algorithm>, D::Error> {
    use serde::de::Error as _;
    let names = Vec::<String>::deserialize(from)?;
    let parse = |name: String| {
        let known = name.parse().ok().filter(|algorithm| !is_symmetric(*algorithm));
        known.ok_or_else(|| {
            D::Error::custom(format!(
                "'{name}' is no algorithm of signatures that is taken: RS256, RS384, RS512, PS256, PS384, PS512, \
                 ES256, ES384 and EdDSA are"
            ))
        })
    };
    names.into_iter().map(parse).collect()
}

fn is_symmetric(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

fn span<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    use serde::de::Error as _;
    let text = String::deserialize(from)?;
    humantime::parse_duration(&text)
        .map_err(|error| D::Error::custom(format!("'{text}' is no span of time: {error}")))
}
