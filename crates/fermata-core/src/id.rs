//! Identifiers. Sessions and notifications carry ids of ours (UUIDv7); projects, servers and hosts keep the cloud's
//! own; owners choose those of groups and subscriptions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

uuid_id!(
    /// A maintenance session.
    SessionId
);
uuid_id!(
    /// A notification to an owner.
    NotificationId
);
text_id!(
    /// A project of the cloud: the owner of servers.
    ProjectId
);
text_id!(
    /// A server of the cloud (a virtual machine).
    ServerId
);
text_id!(
    /// A compute host, by the name its compute service has (Nova os-services `host`).
    HostName
);
text_id!(
    /// A group of servers with a policy, unique in its project.
    GroupId
);
text_id!(
    /// An owner's durable subscription, unique in its project.
    SubscriptionId
);
text_id!(
    /// A server group of the cloud (Nova os-server-groups).
    ServerGroupId
);
