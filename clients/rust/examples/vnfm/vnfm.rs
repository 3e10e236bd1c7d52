//! What the VNFM decides.

use std::collections::BTreeMap;

use fermata_client::answer::default_action;
use fermata_client::v1::{
    Action, AffectedServer, CounterOfferState, Notification, OwnerSessionEvent, ServerChange,
    ServerEvent,
};
use fermata_client::{Answer, HandlerError};
use tracing::{info, warn};

use crate::hours::BusyHours;
use crate::vnf::Vnf;

/// Answers for the servers of one VNF.
pub(crate) struct Vnfm {
    vnf: Vnf,
    busy: Option<BusyHours>,
}

impl Vnfm {
    pub(crate) fn new(vnf: Vnf, busy: Option<BusyHours>) -> Self {
        Self { vnf, busy }
    }

    /// Later, or now and how for each server that can be decided for now.
    pub(crate) fn planned(&self, asked: &Notification) -> Result<Answer, HandlerError> {
        info!(notification = asked.id, servers = asked.server_count, "planned");
        let offer = asked.counter_offer.as_ref();
        // Who was declined knows that later is not possible.
        let is_declined = offer.is_some_and(|offer| offer.state() == CounterOfferState::Declined);
        let start = first(&asked.servers)
            .and_then(|server| server.expected_start_time)
            .or(asked.actions_start_time);
        let quiet = self.busy.as_ref().zip(start).and_then(|(busy, start)| busy.end_of(start));
        match quiet.filter(|_| !is_declined) {
            Some(quiet) => {
                info!(until = %quiet, "busy");
                Ok(Answer::not_before(quiet).comment("these are our busy hours"))
            }
            None => self.decide(asked),
        }
    }

    /// How for each server. Of the pair one is decided for: the other one is asked about again when its host's turn comes.
    pub(crate) fn decide(&self, asked: &Notification) -> Result<Answer, HandlerError> {
        let mut actions = BTreeMap::new();
        let mut members = Vec::new();
        for server in &asked.servers {
            if self.vnf.is_member(&server.name) {
                members.push(server.clone());
                actions.insert(server.server_id.clone(), Action::Unspecified);
            } else {
                actions.insert(server.server_id.clone(), default_action(server));
            }
        }
        if let Some(member) = first(&members) {
            // Only the member that stands by may be touched.
            if self.vnf.stand_by(&member.name)? {
                info!(away_from = member.name, "switched over");
            }
            actions.insert(member.server_id.clone(), cheapest(member));
        }
        info!(notification = asked.id, "decided");
        Ok(Answer::accept_each(actions))
    }

    /// Makes room. A VNFM of a real VNF deletes servers of the group here; Fermata reads from the cloud what came of it.
    pub(crate) fn scale_in(&self, asked: &Notification) -> Result<Answer, HandlerError> {
        let wanted = asked.scale_in.clone().unwrap_or_default();
        let servers = wanted.suggested_server_ids;
        self.vnf.scale_in(&asked.session_id, &servers)?;
        info!(group = wanted.group_name, servers = servers.len(), "scaled in");
        Ok(Answer::own_action_done(servers))
    }

    /// Sees to it that the active member is never one that is being touched, also if Fermata's plan changes.
    pub(crate) fn server_changed(&self, event: &ServerEvent) -> Result<(), HandlerError> {
        info!(server = event.name, change = event.change().as_str_name(), "server changed");
        let begins = event.change() == ServerChange::ActionStarted;
        if begins && self.vnf.is_member(&event.name) && self.vnf.stand_by(&event.name)? {
            warn!(away_from = event.name, "switched over late");
        }
        Ok(())
    }

    /// Scales out again. A second time there is nothing to do, so that the event may come twice.
    pub(crate) fn complete(&self, event: &OwnerSessionEvent) -> Result<(), HandlerError> {
        let back = self.vnf.scale_out(&event.session_id)?;
        info!(session = event.session_id, scaled_out = back, "complete");
        Ok(())
    }
}

/// The server that is touched first.
fn first(servers: &[AffectedServer]) -> Option<&AffectedServer> {
    let start = |server: &AffectedServer| {
        server.expected_start_time.map(|time| (time.seconds, time.nanos)).unwrap_or_default()
    };
    servers.iter().min_by_key(|server| start(server))
}

