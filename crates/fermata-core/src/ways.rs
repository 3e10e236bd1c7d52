//! What can be done with a server in a status, and what has to happen first where nothing can.
//!
//! One table ([`TABLE`]) for the preview, the plan, what owners are told, and the drain. Which statuses allow which action is Nova's
//! (`check_instance_state` of `live_migrate`, `resize`, `stop` in `nova/compute/api.py`). A lock does not matter: Nova lets
//! administrators act on locked servers. A task in a server that may be acted on is waited for when its action begins.

use crate::cloud::{Server, ServerStatus, Site};
use crate::id::HostName;
use crate::spec::{Action, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// This is done.
    Do(Action),
    /// Nothing has to be done: it does not run, and stays on its host as it is.
    Rests,
    /// Nothing can be done, as it is.
    Blocked(Obstacle),
}

/// Who has to do something before anything can be done with a server, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obstacle {
    /// Who.
    pub by: By,
    /// What, as an invitation.
    pub remedy: &'static str,
}

/// Whose move it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum By {
    Cloud,
    Owner,
    Operator,
}

/// What stopping a server before the work on its host means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It runs and can be stopped.
    Stops,
    /// It does not run: it stays as it is.
    Rests,
    /// It can neither be stopped nor left as it is.
    Refused,
}

/// What a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Nova's word.
    pub status: &'static str,
    /// It can be live migrated.
    pub live: bool,
    /// It can be cold migrated.
    pub cold: bool,
    /// What KEEP means.
    pub stop: Stop,
    /// What has to happen where none of this is possible.
    pub obstacle: Obstacle,
}

const fn row(
    status: &'static str,
    (live, cold, stop): (bool, bool, Stop),
    by: By,
    remedy: &'static str,
) -> Row {
    Row { status, live, cold, stop, obstacle: Obstacle { by, remedy } }
}

/// Nothing but its owner's own action is possible.
const NOTHING: (bool, bool, Stop) = (false, false, Stop::Refused);
/// It can only be left where it is.
const AT_REST: (bool, bool, Stop) = (false, false, Stop::Rests);

/// Every status that is known.
pub const TABLE: &[Row] = &[
    row("ACTIVE", (true, true, Stop::Stops), By::Cloud, "wait"),
    row("SHUTOFF", (false, true, Stop::Rests), By::Cloud, "wait"),
    row("PAUSED", (true, false, Stop::Refused), By::Owner, "unpause it, or choose LIVE_MIGRATE"),
    row("SUSPENDED", AT_REST, By::Owner, "resume it"),
    row("SHELVED", AT_REST, By::Owner, "unshelve it, or wait until it is offloaded"),
    row("SHELVED_OFFLOADED", AT_REST, By::Owner, "unshelve it"),
    row("SOFT_DELETED", AT_REST, By::Operator, "restore it, or delete it for good"),
    row("RESCUE", NOTHING, By::Owner, "unrescue it"),
    row("VERIFY_RESIZE", NOTHING, By::Owner, "confirm or revert its resize"),
    row("ERROR", NOTHING, By::Operator, "repair, rebuild or delete it"),
    row("BUILD", NOTHING, By::Cloud, "wait until it is built"),
    row("REBUILD", NOTHING, By::Cloud, "wait until it is rebuilt"),
    row("REBOOT", NOTHING, By::Cloud, "wait until it is rebooted"),
    row("HARD_REBOOT", NOTHING, By::Cloud, "wait until it is rebooted"),
    row("PASSWORD", NOTHING, By::Cloud, "wait until its password is set"),
    row("RESIZE", NOTHING, By::Cloud, "wait until it is resized"),
    row("REVERT_RESIZE", NOTHING, By::Cloud, "wait until its resize is reverted"),
    row("MIGRATING", NOTHING, By::Cloud, "wait until it is migrated"),
];

/// A status that is not in the table.
const UNKNOWN: Row = row("", NOTHING, By::Operator, "find out what is wrong with it");

/// The row of a status.
pub fn of(status: &ServerStatus) -> Row {
    let known = TABLE.iter().find(|row| row.status == status.name());
    known.copied().unwrap_or(UNKNOWN)
}

/// Whether a server does not run and may stay on a host that is worked on.
pub fn rests(status: &ServerStatus) -> bool {
    of(status).stop == Stop::Rests
}

/// What becomes of an action that was decided for a server in this status on a host of this kind.
pub fn way(action: Action, status: &ServerStatus, kind: Kind) -> Way {
    let row = of(status);
    let moves = match action {
        Action::OwnAction => return Way::Do(Action::OwnAction),
        // Nova live migrates only what is in memory, and what is not loses nothing by a cold move.
        Action::LiveMigrate if row.live => Some(Action::LiveMigrate),
        Action::LiveMigrate | Action::Migrate if row.cold => Some(Action::Migrate),
        Action::Migrate if row.live => Some(Action::LiveMigrate),
        Action::LiveMigrate | Action::Migrate | Action::Keep => None,
    };
    match (moves, row.stop) {
        (Some(action), _) => Way::Do(action),
        (None, Stop::Stops) if action == Action::Keep => Way::Do(Action::Keep),
        (None, Stop::Rests) if kind == Kind::Temporary => Way::Rests,
        (None, Stop::Stops | Stop::Rests | Stop::Refused) => Way::Blocked(row.obstacle),
    }
}

