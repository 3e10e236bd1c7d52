use super::*;

const CORE: &str = "core";

fn cloud() -> CloudGroups {
    let server = |id: &str, project: &str| (ServerId::from(id), ProjectId::from(project));
    let mut cloud = CloudGroups::new([("nova-1".into(), [ServerId::from("id-1")])]).knowing([
        server("id-1", CORE),
        server("id-2", CORE),
        server("id-3", "edge"),
    ]);
    for (project, name, id) in [
        (CORE, "amf", "id-1"),
        (CORE, "twin", "id-1"),
        (CORE, "twin", "id-2"),
        ("edge", "upf", "id-3"),
    ] {
        cloud.call(&project.into(), name, &id.into());
    }
    cloud
}

fn of_server(project: &str, server: &str) -> (Vec<String>, Vec<String>) {
    texts(&Named::server("server_id", &project.into(), &server.into(), &cloud()))
}

fn texts(named: &Named) -> (Vec<String>, Vec<String>) {
    let refused = named.violations.iter().map(|v| format!("{}: {}", v.field, v.message));
    let warned = named.cautions.iter().map(|c| format!("{}: {}", c.field, c.message));
    (refused.collect(), warned.collect())
}

#[test]
fn item_10_an_id_that_is_there_is_fine() {
    assert_eq!(of_server(CORE, "id-1"), (vec![], vec![]));
}

#[test]
fn item_10_a_name_in_the_place_of_an_id_is_refused_with_the_id() {
    let (refused, warned) = of_server(CORE, "amf");
    assert_eq!(refused, ["server_id: 'amf' is a server's name, not its id; its id is id-1"]);
    assert!(warned.is_empty(), "{warned:?}");
    let (refused, _) = of_server(CORE, "twin");
    assert_eq!(
        refused,
        ["server_id: 'twin' is the name of 2 servers, not an id; their ids are id-1, id-2"]
    );
}

#[test]
fn item_10_what_may_still_come_is_warned_of() {
    let (refused, warned) = of_server(CORE, "id-9");
    assert!(
        refused.is_empty() && warned[0].contains("project core has no server id-9"),
        "{warned:?}"
    );
    let (refused, warned) = of_server("nobody", "id-1");
    assert!(refused.is_empty(), "{refused:?}");
    assert!(warned[0].contains("no server in the cloud belongs to project nobody"), "{warned:?}");
}

/// What others have is not told: their servers and their names are as if they were not there.
#[test]
fn item_10_servers_of_others_are_not_there() {
    for foreign in ["id-3", "upf"] {
        let (refused, warned) = of_server(CORE, foreign);
        assert!(refused.is_empty(), "{refused:?}");
        assert!(warned[0].contains("has no server"), "{warned:?}");
        assert!(!warned[0].contains("edge"), "{warned:?}");
    }
}

#[test]
fn item_10_members_and_server_groups_that_are_not_there_are_summed_up() {
    let mut group = GroupPolicy::new("amf".into(), CORE.into());
    group.members = ["id-1", "a", "b", "c", "d"].into_iter().map(ServerId::from).collect();
    group.server_group = Some("nova-9".into());
    let (refused, warned) = texts(&Named::group("server_group", &group, &cloud()));
    assert!(refused.is_empty(), "{refused:?}");
    assert!(warned[0].starts_with("server_group.member_ids: "), "{warned:?}");
    assert!(warned[0].contains("a, b, c and 1 more"), "{warned:?}");
    assert!(warned[1].starts_with("server_group.nova_server_group_id: "), "{warned:?}");
    group.server_group = Some("nova-1".into());
    group.members = [ServerId::from("id-1")].into();
    assert_eq!(Named::group("server_group", &group, &cloud()), Named::default());
}

/// As long as nothing was read nobody is accused of anything.
#[test]
fn item_10_nothing_is_said_where_nothing_is_known() {
    let nothing = CloudGroups::default();
    assert_eq!(Named::server("f", &CORE.into(), &"x".into(), &nothing), Named::default());
    assert_eq!(Named::project("f", &CORE.into(), &nothing), Named::default());
}

#[test]
fn item_10_a_project_by_its_name_is_refused_with_its_id() {
    let called = |id: &str, name: &str| (ProjectId::from(id), name.to_owned());
    let cloud = cloud().naming([called("3f6c", "ims"), called("77", "twin"), called("88", "twin")]);
    let of = |project: &str| texts(&Named::project("project_id", &project.into(), &cloud));
    let (refused, warned) = of("ims");
    assert_eq!(refused, ["project_id: 'ims' is a project's name, not its id; its id is 3f6c"]);
    assert!(warned.is_empty(), "{warned:?}");
    let (refused, _) = of("twin");
    assert!(refused[0].contains("the name of 2 projects, not an id; their ids are 77, 88"));
    assert_eq!(of("3f6c"), (vec![], vec![]), "it is known, although it has no servers yet");
    assert!(of("nobody").1[0].contains("no server in the cloud belongs to project nobody"));
    let policy = Named::server("server_id", &"ims".into(), &"id-1".into(), &cloud);
    assert_eq!(
        texts(&policy).0[0],
        "server_id: 'ims' is a project's name, not its id; its id is 3f6c"
    );
}
