//! From what a connection and its metadata present to a caller. Each kind of credential is an [`Authenticator`]; several may
//! be configured at once.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap};

use super::Caller;
use super::principals::Names;
use crate::error::ServeError;
use crate::listener::Peer;

/// What a call presents.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// Its metadata.
    pub metadata: &'a HeaderMap,
    /// What is known of its connection.
    pub connection: &'a Extensions,
}

impl<'a> Presented<'a> {
    /// A bearer token, if there is one.
    pub(super) fn bearer(&self) -> Result<Option<&'a str>, Unknown> {
        let mut values = self.metadata.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            // Which one would count?
            return Err(Unknown::Invalid);
        }
        let value = value.to_str().map_err(|_| Unknown::Invalid)?;
        let (scheme, token) = value.split_once(' ').ok_or(Unknown::Invalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Unknown::Invalid);
        }
        Ok(Some(token.trim()))
    }

    /// The other end of the connection.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.connection.get::<Peer>().map(|peer| peer.address)
    }

    /// The names in the certificate of the other end, which was found good when the connection was made.
    pub fn certificate(&self) -> Option<&Names> {
        self.connection.get::<Peer>()?.certificate.as_deref()
    }
}

/// Why what a call presents is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is no credential, or not of whom it says.
    Invalid,
    /// It was good once.
    Expired,
    /// Whoever could tell does not answer: Keystone, for example.
    Undecided(&'static str),
}

impl From<Unknown> for ServeError {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Invalid => Self::CredentialsInvalid,
            Unknown::Expired => Self::CredentialsExpired,
            Unknown::Undecided(who) => Self::CredentialsUndecided { who },
        }
    }
}

/// A kind of credential.
pub trait Authenticator: Send + Sync {
    /// The caller that a credential of this kind names; `None`: the call presents none of this kind.
    fn authenticate<'a>(
        &'a self,
        presented: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>>;
}

/// The kinds of credentials that a server takes, in the order in which they are asked.
#[derive(Clone)]
pub struct Identity {
    kinds: Arc<[Box<dyn Authenticator>]>,
    is_open: bool,
}

impl Identity {
    /// These kinds.
    pub fn of(kinds: Vec<Box<dyn Authenticator>>) -> Self {
        Self { kinds: kinds.into(), is_open: false }
    }

    /// Nobody is asked: whoever reaches the port may do everything.
    pub fn open() -> Self {
        Self { is_open: true, ..Self::of(vec![Box::new(Anybody)]) }
    }

    /// Whether callers are told from each other.
    pub(super) fn knows_callers(&self) -> bool {
        !self.is_open
    }

    /// The caller.
    ///
    /// # Errors
    /// The call presents no credential that is taken here, or one that is not good.
    pub(super) async fn caller(&self, presented: Presented<'_>) -> Result<Caller, ServeError> {
        for kind in self.kinds.iter() {
            if let Some(caller) = kind.authenticate(presented).await? {
                return Ok(caller);
            }
        }
        // A token of a kind that nobody here takes.
        let has_some = [AUTHORIZATION.as_str(), "x-auth-token"]
            .iter()
            .any(|name| presented.metadata.contains_key(*name));
        Err(if has_some { ServeError::CredentialsInvalid } else { ServeError::CredentialsMissing })
    }
}

/// The principal of whoever reaches the port while no kind of credential is configured. Stored request ids carry it.
const ANYBODY: &str = "loopback";

/// Whoever reaches the port may do everything. The server listens on loopback then, unless told otherwise.
struct Anybody;

impl Authenticator for Anybody {
    fn authenticate<'a>(
        &'a self,
        _: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>> {
        Box::pin(std::future::ready(Ok(Some(anybody()))))
    }
}

/// Whoever is on this machine.
pub(super) fn anybody() -> Caller {
    Caller::almighty(ANYBODY)
}
