//! Invariant 12, from the cloud's journal alone: when Fermata begins an action, so many other members of the server's
//! groups may be impacted by it, and the last impact is as long ago as they take to recover.

use std::collections::BTreeSet;

use fermata_core::Time;
use fermata_core::cloud::ServerStatus;
use fermata_core::id::{ProjectId, ServerId};
use fermata_core::policy::Policies;
use fermata_core::session::Op;

use crate::world::cloud::{Effect, FakeCloud, Line};

/// Whether what Fermata did to a server is over, and since when.
enum Seen {
    Untouched,
    Impacted,
    Since(Time),
}

/// `known`: members that the session takes for impacted, because it has not seen yet that they are not any more.
pub(super) fn hold(
    policies: &Policies,
    project: &ProjectId,
    server: &ServerId,
    known: &BTreeSet<ServerId>,
    cloud: &FakeCloud,
    now: Time,
) {
    for group in policies.groups_of(project, server) {
        let members: Vec<_> = policies
            .members_of(group)
            .into_iter()
            .filter(|m| cloud.servers.get(*m).is_some_and(|s| s.project == *project))
            .collect();
        let limit = group.limit(u32::try_from(members.len()).unwrap()) as usize;
        let seen: Vec<_> =
            members.iter().filter(|m| **m != server).map(|m| (*m, seen(cloud, m))).collect();
        let busy: Vec<_> =
            seen.iter().filter(|(_, s)| matches!(s, Seen::Impacted)).map(|(m, _)| m).collect();
        assert!(busy.len() < limit, "{server} is touched at {now} beside {busy:?}; limit {limit}");
        let recovery = group.recovery_time.unwrap_or_default();
        for (member, seen) in seen {
            if let Seen::Since(at) = seen
                && !known.contains(member)
            {
                assert!(at + recovery <= now, "{server} is touched at {now}, {member} at {at}");
            }
        }
    }
}

fn seen(cloud: &FakeCloud, server: &ServerId) -> Seen {
    let ours = |l: &&Line| {
        let impacts = !matches!(l.op, Op::DisableScheduling | Op::EnableScheduling);
        l.by_us && l.target == server.as_str() && impacts && l.effect != Effect::Nothing
    };
    let Some(last) = cloud.journal.iter().rfind(ours) else { return Seen::Untouched };
    let status = &cloud.servers[server].status;
    match (last.op, last.effect) {
        (_, Effect::UnderWay) => Seen::Impacted,
        (Op::Migrate, Effect::Done) if *status == ServerStatus::VerifyResize => Seen::Impacted,
        (Op::Stop, Effect::Done) if *status == ServerStatus::Shutoff => Seen::Impacted,
        // Somebody else went on with it: when that was is not told here.
        (Op::Migrate | Op::Stop, Effect::Done) => Seen::Untouched,
        _ => last.ended_at.map_or(Seen::Untouched, Seen::Since),
    }
}
