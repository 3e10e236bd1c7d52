//! Every change of a host is told, whoever makes it; lists, snapshots and events never disagree.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fermata_core::cloud::{Cloud, Scheduling};
use fermata_proto::v1;
use fermata_proto::v1::HostState;
use fermata_proto::v1::watch_hosts_response::Message;
use fermata_server::tasks::Task;
use fermata_simcloud::SimCloud;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tonic::Code;
use tonic::transport::Channel;

use crate::acts::until_state;
use crate::harness::{Hosts, Site, eventually, millis};
use crate::refusal::Refusal;
use crate::shared;
use crate::tape::{Tape, after};
use crate::world::World;

type States = BTreeMap<String, HostState>;

/// A server that looks at its cloud's hosts all the time.
async fn watched(world: &World) -> (Site, Arc<SimCloud>) {
    Site::over_open_cloud_with(world, |c| c.host_poll_interval = Duration::from_millis(20)).await
}

async fn listed(hosts: &mut Hosts) -> States {
    let answer = hosts.list_hosts(v1::ListHostsRequest::default()).await.unwrap().into_inner();
    answer.hosts.iter().map(|h| (h.name.clone(), h.state())).collect()
}

/// Somebody who watches hosts, and what they know after each event.
struct Follower {
    tape: Tape<v1::WatchHostsResponse>,
    at: u64,
    token: Vec<u8>,
    knows: States,
    known: BTreeMap<u64, States>,
    last: v1::HostEvent,
}

impl Follower {
    /// Begins with a snapshot.
    async fn begin(channel: &Channel) -> Self {
        let tape = Tape::open(channel, v1::WatchHostsRequest::default()).await.unwrap();
        let (knows, known) = (States::new(), BTreeMap::new());
        let (token, last) = (Vec::new(), v1::HostEvent::default());
        let mut follower = Self { tape, at: 0, token, knows, known, last };
        follower.hear().await;
        follower
    }

    /// Comes back after the connection was lost.
    async fn resume(&mut self, channel: &Channel) {
        let start = after(self.token.clone());
        let request = v1::WatchHostsRequest { start, ..Default::default() };
        self.tape = Tape::open(channel, request).await.unwrap();
    }

    async fn hear(&mut self) {
        let heard = self.tape.next().await;
        self.token.clone_from(&heard.resume_token);
        match heard.message.unwrap() {
            Message::Snapshot(snapshot) => {
                assert!(snapshot.last, "it is small");
                self.knows = snapshot.hosts.iter().map(|h| (h.name.clone(), h.state())).collect();
                self.at = heard.sequence;
            }
            Message::Event(event) => {
                assert_eq!(heard.sequence, self.at + 1);
                self.at = heard.sequence;
                let before = self.knows.get(&event.host).copied();
                let from = [HostState::Unspecified, HostState::Removed];
                let from = Some(event.previous_state()).filter(|s| !from.contains(s));
                assert_eq!(from, before, "{event:?}");
                let is_alarm = event.state() == event.previous_state();
                assert!(!is_alarm || event.state() == HostState::InMaintenance, "{event:?}");
                match event.state() {
                    HostState::Removed => self.knows.remove(&event.host),
                    state => self.knows.insert(event.host.clone(), state),
                };
                self.last = event;
            }
            _ => {}
        }
        self.known.insert(self.at, self.knows.clone());
    }

    /// Goes on to this event.
    async fn up_to(&mut self, sequence: u64) {
        while self.at < sequence {
            self.hear().await;
        }
    }

    /// Goes on until a host is so, and gives the event that said it.
    async fn until(&mut self, host: &str, state: HostState) -> v1::HostEvent {
        let reached = async {
            while !(self.last.host == host && self.last.state() == state) {
                self.hear().await;
            }
        };
        crate::harness::soon(&format!("{host} to be {state:?}"), reached).await;
        self.last.clone()
    }
}

