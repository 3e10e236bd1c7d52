//! Messages as JSON: the proto JSON mapping of the contract, with the contract's own field names
//! and with fields that hold their default.

use std::fmt::Display;
use std::sync::LazyLock;

use fermata_client::v1;
use prost::Message;
use prost_reflect::{DescriptorError, DescriptorPool, DynamicMessage, SerializeOptions};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use serde_json::{Map, Value};

use crate::failure::Failure;

static CONTRACT: LazyLock<Result<DescriptorPool, DescriptorError>> =
    LazyLock::new(|| DescriptorPool::decode(fermata_proto::FILE_DESCRIPTOR_SET));

/// A message that answers are made of.
pub(crate) trait Document: Message {
    /// Its full name in the contract.
    const NAME: &'static str;
}

macro_rules! documents {
    ($($message:ident),* $(,)?) => {$(
        impl Document for v1::$message {
            const NAME: &'static str = concat!("fermata.v1.", stringify!($message));
        }
    )*};
}

documents! {
    AuditRecord, DeleteServerGroupResponse, DeleteServerPolicyResponse, DeleteSessionResponse,
    DeleteSubscriptionResponse, GetServerPolicyResponse, Host, ListHostServersResponse, ListHostsResponse,
    ListAuditRecordsResponse, ListNotificationsResponse, ListServerGroupsResponse, ListServerPoliciesResponse,
    ListSessionHostsResponse, ListSessionNotificationsResponse, ListSessionServersResponse, ListSessionsResponse, ListSubscriptionsResponse, Notification, PreviewSessionResponse, ServerGroup, ServerPolicy,
    ServerInfo, Session, SessionNotification, SessionReport, SubscribeResponse, Subscription, WatchHostsResponse,
    WatchSessionResponse,
}

/// One document over several lines.
pub(crate) fn pretty<M: Document>(message: &M) -> Result<String, Failure> {
    write(message, PrettyFormatter::new())
}

/// One document as YAML.
pub(crate) fn yaml<M: Document>(message: &M) -> Result<String, Failure> {
    /// A message in the same mapping.
    struct Mapped(DynamicMessage);

    impl Serialize for Mapped {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize_with_options(serializer, &mapping())
        }
    }

    let message = Mapped(dynamic(message)?);
    serde_saphyr::to_string(&message)
        .map_err(|error| Failure::Local(format!("cannot write {} as YAML: {error}", M::NAME)))
}

/// One document on one line.
pub(crate) fn line<M: Document>(message: &M) -> Result<String, Failure> {
    write(message, CompactFormatter)
}

/// A document that [`line`] wrote.
///
/// # Errors
/// It is no such document.
pub(crate) fn read<M: Document + Default>(line: &str) -> Result<M, String> {
    let text = |error: &dyn Display| error.to_string();
    let contract = CONTRACT.as_ref().map_err(|error| text(error))?;
    let descriptor = contract.get_message_by_name(M::NAME);
    let descriptor = descriptor.ok_or_else(|| format!("the contract does not have {}", M::NAME))?;
    let mut json = serde_json::Deserializer::from_str(line);
    let message = DynamicMessage::deserialize(descriptor, &mut json).map_err(|e| text(&e))?;
    json.end().map_err(|error| text(&error))?;
    message.transcode_to().map_err(|error| text(&error))
}

fn mapping() -> SerializeOptions {
    SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false)
}

fn cannot<M: Document>(error: impl Display) -> Failure {
    Failure::Local(format!("cannot write {} as JSON: {error}", M::NAME))
}

/// The message as the contract describes it.
fn dynamic<M: Document>(message: &M) -> Result<DynamicMessage, Failure> {
    let contract = CONTRACT.as_ref().map_err(cannot::<M>)?;
    let descriptor = contract
        .get_message_by_name(M::NAME)
        .ok_or_else(|| cannot::<M>("the contract does not have it"))?;
    DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).map_err(cannot::<M>)
}

fn write<M: Document>(message: &M, formatter: impl Formatter) -> Result<String, Failure> {
    let message = dynamic(message)?;
    let mut written = Vec::new();
    message
        .serialize_with_options(
            &mut Serializer::with_formatter(&mut written, formatter),
            &mapping(),
        )
        .map_err(cannot::<M>)?;
    String::from_utf8(written).map_err(cannot::<M>)
}

/// A JSON object without the entries that say nothing.
pub(crate) fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let says_something = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let kept = entries.into_iter().filter(|(_, value)| says_something(value));
    Value::Object(kept.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

/// Anything as a JSON value, or null.
pub(crate) fn any(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{Host, HostState, MaintenanceWindow, Session, SessionSpec};
    use prost_types::{Duration, Timestamp};
    use serde_json::json;

    use super::*;

    fn value<M: Document>(message: &M) -> Value {
        serde_json::from_str(&line(message).unwrap()).unwrap()
    }

    #[test]
    fn fields_come_in_the_contracts_order() {
        let text = line(&Host::default()).unwrap();
        let start = r#"{"name":"","state":"HOST_STATE_UNSPECIFIED","disabled_reason":"","zone":"""#;
        assert!(text.starts_with(start), "{text}");
    }

    #[test]
    fn field_names_and_enum_values_are_the_contracts() {
        let host = Host {
            name: "compute-1".to_owned(),
            state: HostState::InMaintenance.into(),
            memory_mib: 131_072,
            ..Default::default()
        };
        let made = value(&host);
        assert_eq!(made["name"], "compute-1");
        assert_eq!(made["state"], "HOST_STATE_IN_MAINTENANCE");
        // As the mapping has it: 64 bits do not fit a number everywhere.
        assert_eq!(made["memory_mib"], "131072");
        assert_eq!(made["zone"], "");
        assert_eq!(made["aggregates"], json!([]));
    }

    #[test]
    fn times_are_rfc_3339_and_spans_seconds() {
        let end_time = Some(Timestamp { seconds: 1_795_435_200, nanos: 0 });
        let session = Session {
            spec: Some(SessionSpec {
                window: Some(MaintenanceWindow { start_time: None, end_time }),
                lead_time: Some(Duration { seconds: 90, nanos: 500_000_000 }),
                ..Default::default()
            }),
            ..Default::default()
        };
        let made = value(&session);
        assert_eq!(made["spec"]["window"], json!({"end_time": "2026-11-23T12:00:00Z"}));
        assert_eq!(made["spec"]["lead_time"], "90.500s");
        assert_eq!(made["status"], Value::Null);
    }

    #[test]
    fn a_value_from_the_future_is_written_as_its_number() {
        let host = Host { state: 99, ..Default::default() };
        assert_eq!(value(&host)["state"], 99);
    }

    #[test]
    fn every_document_is_in_the_contract() {
        fn check<M: Document + Default>() {
            value(&M::default());
        }
        check::<v1::DeleteSessionResponse>();
        check::<v1::DeleteSubscriptionResponse>();
        check::<v1::ListAuditRecordsResponse>();
        check::<v1::ListHostsResponse>();
        check::<v1::ListNotificationsResponse>();
        check::<v1::ListSessionsResponse>();
        check::<v1::ListSubscriptionsResponse>();
        check::<v1::Notification>();
        check::<v1::PreviewSessionResponse>();
        check::<v1::SessionReport>();
        check::<v1::SubscribeResponse>();
        check::<v1::Subscription>();
        check::<v1::WatchHostsResponse>();
        check::<v1::WatchSessionResponse>();
    }
}
