//! Invariants 12 and 13, on what was executed: the cloud's journal alone, entry by entry. Shares nothing with the rules
//! of Fermata that keep them.
//!
//! - [`impacts`]: which servers are impacted, since when, and by whom
//! - [`begun`]: whether Fermata may impact a member at this moment (12)
//! - [`room`]: whether hosts have room, and groups enough of them (13)
//! - [`limit`]: how many members may be impacted at once
//! - [`sizes`]: how many members there are, and how few there may be
//! - [`held`]: what the simulation does with findings

mod attention;
mod begun;
pub(crate) mod held;
mod impacts;
mod limit;
mod room;
mod sizes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::{ServerGroupId, ServerId};
use fermata_simcloud::{Entry, Event};

use attention::Attention;
use impacts::Impacts;
pub(crate) use limit::{AtSize, Limit};
use room::Room;

/// Who asked the cloud for something. The journal does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    Fermata,
    Others,
}

/// A group of servers, and what its owner wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) members: BTreeSet<ServerId>,
    /// Its members are members, too.
    pub(crate) server_group: Option<ServerGroupId>,
    pub(crate) limit: Limit,
    /// Between the end of an impact and the beginning of the next one.
    pub(crate) recovery: time::Duration,
    pub(crate) per_host: Option<u32>,
    /// So few its owner agrees to have.
    pub(crate) least: Option<u32>,
}

/// What Fermata cannot know better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tolerance {
    /// How old its knowledge may be of what it did not do itself: hosts that went down, moves of others, members that
    /// came or went.
    pub(crate) knowledge: time::Duration,
    /// How far the clock may be off by which it waits.
    pub(crate) clock: time::Duration,
    /// How long it may take for what was under way to be over when a call comes to the cloud that was decided with that
    /// in mind: until Fermata learns of the end of its own action, and as long as the call is on its way.
    pub(crate) ends: time::Duration,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BeyondLimit,
    TooSoon,
    TooManyOnHost,
    NoRoom,
}

impl Kind {
    /// In invariants.md.
    pub(crate) fn invariant(self) -> u32 {
        match self {
            Self::BeyondLimit | Self::TooSoon => 12,
            Self::TooManyOnHost | Self::NoRoom => 13,
        }
    }
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// Reads the journal.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    tolerance: Tolerance,
    groups: Vec<Watched>,
    /// Who is in the cloud's server groups.
    server_groups: BTreeMap<ServerGroupId, BTreeSet<ServerId>>,
    impacts: Impacts,
    room: Room,
    /// Unset: somebody always could look.
    attention: Option<Attention>,
}

/// A group, and how many members it had.
#[derive(Debug)]
struct Watched {
    group: Group,
    sizes: Vec<(Time, u32)>,
}

impl Watch {
    pub(crate) fn new(tolerance: Tolerance, groups: impl IntoIterator<Item = Group>) -> Self {
        let watched = |group| Watched { group, sizes: Vec::new() };
        let groups = groups.into_iter().map(watched).collect();
        Self { tolerance, groups, ..Self::default() }
    }

    /// Whether this replica can look at the cloud and write down what it sees.
    pub(crate) fn attention(&mut self, replica: usize, now: Time, can: bool) {
        self.attention.get_or_insert_default().is_paid(replica, now, can);
    }

    /// Takes in one entry. All of them are to be told, in their order.
    pub(crate) fn take(&mut self, entry: &Entry, by: By) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(begun) = Impacts::begun(&entry.event) {
            if by == By::Fermata {
                found = self.may_begin(entry.at, &begun);
            }
            self.impacts.begin(entry.at, &begun, by);
        }
        if let Event::Server { server, host, reserved, .. } = &entry.event {
            let ends: BTreeSet<_> = std::iter::once(host).chain(reserved).collect();
            found.extend(self.crowds(server, &ends));
        }
        self.impacts.take(entry);
        self.room.take(entry);
        match &entry.event {
            Event::Host { .. } | Event::Server { .. } => found.extend(self.room.overfull()),
            Event::Call { .. }
            | Event::HostGone { .. }
            | Event::Gone { .. }
            | Event::Migration { .. }
            | Event::Group { .. } => {}
        }
        if let Event::Group { group, members, .. } = &entry.event {
            self.server_groups.insert(group.clone(), members.clone());
        }
        if let Event::Server { .. } | Event::Gone { .. } | Event::Group { .. } = &entry.event {
            self.note_sizes(entry.at);
        }
        found
    }

    /// The members of a group that there are.
    fn members<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a ServerId> {
        let of_cloud = group.server_group.as_ref().and_then(|id| self.server_groups.get(id));
        let joined = of_cloud.into_iter().flatten().filter(|id| !group.members.contains(*id));
        group.members.iter().chain(joined).filter(|id| self.impacts.exists(id))
    }
}

/// A span as people read it.
fn span(of: time::Duration) -> String {
    format!("{:.1} s", Duration::try_from(of).unwrap_or_default().as_secs_f64())
}
