//! The hash of a record: SHA-256 over its fields in one order, each with its length in front. `audit.proto` says the same to
//! those who verify in another language; none of it may ever change.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::Record;

/// What every hash of a record begins with: another way to hash would begin otherwise.
const FORMAT: &[u8] = b"fermata.audit.1";

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no SHA-256: write 64 hexadecimal digits")]
pub struct NoHash(pub String);

impl FromStr for Hash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let no = || NoHash(text.to_owned());
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(no());
        }
        let bytes = (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16));
        let bytes = bytes.collect::<Result<Vec<_>, ParseIntError>>().map_err(|_| no())?;
        Ok(Self(bytes.try_into().map_err(|_| no())?))
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What the hash of a record has to be.
pub fn of(record: &Record) -> Hash {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(FORMAT);
    field(&record.previous);
    field(&record.sequence.to_be_bytes());
    field(&record.at_micros.to_be_bytes());
    field(record.principal.as_bytes());
    field(record.role.as_bytes());
    field(&record.action.to_be_bytes());
    field(&record.resource_kind.to_be_bytes());
    field(record.project.as_bytes());
    field(record.resource.as_bytes());
    field(record.detail.as_bytes());
    field(record.reason.as_bytes());
    field(&record.before);
    field(&record.after);
    Hash(hash.finalize().into())
}

/// The digest of a resource: of the JSON texts that it is stored as, each with a line feed behind it. None of them holds one.
/// `None`: there are no texts, because there is no resource.
pub fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Hash> {
    let mut hash = Sha256::new();
    let mut any = false;
    for text in texts {
        hash.update(text);
        hash.update(b"\n");
        any = true;
    }
    any.then(|| Hash(hash.finalize().into()))
}
