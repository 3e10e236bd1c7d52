//! The screen, and where its parts lie.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};
use time::OffsetDateTime;

use super::model::{Link, Notice, Top};
use super::order::{Act, Order};
use super::panes::{self, Paint};
use crate::output::color::{BAD, BOLD, BUSY, DIM, GOOD, safe};
use crate::output::time::{relative_to, wall_clock};

/// From so many columns on, details are beside the lists and not below them.
const WIDE: u16 = 130;

const KEYS: [(&str, &str); 11] = [
    ("↑↓", "select"),
    ("Tab", "list"),
    ("c", "complete"),
    ("r", "retry"),
    ("s", "skip"),
    ("f", "fail"),
    ("p", "pause"),
    ("u", "resume"),
    ("x", "cancel"),
    ("?", "help"),
    ("q", "quit"),
];

const HELP: [(&str, &str); 12] = [
    ("↑ ↓ PgUp PgDn Home End", "select; j and k as well"),
    ("Tab", "between sessions and hosts"),
    ("c", "complete-host: the work on the host is done"),
    ("f", "fail-host: the work failed, or give the drain up"),
    ("s", "skip-host: leave the host out"),
    ("r", "retry-host: try again, or go on where it waits"),
    ("g", "start the session now"),
    ("p", "pause the session"),
    ("u", "resume the session"),
    ("x", "cancel the session"),
    ("q, Ctrl-C", "leave; nothing happens to any session"),
    ("Esc", "leave a question without an answer"),
];

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, top: &Top, now: OffsetDateTime, has_color: bool) {
    let paint = Paint { has_color };
    let area = frame.area();
    let [head, middle, notice, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header(frame, head, top, now, paint);
    if area.width >= WIDE {
        wide(frame, middle, top, now, paint);
    } else {
        narrow(frame, middle, top, now, paint);
    }
    frame.render_widget(last_word(top, paint), notice);
    frame.render_widget(help_line(keys.width, paint), keys);
    if let Some(order) = &top.question {
        question(frame, order, paint);
    } else if top.is_help_open {
        help(frame, paint);
    }
}

fn narrow(frame: &mut Frame<'_>, area: Rect, top: &Top, now: OffsetDateTime, paint: Paint) {
    let waits = panes::waits(top, now, paint);
    let [sessions, summary, hosts, waiting, servers] = Layout::vertical([
        Constraint::Length(rows(top.picture.sessions.len(), 1, area.height / 5)),
        Constraint::Length(3),
        Constraint::Fill(3),
        Constraint::Length(1 + panes::height(&waits, area.width).min(area.height / 5)),
        Constraint::Fill(2),
    ])
    .areas(area);
    panes::sessions(frame, sessions, top, now, paint);
    panes::summary(frame, summary, top, now, paint);
    panes::hosts(frame, hosts, top, now, paint);
    panes::text(frame, waiting, "WAITS FOR", waits, paint);
    panes::servers(frame, servers, top, paint);
}

fn wide(frame: &mut Frame<'_>, area: Rect, top: &Top, now: OffsetDateTime, paint: Paint) {
    let [left, _, right] =
        Layout::horizontal([Constraint::Fill(3), Constraint::Length(2), Constraint::Fill(2)])
            .areas(area);
    let [sessions, summary, hosts] = Layout::vertical([
        Constraint::Length(rows(top.picture.sessions.len(), 1, area.height / 3)),
        Constraint::Length(3),
        Constraint::Fill(1),
    ])
    .areas(left);
    let waits = panes::waits(top, now, paint);
    let [waiting, servers, events] = Layout::vertical([
        Constraint::Length(1 + panes::height(&waits, right.width).min(area.height / 4)),
        Constraint::Fill(1),
        Constraint::Fill(1),
    ])
    .areas(right);
    panes::sessions(frame, sessions, top, now, paint);
    panes::summary(frame, summary, top, now, paint);
    panes::hosts(frame, hosts, top, now, paint);
    panes::text(frame, waiting, "WAITS FOR", waits, paint);
    panes::servers(frame, servers, top, paint);
    let lines = top.events.iter().map(|line| Line::raw(line.as_str())).collect();
    panes::text(frame, events, "WHAT HAPPENED, LAST FIRST", lines, paint);
}

/// The rows of a list with its header, at least `least` and at most `most` entries.
fn rows(entries: usize, least: u16, most: u16) -> u16 {
    1 + u16::try_from(entries).unwrap_or(u16::MAX).clamp(least, most.max(least))
}

fn header(frame: &mut Frame<'_>, area: Rect, top: &Top, now: OffsetDateTime, paint: Paint) {
    let link = match &top.link {
        Link::Opening => Span::styled("reading …", paint.style(BUSY)),
        Link::Live => Span::styled("live", paint.style(GOOD)),
        Link::Stale { since: Some(since), .. } => {
            Span::styled(format!("STALE: read {}", relative_to(*since, now)), paint.style(BAD))
        }
        Link::Stale { since: None, .. } => Span::styled("NOT READ", paint.style(BAD)),
    };
    let right = Line::from(vec![link, Span::raw("  "), Span::raw(wall_clock(now))]);
    let width = u16::try_from(right.width()).unwrap_or(area.width);
    let [left, end] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    let name = Span::styled("Fermata", paint.style(BOLD));
    let server = Span::raw(format!("  {}", safe(&top.server)));
    frame.render_widget(Line::from(vec![name, server]), left);
    frame.render_widget(right, end);
}

/// Why the picture is stale, or else what became of the last order.
fn last_word(top: &Top, paint: Paint) -> Line<'static> {
    if let Link::Stale { why, .. } = &top.link {
        return Line::styled(format!("no answer: {}", safe(why)), paint.style(BAD));
    }
    match &top.notice {
        None => Line::default(),
        Some(Notice::Done(text)) => Line::styled(safe(text).into_owned(), paint.style(GOOD)),
        Some(Notice::Refused(text)) => Line::styled(safe(text).into_owned(), paint.style(BAD)),
    }
}

