//! How many members groups have and had, and how few there may be.

use fermata_core::Time;
use fermata_core::id::ServerId;

use super::Watch;

impl Watch {
    /// The members of a group by its id.
    pub(crate) fn members_of(&self, id: &str) -> Vec<ServerId> {
        let of_id = self.groups.iter().filter(|w| w.group.id == id);
        of_id.flat_map(|w| self.members(&w.group)).cloned().collect()
    }

    /// All groups.
    pub(crate) fn group_ids(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|w| w.group.id.as_str())
    }

    /// The greatest size of late, while Fermata may not know yet that members came or went; and how many have to be left.
    pub(crate) fn sizes_of(&self, id: &str, now: Time) -> (u32, Option<u32>) {
        let Some(watched) = self.groups.iter().find(|w| w.group.id == id) else { return (0, None) };
        let from = now - self.tolerance.knowledge;
        let until = watched.sizes.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
        let held = watched.sizes.iter().zip(until);
        let of_late = held.filter(|(_, until)| until.is_none_or(|until| until > from));
        let size = of_late.map(|((_, size), _)| *size).max().unwrap_or(0);
        (size, watched.group.least)
    }

    pub(super) fn note_sizes(&mut self, at: Time) {
        let sizes: Vec<_> = self.groups.iter().map(|w| self.members(&w.group).count()).collect();
        for (watched, size) in self.groups.iter_mut().zip(sizes) {
            let size = u32::try_from(size).unwrap_or(u32::MAX);
            match watched.sizes.last_mut() {
                Some((_, before)) if *before == size => {}
                // In between it had that size for no time.
                Some((since, before)) if *since == at => *before = size,
                Some(_) | None => watched.sizes.push((at, size)),
            }
        }
    }
}
