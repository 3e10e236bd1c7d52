//! What every field of every request may hold, checked before any handler looks at the request: lengths and counts, spans,
//! times, values of enums, and characters. The bounds are one [`table`]; the checks are in [`rule`]. Lists are
//! counted before anything looks at their elements.
//!
//! What depends on anything else than the field itself (whether it is required, whether the host exists, whether
//! a span fits into another one) is not a bound; the domain says it.

pub mod rule;
pub mod table;

use fermata_core::spec::Violation;
use tonic::Request;

use self::rule::{At, Bounded};
use crate::error::ServeError;

/// Takes a request in. Every handler begins with it.
///
/// # Errors
/// Every field that is out of its bounds.
pub(crate) fn admit<Q: Bounded>(request: Request<Q>) -> Result<Q, ServeError> {
    let request = request.into_inner();
    let violations = violations_of(&request);
    if violations.is_empty() { Ok(request) } else { Err(ServeError::Violations(violations)) }
}

/// Every field of a request that is out of its bounds.
pub(crate) fn violations_of(request: &impl Bounded) -> Vec<Violation> {
    let mut violations = Vec::new();
    request.check(At::Request, &mut violations);
    violations
}

#[cfg(test)]
mod tests;
