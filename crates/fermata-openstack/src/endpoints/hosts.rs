//! Compute services, hypervisors and aggregates: what together makes a host.

use http::Method;
use serde_json::json;

use fermata_core::cloud::Scheduling;
use fermata_core::id::HostName;

use super::Call;
use crate::microversion::{LIST_AGGREGATES, LIST_HYPERVISORS, LIST_SERVICES, UPDATE_SERVICE};

/// `GET /os-services`: every compute service.
pub(crate) fn list_services() -> Call {
    let mut call = Call::read(
        "list_services",
        "os-services",
        LIST_SERVICES,
        "os_compute_api:os-services:list",
    );
    call.query = vec![("binary", "nova-compute".to_owned())];
    call
}

/// `GET /os-services`: the compute service of one host.
pub(crate) fn find_service(host: &HostName) -> Call {
    let mut call = list_services();
    call.operation = "find_service";
    call.host = Some(host.to_string());
    call.query.push(("host", host.to_string()));
    call
}

/// `PUT /os-services/{uuid}`. Sets what is asked for whatever was before, so twice is once.
pub(crate) fn set_scheduling(host: &HostName, service_id: &str, scheduling: &Scheduling) -> Call {
    let body = match scheduling {
        Scheduling::Enabled => json!({"status": "enabled"}),
        // Nova refuses an empty reason; leaving it out clears an earlier one.
        Scheduling::Disabled { reason } if reason.is_empty() => json!({"status": "disabled"}),
        Scheduling::Disabled { reason } => {
            json!({"status": "disabled", "disabled_reason": reason})
        }
    };
    let mut call = Call::read(
        "set_scheduling",
        format!("os-services/{service_id}"),
        UPDATE_SERVICE,
        "os_compute_api:os-services:update",
    );
    call.method = Method::PUT;
    call.body = Some(body);
    call.host = Some(host.to_string());
    call
}

/// `GET /os-hypervisors/detail`, first page, without the servers on each: Nova would look them up for one hypervisor after
/// the other. How many there are, `running_vms` tells as the host last reported.
pub(crate) fn list_hypervisors(page_size: u32) -> Call {
    let mut call = Call::read(
        "list_hypervisors",
        "os-hypervisors/detail",
        LIST_HYPERVISORS,
        "os_compute_api:os-hypervisors:list-detail",
    );
    call.query = vec![("limit", page_size.to_string())];
    call
}

/// `GET /os-aggregates`: every aggregate; Nova does not page them.
pub(crate) fn list_aggregates() -> Call {
    Call::read(
        "list_aggregates",
        "os-aggregates",
        LIST_AGGREGATES,
        "os_compute_api:os-aggregates:index",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_reason_is_left_out() {
        let disable = |reason: &str| {
            let scheduling = Scheduling::Disabled { reason: reason.to_owned() };
            set_scheduling(&"h1".into(), "id", &scheduling).body
        };
        assert_eq!(disable(""), Some(json!({"status": "disabled"})));
        assert_eq!(disable("why"), Some(json!({"status": "disabled", "disabled_reason": "why"})));
    }
}
