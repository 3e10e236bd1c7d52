//! Everything there is, and the order of what happens: takes the next event, and gives it to whom it is for.

use std::collections::BTreeSet;
use std::time::Duration;

use fermata_core::Time;
use fermata_core::cloud::HostServers;
use fermata_core::id::{HostName, ProjectId};
use fermata_core::policy::Policies;
use fermata_simcloud::Sim;
use uuid::Uuid;

use crate::checks::Checks;
use crate::client::Courier;
use crate::counts::Counts;
use crate::message::{
    ApiReturn, CloudAnswer, CloudRequest, DbAnswer, DbRequest, Event, Faults, Parcel, Place,
    Return, Said,
};
use crate::network::{Network, Passage};
use crate::operator::Operator;
use crate::owner::Owner;
use crate::queue::{Moment, Queue, date};
use crate::random::Random;
use crate::replica::{Pending, Replica};
use crate::store::Store;

/// So long a replica waits for the database.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3);
/// So long a replica waits for the cloud.
const CLOUD_TIMEOUT: Duration = Duration::from_secs(6);
/// Between two looks of the checks at the whole.
pub(crate) const CHECK_EVERY: Duration = Duration::from_millis(250);

/// A cluster and everything around it.
pub(crate) struct World {
    pub(crate) now: Moment,
    pub(crate) queue: Queue<Event>,
    pub(crate) random: Random,
    pub(crate) network: Network,
    pub(crate) store: Store,
    /// How far the database's clock is from the true time.
    pub(crate) jumped: fermata_core::Duration,
    pub(crate) database_away: u32,
    pub(crate) cloud_away: u32,
    pub(crate) cloud: Sim,
    /// Hosts that are down.
    pub(crate) down: BTreeSet<HostName>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) couriers: Vec<Courier>,
    pub(crate) owners: Vec<Owner>,
    pub(crate) operator: Operator,
    pub(crate) interactive: BTreeSet<ProjectId>,
    /// What owners stored before everything.
    pub(crate) policies: Policies,
    pub(crate) last_id: u128,
    pub(crate) next_replica_id: u64,
    pub(crate) next_request: u64,
    pub(crate) healed: bool,
    pub(crate) checks: Checks,
    pub(crate) counts: Counts,
    pub(crate) trace: Option<Vec<String>>,
}

impl World {
    /// The database's time.
    pub(crate) fn database_time(&self) -> Time {
        date(self.now) + self.jumped
    }

