//! What owners were asked in a session, and what they replied, as its operator sees it.

use fermata_client::v1::{
    CounterOfferState, NotificationKind, NotificationState, OwnerAnswer, OwnerAnswerKind,
    ReplyKind, SessionNotification,
};
use time::OffsetDateTime;

use super::{history, or_dash};
use crate::output::color::safe;
use crate::output::table::{Table, table};
use crate::output::time::short;
use crate::words::Word;

/// Questions and answers as a table, with what was said before.
pub(crate) fn answers_and_history(asked: &[SessionNotification], now: OffsetDateTime) -> Table {
    let before = asked.iter().map(|question| history::in_a_line(question, now));
    answers(asked, now).with("BEFORE", before)
}

/// Questions and answers as a table.
pub(crate) fn answers(asked: &[SessionNotification], now: OffsetDateTime) -> Table {
    table(
        ["PROJECT", "ABOUT", "ANSWER", "DECIDED", "ASKED", "REPLY BY", "REPLIED", "SAYS"],
        asked.iter().map(|question| {
            [
                or_dash(&question.project_id),
                about(question),
                answer(question).to_owned(),
                format!("{}/{}", question.decided_count, question.server_count),
                short(question.create_time.as_ref(), now),
                short(question.reply_deadline_time.as_ref(), now),
                short(question.reply_time.as_ref(), now),
                says(question),
            ]
        }),
    )
}

/// How many owners said what, in one line: `2 accepted, 1 objects`. Each owner counts once, by its newest question.
pub(crate) fn summary(asked: &[SessionNotification]) -> String {
    let mut newest: Vec<&SessionNotification> = Vec::new();
    for question in asked {
        match newest.last_mut().filter(|last| last.project_id == question.project_id) {
            Some(last) => *last = question,
            None => newest.push(question),
        }
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for question in newest {
        let said = answer(question);
        match counts.iter_mut().find(|(known, _)| *known == said) {
            Some((_, count)) => *count += 1,
            None => counts.push((said, 1)),
        }
    }
    let of = |(said, count): &(&str, usize)| match count {
        1 => format!("1 {said}"),
        count => format!("{count} {}", of_several(said)),
    };
    counts.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn of_several(said: &str) -> &str {
    match said {
        "objects" => "object",
        "offers something else" => "offer something else",
        "is asked" => "are asked",
        "was silent" => "were silent",
        "was not asked to the end" => "were not asked to the end",
        said => said,
    }
}

pub(super) fn about(question: &SessionNotification) -> String {
    match question.kind() {
        NotificationKind::Drain => safe(&question.host).into_owned(),
        NotificationKind::Planned | NotificationKind::ScaleIn | NotificationKind::Unspecified => {
            question.kind().name().to_owned()
        }
    }
}

/// What the owner said, in a word or two.
fn answer(question: &SessionNotification) -> &'static str {
    if !question.objection.is_empty() {
        return "objects";
    }
    match (question.state(), question.reply()) {
        (NotificationState::CounterOffered, _) => "offers something else",
        (_, ReplyKind::Accepted) => "accepted",
        (_, ReplyKind::OwnActionDone) => "acted itself",
        (_, ReplyKind::CounterOffer) => "offered something else",
        // It took the objection back, by another question.
        (_, ReplyKind::Rejected) => "objected",
        (NotificationState::Answered, ReplyKind::Unspecified) => "decided before",
        (NotificationState::Pending, ReplyKind::Unspecified) => "is asked",
        (NotificationState::Expired, ReplyKind::Unspecified) => "was silent",
        (
            NotificationState::Closed
            | NotificationState::Rejected
            | NotificationState::Unspecified,
            ReplyKind::Unspecified,
        ) => without_reply(question),
    }
}

/// How a question ended to which the owner did not reply.
fn without_reply(question: &SessionNotification) -> &'static str {
    let was_silent = |answer: &OwnerAnswer| answer.kind() == OwnerAnswerKind::Silent;
    if question.history.iter().any(was_silent) {
        "was silent"
    } else if question.server_count > 0 && question.decided_count == question.server_count {
        "decided before"
    } else {
        "was not asked to the end"
    }
}

