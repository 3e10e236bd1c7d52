//! Server groups.

use fermata_core::cloud::{GroupAffinity, ServerGroup};
use fermata_core::id::{ProjectId, ServerGroupId, ServerId};
use serde::Deserialize;

use super::record::{Fields, read_leniently};

/// `GET /os-server-groups` (<https://docs.openstack.org/api-ref/compute/#list-server-groups>).
#[derive(Debug, Deserialize)]
pub(crate) struct ServerGroups {
    pub(crate) server_groups: Vec<GroupRecord>,
}

/// A server group. Members that were deleted are left out by Nova.
#[derive(Debug)]
pub(crate) struct GroupRecord {
    pub(crate) id: String,
    name: String,
    project_id: String,
    policy: Option<String>,
    /// Only groups with anti-affinity have any.
    max_server_per_host: Option<u32>,
    members: Vec<String>,
    odd: Vec<String>,
}

read_leniently!(GroupRecord, "server group", id);

impl GroupRecord {
    fn read(mut fields: Fields) -> Self {
        let mut rules = fields.part("rules");
        let most = rules.amount("max_server_per_host");
        fields.absorb(rules);
        Self {
            id: fields.needed("id"),
            name: fields.text("name").unwrap_or_default(),
            project_id: fields.text("project_id").unwrap_or_default(),
            policy: fields.nullable("policy"),
            max_server_per_host: u32::try_from(most).ok().filter(|most| *most > 0),
            members: fields.names("members"),
            odd: fields.odd(),
        }
    }

    /// `None` for a group without a policy that Nova's scheduler knows: it asks nothing of anybody.
    pub(crate) fn into_group(self) -> Option<ServerGroup> {
        let policy = match self.policy.as_deref()? {
            "affinity" => GroupAffinity::Affinity,
            "anti-affinity" => GroupAffinity::AntiAffinity,
            "soft-affinity" => GroupAffinity::SoftAffinity,
            "soft-anti-affinity" => GroupAffinity::SoftAntiAffinity,
            _ => return None,
        };
        let mut members: Vec<ServerId> = self.members.into_iter().map(ServerId).collect();
        members.sort();
        Some(ServerGroup {
            id: ServerGroupId(self.id),
            name: self.name,
            project: ProjectId(self.project_id),
            policy,
            max_per_host: self.max_server_per_host,
            members,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn recorded(policy: Value, rules: Value) -> Option<ServerGroup> {
        serde_json::from_value::<GroupRecord>(json!({
            "id": "616fb98f-46ca-475e-917e-2563e5a8cd19", "name": "db", "policy": policy,
            "rules": rules, "members": ["s2", "s1"], "project_id": "p1", "user_id": "fake",
        }))
        .unwrap()
        .into_group()
    }

    #[test]
    fn a_recorded_group() {
        let group = recorded(json!("anti-affinity"), json!({"max_server_per_host": 3}));
        assert_eq!(
            group,
            Some(ServerGroup {
                id: "616fb98f-46ca-475e-917e-2563e5a8cd19".into(),
                name: "db".to_owned(),
                project: "p1".into(),
                policy: GroupAffinity::AntiAffinity,
                max_per_host: Some(3),
                members: vec!["s1".into(), "s2".into()],
            })
        );
    }

    #[test]
    fn every_policy() {
        for (word, expected) in [
            ("affinity", GroupAffinity::Affinity),
            ("anti-affinity", GroupAffinity::AntiAffinity),
            ("soft-affinity", GroupAffinity::SoftAffinity),
            ("soft-anti-affinity", GroupAffinity::SoftAntiAffinity),
        ] {
            let group = recorded(json!(word), json!({})).unwrap();
            assert_eq!((group.policy, group.max_per_host), (expected, None));
        }
        assert_eq!(recorded(json!("legacy"), json!({})), None);
        assert_eq!(recorded(json!(null), json!({})), None);
    }
}
