//! Replies as large as anybody can make them: they cost in proportion to what they hold, and not by its square.

use std::time::Duration;

use fermata_core::cloud::Host;
use fermata_core::id::{HostName, ServerId};
use fermata_core::limits::MAX_WAITS;
use fermata_core::machine::{Answer, OfferedTerms, Reject};
use fermata_core::session::Notification;
use fermata_core::spec::{Action, Selection, StartMode, Violation, select};

use crate::world::story::story;
use crate::world::{DAWN, World};

const MANY: usize = 32_000;

/// A session with a question to red that waits, about one server.
fn asked() -> (World, Notification) {
    let w = story(&["hv-a"])
        .spare(&["hv-z"])
        .server("s", "red", "hv-a")
        .spec(|d| d.start_mode = StartMode::Manual)
        .begin();
    let notification = w.announcement("red");
    (w, notification)
}

fn ids(count: usize) -> impl Iterator<Item = ServerId> {
    (0..count).map(|i| ServerId(format!("00000000-0000-0000-0000-{i:012x}")))
}

/// The time that this thread has had of a core, so that it does not matter what else the machine does.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap()
}

/// Eight times as much takes about eight times as long, where pair by pair it would be 64 times. The shortest of some runs
/// counts.
fn is_no_square(what: &str, mut run: impl FnMut(usize) -> Duration) {
    let mut shortest = |count| (0..5).map(|_| run(count)).min().unwrap();
    let (few, many) = (shortest(MANY / 8), shortest(MANY));
    assert!(many < few * 24, "{what}: {few:?} for {}, {many:?} for {MANY}", MANY / 8);
}

fn replies_cost(what: &str, make: impl Fn(usize) -> Answer) {
    let (mut w, notification) = asked();
    is_no_square(what, |count| {
        let answer = make(count);
        let began = cpu_time();
        let said = w.answer(&notification, answer);
        let taken = cpu_time() - began;
        let Err(Reject::Violations(violations)) = said else { panic!("{what}: {said:?}") };
        assert!(violations.len() >= count - 1, "{what}: {}", violations.len());
        taken
    });
}

#[test]
pub(crate) fn decisions_cost_in_proportion() {
    let action = Some(Action::LiveMigrate);
    replies_cost("decisions about strangers", |count| Answer::Accept {
        all: None,
        decisions: ids(count).map(|id| (id, action)).collect(),
    });
    replies_cost("the same decision again and again", |count| Answer::Accept {
        all: Some(Action::Migrate),
        decisions: vec![("s".into(), action); count],
    });
}

#[test]
pub(crate) fn servers_that_owners_took_care_of_cost_in_proportion() {
    replies_cost("own actions", |count| Answer::OwnActionDone { servers: ids(count).collect() });
}

#[test]
pub(crate) fn counter_offers_cost_in_proportion() {
    let not_before = Some(DAWN + fermata_core::Duration::minutes(30));
    replies_cost("servers of an offer", |count| {
        Answer::CounterOffer(OfferedTerms {
            servers: ids(count).collect(),
            not_before,
            after: vec![],
        })
    });
    replies_cost("servers to come after", |count| {
        Answer::CounterOffer(OfferedTerms {
            servers: vec![],
            not_before,
            after: ids(count).collect(),
        })
    });
}

#[test]
pub(crate) fn selections_cost_in_proportion() {
    let host = |name: HostName| {
        let mut cloud = crate::world::cloud::FakeCloud::new(DAWN);
        cloud.add_host("hv-x");
        Host { name, ..cloud.hosts().remove(0) }
    };
    let model = host("hv-x".into());
    is_no_square("hosts by name", |count| {
        let name = |i: usize| HostName(format!("compute-{i:08}"));
        let hosts: Vec<_> = (0..count).map(|i| Host { name: name(i), ..model.clone() }).collect();
        let names = (0..count).rev().map(name).collect();
        let selection = Selection { names, ..Selection::default() };
        let began = cpu_time();
        let chosen = select(&selection, &hosts).unwrap();
        let taken = cpu_time() - began;
        assert_eq!(chosen.len(), count);
        taken
    });
}

/// What is agreed is kept with every server, so that its size is a product.
#[test]
pub(crate) fn an_offer_that_would_keep_too_many_waits_is_refused() {
    let half = 320;
    let name = |i: usize| format!("s{i:03}");
    let mut story = story(&["hv-a", "hv-b"]).spare(&["hv-z"]);
    for i in 0..2 * half {
        story = story.server(&name(i), "red", if i < half { "hv-a" } else { "hv-b" });
    }
    let mut w = story.spec(|d| d.start_mode = StartMode::Manual).begin();
    let notification = w.announcement("red");
    let offer = OfferedTerms {
        servers: (half..2 * half).map(|i| ServerId(name(i))).collect(),
        not_before: None,
        after: (0..half).map(|i| ServerId(name(i))).collect(),
    };
    assert!(half * half > MAX_WAITS);
    let said = w.answer(&notification, Answer::CounterOffer(offer));
    let Err(Reject::Violations(violations)) = said else { panic!("{said:?}") };
    let [Violation { field, message, .. }] = violations.as_slice() else {
        panic!("{violations:?}")
    };
    assert_eq!(field, "counter_offer.after_server_ids");
    assert!(message.contains("102400 waits"), "{message}");
}
