//! What every field of every request may hold, checked by the door ([`crate::door`]) before any handler looks at the request: lengths and counts, spans,
//! times, values of enums, and characters. The bounds are one [`table`]; the checks are in [`rule`]. Lists are
//! counted before anything looks at their elements.
//!
//! What depends on anything else than the field itself (whether it is required, whether the host exists, whether
//! a span fits into another one) is not a bound; the domain says it.

pub mod rule;
pub mod table;

use self::rule::{At, Bounded, Found};

/// Goes through a request: what is out of its bounds, and what the door wants to know of it.
pub(crate) fn look_through(request: &impl Bounded) -> Found {
    let mut found = Found::default();
    request.check(At::Request, &mut found);
    found
}

#[cfg(test)]
mod tests;
