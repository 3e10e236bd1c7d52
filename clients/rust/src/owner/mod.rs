//! Owners of servers (VNFMs): register handlers, and run.
//!
//! | file | job |
//! | --- | --- |
//! | `hooks` | what an owner tells while it works |
//! | `context` | what all parts of a run share |
//! | `run` | reads the stream, hands out what comes, acknowledges what has been handled |
//! | `positions` | up to which event everything has been handled |
//! | `questions` | which question is new, which one does not matter any more |
//! | `key`, `question` | which question is the same one, and how far one has come |
//! | `answering` | one question from its turn to its end |
//! | `reply` | sends an answer until the server has taken or refused it |
//! | `events` | events, in order by session |
//! | `call` | calls a handler once |
//! | `telemetry` | what OpenTelemetry is told |

mod answering;
mod call;
mod context;
mod events;
mod hooks;
mod key;
mod positions;
mod question;
mod questions;
mod reply;
mod run;
mod telemetry;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fermata_proto::v1::{Notification, OwnerSessionEvent, ServerEvent};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Status;

use crate::answer::Answer;
use crate::channel::Channel;
use context::{Context, Handlers, Settings};

pub use context::Fallback;
pub use hooks::{HandlerCall, HandlerError, HandlerName, Hooks, OwnerItem, Phase, Reply};

/// The owner of the servers of a project: answers what Fermata asks about them, and hears what happens to them.
///
/// Register handlers, then [`Owner::run`] it. The rules:
///
/// - Each question is given to its handler once per run, and again if the plan changes or a counter-offer is declined. Its handler
///   is dropped when it does not matter any more.
/// - Handlers of different questions run beside each other; those of one question run in order, as do events of one session.
/// - A handler that fails is called again after 1 s, 2 s, 4 s … up to 30 s. Shortly before the deadline
///   ([`Owner::answer_margin`]) the [`Fallback`] answers instead. The handler of an event is called five times at most.
/// - An answer is repeated until the server has it, or the deadline has passed. There are never two answers to one question, not
///   even if the owner was killed in between and decides otherwise the second time: the first one stands.
/// - The position of an event is acknowledged when it and everything before it has been handled. After a restart of either side
///   the owner goes on there, so events come at least once.
///
/// ```no_run
/// use fermata_client::v1::Action;
/// use fermata_client::{Answer, Owner, connect_lazy};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let owner = Owner::new("core-network", "my-vnfm").on_planned(|question| async move {
///     println!("{} affects {} servers", question.reason, question.server_count);
///     Ok(Answer::accept_all(Action::LiveMigrate))
/// });
/// owner.run(connect_lazy("http://127.0.0.1:7400")?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Owner {
    settings: Settings,
    handlers: Handlers,
    hooks: Arc<dyn Hooks>,
}

macro_rules! handlers {
    ($($(#[$doc:meta])+ $method:ident, $slot:ident: $input:ty => $output:ty;)*) => {$(
        $(#[$doc])+
        ///
        /// A second one takes the place of the first.
        #[must_use]
        pub fn $method<F, R>(mut self, handler: F) -> Self
        where
            F: Fn($input) -> R + Send + Sync + 'static,
            R: Future<Output = Result<$output, HandlerError>> + Send + 'static,
        {
            self.handlers.$slot = Some(Arc::new(move |given| handler(given).boxed()));
            self
        }
    )*};
}

impl Owner {
    /// An owner of the servers of this project. `subscription_id` names it there, the same after every start: 1 to 128 letters,
    /// digits, `-`, `_`, `.`.
    #[must_use]
    pub fn new(project_id: impl Into<String>, subscription_id: impl Into<String>) -> Self {
        let settings = Settings {
            project_id: project_id.into(),
            subscription_id: subscription_id.into(),
            display_name: String::new(),
            fallback: Fallback::Accept,
            answer_margin: Duration::from_secs(10),
            concurrency: 64,
            heartbeat_interval: None,
        };
        Self { settings, handlers: Handlers::default(), hooks: Arc::new(()) }
    }

    /// The name for people to read.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.settings.display_name = name.into();
        self
    }

    /// What answers where no handler has decided in time. Without it: [`Fallback::Accept`].
    #[must_use]
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.settings.fallback = fallback;
        self
    }

    /// How long before the deadline the fallback answers, at most a quarter of the time that there was. Without it: 10 s.
    #[must_use]
    pub fn answer_margin(mut self, margin: Duration) -> Self {
        self.settings.answer_margin = margin;
        self
    }

    /// So many handlers of questions, and as many of events, run at once; at least one. Without it: 64.
    #[must_use]
    pub fn concurrency(mut self, handlers: usize) -> Self {
        self.settings.concurrency = handlers.max(1);
        self
    }

    /// How often the server shows that it is there, at least 1 s. Without it: as the server likes, which is 15 s.
    #[must_use]
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.settings.heartbeat_interval = Some(interval);
        self
    }

    /// What wants to know how the owner works.
    #[must_use]
    pub fn hooks(mut self, hooks: impl Hooks) -> Self {
        self.hooks = Arc::new(hooks);
        self
    }

    handlers! {
        /// Decides when a session is announced. It gets the question with all its servers. Without it: [`Answer::accept`].
        on_planned, planned: Notification => Answer;
        /// Decides when a host is about to be drained, about servers that are not decided yet. Without it: [`Answer::accept`].
        on_drain, drain: Notification => Answer;
        /// Decides when there is not enough room: delete servers, then [`Answer::own_action_done`]. Without it:
        /// [`Answer::reject`].
        on_scale_in, scale_in: Notification => Answer;
        /// Hears what happens to a server.
        on_server_event, server: ServerEvent => ();
        /// Hears of a session. That it has completed or was cancelled is told to [`Owner::on_complete`], if there is one.
        on_session_event, session: OwnerSessionEvent => ();
        /// Hears that a session has completed or was cancelled: the owner may scale out again.
        on_complete, complete: OwnerSessionEvent => ();
    }

    /// The project whose servers it owns.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.settings.project_id
    }

    /// The name of its subscription.
    #[must_use]
    pub fn subscription_id(&self) -> &str {
        &self.settings.subscription_id
    }

    /// Goes on for ever; while the server is away it waits. Whoever drops this ends the owner and its handlers at once.
    ///
    /// # Errors
    /// What trying again cannot mend, for example PERMISSION_DENIED for a project that is not the caller's.
    pub async fn run(&self, channel: Channel) -> Result<(), Status> {
        self.run_until(channel, std::future::pending()).await
    }

    /// As [`Owner::run`], but ends in good order when `stop` is ready, for example [`crate::stop_signal`]: no new handler begins,
    /// those that run have 10 seconds, the position is acknowledged.
    ///
    /// # Errors
    /// Those of [`Owner::run`].
    pub async fn run_until(
        &self,
        channel: Channel,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Status> {
        let context = Context {
            channel,
            settings: self.settings.clone(),
            handlers: self.handlers.clone(),
            hooks: Arc::clone(&self.hooks),
            stopping: CancellationToken::new(),
            abandoned: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        run::run(Arc::new(context), stop).await
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner").field("settings", &self.settings).finish_non_exhaustive()
    }
}
