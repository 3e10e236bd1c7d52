//! The programs of the README, built of the packed crate: FERMATA_README names their folder. `clients/rust/check` builds them.

use fermata_client::testing::{CORE_NETWORK, Process, SimulatedFermata, spec, until};
use fermata_client::v1::{Action, DecisionSource, ListSubscriptionsRequest, SessionState};

#[allow(clippy::disallowed_methods, reason = "the variable is how the check names the folder")]
fn program(name: &str) -> String {
    format!("{}/{name}", std::env::var("FERMATA_README").unwrap())
}

fn with_environment(server: &SimulatedFermata, name: &str) -> Process {
    // Variables FERMATA_… are kept from processes of tests.
    let command = format!(
        "FERMATA_SERVER={} OS_PROJECT_ID={CORE_NETWORK} exec {}",
        server.target(),
        program(name)
    );
    Process::start("sh", &["-c".to_owned(), command]).unwrap()
}

#[tokio::test]
#[ignore = "needs the programs that clients/rust/check builds"]
async fn the_owner_and_the_operator_run_as_they_stand() {
    let server = SimulatedFermata::start().await.unwrap();
    let owner = with_environment(&server, "owner");
    until("the owner takes part", || async {
        let request =
            ListSubscriptionsRequest { project_id: CORE_NETWORK.to_owned(), ..Default::default() };
        let found =
            server.channel().notifications().list_subscriptions(request).await?.into_inner();
        Ok(found.subscriptions.iter().any(|subscription| subscription.connected).then_some(()))
    })
    .await
    .unwrap();
    let report = server.maintain(spec(["compute-a2"])).await.unwrap();
    owner.kill().await.unwrap();
    let status = report.session.unwrap().status.unwrap();
    assert_eq!(status.state(), SessionState::Completed);
    for server in &report.hosts[0].servers {
        assert_eq!(server.action(), Action::LiveMigrate);
        assert_eq!(server.decision_source(), DecisionSource::Owner);
    }

    // Its host has no servers, so nobody is asked.
    let operator = with_environment(&server, "operator");
    let said = |text: &'static str| {
        operator.line(move |line| line["message"].as_str().filter(|m| m.contains(text)).map(drop))
    };
    said("compute-b3 is empty and held").await.unwrap();
    said("1 hosts").await.unwrap();
}
