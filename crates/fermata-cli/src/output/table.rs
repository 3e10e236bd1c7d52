//! Tables for people: no borders, columns as wide as their contents, wrapped to the terminal.

use comfy_table::{ContentArrangement, Table, presets};

use crate::output::color::{DIM, paint};

/// A table with a header. Cells may hold colours, and must be safe to show.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.map(|name| paint(DIM, name)));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.add_rows(rows);
    table.trim_fmt()
}

/// How many columns a line may have: those of the terminal, and a hundred elsewhere.
pub(crate) fn columns() -> usize {
    Table::new().width().map_or(100, usize::from)
}

/// Lines of a name and what it is, the names in one column.
pub(crate) fn facts(facts: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let facts: Vec<_> = facts.into_iter().collect();
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max(10);
    let line = |(name, what): (&str, String)| {
        format!("  {} {what}\n", paint(DIM, &format!("{name:<width$}")))
    };
    facts.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::color::{GOOD, paint};

    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_align_whatever_their_colours() {
        let rows = [
            ["compute-a1".to_owned(), paint(GOOD, "ENABLED"), "3".to_owned()],
            ["b".to_owned(), "DISABLED".to_owned(), "12".to_owned()],
        ];
        let made = bare(&table(["HOST", "STATE", "SERVERS"], rows));
        assert_eq!(
            made,
            "HOST        STATE     SERVERS\n\
             compute-a1  ENABLED   3\n\
             b           DISABLED  12"
        );
    }

    #[test]
    fn facts_align() {
        let made = bare(&facts([("reason", "firmware".to_owned()), ("hosts", "3".to_owned())]));
        assert_eq!(made, "  reason     firmware\n  hosts      3\n");
    }
}
