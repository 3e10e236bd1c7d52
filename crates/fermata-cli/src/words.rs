//! The contract's enum values as people type and read them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use fermata_client::v1::{
    Action, AuditAction, AuditResourceKind, CallerKind, CloudKind, CloudOutageKind,
    CounterOfferState, DecisionSource, HostState, Impact, MaintenanceKind, MigrationType,
    NotificationKind, NotificationState, OnFailure, OnObjection, OnSilence, OwnerSessionChange,
    PlanConstraintKind, PolicySource, ReplyKind, ServerChange, ServerState, SessionHostState,
    SessionState, StartMode, UnexpectedAction, WaitParty,
};

/// An enum of the contract.
pub(crate) trait Word: Copy + Send + Sync + 'static {
    /// The value's name in the contract without the enum's prefix: `LIVE_MIGRATE`; a dash for UNSPECIFIED, which says
    /// nothing to people.
    fn name(self) -> &'static str;
}

/// One that is typed, too.
pub(crate) trait TypedWord: Word {
    /// Every value but UNSPECIFIED, with how it is typed: `live-migrate`.
    const TYPED: &'static [(&'static str, Self)];
}

/// Parses one value; the contract's own spelling does as well.
pub(crate) fn parser<W: TypedWord>() -> impl TypedValueParser<Value = W> {
    let values = W::TYPED.iter().map(|&(typed, word)| PossibleValue::new(typed).alias(word.name()));
    PossibleValuesParser::new(values).try_map(|given| parse(&given))
}

/// `live-migrate` and `LIVE_MIGRATE`, for values inside other values.
pub(crate) fn parse<W: TypedWord>(given: &str) -> Result<W, String> {
    let typed = given.to_ascii_lowercase().replace('_', "-");
    let found = W::TYPED.iter().find(|(known, _)| *known == typed);
    found.map(|&(_, word)| word).ok_or_else(|| {
        let known: Vec<&str> = W::TYPED.iter().map(|&(known, _)| known).collect();
        format!("{given:?} is not one of {}", known.join(", "))
    })
}

macro_rules! words {
    ($($word:ident $prefix:literal;)*) => {$(
        impl Word for $word {
            fn name(self) -> &'static str {
                let full = self.as_str_name();
                match full.strip_prefix($prefix).unwrap_or(full) {
                    "UNSPECIFIED" => "–",
                    name => name,
                }
            }
        }
    )*};
}

macro_rules! typed {
    ($($word:ident { $($typed:literal => $value:ident),* $(,)? })*) => {$(
        impl TypedWord for $word {
            const TYPED: &'static [(&'static str, Self)] = &[$(($typed, Self::$value)),*];
        }
    )*};
}

words! {
    Action "ACTION_";
    AuditAction "AUDIT_ACTION_";
    AuditResourceKind "AUDIT_RESOURCE_KIND_";
    CallerKind "CALLER_KIND_";
    CloudKind "CLOUD_KIND_";
    CloudOutageKind "CLOUD_OUTAGE_KIND_";
    CounterOfferState "COUNTER_OFFER_STATE_";
    DecisionSource "DECISION_SOURCE_";
    OnFailure "ON_FAILURE_";
    HostState "HOST_STATE_";
    Impact "IMPACT_";
    MaintenanceKind "MAINTENANCE_KIND_";
    MigrationType "MIGRATION_TYPE_";
    NotificationKind "NOTIFICATION_KIND_";
    NotificationState "NOTIFICATION_STATE_";
    OnObjection "ON_OBJECTION_";
    OwnerSessionChange "OWNER_SESSION_CHANGE_";
    PlanConstraintKind "PLAN_CONSTRAINT_KIND_";
    PolicySource "POLICY_SOURCE_";
    ReplyKind "REPLY_KIND_";
    ServerChange "SERVER_CHANGE_";
    ServerState "SERVER_STATE_";
    SessionHostState "SESSION_HOST_STATE_";
    SessionState "SESSION_STATE_";
    OnSilence "ON_SILENCE_";
    StartMode "START_MODE_";
    UnexpectedAction "UNEXPECTED_ACTION_";
    WaitParty "WAIT_PARTY_";
}

