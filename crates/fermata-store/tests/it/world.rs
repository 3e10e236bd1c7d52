//! Sessions for tests: made and driven by the real machine, over a small obedient cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use fermata_core::actor::{Role, Who};
use fermata_core::audit::{Action, Entry, Resource};
use fermata_core::cloud::{
    Capacity, CloudError, CloudProgress, Flavor, Host, HostServers, Migration, MigrationId,
    MigrationKind, MigrationStatus, Scheduling, Server, ServerSeen, ServerStatus,
};
use fermata_core::event::{HostEvent, Outbox};
use fermata_core::id::{HostName, ProjectId, ServerId, SessionId};
use fermata_core::ledger::{Ledger, Postings};
use fermata_core::machine::{Ask, Command, Context, HostCommand, Input, Transition, create, step};
use fermata_core::policy::Policies;
use fermata_core::replan::{Planned, Turn};
use fermata_core::session::{CallTarget, Op, Read, Session, SessionHostState};
use fermata_core::spec::{Draft, Kind};
use fermata_core::{Duration, Time};
use fermata_store::{
    Asked, NewEvent, PutMode, PutSubscription, RequestRecord, Store, SubscriptionFilter,
    SubscriptionKey, Topic, Write,
};
use time::macros::datetime;
use uuid::Uuid;

pub(crate) const START: Time = datetime!(2026-03-01 08:00 UTC);

/// Rising, as those of a service are.
pub(crate) fn new_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

pub(crate) fn after(seconds: i64) -> Time {
    START + Duration::seconds(seconds)
}

/// A session, the cloud it works on, and its time.
pub(crate) struct World {
    pub(crate) session: Session,
    pub(crate) now: Time,
    servers: BTreeMap<ServerId, Server>,
    pub(crate) hosts: BTreeMap<HostName, Host>,
    migrations: Vec<Migration>,
}

pub(crate) fn host(name: &HostName) -> Host {
    Host {
        name: name.clone(),
        up: true,
        scheduling: Scheduling::Enabled,
        zone: None,
        aggregates: Vec::new(),
        capacity: Capacity::default(),
        hypervisor_type: "QEMU".to_owned(),
        hypervisor_version: "8".to_owned(),
        servers: 0,
    }
}

fn server(host: &HostName, id: ServerId, project: &ProjectId) -> Server {
    Server {
        name: format!("name of {id}"),
        id,
        project: project.clone(),
        host: Some(host.clone()),
        host_id: format!("opaque {host}"),
        status: ServerStatus::Active,
        task: None,
        flavor: Flavor::default(),
        metadata: BTreeMap::new(),
        pinned_zone: None,
    }
}

impl World {
    /// A session that is created at `now` over these hosts, with one server of each project on each host.
    pub(crate) fn create(
        hosts: &[&str],
        projects: &[&str],
        now: Time,
        edit: impl FnOnce(&mut Draft),
    ) -> (Self, Transition) {
        let names: Vec<HostName> = hosts.iter().map(|h| HostName::from(*h)).collect();
        let mut draft = Draft {
            window_end: Some(now + Duration::hours(8)),
            reason: "new kernel".to_owned(),
            announce_reply_period: Some(Duration::ZERO),
            drain_reply_period: Some(Duration::ZERO),
            max_parallel_hosts: 2,
            ..Draft::default()
        };
        draft.selection.names.clone_from(&names);
        edit(&mut draft);
        let spec = draft.complete(&names.iter().cloned().collect(), now).unwrap();
        let hosts: BTreeMap<_, _> = names.iter().map(|n| (n.clone(), host(n))).collect();
        let servers: Vec<_> = names
            .iter()
            .flat_map(|host| {
                projects.iter().map(move |project| {
                    let id = ServerId(format!("{project}-on-{host}"));
                    server(host, id, &ProjectId::from(*project))
                })
            })
            .collect();
        let by_id = servers.iter().map(|s| (s.id.clone(), s.clone())).collect();
        let chosen: Vec<_> = hosts.values().collect();
        let interactive = BTreeSet::new();
        let context = Context {
            now,
            interactive: &interactive,
            policies: &Policies::default(),
            ledger: Some(&Ledger::default()),
            ids: &mut new_id,
        };
        let transition =
            create(operator(), spec, &chosen, servers, Some("00-trace-01".to_owned()), 0, context)
                .unwrap();
        let session = transition.next.clone();
        (Self { session, now, servers: by_id, hosts, migrations: Vec::new() }, transition)
    }

