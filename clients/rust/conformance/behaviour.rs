//! How the owner decides.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use fermata_client::v1::{Notification, NotificationKind};
use fermata_client::{Answer, HandlerError};
use tokio::time::sleep;

/// How much later a counter-offer begins.
const COUNTER_OFFER_DELAY: Duration = Duration::from_secs(10);

/// What the options call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum BehaviourName {
    Accept,
    Reject,
    Raise,
    Slow,
    CounterOffer,
    NoAnswer,
}

/// How the owner decides.
pub(crate) struct Behaviour {
    name: BehaviourName,
    slow_for: Duration,
    /// How often each was handled.
    calls: Mutex<HashMap<String, u32>>,
    offered: Mutex<HashSet<String>>,
}

impl Behaviour {
    pub(crate) fn new(name: BehaviourName, slow_for: Duration) -> Self {
        Self { name, slow_for, calls: Mutex::default(), offered: Mutex::default() }
    }

    /// A handler for all questions.
    pub(crate) async fn decide(&self, question: Notification) -> Result<Answer, HandlerError> {
        self.fail_twice(format!("{} {}", question.id, question.plan_revision))?;
        if self.name == BehaviourName::Slow {
            sleep(self.slow_for).await;
        }
        Ok(match self.name {
            BehaviourName::NoAnswer => Answer::no_answer(),
            BehaviourName::Reject => Answer::reject("the behaviour is to reject"),
            _ if question.kind() == NotificationKind::ScaleIn => Answer::reject("no server can go"),
            BehaviourName::CounterOffer if self.offers(&question.id) => {
                Answer::not_before(now() + COUNTER_OFFER_DELAY)
            }
            BehaviourName::Accept
            | BehaviourName::Raise
            | BehaviourName::Slow
            | BehaviourName::CounterOffer => Answer::accept(),
        })
    }

    /// A handler for all events.
    pub(crate) fn hear(&self, event: &impl prost::Message) -> Result<(), HandlerError> {
        self.fail_twice(format!("{:?}", event.encode_to_vec()))
    }

    /// Once for each question.
    fn offers(&self, id: &str) -> bool {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned())
    }

    fn fail_twice(&self, key: String) -> Result<(), HandlerError> {
        if self.name != BehaviourName::Raise {
            return Ok(());
        }
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let count = calls.entry(key).or_default();
        *count += 1;
        if *count <= 2 { Err("the behaviour is to fail twice".into()) } else { Ok(()) }
    }
}

#[allow(clippy::disallowed_methods, reason = "a program of its own, which says when things happen")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
