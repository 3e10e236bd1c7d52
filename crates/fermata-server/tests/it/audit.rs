//! A thousand random writes of all services make a chain that holds, on every database; and whatever is changed in it is found.

mod writer;

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::audit::{Action, Fault, Head, Record};
use fermata_proto::v1;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend};
use tonic::Code;

use self::writer::Writer;
use crate::harness::{Audit, Site, database_url, eventually};
use crate::world::World;

/// So many writes that were recorded.
const WRITES: usize = 1000;
/// What they are.
const SEED: u64 = 1;
/// More tries than that take.
const TRIES: usize = 20_000;

/// A record as its hash has it.
fn read(record: v1::AuditRecord) -> Record {
    let (time, resource) = (record.time.unwrap(), record.resource.unwrap());
    Record {
        sequence: record.sequence,
        at_micros: time.seconds * 1_000_000 + i64::from(time.nanos) / 1000,
        principal: record.principal,
        role: record.role,
        action: record.action,
        resource_kind: resource.kind,
        project: resource.project_id,
        resource: resource.name,
        detail: record.detail,
        reason: record.reason,
        before: record.before_digest,
        after: record.after_digest,
        previous: record.previous_hash,
        hash: record.hash,
    }
}

/// A page. A busy machine may be too slow for the database once.
async fn list(
    audit: &mut Audit,
    request: &v1::ListAuditRecordsRequest,
) -> v1::ListAuditRecordsResponse {
    eventually("records", async || match audit.list_audit_records(request.clone()).await {
        Ok(page) => Some(page.into_inner()),
        Err(status) if status.code() == Code::Unavailable => None,
        Err(status) => panic!("{status:?}"),
    })
    .await
}

/// The whole chain, page by page.
pub async fn all(audit: &mut Audit) -> (Vec<Record>, Head) {
    let mut request = v1::ListAuditRecordsRequest {
        page_size: 300,
        order_by: "sequence".to_owned(),
        ..Default::default()
    };
    let mut records = Vec::new();
    loop {
        let page = list(audit, &request).await;
        records.extend(page.records.into_iter().map(read));
        if page.next_page_token.is_empty() {
            let head = page.head.unwrap();
            return (records, Head { sequence: head.sequence, hash: head.hash });
        }
        request.page_token = page.next_page_token;
    }
}

/// The last record.
async fn last(audit: &mut Audit) -> Option<Record> {
    let request = v1::ListAuditRecordsRequest { page_size: 1, ..Default::default() };
    let page = list(audit, &request).await;
    page.records.into_iter().next().map(read)
}

pub fn verify((records, noted): &(Vec<Record>, Head)) -> Result<(), Fault> {
    let mut head = Head::default();
    for record in records {
        head.follow(record)?;
    }
    head.is(noted)
}

async fn a_thousand_writes(mut site: Site, url: &str) {
    println!("seed {SEED}");
    let mut random = StdRng::seed_from_u64(SEED);
    let mut audit = site.audit().await;
    let mut writer = Writer::of(&site).await;
    // How often each action was recorded.
    let (mut recorded, mut counts) = (0, BTreeMap::new());
    // No method restores a database or deletes old records.
    let others = [Action::RestoreDatabase, Action::PruneAuditRecords];
    let methods: BTreeSet<_> =
        Action::ALL.iter().copied().filter(|action| !others.contains(action)).collect();
    for tries in 0..TRIES {
        if recorded >= WRITES && counts.len() == methods.len() {
            println!("{tries} tries: {counts:?}");
            break;
        }
        let written = writer.write(&mut random).await;
        let found = last(&mut audit).await;
        let sequence = found.as_ref().map_or(0, |record| record.sequence);
        let rose = sequence - recorded as u64;
        assert!(rose <= 1, "{written:?} is recorded {rose} times");
        assert!(rose == 0 || written.changed != Some(false), "{written:?} is recorded: {found:?}");
        assert!(rose == 1 || written.changed != Some(true), "{written:?} is not recorded");
        if rose == 1 {
            let record = found.unwrap();
            assert_eq!(record.known_action(), Some(written.action), "{written:?}: {record:?}");
            assert_eq!(record.principal, "loopback");
            *counts.entry(written.action).or_insert(0) += 1;
            recorded += 1;
        }
    }
    let done: BTreeSet<_> = counts.into_keys().collect();
    assert_eq!(done, methods, "some methods were never carried out");
    let chain = all(&mut audit).await;
    verify(&chain).unwrap();
    assert_eq!(chain.0.len(), recorded);
    whatever_is_changed_is_found(&mut audit, &Database::connect(url).await.unwrap(), &mut random)
        .await;
    site.stop().await;
}

