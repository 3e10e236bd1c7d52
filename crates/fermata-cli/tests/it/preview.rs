//! `fermata session preview`.

use crate::site::{CORE_NETWORK, Site};

#[tokio::test]
async fn a_plan_is_shown_and_nothing_is_created() {
    let site = Site::start().await;
    let asked = "session preview --host compute-a1 --host compute-b3 --for 4h --work-timeout 20m";
    let shown = site.run(asked).await.text();
    assert!(shown.starts_with("plan for 2 hosts: 3 moves and 0 stays in 2 waves\n"), "{shown}");
    for expected in [
        "\n  waves      2, none has fewer: 1 host may be out of service at once\n",
        "\n  moves      3, none has fewer\n",
        " at the earliest, ",
        "\nWAVE  HOST        ASKED",
        "\nwave 2\ncompute-a1  ",
        "░ owners are asked   ▒ servers leave   █ out of service\n",
        "\nOWNER ",
        "2 LIVE_MIGRATE",
        "\nSERVER   OWNER",
    ] {
        assert!(shown.contains(expected), "{expected:?} is not in\n{shown}");
    }
    let bar = shown.lines().find(|line| line.starts_with("compute-a1  ")).unwrap();
    let phases: Vec<_> = bar.chars().filter_map(|sign| "░▒█".find(sign)).collect();
    assert!(phases.is_sorted(), "{bar}");
    assert!("░▒█".chars().all(|sign| bar.contains(sign)), "{bar}");
    assert!(!shown.contains("--work-timeout") && !shown.contains('\u{1b}'), "{shown}");
    assert_eq!(site.run("session list").await.text(), "no sessions\n");

    let unsaid = site.run("session preview --host compute-b3 --for 4h").await.text();
    assert!(unsaid.contains("takes no time in this plan: say --work-timeout"), "{unsaid}");
    assert!(unsaid.contains("nobody has a server there"), "{unsaid}");
}

#[tokio::test]
async fn programs_get_the_contracts_answer() {
    let site = Site::start().await;
    let made = site.json("session preview --host compute-a1 --for 4h --max-stages 1").await.json();
    let host = &made["plan"]["waves"][0]["hosts"][0];
    assert_eq!(host["host"], "compute-a1");
    assert_eq!(host["moves"].as_array().unwrap().len(), 3);
    assert_eq!(made["plan"]["bounds"]["wave_bound"], "PLAN_WAVE_BOUND_WORK");
    let owners = made["plan"]["owners"].as_array().unwrap();
    assert!(
        owners
            .iter()
            .any(|owner| owner["project_id"] == CORE_NETWORK && owner["server_count"] == 2)
    );
    assert_eq!(made.get("conflict"), None);
}

#[tokio::test]
async fn no_plan_is_8() {
    let site = Site::start().await;
    // The user plane runs on no other hosts.
    let asked = "session preview --aggregate fast-ports --kind retirement --for 4h";
    let ran = site.run(asked).await;
    assert_eq!(ran.exit, 8, "{ran:?}");
    assert!(ran.stdout.starts_with("no plan: these cannot all be kept\n"), "{ran:?}");
    let words = "PLACEMENT   zone, traits or aggregates bind servers upf-1, upf-2 to hosts \
                 compute-a1, compute-b1, compute-b3";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nWHAT WOULD HELP "), "{}", ran.stdout);
    assert!(ran.stdout.contains("let servers upf-1, upf-2 go to other hosts"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "error: there is no such plan\n");

    let ran = site.json(asked).await;
    let made: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let constraint = &made["conflict"]["constraints"][0];
    assert_eq!(constraint["kind"], "PLAN_CONSTRAINT_KIND_PLACEMENT");
    assert_eq!(made.get("plan"), None);
    assert_eq!(ran.error()["exit_code"], 8);

    let ran = site.run("session preview --host nowhere --for 4h").await;
    assert_eq!(ran.exit, 2, "{ran:?}");
}
