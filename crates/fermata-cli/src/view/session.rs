//! Sessions.

use fermata_client::v1::{
    HostSelection, ListSessionsResponse, MaintenanceKind, Session, SessionHost, SessionHostState,
    SessionNotification, SessionSpec, SessionStatus,
};
use time::OffsetDateTime;

use super::{answers, because, count, or_dash, progress, waits};
use crate::output::color::{BAD, BOLD, Colored, paint, safe};
use crate::output::commands::spoken;
use crate::output::facts::facts;
use crate::output::table::{Listing, Table, table};
use crate::output::time::{distance, moment, short};
use crate::words::Word;

const BAR: u32 = 20;
const HOST_BAR: u32 = 10;

/// A session with its waits and hosts.
pub(crate) fn session(
    session: &Session,
    hosts: &[SessionHost],
    asked: &[SessionNotification],
    now: OffsetDateTime,
) -> String {
    let spec = session.spec.clone().unwrap_or_default();
    let status = session.status.clone().unwrap_or_default();
    let mut text = changed(session, now);
    text.push('\n');
    text += &facts(header(session, &spec, &status, now));
    text += &facts(waits::lines(&status.waits, now).into_iter().map(|line| ("waits for", line)));
    let shown = u32::try_from(status.waits.len()).unwrap_or(u32::MAX);
    if status.wait_count > shown {
        text += &facts([("", format!("and {} more", status.wait_count - shown))]);
    }
    if !asked.is_empty() {
        text += &facts([("owners", answers::summary(asked))]);
    }
    if !hosts.is_empty() {
        text.push('\n');
        text += &self::hosts(hosts, now).to_string();
    }
    text
}

/// One line: which session, its state and why.
pub(crate) fn changed(session: &Session, _: OffsetDateTime) -> String {
    let status = session.status.clone().unwrap_or_default();
    format!(
        "{} {} {} {}",
        paint(BOLD, "session"),
        safe(&session.id),
        status.state().painted(),
        because(&status.state_reason)
    )
}

/// Sessions as a table.
pub(crate) fn list(response: &ListSessionsResponse, now: OffsetDateTime) -> Listing {
    let rows = response.sessions.iter().map(|session| {
        let spec = session.spec.clone().unwrap_or_default();
        let status = session.status.clone().unwrap_or_default();
        let progress = status.progress.unwrap_or_default();
        [
            safe(&session.id).into_owned(),
            status.state().painted(),
            format!("{}/{}", progress::worked_on(&progress), progress.hosts_total),
            format!("{}/{}", progress.servers_done, progress.servers_total),
            distance(session.create_time.as_ref(), now),
            safe(&spec.reason).into_owned(),
        ]
    });
    table(["SESSION", "STATE", "HOSTS", "SERVERS", "CREATED", "REASON"], rows)
        .or_nothing("no sessions")
}

fn header(
    session: &Session,
    spec: &SessionSpec,
    status: &SessionStatus,
    now: OffsetDateTime,
) -> Vec<(&'static str, String)> {
    let window = spec.window.unwrap_or_default();
    let progress = status.progress.unwrap_or_default();
    let mut facts = vec![
        ("reason", safe(&spec.reason).into_owned()),
        ("selects", selection(&spec.hosts.clone().unwrap_or_default())),
        (
            "window",
            format!(
                "{} to {}",
                moment(window.start_time.as_ref(), now),
                moment(window.end_time.as_ref(), now)
            ),
        ),
        ("created", moment(session.create_time.as_ref(), now)),
    ];
    if status.start_time.is_some() {
        facts.push(("started", moment(status.start_time.as_ref(), now)));
    }
    if status.expected_end_time.is_some() {
        facts.push(("expected", moment(status.expected_end_time.as_ref(), now)));
    }
    if status.end_time.is_some() {
        facts.push(("ended", moment(status.end_time.as_ref(), now)));
    }
    for (key, value) in &spec.metadata {
        facts.push(("metadata", format!("{}={}", safe(key), safe(value))));
    }
    facts.push(("hosts", self::progress::hosts(&progress)));
    facts.push(("servers", self::progress::servers(&progress, BAR)));
    if let Some(outage) = &status.cloud_outage {
        let since = short(outage.start_time.as_ref(), now);
        let text = format!("{} since {since}: {}", outage.kind().name(), outage.detail);
        facts.push(("cloud", paint(BAD, &text)));
    }
    for note in &status.plan_notes {
        facts.push(("note", paint(BAD, &spoken(note))));
    }
    facts
}

