//! What the cloud answers and shows: calls that ended, actions under way, reads of hosts, hosts that
//! die, outages.

mod down;
pub(super) mod ended;
pub(super) mod judge;
mod outage;
mod progress;
mod reads;
