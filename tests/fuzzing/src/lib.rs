//! Inputs as nobody would send them: valid ones that were cut, doubled, mixed and changed, as bytes ([`bytes`]) or as JSON whose
//! syntax is right and whose contents are not ([`json`]).
//!
//! Each target runs for a moment with every other test, and long in the nightly run (`--run-ignored`). proptest makes what
//! it finds small, and prints it.

#![allow(clippy::panic, reason = "a fuzz test fails as tests do")]

mod bytes;
mod json;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

pub use bytes::bytes;
pub use json::json;

/// Inputs of each target, with every other test and in the nightly run.
pub const FEW: u32 = 1_000;
/// As many as a target of some microseconds gets through in ten minutes and more.
pub const MANY: u32 = 2_000_000;

fn run<S: Strategy>(
    cases: u32,
    inputs: &S,
    target: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(found) = TestRunner::new(config).run(inputs, target) {
        panic!("{found}");
    }
}

/// Two tests for each target, a function of the number of inputs.
#[macro_export]
macro_rules! targets {
    ($($target:ident: $short:ident, $long:ident;)+) => {
        $(
            #[test]
            fn $short() {
                $target($crate::FEW);
            }

            #[test]
            #[ignore = "minutes; the nightly run has it"]
            fn $long() {
                $target($crate::MANY);
            }
        )+
    };
}
