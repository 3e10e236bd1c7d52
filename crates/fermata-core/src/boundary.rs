//! The one hook around everything that lasts: each durable write and each call of the cloud passes it before it
//! is made and after it was made. Tests number the boundaries there and end the process at each of them.

use async_trait::async_trait;

/// Where a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Boundary {
    /// A transaction is about to be committed.
    BeforeCommit(&'static str),
    /// A transaction was committed; nobody was told yet.
    AfterCommit(&'static str),
    /// The cloud is about to be called.
    BeforeCall(&'static str),
    /// The cloud answered; nobody was told yet.
    AfterCall(&'static str),
}

/// Hears of every boundary that is crossed.
#[async_trait]
pub trait Boundaries: Send + Sync {
    /// A boundary is crossed. Whoever does not want the process to go on never returns.
    async fn cross(&self, boundary: Boundary);
}
