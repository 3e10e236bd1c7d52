//! The layer before the door: what a call may hold before it is known who calls. It has a place among the calls of its
//! connection, its request so much time and so many bytes; when its own deadline passes, nobody works for it any longer. What
//! was refused behind it because of a limit is counted here.

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
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::access::{Access, row};
use super::bodies::{Arriving, Last, Taken};
use super::deadline::Deadline;
use super::held::{Held, NoPlace};
use crate::error::ServeError;
use crate::limits::Limits;
use crate::listener::{Link, Peer};
use crate::status::{self, limit_of};
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
        let deadline = Deadline::of(request.headers());
        let waiting = link.wait();
        Box::pin(async move {
            let served = deadline.before(async {
                let held = match intake.admit(&link, kind).await {
                    Ok(held) => held,
                    Err(error) => {
                        return Ok::<_, S::Error>((Status::from(error).into_http(), None));
                    }
                };
                drop(waiting);
                request.extensions_mut().insert(held.clone());
                let request = request.map(|body| intake.arriving(body, &link, &held, kind));
                let response = inner.call(request).await?;
                Ok((response, Some(held)))
            });
            let (response, held) = match served.await {
                None => return Ok(status::deadline_passed().into_http()),
                Some(served) => served?,
            };
            let Some(held) = held else { return Ok(response) };
            if let Some(limit) = response.extensions().get::<Status>().and_then(limit_of) {
                intake.metrics.refused(limit);
            }
            // What a stream holds has places of its own.
            let held = (!kind.is_stream).then_some(held);
            let answering = link.answer();
            let last = last_moment(deadline, kind.last.map(|after| Instant::now() + after));
            Ok(response.map(|body| Body::new(Taken::new(body, answering, held, last))))
        })
    }
}

/// When an answer that goes on has to end: with the caller's patience, or with ours.
fn last_moment(deadline: Deadline, ours: Option<Instant>) -> Option<Last> {
    match (deadline.at(), ours) {
        (Some(at), ours) if ours.is_none_or(|ours| at < ours) => {
            Some(Last::new(at, status::deadline_passed))
        }
        (_, ours) => ours.map(|at| Last::new(at, status::open_for_too_long)),
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
            held.place(&link.calls).await.map_err(|NoPlace| {
                self.metrics.refused(Limit::ConnectionCalls);
                let limit = self.limits.calls_per_principal;
                ServeError::TooManyCalls { scope: "connection", limit }
            })?;
        }
        if kind.is_open && !kind.is_check {
            held.place(&self.open_calls).await.map_err(|NoPlace| {
                self.metrics.refused(Limit::OpenCalls);
                ServeError::TooManyCalls { scope: "server", limit: OPEN_CALLS }
            })?;
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::pending;

    use fermata_proto::FILE_DESCRIPTOR_SET;
    use http_body::Body as _;
    use tonic::Code;

    use super::*;

    const LIST: &str = "/fermata.v1.SessionService/ListSessions";
    const WATCH: &str = "/fermata.v1.SessionService/WatchSession";

    fn request(path: &str, timeout: &str) -> Request<Body> {
        let address = "127.0.0.1:1".parse().unwrap();
        let link = Arc::new(Link::new(1, None));
        Request::builder()
            .uri(path)
            .header("grpc-timeout", timeout)
            .extension(Peer { address, certificate: None, link })
            .body(Body::empty())
            .unwrap()
    }

    fn layer() -> IntakeLayer {
        IntakeLayer::new(Limits::default(), Metrics::discarded(), FILE_DESCRIPTOR_SET).unwrap()
    }

    fn code(response: &Response<Body>) -> Option<Code> {
        response.extensions().get().map(Status::code)
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_works_for_a_caller_whose_deadline_passed() {
        let working = Arc::new(());
        let of_handler = Arc::clone(&working);
        let inner = tower::service_fn(move |_: Request<Body>| {
            let works = Arc::clone(&of_handler);
            async move {
                pending::<()>().await;
                drop(works);
                Ok::<_, Infallible>(Response::new(Body::empty()))
            }
        });
        let began = Instant::now();
        let mut service = layer().layer(inner);
        let mut call = service.call(request(LIST, "200m"));
        assert!(futures::poll!(&mut call).is_pending());
        assert_eq!(Arc::strong_count(&working), 4, "the handler is at work");
        let response = call.await.unwrap();
        assert_eq!(code(&response), Some(Code::DeadlineExceeded));
        assert!(began.elapsed() <= Duration::from_millis(200), "{:?}", began.elapsed());
        drop(service);
        assert_eq!(Arc::strong_count(&working), 1, "the handler is dropped");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_the_deadline_of_its_caller() {
        struct Endless;

        impl http_body::Body for Endless {
            type Data = bytes::Bytes;
            type Error = Status;

            fn poll_frame(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Status>>> {
                Poll::Pending
            }
        }

        let inner = tower::service_fn(|_: Request<Body>| {
            std::future::ready(Ok::<_, Infallible>(Response::new(Body::new(Endless))))
        });
        let began = Instant::now();
        let response = layer().layer(inner).call(request(WATCH, "90S")).await.unwrap();
        let mut body = response.into_body();
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        assert_eq!(frame.unwrap().unwrap_err().code(), Code::DeadlineExceeded);
        let lasted = began.elapsed();
        let wanted = Duration::from_secs(80)..=Duration::from_secs(90);
        assert!(wanted.contains(&lasted), "{lasted:?}");
    }
}