fn selection(hosts: &HostSelection) -> String {
    if hosts.all {
        return "every host".to_owned();
    }
    let named = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| safe(&format!("{what} {}", names.join(", "))).into_owned())
    };
    let parts = [
        named("hosts", &hosts.names),
        named("aggregates", &hosts.aggregates),
        named("zones", &hosts.zones),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Hosts of a session as a table.
pub(crate) fn hosts(hosts: &[SessionHost], now: OffsetDateTime) -> Table {
    let rows = hosts.iter().map(|host| {
        let since = [&host.end_time, &host.empty_time, &host.drain_start_time];
        let since = since.into_iter().flatten().next();
        [
            safe(&host.host).into_owned(),
            host.state().painted(),
            if host.wave == 0 { or_dash("") } else { host.wave.to_string() },
            servers_of(host),
            short(since, now),
            distance(host.deadline_time.as_ref(), now),
            why(host, now),
        ]
    });
    table(["HOST", "STATE", "WAVE", "SERVERS", "SINCE", "DEADLINE", "WHY"], rows)
}

/// How far a host is; of one that was left out, or that has no servers and is not begun, that says nothing.
fn servers_of(host: &SessionHost) -> String {
    match host.state() {
        SessionHostState::Skipped | SessionHostState::Cancelled => or_dash(""),
        SessionHostState::Waiting if host.servers_total == 0 => or_dash(""),
        SessionHostState::Unspecified
        | SessionHostState::Waiting
        | SessionHostState::Draining
        | SessionHostState::InMaintenance
        | SessionHostState::Returning
        | SessionHostState::Maintained
        | SessionHostState::Retired
        | SessionHostState::DrainFailed
        | SessionHostState::MaintenanceFailed => {
            progress::bar(host.servers_done, host.servers_total, HOST_BAR)
        }
    }
}

fn why(host: &SessionHost, now: OffsetDateTime) -> String {
    let mut parts = Vec::new();
    if !host.intruder_server_ids.is_empty() {
        let intruders = count(host.intruder_server_ids.len(), "server");
        let ids = host.intruder_server_ids.join(", ");
        parts.push(paint(BAD, &format!("ALARM: {intruders} on a held host: {ids}")));
    }
    if host.kind() == MaintenanceKind::Retirement {
        parts.push(host.kind().name().to_owned());
    }
    if host.expected_start_time.is_some() {
        parts.push(format!("begins about {}", short(host.expected_start_time.as_ref(), now)));
    }
    if !host.state_reason.is_empty() {
        parts.push(safe(&spoken(&host.state_reason)).into_owned());
    }
    or_dash_painted(parts.join("; "))
}

/// As [`or_dash`], for text that holds colours.
fn or_dash_painted(text: String) -> String {
    if text.is_empty() { or_dash("") } else { text }
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{
        MaintenanceWindow, Progress, SessionState, Wait, WaitKind, WaitParty,
    };
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:02:00 UTC);

    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn example() -> Session {
        let at = |time| Some(to_proto(time));
        Session {
            id: "0193-example".to_owned(),
            spec: Some(SessionSpec {
                hosts: Some(HostSelection {
                    names: vec!["compute-a1".to_owned(), "compute-b3".to_owned()],
                    ..Default::default()
                }),
                window: Some(MaintenanceWindow {
                    start_time: at(datetime!(2026-11-23 14:00:00 UTC)),
                    end_time: at(datetime!(2026-11-23 18:00:00 UTC)),
                }),
                reason: "firmware".to_owned(),
                ..Default::default()
            }),
            status: Some(SessionStatus {
                state: SessionState::Running.into(),
                state_reason: "draining".to_owned(),
                waits: vec![Wait {
                    party: WaitParty::Owner.into(),
                    project_id: "core-network".to_owned(),
                    host: "compute-a1".to_owned(),
                    description: "the decisions for its servers".to_owned(),
                    kind: WaitKind::DrainReply.into(),
                    ended_by: vec!["fermata.v1.NotificationService/Reply".to_owned()],
                    deadline_time: at(datetime!(2026-11-23 14:05:00 UTC)),
                }],
                progress: Some(Progress {
                    hosts_total: 2,
                    servers_total: 4,
                    servers_done: 1,
                    servers_in_action: 2,
                    ..Default::default()
                }),
                expected_end_time: at(datetime!(2026-11-23 15:12:00 UTC)),
                ..Default::default()
            }),
            create_time: at(datetime!(2026-11-23 13:50:00 UTC)),
            ..Default::default()
        }
    }

    fn its_hosts() -> [SessionHost; 2] {
        let at = |time| Some(to_proto(time));
        [
            SessionHost {
                host: "compute-a1".to_owned(),
                state: SessionHostState::Draining.into(),
                servers_total: 4,
                servers_done: 1,
                drain_start_time: at(datetime!(2026-11-23 14:01:30 UTC)),
                deadline_time: at(datetime!(2026-11-23 15:01:30 UTC)),
                state_reason: "servers leave".to_owned(),
                wave: 1,
                ..Default::default()
            },
            SessionHost {
                host: "compute-b3".to_owned(),
                state: SessionHostState::InMaintenance.into(),
                kind: MaintenanceKind::Retirement.into(),
                intruder_server_ids: vec!["srv-9".to_owned()],
                ..Default::default()
            },
        ]
    }

    #[test]
    fn a_session_says_how_far_it_is_and_whom_it_waits_for() {
        let expected = "\
session 0193-example RUNNING (draining)
  reason     firmware
  selects    hosts compute-a1, compute-b3
  window     14:00:00 (2 min ago) to 18:00:00 (in 3 h 58 min)
  created    13:50:00 (12 min ago)
  expected   15:12:00 (in 1 h 10 min)
  hosts      0 of 2 done
  servers    █████░░░░░░░░░░░░░░░ 1/4, 2 in action
  waits for  owner core-network on compute-a1 until 14:05:00 (in 3 min): the decisions for its servers (owner reply)

HOST        STATE           WAVE  SERVERS         SINCE     DEADLINE   WHY
compute-a1  DRAINING        1     ██░░░░░░░░ 1/4  14:01:30  in 59 min  servers leave
compute-b3  IN_MAINTENANCE  –     ██████████ 0/0                       ALARM: 1 server on a held host: srv-9; RETIREMENT";
        assert_eq!(bare(&session(&example(), &its_hosts(), &[], NOW)), expected);
    }

    #[test]
    fn a_list_has_a_line_per_session() {
        let response = ListSessionsResponse { sessions: vec![example()], ..Default::default() };
        let expected = "\
SESSION       STATE    HOSTS  SERVERS  CREATED     REASON
0193-example  RUNNING  0/2    1/4      12 min ago  firmware";
        assert_eq!(bare(&list(&response, NOW).to_string()), expected);
        assert_eq!(list(&ListSessionsResponse::default(), NOW).to_string(), "no sessions");
    }
}
