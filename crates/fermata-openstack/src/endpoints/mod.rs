//! What each call to Nova looks like on the wire, and what may be concluded when it fails.
//!
//! One function per call, grouped by the part of Nova's API
//! (<https://docs.openstack.org/api-ref/compute/>); no I/O.

pub(crate) mod actions;
pub(crate) mod hosts;
pub(crate) mod migrations;
pub(crate) mod servers;

use std::borrow::Cow;

use http::{HeaderMap, Method};
use openstack_sdk::api::rest_endpoint_prelude::QueryParams;
use openstack_sdk::api::{BodyError, RestEndpoint};
use openstack_sdk::types::{ApiVersion, ServiceType};
use serde_json::Value;

use crate::microversion::Microversion;

/// One call to Nova.
#[derive(Debug, Clone)]
pub(crate) struct NovaCall {
    /// What it is called in traces and errors.
    pub(crate) operation: &'static str,
    /// The host it is about, for traces.
    pub(crate) host: Option<String>,
    /// The server it is about, for traces.
    pub(crate) server: Option<String>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) microversion: Microversion,
    pub(crate) repeat: Repeat,
    pub(crate) bad_request: BadRequest,
}

/// Whether a call may be sent again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It changes nothing, or twice is the same as once.
    Harmless,
    /// Twice is not the same as once.
    Harmful,
}

/// What Nova means when it answers a call with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadRequest {
    /// It will never accept this call.
    Refused,
    /// The state of the thing does not allow it.
    WrongState,
    /// The entry the last page ended with is gone.
    ListChanged,
}

impl NovaCall {
    fn read(operation: &'static str, path: impl Into<String>, pinned: Microversion) -> Self {
        Self {
            operation,
            host: None,
            server: None,
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            body: None,
            microversion: pinned,
            repeat: Repeat::Harmless,
            bad_request: BadRequest::Refused,
        }
    }

    /// The same list, from the entry after `marker`.
    pub(crate) fn after(&self, marker: &str) -> Self {
        let mut next = self.clone();
        next.query.retain(|(name, _)| *name != "marker");
        next.query.push(("marker", marker.to_owned()));
        next.bad_request = BadRequest::ListChanged;
        next
    }
}

/// A call with the headers of this one time it is sent.
pub(crate) struct Outgoing<'a> {
    pub(crate) call: &'a NovaCall,
    pub(crate) headers: HeaderMap,
}

impl RestEndpoint for Outgoing<'_> {
    fn method(&self) -> Method {
        self.call.method.clone()
    }

    fn endpoint(&self) -> Cow<'static, str> {
        self.call.path.clone().into()
    }

    fn service_type(&self) -> ServiceType {
        ServiceType::Compute
    }

    fn parameters(&self) -> QueryParams<'_> {
        let mut params = QueryParams::default();
        for (name, value) in &self.call.query {
            params.push(*name, value);
        }
        params
    }

    fn body(&self) -> Result<Option<(&'static str, Vec<u8>)>, BodyError> {
        match &self.call.body {
            Some(body) => Ok(Some(("application/json", serde_json::to_vec(body)?))),
            None => Ok(None),
        }
    }

    fn request_headers(&self) -> Option<&HeaderMap> {
        Some(&self.headers)
    }

    // The SDK would guess a version from the first segment of the path.
    fn api_version(&self) -> Option<ApiVersion> {
        None
    }

    fn min_version(&self) -> Option<ApiVersion> {
        Some(self.call.microversion.into())
    }

    fn max_version(&self) -> Option<ApiVersion> {
        self.min_version()
    }
}
