//! What is counted over sessions.

use fermata_core::Duration;
use fermata_core::session::{Figures, SessionHostState, SessionState};

use crate::world::World;
use crate::world::story::story;

fn figures(w: &World) -> Figures {
    Figures::of(&w.session, w.now)
}

#[test]
fn item_5_work_is_late_when_its_time_is_over() {
    let site = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a");
    let mut w = site.spec(|d| d.work_timeout = Some(Duration::minutes(30))).begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    w.pass(Duration::minutes(29));
    assert_eq!(figures(&w).late_works, 0);
    w.pass(Duration::minutes(2));
    assert_eq!(figures(&w).late_works, 1);
    assert_eq!(figures(&w).hosts[&SessionHostState::InMaintenance], 1);
    w.complete("hv-a").unwrap();
    assert_eq!(figures(&w).late_works, 0);
}

#[test]
fn item_5_a_session_is_late_when_its_end_is_expected_after_its_window() {
    let site = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a");
    let mut w = site.begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(figures(&w).late_sessions, 0);
    let left = w.session.head.spec.window.end - w.now;
    w.pass(left + Duration::minutes(1));
    assert_eq!(figures(&w).late_sessions, 1);
    w.complete("hv-a").unwrap();
    w.until_session(SessionState::Completed);
    assert_eq!(figures(&w), Figures::default());
}

#[test]
fn item_5_servers_on_a_held_host_are_intruders() {
    let mut w = story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-z").begin();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(figures(&w).intruders, 0);
    w.cloud.others_move(&"s".into(), Some(&"hv-a".into()));
    w.pass(Duration::seconds(15));
    assert_eq!(figures(&w).intruders, 1);
    let mut both = figures(&w);
    both += figures(&w);
    assert_eq!((both.intruders, both.hosts[&SessionHostState::InMaintenance]), (2, 2));
}
