//! Lead times: when a server may be touched at the earliest, and which hosts wait for that.

use time::Duration;

use super::{Session, SessionHost, SessionHostState, SessionServer, SessionState};
use crate::Time;
use crate::broken::{self, Rule};
use crate::id::HostName;
use crate::spec::Spec;

impl SessionServer {
    /// Least time between telling the owner about it and touching it: the longer one of the session's and its policy's
    /// (ETSI impact_notification_lead_time).
    pub fn lead_time(&self, spec: &Spec) -> Duration {
        spec.lead_time.max(self.policy.policy.lead_time.unwrap_or_default())
    }

    /// When its lead time is over. It counts from the first time its owner was told about it; if that is yet to come,
    /// from now.
    pub fn lead_ends(&self, spec: &Spec, now: Time) -> Time {
        self.told_at.unwrap_or(now) + self.lead_time(spec)
    }

    /// When it may be touched at the earliest: after its lead time, and not before what is agreed.
    pub fn earliest_touch(&self, spec: &Spec, now: Time) -> Time {
        let agreed = if broken::is(Rule::Terms) { None } else { self.terms.not_before };
        agreed.map_or(self.lead_ends(spec, now), |at| at.max(self.lead_ends(spec, now)))
    }
}

impl Session {
    /// Whether a waiting host can be begun in what is left of the window: its owners can be asked, and lead times end.
    pub fn fits_window(&self, host: &HostName, now: Time) -> bool {
        now + self.least_drain_time(host, now) < self.head.spec.window.end
    }

    /// When servers of a host can leave it at the earliest if its drain begins then.
    pub fn drained_at_the_earliest(&self, host: &HostName, begins: Time) -> Time {
        begins + self.least_drain_time(host, begins)
    }

    /// A host whose owners cannot even be asked before the window ends is not started.
    fn least_drain_time(&self, host: &HostName, now: Time) -> Duration {
        let spec = &self.head.spec;
        let mut open = self.servers_of(host).filter(|s| s.state.is_open()).peekable();
        if open.peek().is_none() {
            return Duration::ZERO;
        }
        let asked = if open.all(|s| s.decision.is_some()) {
            Duration::ZERO
        } else {
            spec.drain_reply_period
        };
        let open = self.servers_of(host).filter(|s| s.state.is_open());
        let touch = open.map(|s| s.earliest_touch(spec, now)).max();
        let lead = touch.map_or(spec.lead_time, |at| at - now);
        asked.max(spec.lead_time).max(lead)
    }

    /// When the drain of a waiting host may begin, if a policy or what is agreed makes it wait: that then ends no later
    /// than the period in which owners are asked once more. Before that the host would only be kept from taking servers.
    pub fn begins_at(&self, host: &SessionHost) -> Option<Time> {
        if host.state != SessionHostState::Waiting {
            return None;
        }
        let spec = &self.head.spec;
        let open = self.servers_of(&host.host).filter(|s| s.state.is_open());
        let waits =
            open.filter(|s| s.lead_time(spec) > spec.lead_time || s.terms.not_before.is_some());
        let touch = waits.filter_map(|s| Some(s.earliest_touch(spec, s.told_at?))).max()?;
        Some(touch - spec.drain_reply_period)
    }

    /// When the drain of a host begins that only waits for lead times.
    pub(super) fn waits_for_lead_time(&self, host: &SessionHost) -> Option<Time> {
        let running = self.head.state == SessionState::Running;
        self.begins_at(host).filter(|at| running && *at > self.head.updated_at)
    }
}
