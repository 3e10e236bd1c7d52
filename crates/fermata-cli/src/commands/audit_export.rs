//! `fermata audit export`: records as lines of JSON, and reading them again.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use fermata_client::v1::AuditRecord;
use fermata_core::audit::{Fault, Head, hash};

use super::audit::{Verification, read, whole};
use super::context::Context;
use crate::args::audit::ExportArgs;
use crate::failure::Failure;
use crate::output::json;
use crate::output::time::from_proto;

pub(super) async fn export(args: ExportArgs, context: &Context<'_>) -> Result<(), Failure> {
    let until = args.until.map(|past| past.at(context.screen.now()));
    let mut client = context.audit().await?;
    let mut page_token = String::new();
    let mut last: Option<AuditRecord> = None;
    let mut count = 0_u64;
    'pages: loop {
        let page = context.ask(client.list_audit_records(whole(page_token))).await?;
        let deleted = page.anchor.map_or(0, |anchor| anchor.sequence);
        if last.as_ref().is_some_and(|last| last.sequence < deleted) {
            let text = format!("records up to {deleted} were deleted meanwhile; export again");
            return Err(Failure::Local(text));
        }
        for record in page.records {
            // The clocks of replicas differ: what ends an export is a place in the chain, and so it has no holes.
            let at = record.time.as_ref().and_then(from_proto);
            if until.is_some_and(|until| at.is_none_or(|at| at >= until)) {
                break 'pages;
            }
            if record.sequence > args.after {
                context.screen.line(json::line(&record)?)?;
                count += 1;
                last = Some(record);
            }
        }
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    let last = last.map_or_else(String::new, |record| {
        format!("; last {}:{}", record.sequence, hash::hex(&record.hash))
    });
    Ok(context.screen.note(format!("records exported: {count}{last}"))?)
}

/// Goes along the records of these files, one after the other, as far as they are sound.
pub(super) fn of_files(
    verification: &mut Verification,
    files: &[PathBuf],
) -> Result<Result<(), Fault>, Failure> {
    let mut begun = false;
    for file in files {
        let opened = File::open(file).map_err(|error| cannot(file, &error))?;
        for (index, line) in BufReader::new(opened).lines().enumerate() {
            let line = line.map_err(|error| cannot(file, &error))?;
            if line.trim().is_empty() {
                continue;
            }
            let place = |error| cannot(file, &format!("line {}: {error}", index + 1));
            let record = read(json::read(&line).map_err(place)?);
            if !begun {
                begun = true;
                // What came before is not here: only who has it, or kept its hash, can compare.
                let sequence = record.sequence.saturating_sub(1);
                let before = Head { sequence, hash: record.previous.clone() };
                let start = if sequence == 0 { Head::default() } else { before };
                if let Err(fault) = verification.begin(start) {
                    return Ok(Err(fault));
                }
            }
            if let Err(fault) = verification.follow(&record) {
                return Ok(Err(fault));
            }
        }
    }
    Ok(verification.reaches())
}

fn cannot(file: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Local(format!("cannot read {}: {error}", file.display()))
}
