//! The real server on a disk that is full or read-only for a while. What it answers OK is there after a restart; it says that it is not
//! ready; when there is room again, it goes on by itself. The disk is a file system of its own where one may be
//! mounted, and always a limit of the process: it may not write files.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_proto::v1::{self, HostSelection, MaintenanceWindow, SessionSpec};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tonic::Code;
use tonic::transport::Channel;

use crate::run::command;

const PATIENCE: Duration = Duration::from_secs(60);

/// A server of its own process.
pub struct Server {
    child: Child,
    sessions: SessionServiceClient<Channel>,
    http: String,
    said: Arc<Mutex<String>>,
    log: JoinHandle<()>,
}

impl Server {
    /// One that is ready.
    pub async fn start(directory: &Path) -> Self {
        let server = Self::launch(directory).await;
        server.readiness_until("200 OK").await;
        server
    }

    /// One that listens.
    async fn launch(directory: &Path) -> Self {
        let database = format!("sqlite://{}?mode=rwc", directory.join("fermata.db").display());
        let serve = command(&[
            "serve",
            "--cloud=simulated",
            "--listen=127.0.0.1:0",
            "--http-listen=127.0.0.1:0",
            "--database-url",
            &database,
            "--log-format=json",
        ]);
        // A write beyond the limit is to fail, not to kill.
        let mut child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
            .arg(serve.as_std().get_program())
            .args(serve.as_std().get_args())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::<Mutex<String>>::default();
        let listening = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let log: serde_json::Value = serde_json::from_str(&line).unwrap();
                let field = |name: &str| {
                    let found = log.pointer(&format!("/fields/{name}")).or(log.get(name))?;
                    Some(found.as_str()?.to_owned())
                };
                said.lock().unwrap().push_str(&line);
                if let (Some(grpc), Some(http)) = (field("grpc"), field("http")) {
                    return (grpc, http);
                }
            }
            panic!("the server ended before it listened: {}", said.lock().unwrap());
        };
        let (grpc, http) = tokio::time::timeout(PATIENCE, listening).await.unwrap();
        let told = Arc::clone(&said);
        let log = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut told = told.lock().unwrap();
                told.push_str(&line);
                told.push('\n');
            }
        });
        let address = format!("http://{grpc}");
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        let http = http.trim_start_matches("Some(").trim_end_matches(')').to_owned();
        Self { child, sessions: SessionServiceClient::new(channel), http, said, log }
    }

    /// Waits until its log says this.
    pub async fn says(&self, wanted: &str) {
        until(wanted, async || self.said.lock().unwrap().contains(wanted).then_some(())).await;
    }

    /// Where its pages are.
    pub fn http(&self) -> &str {
        &self.http
    }

    pub fn pid(&self) -> String {
        self.child.id().unwrap().to_string()
    }

    async fn create(&mut self, host: &str) -> Result<String, tonic::Status> {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let end = prost_types::Timestamp { seconds: i64::try_from(now).unwrap() + 7200, nanos: 0 };
        let spec = SessionSpec {
            hosts: Some(HostSelection { names: vec![host.to_owned()], ..Default::default() }),
            window: Some(MaintenanceWindow { start_time: None, end_time: Some(end) }),
            reason: "new kernel".to_owned(),
            start_mode: v1::StartMode::Manual.into(),
            ..Default::default()
        };
        let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
        Ok(self.sessions.create_session(request).await?.into_inner().session.unwrap().id)
    }

    async fn cancel(&mut self, id: &str) -> Result<(), tonic::Status> {
        let request = v1::CancelSessionRequest { session_id: id.to_owned(), ..Default::default() };
        self.sessions.cancel_session(request).await.map(drop)
    }

    async fn get(&mut self, id: &str) -> Result<v1::Session, tonic::Status> {
        let request = v1::GetSessionRequest { session_id: id.to_owned(), ..Default::default() };
        Ok(self.sessions.get_session(request).await?.into_inner().session.unwrap())
    }

    async fn readiness(&self) -> String {
        let mut stream = TcpStream::connect(&self.http).await.unwrap();
        let request = "GET /readyz?verbose HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        page
    }

    pub async fn readiness_until(&self, wanted: &str) -> String {
        let look = async || Some(self.readiness().await).filter(|page| page.contains(wanted));
        until(wanted, look).await
    }

    /// Kills it, and gives its log.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.unwrap();
        self.log.await.unwrap();
        self.said.lock().unwrap().clone()
    }
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never {what}"))
}

/// A disk that can run out of room for a server.
trait Disk {
    fn directory(&self) -> &Path;
    async fn fill(&self, server: &Server);
    async fn free(&self, server: &Server);
}

/// A file system of its own.
struct Tiny(TempDir);

impl Tiny {
    /// `None` where file systems cannot be mounted.
    async fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(directory.path())
            .output()
            .await;
        mounted.is_ok_and(|done| done.status.success()).then_some(Self(directory))
    }

    fn ballast(&self) -> PathBuf {
        self.0.path().join("ballast")
    }
}

impl Tiny {
    async fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let path = self.0.path();
        let mounted = Command::new("mount").args(["-o", &options]).arg(path).status().await;
        assert!(mounted.unwrap().success(), "{how}");
    }
}

impl Disk for Tiny {
    fn directory(&self) -> &Path {
        self.0.path()
    }

    async fn fill(&self, _: &Server) {
        std::fs::write(self.ballast(), vec![0; 16 << 20]).unwrap_err();
    }

