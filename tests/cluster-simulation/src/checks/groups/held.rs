//! What the simulation does with findings.

use super::{Finding, Kind, Tolerance};
use crate::checks::SKEW;
use crate::world::World;

/// A call is sent when the database has answered, for which a replica waits 3 s, and is 8 s on its way. What Fermata
/// knows of others when it is sent may have been read 12 s before. A replica that is cut off from the cloud for 20 s
/// keeps its sessions, and does not learn that their actions have ended.
pub(crate) const TOLERANCE: Tolerance = Tolerance {
    knowledge: time::Duration::seconds(20),
    clock: SKEW,
    ends: time::Duration::seconds(32),
};

impl World {
    pub(crate) fn found(&mut self, finding: Finding) {
        match finding.kind {
            Kind::BeyondLimit => self.counts.begun_beyond_limits += 1,
            Kind::TooSoon => self.counts.begun_too_soon += 1,
            Kind::TooManyOnHost | Kind::NoRoom => {}
        }
        let invariant = finding.kind.invariant();
        self.violated(invariant, finding.text);
    }
}