    /// Creates a session and commits it.
    pub(crate) async fn stored(store: &Store, hosts: &[&str], projects: &[&str]) -> Self {
        let (world, transition) = Self::create(hosts, projects, START, |_| {});
        store.commit(write(None, &transition, START)).await.unwrap();
        world
    }

    pub(crate) fn id(&self) -> SessionId {
        self.session.head.id
    }

    /// Applies an input and commits what follows.
    pub(crate) async fn input(&mut self, store: &Store, input: Input) {
        let interactive = BTreeSet::new();
        let context = Context {
            now: self.now,
            interactive: &interactive,
            policies: &Policies::default(),
            ledger: Some(&Ledger::default()),
            ids: &mut new_id,
        };
        if let Some(transition) = step(&self.session, input, context).unwrap() {
            let write = write(Some(&self.session), &transition, self.now);
            store.commit(write).await.unwrap();
            self.session = transition.next;
        }
    }

    /// Cancels the session and lets it come to its end.
    pub(crate) async fn cancel(&mut self, store: &Store) {
        self.begin_to_cancel(store).await;
        self.run_to_end(store).await;
    }

    /// Lets the session run to its end; every transition is committed.
    pub(crate) async fn run_to_end(&mut self, store: &Store) {
        for _ in 0..500 {
            if self.session.head.state.is_terminal() {
                return;
            }
            self.go_on(store).await;
        }
        panic!("the session does not end: {:?}", self.session.head);
    }

    /// Lets the session do what it can within two seconds.
    pub(crate) async fn go_on(&mut self, store: &Store) {
        self.now += Duration::seconds(2);
        self.input(store, Input::Tick).await;
        self.plan(store).await;
        self.make_calls(store).await;
        self.read(store).await;
        self.complete(store).await;
    }

    /// Cancels the session.
    pub(crate) async fn begin_to_cancel(&mut self, store: &Store) {
        let cancel = Ask::Command { command: Command::Cancel, reason: "not today".to_owned() };
        self.input(store, cancel.by(operator())).await;
    }

    /// Everything at once, and everybody to the spare host.
    pub(crate) async fn plan(&mut self, store: &Store) {
        if !self.session.wants_plan(self.now) {
            return;
        }
        let hosts = self.session.hosts.keys();
        let servers = self.session.servers.keys();
        let planned = Planned {
            notes: Vec::new(),
            basis: self.session.head.course.basis,
            stages: 1,
            turns: hosts.map(|h| (h.clone(), Turn::Wave(1))).collect(),
            targets: servers.map(|s| (s.clone(), HostName::from("spare"))).collect(),
            ends: self.now,
            expected: BTreeMap::new(),
            offers: Vec::new(),
            scale_in: Vec::new(),
            asked: BTreeSet::new(),
        };
        self.input(store, Input::Planned(Ok(planned))).await;
    }

    async fn make_calls(&mut self, store: &Store) {
        for due in self.session.due_calls(self.now) {
            let seen = match &due.target {
                CallTarget::Server(id) => Some(self.seen(std::slice::from_ref(id))),
                CallTarget::Host(_) => None,
            };
            self.input(store, Input::Begin { call: due.id, epoch: 1, seen }).await;
            match &due.target {
                CallTarget::Host(host) => self.host_call(host.clone(), due.op),
                CallTarget::Server(id) => self.server_call(id.clone(), due.op),
            }
            self.input(store, Input::Ended { call: due.id, result: Ok(()) }).await;
        }
    }

    fn host_call(&mut self, host: HostName, op: Op) {
        let reason = format!("fermata session {}", self.id());
        let scheduling = if op == Op::EnableScheduling {
            Scheduling::Enabled
        } else {
            Scheduling::Disabled { reason }
        };
        if let Some(host) = self.hosts.get_mut(&host) {
            host.scheduling = scheduling;
        }
    }

    fn server_call(&mut self, id: ServerId, op: Op) {
        let server = self.servers.get_mut(&id).unwrap();
        assert_eq!(op, Op::LiveMigrate, "the sessions of these tests do nothing else");
        let spare = HostName::from("spare");
        self.migrations.push(Migration {
            id: MigrationId(self.migrations.len() as i64 + 1),
            server: id,
            kind: MigrationKind::Live,
            status: MigrationStatus::Completed,
            source: server.host.replace(spare.clone()),
            destination: Some(spare),
        });
    }

    fn seen(&self, ids: &[ServerId]) -> CloudProgress {
        let servers = ids.iter().map(|id| ServerSeen::Present(self.servers[id].clone())).collect();
        CloudProgress { servers, migrations: self.migrations.clone() }
    }

