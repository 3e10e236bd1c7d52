//! Golden screens, and what keys do to them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use fermata_client::v1::session_event::Event;
use fermata_client::v1::{
    Action, Progress, ServerState, Session, SessionEvent, SessionHost, SessionHostChanged,
    SessionHostState, SessionServer, SessionSpec, SessionState, SessionStatus, Wait, WaitKind,
    WaitParty,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Act, Asked, Focus, Order, Picture, Top, draw, press};
use crate::output::time::to_proto;
use crate::view::projects::ProjectNames;

const NOW: OffsetDateTime = datetime!(2026-11-23 14:02:00 UTC);
const FIRST: &str = "01a20804-4445-7666-87d5-30a16d420f95";
const SECOND: &str = "01a20805-0001-7666-87d5-30a16d420f95";

fn in_minutes(minutes: i64) -> Option<prost_types::Timestamp> {
    Some(to_proto(NOW + time::Duration::minutes(minutes)))
}

fn session(id: &str, state: SessionState, reason: &str) -> Session {
    let progress = Progress {
        hosts_total: 4,
        hosts_done: 1,
        hosts_in_maintenance: 1,
        servers_total: 9,
        servers_done: 4,
        servers_in_action: 2,
        ..Default::default()
    };
    let waits = vec![
        Wait {
            party: WaitParty::Operator.into(),
            host: "compute-a1".to_owned(),
            description: "the work on the host".to_owned(),
            kind: WaitKind::HostWork.into(),
            ended_by: vec!["fermata.v1.SessionService/CompleteHost".to_owned()],
            ..Default::default()
        },
        Wait {
            party: WaitParty::Owner.into(),
            project_id: "core-network".to_owned(),
            host: "compute-a2".to_owned(),
            description: "the decisions for its servers".to_owned(),
            deadline_time: in_minutes(3),
            kind: WaitKind::DrainReply.into(),
            ended_by: vec!["fermata.v1.NotificationService/Reply".to_owned()],
        },
    ];
    let status = SessionStatus {
        state: state.into(),
        state_reason: "hosts are being maintained".to_owned(),
        progress: Some(progress),
        expected_end_time: in_minutes(40),
        waits,
        ..Default::default()
    };
    Session {
        id: id.to_owned(),
        spec: Some(SessionSpec { reason: reason.to_owned(), ..Default::default() }),
        status: Some(status),
        ..Default::default()
    }
}

fn host(name: &str, state: SessionHostState, reason: &str, wave: u32, done: u32) -> SessionHost {
    SessionHost {
        host: name.to_owned(),
        state: state.into(),
        state_reason: reason.to_owned(),
        servers_total: 3,
        servers_done: done,
        wave,
        ..Default::default()
    }
}

fn picture(focus: &Focus) -> Picture {
    use SessionHostState as H;
    let held = "verified empty and held; CompleteHost or FailHost when the work is over";
    let hosts = vec![
        SessionHost {
            end_time: in_minutes(-9),
            ..host("compute-b3", H::Maintained, "back in service", 0, 3)
        },
        SessionHost {
            deadline_time: in_minutes(28),
            ..host("compute-a1", H::InMaintenance, held, 1, 3)
        },
        SessionHost {
            deadline_time: in_minutes(55),
            ..host("compute-a2", H::Draining, "owners are asked", 1, 1)
        },
        SessionHost {
            expected_start_time: in_minutes(12),
            ..host("compute-b1", H::Waiting, "its turn has not come", 2, 0)
        },
    ];
    let server = |name: &str, state: ServerState, action: Action| SessionServer {
        server_id: format!("id-of-{name}"),
        name: name.to_owned(),
        project_id: "core-network".to_owned(),
        state: state.into(),
        action: action.into(),
        ..Default::default()
    };
    let servers = vec![
        SessionServer {
            destination_host: "compute-b3".to_owned(),
            ..server("amf-1", ServerState::Moved, Action::LiveMigrate)
        },
        server("upf-1", ServerState::InAction, Action::LiveMigrate),
        SessionServer {
            error: "no valid host was found".to_owned(),
            ..server("smf-2", ServerState::Failed, Action::Migrate)
        },
    ];
    let sessions = vec![
        session(FIRST, SessionState::Running, "firmware 2026.2"),
        session(SECOND, SessionState::Completed, "a broken fan"),
    ];
    let has_host = focus.host.is_some();
    let current = sessions.iter().find(|session| Some(&session.id) == focus.session_id.as_ref());
    Picture {
        session: current.cloned(),
        hosts: if current.is_some() { hosts } else { Vec::new() },
        servers: if has_host { servers } else { Vec::new() },
        focus: focus.clone(),
        sessions,
    }
}

