//! What people see of the contract's messages: each function makes text of a message and `now`.

pub(crate) mod answers;
pub(crate) mod audit;
pub(crate) mod conflict;
mod gantt;
mod history;
pub(crate) mod host;
#[cfg(test)]
mod narrow;
pub(crate) mod owner;
pub(crate) mod owner_event;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod policy_import;
pub(crate) mod progress;
pub(crate) mod projects;
pub(crate) mod report;
pub(crate) mod server_info;
pub(crate) mod session;
pub(crate) mod session_event;
pub(crate) mod top;
pub(crate) mod tracker;
mod waits;

use crate::output::color::safe;
use crate::output::commands::spoken;

/// `what`, or a dash where there is nothing.
fn or_dash(what: &str) -> String {
    if what.is_empty() { "–".to_owned() } else { safe(what).into_owned() }
}

/// `(why)`, or nothing.
fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!("({})", safe(&spoken(why))) }
}

/// `(words)` of somebody who does not speak of methods, or nothing.
fn said(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("({})", safe(words)) }
}

/// `3 servers`, `1 server`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
