//! What is done after a commit that appended events: whoever has to know is woken, here and at other replicas.

use fermata_core::id::SessionId;
use fermata_store::Appended;

use crate::hints::Outbound;
use crate::hub::{Hub, topic_kind};
use crate::telemetry::metrics::Metrics;

/// Announces what was committed: events, and perhaps a change of a session.
pub(super) fn announce(
    appended: &[Appended],
    session: Option<SessionId>,
    hub: &Hub,
    hints: &Outbound,
    metrics: &Metrics,
) {
    for Appended { topic, count, .. } in appended {
        metrics.events_appended(topic_kind(topic), *count);
    }
    let topics = appended.iter().map(|a| &a.topic);
    hub.published(topics.clone());
    hints.committed(session, topics);
}
