//! Hosts that die while servers are moved from them, or to them.

use std::collections::BTreeSet;

use fermata_core::Duration;
use fermata_core::machine::Input;
use fermata_core::reason::{HostCause, WaitKind};
use fermata_core::session::{ServerState, SessionHostState, SessionState, WaitParty};

use crate::world::World;
use crate::world::faults::Outcome;
use crate::world::story::story;

/// These hosts are down, and no others; whoever reads the list of all hosts tells the session.
fn down(w: &mut World, hosts: &[&str]) {
    for (name, host) in &mut w.cloud.hosts {
        host.up = !hosts.contains(&name.as_str());
    }
    let down: BTreeSet<_> = hosts.iter().map(|host| (*host).into()).collect();
    if w.session.misses(&down) {
        w.apply(Input::Down(down.clone())).unwrap();
    }
    assert!(!w.session.misses(&down));
}

/// A server is on its way from hv-a to hv-z, and does not arrive soon.
fn under_way() -> World {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .goes("live_migrate", "s", &[Outcome::Hangs])
        .begin();
    w.until("the move", |w| w.server("hv-a", "s").goes_to().is_some());
    w.until("the plan", |w| w.session.head.course.ends.is_some());
    w
}

#[test]
pub(crate) fn item_8_a_host_that_dies_while_it_is_drained_is_told_at_once() {
    let mut w = under_way();
    down(&mut w, &["hv-a"]);
    let host = w.host("hv-a");
    assert_eq!(host.reason.cause(), HostCause::ComputeServiceDown);
    assert!(host.reason.text().starts_with("DOWN: "), "{}", host.reason);
    let waits = w.session.waits();
    let [wait] = waits.as_slice() else { panic!("{waits:?}") };
    assert_eq!((wait.kind, &wait.party), (WaitKind::LostHost, &WaitParty::Operator));
    // Nobody is told how long it will take.
    assert_eq!((wait.until, w.host("hv-a").deadline(&w.session)), (None, None));
    assert_eq!(w.session.head.expected_end(w.now), None);
    // It comes up, and the drain goes on by itself.
    down(&mut w, &[]);
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::ServersLeaving);
    assert!(w.host("hv-a").deadline(&w.session).is_some());
    w.finish();
    assert_eq!(w.session.head.state, SessionState::Completed);
    assert_eq!(w.server_state("hv-a", "s"), ServerState::Moved);
}

#[test]
pub(crate) fn item_8_a_host_that_dies_while_servers_come_to_it_is_told_at_once() {
    let mut w = under_way();
    down(&mut w, &["hv-z"]);
    let host = w.host("hv-a");
    assert_eq!(host.reason.cause(), HostCause::TargetDown);
    let text = "host hv-z, to which server s-name is on its way, is DOWN";
    assert!(host.reason.text().contains(text), "{}", host.reason);
    let waits = w.session.waits();
    assert!(waits[0].description.contains("hv-z") && waits[0].until.is_none(), "{waits:?}");
    assert_eq!(w.host("hv-a").deadline(&w.session), None);
    down(&mut w, &[]);
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::ServersLeaving);
    w.finish();
    assert_eq!(w.session.head.state, SessionState::Completed);
}

#[test]
pub(crate) fn item_8_nothing_begins_on_a_host_that_died() {
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .spec(|d| d.drain_timeout = Some(Duration::minutes(30)))
        .begin();
    w.until_asked("red", "hv-a");
    down(&mut w, &["hv-a"]);
    w.pass(Duration::minutes(5));
    assert!(!w.cloud.journal.iter().any(|line| line.target == "s"));
    assert_eq!(w.host("hv-a").state, SessionHostState::Draining);
    down(&mut w, &[]);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.where_is("s"), Some("hv-z"));
}

/// Who works on a host may switch it off.
#[test]
pub(crate) fn item_8_a_host_that_is_held_may_be_down() {
    let mut w = story(&["hv-a"]).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    down(&mut w, &["hv-a"]);
    assert_eq!(w.host("hv-a").reason.cause(), HostCause::HeldEmpty);
}
