//! What a site tells, and that the scheduler goes by all of it.

use std::collections::BTreeMap;

use fermata_core::cloud::{GroupAffinity, ServerStatus};
use fermata_simcloud::{Action, SMALL_TELCO_SITE, Sim, Topology};

use crate::common::{Lab, SMALL, START, host, id, small_server};

fn with_card(text: &str) -> String {
    text.replace(r#"{ name = "h1","#, r#"{ name = "h1", resources = { CUSTOM_CARD = 1 },"#)
        .replace(
            r#"{ name = "h3","#,
            r#"{ name = "h3", resources = { CUSTOM_CARD = 1 }, traits = ["CUSTOM_FAST"],"#,
        )
        .replace(
            r#"{ name = "half", vcpus = 4, memory_mib = 4096, disk_gib = 50 }"#,
            r#"{ name = "half", vcpus = 4, memory_mib = 4096, disk_gib = 50 },
  { name = "card", vcpus = 1, memory_mib = 1024, disk_gib = 1, extra_specs = { "resources:CUSTOM_CARD" = "1", "hw:mem_page_size" = "large" } },
  { name = "fast", vcpus = 1, memory_mib = 1024, disk_gib = 1, extra_specs = { "trait:CUSTOM_FAST" = "required" } }"#,
        )
        .replace(
            "servers = [",
            r#"servers = [
  { id = "card", name = "card", project = "two", host = "h1", flavor = "card" },
  { id = "fast", name = "fast", project = "two", host = "h3", flavor = "fast", zone = "z2", metadata = { note = "x" } },"#,
        )
}

fn anywhere() -> Action {
    Action::LiveMigrate { target: None }
}

#[test]
fn the_small_telco_site_tells_everything() {
    let topology = Topology::parse(SMALL_TELCO_SITE).unwrap();
    let mut sim = Sim::new(&topology, START);
    let site = sim.site(START).unwrap();
    assert_eq!((site.hosts.len(), site.servers.len(), site.groups.len()), (6, 14, 5));
    let cards = site.hosts.iter().map(|h| h.inventory.amounts.get("CUSTOM_CRYPTO_CARD"));
    assert_eq!(cards.flatten().collect::<Vec<_>>(), [&2]);
    let database = site.groups.iter().find(|group| group.name == "mme-db").unwrap();
    assert_eq!(database.policy, GroupAffinity::AntiAffinity);
    assert_eq!(database.members.len(), 3);
    assert!(database.members.is_sorted());
    let noted = site.servers.iter().filter(|server| !server.metadata.is_empty());
    assert_eq!(noted.map(|server| server.name.as_str()).collect::<Vec<_>>(), ["cscf-1"]);
    let user_plane = site.servers.iter().find(|server| server.name == "upf-1").unwrap();
    let spec = &user_plane.flavor.extra_specs["aggregate_instance_extra_specs:aggregate"];
    assert_eq!((user_plane.flavor.vcpus, spec.as_str()), (12, "fast-ports"));
}

#[test]
fn capacity_holds_in_every_class() {
    let mut lab = Lab::new(&with_card(SMALL));
    assert_eq!(lab.used("h1", "CUSTOM_CARD"), 1);
    assert_eq!(lab.used("h1", "HUGEPAGES_MB"), 0, "no host counts its pages");
    lab.live("card", "h2").unwrap();
    lab.settle();
    lab.assert_at("card", "h1", ServerStatus::Active);
    lab.act("card", anywhere()).unwrap();
    lab.wait_ms(500);
    assert_eq!((lab.used("h1", "CUSTOM_CARD"), lab.used("h3", "CUSTOM_CARD")), (1, 1));
    lab.settle();
    lab.assert_at("card", "h3", ServerStatus::Active);

    let mut second = small_server("second", "h3");
    second.extra_specs = BTreeMap::from([("resources:CUSTOM_CARD".to_owned(), "1".to_owned())]);
    let refusal = lab.sim.create_server(lab.now, second.clone()).unwrap_err();
    assert!(refusal.to_string().contains("no room"), "{refusal}");
    second.host = host("h1");
    let second = lab.sim.create_server(lab.now, second).unwrap();
    lab.live("card", "h1").unwrap();
    lab.settle();
    lab.assert_at("card", "h3", ServerStatus::Active);
    lab.sim.delete_server(lab.now, &second).unwrap();
    lab.live("card", "h1").unwrap();
    lab.settle();
    lab.assert_at("card", "h1", ServerStatus::Active);
}

#[test]
fn traits_and_zones_confine_servers_to_where_they_are() {
    let mut lab = Lab::new(&with_card(SMALL));
    let fast = lab.server("fast");
    assert_eq!((fast.pinned_zone.as_deref(), fast.metadata["note"].as_str()), (Some("z2"), "x"));
    for action in [anywhere(), Action::Migrate { target: Some(host("h1")) }] {
        lab.act("fast", action).unwrap();
        lab.settle();
        lab.assert_at("fast", "h3", ServerStatus::Active);
    }
    let refusal = lab.sim.move_server(lab.now, &id("fast"), &host("h1")).unwrap_err();
    assert!(refusal.to_string().contains("zone z2"), "{refusal}");
}

#[test]
fn a_group_may_allow_several_members_on_a_host() {
    let text = SMALL.replace(r#""anti-affinity","#, r#""anti-affinity", max_server_per_host = 2,"#);
    let mut lab = Lab::new(&text);
    lab.live("db-1", "h2").unwrap();
    lab.settle();
    lab.assert_at("db-1", "h2", ServerStatus::Active);
    assert_eq!(lab.sim.site(lab.now).unwrap().groups[0].max_per_host, Some(2));
}

#[test]
fn soft_groups_prefer_and_do_not_forbid() {
    // h3 has more free memory than h2, and no member.
    for (policy, expected) in [("soft-affinity", "h2"), ("soft-anti-affinity", "h3")] {
        let mut lab = Lab::new(&SMALL.replace("anti-affinity", policy));
        lab.act("db-1", anywhere()).unwrap();
        lab.settle();
        lab.assert_at("db-1", expected, ServerStatus::Active);
        lab.live("db-1", if expected == "h2" { "h3" } else { "h2" }).unwrap();
        lab.settle();
        let moved = lab.server("db-1").host;
        assert_ne!(moved, Some(host(expected)), "a named host is not weighed");
    }
}

#[test]
fn groups_that_nova_refuses_are_told() {
    for (with, fault) in [
        (r#""affinity", max_server_per_host = 2,"#, "max_server_per_host is for anti-affinity"),
        (r#""anti-affinity", max_server_per_host = 0,"#, "must be more than 0"),
        (r#""anti-affinity", project = "nobody","#, "there is no project nobody"),
    ] {
        let error = Topology::parse(&SMALL.replace(r#""anti-affinity","#, with)).unwrap_err();
        assert!(error.to_string().contains(fault), "{error}");
    }
}
