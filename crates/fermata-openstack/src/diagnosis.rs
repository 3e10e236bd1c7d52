//! What of a cloud can be used, asked call by call: for who sets Fermata up.

use std::fmt;

use fermata_core::cloud::CloudError;
use http::StatusCode;
use serde_json::Value;

use crate::client::Client;
use crate::config::{ConfigError, OpenStackConfig};
use crate::endpoints::{
    Call, Service, groups, hosts, migrations, projects, providers, servers, writes,
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The user that Fermata is known as.
    pub user: String,
    /// What its token is for.
    pub scope: String,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// Settings that nobody knows, perhaps mistyped.
    pub unknown_settings: Vec<String>,
    /// A line for each service and for each call.
    pub findings: Vec<Finding>,
}

/// What was found about a service or a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Keystone, Nova or Placement.
    pub service: String,
    /// What Fermata asks of it; `endpoint` for the service itself.
    pub call: String,
    /// The version of the API that the call is pinned to; of an endpoint the newest that it offers.
    pub version: String,
    /// The rule of the service's policy that allows the call; of an endpoint its address.
    pub rule: String,
    /// Whether it can be used.
    pub verdict: Verdict,
    /// The error, in the service's words.
    pub detail: String,
}

/// Whether something can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It can.
    Usable,
    /// It cannot, and Fermata does without.
    DoneWithout,
    /// It cannot, and Fermata cannot work like this.
    Unusable,
    /// It changes something, and was not tried.
    NotTried,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Usable => "yes",
            Self::DoneWithout => "no, done without",
            Self::Unusable => "NO",
            Self::NotTried => "not tried",
        })
    }
}

impl Diagnosis {
    /// Whether Fermata can work with the cloud.
    pub fn is_usable(&self) -> bool {
        self.findings.iter().all(|finding| finding.verdict != Verdict::Unusable)
    }
}

/// Why there is no diagnosis.
#[derive(Debug, thiserror::Error)]
pub enum DiagnosisError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nobody can sign in.
    #[error(transparent)]
    SignIn(#[from] CloudError),
}

/// Signs in, and makes each call that only reads once. Changes nothing.
///
/// # Errors
/// The configuration cannot be used, or signing in fails; what fails later is part of the diagnosis.
pub async fn diagnose(config: OpenStackConfig) -> Result<Diagnosis, DiagnosisError> {
    let client =
        Client::new(config.source.resolve()?, config.request_timeout, config.headers.clone())?;
    let session = client.sign_in().await.map_err(|failure| failure.verdict())?;
    let mut findings = Vec::new();
    for service in [Service::Keystone, Service::Nova, Service::Placement] {
        findings.push(match client.endpoint(&session, service) {
            Ok(url) => Finding {
                service: service.to_string(),
                call: "endpoint".to_owned(),
                version: newest(&client, service).await,
                rule: url.to_string(),
                verdict: Verdict::Usable,
                detail: String::new(),
            },
            Err(detail) => Finding {
                service: service.to_string(),
                call: "endpoint".to_owned(),
                version: String::new(),
                rule: String::new(),
                verdict: without(service == Service::Placement),
                detail,
            },
        });
    }
    let since = "2100-01-01T00:00:00Z";
    let reads = [
        (hosts::list_services(), false),
        (hosts::list_hypervisors(1), true),
        (hosts::list_aggregates(), true),
        (servers::list_all(1), false),
        (groups::list(1, 0), true),
        (migrations::list_changed(since, 1), false),
        (providers::list(), true),
        (projects::list(), true),
    ];
    for (call, is_optional) in reads {
        let result = client.send(&call).await;
        let (verdict, detail) = match result {
            Ok(_) => (Verdict::Usable, String::new()),
            Err(error @ CloudError::Rejected { .. }) => (without(is_optional), error.to_string()),
            Err(
                error @ (CloudError::NotFound { .. }
                | CloudError::Conflict { .. }
                | CloudError::Unavailable { .. }
                | CloudError::Unknown { .. }),
            ) => (Verdict::Unusable, error.to_string()),
        };
        findings.push(finding(&call, verdict, detail));
    }
    let writes = writes().into_iter().flatten();
    findings.extend(writes.map(|call| finding(&call, Verdict::NotTried, String::new())));
    Ok(Diagnosis {
        user: session.user.clone(),
        scope: session.scope.clone(),
        roles: session.roles.clone(),
        unknown_settings: client.entry().unknown.clone(),
        findings,
    })
}

fn without(is_optional: bool) -> Verdict {
    if is_optional { Verdict::DoneWithout } else { Verdict::Unusable }
}

fn finding(call: &Call, verdict: Verdict, detail: String) -> Finding {
    Finding {
        service: call.service.to_string(),
        call: call.operation.to_owned(),
        version: call.microversion.to_string(),
        rule: call.policy.to_owned(),
        verdict,
        detail,
    }
}

/// The newest version that a service offers, by its own document; empty if it does not tell.
async fn newest(client: &Client, service: Service) -> String {
    let call = Call::document(service);
    let Ok(answer) = client.ask(&call, http::HeaderMap::new()).await else { return String::new() };
    if !(answer.status.is_success() || answer.status == StatusCode::MULTIPLE_CHOICES) {
        return String::new();
    }
    let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let version = document.get("version").or_else(|| document.pointer("/versions/0"));
    let text = |key: &str| version.and_then(|version| version.get(key)).and_then(Value::as_str);
    // Nova's is `version`, Placement's `max_version`, and Keystone only has an id.
    let found = ["version", "max_version", "id"].into_iter().filter_map(text);
    found.map(str::to_owned).find(|text| !text.is_empty()).unwrap_or_default()
}
