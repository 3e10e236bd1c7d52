//! Owners' policies: lead times, silence, and migrations that an owner does not allow.

use std::collections::BTreeSet;

use fermata_core::Duration;
use fermata_core::machine::Reject;
use fermata_core::policy::{Field, GroupPolicy, MigrationType, Policies, ServerPolicy, Source};
use fermata_core::session::{
    DecisionSource, Op, ServerState, SessionHostState, SessionState, WaitParty,
};
use fermata_core::spec::{Action, Kind, OnSilence, ViolationKind};

use crate::world::owners::Words;
use crate::world::story::{Story, accept, story};
use crate::world::{DAWN, World};

/// One server of red on hv-a, and room elsewhere. Red takes part, and says nothing.
fn silent() -> Story {
    let story = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a");
    story.owner("red", Words::Silence)
}

fn lead(minutes: i64) -> ServerPolicy {
    ServerPolicy { lead_time: Some(Duration::minutes(minutes)), ..ServerPolicy::default() }
}

fn moves(migrations: &[MigrationType]) -> ServerPolicy {
    ServerPolicy { migration_types: migrations.to_vec(), ..ServerPolicy::default() }
}

fn cells(temporary: Action, permanent: Action) -> ServerPolicy {
    ServerPolicy {
        controlled_temporary: Some(temporary),
        controlled_permanent: Some(permanent),
        ..ServerPolicy::default()
    }
}

fn decided(w: &World, server: &str) -> (Action, DecisionSource) {
    let decision = w.server("hv-a", server).decision.clone().expect("it is decided");
    (decision.action, decision.source)
}

/// The server is touched once this time has passed since the session began, and soon.
#[track_caller]
fn touched_after(w: &World, op: Op, lead: Duration) {
    let after = w.done_at(op, "s") - DAWN;
    assert!(after >= lead && after < lead + Duration::seconds(5), "after {after}");
}

// --- lead times

#[test]
pub(crate) fn a_server_is_not_touched_before_its_policys_lead_time() {
    let mut w = silent().policy("s", lead(30)).begin();
    let planned = w.session.notifications.values().next().unwrap().clone();
    assert_eq!(planned.actions_start_time, DAWN + Duration::minutes(30), "the owner is told so");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    touched_after(&w, Op::LiveMigrate, Duration::minutes(30));
}

#[test]
pub(crate) fn the_longer_lead_time_counts() {
    let mut w =
        silent().policy("s", lead(5)).spec(|d| d.lead_time = Some(Duration::minutes(20))).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    touched_after(&w, Op::LiveMigrate, Duration::minutes(20));
}

#[test]
pub(crate) fn an_early_reply_does_not_shorten_the_lead_time() {
    let story = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a");
    let mut w = story.owner("red", Words::All(Action::Migrate)).policy("s", lead(30)).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    touched_after(&w, Op::Migrate, Duration::minutes(30));
}

#[test]
pub(crate) fn a_host_serves_until_the_lead_time_is_nearly_over() {
    let mut w = silent()
        .policy("s", lead(120))
        .spec(|d| d.drain_timeout = Some(Duration::minutes(30)))
        .begin();
    w.until_session(SessionState::Running);
    assert_eq!(w.host("hv-a").state, SessionHostState::Waiting);
    assert!(w.waits_for(&WaitParty::Clock), "{:?}", w.session.waits());
    w.until_host("hv-a", SessionHostState::Draining);
    assert_eq!(w.now, DAWN + Duration::minutes(119), "in time for the last question");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    touched_after(&w, Op::LiveMigrate, Duration::hours(2));
}

#[test]
pub(crate) fn a_window_too_short_for_policies_is_refused_with_every_violation() {
    let refused = silent()
        .server("t", "blue", "hv-a")
        .server("u", "blue", "hv-a")
        .policy("s", lead(8 * 60))
        .policy("t", lead(24 * 60))
        .policy("u", lead(7 * 60))
        .try_begin();
    let Err(Reject::Violations(violations)) = refused.map(|w| w.session) else {
        panic!("it was created")
    };
    let named: Vec<_> = violations.iter().map(|f| (f.field.as_str(), f.sort.clone())).collect();
    assert_eq!(named, vec![("spec.window.end_time", ViolationKind::Window); 2]);
    assert!(
        violations[0].message.contains("'s'") && violations[0].message.contains("8h"),
        "{violations:?}"
    );
    assert!(
        violations[1].message.contains("'t'") && violations[1].message.contains("1d"),
        "{violations:?}"
    );
}

