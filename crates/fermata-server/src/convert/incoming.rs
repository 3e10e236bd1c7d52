//! What clients send, made into what the domain takes. Everything wrong is found at once.

use std::str::FromStr;

use fermata_core::id::{HostName, ServerId};
use fermata_core::limits::MAX_SPEC;
use fermata_core::machine::{Answer, OfferedTerms};
use fermata_core::session::{NotificationState, SessionState};
use fermata_core::spec::{
    Action, Draft, Kind, OnFailure, OnObjection, OnSilence, Selection, StartMode, Violation,
};
use fermata_core::{Duration, Time};
use fermata_proto::v1;
use fermata_store::PutMode;
use prost::Message;

use crate::bounds::rule;
use crate::error::ServeError;

/// Reads a request field by field and collects what is wrong.
#[derive(Default)]
pub struct Reader {
    violations: Vec<Violation>,
}

impl Reader {
    /// Ends the reading.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub fn finish<T>(self, value: T) -> Result<T, ServeError> {
        if self.violations.is_empty() {
            Ok(value)
        } else {
            Err(ServeError::Violations(self.violations))
        }
    }

    /// What was wrong so far.
    pub fn into_violations(self) -> Vec<Violation> {
        self.violations
    }

    /// Collects what a check of the domain finds.
    pub fn check(&mut self, check: impl FnOnce(&mut Vec<Violation>)) {
        check(&mut self.violations);
    }

    /// Something is wrong with a field.
    pub fn violation(&mut self, field: &str, message: &str) {
        self.violations.push(Violation::field(field, message));
    }

    /// A time.
    pub fn time(&mut self, field: &str, value: Option<prost_types::Timestamp>) -> Option<Time> {
        let time = rule::moment(value?);
        if time.is_none() {
            self.violation(field, "is no valid time");
        }
        time
    }

    /// A span.
    pub fn span(&mut self, field: &str, value: Option<prost_types::Duration>) -> Option<Duration> {
        let span = rule::duration(value?);
        if span.is_none() {
            self.violation(field, "is no valid duration");
        }
        span
    }

    pub(super) fn choice<E, T>(&mut self, field: &str, value: i32, map: impl Fn(E) -> T) -> T
    where
        E: TryFrom<i32> + Default,
    {
        match E::try_from(value) {
            Ok(known) => map(known),
            Err(_) => {
                self.violation(
                    field,
                    &format!("{value} is no value of this field that this server knows"),
                );
                map(E::default())
            }
        }
    }

    fn kind(&mut self, field: &str, value: i32) -> Option<Kind> {
        self.choice(field, value, |kind| match kind {
            v1::MaintenanceKind::Unspecified => None,
            v1::MaintenanceKind::Temporary => Some(Kind::Temporary),
            v1::MaintenanceKind::Retirement => Some(Kind::Retirement),
        })
    }

    pub(super) fn action(&mut self, field: &str, value: i32) -> Option<Action> {
        self.choice(field, value, |action| match action {
            v1::Action::Unspecified => None,
            v1::Action::LiveMigrate => Some(Action::LiveMigrate),
            v1::Action::Migrate => Some(Action::Migrate),
            v1::Action::OwnAction => Some(Action::OwnAction),
            v1::Action::Keep => Some(Action::Keep),
        })
    }

    /// What an operator asks for.
    pub fn draft(&mut self, spec: v1::SessionSpec) -> Draft {
        let size = spec.encoded_len();
        if size > MAX_SPEC {
            self.violation(
                "spec",
                &format!(
                    "takes {size} bytes, of at most {MAX_SPEC}; name aggregates or zones instead of single hosts"
                ),
            );
        }
        let hosts = spec.hosts.unwrap_or_default();
        let window = spec.window.unwrap_or_default();
        Draft {
            selection: Selection {
                names: hosts.names.into_iter().map(HostName).collect(),
                aggregates: hosts.aggregates,
                zones: hosts.zones,
                all: hosts.all,
            },
            window_start: self.time("spec.window.start_time", window.start_time),
            window_end: self.time("spec.window.end_time", window.end_time),
            kind: self.kind("spec.kind", spec.kind).unwrap_or_default(),
            host_kinds: spec
                .host_overrides
                .into_iter()
                .enumerate()
                .map(|(i, o)| {
                    let kind = self.kind(&format!("spec.host_overrides[{i}].kind"), o.kind);
                    (HostName(o.host), kind)
                })
                .collect(),
            reason: spec.reason,
            metadata: spec.metadata.into_iter().collect(),
            announce_reply_period: self
                .span("spec.announce_reply_period", spec.announce_reply_period),
            drain_reply_period: self.span("spec.drain_reply_period", spec.drain_reply_period),
            lead_time: self.span("spec.lead_time", spec.lead_time),
            on_silence: self.choice("spec.on_silence", spec.on_silence, |v| match v {
                v1::OnSilence::Unspecified | v1::OnSilence::Proceed => OnSilence::Proceed,
                v1::OnSilence::Hold => OnSilence::Hold,
                v1::OnSilence::FailHost => OnSilence::FailHost,
            }),
            on_objection: self.choice("spec.on_objection", spec.on_objection, |v| match v {
                v1::OnObjection::Unspecified | v1::OnObjection::Hold => OnObjection::Hold,
                v1::OnObjection::FailHost => OnObjection::FailHost,
            }),
            default_action: self.action("spec.default_action", spec.default_action),
            on_failure: self.choice("spec.on_failure", spec.on_failure, |v| match v {
                v1::OnFailure::Unspecified | v1::OnFailure::Stop => OnFailure::Stop,
                v1::OnFailure::Continue => OnFailure::Continue,
            }),
            start_mode: self.choice("spec.start_mode", spec.start_mode, |v| match v {
                v1::StartMode::Unspecified | v1::StartMode::Automatic => StartMode::Automatic,
                v1::StartMode::Manual => StartMode::Manual,
            }),
            max_parallel_hosts: spec.max_parallel_hosts,
            max_parallel_actions: spec.max_parallel_actions,
            drain_timeout: self.span("spec.drain_timeout", spec.drain_timeout),
            work_timeout: self.span("spec.work_timeout", spec.work_timeout),
            action_timeout: self.span("spec.action_timeout", spec.action_timeout),
            action_attempts: spec.action_attempts,
        }
    }

    /// What an owner answers.
    pub fn answer(&mut self, answer: Option<v1::reply_request::Answer>) -> Answer {
        match answer {
            Some(v1::reply_request::Answer::Accept(accept)) => Answer::Accept {
                all: self.action("accept.action", accept.action),
                decisions: accept
                    .decisions
                    .into_iter()
                    .enumerate()
                    .map(|(i, d)| {
                        let action =
                            self.action(&format!("accept.decisions[{i}].action"), d.action);
                        (ServerId(d.server_id), action)
                    })
                    .collect(),
            },
            Some(v1::reply_request::Answer::Reject(reject)) => {
                Answer::Reject { reason: reject.reason }
            }
            Some(v1::reply_request::Answer::OwnActionDone(done)) => Answer::OwnActionDone {
                servers: done.server_ids.into_iter().map(ServerId).collect(),
            },
            Some(v1::reply_request::Answer::CounterOffer(offer)) => {
                Answer::CounterOffer(OfferedTerms {
                    servers: offer.server_ids.into_iter().map(ServerId).collect(),
                    not_before: self.time("counter_offer.not_before_time", offer.not_before_time),
                    after: offer.after_server_ids.into_iter().map(ServerId).collect(),
                })
            }
            None => {
                let all = "is required: accept, reject, own_action_done or counter_offer";
                self.violation("answer", all);
                Answer::OwnActionDone { servers: Vec::new() }
            }
        }
    }

    /// A text that must be there.
    pub fn required(&mut self, field: &str, value: &str) {
        if value.trim().is_empty() {
            self.violation(field, "is required");
        }
    }

    /// An id of ours; anything that is none names nothing.
    ///
    /// # Errors
    /// It is missing, or names nothing.
    pub fn id<T: FromStr>(field: &str, value: &str, absent: ServeError) -> Result<T, ServeError> {
        if value.is_empty() {
            return Err(ServeError::field(field, "is required"));
        }
        value.parse().map_err(|_| absent)
    }

    /// What a put may do. `etag_field`: where its etag is.
    pub fn put_mode(&mut self, value: i32, etag_field: &str, etag: &str) -> PutMode {
        let mode = self.choice("mode", value, |mode: v1::PutMode| match mode {
            v1::PutMode::Unspecified | v1::PutMode::CreateOrReplace => PutMode::Either,
            v1::PutMode::CreateOnly => PutMode::Create,
            v1::PutMode::ReplaceOnly => PutMode::Replace,
        });
        if mode == PutMode::Create && !etag.is_empty() {
            self.violation(
                etag_field,
                "contradicts the mode CREATE_ONLY: what is new has no etag; leave it out",
            );
        }
        mode
    }

    /// A page size: unset means the default, and too much means the cap.
    pub fn page_size(&mut self, value: i32, default: u64, cap: u64) -> u64 {
        match u64::try_from(value) {
            Ok(0) => default,
            Ok(size) => size.min(cap),
            Err(_) => {
                self.violation("page_size", "cannot be negative");
                default
            }
        }
    }

    /// States to filter by.
    pub fn session_states(&mut self, values: &[i32]) -> Vec<SessionState> {
        values
            .iter()
            .enumerate()
            .filter_map(|(i, value)| {
                self.choice(&format!("filter.states[{i}]"), *value, |state| match state {
                    v1::SessionState::Unspecified => None,
                    v1::SessionState::Scheduled => Some(SessionState::Scheduled),
                    v1::SessionState::Running => Some(SessionState::Running),
                    v1::SessionState::Paused => Some(SessionState::Paused),
                    v1::SessionState::Cancelling => Some(SessionState::Cancelling),
                    v1::SessionState::Cancelled => Some(SessionState::Cancelled),
                    v1::SessionState::Failed => Some(SessionState::Failed),
                    v1::SessionState::Completed => Some(SessionState::Completed),
                })
            })
            .collect()
    }

    /// Looks at states of hosts to filter by; they are compared as they are.
    pub fn host_states(&mut self, values: &[i32]) {
        for (i, value) in values.iter().enumerate() {
            self.choice(&format!("filter.states[{i}]"), *value, |_: v1::HostState| ());
        }
    }

    /// States of notifications to filter by.
    pub fn notification_states(&mut self, values: &[i32]) -> Vec<NotificationState> {
        values
            .iter()
            .enumerate()
            .filter_map(|(i, value)| {
                self.choice(&format!("filter.states[{i}]"), *value, |state| match state {
                    v1::NotificationState::Unspecified => None,
                    v1::NotificationState::Pending => Some(NotificationState::Pending),
                    v1::NotificationState::Answered => Some(NotificationState::Answered),
                    v1::NotificationState::Rejected => Some(NotificationState::Rejected),
                    v1::NotificationState::Expired => Some(NotificationState::Expired),
                    v1::NotificationState::Closed => Some(NotificationState::Closed),
                    v1::NotificationState::CounterOffered => {
                        Some(NotificationState::CounterOffered)
                    }
                })
            })
            .collect()
    }
}
