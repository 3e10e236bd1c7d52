//! Facts about one thing, a line each.

use crate::output::color::{DIM, paint};
use crate::output::table::{NARROWEST, terminal};

/// Lines of a name and what it is, the names in one column. On a terminal what is long goes on below where it began, between
/// words.
pub(crate) fn facts(facts: impl IntoIterator<Item = (&'static str, String)>) -> String {
    aligned(10, facts)
}

/// The same with at least so many columns for names, so that several of these stand below each other.
pub(crate) fn aligned<'a>(
    least: usize,
    facts: impl IntoIterator<Item = (&'a str, String)>,
) -> String {
    let facts: Vec<_> = facts.into_iter().collect();
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max(least);
    let begins = "  ".len() + width + " ".len();
    let room = terminal().map(|columns| columns.saturating_sub(begins).max(NARROWEST));
    let line = |(name, what): (&str, String)| {
        let what = match room {
            Some(room) => wrapped(&what, room).join(&format!("\n{:begins$}", "")),
            None => what,
        };
        format!("  {} {what}\n", paint(DIM, &format!("{name:<width$}")))
    };
    facts.into_iter().map(line).collect()
}

/// A text in lines of so many columns, broken between words only. Words may hold colours.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for word in text.split(' ') {
        let long = anstream::adapter::strip_str(word).to_string().chars().count();
        match lines.last_mut() {
            Some((line, used)) if *used + 1 + long <= columns => {
                *line += &format!(" {word}");
                *used += 1 + long;
            }
            Some(_) | None => lines.push((word.to_owned(), long)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::color::GOOD;
    use crate::output::table::tests::COLUMNS;

    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn item_15_facts_go_on_below_where_they_began() {
        COLUMNS.set(Some(40));
        let waits = format!("the owner: the reply of {} is awaited", paint(GOOD, "core-network"));
        let made = bare(&facts([("waits for", waits)]));
        assert_eq!(
            made,
            "  waits for  the owner: the reply of\n             core-network is awaited\n"
        );
    }

    #[test]
    fn facts_align() {
        let made = bare(&facts([("reason", "firmware".to_owned()), ("hosts", "3".to_owned())]));
        assert_eq!(made, "  reason     firmware\n  hosts      3\n");
    }
}
