//! The bounds of all requests: for every message that a request can hold, every field. A field without a row does not
//! compile; a test compares the rows with the contract. The comments of the contract say the same numbers.

use fermata_core::limits::{
    MAX_AWAITED, MAX_CHOSEN_ID, MAX_CLOUD_NAME, MAX_HEARTBEAT, MAX_HOSTS, MAX_KEY, MAX_MEMBERS,
    MAX_METADATA, MAX_MIGRATIONS, MAX_PLACES, MAX_SERVERS, MAX_SIZES, MAX_SPAN, MAX_TEXT,
    MAX_TITLE,
};
use fermata_proto::v1;

use super::rule::{
    Any, At, Bound, Bounded, Bytes, Found, Inside, Line, List, Map, Moment, Project, Prose,
    RequestId, Rule, Shown, Span, known,
};

/// The bounds of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name in the contract, without the package.
    pub name: &'static str,
    /// Its fields, each with its bound.
    pub fields: Vec<(&'static str, Bound)>,
}

macro_rules! bounds {
    ($(
        $message:ident {
            $( $field:ident : $bound:expr, )*
            $( [oneof $name:ident : $module:ident :: $oneof:ident {
                $( $variant:ident => $case:ident : $case_bound:expr, )+
            }] )?
        }
    )+) => {
        /// The whole table.
        pub fn table() -> Vec<Message> {
            vec![ $( Message {
                name: stringify!($message),
                fields: vec![
                    $( (stringify!($field), $bound.bound()), )*
                    $( $( (stringify!($case), $case_bound.bound()), )+ )?
                ],
            }, )+ ]
        }

        $(
            impl Bounded for v1::$message {
                fn check(&self, at: At<'_>, found: &mut Found) {
                    let Self { $( $field, )* $( $name, )? } = self;
                    // A message without fields uses neither.
                    let _ = (&at, &found);
                    $( $bound.check($field, At::Field(&at, stringify!($field)), found); )*
                    $( match $name {
                        None => {}
                        $( Some(v1::$module::$oneof::$variant(value)) => {
                            $case_bound.check(value, At::Field(&at, stringify!($case)), found);
                        } )+
                    } )?
                }
            }
        )+
    };
}

/// An id that Fermata gave: a UUID, and anything that is none names nothing.
const ID: Line = Line(64);
/// A name or id of the cloud.
const CLOUD_NAME: Line = Line(MAX_CLOUD_NAME);
const PROJECT: Project = Project(MAX_CLOUD_NAME);
const ETAG: Line = Line(64);
const REQUEST_ID: RequestId = RequestId(128);
const ORDER: Line = Line(64);
const PAGE_TOKEN: Line = Line(8192);
const RESUME_TOKEN: Bytes = Bytes(256);
const REASON: Prose = Prose(MAX_TEXT);
const TITLE: Line = Line(MAX_TITLE);
const CHOSEN_ID: Line = Line(MAX_CHOSEN_ID);
const SPAN: Span = Span(MAX_SPAN);
const HEARTBEAT: Span = Span(MAX_HEARTBEAT);
/// States to filter by: more than there are, twice over.
const STATES: usize = 16;
/// Actions of the audit trail to filter by: more than there are, twice over.
const ACTIONS: usize = 64;
/// Projects to ask for by id or name.
const MAX_PROJECTS: usize = 500;
/// Paths of a field mask: more than a spec has fields and keys of metadata; as long as `metadata.KEY` with a key in backticks.
const PATHS: List<Line> = List(128, Line(300));

