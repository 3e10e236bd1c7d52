//! Who may call what: one table, a row for each method of every service. A method without a row does not answer, and fails
//! a test; so does a row without a method, and a row that names another field than the request's project. The comments of
//! the contract say the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use fermata_core::actor::Role;
use fermata_core::actor::Role::{Administrator, Auditor, Monitor, Operator, Owner};
use fermata_proto::v1;

use crate::error::ServeError;

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a credential.
    Open,
    /// Who has one of these roles; a caller with several acts in the first one that lets it in.
    For(&'static [Role]),
}

/// How a request names the project that it is about. An owner may name only its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// It names none.
    Nothing,
    /// A project, in this field.
    Project {
        /// The field, as a path.
        field: &'static str,
    },
    /// Something that belongs to the project in this field. Of a foreign project the answer is the same as if it were not
    /// there.
    Resource {
        /// The field, as a path.
        field: &'static str,
        /// What is not there.
        absent: Absent,
    },
    /// A project that a list is restricted to, in this field. Unset: all that the caller may see.
    Filter {
        /// The field, as a path.
        field: &'static str,
    },
}

/// What is said not to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// A notification.
    Notification,
    /// A subscription.
    Subscription,
    /// The policy of a server.
    Policy,
    /// A group of servers.
    ServerGroup,
}

impl Absent {
    /// As an error.
    pub(crate) fn error(self) -> ServeError {
        match self {
            Self::Notification => ServeError::NotificationNotFound,
            Self::Subscription => ServeError::SubscriptionNotFound,
            Self::Policy => ServeError::PolicyNotFound,
            Self::ServerGroup => ServeError::ServerGroupNotFound,
        }
    }
}

/// A row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The service, with its package.
    pub service: &'static str,
    /// The method.
    pub method: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The project in its request.
    pub names: Names,
    /// What the door finds in such a request.
    #[cfg(test)]
    pub(crate) find: fn(&[u8]) -> Result<crate::bounds::rule::Found, prost::DecodeError>,
}

impl Row {
    /// The roles that may call the method; none if no role is needed.
    pub fn roles(&self) -> &'static [Role] {
        match self.access {
            Access::Open => &[],
            Access::For(roles) => roles,
        }
    }

    /// The method as a path of HTTP.
    pub fn path(&self) -> String {
        format!("/{}/{}", self.service, self.method)
    }
}

/// The request of a method of ours.
pub trait Method: prost::Message {
    /// The method's row.
    const ROW: Row;
}

macro_rules! access {
    ($( $service:literal { $( $method:ident ( $request:ident ) : $roles:expr, $names:expr; )+ } )+) => {
        /// The rows of our own services.
        const OURS: &[Row] = &[ $( $( <v1::$request as Method>::ROW, )+ )+ ];

        $( $(
            impl Method for v1::$request {
                const ROW: Row = Row {
                    service: $service,
                    method: stringify!($method),
                    access: Access::For($roles),
                    names: $names,
                    #[cfg(test)]
                    find: tests::find::<v1::$request>,
                };
            }
        )+ )+
    };
}

const fn open(service: &'static str, method: &'static str) -> Row {
    Row {
        service,
        method,
        access: Access::Open,
        names: Names::Nothing,
        #[cfg(test)]
        find: |_| Ok(crate::bounds::rule::Found::default()),
    }
}

/// Operators decide.
const OPERATE: &[Role] = &[Operator];
/// What happens in sessions, for operators and for those who look into what they did.
const SEE_SESSIONS: &[Role] = &[Operator, Auditor];
/// How hosts stand, also for those who watch the infrastructure.
const SEE_HOSTS: &[Role] = &[Operator, Monitor, Auditor];
/// Who changed what. All projects are in it, so it is not for owners.
const SEE_AUDIT: &[Role] = &[Operator, Auditor, Administrator];
/// An owner's own business.
const OWN: &[Role] = &[Owner];
/// An owner's own business, which operators may see.
const SEE_OWNERS: &[Role] = &[Owner, Operator, Auditor];
/// An owner's own business, in which operators may help.
const HELP_OWNERS: &[Role] = &[Owner, Operator];

/// What answers. An owner that may do other things, too, is told as much as the others.
const KNOWN: &[Role] = &[Operator, Auditor, Administrator, Monitor, Owner];

/// What projects are called. An operator that is an owner, too, needs the names of all.
const KNOW_PROJECTS: &[Role] = &[Operator, Auditor, Owner];

const NOTHING: Names = Names::Nothing;
const PROJECT: Names = Names::Project { field: "project_id" };
const OWN_LIST: Names = Names::Filter { field: "project_id" };
const NOTIFICATION: Names = Names::Resource { field: "project_id", absent: Absent::Notification };
const SUBSCRIPTION: Names = Names::Resource { field: "project_id", absent: Absent::Subscription };
const POLICY: Names = Names::Resource { field: "project_id", absent: Absent::Policy };
const GROUP: Names = Names::Resource { field: "project_id", absent: Absent::ServerGroup };

