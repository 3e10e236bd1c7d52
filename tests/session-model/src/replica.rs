//! What replicas do: adopt the session, look, write that they begin, call, write what was answered, read, look at
//! the clock; and what the database lets them write.

use std::sync::Arc;

use fermata_core::broken::{self, Rule};
use fermata_core::cloud::{CloudError, HostServers};
use fermata_core::lease::{Lease, Uptime};
use fermata_core::ledger::Ledger;
use fermata_core::machine::{self, Context, Input};
use fermata_core::policy::Policies;
use fermata_core::session::{Call, CallId, CallTarget, Phase, Session};

use crate::cloud::Deed;
use crate::site::{self, NOW, host_name, host_number, server_number};
use crate::state::{Answer, Doing, Flight, State, Target, Who};
use crate::time::LANDS_WITHIN;
use crate::wrongs::{self, Wrong};

/// The epoch of the former owner; any older one is as good.
pub const FORMER_EPOCH: u64 = 1;
/// The epoch of the owner. The next owner's is one more, and is then counted as this one again.
pub const OWNER_EPOCH: u64 = 2;

impl Who {
    fn epoch(self) -> u64 {
        match self {
            Self::Owner => OWNER_EPOCH,
            Self::Former => FORMER_EPOCH,
        }
    }

    /// Whether the database takes a write of this replica. The epoch is part of the write's condition.
    pub fn may_write(self) -> bool {
        self.epoch() == OWNER_EPOCH || broken::is(Rule::Epoch)
    }

    /// Whether the replica may call: its own clock says whether it still has a lease. Nobody else owns the session
    /// before that is so.
    pub fn may_call(self) -> bool {
        let mut lease = Lease::new(fermata_core::lease::LONGEST_LEASE);
        match self {
            Self::Owner => lease.renewed(Uptime::ZERO),
            Self::Former => {}
        }
        lease.is_usable(Uptime::ZERO)
    }
}

/// Whether the database takes a write that was worked out from this session: the revision is part of the write's
/// condition.
pub fn is_current(stored: &Session, before: &Session) -> bool {
    stored.head.revision == before.head.revision || broken::is(Rule::Revision)
}

/// The transition function of the core.
pub fn step(before: &Session, input: Input) -> Result<Option<Session>, machine::Reject> {
    let interactive = site::projects();
    let mut last = before.notifications.keys().map(|id| id.0.as_u128()).max().unwrap_or(0);
    let mut ids = || site::new_id(&mut last);
    let context = Context {
        now: NOW,
        interactive: &interactive,
        policies: &Policies::default(),
        ledger: Some(&Ledger::default()),
        ids: &mut ids,
    };
    Ok(machine::step(before, input, context)?.map(|transition| transition.next))
}

impl State {
    /// A replica reads the session, applies an input and writes what follows.
    pub fn apply(&mut self, who: Who, input: Input) {
        let before = Arc::clone(&self.session);
        self.write(who, &before, input);
    }

    /// Writes what follows from an input to a session that was read before, if the database takes it.
    pub fn write(&mut self, who: Who, before: &Arc<Session>, input: Input) -> bool {
        if !who.may_write() || !is_current(&self.session, before) {
            return false;
        }
        let next = step(before, input).expect("what replicas say is never refused");
        if let Some(next) = next {
            self.wrong_if(who.epoch() != OWNER_EPOCH, Wrong::WroteUnderOldEpoch);
            self.store(next);
        }
        true
    }

    /// The session is written. If it needs another plan, it gets it at once.
    pub fn store(&mut self, next: Session) {
        let before = std::mem::replace(&mut self.session, Arc::new(next));
        wrongs::after_write(self, &before);
        if self.session.wants_plan(NOW) {
            let planned = Input::Planned(Ok(site::plan(&self.session)));
            let next = step(&self.session, planned).expect("a plan is never refused");
            self.store(next.expect("a plan that was wanted changes something"));
        }
    }

    /// A replica that lives takes the session over; whatever was begun under older epochs is looked into.
    pub fn adopt(&mut self) {
        self.owner = Some(Doing::Nothing);
        self.apply(Who::Owner, Input::Recover { epoch: OWNER_EPOCH + 1 });
    }

    /// The owner ends. Nobody waits for its calls any more.
    pub fn crash(&mut self) {
        self.left.losses -= 1;
        self.owner = None;
        self.orphan(Who::Owner);
    }

    /// The owner lives, but could not keep its lease; the other replica takes over.
    pub fn lease_runs_out(&mut self) {
        self.left.losses -= 1;
        self.orphan(Who::Former);
        self.former = self.owner.take();
        for flight in &mut self.air {
            if flight.waits == Some(Who::Owner) {
                flight.waits = Some(Who::Former);
            }
        }
        self.adopt();
    }

    fn orphan(&mut self, who: Who) {
        for flight in &mut self.air {
            flight.waits = flight.waits.filter(|w| *w != who);
        }
    }

