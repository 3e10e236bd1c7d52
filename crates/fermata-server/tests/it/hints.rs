//! What a preview proposes, done as its reader would: there is a plan then, and a session can be created.

use std::collections::{BTreeMap, BTreeSet};

use fermata_proto::v1;
use fermata_proto::v1::preview_session_response::Answer;
use fermata_proto::v1::{PlanConstraintKind, PlanRelaxationKind};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::acts::{create, patient};
use crate::harness::{Site, from_now, millis};
use crate::world::World;

/// A small site, what an owner wants, and what an operator asks for.
#[derive(Clone, Debug)]
struct Case {
    hosts: usize,
    vcpus: u32,
    /// Each with its host, and whether it may move.
    servers: Vec<(String, usize, bool)>,
    group: v1::ServerGroup,
    spec: v1::SessionSpec,
    second_moves: u32,
}

impl Case {
    /// Any small site. Many of them are asked for too much.
    fn any(dice: &mut StdRng) -> Self {
        let hosts = dice.random_range(2..=4);
        let on: Vec<usize> =
            (0..dice.random_range(2..=6)).map(|_| dice.random_range(1..=hosts)).collect();
        let servers: Vec<_> = (1..)
            .zip(on)
            .map(|(number, on)| (format!("s{number}"), on, dice.random_bool(0.9)))
            .collect();
        let fullest =
            (1..=hosts).map(|h| servers.iter().filter(|(_, on, _)| *on == h).count()).max();
        let members = dice.random_range(0..=servers.len());
        let group = v1::ServerGroup {
            project_id: "orange".to_owned(),
            id: "web".to_owned(),
            member_ids: servers[..members].iter().map(|(name, ..)| format!("{name}-id")).collect(),
            max_impacted: vec![v1::MaxImpacted { group_size: 0, max: dice.random_range(0..=2) }],
            anti_affinity: dice.random_bool(0.3),
            min_size_for_scale_in: Some(0),
            ..Default::default()
        };
        let chosen: BTreeSet<_> = (0..dice.random_range(1..=hosts))
            .map(|_| format!("compute-{}", dice.random_range(1..=hosts)))
            .collect();
        let names: Vec<_> = chosen.iter().map(String::as_str).collect();
        let kind = if dice.random_bool(0.3) {
            v1::MaintenanceKind::Retirement
        } else {
            v1::MaintenanceKind::Temporary
        };
        let end_time = Some(from_now(dice.random_range(1_000..6_000)));
        let spec = v1::SessionSpec {
            kind: kind.into(),
            window: Some(v1::MaintenanceWindow { start_time: None, end_time }),
            announce_reply_period: millis(dice.random_range(0..=1) * 600_000),
            drain_reply_period: millis(300_000),
            lead_time: millis(dice.random_range(0..=1) * 900_000),
            work_timeout: millis(dice.random_range(1..=20) * 60_000),
            max_parallel_hosts: dice.random_range(1..=2),
            ..patient(&names)
        };
        let vcpus = u32::try_from(fullest.unwrap() + dice.random_range(0..=1)).unwrap();
        Self { hosts, vcpus, servers, group, spec, second_moves: 0 }
    }

    /// A server on this site, with what the owner wants.
    async fn site(&self) -> Site {
        let mut world = World::of_hosts(self.hosts).vcpus(self.vcpus);
        for (name, host, may_move) in &self.servers {
            world = world.server(name, "orange", &format!("compute-{host}"));
            if !may_move {
                world = world.noting("fermata:migration_types", "none");
            }
        }
        let site = Site::start(&world).await;
        if !self.group.member_ids.is_empty() {
            let server_group = Some(self.group.clone());
            let request = v1::PutServerGroupRequest { server_group, ..Default::default() };
            site.policies().await.put_server_group(request).await.unwrap();
        }
        site
    }

