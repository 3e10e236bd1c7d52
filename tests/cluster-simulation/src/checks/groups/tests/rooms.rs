//! Invariant 13.

use fermata_core::cloud::GroupAffinity;

use super::story::{Story, web};
use crate::checks::groups::Kind::{NoRoom, TooManyOnHost};
use crate::checks::groups::{By, Group};

/// Four servers are all that fits on a host.
fn filled(story: &mut Story, host: &str, servers: &[&str]) {
    for server in servers {
        story.rests(server, host);
    }
}

#[test]
fn a_host_may_be_full() {
    let mut story = Story::exact([]);
    filled(&mut story, "h4", &["w", "x", "y"]);
    story.moves("a", "h1");
    story.goes("a", "h1", "h4");
    story.rests("a", "h4");
    assert_eq!(story.found, []);
}

#[test]
fn what_is_kept_for_a_move_counts_at_both_ends() {
    let mut story = Story::exact([]);
    filled(&mut story, "h4", &["w", "x", "y"]);
    story.moves("a", "h1");
    story.goes("a", "h1", "h4");
    story.moves("b", "h2");
    story.goes("b", "h2", "h4");
    assert_eq!(story.kinds(), [NoRoom]);
    assert_eq!(story.found[0].text, "10 VCPU are taken or kept on h4, which has 8");
    filled(&mut story, "h1", &["k", "l", "m", "n"]);
    assert_eq!(story.kinds(), [NoRoom, NoRoom], "a is still on h1");
}

#[test]
fn a_host_that_is_too_small_is_told_once_until_it_is_not() {
    let mut story = Story::exact([]);
    filled(&mut story, "h4", &["v", "w", "x", "y", "z"]);
    story.rests("a", "h1");
    assert_eq!(story.kinds(), [NoRoom]);
    story.gone("z");
    story.rests("z", "h1");
    story.rests("z", "h4");
    assert_eq!(story.kinds(), [NoRoom, NoRoom]);
}

#[test]
fn members_are_moved_apart() {
    let mut story = Story::exact([]);
    story.server_group(GroupAffinity::AntiAffinity, &["a", "b"]);
    story.moved("a", "h1", "h4");
    story.moved("c", "h3", "h4");
    assert_eq!(story.found, []);
    story.moves("b", "h2");
    story.goes("b", "h2", "h4");
    story.rests("b", "h4");
    assert_eq!(story.kinds(), [TooManyOnHost]);
    assert_eq!(
        story.found[0].text,
        "Fermata moves b of server group cloud to h4, which may have 1 of its members and has a"
    );
}

#[test]
fn a_member_between_two_hosts_is_on_both() {
    let mut story = Story::exact([]);
    story.server_group(GroupAffinity::AntiAffinity, &["a", "b"]);
    story.moves("a", "h1");
    story.goes("a", "h1", "h4");
    story.moves("b", "h2");
    story.goes("b", "h2", "h1");
    assert_eq!(story.kinds(), [TooManyOnHost]);
}

#[test]
fn what_others_do_and_soft_groups_are_not_held_against_fermata() {
    let mut story = Story::exact([]);
    story.server_group(GroupAffinity::AntiAffinity, &["a", "b"]);
    story.by(By::Others).moved("a", "h1", "h2");
    assert_eq!(story.found, []);
    let mut story = Story::exact([]);
    story.server_group(GroupAffinity::SoftAntiAffinity, &["a", "b"]);
    story.moved("a", "h1", "h2");
    assert_eq!(story.found, []);
}

#[test]
fn an_owner_may_allow_several_on_a_host() {
    let mut story = Story::exact([Group { per_host: Some(2), ..web(3) }]);
    story.moved("a", "h1", "h4");
    story.moved("b", "h2", "h4");
    assert_eq!(story.found, []);
    story.moved("c", "h3", "h4");
    assert_eq!(story.kinds(), [TooManyOnHost]);
}
