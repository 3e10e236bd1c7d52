//! What must hold for something to be stored: whether it may be there, and which revision it must have. One rule for
//! everything that owners put.

use crate::error::StoreError;

/// What a put may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PutMode {
    /// Create it or replace it.
    #[default]
    Either,
    /// Only create it.
    Create,
    /// Only replace it.
    Replace,
}

impl PutMode {
    /// Whether this may be done where `before` is the revision that is there, and `wanted` the one that must be; `None`: any,
    /// or none.
    pub(crate) fn admit(self, before: Option<u64>, wanted: Option<u64>) -> Result<(), StoreError> {
        match (self, before) {
            (Self::Create, Some(revision)) => Err(StoreError::Exists { revision }),
            (Self::Replace, None) => Err(StoreError::NotFound),
            _ if wanted.is_some() && wanted != before => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_put_may_do() {
        use PutMode::{Create, Either, Replace};
        let ok = |mode: PutMode, before, wanted| mode.admit(before, wanted).is_ok();
        assert!(
            ok(Either, None, None) && ok(Either, Some(3), None) && ok(Either, Some(3), Some(3))
        );
        assert!(
            ok(Create, None, None) && ok(Replace, Some(3), None) && ok(Replace, Some(3), Some(3))
        );
        assert!(matches!(Create.admit(Some(3), None), Err(StoreError::Exists { revision: 3 })));
        assert!(matches!(Replace.admit(None, None), Err(StoreError::NotFound)));
        assert!(matches!(Replace.admit(None, Some(3)), Err(StoreError::NotFound)));
        assert!(matches!(Replace.admit(Some(4), Some(3)), Err(StoreError::Conflict)));
        assert!(matches!(Either.admit(None, Some(3)), Err(StoreError::Conflict)));
        assert!(matches!(Either.admit(Some(4), Some(3)), Err(StoreError::Conflict)));
    }
}
