//! What must hold of hosts: empty before they are touched, and given back as they were.

use fermata_core::cloud::Scheduling;
use fermata_core::id::HostName;
use fermata_core::session::{Op, ServerKey, ServerState, Session, SessionHostState};

use super::Checks;
use crate::world::cloud::{Effect, FakeCloud, Line};

impl Checks {
    pub(super) fn host_went(
        &self,
        name: &HostName,
        from: SessionHostState,
        to: SessionHostState,
        after: &Session,
        cloud: &FakeCloud,
    ) {
        let host = &cloud.hosts[name];
        let disabled = host.scheduling != Scheduling::Enabled;
        let read = self.status.get(name).copied();
        let enabled_since =
            host.enabled_by_others_at.is_some() && host.enabled_by_others_at >= read;
        match to {
            SessionHostState::Draining => {
                let active = after.hosts.values().filter(|h| h.state.is_active()).count();
                let most = after.head.spec.max_parallel_hosts as usize;
                assert!(active <= most, "{active} hosts are out of service at once");
            }
            SessionHostState::InMaintenance => {
                assert!(disabled || enabled_since, "{name} is in maintenance and takes servers");
                self.was_empty_twice(name, cloud);
            }
            SessionHostState::Maintained
            | SessionHostState::DrainFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled
                if from != SessionHostState::MaintenanceFailed =>
            {
                self.given_back(name, after, cloud);
            }
            SessionHostState::Retired => {
                assert!(disabled || enabled_since, "{name} is retired and takes servers");
            }
            SessionHostState::MaintenanceFailed => self.nobody_forgotten(name, after, cloud),
            _ => {}
        }
    }

    /// Invariant 9.
    fn was_empty_twice(&self, name: &HostName, cloud: &FakeCloud) {
        let reads = self.reads.get(name).cloned().unwrap_or_default();
        let last = &reads[reads.len().saturating_sub(2)..];
        assert_eq!(last.len(), 2, "{name} is in maintenance after {} reads", reads.len());
        assert!(last.iter().all(|(_, empty)| *empty), "{name} was not empty: {last:?}");
        assert!(last[0].0 < last[1].0, "one read counted twice");
        let disabled = cloud
            .journal
            .iter()
            .rfind(|l| l.op == Op::DisableScheduling && l.target == *name.as_str());
        assert!(disabled.is_none_or(|l| l.at <= last[0].0), "read while servers could still come");
        for line in cloud.journal.iter().filter(|l| l.by_us && l.source.as_ref() == Some(name)) {
            assert_ne!(line.effect, Effect::UnderWay, "an action still runs from {name}: {line:?}");
            let ended = line.ended_at.unwrap_or(line.at);
            assert!(!line.has_effect() || ended <= last[0].0, "read before the action ended");
        }
    }

    /// Invariant 16: the host is as it was before the session.
    fn given_back(&self, name: &HostName, after: &Session, cloud: &FakeCloud) {
        let host = &cloud.hosts[name];
        if let Scheduling::Disabled { reason } = &host.scheduling {
            let ours = reason.contains(&after.head.id.to_string());
            assert!(!ours, "{name} was given back and is still disabled by the session");
        }
        let before = &self.before[name];
        // What an earlier session left disabled is this one's to enable.
        if let Scheduling::Disabled { reason } = before
            && !reason.starts_with("fermata session ")
            && !host.switched_by_others
        {
            assert_eq!(host.scheduling, *before, "what others disabled stays as it is");
        }
        for line in cloud.journal.iter().filter(|l| l.by_us && l.effect == Effect::UnderWay) {
            let key = ServerKey { host: name.clone(), server: line.target.as_str().into() };
            let state = after.servers.get(&key).map(|s| s.state);
            // A confirmation belongs to the host that the server left.
            let from_here = line.source.as_ref() == Some(name) && line.op != Op::ConfirmMigration;
            let ok = matches!(state, None | Some(ServerState::HandedOver));
            assert!(!from_here || ok, "{name} is given back while {line:?}");
        }
        self.nobody_forgotten(name, after, cloud);
    }

    /// Invariant 16: servers that were stopped run again, or are the operator's.
    pub(super) fn nobody_forgotten(&self, name: &HostName, after: &Session, cloud: &FakeCloud) {
        for entry in after.servers_of(name) {
            let id = &entry.key.server;
            let switched = |l: &&Line| l.has_effect();
            let last = cloud
                .journal
                .iter()
                .filter(|l| l.target == *id.as_str())
                // Whoever moves a stopped server to another host takes it into its own hands.
                .filter(|l| !l.by_us || matches!(l.op, Op::Stop | Op::Start))
                .rfind(switched);
            let stopped_by_us = last.is_some_and(|l| l.by_us && l.op == Op::Stop);
            let there = cloud.servers.get(id).is_some_and(|s| s.host == *name);
            assert!(
                !(stopped_by_us && there) || entry.state == ServerState::HandedOver,
                "{id} was stopped for the work on {name}, and is left as {:?}",
                entry.state
            );
        }
    }
}
