//! The parts of the screen.

use std::collections::BTreeMap;

use anstyle::{Ansi256Color, Color as Shown, Effects};
use fermata_client::v1::{Progress, SessionHost, SessionServer, SessionState, SessionStatus};
use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Paragraph, Row, Table, TableState, Wrap};
use time::OffsetDateTime;

use super::model::{Pane, Top};
use crate::output::color::{BAD, BOLD, Colored, DIM, GOOD, safe};
use crate::output::commands::spoken;
use crate::output::time::{distance, short};
use crate::view::{progress, waits as wait_lines};
use crate::words::Word;

const BAR: u16 = 8;

/// Turns the command's styles into the screen's. Without colours, what is bold stays bold; no colour says what no word says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) has_color: bool,
}

impl Paint {
    pub(super) fn style(self, style: anstyle::Style) -> Style {
        let mut shown = Style::new();
        let effects = style.get_effects();
        for (effect, modifier) in
            [(Effects::BOLD, Modifier::BOLD), (Effects::DIMMED, Modifier::DIM)]
        {
            if effects.contains(effect) {
                shown = shown.add_modifier(modifier);
            }
        }
        match style.get_fg_color() {
            Some(color) if self.has_color => shown.fg(match color {
                Shown::Ansi(color) => Color::Indexed(Ansi256Color::from_ansi(color).index()),
                Shown::Ansi256(color) => Color::Indexed(color.index()),
                Shown::Rgb(rgb) => Color::Rgb(rgb.r(), rgb.g(), rgb.b()),
            }),
            Some(_) | None => shown,
        }
    }

    fn word<W: Colored>(self, word: W) -> Span<'static> {
        Span::styled(word.name(), self.style(word.style()))
    }

    fn title(self) -> Style {
        self.style(BOLD).add_modifier(Modifier::UNDERLINED)
    }

    /// `█████░░░ 2/3`
    fn bar(self, done: u32, total: u32) -> Vec<Span<'static>> {
        let text = bare(&progress::bar(done, total, BAR.into()));
        let full: String = text.chars().take_while(|&c| c == '█').collect();
        let rest = text[full.len()..].to_owned();
        vec![Span::styled(full, self.style(GOOD)), Span::raw(rest)]
    }
}

/// A text of the command's without its styles.
pub(super) fn bare(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// So much of a session's id that sessions differ in it: the time of its creation.
pub(super) fn short_id(id: &str) -> String {
    safe(&id.chars().take(13).collect::<String>()).into_owned()
}

/// How many rows lines take when they are wrapped at a width.
pub(super) fn height(lines: &[Line<'_>], width: u16) -> u16 {
    let wrapped = |line: &Line<'_>| line.width().div_ceil(usize::from(width.max(1))).max(1);
    u16::try_from(lines.iter().map(wrapped).sum::<usize>()).unwrap_or(u16::MAX)
}

/// Lines under a title.
pub(super) fn text(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &str,
    lines: Vec<Line<'_>>,
    paint: Paint,
) {
    let [head, body] = headed(area);
    frame.render_widget(titled(title, paint), head);
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), body);
}

fn headed(area: Rect) -> [Rect; 2] {
    ratatui::layout::Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area)
}

/// A title as wide as its part.
fn titled<'a>(title: &'a str, paint: Paint) -> Paragraph<'a> {
    Paragraph::new(title).style(paint.title())
}

