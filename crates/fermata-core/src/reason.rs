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

use serde::{Deserialize, Serialize};

pub use block::{BlockCause, BlockReason};
pub use decline::{DeclineCause, DeclineReason};
pub use host::{HostCause, HostReason};
pub use server::{ServerCause, ServerReason};
pub use session::{SessionCause, SessionReason};
pub use wait::WaitKind;

/// A cause, and the text that explains it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason<C> {
    cause: C,
    text: String,
}

impl<C: Copy> Reason<C> {
    fn new(cause: C, text: impl Into<String>) -> Self {
        Self { cause, text: text.into() }
    }

    /// What a caller gave as its reason; if that is empty, `default`.
    fn given(cause: C, given: &str, default: &str) -> Self {
        Self::new(cause, if given.is_empty() { default } else { given })
    }

    /// For programs.
    pub fn cause(&self) -> C {
        self.cause
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

/// An enum that knows all its values.
macro_rules! causes {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $cause:ident,)* }) => {
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
    };
}
use causes;
