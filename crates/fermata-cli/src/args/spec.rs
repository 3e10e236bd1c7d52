//! What a session can be asked: the flags of `session create`, `session preview` and `session update`, and
//! the contract's SessionSpec that they make.

use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use fermata_client::v1::{
    Action, HostOverride, HostSelection, MaintenanceKind, MaintenanceWindow, OnFailure,
    OnObjection, OnSilence, SessionSpec, StartMode,
};
use time::OffsetDateTime;

use super::moment::{Moment, parse_moment, parse_span};
use crate::commands::completing;
use crate::failure::Failure;
use crate::output::time::{from_proto, to_proto};
use crate::words;

/// Everything but the reason.
#[derive(Debug, Args)]
pub(crate) struct SpecArgs {
    #[command(flatten)]
    hosts: HostArgs,
    #[command(flatten)]
    kind: KindArgs,
    #[command(flatten)]
    window: WindowArgs,
    #[command(flatten)]
    how: HowArgs,
}

/// Which hosts.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Hosts")]
#[group(id = "hosts", required = true, multiple = true)]
struct HostArgs {
    /// A compute host; may be repeated
    #[arg(long = "host", value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    names: Vec<String>,
    /// Every host of this aggregate; may be repeated
    #[arg(long = "aggregate", value_name = "NAME")]
    aggregates: Vec<String>,
    /// Every host of this availability zone; may be repeated
    #[arg(long = "zone", value_name = "NAME")]
    zones: Vec<String>,
    /// Every compute host of the cloud
    #[arg(long)]
    all_hosts: bool,
    /// Not this host of those that --aggregate, --zone or --all-hosts name; may be repeated
    #[arg(long, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    exclude: Vec<String>,
}

/// Whether the hosts come back.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Hosts")]
struct KindArgs {
    /// Whether the hosts come back [unset: temporary]
    #[arg(long, value_parser = words::parser::<MaintenanceKind>(), ignore_case = true)]
    kind: Option<MaintenanceKind>,
    /// A host that does not come back, whatever --kind says; may be repeated
    #[arg(long, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    retire: Vec<String>,
    /// A host that comes back, whatever --kind says; may be repeated
    #[arg(long, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    temporary: Vec<String>,
}

/// When.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Window")]
pub(crate) struct WindowArgs {
    /// Nothing is drained before [unset: now]
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    start: Option<Moment>,
    /// No new host starts after
    #[arg(long, value_name = "TIME", value_parser = parse_moment, conflicts_with = "span")]
    end: Option<Moment>,
    /// The window's length, instead of --end
    #[arg(long = "for", id = "span", value_name = "SPAN", value_parser = parse_span)]
    span: Option<Duration>,
}

