//! Every metric: name, kind, labels, meaning. Instruments are created from this table, `/metrics`
//! announces it, and a test compares `docs/telemetry.md` with it. No recording here; that is
//! [`super::metrics`].

use super::labels::{
    ACTIONS, ActionOutcome, CODES, CloudOutcome, ConnectionState, HOST_STATES, Late, Limit, MOVES,
    OwnerReply, PARTIES, SESSION_STATES, StepOutcome, StreamKind, StreamStart, TopicKind,
    TransactionOutcome, WAITS, YES_NO,
};
use crate::tasks::Task;

/// A metric as operators see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documented {
    /// Name on `/metrics`, without the suffixes of a histogram's series.
    pub name: &'static str,
    /// Name of the OpenTelemetry instrument, as an OTLP collector gets it.
    pub instrument: &'static str,
    /// What it measures with.
    pub kind: MetricKind,
    /// Unit in UCUM; `{things}` counts things.
    pub unit: &'static str,
    /// Its labels, in order.
    pub labels: &'static [Label],
    /// What it says, in one sentence.
    pub help: &'static str,
}

/// What a metric measures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Spread of values.
    Histogram,
}

impl MetricKind {
    /// The word in the Prometheus text format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A label of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// The values it can have; empty if they are named elsewhere (RPC methods, operations).
    pub values: &'static [&'static str],
}

const fn open(name: &'static str) -> Label {
    Label { name, values: &[] }
}

const fn closed(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values }
}

const STREAM_KIND: Label = closed("kind", StreamKind::VALUES);
const TOPIC: Label = closed("topic", TopicKind::VALUES);

pub(super) const RPC_DURATION: Documented = Documented {
    name: "fermata_rpc_duration_seconds",
    instrument: "fermata.rpc.duration",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[open("method"), closed("code", CODES)],
    help: "Duration of gRPC calls, for streams until their end",
};

pub(super) const CONNECTIONS_OPEN: Documented = Documented {
    name: "fermata_connections_open",
    instrument: "fermata.connections.open",
    kind: MetricKind::Gauge,
    unit: "{connection}",
    labels: &[],
    help: "Connections of callers and of those who read metrics and health",
};

pub(super) const REFUSED: Documented = Documented {
    name: "fermata_refused_total",
    instrument: "fermata.refused",
    kind: MetricKind::Counter,
    unit: "{call}",
    labels: &[closed("limit", Limit::VALUES)],
    help: "Calls, streams, connections and things to keep that were refused or cut off, by the limit that was reached",
};

pub(super) const STREAMS_OPEN: Documented = Documented {
    name: "fermata_streams_open",
    instrument: "fermata.streams.open",
    kind: MetricKind::Gauge,
    unit: "{stream}",
    labels: &[STREAM_KIND],
    help: "Streams open now",
};

pub(super) const STREAMS_STARTED: Documented = Documented {
    name: "fermata_streams_started_total",
    instrument: "fermata.streams.started",
    kind: MetricKind::Counter,
    unit: "{stream}",
    labels: &[STREAM_KIND, closed("start", StreamStart::VALUES)],
    help: "Streams opened, by where they start; the rate of start=resume is the reconnect pace",
};

pub(super) const SLOW_READERS_CUT: Documented = Documented {
    name: "fermata_streams_slow_readers_cut_total",
    instrument: "fermata.streams.slow_readers_cut",
    kind: MetricKind::Counter,
    unit: "{stream}",
    labels: &[STREAM_KIND],
    help: "Streams ended because their reader did not keep up",
};

pub(super) const EVENTS_APPENDED: Documented = Documented {
    name: "fermata_events_appended_total",
    instrument: "fermata.events.appended",
    kind: MetricKind::Counter,
    unit: "{event}",
    labels: &[TOPIC],
    help: "Events appended to the event log",
};

pub(super) const EVENTS_SENT: Documented = Documented {
    name: "fermata_events_sent_total",
    instrument: "fermata.events.sent",
    kind: MetricKind::Counter,
    unit: "{event}",
    labels: &[STREAM_KIND],
    help: "Events handed to streams",
};

