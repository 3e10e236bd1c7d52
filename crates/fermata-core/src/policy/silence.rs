//! What happens to a server whose owner does not answer.

use super::ServerPolicy;
use crate::session::DecisionSource;
use crate::spec::{Action, Kind};

/// What is done with a server on a host of this kind when its owner lets the time pass, and by whose word; `None`: its
/// policy allows nothing that is possible, and the operator decides.
///
/// - The policy's own action for the case counts first.
/// - Else it is the session's default action, if the owner's `migration_types` have it. NO_MIGRATION stands for KEEP.
/// - Else it is the first of `migration_types`.
/// - Whoever lists NO_MIGRATION first is not migrated: the server is kept where the host comes back. Where it leaves
///   for good nothing is possible.
pub fn unanswered(
    policy: &ServerPolicy,
    default_action: Action,
    kind: Kind,
) -> Option<(Action, DecisionSource)> {
    if let Some(action) = policy.controlled(kind) {
        return Some((action, DecisionSource::Policy));
    }
    let Some(preferred) = policy.migration_types.first().map(|m| m.action()) else {
        return Some((default_action, DecisionSource::SessionDefault));
    };
    let supported = policy.migration_types.iter().any(|m| m.action() == default_action);
    if preferred == default_action || (supported && preferred != Action::Keep) {
        return Some((default_action, DecisionSource::SessionDefault));
    }
    Action::allowed(kind).contains(&preferred).then_some((preferred, DecisionSource::Policy))
}

#[cfg(test)]
mod tests {
    use super::unanswered;
    use crate::policy::{MigrationType, ServerPolicy};
    use crate::session::DecisionSource::{Policy, SessionDefault};
    use crate::spec::Action::{Keep, LiveMigrate, Migrate, OwnAction};
    use crate::spec::Kind::{Retirement, Temporary};

    fn moved(migration_types: &[MigrationType]) -> ServerPolicy {
        ServerPolicy { migration_types: migration_types.to_vec(), ..ServerPolicy::default() }
    }

    #[test]
    fn the_cell_for_the_kind_of_host_counts_first() {
        let policy = ServerPolicy {
            controlled_temporary: Some(Keep),
            controlled_permanent: Some(OwnAction),
            ..moved(&[MigrationType::Live])
        };
        assert_eq!(unanswered(&policy, LiveMigrate, Temporary), Some((Keep, Policy)));
        assert_eq!(unanswered(&policy, LiveMigrate, Retirement), Some((OwnAction, Policy)));
    }

    #[test]
    fn without_a_policy_the_session_decides() {
        let said = unanswered(&ServerPolicy::default(), Migrate, Retirement);
        assert_eq!(said, Some((Migrate, SessionDefault)));
    }

    #[test]
    fn a_default_that_the_owner_does_not_list_becomes_its_first_choice() {
        use MigrationType::{Live, None as No, Offline};
        for (listed, default, expected) in [
            (&[Offline][..], LiveMigrate, (Migrate, Policy)),
            (&[Offline, Live], LiveMigrate, (LiveMigrate, SessionDefault)),
            (&[Offline, No], LiveMigrate, (Migrate, Policy)),
            (&[Live], Keep, (LiveMigrate, Policy)),
            (&[Live, No], Keep, (Keep, SessionDefault)),
            (&[No], LiveMigrate, (Keep, Policy)),
            (&[No, Live], LiveMigrate, (Keep, Policy)),
            (&[No], Keep, (Keep, SessionDefault)),
        ] {
            assert_eq!(
                unanswered(&moved(listed), default, Temporary),
                Some(expected),
                "{listed:?}"
            );
        }
    }

    #[test]
    fn what_must_not_be_migrated_cannot_leave_a_host_that_goes() {
        for listed in [&[MigrationType::None][..], &[MigrationType::None, MigrationType::Live]] {
            assert_eq!(unanswered(&moved(listed), LiveMigrate, Retirement), None);
        }
    }
}