/// Everything that may still be changed later.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How")]
pub(crate) struct HowArgs {
    /// What the hosts will offer afterwards, for owners and programs; may be repeated. An update leaves other keys as they are
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_entry)]
    metadata: Vec<(String, String)>,
    /// How long owners may answer the announcement [unset: 10m]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    announce_reply_period: Option<Duration>,
    /// How long owners may answer when a host of theirs is about to be drained [unset: 5m]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    drain_reply_period: Option<Duration>,
    /// Least time between telling an owner and touching a server [unset: none]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    lead_time: Option<Duration>,
    /// What an owner's silence means [unset: proceed]
    #[arg(long, value_name = "POLICY", ignore_case = true)]
    #[arg(value_parser = words::parser::<OnSilence>())]
    on_silence: Option<OnSilence>,
    /// What an owner's objection means [unset: hold]
    #[arg(long, value_name = "POLICY", ignore_case = true)]
    #[arg(value_parser = words::parser::<OnObjection>())]
    on_objection: Option<OnObjection>,
    /// What happens to a server whose owner has not decided [unset: live-migrate]
    #[arg(long, value_name = "ACTION", ignore_case = true)]
    #[arg(value_parser = words::parser::<Action>())]
    default_action: Option<Action>,
    /// What a failed host means for the others [unset: stop]
    #[arg(long, value_name = "POLICY", ignore_case = true)]
    #[arg(value_parser = words::parser::<OnFailure>())]
    on_failure: Option<OnFailure>,
    /// Whether the session starts by itself [unset: automatic]
    #[arg(long, value_name = "MODE", ignore_case = true)]
    #[arg(value_parser = words::parser::<StartMode>())]
    start_mode: Option<StartMode>,
    /// Short for --start-mode manual
    #[arg(long, conflicts_with = "start_mode")]
    manual_start: bool,
    /// How many hosts may be out of service at once [unset: 1]
    #[arg(long, value_name = "N")]
    max_parallel_hosts: Option<u32>,
    /// How many servers may be moved, stopped or started at once [unset: 4]
    #[arg(long, value_name = "N")]
    max_parallel_actions: Option<u32>,
    /// How long a host may take to become empty [unset: 1h]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    drain_timeout: Option<Duration>,
    /// How long the work on a host is expected to take; only reminded of [unset: no deadline]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    work_timeout: Option<Duration>,
    /// How long one move, stop or start may take [unset: 15m]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    action_timeout: Option<Duration>,
    /// How often a move, stop or start is tried per server [unset: 3]
    #[arg(long, value_name = "N")]
    action_attempts: Option<u32>,
}

impl SpecArgs {
    /// Hosts that are left out of what aggregates and zones name.
    pub(crate) fn excluded(&self) -> Vec<String> {
        self.hosts.exclude.clone()
    }

    /// The spec it makes at `now`.
    pub(crate) fn spec(self, reason: String, now: OffsetDateTime) -> Result<SessionSpec, Failure> {
        if !self.window.ends() {
            return Err(Failure::Usage("a session needs --end TIME or --for SPAN".to_owned()));
        }
        let mut spec = SessionSpec {
            hosts: Some(self.hosts.selection()),
            window: Some(self.window.window(now, None)),
            reason,
            ..Default::default()
        };
        self.kind.apply(&mut spec);
        self.how.apply(&mut spec);
        Ok(spec)
    }
}

impl HostArgs {
    fn selection(self) -> HostSelection {
        HostSelection {
            names: self.names,
            aggregates: self.aggregates,
            zones: self.zones,
            all: self.all_hosts,
        }
    }
}

impl KindArgs {
    fn apply(self, spec: &mut SessionSpec) {
        spec.kind = self.kind.unwrap_or_default().into();
        let exceptions = |hosts: Vec<String>, kind: MaintenanceKind| {
            hosts.into_iter().map(move |host| HostOverride { host, kind: kind.into() })
        };
        spec.host_overrides = exceptions(self.retire, MaintenanceKind::Retirement)
            .chain(exceptions(self.temporary, MaintenanceKind::Temporary))
            .collect();
    }
}

impl WindowArgs {
    pub(crate) fn is_given(&self) -> bool {
        self.start.is_some() || self.ends()
    }

    /// Whether an end was given, in either way.
    fn ends(&self) -> bool {
        self.end.is_some() || self.span.is_some()
    }

    /// The window it makes at `now`, where `current` holds what was not given.
    pub(crate) fn window(
        &self,
        now: OffsetDateTime,
        current: Option<MaintenanceWindow>,
    ) -> MaintenanceWindow {
        let current = current.unwrap_or_default();
        let start = self.start.map(|start| start.at(now));
        let span_from = start.or_else(|| current.start_time.as_ref().and_then(from_proto));
        let after = |span| Moment::In(span).at(span_from.unwrap_or(now));
        let end = self.end.map(|end| end.at(now)).or_else(|| self.span.map(after));
        MaintenanceWindow {
            start_time: start.map(to_proto).or(current.start_time),
            end_time: end.map(to_proto).or(current.end_time),
        }
    }
}

