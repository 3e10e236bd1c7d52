//! What the operator wants to do, and when.

use fermata_core::id::HostName;
use fermata_core::spec::{
    Action, Draft, Kind, OnFailure, OnObjection, OnSilence, Selection, StartMode,
};

use crate::message::{Api, ClientAlarm};
use crate::operator::names;
use crate::queue::{Moment, date};
use crate::random::Random;
use crate::world::World;

impl World {
    /// Sessions over any hosts; of two that want the same one, the second is refused.
    pub(super) fn plan_sessions(&mut self, hosts: usize) {
        let count = self.random.pick(&[1, 1, 2, 2, 3]);
        let mut at = self.random.millis(200, 2000);
        for _ in 0..count {
            let chosen = any(&mut self.random, hosts);
            let draft = draft(&mut self.random, chosen, at);
            self.plan_session(at, draft);
            at += self.random.millis(500, 30_000);
        }
        self.plan_to_mind();
    }

    /// Two sessions at the same time, over different hosts.
    pub(super) fn plan_two_sessions(&mut self, chance: &mut Random, hosts: usize) {
        let mut left = names(hosts);
        let mut at = chance.millis(200, 2000);
        for others in [2, 1] {
            // One host at least is in neither.
            let most = (left.len() - others).min(2);
            let count = chance.index(most) + 1;
            let chosen = (0..count).map(|_| left.remove(chance.index(left.len()))).collect();
            let draft = draft(chance, chosen, at);
            self.plan_session(at, brisk(chance, draft));
            at += chance.millis(0, 8000);
        }
        self.plan_to_mind();
    }

    fn plan_session(&mut self, at: Moment, draft: Draft) {
        self.operator.wanted += 1;
        self.counts.sessions += 1;
        let operator = self.owners.len();
        self.wake_client(operator, at, ClientAlarm::Say(Box::new(Api::Create(Box::new(draft)))));
    }

    fn plan_to_mind(&mut self) {
        let pause = self.random.millis(2000, 6000);
        self.wake_client(self.owners.len(), pause, ClientAlarm::Mind);
    }
}

/// One to three of the hosts.
fn any(random: &mut Random, hosts: usize) -> Vec<HostName> {
    let mut chosen = names(hosts);
    let count = random.index(hosts.min(3)) + 1;
    while chosen.len() > count {
        chosen.remove(random.index(chosen.len()));
    }
    chosen
}

/// The same without long waits, so that most is done while the other session is under way.
fn brisk(chance: &mut Random, draft: Draft) -> Draft {
    let period = time::Duration::try_from(chance.millis(2000, 8000)).ok();
    Draft {
        drain_reply_period: period,
        on_silence: OnSilence::Proceed,
        start_mode: StartMode::Automatic,
        ..draft
    }
}

fn draft(random: &mut Random, chosen: Vec<HostName>, at: Moment) -> Draft {
    let secs = |low: u64, high: u64, random: &mut Random| {
        Some(time::Duration::milliseconds(
            i64::try_from(random.between(low * 1000, high * 1000 + 1)).unwrap_or(0),
        ))
    };
    let retires = random.chance(150);
    let default_action = random.pick(&[Action::LiveMigrate, Action::Migrate, Action::Keep]);
    let start = random.chance(150).then(|| date(at + random.millis(5000, 20_000)));
    Draft {
        selection: Selection { names: chosen, ..Selection::default() },
        window_start: start,
        window_end: Some(date(at + random.millis(120_000, 900_000))),
        kind: if retires { Kind::Retirement } else { Kind::Temporary },
        reason: "new firmware".to_owned(),
        announce_reply_period: secs(0, 15, random),
        drain_reply_period: secs(2, 25, random),
        lead_time: secs(0, 10, random),
        on_silence: random.pick(&[OnSilence::Proceed, OnSilence::Hold, OnSilence::FailHost]),
        on_objection: random.pick(&[OnObjection::Hold, OnObjection::FailHost]),
        default_action: Some(if retires { Action::LiveMigrate } else { default_action }),
        on_failure: random.pick(&[OnFailure::Stop, OnFailure::Continue]),
        start_mode: random.pick(&[StartMode::Automatic, StartMode::Automatic, StartMode::Manual]),
        max_parallel_hosts: u32::try_from(random.between(1, 4)).unwrap_or(1),
        max_parallel_actions: u32::try_from(random.between(1, 5)).unwrap_or(1),
        drain_timeout: secs(60, 240, random),
        action_timeout: secs(15, 60, random),
        action_attempts: u32::try_from(random.between(1, 4)).unwrap_or(1),
        ..Draft::default()
    }
}
