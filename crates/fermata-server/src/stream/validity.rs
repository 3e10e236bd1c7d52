//! How long a stream may last: as long as the credential of its caller holds.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use fermata_core::Time;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::door::Credential;

/// How long the credential of a stream's caller holds.
pub(super) struct Validity {
    until: Option<Instant>,
    revoked: CancellationToken,
    taken_out: CancellationToken,
    /// For as long as the stream is open.
    _held: Option<Arc<dyn Any + Send + Sync>>,
}

impl Validity {
    /// Of this credential, from now on.
    pub(super) fn of(credential: Credential, now: Time) -> Self {
        let Credential { expires_at, revoked, taken_out, held } = credential;
        // What is longer than a clock can count lasts for ever.
        let left = expires_at.map(|at| Duration::try_from(at - now).unwrap_or_default());
        let until = left.and_then(|left| Instant::now().checked_add(left));
        Self { until, revoked, taken_out, _held: held }
    }

    /// Whether the stream has to end.
    pub(super) fn is_over(&self) -> bool {
        let revoked = self.revoked.is_cancelled() || self.taken_out.is_cancelled();
        revoked || self.until.is_some_and(|until| until <= Instant::now())
    }

    /// Waits until the stream has to end.
    pub(super) async fn over(&self) {
        let expired = async {
            match self.until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = expired => {}
            () = self.revoked.cancelled() => {}
            () = self.taken_out.cancelled() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A credential that expires so many seconds after the moment at which its stream begins.
    fn expiring(after: i64) -> Validity {
        let expires_at = Some(Time::UNIX_EPOCH + fermata_core::Duration::seconds(after));
        Validity::of(Credential { expires_at, ..Default::default() }, Time::UNIX_EPOCH)
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_over_when_the_credential_expires_and_not_before() {
        let begun = Instant::now();
        let hour = expiring(3600);
        assert!(!hour.is_over());
        hour.over().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(3600));
        assert!(hour.is_over());
        assert!(expiring(0).is_over());
        assert!(expiring(-1).is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn a_revoked_one_is_over_at_once_and_a_lasting_one_never() {
        let begun = Instant::now();
        let credential = Credential::default();
        let lasting = Validity::of(credential.clone(), Time::UNIX_EPOCH);
        let waited = tokio::time::timeout(Duration::from_secs(1 << 30), lasting.over()).await;
        assert!(waited.is_err() && !lasting.is_over());
        let (waiting, ()) = tokio::join!(lasting.over(), async { credential.revoked.cancel() });
        let () = waiting;
        assert!(lasting.is_over());
        assert_eq!(begun.elapsed(), Duration::from_secs(1 << 30));
    }
}
