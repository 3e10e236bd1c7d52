//! What passes between a session and the owners of servers: notifications, replies, counter-offers, policies, requests to
//! scale in.

pub(super) mod counter_offers;
mod notifications;
mod policies;
pub(super) mod replies;
mod scale_in;