pub(super) const DELIVERY_DELAY: Documented = Documented {
    name: "fermata_events_delivery_delay_seconds",
    instrument: "fermata.events.delivery_delay",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[STREAM_KIND],
    help: "Time from an event's commit until it was handed to a stream",
};

pub(super) const PAGES_READ: Documented = Documented {
    name: "fermata_events_pages_read_total",
    instrument: "fermata.events.pages_read",
    kind: MetricKind::Counter,
    unit: "{page}",
    labels: &[TOPIC],
    help: "Pages of the event log read from the database for streams behind the tail in memory",
};

pub(super) const SESSIONS: Documented = Documented {
    name: "fermata_sessions",
    instrument: "fermata.sessions",
    kind: MetricKind::Gauge,
    unit: "{session}",
    labels: &[closed("state", SESSION_STATES)],
    help: "Sessions in the store; replicas of one store all report it, so take the maximum",
};

pub(super) const HOSTS: Documented = Documented {
    name: "fermata_hosts",
    instrument: "fermata.hosts",
    kind: MetricKind::Gauge,
    unit: "{host}",
    labels: &[closed("state", HOST_STATES)],
    help: "Hosts in the sessions that this replica works on, by their state within the session",
};

pub(super) const WAITS_OPEN: Documented = Documented {
    name: "fermata_waits",
    instrument: "fermata.waits",
    kind: MetricKind::Gauge,
    unit: "{wait}",
    labels: &[closed("party", PARTIES), closed("wait", WAITS)],
    help: "What the sessions that this replica works on wait for, and whose move it is",
};

pub(super) const INTRUDERS: Documented = Documented {
    name: "fermata_intruders",
    instrument: "fermata.intruders",
    kind: MetricKind::Gauge,
    unit: "{server}",
    labels: &[],
    help: "Servers on hosts that this replica holds empty",
};

pub(super) const LATE: Documented = Documented {
    name: "fermata_late",
    instrument: "fermata.late",
    kind: MetricKind::Gauge,
    unit: "{thing}",
    labels: &[closed("what", Late::VALUES)],
    help: "Hosts on which the work takes longer than the operator said, and sessions that are not expected to end within their window",
};

pub(super) const ACTIONS_ENDED: Documented = Documented {
    name: "fermata_actions_total",
    instrument: "fermata.actions",
    kind: MetricKind::Counter,
    unit: "{action}",
    labels: &[closed("action", ACTIONS), closed("outcome", ActionOutcome::VALUES)],
    help: "Actions on servers that ended, as they ended in the cloud",
};

pub(super) const MOVE_DURATION: Documented = Documented {
    name: "fermata_move_duration_seconds",
    instrument: "fermata.move.duration",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[closed("action", MOVES)],
    help: "Duration of moves that came through at the first try",
};

pub(super) const REPLY_DELAY: Documented = Documented {
    name: "fermata_owner_reply_seconds",
    instrument: "fermata.owner.reply",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[closed("reply", OwnerReply::VALUES)],
    help: "Time from when an owner was asked until it replied, or until its silence counted",
};

pub(super) const SUBSCRIPTIONS_KNOWN: Documented = Documented {
    name: "fermata_subscriptions",
    instrument: "fermata.subscriptions",
    kind: MetricKind::Gauge,
    unit: "{subscription}",
    labels: &[closed("connected", YES_NO)],
    help: "Subscriptions, by whether a stream of theirs was open within the last two minutes; replicas of one store all report it, so take the maximum",
};

pub(super) const SUBSCRIPTION_LAG: Documented = Documented {
    name: "fermata_subscriptions_lag",
    instrument: "fermata.subscriptions.lag",
    kind: MetricKind::Gauge,
    unit: "{event}",
    labels: &[],
    help: "Most events that a subscription has not acknowledged",
};

pub(super) const BUILD: Documented = Documented {
    name: "fermata_build_info",
    instrument: "fermata.build.info",
    kind: MetricKind::Gauge,
    unit: "{process}",
    labels: &[open("version")],
    help: "Always 1; the label says which release runs",
};

