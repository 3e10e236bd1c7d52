//! The most that anybody may ask for: lengths in characters, counts of entries, spans and times. Which field of a request has
//! which bound is one table, `crates/fermata-server/src/bounds/table.rs`; it stands on these numbers.

use time::Duration;
use time::macros::datetime;

use crate::Time;

/// Longest text for people: a reason, a comment.
pub const MAX_TEXT: usize = 1024;
/// Longest name of a group or a subscription.
pub const MAX_TITLE: usize = 256;
/// Longest name or id that the cloud gives: hosts, servers, projects, zones, aggregates.
pub const MAX_CLOUD_NAME: usize = 255;
/// Longest id that the owner chooses: of a group, of a subscription.
pub const MAX_CHOSEN_ID: usize = 128;
/// Longest key in a session's metadata.
pub const MAX_KEY: usize = 255;
/// Most entries in a session's metadata.
pub const MAX_METADATA: usize = 64;
/// Most hosts that a session may name.
pub const MAX_HOSTS: usize = 10_000;
/// Most bytes that a spec takes, encoded: a session leaves in one message.
pub const MAX_SPEC: usize = 512 << 10;
/// Most aggregates, and most zones, that a session may name.
pub const MAX_PLACES: usize = 1000;
/// Most servers that a reply may name.
pub const MAX_SERVERS: usize = 10_000;
/// Most servers that others may come after in one counter-offer.
pub const MAX_AWAITED: usize = 1000;
/// Most pairs of a server and one that it comes after in one counter-offer: each is kept with the session.
pub const MAX_WAITS: usize = 100_000;
/// Most members that a group may name.
pub const MAX_MEMBERS: usize = 1000;
/// Most entries of `max_impacted` and of `min_preserved`.
pub const MAX_SIZES: usize = 64;
/// Most ways to move a server: there are no more.
pub const MAX_MIGRATIONS: usize = 3;
/// Longest span.
pub const MAX_SPAN: Duration = Duration::days(366);
/// Longest pause between heartbeats of a stream.
pub const MAX_HEARTBEAT: Duration = Duration::days(1);
/// The first time that a request may name.
pub const FIRST_TIME: Time = datetime!(1970-01-01 0:00 UTC);
/// The last time that a request may name. Sums of spans stay far from the end of what a time can hold.
pub const LAST_TIME: Time = datetime!(2999-12-31 23:59:59.999999 UTC);
