//! Everything that is wrong with a policy, at once.

use std::collections::BTreeSet;

use time::Duration;

use super::{GroupPolicy, MigrationType, ServerPolicy, UnexpectedAction, span};
use crate::limits::{
    MAX_CHOSEN_ID, MAX_CLOUD_NAME, MAX_MEMBERS, MAX_MIGRATIONS, MAX_SIZES, MAX_TITLE,
};
use crate::spec::{Action, Violation, check_span};
use crate::text::{Shape, wrong};

fn check_wait(
    at: &str,
    wait: Option<Duration>,
    longest: Duration,
    violations: &mut Vec<Violation>,
) {
    if wait.is_some_and(|wait| wait > longest) {
        let text = format!(
            "is longer than {}, which is the most that this server allows",
            span::show(longest)
        );
        violations.push(Violation::field(at, text));
    }
}

impl ServerPolicy {
    /// Finds spans that are longer than the operator lets owners ask for. `at`: the path of the policy in the request.
    pub fn check_waits(&self, at: &str, longest: Duration, violations: &mut Vec<Violation>) {
        check_wait(&format!("{at}.lead_time"), self.lead_time, longest, violations);
    }

    /// Finds every violation. `at`: the path of the policy in the request.
    pub fn check(&self, at: &str, violations: &mut Vec<Violation>) {
        let stays = "cannot be KEEP: the host does not come back";
        if self.controlled_permanent == Some(Action::Keep) {
            violations.push(Violation::field(format!("{at}.controlled_permanent"), stays));
        }
        if self.unexpected_permanent == Some(UnexpectedAction::Keep) {
            violations.push(Violation::field(format!("{at}.unexpected_permanent"), stays));
        }
        for (field, span) in
            [("lead_time", self.lead_time), ("max_interruption", self.max_interruption)]
        {
            if let Some(span) = span {
                check_span(&format!("{at}.{field}"), span, true, violations);
            }
        }
        if self.migration_types.len() > MAX_MIGRATIONS {
            let text = format!("are at most {MAX_MIGRATIONS}");
            violations.push(Violation::field(format!("{at}.migration_types"), text));
            return;
        }
        for (i, migration) in self.migration_types.iter().enumerate() {
            if self.migration_types[..i].contains(migration) {
                let text = format!("{} is named twice", migration.name());
                violations.push(Violation::field(format!("{at}.migration_types[{i}]"), text));
            }
        }
        for (field, action) in [
            ("controlled_temporary", self.controlled_temporary),
            ("controlled_permanent", self.controlled_permanent),
        ] {
            let needs = match action {
                Some(Action::LiveMigrate) => MigrationType::Live,
                Some(Action::Migrate) => MigrationType::Offline,
                Some(Action::OwnAction | Action::Keep) | None => continue,
            };
            if !self.migration_types.is_empty() && !self.migration_types.contains(&needs) {
                let text = format!("needs {}, which migration_types leave out", needs.name());
                violations.push(Violation::field(format!("{at}.{field}"), text));
            }
        }
    }
}

impl GroupPolicy {
    /// Finds spans that are longer than the operator lets owners ask for. `at`: the path of the group in the request.
    pub fn check_waits(&self, at: &str, longest: Duration, violations: &mut Vec<Violation>) {
        check_wait(&format!("{at}.recovery_time"), self.recovery_time, longest, violations);
        self.member_policy.check_waits(&format!("{at}.member_policy"), longest, violations);
    }

    /// Finds every violation. `at`: the path of the group in the request.
    pub fn check(&self, at: &str, violations: &mut Vec<Violation>) {
        check_chosen_id(&format!("{at}.id"), self.id.as_str(), violations);
        if let Some(text) = wrong(&self.name, Shape::Line, MAX_TITLE) {
            violations.push(Violation::field(format!("{at}.display_name"), text));
        }
        self.check_members(at, violations);
        let max: Vec<_> = self.max_impacted.iter().map(|e| (e.group_size, e.max)).collect();
        check_entries(&format!("{at}.max_impacted"), "max", &max, violations);
        let min: Vec<_> = self.min_preserved.iter().map(|e| (e.group_size, e.min)).collect();
        check_entries(&format!("{at}.min_preserved"), "min", &min, violations);
        if let Some(span) = self.recovery_time {
            check_span(&format!("{at}.recovery_time"), span, true, violations);
        }
        match self.max_per_host {
            Some(0) => violations.push(Violation::field(
                format!("{at}.max_per_host"),
                "is at least 1; leave it unset for any number",
            )),
            Some(2..) if self.anti_affinity => violations.push(Violation::field(
                format!("{at}.max_per_host"),
                "contradicts anti_affinity, which means 1",
            )),
            Some(_) | None => {}
        }
        self.member_policy.check(&format!("{at}.member_policy"), violations);
    }

