//! Tables for people: no borders, columns as wide as their contents. On a terminal that is too narrow, columns of words are left
//! out and columns of text are wrapped between words; an id, a name or a state is never broken.

use std::fmt;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width, presets,
};

use crate::failure::Failure;
use crate::output::color::{DIM, paint, safe};
use crate::view::projects::ProjectNames;

/// Columns of text, which may be wrapped.
const TEXTS: &[&str] = &[
    "WHY",
    "REASON",
    "DETAIL",
    "NOTE",
    "SAYS",
    "BEFORE",
    "LIMITS",
    "ABOUT",
    "VALUE",
    "WHICH",
    "ACTIONS",
    "ALLOWED",
    "WHAT WOULD HELP",
];
/// Columns that are left out where there is no room, the first ones first. The first column of a table always stays.
const LEFT_OUT: &[&str] = &[
    "BEFORE",
    "CREATED",
    "STORED",
    "LAST READ",
    "TRIES",
    "VCPUS",
    "MIB",
    "TOOK",
    "AGGREGATES",
    "WAVE",
    "BEGAN",
    "ASKED",
    "REPLIED",
    "SINCE",
    "DECIDED BY",
    "LONGEST",
    "FIRST IMPACT",
    "ON",
    "PROJECT",
    "OWNER",
    "PROJECT NAME",
    "OWNER NAME",
    "ZONE",
    "THERE",
    "ID",
    "ALLOWED",
    "ACTIONS",
    "DETAIL",
    "DEADLINE",
    "DECIDED",
    "REPLY BY",
    "NAME",
    "SERVERS",
    "SESSION",
    "IMPACT",
    "KIND",
    "TIME",
    "WHY",
    "REASON",
];
/// A column of text is at least as wide as this, or as its content.
const NARROWEST: usize = 18;
/// Between two columns.
const GAP: usize = 2;

/// A table with a header. Cells may hold colours, and must be safe to show.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
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
    Table { header: header.into(), rows }
}

