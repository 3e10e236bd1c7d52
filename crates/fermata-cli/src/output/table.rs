//! Tables for people: no borders, columns as wide as their contents. On a terminal that is too narrow, columns of words are left
//! out and columns of text are wrapped between words; an id, a name or a state is never broken.

mod room;

use std::fmt;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width, presets,
};

use crate::failure::Failure;
use crate::output::color::{DIM, paint, safe};
use crate::view::projects::ProjectNames;
use room::{LEFT_OUT, TEXTS};

/// A column of text is at least as wide as this, or as its content.
pub(super) const NARROWEST: usize = 18;
/// And as its longest word, which may be an id or a name, unless that is longer than those are: paths are broken.
const LONGEST_WORD: usize = 40;
/// Between two columns.
const GAP: usize = 2;

/// A table with a header. Cells may hold colours, and must be safe to show.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Projects have their names beside them, as far as these are known.
    is_named: bool,
}

/// What a list is shown as.
#[derive(Debug, Clone)]
pub(crate) enum Listing {
    /// There is nothing, and what is said then.
    Nothing(&'static str),
    /// That.
    Rows(Table),
}

/// How lists are shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// Nothing but the first column.
    pub(crate) names_only: bool,
    /// All columns, however narrow the terminal is.
    pub(crate) wide: bool,
    /// The columns that are wanted; none: all.
    pub(crate) columns: Vec<String>,
    /// Without the line of headers.
    pub(crate) no_headers: bool,
}

/// A table with a header.
pub(crate) fn table<const N: usize>(
    header: [&'static str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let rows = rows.into_iter().map(Vec::from).collect();
    // Without projects there is nothing to name.
    let is_named = !header.iter().any(|name| is_of_projects(name));
    Table { header: header.into(), rows, is_named }
}

/// Whether a column holds ids of projects.
fn is_of_projects(header: &str) -> bool {
    matches!(header, "PROJECT" | "OWNER")
}

/// How many columns a line may have: those of the terminal, and a hundred elsewhere.
pub(crate) fn columns() -> usize {
    terminal().unwrap_or(100)
}

/// The columns of the terminal, if there is one.
pub(super) fn terminal() -> Option<usize> {
    #[cfg(test)]
    if let Some(pretended) = tests::COLUMNS.get() {
        return Some(pretended);
    }
    Grid::new().width().map(usize::from)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fitted(terminal(), true))
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(said) => f.write_str(said),
            Self::Rows(table) => table.fmt(f),
        }
    }
}

impl Listing {
    /// With the names of projects beside their ids, if any is known.
    pub(crate) fn naming(self, names: &ProjectNames) -> Self {
        match self {
            Self::Nothing(said) => Self::Nothing(said),
            Self::Rows(table) => Self::Rows(table.naming(names)),
        }
    }

    /// The list as it is wanted.
    ///
    /// # Errors
    /// There is no such column.
    pub(crate) fn shown(self, look: &Look) -> Result<String, Failure> {
        let table = match self {
            // A script that reads names reads none.
            Self::Nothing(_) if look.names_only || look.no_headers => return Ok(String::new()),
            Self::Nothing(said) => return Ok(said.to_owned()),
            Self::Rows(table) => table,
        };
        if look.names_only {
            let names = table.rows.iter().filter_map(|row| row.first());
            let names: Vec<_> =
                names.map(|name| anstream::adapter::strip_str(name).to_string()).collect();
            return Ok(names.join("\n"));
        }
        let all = look.wide || !look.columns.is_empty();
        let width = terminal().filter(|_| !all);
        Ok(table.choose(&look.columns)?.fitted(width, !look.no_headers))
    }
}

impl Table {
    /// With one more column.
    pub(crate) fn with(
        mut self,
        header: &'static str,
        cells: impl Iterator<Item = String>,
    ) -> Self {
        self.header.push(header);
        for (row, cell) in self.rows.iter_mut().zip(cells) {
            row.push(cell);
        }
        self
    }

    /// With the names of projects beside their ids, if any is known.
    pub(crate) fn naming(mut self, names: &ProjectNames) -> Self {
        self.is_named = true;
        let at = self.header.iter().position(|name| is_of_projects(name));
        let Some(at) = at else { return self };
        let name = |row: &Vec<String>| row.get(at).and_then(|id| names.name(id)).map(safe);
        if self.rows.iter().all(|row| name(row).is_none()) {
            return self;
        }
        let of = if self.header.get(at) == Some(&"OWNER") { "OWNER NAME" } else { "PROJECT NAME" };
        self.header.insert(at + 1, of);
        for row in &mut self.rows {
            let name = name(row).map_or_else(|| "–".to_owned(), |name| name.into_owned());
            row.insert(at + 1, name);
        }
        self
    }

    /// The table as a list.
    pub(crate) fn or_nothing(self, said: &'static str) -> Listing {
        if self.rows.is_empty() { Listing::Nothing(said) } else { Listing::Rows(self) }
    }

