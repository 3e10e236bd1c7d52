//! One attack: a server, an honest client before it and during it, and what the server's process holds meanwhile.

use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, interval, timeout};

use crate::attacks::{Attack, Outcome};
use crate::honest::{Honest, Seen};
use crate::process::{Held, give_way, held};
use crate::site::{Site, Target};

/// The honest client and the server get used to each other, which does not count.
const WARM: Duration = Duration::from_millis(500);
/// What the client saw before is measured for at least so long.
const BEFORE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(20);
/// An attack that has ended ends within this.
const LATE: Duration = Duration::from_secs(20);

/// What was seen.
pub struct Measured {
    pub before: Seen,
    pub during: Seen,
    pub outcome: Outcome,
    /// By how much memory and address space grew at most, in MB.
    pub memory: u64,
    pub addresses: u64,
    /// Errors in the server's log.
    pub errors: Vec<String>,
}

/// Runs an attack of this length.
///
/// # Errors
/// The server does not start, dies, or the attack does not end.
pub fn run(program: &str, attack: &Attack, lasting: Duration) -> Result<Measured, String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(told)?;
    runtime.block_on(async {
        let site = Site::start(program, attack.tls).await.map_err(told)?;
        let honest = Honest::start(&site.target).await.map_err(told)?;
        tokio::time::sleep(WARM).await;
        drop(honest.take());
        tokio::time::sleep(lasting.min(BEFORE * 5).max(BEFORE)).await;
        let before = honest.take();
        let began_with = held(site.id());
        let most = Peak::new(began_with);
        let attacking = spawn(attack, site.target.clone(), Instant::now() + lasting);
        let outcome = most.watch(site.id(), attacking).await?;
        let during = honest.take();
        drop(honest);
        if held(site.id()).memory == 0 {
            return Err("the server has died".to_owned());
        }
        let (memory, addresses) = most.growth();
        let errors = site.stop().await.map_err(told)?;
        Ok(Measured { before, during, outcome, memory, addresses, errors })
    })
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The attack has threads of its own, which give way.
fn spawn(
    attack: &Attack,
    target: Target,
    until: Instant,
) -> tokio::sync::oneshot::Receiver<Result<Outcome, String>> {
    let (sender, ended) = tokio::sync::oneshot::channel();
    let run = attack.run;
    thread::spawn(move || {
        give_way();
        let outcome = runtime().map(|runtime| runtime.block_on(run(target, until)));
        let _ = sender.send(outcome.map_err(told));
    });
    ended
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).on_thread_start(give_way).enable_all().build()
}

/// The most that a process held.
struct Peak {
    first: Held,
    most: std::cell::Cell<Held>,
}

impl Peak {
    fn new(first: Held) -> Self {
        Self { first, most: std::cell::Cell::new(first) }
    }

    async fn watch(
        &self,
        process: u32,
        attacking: tokio::sync::oneshot::Receiver<Result<Outcome, String>>,
    ) -> Result<Outcome, String> {
        let mut looks = interval(LOOK);
        let looking = async {
            loop {
                looks.tick().await;
                let (now, most) = (held(process), self.most.get());
                self.most.set(Held {
                    memory: most.memory.max(now.memory),
                    addresses: most.addresses.max(now.addresses),
                });
            }
        };
        let limit = Duration::from_secs(3600) + LATE;
        tokio::select! {
            () = looking => Err("never".to_owned()),
            ended = timeout(limit, attacking) => {
                ended.map_err(|_| "the attack does not end")?.map_err(told)?
            }
        }
    }

    fn growth(&self) -> (u64, u64) {
        let most = self.most.get();
        let mb = |more: u64, than: u64| more.saturating_sub(than) / 1000;
        (mb(most.memory, self.first.memory), mb(most.addresses, self.first.addresses))
    }
}
