//! Lines that pass, above rows that stay: bars that redraw on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output::Screen;

/// How often a row on a terminal shows that somebody is still there.
const TICK: Duration = Duration::from_millis(120);

/// A row that stays.
#[derive(Debug)]
pub(crate) struct Row {
    /// The same over the row's life.
    pub(crate) key: String,
    /// What it is about.
    pub(crate) name: String,
    /// Where that stands. Elsewhere than on a terminal a line that passed has said it.
    pub(crate) state: String,
    /// How far it is.
    pub(crate) figures: String,
}

/// The rows of a watch.
#[derive(Debug)]
pub(crate) enum Live {
    /// Redrawn below the passing lines.
    Rows { all: MultiProgress, by_key: HashMap<String, ProgressBar> },
    /// Written as a line when they change.
    Lines { last: HashMap<String, String> },
}

impl Live {
    pub(crate) fn new(screen: &Screen) -> Self {
        if screen.is_live() {
            Self::Rows { all: MultiProgress::new(), by_key: HashMap::new() }
        } else {
            Self::Lines { last: HashMap::new() }
        }
    }

    /// Writes a line that passes.
    pub(crate) fn line(&self, screen: &Screen, text: &str) -> io::Result<()> {
        match self {
            Self::Rows { all, .. } => all.suspend(|| screen.line(text)),
            Self::Lines { .. } => screen.line(text),
        }
    }

    /// Writes a line that passes to standard error.
    pub(crate) fn note(&self, screen: &Screen, text: &str) -> io::Result<()> {
        match self {
            Self::Rows { all, .. } => all.suspend(|| screen.note(text)),
            Self::Lines { .. } => screen.note(text),
        }
    }

    /// Shows these rows and no others.
    pub(crate) fn rows(&mut self, screen: &Screen, rows: Vec<Row>) -> io::Result<()> {
        match self {
            Self::Rows { all, by_key } => {
                by_key.retain(|key, shown| {
                    let kept = rows.iter().any(|row| row.key == *key);
                    if !kept {
                        shown.finish_and_clear();
                    }
                    kept
                });
                for (position, row) in rows.into_iter().enumerate() {
                    let text = format!("{} {} {}", row.name, row.state, row.figures);
                    let shown = by_key.entry(row.key).or_insert_with(|| {
                        let shown = all.insert(position, ProgressBar::new_spinner());
                        shown.set_style(spinner());
                        shown.enable_steady_tick(TICK);
                        shown
                    });
                    shown.set_message(screen.as_shown(&text));
                }
                Ok(())
            }
            Self::Lines { last } => {
                let mut changed = Vec::new();
                for row in rows {
                    if last.get(&row.key) != Some(&row.figures) {
                        changed.push(format!("{} {}", row.name, row.figures));
                        last.insert(row.key, row.figures);
                    }
                }
                if changed.is_empty() {
                    return Ok(());
                }
                screen.line(format_args!("          {}", changed.join("   ")))
            }
        }
    }

    /// Takes the rows away.
    pub(crate) fn finish(self) {
        if let Self::Rows { by_key, .. } = self {
            by_key.into_values().for_each(|row| row.finish_and_clear());
        }
    }
}

fn spinner() -> ProgressStyle {
    // The template is a constant; were it wrong, the default would do.
    ProgressStyle::with_template("{spinner} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}
