//! Changes that the state does not allow, and of things that are not there.

use fermata_proto::v1;
use tonic::Code::{Aborted, FailedPrecondition, InvalidArgument, NotFound};

use super::{Row, Scene, row};
use crate::acts::get;

pub async fn changing(scene: &mut Scene, rows: &mut Vec<Row>) {
    let id = scene.open.id.clone();
    let now = get(&mut scene.sessions, &id).await;
    let host = |host: &str, etag: &str| v1::CompleteHostRequest {
        session_id: id.clone(),
        host: host.to_owned(),
        etag: etag.to_owned(),
        ..Default::default()
    };
    let complete = scene.sessions.complete_host(host("compute-1", "")).await;
    rows.push(
        row("completing a host that waits", complete, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "WAITING"), ("allowed_states", "IN_MAINTENANCE")])
            .precondition("STATE", "host 'compute-1'"),
    );
    let complete = scene.sessions.complete_host(host("compute-4", "")).await;
    rows.push(row("a host of no concern", complete, NotFound, "HOST_NOT_FOUND"));
    let complete = scene.sessions.complete_host(host("compute-1", "r0")).await;
    rows.push(
        row("an etag that is not current", complete, Aborted, "ETAG_MISMATCH")
            .metadata(&[("etag", &now.etag)]),
    );
    let complete = scene.sessions.complete_host(host("", "")).await;
    rows.push(row("no host named", complete, InvalidArgument, "INVALID_FIELD").fields(&["host"]));
    let unknown = "01900000-0000-7000-8000-000000000000";
    for (case, id) in [("an unknown session", unknown), ("no id at all", "me")] {
        let request = v1::GetSessionRequest { session_id: id.to_owned(), ..Default::default() };
        let got = scene.sessions.get_session(request).await;
        rows.push(row(case, got, NotFound, "SESSION_NOT_FOUND"));
    }
    let request = v1::DeleteSessionRequest { session_id: id.clone(), ..Default::default() };
    let deleted = scene.sessions.delete_session(request).await;
    rows.push(
        row("deleting an active session", deleted, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "SCHEDULED"), ("allowed_states", "COMPLETED,CANCELLED")])
            .precondition("STATE", "the session"),
    );
    let request = v1::PauseSessionRequest { session_id: id.clone(), ..Default::default() };
    let paused = scene.sessions.pause_session(request).await;
    rows.push(
        row("pausing what does not run", paused, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "SCHEDULED"), ("allowed_states", "RUNNING")])
            .precondition("STATE", "the session"),
    );
    let over =
        v1::StartSessionRequest { session_id: scene.cancelled.id.clone(), ..Default::default() };
    let started = scene.sessions.start_session(over).await;
    rows.push(
        row("starting what is over", started, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "CANCELLED"), ("allowed_states", "SCHEDULED")])
            .precondition("STATE", "the session"),
    );
    let request = v1::ReleaseHostRequest { host: "compute-4".to_owned(), ..Default::default() };
    let released = scene.hosts.release_host(request).await;
    rows.push(row("releasing what nobody holds", released, NotFound, "HOST_NOT_FOUND"));
    for (case, paths) in [("no mask", vec![]), ("a fixed field", vec!["hosts".to_owned()])] {
        let request = v1::UpdateSessionRequest {
            session_id: id.clone(),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        };
        let updated = scene.sessions.update_session(request).await;
        rows.push(row(case, updated, InvalidArgument, "INVALID_FIELD").fields(&["update_mask"]));
    }
}
