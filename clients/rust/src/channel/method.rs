//! Which calls may be sent again, and the `request_id` that makes writes so.

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorSet, MethodDescriptorProto};
use uuid::Uuid;

/// Methods that change nothing.
const READS: [&str; 3] = ["Get", "List", "Preview"];
/// Writes that may be repeated without a `request_id`. They get none: an owner acknowledges every second, and the server keeps
/// each id for days.
const HARMLESS: [&str; 2] = ["AcknowledgePosition", "PutSubscription"];
/// The flag and the length before each message of gRPC, in bytes.
const PREFIX: usize = 5;

/// A method with one request and one answer, which may be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Method {
    /// The number of the field `request_id`, which makes a repeated write safe.
    request_id: Option<u32>,
}

static METHODS: LazyLock<HashMap<String, Method>> = LazyLock::new(|| {
    let set = FileDescriptorSet::decode(fermata_proto::FILE_DESCRIPTOR_SET).unwrap_or_default();
    let messages: HashMap<_, _> = set
        .file
        .iter()
        .flat_map(|file| {
            file.message_type.iter().map(move |m| (format!(".{}.{}", file.package(), m.name()), m))
        })
        .collect();
    let mut methods = HashMap::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let request = messages.get(method.input_type()).copied();
                methods.extend(Method::new(method, request).map(|method| (path, method)));
            }
        }
    }
    methods
});

impl Method {
    /// The method with this path, such as `/fermata.v1.SessionService/GetSession`. `None`: a call of it is sent once.
    pub(super) fn at(path: &str) -> Option<Self> {
        METHODS.get(path).copied()
    }

    fn new(method: &MethodDescriptorProto, request: Option<&DescriptorProto>) -> Option<Self> {
        if method.client_streaming() || method.server_streaming() {
            return None;
        }
        let name = method.name();
        if HARMLESS.contains(&name) || READS.iter().any(|reads| name.starts_with(reads)) {
            return Some(Self { request_id: None });
        }
        let field = request?.field.iter().find(|field| field.name() == "request_id")?;
        Some(Self { request_id: field.number().try_into().ok() })
    }

    /// The request with a `request_id`, if it has none. `framed` is one message with gRPC's prefix.
    pub(super) fn with_request_id(self, framed: Bytes) -> Bytes {
        let Some(number) = self.request_id else { return framed };
        // A compressed one is left as it is.
        if framed.len() < PREFIX || framed[0] != 0 {
            return framed;
        }
        let field = encoded(number, &Uuid::now_v7().to_string());
        let length = framed.len() - PREFIX + field.len();
        let Ok(length) = u32::try_from(length) else { return framed };
        let mut made = BytesMut::with_capacity(framed.len() + field.len());
        made.put_u8(0);
        made.put_u32(length);
        // Of a field that comes twice the last one counts: where the request has an id of its own, this one is nothing.
        made.put(field);
        made.put(&framed[PREFIX..]);
        made.freeze()
    }
}

/// A field with a text, as protobuf writes it. Varints of any kind are written like lengths.
fn encoded(number: u32, text: &str) -> Bytes {
    const LENGTH_DELIMITED: usize = 2;
    let mut field = BytesMut::new();
    // Neither fails: the buffer grows.
    let _ = prost::encode_length_delimiter((number as usize) << 3 | LENGTH_DELIMITED, &mut field);
    let _ = prost::encode_length_delimiter(text.len(), &mut field);
    field.put_slice(text.as_bytes());
    field.freeze()
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::{CreateSessionRequest, SessionSpec};

    use super::*;

    fn framed(message: &impl Message) -> Bytes {
        let mut made = BytesMut::new();
        made.put_u8(0);
        made.put_u32(message.encoded_len() as u32);
        message.encode(&mut made).unwrap();
        made.freeze()
    }

    fn sent(request: &CreateSessionRequest) -> CreateSessionRequest {
        let method = Method::at("/fermata.v1.SessionService/CreateSession").unwrap();
        let made = method.with_request_id(framed(request));
        let length = u32::from_be_bytes(made[1..PREFIX].try_into().unwrap()) as usize;
        assert_eq!((made[0], length), (0, made.len() - PREFIX));
        CreateSessionRequest::decode(&made[PREFIX..]).unwrap()
    }

    #[test]
    fn a_write_gets_an_id_and_keeps_its_own() {
        let spec = Some(SessionSpec { reason: "firmware".to_owned(), ..Default::default() });
        let unnamed = CreateSessionRequest { spec: spec.clone(), ..Default::default() };
        let (one, other) = (sent(&unnamed), sent(&unnamed));
        assert_eq!(one.spec, spec);
        assert!(!one.request_id.is_empty() && one.request_id != other.request_id);
        let named = CreateSessionRequest { request_id: "mine".to_owned(), ..unnamed };
        assert_eq!(sent(&named), named);
    }

    #[test]
    fn what_may_be_sent_again() {
        let repeated = |path: &str| Method::at(path).map(|method| method.request_id.is_some());
        assert_eq!(repeated("/fermata.v1.SessionService/GetSession"), Some(false));
        assert_eq!(repeated("/fermata.v1.NotificationService/Reply"), Some(true));
        assert_eq!(repeated("/fermata.v1.NotificationService/AcknowledgePosition"), Some(false));
        assert_eq!(repeated("/fermata.v1.NotificationService/PutSubscription"), Some(false));
        // Streams are for watches.
        assert_eq!(repeated("/fermata.v1.SessionService/WatchSession"), None);
        assert_eq!(repeated("/somebody.Else/GetIt"), None);
    }
}
