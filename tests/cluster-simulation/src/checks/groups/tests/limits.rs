//! Invariant 12.

use fermata_core::cloud::{GroupAffinity, ServerStatus};
use fermata_simcloud::{Operation, Outcome};

use super::story::{ACTIVE, Shot, Story, seconds, web};
use crate::checks::groups::Kind::{BeyondLimit, TooSoon};
use crate::checks::groups::{AtSize, By, Group, Limit, Tolerance};

fn recovering(recovery: i64) -> Group {
    Group { recovery: seconds(recovery), ..web(2) }
}

fn patient() -> Tolerance {
    Tolerance { knowledge: seconds(20), clock: seconds(8), ends: seconds(0) }
}

#[test]
fn one_after_the_other_is_allowed() {
    let mut story = Story::exact([web(1)]);
    story.at(1).moved("a", "h1", "h4");
    story.at(1).moves("b", "h2");
    story.at(5).goes("b", "h2", "h4");
    story.at(9).rests("b", "h4");
    story.at(9).stops("c", "h3");
    assert_eq!(story.found, []);
}

#[test]
fn two_moves_at_once_are_one_too_many() {
    let mut story = Story::exact([web(1)]);
    story.at(1).moves("a", "h1");
    story.at(3).moves("b", "h2");
    assert_eq!(story.kinds(), [BeyondLimit]);
    assert_eq!(
        story.found[0].text,
        "Fermata begins to live migrate b while 1 of 3 members of web are impacted, whose limit is 1; \
         a is moved by Fermata for 2.0 s"
    );
}

#[test]
fn a_limit_of_two_allows_two() {
    let mut story = Story::exact([web(2)]);
    story.at(1).moves("a", "h1");
    story.at(2).stops("b", "h2");
    assert_eq!(story.found, []);
    story.at(3).moves("c", "h3");
    assert_eq!(story.kinds(), [BeyondLimit]);
}

#[test]
fn nothing_is_begun_where_none_may_be_impacted() {
    let mut story = Story::exact([web(0)]);
    story.at(1).stops("a", "h1");
    assert_eq!(story.kinds(), [BeyondLimit]);
    assert!(story.found[0].text.ends_with("whose limit is 0"), "{:?}", story.found);
}

#[test]
fn other_servers_are_no_matter_of_the_group() {
    let mut story = Story::exact([web(1)]);
    story.rests("d", "h4");
    story.at(1).moves("a", "h1");
    story.at(2).stops("d", "h4");
    assert_eq!(story.found, []);
}

#[test]
fn a_server_that_was_stopped_is_impacted_until_it_is_active() {
    let mut story = Story::exact([web(1)]);
    story.at(1).stops("a", "h1");
    story.at(2).is("a", "h1", ServerStatus::Shutoff);
    story.at(90).shot(
        "a",
        Shot { on: "h1", to: None, status: ServerStatus::Shutoff, task: Some("powering-on") },
    );
    story.at(91).moves("b", "h2");
    assert_eq!(story.kinds(), [BeyondLimit]);
    story.at(92).rests("a", "h1");
    story.at(92).rests("b", "h2");
    story.at(93).moves("c", "h3");
    assert_eq!(story.kinds(), [BeyondLimit], "nothing more");
}

#[test]
fn a_server_that_is_stopped_and_then_moved_is_one_impact() {
    let mut story = Story::exact([Group { recovery: seconds(30), ..web(1) }]);
    story.at(1).stops("a", "h1");
    story.at(2).is("a", "h1", ServerStatus::Shutoff);
    let resized = || ServerStatus::Other("RESIZE".to_owned());
    let going = |to| Shot { on: "h1", to, status: resized(), task: Some("resize_prep") };
    story.at(3).shot("a", going(None));
    story.call(Operation::Migrate, "a", Outcome::Done);
    story.at(4).shot("a", going(Some("h4")));
    let status = ServerStatus::VerifyResize;
    story.at(8).shot("a", Shot { on: "h4", to: Some("h1"), status, task: None });
    assert_eq!(story.found, []);
    story.at(60).moves("b", "h2");
    assert_eq!(story.kinds(), [BeyondLimit], "it is still stopped");
}

