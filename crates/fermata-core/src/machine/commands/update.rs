//! Changing what was asked for while the session lives.

use crate::machine::{Machine, Reject};
use crate::session::{DecisionEnd, NotificationKind, NotificationState, ServerState, SessionState};
use crate::spec::{Draft, MaintenanceWindow, Spec, Violation};

/// What owners were told and asked about; a change of these is a new plan.
const PLAN_FIELDS: [&str; 6] =
    ["window", "reason", "metadata", "lead_time", "default_action", "announce_reply_period"];

/// The field of the spec that a path is in.
fn root(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}

/// The key of a map that the rest of a path names, in backticks or bare (AIP-161).
fn key(rest: &str) -> Option<String> {
    let Some(quoted) = rest.strip_prefix('`') else {
        return (!rest.is_empty() && !rest.contains('`')).then(|| rest.to_owned());
    };
    let inner = quoted.strip_suffix('`')?;
    let is_doubled = inner.split("``").all(|part| !part.contains('`'));
    (!inner.is_empty() && is_doubled).then(|| inner.replace("``", "`"))
}

impl Machine<'_> {
    pub(in crate::machine) fn update(
        &mut self,
        draft: Draft,
        fields: &[String],
    ) -> Result<(), Reject> {
        if self.s.head.state.is_terminal() || self.s.head.state == SessionState::Cancelling {
            return Err(Reject::WrongState {
                subject: "the session".to_owned(),
                state: self.s.head.state.name(),
                allowed: vec!["SCHEDULED", "RUNNING", "PAUSED", "FAILED"],
                hint: "it is over, or about to be; create another one".to_owned(),
            });
        }
        let merged = self.merge(draft, fields)?;
        let hosts = self.s.hosts.keys().cloned().collect();
        let mut spec = merged.complete(&hosts, self.now).map_err(Reject::Violations)?;
        let old = &self.s.head.spec;
        let names = |path: &str| fields.iter().any(|f| f == path);
        if !names("window") && !names("window.start_time") {
            spec.window.start = old.window.start;
        }
        if !names("window") && !names("window.end_time") {
            spec.window.end = old.window.end;
        }
        if self.s.head.started_at.is_some() && spec.window.start != old.window.start {
            let text = "cannot change: the session has started";
            return Err(Reject::Violations(vec![Violation::field("spec.window.start_time", text)]));
        }
        if spec == *old {
            return Ok(());
        }
        self.s.head.spec = spec;
        self.plan_again();
        if fields.iter().any(|f| root(f) == "window") {
            self.check_lead_times()?;
        }
        if fields.iter().any(|f| PLAN_FIELDS.contains(&root(f))) {
            self.announce_again();
        }
        let of_time = ["window", "announce_reply_period", "drain_reply_period", "lead_time"];
        if fields.iter().any(|f| of_time.contains(&root(f))) {
            self.check_reply_periods()?;
        }
        Ok(())
    }

    /// The old values, with the named ones replaced.
    fn merge(&self, draft: Draft, fields: &[String]) -> Result<Draft, Reject> {
        let mut merged = to_draft(&self.s.head.spec, self.now);
        let mut violations = Vec::new();
        for field in fields {
            match field.as_str() {
                "window" => {
                    merged.window_start = draft.window_start.or(Some(self.s.head.spec.window.start));
                    merged.window_end = draft.window_end;
                }
                "window.start_time" => {
                    merged.window_start = draft.window_start;
                    if !fields.iter().any(|f| f == "window" || f == "window.end_time") {
                        merged.window_end = Some(self.s.head.spec.window.end);
                    }
                }
                "window.end_time" => merged.window_end = draft.window_end,
                "reason" => merged.reason.clone_from(&draft.reason),
                "metadata" => merged.metadata.clone_from(&draft.metadata),
                "announce_reply_period" => merged.announce_reply_period = draft.announce_reply_period,
                "drain_reply_period" => merged.drain_reply_period = draft.drain_reply_period,
                "lead_time" => merged.lead_time = draft.lead_time,
                "on_silence" => merged.on_silence = draft.on_silence,
                "on_objection" => merged.on_objection = draft.on_objection,
                "default_action" => merged.default_action = draft.default_action,
                "on_failure" => merged.on_failure = draft.on_failure,
                "start_mode" => merged.start_mode = draft.start_mode,
                "max_parallel_hosts" => merged.max_parallel_hosts = draft.max_parallel_hosts,
                "max_parallel_actions" => merged.max_parallel_actions = draft.max_parallel_actions,
                "drain_timeout" => merged.drain_timeout = draft.drain_timeout,
                "work_timeout" => merged.work_timeout = draft.work_timeout,
                "action_timeout" => merged.action_timeout = draft.action_timeout,
                "action_attempts" => merged.action_attempts = draft.action_attempts,
                other => match other.strip_prefix("metadata.").map(key) {
                    Some(Some(key)) => match draft.metadata.get(&key) {
                        Some(value) => _ = merged.metadata.insert(key, value.clone()),
                        None => _ = merged.metadata.remove(&key),
                    },
                    Some(None) => violations.push(Violation::field(
                        "update_mask",
                        format!("'{other}' names no key; write metadata.KEY, or metadata.`KEY` with each ` in it doubled"),
                    )),
                    None => violations.push(Violation::field(
                        "update_mask",
                        format!("'{other}' cannot be changed; hosts and kind are fixed, create another session"),
                    )),
                },
            }
        }
        if fields.is_empty() {
            violations.push(Violation::field(
                "update_mask",
                "is required: name the fields of the spec to change",
            ));
        }
        if violations.is_empty() { Ok(merged) } else { Err(Reject::Violations(violations)) }
    }

    /// Owners whose servers nothing happened to yet are asked again; what they decided was about the
    /// old plan.
    fn announce_again(&mut self) {
        if self.s.head.started_at.is_some() {
            return;
        }
        let now = self.now;
        for key in self.s.servers.keys().cloned().collect::<Vec<_>>() {
            if self.server(&key).is_some_and(|s| s.state == ServerState::Affected) {
                self.edit_server(&key, |s| s.decide_anew(None, DecisionEnd::SessionChanged, now));
            }
        }
        let planned: Vec<_> = self
            .s
            .notifications
            .values()
            .filter(|n| n.kind == NotificationKind::Planned && n.state != NotificationState::Closed)
            .map(|n| (n.id, n.servers.clone()))
            .collect();
        for (id, servers) in planned {
            self.ask_again(id, servers);
        }
    }
}

