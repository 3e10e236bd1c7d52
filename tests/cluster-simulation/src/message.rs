//! What is sent between replicas, the database, the cloud and clients, and everything else that happens.

use std::time::Duration;

use fermata_core::Time;
use fermata_core::cloud::{
    CloudError, CloudProgress, Host, HostServers, Scheduling, Server, ServerSeen, Site,
};
use fermata_core::id::{HostName, NotificationId, ProjectId, ServerId, SessionId};
use fermata_core::ledger::Posting;
use fermata_core::machine::{Answer, Command, HostCommand, Input, Outage, Transition};
use fermata_core::session::Session;
use fermata_core::spec::Draft;
use fermata_simcloud::{Action, FaultKind, Operation};

use crate::owner::room::Giving;
use crate::queue::Moment;
use crate::replica::slot::Job;
use crate::store::{LoggedEvent, ReplicaId, Topic};

/// Who sends or gets messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Replica(usize),
    Database,
    Cloud,
    Client(usize),
}

/// Where the answer to a replica's request goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Return {
    pub(crate) replica: usize,
    /// Answers to a process that has ended are lost.
    pub(crate) life: u32,
    pub(crate) ticket: u64,
    /// The replica waits no longer.
    pub(crate) expires: Moment,
}

/// A client's request by its number, which stays the same when it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RequestId(pub(crate) u64);

/// Where the answer to a client's request goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApiReturn {
    pub(crate) client: usize,
    pub(crate) replica: usize,
    pub(crate) attempt: u64,
    pub(crate) request: RequestId,
}

/// What is asked of the database.
#[derive(Debug, Clone)]
pub(crate) enum DbRequest {
    Life {
        id: ReplicaId,
        join: bool,
        known: u64,
    },
    Scan {
        id: ReplicaId,
    },
    /// `request`: the answer to it, if it was served before.
    Load {
        session: SessionId,
        known: Option<(u64, u64)>,
        request: Option<RequestId>,
    },
    Commit(Box<Commit>),
    Faults(Vec<Posting>),
    Events {
        topic: Topic,
        after: u64,
    },
    Request(RequestId),
    Resign {
        id: ReplicaId,
    },
}

/// A change that is written.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) by: ReplicaId,
    /// Whether the replica's runner writes, or somebody's request.
    pub(crate) runner: bool,
    /// The revision that was read; `None`: the session is new.
    pub(crate) before: Option<u64>,
    pub(crate) epoch: u64,
    /// `None`: only the request is remembered.
    pub(crate) transition: Option<Transition>,
    pub(crate) request: Option<(RequestId, Said)>,
    /// What led to it; only checks look at it.
    pub(crate) input: Option<Input>,
}

/// What the database answers.
#[derive(Debug, Clone)]
pub(crate) enum DbAnswer {
    Life {
        now: Time,
        kept: bool,
        outages: Vec<Outage>,
    },
    /// With epoch and revision.
    Tenures(Vec<(SessionId, u64, u64)>),
    Loaded(Option<(Session, u64)>),
    Unchanged,
    Committed(Result<(), Refusal>),
    Events(Vec<LoggedEvent>),
    Request(Option<Said>),
    Resigned,
    /// The connection was refused.
    Away,
}

/// Why something was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Conflict,
    HostBusy,
    RequestExists(Said),
}

/// What is asked of the cloud.
#[derive(Debug, Clone)]
pub(crate) enum CloudRequest {
    Hosts,
    ServersOn(HostName),
    Progress {
        servers: Vec<ServerId>,
        since: Time,
    },
    Survey(Vec<HostName>),
    Site,
    /// Whether hosts are down, and how these servers are.
    Faults(Vec<ServerId>),
    Act(ServerId, Action),
    Schedule(HostName, Scheduling),
}

impl CloudRequest {
    /// Whether it changes the cloud.
    pub(crate) fn is_call(&self) -> bool {
        matches!(self, Self::Act(..) | Self::Schedule(..))
    }
}

