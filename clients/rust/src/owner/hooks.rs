//! What an owner tells while it works.

use std::fmt;

use fermata_proto::v1::{Notification, OwnerEvent, OwnerSnapshot, Warning};
use tonic::Status;

use crate::answer::Answer;
use crate::watch::WatchItem;

/// What ends a handler that fails. Any error becomes one by `?`.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// What an owner's stream gives.
pub type OwnerItem = WatchItem<OwnerSnapshot, OwnerEvent>;

/// Implement what you want to know. The methods must not panic, and should return soon: the owner waits for them.
/// What happens is also told by `tracing`.
pub trait Hooks: Send + Sync + 'static {
    /// Something came from the server, or the stream was interrupted, or is open again.
    fn on_item(&self, item: &OwnerItem) {
        let _ = item;
    }

    /// The server stored the subscription, and something in it may not be what was meant: for example, no server in the cloud
    /// belongs to the project.
    fn on_warning(&self, warning: &Warning) {
        let _ = warning;
    }

    /// A handler begins or ends.
    fn on_handler(&self, call: &HandlerCall<'_>) {
        let _ = call;
    }

    /// A reply was accepted, or refused for good.
    fn on_reply(&self, reply: &Reply<'_>) {
        let _ = reply;
    }

    /// The server did not take an answer, and will not take it: an earlier one stands, or the question is another one now.
    /// [`Hooks::on_reply`] was told, too.
    fn on_reply_refused(&self, reply: &Reply<'_>) {
        let _ = reply;
    }

    /// The server knows that everything up to this event has been handled.
    fn on_acknowledged(&self, sequence: u64) {
        let _ = sequence;
    }

    /// The handler of an event failed for the last time. The event is given up.
    fn on_error(&self, call: &HandlerCall<'_>) {
        let _ = call;
    }
}

/// Nobody wants to know.
impl Hooks for () {}

/// A handler begins or ends.
#[derive(Debug, Clone, Copy)]
pub struct HandlerCall<'a> {
    /// Which.
    pub handler: HandlerName,
    /// The notification, server or session that it is about.
    pub id: &'a str,
    /// The revision of the plan that a question is about. 0 for events.
    pub plan_revision: u64,
    /// From 1.
    pub attempt: u32,
    /// What it does.
    pub phase: Phase<'a>,
}

/// What a handler does.
#[derive(Debug, Clone, Copy)]
pub enum Phase<'a> {
    /// It begins.
    Begin,
    /// It has returned.
    End,
    /// It has failed, or panicked.
    Failed(&'a HandlerError),
    /// It was dropped before it returned: the question does not matter any more, time is over, or the owner stops.
    Cancelled,
}

impl Phase<'_> {
    /// `begin`, `end`, `failed` or `cancelled`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::End => "end",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The handlers of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandlerName {
    /// `on_planned`.
    Planned,
    /// `on_drain`.
    Drain,
    /// `on_scale_in`.
    ScaleIn,
    /// `on_server_event`.
    Server,
    /// `on_session_event`.
    Session,
    /// `on_complete`.
    Complete,
}

impl HandlerName {
    /// `planned`, `drain`, `scale_in`, `server`, `session` or `complete`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Drain => "drain",
            Self::ScaleIn => "scale_in",
            Self::Server => "server",
            Self::Session => "session",
            Self::Complete => "complete",
        }
    }
}

impl fmt::Display for HandlerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A reply that was accepted, or refused for good.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// The question.
    pub notification: &'a Notification,
    /// The answer.
    pub answer: &'a Answer,
    /// No handler had decided in time.
    pub fallback: bool,
    /// Why the server did not take it. `None`: it did.
    pub refused: Option<&'a Status>,
}
