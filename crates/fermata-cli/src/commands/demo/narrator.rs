//! Who says what on the screen.

use std::io;

use anstyle::{AnsiColor, Style};
use fermata_client::v1::SessionReport;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::args::Format;
use crate::failure::Failure;
use crate::output::Screen;
use crate::output::color::{DIM, paint, safe};

/// Who speaks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Speaker {
    Operator,
    Fermata,
    /// An owner, by its name.
    Owner(&'static str, AnsiColor),
}

impl Speaker {
    fn name(self) -> String {
        match self {
            Self::Operator => "operator".to_owned(),
            Self::Fermata => "fermata".to_owned(),
            Self::Owner(name, _) => format!("owner {name}"),
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Operator => AnsiColor::Cyan.on_default().bold(),
            Self::Fermata => AnsiColor::Magenta.on_default().bold(),
            Self::Owner(_, color) => color.on_default().bold(),
        }
    }
}

/// Writes the story as it happens. Programs that want JSON get the report alone on standard output.
#[derive(Debug, Clone)]
pub(super) struct Narrator {
    screen: Screen,
    begun: Instant,
}

impl Narrator {
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, begun: Instant::now() }
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.screen.now()
    }

    pub(super) fn say(&self, speaker: Speaker, text: &str) -> io::Result<()> {
        let since = format!("{:5.1} s", self.begun.elapsed().as_secs_f64());
        let name = paint(speaker.style(), &format!("{:<18}", speaker.name()));
        self.write(&format!("{}  {name}  {}", paint(DIM, &since), safe(text)))
    }

    pub(super) fn pause(&self) -> io::Result<()> {
        self.write("")
    }

    pub(super) fn document(
        &self,
        report: &SessionReport,
        view: impl FnOnce(&SessionReport, OffsetDateTime) -> String,
    ) -> Result<(), Failure> {
        self.screen.answer(report, view)
    }

    fn write(&self, line: &str) -> io::Result<()> {
        match self.screen.format {
            Format::Table => self.screen.line(line),
            Format::Json => self.screen.note(line),
        }
    }
}
