//! Telemetry as a whole: calls of a real gRPC server, a collector that gets what they leave
//! behind, and the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use axum::body::to_bytes;
use fermata_core::Time;
use fermata_core::cloud::CloudError;
use fermata_core::cloud::MigrationKind;
use fermata_core::event::ActionEnd;
use fermata_core::problem::Measured;
use fermata_core::session::{Figures, NotificationState, SessionState};
use fermata_core::spec::Action;
use http::{HeaderMap, Request, Response, StatusCode};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request as Call, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::{Layer, Service};
use tracing::Instrument;

use super::metrics::{
    CertificateUse, CloudOutcome, DOCUMENTED, StepOutcome, StreamKind, StreamStart, TopicKind,
    TransactionOutcome,
};
use super::rpc::RpcLayer;
use super::test_collector::Collector;
use super::{Telemetry, TelemetryOptions, build, cloud, init, trace};
use crate::limits::Limits;
use crate::listener::Listener;
use crate::readiness::Check;
use crate::tasks::{Task, Tasks};
use crate::telemetry::metrics::Metrics;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const LIMIT: Duration = Duration::from_secs(10);

fn options(variables: &[(&str, &str)]) -> TelemetryOptions {
    let log_filter = "off,fermata_test=debug".to_owned();
    TelemetryOptions { log_filter, ..TelemetryOptions::of(variables) }
}

fn plain() -> Telemetry {
    build(&options(&[])).unwrap().0
}

/// A server with the layer, and a client of it.
async fn watched_server(telemetry: &Telemetry) -> (tonic_health::server::HealthReporter, Channel) {
    let (reporter, health) = tonic_health::server::health_reporter();
    let layer = rpc_layer(telemetry);
    let listener = Listener::bind(
        "127.0.0.1:0".parse().unwrap(),
        None,
        Limits::default(),
        Metrics::discarded(),
    )
    .await
    .unwrap();
    let address = listener.address();
    let server = Server::builder().layer(layer).add_service(health);
    tokio::spawn(server.serve_with_incoming(listener));
    let channel = Channel::from_shared(format!("http://{address}")).unwrap();
    (reporter, channel.connect().await.unwrap())
}

fn rpc_layer(telemetry: &Telemetry) -> RpcLayer {
    RpcLayer::new(telemetry.metrics().clone(), &[tonic_health::pb::FILE_DESCRIPTOR_SET]).unwrap()
}

fn check(service: &str) -> Call<HealthCheckRequest> {
    Call::new(HealthCheckRequest { service: service.to_owned() })
}

