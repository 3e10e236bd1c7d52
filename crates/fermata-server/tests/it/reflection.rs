//! What tools see of the server: reflection, health, and readiness.

use std::collections::BTreeMap;

use fermata_proto::v1;
use prost::Message;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::harness::{Site, soon};
use crate::refusal::Refusal;
use crate::world::World;

const SERVICES: [&str; 6] = [
    "fermata.v1.AuditService",
    "fermata.v1.HostService",
    "fermata.v1.NotificationService",
    "fermata.v1.PolicyService",
    "fermata.v1.ServerService",
    "fermata.v1.SessionService",
];

macro_rules! reflect {
    ($version:ident, $channel:expr, $request:expr, $answer:ident) => {{
        use tonic_reflection::pb::$version::ServerReflectionRequest as Request;
        use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
        use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
        use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
        let request =
            Request { host: String::new(), message_request: Some(MessageRequest::from($request)) };
        let mut client = ServerReflectionClient::new($channel.clone());
        let mut answers =
            client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
        match answers.message().await.unwrap().unwrap().message_response.unwrap() {
            MessageResponse::$answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }};
}

/// What is asked of reflection, in both of its versions.
enum Question {
    Services,
    Symbol(String),
}

macro_rules! question {
    ($version:ident) => {
        impl From<Question>
            for tonic_reflection::pb::$version::server_reflection_request::MessageRequest
        {
            fn from(question: Question) -> Self {
                match question {
                    Question::Services => Self::ListServices(String::new()),
                    Question::Symbol(name) => Self::FileContainingSymbol(name),
                }
            }
        }
    };
}

question!(v1);
question!(v1alpha);

/// The methods of a service in a file, with whether they stream.
fn methods(files: &[Vec<u8>], service: &str) -> BTreeMap<String, bool> {
    let short = service.rsplit('.').next().unwrap();
    let files = files.iter().map(|f| FileDescriptorProto::decode(f.as_slice()).unwrap());
    let services = files.flat_map(|f| f.service).filter(|s| s.name() == short);
    let methods = services.flat_map(|s| s.method);
    methods.map(|m| (m.name().to_owned(), m.server_streaming())).collect()
}

#[tokio::test]
async fn reflection_lists_every_service_and_describes_every_method() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let contract = FileDescriptorSet::decode(fermata_proto::FILE_DESCRIPTOR_SET).unwrap();
    let listed = reflect!(v1, channel, Question::Services, ListServicesResponse);
    let listed: Vec<_> = listed.service.into_iter().map(|s| s.name).collect();
    let older = reflect!(v1alpha, channel, Question::Services, ListServicesResponse);
    let older: Vec<_> = older.service.into_iter().map(|s| s.name).collect();
    for names in [&listed, &older] {
        for service in SERVICES.iter().chain(&["grpc.health.v1.Health"]) {
            assert!(names.iter().any(|n| n == service), "{service} is not in {names:?}");
        }
    }
    let mut described = 0;
    for service in SERVICES {
        let file = contract
            .file
            .iter()
            .find(|f| f.service.iter().any(|s| service.ends_with(s.name())))
            .unwrap();
        let expected = methods(&[file.encode_to_vec()], service);
        assert!(!expected.is_empty(), "{service} has no method");
        described += expected.len();
        let symbol = || Question::Symbol(service.to_owned());
        let found = reflect!(v1, channel, symbol(), FileDescriptorResponse);
        assert_eq!(methods(&found.file_descriptor_proto, service), expected);
        let found = reflect!(v1alpha, channel, symbol(), FileDescriptorResponse);
        assert_eq!(methods(&found.file_descriptor_proto, service), expected);
        for method in expected.keys() {
            let symbol = Question::Symbol(format!("{service}.{method}"));
            let found = reflect!(v1, channel, symbol, FileDescriptorResponse);
            assert!(methods(&found.file_descriptor_proto, service).contains_key(method));
        }
    }
    assert!(described > 40, "{described} methods");
    site.stop().await;
}

async fn check(channel: &Channel, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner().status()
}

async fn next(watch: &mut tonic::Streaming<HealthCheckResponse>) -> ServingStatus {
    soon("a change of health", watch.message()).await.unwrap().unwrap().status()
}

/// A server that waits for its cloud says so, service by service, and refuses calls in the meantime.
#[tokio::test]
async fn health_follows_the_server_from_its_start_to_its_end() {
    let away = "operation = \"check\", kind = \"unavailable\", times = 1";
    let mut site = Site::launch(&World::small().fault(away), |_| {}).await;
    let channel = site.channel().await;
    let mut watches = Vec::new();
    for service in SERVICES.iter().chain(&[""]) {
        assert_eq!(check(&channel, service).await, ServingStatus::NotServing, "{service}");
        let request = HealthCheckRequest { service: (*service).to_owned() };
        let watch = HealthClient::new(channel.clone()).watch(request).await.unwrap().into_inner();
        watches.push(watch);
    }
    for watch in &mut watches {
        assert_eq!(next(watch).await, ServingStatus::NotServing);
    }
    let unknown = HealthCheckRequest { service: "fermata.v1.Nothing".to_owned() };
    let unknown = HealthClient::new(channel.clone()).check(unknown).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);

    let unready = [
        site.sessions().await.list_sessions(v1::ListSessionsRequest::default()).await.err(),
        site.hosts().await.list_hosts(v1::ListHostsRequest::default()).await.err(),
        site.notifications()
            .await
            .subscribe(v1::SubscribeRequest {
                project_id: "orange".to_owned(),
                ..Default::default()
            })
            .await
            .err(),
    ];
    for status in unready {
        let refusal = Refusal::of(status.expect("a refusal"));
        assert_eq!(refusal.code, Code::Unavailable);
        assert!(refusal.retry, "{refusal:?}");
    }

    site.ready().await;
    for watch in &mut watches {
        assert_eq!(next(watch).await, ServingStatus::Serving);
    }
    for service in SERVICES {
        assert_eq!(check(&channel, service).await, ServingStatus::Serving, "{service}");
    }
    let hosts = site.hosts().await.list_hosts(v1::ListHostsRequest::default()).await.unwrap();
    assert_eq!(hosts.into_inner().hosts.len(), 4);

    let stopping = tokio::spawn(site.take().stop());
    for watch in &mut watches {
        assert_eq!(next(watch).await, ServingStatus::NotServing);
    }
    drop(watches);
    soon("the server to end", stopping).await.unwrap();
}
