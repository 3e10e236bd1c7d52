//! Every view on a terminal of 80 columns, with ids, names and states as long as they come.

use fermata_client::v1::*;
use prost_types::{Duration, Timestamp};
use time::OffsetDateTime;
use time::macros::datetime;

use super::plan::Shown;
use super::projects::ProjectNames;
use super::{answers, audit, conflict, host, owner, owner_event, plan, policy, policy_import};
use super::{report, session};
use crate::commands::vnfd::Ignored;
use crate::output::table::tests::COLUMNS;
use crate::output::time::to_proto;

const NOW: OffsetDateTime = datetime!(2026-11-23 14:02:00 UTC);
const ID: &str = "01a20804-4445-7666-87d5-30a16d420f95";
const SERVER: &str = "0f6d2a1e-5b7c-4a57-9d0e-0c6b1f2a7e11";
const PROJECT: &str = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202";
const HOST: &str = "compute-0017.rack-4.site";
const NAME: &str = "control-plane-17";
const WORDS: &str = "its owners are asked, and have not answered yet; somebody should look into it";

/// On another day, which takes the most room.
fn at() -> Option<Timestamp> {
    Some(to_proto(datetime!(2026-11-24 15:40:00 UTC)))
}

fn names() -> ProjectNames {
    let mut names = ProjectNames::default();
    names.learn(PROJECT.to_owned(), "core-network".to_owned());
    names
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).into()
}

/// Each has its words whole, as far as their columns are there, and is as wide as the terminal at most.
#[track_caller]
fn fits(view: &str, text: &str, whole: &[&str]) {
    let text = anstream::adapter::strip_str(text).to_string();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{view}: {line:?}\n{text}");
    }
    for word in whole {
        assert!(text.contains(word), "{view}: {word} is not in\n{text}");
    }
    // What begins as one of them is one of them.
    for known in [ID, SERVER, PROJECT, HOST, NAME] {
        let begun = text.matches(&known[..8]).count();
        assert_eq!(begun, text.matches(known).count(), "{view}: {known} is broken in\n{text}");
    }
}

fn a_session() -> Session {
    let waits = vec![Wait {
        party: WaitParty::Owner.into(),
        kind: WaitKind::DrainReply.into(),
        project_id: PROJECT.to_owned(),
        host: HOST.to_owned(),
        description: WORDS.to_owned(),
        deadline_time: at(),
        ended_by: texts(["fermata.v1.NotificationService/Reply"]),
    }];
    let status = SessionStatus {
        state: SessionState::Cancelling.into(),
        waits,
        progress: Some(Progress { hosts_total: 117, servers_total: 1_117, ..Default::default() }),
        expected_end_time: at(),
        plan_notes: texts([WORDS]),
        ..Default::default()
    };
    let hosts = HostSelection { names: texts([HOST, HOST, HOST, HOST]), ..Default::default() };
    let window = MaintenanceWindow { start_time: at(), end_time: at() };
    let spec = SessionSpec {
        reason: WORDS.to_owned(),
        hosts: Some(hosts),
        window: Some(window),
        ..Default::default()
    };
    Session {
        id: ID.to_owned(),
        spec: Some(spec),
        status: Some(status),
        create_time: at(),
        ..Default::default()
    }
}

fn a_host() -> SessionHost {
    SessionHost {
        host: HOST.to_owned(),
        state: SessionHostState::MaintenanceFailed.into(),
        servers_total: 1_117,
        wave: 117,
        end_time: at(),
        deadline_time: at(),
        expected_start_time: at(),
        state_reason: format!("session {ID} waits: {WORDS}"),
        intruder_server_ids: texts([SERVER, ID]),
        ..Default::default()
    }
}

fn a_server() -> SessionServer {
    SessionServer {
        server_id: SERVER.to_owned(),
        project_id: PROJECT.to_owned(),
        state: ServerState::HandedOver.into(),
        action: Action::LiveMigrate.into(),
        decision_source: DecisionSource::SessionDefault.into(),
        action_start_time: at(),
        action_end_time: at(),
        destination_host: HOST.to_owned(),
        ..Default::default()
    }
}

