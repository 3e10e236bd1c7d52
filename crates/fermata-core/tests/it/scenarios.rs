//! The workflow's cases, one short story each.
//!
//! - [`bulk`]: replies as large as they can be
//! - [`deaths`]: hosts that die under a drain
//! - [`drains`]: the ways a host becomes empty
//! - [`replies`]: silence, objections, and replies that do not count
//! - [`operator`]: what the operator says about the session
//! - [`histories`]: what is remembered of answers and decisions
//! - [`hosts`]: and about single hosts
//! - [`exits`]: whatever the cloud does, the operator can go on
//! - [`returns`]: giving hosts back
//! - [`reasons_kept`]: what the cloud says of a host that is left disabled
//! - [`failures`]: when actions and the cloud go wrong
//! - [`outages`]: the cloud or Fermata away, and lost answers
//! - [`others`]: what somebody else does meanwhile
//! - [`limits`]: how many of a group are impacted at once
//! - [`offers`]: what owners offer instead
//! - [`plans`]: where servers go, and when there has to be another plan
//! - [`scale_ins`]: asking owners for room
//! - [`states`]: servers in every status, and hosts that are down
//! - [`policies`]: what owners have stored: lead times, silence, what a server must not suffer

pub(crate) mod bulk;
pub(crate) mod counter_offers;
pub(crate) mod deaths;
pub(crate) mod drains;
pub(crate) mod exits;
pub(crate) mod failures;
pub(crate) mod histories;
pub(crate) mod hosts;
pub(crate) mod limits;
pub(crate) mod operator;
pub(crate) mod others;
pub(crate) mod outages;
pub(crate) mod plans;
pub(crate) mod policies;
pub(crate) mod reasons_kept;
pub(crate) mod replies;
pub(crate) mod returns;
pub(crate) mod scale_ins;
pub(crate) mod states;