access! {
    "fermata.v1.SessionService" {
        CreateSession(CreateSessionRequest): OPERATE, NOTHING;
        PreviewSession(PreviewSessionRequest): OPERATE, NOTHING;
        GetSession(GetSessionRequest): SEE_SESSIONS, NOTHING;
        ListSessions(ListSessionsRequest): SEE_SESSIONS, NOTHING;
        UpdateSession(UpdateSessionRequest): OPERATE, NOTHING;
        DeleteSession(DeleteSessionRequest): OPERATE, NOTHING;
        StartSession(StartSessionRequest): OPERATE, NOTHING;
        PauseSession(PauseSessionRequest): OPERATE, NOTHING;
        ResumeSession(ResumeSessionRequest): OPERATE, NOTHING;
        CancelSession(CancelSessionRequest): OPERATE, NOTHING;
        CompleteHost(CompleteHostRequest): OPERATE, NOTHING;
        FailHost(FailHostRequest): OPERATE, NOTHING;
        SkipHost(SkipHostRequest): OPERATE, NOTHING;
        RetryHost(RetryHostRequest): OPERATE, NOTHING;
        ListSessionHosts(ListSessionHostsRequest): SEE_SESSIONS, NOTHING;
        ListSessionServers(ListSessionServersRequest): SEE_SESSIONS, Names::Filter { field: "filter.project_id" };
        ListSessionNotifications(ListSessionNotificationsRequest): SEE_SESSIONS, Names::Filter { field: "filter.project_id" };
        GetSessionReport(GetSessionReportRequest): SEE_SESSIONS, NOTHING;
        WatchSession(WatchSessionRequest): SEE_SESSIONS, NOTHING;
    }
    "fermata.v1.HostService" {
        GetHost(GetHostRequest): SEE_HOSTS, NOTHING;
        ListHosts(ListHostsRequest): SEE_HOSTS, NOTHING;
        ListHostServers(ListHostServersRequest): SEE_SESSIONS, NOTHING;
        RequestHostMaintenance(RequestHostMaintenanceRequest): OPERATE, NOTHING;
        ReleaseHost(ReleaseHostRequest): OPERATE, NOTHING;
        SetHostScheduling(SetHostSchedulingRequest): OPERATE, NOTHING;
        WatchHosts(WatchHostsRequest): SEE_HOSTS, NOTHING;
    }
    "fermata.v1.NotificationService" {
        Subscribe(SubscribeRequest): OWN, PROJECT;
        GetNotification(GetNotificationRequest): SEE_OWNERS, NOTIFICATION;
        ListNotifications(ListNotificationsRequest): SEE_OWNERS, PROJECT;
        ListNotificationServers(ListNotificationServersRequest): SEE_OWNERS, NOTIFICATION;
        Reply(ReplyRequest): OWN, NOTIFICATION;
        PutSubscription(PutSubscriptionRequest): OWN, Names::Project { field: "subscription.project_id" };
        GetSubscription(GetSubscriptionRequest): SEE_OWNERS, SUBSCRIPTION;
        ListSubscriptions(ListSubscriptionsRequest): SEE_OWNERS, OWN_LIST;
        DeleteSubscription(DeleteSubscriptionRequest): OWN, SUBSCRIPTION;
        AcknowledgePosition(AcknowledgePositionRequest): OWN, SUBSCRIPTION;
    }
    "fermata.v1.PolicyService" {
        GetServerPolicy(GetServerPolicyRequest): SEE_OWNERS, POLICY;
        ListServerPolicies(ListServerPoliciesRequest): SEE_OWNERS, OWN_LIST;
        PutServerPolicy(PutServerPolicyRequest): HELP_OWNERS, Names::Project { field: "server_policy.project_id" };
        DeleteServerPolicy(DeleteServerPolicyRequest): HELP_OWNERS, POLICY;
        GetServerGroup(GetServerGroupRequest): SEE_OWNERS, GROUP;
        ListServerGroups(ListServerGroupsRequest): SEE_OWNERS, OWN_LIST;
        PutServerGroup(PutServerGroupRequest): HELP_OWNERS, Names::Project { field: "server_group.project_id" };
        DeleteServerGroup(DeleteServerGroupRequest): HELP_OWNERS, GROUP;
    }
    "fermata.v1.AuditService" {
        ListAuditRecords(ListAuditRecordsRequest): SEE_AUDIT, Names::Filter { field: "filter.project_id" };
    }
    "fermata.v1.ServerService" {
        GetServerInfo(GetServerInfoRequest): KNOWN, NOTHING;
        ListProjects(ListProjectsRequest): KNOW_PROJECTS, NOTHING;
    }
}

/// What load balancers and people with grpcurl need before they have a credential. It tells nothing of the site.
const OTHERS: &[Row] = &[
    open("grpc.health.v1.Health", "Check"),
    open("grpc.health.v1.Health", "Watch"),
    open("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo"),
    open("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"),
];

/// The whole table.
pub fn table() -> impl Iterator<Item = &'static Row> {
    OURS.iter().chain(OTHERS)
}

/// The row of a method, by its path of HTTP.
pub(super) fn row(path: &str) -> Option<&'static Row> {
    static ROWS: LazyLock<HashMap<String, &'static Row>> =
        LazyLock::new(|| table().map(|row| (row.path(), row)).collect());
    ROWS.get(path).copied()
}

#[cfg(test)]
mod tests;