typed! {
    Action {
        "live-migrate" => LiveMigrate,
        "migrate" => Migrate,
        "own-action" => OwnAction,
        "keep" => Keep,
    }
    AuditAction {
        "create-session" => CreateSession,
        "update-session" => UpdateSession,
        "delete-session" => DeleteSession,
        "start-session" => StartSession,
        "pause-session" => PauseSession,
        "resume-session" => ResumeSession,
        "cancel-session" => CancelSession,
        "complete-host" => CompleteHost,
        "fail-host" => FailHost,
        "skip-host" => SkipHost,
        "retry-host" => RetryHost,
        "retry-host-overriding-owners" => RetryHostOverridingOwners,
        "request-host-maintenance" => RequestHostMaintenance,
        "release-host" => ReleaseHost,
        "reply" => Reply,
        "put-subscription" => PutSubscription,
        "delete-subscription" => DeleteSubscription,
        "acknowledge-position" => AcknowledgePosition,
        "put-server-policy" => PutServerPolicy,
        "delete-server-policy" => DeleteServerPolicy,
        "put-server-group" => PutServerGroup,
        "delete-server-group" => DeleteServerGroup,
        "restore-database" => RestoreDatabase,
        "prune-audit-records" => PruneAuditRecords,
        "set-host-scheduling" => SetHostScheduling,
    }
    AuditResourceKind {
        "session" => Session,
        "subscription" => Subscription,
        "server-policy" => ServerPolicy,
        "server-group" => ServerGroup,
        "database" => Database,
        "host" => Host,
    }
    OnFailure { "stop" => Stop, "continue" => Continue }
    SessionHostState {
        "waiting" => Waiting,
        "draining" => Draining,
        "in-maintenance" => InMaintenance,
        "returning" => Returning,
        "maintained" => Maintained,
        "retired" => Retired,
        "drain-failed" => DrainFailed,
        "maintenance-failed" => MaintenanceFailed,
        "skipped" => Skipped,
        "cancelled" => Cancelled,
    }
    ServerState {
        "affected" => Affected,
        "in-action" => InAction,
        "own-action" => OwnAction,
        "moved" => Moved,
        "kept" => Kept,
        "restored" => Restored,
        "gone" => Gone,
        "failed" => Failed,
        "handed-over" => HandedOver,
    }
    HostState {
        "enabled" => Enabled,
        "disabled" => Disabled,
        "going-to-maintenance" => GoingToMaintenance,
        "in-maintenance" => InMaintenance,
        "down" => Down,
        "retired" => Retired,
        "removed" => Removed,
    }
    MaintenanceKind { "temporary" => Temporary, "retirement" => Retirement }
    MigrationType { "live" => Live, "offline" => Offline, "none" => None }
    NotificationState {
        "pending" => Pending,
        "answered" => Answered,
        "rejected" => Rejected,
        "expired" => Expired,
        "closed" => Closed,
        "counter-offered" => CounterOffered,
    }
    OnObjection { "hold" => Hold, "fail-host" => FailHost }
    SessionState {
        "scheduled" => Scheduled,
        "running" => Running,
        "paused" => Paused,
        "cancelling" => Cancelling,
        "cancelled" => Cancelled,
        "failed" => Failed,
        "completed" => Completed,
    }
    OnSilence { "proceed" => Proceed, "hold" => Hold, "fail-host" => FailHost }
    UnexpectedAction { "evacuate" => Evacuate, "own-action" => OwnAction, "keep" => Keep }
    StartMode { "automatic" => Automatic, "manual" => Manual }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_prefix() {
        assert_eq!(SessionHostState::InMaintenance.name(), "IN_MAINTENANCE");
        assert_eq!(Action::LiveMigrate.name(), "LIVE_MIGRATE");
    }

    #[test]
    fn both_spellings_are_understood() {
        assert_eq!(parse::<Action>("live-migrate"), Ok(Action::LiveMigrate));
        assert_eq!(parse::<Action>("LIVE_MIGRATE"), Ok(Action::LiveMigrate));
        assert!(parse::<Action>("teleport").unwrap_err().contains("live-migrate, migrate"));
    }

    /// A value typed otherwise than it reads would be a trap.
    #[test]
    fn what_is_typed_is_the_name() {
        fn check<W: TypedWord>() {
            for (typed, word) in W::TYPED {
                assert_eq!(typed.to_uppercase().replace('-', "_"), word.name());
            }
        }
        check::<Action>();
        check::<AuditAction>();
        check::<AuditResourceKind>();
        check::<OnFailure>();
        check::<HostState>();
        check::<MaintenanceKind>();
        check::<NotificationState>();
        check::<OnObjection>();
        check::<SessionState>();
        check::<OnSilence>();
        check::<StartMode>();
    }
}
