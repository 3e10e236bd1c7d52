//! Signing in to Keystone: a token, whose it is, and where it may be used. Kept until it is nearly over or refused, and asked
//! for once however many wait for it.

mod body;
mod catalog;
mod discovery;
mod oidc;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::cloud::{CloudError, OutageKind};
use http::{HeaderMap, HeaderValue, Method as Verb, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;
use url::Url;

use self::catalog::Catalog;
use self::discovery::below;
use crate::config::{Entry, Method, Scope};
use crate::endpoints::Service;
use crate::errors::{self, shorten};
use crate::gate::{Gate, Outcome};
use crate::transport::{Answer, Message, Transport};

/// A token is not used any more so long before its end: a call takes time, and clocks differ.
const BEFORE_ITS_END: Duration = Duration::from_secs(60);

/// Fermata's identity in one cloud.
pub(crate) struct Identity {
    entry: Entry,
    transport: Arc<Transport>,
    gate: Arc<Gate>,
    current: Mutex<Option<Arc<Session>>>,
    signing_in: tokio::sync::Mutex<()>,
}

/// A token and what came with it.
pub(crate) struct Session {
    pub(crate) token: HeaderValue,
    /// Where Keystone's version 3 is.
    keystone: Url,
    catalog: Catalog,
    best_before: Option<Instant>,
    /// The names of the roles it carries.
    pub(crate) roles: Vec<String>,
    /// The name of its user.
    pub(crate) user: String,
    /// What it is for, for people.
    pub(crate) scope: String,
}

/// Why there is no token.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// Whether other credentials are needed, or only time.
    is_refusal: bool,
    detail: String,
}

impl Failure {
    fn refused(detail: impl Into<String>) -> Self {
        Self { is_refusal: true, detail: detail.into() }
    }

    fn away(detail: impl Into<String>) -> Self {
        Self { is_refusal: false, detail: detail.into() }
    }

    fn odd(answer: &Answer, what: &str, how: &str) -> Self {
        Self::away(format!("{what}: the answer of {} cannot be used: {how}", answer.url))
    }

    /// For a call that could not be made: a session waits for better credentials.
    pub(crate) fn outage(&self) -> CloudError {
        let detail = format!("signing in to Keystone: {}", self.detail);
        CloudError::Unavailable { kind: OutageKind::SignIn, detail }
    }

    /// For a call whose token was refused.
    pub(crate) fn no_renewal(&self, service: Service, refusal: &Answer) -> CloudError {
        let detail = format!(
            "{service} refused the token ({}, {}), and it could not be renewed: {}",
            refusal.status, refusal.url, self.detail
        );
        CloudError::Unavailable { kind: OutageKind::SignIn, detail }
    }

    /// For who asked whether the credentials are any good.
    pub(crate) fn verdict(&self) -> CloudError {
        if self.is_refusal {
            CloudError::Rejected { detail: format!("signing in to Keystone: {}", self.detail) }
        } else {
            self.outage()
        }
    }
}

impl Session {
    /// Where a service is. If it is nowhere: what there is instead.
    pub(crate) fn endpoint(&self, entry: &Entry, service: Service) -> Result<Url, String> {
        match service {
            // Where the token came from is Keystone, whatever its catalog says.
            Service::Keystone => Ok(self.keystone.clone()),
            Service::Nova | Service::Placement => {
                self.catalog.find(service, entry.service(service))
            }
        }
    }

    fn is_over(&self) -> bool {
        self.best_before.is_some_and(|end| end <= Instant::now())
    }
}

