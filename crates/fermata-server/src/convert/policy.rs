//! Policies, to the wire and back.

use fermata_core::id::{GroupId, ProjectId, ServerGroupId, ServerId};
use fermata_core::policy::{
    Caution, Effective, Field, GroupPolicy, MaxImpacted, MigrationType, MinPreserved, ServerPolicy,
    Source, UnexpectedAction,
};
use fermata_proto::v1;
use fermata_store::{PolicyOfServer, Stored};

use super::incoming::Reader;
use super::session::{action, etag};
use super::{span, timestamp};

/// What was stored and may not be what was meant.
pub fn warnings(cautions: &[Caution]) -> Vec<v1::Warning> {
    let warning = |c: &Caution| v1::Warning { field: c.field.clone(), message: c.message.clone() };
    cautions.iter().map(warning).collect()
}

/// What a policy says.
pub fn policy(policy: &ServerPolicy) -> v1::Policy {
    let acts = |value: Option<_>| value.map(|a| action(a).into()).unwrap_or_default();
    let unexpected = |value: Option<_>| value.map(|a| unexpected(a).into()).unwrap_or_default();
    v1::Policy {
        controlled_temporary: acts(policy.controlled_temporary),
        controlled_permanent: acts(policy.controlled_permanent),
        unexpected_temporary: unexpected(policy.unexpected_temporary),
        unexpected_permanent: unexpected(policy.unexpected_permanent),
        lead_time: policy.lead_time.map(span),
        max_interruption: policy.max_interruption.map(span),
        migration_types: policy.migration_types.iter().map(|m| migration(*m).into()).collect(),
        mitigation_requested: policy.mitigation_requested,
    }
}

fn unexpected(action: UnexpectedAction) -> v1::UnexpectedAction {
    match action {
        UnexpectedAction::Evacuate => v1::UnexpectedAction::Evacuate,
        UnexpectedAction::OwnAction => v1::UnexpectedAction::OwnAction,
        UnexpectedAction::Keep => v1::UnexpectedAction::Keep,
    }
}

fn migration(migration: MigrationType) -> v1::MigrationType {
    match migration {
        MigrationType::Live => v1::MigrationType::Live,
        MigrationType::Offline => v1::MigrationType::Offline,
        MigrationType::None => v1::MigrationType::None,
    }
}

/// What counts for a server, and where it comes from; `None` if nobody says anything.
pub fn effective(effective: &Effective) -> Option<v1::EffectivePolicy> {
    if effective.is_unset() {
        return None;
    }
    let source = |(field, source): (&Field, &Source)| {
        let (source, group_id) = match source {
            Source::Server => (v1::PolicySource::Server, String::new()),
            Source::Group(id) => (v1::PolicySource::Group, id.to_string()),
            Source::Metadata => (v1::PolicySource::Metadata, String::new()),
        };
        v1::PolicyFieldSource { field: field.name().to_owned(), source: source.into(), group_id }
    };
    let invalid_values = effective.invalid_values.iter();
    Some(v1::EffectivePolicy {
        policy: Some(policy(&effective.policy)),
        sources: effective.sources.iter().map(source).collect(),
        invalid_values: invalid_values
            .map(|b| v1::InvalidPolicyValue { key: b.key.clone(), message: b.message.clone() })
            .collect(),
    })
}

/// The policy of a server as it is stored.
pub fn server_policy(stored: &Stored<PolicyOfServer>) -> v1::ServerPolicy {
    v1::ServerPolicy {
        project_id: stored.policy.project.to_string(),
        server_id: stored.policy.server.to_string(),
        policy: Some(policy(&stored.policy.policy)),
        etag: etag(stored.revision),
        update_time: Some(timestamp(stored.updated_at)),
    }
}

/// A group as it is stored.
pub fn server_group(stored: &Stored<GroupPolicy>) -> v1::ServerGroup {
    let group = &stored.policy;
    let max = |e: &MaxImpacted| v1::MaxImpacted { group_size: e.group_size, max: e.max };
    let min = |e: &MinPreserved| v1::MinPreserved { group_size: e.group_size, min: e.min };
    let member_policy = Some(policy(&group.member_policy));
    v1::ServerGroup {
        project_id: group.project.to_string(),
        id: group.id.to_string(),
        display_name: group.name.clone(),
        member_ids: group.members.iter().map(ToString::to_string).collect(),
        nova_server_group_id: group.server_group.iter().map(ToString::to_string).collect(),
        max_impacted: group.max_impacted.iter().map(max).collect(),
        min_preserved: group.min_preserved.iter().map(min).collect(),
        recovery_time: group.recovery_time.map(span),
        anti_affinity: group.anti_affinity,
        max_per_host: group.max_per_host,
        min_size_for_scale_in: group.min_size_for_scale_in,
        member_policy: member_policy.filter(|p| *p != v1::Policy::default()),
        etag: etag(stored.revision),
        update_time: Some(timestamp(stored.updated_at)),
    }
}

