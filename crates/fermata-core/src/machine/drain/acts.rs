//! Actions on servers: planning them, beginning them after a look at the server, and how they end.

use crate::cloud::{CloudProgress, Migration, MigrationKind, Server, ServerSeen, ServerStatus};
use crate::event::ServerChange;
use crate::id::HostName;
use crate::machine::Machine;
use crate::reason::{HostReason, ServerReason};
use crate::session::{Act, Call, CallId, Op, Phase, ServerKey, ServerState, SessionHostState};
use crate::spec::Action;
use crate::ways::{Way, rests, way};
use time::Duration;

/// How long to leave a server alone that the cloud is busy with.
const BUSY: Duration = Duration::seconds(5);
/// Longest pause between two tries.
const LONGEST_BACKOFF: Duration = Duration::seconds(60);

/// Pause before try number `tries + 1`: 1, 2, 4 … 60 seconds.
pub(in crate::machine) fn backoff(tries: u32) -> Duration {
    Duration::seconds(1_i64 << tries.min(6)).min(LONGEST_BACKOFF)
}

impl Machine<'_> {
    fn may_act_more(&self) -> bool {
        let running = self.s.servers.values().filter(|s| s.act.is_some()).count();
        running < self.s.head.spec.max_parallel_actions as usize
    }

    /// Plans what was decided for a server. `false`: no more actions may run at once.
    pub(in crate::machine) fn act(&mut self, key: &ServerKey, action: Action) -> bool {
        let Some(server) = self.server(key) else { return true };
        if self.acts_elsewhere(key) {
            return true;
        }
        let Some(kind) = self.host(&key.host).map(|h| h.kind) else { return true };
        let op = match way(action, &server.status, kind) {
            Way::Rests => {
                // Perhaps it was this session that stopped it, in a drain before this one.
                let was_running = server.was_running && server.status == ServerStatus::Shutoff;
                self.kept(key, was_running);
                return true;
            }
            Way::Do(Action::Keep) => Op::Stop,
            Way::Do(Action::Migrate) => Op::Migrate,
            Way::Do(Action::LiveMigrate) => Op::LiveMigrate,
            Way::Do(Action::OwnAction) | Way::Blocked(_) => return true,
        };
        self.may_act_more() && self.plan(key, op)
    }

    /// A server that moves from one host of the session onto another is on both for a while.
    fn acts_elsewhere(&self, key: &ServerKey) -> bool {
        self.s.hosts.keys().filter(|host| **host != key.host).any(|host| {
            let there = ServerKey { host: host.clone(), server: key.server.clone() };
            self.server(&there).is_some_and(|s| s.act.is_some())
        })
    }

    /// Plans a call on a server that has none.
    pub(in crate::machine) fn plan(&mut self, key: &ServerKey, op: Op) -> bool {
        if !self.may_act_more() && self.server(key).is_none_or(|s| s.act.is_none()) {
            return false;
        }
        let call = Call {
            id: self.next_call(),
            op,
            phase: Phase::Planned,
            epoch: 0,
            not_before: self.now,
            tries: 0,
        };
        let deadline = self.now + self.s.head.spec.action_timeout;
        self.edit_server(key, |s| {
            if op != Op::Start {
                s.state = ServerState::InAction;
            }
            let target = s.target.clone().filter(|_| matches!(op, Op::LiveMigrate | Op::Migrate));
            s.act = Some(Act {
                target,
                call,
                deadline,
                begun_at: None,
                baseline: None,
                aborting: None,
            });
            s.retry_at = None;
        });
        self.moved = true;
        true
    }

    pub(in crate::machine) fn key_of_call(&self, id: CallId) -> Option<ServerKey> {
        self.s
            .servers
            .values()
            .find(|s| s.act.as_ref().is_some_and(|a| a.call.id == id))
            .map(|s| s.key.clone())
    }

    pub(in crate::machine) fn edit_call(&mut self, key: &ServerKey, edit: impl FnOnce(&mut Call)) {
        self.edit_server(key, |s| {
            if let Some(act) = &mut s.act {
                edit(&mut act.call);
            }
        });
    }

    /// The runner is about to make a call and has looked at its server. The call is made only if it is
    /// [`Phase::Begun`] afterwards.
    pub(in crate::machine) fn begin(
        &mut self,
        id: CallId,
        epoch: u64,
        seen: Option<&CloudProgress>,
    ) {
        if let Some(key) = self.key_of_call(id) {
            if let Some(seen) = seen {
                self.cloud_answers();
                self.begin_on_server(&key, epoch, seen);
            }
            return;
        }
        let host = self.host_of_call(id);
        if let Some(host) = host {
            self.edit_host(&host, |h| {
                if let Some(call) = &mut h.call
                    && call.phase == Phase::Planned
                {
                    call.phase = Phase::Begun;
                    call.epoch = epoch;
                }
            });
        }
    }

    pub(in crate::machine) fn host_of_call(&self, id: CallId) -> Option<HostName> {
        self.s
            .hosts
            .values()
            .find(|h| h.call.as_ref().is_some_and(|c| c.id == id))
            .map(|h| h.host.clone())
    }

    fn begin_on_server(&mut self, key: &ServerKey, epoch: u64, seen: &CloudProgress) {
        let Some(entry) = self.server(key).cloned() else { return };
        let Some(act) = entry.act.as_ref().filter(|a| a.call.phase == Phase::Planned) else {
            return;
        };
        let server = match seen.servers.iter().find(|s| *s.id() == key.server) {
            None => return,
            Some(ServerSeen::Gone(_)) => return self.gone(key),
            Some(ServerSeen::Present(server)) => server.clone(),
        };
        self.edit_server(key, |s| s.status = server.status.clone());
        if server.host.as_ref() != Some(&key.host) && act.call.op != Op::ConfirmMigration {
            // An earlier try of ours may have come through late; else its owner was faster.
            let ours = entry.failures + act.call.tries > 0 || act.aborting.is_some();
            if ours && server.host.is_some() {
                self.moved_away(key, &server);
            } else {
                self.gone(key);
            }
            return;
        }
        if server.status == ServerStatus::Error {
            self.fail_server(key, &ServerReason::server_error(), true);
            return;
        }
        let unconfirmed = server.status == ServerStatus::VerifyResize;
        let busy = match act.call.op {
            Op::AbortMigration(_) => false,
            Op::ConfirmMigration => server.task.is_some(),
            Op::LiveMigrate
            | Op::Migrate
            | Op::Stop
            | Op::Start
            | Op::DisableScheduling
            | Op::EnableScheduling => server.task.is_some() || unconfirmed,
        };
        if busy {
            self.wait_for_other(key, act.deadline);
            return;
        }
        if (act.call.op, &server.status) == (Op::Start, &ServerStatus::Active) {
            return self.started(key);
        }
        match self.way_of(key, act.call.op, &server.status) {
            Some(Way::Do(Action::LiveMigrate)) => self.edit_call(key, |c| c.op = Op::LiveMigrate),
            Some(Way::Do(Action::Migrate)) => self.edit_call(key, |c| c.op = Op::Migrate),
            Some(Way::Do(Action::Keep | Action::OwnAction)) | None => {}
            Some(Way::Rests) => {
                let stopped = server.status == ServerStatus::Shutoff;
                return self.kept(key, entry.was_running && stopped);
            }
            // Since it was planned its status has changed.
            Some(Way::Blocked(_)) => {
                self.moved = true;
                self.edit_server(key, |s| {
                    s.act = None;
                    s.state = ServerState::Affected;
                });
                return;
            }
        }
        if let Op::LiveMigrate | Op::Migrate | Op::Stop = act.call.op
            && let Some(full) = self.is_full(key)
        {
            // Since it was decided a member has failed; or one has become well, and its group has to recover first.
            self.moved = true;
            self.edit_server(key, |s| {
                s.act = None;
                s.state = ServerState::Affected;
                s.waits_for = Some(full);
            });
            return;
        }
        self.begun(key, epoch, &server, newest(&seen.migrations, key));
    }

    /// What becomes of an action that is about to begin, now that its server was looked at.
    fn way_of(&self, key: &ServerKey, op: Op, status: &ServerStatus) -> Option<Way> {
        let action = match op {
            Op::LiveMigrate => Action::LiveMigrate,
            Op::Migrate => Action::Migrate,
            Op::Stop => Action::Keep,
            Op::DisableScheduling
            | Op::EnableScheduling
            | Op::ConfirmMigration
            | Op::AbortMigration(_)
            | Op::Start => return None,
        };
        Some(way(action, status, self.host(&key.host)?.kind))
    }

    fn begun(&mut self, key: &ServerKey, epoch: u64, server: &Server, newest: Option<&Migration>) {
        let now = self.now;
        let first = self.server(key).and_then(|s| s.act.as_ref()).is_some_and(|a| {
            a.call.tries == 0 && matches!(a.call.op, Op::LiveMigrate | Op::Migrate | Op::Stop)
        });
        let runs = server.status == ServerStatus::Active;
        self.edit_server(key, |s| {
            s.act_started_at = s.act_started_at.or(Some(now));
            s.stuck = false;
            s.host_id.clone_from(&server.host_id);
            if let Some(act) = &mut s.act {
                act.call.phase = Phase::Begun;
                act.call.epoch = epoch;
                act.begun_at = act.begun_at.or(Some(now));
                match act.call.op {
                    Op::LiveMigrate | Op::Migrate => act.baseline = newest.map(|m| m.id),
                    Op::Stop => s.was_running = runs,
                    Op::DisableScheduling
                    | Op::EnableScheduling
                    | Op::ConfirmMigration
                    | Op::AbortMigration(_)
                    | Op::Start => {}
                }
            }
        });
        if first {
            self.tell_server(key, ServerChange::ActionStarted, None);
        }
    }

    /// Somebody else's work on the server is not disturbed; but it does not hold a drain up for ever.
    fn wait_for_other(&mut self, key: &ServerKey, deadline: crate::Time) {
        if self.now >= deadline {
            self.fail_server(key, &ServerReason::cloud_busy(), false);
            return;
        }
        let not_before = self.now + BUSY;
        self.edit_call(key, |c| c.not_before = not_before);
    }

    // --- how actions end

    pub(in crate::machine) fn moved_away(&mut self, key: &ServerKey, server: &Server) {
        let now = self.now;
        self.edit_server(key, |s| {
            s.state = ServerState::Moved;
            s.status = server.status.clone();
            s.host_id.clone_from(&server.host_id);
            s.destination.clone_from(&server.host);
            s.act = None;
            s.act_ended_at = Some(now);
            s.error = None;
        });
        self.quiet_from_now(&key.host);
        self.tell_server(key, ServerChange::ActionDone, None);
    }

    pub(in crate::machine) fn kept(&mut self, key: &ServerKey, was_running: bool) {
        let now = self.now;
        self.edit_server(key, |s| {
            s.state = ServerState::Kept;
            if !rests(&s.status) {
                s.status = ServerStatus::Shutoff;
            }
            s.was_running = was_running;
            s.act = None;
            s.act_ended_at = Some(now);
        });
        self.quiet_from_now(&key.host);
        let why = if was_running {
            ServerReason::stopped_for_work()
        } else {
            ServerReason::was_stopped()
        };
        self.tell_server(key, ServerChange::WentDown, Some(why));
    }

    pub(in crate::machine) fn started(&mut self, key: &ServerKey) {
        let now = self.now;
        self.edit_server(key, |s| {
            s.state = ServerState::Restored;
            s.status = ServerStatus::Active;
            s.was_running = false;
            s.act = None;
            s.act_ended_at = Some(now);
        });
        self.tell_server(key, ServerChange::IsBack, None);
    }

    fn quiet_from_now(&mut self, host: &HostName) {
        let now = self.now;
        self.edit_host(host, |h| {
            h.quiet_since = Some(now);
            h.empty_reads = 0;
        });
    }

    /// One try failed and the server is where it was. `why` is for operators: the words of the cloud may name
    /// hosts. `owner` is what its owner is told.
    pub(in crate::machine) fn try_failed(
        &mut self,
        key: &ServerKey,
        op: Op,
        why: &ServerReason,
        owner: &ServerReason,
    ) {
        let Some(failures) = self.server(key).map(|s| s.failures + 1) else { return };
        let target = self.server(key).and_then(|s| s.act.as_ref()?.target.clone());
        self.edit_server(key, |s| {
            s.failures = failures;
            s.error = Some(why.clone());
            s.failed_targets.extend(target.clone());
        });
        if target.is_some() {
            self.plan_again();
        }
        if failures >= self.s.head.spec.action_attempts {
            let next = format!("given up after {failures} tries");
            self.give_server_up(key, &why.then(&next), &owner.then(&next), false);
            return;
        }
        let again = self.now + backoff(failures);
        let next = format!("tried again at {}", clock(again));
        match op {
            // Halfway through: the same call again, nothing else may happen to the server.
            Op::ConfirmMigration | Op::Start => self.replan(key, op, again),
            Op::LiveMigrate
            | Op::Migrate
            | Op::Stop
            | Op::AbortMigration(_)
            | Op::DisableScheduling
            | Op::EnableScheduling => self.edit_server(key, |s| {
                s.act = None;
                s.state = ServerState::Affected;
                s.retry_at = Some(again);
            }),
        }
        let (why, owner) = (why.then(&next), owner.then(&next));
        self.tell_server_apart(key, ServerChange::ActionFailed, Some(why), Some(owner));
    }

    /// The call certainly did not happen, or has to follow: it is wanted (again).
    pub(in crate::machine) fn replan(&mut self, key: &ServerKey, op: Op, not_before: crate::Time) {
        let id = self.next_call();
        self.edit_call(key, |c| {
            let tries = if c.op == op { c.tries + 1 } else { 0 };
            *c = Call { id, op, phase: Phase::Planned, epoch: 0, not_before, tries };
        });
        self.moved = true;
    }

    /// An action failed for good. A server that is broken is the operator's to decide; else the drain
    /// is given up.
    pub(in crate::machine) fn fail_server(
        &mut self,
        key: &ServerKey,
        why: &ServerReason,
        hold: bool,
    ) {
        self.give_server_up(key, why, why, hold);
    }

    fn give_server_up(
        &mut self,
        key: &ServerKey,
        why: &ServerReason,
        owner: &ServerReason,
        hold: bool,
    ) {
        let now = self.now;
        let state = self.host(&key.host).map(|h| h.state);
        let returning = state == Some(SessionHostState::Returning);
        self.edit_server(key, |s| {
            s.state = if returning { ServerState::HandedOver } else { ServerState::Failed };
            s.act = None;
            s.act_ended_at = Some(now);
            s.error = Some(why.clone());
        });
        let change = if returning { ServerChange::HandedOver } else { ServerChange::ActionFailed };
        self.tell_server_apart(key, change, Some(why.clone()), Some(owner.clone()));
        if returning {
            return;
        }
        let name = self.server(key).map(|s| s.name.clone()).unwrap_or_default();
        let why = HostReason::server_failed(&name, &key.server, why);
        if hold {
            self.hold(&key.host, &why);
        } else {
            self.give_up(&key.host, why);
        }
    }
}

/// The newest migration of a server.
pub(super) fn newest<'a>(migrations: &'a [Migration], key: &ServerKey) -> Option<&'a Migration> {
    migrations
        .iter()
        .filter(|m| m.server == key.server && m.kind != MigrationKind::Other)
        .max_by_key(|m| m.id)
}

/// A time of day, for people.
pub(super) fn clock(at: crate::Time) -> String {
    format!("{:02}:{:02}:{:02} UTC", at.hour(), at.minute(), at.second())
}
