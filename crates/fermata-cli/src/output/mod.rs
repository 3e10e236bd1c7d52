//! Where and how things are written.

pub(crate) mod color;
pub(crate) mod commands;
pub(crate) mod confirm;
pub(crate) mod error;
pub(crate) mod facts;
mod hint;
pub(crate) mod json;
pub(crate) mod live;
pub(crate) mod table;
pub(crate) mod time;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use ::time::OffsetDateTime;
use anstream::{AutoStream, ColorChoice};

use crate::args::{Format, Global, Output};
use crate::clock::Clock;
use crate::failure::Failure;
use json::Document;
use table::{Listing, Look};

/// The terminal, file or pipe that answers go to.
///
/// Everything is written with its colours; the streams drop them where nobody sees them.
#[derive(Debug, Clone)]
pub(crate) struct Screen {
    pub(crate) format: Format,
    /// Programs read YAML.
    yaml: bool,
    look: Look,
    pub(crate) clock: Clock,
    color: ColorChoice,
}

impl Screen {
    pub(crate) fn new(global: &Global, clock: Clock) -> Self {
        let look = Look {
            names_only: global.output == Output::Name,
            wide: global.output == Output::Wide,
            columns: global.columns.clone(),
            no_headers: global.no_headers,
        };
        let (format, yaml) = match global.output {
            Output::Table | Output::Wide | Output::Name => (Format::Table, false),
            Output::Json => (Format::Json, false),
            Output::Yaml => (Format::Json, true),
        };
        Self { format, yaml, look, clock, color: global.color.into() }
    }

    /// Whether only names are wanted.
    pub(crate) fn is_names_only(&self) -> bool {
        self.look.names_only
    }

    /// Whether lists are shown in a way that only scripts want: nothing is said beside them.
    pub(crate) fn is_for_scripts(&self) -> bool {
        self.look.names_only || self.look.no_headers
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

    /// Whether standard output has colours.
    pub(crate) fn has_color(&self) -> bool {
        let choice = match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            ColorChoice::Always | ColorChoice::AlwaysAnsi | ColorChoice::Never => self.color,
        };
        choice != ColorChoice::Never
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
            Format::Json if self.yaml => self.line(json::yaml(message)?.trim_end())?,
            Format::Json => self.line(json::pretty(message)?)?,
            Format::Table => self.line(view(message, self.now()).trim_end())?,
        }
        Ok(())
    }

    /// Writes an answer about one thing: as [`Self::answer`], or its name alone, where only names are wanted.
    pub(crate) fn answer_about<M: Document>(
        &self,
        name: &str,
        message: &M,
        view: impl FnOnce(&M, OffsetDateTime) -> String,
    ) -> Result<(), Failure> {
        if self.look.names_only {
            return Ok(self.line(color::safe(name))?);
        }
        self.answer(message, view)
    }

    /// Writes a list: as [`Self::answer`], or as a table of the columns that are wanted.
    pub(crate) fn list<M: Document>(
        &self,
        message: &M,
        view: impl FnOnce(&M, OffsetDateTime) -> Listing,
    ) -> Result<(), Failure> {
        if self.format == Format::Json {
            return self.answer(message, |_, _| String::new());
        }
        let shown = view(message, self.now()).shown(&self.look)?;
        if !shown.is_empty() {
            self.line(shown.trim_end())?;
        }
        Ok(())
    }

    /// Writes one message of a stream.
    pub(crate) fn document<M: Document>(&self, message: &M) -> Result<(), Failure> {
        if self.yaml {
            return Ok(self.line(format!("---\n{}", json::yaml(message)?.trim_end()))?);
        }
        Ok(self.line(json::line(message)?)?)
    }
}
