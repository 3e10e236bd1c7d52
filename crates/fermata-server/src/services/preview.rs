//! The plan of a session that does not exist.

use std::pin::Pin;

use fermata_proto::v1;
use fermata_proto::v1::preview_session_response::Answer;
use futures::Stream;
use tonic::Status;

use crate::convert::incoming::Reader;
use crate::convert::plan as convert;
use crate::convert::plan_pieces::pieces;
use crate::door::Entered;
use crate::error::ServeError;
use crate::parts::Part;

/// The parts of an answer.
pub(super) type Answers =
    Pin<Box<dyn Stream<Item = Result<v1::PreviewSessionResponse, Status>> + Send>>;

/// Previews a session as it would be created.
pub(super) async fn preview(
    Entered { message, call, app }: Entered<'_, v1::PreviewSessionRequest>,
) -> Result<Answers, ServeError> {
    let mut reader = Reader::default();
    let options = reader.options(message.options.unwrap_or_default());
    let spec = message
        .spec
        .ok_or_else(|| ServeError::field("spec", "is required: what would be asked for"))?;
    let draft = reader.draft(spec);
    let violations = reader.into_violations();
    let sessions = app.sessions(&call);
    let preview = sessions.preview(draft, violations, options, convert::preview);
    Ok(in_parts(preview.await?))
}

/// The parts of an answer.
fn in_parts(answer: Result<v1::Plan, v1::PlanConflict>) -> Answers {
    match answer {
        Ok(plan) => {
            let parts = pieces(plan).flat_map(|Part { number, last, elements }| {
                let answer = move |plan| Ok(part(number, last, Answer::Plan(plan)));
                elements.into_iter().map(answer)
            });
            Box::pin(futures::stream::iter(parts))
        }
        Err(conflict) => {
            let whole = part(1, true, Answer::Conflict(conflict));
            Box::pin(futures::stream::iter([Ok(whole)]))
        }
    }
}

fn part(part: u32, last: bool, answer: Answer) -> v1::PreviewSessionResponse {
    v1::PreviewSessionResponse { answer: Some(answer), part, last }
}
