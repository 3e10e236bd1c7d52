//! Topology files: the example is sound, and a wrong file is told all that is wrong.

use fermata_core::cloud::Scheduling;
use fermata_simcloud::{SMALL_TELCO_SITE, Sim, Topology, TopologyError};

use crate::common::{Lab, SMALL, START};

#[test]
fn the_small_telco_site_loads() {
    let topology = Topology::parse(SMALL_TELCO_SITE).unwrap();
    let mut sim = Sim::new(&topology, START);
    let hosts = sim.hosts(START).unwrap();
    assert_eq!(hosts.len(), 6);
    assert_eq!(hosts.iter().map(|host| host.servers).sum::<u32>(), 14);
    assert_eq!(hosts.iter().filter(|host| host.servers == 0).count(), 1);
    assert_eq!(hosts[5].aggregates, ["fast-ports", "nvme"]);
    let mut ids = Vec::new();
    for host in &hosts {
        ids.extend(sim.servers_on(START, &host.name).unwrap());
    }
    let again = Sim::new(&topology, START).servers_on(START, &hosts[0].name);
    assert!(again.unwrap().iter().all(|server| ids.contains(server)));
}

#[test]
fn every_server_of_the_site_can_leave_its_host() {
    let topology = Topology::parse(SMALL_TELCO_SITE).unwrap();
    let start = Sim::new(&topology, START);
    for host in start.clone().hosts(START).unwrap() {
        let mut sim = start.clone();
        let reason = "work".to_owned();
        let disabled = Scheduling::Disabled { reason };
        sim.set_scheduling(START, &host.name, &disabled).unwrap();
        let servers = sim.servers_on(START, &host.name).unwrap();
        let mut now = START;
        for server in servers {
            let action = fermata_simcloud::Action::Migrate { target: None };
            sim.act(now, &server.id, action).unwrap();
            now += time::Duration::seconds(10);
            let confirm = fermata_simcloud::Action::ConfirmMigration;
            sim.act(now, &server.id, confirm).unwrap();
        }
        assert_eq!(sim.servers_on(now, &host.name).unwrap(), []);
    }
}

#[test]
fn disabled_hosts_start_disabled() {
    let lab =
        SMALL.replace(r#"{ name = "h2","#, r#"{ name = "h2", disabled_reason = "broken fan","#);
    let mut lab = Lab::new(&lab);
    let reason = "broken fan".to_owned();
    let host = &lab.sim.hosts(START).unwrap()[1];
    assert_eq!(host.scheduling, Scheduling::Disabled { reason });
}

#[test]
fn all_faults_are_listed_at_once() {
    let text = r#"
        hosts = [
          { name = "h1", vcpus = 4, memory_mib = 4096, disk_gib = 10 },
          { name = "h1", vcpus = 4, memory_mib = 4096, disk_gib = 10 },
          { name = "h2", zone = "z", vcpus = 0, memory_mib = 4096, disk_gib = 10 },
        ]
        aggregates = [{ name = "fast", hosts = ["h1", "h7"] }]
        projects = [{ id = "p1", name = "one" }, { id = "p1", name = "two" }]
        flavors = [
          { name = "big", vcpus = 3, memory_mib = 1, disk_gib = 1 },
          { name = "lost", vcpus = 1, memory_mib = 1, disk_gib = 1, aggregate = "slow" },
          { name = "quick", vcpus = 1, memory_mib = 1, disk_gib = 1, aggregate = "fast" },
        ]
        servers = [
          { name = "s1", project = "one", host = "h1", flavor = "big" },
          { name = "s2", project = "one", host = "h1", flavor = "big" },
          { name = "s3", project = "three", host = "h9", flavor = "small" },
          { name = "s4", project = "one", host = "h2" },
          { name = "s5", project = "one", host = "h2", flavor = "quick", zone = "other" },
          { name = "s6", project = "one", host = "h2", flavor = "quick" },
        ]
        groups = [
          { name = "apart", policy = "anti-affinity", members = ["s1", "s2", "s9"] },
          { name = "together", policy = "affinity", members = ["s1", "s4"] },
        ]
        faults = [
          { operation = "hosts", kind = "hangs" },
          { operation = "stop", server = "s8", host = "h8", kind = "fails" },
        ]
        [latencies]
        stop = { min_ms = 2, max_ms = 1 }
    "#;
    let error = Topology::parse(text).unwrap_err();
    let TopologyError::Invalid { faults } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        *faults,
        [
            "host h1: is there twice",
            "project id p1: is there twice",
            "host h2: vcpus and memory_mib must be more than 0",
            "flavor lost: there is no aggregate slow",
            "latencies.stop: min_ms is more than max_ms",
            "aggregate fast: there is no host h7",
            "server s3: there is no project three",
            "server s3: there is no flavor small",
            "server s3: there is no host h9",
            "server s4: has neither a flavor nor a size",
            "server s5: cannot be where it is: it is bound to zone other, which the host is not in",
            "server s6: cannot be where it is: no aggregate of the host has aggregate as the flavor \
             asks for: fast",
            "host h1: its servers need 6 VCPU, and it has 4",
            "host h1: its servers need 6 VCPU, and it has 4",
            "host h2: its servers need 2 VCPU, and it has 0",
            "group apart: there is no server s9",
            "group apart: two of its members are on one host",
            "group together: its members are on different hosts",
            "fault 1: hosts cannot have a fault of kind Hangs",
            "fault 2: there is no server s8",
            "fault 2: there is no host h8",
        ]
    );
    assert!(error.to_string().contains("\n- server s4: has neither"));
}

#[test]
fn misspelt_fields_and_missing_files_are_named() {
    let error = Topology::parse("host = []").unwrap_err();
    assert!(matches!(error, TopologyError::Syntax(_)));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("unknown field `host`"), "{source}");

    let error = Topology::load(std::path::Path::new("/nowhere.toml")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the topology /nowhere.toml");
}
