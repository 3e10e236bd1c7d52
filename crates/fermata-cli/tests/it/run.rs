//! Running the binary.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::{Child, Command};

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The answer of a run that went well.
    pub(crate) fn text(self) -> String {
        assert_eq!(self.exit, 0, "{self:?}");
        self.stdout
    }

    /// The same as JSON.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// The same as lines of JSON.
    pub(crate) fn lines(self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The failure of a run with `--output json`.
    pub(crate) fn error(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stderr).unwrap();
        assert_eq!(document["error"]["exit_code"], self.exit, "{self:?}");
        document["error"].clone()
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fermata"));
    // What the developer's shell sets is none of a test's business.
    command.env_clear().args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) async fn run(arguments: &[&str]) -> Ran {
    finish(command(arguments).spawn().unwrap()).await
}

pub(crate) async fn finish(child: Child) -> Ran {
    let output = child.wait_with_output().await.unwrap();
    Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
