//! One issuer: its keys, kept up to date, and what becomes of a token of its own.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fermata_core::Time;
use fermata_core::access::{Projects, Rights};
use fermata_core::actor::{Principal, Role};
use fermata_core::id::ProjectId;
use jsonwebtoken::{Algorithm, Header, Validation, decode};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::super::caller::{Caller, Credential};
use super::super::identity::Unknown;
use super::super::principals::Principals;
use super::claims::{ClaimPath, Claims};
use super::fetch::{FetchError, key_set};
use super::file::Entry;
use super::keys::{Found, Key, Keys};
use crate::causes::chain;

/// How old the keys may be: a key that the issuer withdraws opens nothing after that.
const FRESH: Duration = Duration::from_secs(45);
/// Pause between two requests to the issuer, whatever tokens come: a token with the id of an unknown key costs nothing.
const PAUSE: Duration = Duration::from_secs(10);
/// Ids of keys are digests or short names.
const LONGEST_KEY_ID: usize = 256;
/// All projects, as in the file of principals.
const ALL: &str = "*";

/// An issuer whose tokens are taken.
pub(super) struct Issuer {
    pub(super) entry: Entry,
    keys: RwLock<Arc<Keys>>,
    asked: Mutex<Option<Asked>>,
    trusted: CancellationToken,
}

/// When the issuer was asked for its keys last, and whether it gave them.
#[derive(Clone, Copy)]
struct Asked {
    at: Instant,
    answered: bool,
}

impl Issuer {
    pub(super) fn new(entry: Entry) -> Self {
        let trusted = CancellationToken::new();
        Self { entry, keys: RwLock::default(), asked: Mutex::default(), trusted }
    }

    /// How many keys of it are known.
    pub(super) fn key_count(&self) -> usize {
        self.keys().count()
    }

    /// Takes back what its tokens opened.
    pub(super) fn distrust(&self) {
        self.trusted.cancel();
    }

    /// Whose a token is that says that it is of this issuer, if that is true and it holds at this time.
    pub(super) async fn caller(
        &self,
        token: &str,
        header: &Header,
        principals: Option<&Principals>,
        now: Time,
    ) -> Result<Caller, Unknown> {
        if !is_plain(header) || !self.entry.algorithms.contains(&header.alg) {
            return Err(Unknown::Invalid);
        }
        let key = self.key(header).await?;
        let validation = validation(&self.entry, header.alg);
        let signed = decode::<Claims>(token, &key.decoding, &validation);
        let claims = signed.map_err(|_| Unknown::Invalid)?.claims;
        let expires_at = self.in_time(&claims, now)?;
        let subject = claims.word(&ClaimPath::of("sub")).ok().flatten().ok_or(Unknown::Invalid)?;
        match principals.and_then(|known| known.by_subject(&self.entry.issuer, subject)) {
            Some(principal) => of_principal(principal, expires_at, &key, now),
            None => self.named(subject, &claims, expires_at, &key).ok_or(Unknown::Invalid),
        }
    }

    /// Asks for the keys if they are not fresh.
    pub(super) async fn refresh(&self) -> Result<(), FetchError> {
        let mut asked = self.asked.lock().await;
        let wait = if asked.is_some_and(|asked| asked.answered) { FRESH } else { PAUSE };
        if asked.is_some_and(|asked| asked.at.elapsed() < wait) {
            return Ok(());
        }
        self.ask(&mut asked).await
    }

    /// The key that a token with this header is signed with. An unknown one is asked for: keys are replaced.
    async fn key(&self, header: &Header) -> Result<Arc<Key>, Unknown> {
        let find = || self.keys().find(header.kid.as_deref(), header.alg);
        if let Some(known) = known(find()) {
            return known;
        }
        // Once, however many wait; then it is known, or it was asked for a moment ago.
        let mut asked = self.asked.lock().await;
        if let Some(known) = known(find()) {
            return known;
        }
        if asked.is_none_or(|asked| asked.at.elapsed() >= PAUSE)
            && let Err(error) = self.ask(&mut asked).await
        {
            tracing::warn!(
                issuer = self.entry.issuer,
                error = chain(&error),
                "the keys of an issuer are not known"
            );
        }
        known(find()).unwrap_or_else(|| {
            let answered = asked.is_some_and(|asked| asked.answered);
            Err(if answered { Unknown::Invalid } else { Unknown::Undecided("the issuer") })
        })
    }

