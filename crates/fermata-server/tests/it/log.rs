//! What the log says of the product's work: a line for each thing, at its level, with what it is searched by.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use fermata_proto::v1;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{NotificationKind, OnSilence, SessionHostState, SessionState};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::acts::{
    complete, create, notification, patient, reply, spec, subscribe_durably, until_host,
    until_state,
};
use crate::harness::{Site, eventually, from_now};
use crate::world::World;

/// A line of the log.
#[derive(Debug, Clone)]
struct Line {
    level: Level,
    fields: BTreeMap<String, String>,
}

impl Line {
    /// Whether it has this message and these fields.
    fn is(&self, message: &str, fields: &[(&str, &str)]) -> bool {
        let has = |(name, value): &(&str, &str)| {
            self.fields.get(*name).is_some_and(|found| found == value)
        };
        has(&("message", message)) && fields.iter().all(has)
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

/// What the servers of this process log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Line>>>);

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target().starts_with("fermata_server") {
            let mut line = Line { level: *metadata.level(), fields: BTreeMap::new() };
            event.record(&mut line);
            self.0.lock().unwrap().push(line);
        }
    }
}

impl Log {
    /// Listens from now on. For the whole process: connections to SQLite live in threads of their own.
    fn listen() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let log = LOG.get_or_init(|| {
            let log = Self::default();
            let subscriber = tracing_subscriber::registry().with(log.clone());
            tracing::subscriber::set_global_default(subscriber).unwrap();
            log
        });
        log.clone()
    }

    /// Waits for a line with this message and these fields, which has this level.
    async fn has(&self, level: Level, message: &str, fields: &[(&str, &str)]) -> Line {
        let what = format!("{level} {message} {fields:?}");
        eventually(&what, async || {
            let lines = self.0.lock().unwrap();
            lines.iter().find(|line| line.level == level && line.is(message, fields)).cloned()
        })
        .await
    }
}

#[tokio::test]
async fn item_4_silence_holds_and_pauses_have_lines() {
    let log = Log::listen();
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owners) = (site.sessions().await, site.notifications().await);
    subscribe_durably(&mut owners, "orange").await;
    let on_silence = OnSilence::Hold.into();
    let strict = v1::SessionSpec { on_silence, ..spec(&["compute-1"]) };
    let id = create(&mut sessions, strict).await.id;
    let session = ("session_id", id.as_str());
    let host = ("host", "compute-1");
    let of = |project, next| [session, ("project_id", project), ("next", next)];
    let drain = |project, next| [&of(project, next)[..], &[host, ("kind", "DRAIN")]].concat();
    log.has(Level::INFO, "owner silent", &of("orange", "THE_SESSION_GOES_ON")).await;
    log.has(Level::INFO, "owner silent", &drain("violet", "THE_POLICY_DECIDES")).await;
    log.has(Level::WARN, "owner silent", &drain("orange", "THE_OPERATOR_DECIDES")).await;
    let held = [session, host, ("from", "DRAINING"), ("state", "DRAINING")];
    log.has(Level::WARN, "host state", &held).await;

    let pause = v1::PauseSessionRequest { session_id: id.clone(), ..Default::default() };
    sessions.pause_session(pause).await.unwrap();
    log.has(Level::WARN, "session state", &[session, ("state", "PAUSED")]).await;
    let resume = v1::ResumeSessionRequest { session_id: id.clone(), ..Default::default() };
    sessions.resume_session(resume).await.unwrap();
    let fail = v1::FailHostRequest {
        session_id: id.clone(),
        host: "compute-1".to_owned(),
        reason: "it burns".to_owned(),
        ..Default::default()
    };
    sessions.fail_host(fail).await.unwrap();
    let failed = [session, host, ("action", "FailHost"), ("reason", "it burns")];
    log.has(Level::INFO, "asked for and done", &failed).await;
    site.stop().await;
}

#[tokio::test]
async fn item_4_a_drain_that_an_owners_silence_ends_has_a_line() {
    let log = Log::listen();
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owners) = (site.sessions().await, site.notifications().await);
    subscribe_durably(&mut owners, "orange").await;
    let on_silence = OnSilence::FailHost.into();
    let strict = v1::SessionSpec { on_silence, ..spec(&["compute-1"]) };
    let id = create(&mut sessions, strict).await.id;
    let fields = [("session_id", &*id), ("project_id", "orange"), ("kind", "DRAIN")];
    let next = [&fields[..], &[("next", "THE_DRAIN_IS_GIVEN_UP")]].concat();
    log.has(Level::WARN, "owner silent", &next).await;
    site.stop().await;
}

#[tokio::test]
async fn item_4_what_owners_say_has_lines() {
    let log = Log::listen();
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owners) = (site.sessions().await, site.notifications().await);
    let id = create(&mut sessions, patient(&["compute-1"])).await.id;
    let session = ("session_id", id.as_str());

    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let reject = Answer::Reject(v1::Reject { reason: "it is Friday".to_owned() });
    owners.reply(reply(&asked, reject)).await.unwrap();
    let rejected = [("reply", "REPLY_KIND_REJECTED"), ("comment", "it is Friday")];
    let orange = [session, ("project_id", "orange"), ("kind", "PLANNED")];
    log.has(Level::WARN, "owner replied", &[&orange[..], &rejected].concat()).await;

    let asked = notification(&mut owners, "violet", NotificationKind::Planned).await;
    let offer = v1::CounterOffer {
        server_ids: vec!["violet-web-id".to_owned()],
        not_before_time: Some(from_now(3)),
        ..Default::default()
    };
    owners.reply(reply(&asked, Answer::CounterOffer(offer))).await.unwrap();
    let violet = [session, ("project_id", "violet")];
    let offered = [("reply", "REPLY_KIND_COUNTER_OFFER")];
    log.has(Level::INFO, "owner replied", &[&violet[..], &offered].concat()).await;
    let accepted = [&violet[..], &[("accepted", "true")]].concat();
    log.has(Level::INFO, "counter-offer judged", &accepted).await;
    site.stop().await;
}

#[tokio::test]
async fn item_4_what_happens_to_hosts_has_lines() {
    let log = Log::listen();
    let world = World::small().server("green-web", "green", "compute-3");
    let often = Duration::from_millis(20);
    let (mut site, cloud) =
        Site::over_open_cloud_with(&world, |config| config.host_poll_interval = often).await;
    let mut sessions = site.sessions().await;
    let id = create(&mut sessions, spec(&["compute-2"])).await.id;
    until_host(&mut sessions, &id, "compute-2", SessionHostState::InMaintenance).await;
    let on = [("session_id", &*id), ("host", "compute-2")];

    cloud.move_server(&"green-web-id".into(), &"compute-2".into()).unwrap();
    let intruder = [&on[..], &[("server_id", "green-web-id")]].concat();
    log.has(Level::WARN, "server on a host that is held empty", &intruder).await;
    cloud.move_server(&"green-web-id".into(), &"compute-3".into()).unwrap();
    complete(&mut sessions, &id, "compute-2").await;
    let completed = [&on[..], &[("action", "CompleteHost")]].concat();
    log.has(Level::INFO, "asked for and done", &completed).await;
    until_state(&mut sessions, &id, SessionState::Completed).await;

    let line = "the cloud says of the host";
    cloud.host_goes_down(&"compute-4".into()).unwrap();
    log.has(Level::WARN, line, &[("host", "compute-4"), ("up", "false")]).await;
    cloud.host_comes_up(&"compute-4".into()).unwrap();
    log.has(Level::INFO, line, &[("host", "compute-4"), ("up", "true")]).await;
    site.stop().await;
}
