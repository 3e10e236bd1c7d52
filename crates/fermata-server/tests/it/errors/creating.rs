//! Sessions that cannot be, and requests for hosts that cannot be had.

use fermata_proto::v1;
use fermata_proto::v1::Action;
use tonic::Code::{FailedPrecondition, InvalidArgument, NotFound};

use super::{Row, Scene, row};
use crate::acts::spec;
use crate::harness::{from_now, millis};

pub async fn creating(scene: &mut Scene, rows: &mut Vec<Row>) {
    let mut try_to = async |case, spec: v1::SessionSpec, code, reason| {
        let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
        row(case, scene.sessions.create_session(request).await, code, reason)
    };
    let ended = |seconds| {
        Some(v1::MaintenanceWindow { start_time: None, end_time: Some(from_now(seconds)) })
    };
    rows.extend([
        try_to(
            "a host in two sessions",
            spec(&["compute-1"]),
            FailedPrecondition,
            "HOST_IN_SESSION",
        )
        .await
        .precondition("HOST_IN_SESSION", "host/compute-1"),
        try_to(
            "a window in the past",
            v1::SessionSpec { window: ended(-10), ..spec(&["compute-4"]) },
            InvalidArgument,
            "WINDOW_INVALID",
        )
        .await
        .fields(&["spec.window.end_time"]),
        try_to(
            "no window",
            v1::SessionSpec { window: None, ..spec(&["compute-4"]) },
            InvalidArgument,
            "WINDOW_INVALID",
        )
        .await
        .fields(&["spec.window.end_time"]),
        try_to(
            "unknown hosts",
            spec(&["x-1", "compute-4", "x-2"]),
            InvalidArgument,
            "UNKNOWN_HOST",
        )
        .await
        .fields(&["spec.hosts.names[0]", "spec.hosts.names[2]"]),
        try_to("no host", spec(&[]), InvalidArgument, "INVALID_FIELD")
            .await
            .fields(&["spec.hosts"]),
        try_to(
            "several faults at once",
            v1::SessionSpec {
                window: ended(-10),
                reason: String::new(),
                lead_time: millis(-1000),
                default_action: Action::OwnAction.into(),
                max_parallel_hosts: 100_000,
                ..spec(&["x-1", "compute-1"])
            },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&[
            "spec.hosts.names[0]",
            "spec.hosts",
            "spec.window.end_time",
            "spec.lead_time",
            "spec.reason",
            "spec.default_action",
            "spec.max_parallel_hosts",
        ]),
        try_to(
            "enum values that nobody knows",
            v1::SessionSpec { kind: 77, on_silence: -1, ..spec(&["compute-4"]) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["spec.kind", "spec.on_silence"]),
        try_to(
            "a negative span",
            v1::SessionSpec { work_timeout: millis(-5000), ..spec(&["compute-4"]) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["spec.work_timeout"]),
        try_to(
            "keeping on a host that leaves for good",
            v1::SessionSpec {
                kind: v1::MaintenanceKind::Retirement.into(),
                default_action: Action::Keep.into(),
                ..spec(&["compute-4"])
            },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["spec.default_action"]),
    ]);
    let nothing = scene.sessions.create_session(v1::CreateSessionRequest::default()).await;
    rows.push(
        row("nothing asked for", nothing, InvalidArgument, "INVALID_FIELD").fields(&["spec"]),
    );
    let mut request_maintenance = async |case, request, code, reason| {
        row(case, scene.hosts.request_host_maintenance(request).await, code, reason)
    };
    let request = |name: &str, reason: &str| v1::RequestHostMaintenanceRequest {
        host: name.to_owned(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    rows.extend([
        request_maintenance(
            "a host nobody knows",
            request("x-1", "why"),
            NotFound,
            "HOST_NOT_FOUND",
        )
        .await,
        request_maintenance("no host", request("", "why"), InvalidArgument, "INVALID_FIELD")
            .await
            .fields(&["host"]),
        request_maintenance(
            "a held host",
            request("compute-1", "why"),
            FailedPrecondition,
            "HOST_IN_SESSION",
        )
        .await
        .precondition("HOST_IN_SESSION", "host/compute-1"),
        // Its fields are named as in its own request.
        request_maintenance(
            "a wrong request for one host",
            v1::RequestHostMaintenanceRequest {
                timeout: millis(0),
                end_time: Some(from_now(-5)),
                ..request("compute-4", "")
            },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["end_time", "timeout", "reason"]),
    ]);
}