fn asked() -> SessionNotification {
    SessionNotification {
        notification_id: ID.to_owned(),
        project_id: PROJECT.to_owned(),
        kind: NotificationKind::Drain.into(),
        host: HOST.to_owned(),
        state: NotificationState::CounterOffered.into(),
        comment: WORDS.to_owned(),
        create_time: at(),
        reply_time: at(),
        reply_deadline_time: at(),
        ..Default::default()
    }
}

#[test]
fn item_15_sessions_fit_into_80_columns() {
    COLUMNS.set(Some(80));
    let (one, hosts) = (a_session(), [a_host()]);
    let whole = session::session(&one, &hosts, &[asked()], NOW);
    fits("session get", &whole, &[ID, HOST, PROJECT, "MAINTENANCE_FAILED"]);
    let all = ListSessionsResponse { sessions: vec![one.clone()], ..Default::default() };
    fits("session list", &session::list(&all, NOW).to_string(), &[ID, "CANCELLING"]);
    let servers = report::servers(&[a_server()], NOW).naming(&names()).to_string();
    fits("session servers", &servers, &[SERVER, "HANDED_OVER", "LIVE_MIGRATE"]);
    let short = SessionServer { name: NAME.to_owned(), ..a_server() };
    let servers = report::servers(&[short], NOW).naming(&names()).to_string();
    fits("session servers", &servers, &[NAME, "HANDED_OVER", "LIVE_MIGRATE", HOST]);
    let owners = answers::answers(&[asked()], NOW).naming(&names()).to_string();
    fits("session owners", &owners, &[PROJECT, "offers", "something", "else"]);
    let of_host =
        HostReport { host: Some(a_host()), servers: vec![a_server()], ..Default::default() };
    fits(
        "session report",
        &report::servers(&of_host.servers, NOW).naming(&names()).to_string(),
        &[SERVER],
    );
}

#[test]
fn item_15_hosts_fit_into_80_columns() {
    COLUMNS.set(Some(80));
    let one = Host {
        name: HOST.to_owned(),
        state: HostState::GoingToMaintenance.into(),
        zone: "availability-zone-117".to_owned(),
        aggregates: texts(["fast-ports-of-the-south", "nvme-of-the-south"]),
        session_id: ID.to_owned(),
        session_state_reason: WORDS.to_owned(),
        ..Default::default()
    };
    let all = ListHostsResponse { hosts: vec![one.clone()], ..Default::default() };
    fits("host list", &host::list(&all, NOW).to_string(), &[HOST, "GOING_TO_MAINTENANCE"]);
    let server = HostServer {
        server_id: SERVER.to_owned(),
        name: NAME.to_owned(),
        project_id: PROJECT.to_owned(),
        status: "VERIFY_RESIZE".to_owned(),
        task: "resize_migrating".to_owned(),
        ..Default::default()
    };
    let servers = host::servers(std::slice::from_ref(&server)).naming(&names()).to_string();
    fits("host servers", &servers, &[NAME, "VERIFY_RESIZE"]);
    let whole = host::host(&one, &[server], &names(), NOW);
    fits("host get", &whole, &[HOST, ID, "GOING_TO_MAINTENANCE"]);
}

