//! Every task that works in the background panics once, at its first turn: it is started again, that shows, and nothing is
//! lost.

use fermata_core::broken;
use fermata_proto::v1::{self, SessionState};
use fermata_server::tasks::Task;

use crate::acts::{create, spec, until_state, work_through};
use crate::harness::{Site, eventually};
use crate::secure::CREDENTIALS;
use crate::tape::{Tape, now, of_session};
use crate::world::World;

/// A whole session, while each of these tasks panics.
async fn session_with_panics(tasks: &[Task], url: Option<String>) {
    tasks.iter().for_each(|task| broken::panic_once(task.name()));
    let change = |config: &mut fermata_server::Config| {
        if let Some(url) = &url {
            config.database_url.clone_from(url);
        }
    };
    let mut site = Site::with(&World::small(), change).await;
    let channel = site.channel().await;
    let mut sessions = site.sessions().await;
    let id = create(&mut sessions, spec(&["compute-1"])).await.id;
    let watched = of_session(&id, now());
    let mut tape: Tape<v1::WatchSessionResponse> = Tape::open(&channel, watched).await.unwrap();
    work_through(&mut sessions, &id).await;
    until_state(&mut sessions, &id, SessionState::Completed).await;
    let all = of_session(&id, None);
    let mut last: Tape<v1::WatchSessionResponse> = Tape::open(&channel, all).await.unwrap();
    let last = last.next().await.sequence;
    tape.up_to(last).await;
    let first = last + 1 - tape.sequences().len() as u64;
    assert_eq!(tape.sequences(), (first..=last).collect::<Vec<_>>(), "events without a gap");
    for task in tasks {
        let look = async || {
            let standings = site.tasks().standings();
            let standing = standings.get(task)?;
            let is_back = standing.restarts > 0 && standing.panic.is_none();
            (is_back && standing.running > 0).then_some(())
        };
        eventually(&format!("{} is started again", task.name()), look).await;
        let restarts = format!("fermata_task_restarts_total{{task=\"{}\"}} 1", task.name());
        assert!(site.page("/metrics").await.contains(&restarts), "{restarts}");
        let line = site.page("/tasks").await;
        let line = line.lines().find(|line| line.starts_with(task.name())).unwrap().to_owned();
        assert!(line.contains("running            1  "), "{line}");
    }
    assert_eq!(site.tasks().trouble(), None);
    site.stop().await;
}

/// Those that also run where nobody is asked who it is; `secure` has the others.
fn without_credentials() -> impl Iterator<Item = Task> {
    Task::ALL.into_iter().filter(|task| !CREDENTIALS.contains(task))
}

#[tokio::test]
async fn a_panic_in_each_task_of_one_process() {
    let alone = |task: &Task| !matches!(task, Task::EventLog | Task::HintsSent | Task::HintsHeard);
    let tasks: Vec<_> = without_credentials().filter(alone).collect();
    session_with_panics(&tasks, None).await;
}

#[tokio::test]
async fn a_panic_in_each_task_of_a_replica() {
    if crate::shared::server().is_none() {
        return;
    }
    let url = crate::shared::create_database();
    let tasks: Vec<_> = without_credentials().collect();
    session_with_panics(&tasks, Some(url.clone())).await;
    crate::shared::drop_database(&url);
}