    async fn free(&self, _: &Server) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let unmount =
            std::process::Command::new("umount").arg("--lazy").arg(self.0.path()).status();
        let _ = unmount;
    }
}

/// A limit of the process.
struct Limited(TempDir);

impl Limited {
    async fn limit(server: &Server, bytes: &str) {
        let limit = format!("--fsize={bytes}:unlimited");
        let set = Command::new("prlimit").args(["--pid", &server.pid(), &limit]).status().await;
        assert!(set.unwrap().success());
    }
}

impl Disk for Limited {
    fn directory(&self) -> &Path {
        self.0.path()
    }

    async fn fill(&self, server: &Server) {
        Self::limit(server, "0").await;
    }

    async fn free(&self, server: &Server) {
        Self::limit(server, "unlimited").await;
    }
}

const HOSTS: [&str; 3] = ["compute-a1", "compute-a2", "compute-b1"];

/// Creates and cancels, as often as it goes; what was answered OK must be there at once.
pub async fn work(server: &mut Server, rounds: usize, said: &mut Said) {
    for host in HOSTS.iter().cycle().take(rounds) {
        match server.create(host).await {
            Ok(id) => {
                server.get(&id).await.unwrap_or_else(|status| panic!("answered OK: {status:?}"));
                let cancelled = server.cancel(&id).await.is_ok();
                said.ok.push((id, cancelled));
            }
            // The last one on this host could not be cancelled.
            Err(status) if status.code() == Code::FailedPrecondition => said.busy += 1,
            Err(status) => {
                assert_eq!(status.code(), Code::Unavailable, "{status:?}");
                said.refused += 1;
            }
        }
    }
}

#[derive(Default)]
pub struct Said {
    /// Sessions that were answered OK, and whether their cancellation was.
    pub ok: Vec<(String, bool)>,
    refused: usize,
    busy: usize,
}

impl Said {
    /// Cancels what could not be cancelled.
    pub async fn catch_up(&mut self, server: &mut Server) {
        for (id, cancelled) in &mut self.ok {
            if !*cancelled {
                server.cancel(id).await.unwrap();
                *cancelled = true;
            }
        }
    }

    /// Whether all that was answered OK is there.
    pub async fn is_there(&self, server: &mut Server) {
        for (id, cancelled) in &self.ok {
            let session =
                server.get(id).await.unwrap_or_else(|status| panic!("lost {id}: {status:?}"));
            let state = session.status.as_ref().map(v1::SessionStatus::state);
            assert!(!cancelled || state == Some(v1::SessionState::Cancelled), "{session:?}");
        }
    }
}

async fn full_for_a_while(disk: impl Disk) {
    let mut server = Server::start(disk.directory()).await;
    let mut said = Said::default();
    work(&mut server, 6, &mut said).await;
    assert_eq!((said.ok.len(), said.refused), (6, 0));
    for round in 0..3 {
        disk.fill(&server).await;
        let refused = said.refused;
        // The log has room of its own, which is used again, so it may go well for a while.
        for _ in 0..40 {
            work(&mut server, 30, &mut said).await;
            if said.refused > refused {
                break;
            }
        }
        assert!(said.refused > refused, "round {round}: it was not full");
        let page = server.readiness_until("503 Service Unavailable").await;
        assert!(page.contains("[-] database: "), "{page}");
        disk.free(&server).await;
        server.readiness_until("200 OK").await;
        // By itself; a host whose session could not be cancelled may be busy still.
        let ok = said.ok.len();
        said.catch_up(&mut server).await;
        said.busy = 0;
        work(&mut server, 6, &mut said).await;
        assert_eq!(said.ok.len() - ok, 6 - said.busy, "round {round}");
        assert!(said.ok.len() > ok, "round {round}: it does not go on by itself");
    }
    let log = server.kill().await;
    assert!(log.contains("not ready") && log.contains("ready again"), "{log}");
    assert!(
        log.contains("database or disk is full") || log.contains("disk I/O error"),
        "the cause is in the log: {log}"
    );
    let mut server = Server::start(disk.directory()).await;
    said.is_there(&mut server).await;
    server.kill().await;
}

#[tokio::test]
async fn a_tiny_file_system_is_full_for_a_while() {
    if let Some(disk) = Tiny::mount().await {
        full_for_a_while(disk).await;
    }
}

#[tokio::test]
async fn files_cannot_be_written_for_a_while() {
    full_for_a_while(Limited(tempfile::tempdir().unwrap())).await;
}

/// A file system that is read-only when the server starts, as after a fault of its disk. (One that has files open for writing
/// cannot be made read-only.)
#[tokio::test]
async fn a_read_only_disk_is_waited_for() {
    let Some(disk) = Tiny::mount().await else { return };
    let mut server = Server::start(disk.directory()).await;
    let mut said = Said::default();
    work(&mut server, 6, &mut said).await;
    server.kill().await;
    disk.remount("ro").await;
    let mut server = Server::launch(disk.directory()).await;
    let page = server.readiness_until("503 Service Unavailable").await;
    assert!(page.contains("[-] start: "), "{page}");
    server.readiness_until("ead-only").await;
    let refused = server.create(HOSTS[0]).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    disk.remount("rw").await;
    server.readiness_until("200 OK").await;
    said.is_there(&mut server).await;
    work(&mut server, 3, &mut said).await;
    assert_eq!(said.ok.len(), 9, "it goes on by itself");
    server.kill().await;
}
