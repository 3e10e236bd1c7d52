//! How an action on a server stands, told from what the cloud shows. Pure, and apart from what follows
//! from the verdict. The endings are those measured on a real Nova (deploy/openstack-lab/README.md).

use time::Duration;

use crate::Time;
use crate::cloud::{
    Migration, MigrationId, MigrationKind, MigrationStatus, Server, ServerSeen, ServerStatus,
};
use crate::id::HostName;
use crate::reason::ServerReason;
use crate::session::{Act, Op, Phase};

/// An accepted action of which nothing was seen for so long was forgotten by the cloud.
pub(super) const FORGOTTEN_AFTER: Duration = Duration::seconds(30);
/// An action past its deadline that could not be ended either is left alone after this.
const ABORT_GRACE: Duration = Duration::seconds(60);
/// Statuses of a migration that somebody aborted (Nova, os-migrations).
const ABORTED: [&str; 2] = ["cancelled", "aborted"];

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::machine) enum Verdict {
    /// Nothing yet.
    Wait,
    /// It is under way after all.
    UnderWay,
    /// It certainly did not happen.
    NeverStarted,
    /// The server has left; done.
    Moved(Server),
    /// The server waits for its cold migration to be confirmed.
    Confirm(Server),
    /// The server is stopped; done.
    Stopped,
    /// The server runs; done.
    Started,
    /// This try failed; the server is where it was.
    Failed(ServerReason),
    /// Somebody undid a cold migration that waited for its confirmation.
    Reverted,
    /// Nothing more can be tried.
    Broken(ServerReason),
    /// It takes too long and cannot be ended; the cloud is still at it.
    Endless,
    /// It takes too long; abort it.
    Abort(MigrationId),
    /// The server does not exist any more.
    Gone,
}

/// Judges one action. `migrations` may hold those of other servers.
pub(in crate::machine) fn judge(
    act: &Act,
    source: &HostName,
    seen: &ServerSeen,
    migrations: &[Migration],
    now: Time,
) -> Verdict {
    let server = match seen {
        ServerSeen::Gone(_) => return Verdict::Gone,
        ServerSeen::Present(server) => server,
    };
    if server.status == ServerStatus::Error && server.task.is_none() {
        return Verdict::Broken(ServerReason::server_error());
    }
    let left = server.host.as_ref().is_some_and(|h| h != source);
    let idle = server.task.is_none();
    match act.call.op {
        Op::LiveMigrate | Op::AbortMigration(_) => {
            let migration = newer(act, server, migrations, MigrationKind::Live);
            if left && idle && server.status != ServerStatus::VerifyResize {
                return Verdict::Moved(server.clone());
            }
            match migration.map(|m| (&m.status, m.id)) {
                Some((MigrationStatus::Failed(word), _)) if idle => {
                    Verdict::Failed(ended_in("live migration", word, act))
                }
                Some((MigrationStatus::InProgress, id)) if now >= act.deadline => {
                    match act.aborting {
                        None => Verdict::Abort(id),
                        Some(_) => overdue(act, now),
                    }
                }
                Some((MigrationStatus::Completed, _)) if idle => moved_back(),
                Some(_) => overdue(act, now),
                None => unseen(act, idle, now),
            }
        }
        Op::Migrate => {
            let migration = newer(act, server, migrations, MigrationKind::Cold);
            match (&server.status, migration.map(|m| &m.status)) {
                (ServerStatus::VerifyResize, _) if left && idle => Verdict::Confirm(server.clone()),
                (ServerStatus::VerifyResize, _) => overdue(act, now),
                (_, Some(MigrationStatus::Failed(word))) if idle && !left => {
                    Verdict::Failed(ended_in("migration", word, act))
                }
                // Nova's migration may be `finished` a moment before the server says VERIFY_RESIZE.
                (_, Some(MigrationStatus::AwaitsConfirmation)) => overdue(act, now),
                (ServerStatus::Active | ServerStatus::Shutoff, _) if left && idle => {
                    Verdict::Moved(server.clone())
                }
                (_, Some(MigrationStatus::Completed)) if idle && !left => moved_back(),
                (_, Some(_)) => overdue(act, now),
                (_, None) => unseen(act, idle, now),
            }
        }
        Op::ConfirmMigration => match (&server.status, left) {
            (ServerStatus::Active | ServerStatus::Shutoff, true) if idle => {
                Verdict::Moved(server.clone())
            }
            (ServerStatus::Active | ServerStatus::Shutoff, false) if idle => Verdict::Reverted,
            // Nova shows no task for it: only the migration (`confirming`) tells that it is under way.
            _ if newer(act, server, migrations, MigrationKind::Cold)
                .is_some_and(|m| m.status == MigrationStatus::InProgress) =>
            {
                overdue(act, now)
            }
            _ => unseen(act, idle && server.status == ServerStatus::VerifyResize, now),
        },
        Op::Stop if server.status == ServerStatus::Shutoff && idle => Verdict::Stopped,
        Op::Start if server.status == ServerStatus::Active && idle => Verdict::Started,
        Op::Stop | Op::Start => unseen(act, idle, now),
        Op::DisableScheduling | Op::EnableScheduling => Verdict::Wait,
    }
}

/// A migration that did not come to its end.
fn ended_in(what: &str, status: &str, act: &Act) -> ServerReason {
    if act.aborting.is_some() {
        ServerReason::timed_out(what, status)
    } else if ABORTED.contains(&status) {
        ServerReason::aborted(what, status)
    } else {
        ServerReason::migration_failed(what, status)
    }
}

fn moved_back() -> Verdict {
    Verdict::Failed(ServerReason::moved_back())
}

fn newer<'a>(
    act: &Act,
    server: &Server,
    migrations: &'a [Migration],
    kind: MigrationKind,
) -> Option<&'a Migration> {
    migrations
        .iter()
        .filter(|m| m.server == server.id && m.kind == kind && Some(m.id) > act.baseline)
        .max_by_key(|m| m.id)
}

/// Nothing is seen of the action but, perhaps, that the cloud is busy with the server.
fn unseen(act: &Act, idle: bool, now: Time) -> Verdict {
    match act.call.phase {
        _ if !idle && now < act.deadline => Verdict::UnderWay,
        _ if !idle => overdue(act, now),
        Phase::Unresolved { settles_at } if now >= settles_at => Verdict::NeverStarted,
        Phase::Accepted { at } if now >= at + FORGOTTEN_AFTER => {
            Verdict::Failed(ServerReason::ignored())
        }
        Phase::Unresolved { .. } | Phase::Accepted { .. } | Phase::Planned | Phase::Begun => {
            Verdict::Wait
        }
    }
}

fn overdue(act: &Act, now: Time) -> Verdict {
    if now >= act.deadline + ABORT_GRACE { Verdict::Endless } else { Verdict::UnderWay }
}

#[cfg(test)]
mod tests;
