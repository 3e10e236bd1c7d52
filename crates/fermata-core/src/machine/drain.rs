//! How a host becomes empty: its scheduling is disabled, its servers are moved or stopped as far as the limits of groups
//! allow.

pub(super) mod acts;
mod hosts;
mod limits;
