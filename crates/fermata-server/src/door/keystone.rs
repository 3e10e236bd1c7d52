//! Keystone's tokens as a kind of credentials. What Keystone said of a token is remembered for a short time, asked once however
//! many wait for it; tokens behind open streams are asked about again, so that a stream ends soon after its token was revoked.

use std::any::Any;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::access::{Projects, Rights};
use fermata_core::actor::{Principal, Role};
use fermata_core::cloud::CloudError;
use fermata_core::id::ProjectId;
use fermata_openstack::{Keystone, Scope, TokenFacts};
use futures::future::BoxFuture;
use futures::{StreamExt, stream};
use moka::future::Cache;
use tokio_util::sync::CancellationToken;

use super::caller::{Caller, Credential};
use super::identity::{Authenticator, Presented, Unknown};
use super::principals::Digest;
use crate::clock::Clock;
use crate::tasks::Turns;

/// How long an answer of Keystone's is taken for true.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Pause between two looks at the tokens of open streams; with [`REMEMBERED`] below a minute for whatever is revoked.
const EVERY: Duration = Duration::from_secs(20);
/// Tokens that are remembered at most; about 1 KiB each.
const TOKENS: u64 = 20_000;
/// Tokens that Keystone is asked about at the same time.
const AT_ONCE: usize = 8;

/// Which roles of Keystone make a caller what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeystoneRoles {
    /// Operators: for a token of any project, or of the whole cloud (system scope).
    pub operator: BTreeSet<String>,
    /// Owners of the project that the token is for.
    pub owner: BTreeSet<String>,
    /// Monitors, as operators.
    pub monitor: BTreeSet<String>,
    /// Auditors, as operators.
    pub auditor: BTreeSet<String>,
}

impl KeystoneRoles {
    /// What a token with these facts gives a right to.
    fn rights(&self, facts: &TokenFacts) -> Rights {
        let has = |wanted: &BTreeSet<String>| !wanted.is_disjoint(&facts.roles);
        let everywhere = [
            (Role::Operator, &self.operator),
            (Role::Monitor, &self.monitor),
            (Role::Auditor, &self.auditor),
        ];
        let of_cloud = everywhere.into_iter().filter(|(_, names)| has(names)).map(|(role, _)| role);
        match &facts.scope {
            Scope::Project(id) => {
                let mut roles: BTreeSet<_> = of_cloud.collect();
                if has(&self.owner) {
                    roles.insert(Role::Owner);
                }
                let projects = BTreeSet::from([ProjectId::from(id.as_str())]);
                Rights { roles, projects: Projects::Of(projects) }
            }
            Scope::System => {
                Rights { roles: of_cloud.collect(), projects: Projects::Of(BTreeSet::new()) }
            }
            // A domain is not the cloud, and has no servers.
            Scope::Domain(_) | Scope::None => {
                Rights { roles: BTreeSet::new(), projects: Projects::Of(BTreeSet::new()) }
            }
        }
    }
}

/// Somebody who can tell whose a token is.
pub trait Validate: Send + Sync {
    /// What there is to say of a token; `None`: it is none, or not any more.
    fn validate<'a>(
        &'a self,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Option<TokenFacts>, CloudError>>;
}

impl Validate for Keystone {
    fn validate<'a>(
        &'a self,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Option<TokenFacts>, CloudError>> {
        Box::pin(Self::validate(self, token))
    }
}

/// Tokens of Keystone. Clones share what is remembered.
#[derive(Clone)]
pub struct KeystoneTokens {
    keystone: Arc<dyn Validate>,
    roles: Arc<KeystoneRoles>,
    clock: Clock,
    remembered: Cache<Digest, Option<Arc<Seen>>>,
    /// Those that were good, for as long as a call or a stream uses them, and a little longer.
    held: Arc<Mutex<HashMap<Digest, Arc<Seen>>>>,
}

/// A token that was good when Keystone was asked.
struct Seen {
    token: String,
    caller: Caller,
    revoked: CancellationToken,
    /// Shared with each call and stream that uses it.
    users: Arc<()>,
}

impl Seen {
    fn is_used(&self) -> bool {
        Arc::strong_count(&self.users) > 1
    }
}

impl KeystoneTokens {
    /// Those that this Keystone knows.
    pub fn new(keystone: Arc<dyn Validate>, roles: KeystoneRoles, clock: Clock) -> Self {
        let remembered = Cache::builder().max_capacity(TOKENS).time_to_live(REMEMBERED).build();
        Self { keystone, roles: Arc::new(roles), clock, remembered, held: Arc::default() }
    }

