//! Policies in the metadata of Nova servers: `fermata:<key>`. A value that says nothing is reported to the owner and
//! otherwise left out; nothing fails because of it.
//!
//! | key | value |
//! | --- | --- |
//! | `fermata:controlled_temporary` | `live_migrate`, `migrate`, `own_action`, `keep` |
//! | `fermata:controlled_permanent` | the same without `keep` |
//! | `fermata:unexpected_temporary` | `evacuate`, `own_action`, `keep` |
//! | `fermata:unexpected_permanent` | the same without `keep` |
//! | `fermata:lead_time`, `fermata:max_interruption` | a span: `90s`, `10m`, `PT10M` |
//! | `fermata:migration_types` | `live`, `offline`, `none`, separated by commas, the most preferred first |
//! | `fermata:mitigation_requested` | `true`, `false` |
//! | `fermata:group` | the name of a group: servers of a project that say the same name are one |
//! | `fermata:group_max_impacted`, `fermata:group_max_per_host` | a number |
//! | `fermata:group_recovery_time` | a span |
//! | `fermata:group_anti_affinity` | `true`, `false` |

use std::cmp::Reverse;
use std::collections::BTreeMap;

use time::Duration;

use super::{
    GroupPolicy, InvalidValue, MaxImpacted, MigrationType, ServerPolicy, UnexpectedAction, span,
};
use crate::id::{GroupId, ProjectId, ServerId};
use crate::spec::{Action, Violation, check_span};

/// What every key begins with.
pub const PREFIX: &str = "fermata:";
/// The key by which a server names its group.
pub const GROUP: &str = "fermata:group";
/// Longest name of a group.
const MAX_GROUP: usize = 64;

/// What servers say about their group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataGroup {
    /// The group, with the strictest of what its members say. Its id is `metadata:` and the name; no group of the API
    /// has such an id.
    pub group: GroupPolicy,
    /// Where its members contradict each other.
    pub contradictions: Vec<InvalidValue>,
}

/// The pairs of a server's metadata that are meant for Fermata.
pub fn own(metadata: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let ours = metadata.iter().filter(|(key, _)| key.starts_with(PREFIX));
    ours.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The policy in a server's metadata, and every value of it that says nothing.
pub fn policy(metadata: &BTreeMap<String, String>) -> (ServerPolicy, Vec<InvalidValue>) {
    let (said, invalid_values) = read(metadata);
    (said.policy, invalid_values)
}

/// The groups that these servers are in by their metadata, in order of project and name.
pub fn groups<'a>(
    servers: impl IntoIterator<Item = (&'a ProjectId, &'a ServerId, &'a BTreeMap<String, String>)>,
) -> Vec<MetadataGroup> {
    let mut groups: BTreeMap<(ProjectId, String), Vec<(ServerId, Said)>> = BTreeMap::new();
    for (project, server, metadata) in servers {
        let (said, _) = read(metadata);
        if let Some(name) = said.group.clone() {
            groups.entry((project.clone(), name)).or_default().push((server.clone(), said));
        }
    }
    groups.into_iter().map(|((project, name), members)| group(project, &name, members)).collect()
}

fn group(project: ProjectId, name: &str, members: Vec<(ServerId, Said)>) -> MetadataGroup {
    let mut group = GroupPolicy::new(GroupId(format!("metadata:{name}")), project);
    let mut contradictions = Vec::new();
    let bad = &mut contradictions;
    let max = members.iter().filter_map(|(_, s)| s.max_impacted);
    let max = strictest("group_max_impacted", max, bad, |n| *n);
    group.max_impacted = max.map(|max| MaxImpacted { group_size: 0, max }).into_iter().collect();
    let per_host = members.iter().filter_map(|(_, s)| s.max_per_host);
    group.max_per_host = strictest("group_max_per_host", per_host, bad, |n| *n);
    let times = members.iter().filter_map(|(_, s)| s.recovery_time);
    group.recovery_time = strictest("group_recovery_time", times, bad, |d| Reverse(*d));
    let flags = members.iter().filter_map(|(_, s)| s.anti_affinity);
    let anti_affinity = strictest("group_anti_affinity", flags, bad, |flag| !flag);
    group.anti_affinity = anti_affinity.unwrap_or_default();
    name.clone_into(&mut group.name);
    group.members = members.into_iter().map(|(server, _)| server).collect();
    MetadataGroup { group, contradictions }
}

/// Of what members say, that which asks for most: the least in this order.
fn strictest<T: Copy + PartialEq, O: Ord>(
    key: &str,
    said: impl Iterator<Item = T>,
    contradictions: &mut Vec<InvalidValue>,
    order: impl Fn(&T) -> O,
) -> Option<T> {
    let said: Vec<T> = said.collect();
    let strictest = said.iter().copied().min_by_key(|v| order(v))?;
    if said.iter().any(|v| *v != strictest) {
        contradictions.push(InvalidValue {
            key: format!("{PREFIX}{key}"),
            message: "members of the group contradict each other; the strictest value counts"
                .to_owned(),
        });
    }
    Some(strictest)
}

/// What one server's metadata say.
#[derive(Debug, Default)]
struct Said {
    policy: ServerPolicy,
    group: Option<String>,
    max_impacted: Option<u32>,
    recovery_time: Option<Duration>,
    anti_affinity: Option<bool>,
    max_per_host: Option<u32>,
}

fn read(metadata: &BTreeMap<String, String>) -> (Said, Vec<InvalidValue>) {
    let mut said = Said::default();
    let mut invalid_values = Vec::new();
    let ours = metadata.iter().filter_map(|(k, v)| Some((k, k.strip_prefix(PREFIX)?, v)));
    for (key, name, value) in ours {
        if let Err(message) = said.set(name, value.trim()) {
            invalid_values.push(InvalidValue { key: key.clone(), message });
        }
    }
    if said.group.is_none() && said.speaks_of_a_group() {
        invalid_values.push(InvalidValue {
            key: format!("{PREFIX}group"),
            message: "is missing or bad, so that what is said of the group counts for nothing"
                .to_owned(),
        });
    }
    said.drop_violations(&mut invalid_values);
    (said, invalid_values)
}

impl Said {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let policy = &mut self.policy;
        match name {
            "controlled_temporary" => policy.controlled_temporary = Some(action(value)?),
            "controlled_permanent" => policy.controlled_permanent = Some(action(value)?),
            "unexpected_temporary" => policy.unexpected_temporary = Some(unexpected(value)?),
            "unexpected_permanent" => policy.unexpected_permanent = Some(unexpected(value)?),
            "lead_time" => policy.lead_time = Some(duration(value)?),
            "max_interruption" => policy.max_interruption = Some(duration(value)?),
            "migration_types" => policy.migration_types = migrations(value)?,
            "mitigation_requested" => policy.mitigation_requested = Some(flag(value)?),
            "group" => self.group = Some(group_name(value)?),
            "group_max_impacted" => self.max_impacted = Some(count(value, 0)?),
            "group_recovery_time" => self.recovery_time = Some(duration(value)?),
            "group_anti_affinity" => self.anti_affinity = Some(flag(value)?),
            "group_max_per_host" => self.max_per_host = Some(count(value, 1)?),
            _ => return Err("there is no such key; see the documentation of policies".to_owned()),
        }
        Ok(())
    }

    fn speaks_of_a_group(&self) -> bool {
        self.max_impacted.is_some()
            || self.recovery_time.is_some()
            || self.anti_affinity.is_some()
            || self.max_per_host.is_some()
    }

    /// What is readable and cannot be meant is left out as well.
    fn drop_violations(&mut self, invalid_values: &mut Vec<InvalidValue>) {
        let mut violations: Vec<Violation> = Vec::new();
        self.policy.check("", &mut violations);
        let unset = ServerPolicy::default();
        for violation in violations {
            let name = violation.field.trim_start_matches('.');
            let name = name.split_once('[').map_or(name, |(name, _)| name);
            invalid_values
                .push(InvalidValue { key: format!("{PREFIX}{name}"), message: violation.message });
            if let Some(field) = super::Field::ALL.into_iter().find(|f| f.name() == name) {
                self.policy.take(field, &unset);
            }
        }
    }
}

