//! Tables as they are drawn at a width.

use std::cell::Cell;

use super::*;
use crate::output::color::{GOOD, paint};

thread_local! {
    /// As if the terminal had so many columns.
    pub(crate) static COLUMNS: Cell<Option<usize>> = const { Cell::new(None) };
}

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
const WHY: &str = "its owners are asked, and have not answered; fermata session retry-host goes on";

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
    let made = bare(&servers().naming(&names).fitted(None, true));
    assert!(!made.contains("PROJECT NAME"), "no name is known: {made}");
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
#[cfg(debug_assertions)]
#[should_panic(expected = "without `naming`")]
fn item_10_a_table_of_projects_cannot_be_shown_without_their_names() {
    let _ = table(["SERVER", "OWNER"], [["amf-1", "p1"].map(str::to_owned)]).to_string();
}

#[test]
fn item_15_words_of_a_text_are_broken_only_if_they_are_no_ids() {
    let says = |said: &str| {
        let rows = [["amf".to_owned(), format!("after {said}")]];
        bare(&table(["GROUP", "WHY"], rows).fitted(Some(44), true))
    };
    assert!(says(ID).contains(ID), "{}", says(ID));
    let path = "topology_template.node_templates.amf.properties.vdu_profile";
    assert!(says(path).lines().all(|line| line.chars().count() <= 44), "{}", says(path));
}
