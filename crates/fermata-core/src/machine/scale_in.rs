//! Asking owners to scale in, where hosts cannot be emptied for lack of room. What they give, the cloud shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Machine, Reject};
use crate::event::{OperatorEvent, OwnerEvent, ReplyKind};
use crate::id::ServerId;
use crate::planning::Wish;
use crate::session::{Notice, NoticeKind, NoticeState, SessionState};
use crate::spec::Fault;

impl Machine<'_> {
    /// Whether other sessions have asked for more than a plan knew that asks for something.
    pub(super) fn others_ask_too(&self, wishes: &[Wish], known: &BTreeSet<ServerId>) -> bool {
        let asked = self.ledger.map(|ledger| ledger.asked_by_others(self.s.head.id));
        !wishes.is_empty() && asked.is_some_and(|asked| !asked.is_subset(known))
    }

    /// Asks for what the current plan needs, and for nothing else.
    pub(super) fn ask_to_scale_in(&mut self, wishes: Vec<Wish>) {
        let wanted = |n: &Notice| {
            let same = |w: &Wish| w.project == n.project && Some(&w.scale_in) == n.scale_in();
            wishes.iter().any(same)
        };
        let open: Vec<_> = self.s.open_scale_ins().map(|(n, _)| n.clone()).collect();
        for notice in open.iter().filter(|n| !wanted(n)) {
            self.close_notices(|n| n.id == notice.id);
        }
        if self.s.head.state != SessionState::Running {
            return;
        }
        for wish in wishes {
            let same =
                |n: &&Notice| n.project == wish.project && n.scale_in() == Some(&wish.scale_in);
            if open.iter().any(|n| same(&n)) {
                continue;
            }
            // Whoever asks in the same moment makes another plan.
            let Some(ledger) = self.ledger else { return };
            self.judged.insert(wish.project.clone(), ledger.revision(&wish.project));
            let kind = NoticeKind::ScaleIn(wish.scale_in);
            let reply_by = self.now + self.reply_period(&kind);
            self.issue(&wish.project, kind, Vec::new(), reply_by, reply_by);
        }
    }

    /// The owner has scaled in, as far as it does.
    pub(super) fn scaled_in(&mut self, notice: &Notice, comment: &str) -> Result<(), Reject> {
        if notice.state == NoticeState::Answered {
            return Ok(());
        }
        self.in_time(notice)?;
        if let Some(notice) = self.s.notices.get_mut(&notice.id).map(Arc::make_mut) {
            notice.state = NoticeState::Answered;
            notice.objection = None;
            comment.clone_into(&mut notice.comment);
        }
        self.plan_again();
        self.tell_owner(&notice.project, OwnerEvent::Notice(notice.id));
        self.out.operators.push(OperatorEvent::OwnerReplied {
            notice: notice.id,
            reply: ReplyKind::OwnActionDone,
            comment: comment.to_owned(),
        });
        Ok(())
    }

    /// There is nothing to decide about servers.
    pub(super) fn refuse_decisions(notice: &Notice) -> Result<(), Reject> {
        if notice.scale_in().is_none() {
            return Ok(());
        }
        let text = "is no answer to SCALE_IN; delete servers and answer own_action_done, or reject";
        Err(Reject::Faults(vec![Fault::field("accept", text)]))
    }
}
