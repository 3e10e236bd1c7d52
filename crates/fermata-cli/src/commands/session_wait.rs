//! `fermata session wait`: nothing is shown until what is waited for has happened, or cannot happen any more.

use std::time::Duration;

use fermata_client::v1::{SessionHostState, SessionState, WatchSessionRequest};
use fermata_client::{WatchItem, WatchOptions};
use futures::TryStreamExt;

use super::context::Context;
use super::ids::resolve;
use super::session::{get, show};
use super::session_watch::ended;
use crate::args::session::{Awaited, SessionArg, WaitArgs};
use crate::failure::Failure;
use crate::output::time;
use crate::view::tracker::Tracker;
use crate::words::Word;

/// Carries the command out.
pub(super) async fn run(args: WaitArgs, context: &Context<'_>) -> Result<(), Failure> {
    if args.awaited == Awaited::Completed && !args.hosts.is_empty() {
        return Err(Failure::Usage("--host goes with --for in-maintenance".to_owned()));
    }
    let id = resolve(context, &args.session.session).await?;
    wait(id, args.awaited, &args.hosts, args.within, context).await
}

/// Waits, and shows the session as it is then. `hosts`: those that matter; none: all.
pub(super) async fn wait(
    id: String,
    awaited: Awaited,
    hosts: &[String],
    within: Option<Duration>,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let mut tracker = Tracker::default();
    let waiting = follow(&id, awaited, hosts, &mut tracker, context);
    let outcome = match within {
        None => waiting.await,
        Some(limit) => match tokio::time::timeout(limit, waiting).await {
            Ok(happened) => happened,
            Err(_) => Err(late(&id, awaited, hosts, limit, &tracker)),
        },
    };
    let session = get(&SessionArg { session: id }, context).await?;
    show(&session, context).await?;
    outcome
}

async fn follow(
    id: &str,
    awaited: Awaited,
    hosts: &[String],
    tracker: &mut Tracker,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let call = WatchSessionRequest { session_id: id.to_owned(), ..Default::default() };
    let channel = context.channel().await?;
    let mut items = fermata_client::watch(channel, call, WatchOptions::default());
    while let Some(item) = items.try_next().await? {
        match item {
            WatchItem::Snapshot { snapshot, .. } => {
                tracker.snapshot(&snapshot);
                let is_unknown = |host: &&String| tracker.states().all(|(known, _)| known != *host);
                if let Some(host) = hosts.iter().find(is_unknown) {
                    return Err(Failure::NotFound(format!("session {id} has no host {host}")));
                }
            }
            WatchItem::Event { event, .. } => tracker.event(&event),
            // It resumes by itself.
            WatchItem::Connected | WatchItem::Interrupted { .. } => continue,
        }
        let verdict = match awaited {
            Awaited::InMaintenance => {
                let wanted = tracker.states().filter(|(host, _)| is_wanted(hosts, host));
                in_maintenance(tracker.state(), wanted)
            }
            Awaited::Completed => completed(id, tracker),
        };
        if let Some(verdict) = verdict {
            return verdict;
        }
    }
    Err(Failure::Local(format!("the watch of session {id} ended")))
}

fn is_wanted(hosts: &[String], host: &str) -> bool {
    hosts.is_empty() || hosts.iter().any(|wanted| wanted == host)
}

/// Whether the hosts are, or have been, in maintenance; `None`: some may still come to it.
fn in_maintenance<'a>(
    session: SessionState,
    hosts: impl Iterator<Item = (&'a str, SessionHostState)>,
) -> Option<Result<(), Failure>> {
    let is_over = is_over(session);
    let mut never = Vec::new();
    for (host, state) in hosts {
        match state {
            SessionHostState::InMaintenance
            | SessionHostState::Maintained
            | SessionHostState::Retired => {}
            SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => never.push(format!("{host} ({})", state.name())),
            SessionHostState::Unspecified
            | SessionHostState::Waiting
            | SessionHostState::Draining
            | SessionHostState::Returning => {
                if !is_over {
                    return None;
                }
                never.push(format!("{host} ({})", state.name()));
            }
        }
    }
    Some(if never.is_empty() {
        Ok(())
    } else {
        Err(Failure::NotReached(format!("not in maintenance: {}", never.join(", "))))
    })
}

fn completed(id: &str, tracker: &Tracker) -> Option<Result<(), Failure>> {
    let state = tracker.state();
    match state {
        SessionState::Completed | SessionState::Failed | SessionState::Cancelled => {
            Some(ended(id.to_owned(), state, tracker))
        }
        SessionState::Unspecified
        | SessionState::Scheduled
        | SessionState::Running
        | SessionState::Paused
        | SessionState::Cancelling => None,
    }
}

/// Whether no host that waits or is drained will come further by itself.
fn is_over(state: SessionState) -> bool {
    match state {
        SessionState::Completed
        | SessionState::Failed
        | SessionState::Cancelled
        | SessionState::Cancelling => true,
        SessionState::Unspecified
        | SessionState::Scheduled
        | SessionState::Running
        | SessionState::Paused => false,
    }
}

fn late(
    id: &str,
    awaited: Awaited,
    hosts: &[String],
    limit: Duration,
    tracker: &Tracker,
) -> Failure {
    let limit = time::span(limit);
    Failure::NotReached(match awaited {
        Awaited::Completed => {
            format!("session {id} is {} after {limit}", tracker.state().name())
        }
        Awaited::InMaintenance => {
            let open: Vec<_> = tracker
                .states()
                .filter(|(host, state)| {
                    is_wanted(hosts, host) && *state != SessionHostState::InMaintenance
                })
                .map(|(host, state)| format!("{host} ({})", state.name()))
                .collect();
            format!("not in maintenance after {limit}: {}", open.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use SessionHostState as Host;

    use super::*;

    fn verdict(session: SessionState, hosts: &[Host]) -> Option<Result<(), String>> {
        let hosts = hosts.iter().map(|state| ("h", *state));
        in_maintenance(session, hosts).map(|ended| ended.map_err(|error| error.to_string()))
    }

    #[test]
    fn item_14_a_wait_ends_when_no_host_will_come_to_it_any_more() {
        let running = SessionState::Running;
        assert_eq!(verdict(running, &[Host::InMaintenance, Host::Maintained]), Some(Ok(())));
        assert_eq!(verdict(running, &[Host::InMaintenance, Host::Draining]), None);
        assert_eq!(verdict(running, &[Host::DrainFailed, Host::Waiting]), None);
        let failed = verdict(running, &[Host::InMaintenance, Host::DrainFailed]);
        assert_eq!(failed, Some(Err("not in maintenance: h (DRAIN_FAILED)".to_owned())));
        let over = verdict(SessionState::Failed, &[Host::InMaintenance, Host::Waiting]);
        assert_eq!(over, Some(Err("not in maintenance: h (WAITING)".to_owned())));
    }
}
