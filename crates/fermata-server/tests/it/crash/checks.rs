//! What must hold at the end, told from the event log, the audit trail and the cloud's own journal.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use fermata_core::Time;
use fermata_core::audit::{Action, Head};
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::id::{HostName, ServerId, SessionId};
use fermata_core::session::{ServerState, SessionHostState, SessionState};
use fermata_proto::v1;
use fermata_proto::v1::owner_event::Event as OwnerEvent;
use fermata_simcloud::{Entry, Event, Operation, Outcome};
use fermata_store::{AuditQuery, Store, Topic};
use prost::Message;

use crate::crash::place::{self, Place};
use crate::crash::story::{PROJECTS, Story};

/// What is wrong.
#[derive(Debug, Clone)]
pub struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! demand {
    ($holds:expr, $($text:tt)*) => {
        if !$holds {
            return Err(Violation(format!($($text)*)));
        }
    };
}

/// Checks what came of a story.
pub fn check(place: &Place, story: &Story) -> Result<(), Violation> {
    let journal = place.cloud.journal(0);
    cloud_was_treated_well(&journal, story)?;
    hosts_are_back(place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::connect(&place.url, &place::patient()).await.unwrap();
        let result = stored(&store, story, &journal).await;
        store.close().await.unwrap();
        result
    })
}

/// Every action was made once: a failed one as often as it was allowed to be tried.
fn cloud_was_treated_well(journal: &[Entry], story: &Story) -> Result<(), Violation> {
    let expected = [
        ("live", Operation::LiveMigrate, 1..=1),
        ("cold", Operation::Migrate, 1..=1),
        ("cold", Operation::ConfirmMigration, 1..=1),
        ("keep", Operation::Stop, 1..=1),
        ("keep", Operation::Start, 1..=1),
        ("fails", Operation::LiveMigrate, 1..=2),
    ];
    let mut calls: HashMap<(String, Operation), Vec<Time>> = HashMap::new();
    for entry in journal {
        if let Event::Call { operation, server: Some(server), outcome: Outcome::Done, .. } =
            &entry.event
        {
            calls.entry((server.to_string(), *operation)).or_default().push(entry.at);
        }
    }
    let first_reply = story.replied.values().min().copied();
    for (server, operation, times) in expected {
        let made = calls.remove(&(format!("{server}-id"), operation)).unwrap_or_default();
        demand!(
            times.contains(&made.len()),
            "{operation} of {server} was done {} times",
            made.len()
        );
        let asked = first_reply.is_some_and(|at| made.iter().all(|made| *made >= at));
        demand!(asked, "{operation} of {server} came before its owner agreed");
    }
    calls.retain(|(_, operation), _| *operation != Operation::Progress);
    demand!(calls.is_empty(), "nobody asked for {calls:?}");
    Ok(())
}

/// Every host takes servers again, and every server runs.
fn hosts_are_back(place: &Place) -> Result<(), Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    use fermata_core::cloud::Cloud;
    let (hosts, servers) = runtime.block_on(async {
        let ids: Vec<ServerId> =
            ["live-id", "keep-id", "cold-id", "fails-id"].map(|id| id.into()).to_vec();
        let hosts = place.cloud.hosts().await.unwrap();
        (hosts, place.cloud.progress(&ids, place.time.now()).await.unwrap().servers)
    });
    for host in hosts {
        demand!(host.scheduling == Scheduling::Enabled, "{} is {:?}", host.name, host.scheduling);
    }
    for server in servers {
        let fermata_core::cloud::ServerSeen::Present(server) = server else {
            return Err(Violation("a server is gone".to_owned()));
        };
        demand!(server.status == ServerStatus::Active, "{} is {:?}", server.name, server.status);
        let host = server.host.map(|host| host.to_string()).unwrap_or_default();
        let stays = matches!(server.name.as_str(), "keep" | "fails");
        let home = if server.name == "keep" { "compute-1" } else { "compute-3" };
        demand!(!stays || host == home, "{} is on {host}", server.name);
        let left = server.name == "live" && host != "compute-1"
            || server.name == "cold" && host != "compute-2";
        demand!(stays || left, "{} is still on {host}", server.name);
    }
    Ok(())
}

async fn stored(store: &Store, story: &Story, journal: &[Entry]) -> Result<(), Violation> {
    let id: SessionId = story.session.as_ref().unwrap().parse().unwrap();
    let session = store.load(id).await.unwrap().unwrap();
    demand!(session.head.state == SessionState::Cancelled, "it is {:?}", session.head.state);
    let hosts = session.hosts.iter().map(|(name, host)| (name.as_str(), host.state));
    let expected = [
        ("compute-1", SessionHostState::Maintained),
        ("compute-2", SessionHostState::Maintained),
        ("compute-3", SessionHostState::DrainFailed),
    ];
    demand!(hosts.clone().eq(expected), "hosts are {:?}", hosts.collect::<Vec<_>>());
    for server in session.servers.values().filter(|s| s.key.host.as_str() != "compute-3") {
        let name = server.name.as_str();
        let right = match (name, server.key.host.as_str()) {
            ("live", "compute-1") | ("cold", "compute-2") => server.state == ServerState::Moved,
            ("keep", _) => server.state == ServerState::Restored,
            // Moved onto a host of the session that was drained later, and on from there.
            _ => server.state.is_done(),
        };
        demand!(right, "{name} of {} is {:?}", server.key.host, server.state);
    }

    let order = fermata_store::Order::OldestFirst;
    let query = AuditQuery { order, limit: 10_000, ..Default::default() };
    let (records, noted) = store.list_audit(&query).await.unwrap();
    let mut head = Head::default();
    for record in &records {
        let followed = head.follow(record);
        demand!(followed.is_ok(), "{followed:?}");
    }
    demand!(head.is(&noted.head).is_ok(), "the audit trail ends with {head:?}, not {noted:?}");
    let created = records.iter().filter(|r| r.known_action() == Some(Action::CreateSession));
    demand!(created.count() == 1, "the session was created more than once: {records:?}");

    for (notification, answer) in &story.answered {
        let found = session.notifications.values().find(|n| n.id.to_string() == *notification);
        demand!(found.is_some(), "a reply to {notification} was answered and is lost: {answer:?}");
    }
    for project in PROJECTS {
        told(store, story, project).await?;
    }
    ready_when_said(store, id, journal).await
}