/// Each column of a record, changed by raw SQL, and changed back.
async fn whatever_is_changed_is_found(
    audit: &mut Audit,
    raw: &DatabaseConnection,
    random: &mut StdRng,
) {
    let postgres = raw.get_database_backend() == DbBackend::Postgres;
    let flipped = |column: &str| {
        if postgres {
            format!("set_byte({column}, 0, get_byte({column}, 0) # 1)")
        } else {
            // SQLite has no XOR: another first byte, whatever there is.
            format!(
                "CAST(CASE WHEN substr({column}, 1, 1) = X'00' THEN X'01' ELSE X'00' END || substr({column}, 2) AS BLOB)"
            )
        }
    };
    let texts = ["principal", "role", "project", "resource", "detail", "reason"];
    let mut changes: Vec<_> =
        texts.iter().map(|column| (*column, format!("{column} || 'x'"))).collect();
    for column in ["at", "action", "resource_kind"] {
        changes.push((column, format!("{column} + 1")));
    }
    changes.push(("sequence", "sequence + 1000000".to_owned()));
    for column in ["previous_hash", "hash"] {
        changes.push((column, flipped(column)));
    }
    for column in ["before_digest", "after_digest"] {
        changes.push((column, "hash".to_owned()));
    }
    raw.execute_unprepared("CREATE TABLE kept AS SELECT * FROM audit_records").await.unwrap();
    for (column, value) in changes {
        let sequence = random.random_range(1..=WRITES);
        let sql =
            format!("UPDATE audit_records SET {column} = {value} WHERE sequence = {sequence}");
        raw.execute_unprepared(&sql).await.unwrap();
        let fault = verify(&all(audit).await).expect_err(&sql);
        assert_eq!(fault.sequence(), sequence as u64, "{sql}: {fault}");
        let back = "DELETE FROM audit_records; INSERT INTO audit_records SELECT * FROM kept";
        raw.execute_unprepared(back).await.unwrap();
    }
    let sequence = random.random_range(1..=WRITES);
    let sql = format!("DELETE FROM audit_records WHERE sequence = {sequence}");
    raw.execute_unprepared(&sql).await.unwrap();
    assert_eq!(verify(&all(audit).await).unwrap_err().sequence(), sequence as u64, "{sql}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_writes_on_sqlite() {
    let site = Site::start(&World::small()).await;
    let url = database_url(site.dir.path());
    a_thousand_writes(site, &url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_writes_on_postgres() {
    if crate::shared::server().is_none() {
        return;
    }
    let url = crate::shared::create_database();
    let site = Site::with(&World::small(), |c| c.database_url.clone_from(&url)).await;
    a_thousand_writes(site, &url).await;
    crate::shared::drop_database(&url);
}

/// What was done to a session is known when the session is gone; owners' projects can be told apart.
#[tokio::test]
async fn a_deleted_session_leaves_its_records() {
    use crate::acts::{cancel, create, patient, until_state};
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut audit) = (site.sessions().await, site.audit().await);
    let id = create(&mut sessions, patient(&["compute-1"])).await.id;
    cancel(&mut sessions, &id).await;
    until_state(&mut sessions, &id, v1::SessionState::Cancelled).await;
    let delete = v1::DeleteSessionRequest { session_id: id.clone(), ..Default::default() };
    sessions.delete_session(delete).await.unwrap();
    let filter = v1::AuditFilter {
        resource_kind: v1::AuditResourceKind::Session.into(),
        resource_name: id,
        ..Default::default()
    };
    let request =
        v1::ListAuditRecordsRequest { filter: Some(filter), page_size: 2, ..Default::default() };
    let page = audit.list_audit_records(request.clone()).await.unwrap().into_inner();
    let next = v1::ListAuditRecordsRequest { page_token: page.next_page_token, ..request };
    let rest = audit.list_audit_records(next).await.unwrap().into_inner();
    let actions: Vec<_> = page.records.iter().chain(&rest.records).map(|r| r.action()).collect();
    use v1::AuditAction::{CancelSession, CreateSession, DeleteSession};
    assert_eq!(actions, [DeleteSession, CancelSession, CreateSession]);
    assert!(rest.next_page_token.is_empty());
    let order_by = "time".to_owned();
    let odd = v1::ListAuditRecordsRequest { order_by, ..Default::default() };
    let refused = audit.list_audit_records(odd).await.unwrap_err();
    assert_eq!(crate::refusal::Refusal::of(refused).fields, ["order_by"]);
    site.stop().await;
}
