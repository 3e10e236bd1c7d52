//! What owners replied and what was decided earlier in a session, as operators see it.

use fermata_core::session::{DecisionEnd, EarlierDecision, ObjectionEnd, OwnerAnswer, Said};
use fermata_proto::v1;

use super::session::{action, source};
use super::timestamp;

/// Something that an owner replied, or that became of it.
pub fn answer(answer: &OwnerAnswer) -> v1::OwnerAnswer {
    use v1::OwnerAnswerKind as Kind;
    let of = |kind: Kind| v1::OwnerAnswer {
        time: Some(timestamp(answer.at)),
        kind: kind.into(),
        ..Default::default()
    };
    match answer.said.clone() {
        Said::Accepted { decided, comment } => {
            v1::OwnerAnswer { decided_count: decided, comment, ..of(Kind::Accepted) }
        }
        Said::Objected { objection, comment } => {
            v1::OwnerAnswer { objection, comment, ..of(Kind::Rejected) }
        }
        Said::ObjectedBefore { objection } => {
            v1::OwnerAnswer { objection, ..of(Kind::RejectedBefore) }
        }
        Said::ObjectionEnded { objection, how } => {
            let end_cause = objection_end(how).into();
            v1::OwnerAnswer { objection, end_cause, ..of(Kind::ObjectionEnded) }
        }
        Said::OwnActionDone { comment } => v1::OwnerAnswer { comment, ..of(Kind::OwnActionDone) },
        Said::CounterOffered { number, comment } => {
            let counter_offer_number = number;
            v1::OwnerAnswer { counter_offer_number, comment, ..of(Kind::CounterOffer) }
        }
        Said::CounterOfferAccepted { number } => {
            v1::OwnerAnswer { counter_offer_number: number, ..of(Kind::CounterOfferAccepted) }
        }
        Said::CounterOfferDeclined { number, why } => v1::OwnerAnswer {
            counter_offer_number: number,
            reason: why,
            ..of(Kind::CounterOfferDeclined)
        },
        Said::Silent => of(Kind::Silent),
        Said::Overridden { objection, by, host, reason, decided } => v1::OwnerAnswer {
            objection,
            principal: by.to_string(),
            host: host.to_string(),
            reason,
            decided_count: decided,
            ..of(Kind::Overridden)
        },
    }
}

fn objection_end(how: ObjectionEnd) -> v1::ObjectionEndCause {
    match how {
        ObjectionEnd::Answered => v1::ObjectionEndCause::Answered,
        ObjectionEnd::TakenBack => v1::ObjectionEndCause::TakenBack,
        ObjectionEnd::CounterOffer => v1::ObjectionEndCause::CounterOffer,
        ObjectionEnd::AskedAgain => v1::ObjectionEndCause::AskedAgain,
    }
}

/// A decision that does not count any more.
pub fn decision(earlier: &EarlierDecision) -> v1::EarlierDecision {
    v1::EarlierDecision {
        action: action(earlier.decision.action).into(),
        decision_source: source(earlier.decision.source).into(),
        decide_time: Some(timestamp(earlier.decision.at)),
        end_time: Some(timestamp(earlier.ended_at)),
        end_cause: decision_end(earlier.why).into(),
        end_reason: earlier.why.text().to_owned(),
        destination_host: earlier.destination.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn decision_end(why: DecisionEnd) -> v1::DecisionEndCause {
    match why {
        DecisionEnd::DecidedOtherwise => v1::DecisionEndCause::DecidedOtherwise,
        DecisionEnd::CameBack => v1::DecisionEndCause::CameBack,
        DecisionEnd::TriedAgain => v1::DecisionEndCause::TriedAgain,
        DecisionEnd::PutOff => v1::DecisionEndCause::PutOff,
        DecisionEnd::SessionChanged => v1::DecisionEndCause::SessionChanged,
    }
}
