//! `fermata host enable` and `disable`: whether hosts take new servers, outside of sessions.

use fermata_client::v1::{HostScheduling, ListHostsResponse, SetHostSchedulingRequest};

use super::context::{Context, present};
use super::session_write::one_by_one;
use crate::args::RequestId;
use crate::args::host::{DisableArgs, EnableArgs};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::view;

pub(super) async fn enable(args: EnableArgs, context: &Context<'_>) -> Result<(), Failure> {
    let EnableArgs { hosts, reason, force, request_id } = args;
    switch(HostScheduling::Enabled, &hosts, &reason, force, &request_id, context).await
}

pub(super) async fn disable(args: DisableArgs, context: &Context<'_>) -> Result<(), Failure> {
    let DisableArgs { hosts, reason, force, request_id } = args;
    switch(HostScheduling::Disabled, &hosts, &reason, force, &request_id, context).await
}

async fn switch(
    scheduling: HostScheduling,
    hosts: &[String],
    reason: &str,
    override_others: bool,
    request_id: &RequestId,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let client = context.hosts().await?;
    let mut all = ListHostsResponse::default();
    let switched_all = one_by_one(context, hosts, async |host| {
        let request = SetHostSchedulingRequest {
            host: host.to_owned(),
            scheduling: scheduling.into(),
            reason: reason.to_owned(),
            override_others,
            request_id: request_id.for_one_of(hosts.len(), host),
        };
        let answer = context.ask(client.clone().set_host_scheduling(request)).await?;
        let before = answer.previous_disabled_reason;
        if !before.is_empty() && !context.screen.is_for_scripts() {
            context.screen.note(format!("{} was disabled: {}", safe(host), safe(&before)))?;
        }
        all.hosts.push(present(answer.host)?);
        Ok(())
    })
    .await;
    if !all.hosts.is_empty() {
        context.screen.list(&all, view::host::list)?;
    }
    switched_all
}
