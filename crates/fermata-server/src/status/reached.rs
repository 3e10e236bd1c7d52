//! Which limit a refusal is about, for whoever counts refusals. It stands beside the status; no caller sees it.

use std::sync::Arc;

use thiserror::Error;
use tonic::{Code, Status};

use crate::telemetry::metrics::Limit;

/// How tonic begins to say that a request is larger than it may be.
const TOO_LARGE: &str = "Error, decoded message length too large";

/// The limit that was reached.
#[derive(Debug, Clone, Copy, Error)]
#[error("the limit of {} is reached", .0.as_str())]
struct Reached(Limit);

/// The status of a refusal, with the limit.
pub(super) fn reached(limit: impl Into<Limit>, mut status: Status) -> Status {
    status.set_source(Arc::new(Reached(limit.into())));
    status
}

/// The limit that a refusal is about, if it is about one that is not counted where it is looked at.
pub(crate) fn limit_of(status: &Status) -> Option<Limit> {
    use std::error::Error;
    let source = status.source().and_then(|source| source.downcast_ref::<Reached>());
    let is_too_large = status.code() == Code::OutOfRange && status.message().starts_with(TOO_LARGE);
    source.map(|Reached(limit)| *limit).or(is_too_large.then_some(Limit::MessageSize))
}

#[cfg(test)]
mod tests {
    use fermata_core::machine::Reject;
    use fermata_core::quota::{Exceeded, Quota};
    use fermata_store::StoreError;

    use super::*;
    use crate::error::ServeError;

    #[test]
    fn refusals_know_their_limit() {
        let limit = |error: ServeError| {
            let status = Status::from(error);
            // As whoever counts finds it: beside the answer that goes out.
            let answer: http::Response<()> = status.into_http();
            answer.extensions().get::<Status>().and_then(limit_of)
        };
        assert_eq!(limit(ServeError::TooManyPreviews { limit: 2 }), Some(Limit::Previews));
        for (quota, wanted) in [
            (Quota::Subscriptions, Limit::Subscriptions),
            (Quota::ServerPolicies, Limit::ServerPolicies),
            (Quota::ServerGroups, Limit::ServerGroups),
            (Quota::Sessions, Limit::Sessions),
            (Quota::CounterOffers, Limit::CounterOffers),
        ] {
            let exceeded = Exceeded { quota, limit: 1 };
            assert_eq!(limit(StoreError::Quota(exceeded).into()), Some(wanted));
            assert_eq!(limit(Reject::Quota(exceeded).into()), Some(wanted));
        }
        // It is counted where it is refused.
        assert_eq!(limit(ServeError::TooManyStreams { limit: 2 }), None);
        assert_eq!(limit(ServeError::SessionNotFound), None);
    }
}
