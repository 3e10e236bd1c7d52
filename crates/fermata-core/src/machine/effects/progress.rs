//! Applies what the cloud tells about actions under way.

use crate::cloud::{CloudError, CloudProgress, ServerSeen};
use crate::machine::Machine;
use crate::machine::effects::judge::{Verdict, judge};
use crate::reason::ServerReason;
use crate::session::{Op, Phase, ServerKey};

impl Machine<'_> {
    pub(in crate::machine) fn progress(&mut self, result: Result<CloudProgress, CloudError>) {
        let progress = match result {
            Ok(progress) => progress,
            Err(error) => return self.cloud_fails(&error),
        };
        self.cloud_answers();
        let watched: Vec<_> = self
            .s
            .servers
            .values()
            .filter(|s| {
                s.act.as_ref().is_some_and(|a| match a.call.phase {
                    Phase::Accepted { .. } | Phase::Unresolved { .. } => true,
                    Phase::Planned | Phase::Begun => false,
                })
            })
            .cloned()
            .collect();
        for entry in watched {
            let seen = progress.servers.iter().find(|s| *s.id() == entry.key.server);
            if let (Some(act), Some(seen)) = (&entry.act, seen) {
                let verdict = judge(act, &entry.key.host, seen, &progress.migrations, self.now);
                self.see_status(&entry.key, seen);
                self.follow(&entry.key, act.call.op, act.call.phase, verdict);
            }
        }
    }

    fn see_status(&mut self, key: &ServerKey, seen: &ServerSeen) {
        if let ServerSeen::Present(server) = seen
            && self.server(key).is_some_and(|s| s.status != server.status)
        {
            self.edit_server(key, |s| s.status = server.status.clone());
        }
    }

    fn follow(&mut self, key: &ServerKey, op: Op, phase: Phase, verdict: Verdict) {
        match verdict {
            Verdict::Wait => {}
            Verdict::UnderWay => {
                if matches!(phase, Phase::Unresolved { .. }) {
                    let at = self.now;
                    self.edit_call(key, |c| c.phase = Phase::Accepted { at });
                }
            }
            Verdict::NeverStarted => self.never_started(key, op),
            Verdict::Moved(server) => self.moved_away(key, &server),
            Verdict::Confirm(server) => {
                self.edit_server(key, |s| s.host_id.clone_from(&server.host_id));
                let deadline = self.now + self.s.head.spec.action_timeout;
                self.edit_server(key, |s| {
                    if let Some(act) = &mut s.act {
                        act.deadline = deadline;
                    }
                });
                self.replan(key, Op::ConfirmMigration, self.now);
            }
            Verdict::Stopped => {
                let was_running = self.server(key).is_some_and(|s| s.was_running);
                self.kept(key, was_running);
            }
            Verdict::Started => self.started(key),
            Verdict::Failed(why) => self.try_failed(key, op, &why, &why),
            Verdict::Reverted => {
                let why = ServerReason::reverted();
                self.try_failed(key, Op::Migrate, &why, &why);
            }
            Verdict::Broken(why) => self.fail_server(key, &why, true),
            Verdict::Endless => {
                self.fail_server(key, &ServerReason::endless(), true);
                self.edit_server(key, |s| s.stuck = true);
            }
            Verdict::Abort(migration) => {
                self.edit_server(key, |s| {
                    if let Some(act) = &mut s.act {
                        act.aborting = Some(migration);
                    }
                });
                self.replan(key, Op::AbortMigration(migration), self.now);
            }
            Verdict::Gone => self.gone(key),
        }
    }
}
