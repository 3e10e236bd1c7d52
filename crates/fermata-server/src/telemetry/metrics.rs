//! What Fermata counts and measures: one [`Metrics`], made once and cloned to whoever records.
//! Names, labels and meanings are in [`DOCUMENTED`]; where they can be read is [`super::http`]
//! and, over OTLP, [`super::export`].

use std::sync::Arc;
use std::time::Duration;

use fermata_core::Time;
use fermata_core::cloud::MigrationKind;
use fermata_core::event::ActionEnd;
use fermata_core::problem::Measured;
use fermata_core::session::{Figures, NotificationState, SessionState};
use fermata_core::spec::Action;
use fermata_store::Connections;
use opentelemetry::KeyValue;
use opentelemetry::StringValue;
use opentelemetry::metrics::{
    Counter, Gauge, Histogram, Meter, MeterProvider, NoopMeterProvider, UpDownCounter,
};
use tonic::Code;

use super::documented::{
    ACTIONS_ENDED, ADOPTIONS, BUILD, CERTIFICATE_END, CLOUD_CALL_DURATION, CLOUD_TROUBLE,
    CONNECTIONS_OPEN, DELIVERY_DELAY, EVENTS_APPENDED, EVENTS_SENT, HOSTS, INTRUDERS, LATE,
    LEASES_LOST, MOVE_DURATION, PAGES_READ, READY, REFUSED, REPLY_DELAY, RPC_DURATION, RUNNER_LAG,
    SESSION_STEPS, SESSIONS, SESSIONS_HELD, SESSIONS_STUCK, SLOW_READERS_CUT, STORE_CONFLICTS,
    STORE_CONNECTIONS, STORE_CONNECTIONS_LIMIT, STREAMS_OPEN, STREAMS_STARTED, SUBSCRIPTION_LAG,
    SUBSCRIPTIONS_KNOWN, TASK_LAST_TURN, TASK_RESTARTS, TRANSACTION_DURATION, WAITS_OPEN,
};
pub use super::documented::{DOCUMENTED, Documented, Label, MetricKind, markdown_table};
use super::labels::{self, code_name, session_state};
pub use super::labels::{
    ActionOutcome, CertificateUse, CloudOutcome, ConnectionState, Late, Limit, OwnerReply,
    StepOutcome, StreamKind, StreamStart, TopicKind, TransactionOutcome, input_kind,
};
use crate::tasks::Task;

/// Bounds of all histograms, in seconds: a local read up to a stream of an hour.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    300.0, 900.0, 3600.0,
];

/// Records everything that is counted and measured. Clones share the instruments.
#[derive(Debug, Clone)]
pub struct Metrics {
    instruments: Arc<Instruments>,
}

#[derive(Debug)]
struct Instruments {
    rpc_duration: Histogram<f64>,
    connections_open: UpDownCounter<i64>,
    refused: Counter<u64>,
    streams_open: UpDownCounter<i64>,
    streams_started: Counter<u64>,
    slow_readers_cut: Counter<u64>,
    events_appended: Counter<u64>,
    events_sent: Counter<u64>,
    delivery_delay: Histogram<f64>,
    pages_read: Counter<u64>,
    sessions: Gauge<u64>,
    hosts: Gauge<u64>,
    waits: Gauge<u64>,
    intruders: Gauge<u64>,
    late: Gauge<u64>,
    actions: Counter<u64>,
    move_duration: Histogram<f64>,
    reply_delay: Histogram<f64>,
    subscriptions: Gauge<u64>,
    subscription_lag: Gauge<u64>,
    session_steps: Counter<u64>,
    runner_lag: Histogram<f64>,
    cloud_call_duration: Histogram<f64>,
    cloud_trouble: Gauge<u64>,
    transaction_duration: Histogram<f64>,
    store_conflicts: Counter<u64>,
    store_connections: Gauge<u64>,
    store_connections_limit: Gauge<u64>,
    sessions_held: Gauge<u64>,
    sessions_stuck: Gauge<u64>,
    adoptions: Counter<u64>,
    leases_lost: Counter<u64>,
    task_restarts: Counter<u64>,
    task_last_turn: Gauge<u64>,
    ready: Gauge<u64>,
    certificate_end: Gauge<u64>,
}