/// Words are as in the contract; people also write `-` for `_`, and small letters.
fn word(value: &str) -> String {
    value.to_ascii_uppercase().replace('-', "_")
}

fn action(value: &str) -> Result<Action, String> {
    match word(value).as_str() {
        "LIVE_MIGRATE" => Ok(Action::LiveMigrate),
        "MIGRATE" => Ok(Action::Migrate),
        "OWN_ACTION" => Ok(Action::OwnAction),
        "KEEP" => Ok(Action::Keep),
        _ => Err("is one of live_migrate, migrate, own_action, keep".to_owned()),
    }
}

fn unexpected(value: &str) -> Result<UnexpectedAction, String> {
    match word(value).as_str() {
        "EVACUATE" => Ok(UnexpectedAction::Evacuate),
        "OWN_ACTION" => Ok(UnexpectedAction::OwnAction),
        "KEEP" => Ok(UnexpectedAction::Keep),
        _ => Err("is one of evacuate, own_action, keep".to_owned()),
    }
}

fn migrations(value: &str) -> Result<Vec<MigrationType>, String> {
    let each = value.split(',').map(|one| match word(one.trim()).as_str() {
        "LIVE" | "LIVE_MIGRATION" => Ok(MigrationType::Live),
        "OFFLINE" | "OFFLINE_MIGRATION" => Ok(MigrationType::Offline),
        "NONE" | "NO_MIGRATION" => Ok(MigrationType::None),
        _ => Err("is a list of live, offline, none, separated by commas".to_owned()),
    });
    each.collect()
}

fn duration(value: &str) -> Result<Duration, String> {
    let text = "is a span such as 90s, 10m, 1h30m or PT10M".to_owned();
    let span = span::parse(value).ok_or(text)?;
    let mut violations = Vec::new();
    check_span("", span, true, &mut violations);
    violations.pop().map_or(Ok(span), |violation| Err(violation.message))
}

fn flag(value: &str) -> Result<bool, String> {
    match word(value).as_str() {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err("is true or false".to_owned()),
    }
}

fn count(value: &str, least: u32) -> Result<u32, String> {
    let number = value.parse().ok().filter(|n| *n >= least);
    number.ok_or_else(|| format!("is a whole number, at least {least}"))
}

fn group_name(value: &str) -> Result<String, String> {
    if value.is_empty() || value.chars().count() > MAX_GROUP {
        return Err(format!("is a name of 1 to {MAX_GROUP} characters"));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests;
