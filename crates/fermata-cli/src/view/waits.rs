//! What a session waits for: a line for each kind of wait, whomever it is about.

use fermata_client::v1::{Wait, WaitParty};
use prost_types::Timestamp;
use time::OffsetDateTime;

use crate::output::color::safe;
use crate::output::commands::{command_of, spoken};
use crate::output::time::moment;

/// Most names that a line lists.
const NAMED: usize = 3;

/// `owner core-network on compute-a1 until 14:05:00 (in 3 min): the decisions for its servers (owner reply)`. Waits that
/// differ only in the owner, the host and the deadline share a line with the first deadline.
pub(crate) fn lines(waits: &[Wait], now: OffsetDateTime) -> Vec<String> {
    let mut groups: Vec<Vec<&Wait>> = Vec::new();
    for wait in waits {
        let same = |group: &&mut Vec<&Wait>| group.iter().any(|other| is_same(other, wait));
        match groups.iter_mut().find(same) {
            Some(group) => group.push(wait),
            None => groups.push(vec![wait]),
        }
    }
    groups.iter().map(|group| line(group, now)).collect()
}

fn is_same(one: &Wait, other: &Wait) -> bool {
    (one.kind, one.party, &one.description) == (other.kind, other.party, &other.description)
}

fn line(group: &[&Wait], now: OffsetDateTime) -> String {
    let Some(first) = group.first() else { return String::new() };
    let owners = names(group.iter().map(|wait| wait.project_id.as_str()));
    let mut text = match first.party() {
        WaitParty::Unspecified => "somebody".to_owned(),
        WaitParty::Operator => "the operator".to_owned(),
        WaitParty::Owner => format!("owner {owners}"),
        WaitParty::Cloud => "the cloud".to_owned(),
        WaitParty::Clock => "the clock".to_owned(),
    };
    let hosts = names(group.iter().map(|wait| wait.host.as_str()));
    if !hosts.is_empty() {
        text += &format!(" on {hosts}");
    }
    let deadlines = group.iter().filter_map(|wait| wait.deadline_time.as_ref());
    let deadline = deadlines.min_by_key(|at: &&Timestamp| (at.seconds, at.nanos));
    if deadline.is_some() {
        text += &format!(" until {}", moment(deadline, now));
    }
    if !first.description.is_empty() {
        text += &format!(": {}", safe(&spoken(&first.description)));
    }
    let commands: Vec<_> = first.ended_by.iter().map(|method| command(method)).collect();
    if !commands.is_empty() {
        text += &format!(" ({})", commands.join(", "));
    }
    text
}

/// The names, each once; of many only the first ones.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in all.filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut text = names.join(", ");
    if more > 0 {
        text += &format!(" and {more} more");
    }
    safe(&text).into_owned()
}

/// The command that calls a method; for one that this version does not know, the method's name.
fn command(method: &str) -> String {
    safe(command_of(method).unwrap_or(method)).into_owned()
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::WaitKind;
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:02:00 UTC);

    fn wait(project: usize) -> Wait {
        let minutes = i64::try_from(10 - project).unwrap();
        Wait {
            party: WaitParty::Owner.into(),
            kind: WaitKind::AnnouncementReply.into(),
            project_id: format!("tenant-{project}"),
            description: "the reply to the announcement".to_owned(),
            deadline_time: Some(to_proto(NOW + time::Duration::minutes(minutes))),
            ended_by: vec!["fermata.v1.NotificationService/Reply".to_owned()],
            ..Default::default()
        }
    }

    #[test]
    fn owners_that_are_asked_the_same_share_a_line_with_the_first_deadline() {
        let mut waits: Vec<_> = (0..5).map(wait).collect();
        waits.push(Wait {
            party: WaitParty::Operator.into(),
            kind: WaitKind::SessionStart.into(),
            description: "the session to be started".to_owned(),
            ended_by: vec!["fermata.v1.SessionService/StartSession".to_owned(), "x/New".to_owned()],
            ..Default::default()
        });
        waits.push(Wait {
            party: WaitParty::Clock.into(),
            kind: WaitKind::WindowStart.into(),
            description: "the window; UpdateSession moves it".to_owned(),
            ..Default::default()
        });
        let expected = [
            "owner tenant-0, tenant-1, tenant-2 and 2 more until 14:08:00 (in 6 min): \
             the reply to the announcement (owner reply)",
            "the operator: the session to be started (session start, x/New)",
            "the clock: the window; `fermata session update` moves it",
        ];
        assert_eq!(lines(&waits, NOW), expected);
    }
}
