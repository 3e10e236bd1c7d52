//! Notifications, for owners.

use std::sync::Arc;

use fermata_core::id::{NotificationId, ProjectId, SessionId};
use fermata_core::machine::{Answer, Ask};
use fermata_core::session::Session;
use fermata_store::{NotificationQuery, NotificationView, ProjectAffairs, Topic};

use super::App;
use crate::door::Call;
use crate::engine::Guard;
use crate::error::ServeError;
use crate::requests::Once;

/// Notifications, for one call.
pub struct Notifications<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
}

/// What an owner replies.
pub struct Reply {
    /// The owner's project.
    pub project: ProjectId,
    /// What is answered.
    pub notification: NotificationId,
    /// The plan that is answered.
    pub plan_revision: u64,
    /// The answer.
    pub answer: Answer,
    /// The owner's words.
    pub comment: String,
}

impl Notifications<'_> {
    /// A notification of this project.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn find(
        &self,
        project: &ProjectId,
        id: NotificationId,
    ) -> Result<NotificationView, ServeError> {
        self.app.store.notification(project, id).await?.ok_or(ServeError::NotificationNotFound)
    }

    /// Notifications.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(
        &self,
        query: &NotificationQuery,
    ) -> Result<Vec<NotificationView>, ServeError> {
        Ok(self.app.store.list_notifications(query).await?)
    }

    /// Whether anybody was ever told anything on this topic.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ever_told(&self, topic: &Topic) -> Result<bool, ServeError> {
        Ok(self.app.store.bounds(topic).await?.last > 0)
    }

    /// How a project's affairs stand.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn affairs(
        &self,
        project: &ProjectId,
        session: Option<SessionId>,
    ) -> Result<ProjectAffairs, ServeError> {
        Ok(self.app.store.project_affairs(project, session).await?)
    }

    /// Answers a notification; gives the session after it.
    ///
    /// # Errors
    /// There is no such notification; the answer does not fit; the database does not answer.
    pub async fn reply(
        &self,
        reply: Reply,
        once: Once<'_, Session>,
    ) -> Result<Arc<Session>, ServeError> {
        let Reply { project, notification, plan_revision, answer, comment } = reply;
        // One that is another project's is not there for this one.
        let found = self.app.store.session_of_notification(notification).await?;
        let session = found.filter(|(_, of)| *of == project).map(|(session, _)| session);
        let session = session.ok_or(ServeError::NotificationNotFound)?;
        let ask = Ask::Reply { project, notification, plan_revision, answer, comment };
        let guard = Guard { right: None, etag: "", once: Some(once) };
        let who = self.call.who.clone();
        match self.app.engine.apply(session, ask.by(who), guard).await {
            // It was deleted meanwhile, and its notifications with it.
            Err(ServeError::SessionNotFound) => Err(ServeError::NotificationNotFound),
            answered => answered,
        }
    }
}
