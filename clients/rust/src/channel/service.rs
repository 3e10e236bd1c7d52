//! What is added to each call: who calls, the trace, and another try where that is safe.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use fermata_proto::v1::ErrorReason;
use fermata_proto::v1::audit_service_client::AuditServiceClient;
use fermata_proto::v1::host_service_client::HostServiceClient;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use fermata_proto::v1::policy_service_client::PolicyServiceClient;
use fermata_proto::v1::server_service_client::ServerServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use futures::future::{BoxFuture, FutureExt};
use http::header::AUTHORIZATION;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep};
use tonic::body::Body;
use tonic::{Code, Status};
use tower_service::Service;

use crate::backoff::Backoff;
use crate::channel::MAX_MESSAGE_BYTES;
use crate::channel::method::Method;
use crate::credentials::Credentials;
use crate::error::ErrorDetails;
use crate::trace;

/// How often a call is sent at most. With the waits between this is longer than a server takes to start again.
const ATTEMPTS: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// No further try begins after so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection with credentials, for the generated clients and for [`crate::watch()`]. Clones share it.
///
/// Its own clients, such as [`Channel::sessions`], take messages of 16 MiB, and send a call again, up to eight times, when the
/// server is away (UNAVAILABLE), too busy (TOO_MANY_CALLS, CALL_RATE_EXCEEDED), or says that a token which can be renewed has
/// expired. They do that with calls that read, and with writes that have a `request_id`, which they give to those that have none.
/// A generated client that is made of a channel by its `new` sends each call once.
#[derive(Debug, Clone)]
pub struct Channel {
    transport: tonic::transport::Channel,
    credentials: Credentials,
    repeats: bool,
}

macro_rules! clients {
    ($($(#[$doc:meta])+ $name:ident: $client:ident;)*) => {$(
        $(#[$doc])+
        pub fn $name(&self) -> $client<Self> {
            $client::new(self.repeating()).max_decoding_message_size(MAX_MESSAGE_BYTES)
        }
    )*};
}

impl Channel {
    pub(super) fn new(transport: tonic::transport::Channel, credentials: Credentials) -> Self {
        Self { transport, credentials, repeats: false }
    }

    clients! {
        /// Maintenance sessions, for operators.
        sessions: SessionServiceClient;
        /// Notifications and replies, for owners.
        notifications: NotificationServiceClient;
        /// Compute hosts, for operators and infrastructure components.
        hosts: HostServiceClient;
        /// Policies of owners.
        policies: PolicyServiceClient;
        /// What was changed, by whom and why.
        audit: AuditServiceClient;
        /// What answers, and as whom it knows the caller.
        server: ServerServiceClient;
    }

    /// The server says that the credentials have expired. Returns whether another try may have other ones.
    pub(crate) fn renew(&self) -> bool {
        self.credentials.renew()
    }

    fn repeating(&self) -> Self {
        Self { repeats: true, ..self.clone() }
    }

    async fn answer(self, request: Request<Body>) -> Result<Response<Body>, Status> {
        match Method::at(request.uri().path()).filter(|_| self.repeats) {
            Some(method) => self.send_until_answered(method, request).await,
            None => self.send(request).await,
        }
    }

    async fn send_until_answered(
        &self,
        method: Method,
        request: Request<Body>,
    ) -> Result<Response<Body>, Status> {
        let (head, body) = request.into_parts();
        let body = method.with_request_id(body.collect().await?.to_bytes());
        let until = Instant::now() + PATIENCE;
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        let mut has_renewed = false;
        let mut attempt = 1;
        loop {
            let request = Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
            let (answered, failure) = self.send_whole(request).await;
            let Some(failure) = failure else { return answered };
            let details = ErrorDetails::of(&failure);
            if details.reason == Some(ErrorReason::CredentialsExpired)
                && !has_renewed
                && self.renew()
            {
                // A second one that has expired is not for this call to mend.
                has_renewed = true;
                continue;
            }
            let wait = backoff.next(details.retry_after);
            if !may_pass(&failure, &details)
                || attempt == ATTEMPTS
                || Instant::now() + wait >= until
            {
                return answered;
            }
            attempt += 1;
            sleep(wait).await;
        }
    }

    /// Sends a call, reads its whole answer, and says whether it has failed.
    async fn send_whole(
        &self,
        request: Request<Body>,
    ) -> (Result<Response<Body>, Status>, Option<Status>) {
        let whole = async { read_whole(self.send(request).await?).await };
        match whole.await {
            Ok((response, status)) => (Ok(response), status),
            Err(status) => (Err(status.clone()), Some(status)),
        }
    }

    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, Status> {
        trace::inject(request.headers_mut());
        if let Some(header) = self.credentials.header().await? {
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        let mut transport = self.transport.clone();
        let failed = |error: tonic::transport::Error| Status::from_error(Box::new(error));
        poll_fn(|cx| transport.poll_ready(cx)).await.map_err(failed)?;
        transport.call(request).await.map_err(failed)
    }
}

/// Reads an answer to its end, and the error in it. `None`: there is none.
async fn read_whole(response: Response<Body>) -> Result<(Response<Body>, Option<Status>), Status> {
    let (head, body) = response.into_parts();
    let body = body.collect().await?;
    let told = Status::from_header_map(&head.headers)
        .or_else(|| body.trailers().and_then(Status::from_header_map))
        .filter(|status| status.code() != Code::Ok);
    Ok((Response::from_parts(head, Body::new(body)), told))
}

/// Whether the same call may be answered later. When it has too much to do, the server has done nothing.
fn may_pass(failure: &Status, details: &ErrorDetails) -> bool {
    let too_busy = [ErrorReason::TooManyCalls, ErrorReason::CallRateExceeded];
    failure.code() == Code::Unavailable
        || details.reason.is_some_and(|reason| too_busy.contains(&reason))
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        // The transport is waited for when a call is made: each try waits anew.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.clone().answer(request).boxed()
    }
}