bounds! {
    // --- SessionService
    CreateSessionRequest {
        spec: Inside,
        request_id: REQUEST_ID,
    }
    PreviewSessionRequest {
        spec: Inside,
        options: Inside,
    }
    GetSessionRequest {
        session_id: ID,
        view: known::<v1::SessionView>(),
    }
    ListSessionsRequest {
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
        order_by: ORDER,
        view: known::<v1::SessionView>(),
    }
    UpdateSessionRequest {
        session_id: ID,
        spec: Inside,
        update_mask: PATHS,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    DeleteSessionRequest {
        session_id: ID,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    StartSessionRequest {
        session_id: ID,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    PauseSessionRequest {
        session_id: ID,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    ResumeSessionRequest {
        session_id: ID,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    CancelSessionRequest {
        session_id: ID,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    CompleteHostRequest {
        session_id: ID,
        host: CLOUD_NAME,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    FailHostRequest {
        session_id: ID,
        host: CLOUD_NAME,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    SkipHostRequest {
        session_id: ID,
        host: CLOUD_NAME,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    RetryHostRequest {
        session_id: ID,
        host: CLOUD_NAME,
        reason: REASON,
        etag: ETAG,
        request_id: REQUEST_ID,
        override_owners: Any,
    }
    ListSessionHostsRequest {
        session_id: ID,
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
        order_by: ORDER,
    }
    ListSessionServersRequest {
        session_id: ID,
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
    }
    ListSessionNotificationsRequest {
        session_id: ID,
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
    }
    GetSessionReportRequest {
        session_id: ID,
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    WatchSessionRequest {
        session_id: ID,
        start: Inside,
        heartbeat_interval: HEARTBEAT,
        view: known::<v1::SessionView>(),
    }

    // --- what they hold
    SessionSpec {
        hosts: Inside,
        window: Inside,
        kind: known::<v1::MaintenanceKind>(),
        host_overrides: List(MAX_HOSTS, Inside),
        reason: REASON,
        metadata: Map(MAX_METADATA, Line(MAX_KEY), Prose(MAX_TEXT)),
        announce_reply_period: SPAN,
        drain_reply_period: SPAN,
        lead_time: SPAN,
        on_silence: known::<v1::OnSilence>(),
        on_objection: known::<v1::OnObjection>(),
        default_action: known::<v1::Action>(),
        on_failure: known::<v1::OnFailure>(),
        start_mode: known::<v1::StartMode>(),
        max_parallel_hosts: Any,
        max_parallel_actions: Any,
        drain_timeout: SPAN,
        work_timeout: SPAN,
        action_timeout: SPAN,
        action_attempts: Any,
    }
    HostSelection {
        names: List(MAX_HOSTS, CLOUD_NAME),
        aggregates: List(MAX_PLACES, CLOUD_NAME),
        zones: List(MAX_PLACES, CLOUD_NAME),
        all: Any,
    }
    MaintenanceWindow {
        start_time: Moment,
        end_time: Moment,
    }
    HostOverride {
        host: CLOUD_NAME,
        kind: known::<v1::MaintenanceKind>(),
    }
    PlanOptions {
        max_stages: Any,
        second_moves: Any,
        seed: Any,
    }
    SessionFilter {
        states: List(STATES, known::<v1::SessionState>()),
        host: CLOUD_NAME,
        ends_after_time: Moment,
    }
    SessionHostFilter {
        states: List(STATES, known::<v1::SessionHostState>()),
    }
    SessionServerFilter {
        host: CLOUD_NAME,
        project_id: PROJECT,
        states: List(STATES, known::<v1::ServerState>()),
    }
    SessionNotificationFilter {
        project_id: PROJECT,
        states: List(STATES, known::<v1::NotificationState>()),
    }
    StreamStart {
        [oneof start: stream_start::Start {
            Point => point: known::<v1::StreamPoint>(),
            ResumeToken => resume_token: RESUME_TOKEN,
        }]
    }

    // --- HostService
    GetHostRequest {
        host: CLOUD_NAME,
    }
    ListHostServersRequest {
        host: CLOUD_NAME,
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    ListHostsRequest {
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
        order_by: ORDER,
    }
    HostFilter {
        states: List(STATES, known::<v1::HostState>()),
        zone: CLOUD_NAME,
        aggregate: CLOUD_NAME,
        name_contains: CLOUD_NAME,
        hypervisor_version: CLOUD_NAME,
    }
    RequestHostMaintenanceRequest {
        host: CLOUD_NAME,
        reason: REASON,
        timeout: SPAN,
        kind: known::<v1::MaintenanceKind>(),
        end_time: Moment,
        request_id: REQUEST_ID,
        reply_period: SPAN,
    }
    ReleaseHostRequest {
        host: CLOUD_NAME,
        reason: REASON,
        request_id: REQUEST_ID,
    }
    SetHostSchedulingRequest {
        host: CLOUD_NAME,
        scheduling: known::<v1::HostScheduling>(),
        reason: REASON,
        override_others: Any,
        request_id: REQUEST_ID,
    }
    WatchHostsRequest {
        start: Inside,
        heartbeat_interval: HEARTBEAT,
    }

    // --- NotificationService
    SubscribeRequest {
        project_id: PROJECT,
        filter: Inside,
        start: Inside,
        heartbeat_interval: HEARTBEAT,
        subscription_id: CHOSEN_ID,
    }
    SubscriptionFilter {
        session_id: ID,
    }
    GetNotificationRequest {
        project_id: PROJECT,
        notification_id: ID,
    }
    ListNotificationsRequest {
        project_id: PROJECT,
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
    }
    NotificationFilter {
        session_id: ID,
        states: List(STATES, known::<v1::NotificationState>()),
    }
    ListNotificationServersRequest {
        project_id: PROJECT,
        notification_id: ID,
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    ReplyRequest {
        project_id: PROJECT,
        notification_id: ID,
        plan_revision: Any,
        comment: REASON,
        request_id: REQUEST_ID,
        [oneof answer: reply_request::Answer {
            Accept => accept: Inside,
            Reject => reject: Inside,
            OwnActionDone => own_action_done: Inside,
            CounterOffer => counter_offer: Inside,
        }]
    }
    Accept {
        action: known::<v1::Action>(),
        decisions: List(MAX_SERVERS, Inside),
    }
    Decision {
        server_id: CLOUD_NAME,
        action: known::<v1::Action>(),
    }
    Reject {
        reason: REASON,
    }
    OwnActionDone {
        server_ids: List(MAX_SERVERS, CLOUD_NAME),
    }
    CounterOffer {
        server_ids: List(MAX_SERVERS, CLOUD_NAME),
        not_before_time: Moment,
        after_server_ids: List(MAX_AWAITED, CLOUD_NAME),
    }
    PutSubscriptionRequest {
        subscription: Inside,
        mode: known::<v1::PutMode>(),
        request_id: REQUEST_ID,
    }
    Subscription {
        project_id: PROJECT,
        id: CHOSEN_ID,
        display_name: TITLE,
        filter: Inside,
        acknowledged_sequence: Any,
        latest_sequence: Any,
        acknowledge_time: Moment,
        connected: Any,
        last_connect_time: Moment,
        create_time: Moment,
        update_time: Moment,
        etag: ETAG,
        [oneof delivery: subscription::Delivery {
            Stream => stream: Inside,
        }]
    }
    StreamDelivery {
    }
    GetSubscriptionRequest {
        project_id: PROJECT,
        subscription_id: CHOSEN_ID,
    }
    ListSubscriptionsRequest {
        project_id: PROJECT,
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    DeleteSubscriptionRequest {
        project_id: PROJECT,
        subscription_id: CHOSEN_ID,
        must_exist: Any,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    AcknowledgePositionRequest {
        project_id: PROJECT,
        subscription_id: CHOSEN_ID,
        sequence: Any,
        request_id: REQUEST_ID,
    }

    // --- PolicyService
    GetServerPolicyRequest {
        project_id: PROJECT,
        server_id: CLOUD_NAME,
    }
    ListServerPoliciesRequest {
        project_id: PROJECT,
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    PutServerPolicyRequest {
        server_policy: Inside,
        request_id: REQUEST_ID,
        mode: known::<v1::PutMode>(),
    }
    DeleteServerPolicyRequest {
        project_id: PROJECT,
        server_id: CLOUD_NAME,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    GetServerGroupRequest {
        project_id: PROJECT,
        server_group_id: CHOSEN_ID,
    }
    ListServerGroupsRequest {
        project_id: PROJECT,
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    PutServerGroupRequest {
        server_group: Inside,
        request_id: REQUEST_ID,
        mode: known::<v1::PutMode>(),
    }
    DeleteServerGroupRequest {
        project_id: PROJECT,
        server_group_id: CHOSEN_ID,
        etag: ETAG,
        request_id: REQUEST_ID,
    }
    ServerPolicy {
        project_id: PROJECT,
        server_id: CLOUD_NAME,
        policy: Inside,
        etag: ETAG,
        update_time: Moment,
    }
    Policy {
        controlled_temporary: known::<v1::Action>(),
        controlled_permanent: known::<v1::Action>(),
        unexpected_temporary: known::<v1::UnexpectedAction>(),
        unexpected_permanent: known::<v1::UnexpectedAction>(),
        lead_time: SPAN,
        max_interruption: SPAN,
        migration_types: List(MAX_MIGRATIONS, known::<v1::MigrationType>()),
        mitigation_requested: Any,
    }
    ServerGroup {
        project_id: PROJECT,
        id: CHOSEN_ID,
        display_name: TITLE,
        member_ids: List(MAX_MEMBERS, CLOUD_NAME),
        nova_server_group_id: CLOUD_NAME,
        max_impacted: List(MAX_SIZES, Inside),
        min_preserved: List(MAX_SIZES, Inside),
        recovery_time: SPAN,
        anti_affinity: Any,
        max_per_host: Any,
        min_size_for_scale_in: Any,
        member_policy: Inside,
        etag: ETAG,
        update_time: Moment,
    }
    MaxImpacted {
        group_size: Any,
        max: Any,
    }
    MinPreserved {
        group_size: Any,
        min: Any,
    }

    // --- AuditService
    ListAuditRecordsRequest {
        page_size: Any,
        page_token: PAGE_TOKEN,
        filter: Inside,
        order_by: ORDER,
    }
    AuditFilter {
        principal: CLOUD_NAME,
        actions: List(ACTIONS, known::<v1::AuditAction>()),
        resource_kind: known::<v1::AuditResourceKind>(),
        resource_name: CLOUD_NAME,
        project_id: PROJECT,
        start_time: Moment,
        end_time: Moment,
    }

    // --- ServerService
    ListProjectsRequest {
        ids: List(MAX_PROJECTS, CLOUD_NAME),
        names: List(MAX_PROJECTS, CLOUD_NAME),
        page_size: Any,
        page_token: PAGE_TOKEN,
    }
    GetServerInfoRequest {}
}
