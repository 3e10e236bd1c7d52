//! The model as the checker sees it: what may happen in a state, what follows, and what must hold.

use std::sync::Arc;

use fermata_core::session::{CallId, CallTarget, Phase, Read, SessionHostState, SessionState};
use stateright::{Model, Property};
use time::Duration;

use crate::cloud::{Cloud, Ending};
use crate::graph::Graph;
use crate::people::Said;
use crate::site::{Limits, NOW, created, host_number};
use crate::state::{Doing, Left, State, Told, Who, breaking};
use crate::wrongs::{self, Wrong};

/// Something that may happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A replica takes up the session that nobody owns.
    Adopt,
    /// The owner crashes.
    Crash,
    /// The owner's lease runs out, and the other replica adopts the session.
    LeaseRunsOut,
    /// The owner takes up a call that is due.
    TakeUp(CallId, CallTarget),
    /// A replica writes that it begins.
    Begin(Who),
    /// A replica calls.
    Send(Who),
    /// A replica writes what was answered.
    Record(Who),
    /// A call in the air arrives.
    Arrive(usize),
    /// A call in the air never arrives.
    Vanish(usize),
    /// The answer to a call in the air never arrives.
    LoseAnswer(usize),
    /// The owner reads a host.
    Read(usize, Read),
    /// The owner looks at what runs.
    Watch,
    /// An action on a server ends.
    End(usize, Ending),
    /// Somebody says something.
    Say(Said),
    /// Time passes.
    Pass(Duration),
}

/// The model.
pub struct SessionModel {
    /// How much is explored.
    pub limits: Limits,
    /// Where what follows what is written down.
    pub graph: Option<Arc<Graph>>,
}

impl Model for SessionModel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let _broken = breaking(self.limits.broken);
        let cloud = Cloud::at_first();
        let mut state = State {
            session: Arc::new(created(&self.limits, &cloud)),
            owner: Some(Doing::Nothing),
            former: None,
            air: Vec::new(),
            cloud,
            left: Left::of(&self.limits),
            told: Told::default(),
            wrong: None,
            digest: 0,
        };
        state.normalise();
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let _broken = breaking(self.limits.broken);
        if state.wrong.is_some() {
            return;
        }
        self.replicas(state, actions);
        self.air(state, actions);
        for (number, server) in state.cloud.servers.iter().enumerate() {
            if server.job.is_some() && !state.air.iter().any(|f| f.overtaken) {
                actions.push(Action::End(number, Ending::Well));
                if state.left.bad_ends > 0 {
                    actions.push(Action::End(number, Ending::Badly));
                }
            }
        }
        actions.extend(state.sayings(&self.limits).into_iter().map(Action::Say));
        actions.extend(state.next_moment().map(Action::Pass));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let _broken = breaking(self.limits.broken);
        let mut state = last.clone();
        let cancels = action == Action::Say(Said::Cancel);
        self.happen(&mut state, action);
        state.normalise();
        if state.digest == last.digest {
            return None;
        }
        if let Some(graph) = &self.graph {
            graph.follows(last, &state, cancels);
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a write needs the current epoch", |_, s: &State| {
                s.wrong != Some(Wrong::WroteUnderOldEpoch)
            }),
            Property::always("one action per server", |_, s: &State| {
                s.wrong != Some(Wrong::TwoActions) && wrongs::one_action_per_server(s)
            }),
            Property::always("nothing is done twice", |_, s: &State| {
                s.wrong != Some(Wrong::DoneAgain)
            }),
            Property::always("owners come first", |_, s: &State| {
                s.wrong != Some(Wrong::NobodyAgreed)
            }),
            Property::always("nothing new after a cancel", |_, s: &State| {
                s.wrong != Some(Wrong::BeganAfterCancel)
            }),
            Property::always("what was said stands", |_, s: &State| {
                s.wrong != Some(Wrong::TakenBack)
            }),
            Property::always("over is over", |_, s: &State| s.wrong != Some(Wrong::OverChanged)),
            Property::always("ready after two empty reads", |_, s: &State| {
                s.wrong != Some(Wrong::ReadyTooSoon)
            }),
            Property::always("ready is disabled and empty", |_, s: &State| {
                wrongs::ready_is_empty(s)
            }),
            Property::always("hosts are given back", |_, s: &State| wrongs::given_back(s)),
            Property::always("no server is forgotten", |_, s: &State| wrongs::nobody_forgotten(s)),
            Property::always("waits for somebody", |_, s: &State| wrongs::waits_for_somebody(s)),
            Property::eventually("is over", |_, s: &State| {
                s.session.head.state.is_terminal() || s.wrong.is_some()
            }),
            Property::sometimes("completed", |_, s: &State| is(s, SessionState::Completed)),
            Property::sometimes("cancelled", |_, s: &State| is(s, SessionState::Cancelled)),
            Property::sometimes("failed", |_, s: &State| is(s, SessionState::Failed)),
            Property::sometimes("completed after two losses", |m: &Self, s: &State| {
                is(s, SessionState::Completed) && m.limits.losses - s.left.losses >= 2
            }),
            Property::sometimes("completed after a lost answer", |m: &Self, s: &State| {
                is(s, SessionState::Completed) && s.left.lost_answers < m.limits.lost_answers
            }),
            Property::sometimes("a host is ready with a stopped server", |_, s: &State| {
                let kept =
                    s.cloud.servers.iter().any(|s| s.status == crate::cloud::Status::Shutoff);
                kept && s.session.hosts.values().any(|h| h.state == SessionHostState::InMaintenance)
            }),
            Property::sometimes("a call outlives its replica", |_, s: &State| {
                let unresolved = s.session.servers.values().any(|s| {
                    s.act.as_ref().is_some_and(|a| matches!(a.call.phase, Phase::Unresolved { .. }))
                });
                unresolved && !s.air.is_empty()
            }),
        ]
    }
}

