//! What an operator asks for: a [`Draft`] with gaps, and the [`Spec`] it becomes once defaults are
//! filled in and every violation was found.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::Time;
use crate::cloud::Host;
use crate::id::{HostName, SessionId};
use crate::limits::{MAX_KEY, MAX_METADATA, MAX_SPAN, MAX_TEXT};
use crate::text::{Shape, wrong};

const MAX_PARALLEL: u32 = 1000;
const MAX_ATTEMPTS: u32 = 20;

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceWindow {
    /// Nothing is drained before.
    #[serde(with = "time::serde::rfc3339")]
    pub start: Time,
    /// No new host starts after.
    #[serde(with = "time::serde::rfc3339")]
    pub end: Time,
}

/// Whether a host comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It does; its servers may be kept on it, stopped.
    #[default]
    Temporary,
    /// It leaves for good.
    Retirement,
}

/// What happens to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Moved while it runs.
    LiveMigrate,
    /// Moved while it is stopped, then confirmed.
    Migrate,
    /// Moved, rebuilt or deleted by its owner.
    OwnAction,
    /// Stopped before the work and started after it.
    Keep,
}

impl Action {
    /// What an owner may choose from for a server on a host of this kind. KEEP is not offered where the host
    /// leaves for good.
    pub fn allowed(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Temporary => &[Self::LiveMigrate, Self::Migrate, Self::OwnAction, Self::Keep],
            Kind::Retirement => &[Self::LiveMigrate, Self::Migrate, Self::OwnAction],
        }
    }
}

/// What silence means once a reply period is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSilence {
    /// Go on with the default action.
    #[default]
    Proceed,
    /// The host waits for the operator.
    Hold,
    /// The host is given back.
    FailHost,
}

/// What an objection means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnObjection {
    /// The host waits for the operator.
    #[default]
    Hold,
    /// The host is given back.
    FailHost,
}

/// What a failed host means for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// No further host starts.
    #[default]
    Stop,
    /// The others go on.
    Continue,
}

/// Whether a session starts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartMode {
    /// At the window's start, once owners replied or their time is over.
    #[default]
    Automatic,
    /// When the operator says so.
    Manual,
}

/// Which hosts a session takes: the union of all that is named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Selection {
    /// Hosts by name.
    pub names: Vec<HostName>,
    /// Hosts of these aggregates.
    pub aggregates: Vec<String>,
    /// Hosts of these availability zones.
    pub zones: Vec<String>,
    /// Every host.
    pub all: bool,
}

/// What was asked for, complete and without violations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Which hosts were asked for; the session's hosts are what this matched when it was created.
    pub selection: Selection,
    /// When the work may happen.
    pub window: MaintenanceWindow,
    /// Whether hosts come back.
    pub kind: Kind,
    /// Exceptions for single hosts.
    pub host_kinds: BTreeMap<HostName, Kind>,
    /// Why, shown to owners.
    pub reason: String,
    /// What the hosts will offer afterwards.
    pub metadata: BTreeMap<String, String>,
    /// How long owners may answer the announcement.
    pub announce_reply_period: Duration,
    /// How long owners may answer before a host is drained.
    pub drain_reply_period: Duration,
    /// Least time between telling an owner and touching a server.
    pub lead_time: Duration,
    /// What silence means.
    pub on_silence: OnSilence,
    /// What an objection means.
    pub on_objection: OnObjection,
    /// What happens to a server nobody decided about.
    pub default_action: Action,
    /// What a failed host means for the others.
    pub on_failure: OnFailure,
    /// Whether the session starts by itself.
    pub start_mode: StartMode,
    /// How many hosts may be out of service at once.
    pub max_parallel_hosts: u32,
    /// How many servers may be acted on at once.
    pub max_parallel_actions: u32,
    /// How long a host may take to become empty.
    pub drain_timeout: Duration,
    /// How long the operator expects to work on a host.
    pub work_timeout: Option<Duration>,
    /// How long one action may take.
    pub action_timeout: Duration,
    /// How often an action is tried per server.
    pub action_attempts: u32,
}

