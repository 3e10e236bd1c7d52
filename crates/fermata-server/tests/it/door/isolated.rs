//! Two tenants with servers on the same hosts, in the middle of a session, who call every method with whatever comes to mind, own
//! and foreign: no byte of what either of them is told names what is the other's, or a host.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_proto::FILE_DESCRIPTOR_SET;
use fermata_proto::v1;
use fermata_proto::v1::Action;
use fermata_proto::v1::reply_request::Answer;
use fermata_server::door::access::{Access, Row, table};
use prost::Message;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MethodDescriptor,
    ReflectMessage, Value,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::{Callers, by, projects};
use crate::acts::{accept, patient, put_subscription, reply};
use crate::harness::{Site, eventually};
use crate::tape::raw;
use crate::world::World;

const TENANTS: [&str; 2] = ["orange", "violet"];
/// With every other test, and in the nightly run.
const FEW: usize = 1_500;
const MANY: usize = 10_000;

/// Each tenant has two servers that the other one may guess, and one on each host that it may not.
fn world() -> World {
    TENANTS.iter().fold(World::small(), |world, tenant| {
        (1..=4).fold(world, |world, n| {
            world.server(&format!("{tenant}-inner-{n}"), tenant, &format!("compute-{n}"))
        })
    })
}

/// What nobody but this tenant may be told, unless it says it itself: of the tenant, and of the cloud.
fn secrets(tenant: &str) -> Vec<String> {
    let mut all: Vec<String> = (1..=4).map(|n| format!("{tenant}-inner-{n}")).collect();
    all.extend(["manager of", "display of", "objection of"].map(|what| format!("{what} {tenant}")));
    all.extend(["web", "db", "web-id", "db-id"].map(|server| format!("{tenant}-{server}")));
    all.push(tenant.to_owned());
    all.extend((1..=4).map(|n| format!("compute-{n}")));
    all
}

