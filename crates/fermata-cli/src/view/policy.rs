//! Policies of servers, and groups.

use fermata_client::v1::{
    EffectivePolicy, GetServerPolicyResponse, ListServerGroupsResponse, ListServerPoliciesResponse,
    Policy, ServerGroup, ServerPolicy,
};
use time::OffsetDateTime;

use super::projects::ProjectNames;
use super::{count, or_dash};
use crate::output::color::{BOLD, paint, safe};
use crate::output::facts::aligned;
use crate::output::table::{Listing, table};
use crate::output::time::{distance, moment, span_of};
use crate::words::Word;

/// The fields that say something, by the contract's names.
pub(crate) fn said(policy: &Policy) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    let mut say = |field, value: Option<String>| said.extend(value.map(|value| (field, value)));
    let set = |value: i32, name: &'static str| (value != 0).then(|| name.to_owned());
    say(
        "controlled_temporary",
        set(policy.controlled_temporary, policy.controlled_temporary().name()),
    );
    say(
        "controlled_permanent",
        set(policy.controlled_permanent, policy.controlled_permanent().name()),
    );
    say(
        "unexpected_temporary",
        set(policy.unexpected_temporary, policy.unexpected_temporary().name()),
    );
    say(
        "unexpected_permanent",
        set(policy.unexpected_permanent, policy.unexpected_permanent().name()),
    );
    say("lead_time", policy.lead_time.map(|span| span_of(Some(span))));
    say("max_interruption", policy.max_interruption.map(|span| span_of(Some(span))));
    let migrations: Vec<&str> = policy.migration_types().map(Word::name).collect();
    say("migration_types", (!migrations.is_empty()).then(|| migrations.join(", ")));
    say("mitigation_requested", policy.mitigation_requested.map(|wanted| wanted.to_string()));
    said
}

fn lines<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    aligned(21, facts)
}

/// The policy of a server.
pub(crate) fn server(stored: &ServerPolicy, names: &ProjectNames, now: OffsetDateTime) -> String {
    let head = format!("{} of server {}\n", paint(BOLD, "policy"), safe(&stored.server_id));
    let of = [("project", safe(&names.beside(&stored.project_id)).into_owned())];
    let policy = stored.policy.clone().unwrap_or_default();
    let about = [
        ("stored", moment(stored.update_time.as_ref(), now)),
        ("etag", safe(&stored.etag).into_owned()),
    ];
    head + &lines(of) + &lines(said(&policy)) + &lines(about)
}

/// What is stored for a server, and what counts for it.
pub(crate) fn found(
    found: &GetServerPolicyResponse,
    names: &ProjectNames,
    now: OffsetDateTime,
) -> String {
    let stored = found.server_policy.as_ref();
    let mut text = stored.map(|p| server(p, names, now) + "\n").unwrap_or_default();
    if let Some(effective) = &found.effective {
        text += &counts(effective);
    }
    text
}

fn counts(effective: &EffectivePolicy) -> String {
    let policy = effective.policy.clone().unwrap_or_default();
    let rows = said(&policy).into_iter().map(|(field, value)| {
        let source = effective.sources.iter().find(|s| s.field == field);
        let by = source.map(|s| format!("{} {}", s.source().name(), safe(&s.group_id)));
        [field.to_owned(), value, or_dash(by.unwrap_or_default().trim_end())]
    });
    let mut text = table(["COUNTS", "VALUE", "BY"], rows).to_string();
    text.push('\n');
    if !effective.invalid_values.is_empty() {
        let bad = effective.invalid_values.iter();
        let rows = bad.map(|b| [safe(&b.key).into_owned(), safe(&b.message).into_owned()]);
        text += &format!("\n{}\n", table(["LEFT OUT", "WHY"], rows));
    }
    text
}

/// Policies of servers as a table.
pub(crate) fn servers(response: &ListServerPoliciesResponse, now: OffsetDateTime) -> Listing {
    let rows = response.server_policies.iter().map(|stored| {
        [
            safe(&stored.server_id).into_owned(),
            safe(&stored.project_id).into_owned(),
            summary(stored.policy.as_ref()),
            distance(stored.update_time.as_ref(), now),
        ]
    });
    table(["SERVER", "PROJECT", "SAYS", "STORED"], rows).or_nothing("no policies")
}