impl Spec {
    /// Whether this host comes back.
    pub fn kind_of(&self, host: &HostName) -> Kind {
        self.host_kinds.get(host).copied().unwrap_or(self.kind)
    }
}

/// What an operator sent: every field that may be left out is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the same fields as Spec")]
pub struct Draft {
    pub selection: Selection,
    pub window_start: Option<Time>,
    pub window_end: Option<Time>,
    pub kind: Kind,
    pub host_kinds: Vec<(HostName, Option<Kind>)>,
    pub reason: String,
    pub metadata: BTreeMap<String, String>,
    pub announce_reply_period: Option<Duration>,
    pub drain_reply_period: Option<Duration>,
    pub lead_time: Option<Duration>,
    pub on_silence: OnSilence,
    pub on_objection: OnObjection,
    pub default_action: Option<Action>,
    pub on_failure: OnFailure,
    pub start_mode: StartMode,
    pub max_parallel_hosts: u32,
    pub max_parallel_actions: u32,
    pub drain_timeout: Option<Duration>,
    pub work_timeout: Option<Duration>,
    pub action_timeout: Option<Duration>,
    pub action_attempts: u32,
}

/// Something wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field, as a path in the request.
    pub field: String,
    /// What was wrong and what to do.
    pub message: String,
    /// Which sort of violation, for programs.
    pub sort: ViolationKind,
}

/// Sorts of violations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViolationKind {
    /// A value that cannot be.
    Field,
    /// A host, aggregate or zone that the cloud does not have.
    UnknownHost,
    /// A window that cannot be.
    Window,
    /// A host that another active session has.
    HostInSession {
        /// The host.
        host: HostName,
        /// That session.
        session: SessionId,
    },
    /// A server the notification is not about.
    ServerNotInNotification,
    /// A decision that is not offered.
    ActionNotAllowed,
}

impl Violation {
    /// A violation of a field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::of(ViolationKind::Field, field, message)
    }

    /// A violation of this sort.
    pub fn of(sort: ViolationKind, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), sort }
    }
}

/// Finds the hosts that a selection means.
///
/// # Errors
/// Names, aggregates and zones that the cloud does not have, and a selection without a host.
pub fn select<'a>(
    selection: &Selection,
    hosts: &'a [Host],
) -> Result<Vec<&'a Host>, Vec<Violation>> {
    let mut violations = Vec::new();
    let known_names: BTreeSet<&HostName> = hosts.iter().map(|h| &h.name).collect();
    let known_aggregates: BTreeSet<&String> = hosts.iter().flat_map(|h| &h.aggregates).collect();
    let known_zones: BTreeSet<&String> = hosts.iter().filter_map(|h| h.zone.as_ref()).collect();
    let unknown = |what: &str, field: String, name: &str| {
        Violation::of(
            ViolationKind::UnknownHost,
            field,
            format!("the cloud has no {what} '{name}'; list what it has with ListHosts"),
        )
    };
    for (i, name) in selection.names.iter().enumerate() {
        if !known_names.contains(name) {
            violations.push(unknown(
                "compute host",
                format!("spec.hosts.names[{i}]"),
                name.as_str(),
            ));
        }
    }
    for (i, name) in selection.aggregates.iter().enumerate() {
        if !known_aggregates.contains(name) {
            violations.push(unknown(
                "aggregate with hosts",
                format!("spec.hosts.aggregates[{i}]"),
                name,
            ));
        }
    }
    for (i, name) in selection.zones.iter().enumerate() {
        if !known_zones.contains(name) {
            violations.push(unknown("zone with hosts", format!("spec.hosts.zones[{i}]"), name));
        }
    }
    let names: BTreeSet<&HostName> = selection.names.iter().collect();
    let aggregates: BTreeSet<&String> = selection.aggregates.iter().collect();
    let zones: BTreeSet<&String> = selection.zones.iter().collect();
    let chosen: Vec<&Host> = hosts
        .iter()
        .filter(|h| {
            selection.all
                || names.contains(&h.name)
                || h.aggregates.iter().any(|a| aggregates.contains(a))
                || h.zone.as_ref().is_some_and(|z| zones.contains(z))
        })
        .collect();
    if chosen.is_empty() && violations.is_empty() {
        violations.push(Violation::field(
            "spec.hosts",
            "no host is selected; name hosts, aggregates or zones, or set all",
        ));
    }
    if violations.is_empty() { Ok(chosen) } else { Err(violations) }
}

