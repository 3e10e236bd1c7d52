//! Resume tokens and page tokens: opaque to clients, versioned, and signed with the store's key, so that
//! a damaged or foreign one is recognised.

use fermata_store::Topic;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ServeError;

const VERSION: u8 = 1;
const TAG: usize = 16;
const RESUME: usize = 1 + 16 + 8 + 8 + 8;

/// Makes and reads tokens of one store.
#[derive(Clone)]
pub struct Tokens {
    store: Uuid,
    key: Hmac<Sha256>,
}

/// What a stream reads: a token holds only for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamId {
    topic: [u8; 8],
    filter: [u8; 8],
}

impl StreamId {
    /// Of a topic, read through a filter given as text.
    pub fn new(topic: &Topic, filter: &str) -> Self {
        Self { topic: hash(&topic.to_string()), filter: hash(filter) }
    }
}

fn hash(text: &str) -> [u8; 8] {
    let digest = Sha256::digest(text.as_bytes());
    let mut short = [0; 8];
    short.copy_from_slice(&digest[..8]);
    short
}

impl Tokens {
    /// Tokens of the store with this id and key.
    ///
    /// # Errors
    /// The key is of no use.
    pub fn new(store: Uuid, key: &[u8]) -> Result<Self, hmac::digest::InvalidLength> {
        Ok(Self { store, key: Hmac::new_from_slice(key)? })
    }

    /// The store.
    pub fn store(&self) -> Uuid {
        self.store
    }

    /// A token that means: after this sequence.
    pub fn resume(&self, stream: StreamId, sequence: u64) -> bytes::Bytes {
        let mut token = Vec::with_capacity(RESUME + TAG);
        token.push(VERSION);
        token.extend_from_slice(self.store.as_bytes());
        token.extend_from_slice(&stream.topic);
        token.extend_from_slice(&stream.filter);
        token.extend_from_slice(&sequence.to_be_bytes());
        self.sign(token).into()
    }

    /// The sequence in a resume token.
    ///
    /// # Errors
    /// The token is damaged, or of another store, stream or filter.
    pub fn read_resume(&self, stream: StreamId, token: &[u8]) -> Result<u64, ServeError> {
        let invalid = || ServeError::ResumeTokenInvalid;
        let body = self.verified(token).filter(|b| b.len() == RESUME).ok_or_else(invalid)?;
        let (head, sequence) = body.split_at(RESUME - 8);
        let mut expected = vec![VERSION];
        expected.extend_from_slice(self.store.as_bytes());
        expected.extend_from_slice(&stream.topic);
        expected.extend_from_slice(&stream.filter);
        if head != expected {
            return Err(invalid());
        }
        sequence.try_into().map(u64::from_be_bytes).map_err(|_| invalid())
    }

    /// A page token: continue `list` (the call and its filter) after `cursor`.
    pub fn page(&self, list: &str, cursor: &str) -> String {
        let mut token = vec![VERSION];
        token.extend_from_slice(&hash(list));
        token.extend_from_slice(cursor.as_bytes());
        hex(&self.sign(token))
    }

    /// The cursor in a page token; `None` for the first page.
    ///
    /// # Errors
    /// The token is damaged, or of another list call.
    pub fn read_page(&self, list: &str, token: &str) -> Result<Option<String>, ServeError> {
        if token.is_empty() {
            return Ok(None);
        }
        let read = || {
            let raw = unhex(token)?;
            let body = self.verified(&raw)?;
            let (head, cursor) = body.split_at_checked(9)?;
            let expected: Vec<u8> = std::iter::once(VERSION).chain(hash(list)).collect();
            (head == expected).then(|| String::from_utf8(cursor.to_vec()).ok())?
        };
        read().map(Some).ok_or(ServeError::PageTokenInvalid)
    }

    fn sign(&self, mut token: Vec<u8>) -> Vec<u8> {
        let mut mac = self.key.clone();
        mac.update(&token);
        token.extend_from_slice(&mac.finalize().into_bytes()[..TAG]);
        token
    }

    fn verified<'a>(&self, token: &'a [u8]) -> Option<&'a [u8]> {
        let (body, tag) = token.split_at_checked(token.len().checked_sub(TAG)?)?;
        let mut mac = self.key.clone();
        mac.update(body);
        mac.verify_truncated_left(tag).ok()?;
        Some(body)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(store: u128) -> Tokens {
        Tokens::new(Uuid::from_u128(store), &[7; 32]).unwrap()
    }

    #[test]
    fn resume_tokens_hold_only_for_their_stream() {
        let stream = StreamId::new(&Topic::Infrastructure, "");
        let other = StreamId::new(&Topic::Infrastructure, "session=1");
        let token = tokens(1).resume(stream, 42);
        assert_eq!(tokens(1).read_resume(stream, &token).unwrap(), 42);
        assert!(tokens(1).read_resume(other, &token).is_err());
        assert!(tokens(2).read_resume(stream, &token).is_err());
        for i in 0..token.len() {
            let mut damaged = token.to_vec();
            damaged[i] ^= 1;
            assert!(tokens(1).read_resume(stream, &damaged).is_err(), "byte {i}");
        }
        assert!(tokens(1).read_resume(stream, b"").is_err());
    }

    #[test]
    fn page_tokens_hold_only_for_their_list() {
        let token = tokens(1).page("sessions", "cursor");
        assert_eq!(tokens(1).read_page("sessions", &token).unwrap().as_deref(), Some("cursor"));
        assert_eq!(tokens(1).read_page("sessions", "").unwrap(), None);
        assert!(tokens(1).read_page("hosts", &token).is_err());
        assert!(tokens(1).read_page("sessions", "zz").is_err());
        assert!(tokens(1).read_page("sessions", "ä").is_err());
    }
}
