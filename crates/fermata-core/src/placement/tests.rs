use super::*;
use crate::cloud::{Capacity, Host, Scheduling};

fn flavor(specs: &[(&str, &str)]) -> Flavor {
    Flavor {
        vcpus: 4,
        memory_mib: 8192,
        disk_gib: 20,
        extra_specs: specs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    }
}

fn need(specs: &[(&str, &str)]) -> Need {
    Need::from(&flavor(specs))
}

fn amounts(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter().map(|(class, amount)| ((*class).to_owned(), *amount)).collect()
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

fn host() -> SiteHost {
    let mut inventory = Inventory {
        amounts: amounts(&[("VCPU", 64), ("MEMORY_MB", 65536), ("DISK_GB", 1000)]),
        traits: names(&["HW_CPU_X86_VMX", "CUSTOM_FAST"]),
        ..Inventory::default()
    };
    inventory.add_aggregate_metadata("disk", "ssd,nvme");
    let host = Host {
        name: "h1".into(),
        up: true,
        scheduling: Scheduling::Enabled,
        zone: Some("north".to_owned()),
        aggregates: Vec::new(),
        capacity: Capacity::default(),
        hypervisor_type: "QEMU".to_owned(),
        hypervisor_version: "8".to_owned(),
        servers: 0,
    };
    SiteHost { host, inventory }
}

#[test]
fn a_plain_flavor() {
    let found = need(&[("hw:mem_page_size", "small"), ("quota:cpu_shares", "10")]);
    let expected = amounts(&[("VCPU", 4), ("MEMORY_MB", 8192), ("DISK_GB", 20)]);
    assert_eq!(found, Need { amounts: expected, ..Need::default() });
}

#[test]
fn no_local_disk_needs_none() {
    let found = Need::from(&Flavor { disk_gib: 0, ..flavor(&[]) });
    assert!(!found.amounts.contains_key(DISK_GB));
}

#[test]
fn named_resources_replace_the_standard_ones() {
    let found = need(&[
        ("resources:VCPU", "0"),
        ("resources:MEMORY_MB", "1024"),
        ("resources:CUSTOM_BAREMETAL", "1"),
        ("resources:DISK_GB", "much"),
    ]);
    let expected = [("MEMORY_MB", 1024), ("CUSTOM_BAREMETAL", 1), ("DISK_GB", 20)];
    assert_eq!(found.amounts, amounts(&expected));
}

#[test]
fn groups_add_up() {
    let found = need(&[
        ("resources:CUSTOM_FPGA", "1"),
        ("resources1:CUSTOM_FPGA", "2"),
        ("resources_NET:NET_BW_EGR_KILOBIT_PER_SEC", "100"),
        ("resources1:VCPU", "2"),
        ("resourcesful?:CUSTOM_NONE", "1"),
        ("trait1:CUSTOM_BITSTREAM", "required"),
        ("trait1:CUSTOM_OLD", "forbidden"),
    ]);
    assert_eq!(found.amounts["CUSTOM_FPGA"], 3);
    assert_eq!(found.amounts["NET_BW_EGR_KILOBIT_PER_SEC"], 100);
    assert_eq!(found.amounts["VCPU"], 2);
    assert!(!found.amounts.contains_key("CUSTOM_NONE"));
    assert_eq!(found.required_traits, names(&["CUSTOM_BITSTREAM"]));
    assert_eq!(found.forbidden_traits, names(&[]), "it is forbidden to a part of the host");
}

#[test]
fn dedicated_cpus() {
    let found = need(&[("hw:cpu_policy", "dedicated")]);
    assert_eq!(found.amounts.get(PCPU), Some(&4));
    assert_eq!(found.amounts.get(VCPU), None);
    let isolated = need(&[
        ("hw:cpu_policy", "dedicated"),
        ("hw:emulator_threads_policy", "isolate"),
        ("hw:cpu_thread_policy", "isolate"),
    ]);
    assert_eq!(isolated.amounts.get(PCPU), Some(&5));
    assert_eq!(isolated.forbidden_traits, names(&["HW_CPU_HYPERTHREADING"]));
    let named = need(&[("hw:cpu_policy", "dedicated"), ("resources:PCPU", "3")]);
    assert_eq!(named.amounts.get(PCPU), Some(&3));
    assert_eq!(named.amounts.get(VCPU), None);
}

#[test]
fn large_pages_are_memory_of_their_own() {
    for (size, expected) in [("any", None), ("large", Some(&8192)), ("1GB", Some(&8192))] {
        let found = need(&[("hw:mem_page_size", size)]);
        assert_eq!(found.amounts.get(HUGEPAGES_MB), expected, "{size}");
        assert_eq!(found.amounts.get(MEMORY_MB), Some(&8192));
    }
}

#[test]
fn devices_by_alias() {
    let found = need(&[("pci_passthrough:alias", "a:2, b:1,a:1,c,d:x")]);
    let devices = [("PCI:a", 3), ("PCI:b", 1), ("PCI:c", 1)];
    for (class, count) in devices {
        assert_eq!(found.amounts.get(class), Some(&count), "{class}");
    }
    assert!(!found.amounts.contains_key("PCI:d"));
}

#[test]
fn what_no_host_declares_is_left_to_the_cloud() {
    let hosts = [host()];
    let declared = declared(&hosts);
    let mut found = need(&[
        ("hw:cpu_policy", "dedicated"),
        ("hw:mem_page_size", "large"),
        ("pci_passthrough:alias", "a:2"),
    ]);
    let dropped = found.drop_undeclared(&declared);
    assert_eq!(dropped, amounts(&[("HUGEPAGES_MB", 8192), ("PCI:a", 2)]));
    let kept = [("VCPU", 4), ("MEMORY_MB", 8192), ("DISK_GB", 20)];
    assert_eq!(found.amounts, amounts(&kept), "no host tells dedicated CPUs apart");
}

#[test]
fn zones() {
    let plain = need(&[]);
    assert_eq!(permits(&host(), &plain, None), Ok(()));
    assert_eq!(permits(&host(), &plain, Some("north")), Ok(()));
    let (wanted, found) = ("south".to_owned(), Some("north".to_owned()));
    assert_eq!(permits(&host(), &plain, Some("south")), Err(Why::Zone { wanted, found }));
}

#[test]
fn traits() {
    let permitted = |specs: &[(&str, &str)]| permits(&host(), &need(specs), None);
    assert_eq!(permitted(&[("trait:CUSTOM_FAST", "required")]), Ok(()));
    assert_eq!(permitted(&[("trait:CUSTOM_SLOW", "forbidden")]), Ok(()));
    assert_eq!(permitted(&[("trait:CUSTOM_SLOW", "preferred")]), Ok(()), "Nova ignores it");
    let missing = Why::TraitMissing("CUSTOM_SLOW".to_owned());
    assert_eq!(permitted(&[("trait:CUSTOM_SLOW", "required")]), Err(missing));
    let forbidden = Why::TraitForbidden("CUSTOM_FAST".to_owned());
    assert_eq!(permitted(&[("trait:CUSTOM_FAST", "forbidden")]), Err(forbidden));
}

#[test]
fn aggregates() {
    let permitted = |key: &str, value: &str| {
        permits(&host(), &need(&[(&format!("aggregate_instance_extra_specs:{key}"), value)]), None)
    };
    assert_eq!(permitted("disk", "nvme"), Ok(()));
    assert_eq!(permitted("disk", "<or> tape <or> ssd"), Ok(()));
    let why = |key: &str, wanted: &str| {
        Err(Why::Aggregate { key: key.to_owned(), wanted: wanted.to_owned() })
    };
    assert_eq!(permitted("disk", "tape"), why("disk", "tape"));
    assert_eq!(permitted("gpu", "s!= no"), why("gpu", "s!= no"), "the key must be there");
    assert_eq!(permits(&host(), &need(&[("gpu", "yes")]), None), Ok(()), "without a scope");
}