impl Draft {
    /// Fills in defaults and finds every violation. `hosts` are the selected ones.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn complete(self, hosts: &BTreeSet<HostName>, now: Time) -> Result<Spec, Vec<Violation>> {
        let mut violations = Vec::new();
        let window = self.window(now, &mut violations);
        let mut host_kinds = BTreeMap::new();
        for (i, (host, kind)) in self.host_kinds.iter().enumerate() {
            let field = format!("spec.host_overrides[{i}]");
            if !hosts.contains(host) {
                violations.push(Violation::field(
                    format!("{field}.host"),
                    format!("'{host}' is not among the selected hosts"),
                ));
            }
            if host_kinds.contains_key(host) {
                violations.push(Violation::field(
                    format!("{field}.host"),
                    format!("'{host}' is named twice"),
                ));
            }
            match kind {
                Some(kind) => {
                    host_kinds.insert(host.clone(), *kind);
                }
                None => violations
                    .push(Violation::field(format!("{field}.kind"), "set TEMPORARY or RETIREMENT")),
            }
        }
        let mut span = |field: &str, value: Option<Duration>, default: Duration, zero: bool| {
            check_span(&format!("spec.{field}"), value.unwrap_or(default), zero, &mut violations)
        };
        let announce_reply_period =
            span("announce_reply_period", self.announce_reply_period, Duration::minutes(10), true);
        let drain_reply_period =
            span("drain_reply_period", self.drain_reply_period, Duration::minutes(5), true);
        let lead_time = span("lead_time", self.lead_time, Duration::ZERO, true);
        let drain_timeout = span("drain_timeout", self.drain_timeout, Duration::hours(1), false);
        let action_timeout =
            span("action_timeout", self.action_timeout, Duration::minutes(15), false);
        let work_timeout = self
            .work_timeout
            .map(|value| check_span("spec.work_timeout", value, false, &mut violations));
        if drain_timeout < lead_time.max(drain_reply_period) {
            violations.push(Violation::field(
                "spec.drain_timeout",
                "is shorter than lead_time or drain_reply_period; no host could be emptied in time",
            ));
        }
        if let Some(window) = window
            && window.end > window.start.max(now)
            && window.end - window.start.max(now) < lead_time
        {
            violations.push(Violation::of(
                ViolationKind::Window,
                "spec.window.end_time",
                "the window is shorter than lead_time; nothing could be touched in it",
            ));
        }
        check_text("spec.reason", &self.reason, true, &mut violations);
        check_metadata(&self.metadata, &mut violations);
        let any_retires = hosts
            .iter()
            .any(|h| host_kinds.get(h).copied().unwrap_or(self.kind) == Kind::Retirement);
        let default_action = self.default_action.unwrap_or(Action::LiveMigrate);
        check_default_action(default_action, any_retires, &mut violations);
        let count = |value: u32, default: u32| if value == 0 { default } else { value };
        let max_parallel_hosts = count(self.max_parallel_hosts, 1);
        let max_parallel_actions = count(self.max_parallel_actions, 4);
        let action_attempts = count(self.action_attempts, 3);
        for (field, value, most) in [
            ("max_parallel_hosts", max_parallel_hosts, MAX_PARALLEL),
            ("max_parallel_actions", max_parallel_actions, MAX_PARALLEL),
            ("action_attempts", action_attempts, MAX_ATTEMPTS),
        ] {
            if value > most {
                violations
                    .push(Violation::field(format!("spec.{field}"), format!("is at most {most}")));
            }
        }
        match window {
            Some(window) if violations.is_empty() => Ok(Spec {
                selection: self.selection,
                window,
                kind: self.kind,
                host_kinds,
                reason: self.reason,
                metadata: self.metadata,
                announce_reply_period,
                drain_reply_period,
                lead_time,
                on_silence: self.on_silence,
                on_objection: self.on_objection,
                default_action,
                on_failure: self.on_failure,
                start_mode: self.start_mode,
                max_parallel_hosts,
                max_parallel_actions,
                drain_timeout,
                work_timeout,
                action_timeout,
                action_attempts,
            }),
            Some(_) | None => Err(violations),
        }
    }

    fn window(&self, now: Time, violations: &mut Vec<Violation>) -> Option<MaintenanceWindow> {
        let violation = |message: &str| {
            Violation::of(ViolationKind::Window, "spec.window.end_time", message.to_owned())
        };
        let start = self.window_start.unwrap_or(now);
        let Some(end) = self.window_end else {
            violations.push(violation("set when the maintenance must be over"));
            return None;
        };
        if end <= now {
            violations.push(violation("is in the past"));
        } else if end <= start {
            violations.push(violation("is not after start_time"));
        }
        Some(MaintenanceWindow { start, end })
    }
}