#[tokio::test]
async fn a_host_goes_down_and_comes_up_while_no_session_is_open() {
    let (mut site, cloud) = watched(&World::small()).await;
    let mut watch = Follower::begin(&site.channel().await).await;
    assert_eq!(watch.knows.values().filter(|s| **s == HostState::Enabled).count(), 4);
    cloud.host_goes_down(&"compute-3".into()).unwrap();
    let told = watch.until("compute-3", HostState::Down).await;
    assert_eq!(told.previous_state(), HostState::Enabled);
    assert_eq!(told.reason, "its compute service does not report");
    assert_eq!((told.session_id.as_str(), told.cause), ("", 0));
    let mut hosts = site.hosts().await;
    assert_eq!(listed(&mut hosts).await, watch.knows);
    cloud.host_comes_up(&"compute-3".into()).unwrap();
    let told = watch.until("compute-3", HostState::Enabled).await;
    assert_eq!(told.previous_state(), HostState::Down);
    assert_eq!(listed(&mut hosts).await, watch.knows);
    site.stop().await;
}

#[tokio::test]
async fn somebody_else_disables_a_host_and_enables_it() {
    let (mut site, cloud) = watched(&World::small()).await;
    let mut watch = Follower::begin(&site.channel().await).await;
    let host = "compute-1".into();
    let disabled = Scheduling::Disabled { reason: "smells of smoke".to_owned() };
    cloud.set_scheduling(&host, &disabled).await.unwrap();
    let told = watch.until("compute-1", HostState::Disabled).await;
    assert_eq!(told.previous_state(), HostState::Enabled);
    assert_eq!(told.reason, "its scheduling was disabled: smells of smoke");
    assert_eq!((told.session_id.as_str(), told.cause), ("", 0));
    let mut hosts = site.hosts().await;
    assert_eq!(listed(&mut hosts).await, watch.knows);
    cloud.set_scheduling(&host, &Scheduling::Enabled).await.unwrap();
    let told = watch.until("compute-1", HostState::Enabled).await;
    assert_eq!(told.reason, "its scheduling was enabled");
    site.stop().await;
}

#[tokio::test]
async fn a_host_that_leaves_the_cloud_is_removed() {
    let (mut site, cloud) = watched(&World::small()).await;
    let channel = site.channel().await;
    let mut watch = Follower::begin(&channel).await;
    cloud.host_leaves(&"compute-4".into()).unwrap();
    let told = watch.until("compute-4", HostState::Removed).await;
    assert_eq!(told.previous_state(), HostState::Enabled);
    let mut hosts = site.hosts().await;
    assert!(!listed(&mut hosts).await.contains_key("compute-4"));
    let request = v1::GetHostRequest { host: "compute-4".to_owned() };
    let refusal = Refusal::of(hosts.get_host(request).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::NotFound, "HOST_NOT_FOUND"));
    assert_eq!(Follower::begin(&channel).await.knows, watch.knows);
    // It comes back; another one was never there before.
    for (host, before) in [("compute-4", HostState::Removed), ("compute-5", HostState::Unspecified)]
    {
        cloud.host_joins(&host.into(), &"compute-1".into()).unwrap();
        let told = watch.until(host, HostState::Enabled).await;
        assert_eq!(told.previous_state(), before);
    }
    assert_eq!(listed(&mut hosts).await, watch.knows);
    site.stop().await;
}

/// Whoever lists hosts sees them as they are, and so does everybody else from then on.
#[tokio::test]
async fn what_a_list_finds_is_told() {
    let never = |c: &mut fermata_server::Config| c.host_poll_interval = Duration::from_secs(3600);
    let (mut site, cloud) = Site::over_open_cloud_with(&World::small(), never).await;
    eventually("the first look", async || site.tasks().standings()[&Task::Hosts].last.clone())
        .await;
    let mut watch = Follower::begin(&site.channel().await).await;
    cloud.host_goes_down(&"compute-2".into()).unwrap();
    let mut hosts = site.hosts().await;
    assert_eq!(listed(&mut hosts).await["compute-2"], HostState::Down);
    watch.until("compute-2", HostState::Down).await;
    site.stop().await;
}

