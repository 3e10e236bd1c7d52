//! A random case: what it may hold, and the world it makes.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Duration;
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerId};
use fermata_core::machine::{Command, HostCommand};
use fermata_core::policy::{GroupPolicy, MaxImpacted, MigrationType, Policies, ServerPolicy};
use fermata_core::spec::{
    Action, Draft, Kind, OnFailure, OnObjection, OnSilence, Selection, StartMode,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::cloud::FakeCloud;
use crate::world::faults::Rng;
use crate::world::owners::{Deed, Owner, Words};
use crate::world::runner::CrashPoint;
use crate::world::{DAWN, Latency, World};

pub(super) const PROJECTS: [&str; 3] = ["red", "green", "blue"];
const ACTIONS: [Action; 4] =
    [Action::LiveMigrate, Action::Migrate, Action::OwnAction, Action::Keep];

#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Whether each host was disabled before.
    pub(super) hosts: Vec<bool>,
    /// Hosts outside of the session.
    pub(super) spare: usize,
    /// Host, project, and whether it is stopped.
    pub(super) servers: Vec<(usize, usize, bool)>,
    pub(super) spec: Spec,
    pub(super) owners: Vec<(Says, bool)>,
    /// What is stored for servers, by their number.
    pub(super) policies: Vec<Option<ServerPolicy>>,
    /// What is stored for a group of all of red's servers: for its members, its limit, its recovery time in seconds, and
    /// down to which size it may be scaled in.
    pub(super) group: Option<(ServerPolicy, u32, i64, Option<u32>)>,
    /// How many servers have room on a host.
    pub(super) room: Option<u64>,
    /// How many calls in a thousand go wrong.
    pub(super) faults: u64,
    pub(super) latency_millis: i64,
    pub(super) jitter_secs: i64,
    /// Start and length, in seconds.
    pub(super) outages: Vec<(i64, i64)>,
    pub(super) crashes: Vec<(usize, bool, i64)>,
    /// What happens, after so many seconds each.
    pub(super) happenings: Vec<(i64, Happening)>,
    pub(super) seed: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) retires: bool,
    pub(super) one_differs: bool,
    pub(super) announce_secs: i64,
    pub(super) drain_secs: i64,
    pub(super) lead_secs: i64,
    pub(super) on_silence: OnSilence,
    pub(super) on_objection: OnObjection,
    pub(super) default_action: Action,
    pub(super) on_failure: OnFailure,
    pub(super) manual: bool,
    pub(super) parallel_hosts: u32,
    pub(super) parallel_actions: u32,
    pub(super) drain_timeout_secs: i64,
    pub(super) action_timeout_secs: i64,
    pub(super) attempts: u32,
    pub(super) window_mins: i64,
}

#[derive(Debug, Clone)]
pub(super) enum Says {
    Nothing,
    Yes(Action),
    No,
    Later(i64, Action),
    HalfFirst(Action),
}

/// Something that somebody does. Numbers choose among what there is.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    Command(Command),
    Host(usize, HostCommand),
    Reply { notification: usize, older_by: u64, answer: Said },
    MoveServer(usize, usize),
    DeleteServer(usize),
    SwitchServer(usize, bool),
    NewServer(usize, usize),
    EnableHost(usize),
    DisableHost(usize),
    HostUp(usize, bool),
    LaterEnd(i64),
    Crash(i64),
}

#[derive(Debug, Clone)]
pub(super) enum Said {
    All(Action),
    Some(usize, Action),
    No,
    Done,
    Later(usize, i64),
    After(usize, usize),
}