/// What an owner or an operator should know of a server before its host is drained: `it is SUSPENDED: …`.
pub fn note(action: Option<Action>, status: &ServerStatus, kind: Kind) -> Option<String> {
    let name = status.name();
    let action = action?;
    match way(action, status, kind) {
        Way::Do(Action::LiveMigrate) if action == Action::Migrate => {
            Some(format!("it is {name}: it is live migrated instead"))
        }
        Way::Do(_) => None,
        Way::Rests if *status == ServerStatus::Shutoff => None,
        Way::Rests => Some(format!("it is {name}: it stays on its host as it is")),
        Way::Blocked(Obstacle { by: By::Cloud, .. }) => {
            Some(format!("it is {name}: its host waits until the cloud is done with it"))
        }
        Way::Blocked(Obstacle { remedy, .. }) => {
            Some(format!("it is {name}: {remedy}; nothing is done on its host before"))
        }
    }
}

/// So many servers are named; a plan does not grow with the cloud.
pub(crate) const NAMED: usize = 50;

/// What a plan cannot solve: hosts that are down with servers on them, and servers that have to be in another status first.
/// `action`: what is to be done with a server.
pub(crate) fn notes(
    site: &Site,
    hosts: &BTreeSet<HostName>,
    kind: impl Fn(&HostName) -> Kind,
    action: impl Fn(&Server) -> Option<Action>,
) -> Vec<String> {
    let mut on: BTreeMap<&HostName, Vec<&Server>> = BTreeMap::new();
    for server in &site.servers {
        if let Some(host) = server.host.as_ref().filter(|host| hosts.contains(*host)) {
            on.entry(host).or_default().push(server);
        }
    }
    let down: BTreeSet<_> =
        site.hosts.iter().filter(|h| !h.host.up).map(|h| &h.host.name).collect();
    let mut notes = Vec::new();
    for (host, servers) in on {
        if down.contains(host) {
            let number = servers.len();
            notes.push(format!(
                "host {host} is down with {number} server(s) on it: nothing can be moved from it until its compute service is up"
            ));
            continue;
        }
        for server in servers {
            if let Some(note) = note(action(server), &server.status, kind(host)) {
                notes
                    .push(format!("server {} ({}) on host {host}: {note}", server.name, server.id));
            }
        }
    }
    let more = notes.len().saturating_sub(NAMED);
    notes.truncate(NAMED);
    if more > 0 {
        notes.push(format!("and {more} more"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action::{Keep, LiveMigrate, Migrate, OwnAction};
    use Kind::{Retirement, Temporary};

    fn status(word: &str) -> ServerStatus {
        match word {
            "ACTIVE" => ServerStatus::Active,
            "SHUTOFF" => ServerStatus::Shutoff,
            "VERIFY_RESIZE" => ServerStatus::VerifyResize,
            "ERROR" => ServerStatus::Error,
            word => ServerStatus::Other(word.to_owned()),
        }
    }

    #[test]
    fn a_server_that_cannot_move_as_was_decided_moves_as_it_can() {
        assert_eq!(way(LiveMigrate, &status("SHUTOFF"), Retirement), Way::Do(Migrate));
        assert_eq!(way(Migrate, &status("PAUSED"), Temporary), Way::Do(LiveMigrate));
        assert_eq!(way(Migrate, &status("ACTIVE"), Temporary), Way::Do(Migrate));
        assert_eq!(way(Keep, &status("ACTIVE"), Temporary), Way::Do(Keep));
    }

    #[test]
    fn what_does_not_run_stays_where_the_host_comes_back() {
        for word in ["SUSPENDED", "SHELVED", "SOFT_DELETED"] {
            for action in [LiveMigrate, Migrate, Keep] {
                assert_eq!(way(action, &status(word), Temporary), Way::Rests, "{word}");
                assert!(matches!(way(action, &status(word), Retirement), Way::Blocked(_)));
            }
        }
    }

    #[test]
    fn whatever_it_is_its_owner_can_act_and_everybody_knows_who_is_next() {
        let words = TABLE.iter().map(|row| row.status).chain(["NEVER_HEARD_OF"]);
        for word in words {
            for kind in [Temporary, Retirement] {
                assert_eq!(way(OwnAction, &status(word), kind), Way::Do(OwnAction));
                for action in [LiveMigrate, Migrate, Keep] {
                    if let Way::Blocked(obstacle) = way(action, &status(word), kind) {
                        assert!(!obstacle.remedy.is_empty());
                        assert!(note(Some(action), &status(word), kind).is_some());
                    }
                }
            }
        }
    }
}
