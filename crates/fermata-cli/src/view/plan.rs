//! Plans: figures, a table of hosts in waves, what it means for owners, and the moves.

use fermata_client::v1::{MaintenanceKind, Plan, PlanHost, PlanOwner};
use prost_types::Timestamp;
use time::OffsetDateTime;

use super::projects::ProjectNames;
use super::{count, gantt, or_dash};
use crate::output::color::{BAD, BOLD, DIM, paint, safe};
use crate::output::commands::spoken;
use crate::output::facts::facts;
use crate::output::table::{columns, table};
use crate::output::time::{from_proto, moment, short, span, span_of};
use crate::words::Word;

/// So many moves are shown unasked.
const MOVES: usize = 20;

/// What is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    /// Every move, however many there are.
    pub(crate) every_move: bool,
    /// The spec does not say how long the work takes.
    pub(crate) no_work: bool,
}

/// A whole plan.
pub(crate) fn plan(plan: &Plan, shown: Shown, names: &ProjectNames, now: OffsetDateTime) -> String {
    let hosts = || plan.waves.iter().flat_map(|wave| &wave.hosts);
    let stays: usize = hosts().map(|host| host.stays.len()).sum();
    let mut text = format!(
        "{} for {}: {} and {} in {}\n",
        paint(BOLD, "plan"),
        count(hosts().count(), "host"),
        count(plan.move_count as usize, "move"),
        count(stays, "stay"),
        count(plan.waves.len(), "wave")
    );
    text += &facts(header(plan, shown, now));
    let parts = [
        self::hosts(plan, now),
        gantt::gantt(plan, columns(), now),
        owners(&plan.owners, names, now),
        moves(plan, shown, names, now),
    ];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        text += &format!("\n{}\n", part.trim_end());
    }
    text
}

fn header(plan: &Plan, shown: Shown, now: OffsetDateTime) -> Vec<(&'static str, String)> {
    let bounds = plan.bounds.clone().unwrap_or_default();
    let least = |made: usize, least: u32| {
        if made == least as usize {
            format!("{made}, none has fewer")
        } else {
            format!("{made}, at least {least}")
        }
    };
    let mut facts = vec![
        ("begins", moment(plan.start_time.as_ref(), now)),
        ("ends", moment(plan.expected_end_time.as_ref(), now)),
        (
            "",
            format!(
                "{} at the earliest, {} at the latest",
                short(plan.earliest_end_time.as_ref(), now),
                short(plan.latest_end_time.as_ref(), now)
            ),
        ),
        ("", gap(plan.expected_end_time.as_ref(), bounds.end_time.as_ref())),
        (
            "waves",
            format!(
                "{}: {}",
                least(plan.waves.len(), bounds.wave_count),
                safe(&bounds.wave_bound_description)
            ),
        ),
        ("moves", least(plan.move_count as usize, bounds.move_count)),
    ];
    if plan.stage_count > 1 {
        facts.push(("stages", format!("up to {} in a wave", plan.stage_count)));
    }
    for (class, amount) in &plan.unchecked_resources {
        let what = format!("knows alone whether there is room for {amount} {}", safe(class));
        facts.push(("the cloud", what));
    }
    for note in &plan.notes {
        facts.push(("note", paint(BAD, &spoken(note))));
    }
    if shown.no_work {
        let what = "takes no time in this plan: say --work-timeout".to_owned();
        facts.push(("the work", paint(BAD, &what)));
    }
    facts
}

/// How much sooner another plan may end.
fn gap(expected: Option<&Timestamp>, bound: Option<&Timestamp>) -> String {
    let ends = expected.and_then(from_proto).zip(bound.and_then(from_proto));
    match ends {
        Some((expected, bound)) if expected > bound => {
            let gap = span((expected - bound).unsigned_abs());
            format!("no plan ends more than {gap} sooner")
        }
        Some(_) => "no plan ends sooner".to_owned(),
        None => "–".to_owned(),
    }
}

fn hosts(plan: &Plan, now: OffsetDateTime) -> String {
    let waves = plan.waves.iter().enumerate();
    let rows = waves.flat_map(|(wave, of)| of.hosts.iter().map(move |host| (wave + 1, host)));
    let rows = rows.map(|(wave, host)| {
        [
            wave.to_string(),
            safe(&host.host).into_owned(),
            short(host.start_time.as_ref(), now),
            short(host.empty_time.as_ref(), now),
            short(host.end_time.as_ref(), now),
            host.moves.len().to_string(),
            host.stays.len().to_string(),
            notes(host),
        ]
    });
    table(["WAVE", "HOST", "ASKED", "EMPTY", "BACK", "MOVES", "STAYS", "NOTE"], rows).to_string()
}

fn notes(host: &PlanHost) -> String {
    let mut notes = Vec::new();
    if host.kind() == MaintenanceKind::Retirement {
        notes.push(host.kind().name().to_owned());
    }
    if host.stage_count > 1 {
        notes.push(format!("{} stages", host.stage_count));
    }
    if host.exceeds_drain_timeout {
        notes.push(paint(BAD, "not empty within its --drain-timeout"));
    }
    notes.join("; ")
}

fn owners(owners: &[PlanOwner], names: &ProjectNames, now: OffsetDateTime) -> String {
    if owners.is_empty() {
        return "nobody has a server there".to_owned();
    }
    let rows = owners.iter().map(|owner| {
        let actions =
            owner.actions.iter().map(|of| format!("{} {}", of.server_count, of.action().name()));
        [
            safe(&owner.project_id).into_owned(),
            owner.server_count.to_string(),
            or_dash(&actions.collect::<Vec<_>>().join(", ")),
            short(owner.first_impact_time.as_ref(), now),
            short(owner.last_impact_time.as_ref(), now),
            span_of(owner.longest_impact),
        ]
    });
    table(["OWNER", "SERVERS", "ACTIONS", "FIRST IMPACT", "LAST ENDS", "LONGEST"], rows)
        .naming(names)
        .to_string()
}

fn moves(plan: &Plan, shown: Shown, names: &ProjectNames, now: OffsetDateTime) -> String {
    let hosts = || plan.waves.iter().flat_map(|wave| &wave.hosts);
    let all: usize = hosts().map(|host| host.moves.len()).sum();
    if all == 0 {
        return String::new();
    }
    if all > MOVES && !shown.every_move {
        return paint(DIM, &format!("--all-moves shows the {all} moves"));
    }
    let of_host = |host: &PlanHost| {
        let from = safe(&host.host).into_owned();
        let row = host.moves.iter().map(move |server| {
            [
                or_dash(if server.name.is_empty() { &server.server_id } else { &server.name }),
                safe(&server.project_id).into_owned(),
                server.action().name().to_owned(),
                from.clone(),
                safe(&server.destination_host).into_owned(),
                short(server.start_time.as_ref(), now),
                short(server.end_time.as_ref(), now),
            ]
        });
        row.collect::<Vec<_>>()
    };
    let rows = hosts().flat_map(of_host);
    table(["SERVER", "OWNER", "ACTION", "FROM", "TO", "BEGINS", "THERE"], rows)
        .naming(names)
        .to_string()
}
