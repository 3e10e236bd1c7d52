//! How clients reach the service: through any replica, again with the same request until it is answered.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::message::{Api, ApiReturn, ClientAlarm, Event, Parcel, Place, RequestId, Said};
use crate::network::Passage;
use crate::world::World;

/// So long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// A client's requests under way.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    /// The replica it talks to.
    pub(crate) replica: usize,
    next_attempt: u64,
    waiting: BTreeMap<u64, (RequestId, Api)>,
    later: BTreeMap<u64, (RequestId, Api)>,
}

impl World {
    /// A client asks for something.
    pub(crate) fn ask(&mut self, client: usize, api: Api) {
        self.next_request += 1;
        self.attempt(client, RequestId(self.next_request), api);
    }

    fn attempt(&mut self, client: usize, request: RequestId, api: Api) {
        let courier = &mut self.couriers[client];
        let attempt = courier.next_attempt;
        courier.next_attempt += 1;
        courier.waiting.insert(attempt, (request, api.clone()));
        let replica = courier.replica;
        self.queue.push(self.now + PATIENCE, Event::ClientGivesUp { client, attempt });
        let back = ApiReturn { client, replica, attempt, request };
        let passage = self.network.pass(Place::Client(client), Place::Replica(replica), false);
        if let Passage::Arrives(delay) | Passage::Twice(delay, _) = passage {
            self.at(replica, self.now + delay, Parcel::Api(back, api));
        }
    }

    /// No answer came: the same is asked of another replica.
    pub(crate) fn client_gives_up(&mut self, client: usize, attempt: u64) {
        let Some((request, api)) = self.couriers[client].waiting.remove(&attempt) else { return };
        self.couriers[client].replica = self.random.index(self.replicas.len());
        self.attempt(client, request, api);
    }

    pub(crate) fn client_gets(&mut self, back: ApiReturn, said: Said) {
        let client = back.client;
        let courier = &mut self.couriers[client];
        let Some((request, api)) = courier.waiting.remove(&back.attempt) else { return };
        if said == Said::Unavailable {
            courier.later.insert(back.attempt, (request, api));
            let alarm = ClientAlarm::Retry(back.attempt);
            let at = self.now + self.random.millis(300, 1500);
            self.queue.push(at, Event::ClientAlarm { client, alarm });
            return;
        }
        if !matches!(api, Api::Events(..) | Api::Get(_)) {
            self.note(|| format!("client {client} is told {} for {}", tell(&said), name(&api)));
            self.client_is_told(request, &said);
        }
        if client < self.owners.len() {
            self.owner_hears(client, &api, said);
        } else {
            self.operator_hears(&api, said);
        }
    }

    pub(crate) fn client_wakes(&mut self, client: usize, alarm: ClientAlarm) {
        match alarm {
            ClientAlarm::Retry(attempt) => {
                let Some((request, api)) = self.couriers[client].later.remove(&attempt) else {
                    return;
                };
                self.couriers[client].replica = self.random.index(self.replicas.len());
                self.attempt(client, request, api);
            }
            ClientAlarm::Say(api) => {
                self.note(|| format!("client {client} says {}", name(&api)));
                self.ask(client, *api);
            }
            ClientAlarm::Pull => self.owner_pulls(client),
            ClientAlarm::Own(server, notification) => {
                self.owner_acts(client, &server, notification)
            }
            ClientAlarm::Give(giving) => self.owner_gives(client, *giving),
            ClientAlarm::Mind => self.operator_minds(),
        }
    }

    pub(crate) fn wake_client(&mut self, client: usize, pause: Duration, alarm: ClientAlarm) {
        self.queue.push(self.now + pause, Event::ClientAlarm { client, alarm });
    }
}

fn name(api: &Api) -> String {
    match api {
        Api::Create(draft) => format!("create over {:?}", draft.selection.names),
        Api::Command(_, command) => format!("{command:?}"),
        Api::HostCommand(_, host, command) => format!("{command:?} {host}"),
        Api::Update(_, _, fields) => format!("update {fields:?}"),
        Api::Reply(reply) => format!("reply to plan {} {:?}", reply.plan_revision, reply.answer),
        Api::Get(_) => "get".to_owned(),
        Api::Events(_, after) => format!("events after {after}"),
    }
}

fn tell(said: &Said) -> String {
    match said {
        Said::Done(_) => "done".to_owned(),
        Said::Refused(why) => format!("no ({why})"),
        Said::Unavailable => "later".to_owned(),
        Said::Session(_) => "session".to_owned(),
        Said::Events(events) => format!("{} events", events.len()),
    }
}