fn group(tenant: &str) -> v1::PutServerGroupRequest {
    v1::PutServerGroupRequest {
        server_group: Some(v1::ServerGroup {
            project_id: tenant.to_owned(),
            id: "web".to_owned(),
            display_name: format!("display of {tenant}"),
            member_ids: vec![format!("{tenant}-inner-1-id"), format!("{tenant}-inner-2-id")],
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Somebody who calls at random.
struct Tenant {
    name: &'static str,
    channel: Channel,
    /// What it puts into requests, and which of it into what is stored and told to it again.
    words: Vec<String>,
    own_words: Vec<String>,
    /// What this request says, and what earlier ones stored.
    says: Vec<String>,
    stored: BTreeSet<String>,
    /// Of the other one.
    forbidden: Vec<String>,
    random: StdRng,
    codes: BTreeMap<String, usize>,
}

impl Tenant {
    fn other(&self) -> &'static str {
        if self.name == TENANTS[0] { TENANTS[1] } else { TENANTS[0] }
    }

    /// Calls a method, and looks at all that comes back.
    async fn call(&mut self, row: &Row, method: &MethodDescriptor) {
        let mut message = DynamicMessage::new(method.input());
        self.says.clear();
        let stores = row.method.starts_with("Put") || row.method == "Reply";
        self.fill(&mut message, stores, 0);
        let request = Bytes::from(message.encode_to_vec());
        let answer = raw(&self.channel, &row.path(), by(self.name, request)).await;
        let (code, told) = heard(answer, method.is_server_streaming()).await;
        *self.codes.entry(format!("{code:?}")).or_default() += 1;
        if stores && code == Code::Ok {
            self.stored.extend(self.says.iter().cloned());
        }
        for bytes in told {
            if let Some(secret) = self.secret_in(&bytes) {
                let told = String::from_utf8_lossy(&bytes);
                let (path, name) = (row.path(), self.name);
                panic!("{path} by {name} tells {secret}: {message}\n{told}");
            }
        }
    }

    /// What these bytes tell that it should not hear. What it said itself is no news.
    fn secret_in(&self, bytes: &[u8]) -> Option<&str> {
        let said: Vec<&String> = self.says.iter().chain(&self.stored).collect();
        let is_said = |from: usize, to: usize| {
            let covers = |word: &&String, at: usize| at <= from && to <= at + word.len();
            said.iter().any(|word| places(bytes, word).any(|at| covers(word, at)))
        };
        let is_told = |secret: &&String| {
            places(bytes, secret).any(|from| !is_said(from, from + secret.len()))
        };
        self.forbidden.iter().find(is_told).map(String::as_str)
    }

    /// `stores`: the request is about something that is stored as it says.
    fn fill(&mut self, message: &mut DynamicMessage, stores: bool, depth: usize) {
        let descriptor = message.descriptor();
        for field in descriptor.fields() {
            let names = field.name().ends_with("_id") || field.name() == "id";
            let wanted = if names { 0.9 } else { 0.5 / (depth + 1) as f64 };
            if !self.random.random_bool(wanted) || field.name() == "request_id" {
                continue;
            }
            let value = if field.is_map() {
                Value::Map(
                    [(
                        prost_reflect::MapKey::String(self.word(&field, stores)),
                        Value::String("x".to_owned()),
                    )]
                    .into(),
                )
            } else if field.cardinality() == Cardinality::Repeated {
                let length = self.random.random_range(0..3);
                Value::List((0..length).map(|_| self.value(&field, stores, depth)).collect())
            } else {
                self.value(&field, stores, depth)
            };
            // Entries of maps of messages are of another kind.
            let _ = message.try_set_field(&field, value);
        }
    }

    fn value(&mut self, field: &FieldDescriptor, stores: bool, depth: usize) -> Value {
        match field.kind() {
            Kind::String => Value::String(self.word(field, stores)),
            Kind::Bool => Value::Bool(self.random.random()),
            Kind::Bytes => Value::Bytes(Bytes::from_static(b"token")),
            Kind::Enum(of) => {
                Value::EnumNumber(self.random.random_range(0..of.values().len() as i32))
            }
            Kind::Message(of) => {
                let mut inside = DynamicMessage::new(of);
                if depth < 4 {
                    self.fill(&mut inside, stores, depth + 1);
                }
                Value::Message(inside)
            }
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                Value::I32(self.random.random_range(0..100))
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                Value::I64(self.random.random_range(0..5_000))
            }
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.random.random_range(0..10)),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.random.random_range(0..10)),
            Kind::Float => Value::F32(1.0),
            Kind::Double => Value::F64(1.0),
        }
    }

    /// Projects are its own mostly; ids are anybody's, but hardly those that are stored.
    fn word(&mut self, field: &FieldDescriptor, stores: bool) -> String {
        let word = match field.name() {
            "project_id" if self.random.random_bool(0.7) => self.name.to_owned(),
            "project_id" => self.other().to_owned(),
            "page_token" | "etag" | "order_by" => String::new(),
            "notification_id" => self.words.choose(&mut self.random).unwrap().clone(),
            _ if stores => self.own_words.choose(&mut self.random).unwrap().clone(),
            _ => self.words.choose(&mut self.random).unwrap().clone(),
        };
        self.says.push(word.clone());
        word
    }
}

/// Where a word stands.
fn places<'a>(bytes: &'a [u8], word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let parts = bytes.windows(word.len().max(1)).enumerate();
    parts.filter(move |(_, part)| *part == word.as_bytes()).map(|(at, _)| at)
}

/// All that an answer says: its messages, or how it was refused. Streams that go on are left after their first message.
async fn heard(
    answer: Result<tonic::Streaming<Bytes>, Status>,
    goes_on: bool,
) -> (Code, Vec<Vec<u8>>) {
    let refused = |status: Status| {
        let headers = status.metadata().clone().into_headers();
        let mut told = vec![status.message().as_bytes().to_vec(), status.details().to_vec()];
        told.extend(headers.values().map(|value| value.as_bytes().to_vec()));
        (status.code(), told)
    };
    let mut stream = match answer {
        Ok(stream) => stream,
        Err(status) => return refused(status),
    };
    let mut told = Vec::new();
    loop {
        match stream.message().await {
            Ok(Some(bytes)) => told.push(bytes.to_vec()),
            Ok(None) => return (Code::Ok, told),
            Err(status) => return refused(status),
        }
        if goes_on {
            return (Code::Ok, told);
        }
    }
}

