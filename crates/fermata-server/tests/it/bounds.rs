//! Every field of every request, one step over its bound, and lists as long as a request can be: refused, with the field
//! named, in a status that stock clients can read.

mod beyond;
mod raw;

use std::collections::BTreeMap;
use std::time::Instant;

use fermata_proto::FILE_DESCRIPTOR_SET;
use fermata_server::bounds::rule::Bound;
use fermata_server::bounds::table::table;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use tonic::Code;

use self::beyond::{beyond, within};
use self::raw::call;
pub use self::raw::{call_with, size_of};
use crate::harness::Site;
use crate::refusal::Refusal;
use crate::world::World;

/// Most bytes of a status. Stock clients take 8 KiB.
const LARGEST_STATUS: usize = 4096;
/// A request that is nearly as large as a server takes.
const LARGE: usize = 4_000_000;

/// The rows of the table, by message and field.
pub type Rows = BTreeMap<&'static str, BTreeMap<&'static str, Bound>>;

fn rows() -> Rows {
    table().into_iter().map(|m| (m.name, m.fields.into_iter().collect())).collect()
}

fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let ours = pool.services().filter(|s| s.full_name().starts_with("fermata.v1."));
    ours.flat_map(|s| s.methods().collect::<Vec<_>>()).collect()
}

fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

#[tokio::test]
async fn every_field_over_its_bound_is_refused_by_name_in_a_small_status() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let rows = rows();
    let methods = methods();
    assert!(methods.len() >= 35, "{}", methods.len());
    let mut cases = 0;
    for method in &methods {
        let path = path(method);
        for (field, request) in beyond(&method.input(), &rows) {
            let sent = request.encode_to_vec();
            let answer = call(&channel, &path, sent).await;
            let Err(status) = answer else { panic!("{path}: {field} was not refused") };
            assert_eq!(status.code(), Code::InvalidArgument, "{path}: {field}: {status:?}");
            assert!(size_of(&status) <= LARGEST_STATUS, "{path}: {field}: {}", size_of(&status));
            let refusal = Refusal::of(status);
            assert_eq!(refusal.fields, [field.as_str()], "{path}: {refusal:?}");
            assert_eq!(refusal.reason, "INVALID_FIELD", "{path}: {field}");
            cases += 1;
        }
    }
    assert!(cases > 800, "{cases}");
    site.stop().await;
}

/// No bound is tighter than the contract says, and "characters" are characters.
#[tokio::test]
async fn fields_at_their_bounds_are_not_refused_for_them() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let rows = rows();
    for method in methods() {
        let path = path(&method);
        for (field, request) in within(&method.input(), &rows) {
            let Err(status) = call(&channel, &path, request.encode_to_vec()).await else {
                continue;
            };
            let text = Refusal::of(status.clone()).text;
            for word in ["is longer than", "entries; at most", "is at most", "between the years"] {
                assert!(!text.contains(word), "{path}: {field}: {text}");
            }
            assert!(size_of(&status) <= LARGEST_STATUS, "{path}: {field}: {}", size_of(&status));
        }
    }
    site.stop().await;
}

/// Requests of 4 MB that are one list, map or text: for every such field of every method.
fn large(message: &MessageDescriptor, rows: &Rows, texts: bool) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut texts_left = texts;
    for field in message.fields() {
        let number = field.number();
        match &rows[message.name()][field.name()] {
            Bound::Inside => {
                let inner = field.kind().as_message().unwrap().clone();
                found.extend(large(&inner, rows, false).into_iter().map(|(path, bytes)| {
                    (format!("{}.{path}", field.name()), raw::nested(number, &bytes))
                }));
            }
            Bound::List { each, .. } if !field.is_list() => {
                // A field mask: its paths are field 1.
                assert!(matches!(**each, Bound::Text { .. }));
                let paths = raw::repeated(1, &[], LARGE);
                found.push((field.name().to_owned(), raw::nested(number, &paths)));
            }
            Bound::List { each, .. } => {
                let bytes = match **each {
                    Bound::Known => raw::nested(number, &vec![99; LARGE]),
                    _ => raw::repeated(number, &[], LARGE),
                };
                found.push((field.name().to_owned(), bytes));
            }
            Bound::Map { .. } => {
                found.push((field.name().to_owned(), raw::map(number, LARGE)));
            }
            Bound::Text { .. } if texts_left => {
                texts_left = false;
                let text = vec![b'a'; LARGE];
                found.push((field.name().to_owned(), raw::nested(number, &text)));
            }
            Bound::Bytes { .. } => {
                let bytes = vec![b'a'; LARGE];
                found.push((field.name().to_owned(), raw::nested(number, &bytes)));
            }
            Bound::Text { .. } | Bound::Any | Bound::Known | Bound::Span { .. } => {}
            Bound::Time { .. } => {}
        }
    }
    found
}

/// What the server does with the worst requests is measured against reading the same bytes without it: both are slow or fast
/// with the machine. Without bounds some of these took a minute, and answered with hundreds of megabytes.
#[tokio::test]
async fn the_largest_requests_cost_little_more_than_reading_them() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let rows = rows();
    let (mut served, mut read) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    let mut cases = 0;
    for method in methods() {
        let path = path(&method);
        for (field, bytes) in large(&method.input(), &rows, true) {
            let began = Instant::now();
            DynamicMessage::decode(method.input(), bytes.as_slice()).unwrap();
            read += began.elapsed();
            let began = Instant::now();
            let status = call(&channel, &path, bytes).await.unwrap_err();
            served += began.elapsed();
            assert_eq!(status.code(), Code::InvalidArgument, "{path}: {field}: {status:?}");
            assert!(size_of(&status) <= LARGEST_STATUS, "{path}: {field}: {}", size_of(&status));
            assert_eq!(Refusal::of(status).fields, [field.as_str()], "{path}");
            cases += 1;
        }
    }
    assert!(cases > 50, "{cases}");
    assert!(served < read * 10, "{cases} requests: read in {read:?}, served in {served:?}");
    site.stop().await;
}
