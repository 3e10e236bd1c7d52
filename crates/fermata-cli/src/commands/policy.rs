//! `fermata policy`: which function carries out which command, and those about single servers.

use fermata_client::v1::{
    DeleteServerPolicyRequest, GetServerPolicyRequest, ListServerPoliciesRequest,
    ListServerPoliciesResponse, PutServerPolicyRequest, ServerPolicy,
};

use super::context::{Context, pages, present};
use super::ids::server_of_owner;
use super::{policy_group, policy_import};
use crate::args::policy::{
    DeleteArgs, GroupCommand, ListArgs, PolicyCommand, PutServerArgs, ServerCommand,
};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::view;

pub(super) async fn run(mut command: PolicyCommand, context: &Context<'_>) -> Result<(), Failure> {
    // A dry run needs no server.
    if !matches!(&command, PolicyCommand::Import(args) if args.dry_run) {
        // The server warns of a project without servers where something is stored for it.
        let is_warned_of = matches!(
            &command,
            PolicyCommand::Import(_)
                | PolicyCommand::Server(ServerCommand::Put(_))
                | PolicyCommand::Group(GroupCommand::Put(_))
        );
        let project = command.project_mut();
        *project = if is_warned_of {
            context.project(project).await?
        } else {
            context.known_project(project).await?
        };
    }
    match command {
        PolicyCommand::Server(command) => server(command, context).await,
        PolicyCommand::Group(command) => policy_group::run(command, context).await,
        PolicyCommand::Import(args) => policy_import::import(args, context).await,
    }
}

async fn server(command: ServerCommand, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        ServerCommand::Get(args) => {
            let project_id = args.project.project;
            let server_id = server_of_owner(context, &project_id, args.server_id).await?;
            let names = context.names_of([&project_id]).await;
            let mut client = context.policies().await?;
            let request = GetServerPolicyRequest { project_id, server_id };
            let found = context.ask(client.get_server_policy(request)).await?;
            let shown = |found: &_, now| view::policy::found(found, &names, now);
            context.screen.answer(&found, shown)
        }
        ServerCommand::List(args) => list(args, context).await,
        ServerCommand::Put(args) => put(args, context).await,
        ServerCommand::Delete(args) => delete(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut client = context.policies().await?;
    let server_policies = pages(args.limit.entries(), async |page_size, page_token| {
        let project_id = args.project.clone();
        let request = ListServerPoliciesRequest { project_id, page_size, page_token };
        let page = context.ask(client.list_server_policies(request)).await?;
        Ok((page.server_policies, page.next_page_token))
    })
    .await?;
    let all = ListServerPoliciesResponse { server_policies, next_page_token: String::new() };
    let names = context.names_of(all.server_policies.iter().map(|of| &of.project_id)).await;
    context.screen.list(&all, |all, now| view::policy::servers(all, now).naming(&names))
}

async fn put(args: PutServerArgs, context: &Context<'_>) -> Result<(), Failure> {
    let project_id = args.server.project.project;
    let server_id = server_of_owner(context, &project_id, args.server.server_id).await?;
    let server_policy = ServerPolicy {
        project_id,
        server_id,
        policy: Some(args.says.policy()),
        etag: args.etag.etag,
        update_time: None,
    };
    let request = PutServerPolicyRequest {
        server_policy: Some(server_policy),
        mode: args.mode.mode().into(),
        request_id: args.request_id.or_new(),
    };
    let mut client = context.policies().await?;
    let response = context.ask(client.put_server_policy(request)).await?;
    context.warn(&response.warnings)?;
    let stored = present(response.server_policy)?;
    let names = context.names_of([&stored.project_id]).await;
    let shown = |stored: &_, now| view::policy::server(stored, &names, now);
    context.screen.answer_about(&stored.server_id, &stored, shown)
}

async fn delete(args: DeleteArgs, context: &Context<'_>) -> Result<(), Failure> {
    let project_id = args.project.project;
    let server_id = server_of_owner(context, &project_id, args.id).await?;
    context.confirm(&format!("delete the policy of server {server_id}"))?;
    let request = DeleteServerPolicyRequest {
        project_id,
        server_id: server_id.clone(),
        etag: args.etag.etag,
        request_id: args.request_id.or_new(),
    };
    let mut client = context.policies().await?;
    let response = context.ask(client.delete_server_policy(request)).await?;
    let text = format!("the policy of server {} is deleted", safe(&server_id));
    context.screen.answer(&response, |_, _| text)
}
