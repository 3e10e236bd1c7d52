//! The layer before the door: what a call may hold before it is known who calls. It has a place among the calls of its
//! connection, its request so much time and so many bytes.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use prost::Message;
use prost_types::FileDescriptorSet;
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::access::{Access, row};
use super::bodies::{Arriving, Taken};
use super::held::Held;
use super::shares::take;
use crate::error::ServeError;
use crate::limits::Limits;
use crate::listener::{Link, Peer};
use crate::telemetry::metrics::{Limit, Metrics};

/// Calls that need no credential, in all: reflection, and watching the health. Checking the health is always possible.
const OPEN_CALLS: usize = 1000;
/// Reflection is a question and its answer; whoever holds it open for longer goes.
const REFLECTION: Duration = Duration::from_secs(60);
const CHECK: &str = "/grpc.health.v1.Health/Check";
const HEALTH: &str = "/grpc.health.v1.Health/";

/// Bounds what calls hold.
#[derive(Clone)]
pub struct IntakeLayer(Arc<Intake>);

struct Intake {
    limits: Limits,
    metrics: Metrics,
    request_bytes: Arc<AtomicUsize>,
    open_calls: Arc<Semaphore>,
    streaming: HashSet<String>,
}

impl IntakeLayer {
    /// A layer for the services of this descriptor set.
    ///
    /// # Errors
    /// It cannot be decoded.
    pub fn new(
        limits: Limits,
        metrics: Metrics,
        descriptors: &[u8],
    ) -> Result<Self, prost::DecodeError> {
        let mut streaming = HashSet::new();
        for file in FileDescriptorSet::decode(descriptors)?.file {
            for service in &file.service {
                let name = format!("/{}.{}", file.package(), service.name());
                let streams = service.method.iter().filter(|method| method.server_streaming());
                streaming.extend(streams.map(|method| format!("{name}/{}", method.name())));
            }
        }
        Ok(Self(Arc::new(Intake {
            limits,
            metrics,
            request_bytes: Arc::default(),
            open_calls: Arc::new(Semaphore::new(OPEN_CALLS)),
            streaming,
        })))
    }
}

impl<S> Layer<S> for IntakeLayer {
    type Service = IntakeService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        IntakeService { inner, intake: Arc::clone(&self.0) }
    }
}

/// A service behind the intake.
#[derive(Clone)]
pub struct IntakeService<S> {
    inner: S,
    intake: Arc<Intake>,
}

impl<S> Service<Request<Body>> for IntakeService<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let Some(link) = request.extensions().get::<Peer>().map(|peer| Arc::clone(&peer.link))
        else {
            // Not from a listener of ours: a test of services.
            return Box::pin(inner.call(request));
        };
        let intake = Arc::clone(&self.intake);
        let path = request.uri().path();
        let is_open = row(path).is_none_or(|row| row.access == Access::Open);
        let kind = Kind {
            is_open,
            is_check: path == CHECK,
            is_stream: intake.streaming.contains(path),
            last: (is_open && !path.starts_with(HEALTH)).then_some(REFLECTION),
        };
        let waiting = link.wait();
        Box::pin(async move {
            let held = match intake.admit(&link, kind).await {
                Ok(held) => held,
                Err(error) => return Ok(Status::from(error).into_http()),
            };
            drop(waiting);
            request.extensions_mut().insert(held.clone());
            let request = request.map(|body| intake.arriving(body, &link, &held, kind));
            let response = inner.call(request).await?;
            // What a stream holds has places of its own.
            let held = (!kind.is_stream).then_some(held);
            let answering = link.answer();
            Ok(response.map(|body| Body::new(Taken::new(body, answering, held, kind.last))))
        })
    }
}

/// What a call is like.
#[derive(Debug, Clone, Copy)]
struct Kind {
    is_open: bool,
    is_check: bool,
    is_stream: bool,
    last: Option<Duration>,
}

impl Intake {
    async fn admit(&self, link: &Link, kind: Kind) -> Result<Held, ServeError> {
        let held = Held::default();
        if !kind.is_check {
            let of_connection = take(&link.calls).await.ok_or_else(|| {
                self.metrics.refused(Limit::ConnectionCalls);
                let limit = self.limits.calls_per_principal;
                ServeError::TooManyCalls { scope: "connection", limit }
            })?;
            held.place(of_connection);
        }
        if kind.is_open && !kind.is_check {
            let place = take(&self.open_calls).await.ok_or_else(|| {
                self.metrics.refused(Limit::OpenCalls);
                ServeError::TooManyCalls { scope: "server", limit: OPEN_CALLS }
            })?;
            held.place(place);
        }
        Ok(held)
    }

    fn arriving(&self, body: Body, link: &Link, held: &Held, kind: Kind) -> Body {
        // Reflection goes on in both directions; it is bounded by its last moment.
        if kind.is_open {
            return body;
        }
        let timeout = self.limits.request_timeout;
        let all = self.limits.request_bytes;
        Body::new(Arriving {
            inner: body,
            held: held.clone(),
            budgets: vec![
                (Arc::clone(&link.request_bytes), all / 4),
                (Arc::clone(&self.request_bytes), all),
            ],
            deadline: Box::pin(tokio::time::sleep(timeout)),
            timeout,
            metrics: self.metrics.clone(),
        })
    }
}