#[test]
pub(crate) fn a_window_that_begins_later_leaves_time_for_policies() {
    let mut w = silent()
        .policy("s", lead(9 * 60))
        .spec(|d| {
            d.window_start = Some(DAWN + Duration::hours(8));
            d.window_end = Some(DAWN + Duration::hours(10));
        })
        .begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    touched_after(&w, Op::LiveMigrate, Duration::hours(9));
}

#[test]
pub(crate) fn the_end_of_the_window_does_not_move_before_a_lead_time() {
    let mut w = silent().policy("s", lead(60)).begin();
    let refused = w.update(&["window"], |d| d.window_end = Some(DAWN + Duration::minutes(50)));
    assert!(matches!(refused, Err(Reject::Violations(_))), "{refused:?}");
    w.update(&["window"], |d| d.window_end = Some(DAWN + Duration::minutes(90))).unwrap();
}

#[test]
pub(crate) fn a_server_that_comes_later_has_its_own_lead_time() {
    let mut w = silent().begin();
    w.policies = Policies::new([("red".into(), "late".into(), lead(10))], []);
    w.checks.trust(w.policies.clone());
    w.cloud.add_server("late", "red", "hv-a");
    w.until("its owner is told", |w| {
        w.session.servers.values().any(|s| s.name.contains("late") && s.told_at.is_some())
    });
    let told = w.server("hv-a", "late").told_at.unwrap();
    assert!(told > DAWN);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.done_at(Op::LiveMigrate, "late"), told + Duration::minutes(10));
}

// --- silence

#[test]
pub(crate) fn silence_means_what_the_policy_says_for_the_kind_of_host() {
    let policy = cells(Action::Keep, Action::Migrate);
    let mut w = silent().policy("s", policy.clone()).begin();
    let notification = w.until_asked("red", "hv-a");
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Keep, DecisionSource::Policy));
    assert_eq!(
        w.done_at(Op::Stop, "s"),
        notification.reply_deadline_time,
        "its owner's reply was awaited"
    );

    let mut w = silent().policy("s", policy).spec(|d| d.kind = Kind::Retirement).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Policy));
}

#[test]
pub(crate) fn a_reply_counts_before_a_policy() {
    let mut w = silent().policy("s", cells(Action::Keep, Action::Migrate)).begin();
    let notification = w.until_asked("red", "hv-a");
    w.reply(
        &"red".into(),
        notification.id,
        notification.plan_revision,
        accept(Action::Migrate),
        "",
    )
    .unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Owner));
}

#[test]
pub(crate) fn who_does_not_take_part_follows_its_policies_and_others_hold() {
    let stored = cells(Action::Migrate, Action::Migrate);
    let mut w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .server("t", "blue", "hv-a")
        .policy("s", stored.clone())
        .policy("t", stored)
        .owner("blue", Words::Silence)
        .spec(|d| d.on_silence = OnSilence::Hold)
        .begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Policy));
    assert_eq!(w.server("hv-a", "t").decision, None, "HOLD is for who takes part");
}

#[test]
pub(crate) fn own_action_by_policy_waits_for_the_owner() {
    let mut w = silent().policy("s", cells(Action::OwnAction, Action::OwnAction)).begin();
    w.until("its owner acts", |w| w.server("hv-a", "s").state == ServerState::OwnAction);
    assert_eq!(decided(&w, "s"), (Action::OwnAction, DecisionSource::Policy));
    assert!(w.waits_for(&WaitParty::Owner("red".into())));
}

#[test]
pub(crate) fn the_operator_overrides_in_the_way_that_the_owner_would_mind_least() {
    let mut w = silent()
        .policy("s", moves(&[MigrationType::Offline]))
        .spec(|d| d.on_silence = OnSilence::Hold)
        .begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    w.override_owners("hv-a", "the disk is failing").unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Operator));
}

#[test]
pub(crate) fn a_policy_that_changes_counts_once_its_owner_is_told() {
    let mut w = silent().policy("s", cells(Action::Keep, Action::Migrate)).begin();
    let told = |w: &World| w.server("hv-a", "s").policy.policy.controlled_temporary;
    assert_eq!(told(&w), Some(Action::Keep));
    w.policies =
        Policies::new([("red".into(), "s".into(), cells(Action::Migrate, Action::Migrate))], []);
    w.checks.trust(w.policies.clone());
    assert_eq!(told(&w), Some(Action::Keep));
    w.until_asked("red", "hv-a");
    assert_eq!(told(&w), Some(Action::Migrate));
    w.policies = Policies::default();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Policy), "as it was told");
}

