//! What was said and decided earlier in a session. It is kept for the report; no rule looks at it, so an older replica that
//! drops it changes nothing of what a session does, and the format of sessions is the same.

use serde::{Deserialize, Serialize};

use super::{Decision, SessionServer};
use crate::Time;
use crate::actor::Principal;
use crate::event::ReplyKind;
use crate::id::HostName;

/// So many entries are kept of each question.
const ANSWERS: usize = 20;
/// And no more than this many bytes of words: each is as long as an owner likes, up to its bound.
const WORDS: usize = 16 << 10;
/// So many earlier decisions are kept of each server.
const DECISIONS: usize = 10;

/// What an owner said to a question, and what became of it, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// The entries that are kept.
    pub answers: Vec<OwnerAnswer>,
    /// How many are not kept any more.
    #[serde(default)]
    pub left_out: u32,
}

impl History {
    /// There is nothing.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// Adds an entry. The oldest ones go when there are too many; what the operator overrode stays longest, so that no owner
    /// pushes it out.
    pub fn push(&mut self, at: Time, said: Said) {
        self.answers.push(OwnerAnswer { at, said });
        while self.answers.len() > ANSWERS || self.answers.len() > 1 && self.words() > WORDS {
            let by_owner = |a: &OwnerAnswer| !matches!(a.said, Said::Overridden { .. });
            let mut older = self.answers.iter().take(self.answers.len() - 1);
            let first = older.position(by_owner).unwrap_or(0);
            self.answers.remove(first);
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn words(&self) -> usize {
        self.answers.iter().map(|answer| answer.said.words()).sum()
    }
}

/// Something that an owner said, or that happened to what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerAnswer {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: Time,
    /// What.
    pub said: Said,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The owner accepted.
    Accepted {
        /// For how many servers it decided something else than before.
        decided: u32,
        /// Its words.
        comment: String,
    },
    /// The owner objected, or did so in other words.
    Objected {
        /// Why.
        objection: String,
        /// Its other words.
        comment: String,
    },
    /// An objection to the announcement counts for this question, too.
    ObjectedBefore {
        /// Why.
        objection: String,
    },
    /// The owner does not object any more.
    ObjectionEnded {
        /// Why it had objected.
        objection: String,
        /// How that ended.
        how: ObjectionEnd,
    },
    /// The owner reported that its own action is done.
    OwnActionDone {
        /// Its words.
        comment: String,
    },
    /// The owner made a counter-offer.
    CounterOffered {
        /// Which one of those to this question, from 1.
        number: u32,
        /// Its words.
        comment: String,
    },
    /// A counter-offer is kept.
    CounterOfferAccepted {
        /// Which one.
        number: u32,
    },
    /// A counter-offer cannot be kept.
    CounterOfferDeclined {
        /// Which one.
        number: u32,
        /// Why not.
        why: String,
    },
    /// The owner said nothing until the deadline.
    Silent,
    /// The operator decided over the owner's objection or silence.
    Overridden {
        /// What the owner had objected; empty: it was silent.
        objection: String,
        /// Who.
        by: Principal,
        /// On which host.
        host: HostName,
        /// Why.
        reason: String,
        /// For how many servers the operator decided.
        decided: u32,
    },
}

impl Said {
    /// How many bytes people's words take.
    fn words(&self) -> usize {
        match self {
            Self::Accepted { comment, .. }
            | Self::OwnActionDone { comment }
            | Self::CounterOffered { comment, .. } => comment.len(),
            Self::Objected { objection, comment } => objection.len() + comment.len(),
            Self::ObjectedBefore { objection } | Self::ObjectionEnded { objection, .. } => {
                objection.len()
            }
            Self::Overridden { objection, reason, .. } => objection.len() + reason.len(),
            Self::CounterOfferDeclined { why, .. } => why.len(),
            Self::CounterOfferAccepted { .. } | Self::Silent => 0,
        }
    }

