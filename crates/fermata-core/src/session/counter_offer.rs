//! Counter-offers: what an owner offers instead of what it was asked, and what is agreed by them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Goal, Notification, NotificationState, ServerKey, ServerState, Session, SessionServer,
};
use crate::Time;
use crate::id::HostName;
use crate::reason::DeclineReason;
use crate::spec::Action;

/// What is agreed about a server: it is not touched unless all of it is met.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// It is not touched before.
    #[serde(with = "time::serde::rfc3339::option")]
    pub not_before: Option<Time>,
    /// It is not touched before these servers are done.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub after: BTreeSet<ServerKey>,
}

impl Terms {
    /// Nothing is agreed.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

/// An owner's offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterOffer {
    /// The servers that it is about, in order.
    pub servers: Vec<ServerKey>,
    /// What is offered for each.
    pub terms: Terms,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub made_at: Time,
    /// What became of it.
    pub verdict: Verdict,
    /// Which one it is of those to this question, from 1. An older replica that drops it only makes the count begin anew,
    /// so the format of sessions is the same.
    #[serde(default)]
    pub number: u32,
}

/// What becomes of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is being planned.
    Open,
    /// It is kept.
    Accepted,
    /// It cannot be kept, and why.
    Declined(DeclineReason),
}

impl CounterOffer {
    /// Whether it is about a server. Its servers are in order.
    pub fn is_about(&self, key: &ServerKey) -> bool {
        self.servers.binary_search(key).is_ok()
    }
}

impl Notification {
    /// The offer that is to be planned.
    pub fn open_counter_offer(&self) -> Option<&CounterOffer> {
        let open = self.state != NotificationState::Closed;
        self.counter_offer.as_ref().filter(|offer| open && offer.verdict == Verdict::Open)
    }
}

impl Session {
    /// Offers that are to be planned, in the order in which they were made.
    pub fn open_counter_offers(&self) -> Vec<(&Notification, &CounterOffer)> {
        let offers =
            self.notifications.values().filter_map(|n| Some((n.as_ref(), n.open_counter_offer()?)));
        let mut offers: Vec<_> = offers.collect();
        offers.sort_by_key(|(notification, offer)| (offer.made_at, notification.id));
        offers
    }

    /// Whether a server that another one comes after is out of its way: it is done, or nothing will be done with it, or it
    /// stays on the same host and so can only be done after the other one. If its host failed, that is for the operator to
    /// say.
    pub fn is_out_of_the_way(&self, awaited: &ServerKey, of: &ServerKey) -> bool {
        let (Some(server), Some(host)) = (self.servers.get(awaited), self.hosts.get(&awaited.host))
        else {
            return true;
        };
        let left = matches!(server.state, ServerState::Moved | ServerState::Gone);
        let stays = awaited.host == of.host && server.is_kept();
        let over = server.state.is_done() || host.state.is_settled();
        let failed = host.state.is_failed() || host.goal == Some(Goal::DrainFailed);
        left || stays || over && !failed
    }

    /// Hosts whose servers have to be done before a host can be drained.
    pub fn comes_after(&self, host: &HostName) -> BTreeSet<HostName> {
        let open = self.servers_of(host).filter(|s| s.state.is_open());
        let awaited = open.flat_map(|s| s.terms.after.iter().map(move |a| (a, &s.key)));
        let others = awaited.filter(|(a, of)| a.host != of.host && !self.is_out_of_the_way(a, of));
        others.map(|(a, _)| a.host.clone()).collect()
    }
}

impl SessionServer {
    /// Whether it stays on its host, by decision.
    fn is_kept(&self) -> bool {
        let decided = self.decision.as_ref().is_some_and(|d| d.action == Action::Keep);
        decided || self.state == ServerState::Kept
    }
}