    async fn look(&self, token: &str) -> Result<Caller, Unknown> {
        let digest = Digest::of(token);
        let ask = self.ask(digest, token);
        let known = self.remembered.try_get_with(digest, ask).await;
        let known = known.map_err(|error: Arc<CloudError>| {
            tracing::warn!(%error, "a token cannot be validated");
            Unknown::Undecided("Keystone")
        })?;
        let seen = known.ok_or(Unknown::Invalid)?;
        let expired = seen.caller.credential.expires_at.is_some_and(|at| at <= (self.clock)());
        if expired || seen.revoked.is_cancelled() {
            return Err(Unknown::Expired);
        }
        let mut caller = seen.caller.clone();
        caller.credential.held = Some(Arc::clone(&seen.users) as Arc<dyn Any + Send + Sync>);
        // Also one that was remembered, and that nobody used for a while.
        self.held().insert(digest, seen);
        Ok(caller)
    }

    async fn ask(&self, digest: Digest, token: &str) -> Result<Option<Arc<Seen>>, CloudError> {
        let facts = self.keystone.validate(token).await?;
        let before = self.held().get(&digest).cloned();
        let Some(facts) = facts else {
            // Whoever still uses it, as well.
            if let Some(before) = before {
                before.revoked.cancel();
            }
            return Ok(None);
        };
        // What Keystone says of a token does not change, but for its end. Streams that are open share it.
        if let Some(before) = before.filter(|seen| !seen.revoked.is_cancelled()) {
            return Ok(Some(before));
        }
        let revoked = CancellationToken::new();
        let name = format!("{}@{}/{}", facts.user_name, facts.user_domain, facts.user_id);
        let expires_at = Some(facts.expires_at);
        let revoked_by = revoked.clone();
        let credential = Credential { expires_at, revoked: revoked_by, ..Credential::default() };
        let rights = self.roles.rights(&facts);
        let caller = Caller { principal: Principal::new(&name), rights, credential };
        let users = Arc::default();
        let seen = Arc::new(Seen { token: token.to_owned(), caller, revoked, users });
        self.held().insert(digest, Arc::clone(&seen));
        Ok(Some(seen))
    }

    /// Asks again and again about the tokens of open streams.
    pub async fn follow(self, stop: CancellationToken, turns: Turns) {
        loop {
            turns.turn("Keystone cannot be asked about tokens in use", self.look_again()).await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn look_again(&self) -> Result<String, CloudError> {
        let held: Vec<(Digest, Arc<Seen>)> = {
            let mut held = self.held();
            held.retain(|_, seen| seen.is_used());
            held.iter().map(|(digest, seen)| (*digest, Arc::clone(seen))).collect()
        };
        let (all, remembered) = (held.len(), &self.remembered);
        let answers = stream::iter(held).map(async |(digest, seen)| {
            let facts = self.keystone.validate(&seen.token).await?;
            if facts.is_none() {
                seen.revoked.cancel();
                remembered.invalidate(&digest).await;
            }
            Ok::<_, CloudError>(facts.is_none())
        });
        let mut answers = answers.buffer_unordered(AT_ONCE);
        let mut revoked = 0;
        while let Some(is_revoked) = answers.next().await {
            revoked += usize::from(is_revoked?);
        }
        Ok(format!("{all} tokens in use, {revoked} revoked"))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<Seen>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator for KeystoneTokens {
    fn authenticate<'a>(
        &'a self,
        presented: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>> {
        Box::pin(async move {
            match token_of(presented)? {
                None => Ok(None),
                Some(token) => self.look(token).await.map(Some),
            }
        })
    }
}

/// `x-auth-token`, as OpenStack's own services take it, or a bearer token.
fn token_of(presented: Presented<'_>) -> Result<Option<&str>, Unknown> {
    if let Some(token) = one(presented, "x-auth-token")? {
        return Ok(Some(token));
    }
    presented.bearer()
}

fn one<'a>(presented: Presented<'a>, name: &str) -> Result<Option<&'a str>, Unknown> {
    let mut values = presented.metadata.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Unknown::Invalid);
    }
    value.to_str().map(Some).map_err(|_| Unknown::Invalid)
}

#[cfg(test)]
mod tests;