/// What each of them is told over its stream meanwhile.
async fn listen(channel: Channel, tenant: &'static str) -> Vec<Bytes> {
    let request = v1::SubscribeRequest { project_id: tenant.to_owned(), ..Default::default() };
    let request = by(tenant, Bytes::from(request.encode_to_vec()));
    let mut stream =
        raw(&channel, "/fermata.v1.NotificationService/Subscribe", request).await.unwrap();
    let mut all = Vec::new();
    while let Ok(Some(bytes)) = stream.message().await {
        all.push(bytes);
    }
    all
}

async fn nobody_is_told_of_the_other(calls: usize) {
    let callers = Callers::default();
    for tenant in TENANTS {
        callers.know(tenant, &[Role::Owner], projects(&[tenant]));
    }
    callers.know("kim", &[Role::Operator], Projects::All);
    let mut site = Site::for_callers(&world(), callers.identity()).await;
    let mut owners = site.notifications().await;
    for tenant in TENANTS {
        owners.put_subscription(by(tenant, put_subscription(tenant, "vnfm"))).await.unwrap();
        site.policies().await.put_server_group(by(tenant, group(tenant))).await.unwrap();
    }
    let mut sessions = site.sessions().await;
    let create = v1::CreateSessionRequest {
        spec: Some(patient(&["compute-1", "compute-2"])),
        ..Default::default()
    };
    let session =
        sessions.create_session(by("kim", create)).await.unwrap().into_inner().session.unwrap();

    // One objects in its own words, and both see their servers named.
    let mut open = Vec::new();
    for tenant in TENANTS {
        let list =
            v1::ListNotificationsRequest { project_id: tenant.to_owned(), ..Default::default() };
        let told =
            owners.list_notifications(by(tenant, list)).await.unwrap().into_inner().notifications;
        open.push(told[0].clone());
    }
    let words = format!("objection of {}", TENANTS[1]);
    let objection = reply(&open[1], Answer::Reject(v1::Reject { reason: words }));
    owners.reply(by(TENANTS[1], objection)).await.unwrap();

    let mut tapes = Vec::new();
    let mut tenants = Vec::new();
    let seed = std::env::var_os("FERMATA_FIRST_SEED");
    let seed = seed.and_then(|seed| seed.to_str()?.parse().ok()).unwrap_or(1_u64);
    for (at, tenant) in TENANTS.into_iter().enumerate() {
        let channel = site.channel().await;
        tapes.push(tokio::spawn(listen(channel.clone(), tenant)));
        let mut words: Vec<String> =
            ["vnfm", "web", "", "compute-1", "orange", "violet", "not now"]
                .map(str::to_owned)
                .to_vec();
        for name in TENANTS {
            words.extend([
                format!("{name}-web-id"),
                format!("{name}-db-id"),
                format!("{name}-web"),
            ]);
        }
        words.extend(open.iter().map(|notification| notification.id.clone()));
        words.push(session.id.clone());
        let other = TENANTS[1 - at];
        // Of the other one's words it stores one.
        let own_words = ["vnfm", "web", "", "not now", tenant, &session.id].map(str::to_owned);
        let mut own_words = own_words.to_vec();
        own_words.extend([format!("{tenant}-web-id"), format!("{tenant}-web")]);
        own_words.push(format!("{other}-db-id"));
        let mut forbidden = secrets(other);
        forbidden.push(open[1 - at].id.clone());
        tenants.push(Tenant {
            name: tenant,
            channel,
            words,
            own_words,
            says: Vec::new(),
            stored: BTreeSet::new(),
            forbidden,
            random: StdRng::seed_from_u64(seed + at as u64),
            codes: BTreeMap::new(),
        });
    }
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let rows: Vec<(&Row, MethodDescriptor)> = table()
        .filter(|row| row.access != Access::Open)
        .map(|row| {
            let service = pool.get_service_by_name(row.service).unwrap();
            (row, service.methods().find(|method| method.name() == row.method).unwrap())
        })
        .collect();

    let start = v1::StartSessionRequest { session_id: session.id.clone(), ..Default::default() };
    sessions.start_session(by("kim", start)).await.unwrap();
    let each = async |tenant: &mut Tenant| {
        for _ in 0..calls / TENANTS.len() {
            // Owners' methods are most of what they call.
            let own = tenant.random.random_bool(0.8);
            let fit =
                |(row, _): &&(&Row, MethodDescriptor)| !own || row.roles().contains(&Role::Owner);
            let among: Vec<_> = rows.iter().filter(fit).collect();
            let (row, method) = *among.choose(&mut tenant.random).unwrap();
            tenant.call(row, method).await;
        }
    };
    let (first, second) = tenants.split_at_mut(1);
    futures::future::join(each(&mut first[0]), each(&mut second[0])).await;

    // And the end of it: what is still open is answered, and both hear of their own servers' moves.
    for tenant in TENANTS {
        eventually("its servers are on their way", async || {
            let list = v1::ListNotificationsRequest {
                project_id: tenant.to_owned(),
                ..Default::default()
            };
            let told = owners
                .list_notifications(by(tenant, list))
                .await
                .unwrap()
                .into_inner()
                .notifications;
            for notification in told {
                let _ = owners.reply(by(tenant, accept(&notification, Action::LiveMigrate))).await;
            }
            let get =
                v1::GetSessionRequest { session_id: session.id.clone(), ..Default::default() };
            let now =
                sessions.get_session(by("kim", get)).await.unwrap().into_inner().session.unwrap();
            let status = now.status.unwrap();
            // What somebody objected to among so much is not mended by accepting everything.
            let held = |wait: &&v1::Wait| wait.kind() == v1::WaitKind::HeldDrain;
            if let Some(wait) = status.waits.iter().find(held) {
                let retry = v1::RetryHostRequest {
                    session_id: session.id.clone(),
                    host: wait.host.clone(),
                    reason: "it has to be".to_owned(),
                    override_owners: true,
                    ..Default::default()
                };
                let _ = sessions.retry_host(by("kim", retry)).await;
            }
            (status.progress.unwrap().servers_done > 0).then_some(())
        })
        .await;
    }
    // Their questions of the drain have ids as well.
    for tenant in &mut tenants {
        let project_id = tenant.other().to_owned();
        let list = v1::ListNotificationsRequest { project_id, ..Default::default() };
        let list = by(tenant.other(), list);
        let theirs = owners.list_notifications(list).await.unwrap().into_inner().notifications;
        assert!(!theirs.is_empty());
        tenant.forbidden.extend(theirs.into_iter().map(|notification| notification.id));
        tenant.says.clear();
    }
    site.stop().await;
    for (tenant, tape) in tenants.iter().zip(tapes) {
        let told = tape.await.unwrap();
        let inner = format!("{}-inner-1", tenant.name);
        assert!(told.iter().any(|bytes| places(bytes, &inner).next().is_some()), "{}", told.len());
        for bytes in &told {
            let secret = tenant.secret_in(bytes);
            assert_eq!(secret, None, "{} hears of it", tenant.name);
        }
        println!("{} calls by {}: {:?}", calls / 2, tenant.name, tenant.codes);
        for code in ["Ok", "InvalidArgument", "NotFound", "PermissionDenied"] {
            assert!(tenant.codes.contains_key(code), "{:?}", tenant.codes);
        }
    }
}

#[tokio::test]
async fn a_tenant_is_told_nothing_of_another() {
    nobody_is_told_of_the_other(FEW).await;
}

#[tokio::test]
#[ignore = "a minute; the nightly run has it"]
async fn a_tenant_is_told_nothing_of_another_however_often_it_asks() {
    nobody_is_told_of_the_other(MANY).await;
}
