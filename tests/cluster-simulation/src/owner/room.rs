//! Requests to scale in: owners delete what they are asked for, or less, or nothing, or say nothing.

use fermata_core::id::{NotificationId, ServerId, SessionId};
use fermata_core::machine::Answer;
use fermata_core::session::{Notification, ScaleIn};

use crate::message::{Api, ClientAlarm, Reply};
use crate::queue::date;
use crate::world::World;

/// Servers that an owner is about to delete, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Giving {
    session: SessionId,
    notification: NotificationId,
    plan_revision: u64,
    left: Vec<ServerId>,
}

impl World {
    pub(super) fn owner_is_asked_for_room(
        &mut self,
        client: usize,
        session: SessionId,
        notification: &Notification,
        scale_in: &ScaleIn,
    ) {
        let members = self.checks.watch.members_of(scale_in.group.as_str());
        let chance = &mut self.owners[client].chance;
        let asked = usize::try_from(scale_in.servers).unwrap_or(0);
        let gives = match chance.between(0, 100) {
            0..55 => asked,
            55..70 => chance.index(asked),
            70..85 => {
                let answer = Answer::Reject { reason: "we need them".to_owned() };
                let pause = chance.millis(100, 5000);
                let revision = notification.plan_revision;
                return self.owner_replies(client, session, notification, revision, answer, pause);
            }
            _ => return,
        };
        // Those that were named, or any.
        let mut of = if chance.chance(700) { scale_in.suggested.clone() } else { members };
        let mut left = Vec::new();
        while left.len() < gives && !of.is_empty() {
            left.push(of.remove(chance.index(of.len())));
        }
        let (notification, plan_revision) = (notification.id, notification.plan_revision);
        self.gives_in_a_while(client, Giving { session, notification, plan_revision, left });
    }

    fn gives_in_a_while(&mut self, client: usize, giving: Giving) {
        let pause = self.owners[client].chance.millis(50, 2000);
        self.wake_client(client, pause, ClientAlarm::Give(Box::new(giving)));
    }

    /// The owner deletes another one, or has done so.
    pub(crate) fn owner_gives(&mut self, client: usize, mut giving: Giving) {
        let Some(server) = giving.left.pop() else {
            let Giving { session, notification, plan_revision, .. } = giving;
            let project = self.owners[client].project.clone();
            let answer = Answer::OwnActionDone { servers: Vec::new() };
            let reply = Reply { session, project, notification, plan_revision, answer };
            return self.ask(client, Api::Reply(Box::new(reply)));
        };
        let result = self.cloud.delete_server(date(self.now), &server);
        self.counts.servers_given += u64::from(result.is_ok());
        self.read_cloud_journal();
        self.note(|| format!("owner {client} scales in by {server}: {result:?}"));
        self.gives_in_a_while(client, giving);
    }
}