/// The row that said it was retired is gone with its session.
#[tokio::test]
async fn a_retired_host_is_disabled_once_its_session_is_deleted() {
    let (mut site, _cloud) = watched(&World::small()).await;
    let (mut hosts, mut sessions) = (site.hosts().await, site.sessions().await);
    let mut watch = Follower::begin(&site.channel().await).await;
    let request = v1::RequestHostMaintenanceRequest {
        kind: v1::MaintenanceKind::Retirement.into(),
        ..maintenance("compute-3")
    };
    let answer = hosts.request_host_maintenance(request).await.unwrap().into_inner();
    let session_id = answer.session.unwrap().id;
    watch.until("compute-3", HostState::InMaintenance).await;
    hosts.release_host(release("compute-3")).await.unwrap();
    let told = watch.until("compute-3", HostState::Retired).await;
    assert_eq!(told.session_id, session_id);
    until_state(&mut sessions, &session_id, v1::SessionState::Completed).await;
    let request = v1::DeleteSessionRequest { session_id: session_id.clone(), ..Default::default() };
    sessions.delete_session(request).await.unwrap();
    let told = watch.until("compute-3", HostState::Disabled).await;
    assert_eq!((told.previous_state(), told.session_id), (HostState::Retired, session_id));
    assert_eq!(listed(&mut hosts).await, watch.knows);
    site.stop().await;
}

fn maintenance(host: &str) -> v1::RequestHostMaintenanceRequest {
    v1::RequestHostMaintenanceRequest {
        host: host.to_owned(),
        reason: "a broken fan".to_owned(),
        reply_period: millis(20),
        ..Default::default()
    }
}

fn release(host: &str) -> v1::ReleaseHostRequest {
    v1::ReleaseHostRequest { host: host.to_owned(), ..Default::default() }
}

/// Something happens, by chance. What is refused does no harm.
async fn something_happens(chance: &mut StdRng, cloud: &SimCloud, hosts: &mut Hosts) {
    let host = format!("compute-{}", chance.random_range(1..=6));
    let name = host.as_str().into();
    let disabled = Scheduling::Disabled { reason: "smells of smoke".to_owned() };
    let _ = match chance.random_range(0..10) {
        0 | 1 => cloud.host_goes_down(&name).is_ok(),
        2 | 3 => cloud.host_comes_up(&name).is_ok(),
        4 => cloud.set_scheduling(&name, &disabled).await.is_ok(),
        5 => cloud.set_scheduling(&name, &Scheduling::Enabled).await.is_ok(),
        6 => cloud.host_leaves(&name).is_ok(),
        7 => cloud.host_joins(&name, &"compute-1".into()).is_ok(),
        8 => hosts.request_host_maintenance(maintenance(&host)).await.is_ok(),
        _ => hosts.release_host(release(&host)).await.is_ok(),
    };
}

async fn followers_know_what_snapshots_say(database_url: Option<String>) {
    let world = World::of_hosts(6).server("orange-web", "orange", "compute-1").server(
        "orange-db",
        "orange",
        "compute-2",
    );
    let (mut site, cloud) = Site::over_open_cloud_with(&world, |config| {
        config.host_poll_interval = Duration::from_millis(20);
        if let Some(url) = database_url {
            config.database_url = url;
        }
    })
    .await;
    let seed = rand::random();
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let (channel, mut hosts) = (site.channel().await, site.hosts().await);
    let mut first = Follower::begin(&channel).await;
    let mut second = Follower::begin(&channel).await;
    for turn in 0..120 {
        something_happens(&mut chance, &cloud, &mut hosts).await;
        if turn % 3 == 0 {
            let snapshot = Follower::begin(&channel).await;
            first.up_to(snapshot.at).await;
            assert_eq!(first.known[&snapshot.at], snapshot.knows, "at {}", snapshot.at);
        }
        if turn % 10 == 0 {
            second.resume(&channel).await;
            second.up_to(first.at).await;
            assert_eq!(second.knows, first.known[&second.at]);
        }
    }
    // Nobody does anything any more, and sessions come to where they wait for somebody.
    eventually("all to be told", async || {
        let before = listed(&mut hosts).await;
        let snapshot = Follower::begin(&channel).await;
        first.up_to(snapshot.at).await;
        (before == first.knows && listed(&mut hosts).await == before).then_some(())
    })
    .await;
    site.stop().await;
}

#[tokio::test]
async fn followers_know_what_snapshots_say_on_sqlite() {
    followers_know_what_snapshots_say(None).await;
}

#[tokio::test]
async fn followers_know_what_snapshots_say_on_postgres() {
    if shared::server().is_some() {
        let url = shared::create_database();
        followers_know_what_snapshots_say(Some(url.clone())).await;
        shared::drop_database(&url);
    }
}
