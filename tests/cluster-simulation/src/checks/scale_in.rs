//! Invariant 12: no owner is asked to scale in below what its groups allow, by all sessions together.

use std::collections::BTreeSet;

use fermata_core::session::{Notification, NotificationState, Session};

use crate::world::World;

impl World {
    /// An owner is told of a request.
    pub(super) fn room_is_asked_for(
        &mut self,
        session: &Session,
        before: Option<&Notification>,
        notification: &Notification,
    ) {
        let Some(scale_in) = notification.scale_in() else { return };
        if let Some(before) = before {
            let answered = |n: &Notification| n.state == NotificationState::Answered;
            self.counts.scale_ins_answered +=
                u64::from(answered(notification) && !answered(before));
            return;
        }
        self.counts.scale_ins_asked += 1;
        let now = session.head.updated_at;
        let watch = &self.checks.watch;
        let mut found = Vec::new();
        let (size, least) = watch.sizes_of(scale_in.group.as_str(), now);
        if least.is_none_or(|least| scale_in.servers + least > size) {
            found.push(format!("of {size} of {}, at least {least:?}", scale_in.group));
        }
        // A server counts for each of its groups, in whichever name and by whichever session it is asked for.
        let sessions = self.store.sessions.values().map(|row| &row.session);
        let others = sessions.filter(|other| other.head.id != session.head.id);
        let open = others.chain([session]).flat_map(|session| session.open_scale_ins());
        let suggested: BTreeSet<_> = open.flat_map(|(_, scale_in)| &scale_in.suggested).collect();
        for group in watch.group_ids() {
            let members = watch.members_of(group);
            let asked = members.iter().filter(|m| suggested.contains(m)).count();
            let asked = u32::try_from(asked).unwrap_or(u32::MAX);
            let (size, least) = watch.sizes_of(group, now);
            if asked > 0 && least.is_none_or(|least| asked + least > size) {
                found.push(format!("{asked} of {size} of {group}, at least {least:?}"));
            }
        }
        for text in found {
            self.violated(12, format!("{scale_in:?} is asked for: {text} have to be left"));
        }
    }
}