/// A list of which an entry is selected.
fn list(
    frame: &mut Frame<'_>,
    area: Rect,
    table: Table<'_>,
    selected: Option<usize>,
    is_focused: bool,
) {
    let mark = if is_focused { "▶ " } else { "▷ " };
    let style =
        if is_focused { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
    let table = table
        .column_spacing(1)
        .highlight_symbol(mark)
        .highlight_spacing(ratatui::widgets::HighlightSpacing::Always)
        .row_highlight_style(style);
    frame.render_stateful_widget(table, area, &mut TableState::new().with_selected(selected));
}

pub(super) fn sessions(
    frame: &mut Frame<'_>,
    area: Rect,
    top: &Top,
    now: OffsetDateTime,
    paint: Paint,
) {
    if top.picture.sessions.is_empty() {
        let none = match top.link {
            super::model::Link::Opening => "",
            super::model::Link::Live | super::model::Link::Stale { .. } => {
                "no sessions; `fermata session create` makes one"
            }
        };
        return text(frame, area, "SESSION", vec![Line::raw(none)], paint);
    }
    let rows = top.picture.sessions.iter().map(|session| {
        let status = session.status.as_ref();
        let state = status.map_or(SessionState::Unspecified, SessionStatus::state);
        let progress = status.and_then(|status| status.progress).unwrap_or_default();
        let reason = session.spec.as_ref().map_or("", |spec| spec.reason.as_str());
        Row::new(vec![
            Cell::from(short_id(&session.id)),
            Cell::from(paint.word(state)),
            Cell::from(safe(reason).into_owned()),
            Cell::from(Line::from(paint.bar(progress::worked_on(&progress), progress.hosts_total))),
            Cell::from(Line::from(paint.bar(progress.servers_done, progress.servers_total))),
            Cell::from(end(status, now)),
        ])
    });
    let widths = [
        Constraint::Length(13),
        Constraint::Length(10),
        Constraint::Fill(1),
        Constraint::Length(13),
        Constraint::Length(15),
        Constraint::Length(8),
    ];
    let head =
        Row::new(["SESSION", "STATE", "WHY", "HOSTS", "SERVERS", "ENDS"]).style(paint.title());
    let table = Table::new(rows, widths).header(head);
    list(frame, area, table, top.selected_session(), top.pane == Pane::Sessions);
}

/// When a session is expected to end, or ended.
fn end(status: Option<&SessionStatus>, now: OffsetDateTime) -> String {
    let at = status.and_then(|status| status.end_time.or(status.expected_end_time));
    // The day, and not the second, where it is another day.
    short(at.as_ref(), now).chars().take(8).collect()
}

/// The session of the focus: its state, figures and waves.
pub(super) fn summary(
    frame: &mut Frame<'_>,
    area: Rect,
    top: &Top,
    now: OffsetDateTime,
    paint: Paint,
) {
    let Some(session) = &top.picture.session else { return };
    let status = session.status.clone().unwrap_or_default();
    let progress = status.progress.unwrap_or_default();
    let mut first = vec![paint.word(status.state())];
    if let Some(expected) = &status.expected_end_time {
        first.push(Span::raw(format!(", ends {}", distance(Some(expected), now))));
    }
    if !status.state_reason.is_empty() {
        first.push(Span::raw(format!(": {}", safe(&spoken(&status.state_reason)))));
    }
    if let Some(outage) = &status.cloud_outage {
        let since = distance(outage.start_time.as_ref(), now);
        first.push(Span::styled(format!("; the cloud is away since {since}"), paint.style(BAD)));
    }
    let second = format!("hosts {}; servers {}", progress::hosts(&progress), servers_of(&progress));
    let lines =
        vec![Line::from(first), Line::raw(bare(&second)), waves(&top.picture.hosts, now, paint)];
    frame.render_widget(Paragraph::new(lines), area);
}

fn servers_of(progress: &Progress) -> String {
    let mut text = format!("{} of {} done", progress.servers_done, progress.servers_total);
    for (count, what) in
        [(progress.servers_in_action, "in action"), (progress.servers_failed, "failed")]
    {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}

/// `wave 1 ███░░░░░ 2/6  wave 2 ░░░░░░░░ 0/9 14:12:00`: the servers of the hosts that are to come, by wave.
fn waves(hosts: &[SessionHost], now: OffsetDateTime, paint: Paint) -> Line<'static> {
    let mut waves: BTreeMap<u32, (u32, u32, String)> = BTreeMap::new();
    for host in hosts.iter().filter(|host| host.wave > 0) {
        let begins = short(host.expected_start_time.as_ref(), now);
        let (done, total, start) = waves.entry(host.wave).or_insert((0, 0, begins));
        *done += host.servers_done;
        *total += host.servers_total;
        if start.is_empty() {
            *start = short(host.expected_start_time.as_ref(), now);
        }
    }
    let spans = waves.into_iter().flat_map(|(wave, (done, total, start))| {
        let mut spans = vec![Span::styled(format!("wave {wave} "), paint.style(BOLD))];
        spans.extend(paint.bar(done, total));
        spans.push(Span::raw(if start.is_empty() {
            "  ".to_owned()
        } else {
            format!(" {start}  ")
        }));
        spans
    });
    Line::from_iter(spans)
}

pub(super) fn hosts(
    frame: &mut Frame<'_>,
    area: Rect,
    top: &Top,
    now: OffsetDateTime,
    paint: Paint,
) {
    let name = widest(&top.picture.hosts, |host| host.host.as_str()).max(16);
    let state = widest(&top.picture.hosts, |host| host.state().name()).max(14);
    let is_wide = area.width >= name + state + 46;
    let rows = top.picture.hosts.iter().map(|host| {
        let wave = if host.wave == 0 { "–".to_owned() } else { host.wave.to_string() };
        let reason = Span::raw(safe(&spoken(&host.state_reason)).into_owned());
        let mut cells = vec![
            Cell::from(safe(&host.host).into_owned()),
            Cell::from(wave),
            Cell::from(paint.word(host.state())),
            Cell::from(Line::from(paint.bar(host.servers_done, host.servers_total))),
            Cell::from(when(host, now)),
        ];
        if is_wide {
            cells.push(Cell::from(alarm(host, paint).unwrap_or(reason)));
        }
        Row::new(cells)
    });
    let mut widths = vec![
        if is_wide { Constraint::Length(name) } else { Constraint::Fill(1) },
        Constraint::Length(4),
        Constraint::Length(state),
        Constraint::Length(13),
        Constraint::Length(10),
    ];
    let mut head = vec!["HOST", "WAVE", "STATE", "SERVERS", "WHEN"];
    if is_wide {
        widths.push(Constraint::Fill(1));
        head.push("WHY");
    }
    let table = Table::new(rows, widths).header(Row::new(head).style(paint.title()));
    list(frame, area, table, top.selected_host(), top.pane == Pane::Hosts);
}

/// The columns that the longest of these takes.
fn widest<T>(all: &[T], text: impl Fn(&T) -> &str) -> u16 {
    let longest = all.iter().map(|one| text(one).chars().count()).max().unwrap_or_default();
    u16::try_from(longest.min(1_000)).unwrap_or(1_000)
}

/// How far away a host's next time is: its deadline, its turn, or its end.
fn when(host: &SessionHost, now: OffsetDateTime) -> String {
    let at = host.end_time.or(host.deadline_time).or(host.expected_start_time);
    distance(at.as_ref(), now)
}

fn alarm(host: &SessionHost, paint: Paint) -> Option<Span<'static>> {
    let intruders = host.intruder_server_ids.len();
    (intruders > 0).then(|| {
        let text = format!("ALARM: {} on it", crate::view::count(intruders, "server"));
        Span::styled(text, paint.style(BAD))
    })
}

