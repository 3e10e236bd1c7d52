//! The console's files, under `/console/` on the port of gRPC ([ADR 38](../../../../docs/adr/0038-console.md)). They are in the
//! program if it was built with the feature `console`; without it, every request goes on to gRPC.

use std::future::Ready;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::Either;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use tonic::body::Body;
use tower::{Layer, Service};

/// Whether the program has the console.
pub(super) const BUILT_IN: bool = cfg!(feature = "console");

const PREFIX: &str = "/console/";
const INDEX: &str = "index.html";
/// Vite names these by their content.
const ASSETS: &str = "assets/";

/// Only what this server serves, and nobody frames it. Pages set styles by script alone, which needs no exception.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
const SAFE: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Answers requests for the console, and passes on all others.
#[derive(Clone, Copy)]
pub struct ConsoleLayer;

impl<S> Layer<S> for ConsoleLayer {
    type Service = Console<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Console { inner }
    }
}

/// A service with the console in front of it.
#[derive(Clone)]
pub struct Console<S> {
    inner: S,
}

impl<S, Q> Service<Request<Q>> for Console<S>
where
    S: Service<Request<Q>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response<Body>, S::Error>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        match answer(request.method(), request.uri().path(), request.headers()) {
            Some(response) => Either::Left(std::future::ready(Ok(response))),
            None => Either::Right(self.inner.call(request)),
        }
    }
}

/// The answer, if the request is for the console. gRPC has only POST.
fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    if !BUILT_IN || !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let mut response = match path.strip_prefix(PREFIX) {
        Some("") => found(INDEX, headers),
        Some(name) => found(name, headers),
        None if path == "/" || path == PREFIX.trim_end_matches('/') => redirect(),
        None => return None,
    };
    if *method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    for (name, value) in SAFE {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

fn redirect() -> Response<Body> {
    let mut response = empty(StatusCode::PERMANENT_REDIRECT);
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(PREFIX));
    response
}

fn found(name: &str, request: &HeaderMap) -> Response<Body> {
    let zipped = accepts_gzip(request).then(|| files::get(&format!("{name}.gz"))).flatten();
    let is_zipped = zipped.is_some();
    let Some(file) = zipped.or_else(|| files::get(name)) else {
        return empty(StatusCode::NOT_FOUND);
    };
    let is_known = request.get(IF_NONE_MATCH).is_some_and(|known| *known == file.etag);
    let mut response = if is_known {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Body::new(axum::body::Body::from(file.content)))
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, file.etag);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    let kept =
        if name.starts_with(ASSETS) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    if is_zipped {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| coding.trim() == "gzip")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// A file of the console.
#[derive(Clone)]
struct File {
    content: Bytes,
    etag: HeaderValue,
}

#[cfg(feature = "console")]
mod files {
    use std::collections::HashMap;
    use std::sync::LazyLock;

    use bytes::Bytes;
    use http::HeaderValue;
    use sha2::{Digest, Sha256};

    use super::File;

    /// What `console/build` wrote: names and contents.
    const BUILT: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

    static FILES: LazyLock<HashMap<&str, File>> = LazyLock::new(|| {
        BUILT.iter().filter_map(|(name, content)| Some((*name, file(content)?))).collect()
    });

    fn file(content: &'static [u8]) -> Option<File> {
        let digest: String =
            Sha256::digest(content)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let etag = HeaderValue::try_from(format!("\"{digest}\"")).ok()?;
        Some(File { content: Bytes::from_static(content), etag })
    }

    pub(super) fn get(name: &str) -> Option<File> {
        FILES.get(name).cloned()
    }
}

#[cfg(not(feature = "console"))]
mod files {
    pub(super) fn get(_: &str) -> Option<super::File> {
        None
    }
}
