//! How hosts stand: lists, snapshots and events never disagree, and every change is told once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use fermata_core::cloud::{Host, Scheduling};
use fermata_core::host_state::{self, HostState, Seen};
use fermata_core::id::HostName;
use fermata_core::session::{SessionHostState, SessionState};
use fermata_store::{HostsNow, Standings, Store, Topic};

use crate::place::Place;
use crate::world::{START, World, asked_by, host, retiring, tell, write};

const TOPIC: Topic = Topic::Infrastructure;
type States = BTreeMap<HostName, HostState>;

/// Somebody who began with a snapshot and follows events.
struct Watcher {
    knows: States,
    position: u64,
    /// Every state that it was told of.
    told: BTreeSet<String>,
}

impl Watcher {
    /// Begins with the state as it stands.
    async fn begin(store: &Store) -> Self {
        let HostsNow { states, last_sequence, .. } = store.hosts_now().await.unwrap();
        Self { knows: states, position: last_sequence, told: BTreeSet::new() }
    }

    /// Begins with the first event of all.
    fn from_the_beginning() -> Self {
        Self { knows: States::new(), position: 0, told: BTreeSet::new() }
    }

    /// Goes on where it was. Every event must go on from the state that it knows.
    async fn follow(&mut self, store: &Store, limit: u64) {
        for event in store.events_after(&TOPIC, self.position, limit).await.unwrap() {
            let (host, from, to): (String, Option<HostState>, HostState) =
                serde_json::from_slice(&event.payload).unwrap();
            let host = HostName(host);
            let before = from.filter(|from| *from != HostState::Removed);
            let at = event.sequence;
            assert_eq!(self.knows.get(&host).copied(), before, "event {at}: {host} to {to:?}");
            assert_ne!(from, Some(to), "event {at}: {host}");
            self.told.insert(format!("{to:?}"));
            if to == HostState::Removed {
                self.knows.remove(&host);
            } else {
                self.knows.insert(host, to);
            }
            self.position = at;
        }
    }

    async fn knows_what_is_listed(&mut self, store: &Store) {
        let now = store.hosts_now().await.unwrap();
        self.follow(store, now.last_sequence.saturating_sub(self.position)).await;
        assert_eq!(self.position, now.last_sequence);
        assert_eq!(self.knows, now.states, "at {}", self.position);
    }
}

/// Numbers by a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { Some(&all[self.below(all.len())]) }
    }
}

/// A cloud, sessions on it, and a replica that reads its hosts.
struct Site {
    store: Store,
    random: Random,
    /// Hosts that no session here works on; a session's are in its world.
    free: BTreeMap<HostName, Host>,
    sessions: Vec<World>,
    over: Vec<World>,
    /// The list was read, and is not told yet.
    reading: Option<(Standings, Vec<Host>)>,
}

impl Site {
    fn listed(&self) -> Vec<Host> {
        let held = self.sessions.iter().flat_map(|world| world.hosts.values());
        self.free.values().chain(held).cloned().collect()
    }

    /// Changes a host of the cloud, whoever has it.
    fn change(&mut self, change: impl FnOnce(&mut Host)) {
        let names: Vec<_> = self.listed().into_iter().map(|host| host.name).collect();
        let Some(name) = self.random.of(&names).cloned() else { return };
        let mut held = self.sessions.iter_mut().filter_map(|world| world.hosts.get_mut(&name));
        if let Some(host) = self.free.get_mut(&name).or_else(|| held.next()) {
            change(host);
        }
    }

    fn a_service_stops_or_reports(&mut self) {
        let up = self.random.below(3) > 0;
        self.change(|host| host.up = up);
    }

    fn somebody_switches(&mut self) {
        self.change(|host| {
            host.scheduling = match host.scheduling {
                Scheduling::Enabled => {
                    Scheduling::Disabled { reason: "smells of smoke".to_owned() }
                }
                Scheduling::Disabled { .. } => Scheduling::Enabled,
            }
        });
    }

    fn a_host_leaves(&mut self) {
        let names: Vec<_> = self.listed().into_iter().map(|host| host.name).collect();
        let Some(name) = self.random.of(&names) else { return };
        self.free.remove(name);
        self.sessions.iter_mut().for_each(|world| drop(world.hosts.remove(name)));
    }

    fn a_host_appears(&mut self) {
        let name = HostName(format!("host{}", self.random.below(8)));
        if self.listed().iter().any(|host| host.name == name) {
            return;
        }
        let of = self.sessions.iter_mut().find(|w| w.session.hosts.contains_key(&name));
        let hosts = of.map_or(&mut self.free, |world| &mut world.hosts);
        hosts.insert(name.clone(), host(&name));
    }

