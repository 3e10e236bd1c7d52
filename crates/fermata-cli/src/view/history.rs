//! What owners said earlier in a session, what became of it, and what was decided about servers before.

use fermata_client::v1::{
    ObjectionEndCause, OwnerAnswer, OwnerAnswerKind, SessionNotification, SessionServer,
};
use time::OffsetDateTime;

use super::answers::about;
use super::or_dash;
use super::report::decided_by;
use crate::output::color::safe;
use crate::output::table::{Table, table};
use crate::output::time::short;
use crate::words::Word;

/// Everything that owners said, question by question.
pub(super) fn history(asked: &[SessionNotification], now: OffsetDateTime) -> Table {
    let entries = asked.iter().flat_map(|question| {
        let left_out = (question.history_left_out > 0).then(|| {
            let text = format!("{} before are left out", question.history_left_out);
            [or_dash(&question.project_id), about(question), "–".to_owned(), text, "–".to_owned()]
        });
        let entries = question.history.iter().map(move |answer| {
            [
                or_dash(&question.project_id),
                about(question),
                short(answer.time.as_ref(), now),
                what(answer),
                or_dash(&words(answer)),
            ]
        });
        left_out.into_iter().chain(entries)
    });
    table(["PROJECT", "ABOUT", "AT", "WHAT", "SAYS"], entries)
}

/// All of it but what the owner says now, in one line.
pub(super) fn in_a_line(question: &SessionNotification, now: OffsetDateTime) -> String {
    let is_now = |last: &&OwnerAnswer| last.time == question.reply_time;
    let now_says = usize::from(question.history.last().filter(is_now).is_some());
    let before = question.history.len() - now_says;
    let left_out = question.history_left_out;
    let left_out = (left_out > 0).then(|| format!("{left_out} more"));
    let entries = question.history.iter().take(before).map(|answer| {
        let (at, what, words) = (short(answer.time.as_ref(), now), what(answer), words(answer));
        if words.is_empty() { format!("{at} {what}") } else { format!("{at} {what}: {words}") }
    });
    or_dash(&left_out.into_iter().chain(entries).collect::<Vec<_>>().join("; "))
}

/// What was decided about a server before, a line for each.
pub(super) fn decisions(server: &SessionServer, now: OffsetDateTime) -> String {
    let name = safe(if server.name.is_empty() { &server.server_id } else { &server.name });
    let left_out = match server.earlier_decisions_left_out {
        0 => String::new(),
        more => format!("{name}: {more} earlier decisions are left out\n"),
    };
    let lines = server.earlier_decisions.iter().map(|earlier| {
        let went = match earlier.destination_host.as_str() {
            "" => String::new(),
            host => format!(", went to {}", safe(host)),
        };
        format!(
            "{name}: before, until {}: {}, decided by {}{went}: {}\n",
            short(earlier.end_time.as_ref(), now),
            earlier.action().name(),
            decided_by(earlier.decision_source()),
            safe(&earlier.end_reason),
        )
    });
    left_out + &lines.collect::<String>()
}

fn what(answer: &OwnerAnswer) -> String {
    let offer = |became: &str| match answer.counter_offer_number {
        0 => format!("counter-offer {became}"),
        number => format!("counter-offer {number} {became}"),
    };
    match answer.kind() {
        OwnerAnswerKind::Accepted => "accepted".to_owned(),
        OwnerAnswerKind::Rejected => "objected".to_owned(),
        OwnerAnswerKind::RejectedBefore => "had objected to the announcement".to_owned(),
        OwnerAnswerKind::ObjectionEnded => ended(answer.end_cause()).to_owned(),
        OwnerAnswerKind::OwnActionDone => "acted itself".to_owned(),
        OwnerAnswerKind::CounterOffer => offer("made"),
        OwnerAnswerKind::CounterOfferAccepted => offer("accepted"),
        OwnerAnswerKind::CounterOfferDeclined => offer("declined"),
        OwnerAnswerKind::Silent => "was silent".to_owned(),
        OwnerAnswerKind::Overridden => format!("overridden by {}", safe(&answer.principal)),
        OwnerAnswerKind::Unspecified => "–".to_owned(),
    }
}

fn ended(how: ObjectionEndCause) -> &'static str {
    match how {
        ObjectionEndCause::Answered => "objects no more",
        ObjectionEndCause::TakenBack => "took the objection back",
        ObjectionEndCause::CounterOffer => "objection ended by a counter-offer",
        ObjectionEndCause::AskedAgain => "asked again by the operator",
        ObjectionEndCause::Unspecified => "objection ended",
    }
}

/// The words of whoever said it.
fn words(answer: &OwnerAnswer) -> String {
    let objection = safe(&answer.objection);
    let of_owner = match (answer.kind(), objection.is_empty()) {
        (OwnerAnswerKind::Overridden, false) => format!("had objected: {objection}"),
        (_, _) => objection.into_owned(),
    };
    let said = [safe(&answer.reason).into_owned(), of_owner, safe(&answer.comment).into_owned()];
    said.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ")
}
