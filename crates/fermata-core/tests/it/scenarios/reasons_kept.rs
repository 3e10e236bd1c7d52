//! What the cloud says of a host that is left disabled: what really happened, in the operator's words.

use fermata_core::Duration;
use fermata_core::cloud::Scheduling;
use fermata_core::machine::{Ask, Command, HostCommand};
use fermata_core::session::{Op, SessionHostState, SessionState};
use fermata_core::spec::Kind;

use crate::world::World;
use crate::world::faults::Outcome;
use crate::world::story::story;

/// What the cloud says of a host, without the session's name; `None`: it is enabled.
fn told(w: &World, host: &str) -> Option<String> {
    match w.scheduling(host) {
        Scheduling::Enabled => None,
        Scheduling::Disabled { reason } => {
            let of_session = format!("fermata session {}: ", w.session.head.id);
            Some(reason.strip_prefix(&of_session).unwrap_or(reason).to_owned())
        }
    }
}

fn tell(w: &mut World, host: &str, command: HostCommand, reason: &str) {
    w.command(Ask::HostCommand { host: host.into(), command, reason: reason.to_owned() }).unwrap();
}

/// A host that is held empty.
fn held(host: &str) -> World {
    let mut w = story(&[host]).begin();
    w.until_host(host, SessionHostState::InMaintenance);
    assert_eq!(told(&w, host), Some(w.session.head.spec.reason.clone()));
    w
}

#[test]
pub(crate) fn item_7_a_failure_is_told_in_the_operators_words() {
    let mut w = held("hv-a");
    tell(&mut w, "hv-a", HostCommand::Fail, "the board is dead");
    w.pass(Duration::seconds(5));
    assert_eq!(told(&w, "hv-a").as_deref(), Some("maintenance failed: the board is dead"));
    // While the work goes on again it says so.
    tell(&mut w, "hv-a", HostCommand::Retry { override_owners: false }, "a new board");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(told(&w, "hv-a"), Some(w.session.head.spec.reason.clone()));
    w.finish();
    assert_eq!(told(&w, "hv-a"), None);
}

#[test]
pub(crate) fn item_7_a_host_that_is_skipped_after_its_failure_says_both() {
    let mut w = held("hv-a");
    tell(&mut w, "hv-a", HostCommand::Fail, "the board is dead");
    tell(&mut w, "hv-a", HostCommand::Skip, "next month");
    w.until_session(SessionState::Completed);
    let both = "skipped: next month; the work on it failed: the board is dead";
    assert_eq!(told(&w, "hv-a").as_deref(), Some(both));
    assert_eq!(w.host("hv-a").state, SessionHostState::Skipped);
}

#[test]
pub(crate) fn item_7_a_retired_host_says_that_it_is() {
    let mut w = story(&["hv-a"]).spec(|d| d.kind = Kind::Retirement).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    tell(&mut w, "hv-a", HostCommand::Complete, "sold");
    w.until_session(SessionState::Completed);
    assert_eq!(told(&w, "hv-a").as_deref(), Some("retired: sold"));
}

#[test]
pub(crate) fn item_7_a_host_that_does_not_come_back_says_how_it_was_left() {
    let mut w = held("hv-a");
    w.cloud.hosts.get_mut(&"hv-a".into()).unwrap().up = false;
    w.complete("hv-a").unwrap();
    w.pass(Duration::minutes(20));
    tell(&mut w, "hv-a", HostCommand::Skip, "its power supply is gone");
    w.until_session(SessionState::Completed);
    assert_eq!(told(&w, "hv-a").as_deref(), Some("skipped: its power supply is gone"));
}

#[test]
pub(crate) fn item_7_nothing_is_left_of_a_drain_that_is_given_up_skipped_or_cancelled() {
    let commands: [fn(&mut World); 3] = [
        |w| tell(w, "hv-a", HostCommand::Fail, "no"),
        |w| tell(w, "hv-a", HostCommand::Skip, "no"),
        |w| assert!(w.say(Command::Cancel).unwrap()),
    ];
    for command in commands {
        let mut w = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a").begin();
        w.until_host("hv-a", SessionHostState::Draining);
        w.until("the host is disabled", |w| told(w, "hv-a").is_some());
        command(&mut w);
        w.until("the host is enabled", |w| told(w, "hv-a").is_none());
        w.pass(Duration::minutes(5));
        assert_eq!(told(&w, "hv-a"), None);
    }
}

#[test]
pub(crate) fn item_7_what_somebody_else_said_of_a_host_stays() {
    let mut w = story(&["hv-a"]).disabled("hv-a", "noisy fan, ask Mona").begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    tell(&mut w, "hv-a", HostCommand::Fail, "the board is dead");
    tell(&mut w, "hv-a", HostCommand::Skip, "");
    w.until_session(SessionState::Completed);
    assert_eq!(told(&w, "hv-a").as_deref(), Some("noisy fan, ask Mona"));
}

/// A cloud that does not take the reason keeps no session from its end.
#[test]
pub(crate) fn item_7_a_session_ends_also_if_the_cloud_is_not_to_be_told() {
    use Outcome::{Lost, Rejected, Unavailable};
    for outcomes in [vec![Rejected], vec![Unavailable; 9], vec![Lost(None); 9]] {
        let mut w = held("hv-a");
        w.cloud.faults.script("disable_scheduling", "hv-a", &outcomes);
        tell(&mut w, "hv-a", HostCommand::Fail, "the board is dead");
        tell(&mut w, "hv-a", HostCommand::Skip, "");
        w.until_session(SessionState::Completed);
        assert!(w.calls_of(Op::DisableScheduling, "hv-a").len() <= 4);
    }
}
