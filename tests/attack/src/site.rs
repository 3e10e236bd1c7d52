//! The server that is attacked: the shipped program, on a small simulated site, with callers of its own.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use fermata_client::testing::{IMS, Line, Process, SITE, TestingError};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Streams have a sign of life so often, in seconds.
pub const HEARTBEAT: u64 = 1;
/// The project of the attacker, an owner like any other.
pub const ATTACKED_PROJECT: &str = IMS;

/// A server.
pub struct Site {
    process: Process,
    pub target: Target,
    _folder: TempDir,
}

/// Where it is, and what callers of it need.
#[derive(Debug, Clone)]
pub struct Target {
    pub grpc: SocketAddr,
    pub http: SocketAddr,
    /// The CA of its certificate, if it speaks TLS.
    pub ca: Option<String>,
    /// The token of an operator.
    pub operator: String,
    /// The token of an owner.
    pub attacker: String,
}

fn token(of: char) -> String {
    format!("fermata_{}", of.to_string().repeat(64))
}

fn principal(name: &str, rights: &str, token: &str) -> String {
    let mut digest = String::new();
    for byte in Sha256::digest(token.as_bytes()) {
        let _ = write!(digest, "{byte:02x}");
    }
    format!("[[principal]]\nname = \"{name}\"\n{rights}\ntokens = [\"sha256:{digest}\"]\n")
}

impl Site {
    /// Starts one, and waits until it is ready.
    ///
    /// # Errors
    /// It does not get ready.
    pub async fn start(program: &str, tls: bool) -> Result<Self, TestingError> {
        let folder = TempDir::with_prefix("fermata-attack-")?;
        let file = |name: &str| folder.path().join(name);
        let (operator, attacker) = (token('a'), token('b'));
        let owner = format!("roles = [\"owner\"]\nprojects = [\"{ATTACKED_PROJECT}\"]");
        let principals = principal("noc", "roles = [\"operator\"]", &operator)
            + &principal("attacker", &owner, &attacker);
        fs::write(file("principals.toml"), principals)?;
        fs::write(file("topology.toml"), SITE)?;
        let database = format!("sqlite://{}?mode=rwc", file("fermata.db").display());
        let text = |path: PathBuf| path.display().to_string();
        let heartbeat = format!("{HEARTBEAT}s");
        let mut arguments = vec![
            ("--cloud", "simulated".to_owned()),
            ("--topology", text(file("topology.toml"))),
            ("--listen", "127.0.0.1:0".to_owned()),
            ("--http-listen", "127.0.0.1:0".to_owned()),
            ("--web-origins", "https://console.example.org".to_owned()),
            ("--log-format", "json".to_owned()),
            ("--database-url", database),
            ("--principals", text(file("principals.toml"))),
            ("--heartbeat-interval", heartbeat),
        ];
        let mut ca = None;
        if tls {
            let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
            let certified =
                rcgen::generate_simple_self_signed(names).map_err(std::io::Error::other)?;
            fs::write(file("server.pem"), certified.cert.pem())?;
            fs::write(file("server.key"), certified.signing_key.serialize_pem())?;
            arguments.push(("--server-cert", text(file("server.pem"))));
            arguments.push(("--server-key", text(file("server.key"))));
            ca = Some(certified.cert.pem());
        }
        let mut words = vec!["serve".to_owned()];
        words.extend(arguments.into_iter().flat_map(|(name, value)| [name.to_owned(), value]));
        let process = Process::start(program, &words)?;
        let address = |of: &'static str| {
            move |line: &Line| {
                let is_it = line["message"] == "listening";
                line[of].as_str().filter(|_| is_it).and_then(|address| address.parse().ok())
            }
        };
        let grpc = process.line(address("grpc")).await?;
        let http = process.line(address("http")).await?;
        process.line(|line| (line["message"] == "ready").then_some(())).await?;
        let target = Target { grpc, http, ca, operator, attacker };
        Ok(Self { process, target, _folder: folder })
    }

    /// The id of its process; 0: it has ended.
    pub fn id(&self) -> u32 {
        self.process.id().unwrap_or(0)
    }

    /// Stops it, and gives the lines of its log that are faults: panics, and errors.
    ///
    /// # Errors
    /// It does not end.
    pub async fn stop(self) -> Result<Vec<String>, TestingError> {
        let faults = self.process.log().iter().filter_map(fault).collect();
        self.process.stop().await?;
        Ok(faults)
    }
}

fn fault(line: &Line) -> Option<String> {
    let message = line["message"].as_str().unwrap_or_default();
    (line["level"] == "ERROR" || message.contains("panicked")).then(|| line.to_string())
}
