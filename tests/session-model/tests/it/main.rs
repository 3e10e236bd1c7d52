//! Runs the model: exhausted, and with rules broken that it must miss.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod broken;
mod exhausted;