#[test]
fn a_server_of_an_owner_that_is_shut_off_is_not_impacted_until_it_is_moved() {
    let mut story = Story::exact([web(1)]);
    story.is("a", "h1", ServerStatus::Shutoff);
    story.host("h1", false);
    story.at(1).moved("b", "h2", "h4");
    assert_eq!(story.found, []);
    story.host("h1", true);
    story.at(2).shot(
        "a",
        Shot {
            on: "h1",
            to: None,
            status: ServerStatus::Other("RESIZE".to_owned()),
            task: Some("resize_prep"),
        },
    );
    story.call(Operation::Migrate, "a", Outcome::Done);
    story.at(3).moves("c", "h3");
    assert_eq!(story.kinds(), [BeyondLimit]);
}

#[test]
fn a_server_that_broke_on_the_way_has_not_arrived() {
    let mut story = Story::exact([web(1)]);
    story.at(1).moves("a", "h1");
    story.at(2).goes("a", "h1", "h4");
    story.at(3).is("a", "h1", ServerStatus::Error);
    story.at(300).moves("b", "h2");
    assert_eq!(story.kinds(), [BeyondLimit]);
}

#[test]
fn what_was_asked_in_vain_impacts_nobody() {
    let mut story = Story::exact([web(1)]);
    story.at(1).moves("a", "h1");
    story.at(2).call(Operation::LiveMigrate, "b", Outcome::Refused);
    story.at(2).call(Operation::Stop, "b", Outcome::Nothing);
    story.at(2).call(Operation::Start, "b", Outcome::Done);
    assert_eq!(story.found, []);
}

#[test]
fn a_fault_that_fermata_must_know_counts_and_a_younger_one_does_not() {
    let mut story = Story::new(patient(), [web(1)]);
    story.at(0).host("h1", false);
    story.at(19).moved("b", "h2", "h4");
    assert_eq!(story.found, []);
    story.at(20).moves("c", "h3");
    assert_eq!(story.kinds(), [BeyondLimit]);
    assert!(story.found[0].text.contains("a is on a host that is down for 20.0 s"));
}

#[test]
fn members_that_were_broken_before_count() {
    let mut story = Story::exact([web(1)]);
    story.is("a", "h1", ServerStatus::Error);
    story.at(1).moves("b", "h2");
    assert_eq!(story.kinds(), [BeyondLimit]);
}

#[test]
fn others_may_go_beyond_the_limit_and_fermata_may_not_add_to_it() {
    let mut story = Story::exact([web(1)]);
    story.at(1).moves("a", "h1");
    story.at(2).by(By::Others).moves("b", "h2");
    assert_eq!(story.found, []);
    story.at(3).rests("a", "h1");
    story.at(4).by(By::Fermata).moves("c", "h3");
    assert_eq!(story.kinds(), [BeyondLimit]);
    assert!(story.found[0].text.contains("b is moved by others"));
}

#[test]
fn the_next_impact_waits_until_the_group_has_recovered() {
    for (begins, found) in [(39, vec![TooSoon]), (40, Vec::new())] {
        let mut story = Story::exact([recovering(30)]);
        story.at(1).moves("a", "h1");
        story.at(2).goes("a", "h1", "h4");
        story.at(10).rests("a", "h4");
        story.at(begins).moves("b", "h2");
        assert_eq!(story.kinds(), found);
    }
}

#[test]
fn a_clock_may_be_off_by_a_little() {
    for (begins, found) in [(31, vec![TooSoon]), (32, Vec::new())] {
        let mut story = Story::new(patient(), [recovering(30)]);
        story.at(10).moved("a", "h1", "h4");
        story.at(begins).moves("b", "h2");
        assert_eq!(story.kinds(), found);
    }
}

#[test]
fn an_impact_that_goes_on_is_no_reason_to_wait() {
    let mut story = Story::exact([recovering(30)]);
    story.at(1).moves("a", "h1");
    story.at(2).moves("b", "h2");
    assert_eq!(story.found, []);
}

#[test]
fn what_has_just_ended_may_have_been_under_way_when_the_next_one_was_decided() {
    let tolerance = Tolerance { ends: seconds(12), ..Tolerance::default() };
    let begin_at = |second: i64, server: &str, limit: u32| {
        let mut story = Story::new(tolerance, [Group { recovery: seconds(30), ..web(limit) }]);
        story.at(1).moves("a", "h1");
        story.at(2).goes("a", "h1", "h4");
        story.at(10).rests("a", "h1");
        story.at(second).moves(server, "h2");
        story.kinds()
    };
    assert_eq!(begin_at(21, "b", 2), []);
    assert_eq!(begin_at(22, "b", 2), [TooSoon], "it was over by then");
    assert_eq!(begin_at(11, "b", 1), [TooSoon], "there was no room for two");
    assert_eq!(begin_at(11, "a", 2), [TooSoon], "a was being moved itself");
}

