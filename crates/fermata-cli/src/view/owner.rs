//! Notifications and subscriptions, as the owner of servers sees them.

use fermata_client::v1::{
    AffectedServer, CounterOfferStatus, DecisionSource, ListNotificationsResponse,
    ListSubscriptionsResponse, Notification, NotificationKind, NotificationState, ScaleIn,
    Subscription,
};
use time::OffsetDateTime;

use super::projects::ProjectNames;
use super::{because, count, or_dash};
use crate::output::color::{BOLD, Colored, DIM, paint, safe};
use crate::output::facts::facts;
use crate::output::table::{Listing, table};
use crate::output::time::{distance, moment, short};
use crate::words::Word;

/// A notification with its servers, and how to answer it.
pub(crate) fn notification(
    asked: &Notification,
    names: &ProjectNames,
    now: OffsetDateTime,
) -> String {
    let window = asked.window.unwrap_or_default();
    let mut text = format!("{}\n", headline(asked));
    let mut shown = vec![
        ("project", safe(&names.beside(&asked.project_id)).into_owned()),
        ("reason", safe(&asked.reason).into_owned()),
        ("session", safe(&asked.session_id).into_owned()),
        ("kind", asked.maintenance_kind().name().to_owned()),
        (
            "window",
            format!(
                "{} to {}",
                moment(window.start_time.as_ref(), now),
                moment(window.end_time.as_ref(), now)
            ),
        ),
        ("reply by", moment(asked.reply_deadline_time.as_ref(), now)),
        ("acts at", moment(asked.actions_start_time.as_ref(), now)),
        ("otherwise", asked.default_action().name().to_owned()),
        ("plan", format!("revision {}", asked.plan_revision)),
    ];
    for (key, value) in &asked.metadata {
        shown.push(("metadata", format!("{}={}", safe(key), safe(value))));
    }
    if !asked.comment.is_empty() {
        shown.push(("you said", safe(&asked.comment).into_owned()));
    }
    shown.extend(asked.counter_offer.as_ref().map(|offer| ("you offer", offered(offer, now))));
    if let Some(asked_for) = &asked.scale_in {
        shown.retain(|(name, _)| !["acts at", "otherwise", "kind"].contains(name));
        shown.extend(self::scale_in(asked_for));
    }
    text += &facts(shown);
    text.push('\n');
    if asked.scale_in.is_none() {
        text += &match asked.servers_omitted {
            true => {
                format!("{}, too many to show here", count(asked.server_count as usize, "server"))
            }
            false => servers(&asked.servers, now),
        };
        text.push('\n');
    }
    if asked.state() == NotificationState::Pending {
        let answers = match asked.kind() {
            NotificationKind::ScaleIn => "--own-action-done | --reject REASON",
            NotificationKind::Unspecified | NotificationKind::Planned | NotificationKind::Drain => {
                "--accept [ACTION] | --reject REASON | --not-before TIME | --after SERVER"
            }
        };
        let (project, id) = (&asked.project_id, &asked.id);
        let how = format!("answer with: fermata owner reply --project {project} {id} {answers}");
        text += &paint(DIM, &how);
        text.push('\n');
    }
    text
}

/// What was offered instead, and what became of it.
fn offered(status: &CounterOfferStatus, now: OffsetDateTime) -> String {
    let offer = status.offer.clone().unwrap_or_default();
    let mut terms = count(offer.server_ids.len(), "server");
    if offer.not_before_time.is_some() {
        terms += &format!(" not before {}", moment(offer.not_before_time.as_ref(), now));
    }
    if !offer.after_server_ids.is_empty() {
        terms += &format!(" after {}", safe(&offer.after_server_ids.join(", ")));
    }
    format!("{terms}: {} {}", status.state().painted(), because(&status.reason))
        .trim_end()
        .to_owned()
}