fn spec() -> impl Strategy<Value = Spec> {
    let silence = select(vec![OnSilence::Proceed, OnSilence::Hold, OnSilence::FailHost]);
    let objection = select(vec![OnObjection::Hold, OnObjection::FailHost]);
    let action = select(vec![Action::LiveMigrate, Action::Migrate, Action::Keep]);
    let failure = select(vec![OnFailure::Stop, OnFailure::Continue]);
    let times = (0..300_i64, 0..300_i64, 0..600_i64, 700..3000_i64, 40..900_i64, 20..600_i64);
    let counts = (1..4_u32, 1..5_u32, 1..4_u32);
    let flags = (prop::bool::weighted(0.2), any::<bool>(), prop::bool::weighted(0.2));
    (flags, silence, objection, action, failure, times, counts).prop_map(
        |(flags, on_silence, on_objection, action, on_failure, times, counts)| Spec {
            retires: flags.0,
            one_differs: flags.1,
            manual: flags.2,
            announce_secs: times.0,
            drain_secs: times.1,
            lead_secs: times.2,
            drain_timeout_secs: times.3,
            action_timeout_secs: times.4,
            window_mins: times.5,
            on_silence,
            on_objection,
            default_action: action,
            on_failure,
            parallel_hosts: counts.0,
            parallel_actions: counts.1,
            attempts: counts.2,
        },
    )
}

fn happening() -> impl Strategy<Value = Happening> {
    let command = select(vec![
        Command::Start,
        Command::Pause,
        Command::Resume,
        Command::Resume,
        Command::Cancel,
    ]);
    let host = select(vec![
        HostCommand::Complete,
        HostCommand::Complete,
        HostCommand::Complete,
        HostCommand::Fail,
        HostCommand::Skip,
        HostCommand::Retry { override_owners: false },
        HostCommand::Retry { override_owners: true },
    ]);
    let action = || select(ACTIONS.to_vec());
    let said = prop_oneof![
        3 => action().prop_map(Said::All),
        2 => (0..20_usize, action()).prop_map(|(s, a)| Said::Some(s, a)),
        2 => Just(Said::No),
        1 => Just(Said::Done),
        1 => (0..20_usize, -5..120_i64).prop_map(|(s, by)| Said::Later(s, by)),
        1 => (0..20_usize, 0..20_usize).prop_map(|(s, first)| Said::After(s, first)),
    ];
    let older = prop_oneof![6 => Just(0_u64), 1 => Just(1_u64)];
    prop_oneof![
        3 => command.prop_map(Happening::Command),
        8 => (0..5_usize, host).prop_map(|(h, c)| Happening::Host(h, c)),
        8 => (0..20_usize, older, said).prop_map(|(notification, older_by, answer)| Happening::Reply {
            notification, older_by, answer
        }),
        3 => (0..20_usize, 0..7_usize).prop_map(|(s, h)| Happening::MoveServer(s, h)),
        1 => (0..20_usize).prop_map(Happening::DeleteServer),
        2 => (0..20_usize, any::<bool>()).prop_map(|(s, on)| Happening::SwitchServer(s, on)),
        2 => (0..7_usize, 0..3_usize).prop_map(|(h, p)| Happening::NewServer(h, p)),
        1 => (0..7_usize).prop_map(Happening::EnableHost),
        1 => (0..7_usize).prop_map(Happening::DisableHost),
        1 => (0..7_usize, any::<bool>()).prop_map(|(h, up)| Happening::HostUp(h, up)),
        1 => (10..200_i64).prop_map(Happening::LaterEnd),
        1 => (0..300_i64).prop_map(Happening::Crash),
    ]
}