    async fn a_session_begins(&mut self) {
        let names: Vec<_> = self.free.keys().cloned().collect();
        let Some(name) = self.random.of(&names).cloned() else { return };
        let retires = self.random.below(2) == 0;
        let edit = |draft: &mut fermata_core::spec::Draft| {
            if retires {
                retiring(draft);
            }
        };
        let (mut world, created) = World::create(&[name.as_str()], &["p"], START, edit);
        self.store.commit(write(None, &created, START)).await.unwrap();
        // The session works on the host as it is.
        world.hosts.insert(name.clone(), self.free.remove(&name).unwrap());
        self.sessions.push(world);
    }

    async fn a_session_goes_on(&mut self) {
        let count = self.sessions.len();
        if count == 0 {
            return;
        }
        let at = self.random.below(count);
        let failed = self.sessions[at].session.head.state == SessionState::Failed;
        if failed || self.random.below(30) == 0 {
            self.sessions[at].begin_to_cancel(&self.store).await;
        }
        for _ in 0..=self.random.below(3) {
            self.sessions[at].go_on(&self.store).await;
        }
        if self.sessions[at].session.head.state.is_terminal() {
            let mut world = self.sessions.remove(at);
            self.free.append(&mut world.hosts);
            self.over.push(world);
        }
    }

    async fn a_session_is_deleted(&mut self) {
        if let Some(world) = self.over.pop() {
            let asked = asked_by(&|()| None, START);
            self.store.delete_session(&world.session, asked, tell).await.unwrap();
        }
    }

    async fn begin_to_read(&mut self) {
        self.reading = Some((self.store.host_standings().await.unwrap(), self.listed()));
    }

    async fn tell_what_was_read(&mut self) {
        let Some((known, listed)) = self.reading.take() else { return };
        read_hosts(&self.store, &known, &listed).await;
    }

    /// What the state of each host is by the one function that says it.
    async fn is_as_the_rules_say(&self) {
        let now = self.store.hosts_now().await.unwrap();
        for (host, (standing, _)) in self.store.host_standings().await.unwrap() {
            let held = now.held.get(&host).map(|(_, row)| row);
            assert_eq!(standing.state, Some(host_state::state(standing.seen, held)), "{host}");
        }
    }

    /// After the list was read and nobody did anything meanwhile, all is told.
    async fn all_is_told(&mut self) {
        self.begin_to_read().await;
        self.tell_what_was_read().await;
        let now = self.store.hosts_now().await.unwrap();
        let listed = self.listed().into_iter().map(|host| {
            let held = now.held.get(&host.name).map(|(_, row)| row);
            (host.name.clone(), host_state::state(Seen::from(&host), held))
        });
        assert_eq!(now.states, listed.collect::<States>());
    }
}

/// What a replica does that has read the list.
async fn read_hosts(store: &Store, known: &Standings, listed: &[Host]) {
    let seen = known.iter().map(|(host, (standing, _))| (host.clone(), standing.seen)).collect();
    let news = host_state::news(&seen, listed);
    if !news.is_empty() {
        store.tell_hosts(known, &news, START, tell).await.unwrap();
    }
}

pub(crate) async fn snapshots_and_events_agree(place: &Place) {
    let seed = std::env::var_os("FERMATA_FIRST_SEED").and_then(|seed| seed.to_str()?.parse().ok());
    let seed = seed.unwrap_or(1);
    println!("seed {seed}");
    let names = (0..5).map(|i| HostName(format!("host{i}")));
    let mut site = Site {
        store: place.open().await,
        random: Random(seed),
        free: names.map(|name| (name.clone(), host(&name))).collect(),
        sessions: Vec::new(),
        over: Vec::new(),
        reading: None,
    };
    let mut watchers = vec![Watcher::from_the_beginning()];
    for _ in 0..700 {
        match site.random.below(20) {
            0 => site.a_service_stops_or_reports(),
            1 => site.somebody_switches(),
            2 => site.a_host_leaves(),
            3 | 4 => site.a_host_appears(),
            5 | 6 => site.a_session_begins().await,
            7..=12 => site.a_session_goes_on().await,
            13 => site.a_session_is_deleted().await,
            14 | 15 if site.reading.is_none() => site.begin_to_read().await,
            14 | 15 => site.tell_what_was_read().await,
            16 | 17 => site.all_is_told().await,
            _ if watchers.len() < 6 => watchers.push(Watcher::begin(&site.store).await),
            _ => {
                let at = site.random.below(watchers.len());
                let limit = site.random.below(5) as u64;
                watchers[at].follow(&site.store, limit).await;
                if site.random.below(3) == 0 {
                    watchers[at].knows_what_is_listed(&site.store).await;
                }
            }
        }
        site.is_as_the_rules_say().await;
    }
    site.all_is_told().await;
    for watcher in &mut watchers {
        watcher.knows_what_is_listed(&site.store).await;
    }
    let Watcher { told, position, .. } = &watchers[0];
    println!("{position} events, {told:?}");
    assert_eq!(told.len(), 7, "every state was told of: {told:?}");
}

