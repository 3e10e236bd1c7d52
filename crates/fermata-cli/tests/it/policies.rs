//! `fermata policy`.

use crate::site::{CORE_NETWORK, Site};

/// A descriptor as it is in a VNF package.
fn vnfd() -> String {
    format!("{}/tests/it/vnfd/core-df.yaml", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn the_policy_of_a_server_is_stored_shown_and_deleted() {
    let site = Site::start().await;
    let project = format!("--project {CORE_NETWORK}");
    let put = format!("policy server put {project} amf-1-id");
    let stored = site
        .json(&format!(
            "{put} --controlled-temporary keep --unexpected-permanent evacuate --lead-time 10m \
             --migrations live,offline --mitigation-requested true"
        ))
        .await
        .json();
    assert_eq!(stored["policy"]["controlled_temporary"], "ACTION_KEEP");
    assert_eq!(stored["policy"]["lead_time"], "600s");
    let etag = stored["etag"].as_str().unwrap();
    let shown = site.run(&format!("policy server get {project} amf-1-id")).await.text();
    for expected in ["controlled_temporary", "KEEP", "LIVE, OFFLINE", "SERVER", "10 min", etag] {
        assert!(shown.contains(expected), "{expected} is not in\n{shown}");
    }
    let listed = site.run("policy server list").await.text();
    assert!(listed.contains("amf-1-id") && listed.contains("lead_time=10 min"), "{listed}");

    let ran = site.json(&format!("{put} --etag r1")).await;
    assert_eq!((ran.exit, &ran.error()["reason"]), (6, &"ETAG_MISMATCH".into()));
    let ran = site.json(&format!("{put} --controlled-permanent keep")).await;
    assert_eq!(ran.exit, 2, "{ran:?}");
    let ran = site.json(&format!("policy server put {project} smf-1")).await;
    assert_eq!((ran.exit, &ran.error()["reason"]), (2, &"INVALID_FIELD".into()), "{ran:?}");
    let wrong = &ran.error()["field_violations"][0]["description"];
    assert!(wrong.as_str().unwrap().contains("its id is "), "the refusal names it: {ran:?}");
    let ran = site.run(&format!("policy server put {project} amf-9 --lead-time 1m")).await;
    assert!(ran.stderr.contains("warning: server_policy.server_id: "), "{ran:?}");
    site.run(&format!("policy server delete {project} amf-9")).await.text();
    site.run(&format!("policy server delete {project} amf-1-id --etag {etag}")).await.text();
    let ran = site.json(&format!("policy server get {project} amf-1-id")).await;
    assert_eq!((ran.exit, &ran.error()["reason"]), (3, &"POLICY_NOT_FOUND".into()));
    assert_eq!(site.run("policy server list").await.text(), "no policies\n");
}

#[tokio::test]
async fn what_is_put_may_be_kept_from_replacing_or_creating() {
    let site = Site::start().await;
    let project = format!("--project {CORE_NETWORK}");
    let put = [
        format!("policy server put {project} amf-1-id --lead-time 10m"),
        format!("policy group put {project} amf --member a,b --max-impacted 1"),
        format!("owner subscribe {project} my-vnfm"),
    ];
    for put in put {
        let name = site.run(&format!("{put} -o name --create-only")).await.text();
        assert!(put.contains(name.trim_end()), "{name}");
        let ran = site.json(&format!("{put} --create-only")).await;
        assert_eq!((ran.exit, &ran.error()["reason"]), (6, &"RESOURCE_EXISTS".into()), "{put}");
        assert!(!site.run(&format!("{put} --replace-only")).await.text().is_empty());
        let ran = site.run(&format!("{put} --replace-only --create-only")).await;
        assert_eq!(ran.exit, 2, "{ran:?}");
    }
    let other = format!("policy server put {project} smf-1-id --lead-time 10m --replace-only");
    assert_eq!(site.run(&other).await.exit, 3);
}

#[tokio::test]
async fn a_group_is_stored_shown_and_deleted() {
    let site = Site::start().await;
    let project = format!("--project {CORE_NETWORK}");
    let stored = site
        .json(&format!(
            "policy group put {project} amf --name AMF --member a,b --max-impacted 1,6:2 \
             --min-preserved 2:1 --recovery-time 90s --max-per-host 1 --min-size-for-scale-in 2 \
             --lead-time 5m"
        ))
        .await
        .json();
    assert_eq!(stored["member_ids"], serde_json::json!(["a", "b"]));
    assert_eq!(stored["max_impacted"][1], serde_json::json!({ "group_size": 6, "max": 2 }));
    let shown = site.run(&format!("policy group get {project} amf")).await.text();
    for expected in ["a, b", "1, 2 of 6 and more", "1 of 2 and more", "each member", "5 min"] {
        assert!(shown.contains(expected), "{expected} is not in\n{shown}");
    }
    let member = site.run(&format!("policy server get {project} a")).await.text();
    assert!(member.contains("GROUP amf"), "{member}");
    let listed = site.run("policy group list").await.text();
    assert!(listed.contains("AMF") && listed.contains("2 servers"), "{listed}");
    site.run(&format!("policy group delete {project} amf")).await.text();
    assert_eq!(site.run("policy group list").await.text(), "no groups\n");
    let ran = site.json(&format!("policy group put {project} amf")).await;
    assert_eq!(ran.exit, 2, "a group has members: {ran:?}");
}

#[tokio::test]
async fn a_descriptor_becomes_groups() {
    let site = Site::start().await;
    let import = format!("policy import --project {CORE_NETWORK} {}", vnfd());
    let with =
        format!("{import} --allow-partial --members amf=amf-7,amf-8 --server-group upf=nova-7");
    let shown = site.run(&format!("{with} --dry-run")).await.text();
    for expected in [
        "max_impacted",
        "1 of 2 and more, 2 of 6 and more",
        "nfvi_maintenance_info",
        "says nothing about",
        "3 groups would be stored",
    ] {
        assert!(shown.contains(expected), "{expected} is not in\n{shown}");
    }
    assert_eq!(
        site.run("policy group list").await.text(),
        "no groups\n",
        "a dry run stores nothing"
    );

    let made = site.json(&with).await.json();
    assert_eq!(made["is_stored"], true);
    let groups = made["server_groups"].as_array().unwrap();
    let named: Vec<_> = groups.iter().map(|g| g["id"].as_str().unwrap()).collect();
    assert_eq!(named, ["amf", "upf", "control_and_user_plane"]);
    assert_eq!(groups[0]["member_ids"], serde_json::json!(["amf-7", "amf-8"]));
    assert_eq!(groups[1]["nova_server_group_id"], "nova-7");
    assert!(groups.iter().all(|g| g["etag"] != ""), "{groups:?}");
    let from = |f: &&serde_json::Value| f["field"] == "recovery_time";
    let field = made["fields"].as_array().unwrap().iter().find(from).unwrap();
    assert_eq!((&field["group"], &field["value"]), (&"amf".into(), &"1 min 30 s".into()));
    let found = site.json(&format!("policy group get --project {CORE_NETWORK} amf")).await.json();
    assert_eq!(found, groups[0]);
    let member =
        site.json(&format!("policy server get --project {CORE_NETWORK} amf-8")).await.json();
    assert_eq!(member["effective"]["policy"]["lead_time"], "600s");
}

#[tokio::test]
async fn groups_without_servers_are_left_out_and_unknown_names_refused() {
    let site = Site::start().await;
    let import = format!("policy import --project {CORE_NETWORK} {}", vnfd());
    let refused = site.run(&import).await;
    assert_eq!(refused.exit, 2, "item 18: what would not be in force is no success: {refused:?}");
    assert!(
        refused.stdout.contains("--members amf=") && refused.stdout.contains("LOST"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("--allow-partial"), "{refused:?}");
    let shown = site.run(&format!("{import} --allow-partial")).await.text();
    assert!(shown.contains("--members amf=") && shown.contains("0 groups stored"), "{shown}");
    let ran = site.run(&format!("{import} --members smf=x")).await;
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.contains("smf"), "{ran:?}");
    for wrong in ["/nowhere.yaml", "package.csar"] {
        let ran = site.run(&format!("policy import --project p {wrong}")).await;
        assert_eq!(ran.exit, 2, "{ran:?}");
    }
}

#[tokio::test]
async fn item_18_a_csar_is_read_as_it_is() {
    let site = Site::start().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("core.csar");
    let mut csar = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let files = [
        (
            "TOSCA-Metadata/TOSCA.meta",
            "TOSCA-Meta-File-Version: 1.0\nEntry-Definitions: Definitions/core.yaml\n",
        ),
        ("Definitions/core.yaml", include_str!("vnfd/core-df.yaml")),
        ("Definitions/packet_core_types.yaml", "node_types: {}\n"),
        ("Files/firmware.bin", "\u{0}"),
    ];
    for (name, text) in files {
        csar.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut csar, text.as_bytes()).unwrap();
    }
    csar.finish().unwrap();
    let import =
        format!("policy import --project {CORE_NETWORK} {} --allow-partial", path.display());
    let shown = site.run(&format!("{import} --members amf=amf-7,amf-8")).await.text();
    assert!(shown.contains("2 groups stored"), "{shown}");
    assert!(!shown.contains("imports"), "all of them are there: {shown}");

    std::fs::write(&path, "no archive").unwrap();
    let ran = site.run(&import).await;
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.stderr.contains("is no CSAR"), "{ran:?}");
}

