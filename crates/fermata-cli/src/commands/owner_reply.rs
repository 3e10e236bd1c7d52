//! `fermata owner reply`.

use fermata_client::v1::reply_request::Answer;
use fermata_client::v1::{
    Accept, Action, AffectedServer, CounterOffer, Decision, Notification, OwnActionDone, Reject,
    ReplyRequest,
};

use time::OffsetDateTime;

use super::context::{Context, present};
use super::ids::begins;
use super::owner::{get, show};
use crate::args::owner::ReplyArgs;
use crate::failure::Failure;
use crate::output::time::to_proto;

pub(super) async fn reply(args: ReplyArgs, context: &Context<'_>) -> Result<(), Failure> {
    let project_id = args.project.project.clone();
    let asked = get(project_id.clone(), args.notification.clone(), context).await?;
    let request = ReplyRequest {
        project_id,
        notification_id: asked.id.clone(),
        plan_revision: args.plan_revision.unwrap_or(asked.plan_revision),
        comment: args.comment.clone(),
        request_id: args.request_id.or_new(),
        answer: Some(answer(args, &asked, context.screen.now())?),
    };
    let mut client = context.notifications().await?;
    let answered = present(context.ask(client.reply(request)).await?.notification)?;
    show(&answered, context).await
}

fn answer(args: ReplyArgs, asked: &Notification, now: OffsetDateTime) -> Result<Answer, Failure> {
    let id = |given: String| server_id(&asked.servers, given);
    if let Some(reason) = args.reject {
        return Ok(Answer::Reject(Reject { reason }));
    }
    if let Some(servers) = args.own_action_done {
        let server_ids = servers.into_iter().map(id).collect::<Result<_, _>>()?;
        return Ok(Answer::OwnActionDone(OwnActionDone { server_ids }));
    }
    if args.not_before.is_some() || !args.after.is_empty() {
        return Ok(Answer::CounterOffer(CounterOffer {
            server_ids: args.only.into_iter().map(id).collect::<Result<_, _>>()?,
            not_before_time: args.not_before.map(|moment| to_proto(moment.at(now))),
            after_server_ids: args.after.into_iter().map(id).collect::<Result<_, _>>()?,
        }));
    }
    let decision = |(server, action): (String, Action)| {
        Ok(Decision { server_id: id(server)?, action: action.into() })
    };
    Ok(Answer::Accept(Accept {
        action: args.accept.flatten().unwrap_or_default().into(),
        decisions: args.decisions.into_iter().map(decision).collect::<Result<_, Failure>>()?,
    }))
}

/// The id of the server that is called `given`, or whose id begins so. What is neither stays what it is: the server has
/// the last word on it.
fn server_id(servers: &[AffectedServer], given: String) -> Result<String, Failure> {
    let mut named = servers.iter().filter(|server| server.name == given);
    match (named.next(), named.next()) {
        (Some(server), None) => Ok(server.server_id.clone()),
        (None, _) => by_its_beginning(servers, given),
        (Some(_), Some(_)) => Err(Failure::Usage(format!(
            "several servers are called {given:?}; name the one you mean by its id"
        ))),
    }
}

fn by_its_beginning(servers: &[AffectedServer], given: String) -> Result<String, Failure> {
    let mut found = servers.iter().filter(|server| begins(&server.server_id, &given));
    match (found.next(), found.next()) {
        (Some(server), None) => Ok(server.server_id.clone()),
        (None, _) => Ok(given),
        (Some(_), Some(_)) if servers.iter().any(|server| server.server_id == given) => Ok(given),
        (Some(_), Some(_)) => {
            Err(Failure::Usage(format!("the ids of several servers begin with {given:?}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_name_while_no_other_has_it() {
        let server = |name: &str, id: &str| AffectedServer {
            name: name.to_owned(),
            server_id: id.to_owned(),
            ..Default::default()
        };
        let servers = [server("amf", "1"), server("smf", "2"), server("smf", "3")];
        assert_eq!(server_id(&servers, "amf".to_owned()).unwrap(), "1");
        assert_eq!(server_id(&servers, "3".to_owned()).unwrap(), "3");
        assert!(server_id(&servers, "smf".to_owned()).is_err());
    }
}