/// Several replicas read the list at once, while it changes.
pub(crate) async fn a_change_is_told_once(place: &Place) {
    let store = place.open().await;
    let names = (0..20).map(|i| HostName(format!("host{i}")));
    let cloud: Vec<Host> = names.map(|name| host(&name)).collect();
    let cloud = Arc::new(Mutex::new(cloud));
    let readers: Vec<_> = (0..6)
        .map(|reader| {
            let (store, cloud) = (store.clone(), Arc::clone(&cloud));
            tokio::spawn(async move {
                let mut random = Random(reader);
                for _ in 0..25 {
                    let known = store.host_standings().await.unwrap();
                    let listed = {
                        let mut cloud = cloud.lock().unwrap();
                        let at = random.below(cloud.len());
                        cloud[at].up = !cloud[at].up;
                        cloud.clone()
                    };
                    tokio::task::yield_now().await;
                    read_hosts(&store, &known, &listed).await;
                }
            })
        })
        .collect();
    for reader in readers {
        reader.await.unwrap();
    }
    let known = store.host_standings().await.unwrap();
    let listed = cloud.lock().unwrap().clone();
    read_hosts(&store, &known, &listed).await;
    let mut watcher = Watcher::from_the_beginning();
    watcher.knows_what_is_listed(&store).await;
    let state = |host: &Host| host_state::state(Seen::from(host), None);
    let expected: States = listed.iter().map(|host| (host.name.clone(), state(host))).collect();
    assert_eq!(watcher.knows, expected);
}

/// What a session did to a host ends with its rows, and that is told with it.
pub(crate) async fn a_retirement_ends_with_its_session(place: &Place) {
    let store = place.open().await;
    let a = HostName::from("a");
    read_hosts(&store, &Standings::new(), &[host(&a)]).await;
    let (mut gone, created) = World::create(&["a"], &["p"], START, retiring);
    store.commit(write(None, &created, START)).await.unwrap();
    gone.run_to_end(&store).await;
    assert_eq!(gone.session.hosts[&a].state, SessionHostState::Retired);
    let state = async || store.hosts_now().await.unwrap().states[&a];
    assert_eq!(state().await, HostState::Retired);
    let mut watcher = Watcher::begin(&store).await;
    let asked = asked_by(&|()| None, START);
    let appended = store.delete_session(&gone.session, asked, tell).await.unwrap();
    assert_eq!((appended.len(), &appended[0].topic, appended[0].count), (1, &TOPIC, 1));
    assert_eq!(state().await, HostState::Disabled);
    watcher.knows_what_is_listed(&store).await;
}

/// A list that was read before somebody told something newer does not take that back.
pub(crate) async fn newer_news_win(place: &Place) {
    let store = place.open().await;
    let (a, b) = (HostName::from("a"), HostName::from("b"));
    let down = |name| Host { up: false, ..host(name) };
    read_hosts(&store, &Standings::new(), &[host(&a)]).await;
    let before = store.host_standings().await.unwrap();
    read_hosts(&store, &before, &[down(&a), host(&b)]).await;
    let scheduling = Scheduling::Disabled { reason: "smells of smoke".to_owned() };
    let disabled = Host { scheduling, ..host(&a) };
    read_hosts(&store, &before, &[disabled.clone(), down(&b)]).await;
    let expected = States::from([(a.clone(), HostState::Down), (b.clone(), HostState::Enabled)]);
    assert_eq!(store.hosts_now().await.unwrap().states, expected);
    // Whoever reads again finds it.
    let now = store.host_standings().await.unwrap();
    read_hosts(&store, &now, &[disabled, host(&b)]).await;
    assert_eq!(store.hosts_now().await.unwrap().states[&a], HostState::Disabled);
    let mut watcher = Watcher::from_the_beginning();
    watcher.knows_what_is_listed(&store).await;
    assert_eq!(watcher.position, 4);
}
