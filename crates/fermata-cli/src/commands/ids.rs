//! Ids as people type them: the first characters are enough while nothing else of that kind shares them, with or without
//! dashes.

use std::collections::BTreeSet;

use fermata_client::v1::{ListNotificationsRequest, ListSessionsRequest, Notification};
use uuid::Uuid;

use super::context::{Context, pages};
use crate::failure::Failure;

/// The full id of the session that `given` means.
pub(super) async fn resolve(context: &Context<'_>, given: &str) -> Result<String, Failure> {
    if let Some(whole) = whole(given) {
        return Ok(whole);
    }
    let mut sessions = context.sessions().await?;
    let ids = pages(usize::MAX, async |page_size, page_token| {
        let request = ListSessionsRequest { page_size, page_token, ..Default::default() };
        let page = context.ask(sessions.list_sessions(request)).await?;
        let ids = page.sessions.into_iter().map(|session| session.id).collect();
        Ok((ids, page.next_page_token))
    })
    .await?;
    pick("session", given, ids)
}

/// The full id of the notification of a project that `given` means.
pub(super) async fn notification(
    context: &Context<'_>,
    project: &str,
    given: &str,
) -> Result<String, Failure> {
    match whole(given) {
        Some(whole) => Ok(whole),
        None => {
            let ids = notifications(context, project).await?.into_iter().map(|asked| asked.id);
            pick("notification", given, ids.collect())
        }
    }
}

/// The full id of the session that `given` means, for an owner: owners know sessions by what they are asked.
pub(super) async fn session_of_owner(
    context: &Context<'_>,
    project: &str,
    given: &str,
) -> Result<String, Failure> {
    match whole(given) {
        Some(whole) => Ok(whole),
        None => {
            let asked = notifications(context, project).await?;
            let ids: BTreeSet<String> = asked.into_iter().map(|asked| asked.session_id).collect();
            pick("session", given, ids.into_iter().collect())
        }
    }
}

async fn notifications(context: &Context<'_>, project: &str) -> Result<Vec<Notification>, Failure> {
    let mut client = context.notifications().await?;
    pages(usize::MAX, async |page_size, page_token| {
        let project_id = project.to_owned();
        let request =
            ListNotificationsRequest { project_id, page_size, page_token, ..Default::default() };
        let page = context.ask(client.list_notifications(request)).await?;
        Ok((page.notifications, page.next_page_token))
    })
    .await
}

/// An id that is typed as a whole, as the server writes it.
fn whole(given: &str) -> Option<String> {
    Uuid::try_parse(given).ok().map(|id| id.to_string())
}

/// Whether `given` is the beginning of this id.
pub(super) fn begins(id: &str, given: &str) -> bool {
    let bare = |text: &str| text.replace('-', "").to_lowercase();
    bare(id).starts_with(&bare(given))
}

fn pick(kind: &str, given: &str, ids: Vec<String>) -> Result<String, Failure> {
    let mut matching: Vec<String> = ids.into_iter().filter(|id| begins(id, given)).collect();
    match matching.len() {
        0 => Err(Failure::NotFound(format!("no {kind}'s id begins with {given:?}"))),
        1 => Ok(matching.remove(0)),
        _ => Err(Failure::Usage(format!(
            "several {kind}s begin with {given:?}: {}",
            matching.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn picked(given: &str) -> Result<String, Failure> {
        pick("session", given, ["0193a-1", "0193a-2", "0193b"].map(str::to_owned).into())
    }

    #[test]
    fn item_11_a_prefix_that_is_unique_is_enough_with_and_without_dashes() {
        assert_eq!(picked("0193b").unwrap(), "0193b");
        assert_eq!(picked("0193A-2").unwrap(), "0193a-2");
        assert_eq!(picked("0193a2").unwrap(), "0193a-2");
        let id = "01a20804-4445-7666-87d5-30a16d420f95";
        assert_eq!(whole(&id.replace('-', "")).as_deref(), Some(id));
        assert_eq!(whole(&id[..13]), None);
    }

    #[test]
    fn one_that_is_not_names_the_candidates() {
        let failure = picked("0193a").unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        assert!(failure.to_string().ends_with("0193a-1, 0193a-2"), "{failure}");
        assert_eq!(picked("ffff").unwrap_err().exit(), Exit::NotFound);
    }
}
