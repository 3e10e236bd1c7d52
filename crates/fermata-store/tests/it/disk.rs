//! A disk that is full for a while: on a tiny file system where one may be mounted, and always in a process whose files
//! may not grow. What was answered OK is there; what was not is whole or absent; the store recovers by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fermata_store::{Options, Store, StoreError};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tempfile::TempDir;

use crate::commits::drop_after;
use crate::world::{START, World, write};

/// Tells the test in the child process where its database is.
const CHILD: &str = "FERMATA_TEST_FULL_DISK";

/// Something that can run out of room.
trait Disk {
    fn directory(&self) -> &Path;
    fn fill(&self);
    fn free(&self);
}

/// A file system of its own.
struct Tiny(TempDir);

impl Tiny {
    /// `None` where file systems cannot be mounted.
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"])
            .arg(directory.path())
            .output()
            .is_ok_and(|done| done.status.success());
        mounted.then_some(Self(directory))
    }

    fn ballast(&self) -> PathBuf {
        self.0.path().join("ballast")
    }
}

impl Disk for Tiny {
    fn directory(&self) -> &Path {
        self.0.path()
    }

    fn fill(&self) {
        fs::write(self.ballast(), vec![0; 8 << 20]).unwrap_err();
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// This process may write no file, or any.
struct Limited(PathBuf);

impl Limited {
    fn limit(&self, bytes: &str) {
        let pid = std::process::id().to_string();
        let set = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")])
            .status();
        assert!(set.unwrap().success());
    }
}

impl Disk for Limited {
    fn directory(&self) -> &Path {
        &self.0
    }

    fn fill(&self) {
        self.limit("0");
    }

    fn free(&self) {
        self.limit("unlimited");
    }
}

/// Reads past the store.
async fn is_there(raw: &DatabaseConnection, world: &World) -> bool {
    let sql = "SELECT 1 FROM sessions WHERE id = ?";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [world.id().0.into()]);
    raw.query_one_raw(statement).await.unwrap().is_some()
}

struct Run {
    store: Store,
    raw: DatabaseConnection,
    kept: Vec<World>,
    hosts: u32,
}

impl Run {
    fn next(&mut self) -> (World, fermata_core::machine::Transition) {
        self.hosts += 1;
        World::create(&[format!("host{}", self.hosts).as_str()], &["p"], START, |_| {})
    }

    /// Commits a session; what was answered OK is there at once.
    async fn commit(&mut self) -> Result<(), StoreError> {
        let (world, transition) = self.next();
        self.store.commit(write(None, &transition, START)).await?;
        assert!(is_there(&self.raw, &world).await, "answered OK, and not stored");
        self.kept.push(world);
        Ok(())
    }

    /// Begins a commit, and goes away.
    async fn give_up(&mut self, waits: usize) {
        let (world, transition) = self.next();
        let done = drop_after(waits, self.store.commit(write(None, &transition, START))).await;
        if let Some(Ok(_)) = done {
            self.kept.push(world);
        }
    }
}

async fn full_for_a_while(disk: &dyn Disk) {
    let url = format!("sqlite://{}/store.db?mode=rwc", disk.directory().display());
    let store = Store::connect(&url, &Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    let raw = sea_orm::Database::connect(&url).await.unwrap();
    let mut run = Run { store, raw, kept: Vec::new(), hosts: 0 };
    for _ in 0..5 {
        run.commit().await.unwrap();
    }
    for round in 0..4 {
        disk.fill();
        let mut failed = 0;
        // The log has room of its own, which is used again, so it may go well for a while.
        for waits in 0..1000 {
            if failed > 20 {
                break;
            }
            if let Err(error) = run.commit().await {
                assert!(error.is_retryable(), "round {round}: {error:?}");
                failed += 1;
            }
            run.give_up(waits % 14).await;
        }
        assert!(failed > 20, "round {round}: it was not full");
        assert!(run.store.probe().await.is_err(), "round {round}");
        disk.free();
        run.commit().await.unwrap();
        run.store.probe().await.unwrap();
        for waits in 0..14 {
            run.give_up(waits).await;
            run.commit().await.unwrap();
        }
    }
    let Run { store, raw, kept, .. } = run;
    raw.close().await.unwrap();
    store.close().await.unwrap();
    let store = Store::connect(&url, &Options::default()).await.unwrap();
    for world in &kept {
        assert_eq!(store.load(world.id()).await.unwrap().as_ref(), Some(&world.session));
    }
    let check = sea_orm::Database::connect(&url).await.unwrap();
    let sql = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check");
    let row = check.query_one_raw(sql).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tiny_file_system_is_full_for_a_while() {
    if let Some(disk) = Tiny::mount() {
        full_for_a_while(&disk).await;
    }
}

/// The limit counts for a whole process, so the test has one of its own.
#[tokio::test]
async fn files_cannot_grow_for_a_while() {
    let directory = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    // A write beyond the limit is to fail, not to kill.
    let run = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(this)
        .args(["--exact", "disk::in_the_child_process", "--ignored"])
        .env(CHILD, directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "files_cannot_grow_for_a_while runs it"]
async fn in_the_child_process() {
    let Some(directory) = std::env::var_os(CHILD) else { return };
    full_for_a_while(&Limited(directory.into())).await;
}