fn is(state: &State, what: SessionState) -> bool {
    state.session.head.state == what
}

impl SessionModel {
    /// A model without a graph.
    pub fn new(limits: Limits) -> Self {
        Self { limits, graph: None }
    }

    fn replicas(&self, state: &State, actions: &mut Vec<Action>) {
        for who in [Who::Owner, Who::Former] {
            match state.doing(who) {
                None | Some(Doing::Nothing | Doing::Sent { .. }) => {}
                Some(Doing::Looked { .. } | Doing::Drafted { .. }) => {
                    actions.push(Action::Begin(who))
                }
                Some(Doing::Begun { .. }) if who.may_call() => actions.push(Action::Send(who)),
                Some(Doing::Begun { .. }) => {}
                Some(Doing::Answered { .. }) => actions.push(Action::Record(who)),
            }
        }
        let Some(doing) = &state.owner else {
            actions.push(Action::Adopt);
            return;
        };
        match doing {
            Doing::Nothing => {
                let due = state.session.due_calls(NOW);
                actions.extend(due.into_iter().map(|due| Action::TakeUp(due.id, due.target)));
            }
            // Where nothing is begun, a loss takes nothing away: the next owner goes on from the same session.
            Doing::Looked { .. } | Doing::Drafted { .. } if state.left.losses > 0 => {
                actions.push(Action::LeaseRunsOut);
            }
            Doing::Begun { .. } | Doing::Sent { .. } | Doing::Answered { .. }
                if state.left.losses > 0 =>
            {
                actions.extend([Action::Crash, Action::LeaseRunsOut]);
            }
            Doing::Looked { .. }
            | Doing::Drafted { .. }
            | Doing::Begun { .. }
            | Doing::Sent { .. }
            | Doing::Answered { .. } => {}
        }
        let wants = state.session.wants();
        actions.extend(wants.into_iter().map(|w| Action::Read(host_number(&w.host), w.what)));
        if !state.session.watched().is_empty() {
            actions.push(Action::Watch);
        }
    }

    fn air(&self, state: &State, actions: &mut Vec<Action>) {
        for (number, flight) in state.air.iter().enumerate() {
            actions.push(Action::Arrive(number));
            if flight.waits.is_none() {
                actions.push(Action::Vanish(number));
            } else if state.left.lost_answers > 0 {
                actions.push(Action::LoseAnswer(number));
            }
        }
    }

    fn happen(&self, state: &mut State, action: Action) {
        match action {
            Action::Adopt => state.adopt(),
            Action::Crash => state.crash(),
            Action::LeaseRunsOut => state.lease_runs_out(),
            Action::TakeUp(call, target) => state.take_up(call, &target),
            Action::Begin(who) => state.begin(who),
            Action::Send(who) => state.send(who),
            Action::Record(who) => state.record(who),
            Action::Arrive(flight) => state.arrive(flight, self.limits.moves_onto_session),
            Action::Vanish(flight) => {
                state.air.remove(flight);
            }
            Action::LoseAnswer(flight) => state.lose_answer(flight),
            Action::Read(host, Read::Status) => state.read_status(host),
            Action::Read(host, Read::Servers) => state.read_servers(host),
            Action::Watch => state.watch(),
            Action::End(server, ending) => {
                state.left.bad_ends -= u8::from(ending == Ending::Badly);
                let source = state.cloud.end(server, ending);
                state.told.empty_reads[source] = 0;
            }
            Action::Say(said) => state.hear(said),
            Action::Pass(span) => state.pass(span),
        }
    }
}
