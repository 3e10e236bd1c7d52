//! The gRPC services of the contract. They read requests, ask the façades of [`crate::app`], and write answers; no rule lives
//! here. What all of them do alike is written once: the door lets calls in, [`crate::requests`] carries repeated writes out
//! once, `page` turns pages of lists.

mod affairs;
mod audit;
mod hosts;
mod notifications;
mod page;
mod policies;
mod preview;
mod server_info;
mod session_lists;
mod session_report;
mod sessions;
mod subscriptions;

use fermata_core::Time;
use fermata_core::id::{ProjectId, SessionId};
use tonic::{Response, Status};

pub use audit::Audit;
pub use hosts::Hosts;
pub use notifications::Notifications;
pub use policies::Policies;
pub use server_info::ServerInformation;
pub use sessions::Sessions;

use crate::convert::incoming::Reader;
use crate::error::ServeError;

/// An answer, or why there is none.
fn reply<R>(result: Result<R, ServeError>) -> Result<Response<R>, Status> {
    Ok(Response::new(result?))
}

fn session_id(value: &str) -> Result<SessionId, ServeError> {
    Reader::id("session_id", value, ServeError::SessionNotFound)
}

/// The project that a request must name.
fn project(value: &str) -> Result<ProjectId, ServeError> {
    required("project_id", value).map(ProjectId::from)
}

/// A text that must be there.
fn required<'a>(field: &str, value: &'a str) -> Result<&'a str, ServeError> {
    let mut reader = Reader::default();
    reader.required(field, value);
    reader.finish(value)
}

/// A position in a list that is ordered by creation.
fn cursor(at: Time, id: impl std::fmt::Display) -> String {
    format!("{}/{id}", at.unix_timestamp_nanos())
}

/// Reads a position in such a list.
fn read_cursor<T: std::str::FromStr>(cursor: &str) -> Option<(Time, T)> {
    let (nanos, id) = cursor.split_once('/')?;
    let at = Time::from_unix_timestamp_nanos(nanos.parse().ok()?).ok()?;
    Some((at, id.parse().ok()?))
}
