//! What a server is.

use fermata_client::v1::{CallerKind, CloudKind, ServerInfo};
use time::OffsetDateTime;

use super::or_dash;
use crate::output::color::{BUSY, paint, safe};
use crate::output::facts::facts;
use crate::output::time::short;
use crate::words::Word;

/// What is said of hosts that exist only in memory.
pub(crate) const SIMULATED: &str =
    "the cloud of this server is SIMULATED: no host of it is real, and nothing happens anywhere";

/// A server.
pub(crate) fn server_info(server: &ServerInfo, now: OffsetDateTime) -> String {
    let callers: Vec<_> = server.caller_kinds().map(|kind| kind.name().to_lowercase()).collect();
    let callers = match server.caller_kinds().next() {
        Some(CallerKind::Anybody) => "anybody who reaches the port".to_owned(),
        Some(_) | None => callers.join(", "),
    };
    let shown = vec![
        ("server", safe(&server.version).into_owned()),
        ("replica", or_dash(&server.replica_id)),
        ("started", short(server.start_time.as_ref(), now)),
        ("cloud", server.cloud_kind().name().to_lowercase()),
        ("cloud endpoint", or_dash(&server.cloud_endpoint)),
        ("cloud user", or_dash(&server.cloud_user)),
        ("database", or_dash(&server.database)),
        ("store", or_dash(&server.store_id)),
        ("callers", callers),
        ("you are", format!("{}, {}", safe(&server.principal), safe(&server.role))),
    ];
    let mut text = facts(shown);
    if server.cloud_kind() == CloudKind::Simulated {
        text += &format!("\n{}", paint(BUSY, SIMULATED));
    }
    text
}
