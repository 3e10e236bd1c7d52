//! Bytes.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index, Index),
    Double(Index, Index),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    /// What another input has from there to there comes in here.
    Mix(Index, Index, Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), at()).prop_map(|(from, to)| Change::Cut(from, to)),
        (at(), at()).prop_map(|(from, to)| Change::Double(from, to)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), at(), at(), at()).prop_map(|(of, from, to, at)| Change::Mix(of, from, to, at)),
    ]
}

/// Two places in so many bytes, in order.
fn span(from: Index, to: Index, length: usize) -> (usize, usize) {
    let (from, to) = (from.index(length + 1), to.index(length + 1));
    (from.min(to), from.max(to))
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let length = bytes.len();
        match self {
            Self::Cut(from, to) => {
                let (from, to) = span(*from, *to, length);
                bytes.drain(from..to);
            }
            Self::Double(from, to) => {
                let (from, to) = span(*from, *to, length);
                let part = bytes[from..to].to_vec();
                bytes.splice(from..from, part);
            }
            Self::Set(at, byte) if length > 0 => bytes[at.index(length)] = *byte,
            Self::Set(..) => {}
            Self::Insert(at, part) => {
                let at = at.index(length + 1);
                bytes.splice(at..at, part.iter().copied());
            }
            Self::Mix(of, from, to, at) => {
                let other = &corpus[of.index(corpus.len())];
                let (from, to) = span(*from, *to, other.len());
                let at = at.index(length + 1);
                bytes.splice(at..at, other[from..to].iter().copied());
            }
        }
    }
}

/// Tries a target with so many inputs that are made of these.
pub fn bytes(
    cases: u32,
    corpus: Vec<Vec<u8>>,
    target: impl Fn(&[u8]) -> Result<(), TestCaseError>,
) {
    let corpus = Arc::new(corpus);
    let made = Arc::clone(&corpus);
    let inputs = (any::<Index>(), vec(change(), 0..8)).prop_map(move |(of, changes)| {
        let mut bytes = made[of.index(made.len())].clone();
        for change in changes {
            change.apply(&mut bytes, &made);
        }
        bytes
    });
    crate::run(cases, &inputs, |bytes| target(&bytes));
}
