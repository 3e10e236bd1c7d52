//! What a session did: a table of servers per host.

use fermata_client::v1::{
    DecisionSource, HostReport, SessionNotification, SessionReport, SessionServer,
};
use time::OffsetDateTime;

use super::projects::ProjectNames;
use super::{answers, because, history, or_dash, session};
use crate::output::color::{BAD, BOLD, Colored, paint, safe};
use crate::output::table::{Table, table};
use crate::output::time::{from_proto, short, span, span_of};
use crate::words::Word;

/// The whole report.
pub(crate) fn report(report: &SessionReport, names: &ProjectNames, now: OffsetDateTime) -> String {
    let session = report.session.clone().unwrap_or_default();
    let reason = session.spec.as_ref().map(|spec| spec.reason.as_str()).unwrap_or_default();
    let mut text = format!("{}\n", session::changed(&session, now).trim_end());
    text += &format!("{} in {}\n", safe(reason), span_of(report.duration));
    for host in &report.hosts {
        text += &format!("\n{}", self::host(host, names, now));
    }
    text + &owners(&report.notifications, names, now)
}

/// What the owners were asked and replied, and what became of it; nothing if nobody was asked.
fn owners(asked: &[SessionNotification], names: &ProjectNames, now: OffsetDateTime) -> String {
    match asked {
        [] => String::new(),
        asked => {
            let table = answers::answers(asked, now).naming(names);
            let text = format!("\n{}\n{table}\n", paint(BOLD, "owners"));
            let history = history::history(asked, now).naming(names);
            match asked.iter().all(|question| question.history.is_empty()) {
                true => text,
                false => text + &format!("\n{}\n{history}\n", paint(BOLD, "what they said")),
            }
        }
    }
}

fn host(report: &HostReport, names: &ProjectNames, now: OffsetDateTime) -> String {
    let host = report.host.clone().unwrap_or_default();
    let mut text = format!(
        "{} {} drained in {}, worked on for {} {}\n",
        paint(BOLD, &host.host),
        host.state().painted(),
        span_of(report.drain_duration),
        span_of(report.work_duration),
        because(&host.state_reason)
    );
    if report.servers.is_empty() {
        return text + "no servers were affected\n";
    }
    text += &servers(&report.servers, now).naming(names).to_string();
    text.push('\n');
    for server in report.servers.iter().filter(|server| !server.error.is_empty()) {
        text += &format!("{} {}\n", paint(BAD, &format!("{}:", server.name)), safe(&server.error));
    }
    for server in &report.servers {
        text += &history::decisions(server, now);
    }
    text
}

/// Servers of a session as a table.
pub(crate) fn servers(servers: &[SessionServer], now: OffsetDateTime) -> Table {
    table(
        [
            "SERVER",
            "PROJECT",
            "RESULT",
            "ACTION",
            "DECIDED BY",
            "BEGAN",
            "TOOK",
            "TRIES",
            "WENT TO",
        ],
        servers.iter().map(|server| self::server(server, now)),
    )
}

fn server(server: &SessionServer, now: OffsetDateTime) -> [String; 9] {
    let began = server.action_start_time.as_ref().and_then(from_proto);
    let ended = server.action_end_time.as_ref().and_then(from_proto);
    let took = began.zip(ended).map(|(began, ended)| span((ended - began).unsigned_abs()));
    [
        or_dash(if server.name.is_empty() { &server.server_id } else { &server.name }),
        or_dash(&server.project_id),
        server.state().painted(),
        server.action().name().to_owned(),
        decided_by(server.decision_source()).to_owned(),
        short(server.action_start_time.as_ref(), now),
        took.unwrap_or_else(|| "–".to_owned()),
        server.attempts.to_string(),
        or_dash(&server.destination_host),
    ]
}