#[test]
fn item_15_what_owners_see_fits_into_80_columns() {
    COLUMNS.set(Some(80));
    let server = AffectedServer {
        server_id: SERVER.to_owned(),
        name: NAME.to_owned(),
        host_id: "5f6c1c52a0f44d0c".to_owned(),
        impact: Impact::Move.into(),
        allowed_actions: [Action::LiveMigrate, Action::Migrate, Action::OwnAction]
            .map(Into::into)
            .into(),
        default_action: Action::LiveMigrate.into(),
        default_action_source: DecisionSource::Policy.into(),
        state: ServerState::HandedOver.into(),
        expected_start_time: at(),
        agreed_not_before_time: at(),
        agreed_after_server_ids: texts([ID]),
        status_note: WORDS.to_owned(),
        ..Default::default()
    };
    let servers = owner::servers(std::slice::from_ref(&server), NOW);
    fits("affected servers", &servers, &[NAME, "HANDED_OVER"]);
    let one = Notification {
        id: ID.to_owned(),
        session_id: ID.to_owned(),
        project_id: PROJECT.to_owned(),
        kind: NotificationKind::Planned.into(),
        state: NotificationState::CounterOffered.into(),
        reason: WORDS.to_owned(),
        servers: vec![server.clone()],
        reply_deadline_time: at(),
        ..Default::default()
    };
    let shown = owner::notification(&one, &names(), NOW);
    fits("owner get", &shown, &[ID, PROJECT, "COUNTER_OFFERED", NAME]);
    let snapshot = OwnerSnapshot {
        servers: vec![server],
        notifications: vec![one.clone()],
        ..Default::default()
    };
    fits("owner watch", &owner_event::snapshot(&snapshot, &names(), NOW), &[ID, NAME]);
    let all = ListNotificationsResponse { notifications: vec![one], ..Default::default() };
    fits("owner list", &owner::list(&all, NOW).to_string(), &[ID, "COUNTER_OFFERED"]);
    let made = Subscription {
        id: "manager-of-the-packet-core".to_owned(),
        project_id: PROJECT.to_owned(),
        display_name: "the manager of the packet core".to_owned(),
        last_connect_time: at(),
        acknowledge_time: at(),
        create_time: at(),
        acknowledged_sequence: 1_117_117,
        latest_sequence: 1_117_117,
        ..Default::default()
    };
    fits("owner subscribe", &owner::subscription(&made, &names(), NOW), &[PROJECT]);
    let all = ListSubscriptionsResponse { subscriptions: vec![made], ..Default::default() };
    let listed = owner::subscriptions(&all, NOW).naming(&names()).to_string();
    fits("owner subscriptions", &listed, &["manager-of-the-packet-core"]);
}

#[test]
fn item_15_policies_fit_into_80_columns() {
    COLUMNS.set(Some(80));
    let says = Policy {
        controlled_temporary: Action::LiveMigrate.into(),
        controlled_permanent: Action::LiveMigrate.into(),
        unexpected_permanent: UnexpectedAction::OwnAction.into(),
        migration_types: [MigrationType::Live, MigrationType::Offline].map(Into::into).into(),
        mitigation_requested: Some(true),
        ..Default::default()
    };
    let stored = ServerPolicy {
        project_id: PROJECT.to_owned(),
        server_id: SERVER.to_owned(),
        policy: Some(says.clone()),
        etag: "e".repeat(20),
        update_time: at(),
    };
    let source = |field: &str, of: PolicySource| PolicyFieldSource {
        field: field.to_owned(),
        source: of.into(),
        group_id: ID.to_owned(),
    };
    let effective = EffectivePolicy {
        policy: Some(says.clone()),
        sources: vec![
            source("controlled_temporary", PolicySource::Group),
            source("mitigation_requested", PolicySource::Server),
        ],
        ..Default::default()
    };
    let found =
        GetServerPolicyResponse { server_policy: Some(stored.clone()), effective: Some(effective) };
    let shown = policy::found(&found, &names(), NOW);
    fits("policy server get", &shown, &[SERVER, PROJECT, ID, "mitigation_requested"]);
    let all = ListServerPoliciesResponse { server_policies: vec![stored], ..Default::default() };
    let listed = policy::servers(&all, NOW).naming(&names()).to_string();
    fits("policy server list", &listed, &[SERVER, "unexpected_permanent=OWN_ACTION"]);
    let group = ServerGroup {
        id: "packet-core-signalling".to_owned(),
        project_id: PROJECT.to_owned(),
        display_name: "the control plane".to_owned(),
        member_ids: texts([SERVER, ID]),
        nova_server_group_id: ID.to_owned(),
        max_impacted: vec![MaxImpacted { group_size: 6, max: 2 }],
        min_size_for_scale_in: Some(117),
        update_time: at(),
        ..Default::default()
    };
    let all = ListServerGroupsResponse { server_groups: vec![group.clone()], ..Default::default() };
    let listed = policy::groups(&all, NOW).naming(&names()).to_string();
    fits("policy group list", &listed, &["packet-core-signalling"]);
    fits("policy group get", &policy::group(&group, &names(), NOW), &[SERVER, ID, PROJECT]);

    let path =
        "topology_template.node_templates.amf.properties.vdu_profile.nfvi_maintenance_info.x";
    let ignored = |is_loss| Ignored { path: path.to_owned(), why: WORDS.to_owned(), is_loss };
    let imported = policy_import::Imported {
        is_stored: true,
        fields: vec![policy_import::Field::new(&group, path.to_owned(), "max_impacted")],
        groups: vec![group],
        ignored: vec![ignored(true), ignored(false)],
    };
    fits("policy import", &policy_import::table(&imported), &["packet-core-signalling"]);
}