impl HowArgs {
    /// Sets what was given, and names it as an update mask does.
    pub(crate) fn apply(self, spec: &mut SessionSpec) -> Vec<String> {
        let mut given: Vec<String> =
            self.metadata.iter().map(|(key, _)| metadata_path(key)).collect();
        spec.metadata.extend(self.metadata);
        macro_rules! set {
            ($($field:ident: $value:expr),* $(,)?) => {$(
                if let Some(value) = $value {
                    spec.$field = value;
                    given.push(stringify!($field).to_owned());
                }
            )*};
        }
        let proto = |span: Option<Duration>| span.map(|span| span.try_into().ok());
        let manual = self.manual_start.then_some(StartMode::Manual);
        set! {
            announce_reply_period: proto(self.announce_reply_period),
            drain_reply_period: proto(self.drain_reply_period),
            lead_time: proto(self.lead_time),
            on_silence: self.on_silence.map(Into::into),
            on_objection: self.on_objection.map(Into::into),
            default_action: self.default_action.map(Into::into),
            on_failure: self.on_failure.map(Into::into),
            start_mode: self.start_mode.or(manual).map(Into::into),
            max_parallel_hosts: self.max_parallel_hosts,
            max_parallel_actions: self.max_parallel_actions,
            drain_timeout: proto(self.drain_timeout),
            work_timeout: proto(self.work_timeout),
            action_timeout: proto(self.action_timeout),
            action_attempts: self.action_attempts,
        }
        given
    }
}

/// One entry of the metadata in an update mask (AIP-161).
pub(crate) fn metadata_path(key: &str) -> String {
    format!("metadata.`{}`", key.replace('`', "``"))
}

fn parse_entry(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use time::macros::datetime;

    use super::*;

    #[derive(Debug, Parser)]
    struct All {
        #[command(flatten)]
        window: WindowArgs,
        #[command(flatten)]
        how: HowArgs,
    }

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:00:00 UTC);

    fn parse(given: &str) -> All {
        All::try_parse_from(["x"].into_iter().chain(given.split_whitespace())).unwrap()
    }

    #[test]
    fn sets_and_names_what_was_given_and_nothing_else() {
        let mut spec = SessionSpec::default();
        let mask = parse("--lead-time 90s --on-silence fail-host --metadata a=b --metadata c=d=e")
            .how
            .apply(&mut spec);
        assert_eq!(mask, ["metadata.`a`", "metadata.`c`", "lead_time", "on_silence"]);
        assert_eq!(spec.lead_time.map(|span| span.seconds), Some(90));
        assert_eq!(spec.on_silence(), OnSilence::FailHost);
        assert_eq!(spec.metadata["c"], "d=e");
        assert_eq!(spec.max_parallel_hosts, 0);
    }

    #[test]
    fn manual_start_is_a_start_mode() {
        let mut spec = SessionSpec::default();
        assert_eq!(parse("--manual-start").how.apply(&mut spec), ["start_mode"]);
        assert_eq!(spec.start_mode(), StartMode::Manual);
    }

    #[test]
    fn a_window_of_a_length_begins_at_its_start() {
        let window = parse("--start +1h --for 2h").window.window(NOW, None);
        assert_eq!(window.start_time, Some(to_proto(datetime!(2026-11-23 15:00:00 UTC))));
        assert_eq!(window.end_time, Some(to_proto(datetime!(2026-11-23 17:00:00 UTC))));
        let window = parse("--for 2h").window.window(NOW, None);
        assert_eq!(window.start_time, None);
        assert_eq!(window.end_time, Some(to_proto(datetime!(2026-11-23 16:00:00 UTC))));
    }

    #[test]
    fn an_update_keeps_the_end_that_is_not_given() {
        let end_time = Some(to_proto(datetime!(2026-11-23 20:00:00 UTC)));
        let current = MaintenanceWindow { start_time: Some(to_proto(NOW)), end_time };
        let window = parse("--start +1h").window.window(NOW, Some(current));
        assert_eq!(window.start_time, Some(to_proto(datetime!(2026-11-23 15:00:00 UTC))));
        assert_eq!(window.end_time, end_time);
    }
}