/// Whether hosts are down, and what that means.
#[derive(Debug, Clone)]
pub(crate) struct Faults {
    pub(crate) hosts: Vec<Host>,
    pub(crate) on_down: Vec<Server>,
    pub(crate) elsewhere: Vec<ServerSeen>,
}

/// What the cloud answers.
#[derive(Debug, Clone)]
pub(crate) enum CloudAnswer {
    Hosts(Result<Vec<Host>, CloudError>),
    Servers(Result<HostServers, CloudError>),
    Progress(Result<CloudProgress, CloudError>),
    Survey(Result<(Vec<Host>, Vec<Server>), CloudError>),
    Site(Result<Box<Site>, CloudError>),
    Faults(Result<Faults, CloudError>),
    Called(Result<(), CloudError>),
    /// The connection was refused: certainly nothing happened.
    Away,
}

/// What a client asks.
#[derive(Debug, Clone)]
pub(crate) enum Api {
    Create(Box<Draft>),
    Command(SessionId, Command),
    HostCommand(SessionId, HostName, HostCommand),
    Update(SessionId, Box<Draft>, Vec<String>),
    Reply(Box<Reply>),
    Get(SessionId),
    Events(Topic, u64),
}

/// An owner's reply.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) session: SessionId,
    pub(crate) project: ProjectId,
    pub(crate) notification: NotificationId,
    pub(crate) plan_revision: u64,
    pub(crate) answer: Answer,
}

/// What a client is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Done(SessionId),
    Refused(String),
    /// Try again.
    Unavailable,
    Session(Box<Option<Session>>),
    Events(Vec<LoggedEvent>),
}

/// What reaches a replica.
#[derive(Debug, Clone)]
pub(crate) enum Parcel {
    Database(u64, DbAnswer),
    Cloud(u64, CloudAnswer),
    /// No answer came in time.
    Silence(u64),
    Api(ApiReturn, Api),
    /// Time for a sign of life.
    LifeDue,
    /// Time to look for orphans.
    ScanDue,
    /// Time to look for faults of hosts.
    FaultsDue,
    /// Time to look at a session.
    LookDue(SessionId),
    /// Something that could not be written down is tried again.
    Again(SessionId, Box<Job>),
}

/// Everything that happens.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    ToReplica {
        replica: usize,
        life: u32,
        parcel: Parcel,
    },
    ToDatabase(Return, DbRequest),
    ToCloud(Return, CloudRequest),
    ToClient(ApiReturn, Said),
    /// A client's attempt was not answered.
    ClientGivesUp {
        client: usize,
        attempt: u64,
    },
    ClientAlarm {
        client: usize,
        alarm: ClientAlarm,
    },
    Fate(Fate),
    FateEnds(Fate),
    /// Events of a change are appended apart from it: only where that rule is broken.
    AppendLate(u64),
    CheckDue,
    Heal,
}

/// Why a client wakes up.
#[derive(Debug, Clone)]
pub(crate) enum ClientAlarm {
    /// Time to read on.
    Pull,
    /// Time to look around.
    Mind,
    /// Time to say something.
    Say(Box<Api>),
    /// An attempt is made again.
    Retry(u64),
    /// The owner's own action on a server happens.
    Own(ServerId, NotificationId),
    /// The owner scales in by another server.
    Give(Box<Giving>),
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Crash(usize),
    Resign(usize),
    Pause(usize, Duration),
    /// The next time that a replica comes to this point.
    Trap(usize, Trap, Duration),
    Cut(Place, Place),
    DatabaseAway,
    CloudAway,
    SlowCloud,
    /// The database's clock goes this many milliseconds forward.
    Jump(i64),
    CloudFault(Operation, FaultKind),
    NewServer {
        host: usize,
        project: usize,
    },
    /// Somebody else begins to live migrate a server.
    Move {
        server: usize,
        host: usize,
    },
    /// The compute service of a host stops to report.
    HostDown(HostName),
}

/// A point at which a crash or a pause matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trap {
    /// It has asked to write down that a call begins.
    CrashBegun,
    PauseBegun,
    /// It has sent the call.
    CrashCalled,
    PauseCalled,
}