/// A cold migration where it is allowed: no traffic runs on a server that stands by.
fn cheapest(server: &AffectedServer) -> Action {
    let migrate = server.allowed_actions().find(|action| *action == Action::Migrate);
    migrate.unwrap_or_else(|| default_action(server))
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::reply_request::Answer as Sent;
    use fermata_client::v1::{CounterOfferStatus, ScaleIn};
    use prost_types::Timestamp;
    use tempfile::TempDir;

    use super::*;

    /// 20:00 on some day.
    const EVENING: i64 = 20_000 * 86_400 + 20 * 3_600;

    fn vnfm(busy: Option<&str>) -> (Vnfm, TempDir) {
        let folder = TempDir::new().unwrap();
        let names = ["gateway-1", "gateway-2"].map(str::to_owned);
        let vnf = Vnf::open(folder.path().join("state.json"), names).unwrap();
        (Vnfm::new(vnf, busy.map(|busy| busy.parse().unwrap())), folder)
    }

    /// About servers that are touched one after the other, an hour apart.
    fn question(names: &[&str]) -> Notification {
        let starts = (0..).map(|hour| Timestamp { seconds: EVENING + hour * 3_600, nanos: 0 });
        let servers = names.iter().zip(starts).map(|(name, start)| AffectedServer {
            server_id: format!("id-{name}"),
            name: (*name).to_owned(),
            allowed_actions: [Action::LiveMigrate, Action::Migrate].map(i32::from).into(),
            expected_start_time: Some(start),
            ..Default::default()
        });
        Notification { servers: servers.collect(), ..Default::default() }
    }

    fn decided(answer: &Answer, asked: &Notification) -> Vec<(String, Action)> {
        match answer.request(asked).unwrap().answer.unwrap() {
            Sent::Accept(accept) => {
                accept.decisions.iter().map(|d| (d.server_id.clone(), d.action())).collect()
            }
            other @ (Sent::Reject(_) | Sent::OwnActionDone(_) | Sent::CounterOffer(_)) => {
                panic!("{other:?}")
            }
        }
    }

    #[test]
    fn the_active_member_is_switched_over_before_it_is_touched() {
        let (vnfm, _folder) = vnfm(None);
        let asked = question(&["gateway-1", "database"]);
        let expected = [
            ("id-database".to_owned(), Action::LiveMigrate),
            ("id-gateway-1".to_owned(), Action::Migrate),
        ];
        assert_eq!(decided(&vnfm.decide(&asked).unwrap(), &asked), expected);
        assert_eq!(vnfm.vnf.active(), "gateway-2");
    }

    #[test]
    fn of_both_members_only_the_first_is_decided() {
        let (vnfm, _folder) = vnfm(None);
        let asked = question(&["gateway-2", "gateway-1"]);
        let expected = [("id-gateway-2".to_owned(), Action::Migrate)];
        assert_eq!(decided(&vnfm.decide(&asked).unwrap(), &asked), expected);
        assert_eq!(vnfm.vnf.active(), "gateway-1");
    }

    #[test]
    fn busy_hours_are_offered_around() {
        let (vnfm, _folder) = vnfm(Some("18:00-22:30"));
        let mut asked = question(&["gateway-1"]);
        let answer = vnfm.planned(&asked).unwrap();
        let Some(Sent::CounterOffer(offer)) = answer.request(&asked).unwrap().answer else {
            panic!("{answer:?}")
        };
        assert_eq!(offer.not_before_time.unwrap().seconds, EVENING + 2 * 3_600 + 1_800);
        assert_eq!(vnfm.vnf.active(), "gateway-1");
        let state = CounterOfferState::Declined.into();
        asked.counter_offer = Some(CounterOfferStatus { state, ..Default::default() });
        assert_eq!(vnfm.planned(&asked).unwrap().name(), "accept");
    }

    #[test]
    fn a_member_that_is_touched_against_the_plan_is_switched_over() {
        let (vnfm, _folder) = vnfm(None);
        let change = ServerChange::ActionStarted.into();
        let event = ServerEvent { name: "gateway-1".to_owned(), change, ..Default::default() };
        vnfm.server_changed(&event).unwrap();
        assert_eq!(vnfm.vnf.active(), "gateway-2");
    }

    #[test]
    fn what_was_scaled_in_is_scaled_out_once() {
        let (vnfm, _folder) = vnfm(None);
        let suggested_server_ids = vec!["worker-1".to_owned(), "worker-2".to_owned()];
        let scale_in = Some(ScaleIn { suggested_server_ids, ..Default::default() });
        let session_id = "s".to_owned();
        let asked = Notification { scale_in, session_id, ..Default::default() };
        assert_eq!(vnfm.scale_in(&asked).unwrap().name(), "own_action_done");
        assert_eq!(vnfm.vnf.scale_out("s").unwrap(), 2);
        assert_eq!(vnfm.vnf.scale_out("s").unwrap(), 0);
    }
}
