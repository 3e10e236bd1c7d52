//! `fermata audit`: records, and whether they are as they were written. The rules of the chain are those of the server
//! (`fermata_core::audit`); what is verified is what the server lists, or what it listed when it was exported.

use fermata_client::v1::{
    AuditAnchor, AuditFilter, AuditHead, AuditRecord, ListAuditRecordsRequest,
    ListAuditRecordsResponse,
};
use fermata_core::audit::{Anchor, Ends, Fault, Head, Record, Walk};
use prost_types::Timestamp;

use super::audit_export;
use super::context::{Context, pages, present};
use crate::args::Format;
use crate::args::audit::{AuditCommand, Expected, ListArgs, VerifyArgs};
use crate::failure::Failure;
use crate::output::time::to_proto;
use crate::view;

/// More than this is not asked for at once; servers cap it anyway.
const PAGE: i32 = 1000;

pub(super) async fn run(command: AuditCommand, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        AuditCommand::List(args) => list(args, context).await,
        AuditCommand::Verify(args) => verify(args, context).await,
        AuditCommand::Export(args) => audit_export::export(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let now = context.screen.now();
    let filter = AuditFilter {
        principal: args.principal,
        actions: args.actions.into_iter().map(Into::into).collect(),
        resource_kind: args.kind.unwrap_or_default().into(),
        resource_name: args.resource,
        project_id: context.known_project(&args.project).await?,
        start_time: args.since.map(|past| to_proto(past.at(now))),
        end_time: args.until.map(|past| to_proto(past.at(now))),
    };
    let order_by = if args.oldest_first { "sequence" } else { "" };
    let mut client = context.audit().await?;
    let (mut head, mut anchor) = (None, None);
    let records = pages(args.limit.entries(), async |page_size, page_token| {
        let (filter, order_by) = (Some(filter.clone()), order_by.to_owned());
        let request = ListAuditRecordsRequest { page_size, page_token, filter, order_by };
        let page = context.ask(client.list_audit_records(request)).await?;
        (head, anchor) = (page.head, page.anchor);
        Ok((page.records, page.next_page_token))
    })
    .await?;
    let all = ListAuditRecordsResponse { records, next_page_token: String::new(), head, anchor };
    let ids = all.records.iter().filter_map(|record| record.resource.as_ref());
    let names = context.names_of(ids.map(|resource| &resource.project_id)).await;
    context.screen.list(&all, |all, now| view::audit::list(all, now).naming(&names))
}

async fn verify(args: VerifyArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut verification = Verification::of(args.expect);
    let sound = match args.files.as_slice() {
        [] => of_server(&mut verification, context).await?,
        files => audit_export::of_files(&mut verification, files)?,
    };
    let Verification { walk, pruned_at, .. } = &verification;
    let fault = sound.err();
    let text = match context.screen.format {
        Format::Table => {
            view::audit::verified(walk, *pruned_at, fault.as_ref(), context.screen.now())
        }
        Format::Json => view::audit::verified_json(walk, *pruned_at, fault.as_ref()),
    };
    context.screen.line(text)?;
    if let Some(fault) = fault {
        return Err(Failure::Tampered(fault));
    }
    verification.compared()
}

/// What a verification has come to.
pub(super) struct Verification {
    pub(super) walk: Walk,
    /// When records were deleted last.
    pruned_at: Option<Timestamp>,
    expect: Option<Expected>,
}

impl Verification {
    fn of(expect: Option<Expected>) -> Self {
        Self { walk: Walk::default(), pruned_at: None, expect }
    }

    /// Begins after this record.
    pub(super) fn begin(&mut self, last: Head) -> Result<(), Fault> {
        self.walk = Walk::after(last);
        self.meets()
    }

    pub(super) fn follow(&mut self, record: &Record) -> Result<(), Fault> {
        self.walk.follow(record)?;
        self.meets()
    }

    fn meets(&self) -> Result<(), Fault> {
        let expected = self.expect.as_ref();
        expected.map_or(Ok(()), |kept| self.walk.head().meets(kept.sequence, &kept.hash))
    }

    /// There is no more.
    pub(super) fn reaches(&self) -> Result<(), Fault> {
        let expected = self.expect.as_ref();
        expected.map_or(Ok(()), |kept| self.walk.head().reaches(kept.sequence))
    }

    /// Whether what is expected could be compared.
    fn compared(&self) -> Result<(), Failure> {
        let first = self.walk.begins_after().sequence + 1;
        match &self.expect {
            Some(kept) if kept.sequence + 1 < first => Err(Failure::NotFound(format!(
                "record {} cannot be compared: the records begin with {first}; expect a later one",
                kept.sequence
            ))),
            Some(_) | None => Ok(()),
        }
    }
}

/// Goes along the whole chain, as far as it is sound.
async fn of_server(
    verification: &mut Verification,
    context: &Context<'_>,
) -> Result<Result<(), Fault>, Failure> {
    let mut client = context.audit().await?;
    let mut page_token = String::new();
    let noted = loop {
        let page = context.ask(client.list_audit_records(whole(page_token))).await?;
        let anchor = page.anchor.unwrap_or_default();
        verification.pruned_at = anchor.prune_time;
        let anchor = read_anchor(anchor);
        verification.walk.meet(&anchor);
        let mut met = verification.meets();
        for record in page.records {
            met = met.and_then(|()| verification.follow(&read(record)));
        }
        if let Err(fault) = met {
            return Ok(Err(fault));
        }
        if page.next_page_token.is_empty() {
            let AuditHead { sequence, hash } = present(page.head)?;
            break Ends { anchor, head: Head { sequence, hash } };
        }
        page_token = page.next_page_token;
    };
    Ok(verification.walk.ends(&noted).and_then(|()| verification.reaches()))
}

/// Every record, the oldest first.
pub(super) fn whole(page_token: String) -> ListAuditRecordsRequest {
    let order_by = "sequence".to_owned();
    ListAuditRecordsRequest { page_size: PAGE, page_token, filter: None, order_by }
}

/// Where the chain begins. Without one nothing was deleted.
fn read_anchor(AuditAnchor { sequence, hash, prune_time }: AuditAnchor) -> Anchor {
    match prune_time {
        Some(at) => Anchor { last: Head { sequence, hash }, at_micros: micros(&at) },
        None => Anchor::default(),
    }
}

fn micros(at: &Timestamp) -> i64 {
    at.seconds.saturating_mul(1_000_000).saturating_add(i64::from(at.nanos) / 1000)
}

/// A record as the chain has it. What is not set counts as empty, which is another content.
pub(super) fn read(record: AuditRecord) -> Record {
    let resource = record.resource.unwrap_or_default();
    Record {
        sequence: record.sequence,
        at_micros: micros(&record.time.unwrap_or_default()),
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