impl Metrics {
    /// Creates the instruments and touches those whose series are known, so that a query finds
    /// zero and not nothing before the first event.
    pub fn new(meter: &Meter) -> Self {
        let instruments = Instruments {
            rpc_duration: histogram(meter, &RPC_DURATION),
            connections_open: up_down_counter(meter, &CONNECTIONS_OPEN),
            refused: counter(meter, &REFUSED),
            streams_open: up_down_counter(meter, &STREAMS_OPEN),
            streams_started: counter(meter, &STREAMS_STARTED),
            slow_readers_cut: counter(meter, &SLOW_READERS_CUT),
            events_appended: counter(meter, &EVENTS_APPENDED),
            events_sent: counter(meter, &EVENTS_SENT),
            delivery_delay: histogram(meter, &DELIVERY_DELAY),
            pages_read: counter(meter, &PAGES_READ),
            sessions: gauge(meter, &SESSIONS),
            hosts: gauge(meter, &HOSTS),
            waits: gauge(meter, &WAITS_OPEN),
            intruders: gauge(meter, &INTRUDERS),
            late: gauge(meter, &LATE),
            actions: counter(meter, &ACTIONS_ENDED),
            move_duration: histogram(meter, &MOVE_DURATION),
            reply_delay: histogram(meter, &REPLY_DELAY),
            subscriptions: gauge(meter, &SUBSCRIPTIONS_KNOWN),
            subscription_lag: gauge(meter, &SUBSCRIPTION_LAG),
            session_steps: counter(meter, &SESSION_STEPS),
            runner_lag: histogram(meter, &RUNNER_LAG),
            cloud_call_duration: histogram(meter, &CLOUD_CALL_DURATION),
            cloud_trouble: gauge(meter, &CLOUD_TROUBLE),
            transaction_duration: histogram(meter, &TRANSACTION_DURATION),
            store_conflicts: counter(meter, &STORE_CONFLICTS),
            store_connections: gauge(meter, &STORE_CONNECTIONS),
            store_connections_limit: gauge(meter, &STORE_CONNECTIONS_LIMIT),
            sessions_held: gauge(meter, &SESSIONS_HELD),
            sessions_stuck: gauge(meter, &SESSIONS_STUCK),
            adoptions: counter(meter, &ADOPTIONS),
            leases_lost: counter(meter, &LEASES_LOST),
            task_restarts: counter(meter, &TASK_RESTARTS),
            task_last_turn: gauge(meter, &TASK_LAST_TURN),
            ready: gauge(meter, &READY),
            certificate_end: gauge(meter, &CERTIFICATE_END),
        };
        gauge(meter, &BUILD).record(1, &[KeyValue::new("version", env!("CARGO_PKG_VERSION"))]);
        Self { instruments: Arc::new(instruments) }
    }

    /// Metrics that nobody reads.
    pub fn discarded() -> Self {
        Self::new(&NoopMeterProvider::new().meter("discarded"))
    }

    /// A gRPC call ended. `method` is `package.Service/Method` of a service that is served, or
    /// `unknown`; never a path as a caller sent it.
    pub fn rpc(&self, method: impl Into<StringValue>, code: Code, duration: Duration) {
        let labels =
            [KeyValue::new("method", method.into()), KeyValue::new("code", code_name(code))];
        self.instruments.rpc_duration.record(duration.as_secs_f64(), &labels);
    }

    /// A connection was made; it counts as open until the guard is dropped.
    #[must_use = "the connection counts as open only as long as the guard lives"]
    pub fn connection_opened(&self) -> ConnectionOpen {
        self.instruments.connections_open.add(1, &[]);
        ConnectionOpen(self.clone())
    }

    /// Somebody got nothing because of this limit.
    pub fn refused(&self, limit: Limit) {
        self.instruments.refused.add(1, &[KeyValue::new("limit", limit.as_str())]);
    }

    /// A stream was opened; it counts as open until the guard is dropped.
    #[must_use = "the stream counts as open only as long as the guard lives"]
    pub fn stream_opened(&self, kind: StreamKind) -> StreamOpen {
        self.instruments.streams_open.add(1, &[KeyValue::new("kind", kind.as_str())]);
        StreamOpen { metrics: self.clone(), kind }
    }

    /// A stream was asked to start there.
    pub fn stream_started(&self, kind: StreamKind, start: StreamStart) {
        let labels = [KeyValue::new("kind", kind.as_str()), KeyValue::new("start", start.as_str())];
        self.instruments.streams_started.add(1, &labels);
    }

    /// A stream was ended because its reader did not keep up.
    pub fn slow_reader_cut(&self, kind: StreamKind) {
        self.instruments.slow_readers_cut.add(1, &[KeyValue::new("kind", kind.as_str())]);
    }

    /// Events were appended to the log.
    pub fn events_appended(&self, topic: TopicKind, count: u64) {
        self.instruments.events_appended.add(count, &[KeyValue::new("topic", topic.as_str())]);
    }

