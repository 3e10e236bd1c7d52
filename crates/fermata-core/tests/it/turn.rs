//! Which hosts come next.

use std::sync::Arc;

use fermata_core::reason::BlockReason;
use fermata_core::replan::Turn;
use fermata_core::replan::turn::{next, order};
use fermata_core::session::{ServerState, Session, SessionHostState};

use crate::world::story::story;

/// Waiting hosts hv-a (2 servers), hv-b (1), hv-c and hv-d (none).
fn session(parallel: u32) -> Session {
    let story = story(&["hv-a", "hv-b", "hv-c", "hv-d"])
        .server("s", "red", "hv-a")
        .server("t", "blue", "hv-a")
        .server("u", "red", "hv-b")
        .spec(|d| d.max_parallel_hosts = parallel);
    let mut session = story.begin().session;
    for host in session.hosts.values_mut() {
        Arc::make_mut(host).turn = Some(Turn::Wave(1));
    }
    session
}

fn set(session: &mut Session, host: &str, state: SessionHostState) {
    Arc::make_mut(session.hosts.get_mut(&host.into()).unwrap()).state = state;
}

fn names(hosts: &[fermata_core::id::HostName]) -> Vec<&str> {
    hosts.iter().map(|h| h.as_str()).collect()
}

#[test]
fn empty_hosts_first_then_few_servers_then_names() {
    assert_eq!(names(&order(&session(1))), ["hv-c", "hv-d", "hv-b", "hv-a"]);
}

#[test]
fn servers_that_are_done_do_not_count() {
    let mut session = session(1);
    for server in session.servers.values_mut().filter(|s| s.key.host.as_str() == "hv-a") {
        Arc::make_mut(server).state = ServerState::Moved;
    }
    assert_eq!(names(&order(&session)), ["hv-a", "hv-c", "hv-d", "hv-b"]);
}

#[test]
fn only_hosts_that_wait_are_planned() {
    let mut session = session(9);
    set(&mut session, "hv-c", SessionHostState::Skipped);
    set(&mut session, "hv-d", SessionHostState::DrainFailed);
    assert_eq!(names(&next(&session, |_| true)), ["hv-b", "hv-a"]);
}

#[test]
fn hosts_of_later_waves_and_such_that_cannot_be_drained_wait() {
    let mut session = session(9);
    for (host, turn) in [
        ("hv-a", Some(Turn::Wave(2))),
        ("hv-b", Some(Turn::Blocked(BlockReason::no_plan("")))),
        ("hv-c", None),
    ] {
        Arc::make_mut(session.hosts.get_mut(&host.into()).unwrap()).turn = turn;
    }
    assert_eq!(names(&order(&session)), ["hv-d"]);
}

#[test]
fn as_many_hosts_as_may_be_out_of_service_at_once() {
    for (parallel, expected) in
        [(1, vec!["hv-c"]), (2, vec!["hv-c", "hv-d"]), (3, vec!["hv-c", "hv-d", "hv-b"])]
    {
        assert_eq!(names(&next(&session(parallel), |_| true)), expected);
    }
    for active in
        [SessionHostState::Draining, SessionHostState::InMaintenance, SessionHostState::Returning]
    {
        let mut session = session(2);
        set(&mut session, "hv-c", active);
        assert_eq!(names(&next(&session, |_| true)), ["hv-d"]);
        set(&mut session, "hv-d", active);
        assert!(next(&session, |_| true).is_empty());
        // More than allowed, after the limit was lowered.
        set(&mut session, "hv-b", active);
        assert!(next(&session, |_| true).is_empty());
    }
}

#[test]
fn a_host_that_does_not_fit_leaves_its_place_to_the_next() {
    let fits = |host: &fermata_core::id::HostName| host.as_str() > "hv-c" || host.as_str() < "hv-b";
    assert_eq!(names(&next(&session(2), fits)), ["hv-d", "hv-a"]);
}
