//! Why there is no plan, and what would help.

use std::collections::BTreeMap;

use fermata_client::v1::PlanConflict;
use time::OffsetDateTime;

use crate::output::color::{BAD, DIM, paint, safe};
use crate::output::commands::spoken;
use crate::output::table::table;
use crate::output::time::{short, span_of};
use crate::words::Word;

/// So many constraints of one kind are shown.
const OF_A_KIND: usize = 10;
/// So many hosts are named.
const HOSTS: usize = 20;

/// A whole conflict.
pub(crate) fn conflict(conflict: &PlanConflict, now: OffsetDateTime) -> String {
    let mut text = format!("{}: ", paint(BAD, "no plan"));
    if conflict.constraints.is_empty() {
        text += "there is no other host for the servers\n";
    } else {
        text += "these cannot all be kept\n\n";
        text += &constraints(conflict);
    }
    let shown: Vec<_> = conflict.hosts.iter().take(HOSTS).map(|host| safe(host)).collect();
    let more = match conflict.hosts.len().saturating_sub(HOSTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    text += &format!("\n{} {}{more}\n", paint(DIM, "hosts in the way"), shown.join(", "));
    for note in &conflict.notes {
        text += &format!("{} {}\n", paint(DIM, "note"), safe(&spoken(note)));
    }
    if conflict.relaxations.is_empty() {
        return text + "\nno change was found that would help alone\n";
    }
    let rows = conflict.relaxations.iter().map(|change| {
        [
            safe(&spoken(&change.description)).into_owned(),
            change.wave_count.to_string(),
            change.move_count.to_string(),
            short(change.end_time.as_ref(), now),
            change.window_overrun.map(|past| span_of(Some(past))).unwrap_or_default(),
        ]
    });
    text += &format!(
        "\n{}\n",
        table(["WHAT WOULD HELP", "WAVES", "MOVES", "ENDS", "AFTER THE WINDOW"], rows)
    );
    text
}

fn constraints(conflict: &PlanConflict) -> String {
    let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for constraint in &conflict.constraints {
        let number = of_kind.entry(constraint.kind().name()).or_default();
        *number += 1;
        if *number <= OF_A_KIND {
            let kind = constraint.kind().name().to_owned();
            rows.push([kind, safe(&spoken(&constraint.description)).into_owned()]);
        }
    }
    let mut text = format!("{}\n", table(["CONSTRAINT", "WHICH"], rows));
    for (kind, number) in of_kind.into_iter().filter(|(_, number)| *number > OF_A_KIND) {
        text += &format!("and {} more {kind}\n", number - OF_A_KIND);
    }
    if !conflict.minimal {
        text +=
            "some of these may not be needed for the conflict: there are too many to find out\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{PlanConstraint, PlanConstraintKind, PlanRelaxation};
    use prost_types::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    fn constraint(kind: PlanConstraintKind, description: &str) -> PlanConstraint {
        let description = description.to_owned();
        PlanConstraint { kind: kind.into(), description, ..Default::default() }
    }

    fn shown(conflict: &PlanConflict) -> String {
        let text = super::conflict(conflict, datetime!(2026-11-23 14:00:00 UTC));
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn a_conflict_says_what_cannot_be_kept_and_what_would_help() {
        let limit = "group mme-db allows 1 of 3 at once; hosts h4, h7 hold 2 each";
        let conflict = PlanConflict {
            constraints: vec![
                constraint(PlanConstraintKind::GroupLimit, limit),
                constraint(PlanConstraintKind::Stay, "server a stays on host h4, stopped"),
            ],
            minimal: true,
            hosts: vec!["h4".to_owned(), "h7".to_owned()],
            relaxations: vec![PlanRelaxation {
                description: "accept an end that is 40m later".to_owned(),
                wave_count: 3,
                move_count: 12,
                end_time: Some(to_proto(datetime!(2026-11-23 15:40:00 UTC))),
                window_overrun: Some(Duration { seconds: 2_400, nanos: 0 }),
                ..Default::default()
            }],
            notes: vec!["host h4 is down with 2 server(s) on it".to_owned()],
        };
        let expected = "\
no plan: these cannot all be kept

CONSTRAINT   WHICH
GROUP_LIMIT  group mme-db allows 1 of 3 at once; hosts h4, h7 hold 2 each
STAY         server a stays on host h4, stopped

hosts in the way h4, h7
note host h4 is down with 2 server(s) on it

WHAT WOULD HELP                  WAVES  MOVES  ENDS      AFTER THE WINDOW
accept an end that is 40m later  3      12     15:40:00  40 min
";
        assert_eq!(shown(&conflict), expected);
    }

    #[test]
    fn many_of_a_kind_are_counted() {
        let limits = (0..12).map(|g| constraint(PlanConstraintKind::GroupLimit, &format!("g{g}.")));
        let hosts = (0..25).map(|h| format!("h{h}")).collect();
        let constraints = limits.collect();
        let text = shown(&PlanConflict { constraints, hosts, ..Default::default() });
        assert!(text.contains("h18, h19 and 5 more\n"), "{text}");
        assert!(text.contains("g9.") && !text.contains("g10."), "{text}");
        assert!(text.contains("and 2 more GROUP_LIMIT\nsome of these may not"), "{text}");
        assert!(text.contains("no change was found"), "{text}");
    }
}
