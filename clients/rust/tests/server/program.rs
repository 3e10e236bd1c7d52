//! Programs of tests.

use std::path::PathBuf;

/// An example of this crate, built beside this test.
pub(crate) fn example(name: &str) -> String {
    let test: PathBuf = std::env::current_exe().unwrap();
    // target/debug/deps/server-…
    let built = test.ancestors().nth(2).unwrap();
    built.join("examples").join(name).display().to_string()
}
