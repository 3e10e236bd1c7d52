//! Who could look: a fault that comes and goes while no replica works, or none reaches the cloud and the database, is seen
//! by nobody.

use std::collections::BTreeMap;

use fermata_core::Time;
use time::Duration;

/// In so much time a replica that can look has looked, and written down what it saw.
const LOOKS_WITHIN: Duration = Duration::seconds(15);

/// When replicas could look.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    /// By replica: since when, until when. The last one may go on.
    spans: BTreeMap<usize, Vec<(Time, Time)>>,
    paying: BTreeMap<usize, bool>,
}

impl Attention {
    /// Whether this replica can look now.
    pub(crate) fn is_paid(&mut self, replica: usize, now: Time, can: bool) {
        let spans = self.spans.entry(replica).or_default();
        let before = self.paying.insert(replica, can).unwrap_or(false);
        match spans.last_mut() {
            Some(last) if can && before => last.1 = now,
            Some(_) | None if can => spans.push((now, now)),
            Some(_) | None => {}
        }
    }

    /// Whether somebody must have seen what lasted so long.
    pub(super) fn was_paid(&self, since: Time, until: Time) -> bool {
        let mut spans = self.spans.values().flatten();
        spans.any(|(from, to)| (*to).min(until) - (*from).max(since) >= LOOKS_WITHIN)
    }
}
