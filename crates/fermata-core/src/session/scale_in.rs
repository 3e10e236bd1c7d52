//! Room that owners are asked to make.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Notification, NotificationKind, NotificationState, Session};
use crate::id::{GroupId, ProjectId, ServerId};

/// Members of a group that an owner is asked to delete, so that hosts can be emptied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleIn {
    /// The group.
    pub group: GroupId,
    /// What people call it.
    pub name: String,
    /// How many members should go.
    pub servers: u32,
    /// Members that would do.
    pub suggested: Vec<ServerId>,
    /// What those take together, per resource class.
    pub resources: BTreeMap<String, u64>,
    /// How many members there are.
    pub size: u32,
}

impl Notification {
    /// What is asked for, if it is to scale in.
    pub fn scale_in(&self) -> Option<&ScaleIn> {
        match &self.kind {
            NotificationKind::ScaleIn(scale_in) => Some(scale_in),
            NotificationKind::Planned | NotificationKind::Drain(_) => None,
        }
    }
}

impl Session {
    /// Requests to scale in that are not answered yet.
    pub fn open_scale_ins(&self) -> impl Iterator<Item = (&Notification, &ScaleIn)> {
        let pending = self.notifications.values().filter(|n| n.state == NotificationState::Pending);
        pending.filter_map(|n| Some((n.as_ref(), n.scale_in()?)))
    }

    /// Whether the owner of a group that has so many members now may be asked to scale in: it never was in this session,
    /// or it gave something the last time.
    pub fn may_ask_to_scale_in(&self, project: &ProjectId, group: &GroupId, size: u32) -> bool {
        let asked = self.notifications.values().filter_map(|n| Some((n, n.scale_in()?)));
        let of_group =
            asked.filter(|(n, scale_in)| n.project == *project && scale_in.group == *group);
        let last = of_group.max_by_key(|(n, _)| (n.created_at, n.id));
        last.is_none_or(|(notification, scale_in)| match notification.state {
            NotificationState::Answered => size < scale_in.size,
            NotificationState::Closed => true,
            NotificationState::Pending
            | NotificationState::Rejected
            | NotificationState::Expired
            | NotificationState::CounterOffered => false,
        })
    }
}