/// A screen that was shown pictures until it asked for nothing else.
fn shown() -> Top {
    let mut top = Top::new("http://127.0.0.1:7400 · 0.1.0 · simulated cloud".to_owned(), None);
    look(&mut top);
    let event = SessionEvent {
        session_id: FIRST.to_owned(),
        event: Some(Event::Host(SessionHostChanged {
            host: "compute-a2".to_owned(),
            state: SessionHostState::Draining.into(),
            reason: "owners are asked".to_owned(),
            ..Default::default()
        })),
        ..Default::default()
    };
    top.event(&event, in_minutes(-1).as_ref(), NOW);
    top
}

fn look(top: &mut Top) {
    loop {
        let focus = top.focus().clone();
        top.show(picture(&focus), NOW);
        if *top.focus() == focus {
            return;
        }
    }
}

fn drawn(top: &Top, width: u16, height: u16, has_color: bool) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, top, NOW, has_color)).unwrap();
    terminal
}

fn screen(top: &Top, width: u16, height: u16) -> String {
    let terminal = drawn(top, width, height, true);
    let cells = terminal.backend().buffer().content();
    let rows = cells.chunks(width.into()).map(|row| {
        let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        format!("{}\n", row.trim_end())
    });
    rows.collect()
}

fn is_golden(top: &Top, width: u16, height: u16, golden: &str) {
    let screen = screen(top, width, height);
    assert!(screen == golden, "the screen is not the golden one, but:\n{screen}");
}

fn type_in(top: &mut Top, keys: &[KeyCode]) -> Asked {
    let mut asked = Asked::Nothing;
    for &key in keys {
        assert_eq!(asked, Asked::Nothing);
        asked = press(top, KeyEvent::new(key, KeyModifiers::NONE));
        look(top);
    }
    asked
}

fn word(text: &str) -> Vec<KeyCode> {
    text.chars().map(KeyCode::Char).collect()
}

#[test]
fn a_narrow_screen() {
    let mut top = shown();
    type_in(&mut top, &[KeyCode::Tab, KeyCode::Down]);
    is_golden(&top, 80, 24, include_str!("golden/narrow.txt"));
}

#[test]
fn a_wide_screen() {
    is_golden(&shown(), 160, 40, include_str!("golden/wide.txt"));
}

#[test]
fn a_question() {
    let mut top = shown();
    type_in(&mut top, &[KeyCode::Char('r')]);
    type_in(&mut top, &[KeyCode::Tab]);
    is_golden(&top, 80, 24, include_str!("golden/question.txt"));
}

#[test]
fn help() {
    let mut top = shown();
    type_in(&mut top, &[KeyCode::Char('?')]);
    is_golden(&top, 80, 24, include_str!("golden/help.txt"));
    assert_eq!(type_in(&mut top, &[KeyCode::Char('q')]), Asked::Nothing, "it only closes help");
}

#[test]
fn no_session() {
    let mut top = Top::new("http://127.0.0.1:7400".to_owned(), None);
    top.show(Picture::default(), NOW);
    is_golden(&top, 80, 24, include_str!("golden/nothing.txt"));
}

