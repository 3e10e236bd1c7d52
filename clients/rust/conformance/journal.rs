//! The journal: one JSON object per line, flushed at once.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use fermata_client::error::{code_name, reason_or_code};
use fermata_client::owner::{HandlerCall, OwnerItem, Reply};
use fermata_client::v1::{NotificationState, OwnerEvent, owner_event};
use fermata_client::{Hooks, WatchItem};
use serde_json::{Value, json};

use crate::behaviour::now;

/// The journal.
pub(crate) struct Journal(Mutex<File>);

impl Journal {
    pub(crate) fn open(file: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(OpenOptions::new().create(true).append(true).open(file)?)))
    }

    /// What a watch gave.
    pub(crate) fn item(&self, item: &OwnerItem) {
        match item {
            WatchItem::Snapshot { snapshot, position } => {
                let servers: Vec<_> = snapshot.servers.iter().map(|s| &s.server_id).collect();
                let notifications = snapshot.notifications.iter();
                let notifications: Vec<_> = notifications
                    .map(|n| json!([n.id, n.plan_revision, state(n.state())]))
                    .collect();
                self.write(json!({
                    "kind": "snapshot", "sequence": position.sequence, "store_id": position.store_id,
                    "servers": servers, "notifications": notifications,
                }));
            }
            WatchItem::Event { event, position } => self.event(position.sequence, event),
            WatchItem::Connected => self.write(json!({"kind": "connected"})),
            WatchItem::Interrupted { error, .. } => {
                let code = code_name(error.code());
                self.write(json!({"kind": "interrupted", "cause": error.name(), "code": code}));
            }
        }
    }

    pub(crate) fn ended(&self, reason: &str) {
        self.write(json!({"kind": "ended", "reason": reason}));
    }

    fn event(&self, sequence: u64, event: &OwnerEvent) {
        let (what, id, change, plan_revision) = match &event.event {
            Some(owner_event::Event::Notification(n)) => {
                ("notification", &n.id, state(n.state()), n.plan_revision)
            }
            Some(owner_event::Event::Server(server)) => {
                let change = without(server.change().as_str_name(), "SERVER_CHANGE_");
                ("server", &server.server_id, change, 0)
            }
            Some(owner_event::Event::Session(session)) => {
                let change = without(session.change().as_str_name(), "OWNER_SESSION_CHANGE_");
                ("session", &session.session_id, change, 0)
            }
            None => return,
        };
        self.write(json!({
            "kind": "event", "sequence": sequence, "what": what, "id": id, "change": change,
            "plan_revision": plan_revision,
        }));
    }

    fn write(&self, mut line: Value) {
        let at = now().duration_since(UNIX_EPOCH).unwrap_or_default();
        line["at"] = json!(at.as_secs_f64());
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // In one piece, so that a program that is killed leaves whole lines.
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            eprintln!("cannot write the journal: {error}");
            std::process::exit(1);
        }
    }
}

fn state(state: NotificationState) -> &'static str {
    without(state.as_str_name(), "NOTIFICATION_STATE_")
}

fn without(name: &'static str, prefix: &str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// Writes what an owner does.
pub(crate) struct Journaling(pub(crate) Arc<Journal>);

impl Hooks for Journaling {
    fn on_item(&self, item: &OwnerItem) {
        self.0.item(item);
    }

    fn on_handler(&self, call: &HandlerCall<'_>) {
        self.0.write(json!({
            "kind": "handler", "handler": call.handler.as_str(), "id": call.id,
            "plan_revision": call.plan_revision, "attempt": call.attempt, "phase": call.phase.name(),
        }));
    }

    fn on_reply(&self, reply: &Reply<'_>) {
        let outcome = reply.refused.map_or_else(|| "accepted".to_owned(), reason_or_code);
        self.0.write(json!({
            "kind": "reply", "id": reply.notification.id,
            "plan_revision": reply.notification.plan_revision, "answer": reply.answer.name(),
            "fallback": reply.fallback, "outcome": outcome,
        }));
    }

    fn on_acknowledged(&self, sequence: u64) {
        self.0.write(json!({"kind": "acknowledged", "sequence": sequence}));
    }
}
