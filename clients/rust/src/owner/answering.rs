//! Brings one question to its end: its turn, its handler as often as needed, the reply, or the fallback.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::answer::Answer;
use crate::clock;
use crate::owner::call::{Call, CallError, wait_after};
use crate::owner::context::{Context, Fallback, Handler};
use crate::owner::hooks::HandlerName;
use crate::owner::question::Question;
use crate::owner::reply;

/// How a question ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Nothing remains to be done.
    Settled,
    /// The owner stops: it is asked again after the next start.
    Open,
}

/// What one try gives.
enum Tried {
    Settled,
    OutOfTime,
    Failed,
}

/// Works on one question.
pub(super) struct Answering {
    context: Arc<Context>,
    turns: Arc<Semaphore>,
}

impl Answering {
    pub(super) fn new(context: Arc<Context>, turns: Arc<Semaphore>) -> Self {
        Self { context, turns }
    }

    /// `before`: the question before it, of the same notification, has ended.
    pub(super) async fn run(self, question: Arc<Question>, before: Option<CancellationToken>) {
        // However this ends.
        let _ended = question.ended.clone().drop_guard();
        let end = tokio::select! {
            biased;
            () = question.withdrawn.cancelled() => End::Settled,
            end = self.answered(&question, before) => end,
        };
        if end == End::Settled {
            question.settle();
        }
    }

    async fn answered(&self, question: &Question, before: Option<CancellationToken>) -> End {
        let deadline = question.notification.reply_deadline_time.map(clock::instant);
        // The fallback answers then.
        let until = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            deadline - self.context.settings.answer_margin.min(left / 4)
        });
        let turn = async {
            if let Some(before) = before {
                before.cancelled().await;
            }
            self.turns.acquire().await
        };
        let has_turn = tokio::select! {
            biased;
            () = self.context.stopping.cancelled() => return End::Open,
            turn = turn => turn.ok(),
            () = late(until) => None,
        };
        if has_turn.is_some()
            && let Some(end) = self.handled(question, until).await
        {
            return end;
        }
        if self.context.stopping.is_cancelled() {
            return End::Open;
        }
        if question.begin_reply() {
            let answer = self.fallback(question.handler);
            // One that is not valid is told to the hooks; there is no other one.
            let _ = reply::send(&self.context, question, &answer, true).await;
        }
        End::Settled
    }

    /// Calls the handler until the server has taken or refused an answer. `None`: there was none in time.
    async fn handled(&self, question: &Question, until: Option<Instant>) -> Option<End> {
        let mut attempt = 1;
        loop {
            if self.context.stopping.is_cancelled() {
                return Some(End::Open);
            }
            match self.tried(question, attempt, until).await {
                Tried::Settled => return Some(End::Settled),
                Tried::OutOfTime => return None,
                Tried::Failed => {}
            }
            let wait = wait_after(attempt);
            attempt += 1;
            let is_last = until.is_some_and(|until| Instant::now() + wait >= until);
            let wait = until.filter(|_| is_last).map_or(wait, |until| until - Instant::now());
            if self.context.rest(wait).await.is_none() {
                return Some(End::Open);
            }
            if is_last {
                return None;
            }
        }
    }

    async fn tried(&self, question: &Question, attempt: u32, until: Option<Instant>) -> Tried {
        let listed = tokio::select! {
            listed = question.whole(&self.context.channel) => listed,
            () = late(until) => return Tried::OutOfTime,
        };
        let id = &question.notification.id;
        let asked = match listed {
            Ok(asked) => asked,
            Err(error) => {
                warn!(
                    notification_id = id,
                    error = error.message(),
                    "could not list the servers of a question; retrying"
                );
                return Tried::Failed;
            }
        };
        let answer = match self.handler(question.handler) {
            None => without_handler(question.handler),
            Some(handler) => {
                let plan_revision = question.key.plan_revision;
                let call = Call { handler: question.handler, id, plan_revision, attempt };
                let asked = asked.clone();
                let handling = async move { handler(asked).await };
                match call.make(&*self.context.hooks, handling, until).await {
                    Ok(answer) => answer,
                    Err(CallError::OutOfTime) => return Tried::OutOfTime,
                    Err(CallError::Failed(_)) => return Tried::Failed,
                }
            }
        };
        if !question.begin_reply() {
            return Tried::Settled;
        }
        match reply::send(&self.context, question, &answer, false).await {
            Ok(()) => Tried::Settled,
            Err(reply::NotValid(error)) => {
                warn!(notification_id = id, error = error.message(), "the answer is not valid");
                if question.ask_again() { Tried::Failed } else { Tried::Settled }
            }
        }
    }

    fn handler(
        &self,
        name: HandlerName,
    ) -> Option<&Handler<fermata_proto::v1::Notification, Answer>> {
        let handlers = &self.context.handlers;
        match name {
            HandlerName::Planned => handlers.planned.as_ref(),
            HandlerName::Drain => handlers.drain.as_ref(),
            HandlerName::ScaleIn => handlers.scale_in.as_ref(),
            HandlerName::Server | HandlerName::Session | HandlerName::Complete => None,
        }
    }

    fn fallback(&self, handler: HandlerName) -> Answer {
        match self.context.settings.fallback {
            Fallback::Accept if handler != HandlerName::ScaleIn => Answer::accept(),
            Fallback::Accept | Fallback::Reject => {
                Answer::reject("the owner's software did not decide in time")
            }
        }
    }
}

fn without_handler(handler: HandlerName) -> Answer {
    if handler == HandlerName::ScaleIn {
        Answer::reject("the owner's software does not scale in")
    } else {
        Answer::accept()
    }
}

/// Until then; for ever, if there is no such time.
async fn late(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
