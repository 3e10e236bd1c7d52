//! Asking owners to scale in, where hosts cannot be emptied for lack of room. What they give, the cloud shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::event::OwnerEvent;
use crate::id::ServerId;
use crate::machine::{Machine, Reject};
use crate::replan::OwnerScaleIn;
use crate::session::{
    Notification, NotificationKind, NotificationState, ObjectionEnd, Said, SessionState,
};
use crate::spec::Violation;

impl Machine<'_> {
    /// Whether other sessions have asked for more than a plan knew that asks for something.
    pub(in crate::machine) fn others_ask_too(
        &self,
        requests: &[OwnerScaleIn],
        known: &BTreeSet<ServerId>,
    ) -> bool {
        let asked = self.ledger.map(|ledger| ledger.asked_by_others(self.s.head.id));
        !requests.is_empty() && asked.is_some_and(|asked| !asked.is_subset(known))
    }

    /// Asks for what the current plan needs, and for nothing else.
    pub(in crate::machine) fn ask_to_scale_in(&mut self, requests: Vec<OwnerScaleIn>) {
        let wanted = |n: &Notification| {
            let same =
                |w: &OwnerScaleIn| w.project == n.project && Some(&w.scale_in) == n.scale_in();
            requests.iter().any(same)
        };
        let open: Vec<_> = self.s.open_scale_ins().map(|(n, _)| n.clone()).collect();
        for notification in open.iter().filter(|n| !wanted(n)) {
            self.close_notifications(|n| n.id == notification.id);
        }
        if self.s.head.state != SessionState::Running {
            return;
        }
        for scale_in in requests {
            let same = |n: &&Notification| {
                n.project == scale_in.project && n.scale_in() == Some(&scale_in.scale_in)
            };
            if open.iter().any(|n| same(&n)) {
                continue;
            }
            // Whoever asks in the same moment makes another plan.
            let Some(ledger) = self.ledger else { return };
            self.judged.insert(scale_in.project.clone(), ledger.revision(&scale_in.project));
            let kind = NotificationKind::ScaleIn(scale_in.scale_in);
            let reply_deadline_time = self.now + self.reply_period(&kind);
            self.issue(
                &scale_in.project,
                kind,
                Vec::new(),
                reply_deadline_time,
                reply_deadline_time,
            );
        }
    }

    /// The owner has scaled in, as far as it does.
    pub(super) fn scaled_in(
        &mut self,
        notification: &Notification,
        comment: &str,
    ) -> Result<(), Reject> {
        if notification.state == NotificationState::Answered {
            return Ok(());
        }
        self.in_time(notification)?;
        if let Some(notification) =
            self.s.notifications.get_mut(&notification.id).map(Arc::make_mut)
        {
            notification.state = NotificationState::Answered;
            if let Some(objection) = notification.objection.take() {
                let how = ObjectionEnd::Answered;
                notification.history.push(self.now, Said::ObjectionEnded { objection, how });
            }
        }
        self.plan_again();
        let said = Said::OwnActionDone { comment: comment.to_owned() };
        self.replied(notification.id, said);
        self.tell_owner(&notification.project, OwnerEvent::Notification(notification.id));
        Ok(())
    }

    /// There is nothing to decide about servers.
    pub(super) fn refuse_decisions(notification: &Notification) -> Result<(), Reject> {
        if notification.scale_in().is_none() {
            return Ok(());
        }
        let text = "is no answer to SCALE_IN; delete servers and answer own_action_done, or reject";
        Err(Reject::Violations(vec![Violation::field("accept", text)]))
    }
}
