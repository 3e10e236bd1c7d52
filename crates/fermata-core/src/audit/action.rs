//! What can be asked for, and of what. The numbers are those of the contract (`AuditAction`, `AuditResourceKind`): they are
//! hashed, and never change.

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $( $(#[$doc:meta])* $value:ident = $number:literal, )+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$doc])* $value = $number, )+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[ $( Self::$value, )+ ];

            /// Its number in the contract.
            pub fn number(self) -> i32 {
                self as i32
            }

            /// Its name: that of the method, where it stands for one.
            pub fn name(self) -> &'static str {
                match self { $( Self::$value => stringify!($value), )+ }
            }
        }
    };
}

numbered! {
    /// What was asked for: a value for each method that writes, and a few more.
    Action {
        /// A session was created.
        CreateSession = 1,
        /// What is asked of a session was changed.
        UpdateSession = 2,
        /// A session was deleted.
        DeleteSession = 3,
        /// A session was started.
        StartSession = 4,
        /// A session was paused.
        PauseSession = 5,
        /// A session was resumed.
        ResumeSession = 6,
        /// A session was cancelled.
        CancelSession = 7,
        /// The work on a host was declared done.
        CompleteHost = 8,
        /// A host was declared failed.
        FailHost = 9,
        /// A host was left out.
        SkipHost = 10,
        /// A host was tried again.
        RetryHost = 11,
        /// The same, against what owners said.
        RetryHostOverridingOwners = 12,
        /// A session was created to empty one host now.
        RequestHostMaintenance = 13,
        /// A host was given back.
        ReleaseHost = 14,
        /// An owner replied.
        Reply = 15,
        /// A subscription was stored.
        PutSubscription = 16,
        /// A subscription was deleted.
        DeleteSubscription = 17,
        /// A consumer said how far it has read.
        AcknowledgePosition = 18,
        /// The policy of a server was stored.
        PutServerPolicy = 19,
        /// The policy of a server was deleted.
        DeleteServerPolicy = 20,
        /// A group of servers was stored.
        PutServerGroup = 21,
        /// A group of servers was deleted.
        DeleteServerGroup = 22,
        /// The database was declared to be restored from a back-up; no method does that.
        RestoreDatabase = 23,
        /// The oldest records were deleted, because they were older than the retention; no method does that.
        PruneAuditRecords = 24,
        /// A host was enabled or disabled, outside of sessions.
        SetHostScheduling = 25,
    }
}

numbered! {
    /// What was changed.
    ResourceKind {
        /// A session.
        Session = 1,
        /// A subscription.
        Subscription = 2,
        /// The policy of a server.
        ServerPolicy = 3,
        /// A group of servers.
        ServerGroup = 4,
        /// The database as a whole.
        Database = 5,
        /// A compute host of the cloud.
        Host = 6,
    }
}
