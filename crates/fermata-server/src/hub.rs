//! The event hub: per topic one reader of the log, and a bounded tail of encoded events that all streams
//! share. Wake-ups carry no data; the log is the truth.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_store::{Store, StoreError, StoredEvent, Topic};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::convert::events::with_sequence;
use crate::tasks::{Task, Tasks, Turns};
use crate::telemetry::metrics::{Metrics, TopicKind};

/// Events kept in memory per topic; a stream that is further behind reads the database.
const TAIL: usize = 1024;
/// Pause between two looks at what other processes logged.
const POLL: Duration = Duration::from_millis(250);
/// Events read from the log at once.
const PAGE: u64 = 256;
/// Pause before a log that could not be read is read again.
const AGAIN: Duration = Duration::from_secs(1);

/// An event as it is sent, but for the resume token.
#[derive(Debug)]
pub struct LogEvent {
    /// Its number in its topic.
    pub sequence: u64,
    /// The session it belongs to.
    pub session: Option<SessionId>,
    /// When it was committed.
    pub at: Time,
    /// The encoded message without its resume token.
    pub body: Bytes,
}

impl From<StoredEvent> for LogEvent {
    fn from(event: StoredEvent) -> Self {
        Self {
            sequence: event.sequence,
            session: event.session,
            at: event.at,
            body: with_sequence(&event.payload, event.sequence),
        }
    }
}

/// The hub.
pub struct Hub {
    store: Store,
    metrics: Metrics,
    tasks: Tasks,
    tails: Mutex<HashMap<Topic, Weak<Tail>>>,
}

/// The word for a topic in figures.
pub fn topic_kind(topic: &Topic) -> TopicKind {
    match topic {
        Topic::Project(_) => TopicKind::Owner,
        Topic::Session(_) => TopicKind::Session,
        Topic::Infrastructure => TopicKind::Infrastructure,
    }
}

/// The newest events of a topic, while anybody reads it.
pub struct Tail {
    events: Mutex<VecDeque<Arc<LogEvent>>>,
    head: watch::Sender<u64>,
    wake: Arc<Notify>,
    over: CancellationToken,
}

/// What a tail has after a position.
pub enum After {
    /// These.
    Events(Vec<Arc<LogEvent>>),
    /// Nothing yet.
    Nothing,
    /// The position is older than the tail: read the log.
    Behind,
}

impl Hub {
    /// A hub over this log.
    pub fn new(store: Store, metrics: Metrics, tasks: Tasks) -> Self {
        Self { store, metrics, tasks, tails: Mutex::default() }
    }

