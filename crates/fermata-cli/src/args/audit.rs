//! `fermata audit …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fermata_client::v1::{AuditAction, AuditResourceKind};
use fermata_core::audit::Hash;

use super::Limit;
use super::moment::{Past, parse_past};
use crate::words;

/// The calls about the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List records, the newest first
    #[command(after_help = PAST)]
    List(ListArgs),
    /// Check that no record was changed or removed, and name the first one that does not fit
    #[command(after_help = KEEP)]
    Verify(VerifyArgs),
    /// Write records to standard output as JSON, one a line, the oldest first, so that they can be verified without the server
    #[command(after_help = PAST)]
    Export(ExportArgs),
}

const PAST: &str = "Times: RFC 3339, or how long ago: `2h`, `7d`.";

const KEEP: &str = "\
It ends with the last record and its hash. Keep them where nobody who can write to the database can write, and give them to the \
next --expect: whoever replaces the end of the trail, and all that belongs to it, is found only so.

Records older than the server's --audit-retention are deleted. The rest is verified from the last one that was.";

/// Options of `audit list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// By this principal
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) principal: String,
    /// Of this action; may be repeated
    #[arg(long = "action", value_name = "ACTION", ignore_case = true)]
    #[arg(value_parser = words::parser::<AuditAction>())]
    pub(crate) actions: Vec<AuditAction>,
    /// Of resources of this kind
    #[arg(long, value_name = "KIND", ignore_case = true)]
    #[arg(value_parser = words::parser::<AuditResourceKind>())]
    pub(crate) kind: Option<AuditResourceKind>,
    /// Of the resource with this name: the id of a session, server, group or subscription
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) resource: String,
    /// For this project
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) project: String,
    /// Written at this time or later
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    pub(crate) since: Option<Past>,
    /// Written before this time
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    pub(crate) until: Option<Past>,
    /// The oldest first
    #[arg(long)]
    pub(crate) oldest_first: bool,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `audit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A record that must be there, with the hash that it must have, as an earlier `verify` gave them
    #[arg(long, value_name = "SEQUENCE:HASH", value_parser = parse_expected)]
    pub(crate) expect: Option<Expected>,
    /// Verify what `fermata audit export` wrote, without a server; may be repeated, in the order of the records
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// Options of `audit export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Only what comes before the first record that was written at this time or later
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    pub(crate) until: Option<Past>,
    /// Only what comes after this record, with which an earlier export ended
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0, hide_default_value = true)]
    pub(crate) after: u64,
}

/// A record that somebody kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) sequence: u64,
    pub(crate) hash: Hash,
}

/// Parses `17:4f52…`.
fn parse_expected(given: &str) -> Result<Expected, String> {
    let how = "write a sequence and its hash, such as `17:4f52…`, as `fermata audit verify` does";
    let (sequence, hash) = given.split_once(':').ok_or(how)?;
    let sequence = sequence.parse().map_err(|_| how)?;
    let hash = hash.parse().map_err(|error| format!("{error}; {how}"))?;
    Ok(Expected { sequence, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read() {
        let hash = "ab".repeat(32);
        let expected = Expected { sequence: 17, hash: Hash([0xab; 32]) };
        assert_eq!(parse_expected(&format!("17:{hash}")), Ok(expected));
        for wrong in ["", "17", "17:", "17:ab", &format!("x:{hash}"), &format!("-1:{hash}")] {
            assert!(parse_expected(wrong).unwrap_err().contains("write"), "{wrong}");
        }
    }
}
