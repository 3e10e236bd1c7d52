//! One process from its start to the end of the story, or to its own end at a boundary.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use fermata_core::Time;
use fermata_core::boundary::{Boundaries, Boundary};
use fermata_core::cloud::{
    Cloud, CloudError, CloudProgress, Host, MigrationId, Scheduling, Server, Site,
};
use fermata_core::id::{HostName, ServerId};
use fermata_server::tasks::Tasks;
use fermata_server::telemetry::metrics::Metrics;
use fermata_server::{Assembly, Config, Parts};
use fermata_store::{DatabaseClock, Options, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::crash::place::{self, Place};
use crate::crash::story::Story;
use crate::crash::time::{hold_until, hold_while_busy};

/// Nobody is there for so long after a crash: longer than owners have to reply.
const DOWN: Duration = Duration::from_secs(40);

/// How a process ended.
pub struct End {
    /// At this boundary. `None`: at the end of the story.
    pub boundary: Option<Boundary>,
    /// Boundaries that it crossed.
    pub crossed: u64,
}

/// Lives until the story is over or the process ends.
pub fn live(place: &Place, story: &mut Story, ends_at: Option<u64>) -> End {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let hook = Arc::new(Hook::new(ends_at));
    let boundary = runtime.block_on(async {
        place.time.begin();
        tokio::select! {
            biased;
            () = hook.ended.notified() => *hook.boundary.lock().unwrap(),
            () = work(place, story, Arc::clone(&hook)) => None,
        }
    });
    // Nothing of the process is run any further.
    drop(runtime);
    place.time.end(if boundary.is_some() { DOWN } else { Duration::from_secs(1) });
    End { boundary, crossed: hook.crossed.load(Ordering::SeqCst) }
}

async fn work(place: &Place, story: &mut Story, hook: Arc<Hook>) {
    let time = place.time.clone();
    let options = Options {
        clock: DatabaseClock::Given(Arc::new(move || time.now())),
        boundaries: Some(Arc::clone(&hook) as Arc<dyn Boundaries>),
        ..place::patient()
    };
    let store = hold_until(Store::connect(&place.url, &options)).await.unwrap();
    tokio::spawn(hold_while_busy(store.clone()));
    store.migrate().await.unwrap();
    let mut config = Config::demo(std::path::Path::new("."));
    config.hints = false;
    config.poll_interval = Duration::from_millis(500);
    let stopping = CancellationToken::new();
    let parts = Parts {
        tasks: Tasks::new(fermata_server::clock::system(), Metrics::discarded()),
        leases: store.clone(),
        store: store.clone(),
        cloud: Arc::new(Hooked { cloud: Arc::clone(&place.cloud) as Arc<dyn Cloud>, hook }),
        metrics: Metrics::discarded(),
        draining: CancellationToken::new(),
        stopping: stopping.clone(),
    };
    let assembly = Assembly::begin(&config, parts).await.unwrap();
    story.go_on(&assembly, &place.time).await;
    stopping.cancel();
    hold_until(async { assembly.end().await.close().await }).await.unwrap();
}

/// Numbers what is crossed, and ends the process at one number.
struct Hook {
    crossed: AtomicU64,
    ends_at: Option<u64>,
    dead: AtomicBool,
    ended: Notify,
    boundary: std::sync::Mutex<Option<Boundary>>,
}

impl Hook {
    fn new(ends_at: Option<u64>) -> Self {
        Self {
            crossed: AtomicU64::new(0),
            ends_at,
            dead: AtomicBool::new(false),
            ended: Notify::new(),
            boundary: std::sync::Mutex::new(None),
        }
    }
}

#[async_trait]
impl Boundaries for Hook {
    async fn cross(&self, boundary: Boundary) {
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let number = self.crossed.fetch_add(1, Ordering::SeqCst);
        if Some(number) == self.ends_at {
            self.dead.store(true, Ordering::SeqCst);
            *self.boundary.lock().unwrap() = Some(boundary);
            self.ended.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// The cloud behind the hook.
struct Hooked {
    cloud: Arc<dyn Cloud>,
    hook: Arc<Hook>,
}

impl Hooked {
    async fn call<T>(&self, what: &'static str, call: impl Future<Output = T>) -> T {
        self.hook.cross(Boundary::BeforeCall(what)).await;
        let answer = call.await;
        self.hook.cross(Boundary::AfterCall(what)).await;
        answer
    }
}

#[async_trait]
impl Cloud for Hooked {
    async fn check(&self) -> Result<(), CloudError> {
        self.call("check", self.cloud.check()).await
    }

    async fn hosts(&self) -> Result<Vec<Host>, CloudError> {
        self.call("hosts", self.cloud.hosts()).await
    }

    async fn set_scheduling(&self, host: &HostName, to: &Scheduling) -> Result<(), CloudError> {
        self.call("set_scheduling", self.cloud.set_scheduling(host, to)).await
    }

    async fn arriving(&self, host: &HostName, since: Time) -> Result<Vec<ServerId>, CloudError> {
        self.call("arriving", self.cloud.arriving(host, since)).await
    }

    async fn servers_on(&self, host: &HostName) -> Result<Vec<Server>, CloudError> {
        self.call("servers_on", self.cloud.servers_on(host)).await
    }

    async fn progress(
        &self,
        servers: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        self.call("progress", self.cloud.progress(servers, since)).await
    }

    async fn site(&self) -> Result<Site, CloudError> {
        self.call("site", self.cloud.site()).await
    }

    async fn live_migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        self.call("live_migrate", self.cloud.live_migrate(server, target)).await
    }

    async fn migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        self.call("migrate", self.cloud.migrate(server, target)).await
    }

    async fn confirm_migration(&self, server: &ServerId) -> Result<(), CloudError> {
        self.call("confirm_migration", self.cloud.confirm_migration(server)).await
    }

    async fn abort_migration(
        &self,
        server: &ServerId,
        migration: MigrationId,
    ) -> Result<(), CloudError> {
        self.call("abort_migration", self.cloud.abort_migration(server, migration)).await
    }

    async fn stop(&self, server: &ServerId) -> Result<(), CloudError> {
        self.call("stop", self.cloud.stop(server)).await
    }

    async fn start(&self, server: &ServerId) -> Result<(), CloudError> {
        self.call("start", self.cloud.start(server)).await
    }
}