    /// Events were handed to a stream.
    pub fn events_sent(&self, kind: StreamKind, count: u64) {
        self.instruments.events_sent.add(count, &[KeyValue::new("kind", kind.as_str())]);
    }

    /// An event was handed to a stream this long after its commit.
    pub fn delivery_delay(&self, kind: StreamKind, delay: Duration) {
        let labels = [KeyValue::new("kind", kind.as_str())];
        self.instruments.delivery_delay.record(delay.as_secs_f64(), &labels);
    }

    /// A page of the log was read from the database for a stream behind the tail.
    pub fn page_read(&self, topic: TopicKind) {
        self.instruments.pages_read.add(1, &[KeyValue::new("topic", topic.as_str())]);
    }

    /// How many sessions in the store are in this state.
    pub fn sessions(&self, state: SessionState, count: u64) {
        self.instruments.sessions.record(count, &[KeyValue::new("state", session_state(state))]);
    }

    /// What is counted over the sessions that this replica works on.
    pub fn figures(&self, figures: &Figures) {
        let instruments = &*self.instruments;
        for (state, name) in labels::host_states() {
            let count = figures.hosts.get(&state).copied().unwrap_or(0);
            instruments.hosts.record(count, &[KeyValue::new("state", name)]);
        }
        for (party, whose) in labels::parties() {
            for (wait, what) in labels::waits() {
                let count = figures.waits.get(&(party, wait)).copied().unwrap_or(0);
                let labels = [KeyValue::new("party", whose), KeyValue::new("wait", what)];
                instruments.waits.record(count, &labels);
            }
        }
        instruments.intruders.record(figures.intruders, &[]);
        for (what, count) in
            [(Late::Work, figures.late_works), (Late::Window, figures.late_sessions)]
        {
            instruments.late.record(count, &[KeyValue::new("what", what.as_str())]);
        }
        instruments.cloud_trouble.record(figures.without_cloud, &[]);
    }

    /// An action on a server ended.
    pub fn action_ended(&self, action: Action, end: ActionEnd) {
        let outcome = ActionOutcome::from(end);
        let labels = [
            KeyValue::new("action", labels::action(action)),
            KeyValue::new("outcome", outcome.as_str()),
        ];
        self.instruments.actions.add(1, &labels);
    }

    /// A move came through at the first try.
    pub fn moved(&self, measured: &Measured) {
        let action = match measured.kind {
            MigrationKind::Live => Action::LiveMigrate,
            MigrationKind::Cold => Action::Migrate,
            MigrationKind::Other => return,
        };
        let labels = [KeyValue::new("action", labels::action(action))];
        self.instruments.move_duration.record(measured.took.as_seconds_f64(), &labels);
    }

    /// An owner replied, or its silence counts, this long after it was asked.
    pub fn owner_replied(&self, state: NotificationState, after: fermata_core::Duration) {
        let Some(reply) = OwnerReply::of(state) else { return };
        let labels = [KeyValue::new("reply", reply.as_str())];
        self.instruments.reply_delay.record(after.as_seconds_f64(), &labels);
    }

    /// How many subscriptions have a stream open, how many do not, and how many events the last of them is behind.
    pub fn subscriptions(&self, connected: u64, away: u64, lag: u64) {
        for (count, is_connected) in [(connected, "yes"), (away, "no")] {
            self.instruments
                .subscriptions
                .record(count, &[KeyValue::new("connected", is_connected)]);
        }
        self.instruments.subscription_lag.record(lag, &[]);
    }

    /// A session's state machine took a step; `input` is what [`input_kind`] says.
    pub fn session_step(&self, input: &'static str, outcome: StepOutcome) {
        let labels = [KeyValue::new("input", input), KeyValue::new("outcome", outcome.as_str())];
        self.instruments.session_steps.add(1, &labels);
    }

    /// Work began this long after it was due.
    pub fn runner_lag(&self, lag: Duration) {
        self.instruments.runner_lag.record(lag.as_secs_f64(), &[]);
    }

    /// A call to the cloud ended.
    pub fn cloud_call(&self, operation: &'static str, outcome: CloudOutcome, duration: Duration) {
        let labels =
            [KeyValue::new("operation", operation), KeyValue::new("outcome", outcome.as_str())];
        self.instruments.cloud_call_duration.record(duration.as_secs_f64(), &labels);
    }

    /// Figures of the pool of connections.
    pub fn connections(&self, connections: Connections) {
        let gauge = &self.instruments.store_connections;
        for (state, count) in [
            (ConnectionState::InUse, connections.in_use),
            (ConnectionState::Idle, connections.idle),
        ] {
            gauge.record(count.into(), &[KeyValue::new("state", state.as_str())]);
        }
        self.instruments.store_connections_limit.record(connections.limit.into(), &[]);
    }

