//! The journal tells what really happened.

use fermata_core::cloud::{GroupAffinity, Scheduling, ServerStatus};
use fermata_core::id::ServerId;
use fermata_simcloud::{Action, Answer, Event, Fault, FaultKind, NewServer, Operation, Outcome};

use crate::common::{Lab, SMALL, START, id, small_server};

#[test]
fn it_starts_with_the_whole_cloud() {
    let lab = Lab::new(SMALL);
    let entries = lab.sim.journal(0);
    assert_eq!(entries.len(), 6);
    assert!(entries.iter().all(|entry| entry.at == START));
    assert!(matches!(&entries[0].event, Event::Host { host, up: true, .. } if host.0 == "h1"));
    assert!(matches!(&entries[3].event, Event::Server { server, .. } if server.0 == "db-1"));
    assert!(matches!(&entries[5].event, Event::Group { name, .. } if name == "db"));
}

#[test]
fn it_tells_what_hosts_have_and_servers_take() {
    let entries = Lab::new(SMALL).sim.journal(0);
    assert!(matches!(&entries[0].event, Event::Host { offers, .. } if offers["VCPU"] == 8));
    assert!(matches!(&entries[3].event, Event::Server { takes, .. } if takes["VCPU"] == 4));
}

#[test]
fn it_tells_who_is_in_a_server_group() {
    let mut lab = Lab::new(SMALL);
    let project = "p1".into();
    let now = lab.now;
    lab.sim.create_group(now, "web", &project, GroupAffinity::SoftAffinity).unwrap();
    let new = NewServer { group: Some("web".to_owned()), ..small_server("web-1", "h1") };
    let web = lab.sim.create_server(now, new).unwrap();
    lab.sim.delete_server(now, &id("db-1")).unwrap();
    lab.sim.delete_group(now, "web").unwrap();
    let told = lab.sim.journal(0).into_iter().filter_map(|entry| match entry.event {
        Event::Group { name, members, .. } => Some((name, members.into_iter().collect())),
        Event::Call { .. }
        | Event::Host { .. }
        | Event::HostGone { .. }
        | Event::Server { .. }
        | Event::Gone { .. }
        | Event::Migration { .. } => None,
    });
    let is = |name: &str, members: &[ServerId]| (name.to_owned(), members.to_vec());
    assert_eq!(
        told.collect::<Vec<(String, Vec<ServerId>)>>(),
        [
            is("db", &[id("db-1"), id("db-2")]),
            is("web", &[]),
            is("web", &[web]),
            is("db", &[id("db-2")]),
            is("web", &[]),
        ]
    );
}

#[test]
fn a_stop_on_a_held_host_can_be_followed() {
    let mut lab = Lab::new(SMALL);
    lab.disable("h1");
    lab.act("db-1", Action::Stop).unwrap();
    lab.settle();
    let entries = lab.sim.journal(6);
    let events: Vec<&Event> = entries.iter().map(|entry| &entry.event).collect();
    let [disabled, _, powering_off, call, shutoff] = events.as_slice() else {
        panic!("{events:?}");
    };
    let reason = "work".to_owned();
    let wanted = Scheduling::Disabled { reason };
    assert!(matches!(disabled, Event::Host { host, up: true, scheduling, .. }
            if host.0 == "h1" && *scheduling == wanted));
    assert!(
        matches!(powering_off, Event::Server { task: Some(task), .. } if task == "powering-off")
    );
    assert_eq!(
        **call,
        Event::Call {
            operation: Operation::Stop,
            server: Some(id("db-1")),
            host: None,
            outcome: Outcome::Done,
            answer: Answer::Ok,
        }
    );
    assert!(matches!(shutoff, Event::Server { status: ServerStatus::Shutoff, task: None, .. }));
    let ended = entries[4].at;
    assert!(ended > START && ended < lab.now, "the time when it ended");
}

#[test]
fn it_knows_better_than_the_caller() {
    let mut lab = Lab::new(SMALL);
    for kind in [FaultKind::LostAnswer, FaultKind::UnknownNotDone] {
        let fault = Fault::once(Operation::Stop, &id("db-1"), kind);
        lab.sim.inject(fault).unwrap();
    }
    // The first begins, the second meets the other fault, the third finds the task in flight.
    for _ in 0..3 {
        lab.act("db-1", Action::Stop).unwrap_err();
    }
    let calls: Vec<(Outcome, Answer)> = lab
        .sim
        .journal(0)
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Call { outcome, answer, .. } => Some((outcome, answer)),
            Event::Host { .. }
            | Event::HostGone { .. }
            | Event::Server { .. }
            | Event::Gone { .. }
            | Event::Migration { .. }
            | Event::Group { .. } => None,
        })
        .collect();
    assert_eq!(
        calls,
        [
            (Outcome::Done, Answer::Unknown),
            (Outcome::Nothing, Answer::Unknown),
            (Outcome::Refused, Answer::Conflict),
        ]
    );
}

#[test]
fn it_keeps_the_latest() {
    let mut lab = Lab::new(&format!("journal_entries = 10\n{SMALL}"));
    for _ in 0..50 {
        lab.sim.check(lab.now).unwrap();
    }
    let numbers: Vec<u64> = lab.sim.journal(0).iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (46..56).collect::<Vec<_>>());
    assert_eq!(lab.sim.journal(54).len(), 2);
}