/// The owner's words, and what became of its counter-offer.
fn says(question: &SessionNotification) -> String {
    let words = if question.objection.is_empty() { &question.comment } else { &question.objection };
    let mut said = safe(words).into_owned();
    if let Some(offer) = &question.counter_offer {
        let became = match offer.state() {
            CounterOfferState::Accepted => "offer accepted",
            CounterOfferState::Declined => "offer declined",
            CounterOfferState::Planning | CounterOfferState::Unspecified => "offer being planned",
        };
        let between = if said.is_empty() { "" } else { "; " };
        said = format!("{said}{between}{became}");
    }
    said
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::CounterOfferStatus;

    use super::*;
    use crate::view::projects::ProjectNames;

    fn question(project: &str, state: NotificationState, reply: ReplyKind) -> SessionNotification {
        SessionNotification {
            project_id: project.to_owned(),
            kind: NotificationKind::Planned.into(),
            state: state.into(),
            reply: reply.into(),
            ..Default::default()
        }
    }

    #[test]
    fn each_owner_counts_once() {
        let objects = SessionNotification {
            objection: "not in the busy hour".to_owned(),
            ..question("red", NotificationState::Rejected, ReplyKind::Rejected)
        };
        let asked = [
            question("blue", NotificationState::Closed, ReplyKind::Unspecified),
            question("blue", NotificationState::Answered, ReplyKind::Accepted),
            question("green", NotificationState::Answered, ReplyKind::Accepted),
            objects,
        ];
        assert_eq!(summary(&asked), "2 accepted, 1 objects");
        assert_eq!(summary(&[]), "");
        let silent = |of: &str| question(of, NotificationState::Expired, ReplyKind::Unspecified);
        assert_eq!(summary(&[silent("red"), silent("blue")]), "2 were silent");
        assert_eq!(says(&asked[3]), "not in the busy hour");
    }

    #[test]
    fn a_question_that_ended_without_a_reply_says_how() {
        let closed = |decided_count, history| SessionNotification {
            server_count: 2,
            decided_count,
            history,
            ..question("red", NotificationState::Closed, ReplyKind::Unspecified)
        };
        assert_eq!(answer(&closed(2, vec![])), "decided before");
        assert_eq!(answer(&closed(0, vec![])), "was not asked to the end");
        let kind = OwnerAnswerKind::Silent.into();
        let silent = vec![OwnerAnswer { kind, ..Default::default() }];
        assert_eq!(answer(&closed(2, silent)), "was silent");
    }

    #[test]
    fn item_6_an_owner_that_offers_something_else_is_shown() {
        let offers = |became: CounterOfferState| SessionNotification {
            comment: "after the match".to_owned(),
            counter_offer: Some(CounterOfferStatus { state: became.into(), ..Default::default() }),
            ..question("red", NotificationState::CounterOffered, ReplyKind::CounterOffer)
        };
        let planning = offers(CounterOfferState::Planning);
        assert_eq!(answer(&planning), "offers something else");
        assert_eq!(summary(std::slice::from_ref(&planning)), "1 offers something else");
        let blue = SessionNotification { project_id: "blue".to_owned(), ..planning.clone() };
        assert_eq!(summary(&[planning.clone(), blue]), "2 offer something else");
        let shown =
            answers(&[planning], OffsetDateTime::UNIX_EPOCH).naming(&ProjectNames::default());
        let shown = shown.to_string();
        assert!(shown.contains("offers something else"), "{shown}");
        assert!(shown.contains("after the match; offer being planned"), "{shown}");
        // Once it is judged the question is another one.
        let declined = SessionNotification {
            state: NotificationState::Closed.into(),
            ..offers(CounterOfferState::Declined)
        };
        assert_eq!(answer(&declined), "offered something else");
        assert!(says(&declined).ends_with("offer declined"));
    }
}