/// What an owner is asked to give.
fn scale_in(scale_in: &ScaleIn) -> [(&'static str, String); 4] {
    let name =
        if scale_in.group_name.is_empty() { &scale_in.group_id } else { &scale_in.group_name };
    let mut resources: Vec<_> = scale_in.resources.iter().collect();
    resources.sort();
    let resources: Vec<_> = resources.iter().map(|(class, n)| format!("{n} {class}")).collect();
    [
        ("group", safe(name).into_owned()),
        (
            "scale in",
            format!(
                "{} of {}",
                scale_in.server_count,
                count(scale_in.group_size as usize, "server")
            ),
        ),
        ("for example", safe(&scale_in.suggested_server_ids.join(", ")).into_owned()),
        ("frees", safe(&resources.join(", ")).into_owned()),
    ]
}

/// One line: which notification, and where it stands.
pub(crate) fn headline(asked: &Notification) -> String {
    format!(
        "{} {} {} {}",
        paint(BOLD, "notification"),
        safe(&asked.id),
        asked.kind().name(),
        asked.state().painted()
    )
}

/// Affected servers as a table.
pub(crate) fn servers(servers: &[AffectedServer], now: OffsetDateTime) -> String {
    let rows = servers.iter().map(|server| {
        let allowed: Vec<&str> = server.allowed_actions().map(Word::name).collect();
        let host: String = server.host_id.chars().take(8).collect();
        [
            or_dash(&server.name),
            or_dash(&server.server_id),
            server.impact().name().to_owned(),
            or_dash(&allowed.join(" ")),
            decision(server),
            server.state().painted(),
            or_dash(&host),
            when(server, now),
        ]
    });
    table(["SERVER", "ID", "IMPACT", "ALLOWED", "DECISION", "STATE", "ON", "WHEN"], rows)
        .to_string()
}

/// What is agreed about when it is touched, else when that is expected.
fn when(server: &AffectedServer, now: OffsetDateTime) -> String {
    let mut parts = Vec::new();
    if server.agreed_not_before_time.is_some() {
        parts.push(format!("not before {}", short(server.agreed_not_before_time.as_ref(), now)));
    }
    if !server.agreed_after_server_ids.is_empty() {
        parts.push(format!("after {}", server.agreed_after_server_ids.join(", ")));
    }
    if server.expected_start_time.is_some() {
        parts.push(format!("about {}", short(server.expected_start_time.as_ref(), now)));
    }
    if !server.status_note.is_empty() {
        parts.push(safe(&server.status_note).into_owned());
    }
    or_dash(&parts.join("; "))
}

/// What is decided, or what the owner's policy says that happens without a reply.
fn decision(server: &AffectedServer) -> String {
    match (server.decision, server.default_action_source()) {
        (0, DecisionSource::Policy) => format!("else {}", server.default_action().name()),
        (
            0,
            DecisionSource::Unspecified
            | DecisionSource::Owner
            | DecisionSource::SessionDefault
            | DecisionSource::Operator,
        ) => or_dash(""),
        (_, _) => server.decision().name().to_owned(),
    }
}

/// Notifications as a table.
pub(crate) fn list(response: &ListNotificationsResponse, now: OffsetDateTime) -> Listing {
    let rows = response.notifications.iter().map(|asked| {
        [
            safe(&asked.id).into_owned(),
            asked.kind().name().to_owned(),
            asked.state().painted(),
            about(asked),
            distance(asked.reply_deadline_time.as_ref(), now),
            safe(&asked.session_id).into_owned(),
            safe(&asked.reason).into_owned(),
        ]
    });
    table(["NOTIFICATION", "KIND", "STATE", "ABOUT", "REPLY BY", "SESSION", "REASON"], rows)
        .or_nothing("no notifications")
}

fn about(asked: &Notification) -> String {
    let servers = asked.scale_in.as_ref().map(|scale_in| scale_in.server_count as usize);
    count(servers.unwrap_or(asked.server_count as usize), "server")
}

/// A subscription.
pub(crate) fn subscription(
    made: &Subscription,
    names: &ProjectNames,
    now: OffsetDateTime,
) -> String {
    format!(
        "{} {}\n{}",
        paint(BOLD, "subscription"),
        safe(&made.id),
        facts([
            ("project", safe(&names.beside(&made.project_id)).into_owned()),
            ("name", or_dash(&made.display_name)),
            ("created", moment(made.create_time.as_ref(), now)),
            ("connected", connected(made, now)),
            ("read", format!("{} of {}", made.acknowledged_sequence, made.latest_sequence)),
        ])
    )
}

fn connected(made: &Subscription, now: OffsetDateTime) -> String {
    match made.last_connect_time.as_ref() {
        Some(_) if made.connected => "yes".to_owned(),
        None => "never".to_owned(),
        last => distance(last, now),
    }
}

/// Subscriptions as a table.
pub(crate) fn subscriptions(response: &ListSubscriptionsResponse, now: OffsetDateTime) -> Listing {
    let rows = response.subscriptions.iter().map(|made| {
        [
            safe(&made.id).into_owned(),
            safe(&made.project_id).into_owned(),
            or_dash(&made.display_name),
            format!("{}/{}", made.acknowledged_sequence, made.latest_sequence),
            distance(made.acknowledge_time.as_ref(), now),
            connected(made, now),
            distance(made.create_time.as_ref(), now),
        ]
    });
    table(["SUBSCRIPTION", "PROJECT", "NAME", "READ", "LAST READ", "CONNECTED", "CREATED"], rows)
        .or_nothing("no subscriptions")
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{Action, Impact, NotificationKind, ServerState};
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:02:00 UTC);

    #[test]
    fn a_notification_says_what_is_asked_and_how_to_answer() {
        let asked = Notification {
            id: "note-1".to_owned(),
            project_id: "core".to_owned(),
            kind: NotificationKind::Drain.into(),
            state: NotificationState::Pending.into(),
            plan_revision: 3,
            reply_deadline_time: Some(to_proto(datetime!(2026-11-23 14:05:00 UTC))),
            servers: vec![AffectedServer {
                server_id: "id-1".to_owned(),
                name: "amf-1".to_owned(),
                host_id: "0123456789abcdef".to_owned(),
                impact: Impact::Move.into(),
                allowed_actions: vec![Action::LiveMigrate.into(), Action::Keep.into()],
                state: ServerState::Affected.into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut names = ProjectNames::default();
        names.learn("core".to_owned(), "core-network".to_owned());
        let made = anstream::adapter::strip_str(&notification(&asked, &names, NOW)).to_string();
        assert!(made.contains("project    core-network (core)"), "{made}");
        assert!(made.contains("notification note-1 DRAIN PENDING"), "{made}");
        assert!(made.contains("reply by   14:05:00 (in 3 min)"), "{made}");
        assert!(made.contains("amf-1   id-1  MOVE    LIVE_MIGRATE KEEP  –"), "{made}");
        assert!(made.contains("owner reply --project core note-1 --accept"), "{made}");
    }
    #[test]
    fn item_10_a_subscription_names_its_project() {
        let made = Subscription { project_id: "core".to_owned(), ..Default::default() };
        let mut names = ProjectNames::default();
        names.learn("core".to_owned(), "core-network".to_owned());
        let made = subscription(&made, &names, NOW);
        assert!(made.contains("core-network (core)"), "{made}");
    }
}
