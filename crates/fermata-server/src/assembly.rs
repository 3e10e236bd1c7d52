//! What works behind the services, put together over a database and a cloud: the replica with its signs of life,
//! the hub, the engine, the runner. [`crate::server`] puts ports in front of it.

use std::sync::{Arc, Mutex};

use fermata_core::cloud::Cloud;
use fermata_store::Store;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::about::About;
use crate::app::{App, Behind};
use crate::attendance::Attendance;
use crate::causes::chain;
use crate::config::Config;
use crate::door::Door;
use crate::engine::Engine;
use crate::hints::{self, Outbound};
use crate::hub::Hub;
use crate::preview::Previews;
use crate::replica::Replica;
use crate::retention::{self, Keep};
use crate::runner::Runner;
use crate::server::StartError;
use crate::services::{Hosts, Notifications, Sessions};
use crate::stream::{Places, Streams};
use crate::tasks::{Task, Tasks};
use crate::telemetry::metrics::Metrics;
use crate::token::Tokens;

/// What is put together.
pub struct Parts {
    /// The database, with its tables up to date. An SQLite file must be claimed.
    pub store: Store,
    /// The same for leases and adoption.
    pub leases: Store,
    /// The cloud.
    pub cloud: Arc<dyn Cloud>,
    /// Figures.
    pub metrics: Metrics,
    /// What works in the background.
    pub tasks: Tasks,
    /// Ends all streams.
    pub draining: CancellationToken,
    /// Ends the work.
    pub stopping: CancellationToken,
}

/// A replica at work.
pub struct Assembly {
    pub(crate) app: App,
    store: Store,
    work: JoinHandle<()>,
}

impl Assembly {
    /// Puts the parts together and begins to work.
    ///
    /// # Errors
    /// The database does not answer, or its key is of no use.
    pub async fn begin(config: &Config, parts: Parts) -> Result<Self, StartError> {
        let Parts { store, leases, cloud, metrics, tasks, draining, stopping } = parts;
        let started = crate::clock::system()();
        let replica = Replica::join(leases, config.lease, metrics.clone()).await?;
        let replica = Arc::new(replica);
        let (process, lease) = (&config.telemetry.instance_id, replica.id());
        tracing::info!(replica = process, lease = %lease.0, "replica joined");
        let identity = store.identity().await?;
        let tokens = Tokens::new(identity.store_id, &identity.key)
            .map_err(|error| StartError::Key(error.to_string()))?;
        let hub = Arc::new(Hub::new(store.clone(), metrics.clone(), tasks.clone()));
        let hints = Arc::new(Outbound::default());
        let engine = Arc::new(Engine::new(
            store.clone(),
            Arc::clone(&cloud),
            Arc::clone(&replica),
            Arc::clone(&hub),
            Arc::clone(&hints),
            metrics.clone(),
        ));
        let streams = Arc::new(Streams {
            hub: Arc::clone(&hub),
            tokens,
            clock: replica.clock(),
            metrics: metrics.clone(),
            draining,
            places: Arc::new(Places::new(&config.limits, metrics.clone())),
            heartbeat: config.heartbeat_interval,
            slow_after: config.slow_reader_after,
            reconnect_spread: config.reconnect_spread,
        });
        let attendance = Arc::new(Attendance::new(store.clone(), replica.clock()));
        tasks.keep(Task::Attendance, stopping.clone(), {
            let (attendance, stopping) = (Arc::clone(&attendance), stopping.clone());
            move |turns| Arc::clone(&attendance).run(stopping.clone(), turns)
        });
        let runner = Runner {
            engine: Arc::clone(&engine),
            store: store.clone(),
            cloud: Arc::clone(&cloud),
            replica: Arc::clone(&replica),
            hints: Arc::clone(&hints),
            metrics,
            poll: config.poll_interval,
            poll_hosts: config.host_poll_interval,
            calls: Arc::new(Semaphore::new(config.cloud_calls)),
            planning: tokio::sync::Mutex::default(),
            stopping: stopping.clone(),
            standing: Mutex::default(),
            down: Mutex::default(),
            work: tokio::sync::Mutex::default(),
            tasks: tasks.clone(),
        };
        let keep = Keep {
            events: config.event_retention,
            requests: config.request_retention,
            sessions: config.session_retention,
            audit: (!config.audit_retention.is_zero()).then_some(config.audit_retention),
        };
        tasks.keep(Task::Retention, stopping.clone(), {
            let (store, replica) = (store.clone(), Arc::clone(&replica));
            let stopping = stopping.clone();
            move |turns| {
                let (store, replica) = (store.clone(), Arc::clone(&replica));
                retention::run(store, replica, keep, stopping.clone(), turns)
            }
        });
        // Until the last call is written down, the lease is needed.
        let last = CancellationToken::new();
        tasks.keep(Task::Lease, last.clone(), {
            let (replica, last) = (Arc::clone(&replica), last.clone());
            move |turns| Arc::clone(&replica).run(last.clone(), turns)
        });
        if store.is_shared() {
            tasks.keep(Task::EventLog, last.clone(), {
                let last = last.clone();
                move |turns| Arc::clone(&hub).poll(last.clone(), turns)
            });
            if config.hints {
                tasks.keep(Task::HintsSent, last.clone(), {
                    let (hints, store) = (Arc::clone(&hints), store.clone());
                    let (replica, last) = (Arc::clone(&replica), last.clone());
                    move |turns| {
                        let (store, replica) = (store.clone(), Arc::clone(&replica));
                        Arc::clone(&hints).run(store, replica, last.clone(), turns)
                    }
                });
                tasks.keep(Task::HintsHeard, last.clone(), {
                    let (engine, store) = (Arc::clone(&engine), store.clone());
                    let (replica, last) = (Arc::clone(&replica), last.clone());
                    move |turns| {
                        let (engine, store) = (Arc::clone(&engine), store.clone());
                        let replica = Arc::clone(&replica);
                        hints::listen(engine, store, replica, last.clone(), turns)
                    }
                });
            }
        }
        let app = App::over(Behind {
            engine,
            store: store.clone(),
            cloud,
            replica: Arc::clone(&replica),
            streams,
            attendance,
            previews: Previews::default(),
            about: Arc::new(About::of(config, started)),
        });
        let (with_hints, all) = (config.hints, store.clone());
        let work = tokio::spawn(async move {
            Arc::new(runner).run().await;
            last.cancel();
            if let Err(error) = replica.resign().await {
                tracing::warn!(error = chain(&error), "others have to wait until the lease is out");
            }
            if with_hints {
                hints.orphans();
                if let Err(error) = hints.send(&all, &replica).await {
                    tracing::debug!(
                        error = chain(&error),
                        "the others find by themselves what is free"
                    );
                }
            }
        });
        Ok(Self { app, store, work })
    }

    /// The services, to be called without a network, by somebody who may do everything.
    pub fn services(&self) -> (Sessions, Hosts, Notifications) {
        let door = Door::within(self.app.clone());
        (Sessions(door.clone()), Hosts(door.clone()), Notifications(door))
    }

    /// Waits until the work is over, which somebody has to tell it; what it could write down is written down then.
    pub async fn end(self) -> Store {
        let _ = self.work.await;
        self.store
    }
}
