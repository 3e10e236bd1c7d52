//! Calls and messages as bytes.

use bytes::{Buf, BufMut};
use prost::encoding::{WireType, encode_key, encode_varint};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Messages are what they are on the wire.
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length).to_vec()))
    }
}

/// Calls a method. A refusal comes before the first message, of methods that stream as of others.
pub async fn call(channel: &Channel, path: &str, message: Vec<u8>) -> Result<(), Status> {
    call_with(channel, path, Request::new(message)).await
}

/// Calls a method with metadata.
pub async fn call_with(
    channel: &Channel,
    path: &str,
    request: Request<Vec<u8>>,
) -> Result<(), Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = path.parse().unwrap();
    grpc.server_streaming(request, path, Raw).await.map(|_| ())
}

/// How many bytes of headers a status is.
pub fn size_of(status: &Status) -> usize {
    let headers = status.clone().into_http::<()>().into_parts().0.headers;
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// A field that holds these bytes: a message, a text, a packed list.
pub fn nested(field: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    encode_key(field, WireType::LengthDelimited, &mut out);
    encode_varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

/// A list of the same entry, as long as fits.
pub fn repeated(field: u32, entry: &[u8], size: usize) -> Vec<u8> {
    let entry = nested(field, entry);
    entry.repeat(size / entry.len())
}

/// A map with as many keys as fit.
pub fn map(field: u32, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    for i in 0_u32.. {
        let entry = nested(field, &nested(1, format!("{i:x}").as_bytes()));
        if out.len() + entry.len() > size {
            break;
        }
        out.extend(entry);
    }
    out
}
