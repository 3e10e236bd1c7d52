//! Every error that a caller can provoke: its code, its reason, and the details that programs need.

mod changing;
mod creating;
mod reading;
mod replying;

use std::collections::BTreeMap;

use fermata_proto::v1;
use fermata_proto::v1::NotificationKind;
use tonic::{Code, Response, Status};

use crate::acts::{ask_again, cancel, create, notification, patient, until_state};
use crate::harness::{Hosts, Notifications, Sessions, Site, millis};
use crate::refusal::Refusal;
use crate::world::World;

/// A case: what was refused, and how it must be.
struct Row {
    case: &'static str,
    got: Refusal,
    code: Code,
    reason: &'static str,
    fields: Vec<&'static str>,
    metadata: BTreeMap<String, String>,
    preconditions: Vec<(&'static str, String)>,
    retry: bool,
    /// Who asked; an owner must not see a host's name or another owner.
    owner: Option<&'static str>,
}

impl Row {
    fn fields(mut self, fields: &[&'static str]) -> Self {
        self.fields = fields.to_vec();
        self
    }

    fn metadata(mut self, metadata: &[(&str, &str)]) -> Self {
        let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        self.metadata = metadata.iter().map(owned).collect();
        self
    }

    fn precondition(mut self, sort: &'static str, subject: &str) -> Self {
        self.preconditions = vec![(sort, subject.to_owned())];
        self
    }

    fn owner(mut self, project: &'static str) -> Self {
        self.owner = Some(project);
        self
    }

    fn check(&self) {
        let (case, got) = (self.case, &self.got);
        assert_eq!((got.code, got.reason.as_str()), (self.code, self.reason), "{case}: {got:?}");
        assert_eq!(got.fields, self.fields, "{case}: {got:?}");
        assert_eq!(got.metadata, self.metadata, "{case}: {got:?}");
        let preconditions: Vec<_> =
            got.preconditions.iter().map(|(sort, s)| (sort.as_str(), s.clone())).collect();
        assert_eq!(preconditions, self.preconditions, "{case}: {got:?}");
        assert_eq!(got.retry, self.retry, "{case}: {got:?}");
        let hidden: &[&str] = match self.owner {
            Some("orange") => &["violet", "compute"],
            Some(_) => &["orange", "compute"],
            None => &["orange", "violet"],
        };
        for word in hidden.iter().chain(&["sqlite", "SELECT", "panicked", "::"]) {
            assert!(!got.text.contains(word), "{case}: '{word}' is in {}", got.text);
        }
    }
}

fn row<T>(
    case: &'static str,
    result: Result<Response<T>, Status>,
    code: Code,
    reason: &'static str,
) -> Row {
    let Err(status) = result else { panic!("{case} was not refused") };
    let got = Refusal::of(status);
    let (fields, preconditions) = (Vec::new(), Vec::new());
    Row {
        case,
        got,
        code,
        reason,
        fields,
        metadata: BTreeMap::new(),
        preconditions,
        retry: false,
        owner: None,
    }
}

/// What is there to be asked wrongly about.
struct Scene {
    sessions: Sessions,
    hosts: Hosts,
    owners: Notifications,
    /// Waits for replies and for its start; owners were asked twice.
    open: v1::Session,
    /// The question of it before the last one, and the last one.
    stale: v1::Notification,
    asked: v1::Notification,
    /// To violet.
    foreign: v1::Notification,
    /// Its host leaves for good.
    retiring: v1::Notification,
    /// Nobody answered it in time.
    expired: v1::Notification,
    cancelled: v1::Session,
}

async fn scene(site: &Site) -> Scene {
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let planned = NotificationKind::Planned;
    let open = create(&mut sessions, patient(&["compute-1"])).await;
    let stale = notification(&mut owners, "orange", planned).await;
    ask_again(&mut sessions, &open.id, "newer firmware").await;
    let asked = notification(&mut owners, "orange", planned).await;
    let foreign = notification(&mut owners, "violet", planned).await;
    let retirement =
        v1::SessionSpec { kind: v1::MaintenanceKind::Retirement.into(), ..patient(&["compute-2"]) };
    create(&mut sessions, retirement).await;
    let retiring = notification(&mut owners, "orange", planned).await;
    let hurried = v1::SessionSpec { announce_reply_period: millis(0), ..patient(&["compute-3"]) };
    create(&mut sessions, hurried).await;
    let expired = notification(&mut owners, "orange", planned).await;
    let cancelled = create(&mut sessions, patient(&["compute-4"])).await;
    cancel(&mut sessions, &cancelled.id).await;
    let cancelled = until_state(&mut sessions, &cancelled.id, v1::SessionState::Cancelled).await;
    let cancelled = cancelled.session;
    let hosts = site.hosts().await;
    Scene { sessions, hosts, owners, open, stale, asked, foreign, retiring, expired, cancelled }
}

#[tokio::test]
async fn every_error_has_its_code_its_reason_and_its_details() {
    let world = World::small().server("orange-late", "orange", "compute-3").server(
        "orange-gone",
        "orange",
        "compute-4",
    );
    let mut site = Site::start(&world).await;
    let mut scene = scene(&site).await;
    let mut rows = Vec::new();
    creating::creating(&mut scene, &mut rows).await;
    changing::changing(&mut scene, &mut rows).await;
    replying::replying(&mut scene, &mut rows).await;
    replying::repeating(&mut scene, &mut rows).await;
    reading::reading(&site, &mut scene, &mut rows).await;
    for row in &rows {
        row.check();
    }
    assert!(rows.len() >= 40, "{}", rows.len());
    site.stop().await;
}
