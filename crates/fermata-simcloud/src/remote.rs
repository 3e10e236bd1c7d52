//! One simulated cloud for several processes: [`serve`] offers it on a socket, [`RemoteCloud`] is the
//! port at the other end. Nobody is authenticated, so it belongs on loopback.
//!
//! A connection carries lines of JSON: a request, its answer, the next request. For people with
//! netcat and for tests there are requests beyond the port; `wire` has them all.
//!
//! | file | job |
//! | --- | --- |
//! | `wire` | what the lines say |
//! | `lines` | reading and writing bounded lines |
//! | `server` | connections, and the answer to each request |
//! | `client` | the port, and what a lost answer means |
//! | `control` | what a client can do past the port |

mod client;
mod control;
mod lines;
mod server;
mod wire;

pub use client::RemoteCloud;
pub use server::serve;