fn summary(policy: Option<&Policy>) -> String {
    let said = said(&policy.cloned().unwrap_or_default());
    let said: Vec<_> = said.into_iter().map(|(field, value)| format!("{field}={value}")).collect();
    or_dash(&said.join(" "))
}

/// The limits of a group, by the contract's names.
pub(crate) fn limits(group: &ServerGroup) -> Vec<(&'static str, String)> {
    let sized = |size: u32, number: u32| match size {
        0 => number.to_string(),
        size => format!("{number} of {size} and more"),
    };
    let max: Vec<_> = group.max_impacted.iter().map(|e| sized(e.group_size, e.max)).collect();
    let min: Vec<_> = group.min_preserved.iter().map(|e| sized(e.group_size, e.min)).collect();
    let mut limits = Vec::new();
    let mut say = |field, value: Option<String>| limits.extend(value.map(|value| (field, value)));
    say("max_impacted", (!max.is_empty()).then(|| max.join(", ")));
    say("min_preserved", (!min.is_empty()).then(|| min.join(", ")));
    say("recovery_time", group.recovery_time.map(|span| span_of(Some(span))));
    say("anti_affinity", group.anti_affinity.then(|| "true".to_owned()));
    say("max_per_host", group.max_per_host.map(|n| n.to_string()));
    say("min_size_for_scale_in", group.min_size_for_scale_in.map(|n| n.to_string()));
    limits
}

/// A group.
pub(crate) fn group(group: &ServerGroup, names: &ProjectNames, now: OffsetDateTime) -> String {
    let head = format!("{} {}\n", paint(BOLD, "group"), safe(&group.id));
    let members: Vec<_> = group.member_ids.iter().map(|m| safe(m).into_owned()).collect();
    let mut facts = vec![("project", safe(&names.beside(&group.project_id)).into_owned())];
    if !group.display_name.is_empty() {
        facts.push(("name", safe(&group.display_name).into_owned()));
    }
    if !members.is_empty() {
        facts.push(("members", members.join(", ")));
    }
    if !group.nova_server_group_id.is_empty() {
        facts.push(("nova_server_group_id", safe(&group.nova_server_group_id).into_owned()));
    }
    facts.extend(limits(group));
    let mut text = head + &lines(facts);
    if let Some(policy) = &group.member_policy {
        text += "  each member:\n";
        text += &lines(said(policy));
    }
    text + &lines([
        ("stored", moment(group.update_time.as_ref(), now)),
        ("etag", safe(&group.etag).into_owned()),
    ])
}

/// Groups as a table.
pub(crate) fn groups(response: &ListServerGroupsResponse, now: OffsetDateTime) -> Listing {
    let rows = response.server_groups.iter().map(|group| {
        let limits: Vec<_> = limits(group).into_iter().map(|(f, v)| format!("{f}={v}")).collect();
        let members = match (group.member_ids.len(), group.nova_server_group_id.as_str()) {
            (0, cloud) => format!("server group {}", safe(cloud)),
            (members, "") => count(members, "server"),
            (members, cloud) => {
                format!("{} and server group {}", count(members, "server"), safe(cloud))
            }
        };
        [
            safe(&group.id).into_owned(),
            safe(&group.project_id).into_owned(),
            or_dash(&group.display_name),
            members,
            or_dash(&limits.join(" ")),
            distance(group.update_time.as_ref(), now),
        ]
    });
    table(["GROUP", "PROJECT", "NAME", "MEMBERS", "LIMITS", "STORED"], rows).or_nothing("no groups")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_10_policies_and_groups_name_their_project() {
        let mut names = ProjectNames::default();
        names.learn("p1".to_owned(), "core-network".to_owned());
        let (project_id, now) = ("p1".to_owned(), OffsetDateTime::UNIX_EPOCH);
        let stored = ServerPolicy { project_id: project_id.clone(), ..Default::default() };
        let response =
            GetServerPolicyResponse { server_policy: Some(stored), ..Default::default() };
        assert!(found(&response, &names, now).contains("core-network (p1)"));
        let stored = ServerGroup { project_id, ..Default::default() };
        assert!(group(&stored, &names, now).contains("core-network (p1)"));
    }
}
