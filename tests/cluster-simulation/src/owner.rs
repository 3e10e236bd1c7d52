//! Owners of servers: they read their project's log from a cursor, and answer by character.
//!
//! - [`offers`]: what some of them offer instead
//! - [`room`]: what they do when they are asked to scale in

mod offers;
pub(crate) mod room;

use std::collections::BTreeMap;
use std::time::Duration;

use fermata_core::event::{OwnerEvent, ServerChange};
use fermata_core::id::{NotificationId, ProjectId, ServerId, SessionId};
use fermata_core::machine::Answer;
use fermata_core::session::{Notification, NotificationState};
use fermata_core::spec::Action;

use crate::message::{Api, ClientAlarm, Reply, Said};
use crate::queue::date;
use crate::random::Random;
use crate::store::{Content, LoggedEvent, Topic};
use crate::world::World;
pub(crate) use offers::Habit;

/// How an owner answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Character {
    Agrees(Action),
    /// Something else for each server.
    Choosy,
    Silent,
    Objects,
    /// Says no first and yes afterwards.
    ObjectsForAWhile,
    /// Answers after the deadline.
    Late,
    /// Answers the plan that it first heard of.
    Stubborn,
}

/// An owner.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) project: ProjectId,
    pub(crate) character: Character,
    /// The last event that it has.
    pub(crate) cursor: u64,
    pub(crate) journal: Vec<LoggedEvent>,
    first_plan: BTreeMap<NotificationId, u64>,
    about: BTreeMap<ServerId, (SessionId, NotificationId, u64)>,
    /// What it was last told of each.
    notifications: BTreeMap<NotificationId, Notification>,
    pub(crate) habit: Habit,
    /// How many offers it made to each.
    offers: BTreeMap<NotificationId, u32>,
    /// Of its own for offers and room: without these, worlds are what they are without this.
    chance: Random,
}

const ACTIONS: [Action; 4] =
    [Action::LiveMigrate, Action::Migrate, Action::Keep, Action::OwnAction];

impl Owner {
    pub(crate) fn new(project: ProjectId, character: Character, chance: Random) -> Self {
        Self {
            project,
            character,
            cursor: 0,
            journal: Vec::new(),
            first_plan: BTreeMap::new(),
            about: BTreeMap::new(),
            notifications: BTreeMap::new(),
            habit: Habit::default(),
            offers: BTreeMap::new(),
            chance,
        }
    }
}

impl World {
    pub(crate) fn owner_pulls(&mut self, client: usize) {
        let owner = &self.owners[client];
        let api = Api::Events(Topic::Project(owner.project.clone()), owner.cursor);
        self.ask(client, api);
    }

    pub(crate) fn owner_hears(&mut self, client: usize, api: &Api, said: Said) {
        if let Api::Reply(reply) = api {
            return self.owner_is_answered(client, reply, &said);
        }
        let Api::Events(..) = api else { return };
        let events = if let Said::Events(events) = said { events } else { Vec::new() };
        for event in events {
            self.owner_gets(client, event);
        }
        let pause = self.random.millis(300, 1500);
        self.wake_client(client, pause, ClientAlarm::Pull);
    }

    fn owner_gets(&mut self, client: usize, event: LoggedEvent) {
        let owner = &mut self.owners[client];
        owner.cursor = event.number;
        owner.journal.push(event.clone());
        match event.content {
            Content::Notification(notification) => {
                for key in &notification.servers {
                    let about = (event.session, notification.id, notification.plan_revision);
                    owner.about.insert(key.server.clone(), about);
                }
                owner.first_plan.entry(notification.id).or_insert(notification.plan_revision);
                owner.notifications.insert(notification.id, notification.as_ref().clone());
                if notification.state == NotificationState::Pending {
                    self.owner_is_asked(client, event.session, &notification);
                }
            }
            Content::Owner(OwnerEvent::Server {
                server,
                change: ServerChange::ActionStarted,
                action: Some(Action::OwnAction),
                ..
            }) => {
                if let Some((_, notification, _)) = owner.about.get(&server) {
                    let alarm = ClientAlarm::Own(server, *notification);
                    let pause = self.random.millis(500, 8000);
                    self.wake_client(client, pause, alarm);
                }
            }
            Content::Owner(_) | Content::Operator(_) | Content::Alarm(_) => {}
        }
    }

    fn owner_is_asked(&mut self, client: usize, session: SessionId, notification: &Notification) {
        if let Some(scale_in) = notification.scale_in() {
            self.owner_is_asked_for_room(client, session, notification, scale_in);
        } else if !self.owner_offers(client, session, notification) {
            self.owner_answers(client, session, notification);
        }
    }

    fn owner_answers(&mut self, client: usize, session: SessionId, notification: &Notification) {
        let random = &mut self.random;
        let most = random.pick(&[2000, 6000, 15_000]);
        let mut pause = random.millis(100, most);
        let mut plan_revision = notification.plan_revision;
        let owner = &self.owners[client];
        let yes = |action| Answer::Accept { all: Some(action), decisions: Vec::new() };
        let no = || Answer::Reject { reason: "not now".to_owned() };
        let answer = match owner.character {
            Character::Silent => return,
            Character::Agrees(action) => yes(action),
            Character::Choosy => {
                let mut decisions: Vec<(ServerId, Option<Action>)> = Vec::new();
                for key in &notification.servers {
                    if decisions.iter().all(|(server, _)| *server != key.server) {
                        decisions.push((key.server.clone(), Some(random.pick(&ACTIONS))));
                    }
                }
                if decisions.is_empty() {
                    return;
                }
                Answer::Accept { all: None, decisions }
            }
            Character::Objects => no(),
            Character::ObjectsForAWhile => {
                let second = pause + random.millis(500, 20_000);
                let answer = yes(random.pick(&ACTIONS));
                self.owner_replies(client, session, notification, plan_revision, answer, second);
                no()
            }
            Character::Late => {
                let left = Duration::try_from(notification.reply_deadline_time - date(self.now))
                    .unwrap_or_default();
                pause = left + random.millis(0, 6000);
                yes(random.pick(&ACTIONS))
            }
            Character::Stubborn => {
                plan_revision =
                    owner.first_plan.get(&notification.id).copied().unwrap_or(plan_revision);
                yes(random.pick(&ACTIONS))
            }
        };
        self.owner_replies(client, session, notification, plan_revision, answer, pause);
    }

    fn owner_replies(
        &mut self,
        client: usize,
        session: SessionId,
        notification: &Notification,
        plan_revision: u64,
        answer: Answer,
        pause: Duration,
    ) {
        let project = notification.project.clone();
        let reply =
            Reply { session, project, notification: notification.id, plan_revision, answer };
        let alarm = ClientAlarm::Say(Box::new(Api::Reply(Box::new(reply))));
        self.wake_client(client, pause, alarm);
    }

    /// The owner does what it wanted to do itself: the server is replaced by another one elsewhere.
    pub(crate) fn owner_acts(
        &mut self,
        client: usize,
        server: &ServerId,
        notification: NotificationId,
    ) {
        let now = date(self.now);
        let result = self.cloud.delete_server(now, server);
        self.read_cloud_journal();
        self.note(|| format!("owner {client} deletes {server}: {result:?}"));
        let owner = &self.owners[client];
        let Some((session, _, plan_revision)) = owner.about.get(server).copied() else { return };
        let project = owner.project.clone();
        let answer = Answer::OwnActionDone { servers: vec![server.clone()] };
        let reply = Reply { session, project, notification, plan_revision, answer };
        self.ask(client, Api::Reply(Box::new(reply)));
    }
}
