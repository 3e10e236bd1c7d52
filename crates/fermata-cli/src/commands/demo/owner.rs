//! An owner that takes part: it follows its stream, and answers what it is asked.

use anstyle::AnsiColor;
use fermata_client::Channel;
use fermata_client::v1::notification_service_client::NotificationServiceClient;
use fermata_client::v1::owner_event::Event;
use fermata_client::v1::reply_request::Answer;
use fermata_client::v1::session_service_client::SessionServiceClient;
use fermata_client::v1::{
    Accept, Action, Decision, ListNotificationsRequest, ListSessionsRequest, Notification,
    NotificationState, OwnerEvent, OwnerSessionChange, OwnerSessionEvent, PutSubscriptionRequest,
    ReplyRequest, ServerChange, ServerEvent, SubscribeRequest, Subscription,
};
use fermata_client::{WatchItem, WatchOptions, watch};
use futures::TryStreamExt;
use tokio::sync::mpsc::Sender;
use tonic::{Code, Status};

use super::narrator::{Narrator, Speaker};
use crate::failure::Failure;
use crate::output::time::distance;
use crate::view::count;
use crate::view::projects::ProjectNames;
use crate::words::Word;

/// Who an owner is, and what it wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Character {
    /// Its project's id in the simulated site.
    pub(super) project_id: &'static str,
    pub(super) name: &'static str,
    color: AnsiColor,
    /// What it decides for a server of this name.
    pub(super) decide: fn(&str) -> Action,
}

/// The two owners of the simulated site.
pub(super) const OWNERS: [Character; 2] = [
    Character {
        project_id: "3f6c1c52a0f44d0c9a4be1d0c6f7a101",
        name: "core-network",
        color: AnsiColor::Green,
        // Databases and session managers can be without for a moment, the others cannot.
        decide: |server| match server.starts_with("mme-db") || server.starts_with("smf") {
            true => Action::Migrate,
            false => Action::LiveMigrate,
        },
    },
    Character {
        project_id: "8b1d7e04c2ce4f5fb0a55b7d2f9ea202",
        name: "ims",
        color: AnsiColor::Yellow,
        decide: |_| Action::Keep,
    },
];

/// What the owners' projects are called.
pub(super) fn names() -> ProjectNames {
    let mut names = ProjectNames::default();
    for Character { project_id, name, .. } in OWNERS {
        names.learn(project_id.to_owned(), name.to_owned());
    }
    names
}

/// Each project has one, for its manager.
const SUBSCRIPTION: &str = "manager";

/// An owner with its connection.
pub(super) struct Owner {
    character: Character,
    channel: Channel,
    narrator: Narrator,
}

impl Owner {
    /// Announces that it takes part, so that its silence would mean something.
    pub(super) async fn join(
        channel: Channel,
        character: Character,
        narrator: Narrator,
    ) -> Result<Self, Failure> {
        let subscription = Subscription {
            project_id: character.project_id.to_owned(),
            id: SUBSCRIPTION.to_owned(),
            display_name: format!("manager of {}", character.name),
            ..Default::default()
        };
        let request =
            PutSubscriptionRequest { subscription: Some(subscription), ..Default::default() };
        NotificationServiceClient::new(channel.clone()).put_subscription(request).await?;
        let owner = Self { character, channel, narrator };
        owner.say("I take part, and listen")?;
        Ok(owner)
    }

    /// Asks what is none of its business, and is refused.
    pub(super) async fn is_kept_apart(&self) -> Result<(), Failure> {
        let own = self.character.project_id;
        let Some(other) = OWNERS.iter().find(|other| other.project_id != own) else {
            return Ok(());
        };
        let request = ListNotificationsRequest {
            project_id: other.project_id.to_owned(),
            ..Default::default()
        };
        let theirs =
            NotificationServiceClient::new(self.channel.clone()).list_notifications(request).await;
        self.is_refused(&format!("what {} was asked", other.name), theirs)?;
        let all = SessionServiceClient::new(self.channel.clone())
            .list_sessions(ListSessionsRequest::default())
            .await;
        self.is_refused("all sessions", all)
    }

    fn is_refused<T>(&self, what: &str, answer: Result<T, Status>) -> Result<(), Failure> {
        match answer {
            Err(status) if status.code() == Code::PermissionDenied => {
                Ok(self.say(&format!("I may not see {what}: {}", status.message()))?)
            }
            Err(status) => Err(status.into()),
            Ok(_) => Err(Failure::Local(format!("owner {} saw {what}", self.character.name))),
        }
    }

