//! Owners against the real server, which is restarted and killed under them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fermata_client::owner::{Hooks, Reply};
use fermata_client::testing::{
    CORE_NETWORK, IMS, Options, SimulatedFermata, TestingError, spec, until,
};
use fermata_client::v1::{
    Action, DecisionSource, DeleteSubscriptionRequest, OwnerSessionChange, ServerChange,
    SessionReport, SessionState, session_event,
};
use fermata_client::{Answer, ErrorDetails, Fallback, Operator, Owner, error};
use tokio::sync::mpsc;

fn owner() -> Owner {
    Owner::new(CORE_NETWORK, "vnfm")
}

fn state(report: &SessionReport) -> SessionState {
    report.session.as_ref().unwrap().status.as_ref().unwrap().state()
}

/// Name, action and who decided, of each server.
fn decided(report: &SessionReport) -> Vec<(String, Action, DecisionSource)> {
    let servers = report.hosts.iter().flat_map(|host| &host.servers);
    let mut decided: Vec<_> =
        servers.map(|s| (s.name.clone(), s.action(), s.decision_source())).collect();
    decided.sort_by(|one, other| one.0.cmp(&other.0));
    decided
}

/// How replies ended.
#[derive(Clone, Default)]
struct Replies(Arc<Mutex<Vec<String>>>);

