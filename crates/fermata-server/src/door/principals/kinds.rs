//! Tokens and certificates as kinds of credentials.

use futures::future::BoxFuture;

use super::super::caller::Caller;
use super::super::identity::{Authenticator, Presented, Unknown};
use super::Principals;
use crate::clock::Clock;

/// Bearer tokens of principals.
pub struct Tokens {
    principals: Principals,
    clock: Clock,
}

impl Tokens {
    /// Those of these principals.
    pub fn new(principals: Principals, clock: Clock) -> Self {
        Self { principals, clock }
    }

    fn look(&self, presented: Presented<'_>) -> Result<Option<Caller>, Unknown> {
        // Others may be Keystone's.
        let token = presented.bearer()?.filter(|token| token.starts_with(super::token::PREFIX));
        let Some(token) = token else { return Ok(None) };
        let caller = self.principals.by_token(token).ok_or(Unknown::Invalid)?;
        valid(caller, &self.clock).map(Some)
    }
}

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        presented: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>> {
        Box::pin(std::future::ready(self.look(presented)))
    }
}

/// Certificates of principals.
pub struct Certificates {
    principals: Principals,
    clock: Clock,
}

impl Certificates {
    /// Those of these principals.
    pub fn new(principals: Principals, clock: Clock) -> Self {
        Self { principals, clock }
    }

    fn look(&self, presented: Presented<'_>) -> Result<Option<Caller>, Unknown> {
        let Some(names) = presented.certificate() else { return Ok(None) };
        let mut caller = self.principals.by_names(names).ok_or(Unknown::Invalid)?;
        // Whoever has it was let in when the connection was made, which may outlast it.
        let ends = [caller.credential.expires_at, names.until()];
        caller.credential.expires_at = ends.into_iter().flatten().min();
        valid(caller, &self.clock).map(Some)
    }
}

impl Authenticator for Certificates {
    fn authenticate<'a>(
        &'a self,
        presented: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>> {
        Box::pin(std::future::ready(self.look(presented)))
    }
}

fn valid(caller: Caller, clock: &Clock) -> Result<Caller, Unknown> {
    let credential = &caller.credential;
    let expired = credential.expires_at.is_some_and(|at| at <= clock());
    if expired || credential.revoked.is_cancelled() { Err(Unknown::Expired) } else { Ok(caller) }
}
