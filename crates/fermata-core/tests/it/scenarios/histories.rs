//! What is remembered of owners' answers, of what the operator overrode, and of decisions that do not count any more.

use fermata_core::Duration;
use fermata_core::session::{
    DecisionEnd, DecisionSource, EarlierDecision, NotificationState, ObjectionEnd, OwnerAnswer,
    Said, SessionHostState,
};
use fermata_core::spec::{Action, OnSilence};

use crate::world::World;
use crate::world::owners::Words;
use crate::world::story::{Story, accept, operator, reject, story};

/// One server of red on hv-a, and room elsewhere.
fn one_server() -> Story {
    story(&["hv-a"]).spare(&["hv-z"]).server("s", "red", "hv-a")
}

/// A session whose owner answers by hand.
fn by_hand() -> World {
    let mut w = one_server().begin();
    w.interactive.insert("red".into());
    w
}

/// What is remembered of the question about hv-a.
fn said(w: &World) -> Vec<Said> {
    let history = w.question("red", "hv-a").history;
    assert!(history.answers.is_sorted_by_key(|answer| answer.at));
    assert_eq!(history.left_out, 0);
    history.answers.into_iter().map(|OwnerAnswer { said, .. }| said).collect()
}

fn objected(objection: &str) -> Said {
    Said::Objected { objection: objection.to_owned(), comment: String::new() }
}

fn ended(objection: &str, how: ObjectionEnd) -> Said {
    Said::ObjectionEnded { objection: objection.to_owned(), how }
}

fn overridden(objection: &str) -> Said {
    Said::Overridden {
        objection: objection.to_owned(),
        by: operator().principal,
        host: "hv-a".into(),
        reason: "the disk is failing".to_owned(),
        decided: 1,
    }
}

fn accepted(decided: u32) -> Said {
    Said::Accepted { decided, comment: String::new() }
}

#[test]
fn item_6_an_objection_that_is_overridden_stays() {
    let mut w = one_server().owner("red", Words::No("quarter end".to_owned())).begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    w.override_owners("hv-a", "the disk is failing").unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    assert_eq!(w.question("red", "hv-a").objection, None);
    let said = said(&w);
    assert!(matches!(
        &said[0],
        Said::Objected { objection, .. } | Said::ObjectedBefore { objection } if objection == "quarter end"
    ));
    assert_eq!(said[1..], [overridden("quarter end")]);
}

#[test]
fn item_6_silence_that_is_overridden_stays() {
    let site = one_server().owner("red", Words::Silence);
    let mut w = site.spec(|d| d.on_silence = OnSilence::Hold).begin();
    w.until("the hold", |w| w.host("hv-a").hold.is_some());
    w.override_owners("hv-a", "the disk is failing").unwrap();
    assert_eq!(said(&w), [Said::Silent, overridden("")]);
}

#[test]
fn item_6_every_objection_and_how_it_ended_stays() {
    let mut w = by_hand();
    let asked = w.until_asked("red", "hv-a");
    w.answer(&asked, reject("not now")).unwrap();
    w.answer(&asked, reject("not now")).unwrap();
    w.pass(Duration::seconds(30));
    w.answer(&asked, reject("the quarter ends")).unwrap();
    w.retry("hv-a").unwrap();
    let again = w.question("red", "hv-a");
    assert_eq!(again.state, NotificationState::Pending);
    w.answer(&again, reject("never")).unwrap();
    w.answer(&again, accept(Action::LiveMigrate)).unwrap();
    w.until_host("hv-a", SessionHostState::InMaintenance);
    let expected = [
        objected("not now"),
        objected("the quarter ends"),
        ended("the quarter ends", ObjectionEnd::AskedAgain),
        objected("never"),
        ended("never", ObjectionEnd::Answered),
        accepted(1),
    ];
    assert_eq!(said(&w), expected);
}

#[test]
fn item_6_an_objection_to_the_announcement_is_taken_back_at_the_drain() {
    let mut w = by_hand();
    let announced = w.announcement("red");
    w.answer(&announced, reject("never")).unwrap();
    w.until_asked("red", "hv-a");
    w.answer(&announced, accept(Action::LiveMigrate)).unwrap();
    let before = Said::ObjectedBefore { objection: "never".to_owned() };
    assert_eq!(said(&w), [before, ended("never", ObjectionEnd::TakenBack)]);
    let history = w.announcement("red").history.answers.into_iter().map(|answer| answer.said);
    let expected = [objected("never"), ended("never", ObjectionEnd::Answered), accepted(1)];
    assert_eq!(history.collect::<Vec<_>>(), expected);
}

fn earlier(w: &World) -> Vec<(Action, DecisionSource, DecisionEnd)> {
    let of = |e: &EarlierDecision| (e.decision.action, e.decision.source, e.why);
    w.server("hv-a", "s").earlier.decisions.iter().map(of).collect()
}

#[test]
fn item_6_a_server_that_comes_back_twice_keeps_every_decision() {
    // The other owner has not answered yet, so nothing is moved.
    let site = one_server().server("t", "blue", "hv-a");
    let mut w = site.spec(|d| d.drain_reply_period = Some(Duration::minutes(20))).begin();
    w.until_asked("red", "hv-a");
    let mut expected = Vec::new();
    for action in [Action::LiveMigrate, Action::Migrate] {
        w.answer(&w.question("red", "hv-a"), accept(action)).unwrap();
        for host in ["hv-z", "hv-a"] {
            w.cloud.others_move(&"s".into(), Some(&host.into()));
            w.pass(Duration::minutes(2));
        }
        expected.push((action, DecisionSource::Owner, DecisionEnd::CameBack));
        assert_eq!(w.server("hv-a", "s").decision, None);
    }
    assert_eq!(earlier(&w), expected);
}

#[test]
fn item_6_a_decision_that_is_changed_or_tried_again_stays() {
    let mut w = by_hand();
    let asked = w.until_asked("red", "hv-a");
    w.answer(&asked, accept(Action::OwnAction)).unwrap();
    w.answer(&asked, accept(Action::Keep)).unwrap();
    assert_eq!(
        earlier(&w),
        [(Action::OwnAction, DecisionSource::Owner, DecisionEnd::DecidedOtherwise)]
    );
    assert_eq!(said(&w), [accepted(1), accepted(1)]);
}
