//! Every method, called by nobody, with a credential that is not good, in every role, and for a foreign project: let in or
//! refused as the table says, with the code and the reason that the contract gives.

use std::collections::BTreeMap;

use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_proto::FILE_DESCRIPTOR_SET;
use fermata_server::door::access::{Absent, Access, Names, Row, table};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, Value};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::{Callers, by};
use crate::bounds::call_with;
use crate::harness::Site;
use crate::refusal::Refusal;
use crate::world::World;

/// Nothing has this id.
const NOTHING: &str = "0193f0a4-0b1c-7d2e-8f30-415263748596";

fn input(row: &Row) -> MessageDescriptor {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let service = pool.get_service_by_name(row.service).unwrap();
    service.methods().find(|method| method.name() == row.method).unwrap().input()
}

/// A request about something that is not there, in this project if it names one.
fn request(row: &Row, project: &str) -> Vec<u8> {
    let input = input(row);
    let mut message = DynamicMessage::new(input.clone());
    for field in input.fields() {
        let id = field.name().ends_with("_id") && field.name() != "request_id";
        if id && field.kind() == Kind::String {
            message.set_field(&field, Value::String(NOTHING.to_owned()));
        }
    }
    // So that it is no matter that nothing is there to be deleted, or of a reply without an answer.
    if let Some(field) = input.get_field_by_name("must_exist") {
        message.set_field(&field, Value::Bool(true));
    }
    if let Some(field) = input.get_field_by_name("reject") {
        let mut reject = DynamicMessage::new(field.kind().as_message().unwrap().clone());
        reject.set_field_by_name("reason", Value::String("not now".to_owned()));
        message.set_field(&field, Value::Message(reject));
    }
    if let Some(path) = field_of(row.names) {
        name(&mut message, path, project);
    }
    message.encode_to_vec()
}

fn field_of(names: Names) -> Option<&'static str> {
    match names {
        Names::Nothing => None,
        Names::Project { field } | Names::Resource { field, .. } | Names::Filter { field } => {
            Some(field)
        }
    }
}

fn name(message: &mut DynamicMessage, path: &str, project: &str) {
    match path.split_once('.') {
        None => message.set_field_by_name(path, Value::String(project.to_owned())),
        Some((field, rest)) => {
            let mut inside = message.get_field_by_name(field).unwrap().into_owned();
            name(inside.as_message_mut().unwrap(), rest, project);
            message.set_field_by_name(field, inside);
        }
    }
}

/// How somebody calls: over which connection, and with what beside the request.
#[derive(Clone)]
pub struct Holder {
    pub channel: Channel,
    /// A header and its value.
    pub header: Option<(&'static str, String)>,
}

impl Holder {
    /// Whoever sends this as a bearer token.
    pub fn of_token(channel: &Channel, token: &str) -> Self {
        let header = Some(("authorization", format!("Bearer {token}")));
        Self { channel: channel.clone(), header }
    }

