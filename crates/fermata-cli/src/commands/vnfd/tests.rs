use fermata_client::v1::{MaxImpacted, MigrationType, MinPreserved};
use prost_types::Duration;

use super::{Inputs, Package, Vnfd};

fn read(yaml: &str) -> Result<Vnfd, String> {
    Vnfd::read(&Package::of(&[("vnfd.yaml", yaml)]), &Inputs::new())
}

const CORE: &str = include_str!("../../../tests/it/vnfd/core-df.yaml");

fn ignored<'a>(vnfd: &'a Vnfd, end: &str) -> &'a str {
    let found = vnfd.ignored.iter().find(|i| i.path.ends_with(end));
    &found.unwrap_or_else(|| panic!("{end} is not among {:#?}", vnfd.ignored)).why
}

#[test]
fn a_vdu_becomes_a_group() {
    let vnfd = read(CORE).unwrap();
    let names: Vec<_> = vnfd.groups.iter().map(|g| g.of.as_str()).collect();
    assert_eq!(names, ["amf", "upf", "control_and_user_plane"]);
    let amf = &vnfd.groups[0];
    assert_eq!(amf.group.id, "amf");
    assert!(amf.group.anti_affinity);
    assert_eq!(amf.group.recovery_time, Some(Duration { seconds: 90, nanos: 0 }));
    assert_eq!(
        amf.group.max_impacted,
        [MaxImpacted { group_size: 2, max: 1 }, MaxImpacted { group_size: 6, max: 2 }]
    );
    assert_eq!(amf.group.min_preserved, [MinPreserved { group_size: 0, min: 1 }]);
    let policy = amf.group.member_policy.as_ref().unwrap();
    assert_eq!(policy.lead_time, Some(Duration { seconds: 600, nanos: 0 }));
    assert_eq!(policy.max_interruption, Some(Duration { seconds: 0, nanos: 500_000_000 }));
    assert_eq!(policy.mitigation_requested, Some(true));
    let ways: Vec<_> = policy.migration_types().collect();
    assert_eq!(ways, [MigrationType::Live, MigrationType::Offline]);
    assert_eq!(amf.fields.len(), 8);
}

#[test]
fn what_is_ignored_is_told_with_its_path() {
    let vnfd = read(CORE).unwrap();
    let info = "topology_template.node_templates.upf.properties.vdu_profile.nfvi_maintenance_info";
    for (end, why) in [
        (format!("{info}.impact_notification_lead_time"), "function"),
        (format!("{info}.supported_migration_type"), "teleport"),
        (format!("{info}.min_recovery_time_between_impacts"), "unit"),
        (format!("{info}.max_number_of_impacted_instances[0]"), "whole numbers"),
        (format!("{info}.reboot_allowed"), "no such property"),
        ("imports".to_owned(), "is not in the package"),
        ("topology_template.node_templates.probe".to_owned(), "nothing about maintenance"),
        (
            "subscriber_data.properties.virtual_block_storage_data.nfvi_maintenance_info"
                .to_owned(),
            "only servers",
        ),
        ("topology_template.groups.together".to_owned(), "no anti-affinity rule"),
        ("topology_template.groups.together.members".to_owned(), "'smf' is no VDU"),
        ("topology_template.policies.sites_apart.properties.scope".to_owned(), "nfvi_pop"),
        ("topology_template.policies.near".to_owned(), "affinity"),
    ] {
        let said = ignored(&vnfd, &end);
        assert!(said.contains(why), "{end}: {said}");
    }
    assert_eq!(vnfd.ignored.len(), 12, "{:#?}", vnfd.ignored);
    let upf = vnfd.groups.iter().find(|g| g.of == "upf").unwrap();
    assert_eq!(upf.fields.len(), 1, "what is left is the mitigation: {:?}", upf.fields);
}

#[test]
fn what_is_no_descriptor() {
    assert!(read("a: [").unwrap_err().contains("no YAML"));
    assert!(read("a: b").unwrap_err().contains("topology_template"));
    assert_eq!(read("topology_template: {}").unwrap(), Vnfd::default());
}

#[test]
fn policies_may_be_a_map() {
    let vnfd = read(
        "topology_template:
  node_templates:
    db: { type: tosca.nodes.nfv.Vdu.Compute }
  policies:
    apart: { type: tosca.policies.nfv.AntiAffinityRule, targets: [db], properties: { scope: nfvi_node } }
",
    )
    .unwrap();
    assert!(vnfd.groups[0].group.anti_affinity);
}

#[test]
fn item_18_what_would_not_be_in_force_is_told_apart() {
    let vnfd = read(CORE).unwrap();
    let lost = |end: &str| vnfd.ignored.iter().find(|i| i.path.ends_with(end)).unwrap().is_loss;
    assert!(lost("impact_notification_lead_time") && lost("imports") && lost("reboot_allowed"));
    assert!(!lost("node_templates.probe") && !lost("policies.near"));
}

#[test]
fn item_18_inputs_imports_and_derived_types() {
    let files = [
        (
            "Definitions/top.yaml",
            "imports: [ types/own.yaml, { file: ./flavour.yaml }, etsi_nfv_sol001_vnfd_types.yaml ]
topology_template: {}
",
        ),
        (
            "Definitions/types/own.yaml",
            "imports: [ ../deeper.yaml ]
node_types: { x.Db: { derived_from: x.Base } }
",
        ),
        (
            "Definitions/deeper.yaml",
            "node_types: { x.Base: { derived_from: tosca.nodes.nfv.Vdu.Compute } }",
        ),
        (
            "Definitions/flavour.yaml",
            "topology_template:
  inputs: { lead: { type: string, default: 5 m } }
  node_templates:
    db:
      type: x.Db
      properties:
        vdu_profile:
          nfvi_maintenance_info:
            impact_notification_lead_time: { get_input: lead }
            min_recovery_time_between_impacts: { get_input: recovery }
",
        ),
    ];
    let package = Package::of(&files);
    let vnfd = Vnfd::read(&package, &Inputs::new()).unwrap();
    let group = &vnfd.groups[0].group;
    let policy = group.member_policy.as_ref().unwrap();
    assert_eq!(policy.lead_time, Some(Duration { seconds: 300, nanos: 0 }));
    assert_eq!(group.recovery_time, None);
    assert!(ignored(&vnfd, "min_recovery_time_between_impacts").contains("--input"));
    assert!(vnfd.ignored[0].path.starts_with("Definitions/flavour.yaml: "), "{:?}", vnfd.ignored);

    let given = [("lead", "10 m"), ("recovery", "90 s")];
    let given = given.map(|(name, value)| (name.to_owned(), value.into())).into();
    let vnfd = Vnfd::read(&package, &given).unwrap();
    let group = &vnfd.groups[0].group;
    assert_eq!(
        group.member_policy.as_ref().unwrap().lead_time,
        Some(Duration { seconds: 600, nanos: 0 })
    );
    assert_eq!(group.recovery_time, Some(Duration { seconds: 90, nanos: 0 }));
    assert_eq!(vnfd.ignored, []);
}