pub(crate) fn check_span(
    field: &str,
    value: Duration,
    zero: bool,
    violations: &mut Vec<Violation>,
) -> Duration {
    if value.is_negative() || (value.is_zero() && !zero) {
        violations.push(Violation::field(
            field,
            "must be longer than zero; leave it unset for the default",
        ));
    } else if value > MAX_SPAN {
        violations.push(Violation::field(field, "is at most 366 days"));
    }
    value
}

/// Checks a text that people wrote.
pub fn check_text(field: &str, text: &str, required: bool, violations: &mut Vec<Violation>) {
    if required && text.trim().is_empty() {
        violations.push(Violation::field(field, "is required"));
    } else if let Some(what) = wrong(text, Shape::Prose, MAX_TEXT) {
        violations.push(Violation::field(field, what));
    }
}

/// The violations of a request in one line: how many, and the first fields. What is wrong with each is said in the details.
pub fn summary(violations: &[Violation]) -> String {
    const NAMED: usize = 3;
    let named: Vec<_> = violations.iter().take(NAMED).map(|f| f.field.as_str()).collect();
    let named = named.join(", ");
    match violations.len() {
        1 => format!("1 field is wrong: {named}"),
        count if count <= NAMED => format!("{count} fields are wrong: {named}"),
        count => format!("{count} fields are wrong: {named}, and {} more", count - NAMED),
    }
}

fn check_metadata(metadata: &BTreeMap<String, String>, violations: &mut Vec<Violation>) {
    if metadata.len() > MAX_METADATA {
        violations
            .push(Violation::field("spec.metadata", format!("has at most {MAX_METADATA} entries")));
        return;
    }
    for (key, value) in metadata {
        if key.trim().is_empty() {
            violations.push(Violation::field("spec.metadata", "has an entry without a key"));
        } else if let Some(what) = wrong(key, Shape::Line, MAX_KEY) {
            violations.push(Violation::field("spec.metadata", format!("has a key that {what}")));
        }
        check_text(&format!("spec.metadata['{key}']"), value, false, violations);
    }
}

fn check_default_action(action: Action, any_retires: bool, violations: &mut Vec<Violation>) {
    let field = "spec.default_action";
    match action {
        Action::OwnAction => violations.push(Violation::field(
            field,
            "cannot be OWN_ACTION: an owner that is silent does not act either",
        )),
        Action::Keep if any_retires => violations.push(Violation::field(
            field,
            "cannot be KEEP where a host retires: nothing can stay on it",
        )),
        Action::Keep | Action::LiveMigrate | Action::Migrate => {}
    }
}
