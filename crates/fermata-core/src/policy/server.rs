//! The policy of a server. Every field may be unset: then the next source says it, or the session.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::spec::{Action, Kind};

/// What an owner wants to happen to a server, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerPolicy {
    /// Without a reply, when the host is maintained and comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controlled_temporary: Option<Action>,
    /// Without a reply, when the host leaves for good. Never KEEP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controlled_permanent: Option<Action>,
    /// When the host fails and is expected back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unexpected_temporary: Option<UnexpectedAction>,
    /// When the host fails for good. Never KEEP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unexpected_permanent: Option<UnexpectedAction>,
    /// Least time between telling the owner and touching the server (ETSI impact_notification_lead_time).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_time: Option<Duration>,
    /// Longest interruption by a live migration that the owner's software does not notice (ETSI
    /// max_undetectable_interruption_time).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_interruption: Option<Duration>,
    /// How the server may be moved, the most preferred first (ETSI supported_migration_type). Empty: unset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub migration_types: Vec<MigrationType>,
    /// The owner wants an equivalent resource when it is told (ETSI is_impact_mitigation_requested).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigation_requested: Option<bool>,
}

/// What happens to a server whose host failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnexpectedAction {
    /// Rebuilt on another host, once its own is known to be fenced.
    Evacuate,
    /// Healed by its owner.
    OwnAction,
    /// Left until its host is back.
    Keep,
}

impl UnexpectedAction {
    /// The name in the contract, without its prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evacuate => "EVACUATE",
            Self::OwnAction => "OWN_ACTION",
            Self::Keep => "KEEP",
        }
    }
}

/// How a server may be moved (ETSI supported_migration_type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationType {
    /// While it runs (LIVE_MIGRATION).
    Live,
    /// Stopped (OFFLINE_MIGRATION).
    Offline,
    /// Not at all (NO_MIGRATION).
    None,
}

impl MigrationType {
    /// The action that moves a server so; for [`MigrationType::None`], the one that leaves it.
    pub fn action(self) -> Action {
        match self {
            Self::Live => Action::LiveMigrate,
            Self::Offline => Action::Migrate,
            Self::None => Action::Keep,
        }
    }

    /// The name in the contract, without its prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "LIVE",
            Self::Offline => "OFFLINE",
            Self::None => "NONE",
        }
    }
}

/// The fields of a [`ServerPolicy`], in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names of the fields")]
pub enum Field {
    ControlledTemporary,
    ControlledPermanent,
    UnexpectedTemporary,
    UnexpectedPermanent,
    LeadTime,
    MaxInterruption,
    MigrationTypes,
    MitigationRequested,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 8] = [
        Self::ControlledTemporary,
        Self::ControlledPermanent,
        Self::UnexpectedTemporary,
        Self::UnexpectedPermanent,
        Self::LeadTime,
        Self::MaxInterruption,
        Self::MigrationTypes,
        Self::MitigationRequested,
    ];

    /// The field's name, the same in the contract, in metadata keys and in the command.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlledTemporary => "controlled_temporary",
            Self::ControlledPermanent => "controlled_permanent",
            Self::UnexpectedTemporary => "unexpected_temporary",
            Self::UnexpectedPermanent => "unexpected_permanent",
            Self::LeadTime => "lead_time",
            Self::MaxInterruption => "max_interruption",
            Self::MigrationTypes => "migration_types",
            Self::MitigationRequested => "mitigation_requested",
        }
    }
}

impl ServerPolicy {
    /// What is to happen without a reply on a maintained host of this kind.
    pub fn controlled(&self, kind: Kind) -> Option<Action> {
        match kind {
            Kind::Temporary => self.controlled_temporary,
            Kind::Retirement => self.controlled_permanent,
        }
    }

    /// What is to happen when a host fails; `kind` says whether it comes back.
    pub fn unexpected(&self, kind: Kind) -> Option<UnexpectedAction> {
        match kind {
            Kind::Temporary => self.unexpected_temporary,
            Kind::Retirement => self.unexpected_permanent,
        }
    }

    /// Whether this field says something.
    pub fn sets(&self, field: Field) -> bool {
        match field {
            Field::ControlledTemporary => self.controlled_temporary.is_some(),
            Field::ControlledPermanent => self.controlled_permanent.is_some(),
            Field::UnexpectedTemporary => self.unexpected_temporary.is_some(),
            Field::UnexpectedPermanent => self.unexpected_permanent.is_some(),
            Field::LeadTime => self.lead_time.is_some(),
            Field::MaxInterruption => self.max_interruption.is_some(),
            Field::MigrationTypes => !self.migration_types.is_empty(),
            Field::MitigationRequested => self.mitigation_requested.is_some(),
        }
    }

    /// Takes this field from another policy.
    pub(super) fn take(&mut self, field: Field, from: &Self) {
        match field {
            Field::ControlledTemporary => self.controlled_temporary = from.controlled_temporary,
            Field::ControlledPermanent => self.controlled_permanent = from.controlled_permanent,
            Field::UnexpectedTemporary => self.unexpected_temporary = from.unexpected_temporary,
            Field::UnexpectedPermanent => self.unexpected_permanent = from.unexpected_permanent,
            Field::LeadTime => self.lead_time = from.lead_time,
            Field::MaxInterruption => self.max_interruption = from.max_interruption,
            Field::MigrationTypes => self.migration_types.clone_from(&from.migration_types),
            Field::MitigationRequested => self.mitigation_requested = from.mitigation_requested,
        }
    }
}