    fn check_members(&self, at: &str, violations: &mut Vec<Violation>) {
        if self.members.is_empty() && self.server_group.is_none() {
            violations.push(Violation::field(
                format!("{at}.member_ids"),
                "are required: name servers, or a server group of the cloud in nova_server_group_id",
            ));
        }
        if self.members.len() > MAX_MEMBERS {
            violations.push(Violation::field(
                format!("{at}.member_ids"),
                format!("are at most {MAX_MEMBERS}; use a server group of the cloud"),
            ));
            return;
        }
        let members = self.members.iter().map(|m| ("member_ids", m.as_str()));
        let group = self.server_group.iter().map(|g| ("nova_server_group_id", g.as_str()));
        for (field, id) in members.chain(group) {
            check_cloud_id(&format!("{at}.{field}"), id, violations);
        }
    }
}

/// Checks an id that the cloud gave.
fn check_cloud_id(field: &str, id: &str, violations: &mut Vec<Violation>) {
    if id.trim().is_empty() {
        violations.push(Violation::field(field, "is an id of the cloud, and not empty"));
    } else if let Some(text) = wrong(id, Shape::Line, MAX_CLOUD_NAME) {
        violations.push(Violation::field(field, text));
    }
}

/// Checks an id that the owner chose: of a group, of a subscription.
pub fn check_chosen_id(field: &str, id: &str, violations: &mut Vec<Violation>) {
    let fits = (1..=MAX_CHOSEN_ID).contains(&id.len())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !fits {
        violations.push(Violation::field(
            field,
            format!("is 1 to {MAX_CHOSEN_ID} letters, digits, '-', '_' or '.', chosen by you"),
        ));
    }
}

fn check_entries(at: &str, what: &str, entries: &[(u32, u32)], violations: &mut Vec<Violation>) {
    if entries.len() > MAX_SIZES {
        violations.push(Violation::field(at, format!("has at most {MAX_SIZES} entries")));
        return;
    }
    let mut sizes = BTreeSet::new();
    for (i, (size, number)) in entries.iter().enumerate() {
        if !sizes.insert(size) {
            let text = format!("size {size} is named twice");
            violations.push(Violation::field(format!("{at}[{i}].group_size"), text));
        }
        if *size > 0 && number > size {
            let text = format!("is more than the group's size, {size}");
            violations.push(Violation::field(format!("{at}[{i}].{what}"), text));
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::{GroupPolicy, MigrationType, ServerPolicy, UnexpectedAction};
    use crate::policy::{MaxImpacted, MinPreserved};
    use crate::spec::Action;

    fn fields(check: impl FnOnce(&mut Vec<super::Violation>)) -> Vec<String> {
        let mut violations = Vec::new();
        check(&mut violations);
        violations.into_iter().map(|f| f.field).collect()
    }

    #[test]
    fn every_violation_of_a_server_policy_is_found() {
        let policy = ServerPolicy {
            controlled_temporary: Some(Action::LiveMigrate),
            controlled_permanent: Some(Action::Keep),
            unexpected_temporary: Some(UnexpectedAction::Keep),
            unexpected_permanent: Some(UnexpectedAction::Keep),
            lead_time: Some(-Duration::SECOND),
            max_interruption: Some(Duration::days(400)),
            migration_types: vec![MigrationType::Offline, MigrationType::Offline],
            mitigation_requested: None,
        };
        assert_eq!(
            fields(|f| policy.check("policy", f)),
            [
                "policy.controlled_permanent",
                "policy.unexpected_permanent",
                "policy.lead_time",
                "policy.max_interruption",
                "policy.migration_types[1]",
                "policy.controlled_temporary",
            ]
        );
    }

    #[test]
    fn every_violation_of_a_group_is_found() {
        let mut group = GroupPolicy::new("a/b".into(), "red".into());
        group.name = "n".repeat(257);
        group.max_impacted =
            vec![MaxImpacted { group_size: 2, max: 3 }, MaxImpacted { group_size: 2, max: 0 }];
        group.min_preserved = vec![MinPreserved { group_size: 2, min: 3 }];
        group.recovery_time = Some(-Duration::SECOND);
        group.anti_affinity = true;
        group.max_per_host = Some(2);
        group.member_policy.lead_time = Some(-Duration::SECOND);
        assert_eq!(
            fields(|f| group.check("group", f)),
            [
                "group.id",
                "group.display_name",
                "group.member_ids",
                "group.max_impacted[0].max",
                "group.max_impacted[1].group_size",
                "group.min_preserved[0].min",
                "group.recovery_time",
                "group.max_per_host",
                "group.member_policy.lead_time",
            ]
        );
    }

    #[test]
    fn what_is_fine() {
        let mut group = GroupPolicy::new("db".into(), "red".into());
        group.server_group = Some("b4f2".into());
        group.max_impacted = vec![MaxImpacted { group_size: 0, max: 1 }];
        group.member_policy.migration_types = vec![MigrationType::Live, MigrationType::None];
        group.member_policy.controlled_temporary = Some(Action::LiveMigrate);
        assert!(fields(|f| group.check("group", f)).is_empty());
    }
}
