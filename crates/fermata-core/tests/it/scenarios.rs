//! The workflow's cases, one short story each.
//!
//! - [`bulk`]: replies as large as they can be
//! - [`drains`]: the ways a host becomes empty
//! - [`replies`]: silence, objections, and replies that do not count
//! - [`operator`]: what the operator says about the session
//! - [`hosts`]: and about single hosts
//! - [`returns`]: giving hosts back
//! - [`failures`]: when actions and the cloud go wrong
//! - [`outages`]: the cloud or Fermata away, and lost answers
//! - [`others`]: what somebody else does meanwhile
//! - [`limits`]: how many of a group are impacted at once
//! - [`offers`]: what owners offer instead
//! - [`plans`]: where servers go, and when there has to be another plan
//! - [`scale_ins`]: asking owners for room
//! - [`policies`]: what owners have stored: lead times, silence, what a server must not suffer

mod bulk;
mod counter_offers;
mod drains;
mod failures;
mod hosts;
mod limits;
mod operator;
mod others;
mod outages;
mod plans;
mod policies;
mod replies;
mod returns;
mod scale_ins;