    /// Says that these topics have new events in the log.
    pub fn published<'a>(&self, topics: impl Iterator<Item = &'a Topic>) {
        let tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        for tail in topics.filter_map(|t| tails.get(t)).filter_map(Weak::upgrade) {
            tail.wake.notify_one();
        }
    }

    /// Says that a topic is gone for good.
    pub fn ended(&self, topic: &Topic) {
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tail) = tails.remove(topic).and_then(|t| t.upgrade()) {
            tail.over.cancel();
        }
    }

    /// Looks at every topic that somebody reads.
    pub fn look(&self) {
        let tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        tails.values().filter_map(Weak::upgrade).for_each(|tail| tail.wake.notify_one());
    }

    /// Looks all the time whether other processes logged something, until it is stopped. This finds everything;
    /// what hints find sooner, it does not find again.
    pub async fn poll(self: Arc<Self>, stopping: CancellationToken, turns: Turns) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = stopping.cancelled() => return,
            }
            turns.turn("the log cannot be looked at", self.poll_once()).await;
        }
    }

    /// Looks once, and says at how many topics.
    async fn poll_once(&self) -> Result<String, StoreError> {
        let seen: BTreeMap<String, u64> = {
            let tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
            let open = tails.iter().filter_map(|(topic, tail)| Some((topic, tail.upgrade()?)));
            open.map(|(topic, tail)| (topic.to_string(), *tail.head.borrow())).collect()
        };
        let looked = format!("topics that somebody reads: {}", seen.len());
        if seen.is_empty() {
            return Ok(looked);
        }
        for (topic, last) in self.store.topics_beyond(&seen).await? {
            match (Topic::parse(&topic), last) {
                (Some(topic), Some(_)) => self.published(std::iter::once(&topic)),
                // Only a session's topic ever goes, with the session.
                (Some(topic @ Topic::Session(_)), None) => self.ended(&topic),
                (Some(Topic::Project(_) | Topic::Infrastructure) | None, _) => {}
            }
        }
        Ok(looked)
    }

    /// The tail of a topic; it lives as long as somebody holds it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(self: &Arc<Self>, topic: &Topic) -> Result<Arc<Tail>, StoreError> {
        if let Some(tail) = self.opened(topic) {
            return Ok(tail);
        }
        let last = self.store.bounds(topic).await?.last;
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tail) = tails.get(topic).and_then(Weak::upgrade) {
            return Ok(tail);
        }
        tails.retain(|_, tail| tail.strong_count() > 0);
        let tail = Arc::new(Tail {
            events: Mutex::default(),
            head: watch::channel(last).0,
            wake: Arc::new(Notify::new()),
            over: CancellationToken::new(),
        });
        // What was committed between the look at the log and this moment is read at once.
        tail.wake.notify_one();
        tails.insert(topic.clone(), Arc::downgrade(&tail));
        let reader = Reader {
            store: self.store.clone(),
            topic: topic.clone(),
            tail: Arc::downgrade(&tail),
            wake: Arc::clone(&tail.wake),
        };
        // It ends with the tail, so nothing else has to stop it.
        self.tasks.keep(Task::TopicReader, CancellationToken::new(), move |turns| {
            reader.clone().run(turns)
        });
        Ok(tail)
    }

    fn opened(&self, topic: &Topic) -> Option<Arc<Tail>> {
        let tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        tails.get(topic).and_then(Weak::upgrade)
    }

    /// A page of the log, for streams that are behind the tail.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn page(&self, topic: &Topic, after: u64) -> Result<Vec<Arc<LogEvent>>, StoreError> {
        let page = self.store.events_after(topic, after, PAGE).await?;
        self.metrics.page_read(topic_kind(topic));
        Ok(page.into_iter().map(|e| Arc::new(e.into())).collect())
    }
}

impl Tail {
    /// Tells when there is more.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Whether the topic is gone for good.
    pub fn over(&self) -> &CancellationToken {
        &self.over
    }

    /// What there is after a position.
    pub fn after(&self, sequence: u64) -> After {
        if *self.head.borrow() <= sequence {
            return After::Nothing;
        }
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        match events.front() {
            Some(first) if first.sequence <= sequence + 1 => {
                let skip = usize::try_from(sequence + 1 - first.sequence).unwrap_or(usize::MAX);
                After::Events(events.iter().skip(skip).take(TAIL).cloned().collect())
            }
            Some(_) | None => After::Behind,
        }
    }

    fn push(&self, event: LogEvent) {
        let sequence = event.sequence;
        {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            if events.len() == TAIL {
                events.pop_front();
            }
            events.push_back(Arc::new(event));
        }
        self.head.send_replace(sequence);
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        // The reader finds nobody left and ends.
        self.wake.notify_one();
    }
}

#[derive(Clone)]
struct Reader {
    store: Store,
    topic: Topic,
    tail: Weak<Tail>,
    wake: Arc<Notify>,
}

impl Reader {
    async fn run(self, turns: Turns) {
        // One that is started again has missed what woke it.
        self.wake.notify_one();
        while self.tail.strong_count() > 0 {
            self.wake.notified().await;
            turns.turn("the log cannot be read", self.read()).await;
        }
    }

    /// Reads to the end of the log; after a failure it will be tried again.
    async fn read(&self) -> Result<String, StoreError> {
        let mut count = 0;
        while let Some(last) = self.tail.upgrade().map(|tail| *tail.head.borrow()) {
            let page = match self.store.events_after(&self.topic, last, PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    tokio::time::sleep(AGAIN).await;
                    self.wake.notify_one();
                    return Err(error);
                }
            };
            let Some(tail) = self.tail.upgrade().filter(|_| !page.is_empty()) else { break };
            count += page.len();
            for event in page {
                tail.push(event.into());
            }
        }
        Ok(format!("new events of {}: {count}", self.topic))
    }
}