fn to_draft(spec: &Spec, now: crate::Time) -> Draft {
    let spec = spec.clone();
    let MaintenanceWindow { start, end } = spec.window;
    Draft {
        selection: spec.selection,
        window_start: Some(start),
        // A window that is over is not the fault of a change to something else.
        window_end: Some(end.max(now + spec.lead_time + time::Duration::seconds(1))),
        kind: spec.kind,
        host_kinds: spec.host_kinds.into_iter().map(|(h, k)| (h, Some(k))).collect(),
        reason: spec.reason,
        metadata: spec.metadata,
        announce_reply_period: Some(spec.announce_reply_period),
        drain_reply_period: Some(spec.drain_reply_period),
        lead_time: Some(spec.lead_time),
        on_silence: spec.on_silence,
        on_objection: spec.on_objection,
        default_action: Some(spec.default_action),
        on_failure: spec.on_failure,
        start_mode: spec.start_mode,
        max_parallel_hosts: spec.max_parallel_hosts,
        max_parallel_actions: spec.max_parallel_actions,
        drain_timeout: Some(spec.drain_timeout),
        work_timeout: spec.work_timeout,
        action_timeout: Some(spec.action_timeout),
        action_attempts: spec.action_attempts,
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_of_paths() {
        for (rest, expected) in [
            ("openstack_version", Some("openstack_version")),
            ("with.dots and blanks", Some("with.dots and blanks")),
            ("`with.dots`", Some("with.dots")),
            ("`a``b`", Some("a`b")),
            ("````", Some("`")),
            ("", None),
            ("``", None),
            ("`", None),
            ("`a", None),
            ("`a`b`", None),
            ("a`b", None),
        ] {
            assert_eq!(key(rest).as_deref(), expected, "{rest}");
        }
    }
}
