//! A process that writes one JSON object per line.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::testing::{PATIENCE, TestingError};

/// A line. What is no JSON object is one with the text as its `message`.
pub type Line = Value;

/// A process, ended when it is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Arc<Log>,
    readers: TaskTracker,
}

#[derive(Debug, Default)]
struct Log {
    lines: Mutex<Vec<Line>>,
    /// Told with each line, and at the end.
    changed: Notify,
}

impl Process {
    /// Starts it. Variables `FERMATA_…` of the one who tests do not configure what is tested.
    ///
    /// # Errors
    /// [`TestingError::Program`].
    pub fn start(program: &str, arguments: &[String]) -> Result<Self, TestingError> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FERMATA_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| TestingError::Program { program: program.to_owned(), source })?;
        let (log, readers) = (Arc::new(Log::default()), TaskTracker::new());
        if let Some(stdout) = child.stdout.take() {
            readers.spawn(read(stdout, Arc::clone(&log)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.spawn(read(stderr, Arc::clone(&log)));
        }
        readers.close();
        Ok(Self { child, log, readers })
    }

    /// The first line for which `wanted` gives something.
    ///
    /// # Errors
    /// [`TestingError::NotReady`] if the process ends before, or it does not come in time.
    pub async fn line<T>(&self, wanted: impl Fn(&Line) -> Option<T>) -> Result<T, TestingError> {
        let found = async {
            loop {
                let changed = self.log.changed.notified();
                // Before its lines: what it wrote last was read before it counts as ended.
                let has_ended = self.readers.is_empty();
                if let Some(found) = self.log.lock().iter().find_map(&wanted) {
                    return Some(found);
                }
                if has_ended {
                    return None;
                }
                tokio::select! {
                    () = changed => {}
                    () = self.readers.wait() => {}
                }
            }
        };
        let found = timeout(PATIENCE, found).await.ok().flatten();
        found.ok_or_else(|| TestingError::NotReady { log: self.text() })
    }

    /// What it has written.
    #[must_use]
    pub fn log(&self) -> Vec<Line> {
        self.log.lock().clone()
    }

    /// Its id. `None`: it has ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    ///
    /// # Errors
    /// [`TestingError::Late`] if it does not; it is killed then.
    pub async fn stop(mut self) -> Result<ExitStatus, TestingError> {
        self.signal(Signal::TERM)?;
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(ended) => {
                self.readers.wait().await;
                Ok(ended?)
            }
            Err(_) => {
                self.kill().await?;
                Err(TestingError::Late { what: "the end of a process".to_owned() })
            }
        }
    }

    /// Kills it (SIGKILL), and waits until it has ended.
    ///
    /// # Errors
    /// [`TestingError::Io`].
    pub async fn kill(mut self) -> Result<(), TestingError> {
        Ok(self.child.kill().await?)
    }

    /// From now on it does nothing, but its connections stay: to its clients it is silent (SIGSTOP).
    ///
    /// # Errors
    /// [`TestingError::Io`].
    pub fn freeze(&self) -> Result<(), TestingError> {
        self.signal(Signal::STOP)
    }

    /// It goes on (SIGCONT).
    ///
    /// # Errors
    /// [`TestingError::Io`].
    pub fn thaw(&self) -> Result<(), TestingError> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), TestingError> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let Some(id) = id else { return Ok(()) };
        Ok(kill_process(id, signal).map_err(std::io::Error::from)?)
    }

    fn text(&self) -> String {
        self.log.lock().iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(output: impl AsyncRead + Unpin, log: Arc<Log>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(text)) = lines.next_line().await {
        let line = serde_json::from_str(&text).ok().filter(Value::is_object);
        log.lock().push(line.unwrap_or_else(|| serde_json::json!({ "message": text })));
        log.changed.notify_waiters();
    }
}
