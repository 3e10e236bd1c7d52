//! Why something is as it is: a cause for programs beside a text for people.
//!
//! Both belong together: a [`Reason`] can be made only by the functions of this module, one for each cause, so that the
//! text never contradicts the cause.
//!
//! - [`session`], [`host`], [`server`]: why a session, a host of it, a server of it is in its state
//! - [`block`]: why a host has no wave in the plan
//! - [`decline`]: why a counter-offer was declined
//! - [`wait`]: what a session waits for, and which calls end the wait

pub mod block;
pub mod decline;
pub mod host;
pub mod server;
pub mod session;
pub mod wait;

use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

pub use block::{BlockCause, BlockReason};
pub use decline::{DeclineCause, DeclineReason};
pub use host::{HostCause, HostReason};
pub use server::{ServerCause, ServerReason};
pub use session::{SessionCause, SessionReason};
pub use wait::WaitKind;

/// A cause, and the text that explains it.
///
/// It is stored with a cause that the release before knows too ([`Cause::before`]), so that sessions go on while two releases
/// run beside each other ([ADR 36](../../../docs/adr/0036-never-stuck.md)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "C: Cause + Serialize + serde::de::DeserializeOwned")]
pub struct Reason<C> {
    cause: C,
    /// The cause itself, where the release before does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    exact: Option<C>,
    text: String,
}

/// What can be the cause of something.
pub trait Cause: Copy + PartialEq {
    /// The same to a release that does not know it yet: a cause that stands in the same states.
    #[must_use]
    fn before(self) -> Self {
        self
    }
}

/// A cause of a later release is none.
fn known<'de, C: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<C>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored<C> {
        Known(C),
        Later(IgnoredAny),
    }
    match Stored::deserialize(from)? {
        Stored::Known(cause) => Ok(Some(cause)),
        Stored::Later(IgnoredAny) => Ok(None),
    }
}

impl<C: Cause> Reason<C> {
    fn new(cause: C, text: impl Into<String>) -> Self {
        let before = cause.before();
        let exact = (before != cause).then_some(cause);
        Self { cause: before, exact, text: text.into() }
    }

    /// What a caller gave as its reason; if that is empty, `default`.
    fn given(cause: C, given: &str, default: &str) -> Self {
        Self::new(cause, if given.is_empty() { default } else { given })
    }

    /// For programs.
    pub fn cause(&self) -> C {
        self.exact.unwrap_or(self.cause)
    }

    /// For people.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<C> fmt::Display for Reason<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An enum that knows all its values. `NEW => OLD`: the release before does not know NEW, and takes it for OLD.
macro_rules! causes {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $cause:ident $(=> $before:ident)?,)* }) => {
        $(#[$about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$doc])* $cause,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$cause),*];
        }

        impl super::Cause for $name {
            fn before(self) -> Self {
                let new: &[(Self, Self)] = &[$($((Self::$cause, Self::$before),)?)*];
                new.iter().find(|(cause, _)| *cause == self).map_or(self, |(_, before)| *before)
            }
        }
    };
}
use causes;