    fn choose(self, wanted: &[String]) -> Result<Self, Failure> {
        if wanted.is_empty() {
            return Ok(self);
        }
        let place = |wanted: &String| {
            let plain = wanted.replace(['_', '-'], " ");
            let found = self.header.iter().position(|name| name.eq_ignore_ascii_case(&plain));
            found.ok_or_else(|| {
                let known = self.header.join(", ").to_lowercase();
                Failure::Usage(format!("there is no column '{wanted}'; the columns are {known}"))
            })
        };
        let places = wanted.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        Ok(self.only(&places))
    }

    fn only(&self, places: &[usize]) -> Self {
        let of = |row: &Vec<String>| places.iter().filter_map(|at| row.get(*at).cloned()).collect();
        Self {
            header: places.iter().filter_map(|at| self.header.get(*at).copied()).collect(),
            rows: self.rows.iter().map(of).collect(),
            is_named: self.is_named,
        }
    }

    /// The table in so many columns of a terminal; `None`: in as many as it takes.
    fn fitted(&self, width: Option<usize>, with_header: bool) -> String {
        debug_assert!(self.is_named, "ids of projects without `naming`: {:?}", self.header);
        let Some(width) = width else { return self.drawn(None, with_header) };
        let mut kept: Vec<usize> = (0..self.header.len()).collect();
        let words: Vec<usize> = (0..self.header.len()).map(|at| self.longest_word(at)).collect();
        let least = |at: &usize, natural: &[usize]| match (self.is_text(*at), natural.get(*at)) {
            (_, None) => 0,
            (true, Some(natural)) => {
                NARROWEST.min(*natural).max(words.get(*at).copied().unwrap_or_default())
            }
            (false, Some(natural)) => *natural,
        };
        let natural = self.widths();
        loop {
            let needed: usize = kept.iter().map(|at| least(at, &natural) + GAP).sum();
            let room = (width + GAP).saturating_sub(needed);
            let next = LEFT_OUT.iter().find_map(|name| {
                kept.iter().skip(1).position(|at| self.header.get(*at) == Some(name))
            });
            match next {
                Some(next) if needed > width + GAP => {
                    kept.remove(next + 1);
                }
                Some(_) | None => {
                    let texts = kept.iter().filter(|at| self.is_text(**at));
                    let (texts, mut room) = (texts.collect::<Vec<_>>(), room);
                    let mut widths: Vec<(usize, usize)> = Vec::new();
                    for at in texts {
                        let (least, natural) =
                            (least(at, &natural), natural.get(*at).copied().unwrap_or_default());
                        let more = natural.saturating_sub(least).min(room);
                        room -= more;
                        widths.push((*at, least + more));
                    }
                    let limits = kept.iter().map(|at| {
                        widths.iter().find(|(text, _)| text == at).map(|(_, wide)| *wide)
                    });
                    return self.only(&kept).drawn(Some(&limits.collect::<Vec<_>>()), with_header);
                }
            }
        }
    }

    fn is_text(&self, at: usize) -> bool {
        self.header.get(at).is_some_and(|name| TEXTS.contains(name))
    }

    /// The longest word of a column that is not to be broken.
    fn longest_word(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at));
        let words = cells.flat_map(|cell| {
            let bare = anstream::adapter::strip_str(cell).to_string();
            bare.split(' ').map(|word| word.chars().count()).collect::<Vec<_>>()
        });
        words.filter(|length| *length <= LONGEST_WORD).max().unwrap_or_default()
    }

    /// How wide each column is by its content.
    fn widths(&self) -> Vec<usize> {
        self.grid(true).column_max_content_widths().into_iter().map(usize::from).collect()
    }

    fn grid(&self, with_header: bool) -> Grid {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        if with_header {
            grid.set_header(self.header.iter().map(|name| paint(DIM, name)));
        }
        grid.add_rows(self.rows.iter().cloned());
        for column in grid.column_iter_mut() {
            column.set_padding((0, 2));
            column.set_cell_alignment(CellAlignment::Left);
        }
        grid
    }

    /// `limits`: how wide columns of text may be; without, nothing is wrapped.
    fn drawn(&self, limits: Option<&[Option<usize>]>, with_header: bool) -> String {
        let mut grid = self.grid(with_header);
        grid.set_content_arrangement(ContentArrangement::Disabled);
        if let Some(limits) = limits {
            grid.set_content_arrangement(ContentArrangement::Dynamic);
            // Columns have limits of their own; this one must not break words.
            grid.set_width(u16::MAX);
            for (column, limit) in grid.column_iter_mut().zip(limits) {
                let constraint = match limit.and_then(|limit| u16::try_from(limit + GAP).ok()) {
                    Some(limit) => ColumnConstraint::UpperBoundary(Width::Fixed(limit)),
                    None => ColumnConstraint::ContentWidth,
                };
                column.set_constraint(constraint);
            }
        }
        grid.trim_fmt()
    }
}

#[cfg(test)]
pub(crate) mod tests;
