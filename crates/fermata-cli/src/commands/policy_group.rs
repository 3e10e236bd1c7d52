//! `fermata policy group`.

use fermata_client::v1::{
    DeleteServerGroupRequest, GetServerGroupRequest, ListServerGroupsRequest,
    ListServerGroupsResponse, PutMode, PutServerGroupRequest, ServerGroup,
};

use super::context::{Context, pages, present};
use crate::args::policy::{DeleteArgs, GroupArgs, GroupCommand, ListArgs, PutGroupArgs};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::view;

pub(super) async fn run(command: GroupCommand, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        GroupCommand::Get(args) => get(args, context).await,
        GroupCommand::List(args) => list(args, context).await,
        GroupCommand::Put(args) => {
            let request_id = args.request_id.or_new();
            let mode = args.mode.mode();
            let stored = put(group(*args), mode, request_id, context).await?;
            show(&stored, context).await
        }
        GroupCommand::Delete(args) => delete(args, context).await,
    }
}

async fn get(args: GroupArgs, context: &Context<'_>) -> Result<(), Failure> {
    let request =
        GetServerGroupRequest { project_id: args.project.project, server_group_id: args.group };
    let mut client = context.policies().await?;
    let found = present(context.ask(client.get_server_group(request)).await?.server_group)?;
    show(&found, context).await
}

async fn show(group: &ServerGroup, context: &Context<'_>) -> Result<(), Failure> {
    let names = context.names_of([&group.project_id]).await;
    let shown = |group: &_, now| view::policy::group(group, &names, now);
    context.screen.answer_about(&group.id, group, shown)
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut client = context.policies().await?;
    let server_groups = pages(args.limit.entries(), async |page_size, page_token| {
        let project_id = args.project.clone();
        let request = ListServerGroupsRequest { project_id, page_size, page_token };
        let page = context.ask(client.list_server_groups(request)).await?;
        Ok((page.server_groups, page.next_page_token))
    })
    .await?;
    let all = ListServerGroupsResponse { server_groups, next_page_token: String::new() };
    let names = context.names_of(all.server_groups.iter().map(|of| &of.project_id)).await;
    context.screen.list(&all, |all, now| view::policy::groups(all, now).naming(&names))
}

fn group(args: PutGroupArgs) -> ServerGroup {
    ServerGroup {
        max_impacted: args.max_impacted(),
        min_preserved: args.min_preserved(),
        recovery_time: args.recovery_time.and_then(|span| span.try_into().ok()),
        anti_affinity: args.anti_affinity,
        max_per_host: args.max_per_host,
        min_size_for_scale_in: args.min_size_for_scale_in,
        member_policy: Some(args.says.policy()),
        project_id: args.group.project.project,
        id: args.group.group,
        display_name: args.name,
        member_ids: args.members,
        nova_server_group_id: args.server_group,
        etag: args.etag.etag,
        update_time: None,
    }
}

/// Stores a group, and gives it as it is stored.
pub(super) async fn put(
    group: ServerGroup,
    mode: PutMode,
    request_id: String,
    context: &Context<'_>,
) -> Result<ServerGroup, Failure> {
    let request =
        PutServerGroupRequest { server_group: Some(group), mode: mode.into(), request_id };
    let mut client = context.policies().await?;
    let response = context.ask(client.put_server_group(request)).await?;
    context.warn(&response.warnings)?;
    present(response.server_group)
}

async fn delete(args: DeleteArgs, context: &Context<'_>) -> Result<(), Failure> {
    context.confirm(&format!("delete group {}", args.id))?;
    let request = DeleteServerGroupRequest {
        project_id: args.project.project,
        server_group_id: args.id.clone(),
        etag: args.etag.etag,
        request_id: args.request_id.or_new(),
    };
    let mut client = context.policies().await?;
    let response = context.ask(client.delete_server_group(request)).await?;
    let text = format!("group {} is deleted", safe(&args.id));
    context.screen.answer(&response, |_, _| text)
}
