//! Sends calls to Nova, Placement and Keystone: with a token that is renewed once when it is refused, at a rate that they
//! can bear, each with a trace. Repeats nothing else.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::cloud::{CloudError, OutageKind};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use tracing::field::Empty;
use tracing::{Instrument, Span};
use url::Url;

use crate::config::{ConfigError, Entry, HeaderHook};
use crate::endpoints::{Call, Service};
use crate::errors;
use crate::gate::{Gate, Limits, Outcome};
use crate::identity::{Failure, Identity, Session};
use crate::model::record::Record;
use crate::transport::{Answer, Message, Transport};

/// How many remarks are remembered so that each is logged once.
const REMARKS: usize = 10_000;

/// A client of one cloud.
pub(crate) struct Client {
    identity: Identity,
    transport: Arc<Transport>,
    headers: Option<HeaderHook>,
    keystone: Arc<Gate>,
    nova: Gate,
    placement: Gate,
    /// It was seen not to offer the newer version of some call; not asked again.
    is_older: AtomicBool,
    remarks: Mutex<BTreeSet<String>>,
}

impl Client {
    /// # Errors
    /// A file that the entry names cannot be used.
    pub(crate) fn new(
        entry: Entry,
        request_timeout: Duration,
        headers: Option<HeaderHook>,
    ) -> Result<Self, ConfigError> {
        if !entry.unknown.is_empty() {
            let settings = entry.unknown.join(", ");
            tracing::warn!(settings, "settings of the cloud are not known, and not used");
        }
        let timeout = entry.api_timeout.map_or(request_timeout, |own| own.min(request_timeout));
        let transport = Arc::new(Transport::new(&entry.tls, timeout)?);
        let gate = |service| {
            let (own, usual) = (entry.service(service), Limits::default());
            Gate::new(Limits {
                concurrency: own.concurrency.unwrap_or(usual.concurrency),
                rate: own.rate.unwrap_or(usual.rate),
            })
        };
        let keystone = Arc::new(gate(Service::Keystone));
        let (nova, placement) = (gate(Service::Nova), gate(Service::Placement));
        Ok(Self {
            identity: Identity::new(entry, Arc::clone(&transport), Arc::clone(&keystone)),
            transport,
            headers,
            keystone,
            nova,
            placement,
            is_older: AtomicBool::new(false),
            remarks: Mutex::new(BTreeSet::new()),
        })
    }

    /// Signs in if that was not done yet.
    pub(crate) async fn sign_in(&self) -> Result<Arc<Session>, Failure> {
        self.identity.session().await
    }

    /// The token that this client's own calls carry.
    pub(crate) async fn own_token(&self) -> Result<String, CloudError> {
        let session = self.identity.session().await.map_err(|failure| failure.outage())?;
        let token = session.token.to_str().map(str::to_owned);
        token.map_err(|error| CloudError::Unavailable {
            kind: OutageKind::BadAnswer,
            detail: format!("Keystone gave a token that is no text: {error}"),
        })
    }

    /// Where a service is; if it is nowhere: what there is instead.
    pub(crate) fn endpoint(&self, session: &Session, service: Service) -> Result<Url, String> {
        session.endpoint(self.identity.entry(), service)
    }

    /// What the cloud is configured to be.
    pub(crate) fn entry(&self) -> &Entry {
        self.identity.entry()
    }

    /// Logs what is odd about a record, once: it is read every few seconds.
    pub(crate) fn remark<R: Record>(&self, record: &R) {
        if record.odd().is_empty() {
            return;
        }
        let (kind, id, fields) = (R::KIND, record.id(), record.odd().join(", "));
        if self.is_new(format!("{kind} {id}: {fields}")) {
            tracing::warn!(
                kind,
                id,
                fields,
                "a record of the cloud is odd; what it does not tell counts as unknown"
            );
        }
    }

    /// Logs that something cannot be known, once.
    pub(crate) fn note(&self, note: &str) {
        if self.is_new(note.to_owned()) {
            tracing::warn!(note, "the cloud is known in part");
        }
    }

    fn is_new(&self, remark: String) -> bool {
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        if remarks.len() >= REMARKS {
            remarks.clear();
        }
        remarks.insert(remark)
    }

