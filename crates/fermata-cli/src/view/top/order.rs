//! What the operator may order, and the question before it is done.

use super::model::Focus;

/// The calls that keys make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Start,
    Pause,
    Resume,
    Cancel,
    Complete,
    Fail,
    Skip,
    Retry,
}

impl Act {
    /// The act that a key stands for.
    pub(super) fn of_key(key: char) -> Option<Self> {
        Some(match key {
            'g' => Self::Start,
            'p' => Self::Pause,
            'u' => Self::Resume,
            'x' => Self::Cancel,
            'c' => Self::Complete,
            'f' => Self::Fail,
            's' => Self::Skip,
            'r' => Self::Retry,
            _ => return None,
        })
    }

    pub(super) fn is_about_a_host(self) -> bool {
        match self {
            Self::Complete | Self::Fail | Self::Skip | Self::Retry => true,
            Self::Start | Self::Pause | Self::Resume | Self::Cancel => false,
        }
    }

    /// What it is called on the screen; the commands have the same names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Complete => "complete-host",
            Self::Fail => "fail-host",
            Self::Skip => "skip-host",
            Self::Retry => "retry-host",
        }
    }

    /// What follows from it.
    pub(super) fn means(self) -> &'static str {
        match self {
            Self::Start => "The session starts now.",
            Self::Pause => "Nothing new starts; what runs is finished.",
            Self::Resume => "The session goes on; failed hosts are tried again.",
            Self::Cancel => "The session ends early; hosts are given back.",
            Self::Complete => "The work is done: the host goes back into service.",
            Self::Fail => "The work failed, or the drain is given up.",
            Self::Skip => "The host is left out of the session.",
            Self::Retry => "The host is tried again, or goes on if it waits for you.",
        }
    }
}

/// What shall be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) act: Act,
    pub(crate) session_id: String,
    /// Empty for what is about the session.
    pub(crate) host: String,
    pub(crate) reason: String,
    /// Of a retry: although owners objected or were silent.
    pub(crate) override_owners: bool,
}

impl Order {
    /// An order about what is selected. `None`: nothing is.
    pub(super) fn about(act: Act, focus: &Focus) -> Option<Self> {
        let host = if act.is_about_a_host() { focus.host.clone()? } else { String::new() };
        let session_id = focus.session_id.clone()?;
        Some(Self { act, session_id, host, reason: String::new(), override_owners: false })
    }

    /// `complete-host compute-a1`, `cancel session 01a20804-4445`
    pub(crate) fn title(&self) -> String {
        match self.host.as_str() {
            "" => {
                format!("{} session {}", self.act.name(), super::panes::short_id(&self.session_id))
            }
            host => format!("{} {host}", self.act.name()),
        }
    }

    /// What keeps it from being done.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        (self.override_owners && self.reason.trim().is_empty())
            .then_some("To override owners takes a reason.")
    }
}
