//! What the model is about: hosts, servers, owners, what the operator asked for, and how much may go wrong.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::actor::{self, Role};
use fermata_core::broken::Rule;
use fermata_core::id::{HostName, ProjectId, ServerId, SessionId};
use fermata_core::ledger::Ledger;
use fermata_core::machine::{self, Context};
use fermata_core::policy::Policies;
use fermata_core::replan::{Planned, Turn};
use fermata_core::session::Session;
use fermata_core::spec::{Action, Draft, OnSilence, Selection};
use fermata_core::{Duration, Time};
use time::macros::datetime;
use uuid::Uuid;

use crate::cloud::Cloud;

/// It is always this time: what lies ahead comes nearer instead.
pub const NOW: Time = datetime!(2026-03-01 08:00 UTC);
/// What lies as far ahead as this never comes.
pub const FAR: Duration = Duration::hours(100);
/// The hosts; the first two are the session's, the last one takes servers.
pub const HOSTS: [&str; 3] = ["host-a", "host-b", "spare"];
/// How many of the hosts are the session's.
pub const SESSION_HOSTS: usize = 2;
/// The host outside of the session.
pub const SPARE: usize = 2;
/// The servers: id, project, and the host each is on at first.
pub const SERVERS: [(&str, &str, usize); 3] =
    [("server-1", "red", 0), ("server-2", "blue", 0), ("server-3", "red", 1)];

/// How much is explored.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Crashes, and leases that run out while their replica lives.
    pub losses: u8,
    /// Answers that never reach the replica that waits for them.
    pub lost_answers: u8,
    /// Actions that the cloud accepts and that fail.
    pub bad_ends: u8,
    /// How often the operator tries failed hosts again.
    pub resumes: u8,
    /// Whether the operator may cancel.
    pub cancels: Choice,
    /// Whether owners may answer the announcement, and not only the question before a drain.
    pub answers_announcement: Choice,
    /// Actions on servers at once.
    pub parallel_actions: u32,
    /// Whether the cloud moves servers onto the session's other host while that takes servers.
    pub moves_onto_session: Choice,
    /// The rule that is broken.
    pub broken: Option<Rule>,
}

/// Whether something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It may.
    Possible,
    /// It does not.
    Never,
}

impl Limits {
    /// What every run of the tests explores.
    pub fn usual() -> Self {
        Self {
            losses: 2,
            lost_answers: 1,
            bad_ends: 1,
            resumes: 1,
            cancels: Choice::Possible,
            answers_announcement: Choice::Never,
            parallel_actions: 1,
            moves_onto_session: Choice::Never,
            broken: None,
        }
    }

    /// What takes too long for every run.
    pub fn large() -> Self {
        Self {
            bad_ends: 2,
            answers_announcement: Choice::Possible,
            moves_onto_session: Choice::Possible,
            ..Self::usual()
        }
    }
}

/// What an owner may answer, for all of its servers.
pub fn answers(project: &ProjectId) -> [Action; 2] {
    if project.as_str() == "red" {
        [Action::Keep, Action::LiveMigrate]
    } else {
        [Action::Migrate, Action::LiveMigrate]
    }
}

/// Both owners take part.
pub fn projects() -> BTreeSet<ProjectId> {
    SERVERS.iter().map(|(_, project, _)| ProjectId::from(*project)).collect()
}

/// The name of a host.
pub fn host_name(host: usize) -> HostName {
    HOSTS[host].into()
}

/// The id of a server.
pub fn server_id(server: usize) -> ServerId {
    SERVERS[server].0.into()
}

/// The number of a host.
pub fn host_number(name: &HostName) -> usize {
    HOSTS.iter().position(|h| *h == name.as_str()).expect("a host of the site")
}

/// The number of a server.
pub fn server_number(id: &ServerId) -> usize {
    SERVERS.iter().position(|(s, _, _)| *s == id.as_str()).expect("a server of the site")
}

/// The session as it is created.
pub fn created(limits: &Limits, cloud: &Cloud) -> Session {
    let names: BTreeSet<HostName> = (0..SESSION_HOSTS).map(host_name).collect();
    let draft = Draft {
        selection: Selection { names: names.iter().cloned().collect(), ..Selection::default() },
        window_end: Some(NOW + FAR),
        reason: "new firmware".to_owned(),
        announce_reply_period: Some(Duration::minutes(2)),
        drain_reply_period: Some(Duration::minutes(1)),
        lead_time: Some(Duration::ZERO),
        on_silence: OnSilence::Proceed,
        default_action: Some(Action::Migrate),
        max_parallel_hosts: 1,
        max_parallel_actions: limits.parallel_actions,
        drain_timeout: Some(FAR),
        action_timeout: Some(FAR),
        action_attempts: 2,
        ..Draft::default()
    };
    let spec = draft.complete(&names, NOW).expect("a spec without faults");
    let nothing = SessionId(Uuid::nil());
    let hosts: Vec<_> = (0..SESSION_HOSTS).map(|h| cloud.read_host(h, nothing)).collect();
    let servers = (0..SESSION_HOSTS).flat_map(|h| cloud.servers_on(h)).collect();
    let interactive = projects();
    let mut last = 0;
    let mut ids = || new_id(&mut last);
    let context = Context {
        now: NOW,
        interactive: &interactive,
        policies: &Policies::default(),
        ledger: Some(&Ledger::default()),
        ids: &mut ids,
    };
    let hosts: Vec<_> = hosts.iter().collect();
    let created = machine::create(
        actor::Who::new("somebody", Role::Operator),
        spec,
        &hosts,
        servers,
        None,
        0,
        context,
    );
    created.expect("nobody asks for a lead time").next
}

/// A plan: every host when it likes, every server onto the spare host.
pub fn plan(session: &Session) -> Planned {
    Planned {
        basis: session.head.course.basis,
        stages: 1,
        turns: session.hosts.keys().map(|host| (host.clone(), Turn::Wave(1))).collect(),
        targets: session.servers.keys().map(|key| (key.clone(), host_name(SPARE))).collect(),
        expected: BTreeMap::new(),
        ends: NOW,
        offers: Vec::new(),
        scale_in: Vec::new(),
        notes: Vec::new(),
        asked: BTreeSet::new(),
    }
}

/// The identifier after the last one.
pub fn new_id(last: &mut u128) -> Uuid {
    *last += 1;
    Uuid::from_u128(*last)
}
