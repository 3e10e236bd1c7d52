//! Sends calls to Nova and Placement: signs in to Keystone when first needed, renews a refused token once,
//! leaves a trace. Repeats nothing else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fermata_core::cloud::{CloudError, OutageKind};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use openstack_sdk::api::{QueryAsync, raw};
use openstack_sdk::auth::auth_helper::Noop;
use openstack_sdk::config::CloudConfig;
use openstack_sdk::{AsyncOpenStack, OpenStackError};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::config::HeaderHook;
use crate::endpoints::{Call, Outgoing, Service};
use crate::{errors, plugins};

/// A client of one cloud.
pub(crate) struct Client {
    cloud: CloudConfig,
    request_timeout: Duration,
    headers: Option<HeaderHook>,
    session: OnceCell<AsyncOpenStack>,
    /// It was seen not to offer the newer version of some call; not asked again.
    is_older: AtomicBool,
}

impl Client {
    pub(crate) fn new(
        cloud: CloudConfig,
        request_timeout: Duration,
        headers: Option<HeaderHook>,
    ) -> Self {
        plugins::keep();
        Self {
            cloud,
            request_timeout,
            headers,
            session: OnceCell::new(),
            is_older: AtomicBool::new(false),
        }
    }

    /// Signs in if that was not done yet. Callers that come meanwhile wait for the one sign-in;
    /// after a failure the next caller tries again.
    pub(crate) async fn sign_in(&self) -> Result<&AsyncOpenStack, OpenStackError> {
        self.session
            .get_or_try_init(|| {
                AsyncOpenStack::builder(&self.cloud)
                    // Tokens belong in memory, not in a file under the home directory.
                    .disable_auth_cache(true)
                    // With a helper, the SDK answers a 401 by proving identity anew. Without, it
                    // trades the old token for one that expires at the same moment.
                    .auth_helper(Noop::default())
                    .max_auth_retries(1)
                    .http_timeout(self.request_timeout)
                    .connect()
            })
            .await
    }

    /// The token that this client's own calls carry.
    pub(crate) async fn own_token(&self) -> Result<String, CloudError> {
        let session = self.sign_in().await.map_err(|error| errors::from_sign_in(&error))?;
        let token = session.get_auth_token().map(|token| token.expose_secret().to_owned());
        token.ok_or_else(|| CloudError::Unavailable {
            kind: OutageKind::BadAnswer,
            detail: "Keystone gave no token".to_owned(),
        })
    }

    /// Sends a call and reads its answer.
    pub(crate) async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, CloudError> {
        let body = self.send(call).await?;
        serde_json::from_slice(&body).map_err(|error| errors::from_body(call, &error))
    }

    /// Sends a call; the body of the answer.
    pub(crate) async fn send(&self, call: &Call) -> Result<Vec<u8>, CloudError> {
        let span = match call.service {
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
        };
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
    async fn send_newest(&self, call: &Call) -> Result<Vec<u8>, CloudError> {
        if !self.is_older.load(Ordering::Relaxed)
            && let Some(newer) = call.in_newer()
        {
            let answer = self.send_once(&newer, HeaderMap::new()).await?;
            if answer.status != StatusCode::NOT_ACCEPTABLE {
                return answer.into_body(&newer);
            }
            self.is_older.store(true, Ordering::Relaxed);
        }
        self.send_once(call, HeaderMap::new()).await?.into_body(call)
    }

    /// Sends a call with more headers. Every answer is one, whatever its status.
    pub(crate) async fn ask(
        &self,
        call: &Call,
        headers: HeaderMap,
    ) -> Result<(StatusCode, Vec<u8>), CloudError> {
        let span = tracing::info_span!(
            "keystone.request",
            otel.kind = "client",
            operation = call.operation,
            http.status = Empty,
            keystone.request_id = Empty,
        );
        let answer = self.send_once(call, headers).instrument(span).await?;
        Ok((answer.status, answer.body))
    }

    async fn send_once(&self, call: &Call, more: HeaderMap) -> Result<Received, CloudError> {
        let session = self.sign_in().await.map_err(|error| errors::from_sign_in(&error))?;
        let mut headers = self.extra_headers();
        headers.extend(more);
        let outgoing = Outgoing { call, headers };
        let answer = raw(outgoing)
            .skip_error_check(true)
            .query_async(session)
            .await
            .map_err(|error| errors::from_transport(call, &error))?;

        let status = answer.status();
        let request_id =
            answer.headers().get("x-openstack-request-id").and_then(|id| id.to_str().ok());
        let span = Span::current();
        span.record("http.status", status.as_u16());
        match call.service {
            Service::Nova => span.record("nova.request_id", request_id),
            Service::Placement => span.record("placement.request_id", request_id),
            Service::Keystone => span.record("keystone.request_id", request_id),
        };
        Ok(Received {
            status,
            body: answer.body().to_vec(),
            request_id: request_id.map(str::to_owned),
        })
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

/// An answer of whatever status.
struct Received {
    status: StatusCode,
    body: Vec<u8>,
    request_id: Option<String>,
}

impl Received {
    fn into_body(self, call: &Call) -> Result<Vec<u8>, CloudError> {
        if self.status.is_success() {
            Ok(self.body)
        } else {
            let request_id = self.request_id.as_deref();
            Err(errors::from_answer(call, self.status, &self.body, request_id))
        }
    }
}
