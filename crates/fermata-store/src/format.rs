//! Releases beside each other: which stored sessions this one knows, and which tables.
//!
//! A session keeps the format in which it was created. A change of what a session's rows hold, even one more field,
//! makes a new format; a release that does not know it leaves the session alone, so nothing that it does not know is
//! ever lost in its hands. CONTRIBUTING.md says how a format is introduced.

use fermata_core::id::SessionId;

use crate::error::StoreError;

/// The newest format that this release reads and works on.
pub(crate) const KNOWN: i32 = 1;

/// The format in which this release creates sessions. The release before this one has to know it.
pub(crate) const CREATED: i32 = 1;

/// A session of this format can be worked on.
///
/// # Errors
/// [`StoreError::NewerFormat`].
pub(crate) fn check(session: SessionId, format: i32) -> Result<(), StoreError> {
    if format <= KNOWN { Ok(()) } else { Err(StoreError::NewerFormat { session }) }
}

const _: () = assert!(CREATED <= KNOWN);