    /// How many sessions this replica works on, and how many it cannot work on.
    pub fn sessions_held(&self, held: u64, stuck: u64) {
        self.instruments.sessions_held.record(held, &[]);
        self.instruments.sessions_stuck.record(stuck, &[]);
    }

    /// This replica took sessions over.
    pub fn adopted(&self, sessions: u64) {
        self.instruments.adoptions.add(sessions, &[]);
    }

    /// This replica lost its lease.
    pub fn lease_lost(&self) {
        self.instruments.leases_lost.add(1, &[]);
    }

    /// A background task is started again after a panic.
    pub fn task_restarted(&self, task: Task) {
        self.instruments.task_restarts.add(1, &[KeyValue::new("task", task.name())]);
    }

    /// A background task ended a turn.
    pub fn task_turned(&self, task: Task, at: Time) {
        let at = u64::try_from(at.unix_timestamp()).unwrap_or(0);
        self.instruments.task_last_turn.record(at, &[KeyValue::new("task", task.name())]);
    }

    /// Something that a replica needs to be ready is right, or is not.
    pub fn ready(&self, check: &'static str, is_right: bool) {
        self.instruments.ready.record(u64::from(is_right), &[KeyValue::new("check", check)]);
    }

    /// The first of the certificates in use for this ends then, in seconds since 1970.
    pub fn certificate_ends(&self, certificate: CertificateUse, at: u64) {
        let labels = [KeyValue::new("certificate", certificate.as_str())];
        self.instruments.certificate_end.record(at, &labels);
    }

    /// A try of a database transaction ended. A conflict is counted as such, too.
    pub fn transaction(&self, kind: &'static str, outcome: TransactionOutcome, duration: Duration) {
        let labels = [KeyValue::new("kind", kind), KeyValue::new("outcome", outcome.as_str())];
        self.instruments.transaction_duration.record(duration.as_secs_f64(), &labels);
        if outcome == TransactionOutcome::Conflict {
            self.instruments.store_conflicts.add(1, &[KeyValue::new("kind", kind)]);
        }
    }
}

/// A connection that is open.
#[derive(Debug)]
pub struct ConnectionOpen(Metrics);

impl Drop for ConnectionOpen {
    fn drop(&mut self) {
        self.0.instruments.connections_open.add(-1, &[]);
    }
}

/// A stream that is open.
#[derive(Debug)]
pub struct StreamOpen {
    metrics: Metrics,
    kind: StreamKind,
}

impl Drop for StreamOpen {
    fn drop(&mut self) {
        let labels = [KeyValue::new("kind", self.kind.as_str())];
        self.metrics.instruments.streams_open.add(-1, &labels);
    }
}

/// A histogram cannot be touched without inventing an observation; `/metrics` announces it.
fn histogram(meter: &Meter, metric: &Documented) -> Histogram<f64> {
    meter
        .f64_histogram(metric.instrument)
        .with_unit(metric.unit)
        .with_description(metric.help)
        .with_boundaries(SECONDS.to_vec())
        .build()
}

fn counter(meter: &Meter, metric: &Documented) -> Counter<u64> {
    let counter = meter
        .u64_counter(metric.instrument)
        .with_unit(metric.unit)
        .with_description(metric.help)
        .build();
    for series in known_series(metric) {
        counter.add(0, &series);
    }
    counter
}

fn up_down_counter(meter: &Meter, metric: &Documented) -> UpDownCounter<i64> {
    let counter = meter
        .i64_up_down_counter(metric.instrument)
        .with_unit(metric.unit)
        .with_description(metric.help)
        .build();
    for series in known_series(metric) {
        counter.add(0, &series);
    }
    counter
}

fn gauge(meter: &Meter, metric: &Documented) -> Gauge<u64> {
    let gauge = meter
        .u64_gauge(metric.instrument)
        .with_unit(metric.unit)
        .with_description(metric.help)
        .build();
    for series in known_series(metric) {
        gauge.record(0, &series);
    }
    gauge
}

/// Every combination of label values; none if a label's values are not known beforehand.
fn known_series(metric: &Documented) -> Vec<Vec<KeyValue>> {
    metric.labels.iter().fold(vec![Vec::new()], |series, label| {
        let with = |value: &&'static str| {
            let pair = [KeyValue::new(label.name, *value)];
            series.iter().map(move |labels| [labels.as_slice(), &pair].concat())
        };
        label.values.iter().flat_map(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_series_are_all_combinations() {
        assert_eq!(known_series(&STREAMS_STARTED).len(), 9);
        assert!(known_series(&STORE_CONFLICTS).is_empty());
    }
}
