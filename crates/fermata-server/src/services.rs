//! The gRPC services of the contract. They read requests, ask the engine and the store, and write answers;
//! no rule lives here.

mod affairs;
mod hosts;
mod notifications;
mod policies;
mod preview;
mod session_lists;
mod sessions;
mod subscriptions;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use fermata_core::actor::{Role, Who};
use fermata_core::cloud::{Host, Server};
use fermata_core::id::{HostName, SessionId};
use fermata_core::spec::{Draft, Violation, ViolationKind, select};
use fermata_proto::v1;
use futures::{StreamExt, TryStreamExt};
use prost::Message;
use tonic::Status;

pub use hosts::Hosts;
pub use notifications::Notifications;
pub use policies::Policies;
pub use sessions::Sessions;

use crate::attendance::Attendance;
use crate::convert::incoming::Reader;
use crate::convert::session as convert;
use crate::engine::{Engine, Guard};
use crate::error::ServeError;
use crate::preview::Previews;
use crate::requests::{Known, RequestKey, look_up, or_answered};
use crate::stream::Streams;
use crate::telemetry::trace;

/// Servers of so many hosts are read at once when a session is created.
const READS: usize = 16;
/// The caller in request records of operators.
const OPERATOR: &str = "operator";

/// What the services stand on, once the database is ready.
#[derive(Clone)]
pub struct App {
    /// Changes sessions.
    pub engine: Arc<Engine>,
    /// Opens streams.
    pub streams: Arc<Streams>,
    /// Knows which subscriptions have a stream open.
    pub attendance: Arc<Attendance>,
    /// Makes previews.
    pub previews: Previews,
}

/// The app, or nothing yet: until migrations ran, calls are answered with UNAVAILABLE.
#[derive(Clone, Default)]
pub struct Gate(Arc<OnceLock<App>>);

impl Gate {
    /// Opens the gate.
    pub fn open(&self, app: App) {
        // A second opening would be of the same server.
        let _ = self.0.set(app);
    }

    /// The app.
    ///
    /// # Errors
    /// The server has not finished its start.
    pub fn app(&self) -> Result<&App, Status> {
        self.0.get().ok_or_else(|| ServeError::Starting.into())
    }
}

impl App {
    /// Creates a session from what an operator asks for.
    async fn create_session(
        &self,
        spec: v1::SessionSpec,
        request: Option<RequestKey>,
        respond: &(dyn Fn(&fermata_core::session::Session) -> Vec<u8> + Sync),
    ) -> Result<fermata_core::session::Session, ServeError> {
        let mut reader = Reader::default();
        let draft = reader.draft(spec);
        let hosts = self.engine.cloud.hosts().await?;
        let (chosen, spec) = self.check(draft, &hosts, reader.into_violations()).await?;
        let names: Vec<HostName> = chosen.iter().map(|h| h.name.clone()).collect();
        let servers = self.servers_on(names).await?;
        let guard = Guard { right: None, etag: "", request, respond };
        self.engine.create(operator(), spec, &chosen, servers, trace::traceparent(), guard).await
    }

    async fn servers_on(&self, hosts: Vec<HostName>) -> Result<Vec<Server>, ServeError> {
        let reads = hosts.into_iter().map(|host| {
            let cloud = Arc::clone(&self.engine.cloud);
            async move { cloud.servers_on(&host).await }
        });
        let servers: Vec<Vec<Server>> =
            futures::stream::iter(reads).buffered(READS).try_collect().await?;
        Ok(servers.into_iter().flatten().collect())
    }

    /// Finds everything that is wrong with a draft, at once.
    async fn check<'a>(
        &self,
        draft: Draft,
        hosts: &'a [Host],
        mut violations: Vec<Violation>,
    ) -> Result<(Vec<&'a Host>, fermata_core::spec::Spec), ServeError> {
        let chosen = select(&draft.selection, hosts).unwrap_or_else(|wrong| {
            violations.extend(wrong);
            let named: BTreeSet<&HostName> = draft.selection.names.iter().collect();
            hosts.iter().filter(|h| named.contains(&h.name)).collect()
        });
        let names: Vec<HostName> = chosen.iter().map(|h| h.name.clone()).collect();
        for (host, session) in self.engine.store.sessions_of_hosts(&names).await? {
            let message = format!(
                "host '{host}' is in active session {session}; cancel that one or leave the host out"
            );
            violations.push(Violation::of(
                ViolationKind::HostInSession { host, session },
                "spec.hosts",
                message,
            ));
        }
        let spec = draft.complete(&names.into_iter().collect(), self.engine.now());
        match spec {
            Ok(spec) if violations.is_empty() => Ok((chosen, spec)),
            Ok(_) => Err(ServeError::Violations(violations)),
            Err(wrong) => {
                violations.extend(wrong);
                Err(ServeError::Violations(violations))
            }
        }
    }

    /// Carries out a write that an operator may repeat, and answers with what `answer` makes of the session.
    async fn operator_write<Q: Message, R: Message + Default>(
        &self,
        write: OperatorWrite<'_, Q>,
        input: fermata_core::machine::Input,
        answer: impl Fn(v1::Session) -> R + Sync,
    ) -> Result<R, ServeError> {
        let OperatorWrite { method, request, request_id, session, etag } = write;
        let known = look_up::<R>(&self.engine.store, OPERATOR, request_id, method, request).await?;
        let key = match known {
            Known::Answered(response) => return Ok(response),
            Known::New(key) => key,
        };
        let respond =
            |next: &fermata_core::session::Session| answer(convert::session(next)).encode_to_vec();
        let guard = Guard { right: None, etag, request: key.clone(), respond: &respond };
        let next = self.engine.apply(session, input, guard).await;
        let result = next.map(|next| answer(convert::session(&next)));
        or_answered(&self.engine.store, key, result).await
    }
}

/// Whoever reaches the port is the operator.
fn operator() -> Who {
    Who::new("loopback", Role::Operator)
}

/// A write that an operator asks for.
struct OperatorWrite<'a, Q> {
    method: &'static str,
    request: &'a Q,
    request_id: &'a str,
    session: SessionId,
    etag: &'a str,
}

fn session_id(value: &str) -> Result<SessionId, ServeError> {
    Reader::id("session_id", value, ServeError::SessionNotFound)
}
