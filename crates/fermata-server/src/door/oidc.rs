//! Tokens of OpenID Connect issuers (JWT, RFC 7519) as a kind of credentials. A file names the issuers, and what their claims
//! mean; it is read again when it changes. Their keys are fetched ahead of the calls that need them.
//!
//! | file | job |
//! | --- | --- |
//! | `file` | what the file of issuers says |
//! | `issuer` | one issuer: from a token to a caller |
//! | `claims` | looks claims up |
//! | `keys` | which key a token is checked with |
//! | `fetch` | asks an issuer for its keys |

mod claims;
mod fetch;
mod file;
mod issuer;
mod keys;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{Header, decode_header};
use serde::Deserialize;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use self::fetch::FetchError;
pub use self::file::IssuersError;
use self::issuer::Issuer;
use super::caller::Caller;
use super::identity::{Authenticator, Presented, Unknown};
use super::principals::Principals;
use crate::causes::chain;
use crate::clock::Clock;
use crate::tasks::Turns;

/// Pause between two looks at the file, and at how fresh the keys are.
const EVERY: Duration = Duration::from_secs(2);
/// Tokens with many groups have some KiB.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Tokens of the issuers that a file names. Clones share them.
#[derive(Clone)]
pub struct OidcTokens {
    file: Arc<Path>,
    trusted: Arc<RwLock<Arc<Trusted>>>,
    /// What a file says of single subjects outweighs what their tokens claim.
    principals: Option<Principals>,
    clock: Clock,
}

/// What the file said last.
struct Trusted {
    text: String,
    issuers: Vec<Arc<Issuer>>,
}

/// Why the issuers are not up to date.
#[derive(Debug, Error)]
enum Stale {
    #[error(transparent)]
    File(#[from] IssuersError),
    #[error("the keys of issuer '{issuer}' cannot be fetched")]
    Keys { issuer: String, source: FetchError },
}

impl OidcTokens {
    /// Reads the file. Issuers are asked later.
    ///
    /// # Errors
    /// It cannot be read, or is wrong, or a CA that it names cannot be used.
    pub fn load(file: &Path, clock: Clock) -> Result<Self, IssuersError> {
        let text = read(file)?;
        let entries = file::entries(file, &text)?;
        for entry in &entries {
            fetch::check_ca(entry).map_err(|error| IssuersError::Ca {
                file: file.to_owned(),
                issuer: entry.issuer.escape_debug().to_string(),
                problem: chain(&error),
            })?;
        }
        let issuers = entries.into_iter().map(|entry| Arc::new(Issuer::new(entry))).collect();
        let trusted = Arc::new(RwLock::new(Arc::new(Trusted { text, issuers })));
        Ok(Self { file: file.into(), trusted, principals: None, clock })
    }

    /// The same, for subjects that are named as principals, too.
    pub fn with(self, principals: Principals) -> Self {
        Self { principals: Some(principals), ..self }
    }

    /// The issuers of these that the file does not name.
    pub fn unknown(&self, issuers: BTreeSet<String>) -> Vec<String> {
        let trusted = self.trusted();
        let known = |issuer: &String| trusted.issuers.iter().any(|k| k.entry.issuer == *issuer);
        issuers.into_iter().filter(|issuer| !known(issuer)).collect()
    }

    /// Keeps keys fresh, and reads the file again whenever it has changed. What is wrong with it is told; what was known
    /// before holds until it is mended.
    pub async fn follow(self, stop: CancellationToken, turns: Turns) {
        loop {
            let trouble = "issuers are not up to date, what was known of them before holds";
            turns.turn(trouble, self.look_again()).await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn look_again(&self) -> Result<String, Stale> {
        // A file that is wrong keeps nobody's keys from being fetched.
        let read = self.read_again();
        let issuers = self.trusted().issuers.clone();
        let refreshed = join_all(issuers.iter().map(async |issuer| {
            let stale = |source| Stale::Keys { issuer: issuer.entry.issuer.clone(), source };
            issuer.refresh().await.map_err(stale)
        }));
        refreshed.await.into_iter().collect::<Result<(), _>>()?;
        read?;
        let keys: usize = issuers.iter().map(|issuer| issuer.key_count()).sum();
        Ok(format!("{} issuers, {keys} keys", issuers.len()))
    }

    fn read_again(&self) -> Result<(), IssuersError> {
        let text = read(&self.file)?;
        let old = self.trusted();
        if old.text == text {
            return Ok(());
        }
        let entries = file::entries(&self.file, &text)?;
        let issuers: Vec<Arc<Issuer>> = entries
            .into_iter()
            .map(|entry| {
                let kept = old.issuers.iter().find(|issuer| issuer.entry == entry);
                kept.map_or_else(|| Arc::new(Issuer::new(entry)), Arc::clone)
            })
            .collect();
        let new = Arc::new(Trusted { text, issuers });
        *self.trusted.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&new);
        // Only now: whoever comes back with the same token must not be let in as before.
        for issuer in &old.issuers {
            if !new.issuers.iter().any(|kept| Arc::ptr_eq(kept, issuer)) {
                issuer.distrust();
            }
        }
        tracing::info!(file = %self.file.display(), issuers = new.issuers.len(), "issuers read again");
        Ok(())
    }

    async fn look(&self, token: &str) -> Result<Option<Caller>, Unknown> {
        let Some((header, issuer)) = shape(token)? else { return Ok(None) };
        let trusted = self.trusted();
        let known = trusted.issuers.iter().find(|known| known.entry.issuer == issuer);
        // Others take tokens of this shape, too.
        let Some(issuer) = known else { return Ok(None) };
        issuer.caller(token, &header, self.principals.as_ref(), (self.clock)()).await.map(Some)
    }

    fn trusted(&self) -> Arc<Trusted> {
        Arc::clone(&self.trusted.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Authenticator for OidcTokens {
    fn authenticate<'a>(
        &'a self,
        presented: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>> {
        Box::pin(async move {
            match presented.bearer()? {
                None => Ok(None),
                Some(token) => self.look(token).await,
            }
        })
    }
}

/// Of whom a token says that it is.
#[derive(Deserialize)]
struct Says {
    iss: Option<String>,
}

/// The header of a JWT and the issuer that it claims to be of; `None`: it is none, or claims nothing. Nothing of it is
/// proven.
fn shape(token: &str) -> Result<Option<(Header, String)>, Unknown> {
    // An object in base64 begins so; Keystone's Fernet tokens and ours do not.
    if !token.starts_with("ey") || token.matches('.').count() != 2 {
        return Ok(None);
    }
    if token.len() > LONGEST_TOKEN {
        return Err(Unknown::Invalid);
    }
    let header = decode_header(token).map_err(|_| Unknown::Invalid)?;
    let says = insecure_decode::<Says>(token).map_err(|_| Unknown::Invalid)?;
    Ok(says.claims.iss.map(|issuer| (header, issuer)))
}

fn read(file: &Path) -> Result<String, IssuersError> {
    std::fs::read_to_string(file)
        .map_err(|source| IssuersError::Read { file: file.to_owned(), source })
}
