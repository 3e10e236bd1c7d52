//! Colours, and text that is safe to show. What a colour means is decided here and nowhere else.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use fermata_client::v1::{
    CounterOfferState, HostState, NotificationState, ServerState, SessionHostState, SessionState,
};

use crate::words::Word;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BUSY: Style = AnsiColor::Yellow.on_default();
pub(crate) const READY: Style = AnsiColor::Cyan.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const PLAIN: Style = Style::new();

/// `text` in a style, made safe.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{}{style:#}", safe(text))
}

/// `text` without control characters. Names and comments come from tenants, and a terminal obeys
/// whatever it is sent.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        text.replace(char::is_control, "\u{fffd}").into()
    } else {
        text.into()
    }
}

/// The same for text of several lines: those that follow are indented by as many spaces.
pub(crate) fn safe_lines(text: &str, indent: usize) -> String {
    let lines: Vec<_> = text.trim_end().lines().map(safe).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

/// A value whose name has a colour.
pub(crate) trait Colored: Word {
    fn style(self) -> Style;

    fn painted(self) -> String {
        paint(self.style(), self.name())
    }
}

impl Colored for SessionState {
    fn style(self) -> Style {
        match self {
            Self::Unspecified => PLAIN,
            Self::Scheduled | Self::Cancelled => DIM,
            Self::Running | Self::Cancelling => BUSY,
            Self::Paused => READY,
            Self::Failed => BAD,
            Self::Completed => GOOD,
        }
    }
}

impl Colored for SessionHostState {
    fn style(self) -> Style {
        match self {
            Self::Unspecified => PLAIN,
            Self::Waiting | Self::Skipped | Self::Cancelled => DIM,
            Self::Draining | Self::Returning => BUSY,
            Self::InMaintenance => READY,
            Self::Maintained | Self::Retired => GOOD,
            Self::DrainFailed | Self::MaintenanceFailed => BAD,
        }
    }
}

impl Colored for HostState {
    fn style(self) -> Style {
        match self {
            Self::Unspecified => PLAIN,
            Self::Enabled => GOOD,
            Self::Disabled | Self::Retired => DIM,
            Self::GoingToMaintenance => BUSY,
            Self::InMaintenance => READY,
            Self::Down | Self::Removed => BAD,
        }
    }
}

impl Colored for ServerState {
    fn style(self) -> Style {
        match self {
            Self::Unspecified => PLAIN,
            Self::Affected => DIM,
            Self::InAction | Self::OwnAction | Self::Kept => BUSY,
            Self::Moved | Self::Restored | Self::Gone => GOOD,
            Self::Failed | Self::HandedOver => BAD,
        }
    }
}

impl Colored for NotificationState {
    fn style(self) -> Style {
        match self {
            Self::Unspecified => PLAIN,
            Self::Pending | Self::CounterOffered => BUSY,
            Self::Answered => GOOD,
            Self::Rejected => BAD,
            Self::Expired | Self::Closed => DIM,
        }
    }
}

impl Colored for CounterOfferState {
    fn style(self) -> Style {
        match self {
            Self::Unspecified => PLAIN,
            Self::Planning => BUSY,
            Self::Accepted => GOOD,
            Self::Declined => BAD,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        assert_eq!(safe("web-1"), "web-1");
        assert_eq!(safe("web\u{1b}[2J\r\n1"), "web\u{fffd}[2J\u{fffd}\u{fffd}1");
    }

    #[test]
    fn item_15_lines_stay_lines() {
        assert_eq!(
            safe_lines("wrong:\n- a\r\n- b\u{1b}[2J\n", 2),
            "wrong:\n  - a\n  - b\u{fffd}[2J"
        );
    }

    #[test]
    fn styles_end_where_they_should() {
        assert_eq!(SessionState::Completed.painted(), "\u{1b}[32mCOMPLETED\u{1b}[0m");
        assert_eq!(paint(PLAIN, "x"), "x");
    }
}