    async fn call(&self, row: &Row, project: &str) -> Result<(), Status> {
        let mut request = Request::new(request(row, project));
        if let Some((name, value)) = &self.header {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        call_with(&self.channel, &row.path(), request).await
    }
}

/// Callers of one kind of credential.
pub struct Holders {
    /// Those with one role each. Owners own the project orange.
    pub roles: BTreeMap<Role, Holder>,
    /// Whoever has a good credential, and no role; where there can be such.
    pub nothing: Option<Holder>,
    /// Whoever has no credential.
    pub nobody: Holder,
    /// Credentials that are not good, with the reason of the refusal.
    pub bad: Vec<(Holder, &'static str)>,
}

/// A refusal by the door: neither the handler's nor the transport's.
fn refused(answer: Result<(), Status>, row: &Row, why: &str) -> Refusal {
    match answer {
        Ok(()) => panic!("{}: {why}: let in", row.path()),
        Err(status) => Refusal::of(status),
    }
}

fn is_let_in(answer: &Result<(), Status>) -> bool {
    let refusals = [Code::Unauthenticated, Code::PermissionDenied];
    answer.as_ref().err().is_none_or(|status| !refusals.contains(&status.code()))
}

fn reason_of(absent: Absent) -> &'static str {
    match absent {
        Absent::Notification => "NOTIFICATION_NOT_FOUND",
        Absent::Subscription => "SUBSCRIPTION_NOT_FOUND",
        Absent::Policy => "POLICY_NOT_FOUND",
        Absent::ServerGroup => "SERVER_GROUP_NOT_FOUND",
    }
}

/// What the answers of a server look like on the wire.
fn headers(answer: Result<(), Status>) -> Vec<(String, Vec<u8>)> {
    let headers = answer.unwrap_err().into_http::<()>().into_parts().0.headers;
    let is_ours = |name: &str| name.starts_with("grpc-");
    let own = headers.iter().filter(|(name, _)| is_ours(name.as_str()));
    own.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

/// How many calls went as the table says.
#[derive(Debug, Default)]
pub struct Counts {
    pub methods: usize,
    nobody: usize,
    bad_credential: usize,
    wrong_role: usize,
    foreign_denied: usize,
    pub foreign_absent: usize,
    let_in: usize,
}

impl Holders {
    /// Calls every method as everybody.
    pub async fn walk(&self) -> Counts {
        let mut counts = Counts::default();
        for row in table().filter(|row| row.access != Access::Open) {
            counts.methods += 1;
            self.strangers(row, &mut counts).await;
            for (role, holder) in &self.roles {
                if row.roles().contains(role) {
                    own_and_foreign(row, *role, holder, &mut counts).await;
                }
            }
        }
        counts
    }

    /// Those who must not call a method, whatever it is about.
    async fn strangers(&self, row: &Row, counts: &mut Counts) {
        let path = row.path();
        let missing = (self.nobody.clone(), "CREDENTIALS_MISSING");
        for (holder, reason) in self.bad.iter().chain([&missing]) {
            let refusal = refused(holder.call(row, "orange").await, row, reason);
            let found = (refusal.code, refusal.reason.as_str());
            assert_eq!(found, (Code::Unauthenticated, *reason), "{path}");
            match *reason {
                "CREDENTIALS_MISSING" => counts.nobody += 1,
                _ => counts.bad_credential += 1,
            }
        }
        let roles: Vec<_> = row.roles().iter().map(|role| role.name()).collect();
        let others = self.roles.iter().filter(|(role, _)| !row.roles().contains(role));
        for holder in others.map(|(_, holder)| holder).chain(&self.nothing) {
            let refusal = refused(holder.call(row, "orange").await, row, "another role");
            let found = (refusal.code, refusal.reason.as_str());
            assert_eq!(found, (Code::PermissionDenied, "ROLE_REQUIRED"), "{path}");
            assert_eq!(refusal.metadata["required_roles"], roles.join(","), "{path}");
            counts.wrong_role += 1;
        }
    }
}

/// Somebody in a role that may call a method, about its own project and about another one.
async fn own_and_foreign(row: &Row, role: Role, holder: &Holder, counts: &mut Counts) {
    let path = row.path();
    let own = holder.call(row, "orange").await;
    assert!(is_let_in(&own), "{path} by {role}: {own:?}");
    counts.let_in += 1;
    let answer = holder.call(row, "violet").await;
    match (role, row.names) {
        (Role::Owner, Names::Resource { absent, .. }) => {
            let own = holder.call(row, "orange").await;
            let refusal = refused(answer.clone(), row, "foreign");
            assert_eq!(refusal.code, Code::NotFound, "{path}");
            assert_eq!(refusal.reason, reason_of(absent), "{path}");
            assert_eq!(headers(answer), headers(own), "{path}: absent is not as forbidden");
            counts.foreign_absent += 1;
        }
        (Role::Owner, Names::Project { .. } | Names::Filter { .. }) => {
            let refusal = refused(answer, row, "foreign");
            let found = (refusal.code, refusal.reason.as_str());
            assert_eq!(found, (Code::PermissionDenied, "PROJECT_FOREIGN"), "{path}");
            assert_eq!(refusal.metadata["project_id"], "violet", "{path}");
            counts.foreign_denied += 1;
        }
        (Role::Owner, Names::Nothing)
        | (Role::Operator | Role::Monitor | Role::Auditor | Role::Administrator, _) => {
            assert!(is_let_in(&answer), "{path} by {role}: {answer:?}");
            counts.let_in += 1;
        }
    }
}

/// The table decides: what it does not list is not there, whatever the caller may do, and what it lists as open needs nobody.
#[tokio::test]
async fn methods_without_a_row_are_not_there_and_open_ones_are_for_anybody() {
    let callers = Callers::default();
    callers.know("all", &Role::ALL, Projects::All);
    let mut site = Site::for_callers(&World::small(), callers.identity()).await;
    let channel = site.channel().await;
    for path in ["/fermata.v1.SessionService/Rule", "/fermata.v1.Nobody/Get", "/"] {
        let answer = call_with(&channel, path, by("all", Vec::new())).await;
        assert_eq!(answer.unwrap_err().code(), Code::Unimplemented, "{path}");
    }
    for row in table().filter(|row| row.access == Access::Open) {
        // What streams in both directions ends at once, without a request in it.
        let answer = call_with(&channel, &row.path(), Request::new(Vec::new())).await;
        assert!(is_let_in(&answer), "{}: {answer:?}", row.path());
    }
    site.stop().await;
}