    /// Sends a call and reads its answer.
    pub(crate) async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, CloudError> {
        let answer = self.send(call).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| errors::from_body(call, &answer, &error))
    }

    /// Sends a call; its answer, which is a success.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, CloudError> {
        let span = span(call);
        async {
            let result = self.send_newest(call).await;
            if let Err(error) = &result {
                Span::current().record("error", tracing::field::display(error));
            }
            result
        }
        .instrument(span)
        .await
    }

    /// In the newer version of the API, if the call has one and it is offered.
    async fn send_newest(&self, call: &Call) -> Result<Answer, CloudError> {
        if !self.is_older.load(Ordering::Relaxed)
            && let Some(newer) = call.in_newer()
        {
            let answer = self.send_once(&newer, HeaderMap::new()).await?;
            if answer.status != StatusCode::NOT_ACCEPTABLE {
                return success(&newer, answer);
            }
            self.is_older.store(true, Ordering::Relaxed);
        }
        success(call, self.send_once(call, HeaderMap::new()).await?)
    }

    /// Sends a call with more headers. Every answer is one, whatever its status.
    pub(crate) async fn ask(&self, call: &Call, headers: HeaderMap) -> Result<Answer, CloudError> {
        self.send_once(call, headers).instrument(span(call)).await
    }

    async fn send_once(&self, call: &Call, more: HeaderMap) -> Result<Answer, CloudError> {
        let session = self.identity.session().await.map_err(|failure| failure.outage())?;
        let answer = self.send_with(&session, call, more.clone()).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        tracing::warn!(
            operation = call.operation,
            url = %answer.url,
            request_id = answer.request_id(),
            "a token was refused (401); it is renewed"
        );
        let renewed = self.identity.renew(&session).await;
        let session = renewed.map_err(|failure| failure.no_renewal(call.service, &answer))?;
        self.send_with(&session, call, more).await
    }

    async fn send_with(
        &self,
        session: &Session,
        call: &Call,
        more: HeaderMap,
    ) -> Result<Answer, CloudError> {
        let endpoint = self
            .endpoint(session, call.service)
            .map_err(|what| errors::no_endpoint(call, &what))?;
        let message = self.message(session, call, endpoint, more);
        let gate = self.gate(call.service);
        let _place = gate.pass().await.map_err(|(why, wait)| errors::not_sent(call, why, wait))?;
        let sent = self.transport.send(&message).await;
        let outcome = match &sent {
            Ok(answer) => Outcome::Answer(answer.status, &answer.headers),
            Err(_) => Outcome::None,
        };
        errors::note(call.service, gate.saw(&outcome));
        let answer = sent.map_err(|error| errors::from_transport(call, &message.url, error))?;
        let span = Span::current();
        span.record("http.status", answer.status.as_u16());
        match call.service {
            Service::Nova => span.record("nova.request_id", answer.request_id()),
            Service::Placement => span.record("placement.request_id", answer.request_id()),
            Service::Keystone => span.record("keystone.request_id", answer.request_id()),
        };
        Ok(answer)
    }

    fn message(&self, session: &Session, call: &Call, endpoint: Url, more: HeaderMap) -> Message {
        let mut url = endpoint;
        url.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), call.path));
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut headers = self.extra_headers();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert("x-auth-token", session.token.clone());
        headers.extend(call.version_header());
        let body = call.body.as_ref().map(|body| body.to_string().into_bytes());
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.extend(more);
        Message { method: call.method.clone(), url, headers, body: body.unwrap_or_default() }
    }

    fn gate(&self, service: Service) -> &Gate {
        match service {
            Service::Keystone => &self.keystone,
            Service::Nova => &self.nova,
            Service::Placement => &self.placement,
        }
    }

    fn extra_headers(&self) -> HeaderMap {
        let Some(hook) = &self.headers else {
            return HeaderMap::new();
        };
        hook()
            .into_iter()
            .filter_map(|(name, value)| {
                let name = HeaderName::try_from(name).ok()?;
                let value = HeaderValue::try_from(value).ok()?;
                Some((name, value))
            })
            .collect()
    }
}

fn success(call: &Call, answer: Answer) -> Result<Answer, CloudError> {
    if answer.status.is_success() { Ok(answer) } else { Err(errors::from_answer(call, &answer)) }
}

fn span(call: &Call) -> Span {
    match call.service {
        Service::Nova => tracing::info_span!(
            "nova.request",
            otel.kind = "client",
            operation = call.operation,
            server_id = call.server.as_deref(),
            host = call.host.as_deref(),
            http.status = Empty,
            nova.request_id = Empty,
            error = Empty,
        ),
        Service::Placement => tracing::info_span!(
            "placement.request",
            otel.kind = "client",
            operation = call.operation,
            http.status = Empty,
            placement.request_id = Empty,
            error = Empty,
        ),
        Service::Keystone => tracing::info_span!(
            "keystone.request",
            otel.kind = "client",
            operation = call.operation,
            http.status = Empty,
            keystone.request_id = Empty,
            error = Empty,
        ),
    }
}
