//! Watching gRPC calls: a span, a metric and a log event for each, and trace context from and to
//! the caller. [`RpcLayer`] goes outermost on the tonic server, so that calls which other layers
//! refuse are seen, too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::{BoxError, Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::labels::code_name;
use super::metrics::Metrics;
use super::sparing::Sparing;
use super::{TelemetryError, trace};
use crate::listener::Peer;

/// Watches every call of a tonic server.
#[derive(Debug, Clone)]
pub struct RpcLayer {
    metrics: Metrics,
    methods: Arc<HashMap<String, Method>>,
    unknown: Method,
    lines: Arc<Lines>,
}

/// Who may write a line about a call.
#[derive(Debug)]
struct Lines {
    refused: Sparing,
    failed: Sparing,
}

/// A method as spans and metrics name it.
#[derive(Debug, Clone)]
struct Method {
    full_name: Arc<str>,
    service: Arc<str>,
    method: Arc<str>,
}

impl RpcLayer {
    /// A layer that knows the methods of these encoded `FileDescriptorSet`s. Paths that are in
    /// none of them count as `unknown`: whatever callers make up must not become a metric label.
    ///
    /// # Errors
    ///
    /// A descriptor set that cannot be decoded.
    pub fn new(metrics: Metrics, descriptor_sets: &[&[u8]]) -> Result<Self, TelemetryError> {
        let mut methods = HashMap::new();
        for set in descriptor_sets {
            for file in FileDescriptorSet::decode(*set)?.file {
                for service in &file.service {
                    let service_name = format!("{}.{}", file.package(), service.name());
                    for method in &service.method {
                        let method = Method::new(&service_name, method.name());
                        methods.insert(format!("/{}", method.full_name), method);
                    }
                }
            }
        }
        let unknown = Method {
            full_name: "unknown".into(),
            service: "unknown".into(),
            method: "unknown".into(),
        };
        let now = Instant::now();
        let lines = Lines { refused: Sparing::new(now), failed: Sparing::new(now) };
        Ok(Self { metrics, methods: Arc::new(methods), unknown, lines: Arc::new(lines) })
    }

    fn begin<B>(&self, request: &Request<B>) -> Call {
        let method = self.methods.get(request.uri().path()).unwrap_or(&self.unknown);
        let span = info_span!(
            "rpc",
            otel.name = &*method.full_name,
            otel.kind = "server",
            rpc.system = "grpc",
            rpc.service = &*method.service,
            rpc.method = &*method.method,
            enduser.id = Empty,
            network.peer.address = Empty,
            network.peer.port = Empty,
            grpc.code = Empty,
            otel.status_code = Empty,
            trace_id = Empty,
        );
        let peer = request.extensions().get::<Peer>();
        if let Some(peer) = peer {
            span.record("network.peer.address", tracing::field::display(peer.address.ip()));
            span.record("network.peer.port", peer.address.port());
        }
        if let Some(parent) = trace::extract(request.headers()) {
            trace::set_parent(&span, parent);
        }
        trace::record_trace_id(&span);
        Call {
            span,
            method: Arc::clone(&method.full_name),
            metrics: self.metrics.clone(),
            lines: Arc::clone(&self.lines),
            peer: peer.map(|peer| peer.address.ip()),
            started: Instant::now(),
            ended: false,
        }
    }
}

impl Method {
    fn new(service: &str, method: &str) -> Self {
        Self {
            full_name: format!("{service}/{method}").into(),
            service: service.into(),
            method: method.into(),
        }
    }
}

impl<S> Layer<S> for RpcLayer {
    type Service = RpcService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RpcService { inner, layer: self.clone() }
    }
}

/// A service whose calls are watched.
#[derive(Debug, Clone)]
pub struct RpcService<S> {
    inner: S,
    layer: RpcLayer,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for RpcService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    ResponseBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let mut call = self.layer.begin(&request);
        let handled = call.span.in_scope(|| self.inner.call(request));
        let handled = handled.instrument(call.span.clone());
        Box::pin(async move {
            match handled.await {
                Ok(response) => Ok(call.answer(response)),
                Err(error) => {
                    call.end(Code::Unknown, &Giver::Fermata(None));
                    Err(error)
                }
            }
        })
    }
}

