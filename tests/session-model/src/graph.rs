//! What follows what, for a question that the checker does not answer: can every state still come to an end?

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use fermata_core::session::{Act, Op, Phase, WaitParty};
use stateright::Model;

use crate::cloud::Status;
use crate::model::{Action, SessionModel};
use crate::site::server_number;
use crate::state::State;

/// Which states follow which.
#[derive(Debug, Default)]
pub struct Graph(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// From, to; but for steps in which the operator cancels.
    steps: HashSet<(u64, u64)>,
    /// States in which the session is over.
    over: HashSet<u64>,
    /// States in which it waits for the operator, or for a deadline that no time in the model reaches.
    waiting: HashSet<u64>,
    seen: HashSet<u64>,
}

impl Graph {
    /// One state follows another.
    pub fn follows(&self, from: &State, to: &State, cancels: bool) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !cancels {
            inner.steps.insert((from.digest, to.digest));
        }
        if inner.seen.insert(to.digest) {
            if to.session.head.state.is_terminal() {
                inner.over.insert(to.digest);
            }
            let operator = to.session.waits().iter().any(|w| w.party == WaitParty::Operator);
            if operator || waits_for_deadline(to) {
                inner.waiting.insert(to.digest);
            }
        }
    }

    /// States from which the session can neither come to an end nor to a point where it waits for the operator,
    /// unless that cancels.
    pub fn stuck(&self) -> HashSet<u64> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before: HashMap<u64, Vec<u64>> = HashMap::new();
        for (from, to) in &inner.steps {
            before.entry(*to).or_default().push(*from);
        }
        let mut good: HashSet<u64> = inner.over.union(&inner.waiting).copied().collect();
        let mut todo: Vec<u64> = good.iter().copied().collect();
        while let Some(state) = todo.pop() {
            for earlier in before.get(&state).into_iter().flatten() {
                if good.insert(*earlier) {
                    todo.push(*earlier);
                }
            }
        }
        inner.seen.difference(&good).copied().collect()
    }
}

/// A move that the session gave up waits for its confirmation, and another host of the session has to be drained
/// of the server: the action fails at its deadline.
fn waits_for_deadline(state: &State) -> bool {
    state.session.servers.values().any(|entry| {
        let server = state.cloud.servers[server_number(&entry.key.server)];
        let unconfirmed = server.status == Status::VerifyResize && server.job.is_none();
        let other = |act: &Act| match act.call.op {
            Op::LiveMigrate | Op::Migrate | Op::Stop => act.call.phase == Phase::Planned,
            Op::ConfirmMigration
            | Op::AbortMigration(_)
            | Op::Start
            | Op::DisableScheduling
            | Op::EnableScheduling => false,
        };
        unconfirmed && entry.act.as_ref().is_some_and(other)
    })
}

/// The shortest way from the beginning to one of these states.
pub fn way_to(model: &SessionModel, digests: &HashSet<u64>) -> Option<(Vec<Action>, State)> {
    let mut states: Vec<(State, Option<(usize, Action)>)> =
        model.init_states().into_iter().map(|s| (s, None)).collect();
    let mut seen: HashSet<u64> = states.iter().map(|(s, _)| s.digest).collect();
    let mut at = 0;
    while at < states.len() {
        let state = states[at].0.clone();
        if digests.contains(&state.digest) {
            let mut way = Vec::new();
            let mut here = at;
            while let Some((before, action)) = &states[here].1 {
                way.push(action.clone());
                here = *before;
            }
            way.reverse();
            return Some((way, state));
        }
        for (action, next) in model.next_steps(&state) {
            if seen.insert(next.digest) {
                states.push((next, Some((at, action))));
            }
        }
        at += 1;
    }
    None
}