    /// What kind of reply it is, and the owner's words with it; `None`: it is none.
    pub fn reply(&self) -> Option<(ReplyKind, &str)> {
        match self {
            Self::Accepted { comment, .. } => Some((ReplyKind::Accepted, comment)),
            Self::Objected { comment, .. } => Some((ReplyKind::Rejected, comment)),
            Self::OwnActionDone { comment } => Some((ReplyKind::OwnActionDone, comment)),
            Self::CounterOffered { comment, .. } => Some((ReplyKind::CounterOffer, comment)),
            Self::ObjectedBefore { .. }
            | Self::ObjectionEnded { .. }
            | Self::CounterOfferAccepted { .. }
            | Self::CounterOfferDeclined { .. }
            | Self::Silent
            | Self::Overridden { .. } => None,
        }
    }
}

/// How an objection ended that was not overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionEnd {
    /// The owner answered this question otherwise.
    Answered,
    /// The owner took back its objection to the announcement.
    TakenBack,
    /// A counter-offer of the owner is kept.
    CounterOffer,
    /// The operator went on with the drain, and the owner was asked again.
    AskedAgain,
}

/// What was decided about a server before it was decided about again, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EarlierDecisions {
    /// The decisions that are kept.
    pub decisions: Vec<EarlierDecision>,
    /// How many are not kept any more.
    #[serde(default)]
    pub left_out: u32,
}

impl EarlierDecisions {
    /// There is nothing.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }
}

/// A decision that does not count any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierDecision {
    /// The decision.
    pub decision: Decision,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339")]
    pub ended_at: Time,
    /// Why it does not count any more.
    pub why: DecisionEnd,
    /// Where the server went by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<HostName>,
}

/// Why a decision does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionEnd {
    /// The owner decided otherwise.
    DecidedOtherwise,
    /// The server left and came back, or runs again.
    CameBack,
    /// The drain of its host is tried again.
    TriedAgain,
    /// It was agreed with an owner to do it at another time.
    PutOff,
    /// The operator changed what the session is to do.
    SessionChanged,
}

impl DecisionEnd {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::DecidedOtherwise,
        Self::CameBack,
        Self::TriedAgain,
        Self::PutOff,
        Self::SessionChanged,
    ];

    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::DecidedOtherwise => "the owner decided otherwise",
            Self::CameBack => "the server is back on the host, or runs again",
            Self::TriedAgain => "the drain of the host was to be tried again",
            Self::PutOff => "a counter-offer put it off",
            Self::SessionChanged => "the session was changed",
        }
    }
}

impl SessionServer {
    /// Makes a decision, or none, and keeps the one that does not count any more.
    pub(crate) fn decide_anew(&mut self, decision: Option<Decision>, why: DecisionEnd, now: Time) {
        let Some(before) = std::mem::replace(&mut self.decision, decision) else { return };
        let earlier = &mut self.earlier;
        if earlier.decisions.len() >= DECISIONS {
            earlier.decisions.remove(0);
            earlier.left_out = earlier.left_out.saturating_add(1);
        }
        let destination = self.destination.clone();
        earlier.decisions.push(EarlierDecision {
            decision: before,
            ended_at: now,
            why,
            destination,
        });
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn item_6_the_oldest_go_and_overrides_stay() {
        let mut history = History::default();
        let now = datetime!(2026-03-01 08:00 UTC);
        let overridden = Said::Overridden {
            objection: "never".to_owned(),
            by: Principal::new("ann"),
            host: "hv-a".into(),
            reason: "the disk is failing".to_owned(),
            decided: 1,
        };
        history.push(now, overridden.clone());
        let objected = |n: u32| Said::Objected { objection: n.to_string(), comment: String::new() };
        for n in 1..=30 {
            history.push(now, objected(n));
        }
        assert_eq!((history.answers.len(), history.left_out), (ANSWERS, 11));
        assert_eq!(history.answers[0].said, overridden);
        assert_eq!(history.answers[1].said, objected(12));
        for _ in 0..30 {
            history.push(now, overridden.clone());
        }
        assert_eq!((history.answers.len(), history.left_out), (ANSWERS, 41));
    }

    #[test]
    fn item_6_long_words_leave_room_for_fewer() {
        let mut history = History::default();
        for _ in 0..ANSWERS {
            let objection = "é".repeat(1024);
            history.push(datetime!(2026-03-01 08:00 UTC), Said::ObjectedBefore { objection });
        }
        assert_eq!((history.answers.len(), history.left_out), (8, 12));
        let objection = "x".repeat(2 * WORDS);
        history.push(datetime!(2026-03-01 08:00 UTC), Said::ObjectedBefore { objection });
        assert_eq!((history.answers.len(), history.left_out), (1, 20));
    }
}