    /// A line for people.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:11.6} {}", self.now.as_secs_f64(), line()));
        }
    }

    // --- sending

    /// Something happens to this process after so much of its own time.
    pub(crate) fn after(&mut self, r: usize, pause: Duration, parcel: Parcel) {
        let at = self.replicas[r].process.after(self.now, pause);
        self.at(r, at, parcel);
    }

    pub(crate) fn at(&mut self, r: usize, at: Moment, parcel: Parcel) {
        let life = self.replicas[r].life;
        self.queue.push(at, Event::ToReplica { replica: r, life, parcel });
    }

    fn ticket(&mut self, r: usize, pending: Pending, timeout: Duration) -> Return {
        let replica = &mut self.replicas[r];
        let ticket = replica.process.next_ticket;
        replica.process.next_ticket += 1;
        replica.process.tickets.insert(ticket, pending);
        Return { replica: r, life: replica.life, ticket, expires: self.now + timeout }
    }

    pub(crate) fn ask_database(&mut self, r: usize, pending: Pending, request: DbRequest) {
        let back = self.ticket(r, pending, DATABASE_TIMEOUT);
        match self.network.pass(Place::Replica(r), Place::Database, false) {
            Passage::Lost => self.silence(back),
            Passage::Refused => {
                self.deliver(back, Duration::from_millis(5), |t| {
                    Parcel::Database(t, DbAnswer::Away)
                });
            }
            Passage::Arrives(delay) | Passage::Twice(delay, _) => {
                if delay > DATABASE_TIMEOUT {
                    // It is on its way, and nobody waits for it any more.
                    self.silence(back);
                }
                self.queue.push(self.now + delay, Event::ToDatabase(back, request));
            }
        }
    }

    pub(crate) fn ask_cloud(
        &mut self,
        r: usize,
        pending: Pending,
        request: CloudRequest,
    ) -> Return {
        let back = self.ticket(r, pending, CLOUD_TIMEOUT);
        if let CloudRequest::Act(..) | CloudRequest::Schedule(..) = request {
            self.counts.cloud_calls += 1;
        }
        match self.network.pass(Place::Replica(r), Place::Cloud, false) {
            Passage::Lost => self.silence(back),
            Passage::Refused => {
                self.deliver(back, Duration::from_millis(5), |t| {
                    Parcel::Cloud(t, CloudAnswer::Away)
                });
            }
            Passage::Arrives(delay) | Passage::Twice(delay, _) => {
                if delay > CLOUD_TIMEOUT {
                    // It is on its way, and nobody waits for it any more.
                    self.silence(back);
                }
                self.queue.push(self.now + delay, Event::ToCloud(back, request));
            }
        }
        back
    }

    /// No answer will come in time.
    fn silence(&mut self, back: Return) {
        let pause = back.expires.saturating_sub(self.now);
        self.deliver(back, pause, Parcel::Silence);
    }

    fn deliver(&mut self, back: Return, delay: Duration, parcel: impl FnOnce(u64) -> Parcel) {
        let (replica, life) = (back.replica, back.life);
        let parcel = parcel(back.ticket);
        self.queue.push(self.now + delay, Event::ToReplica { replica, life, parcel });
    }

    /// Sends an answer back; `repeats`: it may come twice.
    fn send_back(
        &mut self,
        from: Place,
        back: Return,
        repeats: bool,
        parcel: impl Fn(u64) -> Parcel,
    ) {
        let passage = self.network.pass(from, Place::Replica(back.replica), repeats);
        match passage {
            Passage::Lost | Passage::Refused => self.silence(back),
            Passage::Arrives(delay) | Passage::Twice(delay, _) => {
                if self.now + delay > back.expires {
                    self.silence(back);
                }
                self.deliver(back, delay, &parcel);
            }
        }
        if let Passage::Twice(_, delay) = passage {
            self.deliver(back, delay, &parcel);
        }
    }

    pub(crate) fn answer_client(&mut self, back: ApiReturn, said: Said) {
        match self.network.pass(Place::Replica(back.replica), Place::Client(back.client), true) {
            Passage::Lost | Passage::Refused => {}
            Passage::Arrives(delay) => {
                self.queue.push(self.now + delay, Event::ToClient(back, said));
            }
            Passage::Twice(first, second) => {
                self.queue.push(self.now + first, Event::ToClient(back, said.clone()));
                self.queue.push(self.now + second, Event::ToClient(back, said));
            }
        }
    }

    // --- what happens

    /// The next thing happens. `false`: nothing is left.
    pub(crate) fn turn(&mut self) -> bool {
        let Some((at, event)) = self.queue.pop() else { return false };
        self.now = at;
        self.counts.messages += 1;
        match event {
            Event::ToReplica { replica, life, parcel } => self.arrive(replica, life, parcel),
            Event::ToDatabase(back, request) => self.database_gets(back, request),
            Event::ToCloud(back, request) => self.cloud_gets(back, &request),
            Event::ToClient(back, said) => self.client_gets(back, said),
            Event::ClientGivesUp { client, attempt } => self.client_gives_up(client, attempt),
            Event::ClientAlarm { client, alarm } => self.client_wakes(client, alarm),
            Event::Fate(fate) => self.strike(fate),
            Event::FateEnds(fate) => self.relent(&fate),
            Event::AppendLate(commit) => self.append_late(commit),
            Event::CheckDue => {
                self.queue.push(self.now + CHECK_EVERY, Event::CheckDue);
                self.look_at_all();
            }
            Event::Heal => self.heal(),
        }
        true
    }

    fn arrive(&mut self, r: usize, life: u32, parcel: Parcel) {
        let replica = &mut self.replicas[r];
        if !replica.up || replica.life != life {
            return;
        }
        if let Some(until) = replica.paused_until {
            if until > self.now {
                self.queue.push(until, Event::ToReplica { replica: r, life, parcel });
                return;
            }
            replica.paused_until = None;
        }
        match parcel {
            Parcel::Database(ticket, answer) => {
                if let Some(pending) = self.replicas[r].process.tickets.remove(&ticket) {
                    self.database_answered(r, pending, answer);
                }
            }
            Parcel::Cloud(ticket, answer) => match self.take_cloud(r, ticket) {
                Some(Pending::Survey(back, draft)) => self.surveyed(r, back, *draft, Some(answer)),
                Some(pending) => self.cloud_answered(r, pending, Some(answer)),
                None => self.called_again(r, ticket, answer),
            },
            Parcel::Silence(ticket) => match self.take_cloud(r, ticket) {
                Some(Pending::Survey(back, draft)) => self.surveyed(r, back, *draft, None),
                Some(
                    pending @ (Pending::Look { .. }
                    | Pending::Call { .. }
                    | Pending::Read { .. }
                    | Pending::Plan { .. }
                    | Pending::Faults
                    | Pending::Watch { .. }),
                ) => self.cloud_answered(r, pending, None),
                Some(pending) => self.database_answered(r, pending, DbAnswer::Away),
                None => {}
            },
            Parcel::Api(back, api) => self.serve(r, back, api),
            Parcel::LifeDue => self.life_due(r),
            Parcel::ScanDue => self.scan_due(r),
            Parcel::FaultsDue => self.faults_due(r),
            Parcel::LookDue(session) => self.look_due(r, session),
            Parcel::Again(session, job) => self.push_job(r, session, *job),
        }
    }

    /// A call stays known after its answer: one may come later, or once more.
    fn take_cloud(&mut self, r: usize, ticket: u64) -> Option<Pending> {
        let process = &mut self.replicas[r].process;
        let pending = process.tickets.remove(&ticket)?;
        if let Pending::Call { session, epoch, call } = &pending {
            process.called.insert(ticket, (*session, *epoch, *call));
        }
        Some(pending)
    }

    fn database_answered(&mut self, r: usize, pending: Pending, answer: DbAnswer) {
        match pending {
            Pending::Life { id, asked_at } => self.life_answered(r, id, asked_at, answer),
            Pending::Scan { id } => self.scanned(r, id, answer),
            Pending::Load(session) => self.loaded(r, session, answer),
            Pending::Commit(session) => self.committed(r, session, answer),
            Pending::Create { back, by, session } => self.created(r, back, by, session, answer),
            Pending::Repeated(back, draft) => self.repeated(r, back, draft, answer),
            Pending::Events(back) => {
                let said = match answer {
                    DbAnswer::Events(events) => Said::Events(events),
                    _ => Said::Unavailable,
                };
                self.answer_client(back, said);
            }
            Pending::Get(back) => {
                let said = match answer {
                    DbAnswer::Loaded(found) => Said::Session(Box::new(found.map(|(s, _)| s))),
                    _ => Said::Unavailable,
                };
                self.answer_client(back, said);
            }
            Pending::Resign => self.stop(r),
            Pending::Survey(..)
            | Pending::Look { .. }
            | Pending::Call { .. }
            | Pending::Read { .. }
            | Pending::Plan { .. }
            | Pending::Faults
            | Pending::Watch { .. } => {}
        }
    }

    fn database_gets(&mut self, back: Return, request: DbRequest) {
        if self.database_away > 0 {
            self.silence(back);
            return;
        }
        let now = self.database_time();
        let answer = match request {
            DbRequest::Commit(commit) => self.commit(&commit),
            request @ (DbRequest::Life { .. }
            | DbRequest::Scan { .. }
            | DbRequest::Load { .. }
            | DbRequest::Events { .. }
            | DbRequest::Faults(_)
            | DbRequest::Request(_)
            | DbRequest::Resign { .. }) => {
                let scan = matches!(request, DbRequest::Scan { .. });
                let before = scan.then(|| self.epochs());
                let answer = self.store.serve(now, request);
                if before.is_some_and(|before| before != self.epochs()) {
                    self.counts.adoptions += 1;
                }
                answer
            }
        };
        self.send_back(Place::Database, back, false, |ticket| {
            Parcel::Database(ticket, answer.clone())
        });
    }

    fn epochs(&self) -> u64 {
        self.store.sessions.values().map(|row| row.epoch).sum()
    }

    fn cloud_gets(&mut self, back: Return, request: &CloudRequest) {
        if self.cloud_away > 0 {
            // The load balancer answers for it.
            self.send_back(Place::Cloud, back, false, |t| Parcel::Cloud(t, CloudAnswer::Away));
            return;
        }
        let now = date(self.now);
        let answer = match request {
            CloudRequest::Hosts => CloudAnswer::Hosts(self.cloud.hosts(now)),
            CloudRequest::ServersOn(host) => {
                let arriving = self.cloud.arriving(now, host);
                CloudAnswer::Servers(arriving.and_then(|arriving| {
                    let present = self.cloud.servers_on(now, host)?;
                    Ok(HostServers { present, arriving })
                }))
            }
            CloudRequest::Progress { servers, since } => {
                CloudAnswer::Progress(self.cloud.progress(now, servers, *since))
            }
            CloudRequest::Survey(names) => {
                let hosts = self.cloud.hosts(now);
                CloudAnswer::Survey(hosts.and_then(|hosts| {
                    let mut servers = Vec::new();
                    for name in names {
                        servers.extend(self.cloud.servers_on(now, name)?);
                    }
                    Ok((hosts, servers))
                }))
            }
            CloudRequest::Site => CloudAnswer::Site(self.cloud.site(now).map(Box::new)),
            CloudRequest::Faults(servers) => {
                let hosts = self.cloud.hosts(now);
                CloudAnswer::Faults(hosts.and_then(|hosts| {
                    let mut on_down = Vec::new();
                    for host in hosts.iter().filter(|h| !h.up) {
                        on_down.extend(self.cloud.servers_on(now, &host.name)?);
                    }
                    let elsewhere = self.cloud.progress(now, servers, now)?.servers;
                    Ok(Faults { hosts, on_down, elsewhere })
                }))
            }
            CloudRequest::Act(server, action) => {
                CloudAnswer::Called(self.cloud.act(now, server, action.clone()))
            }
            CloudRequest::Schedule(host, scheduling) => {
                CloudAnswer::Called(self.cloud.set_scheduling(now, host, scheduling))
            }
        };
        self.read_cloud_journal();
        if request.is_call() {
            self.note(|| format!("the cloud gets {request:?}: {answer:?}"));
            self.call_arrives(back, request, &answer);
        }
        self.send_back(Place::Cloud, back, true, |ticket| Parcel::Cloud(ticket, answer.clone()));
    }
}

/// A new id: UUIDv7 in form, counted, so that one seed gives one history.
pub(crate) fn new_id(last: &mut u128) -> Uuid {
    *last += 1;
    Uuid::from_u128((7 << 76) | (2 << 62) | *last)
}
