//! A streamed response that was encoded before: the bytes all streams share, and the resume
//! token that differs per stream.

use bytes::{Buf, BufMut, Bytes};
use prost::DecodeError;
use prost::encoding::{self, DecodeContext, WireType};

/// The field number of `resume_token` in every streamed response of the contract.
const RESUME_TOKEN: u32 = 1;

/// An encoded streamed response. Protobuf allows fields in any order, so the token is appended to
/// the shared bytes.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The encoded message without its resume token.
    pub body: Bytes,
    /// The resume token. Empty: there is none.
    pub resume_token: Bytes,
}

impl prost::Message for Frame {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.body);
        if !self.resume_token.is_empty() {
            encoding::bytes::encode(RESUME_TOKEN, &self.resume_token, buf);
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        // Only servers use frames, and servers never decode what they stream.
        encoding::skip_field(wire_type, tag, buf, ctx)
    }

    fn encoded_len(&self) -> usize {
        let token = match self.resume_token.is_empty() {
            true => 0,
            false => encoding::bytes::encoded_len(RESUME_TOKEN, &self.resume_token),
        };
        self.body.len() + token
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::Frame;
    use crate::v1::{Heartbeat, SubscribeResponse, subscribe_response};

    #[test]
    fn decodes_as_the_message_it_stands_for() {
        let plain = SubscribeResponse {
            sequence: 7,
            message: Some(subscribe_response::Message::Heartbeat(Heartbeat::default())),
            ..Default::default()
        };
        let frame = Frame { body: plain.encode_to_vec().into(), resume_token: b"token"[..].into() };
        let decoded = SubscribeResponse::decode(frame.encode_to_vec().as_slice()).unwrap();
        assert_eq!(decoded, SubscribeResponse { resume_token: b"token".to_vec(), ..plain });
    }
}