    async fn read(&mut self, store: &Store) {
        for want in self.session.wants() {
            let at = self.now;
            let host = want.host;
            let input = match want.what {
                Read::Status => {
                    let gone = || CloudError::NotFound { detail: format!("no host {host}") };
                    let result = self.hosts.get(&host).cloned().ok_or_else(gone);
                    Input::StatusRead { host, at, result }
                }
                Read::Servers => {
                    let on = |s: &&Server| s.host.as_ref() == Some(&host);
                    let present = self.servers.values().filter(on).cloned().collect();
                    let result = Ok(HostServers { present, arriving: Vec::new() });
                    Input::ServersRead { host, at, result }
                }
            };
            self.input(store, input).await;
        }
        let progress = self.seen(&self.session.watched());
        self.input(store, Input::Progress(Ok(progress))).await;
    }

    async fn complete(&mut self, store: &Store) {
        let ready = |state| state == SessionHostState::InMaintenance;
        let hosts: Vec<_> = self
            .session
            .hosts
            .values()
            .filter(|h| ready(h.state))
            .map(|h| h.host.clone())
            .collect();
        for host in hosts {
            let (command, reason) = (HostCommand::Complete, "done".to_owned());
            let ask = Ask::HostCommand { host, command, reason };
            self.input(store, ask.by(operator())).await;
        }
    }
}

/// Who creates sessions and commands them.
fn operator() -> Who {
    Who::new("kim", Role::Operator)
}

pub(crate) fn retiring(draft: &mut Draft) {
    draft.kind = Kind::Retirement;
}

/// What a service would write: a transition with an event for everything it tells.
pub(crate) fn write<'a>(
    before: Option<&'a Session>,
    transition: &'a Transition,
    now: Time,
) -> Write<'a> {
    let session = transition.next.head.id;
    // What is told of hosts is told by the store.
    let Outbox { owners, operators, alarms: _, learned: _ } = &transition.outbox;
    let owners =
        owners.iter().map(|(p, e)| (Topic::Project(p.clone()), format!("{e:?}").into_bytes()));
    let operators =
        operators.iter().map(|e| (Topic::Session(session), format!("{e:?}").into_bytes()));
    let events = owners
        .chain(operators)
        .map(|(topic, payload)| NewEvent { topic, session: Some(session), payload })
        .collect();
    Write { before, transition, owner: None, epoch: 0, events, tell, request: None, now }
}

/// How events of hosts are encoded here: the host, its state before and after.
pub(crate) fn tell(event: &HostEvent, _: Time) -> Vec<u8> {
    serde_json::to_vec(&(event.host.as_str(), event.from, event.to)).unwrap()
}

/// A transition that changes next to nothing and tells nothing.
pub(crate) fn touch(session: &Session) -> Transition {
    let mut next = session.clone();
    next.head.revision += 1;
    Transition {
        next,
        outbox: Outbox::default(),
        ledger: Postings::default(),
        measured: Vec::new(),
        audit: None,
    }
}

/// What somebody asks for, as the audit trail has it.
pub(crate) fn entry() -> Entry {
    Entry {
        who: operator(),
        action: Action::PauseSession,
        resource: Resource::session(SessionId(Uuid::from_u128(7))),
        detail: "what".to_owned(),
        reason: "why".to_owned(),
    }
}

/// A write that somebody asks for.
pub(crate) fn asked_by<'a, T>(
    record: &'a (dyn Fn(&T) -> Option<RequestRecord> + Sync),
    now: Time,
) -> Asked<'a, T> {
    static ENTRY: LazyLock<Entry> = LazyLock::new(entry);
    Asked { entry: &ENTRY, record, now }
}

/// The same, because somebody asks for it.
pub(crate) fn asked_touch(session: &Session) -> Transition {
    Transition { audit: Some(entry()), ..touch(session) }
}

pub(crate) fn event(topic: &Topic, payload: impl Into<Vec<u8>>) -> NewEvent {
    NewEvent { topic: topic.clone(), session: None, payload: payload.into() }
}

pub(crate) fn request(id: &str) -> RequestRecord {
    RequestRecord {
        caller: "operator".to_owned(),
        id: id.to_owned(),
        digest: vec![0, 1, 254, 255],
        response: b"answer".to_vec(),
    }
}

/// A subscription as its owner asks for it.
pub(crate) fn put_subscription(project: &str, id: &str) -> PutSubscription {
    PutSubscription {
        key: SubscriptionKey { project: project.into(), id: id.into() },
        display_name: format!("VNFM of {project}"),
        filter: SubscriptionFilter::default(),
        mode: PutMode::Either,
        revision: None,
    }
}
