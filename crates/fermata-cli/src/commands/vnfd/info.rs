//! One `tosca.datatypes.nfv.NfviMaintenanceInfo` (SOL001 clause 6.2.74): property by property.

use fermata_client::v1::{MaxImpacted, MigrationType, MinPreserved, Policy, ServerGroup};
use serde_json::{Map, Value};

use super::{Ignored, tosca};

/// Where what is read goes.
pub(super) struct Reading<'a> {
    pub(super) group: &'a mut ServerGroup,
    pub(super) fields: &'a mut Vec<(String, &'static str)>,
    pub(super) ignored: &'a mut Vec<Ignored>,
}

impl Reading<'_> {
    pub(super) fn info(&mut self, at: &str, info: &Map<String, Value>) {
        for (property, value) in info {
            let path = format!("{at}.{property}");
            match self.property(&path, property, value) {
                Ok(Some(field)) => self.fields.push((path, field)),
                Ok(None) => {}
                Err(why) => self.lose(path, why),
            }
        }
    }

    /// All of it asks for something.
    fn lose(&mut self, path: String, why: String) {
        self.ignored.push(Ignored { path, why, is_loss: true });
    }

    fn property(
        &mut self,
        path: &str,
        property: &str,
        value: &Value,
    ) -> Result<Option<&'static str>, String> {
        if value.is_object() {
            return Err(
                "is a function of TOSCA; give its value by --input if it is an input".to_owned()
            );
        }
        let group = &mut *self.group;
        let policy = group.member_policy.get_or_insert_with(Policy::default);
        let field = match property {
            "impact_notification_lead_time" => {
                policy.lead_time = Some(tosca::span(value)?);
                "lead_time"
            }
            "is_impact_mitigation_requested" => {
                let wanted = value.as_bool().or_else(|| value.as_str()?.parse().ok());
                policy.mitigation_requested = Some(wanted.ok_or("is neither true nor false")?);
                "mitigation_requested"
            }
            "supported_migration_type" => {
                policy.migration_types = migrations(value)?;
                if policy.migration_types.is_empty() {
                    return Ok(None);
                }
                "migration_types"
            }
            "max_undetectable_interruption_time" => {
                policy.max_interruption = Some(tosca::span(value)?);
                "max_interruption"
            }
            "min_recovery_time_between_impacts" => {
                group.recovery_time = Some(tosca::span(value)?);
                "recovery_time"
            }
            "max_number_of_impacted_instances" => {
                let entries = self.sized(path, property, value);
                let of = |(group_size, max)| MaxImpacted { group_size, max };
                self.group.max_impacted = entries.into_iter().map(of).collect();
                return Ok((!self.group.max_impacted.is_empty()).then_some("max_impacted"));
            }
            "min_number_of_preserved_instances" => {
                let entries = self.sized(path, property, value);
                let of = |(group_size, min)| MinPreserved { group_size, min };
                self.group.min_preserved = entries.into_iter().map(of).collect();
                return Ok((!self.group.min_preserved.is_empty()).then_some("min_preserved"));
            }
            _ => return Err("NfviMaintenanceInfo has no such property".to_owned()),
        };
        Ok(Some(field))
    }

    /// Entries of a size and a number, named as the property itself. Without a size: for every size.
    fn sized(&mut self, path: &str, property: &str, value: &Value) -> Vec<(u32, u32)> {
        let mut sized = Vec::new();
        for (i, entry) in tosca::list(Some(value)).iter().enumerate() {
            let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
            let size = entry.get("group_size").map_or(Some(0), number);
            match (size, entry.get(property).and_then(number)) {
                (Some(size), Some(number)) => sized.push((size, number)),
                _ => {
                    let why = format!("needs whole numbers: {property}, and group_size if any");
                    self.lose(format!("{path}[{i}]"), why);
                }
            }
        }
        sized
    }
}

fn migrations(value: &Value) -> Result<Vec<i32>, String> {
    let ways = tosca::list(Some(value)).iter().map(|way| {
        let word = tosca::text(Some(way)).to_ascii_lowercase();
        match word.as_str() {
            "live_migration" => Ok(MigrationType::Live.into()),
            "offline_migration" => Ok(MigrationType::Offline.into()),
            "no_migration" => Ok(MigrationType::None.into()),
            _ => Err(format!("{way} is none of no_migration, offline_migration, live_migration")),
        }
    });
    ways.collect()
}