fn policy() -> impl Strategy<Value = ServerPolicy> {
    let migrations = select(vec![
        vec![],
        vec![MigrationType::Live],
        vec![MigrationType::Offline],
        vec![MigrationType::Offline, MigrationType::Live],
        vec![MigrationType::None],
        vec![MigrationType::None, MigrationType::Offline],
    ]);
    let permanent = select(vec![Action::LiveMigrate, Action::Migrate, Action::OwnAction]);
    let lead = prop::option::of((0..1000_i64).prop_map(Duration::seconds));
    let temporary = prop::option::weighted(0.3, select(ACTIONS.to_vec()));
    (temporary, prop::option::weighted(0.3, permanent), lead, migrations).prop_map(
        |(controlled_temporary, controlled_permanent, lead_time, migrations)| ServerPolicy {
            controlled_temporary,
            controlled_permanent,
            lead_time,
            migration_types: migrations,
            ..ServerPolicy::default()
        },
    )
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let says = prop_oneof![
        2 => Just(Says::Nothing),
        5 => select(ACTIONS.to_vec()).prop_map(Says::Yes),
        1 => Just(Says::No),
        1 => (10..3000_i64, select(ACTIONS.to_vec())).prop_map(|(by, a)| Says::Later(by, a)),
        1 => select(ACTIONS.to_vec()).prop_map(Says::HalfFirst),
    ];
    let shape = (
        vec(prop::bool::weighted(0.1), 2..6),
        0..3_usize,
        vec((0..5_usize, 0..3_usize, prop::bool::weighted(0.2)), 0..12),
    );
    let trouble = (
        prop_oneof![3 => Just(0_u64), 3 => 1..100_u64, 1 => 100..400_u64],
        prop_oneof![2 => Just(0_i64), 1 => 1..4000_i64],
        0..30_i64,
        vec((0..3600_i64, 1..900_i64), 0..2),
        vec((0..20_usize, any::<bool>(), 0..200_i64), 0..3),
    );
    let owners = vec((says, any::<bool>()), 3);
    let stored = (
        vec(prop::option::weighted(0.4, policy()), 12),
        prop::option::weighted(0.5, (policy(), 1..4_u32, 0..90_i64, prop::option::of(0..3_u32))),
        prop::option::weighted(0.3, 1..9_u64),
    );
    let happenings = vec((0..400_i64, happening()), 0..25);
    (shape, spec(), owners, stored, trouble, happenings, any::<u64>()).prop_map(
        |(shape, spec, owners, stored, trouble, happenings, seed)| Case {
            hosts: shape.0,
            spare: shape.1,
            servers: shape.2,
            spec,
            owners,
            policies: stored.0,
            group: stored.1,
            room: stored.2,
            faults: trouble.0,
            latency_millis: trouble.1,
            jitter_secs: trouble.2,
            outages: trouble.3,
            crashes: trouble.4,
            happenings,
            seed,
        },
    )
}

fn host_name(i: usize) -> String {
    format!("compute-{i}")
}

impl Case {
    pub(super) fn build(&self) -> World {
        let mut cloud = FakeCloud::new(DAWN);
        for (i, disabled) in self.hosts.iter().enumerate() {
            cloud.add_host(&host_name(i));
            if *disabled {
                let reason = "an old story".to_owned();
                cloud.hosts.get_mut(&HostName::from(host_name(i))).unwrap().scheduling =
                    Scheduling::Disabled { reason };
            }
        }
        let names: Vec<HostName> = cloud.hosts.keys().cloned().collect();
        for i in 0..self.spare {
            cloud.add_host(&host_name(self.hosts.len() + i));
        }
        for (i, (host, project, stopped)) in self.servers.iter().enumerate() {
            let id = format!("server-{i:02}");
            cloud.add_server(&id, PROJECTS[*project], &host_name(host % self.hosts.len()));
            if *stopped {
                cloud.servers.get_mut(&ServerId::from(id)).unwrap().status = ServerStatus::Shutoff;
            }
        }
        cloud.room = self.room;
        let mut rng = Rng::new(self.seed);
        cloud.faults.chance = Some((self.faults, Rng::new(rng.next())));
        cloud.jitter = Some((Duration::seconds(self.jitter_secs), Rng::new(rng.next())));
        let at = |(from, long): &(i64, i64)| {
            let from = DAWN + Duration::seconds(*from);
            (from, from + Duration::seconds(*long))
        };
        cloud.outages = self.outages.iter().map(at).collect();
        let (owners, interactive) = self.owners();
        let spec = self.draft(&names).complete(&names.into_iter().collect(), DAWN).unwrap();
        let latency = Latency { most: Duration::milliseconds(self.latency_millis) };
        let policies = self.policies();
        let seed = rng.next();
        let begun = World::begin(cloud, spec, owners, interactive, policies, seed, latency);
        let mut world = begun.expect("the window is longer than any lead time");
        for (call, after, down) in &self.crashes {
            let point = if *after { CrashPoint::AfterCall } else { CrashPoint::BeforeCall };
            world.crashes.at.push((*call, point, Duration::seconds(*down)));
        }
        world
    }