/// A call that is being answered. It ends once: with its status, or as cancelled when it is
/// dropped before, which is what tonic does when the caller goes away or its deadline passes.
#[derive(Debug)]
struct Call {
    span: Span,
    method: Arc<str>,
    metrics: Metrics,
    lines: Arc<Lines>,
    /// Where it came from.
    peer: Option<IpAddr>,
    started: Instant,
    ended: bool,
}

impl Call {
    fn answer<B>(mut self, response: Response<B>) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (mut head, body) = response.into_parts();
        trace::inject(&self.span, &mut head.headers);
        let body = Body::new(body);
        let body = match code_in(&head.headers) {
            // An error before the first message has its status in the headers.
            Some(code) => {
                self.end(code, &giver(&head.headers));
                body
            }
            None if body.is_end_stream() => {
                self.end(code_without_trailers(&head.headers), &Giver::Fermata(None));
                body
            }
            None => {
                let otherwise = code_without_trailers(&head.headers);
                Body::new(Watched { inner: body, call: self, otherwise })
            }
        };
        Response::from_parts(head, body)
    }

    fn end(&mut self, code: Code, giver: &Giver) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let now = Instant::now();
        let duration = now.saturating_duration_since(self.started);
        self.metrics.rpc(Arc::clone(&self.method), code, duration);
        let name = code_name(code);
        self.span.record("grpc.code", name);
        // A span's time ends when it was last entered, so this comes at the very end.
        let _entered = self.span.enter();
        let method = &*self.method;
        let duration_ms = duration.as_secs_f64() * 1000.0;
        match blame(code, giver) {
            Blame::Server => {
                self.span.record("otel.status_code", "ERROR");
                if let Some(left_out) = self.lines.failed.line(now) {
                    let Told { reason, peer, left_out } = self.told(giver, left_out);
                    tracing::error!(
                        method,
                        code = name,
                        reason,
                        peer,
                        duration_ms,
                        left_out,
                        "rpc failed"
                    );
                }
            }
            Blame::Caller => {
                if let Some(left_out) = self.lines.refused.line(now) {
                    let Told { reason, peer, left_out } = self.told(giver, left_out);
                    tracing::info!(
                        method,
                        code = name,
                        reason,
                        peer,
                        duration_ms,
                        left_out,
                        "rpc refused"
                    );
                }
            }
            Blame::Nobody => tracing::debug!(method, code = name, duration_ms, "rpc ended"),
        }
    }

    fn told(&self, giver: &Giver, left_out: u64) -> Told {
        Told {
            reason: giver.reason(),
            peer: self.peer.map(|address| address.to_string()),
            left_out: Some(left_out).filter(|count| *count > 0),
        }
    }
}

/// What a line says of a call that went wrong, beside its method and code.
struct Told {
    reason: Option<String>,
    peer: Option<String>,
    left_out: Option<u64>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled, &Giver::Transport);
    }
}

/// Whose fault a status is.
enum Blame {
    Server,
    Caller,
    Nobody,
}

/// The header with the details of an error.
const DETAILS: &str = "grpc-status-details-bin";

/// Who gave a status.
#[derive(Debug)]
enum Giver {
    /// This server, which gives every error its details.
    Fermata(Option<HeaderValue>),
    /// The transport: the caller left in the middle of its request, or what it sent cannot be read.
    Transport,
}

impl Giver {
    /// The reason in the details, as the contract names it.
    fn reason(&self) -> Option<String> {
        let Self::Fermata(Some(details)) = self else { return None };
        let mut headers = HeaderMap::new();
        // Without a code there would be no status.
        headers.insert("grpc-status", HeaderValue::from_static("2"));
        headers.insert(DETAILS, details.clone());
        Some(Status::from_header_map(&headers)?.get_details_error_info()?.reason)
    }
}

fn giver(headers: &HeaderMap) -> Giver {
    match headers.get(DETAILS) {
        Some(details) => Giver::Fermata(Some(details.clone())),
        None => Giver::Transport,
    }
}

fn blame(code: Code, giver: &Giver) -> Blame {
    match (code, giver) {
        (Code::Unknown | Code::Internal | Code::DataLoss, Giver::Fermata(_)) => Blame::Server,
        (Code::Unknown | Code::Internal | Code::DataLoss, Giver::Transport) => Blame::Caller,
        (code, Giver::Fermata(_) | Giver::Transport) => blame_of(code),
    }
}

