use std::collections::BTreeMap;

use super::{Open, Seen, look};
use crate::cloud::{Capacity, Flavor, Host, Scheduling, Server, ServerSeen, ServerStatus};
use crate::ledger::{Cause, Entry};

fn host(name: &str, up: bool) -> Host {
    Host {
        name: name.into(),
        up,
        scheduling: Scheduling::Enabled,
        zone: None,
        aggregates: Vec::new(),
        capacity: Capacity::default(),
        hypervisor_type: String::new(),
        hypervisor_version: String::new(),
        servers: 0,
    }
}

fn server(id: &str, host: &str, status: ServerStatus) -> Server {
    Server {
        id: id.into(),
        name: id.to_owned(),
        project: "red".into(),
        host: Some(host.into()),
        host_id: String::new(),
        status,
        task: None,
        flavor: Flavor::default(),
        metadata: BTreeMap::new(),
        pinned_zone: None,
    }
}

fn looked(open: &[&str], on_down: &[Server], elsewhere: &[ServerSeen]) -> Vec<(String, Entry)> {
    let hosts = [host("up", true), host("down", false)];
    let open: Open = open.iter().map(|id| ("red".into(), (*id).into())).collect();
    let seen = Seen { hosts: &hosts, on_down, elsewhere };
    look(&open, &seen).into_iter().map(|p| (p.server.to_string(), p.entry)).collect()
}

const BEGAN: Entry = Entry::Began(Cause::Fault);
const ENDED: Entry = Entry::Ended(Cause::Fault);

#[test]
fn servers_on_a_host_that_is_down_are_impacted_unless_they_were_stopped() {
    let on = [
        server("a", "down", ServerStatus::Active),
        server("b", "down", ServerStatus::Shutoff),
        server("c", "down", ServerStatus::Error),
        server("d", "down", ServerStatus::Active),
    ];
    let told = looked(&["d"], &on, &[]);
    assert_eq!(told, [("a".to_owned(), BEGAN), ("c".to_owned(), BEGAN)], "d is known");
}

#[test]
fn a_fault_is_over_when_the_server_runs_on_a_host_that_is_up_or_is_gone() {
    let present = |id: &str, host: &str, status| ServerSeen::Present(server(id, host, status));
    let elsewhere = [
        present("a", "up", ServerStatus::Active),
        present("b", "up", ServerStatus::Error),
        present("c", "up", ServerStatus::Shutoff),
        present("d", "down", ServerStatus::Active),
        ServerSeen::Gone("e".into()),
    ];
    let told = looked(&["a", "b", "c", "d", "e", "f"], &[], &elsewhere);
    assert_eq!(told, [("a".to_owned(), ENDED), ("e".to_owned(), ENDED)], "f was not looked at");
}
