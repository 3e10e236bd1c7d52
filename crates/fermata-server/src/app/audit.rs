//! The audit trail, for those who look into what was done.

use fermata_core::audit::{Ends, Record};
use fermata_store::AuditQuery;

use super::App;
use crate::error::ServeError;

/// The audit trail, for one call.
pub struct Audit<'a> {
    pub(super) app: &'a App,
}

impl Audit<'_> {
    /// Records, and the ends of the chain.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self, query: &AuditQuery) -> Result<(Vec<Record>, Ends), ServeError> {
        Ok(self.app.store.list_audit(query).await?)
    }
}
