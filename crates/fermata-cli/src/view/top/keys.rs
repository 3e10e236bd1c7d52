//! What a key does.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Pane, Top};
use super::order::{Act, Order};

/// How far a page goes.
const PAGE: isize = 10;
/// The contract's bound.
const LONGEST_REASON: usize = 1_024;

/// What a key asks of the program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Nothing,
    Leave,
    Do(Order),
}

/// Takes a key.
#[expect(clippy::wildcard_enum_match_arm, reason = "most keys mean nothing")]
pub(crate) fn press(top: &mut Top, key: KeyEvent) -> Asked {
    if key.kind == KeyEventKind::Release {
        return Asked::Nothing;
    }
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    if is_control && key.code == KeyCode::Char('c') {
        return Asked::Leave;
    }
    if top.question.is_some() {
        return answer(top, key.code, is_control);
    }
    if top.is_help_open {
        top.is_help_open = false;
        return Asked::Nothing;
    }
    match key.code {
        KeyCode::Char('q') => return Asked::Leave,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => top.is_help_open = true,
        KeyCode::Tab | KeyCode::BackTab | KeyCode::Left | KeyCode::Right | KeyCode::Enter => {
            top.pane = match top.pane {
                Pane::Sessions => Pane::Hosts,
                Pane::Hosts => Pane::Sessions,
            };
        }
        KeyCode::Up | KeyCode::Char('k') => go(top, -1),
        KeyCode::Down | KeyCode::Char('j') => go(top, 1),
        KeyCode::PageUp => go(top, -PAGE),
        KeyCode::PageDown => go(top, PAGE),
        KeyCode::Home => go(top, isize::MIN),
        KeyCode::End => go(top, isize::MAX),
        KeyCode::Char(key) if !is_control => {
            top.notice = None;
            top.question = Act::of_key(key).and_then(|act| Order::about(act, &top.focus));
        }
        _ => {}
    }
    Asked::Nothing
}

/// Moves the selection.
fn go(top: &mut Top, by: isize) {
    let (at, length) = match top.pane {
        Pane::Sessions => (top.selected_session(), top.picture.sessions.len()),
        Pane::Hosts => (top.selected_host(), top.picture.hosts.len()),
    };
    let Some(last) = length.checked_sub(1) else { return };
    let to = at.unwrap_or(0).saturating_add_signed(by).min(last);
    match top.pane {
        Pane::Sessions => top.select_session(Some(top.picture.sessions[to].id.clone())),
        Pane::Hosts => top.select_host(Some(top.picture.hosts[to].host.clone())),
    }
}

/// Takes a key while a question is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "most keys mean nothing")]
fn answer(top: &mut Top, key: KeyCode, is_control: bool) -> Asked {
    let Some(order) = &mut top.question else { return Asked::Nothing };
    match key {
        KeyCode::Esc => top.question = None,
        KeyCode::Enter if order.lacks().is_none() => {
            order.reason = order.reason.trim().to_owned();
            if let Some(order) = top.question.take() {
                return Asked::Do(order);
            }
        }
        KeyCode::Tab if order.act == Act::Retry => order.override_owners = !order.override_owners,
        KeyCode::Backspace => {
            order.reason.pop();
        }
        KeyCode::Char('u') if is_control => order.reason.clear(),
        KeyCode::Char(typed) if !is_control && order.reason.chars().count() < LONGEST_REASON => {
            order.reason.push(typed);
        }
        _ => {}
    }
    Asked::Nothing
}
