//! The layer in front of all services: it makes a caller of what a call presents, and refuses who has no role that the
//! method is for. It goes inside of [`crate::telemetry::rpc::RpcLayer`], which sees what is refused here.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower::{Layer, Service};

use super::access::{Access, row};
use super::caller::Known;
use super::identity::{Identity, Presented};
use crate::error::ServeError;
use crate::status;

/// Lets callers in.
#[derive(Clone)]
pub struct DoorLayer {
    identity: Identity,
}

impl DoorLayer {
    /// A door for callers with these kinds of credentials.
    pub fn new(identity: Identity) -> Self {
        Self { identity }
    }
}

impl<S> Layer<S> for DoorLayer {
    type Service = DoorService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        DoorService { inner, identity: self.identity.clone() }
    }
}

/// A service behind the door.
#[derive(Clone)]
pub struct DoorService<S> {
    inner: S,
    identity: Identity,
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
        let identity = self.identity.clone();
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
            head.extensions.insert(Known(Arc::new(caller)));
            inner.call(Request::from_parts(head, body)).await
        })
    }
}
