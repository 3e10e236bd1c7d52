//! What must never be (design: the safety list), as far as one session, its replicas and its cloud can show it.

use fermata_core::session::{
    CallTarget, Op, Phase, ServerKey, ServerState, Session, SessionHostState, SessionState,
};

use crate::cloud::Deed;
use crate::site::{HOSTS, SERVERS, SESSION_HOSTS, host_name, host_number, server_id};
use crate::state::{State, Target};

/// Something that happened and must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// A replica that was replaced wrote.
    WroteUnderOldEpoch,
    /// An action was called for while another one on the server could still begin or ran.
    TwoActions,
    /// An action was called for again after it had happened.
    DoneAgain,
    /// A server was touched before its owner agreed or its time was over.
    NobodyAgreed,
    /// A session that is cancelled or over began something new.
    BeganAfterCancel,
    /// What the operator was told was undone.
    TakenBack,
    /// A session that was over changed.
    OverChanged,
    /// A host is ready after fewer than two reads that showed it empty.
    ReadyTooSoon,
}

/// Called after every write.
pub fn after_write(state: &mut State, before: &Session) {
    let after = std::sync::Arc::clone(&state.session);
    state.wrong_if(before.head.state.is_terminal(), Wrong::OverChanged);
    let cancelled = matches!(after.head.state, SessionState::Cancelling | SessionState::Cancelled);
    state.wrong_if(state.told.cancelled && !cancelled, Wrong::TakenBack);
    let may_not_begin =
        before.head.state == SessionState::Cancelling || before.head.state.is_terminal();
    if may_not_begin {
        let new =
            begun(&after).any(|call| !begun(before).any(|b| b == call) && !ends_something(call.1));
        state.wrong_if(new, Wrong::BeganAfterCancel);
    }
    for host in 0..SESSION_HOSTS {
        let name = host_name(host);
        let (from, to) = (before.hosts[&name].state, after.hosts[&name].state);
        let ready = from == SessionHostState::Draining && to == SessionHostState::InMaintenance;
        state.wrong_if(ready && state.told.empty_reads[host] < 2, Wrong::ReadyTooSoon);
        if to != SessionHostState::Draining {
            state.told.empty_reads[host] = 0;
        }
        if from != to && !to.is_active() {
            state.told.agreed[host] = [false; SERVERS.len()];
        }
    }
}

fn begun(session: &Session) -> impl Iterator<Item = (CallTarget, Op)> {
    let hosts = session.hosts.values().filter_map(|h| {
        let call = h.call.as_ref().filter(|c| c.phase == Phase::Begun)?;
        Some((CallTarget::Host(h.host.clone()), call.op))
    });
    let servers = session.servers.values().filter_map(|s| {
        let call = &s.act.as_ref().filter(|a| a.call.phase == Phase::Begun)?.call;
        Some((CallTarget::Server(s.key.server.clone()), call.op))
    });
    hosts.chain(servers).collect::<Vec<_>>().into_iter()
}

/// What a cancelled session may still begin.
fn ends_something(op: Op) -> bool {
    match op {
        Op::ConfirmMigration | Op::AbortMigration(_) | Op::Start | Op::EnableScheduling => true,
        Op::LiveMigrate | Op::Migrate | Op::Stop | Op::DisableScheduling => false,
    }
}

/// Called before a replica calls the cloud.
pub fn before_call(state: &mut State, target: Target, deed: Deed) {
    let Target::Server(number) = target else { return };
    let flies = state.air.iter().any(|f| f.target == target);
    let server = state.cloud.servers[number];
    state.wrong_if(flies || server.job.is_some(), Wrong::TwoActions);
    state.wrong_if(server.last == Some((deed, server.host)), Wrong::DoneAgain);
    if let Deed::LiveMigrate | Deed::Migrate | Deed::Stop = deed {
        let agreed = state.told.agreed[server.host][number];
        state.wrong_if(!agreed, Wrong::NobodyAgreed);
    }
}

/// Called before a read of the servers of a host is written.
pub fn reads_servers(state: &mut State, host: usize) {
    let reads = &mut state.told.empty_reads[host];
    let session = &state.session;
    let draining = session.hosts[&host_name(host)].state == SessionHostState::Draining;
    let empty = state.cloud.is_empty(host, |server| is_kept(session, host, server));
    *reads = if draining && empty { (*reads + 1).min(2) } else { 0 };
}

fn is_kept(session: &Session, host: usize, server: usize) -> bool {
    entry_state(session, host, server) == Some(ServerState::Kept)
}

fn entry_state(session: &Session, host: usize, server: usize) -> Option<ServerState> {
    let key = ServerKey { host: host_name(host), server: server_id(server) };
    session.servers.get(&key).map(|s| s.state)
}

/// At most one action per server that may begin, runs, or is wanted.
pub fn one_action_per_server(state: &State) -> bool {
    (0..SERVERS.len()).all(|server| {
        let target = Target::Server(server);
        let flies = state.air.iter().filter(|f| f.target == target).count();
        let runs = usize::from(state.cloud.servers[server].job.is_some());
        let id = server_id(server);
        let acts = state.session.servers.values().filter(|s| s.key.server == id && s.act.is_some());
        flies + runs <= 1 && acts.count() <= 1
    })
}

/// A host that is ready takes no servers, and none is there that had to leave.
pub fn ready_is_empty(state: &State) -> bool {
    (0..SESSION_HOSTS).all(|host| {
        let ready = state.session.hosts[&host_name(host)].state == SessionHostState::InMaintenance;
        let empty = || state.cloud.is_empty(host, |server| is_kept(&state.session, host, server));
        let quiet = || {
            state.air.iter().all(|f| match f.target {
                Target::Host(of) => of != host,
                Target::Server(server) => state.cloud.servers[server].host != host,
            })
        };
        !ready || (state.cloud.disabled[host] && empty() && quiet())
    })
}

/// A host that left the session's hands takes servers again.
pub fn given_back(state: &State) -> bool {
    state.session.hosts.values().all(|host| match host.state {
        SessionHostState::Maintained
        | SessionHostState::DrainFailed
        | SessionHostState::Skipped
        | SessionHostState::Cancelled => !state.cloud.disabled[host_number(&host.host)],
        SessionHostState::Waiting
        | SessionHostState::Draining
        | SessionHostState::InMaintenance
        | SessionHostState::Returning
        | SessionHostState::Retired
        | SessionHostState::MaintenanceFailed => true,
    })
}

/// When the session is over, a server that it stopped runs again, or is the operator's; and nothing is under way.
pub fn nobody_forgotten(state: &State) -> bool {
    !state.session.head.state.is_terminal()
        || (0..SERVERS.len()).all(|number| {
            let server = state.cloud.servers[number];
            let stopped = matches!(server.last, Some((Deed::Stop, _)));
            let flies = state.air.iter().any(|f| f.target == Target::Server(number));
            let handed_over = || {
                (0..HOSTS.len()).any(|h| {
                    entry_state(&state.session, h, number) == Some(ServerState::HandedOver)
                })
            };
            !(stopped || flies || server.job.is_some()) || handed_over()
        })
}

/// A session is over, or says for whom it waits.
pub fn waits_for_somebody(state: &State) -> bool {
    state.session.head.state.is_terminal() || !state.session.waits().is_empty()
}