    /// The owner takes up a call that is due: it looks at its server first.
    pub fn take_up(&mut self, call: CallId, target: &CallTarget) {
        match target {
            CallTarget::Server(id) => {
                let server = server_number(id);
                let seen = self.cloud.servers[server];
                self.owner = Some(Doing::Looked { call, server, seen });
            }
            CallTarget::Host(host) => {
                let target = Target::Host(host_number(host));
                let input = Input::Begin { call, epoch: OWNER_EPOCH, seen: None };
                self.apply(Who::Owner, input);
                self.see_begun(Who::Owner, call, target);
            }
        }
    }

    /// A replica has looked, and writes that it begins.
    pub fn begin(&mut self, who: Who) {
        let (before, call, server, seen) = match self.doing(who).cloned() {
            Some(Doing::Looked { call, server, seen }) => {
                let before = Arc::clone(&self.session);
                if broken::is(Rule::Revision) {
                    self.set_doing(who, Doing::Drafted { before, call, server, seen });
                    return;
                }
                (before, call, server, seen)
            }
            Some(Doing::Drafted { before, call, server, seen }) => (before, call, server, seen),
            _ => unreachable!("it has looked"),
        };
        let seen = Some(seen.progress(server));
        self.write(who, &before, Input::Begin { call, epoch: who.epoch(), seen });
        self.see_begun(who, call, Target::Server(server));
    }

    fn see_begun(&mut self, who: Who, id: CallId, target: Target) {
        let found = call_of(&self.session, id).filter(|call| call.phase == Phase::Begun);
        let doing = match found {
            Some(call) => Doing::Begun { call: id, target, op: call.op },
            None => Doing::Nothing,
        };
        self.set_doing(who, doing);
    }

    /// A replica calls the cloud.
    pub fn send(&mut self, who: Who) {
        let Some(Doing::Begun { call, target, op }) = self.doing(who).cloned() else {
            unreachable!("it has begun")
        };
        let deed = Deed::of(op);
        wrongs::before_call(self, target, deed);
        self.set_doing(who, Doing::Sent { call });
        let waits = Some(who);
        self.air.push(Flight { target, deed, waits, lands_within: LANDS_WITHIN, overtaken: false });
    }

    /// A call arrives at the cloud, which answers at once.
    pub fn arrive(&mut self, flight: usize, onto_session: site::Choice) {
        let flight = self.air.remove(flight);
        let result = match flight.target {
            Target::Host(host) => {
                self.cloud.call_host(host, flight.deed);
                Ok(())
            }
            Target::Server(server) => {
                let result = self.cloud.call_server(server, flight.deed, onto_session);
                if result.is_ok() {
                    self.air.iter_mut().for_each(|f| f.overtaken = true);
                    self.told.empty_reads[self.cloud.servers[server].host] = 0;
                }
                result
            }
        };
        let answer = if result.is_ok() { Answer::Accepted } else { Answer::Conflict };
        self.answer(flight.waits, answer);
    }

    /// No answer comes to whoever waits for this one's; the call may arrive all the same.
    pub fn lose_answer(&mut self, flight: usize) {
        self.left.lost_answers -= 1;
        let waits = self.air[flight].waits.take();
        self.answer(waits, Answer::Lost);
    }

    fn answer(&mut self, waits: Option<Who>, answer: Answer) {
        let Some(who) = waits else { return };
        if let Some(Doing::Sent { call }) = self.doing(who) {
            let call = *call;
            self.set_doing(who, Doing::Answered { call, answer });
        }
    }

    /// A replica writes what was answered.
    pub fn record(&mut self, who: Who) {
        let Some(Doing::Answered { call, answer }) = self.doing(who).cloned() else {
            unreachable!("it has the answer")
        };
        let detail = String::new();
        let result = match answer {
            Answer::Accepted => Ok(()),
            Answer::Conflict => Err(CloudError::Conflict { detail }),
            Answer::Lost => Err(CloudError::Unknown { detail }),
        };
        self.apply(who, Input::Ended { call, result });
        self.set_doing(who, Doing::Nothing);
    }

    /// The owner reads whether a host is up and takes servers.
    pub fn read_status(&mut self, host: usize) {
        let result = Ok(self.cloud.read_host(host, self.session.head.id));
        self.apply(Who::Owner, Input::StatusRead { host: host_name(host), at: NOW, result });
    }

    /// The owner reads which servers are on a host.
    pub fn read_servers(&mut self, host: usize) {
        let (arriving, present) = (self.cloud.arriving(host), self.cloud.servers_on(host));
        let result = Ok(HostServers { present, arriving });
        wrongs::reads_servers(self, host);
        self.apply(Who::Owner, Input::ServersRead { host: host_name(host), at: NOW, result });
    }

    /// The owner looks at what runs.
    pub fn watch(&mut self) {
        let numbers: Vec<_> = self.session.watched().iter().map(server_number).collect();
        let seen = self.cloud.progress(&numbers);
        self.apply(Who::Owner, Input::Progress(Ok(seen)));
    }
}

/// A call of the session, by its number.
pub fn call_of(session: &Session, id: CallId) -> Option<&Call> {
    let hosts = session.hosts.values().filter_map(|h| h.call.as_ref());
    let servers = session.servers.values().filter_map(|s| s.act.as_ref().map(|a| &a.call));
    hosts.chain(servers).find(|call| call.id == id)
}
