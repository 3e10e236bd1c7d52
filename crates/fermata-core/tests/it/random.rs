//! Random worlds: hosts, servers, owners, faults, commands and crashes by chance. Every step is checked (see
//! [`crate::invariants`]); at the end, once nothing goes wrong any more and the operator cooperates, every
//! session ends. A failure prints the case, which is all there is to it: it can be pasted into a test.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerId};
use fermata_core::machine::{Answer, Command, HostCommand, Input};
use fermata_core::session::{HostState, SessionState};
use fermata_core::spec::{
    Action, Draft, Kind, OnFailure, OnObjection, OnSilence, Selection, StartMode,
};
use fermata_core::{Duration, Time};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::cloud::FakeCloud;
use crate::world::faults::Rng;
use crate::world::owners::{Deed, Owner, Words};
use crate::world::runner::CrashPoint;
use crate::world::{DAWN, Latency, World};

const PROJECTS: [&str; 3] = ["red", "green", "blue"];
const ACTIONS: [Action; 4] =
    [Action::LiveMigrate, Action::Migrate, Action::OwnAction, Action::Keep];

#[derive(Debug, Clone)]
struct Case {
    /// Whether each host was disabled before.
    hosts: Vec<bool>,
    /// Hosts outside of the session.
    spare: usize,
    /// Host, project, and whether it is stopped.
    servers: Vec<(usize, usize, bool)>,
    spec: Spec,
    owners: Vec<(Says, bool)>,
    /// How many calls in a thousand go wrong.
    faults: u64,
    latency_millis: i64,
    jitter_secs: i64,
    /// Start and length, in seconds.
    outages: Vec<(i64, i64)>,
    crashes: Vec<(usize, bool, i64)>,
    /// What happens, after so many seconds each.
    happenings: Vec<(i64, Happening)>,
    seed: u64,
}

#[derive(Debug, Clone)]
struct Spec {
    retires: bool,
    one_differs: bool,
    announce_secs: i64,
    drain_secs: i64,
    lead_secs: i64,
    on_silence: OnSilence,
    on_objection: OnObjection,
    default_action: Action,
    on_failure: OnFailure,
    manual: bool,
    parallel_hosts: u32,
    parallel_actions: u32,
    drain_timeout_secs: i64,
    action_timeout_secs: i64,
    attempts: u32,
    window_mins: i64,
}

#[derive(Debug, Clone)]
enum Says {
    Nothing,
    Yes(Action),
    No,
}