/// The revision that an etag stands for: `None` for any, 0 for one that never was.
pub fn revision(etag: &str) -> Option<u64> {
    if etag.is_empty() {
        return None;
    }
    Some(etag.strip_prefix('r').and_then(|number| number.parse().ok()).unwrap_or(0))
}

impl Reader {
    /// What a policy says. `at`: its path in the request.
    fn policy(&mut self, at: &str, policy: v1::Policy) -> ServerPolicy {
        let field = |name: &str| format!("{at}.{name}");
        ServerPolicy {
            controlled_temporary: self
                .action(&field("controlled_temporary"), policy.controlled_temporary),
            controlled_permanent: self
                .action(&field("controlled_permanent"), policy.controlled_permanent),
            unexpected_temporary: self
                .unexpected(&field("unexpected_temporary"), policy.unexpected_temporary),
            unexpected_permanent: self
                .unexpected(&field("unexpected_permanent"), policy.unexpected_permanent),
            lead_time: self.span(&field("lead_time"), policy.lead_time),
            max_interruption: self.span(&field("max_interruption"), policy.max_interruption),
            migration_types: self.migrations(&field("migration_types"), &policy.migration_types),
            mitigation_requested: policy.mitigation_requested,
        }
    }

    fn unexpected(&mut self, field: &str, value: i32) -> Option<UnexpectedAction> {
        self.choice(field, value, |action| match action {
            v1::UnexpectedAction::Unspecified => None,
            v1::UnexpectedAction::Evacuate => Some(UnexpectedAction::Evacuate),
            v1::UnexpectedAction::OwnAction => Some(UnexpectedAction::OwnAction),
            v1::UnexpectedAction::Keep => Some(UnexpectedAction::Keep),
        })
    }

    fn migrations(&mut self, field: &str, values: &[i32]) -> Vec<MigrationType> {
        let mut migrations = Vec::new();
        for (i, value) in values.iter().enumerate() {
            let field = format!("{field}[{i}]");
            let read = self.choice(&field, *value, |migration| match migration {
                v1::MigrationType::Unspecified => None,
                v1::MigrationType::Live => Some(MigrationType::Live),
                v1::MigrationType::Offline => Some(MigrationType::Offline),
                v1::MigrationType::None => Some(MigrationType::None),
            });
            if *value == v1::MigrationType::Unspecified as i32 {
                self.required(&field, "");
            }
            migrations.extend(read);
        }
        migrations
    }

    /// The policy of a server.
    pub fn server_policy(&mut self, policy: v1::ServerPolicy) -> PolicyOfServer {
        self.required("server_policy.project_id", &policy.project_id);
        self.required("server_policy.server_id", &policy.server_id);
        if policy.policy.is_none() {
            self.required("server_policy.policy", "");
        }
        let at = "server_policy.policy";
        let read = self.policy(at, policy.policy.unwrap_or_default());
        self.check(|violations| read.check(at, violations));
        PolicyOfServer {
            project: ProjectId(policy.project_id),
            server: ServerId(policy.server_id),
            policy: read,
        }
    }

    /// A group.
    pub fn server_group(&mut self, group: v1::ServerGroup) -> GroupPolicy {
        self.required("server_group.project_id", &group.project_id);
        let max = |e: v1::MaxImpacted| MaxImpacted { group_size: e.group_size, max: e.max };
        let min = |e: v1::MinPreserved| MinPreserved { group_size: e.group_size, min: e.min };
        let server_group = Some(group.nova_server_group_id).filter(|id| !id.is_empty());
        let read = GroupPolicy {
            id: GroupId(group.id),
            project: ProjectId(group.project_id),
            name: group.display_name,
            members: group.member_ids.into_iter().map(ServerId).collect(),
            server_group: server_group.map(ServerGroupId),
            max_impacted: group.max_impacted.into_iter().map(max).collect(),
            min_preserved: group.min_preserved.into_iter().map(min).collect(),
            recovery_time: self.span("server_group.recovery_time", group.recovery_time),
            anti_affinity: group.anti_affinity,
            max_per_host: group.max_per_host,
            min_size_for_scale_in: group.min_size_for_scale_in,
            member_policy: self
                .policy("server_group.member_policy", group.member_policy.unwrap_or_default()),
        };
        self.check(|violations| read.check("server_group", violations));
        read
    }
}
