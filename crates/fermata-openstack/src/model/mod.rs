//! What Nova's and Placement's answers mean in the domain. Pure: JSON in, domain out.
//!
//! Shapes name only the fields that are used, and take for optional what some Nova leaves out: a
//! cell that cannot be reached, a hypervisor that reports no disk. A record that is odd is read as far as it goes ([`record`]).

#[cfg(test)]
mod fuzz;
pub(crate) mod groups;
pub(crate) mod hosts;
pub(crate) mod migrations;
pub(crate) mod offers;
pub(crate) mod projects;
pub(crate) mod record;
pub(crate) mod servers;

use serde::Deserialize;

/// A link in an answer.
#[derive(Debug, Deserialize)]
struct Link {
    rel: String,
}

fn has_next(links: &[Link]) -> bool {
    links.iter().any(|link| link.rel == "next")
}
