//! Invariant 12, when Fermata's call is taken by the cloud: the member may be impacted then if fewer members are
//! than the group's limit, and if the last impact ended so long ago as the group needs to recover.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use fermata_core::Time;
use fermata_core::id::ServerId;

use super::impacts::{Act, Begun, Cause, Ended};
use super::{Finding, Group, Kind, Watch, Watched, span};

impl Watch {
    pub(super) fn may_begin(&self, at: Time, begun: &Begun) -> Vec<Finding> {
        let server = &begun.server;
        // What follows on an impact of Fermata's own, such as a move of a server that it has stopped, adds none.
        if self.impacts.of(server).any(|(cause, _)| cause.is_fermatas()) {
            return Vec::new();
        }
        let is_in = |w: &&Watched| self.members(&w.group).any(|member| member == server);
        let groups = self.groups.iter().filter(is_in);
        groups
            .flat_map(|w| self.beyond_limit(at, begun, w).or(self.too_soon(at, begun, w)))
            .collect()
    }

    fn beyond_limit(&self, at: Time, begun: &Begun, watched: &Watched) -> Option<Finding> {
        let group = &watched.group;
        let (size, limit) = self.limit(at, watched);
        let impacted: Vec<_> = self.others_impacted(at, begun, group).collect();
        if impacted.len() < limit {
            return None;
        }
        let mut text = format!(
            "Fermata begins to {} while {} of {size} members of {} are impacted, whose limit is {limit}",
            act(begun),
            impacted.len(),
            group.id,
        );
        for (member, (cause, since)) in impacted {
            let _ = write!(text, "; {member} is {} for {}", cause.words(), span(at - since));
        }
        Some(Finding { kind: Kind::BeyondLimit, text })
    }

    fn too_soon(&self, at: Time, begun: &Begun, watched: &Watched) -> Option<Finding> {
        let group = &watched.group;
        let over = |ended: &Ended| at >= ended.until + group.recovery - self.tolerance.clock;
        let open: Vec<_> = self.known_ends(group).filter(|(_, ended)| !over(ended)).collect();
        let last = open.iter().max_by_key(|(_, ended)| ended.until)?;
        if self.was_decided_before(at, begun, watched, &open) {
            return None;
        }
        let (member, ended) = last;
        let text = format!(
            "Fermata begins to {} {} after {member} of {} was {}, which needs {} to recover",
            act(begun),
            span(at - ended.until),
            group.id,
            ended.cause.words(),
            span(group.recovery),
        );
        Some(Finding { kind: Kind::TooSoon, text })
    }

    /// Whether it may have been decided while all these impacts were under way, and there was room for one more.
    fn was_decided_before(
        &self,
        at: Time,
        begun: &Begun,
        watched: &Watched,
        ends: &[(&ServerId, &Ended)],
    ) -> bool {
        let from = at - self.tolerance.ends;
        let under_way = |(member, ended): &(&ServerId, &Ended)| {
            let acted_on = **member == begun.server && ended.cause.is_fermatas();
            ended.until > from && !acted_on
        };
        let now = self.others_impacted(at, begun, &watched.group).map(|(member, _)| member);
        let then = ends.iter().map(|(member, _)| *member).filter(|m| **m != begun.server);
        let impacted: BTreeSet<_> = now.chain(then).collect();
        ends.iter().all(under_way) && impacted.len() < self.limit(at, watched).1
    }

    /// Other members that are impacted, and why, as far as Fermata must know it.
    fn others_impacted<'a>(
        &'a self,
        at: Time,
        begun: &'a Begun,
        group: &'a Group,
    ) -> impl Iterator<Item = (&'a ServerId, (Cause, Time))> {
        let others = self.members(group).filter(|member| **member != begun.server);
        others.filter_map(move |member| Some((member, self.known_cause(at, member)?)))
    }

    /// The size and the limit; the greatest limit of late, while Fermata may not know yet that members came or went.
    fn limit(&self, at: Time, watched: &Watched) -> (u32, usize) {
        let from = at - self.tolerance.knowledge;
        let until = watched.sizes.iter().skip(1).map(|(at, _)| *at);
        let held = watched.sizes.iter().zip(until.map(Some).chain([None]));
        let of_late = held.filter(|(_, until)| until.is_none_or(|until| until > from));
        let limits = of_late.map(|((_, size), _)| (*size, watched.group.limit.of(*size)));
        let (size, limit) = limits.max_by_key(|(_, limit)| *limit).unwrap_or_default();
        (size, usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// Why a member is impacted, as far as Fermata must know it: the first thing that happened.
    fn known_cause(&self, at: Time, member: &ServerId) -> Option<(Cause, Time)> {
        let known = |cause: Cause, since| self.is_known(cause, since, at);
        self.impacts
            .of(member)
            .filter(|(cause, since)| known(*cause, *since))
            .min_by_key(|(_, since)| *since)
    }

    /// What is over of a group's impacts, those of a member that is gone, too. A fault that was over before Fermata had
    /// to know of it may have been seen by nobody.
    fn known_ends<'a>(
        &'a self,
        group: &'a Group,
    ) -> impl Iterator<Item = (&'a ServerId, &'a Ended)> {
        let gone = group.members.iter().filter(|member| !self.impacts.exists(member));
        let members = self.members(group).chain(gone);
        let ends = members.flat_map(|m| self.impacts.ended(m).iter().map(move |ended| (m, ended)));
        ends.filter(|(_, ended)| self.is_known(ended.cause, ended.since, ended.until))
    }

    fn is_known(&self, cause: Cause, since: Time, until: Time) -> bool {
        let seen = self.attention.as_ref().is_none_or(|a| a.was_paid(since, until));
        cause.is_fermatas() || seen && until - since >= self.tolerance.knowledge
    }
}

fn act(begun: &Begun) -> String {
    let what = match begun.act {
        Act::LiveMigrate => "live migrate",
        Act::Migrate => "migrate",
        Act::Stop => "stop",
    };
    format!("{what} {}", begun.server)
}