/// How many columns a line may have: those of the terminal, and a hundred elsewhere.
pub(crate) fn columns() -> usize {
    Grid::new().width().map_or(100, usize::from)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fitted(Grid::new().width().map(usize::from), true))
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
        let width = Grid::new().width().map(usize::from).filter(|_| !all);
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
        let is_id = |name: &&str| matches!(*name, "PROJECT" | "OWNER");
        let Some(at) = self.header.iter().position(is_id) else { return self };
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
        }
    }

    /// The table in so many columns of a terminal; `None`: in as many as it takes.
    fn fitted(&self, width: Option<usize>, with_header: bool) -> String {
        let Some(width) = width else { return self.drawn(None, with_header) };
        let mut kept: Vec<usize> = (0..self.header.len()).collect();
        let least = |at: &usize, natural: &[usize]| match (self.is_text(*at), natural.get(*at)) {
            (_, None) => 0,
            (true, Some(natural)) => NARROWEST.min(*natural),
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
                        let more = (natural - least).min(room);
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

/// Lines of a name and what it is, the names in one column.
pub(crate) fn facts(facts: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let facts: Vec<_> = facts.into_iter().collect();
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max(10);
    let line = |(name, what): (&str, String)| {
        format!("  {} {what}\n", paint(DIM, &format!("{name:<width$}")))
    };
    facts.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::color::{GOOD, paint};

    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_align_whatever_their_colours() {
        let rows = [
            ["compute-a1".to_owned(), paint(GOOD, "ENABLED"), "3".to_owned()],
            ["b".to_owned(), "DISABLED".to_owned(), "12".to_owned()],
        ];
        let made = bare(&table(["HOST", "STATE", "SERVERS"], rows).to_string());
        assert_eq!(
            made,
            "HOST        STATE     SERVERS\n\
             compute-a1  ENABLED   3\n\
             b           DISABLED  12"
        );
    }

    const ID: &str = "01a20804-4445-7666-87d5-30a16d420f95";
    const WHY: &str =
        "its owners are asked, and have not answered; fermata session retry-host goes on";

    fn hosts() -> Table {
        let row = |host: &str| {
            let state = paint(GOOD, "GOING_TO_MAINTENANCE");
            [host, &state, "zone-a", "nvme, sriov", "12", ID, WHY].map(str::to_owned)
        };
        table(
            ["HOST", "STATE", "ZONE", "AGGREGATES", "SERVERS", "SESSION", "WHY"],
            [row("compute-a1"), row("compute-0017.rack-4.site.example")],
        )
    }

    #[test]
    fn item_15_nothing_is_broken_at_80_columns() {
        let made = bare(&hosts().fitted(Some(80), true));
        for line in made.lines() {
            assert!(line.chars().count() <= 80, "{line:?}");
        }
        for word in ["compute-0017.rack-4.site.example", "GOING_TO_MAINTENANCE"] {
            assert!(made.contains(word), "{made}");
        }
        for word in WHY.split(' ') {
            assert!(made.contains(word), "{word}: {made}");
        }
        assert!(!made.contains("AGGREGATES"), "{made}");
        assert!(made.contains("WHY"), "{made}");
    }

    #[test]
    fn item_15_an_id_is_whole_whatever_the_width() {
        let sessions = table(
            ["SESSION", "STATE", "HOSTS", "SERVERS", "CREATED", "REASON"],
            [[ID, "MAINTENANCE_FAILED", "1/3", "4/6", "12 min ago", WHY].map(str::to_owned)],
        );
        for width in 20..200 {
            let made = bare(&sessions.fitted(Some(width), true));
            assert!(made.contains(ID), "{width}: {made}");
            assert!(width < 63 || made.lines().all(|line| line.chars().count() <= width), "{made}");
        }
        let all = bare(&sessions.fitted(None, true));
        assert_eq!(all.lines().count(), 2, "{all}");
        assert!(all.ends_with(WHY), "{all}");
    }

    #[test]
    fn item_10_names_of_projects_stand_beside_their_ids() {
        let servers = || {
            let rows = [["amf-1", "p1", "ACTIVE"], ["x", "p9", "ACTIVE"]];
            table(["SERVER", "PROJECT", "STATUS"], rows.map(|row| row.map(str::to_owned)))
        };
        let mut names = ProjectNames::default();
        assert_eq!(servers().naming(&names).fitted(None, true), servers().fitted(None, true));
        names.learn("p1".to_owned(), "core".to_owned());
        let made = bare(&servers().naming(&names).fitted(None, true));
        assert_eq!(
            made,
            "SERVER  PROJECT  PROJECT NAME  STATUS\n\
             amf-1   p1       core          ACTIVE\n\
             x       p9       –             ACTIVE"
        );
    }

    #[test]
    fn item_15_columns_are_chosen_by_name() {
        let look = |columns: &[&str]| Look {
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            no_headers: true,
            ..Look::default()
        };
        let made = hosts().or_nothing("no hosts").shown(&look(&["servers", "host"])).unwrap();
        assert_eq!(bare(&made).lines().next(), Some("12  compute-a1"));
        let error = hosts().or_nothing("no hosts").shown(&look(&["color"])).unwrap_err();
        assert!(error.to_string().contains("the columns are host, state, zone"), "{error}");
        let names = Look { names_only: true, ..Look::default() };
        let made = hosts().or_nothing("no hosts").shown(&names).unwrap();
        assert_eq!(made, "compute-a1\ncompute-0017.rack-4.site.example");
        let nothing = Listing::Nothing("no hosts");
        assert_eq!(nothing.clone().shown(&names).unwrap(), "");
        assert_eq!(nothing.shown(&Look::default()).unwrap(), "no hosts");
    }

    #[test]
    fn facts_align() {
        let made = bare(&facts([("reason", "firmware".to_owned()), ("hosts", "3".to_owned())]));
        assert_eq!(made, "  reason     firmware\n  hosts      3\n");
    }
}