impl Identity {
    pub(crate) fn new(entry: Entry, transport: Arc<Transport>, gate: Arc<Gate>) -> Self {
        let (current, signing_in) = (Mutex::new(None), tokio::sync::Mutex::new(()));
        Self { entry, transport, gate, current, signing_in }
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The session, signed in if there is none. Callers that come meanwhile wait for the one sign-in; after a failure the
    /// next caller tries again.
    pub(crate) async fn session(&self) -> Result<Arc<Session>, Failure> {
        self.other_than(None).await
    }

    /// Another session than one whose token was refused.
    pub(crate) async fn renew(&self, refused: &Arc<Session>) -> Result<Arc<Session>, Failure> {
        self.other_than(Some(refused)).await
    }

    async fn other_than(&self, refused: Option<&Arc<Session>>) -> Result<Arc<Session>, Failure> {
        let usable = |session: &Arc<Session>| {
            !session.is_over() && refused.is_none_or(|refused| !Arc::ptr_eq(session, refused))
        };
        if let Some(session) = self.kept().filter(usable) {
            return Ok(session);
        }
        let _alone = self.signing_in.lock().await;
        if let Some(session) = self.kept().filter(usable) {
            return Ok(session);
        }
        let session = Arc::new(self.sign_in().await?);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&session));
        Ok(session)
    }

    fn kept(&self) -> Option<Arc<Session>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn sign_in(&self) -> Result<Session, Failure> {
        let mut places =
            discovery::keystones(&self.transport, &self.entry).await.into_iter().peekable();
        loop {
            let Some(keystone) = places.next() else {
                return Err(Failure::away(format!(
                    "there is no Keystone at {}",
                    self.entry.auth_url
                )));
            };
            let answer = self.token_at(&keystone).await?;
            // The next may be the right one.
            let is_elsewhere = matches!(answer.status.as_u16(), 300 | 404 | 405);
            if !(is_elsewhere && places.peek().is_some()) {
                let answer = answered(answer, "asking for a token")?;
                return session(keystone, &answer);
            }
        }
    }

    async fn token_at(&self, keystone: &Url) -> Result<Answer, Failure> {
        let body = match &self.entry.method {
            Method::Oidc(oidc) => {
                let unscoped = self.federated(keystone, oidc).await?;
                if self.entry.scope == Scope::Unsaid {
                    return Ok(unscoped);
                }
                let token = unscoped.headers.get("x-subject-token").and_then(|t| t.to_str().ok());
                let what = "trading the access token for Keystone's";
                let token =
                    token.ok_or_else(|| Failure::odd(&unscoped, what, "it has no token"))?;
                body::rescope(token, &self.entry.scope)
            }
            method @ (Method::Password { .. }
            | Method::Token(_)
            | Method::ApplicationCredential { .. }
            | Method::Totp { .. }
            | Method::Several(_)) => body::of(method, &self.entry.scope),
        };
        let headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let url = below(keystone, "auth/tokens");
        let body = body.to_string().into_bytes();
        self.ask(Message { method: Verb::POST, url, headers, body }).await
    }

    /// Sends a message to Keystone, or to who vouches for us there.
    async fn ask(&self, message: Message) -> Result<Answer, Failure> {
        let _place = self.gate.pass().await.map_err(|(why, wait)| {
            Failure::away(format!("not asked: {}", errors::closed(Service::Keystone, why, wait)))
        })?;
        let answer = self.transport.send(&message).await;
        let outcome = match &answer {
            Ok(answer) => Outcome::Answer(answer.status, &answer.headers),
            Err(_) => Outcome::None,
        };
        errors::note(Service::Keystone, self.gate.saw(&outcome));
        answer.map_err(|error| {
            let url = &message.url;
            let text = errors::with_causes(&error.without_url());
            Failure::away(format!(
                "{} {url}: {text}; is auth_url right, and Keystone up?",
                message.method
            ))
        })
    }
}

/// An answer that is a success.
fn answered(answer: Answer, what: &str) -> Result<Answer, Failure> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let (status, url) = (answer.status, &answer.url);
    let said = errors::message_of(&answer.body);
    let id = answer.request_id().map_or_else(String::new, |id| format!(" ({id})"));
    let needs_more = answer.headers.contains_key("openstack-auth-receipt");
    let advice = match status.as_u16() {
        401 if needs_more => "Keystone wants a second proof: use auth_type v3multifactor",
        400 | 401 => "check user, domains, project and secret of the configuration",
        403 => "the user may not sign in like this",
        300 | 404 | 405 => "is auth_url Keystone's? It usually ends in /v3",
        _ => "Keystone, or a proxy before it, cannot serve now",
    };
    let detail = format!("{what}: POST {url}: HTTP {status}: {said}{id}; {advice}");
    let detail = if what.starts_with("reading") { detail.replace("POST", "GET") } else { detail };
    Err(match status {
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Failure::refused(detail)
        }
        _ => Failure::away(detail),
    })
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: TokenRecord,
}

#[derive(Deserialize)]
struct TokenRecord {
    #[serde(default)]
    catalog: Catalog,
    issued_at: Option<String>,
    expires_at: Option<String>,
    #[serde(default)]
    user: Value,
    #[serde(default)]
    project: Value,
    #[serde(default)]
    domain: Value,
    #[serde(default)]
    system: Value,
    #[serde(default)]
    roles: Vec<Value>,
}

fn session(keystone: Url, answer: &Answer) -> Result<Session, Failure> {
    let what = "asking for a token";
    let mut token = answer
        .headers
        .get("x-subject-token")
        .cloned()
        .ok_or_else(|| Failure::odd(answer, what, "it has no header X-Subject-Token"))?;
    token.set_sensitive(true);
    let TokenAnswer { token: record } = serde_json::from_slice(&answer.body)
        .map_err(|error| Failure::odd(answer, what, &shorten(&error.to_string())))?;
    let name = |of: &Value| of.get("name").and_then(Value::as_str).map(str::to_owned);
    let scope = if let Some(project) = name(&record.project) {
        format!("project {project}")
    } else if let Some(domain) = name(&record.domain) {
        format!("domain {domain}")
    } else if record.system.is_object() {
        "the whole system".to_owned()
    } else {
        "nothing".to_owned()
    };
    Ok(Session {
        token,
        keystone,
        best_before: best_before(&record),
        catalog: record.catalog,
        roles: record.roles.iter().filter_map(name).collect(),
        user: name(&record.user).unwrap_or_default(),
        scope,
    })
}

/// From when on a token is not used any more. Its span is Keystone's to know, whatever our clocks say.
fn best_before(record: &TokenRecord) -> Option<Instant> {
    let parse = |text: &Option<String>| OffsetDateTime::parse(text.as_deref()?, &Rfc3339).ok();
    let span = Duration::try_from(parse(&record.expires_at)? - parse(&record.issued_at)?).ok()?;
    let usable = span.checked_sub(BEFORE_ITS_END).unwrap_or(span / 2);
    Instant::now().checked_add(usable)
}