/// As many keys as fit; help and the way out always do.
fn help_line(width: u16, paint: Paint) -> Line<'static> {
    let length = |(key, does): &(&str, &str)| key.chars().count() + does.len() + 3;
    let (first, always) = KEYS.split_at(KEYS.len() - 2);
    let mut room = usize::from(width).saturating_sub(always.iter().map(length).sum());
    let shown = first.iter().take_while(|key| {
        let fits = length(key) <= room;
        room = room.saturating_sub(length(key));
        fits
    });
    let spans = shown.chain(always).flat_map(|&(key, does)| {
        [Span::styled(key, paint.style(BOLD)), Span::raw(format!(" {does}  "))]
    });
    Line::from_iter(spans)
}

fn help(frame: &mut Frame<'_>, paint: Paint) {
    let lines = HELP.iter().map(|&(key, does)| {
        Line::from(vec![Span::styled(format!("{key:<24}"), paint.style(BOLD)), Span::raw(does)])
    });
    over(frame, " Keys ", lines.collect(), paint);
}

fn question(frame: &mut Frame<'_>, order: &Order, paint: Paint) {
    let mut lines = vec![Line::raw(order.act.means()), Line::default()];
    lines.push(Line::from(vec![
        Span::styled("Reason: ", paint.style(BOLD)),
        Span::raw(safe(&order.reason).into_owned()),
        Span::raw("▏"),
    ]));
    if order.act == Act::Retry {
        let mark = if order.override_owners { "x" } else { " " };
        let text = format!("[{mark}] although owners objected or were silent (Tab)");
        lines.push(Line::raw(text));
    }
    lines.push(Line::default());
    lines.push(match order.lacks() {
        Some(lack) => Line::styled(lack, paint.style(BAD)),
        None => Line::from(vec![
            Span::styled("Enter", paint.style(BOLD)),
            Span::raw(" does it   "),
            Span::styled("Esc", paint.style(BOLD)),
            Span::raw(" does nothing"),
        ]),
    });
    over(frame, &format!(" {}? ", safe(&order.title())), lines, paint);
}

/// A box over the middle of the screen.
fn over(frame: &mut Frame<'_>, title: &str, lines: Vec<Line<'_>>, paint: Paint) {
    let all = frame.area();
    let width = all.width.min(76);
    let height = (panes::height(&lines, width.saturating_sub(4)) + 2).min(all.height);
    let area = all.centered(Constraint::Length(width), Constraint::Length(height));
    let block = Block::bordered()
        .title(Line::styled(title, paint.style(BOLD)))
        .border_style(paint.style(DIM))
        .padding(ratatui::widgets::Padding::horizontal(1));
    frame.render_widget(Clear, area);
    let text = Paragraph::new(lines).wrap(Wrap { trim: false }).block(block);
    frame.render_widget(text, area);
}
