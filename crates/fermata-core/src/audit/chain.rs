//! Whether records are as they were written: each is hashed again, and must carry the hash of the one before.

use thiserror::Error;

use super::{Hash, Record, hash};

/// The end of a chain so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The place of the last record; 0: there is none.
    pub sequence: u64,
    /// Its hash, as it is stored.
    pub hash: Vec<u8>,
}

impl Default for Head {
    /// A chain without a record.
    fn default() -> Self {
        Self { sequence: 0, hash: vec![0; 32] }
    }
}

/// What is wrong with a chain. Each names the first record that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum Fault {
    #[error("record {sequence} is missing: record {found} comes in its place")]
    Missing { sequence: u64, found: u64 },
    #[error(
        "record {sequence} was changed after it was written: its hash is not that of its content"
    )]
    Changed { sequence: u64 },
    #[error(
        "record {sequence} does not follow the one before: it carries another hash of it, so one of the two was replaced, or what \
         is noted of the one before, if that is deleted"
    )]
    Unlinked { sequence: u64 },
    #[error(
        "record {sequence} is missing: the chain ends before it, and its head names record {last}"
    )]
    CutOff { sequence: u64, last: u64 },
    #[error("record {sequence} is not the one that the head of the chain names")]
    HeadDiffers { sequence: u64 },
    #[error(
        "record {sequence} is missing: the chain ends before it, and record {expected} is expected"
    )]
    TooShort { sequence: u64, expected: u64 },
    #[error(
        "record {sequence} has not the hash that is expected: it, or one before it, was replaced"
    )]
    NotExpected { sequence: u64 },
    #[error(
        "record {sequence} is noted as the last one that was deleted, and no record of a deletion says so: records were removed, \
         or the note was replaced"
    )]
    AnchorUnknown { sequence: u64 },
    #[error("record {sequence} tells of another deletion than the one that is noted as the last")]
    AnchorDiffers { sequence: u64 },
}

impl Fault {
    /// The first record that does not fit.
    pub fn sequence(&self) -> u64 {
        match self {
            Self::Missing { sequence, .. }
            | Self::Changed { sequence }
            | Self::Unlinked { sequence }
            | Self::CutOff { sequence, .. }
            | Self::HeadDiffers { sequence }
            | Self::TooShort { sequence, .. }
            | Self::NotExpected { sequence }
            | Self::AnchorUnknown { sequence }
            | Self::AnchorDiffers { sequence } => *sequence,
        }
    }
}

impl Head {
    /// Goes on to the next record.
    ///
    /// # Errors
    /// It is not the next one, or not as it was written.
    pub fn follow(&mut self, record: &Record) -> Result<(), Fault> {
        let sequence = self.sequence + 1;
        if record.sequence != sequence {
            return Err(Fault::Missing { sequence, found: record.sequence });
        }
        if hash::of(record).0 != *record.hash {
            return Err(Fault::Changed { sequence });
        }
        if record.previous != self.hash {
            return Err(Fault::Unlinked { sequence });
        }
        *self = Self { sequence, hash: record.hash.clone() };
        Ok(())
    }

    /// Compares the end of the chain with what the database has noted as its end.
    ///
    /// # Errors
    /// They are not the same.
    pub fn is(&self, noted: &Self) -> Result<(), Fault> {
        if noted.sequence > self.sequence {
            return Err(Fault::CutOff { sequence: self.sequence + 1, last: noted.sequence });
        }
        if noted != self {
            return Err(Fault::HeadDiffers { sequence: self.sequence });
        }
        Ok(())
    }

    /// Compares a record's hash with the one that somebody kept elsewhere, once the chain has come to it.
    ///
    /// # Errors
    /// It is another one.
    pub fn meets(&self, expected: u64, hash: &Hash) -> Result<(), Fault> {
        if self.sequence == expected && hash.0 != *self.hash {
            return Err(Fault::NotExpected { sequence: expected });
        }
        Ok(())
    }

    /// Whether the chain, which ends here, has come to the record that is expected.
    ///
    /// # Errors
    /// It is too short.
    pub fn reaches(&self, expected: u64) -> Result<(), Fault> {
        if self.sequence < expected {
            return Err(Fault::TooShort { sequence: self.sequence + 1, expected });
        }
        Ok(())
    }
}
