//! Counter-offers of owners: how they are made, and what follows once they are planned.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::replies::by_server;
use crate::event::{OperatorEvent, OwnerEvent};
use crate::id::{HostName, ProjectId, ServerId};
use crate::limits::MAX_WAITS;
use crate::machine::{Machine, Reject};
use crate::quota::{Quota, Quotas};
use crate::reason::{DeclineReason, HostReason};
use crate::replan::{Judged, Judgement};
use crate::session::{
    CounterOffer, DecisionEnd, Goal, Notification, NotificationKind, NotificationState,
    ObjectionEnd, Said, ServerKey, ServerState, SessionHostState, SessionServer, Terms, Verdict,
};
use crate::spec::{Action, Violation, ViolationKind};
use crate::{Time, rfc3339};

/// What an owner offers instead of what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfferedTerms {
    /// For these servers; none: for all that nothing has begun on.
    pub servers: Vec<ServerId>,
    /// They are not touched before.
    pub not_before: Option<Time>,
    /// They are not touched before these ones are done.
    pub after: Vec<ServerId>,
}

impl Machine<'_> {
    pub(super) fn counter_offer(
        &mut self,
        notification: &Notification,
        offered: &OfferedTerms,
        comment: &str,
    ) -> Result<(), Reject> {
        let (servers, terms) = self.check_offer(notification, offered)?;
        let same = |offer: &CounterOffer| {
            let stands = matches!(offer.verdict, Verdict::Open | Verdict::Accepted);
            stands && offer.servers == servers && offer.terms == terms
        };
        if notification.counter_offer.as_ref().is_some_and(same) {
            return Ok(());
        }
        self.in_time(notification)?;
        let before = notification.counter_offer.as_ref().map_or(0, |offer| offer.number);
        Quotas::default().one_more(Quota::CounterOffers, before.into())?;
        let begun = servers.iter().filter_map(|k| self.server(k)).find(|s| !may_be_put_off(s));
        if let Some(server) = begun {
            return Err(Reject::WrongState {
                subject: format!("server '{}'", server.key.server),
                state: server.state.name(),
                allowed: vec!["AFFECTED"],
                hint: "its action has begun; offer something for the others".to_owned(),
            });
        }
        let (made_at, number) = (self.now, before + 1);
        let offer = CounterOffer { servers, terms, made_at, verdict: Verdict::Open, number };
        let replaced = notification.open_counter_offer().cloned();
        if let Some(notification) =
            self.s.notifications.get_mut(&notification.id).map(Arc::make_mut)
        {
            if let Some(replaced) = replaced {
                give_back_time(notification, &replaced, self.now);
            }
            notification.counter_offer = Some(offer);
            notification.state = NotificationState::CounterOffered;
        }
        self.plan_again();
        let said = Said::CounterOffered { number, comment: comment.to_owned() };
        self.replied(notification.id, said);
        self.tell_owner(&notification.project, OwnerEvent::Notification(notification.id));
        Ok(())
    }

    /// The servers that an offer is about, and what it says of them.
    fn check_offer(
        &self,
        notification: &Notification,
        offered: &OfferedTerms,
    ) -> Result<(Vec<ServerKey>, Terms), Reject> {
        if notification.scale_in().is_some() {
            let text = "is no answer to SCALE_IN; answer own_action_done or reject";
            return Err(Reject::Violations(vec![violation("", text)]));
        }
        let mut violations = self.violations_of_time(offered);
        let after = self.awaited(notification, offered, &mut violations);
        let servers = self.offered(notification, offered, &after, &mut violations);
        let waits = servers.len().saturating_mul(after.len());
        if waits > MAX_WAITS {
            let text = format!(
                "would make {} servers wait for {} others, which is {waits} waits; at most {MAX_WAITS}: name fewer",
                servers.len(),
                after.len()
            );
            return Err(Reject::Violations(vec![violation(".after_server_ids", text)]));
        }
        if let Some((first, second)) = self.first_cycle(&servers, &after) {
            let text = format!("servers '{first}' and '{second}' would wait for each other");
            violations.push(violation(".after_server_ids", text));
        }
        if let Some(kept) = self.kept_beside(&servers, &after) {
            let text = format!(
                "server '{kept}' is kept on its host until the work is over; the others have to leave that host before"
            );
            violations.push(violation(".after_server_ids", text));
        }
        let terms = Terms { not_before: offered.not_before, after };
        if violations.is_empty() {
            Ok((servers, terms))
        } else {
            Err(Reject::Violations(violations))
        }
    }

    fn violations_of_time(&self, offered: &OfferedTerms) -> Vec<Violation> {
        let end = self.s.head.spec.window.end;
        match offered.not_before {
            None if offered.after.is_empty() => {
                vec![violation("", "offers nothing; set `not_before` or `after_server_ids`")]
            }
            Some(at) if at <= self.now => {
                vec![violation(".not_before", "is over; name a time in the future")]
            }
            Some(at) if at >= end => {
                let text = format!("is not inside the window, which ends at {}", rfc3339(end));
                vec![violation(".not_before", text)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// The servers that others are to come after.
    fn awaited(
        &self,
        notification: &Notification,
        offered: &OfferedTerms,
        violations: &mut Vec<Violation>,
    ) -> BTreeSet<ServerKey> {
        let mut after = BTreeSet::new();
        let own = self.s.servers.values().filter(|s| s.project == notification.project);
        let own = by_server(own.map(|s| &s.key));
        for (i, id) in offered.after.iter().enumerate() {
            match own.get(id) {
                Some(rows) => after.extend(rows.iter().map(|key| (*key).clone())),
                None => {
                    let text = format!("server '{id}' is not one of yours in this session");
                    violations.push(violation(&format!(".after_server_ids[{i}]"), text));
                }
            }
        }
        after
    }

    /// The servers that an offer is about.
    fn offered(
        &self,
        notification: &Notification,
        offered: &OfferedTerms,
        after: &BTreeSet<ServerKey>,
        violations: &mut Vec<Violation>,
    ) -> Vec<ServerKey> {
        let open = |k: &&ServerKey| self.server(k).is_some_and(|s| s.state.is_open());
        let mut servers: BTreeSet<&ServerKey> = BTreeSet::new();
        if offered.servers.is_empty() {
            let free =
                |k: &&ServerKey| self.server(k).is_some_and(may_be_put_off) && !after.contains(*k);
            servers.extend(notification.servers.iter().filter(free));
        }
        let mut unknown = false;
        let asked = by_server(&notification.servers);
        for (i, id) in offered.servers.iter().enumerate() {
            let named = asked.get(id).map(Vec::as_slice).unwrap_or_default();
            if named.is_empty() {
                unknown = true;
                violations.push(Violation::of(
                    ViolationKind::ServerNotInNotification,
                    format!("counter_offer.server_ids[{i}]"),
                    format!("the notification is not about server '{id}'"),
                ));
            }
            servers.extend(named.iter().copied().filter(open));
        }
        if servers.is_empty() && !unknown {
            violations.push(violation(".server_ids", "nothing can be put off any more"));
        }
        servers.into_iter().cloned().collect()
    }

    /// A server that would come after itself, and the one by which it would.
    fn first_cycle(
        &self,
        servers: &[ServerKey],
        after: &BTreeSet<ServerKey>,
    ) -> Option<(ServerId, ServerId)> {
        let offered: BTreeSet<_> = servers.iter().collect();
        // What one of them does not lead to, another one by the same way does not either.
        let mut seen = BTreeSet::new();
        for first in after {
            let mut todo = vec![first];
            while let Some(key) = todo.pop() {
                if offered.contains(key) {
                    return Some((key.server.clone(), first.server.clone()));
                }
                if seen.insert(key) {
                    todo.extend(self.server(key).iter().flat_map(|s| &s.terms.after));
                }
            }
        }
        None
    }

    /// A server that stays on the host from which one that comes after it has to leave.
    fn kept_beside(&self, servers: &[ServerKey], after: &BTreeSet<ServerKey>) -> Option<ServerId> {
        let stays = |key: &ServerKey| self.expected_action(key) == Some(Action::Keep);
        let left: BTreeSet<_> = servers.iter().filter(|k| !stays(k)).map(|k| &k.host).collect();
        after.iter().find(|k| stays(k) && left.contains(&k.host)).map(|k| k.server.clone())
    }

    // --- once they are planned

    /// Tells what became of offers. `true`: something was accepted, so that there has to be another plan.
    pub(in crate::machine) fn judged(&mut self, judged: Vec<Judged>) -> bool {
        let mut accepted = false;
        for one in judged {
            let notification = self.s.notifications.get(&one.notification).cloned();
            let Some(notification) = notification.filter(|n| n.state != NotificationState::Closed)
            else {
                continue;
            };
            let Some(offer) =
                notification.open_counter_offer().filter(|o| o.made_at == one.made_at).cloned()
            else {
                continue;
            };
            match one.judgement {
                Judgement::Declined(why) => self.decline(&notification, &offer, why),
                Judgement::Accepted { put_off, changed } => {
                    accepted = true;
                    // Something may have begun while it was planned: then it is planned once more.
                    let free = put_off.iter().all(|h| self.may_put_off(h))
                        && offer.servers.iter().all(|k| {
                            self.server(k).is_none_or(|s| !s.state.is_open() || may_be_put_off(s))
                        });
                    if free {
                        self.accept_offer(&notification, &offer, &put_off, &changed);
                    }
                }
            }
        }
        accepted
    }

    fn decline(&mut self, notification: &Notification, offer: &CounterOffer, why: DeclineReason) {
        self.moved = true;
        let anew = self.now + self.reply_period(&notification.kind);
        if let Some(notification) =
            self.s.notifications.get_mut(&notification.id).map(Arc::make_mut)
        {
            notification.counter_offer =
                Some(CounterOffer { verdict: Verdict::Declined(why.clone()), ..offer.clone() });
            if !give_back_time(notification, offer, self.now) {
                notification.reply_deadline_time = anew;
            }
            let (number, why) = (offer.number, why.to_string());
            notification.history.push(self.now, Said::CounterOfferDeclined { number, why });
        }
        self.refresh_notification(notification.id);
        self.tell_judged(notification, Some(why), &BTreeSet::new());
    }

    fn accept_offer(
        &mut self,
        notification: &Notification,
        offer: &CounterOffer,
        put_off: &BTreeSet<HostName>,
        changed: &BTreeSet<HostName>,
    ) {
        self.moved = true;
        let now = self.now;
        if let Some(notification) =
            self.s.notifications.get_mut(&notification.id).map(Arc::make_mut)
        {
            notification.counter_offer =
                Some(CounterOffer { verdict: Verdict::Accepted, ..offer.clone() });
            let number = offer.number;
            notification.history.push(self.now, Said::CounterOfferAccepted { number });
            if let Some(objection) = notification.objection.take() {
                let how = ObjectionEnd::CounterOffer;
                notification.history.push(self.now, Said::ObjectionEnded { objection, how });
            }
        }
        let mut lifted = match notification.kind {
            NotificationKind::Planned => self.objection_to_drains(
                &notification.project,
                notification.objection.as_deref(),
                None,
                ObjectionEnd::CounterOffer,
            ),
            NotificationKind::Drain(_) | NotificationKind::ScaleIn(_) => Vec::new(),
        };
        for key in &offer.servers {
            self.edit_server(key, |s| {
                if s.state.is_open() {
                    s.terms = offer.terms.clone();
                    s.decide_anew(None, DecisionEnd::PutOff, now);
                    s.state = ServerState::Affected;
                    s.said_done = false;
                }
            });
        }
        for host in put_off {
            self.send_back(host, Goal::Waiting, HostReason::put_off());
        }
        let mut asked = self.forget_decisions(changed);
        let waits = |k: &ServerKey| {
            self.host(&k.host).is_none_or(|h| h.state != SessionHostState::Draining)
        };
        if offer.servers.iter().any(waits) {
            asked.insert(notification.project.clone());
        }
        for project in &asked {
            self.announce_again_to(project);
        }
        lifted.extend(self.ask_drains_again(&notification.project, &offer.servers));
        for host in lifted {
            self.lift_hold(&host);
        }
        self.refresh_others(&notification.project, notification.id);
        asked.remove(&notification.project);
        self.tell_judged(notification, None, &asked);
    }

    fn tell_judged(
        &mut self,
        notification: &Notification,
        declined: Option<DeclineReason>,
        changed: &BTreeSet<ProjectId>,
    ) {
        self.tell_owner(&notification.project, OwnerEvent::Notification(notification.id));
        self.out.operators.push(OperatorEvent::CounterOfferJudged {
            notification: notification.id,
            declined,
            changed: changed.clone(),
        });
    }

    /// What was decided about servers on hosts that come at another time now was about something else. Gives their owners.
    fn forget_decisions(&mut self, hosts: &BTreeSet<HostName>) -> BTreeSet<ProjectId> {
        let now = self.now;
        let mut owners = BTreeSet::new();
        let free = hosts.iter().flat_map(|host| self.keys_of(host, may_be_put_off));
        for key in free.collect::<Vec<_>>() {
            if let Some(server) = self.server(&key) {
                owners.insert(server.project.clone());
            }
            self.edit_server(&key, |s| s.decide_anew(None, DecisionEnd::PutOff, now));
        }
        owners
    }

    /// Asks a project once more what shall become of its servers.
    fn announce_again_to(&mut self, project: &ProjectId) {
        let announced = self.s.notifications.values().find(|n| {
            n.project == *project
                && n.kind == NotificationKind::Planned
                && n.state != NotificationState::Closed
        });
        let Some((id, servers)) = announced.map(|n| (n.id, n.servers.clone())) else { return };
        self.ask_again(id, servers);
    }

    /// Where these servers are being drained already, it is the drain's question that counts. Gives those hosts.
    fn ask_drains_again(
        &mut self,
        project: &ProjectId,
        servers: &[ServerKey],
    ) -> BTreeSet<HostName> {
        let hosts: BTreeSet<_> = servers.iter().map(|k| k.host.clone()).collect();
        let offered: BTreeSet<_> = servers.iter().collect();
        for host in &hosts {
            let of_project = self.s.drain_notifications(host).filter(|n| n.project == *project);
            let about = |n: &&Arc<Notification>| n.servers.iter().any(|k| offered.contains(k));
            let asked: Vec<_> =
                of_project.filter(about).map(|n| (n.id, n.servers.clone())).collect();
            for (id, servers) in asked {
                let left = self.open_of(&servers);
                self.ask_again(id, left);
            }
        }
        hosts
    }

    fn open_of(&self, servers: &[ServerKey]) -> Vec<ServerKey> {
        let open = |k: &&ServerKey| self.server(k).is_some_and(|s| s.state.is_open());
        servers.iter().filter(open).cloned().collect()
    }

    fn may_put_off(&self, host: &HostName) -> bool {
        let draining = self.host(host).is_some_and(|h| h.state == SessionHostState::Draining);
        draining && self.s.has_not_begun(host)
    }

    // --- what is agreed

    /// Whether an offer about a server is being planned.
    pub(in crate::machine) fn is_offered(&self, key: &ServerKey) -> bool {
        self.s.open_counter_offers().iter().any(|(_, offer)| offer.is_about(key))
    }

    /// Forgets the servers that others came after, once they are out of the way.
    pub(in crate::machine) fn meet_terms(&mut self) {
        let waits = self.s.servers.values().filter(|s| !s.terms.after.is_empty());
        let changed: Vec<(ServerKey, BTreeSet<ServerKey>)> = waits
            .filter_map(|s| {
                let left = |a: &&ServerKey| !self.s.is_out_of_the_way(a, &s.key);
                let left: BTreeSet<_> = s.terms.after.iter().filter(left).cloned().collect();
                (left != s.terms.after).then(|| (s.key.clone(), left))
            })
            .collect();
        for (key, left) in changed {
            self.edit_server(&key, |s| s.terms.after = left);
            self.moved = true;
            self.plan_again();
        }
    }
}

fn violation(field: &str, text: impl Into<String>) -> Violation {
    Violation::field(format!("counter_offer{field}"), text)
}

/// Whether nothing has begun on a server.
fn may_be_put_off(server: &SessionServer) -> bool {
    server.state == ServerState::Affected && server.act.is_none()
}

/// The time in which an offer was planned is not its owner's. Gives whether there is a deadline that it moves.
pub(super) fn give_back_time(
    notification: &mut Notification,
    offer: &CounterOffer,
    now: Time,
) -> bool {
    let open = notification.reply_deadline_time > offer.made_at;
    if open {
        notification.reply_deadline_time += now - offer.made_at;
    }
    open
}
