//! The policy of a group of servers, and how many of its members may be impacted at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::ServerPolicy;
use crate::id::{GroupId, ProjectId, ServerGroupId, ServerId};

/// What an owner wants for a group of its servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPolicy {
    /// The group, unique in its project.
    pub id: GroupId,
    /// The owner.
    pub project: ProjectId,
    /// A name for people.
    pub name: String,
    /// Members by id.
    #[serde(default)]
    pub members: BTreeSet<ServerId>,
    /// A server group of Nova whose members are members, too, whoever joins or leaves it.
    #[serde(default)]
    pub server_group: Option<ServerGroupId>,
    /// How many members may be impacted at once, by the group's size.
    #[serde(default)]
    pub max_impacted: Vec<MaxImpacted>,
    /// How many members must be left alone, by the group's size.
    #[serde(default)]
    pub min_preserved: Vec<MinPreserved>,
    /// Least time between two impacts on the group (ETSI min_recovery_time_between_impacts).
    #[serde(default)]
    pub recovery_time: Option<Duration>,
    /// No two members on one host.
    #[serde(default)]
    pub anti_affinity: bool,
    /// How many members may be on one host.
    #[serde(default)]
    pub max_per_host: Option<u32>,
    /// The least size down to which the owner agrees to be asked to scale in. Unset: it is not asked.
    #[serde(default)]
    pub min_size_for_scale_in: Option<u32>,
    /// What holds for each member that says nothing else itself.
    #[serde(default)]
    pub member_policy: ServerPolicy,
}

/// How many members may be impacted at once (ETSI MaxNumberOfImpactedInstances).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxImpacted {
    /// For groups of this size and more, up to the next entry. 0: of any size.
    pub group_size: u32,
    /// So many.
    pub max: u32,
}

/// How many members must be left alone (ETSI MinNumberOfPreservedInstances).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinPreserved {
    /// For groups of this size and more, up to the next entry. 0: of any size.
    pub group_size: u32,
    /// So many.
    pub min: u32,
}

impl GroupPolicy {
    /// A group that asks for nothing yet.
    pub fn new(id: GroupId, project: ProjectId) -> Self {
        Self {
            id,
            project,
            name: String::new(),
            members: BTreeSet::new(),
            server_group: None,
            max_impacted: Vec::new(),
            min_preserved: Vec::new(),
            recovery_time: None,
            anti_affinity: false,
            max_per_host: None,
            min_size_for_scale_in: None,
            member_policy: ServerPolicy::default(),
        }
    }

    /// How many members may be impacted at once while the group has `size` members. Never more than `size`; 0: none
    /// may be touched.
    ///
    /// ETSI gives both limits «for different group sizes» (GS NFV-IFA 011, clauses 7.1.8.17 to 7.1.8.19; GS NFV-SOL 001,
    /// clauses 6.2.72 to 6.2.74, NfviMaintenanceInfo):
    ///
    /// - *max_number_of_impacted_instances*: the maximum number of instances that can be impacted simultaneously within
    ///   the group of virtualised resources without losing functionality;
    /// - *min_number_of_preserved_instances*: the minimum number of instances which need to be preserved
    ///   simultaneously within the group;
    /// - *group_size*: the size of the group for which the number is specified; if not present, the size is not limited.
    ///
    /// It does not say what holds for sizes that no entry names. Here an entry holds from its size up to the next
    /// one, and the smallest entry also below its size. If both limits are given, both hold.
    pub fn limit(&self, size: u32) -> u32 {
        let max = at_size(&self.max_impacted, size, |e| e.group_size).map_or(size, |e| e.max);
        let min = at_size(&self.min_preserved, size, |e| e.group_size).map_or(0, |e| e.min);
        max.min(size.saturating_sub(min))
    }

    /// Whether there is any.
    pub fn has_limits(&self) -> bool {
        !self.max_impacted.is_empty() || !self.min_preserved.is_empty()
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { self.id.as_str() } else { &self.name }
    }

    /// How many members may be on one host; `None`: any number.
    pub fn per_host(&self) -> Option<u32> {
        if self.anti_affinity { Some(1) } else { self.max_per_host }
    }
}

/// The entry for the greatest size that is not above this one; below the smallest, that one.
fn at_size<T>(entries: &[T], size: u32, of: impl Fn(&T) -> u32) -> Option<&T> {
    let reached = entries.iter().filter(|e| of(e) <= size).max_by_key(|e| of(e));
    reached.or_else(|| entries.iter().min_by_key(|e| of(e)))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{GroupPolicy, MaxImpacted, MinPreserved};

    fn group(max: &[(u32, u32)], min: &[(u32, u32)]) -> GroupPolicy {
        let mut group = GroupPolicy::new("g".into(), "red".into());
        group.max_impacted =
            max.iter().map(|&(group_size, max)| MaxImpacted { group_size, max }).collect();
        group.min_preserved =
            min.iter().map(|&(group_size, min)| MinPreserved { group_size, min }).collect();
        group
    }

    fn limits(max: &[(u32, u32)], min: &[(u32, u32)], sizes: &[u32]) -> Vec<u32> {
        sizes.iter().map(|size| group(max, min).limit(*size)).collect()
    }

    #[test]
    fn unset_limits_limit_nothing() {
        assert_eq!(limits(&[], &[], &[0, 1, 7]), [0, 1, 7]);
    }

    #[test]
    fn an_entry_holds_from_its_size_to_the_next_and_the_smallest_also_below() {
        let max = [(10, 3), (4, 1)];
        assert_eq!(limits(&max, &[], &[0, 2, 4, 9, 10, 50]), [0, 1, 1, 1, 3, 3]);
    }

    #[test]
    fn an_entry_without_a_size_holds_for_every_size() {
        assert_eq!(limits(&[(0, 2)], &[], &[1, 2, 9]), [1, 2, 2]);
    }

    #[test]
    fn what_must_be_preserved_bounds_the_limit_and_never_below_none() {
        assert_eq!(limits(&[], &[(3, 2)], &[1, 2, 3, 5]), [0, 0, 1, 3]);
        assert_eq!(limits(&[(0, 2)], &[(0, 4)], &[3, 4, 5, 9]), [0, 0, 1, 2]);
    }

    #[test]
    fn anti_affinity_means_one_per_host() {
        let mut group = group(&[], &[]);
        group.max_per_host = Some(3);
        assert_eq!(group.per_host(), Some(3));
        group.anti_affinity = true;
        assert_eq!(group.per_host(), Some(1));
    }

    proptest! {
        #[test]
        fn a_limit_leaves_what_must_be_preserved(
            max in vec((0..12_u32, 0..12_u32), 0..4),
            min in vec((0..12_u32, 0..12_u32), 0..4),
            size in 0..20_u32,
        ) {
            let group = group(&max, &min);
            let limit = group.limit(size);
            prop_assert!(limit <= size);
            // Told the other way round: walk down from the size to the entry that holds.
            let holds = |entries: &[(u32, u32)]| {
                (0..=size)
                    .rev()
                    .chain(size..12)
                    .find_map(|at| entries.iter().find(|e| e.0 == at).map(|e| e.0))
            };
            if let Some(at) = holds(&max) {
                let entry = max.iter().filter(|e| e.0 == at).map(|e| e.1).max().unwrap_or(0);
                prop_assert!(limit <= entry);
            }
            if let Some(at) = holds(&min) {
                let least = min.iter().filter(|e| e.0 == at).map(|e| e.1).min().unwrap_or(0);
                prop_assert!(limit == 0 || size - limit >= least);
            }
        }
    }
}
