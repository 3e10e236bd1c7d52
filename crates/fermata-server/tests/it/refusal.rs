//! An error as programs read it: code, reason and details.

use std::collections::BTreeMap;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// What a refused call says.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    pub reason: String,
    /// Of ErrorInfo.
    pub metadata: BTreeMap<String, String>,
    /// The fields that BadRequest names.
    pub fields: Vec<String>,
    /// Types and subjects of PreconditionFailure.
    pub preconditions: Vec<(String, String)>,
    /// The subjects of QuotaFailure.
    pub quotas: Vec<String>,
    /// Whether RetryInfo says when to try again.
    pub retry: bool,
    /// Everything at once, for words that must not be in it.
    pub text: String,
}

impl Refusal {
    pub fn of(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
        assert_eq!(info.domain, "fermata.dev");
        assert!(!status.message().is_empty());
        let bad_request = details.bad_request().map(|b| b.field_violations.clone());
        let preconditions = details.precondition_failure().map(|p| p.violations.clone());
        let quotas = details.quota_failure().map(|q| q.violations.clone());
        Self {
            code: status.code(),
            reason: info.reason.clone(),
            metadata: info.metadata.clone().into_iter().collect(),
            fields: bad_request.unwrap_or_default().into_iter().map(|v| v.field).collect(),
            preconditions: preconditions
                .unwrap_or_default()
                .into_iter()
                .map(|v| (v.r#type, v.subject))
                .collect(),
            quotas: quotas.unwrap_or_default().into_iter().map(|v| v.subject).collect(),
            retry: details.retry_info().is_some_and(|r| r.retry_delay.is_some()),
            text: format!("{} {details:?}", status.message()),
        }
    }
}