/// What an owner heard is the log of its project, without a hole, and says what happened to its servers.
async fn told(store: &Store, story: &Story, project: &str) -> Result<(), Violation> {
    let topic = Topic::Project(project.into());
    let log = store.events_after(&topic, 0, 10_000).await.unwrap();
    let sequences: Vec<_> = log.iter().map(|event| event.sequence).collect();
    let all: Vec<_> = (1..=log.len() as u64).collect();
    demand!(sequences == all, "the log of {project} has holes: {sequences:?}");
    let heard = &story.journals[project];
    demand!(heard.wrong.is_empty(), "{project} heard {:?} twice or out of order", heard.wrong);
    let mut changes: BTreeMap<(String, v1::ServerChange), usize> = BTreeMap::new();
    let mut ends = 0;
    for event in &log {
        let message = v1::SubscribeResponse::decode(event.payload.as_slice()).unwrap();
        let Some(v1::subscribe_response::Message::Event(event)) = message.message else { continue };
        match event.event {
            Some(OwnerEvent::Server(server)) => {
                *changes.entry((server.name.clone(), server.change())).or_default() += 1;
            }
            Some(OwnerEvent::Session(session)) => {
                ends += usize::from(session.change() == v1::OwnerSessionChange::Cancelled);
            }
            Some(OwnerEvent::Notification(notification)) => {
                // Owners reply in time, if only the time is counted in which there is somebody to reply to.
                let expired = notification.state() == v1::NotificationState::Expired;
                demand!(!expired, "{project} is said to have replied too late");
            }
            None => {}
        }
    }
    use v1::ServerChange::{ActionDone, ActionFailed, ActionStarted, IsBack, WentDown};
    let expected: &[(&str, v1::ServerChange)] = if project == "orange" {
        &[
            ("live", ActionStarted),
            ("live", ActionDone),
            ("cold", ActionStarted),
            ("cold", ActionDone),
        ]
    } else {
        &[("keep", ActionStarted), ("keep", WentDown), ("keep", IsBack), ("fails", ActionFailed)]
    };
    for (server, change) in expected {
        let times = changes.get(&((*server).to_owned(), *change)).copied().unwrap_or(0);
        let more = *change == ActionFailed;
        demand!(
            times == 1 || more && times > 0,
            "{project} was told {times} times: {server} {change:?}"
        );
    }
    demand!(ends == 1, "{project} was told {ends} times that the session was cancelled");
    // The last ones may have come after the last look; all others were heard.
    let last = heard.events.keys().next_back().copied().unwrap_or(0);
    demand!(last + 8 >= log.len() as u64, "{project} heard {last} of {} events", log.len());
    for (sequence, bytes) in &heard.events {
        let stored = &log[usize::try_from(sequence - 1).unwrap()].payload;
        demand!(
            bytes.starts_with(stored),
            "{project} heard another event {sequence} than was logged"
        );
    }
    Ok(())
}

/// A host was said to be in maintenance only while it was disabled and nothing was on it that had to leave.
async fn ready_when_said(store: &Store, id: SessionId, journal: &[Entry]) -> Result<(), Violation> {
    for event in store.events_after(&Topic::Session(id), 0, 10_000).await.unwrap() {
        let message = v1::WatchSessionResponse::decode(event.payload.as_slice()).unwrap();
        let Some(v1::watch_session_response::Message::Event(told)) = message.message else {
            continue;
        };
        let Some(v1::session_event::Event::Host(host)) = told.event else { continue };
        if host.state() != v1::SessionHostState::InMaintenance {
            continue;
        }
        let name = HostName::from(host.host.as_str());
        let (disabled, on_it) = as_it_was(journal, &name, event.at);
        demand!(disabled, "{name} was said to be ready and took servers");
        demand!(on_it.is_empty(), "{name} was said to be ready with {on_it:?} on it");
    }
    Ok(())
}

/// Whether a host was disabled just before a time, and the servers that ran on it: what happens in the same
/// millisecond of virtual time may have come after.
fn as_it_was(journal: &[Entry], name: &HostName, at: Time) -> (bool, Vec<ServerId>) {
    let mut disabled = false;
    let mut servers: BTreeMap<ServerId, (HostName, ServerStatus)> = BTreeMap::new();
    for entry in journal.iter().take_while(|entry| entry.at < at) {
        match &entry.event {
            Event::Host { host, scheduling, .. } if host == name => {
                disabled = *scheduling != Scheduling::Enabled;
            }
            Event::Server { server, host, status, .. } => {
                servers.insert(server.clone(), (host.clone(), status.clone()));
            }
            Event::Gone { server } => {
                servers.remove(server);
            }
            _ => {}
        }
    }
    let on_it = servers
        .into_iter()
        .filter(|(_, (host, status))| host == name && *status != ServerStatus::Shutoff);
    (disabled, on_it.map(|(id, _)| id).collect())
}
