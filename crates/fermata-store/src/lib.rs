//! Sessions, events and subscriptions in SQLite or PostgreSQL: everything that must survive a crash.
//!
//! [`Store`] is the one handle; its methods lie in files by subject:
//!
//! - `store`: opening, migrating, transactions; `connection`: the pool and its limits; `fitness`: which connections
//!   are used again; `sqlite`, `postgres`: what only one of them needs, hints between processes among it
//! - `examine`: what is wrong with a database before it is opened; `probe` and `condition`: whether it can be used now;
//!   `space`: what a file of SQLite gives back to the disk
//! - `commit`: a transition of a session, its events and its request id, in one transaction; `changes`:
//!   which rows that means
//! - `replicas`: who works on which session, and when nobody was there; `clock`: whose time counts for that
//! - `sessions`: reading, listing and deleting sessions; `hosts`: who has which host; `host_states`: how hosts stand
//! - `notifications` and `affairs`: what one project may see
//! - `policies`: what owners stored for servers and groups of them
//! - `ledger`: who is impacted by what, over all sessions
//! - `events`: the log per topic; `audit`: the chain of records of what somebody asked for
//! - `subscriptions`, `requests`, `meta`: the rest
//! - `entity`: the tables; `migration`: how they came to be; `format`: releases beside each other; `rows`: from rows to the domain and back

mod affairs;
mod audit;
mod changes;
mod clock;
mod commit;
mod condition;
mod connection;
mod entity;
mod error;
mod events;
mod examine;
mod fitness;
mod format;
mod host_states;
mod hosts;
mod ledger;
mod meta;
mod migration;
mod moves;
mod notifications;
mod policies;
mod postgres;
mod probe;
mod replicas;
mod requests;
mod rows;
mod sessions;
mod space;
mod sqlite;
mod store;
mod subscriptions;
mod write_mode;

pub use affairs::ProjectAffairs;
pub use audit::{Asked, AuditQuery};
pub use clock::DatabaseClock;
pub use commit::Write;
pub use error::StoreError;
pub use events::{Appended, Bounds, NewEvent, StoredEvent, Topic};
pub use examine::{describe, examine};
pub use host_states::{HostsNow, Standings, Tell};
pub use meta::Identity;
pub use notifications::{NotificationQuery, NotificationView};
pub use policies::{OwnersPolicy, PolicyOfServer, PolicyQuery, PutPolicy, Stored};
pub use postgres::{Hint, Hints};
pub use replicas::{ReplicaId, SignOfLife, Tenure};
pub use requests::RequestRecord;
#[doc(hidden)]
pub use sessions::AskedOfSessions;
pub use sessions::{Listed, Order, Pruned, SessionQuery};
pub use space::Space;
pub use sqlite::{Claim, InUse, claim};
pub use store::{Connections, Options, Store};
pub use subscriptions::{
    PutSubscription, Subscription, SubscriptionFilter, SubscriptionKey, SubscriptionQuery,
};
pub use write_mode::PutMode;