async fn page(telemetry: &Telemetry, path: &str, ready: bool) -> (StatusCode, String) {
    let checks = move || {
        let trouble = (!ready).then(|| "the disk is full".to_owned());
        vec![
            Check { name: "start", trouble: None, is_vital: true },
            Check { name: "database", trouble, is_vital: true },
            Check { name: "tasks", trouble: Some("one panicked".to_owned()), is_vital: false },
        ]
    };
    let mut router = super::http::router(
        telemetry.registry().clone(),
        checks,
        Tasks::new(crate::clock::system(), telemetry.metrics().clone()),
        vec![("cloud", "simulated".to_owned()), ("cloud user", String::new())],
    );
    let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
    let response = router.call(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The samples of `/metrics`, by series; fails on lines that are not in the text format.
async fn samples(telemetry: &Telemetry) -> BTreeMap<String, f64> {
    let (status, text) = page(telemetry, "/metrics", true).await;
    assert_eq!(status, StatusCode::OK);
    let lines = text.lines().filter(|line| !line.starts_with("# "));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{line}");
            assert!(labels.ends_with('}'), "{line}");
            (series.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn calls(samples: &BTreeMap<String, f64>, method: &str, code: &str) -> f64 {
    let series =
        format!("fermata_rpc_duration_seconds_count{{code=\"{code}\",method=\"{method}\"}}");
    samples.get(&series).copied().unwrap_or_default()
}

/// Waits until this many calls of the method ended with the code.
async fn ended(telemetry: &Telemetry, method: &str, code: &str, count: f64) {
    let counted = async {
        while calls(&samples(telemetry).await, method, code) < count {
            tokio::task::yield_now().await;
        }
    };
    if tokio::time::timeout(LIMIT, counted).await.is_err() {
        panic!("no {code} of {method} in {:#?}", samples(telemetry).await);
    }
}

#[tokio::test]
async fn a_collector_gets_traces_metrics_and_logs() {
    let (collector, address) = Collector::start().await;
    let endpoint = format!("http://{address}");
    let options = options(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    let (telemetry, subscriber) = build(&options).unwrap();
    let _installed = tracing::subscriber::set_default(subscriber);
    let (_reporter, channel) = watched_server(&telemetry).await;

    let mut request = check("");
    request.metadata_mut().insert("traceparent", PARENT.parse().unwrap());
    let answer = HealthClient::new(channel).check(request).await.unwrap();
    let created = answer.metadata().get("traceparent").unwrap().to_str().unwrap().to_owned();
    ended(&telemetry, "grpc.health.v1.Health/Check", "OK", 1.0).await;

    let effect = trace::session_effect("stop", "s1", Some(&created));
    async {
        tracing::info!(target: "fermata_test", host = "compute01", "effect begins");
        let call = cloud::observe(telemetry.metrics(), "stop", async {
            Err::<(), _>(CloudError::Conflict { detail: "busy".to_owned() })
        });
        call.await.unwrap_err();
    }
    .instrument(effect)
    .await;
    telemetry.shutdown(LIMIT).await;
    telemetry.shutdown(LIMIT).await;

    let rpc = collector.span("grpc.health.v1.Health/Check");
    assert_eq!(hex(&rpc.trace_id), TRACE);
    assert_eq!(hex(&rpc.parent_span_id), "00f067aa0ba902b7");
    assert_eq!(text(&rpc.attributes, "rpc.system").unwrap(), "grpc");
    assert_eq!(text(&rpc.attributes, "rpc.method").unwrap(), "Check");
    assert_eq!(text(&rpc.attributes, "grpc.code").unwrap(), "OK");
    assert_eq!(text(&rpc.attributes, "network.peer.address").unwrap(), "127.0.0.1");
    assert_eq!(created, format!("00-{TRACE}-{}-01", hex(&rpc.span_id)));
    let effect = collector.span("session.effect");
    assert_eq!(effect.parent_span_id, rpc.span_id);
    assert_eq!(text(&effect.attributes, "session_id").unwrap(), "s1");
    let cloud_call = collector.span("cloud.call stop");
    assert_eq!(cloud_call.parent_span_id, effect.span_id);
    assert_eq!(text(&cloud_call.attributes, "outcome").unwrap(), "conflict");
    assert_eq!(collector.spans().len(), 3, "sending telemetry must not leave spans");

    let names = collector.metric_names();
    for name in ["fermata.rpc.duration", "fermata.cloud.call.duration", "fermata.sessions"] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }

    let requests = collector.logs.lock().unwrap();
    let resource = &requests[0].resource_logs[0];
    assert_eq!(service_name(resource.resource.as_ref()).unwrap(), "fermata");
    let record = &resource.scope_logs[0].log_records[0];
    let message = AnyValue { value: Some(Value::StringValue("effect begins".to_owned())) };
    assert_eq!(record.body, Some(message));
    assert_eq!(text(&record.attributes, "host").unwrap(), "compute01");
    assert_eq!(record.trace_id, rpc.trace_id, "logs lead to their trace");
}

/// A collector whose certificate is of a CA that no system knows gets everything with that CA, and nothing without.
#[tokio::test]
async fn a_collector_by_tls_is_reached_with_its_ca() {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &ca).unwrap();
    let (collector, address) = Collector::with_tls(&leaf.pem(), &key.serialize_pem()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ca.pem()).unwrap();
    let endpoint = format!("https://localhost:{}", address.port());
    let named = ("OTEL_EXPORTER_OTLP_CERTIFICATE", file.path().to_str().unwrap());
    for trusted in [&[][..], &[named]] {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str());
        let (telemetry, subscriber) = build(&options(&[&[endpoint], trusted].concat())).unwrap();
        let installed = tracing::subscriber::set_default(subscriber);
        let effect = trace::session_effect("stop", "s1", None);
        effect.in_scope(|| tracing::info!(target: "fermata_test", "effect begins"));
        drop((effect, installed));
        telemetry.shutdown(LIMIT).await;
        let found = (collector.spans().len(), collector.logs.lock().unwrap().len());
        assert_eq!(found, if trusted.is_empty() { (0, 0) } else { (1, 1) });
    }
    assert!(collector.metric_names().contains("fermata.sessions"));
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    let Value::StringValue(text) = found.value.clone()?.value? else { return None };
    Some(text)
}

fn service_name(resource: Option<&Resource>) -> Option<String> {
    text(&resource?.attributes, "service.name")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_collector_that_is_away_or_silent_stops_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for endpoint in ["127.0.0.1:1".to_owned(), silent.local_addr().unwrap().to_string()] {
        let endpoint = format!("http://{endpoint}");
        let options = options(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
        let (telemetry, subscriber) = build(&options).unwrap();
        let _installed = tracing::subscriber::set_default(subscriber);
        tracing::info_span!("lost").in_scope(|| tracing::info!("lost"));
        let started = Instant::now();
        telemetry.shutdown(Duration::from_millis(300)).await;
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        assert_eq!(page(&telemetry, "/metrics", true).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn telemetry_can_be_set_up_again() {
    let first = init(&options(&[])).unwrap();
    let second = init(&options(&[])).unwrap();
    first.metrics().sessions_held(1, 0);
    assert_eq!(samples(&first).await["fermata_replica_sessions"], 1.0);
    assert_eq!(samples(&second).await["fermata_replica_sessions"], 0.0);
    second.shutdown(LIMIT).await;
    first.shutdown(LIMIT).await;
}

#[tokio::test]
async fn trace_context_passes_without_a_collector() {
    let (telemetry, subscriber) = build(&options(&[])).unwrap();
    let _installed = tracing::subscriber::set_default(subscriber);
    let (_reporter, channel) = watched_server(&telemetry).await;
    let mut client = HealthClient::new(channel);
    let mut request = check("");
    request.metadata_mut().insert("traceparent", PARENT.parse().unwrap());
    let told = client.check(request).await.unwrap().metadata().get("traceparent").cloned();
    assert!(told.unwrap().to_str().unwrap().starts_with(&format!("00-{TRACE}-")));
    let own = client.check(check("")).await.unwrap().metadata().get("traceparent").cloned();
    assert!(trace::parent_from(own.unwrap().to_str().unwrap()).is_some());
}

#[tokio::test]
async fn calls_are_measured_by_method_and_code() {
    let telemetry = plain();
    let (_reporter, channel) = watched_server(&telemetry).await;
    let mut client = HealthClient::new(channel);
    client.check(check("")).await.unwrap();
    let refused = client.check(check("absent")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    ended(&telemetry, "grpc.health.v1.Health/Check", "OK", 1.0).await;
    ended(&telemetry, "grpc.health.v1.Health/Check", "NOT_FOUND", 1.0).await;
}

#[tokio::test]
async fn a_stream_is_measured_when_it_ends() {
    let telemetry = plain();
    let (_reporter, channel) = watched_server(&telemetry).await;
    let mut client = HealthClient::new(channel);
    let mut stream = client.watch(check("")).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    let open = samples(&telemetry).await;
    assert!(!open.keys().any(|series| series.contains("Health/Watch")), "{open:#?}");
    drop(stream);
    ended(&telemetry, "grpc.health.v1.Health/Watch", "CANCELLED", 1.0).await;
}

/// What the layer makes of one response.
async fn code_of(path: &str, headers: &[(&'static str, &str)], trailers: Option<&str>) -> String {
    let telemetry = plain();
    let mut response = Response::new(match trailers {
        Some(code) => {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", code.parse().unwrap());
            tonic::body::Body::new(Trailers(Some(trailers)))
        }
        None => tonic::body::Body::empty(),
    });
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    let mut response = Some(response);
    let inner = tower::service_fn(move |_: Request<()>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(response.take().unwrap()))
    });
    let mut service = rpc_layer(&telemetry).layer(inner);
    let request = Request::post(path).body(()).unwrap();
    let body = service.call(request).await.unwrap().into_body();
    let _ = to_bytes(axum::body::Body::new(body), usize::MAX).await;
    let samples = samples(&telemetry).await;
    let found = samples.keys().find(|series| series.starts_with("fermata_rpc_duration_seconds_c"));
    found.unwrap().clone()
}

struct Trailers(Option<HeaderMap>);

impl http_body::Body for Trailers {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Status>>> {
        let trailers = self.0.take().map(|trailers| Ok(http_body::Frame::trailers(trailers)));
        std::task::Poll::Ready(trailers)
    }
}

#[tokio::test]
async fn the_code_is_found_wherever_it_is() {
    let known = "/grpc.health.v1.Health/Check";
    let in_trailers = code_of(known, &[], Some("13")).await;
    assert!(in_trailers.contains("code=\"INTERNAL\""), "{in_trailers}");
    let in_headers = code_of(known, &[("grpc-status", "3")], None).await;
    assert!(in_headers.contains("code=\"INVALID_ARGUMENT\""), "{in_headers}");
    let in_body = code_of(known, &[("content-type", "application/grpc-web+proto")], None).await;
    assert!(in_body.contains("code=\"OK\""), "{in_body}");
    let nowhere = code_of(known, &[], None).await;
    assert!(nowhere.contains("code=\"UNKNOWN\""), "{nowhere}");
}

#[tokio::test]
async fn made_up_paths_do_not_become_labels() {
    let series = code_of("/made.up.Service/Method", &[("grpc-status", "12")], None).await;
    assert!(series.contains("method=\"unknown\""), "{series}");
}

#[tokio::test]
async fn all_documented_metrics_are_announced_from_the_start() {
    let (_, text) = page(&plain(), "/metrics", true).await;
    for metric in DOCUMENTED {
        let kind = format!("# TYPE {} {}\n", metric.name, metric.kind.as_str());
        assert!(text.contains(&kind), "{kind}");
        assert!(text.contains(&format!("# HELP {} {}\n", metric.name, metric.help)), "{text}");
    }
}

#[tokio::test]
async fn all_documented_metrics_are_recorded_under_their_names() {
    let telemetry = plain();
    let metrics = telemetry.metrics();
    let time = Duration::from_millis(20);
    metrics.rpc("a.B/C", Code::Ok, time);
    let open = metrics.stream_opened(StreamKind::Notifications);
    metrics.stream_started(StreamKind::Notifications, StreamStart::Resume);
    metrics.slow_reader_cut(StreamKind::Session);
    metrics.events_appended(TopicKind::Owner, 3);
    metrics.events_sent(StreamKind::Notifications, 2);
    metrics.delivery_delay(StreamKind::Notifications, time);
    metrics.page_read(TopicKind::Owner);
    metrics.sessions(SessionState::Running, 4);
    metrics.session_step("tick", StepOutcome::Applied);
    metrics.runner_lag(time);
    metrics.cloud_call("stop", CloudOutcome::Ok, time);
    metrics.figures(&Figures::default());
    metrics.action_ended(Action::Keep, ActionEnd::Done);
    metrics.moved(&Measured {
        kind: MigrationKind::Live,
        memory_mib: 1,
        took: time.try_into().unwrap(),
    });
    metrics.owner_replied(NotificationState::Expired, time.try_into().unwrap());
    metrics.transaction("reply", TransactionOutcome::Conflict, time);
    metrics.task_turned(Task::Lease, Time::UNIX_EPOCH);
    metrics.ready("start", true);
    metrics.certificate_ends(CertificateUse::Server, 1);

    let families = telemetry.registry().gather();
    for metric in DOCUMENTED {
        let family = families.iter().find(|family| family.name() == metric.name);
        let family = family.unwrap_or_else(|| panic!("{} is not served", metric.name));
        let expected: BTreeSet<_> = metric.labels.iter().map(|label| label.name).collect();
        for series in family.get_metric() {
            let labels: BTreeSet<_> = series.get_label().iter().map(|label| label.name()).collect();
            assert_eq!(labels, expected, "{}", metric.name);
        }
    }
    let before = samples(&telemetry).await;
    assert_eq!(before["fermata_streams_open{kind=\"notifications\"}"], 1.0);
    assert_eq!(before["fermata_events_appended_total{topic=\"owner\"}"], 3.0);
    assert_eq!(before["fermata_sessions{state=\"running\"}"], 4.0);
    assert_eq!(before["fermata_store_conflicts_total{kind=\"reply\"}"], 1.0);
    drop(open);
    let after = samples(&telemetry).await;
    assert_eq!(after["fermata_streams_open{kind=\"notifications\"}"], 0.0);
}

#[tokio::test]
async fn health_is_not_readiness() {
    let telemetry = plain();
    assert_eq!(page(&telemetry, "/healthz", false).await.0, StatusCode::OK);
    assert_eq!(page(&telemetry, "/readyz", true).await.0, StatusCode::OK);
    assert_eq!(page(&telemetry, "/readyz", false).await.0, StatusCode::SERVICE_UNAVAILABLE);
    let ready =
        "cloud: simulated\n[+] start: ok\n[+] database: ok\n[!] tasks: one panicked\nready\n";
    assert_eq!(page(&telemetry, "/readyz?verbose", true).await, (StatusCode::OK, ready.to_owned()));
    let full = "cloud: simulated\n[+] start: ok\n[-] database: the disk is full\n[!] tasks: one panicked\nnot ready\n";
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    assert_eq!(page(&telemetry, "/readyz?verbose=1", false).await, (unavailable, full.to_owned()));
    assert_eq!(page(&telemetry, "/readyz", false).await, (unavailable, "not ready\n".to_owned()));
}
