//! The gRPC side: every service behind its layers, health, reflection.

use std::time::Duration;

use fermata_proto::FILE_DESCRIPTOR_SET;
use fermata_proto::server::audit_service_server::{AuditServiceServer, SERVICE_NAME as AUDIT};
use fermata_proto::server::host_service_server::{HostServiceServer, SERVICE_NAME as HOSTS};
use fermata_proto::server::notification_service_server::{
    NotificationServiceServer, SERVICE_NAME as NOTIFICATIONS,
};
use fermata_proto::server::policy_service_server::{PolicyServiceServer, SERVICE_NAME as POLICIES};
use fermata_proto::server::server_service_server::{SERVICE_NAME as SERVER, ServerServiceServer};
use fermata_proto::server::session_service_server::{
    SERVICE_NAME as SESSIONS, SessionServiceServer,
};
use http::HeaderValue;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;
use tonic_web::GrpcWebLayer;
use tower::layer::util::{Identity as NoLayer, Stack};
use tower_http::cors::CorsLayer;

use super::console::{self, ConsoleLayer};
use super::{StartError, web};
use crate::door::intake::IntakeLayer;
use crate::door::layer::DoorLayer;
use crate::door::{Door, Identity};
use crate::limits::Limits;
use crate::services::{Audit, Hosts, Notifications, Policies, ServerInformation, Sessions};
use crate::telemetry::rpc::RpcLayer;
use crate::telemetry::{Telemetry, TelemetryError};

/// Most bytes of a call's metadata: tokens of Keystone and OIDC have a few thousand.
const LARGEST_METADATA: u32 = 32 * 1024;
const KEEPALIVE_EVERY: Duration = Duration::from_secs(20);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest request; a session over 1,000 hosts by name needs a tenth of it.
const LARGEST_REQUEST: usize = 4 * 1024 * 1024;

type Web = Stack<GrpcWebLayer, Stack<CorsLayer, Stack<ConsoleLayer, NoLayer>>>;
type Layers = Stack<DoorLayer, Stack<IntakeLayer, Stack<RpcLayer, Web>>>;

/// Every service.
pub(super) fn router(
    telemetry: &Telemetry,
    limits: Limits,
    origins: &[HeaderValue],
    identity: Identity,
    door: &Door,
    health_service: HealthServer<impl Health>,
) -> Result<Router<Layers>, StartError> {
    let descriptors: [&[u8]; 2] = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];
    // With the types of error details, grpcurl shows them as JSON and not as bytes.
    let described = [descriptors[0], descriptors[1], tonic_types::pb::FILE_DESCRIPTOR_SET];
    let reflection = || {
        described.iter().fold(tonic_reflection::server::Builder::configure(), |builder, set| {
            builder.register_encoded_file_descriptor_set(set)
        })
    };
    let metrics = telemetry.metrics();
    let intake = IntakeLayer::new(limits, metrics.clone(), FILE_DESCRIPTOR_SET);
    let mut server = Server::builder();
    if let Some(age) = limits.connection_age {
        // Streams end by themselves afterwards: with tonic's own grace there is no good order.
        server = server.max_connection_age(age);
    }
    let router = server
        // Browsers speak no HTTP/2 in the clear.
        .accept_http1(console::BUILT_IN || !origins.is_empty())
        .layer(ConsoleLayer)
        .layer(web::cors(origins))
        .layer(GrpcWebLayer::new())
        .layer(RpcLayer::new(metrics.clone(), &descriptors)?)
        .layer(intake.map_err(TelemetryError::from)?)
        .layer(DoorLayer::new(identity, limits, metrics.clone()))
        .max_concurrent_streams(limits.streams_per_connection)
        .http2_max_header_list_size(LARGEST_METADATA)
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(
            SessionServiceServer::new(Sessions(door.clone()))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(HostServiceServer::new(Hosts(door.clone())))
        .add_service(NotificationServiceServer::new(Notifications(door.clone())))
        .add_service(PolicyServiceServer::new(Policies(door.clone())))
        .add_service(AuditServiceServer::new(Audit(door.clone())))
        .add_service(ServerServiceServer::new(ServerInformation(door.clone())));
    Ok(router)
}

pub(super) async fn health() -> (HealthReporter, HealthServer<impl Health>) {
    let (reporter, service) = tonic_health::server::health_reporter();
    set_health(&reporter, ServingStatus::NotServing).await;
    (reporter, service)
}

pub(super) async fn set_health(reporter: &HealthReporter, status: ServingStatus) {
    // The empty name stands for the server as a whole.
    for service in ["", SESSIONS, HOSTS, NOTIFICATIONS, POLICIES, AUDIT, SERVER] {
        reporter.set_service_status(service, status).await;
    }
}
