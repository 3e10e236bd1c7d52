//! Never stuck: each pair of a session's and a host's state, while the cloud does not answer, refuses, does not list the hosts or
//! their compute services are down, for ever. It is shown who has to do what, and calls of the operator alone end the session.

use fermata_core::Duration;
use fermata_core::machine::{Command, HostCommand};
use fermata_core::reason::WaitKind;
use fermata_core::session::{SessionHostState as H, SessionState as S, WaitParty};
use fermata_core::spec::{Action, Kind, OnFailure};

use crate::world::World;
use crate::world::cloud::Mood;
use crate::world::owners::Words;
use crate::world::story::story;

/// What the cloud does from some moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Silent,
    TimesOut,
    Refuses,
    Forgets,
    Down,
}

/// So long a session waits at most until the cloud is told how its hosts were left.
const TOLD_IN: Duration = Duration::minutes(2);

const TROUBLES: [Trouble; 5] =
    [Trouble::Silent, Trouble::TimesOut, Trouble::Refuses, Trouble::Forgets, Trouble::Down];

/// Pairs that do not occur: no host is cancelled but by cancelling, which leaves none to wait or drain; nothing is drained before
/// the start.
fn occurs(session: S, host: H) -> bool {
    match session {
        S::Scheduled => matches!(host, H::Waiting | H::Skipped),
        S::Running | S::Paused | S::Failed => host != H::Cancelled,
        S::Cancelling => !matches!(host, H::Waiting | H::Draining),
        S::Cancelled | S::Completed => false,
    }
}

/// A world in which the session and one of its hosts are in these states; another host is held, so that the session goes on.
fn world(session: S, host: H) -> (World, String) {
    // Where one waits, the others take all that may be out of service.
    let waits = host == H::Waiting || host == H::Cancelled;
    let mut w = story(&["hv-a", "hv-b", "hv-c"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .owner("red", Words::Silence)
        .spec(|d| {
            d.max_parallel_hosts = if waits { 2 } else { 3 };
            let stops = session == S::Failed;
            d.on_failure = if stops { OnFailure::Stop } else { OnFailure::Continue };
            let keeps = host != H::Retired;
            d.default_action = Some(if keeps { Action::Keep } else { Action::LiveMigrate });
            d.kind = if keeps { Kind::Temporary } else { Kind::Retirement };
        })
        .begin();
    if session == S::Scheduled {
        if host == H::Skipped {
            w.skip("hv-a").unwrap();
        }
        return (w, "hv-a".to_owned());
    }
    let in_state = |w: &World, state: H| -> Vec<String> {
        let hosts = w.session.hosts.values().filter(|h| h.state == state);
        hosts.map(|h| h.host.to_string()).collect()
    };
    w.until("two hosts held", |w| in_state(w, H::InMaintenance).len() == 2);
    let subject = in_state(&w, if waits { H::Waiting } else { H::Draining }).remove(0);
    match host {
        H::Waiting | H::Draining | H::Cancelled => {}
        H::DrainFailed => drop(w.fail(&subject).unwrap()),
        H::Skipped => drop(w.skip(&subject).unwrap()),
        H::InMaintenance | H::Returning | H::Maintained | H::Retired | H::MaintenanceFailed => {
            w.until_host(&subject, H::InMaintenance);
            match host {
                H::Returning => {
                    w.cloud.hosts.get_mut(&subject.as_str().into()).unwrap().up = false;
                    w.complete(&subject).unwrap();
                }
                H::Maintained | H::Retired => drop(w.complete(&subject).unwrap()),
                H::MaintenanceFailed => drop(w.fail(&subject).unwrap()),
                _ => {}
            }
        }
    }
    if host != H::Cancelled {
        w.until_host(&subject, host);
    }
    let other = in_state(&w, H::InMaintenance).into_iter().find(|h| *h != subject).unwrap();
    match session {
        S::Paused => drop(w.say(Command::Pause).unwrap()),
        S::Cancelling => drop(w.say(Command::Cancel).unwrap()),
        S::Failed if w.session.head.state != S::Failed => drop(w.fail(&other).unwrap()),
        _ => {}
    }
    (w, subject)
}

impl World {
    fn comes(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Silent => self.cloud.mood = Mood::Silent,
            Trouble::TimesOut => self.cloud.mood = Mood::TimesOut,
            Trouble::Refuses => self.cloud.mood = Mood::Refuses,
            Trouble::Forgets => self.cloud.forgotten = self.session.hosts.keys().cloned().collect(),
            Trouble::Down => self.cloud.hosts.values_mut().for_each(|h| h.up = false),
        }
    }

    /// The operator's one call for a host that it does not want to wait for any more.
    fn leave(&mut self, host: &str) -> &'static str {
        match self.host(host).state {
            H::InMaintenance => {
                self.tell_host(host, HostCommand::Fail).unwrap();
                "FailHost"
            }
            _ => {
                self.tell_host(host, HostCommand::Skip).unwrap();
                "SkipHost"
            }
        }
    }

    fn is_left(&self, host: &str) -> bool {
        matches!(self.host(host).state, H::Maintained | H::Retired | H::Skipped | H::Cancelled)
            || self.session.head.state == S::Cancelling && self.host(host).state.is_settled()
    }

    /// Leaves every host by calls alone, and waits only for the deadlines that are shown. Gives the calls for one of them.
    fn leave_all(&mut self, subject: &str) -> Vec<&'static str> {
        let mut calls = Vec::new();
        for host in ["hv-a", "hv-b", "hv-c"] {
            for _ in 0..3 {
                if self.is_left(host) || self.session.head.state.is_terminal() {
                    break;
                }
                if self.host(host).state == H::Returning {
                    self.until_lost(host);
                }
                let call = self.leave(host);
                if host == subject {
                    calls.push(call);
                }
            }
        }
        // The cloud is told why hosts stay disabled, if it listens; nothing waits for that for long.
        self.pass(TOLD_IN);
        calls
    }

    /// A host that is given back comes back by its deadline, or the operator is told that it can go on without it.
    fn until_lost(&mut self, host: &str) {
        let Some(deadline) = self.host(host).deadline else { return };
        self.run_until(deadline.max(self.now) + Duration::seconds(1));
        let named = self.session.waits().into_iter().any(|wait| {
            wait.kind == WaitKind::LostHost
                && wait.party == WaitParty::Operator
                && wait.host.as_ref().is_some_and(|h| h.as_str() == host)
        });
        assert!(named, "{:#?} {:#?}", self.host(host), self.session.waits());
    }
}

