//! Audit records go when they are older than the retention, and the rest says what went.

use std::time::Duration;

use fermata_core::actor::{Role, Who};
use fermata_core::audit::{Action, Entry, Fault, Head, Resource, ResourceKind};
use fermata_core::policy::ServerPolicy;
use fermata_proto::v1;
use fermata_server::clock;
use fermata_store::{Asked, Options, PolicyOfServer, PutMode, PutPolicy, Store};

use crate::audit::{all, verify};
use crate::harness::{Site, database_url, eventually};
use crate::world::World;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Writes policies as somebody did so many days ago.
pub async fn wrote(store: &Store, days: u32) {
    let now = clock::system()() - days * DAY;
    let resource = Resource::of(ResourceKind::ServerPolicy, &"p".into(), "s");
    let who = Who::new("kim", Role::Owner);
    let (detail, reason) = (String::new(), String::new());
    let entry = Entry { who, action: Action::PutServerPolicy, resource, detail, reason };
    let asked = Asked { entry: &entry, record: &|_| None, now };
    let policy = ServerPolicy {
        lead_time: Some((days * DAY).try_into().unwrap()),
        ..ServerPolicy::default()
    };
    let policy = PolicyOfServer { project: "p".into(), server: "s".into(), policy };
    let put = PutPolicy { mode: PutMode::Either, revision: None, asked };
    store.put_policy(policy, put).await.unwrap();
}

#[tokio::test]
async fn old_audit_records_go_and_the_rest_says_so() {
    let mut site = Site::start(&World::small()).await;
    site.stop().await;
    let url = database_url(site.dir.path());
    let store = Store::connect(&url, &Options::default()).await.unwrap();
    for days in [9, 8, 7, 1] {
        wrote(&store, days).await;
    }
    store.close().await.unwrap();

    // By default they stay for long.
    site.up(|_| {}).await;
    let mut audit = site.audit().await;
    let tasks = eventually("the first look", async || {
        let page = site.page("/tasks").await;
        page.contains("0 audit records").then_some(page)
    });
    tasks.await;
    assert_eq!(all(&mut audit).await.0.len(), 4);
    site.stop().await;

    site.up(|config| config.audit_retention = 3 * DAY).await;
    let mut audit = site.audit().await;
    let anchor = eventually("the old records to go", async || {
        let request = v1::ListAuditRecordsRequest { page_size: 1, ..Default::default() };
        audit.list_audit_records(request).await.unwrap().into_inner().anchor
    })
    .await;
    let (records, head) = all(&mut audit).await;
    assert_eq!((anchor.sequence, records.len(), head.sequence), (3, 2, 5));
    assert_eq!(verify(&(records.clone(), head)), Err(Fault::Missing { sequence: 1, found: 4 }));
    let mut from = Head { sequence: anchor.sequence, hash: anchor.hash };
    records.iter().for_each(|record| from.follow(record).unwrap());
    let told = records.last().unwrap();
    assert_eq!(told.known_action(), Some(Action::PruneAuditRecords));
    let at = anchor.prune_time.unwrap();
    assert_eq!(told.at_micros, at.seconds * 1_000_000 + i64::from(at.nanos) / 1000);
    site.stop().await;
}
