//! Plans and conflicts as operators see them.

use fermata_core::problem::{
    Forecast, MAX_STAGES, NamedProblem, OwnerImpact, PlanOptions, Preview, Said,
};
use fermata_core::solver::{
    Change, Conflict, Constraint, HostPlan, Move, Relaxation, Role, Seconds, Stay, WaveBound,
};
use fermata_core::spec::{Action, Spec};
use fermata_core::{Duration, Time};
use fermata_proto::v1;

use super::incoming::Reader;
use super::session::{action, kind};
use super::{span, timestamp};
use crate::parts::first_ids;

impl Reader {
    /// What may be chosen about a plan.
    pub fn options(&mut self, options: v1::PlanOptions) -> PlanOptions {
        let default = PlanOptions::default();
        if options.max_stages > MAX_STAGES {
            self.violation("options.max_stages", &format!("is at most {MAX_STAGES}"));
        }
        let or = |value, default| if value == 0 { default } else { value };
        PlanOptions {
            max_stages: or(options.max_stages, default.max_stages),
            second_moves: options.second_moves,
            seed: if options.seed == 0 { default.seed } else { options.seed },
        }
    }
}

/// A plan, or why there is none.
pub fn preview(preview: &Preview, spec: &Spec) -> Result<v1::Plan, v1::PlanConflict> {
    let names = Names { named: &preview.named, spec };
    match &preview.answer {
        Ok(forecast) => Ok(names.plan(forecast)),
        Err(conflict) => Err(names.conflict(conflict)),
    }
}

/// What indices and seconds stand for.
struct Names<'a> {
    named: &'a NamedProblem,
    spec: &'a Spec,
}

impl Names<'_> {
    fn time(&self, at: Seconds) -> Time {
        self.named.begins + Duration::seconds(at.into())
    }

    fn at(&self, at: Seconds) -> Option<prost_types::Timestamp> {
        Some(timestamp(self.time(at)))
    }

    fn host(&self, host: usize) -> String {
        self.named.problem.hosts[host].name.to_string()
    }

    fn hosts(&self, hosts: &[usize]) -> Vec<String> {
        first_ids(hosts.iter().map(|h| self.host(*h)))
    }

    fn server_id(&self, server: usize) -> String {
        self.named.problem.servers[server].id.to_string()
    }

    fn server_ids(&self, servers: &[usize]) -> Vec<String> {
        first_ids(servers.iter().map(|s| self.server_id(*s)))
    }

    fn class(&self, about: &Said) -> String {
        about.class.map(|c| self.named.problem.classes[c].clone()).unwrap_or_default()
    }

    fn group(&self, about: &Said) -> Option<v1::PlanGroup> {
        about.group.map(|g| v1::PlanGroup {
            project_id: self.named.owners[g].to_string(),
            group_id: self.named.group_ids[g].to_string(),
            display_name: self.named.problem.groups[g].name.clone(),
        })
    }

    fn plan(&self, forecast: &Forecast) -> v1::Plan {
        let Forecast { plan, stages, ends } = forecast;
        let waves = (1..).zip(&plan.waves).map(|(number, wave)| v1::PlanWave {
            hosts: wave.hosts.iter().map(|host| self.host_plan(host)).collect(),
            number,
        });
        let bounds = &plan.bounds;
        let by = self.named.say_bound(bounds.waves_by);
        v1::Plan {
            start_time: self.at(0),
            earliest_end_time: Some(timestamp(ends.earliest)),
            expected_end_time: Some(timestamp(ends.expected)),
            latest_end_time: Some(timestamp(ends.latest)),
            waves: waves.collect(),
            owners: self.named.impacts(plan).iter().map(|owner| self.owner(owner)).collect(),
            bounds: Some(v1::PlanBounds {
                move_count: number(bounds.moves),
                wave_count: number(bounds.waves),
                wave_bound: wave_bound(bounds.waves_by).into(),
                group: self.group(&by),
                resource_class: self.class(&by),
                wave_bound_description: by.words,
                end_time: self.at(bounds.ends),
            }),
            move_count: number(plan.moves()),
            stage_count: *stages,
            unchecked_resources: self.named.unchecked_resources.clone(),
            notes: self.named.notes.clone(),
        }
    }

    fn host_plan(&self, plan: &HostPlan) -> v1::PlanHost {
        let host = &self.named.problem.hosts[plan.host];
        let role = match host.role {
            Role::Todo(of) => kind(of),
            Role::Spare => v1::MaintenanceKind::Unspecified,
        };
        let drain = Duration::seconds((plan.emptied - plan.begins).into());
        v1::PlanHost {
            host: host.name.to_string(),
            kind: role.into(),
            start_time: self.at(plan.begins),
            empty_time: self.at(plan.emptied),
            end_time: self.at(plan.ends),
            stage_count: plan.stages,
            moves: plan.moves.iter().map(|m| self.move_of(m)).collect(),
            stays: plan.stays.iter().map(|s| self.stay(s)).collect(),
            exceeds_drain_timeout: drain > self.spec.drain_timeout,
        }
    }

    fn move_of(&self, plan: &Move) -> v1::PlanMove {
        let part = &self.named.servers[plan.server];
        v1::PlanMove {
            server_id: self.server_id(plan.server),
            name: part.name.clone(),
            project_id: part.project.to_string(),
            action: part.action.map(|a| action(a).into()).unwrap_or_default(),
            destination_host: self.host(plan.to),
            start_time: self.at(plan.begins),
            end_time: self.at(plan.ends),
        }
    }

    fn stay(&self, stay: &Stay) -> v1::PlanStay {
        let part = &self.named.servers[stay.server];
        v1::PlanStay {
            server_id: self.server_id(stay.server),
            name: part.name.clone(),
            project_id: part.project.to_string(),
            start_time: self.at(stay.begins),
            end_time: self.at(stay.ends),
        }
    }

    fn owner(&self, owner: &OwnerImpact) -> v1::PlanOwner {
        let counted = |(of, servers): &(Action, usize)| v1::PlanActionCount {
            action: action(*of).into(),
            server_count: number(*servers),
        };
        v1::PlanOwner {
            project_id: owner.project.to_string(),
            server_count: number(owner.servers),
            actions: owner.actions.iter().map(counted).collect(),
            first_impact_time: self.at(owner.first),
            last_impact_time: self.at(owner.last),
            longest_impact: Some(span(Duration::seconds(owner.longest.into()))),
        }
    }

    fn conflict(&self, conflict: &Conflict) -> v1::PlanConflict {
        let constraint = |of: &Constraint| {
            let about = self.named.say_constraint(*of, conflict);
            v1::PlanConstraint {
                kind: constraint(*of).into(),
                group: self.group(&about),
                resource_class: self.class(&about),
                server_ids: self.server_ids(&about.servers),
                hosts: self.hosts(&about.hosts),
                description: about.words,
            }
        };
        v1::PlanConflict {
            constraints: conflict.constraints.iter().map(constraint).collect(),
            minimal: conflict.smallest,
            hosts: self.hosts(&conflict.hosts),
            notes: self.named.notes.clone(),
            relaxations: conflict
                .relaxations
                .iter()
                .map(|relaxation| self.relaxation(relaxation, conflict))
                .collect(),
        }
    }

    fn relaxation(&self, relaxation: &Relaxation, conflict: &Conflict) -> v1::PlanRelaxation {
        let Relaxation { change, plan } = relaxation;
        let about = self.named.say_change(*change, conflict);
        let (kind, value, without) = changed(*change);
        let ends = self.time(plan.ends);
        let over = match change {
            Change::Window(end) => self.time(*end),
            Change::Limit(..)
            | Change::Spread(..)
            | Change::ScaleIn(_)
            | Change::SecondMoves(_)
            | Change::LeaveOut(_)
            | Change::Without(_) => ends,
        };
        let past = over - self.spec.window.end;
        v1::PlanRelaxation {
            kind: kind.into(),
            constraint: without.into(),
            group: self.group(&about),
            value,
            server_ids: self.server_ids(&about.servers),
            hosts: self.hosts(&about.hosts),
            resource_class: self.class(&about),
            description: about.words,
            wave_count: number(plan.waves.len()),
            move_count: number(plan.moves()),
            end_time: Some(timestamp(ends)),
            window_overrun: past.is_positive().then(|| span(past)),
        }
    }
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn wave_bound(by: WaveBound) -> v1::PlanWaveBound {
    match by {
        WaveBound::Work => v1::PlanWaveBound::Work,
        WaveBound::Parallelism => v1::PlanWaveBound::ParallelHosts,
        WaveBound::Capacity(_) => v1::PlanWaveBound::Capacity,
        WaveBound::Growth(_) => v1::PlanWaveBound::Growth,
        WaveBound::Group(_) => v1::PlanWaveBound::Group,
        WaveBound::Clique => v1::PlanWaveBound::Clique,
        WaveBound::Order => v1::PlanWaveBound::Order,
    }
}