#[test]
fn every_state_has_an_exit_whatever_the_cloud_does() {
    for session in S::ALL {
        for host in H::ALL.into_iter().filter(|host| occurs(session, *host)) {
            for trouble in TROUBLES {
                let (mut w, subject) = world(session, host);
                assert_eq!((w.session.head.state, w.host(&subject).state), (session, host));
                w.comes(trouble);
                w.pass(Duration::hours(3));
                let waits = w.session.waits();
                assert!(
                    !waits.is_empty(),
                    "{session:?} {host:?} {trouble:?}: nobody is waited for"
                );
                let calls = w.leave_all(&subject);
                assert!(calls.len() <= 2, "{session:?} {host:?} {trouble:?}: {calls:?}");
                let is_over = w.session.head.state.is_terminal();
                assert!(is_over, "{session:?} {host:?} {trouble:?}: {calls:?} {:#?}", w.session);
            }
        }
    }
}

#[test]
fn a_cancelled_session_ends_whatever_the_cloud_does() {
    for session in [S::Scheduled, S::Running, S::Paused, S::Failed] {
        for host in H::ALL.into_iter().filter(|host| occurs(session, *host)) {
            for trouble in TROUBLES {
                let (mut w, subject) = world(session, host);
                w.comes(trouble);
                w.say(Command::Cancel).unwrap();
                let calls = w.leave_all(&subject);
                assert!(calls.len() <= 1, "{session:?} {host:?} {trouble:?}: {calls:?}");
                let state = w.session.head.state;
                assert_eq!(state, S::Cancelled, "{session:?} {host:?} {trouble:?}: {calls:?}");
            }
        }
    }
}
