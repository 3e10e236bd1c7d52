//! What the audit trail calls each request that writes. A request without an action cannot be carried out by
//! [`super::Requests::once`].

use fermata_core::audit::Action;
use fermata_proto::v1;

/// A request that writes.
pub trait Writes: prost::Message {
    /// What it asks for.
    fn action(&self) -> Action;
}

macro_rules! writes {
    ($( $request:ident => $action:ident; )+) => { $(
        impl Writes for v1::$request {
            fn action(&self) -> Action {
                Action::$action
            }
        }
    )+ };
}

writes! {
    CreateSessionRequest => CreateSession;
    UpdateSessionRequest => UpdateSession;
    DeleteSessionRequest => DeleteSession;
    StartSessionRequest => StartSession;
    PauseSessionRequest => PauseSession;
    ResumeSessionRequest => ResumeSession;
    CancelSessionRequest => CancelSession;
    CompleteHostRequest => CompleteHost;
    FailHostRequest => FailHost;
    SkipHostRequest => SkipHost;
    RequestHostMaintenanceRequest => RequestHostMaintenance;
    ReleaseHostRequest => ReleaseHost;
    SetHostSchedulingRequest => SetHostScheduling;
    ReplyRequest => Reply;
    PutSubscriptionRequest => PutSubscription;
    DeleteSubscriptionRequest => DeleteSubscription;
    AcknowledgePositionRequest => AcknowledgePosition;
    PutServerPolicyRequest => PutServerPolicy;
    DeleteServerPolicyRequest => DeleteServerPolicy;
    PutServerGroupRequest => PutServerGroup;
    DeleteServerGroupRequest => DeleteServerGroup;
}

impl Writes for v1::RetryHostRequest {
    fn action(&self) -> Action {
        if self.override_owners { Action::RetryHostOverridingOwners } else { Action::RetryHost }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fermata_proto::FILE_DESCRIPTOR_SET;
    use prost_reflect::DescriptorPool;

    use super::*;

    /// Every method that can be repeated writes, and has an action of its name.
    #[test]
    fn every_method_that_writes_has_an_action() {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let writes = methods.filter(|m| m.input().get_field_by_name("request_id").is_some());
        let mut expected: BTreeSet<_> = writes.map(|method| method.name().to_owned()).collect();
        assert!(expected.len() > 20, "{expected:?}");
        let more =
            [Action::RetryHostOverridingOwners, Action::RestoreDatabase, Action::PruneAuditRecords];
        expected.extend(more.map(|action| action.name().to_owned()));
        let actions = Action::ALL.iter().map(|action| action.name().to_owned()).collect();
        assert_eq!(expected, actions);
    }
}
