//! What an import made of a descriptor, and what it left out.

use fermata_client::v1::ServerGroup;
use serde_json::{Value, json as document};

use super::{count, policy};
use crate::commands::vnfd::Ignored;
use crate::failure::Failure;
use crate::output::color::safe;
use crate::output::{json as proto, table as output};

/// What an import made.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The groups were stored, and not only shown.
    pub(crate) is_stored: bool,
    /// The groups.
    pub(crate) groups: Vec<ServerGroup>,
    /// What was made of which part of the descriptor.
    pub(crate) fields: Vec<Field>,
    /// What was left out.
    pub(crate) ignored: Vec<Ignored>,
}

/// A field that was made.
#[derive(Debug)]
pub(crate) struct Field {
    group: String,
    field: &'static str,
    value: String,
    path: String,
}

impl Field {
    /// A field of a group, made of this part of the descriptor.
    pub(crate) fn new(group: &ServerGroup, path: String, field: &'static str) -> Self {
        let member = group.member_policy.as_ref().map(policy::said).unwrap_or_default();
        let said = policy::limits(group).into_iter().chain(member).find(|(name, _)| *name == field);
        let value = said.map(|(_, value)| value).unwrap_or_default();
        Self { group: group.id.clone(), field, value, path }
    }
}

/// For people.
pub(crate) fn table(imported: &Imported) -> String {
    let rows = imported.fields.iter().map(|made| {
        [
            safe(&made.group).into_owned(),
            made.field.to_owned(),
            safe(&made.value).into_owned(),
            safe(&made.path).into_owned(),
        ]
    });
    let mut text = String::new();
    if !imported.fields.is_empty() {
        text += &format!("{}\n\n", output::table(["GROUP", "FIELD", "VALUE", "FROM"], rows));
    }
    if !imported.ignored.is_empty() {
        for (what, is_loss) in [("IGNORED", false), ("LOST", true)] {
            let those = imported.ignored.iter().filter(|i| i.is_loss == is_loss);
            let rows: Vec<_> =
                those.map(|i| [safe(&i.path).into_owned(), safe(&i.why).into_owned()]).collect();
            if !rows.is_empty() {
                text += &format!("{}\n\n", output::table([what, "WHY"], rows));
            }
        }
    }
    let done = if imported.is_stored { "stored" } else { "would be stored" };
    text + &format!("{} {done}\n", count(imported.groups.len(), "group"))
}

/// For programs: the groups as the contract writes them, and what was made of what.
pub(crate) fn json(imported: &Imported) -> Result<String, Failure> {
    let mut groups = Vec::new();
    for group in &imported.groups {
        groups.push(parse(&proto::line(group)?)?);
    }
    let fields = imported.fields.iter().map(|made| {
        document!({
            "group": made.group, "field": made.field, "value": made.value, "from": made.path,
        })
    });
    let ignored = imported
        .ignored
        .iter()
        .map(|i| document!({ "path": i.path, "why": i.why, "is_loss": i.is_loss }));
    let whole = document!({
        "is_stored": imported.is_stored,
        "server_groups": groups,
        "fields": fields.collect::<Vec<_>>(),
        "ignored": ignored.collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&whole).map_err(|error| Failure::local(&error))
}

fn parse(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::local(&error))
}
