//! Takes the terminal, and gives it back whatever happens.

use std::io;
use std::ops::{Deref, DerefMut};

use ratatui::DefaultTerminal;

/// The terminal, raw and with a screen of its own. It is given back when this is dropped, and by a hook before a panic tells of itself.
pub(super) struct Taken(DefaultTerminal);

impl Taken {
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self(ratatui::try_init()?))
    }
}

impl Deref for Taken {
    type Target = DefaultTerminal;

    fn deref(&self) -> &DefaultTerminal {
        &self.0
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut DefaultTerminal {
        &mut self.0
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        ratatui::restore();
    }
}