    /// Follows its stream until it is cut for good, and says when a session is over for it.
    pub(super) async fn take_part(self, over: Sender<()>) {
        if let Err(failure) = self.follow(&over).await {
            // Where not even this can be written, nobody is left to read it.
            let _ = self.say(&format!("I cannot go on: {failure}"));
        }
    }

    async fn follow(&self, over: &Sender<()>) -> Result<(), Failure> {
        let project_id = self.character.project_id.to_owned();
        let subscription_id = SUBSCRIPTION.to_owned();
        let call = SubscribeRequest { project_id, subscription_id, ..Default::default() };
        let mut items = watch(self.channel.clone(), call, WatchOptions::default());
        while let Some(item) = items.try_next().await? {
            match item {
                WatchItem::Snapshot { snapshot, .. } => {
                    for notification in snapshot.notifications {
                        self.answer(notification).await?;
                    }
                }
                WatchItem::Event { event, .. } => self.hear(event, over).await?,
                WatchItem::Connected => {}
                WatchItem::Interrupted { error, .. } => {
                    self.say(&format!("{error}; I come back"))?;
                }
            }
        }
        Ok(())
    }

    async fn hear(&self, event: OwnerEvent, over: &Sender<()>) -> Result<(), Failure> {
        match event.event {
            Some(Event::Notification(notification)) => self.answer(notification).await,
            Some(Event::Server(server)) => self.hear_of_server(&server),
            Some(Event::Session(session)) => self.hear_of_session(&session, over),
            None => Ok(()),
        }
    }

    async fn answer(&self, asked: Notification) -> Result<(), Failure> {
        if asked.state() != NotificationState::Pending {
            return Ok(());
        }
        let decisions: Vec<(&str, Decision)> = asked
            .servers
            .iter()
            .map(|server| {
                let wanted = (self.character.decide)(&server.name).into();
                // A host that leaves for good keeps nothing; such a server takes what is offered.
                let offered = &server.allowed_actions;
                let action = match offered.first() {
                    Some(&first) if !offered.contains(&wanted) => first,
                    _ => wanted,
                };
                (server.name.as_str(), Decision { server_id: server.server_id.clone(), action })
            })
            .collect();
        let in_words: Vec<String> = decisions
            .iter()
            .map(|(name, decision)| format!("{name} {}", decision.action().name()))
            .collect();
        let due = distance(asked.reply_deadline_time.as_ref(), self.narrator.now());
        let about = count(asked.server_count as usize, "server");
        self.say(&format!("asked about {about} ({}), due {due}", asked.kind().name()))?;
        self.say(&format!("I accept: {}", in_words.join(", ")))?;
        let decisions = decisions.into_iter().map(|(_, decision)| decision).collect();
        let reply = ReplyRequest {
            request_id: format!("{}-{}", asked.id, asked.plan_revision),
            project_id: asked.project_id,
            notification_id: asked.id,
            plan_revision: asked.plan_revision,
            answer: Some(Answer::Accept(Accept { decisions, ..Default::default() })),
            comment: "thank you for asking".to_owned(),
        };
        let replied = NotificationServiceClient::new(self.channel.clone()).reply(reply).await;
        if let Err(status) = replied {
            self.say(&format!("my answer was not taken: {}", status.message()))?;
        }
        Ok(())
    }

    fn hear_of_server(&self, event: &ServerEvent) -> Result<(), Failure> {
        let what = match event.change() {
            ServerChange::WentDown => "went down, as I chose",
            ServerChange::IsBack => "is back",
            ServerChange::ActionFailed => "was not moved",
            ServerChange::Gone => "is gone",
            ServerChange::HandedOver => "is with the operator",
            // The operator's side of the story tells these.
            ServerChange::Unspecified | ServerChange::ActionStarted | ServerChange::ActionDone => {
                return Ok(());
            }
        };
        Ok(self.say(&format!("{} {what}", event.name))?)
    }

    fn hear_of_session(&self, event: &OwnerSessionEvent, over: &Sender<()>) -> Result<(), Failure> {
        match event.change() {
            OwnerSessionChange::Completed => {
                self.say("the maintenance is over, I may scale out again")?;
                // Nobody waits for it any more once the story is told.
                let _ = over.try_send(());
                Ok(())
            }
            OwnerSessionChange::Unspecified
            | OwnerSessionChange::Started
            | OwnerSessionChange::Paused
            | OwnerSessionChange::Resumed
            | OwnerSessionChange::Cancelled
            | OwnerSessionChange::DrainGivenUp
            | OwnerSessionChange::HostBack
            | OwnerSessionChange::DrainPutOff => Ok(()),
        }
    }

    fn say(&self, text: &str) -> std::io::Result<()> {
        self.narrator.say(Speaker::Owner(self.character.name, self.character.color), text)
    }
}