#[test]
pub(crate) fn members_of_a_group_have_its_member_policy() {
    let group = GroupPolicy {
        members: BTreeSet::from(["s".into()]),
        member_policy: cells(Action::Keep, Action::Migrate),
        ..GroupPolicy::new("g".into(), "red".into())
    };
    let mut w = silent().server("t", "red", "hv-a").group(group).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Keep, DecisionSource::Policy));
    assert_eq!(decided(&w, "t"), (Action::LiveMigrate, DecisionSource::SessionDefault));
    let sources = w.server("hv-a", "s").policy.sources.clone();
    assert!(sources.values().all(|s| *s == Source::Group("g".into())));
}

// --- metadata

#[test]
pub(crate) fn metadata_decide_at_silence_as_a_stored_policy_would() {
    let mut w = silent()
        .metadata("s", "fermata:controlled_temporary", "keep")
        .metadata("s", "fermata:lead_time", "30m")
        .metadata("s", "fermata:migration_types", "teleport")
        .metadata("s", "role", "amf")
        .begin();
    let told = w.server("hv-a", "s").clone();
    assert!(told.metadata.keys().all(|key| key.starts_with("fermata:")), "{:?}", told.metadata);
    assert!(told.policy.sources.values().all(|s| *s == Source::Metadata));
    let bad: Vec<_> = told.policy.invalid_values.iter().map(|b| b.key.as_str()).collect();
    assert_eq!(bad, ["fermata:migration_types"]);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Keep, DecisionSource::Policy));
    touched_after(&w, Op::Stop, Duration::minutes(30));
}

#[test]
pub(crate) fn a_stored_policy_wins_over_metadata_field_by_field() {
    let mut w = silent()
        .policy("s", cells(Action::Migrate, Action::Migrate))
        .metadata("s", "fermata:controlled_temporary", "keep")
        .metadata("s", "fermata:lead_time", "30m")
        .begin();
    let sources = w.server("hv-a", "s").policy.sources.clone();
    assert_eq!(sources[&Field::ControlledTemporary], Source::Server);
    assert_eq!(sources[&Field::LeadTime], Source::Metadata);
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Policy));
    touched_after(&w, Op::Migrate, Duration::minutes(30));
}

#[test]
pub(crate) fn metadata_that_change_count_for_the_next_question() {
    let mut w = silent().metadata("s", "fermata:controlled_temporary", "keep").begin();
    let server = w.cloud.servers.get_mut(&"s".into()).unwrap();
    server.metadata.insert("fermata:controlled_temporary".to_owned(), "migrate".to_owned());
    w.until_asked("red", "hv-a");
    let told = w.server("hv-a", "s").policy.policy.controlled_temporary;
    assert_eq!(told, Some(Action::Migrate));
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Policy));
}

// --- migrations

#[test]
pub(crate) fn a_default_action_that_the_owner_does_not_allow_becomes_its_first_choice() {
    let mut w = silent().policy("s", moves(&[MigrationType::Offline])).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Migrate, DecisionSource::Policy));
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
}

#[test]
pub(crate) fn what_must_not_be_migrated_is_kept_where_the_host_comes_back() {
    let mut w = silent().policy("s", moves(&[MigrationType::None])).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::Keep, DecisionSource::Policy));
    w.finish();
    assert_eq!(w.server("hv-a", "s").state, ServerState::Restored);
}

#[test]
pub(crate) fn what_must_not_be_migrated_holds_a_host_that_leaves() {
    let mut w = silent()
        .policy("s", moves(&[MigrationType::None]))
        .spec(|d| d.kind = Kind::Retirement)
        .begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    assert!(w.host("hv-a").hold.as_ref().unwrap().reason.text().contains("policy"));
    assert!(w.waits_for(&WaitParty::Operator));
    w.pass(Duration::minutes(20));
    assert_eq!(w.server("hv-a", "s").decision, None);
    assert!(w.calls_of(Op::LiveMigrate, "s").is_empty());
    w.override_owners("hv-a", "its owner was called and agrees").unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(decided(&w, "s"), (Action::LiveMigrate, DecisionSource::Operator));
}