    async fn preview(&self, site: &Site) -> Answer {
        let second_moves = self.second_moves;
        let options = Some(v1::PlanOptions { second_moves, ..Default::default() });
        let request = v1::PreviewSessionRequest { spec: Some(self.spec.clone()), options };
        let mut parts = site.sessions().await.preview_session(request).await.unwrap().into_inner();
        parts.message().await.unwrap().unwrap().answer.unwrap()
    }

    /// The same after somebody did what is proposed.
    fn following(&self, hint: &v1::PlanRelaxation) -> Self {
        let mut case = self.clone();
        let limit = |max| vec![v1::MaxImpacted { group_size: 0, max }];
        match hint.kind() {
            PlanRelaxationKind::GroupLimit => case.group.max_impacted = limit(hint.value),
            PlanRelaxationKind::GroupSpread => {
                case.group.anti_affinity = false;
                case.group.max_per_host = Some(hint.value);
            }
            PlanRelaxationKind::ScaleIn => {
                case.servers.retain(|(name, ..)| format!("{name}-id") != hint.server_ids[0]);
                case.group.member_ids.retain(|id| *id != hint.server_ids[0]);
            }
            PlanRelaxationKind::Window => {
                let end = case.spec.window.as_mut().unwrap().end_time.as_mut().unwrap();
                let later = hint.window_overrun.unwrap();
                end.seconds += later.seconds + i64::from(later.nanos > 0);
            }
            PlanRelaxationKind::SecondMoves => case.second_moves = hint.value,
            PlanRelaxationKind::LeaveOutHost => {
                case.spec.hosts.as_mut().unwrap().names.retain(|name| *name != hint.hosts[0]);
            }
            PlanRelaxationKind::DropConstraint => case.without(hint),
            PlanRelaxationKind::Unspecified => panic!("{hint:?}"),
        }
        case
    }

    fn without(&mut self, hint: &v1::PlanRelaxation) {
        match hint.constraint() {
            PlanConstraintKind::Stay => {
                for (name, _, may_move) in &mut self.servers {
                    *may_move |= hint.server_ids.contains(&format!("{name}-id"));
                }
            }
            PlanConstraintKind::Capacity => self.vcpus = 1_000,
            PlanConstraintKind::ParallelHosts => self.spec.max_parallel_hosts = 16,
            PlanConstraintKind::ParallelActions => self.spec.max_parallel_actions = 16,
            PlanConstraintKind::Order => self.spec.lead_time = None,
            other => panic!("nothing of this is in these sites: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn item_17_who_does_what_a_preview_proposes_gets_a_plan_and_a_session() {
    let mut followed: BTreeMap<PlanRelaxationKind, usize> = BTreeMap::new();
    for seed in 0..30 {
        let case = Case::any(&mut StdRng::seed_from_u64(seed));
        let mut site = case.site().await;
        let answer = case.preview(&site).await;
        site.stop().await;
        let Answer::Conflict(conflict) = answer else { continue };
        for hint in conflict.relaxations {
            let what = format!("seed {seed}: '{}' of {case:#?}", hint.description);
            let case = case.following(&hint);
            let mut site = case.site().await;
            match case.preview(&site).await {
                Answer::Plan(plan) => assert!(!plan.waves.is_empty(), "{what}"),
                Answer::Conflict(conflict) => panic!("{what}: {conflict:#?}"),
            }
            create(&mut site.sessions().await, case.spec.clone()).await;
            site.stop().await;
            *followed.entry(hint.kind()).or_default() += 1;
        }
    }
    println!("followed: {followed:?}");
    for kind in [
        PlanRelaxationKind::GroupLimit,
        PlanRelaxationKind::Window,
        PlanRelaxationKind::LeaveOutHost,
        PlanRelaxationKind::ScaleIn,
        PlanRelaxationKind::DropConstraint,
    ] {
        assert!(followed.contains_key(&kind), "{kind:?} was never proposed: {followed:?}");
    }
}