#[test]
fn what_is_stale_says_so_until_it_is_read_again() {
    let mut top = shown();
    top.lost("the server is going away".to_owned());
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let later = NOW + time::Duration::seconds(20);
    terminal.draw(|frame| draw(frame, &top, later, true)).unwrap();
    let text = terminal.backend().to_string();
    assert!(text.contains("STALE: read 20 s ago  14:02:20"), "{text}");
    assert!(text.contains("no answer: the server is going away"), "{text}");
    assert!(text.contains("compute-a1"), "what is known stays: {text}");
    look(&mut top);
    let text = screen(&top, 80, 24);
    assert!(text.contains("live  14:02:00") && !text.contains("STALE"), "{text}");
}

#[test]
fn without_colours_no_cell_has_one() {
    let top = shown();
    let colored = |has_color| {
        let terminal = drawn(&top, 80, 24, has_color);
        let cells = terminal.backend().buffer().content().to_vec();
        cells.iter().filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert!(colored(true) > 0);
    assert_eq!(colored(false), 0);
    let terminal = drawn(&top, 80, 24, false);
    let reversed = |cell: &&ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
    assert_eq!(terminal.backend().buffer().content().iter().filter(reversed).count(), 80);
}

#[test]
fn every_size_can_be_drawn() {
    let mut asking = shown();
    type_in(&mut asking, &[KeyCode::Char('c')]);
    let mut helping = shown();
    type_in(&mut helping, &[KeyCode::Char('?')]);
    for width in (1..=200).step_by(7) {
        for height in (1..=60).step_by(5) {
            for top in [&shown(), &asking, &helping] {
                drawn(top, width, height, true);
            }
        }
    }
}

#[test]
fn a_key_asks_first_and_enter_does_it_with_the_reason() {
    let mut top = shown();
    type_in(&mut top, &[KeyCode::Tab, KeyCode::Down, KeyCode::Char('c')]);
    // Letters are the reason's now.
    type_in(&mut top, &word("quick fanx"));
    type_in(&mut top, &[KeyCode::Backspace]);
    let order = Order {
        act: Act::Complete,
        session_id: FIRST.to_owned(),
        host: "compute-a1".to_owned(),
        reason: "quick fan".to_owned(),
        override_owners: false,
    };
    assert_eq!(type_in(&mut top, &[KeyCode::Enter]), Asked::Do(order.clone()));
    assert_eq!(type_in(&mut top, &[KeyCode::Enter]), Asked::Nothing, "once");
    top.done(&order);
    assert!(screen(&top, 80, 24).contains("complete-host compute-a1: done"));
    top.refused(&order, "host compute-a1 is DRAINING");
    assert!(screen(&top, 80, 24).contains("complete-host compute-a1: host compute-a1 is DRAINING"));
}

#[test]
fn escape_does_nothing() {
    let mut top = shown();
    type_in(&mut top, &[KeyCode::Char('x'), KeyCode::Esc]);
    assert_eq!(type_in(&mut top, &[KeyCode::Enter, KeyCode::Enter]), Asked::Nothing);
    assert_eq!(type_in(&mut top, &[KeyCode::Char('q')]), Asked::Leave);
}

#[test]
fn what_is_about_the_session_names_no_host() {
    for (key, act) in [('g', Act::Start), ('p', Act::Pause), ('u', Act::Resume), ('x', Act::Cancel)]
    {
        let asked = type_in(&mut shown(), &[KeyCode::Char(key), KeyCode::Enter]);
        let Asked::Do(order) = asked else { panic!("{key}: {asked:?}") };
        assert_eq!((order.act, order.host.as_str()), (act, ""));
    }
}

#[test]
fn owners_are_overridden_only_with_a_reason() {
    let mut top = shown();
    assert_eq!(
        type_in(&mut top, &[KeyCode::Char('r'), KeyCode::Tab, KeyCode::Enter]),
        Asked::Nothing
    );
    type_in(&mut top, &word("agreed by phone"));
    let asked = type_in(&mut top, &[KeyCode::Enter]);
    assert!(matches!(asked, Asked::Do(Order { override_owners: true, .. })), "{asked:?}");
}

#[test]
fn the_selection_stays_in_the_list_and_on_what_it_was() {
    let mut top = shown();
    type_in(&mut top, &[KeyCode::Up]);
    assert_eq!(top.focus().session_id.as_deref(), Some(FIRST));
    type_in(&mut top, &[KeyCode::End, KeyCode::Down]);
    assert_eq!(top.focus().session_id.as_deref(), Some(SECOND));
    type_in(&mut top, &[KeyCode::Tab, KeyCode::PageDown]);
    assert_eq!(top.focus().host.as_deref(), Some("compute-b1"));
    // Others come before it.
    let mut picture = picture(top.focus());
    picture.sessions.insert(0, session("another", SessionState::Scheduled, "new"));
    picture.hosts.remove(0);
    top.show(picture, NOW);
    let focus = top.focus();
    assert_eq!(focus.session_id.as_deref(), Some(SECOND));
    assert_eq!(focus.host.as_deref(), Some("compute-b1"));
}

#[test]
fn a_picture_of_another_session_does_not_show_its_hosts() {
    let mut top = shown();
    let old = picture(top.focus());
    type_in(&mut top, &[]);
    press(&mut top, KeyEvent::new(KeyCode::Down, KeyModifiers::NONE));
    top.show(old, NOW);
    assert_eq!(top.focus().session_id.as_deref(), Some(SECOND));
    assert!(!screen(&top, 80, 24).contains("compute-a1"));
}

#[test]
fn a_name_cannot_drive_the_terminal() {
    let mut top = shown();
    let mut picture = picture(top.focus());
    picture.hosts[0].host = "a\u{1b}[2J".to_owned();
    top.show(picture, NOW);
    assert!(!screen(&top, 80, 24).contains('\u{1b}'));
}

const IMS: &str = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202";

#[test]
fn item_10_projects_are_called_by_their_names() {
    let mut top = shown();
    let mut picture = picture(top.focus());
    picture.servers[0].project_id = IMS.to_owned();
    picture.session.as_mut().unwrap().status.as_mut().unwrap().waits[1].project_id = IMS.to_owned();
    picture.hosts[0].state_reason = format!("project {IMS} objects");
    assert!(picture.projects().contains(IMS), "{:?}", picture.projects());
    let mut names = ProjectNames::default();
    names.learn(IMS.to_owned(), "ims".to_owned());
    picture.name(&names);
    top.show(picture, NOW);
    let text = screen(&top, 160, 40);
    assert!(text.contains("LIVE_MIGRATE ims"), "{text}");
    assert!(text.contains(&format!("owner ims ({IMS})")), "{text}");
    assert!(text.contains("project ims (8b1d"), "{text}");
}

#[test]
fn item_15_ids_names_and_states_are_whole_or_not_there() {
    let mut top = shown();
    let mut picture = picture(top.focus());
    for host in &mut picture.hosts {
        host.host = host.host.replace("compute", "compute-0017.rack-4");
    }
    picture.focus.host = Some(picture.hosts[0].host.clone());
    picture.hosts[0].state = SessionHostState::MaintenanceFailed.into();
    for server in &mut picture.servers {
        server.name = String::new();
        server.server_id = "0f6d2a1e-5b7c-4a57-9d0e-0c6b1f2a7e11".to_owned();
        server.project_id = IMS.to_owned();
    }
    top.select_host(picture.focus.host.clone());
    top.show(picture.clone(), NOW);
    for width in [80, 100, 129, 130, 160, 200] {
        let text = screen(&top, width, 40);
        for whole in [picture.servers[0].server_id.as_str(), "MAINTENANCE_FAILED", "IN_ACTION"] {
            assert!(text.contains(whole), "{width}: {whole}: {text}");
        }
        assert!(picture.hosts.iter().all(|host| text.contains(&host.host)), "{width}: {text}");
        let owners = text.matches("8b1d7e04").count();
        assert_eq!(owners, text.matches(IMS).count(), "{width}: an owner is cut: {text}");
    }
    let text = screen(&top, 200, 40);
    assert!(text.contains("OWNER") || !text.contains(IMS), "{text}");
}
