//! A server on a simulated cloud.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::channel::{Channel, connect_lazy};
use crate::testing::{Line, Process, SITE, TestingError};

/// What a test may choose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The program of the server. Unset: that of the variable `FERMATA_BIN`, else `fermata` on the PATH.
    pub program: Option<String>,
    /// Another site, in TOML. Unset: [`SITE`].
    pub topology: Option<String>,
    /// Further arguments of `fermata serve`.
    pub arguments: Vec<String>,
}

/// A server with a simulated cloud, on a free port of 127.0.0.1. The cloud and the database outlive [`SimulatedFermata::restart`];
/// when this is dropped all are gone.
#[derive(Debug)]
pub struct SimulatedFermata {
    program: String,
    arguments: Vec<String>,
    folder: TempDir,
    /// Of the first start; later ones take the same port.
    address: String,
    process: Option<Process>,
}

impl SimulatedFermata {
    /// Starts one, and waits until it is ready.
    ///
    /// # Errors
    /// [`TestingError::Program`], and [`TestingError::NotReady`] with what the server wrote.
    pub async fn start() -> Result<Self, TestingError> {
        Self::with(Options::default()).await
    }

    /// Starts one with these options.
    ///
    /// # Errors
    /// Those of [`SimulatedFermata::start`]; [`TestingError::Io`] if the topology cannot be written.
    pub async fn with(options: Options) -> Result<Self, TestingError> {
        let folder = TempDir::with_prefix("fermata-")?;
        let topology = options.topology.as_deref().unwrap_or(SITE);
        std::fs::write(folder.path().join("topology.toml"), topology)?;
        let mut server = Self {
            program: options.program.unwrap_or_else(program),
            arguments: options.arguments,
            folder,
            address: "127.0.0.1:0".to_owned(),
            process: None,
        };
        server.begin().await?;
        Ok(server)
    }

    /// Its address, for [`crate::connect`]. The same after a restart.
    #[must_use]
    pub fn target(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A connection to it, also while it does not run.
    ///
    /// # Panics
    /// Never: the address is one.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the address was built above")]
    pub fn channel(&self) -> Channel {
        connect_lazy(&self.target()).expect("this is an address")
    }

    /// What the server has logged since its last start. Empty while it does not run.
    #[must_use]
    pub fn log(&self) -> Vec<Line> {
        self.process.as_ref().map(Process::log).unwrap_or_default()
    }

    /// Its process. `None` while it does not run.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Stops it in good order: streams are told that it goes away. Nothing if it does not run.
    ///
    /// # Errors
    /// [`TestingError::Late`] if it does not end.
    pub async fn stop(&mut self) -> Result<(), TestingError> {
        if let Some(process) = self.process.take() {
            process.stop().await?;
        }
        Ok(())
    }

    /// Kills it (SIGKILL). Nothing if it does not run.
    ///
    /// # Errors
    /// [`TestingError::Io`].
    pub async fn kill(&mut self) -> Result<(), TestingError> {
        if let Some(process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    /// Starts it on the same database, cloud and port; if it runs, it is stopped first.
    ///
    /// # Errors
    /// Those of [`SimulatedFermata::start`] and [`SimulatedFermata::stop`].
    pub async fn restart(&mut self) -> Result<(), TestingError> {
        self.stop().await?;
        self.begin().await
    }

    async fn begin(&mut self) -> Result<(), TestingError> {
        let mut arguments: Vec<String> =
            ["serve", "--cloud", "simulated", "--http-listen", "off", "--log-format", "json"]
                .map(str::to_owned)
                .into();
        let database = format!("sqlite://{}?mode=rwc", self.file("fermata.db"));
        for (option, value) in [
            ("--listen", self.address.clone()),
            ("--database-url", database),
            ("--topology", self.file("topology.toml")),
            ("--simulated-state", self.file("cloud.json")),
            ("--poll-interval", "50ms".to_owned()),
            ("--reconnect-spread", "0s".to_owned()),
        ] {
            arguments.extend([option.to_owned(), value]);
        }
        arguments.extend(self.arguments.iter().cloned());
        let process = Process::start(&self.program, &arguments)?;
        let address = |line: &Line| {
            let is_it = line["message"] == "listening";
            line["grpc"].as_str().filter(|_| is_it).map(str::to_owned)
        };
        self.address = process.line(address).await?;
        process.line(|line| (line["message"] == "ready").then_some(())).await?;
        self.process = Some(process);
        Ok(())
    }

    fn file(&self, name: &str) -> String {
        let file: PathBuf = Path::new(self.folder.path()).join(name);
        file.display().to_string()
    }
}

#[allow(clippy::disallowed_methods, reason = "the variable is how a test names the program")]
fn program() -> String {
    std::env::var("FERMATA_BIN").unwrap_or_else(|_| "fermata".to_owned())
}
