//! The layer in front of all services: it makes a caller of what a call presents, and refuses who has no role that the
//! method is for. It goes inside of [`crate::telemetry::rpc::RpcLayer`], which sees what is refused here.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower::{Layer, Service};

use super::access::{Access, row};
use super::caller::Known;
use super::held::Held;
use super::identity::{Identity, Presented};
use super::shares::Shares;
use crate::error::ServeError;
use crate::limits::Limits;
use crate::status;
use crate::telemetry::metrics::Metrics;

/// Lets callers in.
#[derive(Clone)]
pub struct DoorLayer {
    identity: Identity,
    shares: Arc<Shares>,
}

impl DoorLayer {
    /// A door for callers with these kinds of credentials, who may take so much at once.
    pub fn new(identity: Identity, limits: Limits, metrics: Metrics) -> Self {
        Self { identity, shares: Arc::new(Shares::new(limits, metrics)) }
    }
}

impl<S> Layer<S> for DoorLayer {
    type Service = DoorService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        DoorService { inner, identity: self.identity.clone(), shares: Arc::clone(&self.shares) }
    }
}

/// A service behind the door.
#[derive(Clone)]
pub struct DoorService<S> {
    inner: S,
    identity: Identity,
    shares: Arc<Shares>,
}

impl<S, Q, A> Service<Request<Q>> for DoorService<S>
where
    S: Service<Request<Q>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
    Q: Send + 'static,
    A: Default + Send + 'static,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<A>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let method = row(request.uri().path());
        // The one that was polled is ready; the clone need not be.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let roles = match method.map(|method| method.access) {
            None => return Box::pin(std::future::ready(Ok(status::no_such_method().into_http()))),
            Some(Access::Open) => return Box::pin(inner.call(request)),
            Some(Access::For(roles)) => roles,
        };
        let (identity, shares) = (self.identity.clone(), Arc::clone(&self.shares));
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            let presented = Presented { metadata: &head.headers, connection: &head.extensions };
            let caller = match identity.caller(presented).await {
                Ok(caller) => caller,
                Err(error) => return Ok(tonic::Status::from(error).into_http()),
            };
            if caller.rights.have_one_of(roles).is_err() {
                return Ok(tonic::Status::from(ServeError::role_required(roles)).into_http());
            }
            // Where nobody says who calls, all are the same, and each connection has a share.
            let principal = identity.knows_callers().then_some(&caller.principal);
            // Held by the layer around this one until the call is answered.
            let held = head.extensions.get::<Held>().cloned().unwrap_or_default();
            if let Err(error) = shares.admit(principal, &held).await {
                return Ok(tonic::Status::from(error).into_http());
            }
            // The span of the call, around this layer.
            tracing::Span::current().record("enduser.id", caller.principal.as_str());
            head.extensions.insert(Known(Arc::new(caller)));
            inner.call(Request::from_parts(head, body)).await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    use tracing::{Instrument, info_span};
    use tracing_subscriber::fmt::format::FmtSpan;

    use super::*;

    /// A service that notes who reaches it.
    #[derive(Clone, Default)]
    struct Inner(Arc<Mutex<Vec<Option<String>>>>);

    impl Service<Request<()>> for Inner {
        type Response = Response<()>;
        type Error = Infallible;
        type Future = Ready<Result<Response<()>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            let known = request.extensions().get::<Known>();
            let name = known.map(|Known(caller)| caller.principal.to_string());
            self.0.lock().unwrap().push(name);
            ready(Ok(Response::new(())))
        }
    }

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    async fn call(identity: Identity, path: &str) -> (Response<()>, Vec<Option<String>>) {
        let inner = Inner::default();
        let mut door =
            DoorLayer::new(identity, Limits::default(), Metrics::discarded()).layer(inner.clone());
        let request = Request::builder().uri(path).body(()).unwrap();
        let answer = door.call(request).await.unwrap();
        let reached = inner.0.lock().unwrap().clone();
        (answer, reached)
    }

    const LIST: &str = "/fermata.v1.SessionService/ListSessions";

    #[tokio::test]
    async fn who_is_let_in_stands_in_the_span_of_the_call() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_span_events(FmtSpan::CLOSE)
            .finish();
        let _installed = tracing::subscriber::set_default(subscriber);
        let span = info_span!("rpc", enduser.id = tracing::field::Empty);
        let (_, reached) = call(Identity::open(), LIST).instrument(span).await;
        assert_eq!(reached, [Some("loopback".to_owned())]);
        let written = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains("loopback"), "{written}");
    }

    #[tokio::test]
    async fn nobody_reaches_what_is_not_open() {
        let nobody = || Identity::of(Vec::new());
        for path in [LIST, "/fermata.v1.SessionService/Unheard", "/"] {
            let (answer, reached) = call(nobody(), path).await;
            assert!(reached.is_empty(), "{path}");
            assert!(answer.headers().contains_key("grpc-status"), "{path}");
        }
        let (_, reached) = call(nobody(), "/grpc.health.v1.Health/Check").await;
        assert_eq!(reached, [None]);
    }
}