#[test]
fn item_15_the_audit_trail_fits_into_80_columns() {
    COLUMNS.set(Some(80));
    let record = |action: AuditAction, kind: AuditResourceKind, principal: &str| AuditRecord {
        sequence: 11_711_711,
        time: at(),
        principal: principal.to_owned(),
        role: "operator".to_owned(),
        action: action.into(),
        resource: Some(AuditResource {
            kind: kind.into(),
            project_id: PROJECT.to_owned(),
            name: SERVER.to_owned(),
        }),
        detail: HOST.to_owned(),
        reason: WORDS.to_owned(),
        ..Default::default()
    };
    let listed = |record: AuditRecord| {
        let all = ListAuditRecordsResponse { records: vec![record], ..Default::default() };
        audit::list(&all, NOW).naming(&names()).to_string()
    };
    let (action, kind) = (AuditAction::RetryHostOverridingOwners, AuditResourceKind::ServerPolicy);
    let long = listed(record(action, kind, ID));
    fits("audit list", &long, &[SERVER, "RETRY_HOST_OVERRIDING_OWNERS"]);
    let short = listed(record(AuditAction::StartSession, AuditResourceKind::Session, "kim"));
    fits("audit list", &short, &[SERVER, "START_SESSION", "operator/kim"]);
}

#[test]
fn item_15_previews_fit_into_80_columns() {
    COLUMNS.set(Some(80));
    let moves = |name: &str| PlanMove {
        server_id: SERVER.to_owned(),
        name: name.to_owned(),
        project_id: PROJECT.to_owned(),
        action: Action::LiveMigrate.into(),
        destination_host: HOST.to_owned(),
        start_time: at(),
        end_time: at(),
    };
    let of_host = PlanHost {
        host: HOST.to_owned(),
        kind: MaintenanceKind::Retirement.into(),
        start_time: at(),
        empty_time: at(),
        end_time: at(),
        moves: vec![moves(""), moves(NAME)],
        stage_count: 3,
        exceeds_drain_timeout: true,
        ..Default::default()
    };
    let of_owner = PlanOwner {
        project_id: PROJECT.to_owned(),
        server_count: 1_117,
        actions: [Action::LiveMigrate, Action::Migrate, Action::Keep]
            .map(|action| PlanActionCount { action: action.into(), server_count: 117 })
            .into(),
        first_impact_time: at(),
        last_impact_time: at(),
        longest_impact: Some(Duration { seconds: 5_000, nanos: 0 }),
    };
    let whole = Plan {
        waves: vec![PlanWave { hosts: vec![of_host], ..Default::default() }],
        owners: vec![of_owner],
        notes: texts([WORDS]),
        start_time: Some(to_proto(NOW)),
        expected_end_time: at(),
        ..Default::default()
    };
    let shown = Shown { every_move: true, no_work: true };
    let shown = plan::plan(&whole, shown, &names(), NOW);
    fits("session preview", &shown, &[HOST, SERVER, NAME, PROJECT, "LIVE_MIGRATE"]);

    let constraint = PlanConstraint {
        kind: PlanConstraintKind::UnavailableHosts.into(),
        description: format!("{WORDS} on {HOST} with {SERVER}"),
        ..Default::default()
    };
    let change = PlanRelaxation {
        description: format!("{WORDS} with {SERVER}"),
        wave_count: 117,
        move_count: 1_117,
        end_time: at(),
        window_overrun: Some(Duration { seconds: 5_000, nanos: 0 }),
        ..Default::default()
    };
    let none = PlanConflict {
        constraints: vec![constraint],
        relaxations: vec![change],
        hosts: texts([HOST]),
        notes: Vec::new(),
        minimal: true,
    };
    fits("no plan", &conflict::conflict(&none, NOW), &[HOST, SERVER, "UNAVAILABLE_HOSTS"]);
}