pub(super) const SESSION_STEPS: Documented = Documented {
    name: "fermata_sessions_steps_total",
    instrument: "fermata.sessions.steps",
    kind: MetricKind::Counter,
    unit: "{step}",
    labels: &[open("input"), closed("outcome", StepOutcome::VALUES)],
    help: "Steps of session state machines, by kind of input",
};

pub(super) const RUNNER_LAG: Documented = Documented {
    name: "fermata_runner_lag_seconds",
    instrument: "fermata.runner.lag",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[],
    help: "Time from when work of a session was due until the runner began it",
};

pub(super) const CLOUD_CALL_DURATION: Documented = Documented {
    name: "fermata_cloud_call_duration_seconds",
    instrument: "fermata.cloud.call.duration",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[open("operation"), closed("outcome", CloudOutcome::VALUES)],
    help: "Duration of calls to the cloud",
};

pub(super) const CLOUD_TROUBLE: Documented = Documented {
    name: "fermata_cloud_trouble",
    instrument: "fermata.cloud.trouble",
    kind: MetricKind::Gauge,
    unit: "{session}",
    labels: &[],
    help: "Sessions of this replica that wait because the cloud does not answer",
};

pub(super) const TRANSACTION_DURATION: Documented = Documented {
    name: "fermata_store_transaction_duration_seconds",
    instrument: "fermata.store.transaction.duration",
    kind: MetricKind::Histogram,
    unit: "s",
    labels: &[open("kind"), closed("outcome", TransactionOutcome::VALUES)],
    help: "Duration of database transactions, one observation per try",
};

pub(super) const STORE_CONFLICTS: Documented = Documented {
    name: "fermata_store_conflicts_total",
    instrument: "fermata.store.conflicts",
    kind: MetricKind::Counter,
    unit: "{conflict}",
    labels: &[open("kind")],
    help: "Transactions that lost against another one and had to be tried again",
};

pub(super) const STORE_CONNECTIONS: Documented = Documented {
    name: "fermata_store_connections",
    instrument: "fermata.store.connections",
    kind: MetricKind::Gauge,
    unit: "{connection}",
    labels: &[closed("state", ConnectionState::VALUES)],
    help: "Connections to the database that this replica has open",
};

pub(super) const STORE_CONNECTIONS_LIMIT: Documented = Documented {
    name: "fermata_store_connections_limit",
    instrument: "fermata.store.connections.limit",
    kind: MetricKind::Gauge,
    unit: "{connection}",
    labels: &[],
    help: "Connections to the database that this replica opens at most",
};

pub(super) const SESSIONS_HELD: Documented = Documented {
    name: "fermata_replica_sessions",
    instrument: "fermata.replica.sessions",
    kind: MetricKind::Gauge,
    unit: "{session}",
    labels: &[],
    help: "Sessions that this replica works on",
};

pub(super) const SESSIONS_STUCK: Documented = Documented {
    name: "fermata_replica_sessions_stuck",
    instrument: "fermata.replica.sessions_stuck",
    kind: MetricKind::Gauge,
    unit: "{session}",
    labels: &[],
    help: "Sessions that this replica could not work on and will try again later; look at its log",
};

pub(super) const ADOPTIONS: Documented = Documented {
    name: "fermata_replica_adoptions_total",
    instrument: "fermata.replica.adoptions",
    kind: MetricKind::Counter,
    unit: "{session}",
    labels: &[],
    help: "Sessions that this replica took over because nobody worked on them",
};

pub(super) const TASK_RESTARTS: Documented = Documented {
    name: "fermata_task_restarts_total",
    instrument: "fermata.task.restarts",
    kind: MetricKind::Counter,
    unit: "{restart}",
    labels: &[closed("task", Task::NAMES)],
    help: "Times that a background task was started again after a panic",
};

pub(super) const TASK_LAST_TURN: Documented = Documented {
    name: "fermata_task_last_turn_timestamp_seconds",
    instrument: "fermata.task.last_turn.timestamp",
    kind: MetricKind::Gauge,
    unit: "s",
    labels: &[open("task")],
    help: "When a background task last ended a turn, in seconds since 1970",
};

