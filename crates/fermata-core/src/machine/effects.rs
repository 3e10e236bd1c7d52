//! What the cloud answers and shows: calls that ended, actions under way, reads of hosts, outages.

pub(super) mod ended;
pub(super) mod judge;
mod outage;
mod progress;
mod reads;
