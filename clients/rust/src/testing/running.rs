//! An owner that runs in a test.

use fermata_proto::v1::ListSubscriptionsRequest;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::Status;

use crate::channel::Channel;
use crate::owner::Owner;
use crate::testing::{PATIENCE, SimulatedFermata, TestingError, until};

/// An owner that runs, until it is dropped.
#[derive(Debug)]
pub struct RunningOwner {
    run: JoinHandle<Result<(), Status>>,
    stop: Option<oneshot::Sender<()>>,
}

impl SimulatedFermata {
    /// Runs an owner against this server. When this returns, the owner takes part already.
    ///
    /// # Errors
    /// [`TestingError::OwnerEnded`] if the owner ends before; [`TestingError::Late`].
    pub async fn run(&self, owner: Owner) -> Result<RunningOwner, TestingError> {
        let (stop, stopped) = oneshot::channel();
        let channel = self.channel();
        let mut running = RunningOwner {
            run: tokio::spawn({
                let (owner, channel) = (owner.clone(), channel.clone());
                // Dropped, it is no wish to stop.
                let stopped = async move {
                    if stopped.await.is_err() {
                        std::future::pending::<()>().await;
                    }
                };
                async move { owner.run_until(channel, stopped).await }
            }),
            stop: Some(stop),
        };
        tokio::select! {
            connected = is_connected(&channel, &owner) => connected?,
            ended = &mut running.run => return Err(TestingError::OwnerEnded(reason(ended))),
        }
        Ok(running)
    }
}

impl RunningOwner {
    /// Stops it in good order.
    ///
    /// # Errors
    /// [`TestingError::OwnerEnded`] with what has ended it before.
    pub async fn stop(mut self) -> Result<(), TestingError> {
        if let Some(stop) = self.stop.take() {
            // It has ended already, if nobody takes this.
            let _ = stop.send(());
        }
        match (&mut self.run).await {
            Ok(Ok(())) => Ok(()),
            ended => Err(TestingError::OwnerEnded(reason(ended))),
        }
    }
}

impl RunningOwner {
    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// [`TestingError::OwnerEnded`] with what has ended it; [`TestingError::Late`] if nothing does.
    pub async fn ended(mut self) -> Result<(), TestingError> {
        match tokio::time::timeout(PATIENCE, &mut self.run).await {
            Ok(ended) => Err(TestingError::OwnerEnded(reason(ended))),
            Err(_) => Err(TestingError::Late { what: "the end of the owner".to_owned() }),
        }
    }
}

impl Drop for RunningOwner {
    fn drop(&mut self) {
        self.run.abort();
    }
}

async fn is_connected(channel: &Channel, owner: &Owner) -> Result<(), TestingError> {
    until("the owner takes part", || async {
        let request = ListSubscriptionsRequest {
            project_id: owner.project_id().to_owned(),
            ..Default::default()
        };
        let found = channel.notifications().list_subscriptions(request).await?.into_inner();
        let is_it = |s: &fermata_proto::v1::Subscription| s.id == owner.subscription_id();
        Ok(found.subscriptions.iter().any(|s| is_it(s) && s.connected).then_some(()))
    })
    .await
}

fn reason(ended: Result<Result<(), Status>, tokio::task::JoinError>) -> Status {
    match ended {
        Ok(Ok(())) => Status::cancelled("it was stopped"),
        Ok(Err(status)) => status,
        Err(error) => Status::internal(error.to_string()),
    }
}
