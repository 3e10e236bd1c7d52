//! Sends calls to Nova: signs in to Keystone when first needed, renews a refused token once,
//! leaves a trace. Repeats nothing else.

use std::time::Duration;

use fermata_core::cloud::CloudError;
use http::{HeaderMap, HeaderName, HeaderValue};
use openstack_sdk::api::{QueryAsync, raw};
use openstack_sdk::auth::auth_helper::Noop;
use openstack_sdk::config::CloudConfig;
use openstack_sdk::{AsyncOpenStack, OpenStackError};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::config::HeaderHook;
use crate::endpoints::{NovaCall, Outgoing};
use crate::{errors, plugins};

/// A client of one Nova.
pub(crate) struct NovaClient {
    cloud: CloudConfig,
    request_timeout: Duration,
    headers: Option<HeaderHook>,
    session: OnceCell<AsyncOpenStack>,
}

impl NovaClient {
    pub(crate) fn new(
        cloud: CloudConfig,
        request_timeout: Duration,
        headers: Option<HeaderHook>,
    ) -> Self {
        plugins::keep();
        Self { cloud, request_timeout, headers, session: OnceCell::new() }
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

    /// Sends a call and reads its answer.
    pub(crate) async fn read<T: DeserializeOwned>(&self, call: &NovaCall) -> Result<T, CloudError> {
        let body = self.send(call).await?;
        serde_json::from_slice(&body).map_err(|error| errors::from_body(call, &error))
    }

    /// Sends a call; the body of the answer.
    pub(crate) async fn send(&self, call: &NovaCall) -> Result<Vec<u8>, CloudError> {
        let span = tracing::info_span!(
            "nova.request",
            otel.kind = "client",
            operation = call.operation,
            server_id = call.server.as_deref(),
            host = call.host.as_deref(),
            http.status = Empty,
            nova.request_id = Empty,
            error = Empty,
        );
        async {
            let result = self.send_once(call).await;
            if let Err(error) = &result {
                Span::current().record("error", tracing::field::display(error));
            }
            result
        }
        .instrument(span)
        .await
    }

    async fn send_once(&self, call: &NovaCall) -> Result<Vec<u8>, CloudError> {
        let session = self.sign_in().await.map_err(|error| errors::from_sign_in(&error))?;
        let outgoing = Outgoing { call, headers: self.extra_headers() };
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
        span.record("nova.request_id", request_id);
        if status.is_success() {
            Ok(answer.body().to_vec())
        } else {
            Err(errors::from_answer(call, status, answer.body(), request_id))
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