pub(super) const READY: Documented = Documented {
    name: "fermata_ready",
    instrument: "fermata.ready",
    kind: MetricKind::Gauge,
    unit: "{check}",
    labels: &[open("check")],
    help: "1 if nothing is wrong with what /readyz looks at, by check (start, shutdown, database, lease, tasks, access); else 0",
};

pub(super) const CERTIFICATE_END: Documented = Documented {
    name: "fermata_certificate_end_timestamp_seconds",
    instrument: "fermata.certificate.end.timestamp",
    kind: MetricKind::Gauge,
    unit: "s",
    // Not a closed one: without TLS there is none that could end.
    labels: &[open("certificate")],
    help: "When the first of the certificates in use ends, in seconds since 1970; only with TLS, by what it is for (server, client_ca)",
};

pub(super) const LEASES_LOST: Documented = Documented {
    name: "fermata_replica_leases_lost_total",
    instrument: "fermata.replica.leases_lost",
    kind: MetricKind::Counter,
    unit: "{lease}",
    labels: &[],
    help: "Times that this replica could not renew its lease in time and lost its sessions to others",
};

/// Every metric, in the order of the documentation.
pub const DOCUMENTED: &[Documented] = &[
    RPC_DURATION,
    CONNECTIONS_OPEN,
    REFUSED,
    STREAMS_OPEN,
    STREAMS_STARTED,
    SLOW_READERS_CUT,
    EVENTS_APPENDED,
    EVENTS_SENT,
    DELIVERY_DELAY,
    PAGES_READ,
    SESSIONS,
    HOSTS,
    WAITS_OPEN,
    INTRUDERS,
    LATE,
    ACTIONS_ENDED,
    MOVE_DURATION,
    REPLY_DELAY,
    SUBSCRIPTIONS_KNOWN,
    SUBSCRIPTION_LAG,
    BUILD,
    SESSION_STEPS,
    RUNNER_LAG,
    CLOUD_CALL_DURATION,
    CLOUD_TROUBLE,
    TRANSACTION_DURATION,
    STORE_CONFLICTS,
    STORE_CONNECTIONS,
    STORE_CONNECTIONS_LIMIT,
    SESSIONS_HELD,
    SESSIONS_STUCK,
    ADOPTIONS,
    LEASES_LOST,
    TASK_RESTARTS,
    TASK_LAST_TURN,
    READY,
    CERTIFICATE_END,
];

/// The table of `docs/telemetry.md`, in Markdown.
pub fn markdown_table() -> String {
    let mut table = String::from(
        "| metric | kind | unit | labels | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for metric in DOCUMENTED {
        let labels: Vec<String> =
            metric.labels.iter().map(|label| format!("`{}`", label.name)).collect();
        let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
        let row = [
            format!("`{}`", metric.name),
            metric.kind.as_str().to_owned(),
            metric.unit.to_owned(),
            labels,
            metric.help.to_owned(),
        ];
        table.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../../../docs/telemetry.md");

    #[test]
    fn the_manual_has_the_table_of_metrics() {
        let table = markdown_table();
        assert!(MANUAL.contains(&table), "docs/telemetry.md must contain:\n{table}");
    }

    #[test]
    fn the_manual_names_every_value_of_closed_labels() {
        let values = DOCUMENTED.iter().flat_map(|metric| metric.labels).flat_map(|l| l.values);
        for value in values.filter(|value| !CODES.contains(value)) {
            assert!(MANUAL.contains(&format!("`{value}`")), "{value} is not in docs/telemetry.md");
        }
    }

    #[test]
    fn names_are_unique_and_say_their_unit() {
        for metric in DOCUMENTED {
            assert_eq!(DOCUMENTED.iter().filter(|other| other.name == metric.name).count(), 1);
            assert_eq!(metric.name.ends_with("_seconds"), metric.unit == "s", "{}", metric.name);
            assert_eq!(
                metric.name.ends_with("_total"),
                metric.kind == MetricKind::Counter,
                "{}",
                metric.name
            );
        }
    }
}