/// Who is waited for, until when, and what ends it.
pub(super) fn waits(top: &Top, now: OffsetDateTime, paint: Paint) -> Vec<Line<'static>> {
    let Some(status) = top.picture.session.as_ref().and_then(|session| session.status.as_ref())
    else {
        return vec![Line::default()];
    };
    if status.waits.is_empty() {
        return vec![Line::styled("nobody", paint.style(DIM))];
    }
    wait_lines::lines(&status.waits, now).into_iter().map(Line::raw).collect()
}

/// The selected host: what it does, and where each of its servers stands.
pub(super) fn servers(frame: &mut Frame<'_>, area: Rect, top: &Top, paint: Paint) {
    let Some(host) = top.selected_host().map(|at| &top.picture.hosts[at]) else {
        return text(frame, area, "SERVERS", Vec::new(), paint);
    };
    let mut about = Line::from(Span::styled(safe(&host.host).into_owned(), paint.style(BOLD)));
    about.push_span(Span::raw(" is "));
    about.push_span(paint.word(host.state()));
    if let Some(alarm) = alarm(host, paint) {
        about.push_span(Span::raw("; "));
        about.push_span(alarm);
    }
    if !host.state_reason.is_empty() {
        about.push_span(Span::raw(format!(": {}", safe(&spoken(&host.state_reason)))));
    }
    let lines = vec![about];
    let needed = height(&lines, area.width).min(3);
    let [list, about] =
        ratatui::layout::Layout::vertical([Constraint::Fill(1), Constraint::Length(needed)])
            .areas(area);
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), about);
    frame.render_widget(table_of_servers(&top.picture.servers, list, paint), list);
}

/// An id or a name is shown whole or not at all: the owner is left out where there is no room for it, then the action.
fn table_of_servers(servers: &[SessionServer], area: Rect, paint: Paint) -> Table<'static> {
    let name = widest(servers, called).max(6);
    let owner = widest(servers, |server| server.project_id.as_str()).max(5);
    let to = match widest(servers, |server| server.destination_host.as_str()) {
        0 => 0,
        host => 3 + host,
    };
    let (state, action) = (11, 12);
    let has_room = |more: u16| name + 1 + state + more + to <= area.width;
    let has_owner = has_room(1 + action + 1 + owner);
    let has_action = has_owner || has_room(1 + action);
    let row = |cells: [Cell<'static>; 5]| {
        let [name, state, action, owner, what] = cells;
        let action = Some(action).filter(|_| has_action);
        let owner = Some(owner).filter(|_| has_owner);
        Row::new([Some(name), Some(state), action, owner, Some(what)].into_iter().flatten())
    };
    let rows = servers.iter().take(usize::from(area.height.saturating_sub(1))).map(|server| {
        let what = if server.error.is_empty() {
            match server.destination_host.as_str() {
                "" => Span::raw(""),
                host => Span::raw(format!("→ {}", safe(host))),
            }
        } else {
            Span::styled(safe(&server.error).into_owned(), paint.style(BAD))
        };
        row([
            Cell::from(safe(called(server)).into_owned()),
            Cell::from(paint.word(server.state())),
            Cell::from(server.action().name()),
            Cell::from(safe(&server.project_id).into_owned()),
            Cell::from(what),
        ])
    });
    let widths = [
        Some(name),
        Some(state),
        Some(action).filter(|_| has_action),
        Some(owner).filter(|_| has_owner),
    ];
    let widths = widths.into_iter().flatten().map(Constraint::Length).chain([Constraint::Fill(1)]);
    let head = row(["SERVER", "STATE", "ACTION", "OWNER", ""].map(Cell::from));
    Table::new(rows, widths).column_spacing(1).header(head.style(paint.title()))
}

fn called(server: &SessionServer) -> &str {
    if server.name.is_empty() { &server.server_id } else { &server.name }
}
