//! `fermata audit`: records, and whether they are as they were written. The rules of the chain are those of the server
//! (`fermata_core::audit`); what is verified is what the server lists.

use fermata_client::v1::{
    AuditFilter, AuditHead, AuditRecord, ListAuditRecordsRequest, ListAuditRecordsResponse,
};
use fermata_core::audit::{Fault, Head, Record};

use super::context::{Context, pages, present};
use crate::args::Format;
use crate::args::audit::{AuditCommand, ListArgs, VerifyArgs};
use crate::failure::Failure;
use crate::output::time::to_proto;
use crate::view;

/// More than this is not asked for at once; servers cap it anyway.
const PAGE: i32 = 1000;

pub(super) async fn run(command: AuditCommand, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        AuditCommand::List(args) => list(args, context).await,
        AuditCommand::Verify(args) => verify(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let now = context.screen.now();
    let filter = AuditFilter {
        principal: args.principal,
        actions: args.actions.into_iter().map(Into::into).collect(),
        resource_kind: args.kind.unwrap_or_default().into(),
        resource_name: args.resource,
        project_id: context.project(&args.project).await?,
        start_time: args.since.map(|past| to_proto(past.at(now))),
        end_time: args.until.map(|past| to_proto(past.at(now))),
    };
    let order_by = if args.oldest_first { "sequence" } else { "" };
    let mut client = context.audit().await?;
    let mut head = None;
    let records = pages(args.limit.entries(), async |page_size, page_token| {
        let (filter, order_by) = (Some(filter.clone()), order_by.to_owned());
        let request = ListAuditRecordsRequest { page_size, page_token, filter, order_by };
        let page = context.ask(client.list_audit_records(request)).await?;
        head = page.head;
        Ok((page.records, page.next_page_token))
    })
    .await?;
    let all = ListAuditRecordsResponse { records, next_page_token: String::new(), head };
    context.screen.list(&all, view::audit::list)
}

async fn verify(args: VerifyArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut chain = Head::default();
    let fault = walk(&mut chain, &args, context).await?.err();
    let text = match context.screen.format {
        Format::Table => view::audit::verified(&chain, fault.as_ref()),
        Format::Json => view::audit::verified_json(&chain, fault.as_ref()),
    };
    context.screen.line(text)?;
    fault.map_or(Ok(()), |fault| Err(Failure::Tampered(fault)))
}

/// Goes along the whole chain, as far as it is sound.
async fn walk(
    chain: &mut Head,
    args: &VerifyArgs,
    context: &Context<'_>,
) -> Result<Result<(), Fault>, Failure> {
    let mut client = context.audit().await?;
    let mut page_token = String::new();
    let noted = loop {
        let request = ListAuditRecordsRequest {
            page_size: PAGE,
            page_token,
            filter: None,
            order_by: "sequence".to_owned(),
        };
        let page = context.ask(client.list_audit_records(request)).await?;
        for record in page.records {
            let met = chain.follow(&read(record)).and_then(|()| match &args.expect {
                Some(expected) => chain.meets(expected.sequence, &expected.hash),
                None => Ok(()),
            });
            if let Err(fault) = met {
                return Ok(Err(fault));
            }
        }
        if page.next_page_token.is_empty() {
            break present(page.head)?;
        }
        page_token = page.next_page_token;
    };
    let AuditHead { sequence, hash } = noted;
    let ended = chain.is(&Head { sequence, hash });
    Ok(ended.and_then(|()| match &args.expect {
        Some(expected) => chain.reaches(expected.sequence),
        None => Ok(()),
    }))
}

/// A record as the chain has it. What is not set counts as empty, which is another content.
fn read(record: AuditRecord) -> Record {
    let time = record.time.unwrap_or_default();
    let resource = record.resource.unwrap_or_default();
    let micros = i64::from(time.nanos) / 1000;
    Record {
        sequence: record.sequence,
        at_micros: time.seconds.saturating_mul(1_000_000).saturating_add(micros),
        principal: record.principal,
        role: record.role,
        action: record.action,
        resource_kind: resource.kind,
        project: resource.project_id,
        resource: resource.name,
        detail: record.detail,
        reason: record.reason,
        before: record.before_digest,
        after: record.after_digest,
        previous: record.previous_hash,
        hash: record.hash,
    }
}
