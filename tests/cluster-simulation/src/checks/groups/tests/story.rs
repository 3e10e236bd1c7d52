//! A journal, told in the order of time.

use std::collections::BTreeMap;

use fermata_core::Time;
use fermata_core::cloud::{GroupAffinity, Scheduling, ServerStatus};
use fermata_core::id::{HostName, ServerId};
use fermata_simcloud::{Answer, Entry, Event, Operation, Outcome};
use time::macros::datetime;

use crate::checks::groups::{AtSize, By, Finding, Group, Kind, Limit, Tolerance, Watch};

const DAWN: Time = datetime!(2030-01-01 00:00 UTC);

pub(super) fn seconds(of: i64) -> time::Duration {
    time::Duration::seconds(of)
}

/// The group `web` of the servers `a`, `b`, `c`, of which so many may be impacted.
pub(super) fn web(limit: u32) -> Group {
    Group {
        id: "web".to_owned(),
        members: ["a", "b", "c"].map(ServerId::from).into(),
        server_group: None,
        limit: Limit { impacted: vec![AtSize { size: 0, number: limit }], ..Limit::default() },
        recovery: seconds(0),
        per_host: None,
        least: None,
    }
}

pub(super) struct Story {
    watch: Watch,
    now: Time,
    number: u64,
    by: By,
    pub(super) found: Vec<Finding>,
}

/// A server as the journal shows it.
pub(super) struct Shot<'a> {
    pub(super) on: &'a str,
    pub(super) to: Option<&'a str>,
    pub(super) status: ServerStatus,
    pub(super) task: Option<&'a str>,
}

pub(super) const ACTIVE: ServerStatus = ServerStatus::Active;

impl Story {
    /// Hosts `h1` to `h4` for four servers each; `a`, `b` and `c` are on the first three.
    pub(super) fn new(tolerance: Tolerance, groups: impl IntoIterator<Item = Group>) -> Self {
        let watch = Watch::new(tolerance, groups);
        let mut story = Self { watch, now: DAWN, number: 0, by: By::Fermata, found: Vec::new() };
        for host in ["h1", "h2", "h3", "h4"] {
            story.host(host, true);
        }
        for (server, host) in [("a", "h1"), ("b", "h2"), ("c", "h3")] {
            story.rests(server, host);
        }
        story
    }

    /// What counts exactly as it is.
    pub(super) fn exact(groups: impl IntoIterator<Item = Group>) -> Self {
        Self::new(Tolerance::default(), groups)
    }

    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.found.iter().map(|finding| finding.kind).collect()
    }

    /// It is so many seconds after the beginning.
    pub(super) fn at(&mut self, second: i64) -> &mut Self {
        self.now = DAWN + seconds(second);
        self
    }

    /// What follows is asked for by these.
    pub(super) fn by(&mut self, by: By) -> &mut Self {
        self.by = by;
        self
    }

    pub(super) fn tell(&mut self, event: Event) {
        let entry = Entry { number: self.number, at: self.now, event };
        self.number += 1;
        self.found.extend(self.watch.take(&entry, self.by));
    }

    pub(super) fn host(&mut self, name: &str, up: bool) {
        self.tell(Event::Host {
            host: name.into(),
            up,
            scheduling: Scheduling::Enabled,
            offers: BTreeMap::from([("VCPU".to_owned(), 8)]),
        });
    }

    pub(super) fn shot(&mut self, server: &str, shot: Shot<'_>) {
        self.tell(Event::Server {
            server: server.into(),
            project: "red".into(),
            host: shot.on.into(),
            reserved: shot.to.map(HostName::from),
            status: shot.status,
            task: shot.task.map(str::to_owned),
            takes: BTreeMap::from([("VCPU".to_owned(), 2)]),
        });
    }

    /// A server runs, and nothing is done with it.
    pub(super) fn rests(&mut self, server: &str, on: &str) {
        self.shot(server, Shot { on, to: None, status: ACTIVE, task: None });
    }

    pub(super) fn is(&mut self, server: &str, on: &str, status: ServerStatus) {
        self.shot(server, Shot { on, to: None, status, task: None });
    }

    pub(super) fn call(&mut self, operation: Operation, server: &str, outcome: Outcome) {
        self.tell(Event::Call {
            operation,
            server: Some(server.into()),
            host: None,
            outcome,
            answer: Answer::Unknown,
        });
    }

    /// A live migration is taken; no host is chosen yet.
    pub(super) fn moves(&mut self, server: &str, from: &str) {
        let status = ServerStatus::Other("MIGRATING".to_owned());
        self.shot(server, Shot { on: from, to: None, status, task: Some("migrating") });
        self.call(Operation::LiveMigrate, server, Outcome::Done);
    }

    /// A host is chosen for it.
    pub(super) fn goes(&mut self, server: &str, from: &str, to: &str) {
        let status = ServerStatus::Other("MIGRATING".to_owned());
        self.shot(server, Shot { on: from, to: Some(to), status, task: Some("migrating") });
    }

    /// A live migration from its beginning to its end, in the same moment.
    pub(super) fn moved(&mut self, server: &str, from: &str, to: &str) {
        self.moves(server, from);
        self.goes(server, from, to);
        self.rests(server, to);
    }

    pub(super) fn stops(&mut self, server: &str, on: &str) {
        self.shot(server, Shot { on, to: None, status: ACTIVE, task: Some("powering-off") });
        self.call(Operation::Stop, server, Outcome::Done);
    }

    pub(super) fn gone(&mut self, server: &str) {
        self.tell(Event::Gone { server: server.into() });
    }

    pub(super) fn server_group(&mut self, policy: GroupAffinity, members: &[&str]) {
        self.tell(Event::Group {
            group: "cloud".into(),
            name: "cloud".to_owned(),
            project: "red".into(),
            policy,
            max_per_host: None,
            members: members.iter().map(|id| ServerId::from(*id)).collect(),
        });
    }
}