impl Replies {
    fn told(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Hooks for Replies {
    fn on_reply(&self, reply: &Reply<'_>) {
        let outcome = reply.refused.map_or_else(|| "accepted".to_owned(), error::reason_or_code);
        let fallback = if reply.fallback { " fallback" } else { "" };
        self.0.lock().unwrap().push(format!("{}{fallback} {outcome}", reply.answer.name()));
    }
}

async fn heard(what: &str, condition: impl Fn() -> bool) {
    until(what, || std::future::ready(Ok(condition().then_some(())))).await.unwrap();
}

#[tokio::test]
async fn a_maintenance_goes_as_the_owner_decides() {
    let server = SimulatedFermata::start().await.unwrap();
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let (of_server, of_session) = (Arc::clone(&told), Arc::clone(&told));
    let owner = owner()
        .on_planned(|asked| async move {
            let keep = asked.servers.into_iter().filter(|server| server.name == "mme-db-1");
            Ok(Answer::accept_each(keep.map(|server| (server.server_id, Action::Keep))))
        })
        .on_server_event(move |event| {
            let said = format!("{} {}", event.name, event.change().as_str_name());
            of_server.lock().unwrap().push(said);
            std::future::ready(Ok(()))
        })
        .on_complete(move |event| {
            assert_eq!(event.change(), OwnerSessionChange::Completed);
            of_session.lock().unwrap().push("complete".to_owned());
            std::future::ready(Ok(()))
        });
    let running = server.run(owner).await.unwrap();
    let report = server.maintain(spec(["compute-a2"])).await.unwrap();
    let is_over = || told.lock().unwrap().last().is_some_and(|last| last == "complete");
    heard("the end", is_over).await;
    running.stop().await.unwrap();
    assert_eq!(state(&report), SessionState::Completed);
    let expected = [
        ("mme-db-1".to_owned(), Action::Keep, DecisionSource::Owner),
        ("smf-1".to_owned(), Action::LiveMigrate, DecisionSource::Owner),
    ];
    assert_eq!(decided(&report), expected);
    let told = told.lock().unwrap();
    for change in [ServerChange::WentDown, ServerChange::IsBack] {
        assert!(told.contains(&format!("mme-db-1 {}", change.as_str_name())), "{told:?}");
    }
}

#[derive(Clone, Copy)]
enum Harm {
    Restart,
    Kill,
}

/// Nothing is lost, nothing is answered twice, and the session ends.
async fn harmed_at_each_step(harm: Harm) {
    let mut server = SimulatedFermata::start().await.unwrap();
    let (step, mut steps) = mpsc::unbounded_channel();
    let (asked, moving, working) = (step.clone(), step.clone(), step);
    let replies = Replies::default();
    let ends: Arc<Mutex<u32>> = Arc::default();
    let owner = owner()
        .hooks(replies.clone())
        .on_planned(move |_| {
            asked.send("asked").unwrap();
            std::future::ready(Ok(Answer::accept()))
        })
        .on_server_event(move |_| {
            moving.send("moving").unwrap();
            std::future::ready(Ok(()))
        })
        .on_complete({
            let ends = Arc::clone(&ends);
            move |_| {
                *ends.lock().unwrap() += 1;
                std::future::ready(Ok(()))
            }
        });
    let running = server.run(owner).await.unwrap();
    let operator = Operator::new(server.channel());
    let session = operator.create(spec(["compute-a2", "compute-b3"])).await.unwrap();
    let answers: Arc<Mutex<Vec<String>>> = Arc::default();
    let follow = operator
        .follow(session.id)
        .on_host_ready(move |_| {
            working.send("working").unwrap();
            std::future::ready(Ok(()))
        })
        .on_event({
            let answers = Arc::clone(&answers);
            move |event| {
                if let Some(session_event::Event::OwnerReplied(replied)) = &event.event {
                    answers.lock().unwrap().push(replied.notification_id.clone());
                }
            }
        });
    let following = tokio::spawn(async move { follow.await });
    for step in ["asked", "moving", "working"] {
        while steps.recv().await.unwrap() != step {}
        match harm {
            Harm::Restart => server.restart().await.unwrap(),
            Harm::Kill => {
                server.kill().await.unwrap();
                server.restart().await.unwrap();
            }
        }
    }
    let report = following.await.unwrap().unwrap();
    heard("the end", || *ends.lock().unwrap() == 1).await;
    running.stop().await.unwrap();
    assert_eq!(state(&report), SessionState::Completed);
    let mut answers = answers.lock().unwrap().clone();
    let count = answers.len();
    answers.sort_unstable();
    answers.dedup();
    assert_eq!(answers.len(), count, "a question was answered twice");
    let told = replies.told();
    assert!(!told.is_empty() && told.iter().all(|reply| reply == "accept accepted"), "{told:?}");
}

#[tokio::test]
async fn the_server_is_restarted_at_each_step() {
    harmed_at_each_step(Harm::Restart).await;
}

#[tokio::test]
async fn the_server_is_killed_at_each_step() {
    harmed_at_each_step(Harm::Kill).await;
}

#[tokio::test]
async fn an_owner_that_is_slow_is_answered_for() {
    let server = SimulatedFermata::start().await.unwrap();
    let replies = Replies::default();
    let slow = owner()
        .hooks(replies.clone())
        .on_planned(|_| std::future::pending::<Result<Answer, fermata_client::HandlerError>>());
    let running = server.run(slow).await.unwrap();
    let period = Some(prost_types::Duration { seconds: 4, nanos: 0 });
    let mut soon = spec(["compute-a2"]);
    (soon.announce_reply_period, soon.drain_reply_period) = (period, period);
    let report = server.maintain(soon).await.unwrap();
    running.stop().await.unwrap();
    assert_eq!(state(&report), SessionState::Completed);
    assert_eq!(replies.told(), ["accept fallback accepted"]);
    assert!(decided(&report).iter().all(|(_, _, source)| *source == DecisionSource::Owner));
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "a counter-offer has a time of the day")]
async fn a_counter_offer_is_made_and_the_question_comes_again() {
    let server = SimulatedFermata::start().await.unwrap();
    let replies = Replies::default();
    let owner = owner().hooks(replies.clone()).on_planned(|asked| async move {
        let later = std::time::SystemTime::now() + Duration::from_secs(3);
        Ok(match asked.counter_offer {
            None => Answer::not_before(later),
            Some(_) => Answer::accept(),
        })
    });
    let running = server.run(owner).await.unwrap();
    let report = server.maintain(spec(["compute-a2"])).await.unwrap();
    running.stop().await.unwrap();
    assert_eq!(state(&report), SessionState::Completed);
    assert_eq!(replies.told()[..2], ["counter_offer accepted", "accept accepted"]);
}

#[tokio::test]
async fn two_owners_answer_for_their_own_servers() {
    let server = SimulatedFermata::start().await.unwrap();
    let core = server.run(owner().on_planned(|_| async { Ok(Answer::accept()) })).await.unwrap();
    let ims =
        Owner::new(IMS, "vnfm").on_planned(|_| async { Ok(Answer::accept_all(Action::Keep)) });
    let ims = server.run(ims).await.unwrap();
    let report = server.maintain(spec(["compute-a1"])).await.unwrap();
    core.stop().await.unwrap();
    ims.stop().await.unwrap();
    let servers = report.hosts.iter().flat_map(|host| &host.servers);
    let (kept, moved): (Vec<_>, Vec<_>) = servers.partition(|s| s.action() == Action::Keep);
    assert!(!kept.is_empty() && kept.iter().all(|server| server.project_id == IMS));
    assert!(!moved.is_empty() && moved.iter().all(|server| server.project_id == CORE_NETWORK));
}

#[tokio::test]
async fn an_objection_is_told_to_the_operator() {
    let server = SimulatedFermata::start().await.unwrap();
    let replies = Replies::default();
    let owner = owner()
        .hooks(replies.clone())
        .fallback(Fallback::Reject)
        .on_planned(|_| async { Ok(Answer::reject("not tonight")) });
    let running = server.run(owner).await.unwrap();
    server.ask(spec(["compute-a2"])).await.unwrap();
    heard("the objection", || replies.told() == ["reject accepted"]).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_host_whose_work_fails_has_failed() {
    let server = SimulatedFermata::start().await.unwrap();
    let operator = Operator::new(server.channel());
    // Nobody has servers there.
    let session = operator.create(spec(["compute-b3"])).await.unwrap();
    let reasons: Arc<Mutex<Vec<String>>> = Arc::default();
    let follow = operator
        .follow(&session.id)
        .on_host_ready(|_| async { Err("the new firmware does not boot".into()) })
        .on_event({
            let reasons = Arc::clone(&reasons);
            move |event| {
                if let Some(session_event::Event::Host(host)) = &event.event {
                    reasons.lock().unwrap().push(host.reason.clone());
                }
            }
        });
    let following = tokio::spawn(async move { follow.await });
    let is_told = || {
        let reasons = reasons.lock().unwrap();
        reasons.iter().any(|reason| reason.contains("the new firmware does not boot"))
    };
    heard("the failure", is_told).await;
    following.abort();
}

#[tokio::test]
async fn a_subscription_that_is_deleted_ends_its_owner() {
    let server = SimulatedFermata::start().await.unwrap();
    let running = server.run(owner()).await.unwrap();
    let request = DeleteSubscriptionRequest {
        project_id: CORE_NETWORK.to_owned(),
        subscription_id: "vnfm".to_owned(),
        ..Default::default()
    };
    server.channel().notifications().delete_subscription(request).await.unwrap();
    let Err(TestingError::OwnerEnded(ended)) = running.ended().await else {
        panic!("it goes on without its subscription")
    };
    assert_eq!(ErrorDetails::of(&ended).reason_name, "SUBSCRIPTION_NOT_FOUND");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let options = Options { arguments: vec!["--no-such-option".to_owned()], ..Default::default() };
    let Err(TestingError::NotReady { log }) = SimulatedFermata::with(options).await else {
        panic!("it started")
    };
    assert!(log.contains("no-such-option"), "{log}");
    let program = Some("/nowhere/fermata".to_owned());
    let missing = SimulatedFermata::with(Options { program, ..Default::default() }).await;
    assert!(matches!(missing, Err(TestingError::Program { .. })));
}