/// Something that somebody does. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Happening {
    Command(Command),
    Host(usize, HostCommand),
    Reply { notice: usize, older_by: u64, answer: Said },
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
enum Said {
    All(Action),
    Some(usize, Action),
    No,
    Done,
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
    ];
    let older = prop_oneof![6 => Just(0_u64), 1 => Just(1_u64)];
    prop_oneof![
        3 => command.prop_map(Happening::Command),
        8 => (0..5_usize, host).prop_map(|(h, c)| Happening::Host(h, c)),
        8 => (0..20_usize, older, said).prop_map(|(notice, older_by, answer)| Happening::Reply {
            notice, older_by, answer
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

fn case() -> impl Strategy<Value = Case> {
    let says = prop_oneof![
        2 => Just(Says::Nothing),
        5 => select(ACTIONS.to_vec()).prop_map(Says::Yes),
        1 => Just(Says::No),
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
    let happenings = vec((0..400_i64, happening()), 0..25);
    (shape, spec(), owners, trouble, happenings, any::<u64>()).prop_map(
        |(shape, spec, owners, trouble, happenings, seed)| Case {
            hosts: shape.0,
            spare: shape.1,
            servers: shape.2,
            spec,
            owners,
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
    fn build(&self) -> World {
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
        let mut world = World::begin(cloud, spec, owners, interactive, rng.next(), latency);
        for (call, after, down) in &self.crashes {
            let point = if *after { CrashPoint::AfterCall } else { CrashPoint::BeforeCall };
            world.crashes.at.push((*call, point, Duration::seconds(*down)));
        }
        world
    }

    fn owners(&self) -> (BTreeMap<ProjectId, Owner>, BTreeSet<ProjectId>) {
        let mut owners = BTreeMap::new();
        let mut interactive = BTreeSet::new();
        for (name, (says, takes_part)) in PROJECTS.iter().zip(&self.owners) {
            let words = match says {
                Says::Nothing => Words::Silence,
                Says::Yes(action) => Words::All(*action),
                Says::No => Words::No("not now".to_owned()),
            };
            let deed = if self.seed.is_multiple_of(2) { Deed::Delete } else { Deed::Nothing };
            let owner = Owner { words, takes: Duration::seconds(15), deed };
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

    fn run(&self) {
        let mut world = self.build();
        for (after, happening) in &self.happenings {
            world.pass_time(Duration::seconds(*after));
            world.happen(happening);
        }
        world.come_to_an_end();
        world.stays_over();
    }
}

impl World {
    fn pass_time(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    fn host_at(&self, i: usize) -> HostName {
        let names: Vec<_> = self.cloud.hosts.keys().cloned().collect();
        names[i % names.len()].clone()
    }

    fn server_at(&self, i: usize) -> Option<ServerId> {
        let ids: Vec<_> = self.cloud.servers.keys().cloned().collect();
        (!ids.is_empty()).then(|| ids[i % ids.len()].clone())
    }

    fn happen(&mut self, happening: &Happening) {
        match happening {
            // What the operator says may be refused; that is checked by scenarios.
            Happening::Command(command) => {
                let reason = String::new();
                let _ = self.apply(Input::Command { command: *command, reason });
            }
            Happening::Host(i, command) => {
                let hosts: Vec<_> = self.session.hosts.keys().cloned().collect();
                let host = hosts[i % hosts.len()].clone();
                let reason = "because".to_owned();
                let _ = self.apply(Input::HostCommand { host, command: *command, reason });
            }
            Happening::Reply { notice, older_by, answer } => {
                self.reply_by_chance(*notice, *older_by, answer);
            }
            Happening::MoveServer(server, host) => {
                if let Some(server) = self.server_at(*server) {
                    let host = self.host_at(*host);
                    self.cloud.others_move(&server, Some(&host));
                }
            }
            Happening::DeleteServer(server) => {
                if let Some(server) = self.server_at(*server) {
                    self.cloud.others_move(&server, None);
                }
            }
            Happening::SwitchServer(server, on) => {
                let status = if *on { ServerStatus::Active } else { ServerStatus::Shutoff };
                if let Some(server) = self.server_at(*server) {
                    self.cloud.others_switch(&server, status);
                }
            }
            Happening::NewServer(host, project) => {
                let id = format!("new-{:02}", self.cloud.servers.len());
                let host = self.host_at(*host);
                if !self.cloud.servers.contains_key(&ServerId::from(id.as_str())) {
                    self.cloud.add_server(&id, PROJECTS[*project], host.as_str());
                }
            }
            Happening::EnableHost(host) => {
                let host = self.host_at(*host);
                self.cloud.others_schedule(&host, Scheduling::Enabled);
            }
            Happening::DisableHost(host) => {
                let host = self.host_at(*host);
                let reason = "somebody else's reason".to_owned();
                self.cloud.others_schedule(&host, Scheduling::Disabled { reason });
            }
            Happening::HostUp(host, up) => {
                let host = self.host_at(*host);
                self.cloud.hosts.get_mut(&host).unwrap().up = *up;
            }
            Happening::LaterEnd(minutes) => {
                let window_end = Some(self.now + Duration::minutes(*minutes));
                let draft = Box::new(Draft { window_end, ..Draft::default() });
                let fields = vec!["window".to_owned()];
                let _ = self.apply(Input::Update { draft, fields });
            }
            Happening::Crash(down) => self.crash(Duration::seconds(*down)),
        }
    }

    fn reply_by_chance(&mut self, notice: usize, older_by: u64, said: &Said) {
        let notices: Vec<_> = self.session.notices.values().cloned().collect();
        let Some(notice) = notices.get(notice % notices.len().max(1)) else { return };
        let answer = match said {
            Said::All(action) => Answer::Accept { all: Some(*action), decisions: Vec::new() },
            Said::Some(server, action) => {
                let Some(key) = notice.servers.get(server % notice.servers.len().max(1)) else {
                    return;
                };
                let decisions = vec![(key.server.clone(), Some(*action))];
                Answer::Accept { all: None, decisions }
            }
            Said::No => Answer::Reject { reason: format!("no, says {}", notice.project) },
            Said::Done => Answer::OwnActionDone { servers: Vec::new() },
        };
        let revision = notice.plan_revision.saturating_sub(older_by);
        let _ = self.reply(&notice.project, notice.id, revision, answer, "");
    }

    /// Nothing goes wrong any more, and the operator does what it is asked for.
    fn come_to_an_end(&mut self) {
        self.cloud.faults.chance = None;
        for host in self.cloud.hosts.values_mut() {
            host.up = true;
        }
        let late: Time = self.now + Duration::hours(3);
        while !self.session.head.state.is_terminal() {
            let end = self.now + Duration::minutes(10);
            let asks = |w: &Self| {
                let state = w.session.head.state;
                state.is_terminal()
                    || matches!(state, SessionState::Paused | SessionState::Failed)
                    || w.session.hosts.values().any(|h| h.state == HostState::InMaintenance)
            };
            self.run_while(end - self.now, |w| !asks(w));
            let ready: Vec<_> = self
                .session
                .hosts
                .values()
                .filter(|h| h.state == HostState::InMaintenance)
                .map(|h| h.host.clone())
                .collect();
            for host in ready {
                // Refused for a moment while a host that retires is being disabled again.
                let command = HostCommand::Complete;
                let _ = self.apply(Input::HostCommand { host, command, reason: String::new() });
            }
            let state = self.session.head.state;
            let stuck = matches!(state, SessionState::Paused | SessionState::Failed);
            if stuck || self.now > late {
                let _ =
                    self.apply(Input::Command { command: Command::Cancel, reason: String::new() });
            }
            let too_late = late + Duration::hours(3);
            assert!(self.now < too_late, "it never ends: {:#?}", self.session);
            self.pass_time(Duration::seconds(5));
        }
    }

    /// Whatever comes now, a session that is over stays as it is.
    fn stays_over(&mut self) {
        let over = self.session.clone();
        self.pass_time(Duration::hours(10));
        self.crash(Duration::minutes(1));
        for command in [Command::Start, Command::Pause, Command::Resume, Command::Cancel] {
            self.happen(&Happening::Command(command));
        }
        for (i, host) in over.hosts.keys().enumerate() {
            let override_owners = true;
            self.happen(&Happening::Host(i, HostCommand::Complete));
            self.happen(&Happening::Host(i, HostCommand::Retry { override_owners }));
            let (at, read) = (self.now, self.cloud.read_servers(host));
            self.apply(Input::ServersRead { host: host.clone(), at, result: read }).unwrap();
        }
        for i in 0..over.notices.len() {
            self.reply_by_chance(i, 0, &Said::All(Action::Migrate));
            self.reply_by_chance(i, 0, &Said::No);
        }
        assert_eq!(self.session, over);
    }
}

/// 256 cases, or as many as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 400, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_sessions_keep_every_promise(case in case()) {
        case.run();
    }
}
