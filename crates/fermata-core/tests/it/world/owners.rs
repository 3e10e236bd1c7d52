//! Owners that reply and act by a script.

use fermata_core::actor::{Role, Who};
use fermata_core::event::{OwnerEvent, ServerChange};
use fermata_core::id::{HostName, NotificationId, ProjectId, ServerId};
use fermata_core::machine::{Answer, Ask, Input, OfferedTerms, Reject};
use fermata_core::session::{Notification, NotificationState, ServerKey};
use fermata_core::spec::Action;
use fermata_core::{Duration, Time};

use super::World;

/// What an owner says to a question.
#[derive(Debug, Clone)]
pub(crate) enum Words {
    /// Nothing.
    Silence,
    /// This for every server.
    All(Action),
    /// This for these servers, and nothing about others.
    Each(Vec<(ServerId, Action)>),
    /// No.
    No(String),
    /// Not before so much later; then this for every server.
    Later(Duration, Action),
    /// Half of the servers after the others; then this for every server.
    HalfFirst(Action),
}

/// What an owner does that chose to act itself.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Nothing,
    Delete,
    MoveTo(HostName),
}

/// How an owner behaves.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) words: Words,
    /// From hearing to saying and doing.
    pub(crate) takes: Duration,
    pub(crate) deed: Deed,
    /// How many of the servers that it is asked to scale in by it deletes; `None`: it says nothing, 0: it says no.
    pub(crate) gives: Option<usize>,
}

impl Owner {
    pub(crate) fn new(words: Words) -> Self {
        Self { words, takes: Duration::seconds(20), deed: Deed::Delete, gives: None }
    }

    /// What it says to a question; `None`: nothing.
    fn answer(&self, notification: &Notification, now: Time) -> Option<Answer> {
        if notification.scale_in().is_some() {
            return self.gives.map(|gives| match gives {
                0 => Answer::Reject { reason: "we need them".to_owned() },
                _ => Answer::OwnActionDone { servers: Vec::new() },
            });
        }
        let all = |action| Answer::Accept { all: Some(action), decisions: Vec::new() };
        let (first, second) = notification.servers.split_at(notification.servers.len() / 2);
        let ids = |keys: &[ServerKey]| keys.iter().map(|k| k.server.clone()).collect();
        Some(match &self.words {
            Words::Silence => return None,
            Words::Later(by, _) if notification.counter_offer.is_none() => {
                Answer::CounterOffer(OfferedTerms {
                    not_before: Some(now + *by),
                    ..OfferedTerms::default()
                })
            }
            Words::HalfFirst(_) if notification.counter_offer.is_none() && !first.is_empty() => {
                Answer::CounterOffer(OfferedTerms {
                    servers: ids(second),
                    not_before: None,
                    after: ids(first),
                })
            }
            Words::All(action) | Words::Later(_, action) | Words::HalfFirst(action) => all(*action),
            Words::Each(decisions) => {
                let asked = |s: &ServerId| notification.servers.iter().any(|k| k.server == *s);
                let of_these = decisions.iter().filter(|(s, _)| asked(s));
                let decisions = of_these.map(|(s, a)| (s.clone(), Some(*a))).collect();
                Answer::Accept { all: None, decisions }
            }
            Words::No(reason) => Answer::Reject { reason: reason.clone() },
        })
    }
}

/// Something an owner is about to do.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) at: Time,
    project: ProjectId,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Reply { notification: NotificationId, plan_revision: u64 },
    Act { server: ServerId },
}

impl World {
    pub(super) fn owner_hears(&mut self, project: &ProjectId, event: &OwnerEvent) {
        let Some(owner) = self.owners.get(project) else { return };
        let what = match event {
            OwnerEvent::Notification(id) => {
                let notification = &self.session.notifications[id];
                if notification.state != NotificationState::Pending {
                    return;
                }
                What::Reply { notification: *id, plan_revision: notification.plan_revision }
            }
            OwnerEvent::Server { change, action, server, .. } => {
                let asked = *change == ServerChange::ActionStarted;
                if !asked || *action != Some(Action::OwnAction) {
                    return;
                }
                What::Act { server: server.clone() }
            }
            OwnerEvent::Session { .. } => return,
        };
        self.plans.push(Plan { at: self.now + owner.takes, project: project.clone(), what });
    }

    pub(super) fn owners_act(&mut self) {
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.plans).into_iter().partition(|p| p.at <= now);
        self.plans = later;
        let due: Vec<Plan> = due;
        for plan in due {
            let Some(owner) = self.owners.get(&plan.project).cloned() else { continue };
            match plan.what {
                What::Reply { notification, plan_revision } => {
                    let asked = self.session.notifications[&notification].clone();
                    let Some(answer) = owner.answer(&asked, self.now) else { continue };
                    let scale_in = asked.scale_in().map(|scale_in| scale_in.suggested.clone());
                    for server in scale_in.iter().flatten().take(owner.gives.unwrap_or_default()) {
                        self.cloud.others_move(server, None);
                    }
                    // A reply that comes too late or to an old plan is the owner's bad luck.
                    let _ = self.reply(&plan.project, notification, plan_revision, answer, "");
                }
                What::Act { server } => match owner.deed {
                    Deed::Nothing => {}
                    Deed::Delete => self.cloud.others_move(&server, None),
                    Deed::MoveTo(host) => self.cloud.others_move(&server, Some(&host)),
                },
            }
        }
    }

    /// An owner replies; what the service says is checked against what the owner was told.
    pub(crate) fn reply(
        &mut self,
        project: &ProjectId,
        notification: NotificationId,
        plan_revision: u64,
        answer: Answer,
        comment: &str,
    ) -> Result<bool, Reject> {
        // What is due by the clock alone is not the reply's doing.
        self.apply(Input::Tick)?;
        let ask = Ask::Reply {
            project: project.clone(),
            notification,
            plan_revision,
            answer: answer.clone(),
            comment: comment.to_owned(),
        };
        let input = ask.by(Who::new(project.as_str(), Role::Owner));
        let before = self.checks.clone();
        let said = self.apply(input.clone());
        self.checks.replied(&before, notification, plan_revision, &answer, &said, self.now);
        if said == Ok(true) {
            let again = self.apply(input);
            assert!(
                matches!(again, Ok(false) | Err(_)),
                "the same reply twice counted twice: {answer:?}"
            );
        }
        said
    }
}
