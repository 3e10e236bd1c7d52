//! What each call to Nova or Placement looks like on the wire, and what may be concluded when it fails.
//!
//! One function per call, grouped by the part of the API
//! (<https://docs.openstack.org/api-ref/compute/>, <https://docs.openstack.org/api-ref/placement/>); no I/O.

pub(crate) mod actions;
pub(crate) mod groups;
pub(crate) mod hosts;
pub(crate) mod migrations;
pub(crate) mod projects;
pub(crate) mod providers;
pub(crate) mod servers;
pub(crate) mod tokens;

use std::fmt;

use fermata_core::cloud::{CloudError, MigrationId, Scheduling};
use fermata_core::id::{HostName, ServerId};
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
    /// Whether the version is sent along.
    pub(crate) pins: bool,
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
            pins: true,
            newer: None,
            repeat: Repeat::Harmless,
            bad_request: BadRequest::Refused,
        }
    }

    /// The document at a service's address that says which versions it offers.
    pub(crate) fn document(service: Service) -> Self {
        let lowest = Microversion { major: 1, minor: 0 };
        let mut call = Self::read("read_versions", "", lowest, "");
        call.service = service;
        // Whatever it offers is asked for.
        call.pins = false;
        call
    }

    /// The header that pins the version (<https://docs.openstack.org/api-guide/compute/microversions.html>).
    pub(crate) fn version_header(&self) -> Option<(HeaderName, HeaderValue)> {
        if !self.pins {
            return None;
        }
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

/// Every call that changes something, about nothing in particular.
pub(crate) fn writes() -> [Option<Call>; 7] {
    let (host, server) = (HostName::from("host"), ServerId::from("server"));
    [
        Some(hosts::set_scheduling(&host, "service", &Scheduling::Enabled)),
        actions::live_migrate(&server, None).ok(),
        actions::migrate(&server, None).ok(),
        actions::confirm(&server).ok(),
        migrations::abort(&server, MigrationId(1)).ok(),
        actions::stop(&server).ok(),
        actions::start(&server).ok(),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../../docs/openstack.md");

    /// The row of the document that names an operation.
    fn row(operation: &str) -> Vec<&'static str> {
        let name = format!("`{operation}`");
        let is_its = |line: &&str| {
            line.starts_with("| `")
                && line.split('|').nth(1).is_some_and(|cell| cell.contains(&name))
        };
        let line = DOCUMENT.lines().find(is_its);
        line.unwrap_or_else(|| panic!("{operation} is not in docs/openstack.md"))
            .split('|')
            .map(str::trim)
            .collect()
    }

    #[test]
    fn every_call_is_documented() {
        let (host, server) = (HostName::from("h"), ServerId::from("s"));
        let reads = [
            hosts::list_services(),
            hosts::find_service(&host),
            hosts::list_hypervisors(1),
            hosts::list_aggregates(),
            servers::list_all(1),
            servers::list_on_host(&host, 1),
            servers::list_changed("t", 1),
            servers::show(&server).unwrap(),
            groups::list(1, 0),
            migrations::list_changed("t", 1),
            migrations::list_changed_of(&host, "t", 1),
            providers::list(),
            providers::inventories("p").unwrap(),
            providers::traits("p").unwrap(),
            tokens::validate(),
            projects::list(),
        ];
        for call in reads.into_iter().chain(writes().into_iter().flatten()) {
            let row = row(call.operation);
            let [_, _, request, version, rule, ..] = row.as_slice() else { panic!("{row:?}") };
            let id = |part: &str| {
                if ["s", "p", "server", "service", "1"].contains(&part) {
                    "{id}".to_owned()
                } else {
                    part.to_owned()
                }
            };
            let path: Vec<String> = call.path.split('/').map(id).collect();
            assert_eq!(
                *request,
                format!("`{} {}`", call.method, path.join("/")),
                "{}",
                call.operation
            );
            let newer = call.newer.map_or_else(String::new, |newer| format!(", {newer}"));
            assert_eq!(*version, format!("{}{newer}", call.microversion), "{}", call.operation);
            assert_eq!(*rule, format!("`{}`", call.policy), "{}", call.operation);
        }
    }
}