#[tokio::test]
async fn item_18_an_input_of_the_descriptor_is_given_on_the_command_line() {
    let site = Site::start().await;
    let import = format!(
        "policy import --project {CORE_NETWORK} {} --allow-partial --dry-run --members upf=upf-7,upf-8",
        vnfd()
    );
    let lead_time = |made: &serde_json::Value| {
        let fields = made["fields"].as_array().unwrap();
        let is_it = |f: &&serde_json::Value| f["group"] == "upf" && f["field"] == "lead_time";
        fields.iter().find(is_it).map(|field| field["value"].as_str().unwrap().to_owned())
    };
    let without = site.json(&import).await.json();
    assert_eq!(lead_time(&without), None, "{without}");
    let with = site.json(&format!("{import} --input upf_lead_time=7m")).await.json();
    assert_eq!(lead_time(&with).as_deref(), Some("7 min"), "{with}");
    let wrong = site.run(&format!("{import} --input upf_lead_time")).await;
    assert_eq!(wrong.exit, 2, "{wrong:?}");
}

#[tokio::test]
async fn item_11_the_server_of_a_policy_is_given_by_its_name_or_the_beginning_of_its_id() {
    let site = Site::start().await;
    let policy = |what: &str| format!("policy server {what} --project {CORE_NETWORK}");
    site.run(&format!("{} amf-1-id --lead-time 10m", policy("put"))).await.text();
    let shown = site.run(&format!("{} amf-1-", policy("get"))).await;
    assert_eq!(shown.stderr, "note: amf-1- is taken for server amf-1-id\n", "{shown:?}");
    assert!(shown.text().contains("core-network"), "and names the project");
    site.run(&format!("{} AMF-1-I --lead-time 20m", policy("put"))).await.text();
    let listed = site.json(&policy("list")).await.json();
    let [one] = listed["server_policies"].as_array().unwrap().as_slice() else {
        panic!("{listed}")
    };
    assert_eq!(
        (&one["server_id"], &one["policy"]["lead_time"]),
        (&"amf-1-id".into(), &"1200s".into())
    );
    // Of a server that nobody stored anything for, the name is known once its owner was asked about it.
    site.create("--host compute-a1 --for 4h --manual-start").await;
    let taken = site.run(&format!("{} upf-1 --lead-time 10m", policy("put"))).await;
    assert!(taken.stderr.starts_with("note: upf-1 is taken for server "), "{taken:?}");
    let deleted = site.run(&format!("{} amf-1-i", policy("delete"))).await;
    assert_eq!(deleted.exit, 0, "{deleted:?}");
    let none = site.run(&format!("{} amf-1-id", policy("get"))).await;
    assert_eq!(none.exit, 3, "{none:?}");
}
