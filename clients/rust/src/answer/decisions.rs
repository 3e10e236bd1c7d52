//! Decisions for all servers of a question, of which an owner named some.

use std::collections::{BTreeMap, HashMap};

use fermata_proto::v1::{Accept, Action, AffectedServer, Decision, DecisionSource, Notification};

/// How many decisions a reply may have.
const MOST: usize = 10_000;

/// Accepts with these decisions, and with what was decided before, or the default, for all other servers: one that stayed
/// undecided would keep the session waiting, so that has to be wanted.
pub(super) fn completed(asked: &Notification, given: &BTreeMap<String, Action>) -> Accept {
    let mut decided = given.clone();
    for server in &asked.servers {
        decided.entry(server.server_id.clone()).or_insert_with(|| kept_or_default(server));
    }
    let has_undecided = given.values().any(|action| *action == Action::Unspecified);
    decided.retain(|_, action| *action != Action::Unspecified);
    let mut rest = Action::Unspecified;
    // An action for all would decide for those that shall stay undecided, too.
    if !has_undecided {
        if asked.servers.is_empty() {
            // They could not be listed.
            rest = asked.default_action();
        }
        if decided.len() > MOST {
            // What most servers get need not be said of each of them.
            rest = most_frequent(&decided);
            decided.retain(|_, action| *action != rest);
        }
    }
    let decisions = decided
        .into_iter()
        .map(|(server_id, action)| Decision { server_id, action: action.into() })
        .collect();
    Accept { action: rest.into(), decisions }
}

/// What happens to a server without a reply: its default action, else the first one that it allows.
#[must_use]
pub fn default_action(server: &AffectedServer) -> Action {
    let default = server.default_action();
    if default != Action::Unspecified {
        return default;
    }
    server.allowed_actions().next().unwrap_or(Action::Unspecified)
}

/// What was decided before stands: a question about one server does not change the decision about another.
fn kept_or_default(server: &AffectedServer) -> Action {
    let decision = server.decision();
    let by_owner = server.decision_source() == DecisionSource::Owner;
    if by_owner && server.allowed_actions().any(|allowed| allowed == decision) {
        return decision;
    }
    default_action(server)
}

fn most_frequent(decided: &BTreeMap<String, Action>) -> Action {
    let mut counts: HashMap<Action, usize> = HashMap::new();
    for action in decided.values() {
        *counts.entry(*action).or_default() += 1;
    }
    // Of actions that are as frequent always the same one, so that a reply that is made again is the same.
    let most = counts.into_iter().max_by_key(|(action, count)| (*count, i32::from(*action)));
    most.map_or(Action::Unspecified, |(action, _)| action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(id: &str, default: Action, allowed: &[Action]) -> AffectedServer {
        AffectedServer {
            server_id: id.to_owned(),
            default_action: default.into(),
            allowed_actions: allowed.iter().map(|action| (*action).into()).collect(),
            ..Default::default()
        }
    }

    fn decided(accept: &Accept) -> Vec<(&str, Action)> {
        accept.decisions.iter().map(|d| (d.server_id.as_str(), d.action())).collect()
    }

    fn asked() -> Notification {
        let mut kept = server("kept", Action::Migrate, &[Action::Migrate, Action::Keep]);
        kept.decision = Action::Keep.into();
        kept.decision_source = DecisionSource::Owner.into();
        let mut by_policy = kept.clone();
        by_policy.server_id = "policy".to_owned();
        by_policy.decision_source = DecisionSource::Policy.into();
        let first = server("first", Action::Unspecified, &[Action::LiveMigrate, Action::Migrate]);
        let none = server("none", Action::Unspecified, &[]);
        Notification { servers: vec![first, kept, none, by_policy], ..Default::default() }
    }

    #[test]
    fn a_server_keeps_its_decision_else_its_default_else_the_first_that_it_allows() {
        let accept = completed(&asked(), &BTreeMap::new());
        let expected =
            [("first", Action::LiveMigrate), ("kept", Action::Keep), ("policy", Action::Migrate)];
        assert_eq!(decided(&accept), expected);
        assert_eq!(accept.action(), Action::Unspecified);
    }

    #[test]
    fn what_is_given_counts_and_undecided_stays_so() {
        let given = [("first", Action::Migrate), ("kept", Action::Unspecified)];
        let given = given.map(|(id, action)| (id.to_owned(), action)).into();
        let accept = completed(&asked(), &given);
        assert_eq!(decided(&accept), [("first", Action::Migrate), ("policy", Action::Migrate)]);
        assert_eq!(accept.action(), Action::Unspecified);
    }

    #[test]
    fn servers_that_are_not_known_get_the_default_of_the_question() {
        let asked = Notification { default_action: Action::Migrate.into(), ..Default::default() };
        assert_eq!(completed(&asked, &BTreeMap::new()).action(), Action::Migrate);
        let given = BTreeMap::from([("a".to_owned(), Action::Unspecified)]);
        assert_eq!(completed(&asked, &given).action(), Action::Unspecified);
    }

    #[test]
    fn too_many_decisions_become_one_for_all() {
        let action = |n: usize| if n == 0 { Action::Keep } else { Action::Migrate };
        let servers = (0..=MOST).map(|n| server(&n.to_string(), action(n), &[action(n)])).collect();
        let accept = completed(&Notification { servers, ..Default::default() }, &BTreeMap::new());
        assert_eq!(accept.action(), Action::Migrate);
        assert_eq!(decided(&accept), [("0", Action::Keep)]);
    }
}
