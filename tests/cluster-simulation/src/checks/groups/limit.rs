//! How many members of a group may be impacted at once. Told from docs/policies.md anew.

/// A number that holds for groups of this size and more, up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtSize {
    pub(crate) size: u32,
    pub(crate) number: u32,
}

/// What an owner says of its group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Limit {
    /// So many may be impacted.
    pub(crate) impacted: Vec<AtSize>,
    /// So many must be left alone.
    pub(crate) preserved: Vec<AtSize>,
}

impl Limit {
    /// For a group of so many members.
    pub(crate) fn of(&self, size: u32) -> u32 {
        let left_alone = holds(&self.preserved, size).unwrap_or(0);
        let rest = size.saturating_sub(left_alone);
        holds(&self.impacted, size).map_or(rest, |most| most.min(rest))
    }
}

/// Entries in the order of their sizes: the last one that is reached, or the first one if none is.
fn holds(entries: &[AtSize], size: u32) -> Option<u32> {
    let mut entries = entries.to_vec();
    entries.sort_by_key(|entry| entry.size);
    let reached = entries.iter().rposition(|entry| entry.size <= size);
    entries.get(reached.unwrap_or(0)).map(|entry| entry.number)
}