    fn policies(&self) -> Policies {
        let id = |i: usize| ServerId(format!("server-{i:02}"));
        let stored = self.policies.iter().zip(&self.servers).enumerate();
        let servers = stored.filter_map(|(i, (policy, (_, project, _)))| {
            Some((ProjectId::from(PROJECTS[*project]), id(i), policy.clone()?))
        });
        let group = self.group.clone().map(|(member_policy, max, recovery, least)| GroupPolicy {
            members: (0..self.servers.len()).map(id).collect(),
            max_impacted: vec![MaxImpacted { group_size: 0, max }],
            recovery_time: Some(Duration::seconds(recovery)),
            min_size_for_scale_in: least,
            member_policy,
            ..GroupPolicy::new("all-of-red".into(), PROJECTS[0].into())
        });
        Policies::new(servers, group)
    }

    fn owners(&self) -> (BTreeMap<ProjectId, Owner>, BTreeSet<ProjectId>) {
        let mut owners = BTreeMap::new();
        let mut interactive = BTreeSet::new();
        for (name, (says, takes_part)) in PROJECTS.iter().zip(&self.owners) {
            let words = match says {
                Says::Nothing => Words::Silence,
                Says::Yes(action) => Words::All(*action),
                Says::No => Words::No("not now".to_owned()),
                Says::Later(by, action) => Words::Later(Duration::seconds(*by), *action),
                Says::HalfFirst(action) => Words::HalfFirst(*action),
            };
            let deed = if self.seed.is_multiple_of(2) { Deed::Delete } else { Deed::Nothing };
            let gives = [None, Some(0), Some(1), Some(9)][usize::try_from(self.seed % 4).unwrap()];
            let owner = Owner { words, takes: Duration::seconds(15), deed, gives };
            owners.insert(ProjectId::from(*name), owner);
            if *takes_part {
                interactive.insert(ProjectId::from(*name));
            }
        }
        (owners, interactive)
    }

    fn draft(&self, names: &[HostName]) -> Draft {
        let spec = &self.spec;
        let span = |secs| Some(Duration::seconds(secs));
        let (kind, other) = if spec.retires {
            (Kind::Retirement, Kind::Temporary)
        } else {
            (Kind::Temporary, Kind::Retirement)
        };
        let one = if spec.one_differs { vec![(names[0].clone(), Some(other))] } else { Vec::new() };
        let retires = spec.retires || spec.one_differs;
        let keeps = spec.default_action == Action::Keep;
        Draft {
            selection: Selection { names: names.to_vec(), ..Selection::default() },
            window_end: Some(
                DAWN + Duration::minutes(spec.window_mins) + Duration::seconds(spec.lead_secs),
            ),
            kind,
            host_kinds: one,
            reason: "new firmware".to_owned(),
            announce_reply_period: span(spec.announce_secs),
            drain_reply_period: span(spec.drain_secs),
            lead_time: span(spec.lead_secs),
            on_silence: spec.on_silence,
            on_objection: spec.on_objection,
            default_action: Some(if retires && keeps {
                Action::Migrate
            } else {
                spec.default_action
            }),
            on_failure: spec.on_failure,
            start_mode: if spec.manual { StartMode::Manual } else { StartMode::Automatic },
            max_parallel_hosts: spec.parallel_hosts,
            max_parallel_actions: spec.parallel_actions,
            drain_timeout: span(spec.drain_timeout_secs),
            action_timeout: span(spec.action_timeout_secs),
            action_attempts: spec.attempts,
            ..Draft::default()
        }
    }
}
