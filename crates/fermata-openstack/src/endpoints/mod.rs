//! What each call to Nova or Placement looks like on the wire, and what may be concluded when it fails.
//!
//! One function per call, grouped by the part of the API
//! (<https://docs.openstack.org/api-ref/compute/>, <https://docs.openstack.org/api-ref/placement/>); no I/O.

pub(crate) mod actions;
pub(crate) mod groups;
pub(crate) mod hosts;
pub(crate) mod migrations;
pub(crate) mod providers;
pub(crate) mod servers;
pub(crate) mod tokens;

use std::fmt;

use fermata_core::cloud::CloudError;
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::microversion::Microversion;

/// One call to a service.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) service: Service,
    /// What it is called in traces and errors.
    pub(crate) operation: &'static str,
    /// The host it is about, for traces.
    pub(crate) host: Option<String>,
    /// The server it is about, for traces.
    pub(crate) server: Option<String>,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The rule of the service's policy that allows it.
    pub(crate) policy: &'static str,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) microversion: Microversion,
    /// Asked for instead where the service offers it: it tells more, and nothing depends on that.
    pub(crate) newer: Option<Microversion>,
    pub(crate) repeat: Repeat,
    pub(crate) bad_request: BadRequest,
}

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Nova,
    Placement,
    Keystone,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nova => "Nova",
            Self::Placement => "Placement",
            Self::Keystone => "Keystone",
        })
    }
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

impl Call {
    fn read(
        operation: &'static str,
        path: impl Into<String>,
        pinned: Microversion,
        policy: &'static str,
    ) -> Self {
        Self {
            service: Service::Nova,
            operation,
            host: None,
            server: None,
            method: Method::GET,
            path: path.into(),
            policy,
            query: Vec::new(),
            body: None,
            microversion: pinned,
            newer: None,
            repeat: Repeat::Harmless,
            bad_request: BadRequest::Refused,
        }
    }

    /// The header that pins the version (<https://docs.openstack.org/api-guide/compute/microversions.html>).
    pub(crate) fn version_header(&self) -> Option<(HeaderName, HeaderValue)> {
        let service = match self.service {
            Service::Nova => "compute",
            Service::Placement => "placement",
            // It has no microversions.
            Service::Keystone => return None,
        };
        let value = HeaderValue::from_str(&format!("{service} {}", self.microversion)).ok()?;
        Some((HeaderName::from_static("openstack-api-version"), value))
    }

    /// The same in the newer version of the API.
    pub(crate) fn in_newer(&self) -> Option<Self> {
        let newer = self.newer?;
        Some(Self { microversion: newer, ..self.clone() })
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

/// An id as part of a path. OpenStack's ids are UUIDs; anything that could reach another path of the API is the id of
/// nothing.
fn path_segment(id: &str) -> Result<&str, CloudError> {
    let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plain {
        Ok(id)
    } else {
        Err(CloudError::NotFound { detail: format!("{id:?} is not the id of anything") })
    }
}