fn constraint(constraint: Constraint) -> v1::PlanConstraintKind {
    match constraint {
        Constraint::GroupLimit(_) => v1::PlanConstraintKind::GroupLimit,
        Constraint::GroupSpread(_) => v1::PlanConstraintKind::GroupSpread,
        Constraint::Placement(_) => v1::PlanConstraintKind::Placement,
        Constraint::Stay(_) => v1::PlanConstraintKind::Stay,
        Constraint::Capacity(_) => v1::PlanConstraintKind::Capacity,
        Constraint::Takes => v1::PlanConstraintKind::UnavailableHosts,
        Constraint::ParallelHosts => v1::PlanConstraintKind::ParallelHosts,
        Constraint::ParallelActions => v1::PlanConstraintKind::ParallelActions,
        Constraint::Order => v1::PlanConstraintKind::Order,
        Constraint::Window => v1::PlanConstraintKind::Window,
    }
}

/// The sort of change, its number, and the constraint that is given up.
fn changed(change: Change) -> (v1::PlanRelaxationKind, u32, v1::PlanConstraintKind) {
    use v1::PlanRelaxationKind as Of;
    let none = v1::PlanConstraintKind::Unspecified;
    match change {
        Change::Limit(_, limit) => (Of::GroupLimit, limit, none),
        Change::Spread(_, most) => (Of::GroupSpread, most, none),
        Change::ScaleIn(_) => (Of::ScaleIn, 0, none),
        Change::Window(_) => (Of::Window, 0, none),
        Change::SecondMoves(moves) => (Of::SecondMoves, moves, none),
        Change::LeaveOut(_) => (Of::LeaveOutHost, 0, none),
        Change::Without(of) => (Of::DropConstraint, 0, constraint(of)),
    }
}
