//! The operator: asks for a session, works on each host once it is empty, and wants a report.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use fermata_client::Channel;
use fermata_client::v1::session_event::Event;
use fermata_client::v1::session_service_client::SessionServiceClient;
use fermata_client::v1::{
    CompleteHostRequest, CreateSessionRequest, GetSessionReportRequest, HostSelection,
    MaintenanceWindow, ServerState, Session, SessionEvent, SessionHostState, SessionReport,
    SessionServerChanged, SessionSnapshot, SessionSpec, SessionState, WatchSessionRequest,
};
use fermata_client::{WatchItem, WatchOptions, watch};
use futures::TryStreamExt;

use super::narrator::{Narrator, Speaker};
use crate::args::RequestId;
use crate::commands::context::present;
use crate::failure::Failure;
use crate::output::time::to_proto;
use crate::words::Word;

/// The hosts: the one that is empty, so that servers have somewhere to go, and two in use.
pub(super) const HOSTS: [&str; 3] = ["compute-b3", "compute-a1", "compute-b2"];

/// How long the work on a host takes.
const WORK: Duration = Duration::from_millis(1_200);
/// How long owners may answer; they are quick.
const REPLY_PERIOD_SECONDS: i64 = 20;
const WINDOW_HOURS: i64 = 1;

/// Maintains the hosts, and gives the report.
pub(super) async fn maintain(
    channel: Channel,
    narrator: &Narrator,
) -> Result<SessionReport, Failure> {
    let mut operator = Operator {
        sessions: SessionServiceClient::new(channel.clone()),
        narrator,
        done: HashMap::new(),
    };
    let session = operator.ask().await?;
    let call = WatchSessionRequest { session_id: session.id.clone(), ..Default::default() };
    let mut items = watch(channel, call, WatchOptions::default());
    while let Some(item) = items.try_next().await? {
        let state = match item {
            WatchItem::Snapshot { snapshot, .. } => operator.see(snapshot).await?,
            WatchItem::Event { event, .. } => operator.hear(&session.id, &event).await?,
            WatchItem::Connected => continue,
            WatchItem::Interrupted { error, .. } => {
                narrator.say(Speaker::Operator, &format!("{error}; I come back"))?;
                continue;
            }
        };
        match state {
            Some(SessionState::Completed) => return operator.report(session.id).await,
            Some(state @ (SessionState::Failed | SessionState::Cancelled)) => {
                return Err(Failure::Ended { id: session.id, state });
            }
            _ => {}
        }
    }
    Err(Failure::Local("the watch ended before the session".to_owned()))
}

struct Operator<'a> {
    sessions: SessionServiceClient<Channel>,
    narrator: &'a Narrator,
    /// The request id of the work on each host, so that no host is completed twice.
    done: HashMap<String, String>,
}

impl Operator<'_> {
    async fn ask(&mut self) -> Result<Session, Failure> {
        self.say(&format!("I have new firmware for {}", HOSTS.join(", ")))?;
        let seconds = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
        let end_time = self.narrator.now().saturating_add(time::Duration::hours(WINDOW_HOURS));
        let spec = SessionSpec {
            hosts: Some(HostSelection {
                names: HOSTS.map(str::to_owned).into(),
                ..Default::default()
            }),
            window: Some(MaintenanceWindow {
                start_time: None,
                end_time: Some(to_proto(end_time)),
            }),
            reason: "firmware 2026.2".to_owned(),
            metadata: BTreeMap::from([("firmware".to_owned(), "2026.2".to_owned())]),
            announce_reply_period: seconds(REPLY_PERIOD_SECONDS),
            drain_reply_period: seconds(REPLY_PERIOD_SECONDS),
            ..Default::default()
        };
        let request =
            CreateSessionRequest { spec: Some(spec), request_id: RequestId::default().or_new() };
        let session = present(self.sessions.create_session(request).await?.into_inner().session)?;
        self.say(&format!("that is session {}", session.id))?;
        Ok(session)
    }

    /// Sees the session as it stands, and does what is to be done.
    async fn see(&mut self, snapshot: SessionSnapshot) -> Result<Option<SessionState>, Failure> {
        let session = present(snapshot.session)?;
        let Some(status) = &session.status else { return Ok(None) };
        for host in &snapshot.hosts {
            if host.state() == SessionHostState::InMaintenance {
                self.work(&session.id, &host.host).await?;
            }
        }
        Ok(Some(status.state()))
    }

    /// Hears what happened, and does what is to be done.
    async fn hear(
        &mut self,
        session_id: &str,
        event: &SessionEvent,
    ) -> Result<Option<SessionState>, Failure> {
        match &event.event {
            Some(Event::Session(to)) => {
                self.fermata(&format!("the session is {}: {}", to.state().name(), to.reason))?;
                return Ok(Some(to.state()));
            }
            Some(Event::Host(to)) if to.state() == SessionHostState::InMaintenance => {
                self.fermata(&format!("{} is empty and held: safe to touch", to.host))?;
                self.work(session_id, &to.host).await?;
            }
            Some(Event::Host(to)) if to.state == to.previous_state => {}
            Some(Event::Host(to)) => {
                self.fermata(&format!("{} is {}", to.host, to.state().name()))?;
            }
            Some(Event::Server(to)) => self.hear_of_server(to)?,
            Some(Event::HoldBroken(broken)) => {
                self.fermata(&format!("ALARM: servers on {}, which is held", broken.host))?;
            }
            // The owners' side of the story tells these.
            Some(Event::OwnerAsked(_) | Event::OwnerReplied(_) | Event::CounterOfferJudged(_))
            | None => {}
        }
        Ok(None)
    }

    fn hear_of_server(&self, to: &SessionServerChanged) -> Result<(), Failure> {
        let action = to.action().name();
        let what = match to.state() {
            ServerState::InAction => format!("{action} begins on {}", to.host),
            ServerState::Moved => format!("moved from {} to {}", to.host, to.destination_host),
            ServerState::Kept => format!("is stopped, and stays on {}", to.host),
            ServerState::Restored => "runs again".to_owned(),
            ServerState::Failed => format!("failed: {}", to.detail),
            ServerState::Unspecified
            | ServerState::Affected
            | ServerState::OwnAction
            | ServerState::Gone
            | ServerState::HandedOver => return Ok(()),
        };
        self.fermata(&format!("{} {what}", to.name))
    }

    async fn work(&mut self, session_id: &str, host: &str) -> Result<(), Failure> {
        if self.done.contains_key(host) {
            return Ok(());
        }
        let request_id = RequestId::default().or_new();
        self.done.insert(host.to_owned(), request_id.clone());
        self.say(&format!("I flash the firmware of {host} …"))?;
        tokio::time::sleep(WORK).await;
        let request = CompleteHostRequest {
            session_id: session_id.to_owned(),
            host: host.to_owned(),
            reason: "firmware 2026.2 is on it".to_owned(),
            etag: String::new(),
            request_id,
        };
        self.sessions.complete_host(request).await?;
        self.say(&format!("{host} is done, take it back"))
    }

    async fn report(&mut self, session_id: String) -> Result<SessionReport, Failure> {
        let request = GetSessionReportRequest { session_id, ..Default::default() };
        present(self.sessions.get_session_report(request).await?.into_inner().report)
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        Ok(self.narrator.say(Speaker::Operator, text)?)
    }

    fn fermata(&self, text: &str) -> Result<(), Failure> {
        Ok(self.narrator.say(Speaker::Fermata, text.trim_end_matches(": "))?)
    }
}