fn blame_of(code: Code) -> Blame {
    match code {
        Code::Unknown | Code::Internal | Code::DataLoss => Blame::Server,
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Unauthenticated => Blame::Caller,
        Code::Ok | Code::Cancelled | Code::DeadlineExceeded | Code::Unavailable => Blame::Nobody,
    }
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|status| Code::from_bytes(status.as_bytes()))
}

/// What a response without trailers means: gRPC-Web writes them into the body, which is not
/// decoded here; anything else broke the protocol.
fn code_without_trailers(headers: &HeaderMap) -> Code {
    let kind = headers.get(http::header::CONTENT_TYPE).map(|kind| kind.as_bytes());
    match kind {
        Some(kind) if kind.starts_with(b"application/grpc-web") => Code::Ok,
        Some(_) | None => Code::Unknown,
    }
}

/// A response body that ends its call. It looks at trailers only: messages of long streams pass
/// without any work, and the span is not entered for them.
struct Watched {
    inner: Body,
    call: Call,
    otherwise: Code,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.call.end(code_in(trailers).unwrap_or(Code::Unknown), &giver(trailers));
                }
            }
            Some(Err(status)) => self.call.end(status.code(), &Giver::Transport),
            None => {
                let code = self.otherwise;
                self.call.end(code, &Giver::Fermata(None));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Mutex;

    use tracing::{Event, Level, Subscriber};
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::{Context, SubscriberExt};

    use super::*;

    #[derive(Clone, Default)]
    struct Levels(Arc<Mutex<Vec<Level>>>);

    impl<S: Subscriber> tracing_subscriber::Layer<S> for Levels {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            if event.metadata().target() == module_path!().trim_end_matches("::tests") {
                self.0.lock().unwrap().push(*event.metadata().level());
            }
        }
    }

    /// The levels of the events that a call with this status leaves behind.
    async fn levels(status: &'static str, details: Option<&'static str>) -> Vec<Level> {
        let seen = Levels::default();
        let _installed = tracing::subscriber::set_default(Registry::default().with(seen.clone()));
        let inner = tower::service_fn(move |_: Request<()>| {
            let mut answer = Response::builder().header("grpc-status", status);
            if let Some(details) = details {
                answer = answer.header("grpc-status-details-bin", details);
            }
            std::future::ready(Ok::<_, Infallible>(answer.body(Body::empty()).unwrap()))
        });
        let layer = RpcLayer::new(Metrics::discarded(), &[]).unwrap();
        layer.layer(inner).call(Request::new(())).await.unwrap();
        seen.0.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn only_faults_of_the_server_are_errors() {
        let ours = Some("CA0");
        assert_eq!(levels("13", ours).await, [Level::ERROR]);
        assert_eq!(levels("3", ours).await, [Level::INFO]);
        assert_eq!(levels("5", ours).await, [Level::INFO]);
        assert_eq!(levels("0", None).await, [Level::DEBUG]);
        assert_eq!(levels("14", ours).await, [Level::DEBUG]);
    }

    /// The transport says so of callers that leave in the middle of a request, and of bytes that are no request.
    #[tokio::test]
    async fn callers_that_leave_are_no_errors() {
        assert_eq!(levels("2", None).await, [Level::INFO]);
        assert_eq!(levels("13", None).await, [Level::INFO]);
    }

    #[test]
    fn the_reason_is_read_from_the_details() {
        let details =
            tonic_types::ErrorDetails::with_error_info("ROLE_REQUIRED", "fermata.dev", []);
        let status = Status::with_error_details(Code::PermissionDenied, "no", details);
        let head = status.into_http::<()>().into_parts().0;
        assert_eq!(giver(&head.headers).reason().as_deref(), Some("ROLE_REQUIRED"));
        assert_eq!(Giver::Fermata(Some(HeaderValue::from_static("CA0"))).reason(), None);
        assert_eq!(giver(&HeaderMap::new()).reason(), None);
    }

    #[test]
    fn a_broken_descriptor_set_is_an_error() {
        let error = RpcLayer::new(Metrics::discarded(), &[b"\xff"]).unwrap_err();
        assert!(matches!(error, TelemetryError::Descriptors(_)));
    }
}
