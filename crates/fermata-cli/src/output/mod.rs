//! Where and how things are written.

pub(crate) mod color;
pub(crate) mod error;
mod hint;
pub(crate) mod json;
pub(crate) mod live;
pub(crate) mod table;
pub(crate) mod time;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use ::time::OffsetDateTime;
use anstream::{AutoStream, ColorChoice};

use crate::args::{Color, Format};
use crate::clock::Clock;
use crate::failure::Failure;
use json::Document;

/// The terminal, file or pipe that answers go to.
///
/// Everything is written with its colours; the streams drop them where nobody sees them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) format: Format,
    pub(crate) clock: Clock,
    color: ColorChoice,
}

impl Screen {
    pub(crate) fn new(format: Format, color: Color, clock: Clock) -> Self {
        Self { format, clock, color: color.into() }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Writes to standard output.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        writeln!(AutoStream::new(io::stdout().lock(), self.color), "{text}")
    }

    /// Writes to standard error.
    pub(crate) fn note(&self, text: impl Display) -> io::Result<()> {
        writeln!(AutoStream::new(io::stderr().lock(), self.color), "{text}")
    }

    /// Whether somebody watches, so that lines may be redrawn.
    pub(crate) fn is_live(&self) -> bool {
        self.format == Format::Table && io::stdout().is_terminal() && io::stderr().is_terminal()
    }

    /// The text as standard error would show it.
    pub(crate) fn as_shown(&self, text: &str) -> String {
        let choice = if self.color == ColorChoice::Auto {
            AutoStream::choice(&io::stderr())
        } else {
            self.color
        };
        if choice == ColorChoice::Never {
            return anstream::adapter::strip_str(text).to_string();
        }
        text.to_owned()
    }

    /// Writes an answer: `message` as one JSON document, or what `view` makes of it for people.
    pub(crate) fn answer<M: Document>(
        &self,
        message: &M,
        view: impl FnOnce(&M, OffsetDateTime) -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.line(json::pretty(message)?)?,
            Format::Table => self.line(view(message, self.now()).trim_end())?,
        }
        Ok(())
    }
}
