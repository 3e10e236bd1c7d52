//! How much may be kept for a project, and how many sessions at once; and how long owners may ask everybody to wait. The
//! operator sets it. What is kept slows everybody down: each session reads the policies of its owners.

use thiserror::Error;
use time::Duration;

/// Counter-offers to one question. Each of them costs a plan, and stops the time in which others have to reply.
pub const MAX_COUNTER_OFFERS: u32 = 10;

/// What there may be so much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Subscriptions of a project.
    Subscriptions,
    /// Policies of servers of a project.
    ServerPolicies,
    /// Groups of a project.
    ServerGroups,
    /// Sessions that are not over, of all operators.
    Sessions,
    /// Counter-offers to one question.
    CounterOffers,
}

/// There is as much as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there are {limit} {}, which is the most there may be; {}", quota.words(), quota.hint())]
pub struct Exceeded {
    /// Of what.
    pub quota: Quota,
    /// So much.
    pub limit: u64,
}

/// How much there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Subscriptions of a project.
    pub subscriptions: u64,
    /// Policies of servers of a project.
    pub server_policies: u64,
    /// Groups of a project.
    pub server_groups: u64,
    /// Sessions that are not over.
    pub sessions: u64,
    /// The longest lead time and the longest recovery time that an owner may ask for.
    pub longest_wait: Duration,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            subscriptions: 100,
            server_policies: 10_000,
            server_groups: 1_000,
            sessions: 1_000,
            longest_wait: Duration::days(7),
        }
    }
}

impl Quota {
    /// The name of it, as errors have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscriptions",
            Self::ServerPolicies => "server_policies",
            Self::ServerGroups => "server_groups",
            Self::Sessions => "sessions",
            Self::CounterOffers => "counter_offers",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscriptions of this project",
            Self::ServerPolicies => "policies of servers of this project",
            Self::ServerGroups => "server groups of this project",
            Self::Sessions => "sessions that are not over",
            Self::CounterOffers => "counter-offers to this notification",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Subscriptions | Self::ServerPolicies | Self::ServerGroups => {
                "delete what is not needed any more, or ask the operator for more"
            }
            Self::Sessions => "finish or cancel some, or configure more",
            Self::CounterOffers => "accept, or reject with a reason",
        }
    }
}

impl Quotas {
    /// Whether there may be one more, where there are so many.
    ///
    /// # Errors
    /// There may not.
    pub fn one_more(&self, quota: Quota, there: u64) -> Result<(), Exceeded> {
        let limit = match quota {
            Quota::Subscriptions => self.subscriptions,
            Quota::ServerPolicies => self.server_policies,
            Quota::ServerGroups => self.server_groups,
            Quota::Sessions => self.sessions,
            Quota::CounterOffers => MAX_COUNTER_OFFERS.into(),
        };
        if there < limit { Ok(()) } else { Err(Exceeded { quota, limit }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_fits() {
        let quotas = Quotas { sessions: 2, ..Quotas::default() };
        assert_eq!(quotas.one_more(Quota::Sessions, 1), Ok(()));
        let exceeded = quotas.one_more(Quota::Sessions, 2).unwrap_err();
        assert_eq!((exceeded.limit, exceeded.quota.name()), (2, "sessions"));
        assert!(exceeded.to_string().contains("there are 2 sessions that are not over"));
    }
}
