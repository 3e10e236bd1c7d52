//! The plan of a session that does not exist.

use fermata_client::v1::preview_session_response::Answer;
use fermata_client::v1::{PlanOptions, PreviewSessionRequest};

use tonic::Response;

use super::context::{Context, present};
use super::session_hosts::leave_out;
use crate::args::session::PreviewArgs;
use crate::failure::Failure;
use crate::view;
use crate::view::plan::Shown;
use crate::view::projects::ids_of_preview;

pub(super) async fn preview(args: PreviewArgs, context: &Context<'_>) -> Result<(), Failure> {
    let excluded = args.spec.excluded();
    let mut spec = args.spec.spec(args.reason, context.screen.now())?;
    leave_out(&excluded, &mut spec, context).await?;
    let shown = Shown { every_move: args.all_moves, no_work: spec.work_timeout.is_none() };
    let PreviewArgs { max_stages, second_moves, seed, .. } = args;
    let options = Some(PlanOptions { max_stages, second_moves, seed });
    let request = PreviewSessionRequest { spec: Some(spec), options };
    let channel = context.channel().await?;
    let asked = async { fermata_client::preview(channel, request).await.map(Response::new) };
    let response = context.ask(asked).await?;
    let mut answer = present(response.answer.clone())?;
    let names = context.names_of(ids_of_preview(&answer)).await;
    match &mut answer {
        Answer::Plan(plan) => names.in_plan(plan),
        Answer::Conflict(conflict) => names.in_conflict(conflict),
    }
    context.screen.answer(&response, |_, now| match &answer {
        Answer::Plan(plan) => view::plan::plan(plan, shown, &names, now),
        Answer::Conflict(conflict) => view::conflict::conflict(conflict, now),
    })?;
    match answer {
        Answer::Plan(_) => Ok(()),
        Answer::Conflict(_) => Err(Failure::NoPlan),
    }
}