#[test]
fn a_group_recovers_from_faults_that_were_seen() {
    let begin_after = |fault: i64| {
        let mut story = Story::new(patient(), [recovering(30)]);
        story.at(0).host("h1", false);
        story.at(fault).host("h1", true);
        story.at(fault + 1).moves("b", "h2");
        story.kinds()
    };
    assert_eq!(begin_after(19), []);
    assert_eq!(begin_after(20), [TooSoon]);
}

#[test]
fn the_same_server_is_moved_again_only_after_the_group_has_recovered() {
    let mut story = Story::exact([recovering(30)]);
    story.at(1).moves("a", "h1");
    story.at(2).goes("a", "h1", "h4");
    story.at(3).rests("a", "h1");
    story.at(4).moves("a", "h1");
    assert_eq!(story.kinds(), [TooSoon]);
    assert_eq!(
        story.found[0].text,
        "Fermata begins to live migrate a 1.0 s after a of web was moved by Fermata, which needs 30.0 s to recover"
    );
}

#[test]
fn a_move_for_which_no_host_was_found_needs_no_recovery() {
    let mut story = Story::exact([recovering(30)]);
    story.at(1).moves("a", "h1");
    story.at(2).rests("a", "h1");
    story.at(3).moves("a", "h1");
    assert_eq!(story.found, []);
}

#[test]
fn members_that_are_gone_make_the_group_smaller_once_that_is_known() {
    let two_left_alone = Group {
        limit: Limit { preserved: vec![AtSize { size: 0, number: 2 }], ..Limit::default() },
        ..web(0)
    };
    let begin_at = |second: i64| {
        let mut story = Story::new(patient(), [two_left_alone.clone()]);
        story.at(1).gone("c");
        story.at(second).moves("a", "h1");
        story.kinds()
    };
    assert_eq!(begin_at(20), []);
    assert_eq!(begin_at(21), [BeyondLimit]);
}

#[test]
fn members_of_the_server_group_are_members() {
    let group =
        Group { server_group: Some("cloud".into()), members: ["a".into()].into(), ..web(1) };
    let mut story = Story::exact([group]);
    story.server_group(GroupAffinity::SoftAffinity, &["b"]);
    story.at(1).moves("a", "h1");
    story.at(2).moves("c", "h3");
    assert_eq!(story.found, []);
    story.at(3).moves("b", "h2");
    assert_eq!(story.kinds(), [BeyondLimit]);
}

#[test]
fn a_server_may_be_in_several_groups() {
    let all = Group { id: "all".to_owned(), ..web(2) };
    let some = Group { id: "some".to_owned(), members: ["b".into(), "c".into()].into(), ..web(1) };
    let mut story = Story::exact([all, some]);
    story.at(1).moves("b", "h2");
    story.at(2).moves("a", "h1");
    assert_eq!(story.found, []);
    story.at(3).moves("c", "h3");
    assert_eq!(story.kinds(), [BeyondLimit, BeyondLimit]);
}

#[test]
fn a_stop_that_failed_is_over() {
    let mut story = Story::exact([web(1)]);
    story.at(1).stops("a", "h1");
    story.at(2).is("a", "h1", ACTIVE);
    story.at(3).stops("b", "h2");
    assert_eq!(story.found, []);
}

#[test]
fn limits_by_size_hold_upwards_and_the_smallest_one_below() {
    let at = |entries: &[(u32, u32)]| {
        entries.iter().map(|&(size, number)| AtSize { size, number }).collect::<Vec<_>>()
    };
    let limits = |impacted: &[(u32, u32)], preserved: &[(u32, u32)]| {
        let limit = Limit { impacted: at(impacted), preserved: at(preserved) };
        [1, 2, 3, 5, 6, 9].map(|size| limit.of(size))
    };
    // The table of docs/policies.md.
    assert_eq!(limits(&[], &[]), [1, 2, 3, 5, 6, 9]);
    assert_eq!(limits(&[(0, 1)], &[]), [1, 1, 1, 1, 1, 1]);
    assert_eq!(limits(&[(6, 2), (3, 1)], &[]), [1, 1, 1, 1, 2, 2]);
    assert_eq!(limits(&[], &[(0, 2)]), [0, 0, 1, 3, 4, 7]);
    assert_eq!(limits(&[(6, 4)], &[(3, 2)]), [0, 0, 1, 3, 4, 4]);
}