    async fn ask(&self, asked: &mut Option<Asked>) -> Result<(), FetchError> {
        let at = Instant::now();
        // Also if this is cancelled with the call that waits for it.
        *asked = Some(Asked { at, answered: false });
        let (url, set) = key_set(&self.entry).await?;
        let before = self.keys();
        let new = Keys::of(&set, &self.entry.algorithms, &before, &self.trusted);
        let new = Arc::new(new.map_err(|source| FetchError::Answer { url, source })?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&new);
        before.withdraw_others(&new);
        *asked = Some(Asked { at, answered: true });
        Ok(())
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the token ends, if it holds now. Clocks may differ by the configured skew.
    fn in_time(&self, claims: &Claims, now: Time) -> Result<Time, Unknown> {
        let skew = self.entry.clock_skew;
        let moment = |name| claims.moment(name).map_err(|_| Unknown::Invalid);
        let expires_at = moment("exp")?.ok_or(Unknown::Invalid)? + skew;
        let begins = [moment("nbf")?, moment("iat")?];
        if begins.into_iter().flatten().any(|at| at > now + skew) {
            return Err(Unknown::Invalid);
        }
        if expires_at <= now { Err(Unknown::Expired) } else { Ok(expires_at) }
    }

    /// Who the claims name, and what it may do.
    fn named(&self, subject: &str, claims: &Claims, expires_at: Time, key: &Key) -> Option<Caller> {
        let Entry { principal_claim, roles_claim, projects_claim, roles, .. } = &self.entry;
        let name = claims.word(principal_claim).ok()??;
        // Names are given to others after a while; the subject of an issuer is one person for ever.
        let issuer = self.entry.name();
        let principal = if principal_claim.is("sub") {
            format!("{subject}@{issuer}")
        } else {
            format!("{name}@{issuer}/{subject}")
        };
        let words = claims.words(roles_claim).ok()?;
        let has =
            |wanted: &BTreeSet<String>| wanted.iter().any(|word| words.contains(word.as_str()));
        let mut roles: BTreeSet<Role> =
            roles.iter().filter(|(_, wanted)| has(wanted)).map(|(role, _)| *role).collect();
        let projects = claims.words(projects_claim).ok()?;
        if projects.is_empty() {
            roles.remove(&Role::Owner);
        }
        let projects = if projects.contains(ALL) {
            Projects::All
        } else {
            Projects::Of(projects.into_iter().map(ProjectId::from).collect())
        };
        let (expires_at, revoked) = (Some(expires_at), key.withdrawn.clone());
        let credential = Credential { expires_at, revoked, ..Credential::default() };
        let rights = Rights { roles, projects };
        Some(Caller { principal: Principal::new(&principal), rights, credential })
    }
}

/// A principal of the file, by a token of its issuer: until the first of the two ends.
fn of_principal(
    principal: Caller,
    expires_at: Time,
    key: &Key,
    now: Time,
) -> Result<Caller, Unknown> {
    let Credential { expires_at: until, revoked: taken_out, .. } = principal.credential;
    if taken_out.is_cancelled() || until.is_some_and(|until| until <= now) {
        return Err(Unknown::Expired);
    }
    let expires_at = Some(until.map_or(expires_at, |until| until.min(expires_at)));
    let revoked = key.withdrawn.clone();
    let credential = Credential { expires_at, revoked, taken_out, held: None };
    Ok(Caller { credential, ..principal })
}

fn known(found: Found) -> Option<Result<Arc<Key>, Unknown>> {
    match found {
        Found::Key(key) => Some(Ok(key)),
        Found::Nothing => Some(Err(Unknown::Invalid)),
        Found::NoSuchId => None,
    }
}

/// Whether a header asks for nothing but a signature by a known key. Keys that it brings along are not looked at.
fn is_plain(header: &Header) -> bool {
    let types = ["jwt", "at+jwt", "application/at+jwt"];
    let typ = header.typ.as_ref().map(|typ| typ.to_ascii_lowercase());
    typ.is_none_or(|typ| types.contains(&typ.as_str()))
        // What must be understood is not; what is inside is no set of claims.
        && header.crit.is_none()
        && header.cty.is_none()
        && header.enc.is_none()
        && header.zip.is_none()
        && header.kid.as_ref().is_none_or(|id| id.len() <= LONGEST_KEY_ID)
}

/// What is checked of the claims of this issuer's tokens beside their times, which go by our own clock.
fn validation(entry: &Entry, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[&entry.issuer]);
    validation.set_audience(&entry.audiences.iter().collect::<Vec<_>>());
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    validation
}