/// Who decided.
pub(super) fn decided_by(source: DecisionSource) -> &'static str {
    match source {
        DecisionSource::Unspecified => "–",
        DecisionSource::Owner => "owner",
        DecisionSource::SessionDefault => "session default",
        DecisionSource::Operator => "operator",
        DecisionSource::Policy => "policy",
    }
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{
        Action, EarlierDecision, NotificationKind, OwnerAnswer, OwnerAnswerKind, ServerState,
        Session, SessionHost, SessionHostState, SessionSpec, SessionState, SessionStatus,
    };
    use prost_types::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    #[test]
    fn a_report_has_a_table_per_host() {
        let spec = SessionSpec { reason: "firmware".to_owned(), ..Default::default() };
        let status = SessionStatus { state: SessionState::Completed.into(), ..Default::default() };
        let made = report(
            &SessionReport {
                session: Some(Session {
                    id: "0193".to_owned(),
                    spec: Some(spec),
                    status: Some(status),
                    ..Default::default()
                }),
                duration: Some(Duration { seconds: 75, nanos: 0 }),
                hosts: vec![HostReport {
                    host: Some(SessionHost {
                        host: "compute-a1".to_owned(),
                        state: SessionHostState::Maintained.into(),
                        ..Default::default()
                    }),
                    drain_duration: Some(Duration { seconds: 12, nanos: 0 }),
                    work_duration: Some(Duration { seconds: 30, nanos: 0 }),
                    servers: vec![SessionServer {
                        server_id: "id".to_owned(),
                        name: "amf-1".to_owned(),
                        project_id: "core".to_owned(),
                        state: ServerState::Moved.into(),
                        action: Action::LiveMigrate.into(),
                        decision_source: DecisionSource::Owner.into(),
                        action_start_time: Some(to_proto(datetime!(2026-11-23 14:00:01 UTC))),
                        action_end_time: Some(to_proto(datetime!(2026-11-23 14:00:03.5 UTC))),
                        attempts: 2,
                        destination_host: "compute-b3".to_owned(),
                        error: "the first try failed".to_owned(),
                        earlier_decisions: vec![EarlierDecision {
                            action: Action::Migrate.into(),
                            decision_source: DecisionSource::Owner.into(),
                            end_time: Some(to_proto(datetime!(2026-11-23 13:58 UTC))),
                            end_reason: "the owner decided otherwise".to_owned(),
                            ..Default::default()
                        }],
                        ..Default::default()
                    }],
                }],
                notifications: vec![SessionNotification {
                    project_id: "core".to_owned(),
                    kind: NotificationKind::Drain.into(),
                    host: "compute-a1".to_owned(),
                    history: vec![OwnerAnswer {
                        time: Some(to_proto(datetime!(2026-11-23 13:59 UTC))),
                        kind: OwnerAnswerKind::Overridden.into(),
                        objection: "not today".to_owned(),
                        principal: "kim".to_owned(),
                        reason: "the disk is failing".to_owned(),
                        ..Default::default()
                    }],
                    ..Default::default()
                }],
            },
            &ProjectNames::default(),
            datetime!(2026-11-23 15:00:00 UTC),
        );
        let expected = "\
session 0193 COMPLETED
firmware in 1 min 15 s

compute-a1 MAINTAINED drained in 12 s, worked on for 30 s 
SERVER  PROJECT  RESULT  ACTION        DECIDED BY  BEGAN     TOOK   TRIES  WENT TO
amf-1   core     MOVED   LIVE_MIGRATE  owner       14:00:01  2.5 s  2      compute-b3
amf-1: the first try failed
amf-1: before, until 13:58:00: MIGRATE, decided by owner: the owner decided otherwise

owners
";
        let made = anstream::adapter::strip_str(&made).to_string();
        assert!(made.starts_with(expected), "{made}");
        let last = made.lines().last().unwrap_or_default();
        let words: Vec<&str> = last.split_whitespace().take(3).collect();
        assert_eq!(words, ["core", "compute-a1", "13:59:00"], "{made}");
        let overridden = "overridden by kim  the disk is failing; had objected: not today";
        assert!(last.contains(overridden), "{made}");
    }
}
