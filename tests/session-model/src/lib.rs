//! A model of a session with two replicas, two hosts, three servers and two owners, over the transition function of
//! the core itself ([`fermata_core::machine::step`]). A checker visits every state within the [`site::Limits`] and
//! asks of each whether the safety list holds in it (`design/invariants.md`: 6 to 10, 16 to 18, and 20).
//!
//! ```text
//! cargo test -p session-model                                  # what every run explores; rules broken on purpose
//! cargo run --release -p session-model                         # two losses, a lost answer, an action that fails
//! cargo run --release -p session-model parallel_actions=2 bad_ends=0 losses=1
//! cargo run --release -p session-model -- --large              # owners answer early, servers move to and fro
//! ```
//!
//! # What is explored
//!
//! - **Replicas.** Two, alike; so a state says what the session's owner is in the middle of, and what the one
//!   before is. A replica looks at the server, writes that it begins, calls, gets the answer, writes it: it may crash,
//!   or lose its lease, between any two of these. A call that was sent arrives later, or never, whoever sent it.
//! - **The database.** A write needs the owner's epoch and the revision that was read.
//! - **The cloud.** An action ends whenever it likes, well or badly. A call that does not fit is refused with a
//!   conflict. Answers are lost.
//! - **People.** Each owner takes one of two decisions, or lets its time pass; the operator completes hosts, cancels
//!   at any point, and tries failed hosts again.
//! - **Time** passes to the next moment at which something is due.
//!
//! # What makes no difference, and is therefore left out
//!
//! - A loss of a replica that has begun nothing: the next owner goes on from the same session.
//! - Reading a session and writing what follows from it are one action: a write over another write is refused and
//!   done again. Where [`fermata_core::broken::Rule::Revision`] is broken, they are two.
//! - What a former owner holds in memory for a write or a call that it would be refused; see [`normal`].
//! - Records: when something was, words, numbers of revisions; see [`normal`].
//!
//! # What is not explored
//!
//! - Deadlines of actions and drains (so nothing is aborted), the end of the window, lead times, pauses.
//! - A cloud that cannot be reached or refuses for good, servers in ERROR, servers and hosts that others touch,
//!   hosts whose service is down, outages of all replicas ([`fermata_core::machine::Outage`]).
//! - Objections, changed minds, replies to older plans, own actions, updates, hosts that retire, skip or fail.
//! - Reads that take time: each arrives as it begins. While nobody owns the session, and while the owner is in the
//!   middle of a call, no time passes. One call of the owner at a time.
//! - Whether it ends by luck alone: [`graph`] shows that from each state an end, or a wait for the operator, can be
//!   reached without a cancel, not that it will be.
//! - A call that is longer on its way than [`time::LANDS_WITHIN`], or than an action that began after it was sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

pub mod cloud;
pub mod digest;
pub mod graph;
pub mod model;
pub mod normal;
pub mod people;
pub mod replica;
pub mod site;
pub mod state;
pub mod time;
pub mod wrongs;
