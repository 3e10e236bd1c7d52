//! What an owner answers to a question.

mod decisions;

use std::collections::BTreeMap;

use fermata_proto::v1::reply_request::Answer as Message;
use fermata_proto::v1::{
    Accept, Action, CounterOffer, Notification, OwnActionDone, Reject, ReplyRequest,
};
use prost_types::Timestamp;

pub use decisions::default_action;

/// An answer to a [`Notification`].
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    content: Content,
    comment: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    /// These servers get these actions, the others what was decided before or their default.
    Accept(BTreeMap<String, Action>),
    AcceptAll(Action),
    Reject(String),
    CounterOffer(CounterOffer),
    OwnActionDone(Vec<String>),
    NoAnswer,
}

impl Answer {
    /// Go on: each server gets what was decided before, else its default action, else the first one that it allows.
    #[must_use]
    pub fn accept() -> Self {
        Content::Accept(BTreeMap::new()).into()
    }

    /// Go on, with this action for every server. An action that one of them does not allow makes the answer invalid.
    #[must_use]
    pub fn accept_all(action: Action) -> Self {
        Content::AcceptAll(action).into()
    }

    /// Go on, with these actions by server id, and for the other servers as with [`Answer::accept`]. A server that is given
    /// [`Action::Unspecified`] stays undecided on purpose: its owner is asked about it when its host is drained.
    #[must_use]
    pub fn accept_each<I: Into<String>>(actions: impl IntoIterator<Item = (I, Action)>) -> Self {
        let actions = actions.into_iter().map(|(server_id, action)| (server_id.into(), action));
        Content::Accept(actions.collect()).into()
    }

    /// Do not go on. `reason` is shown to the operator: 1 to 1,024 characters.
    #[must_use]
    pub fn reject(reason: impl Into<String>) -> Self {
        Content::Reject(reason.into()).into()
    }

    /// Another time or order. If it is accepted or declined, the question is asked again. Not for SCALE_IN.
    #[must_use]
    pub fn counter_offer(offer: CounterOffer) -> Self {
        Content::CounterOffer(offer).into()
    }

    /// A counter-offer: no server of the question is touched before this time, which is in the future and before the window
    /// ends. `std::time::SystemTime` is such a time, too.
    #[must_use]
    pub fn not_before(time: impl Into<Timestamp>) -> Self {
        let not_before_time = Some(time.into());
        Self::counter_offer(CounterOffer { not_before_time, ..Default::default() })
    }

    /// The owner has moved, rebuilt or deleted these servers itself; none: all that were decided OWN_ACTION. To SCALE_IN: the
    /// owner has scaled in as far as it can.
    #[must_use]
    pub fn own_action_done<I: Into<String>>(server_ids: impl IntoIterator<Item = I>) -> Self {
        Content::OwnActionDone(server_ids.into_iter().map(Into::into).collect()).into()
    }

    /// Stay silent: after the deadline the session's `on_silence` and the policies apply.
    #[must_use]
    pub fn no_answer() -> Self {
        Content::NoAnswer.into()
    }

    /// With a comment for the operator, of at most 1,024 characters.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }

    /// What kind of answer it is: `accept`, `reject`, `counter_offer`, `own_action_done` or `no_answer`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.content {
            Content::Accept(_) | Content::AcceptAll(_) => "accept",
            Content::Reject(_) => "reject",
            Content::CounterOffer(_) => "counter_offer",
            Content::OwnActionDone(_) => "own_action_done",
            Content::NoAnswer => "no_answer",
        }
    }

    /// The reply, for a call of NotificationService.Reply outside of a handler: another decision before the deadline, or
    /// [`Answer::own_action_done`] when it is done. `None` for [`Answer::no_answer`].
    ///
    /// `notification` has its servers; for one that came without them, [`Answer::accept`] takes its default for all.
    #[must_use]
    pub fn request(&self, notification: &Notification) -> Option<ReplyRequest> {
        let message = match &self.content {
            Content::Accept(actions) => {
                Message::Accept(decisions::completed(notification, actions))
            }
            Content::AcceptAll(action) => {
                Message::Accept(Accept { action: (*action).into(), decisions: Vec::new() })
            }
            Content::Reject(reason) => Message::Reject(Reject { reason: reason.clone() }),
            Content::CounterOffer(offer) => Message::CounterOffer(offer.clone()),
            Content::OwnActionDone(server_ids) => {
                Message::OwnActionDone(OwnActionDone { server_ids: server_ids.clone() })
            }
            Content::NoAnswer => return None,
        };
        Some(ReplyRequest {
            project_id: notification.project_id.clone(),
            notification_id: notification.id.clone(),
            plan_revision: notification.plan_revision,
            comment: self.comment.clone(),
            answer: Some(message),
            ..Default::default()
        })
    }
}

impl From<Content> for Answer {
    fn from(content: Content) -> Self {
        Self { content, comment: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_name_and_its_message() {
        let asked = Notification {
            project_id: "p".to_owned(),
            id: "n".to_owned(),
            plan_revision: 4,
            ..Default::default()
        };
        let none: [&str; 0] = [];
        let answers = [
            (Answer::accept_all(Action::Keep), "accept"),
            (Answer::reject("no"), "reject"),
            (Answer::not_before(std::time::UNIX_EPOCH), "counter_offer"),
            (Answer::own_action_done(none), "own_action_done"),
        ];
        for (answer, name) in answers {
            assert_eq!(answer.name(), name);
            let request = answer.comment("because").request(&asked).unwrap();
            assert_eq!((request.project_id.as_str(), request.notification_id.as_str()), ("p", "n"));
            assert_eq!((request.plan_revision, request.comment.as_str()), (4, "because"));
            let has_its_own = match request.answer.unwrap() {
                Message::Accept(accept) => name == "accept" && accept.action() == Action::Keep,
                Message::Reject(reject) => name == "reject" && reject.reason == "no",
                Message::OwnActionDone(_) => name == "own_action_done",
                Message::CounterOffer(offer) => {
                    name == "counter_offer" && offer.not_before_time == Some(Timestamp::default())
                }
            };
            assert!(has_its_own, "{name}");
        }
        assert_eq!(Answer::no_answer().request(&asked), None);
    }
}
