//! Ids as people type them: the first characters are enough while nothing else of that kind shares them, with or without
//! dashes.

use std::collections::{BTreeMap, BTreeSet};

use fermata_client::v1::{
    ListNotificationsRequest, ListServerGroupsRequest, ListServerPoliciesRequest,
    ListSessionsRequest, Notification,
};
use tonic::Code;
use uuid::Uuid;

use super::context::{Context, pages};
use crate::failure::Failure;
use crate::output::color::safe;

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

/// The id of the server of a project that `given` means: its id, the beginning of its id, or its name, as far as the project's
/// policies, groups and notifications tell. What they do not tell stays what it is: the server has the last word on it, and names
/// the id where it is a name.
pub(super) async fn server_of_owner(
    context: &Context<'_>,
    project: &str,
    given: String,
) -> Result<String, Failure> {
    if let Some(whole) = whole(&given) {
        return Ok(whole);
    }
    let known = match servers_of_owner(context, project).await {
        // Whoever may not read all of it goes by whole ids; anything else would make another server of what was meant.
        Err(Failure::Call(status)) if status.code() == Code::PermissionDenied => BTreeMap::new(),
        known => known?,
    };
    match pick_server(&given, &known)? {
        Some(id) => {
            let taken = format!("{} is taken for server {}", safe(&given), safe(&id));
            context.note(&taken)?;
            Ok(id)
        }
        None => Ok(given),
    }
}

/// Servers of a project by their ids, with their names where these are known.
async fn servers_of_owner(
    context: &Context<'_>,
    project: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut client = context.policies().await?;
    let project_id = project.to_owned();
    let stored = pages(usize::MAX, async |page_size, page_token| {
        let project_id = project_id.clone();
        let request = ListServerPoliciesRequest { project_id, page_size, page_token };
        let page = context.ask(client.list_server_policies(request)).await?;
        Ok((page.server_policies, page.next_page_token))
    });
    let stored = stored.await?;
    let groups = pages(usize::MAX, async |page_size, page_token| {
        let project_id = project_id.clone();
        let request = ListServerGroupsRequest { project_id, page_size, page_token };
        let page = context.ask(client.list_server_groups(request)).await?;
        Ok((page.server_groups, page.next_page_token))
    });
    let members = groups.await?.into_iter().flat_map(|group| group.member_ids);
    let ids = stored.into_iter().map(|policy| policy.server_id).chain(members);
    let mut known: BTreeMap<_, _> = ids.map(|id| (id, String::new())).collect();
    let asked = notifications(context, project).await?.into_iter();
    known.extend(
        asked.flat_map(|asked| asked.servers).map(|server| (server.server_id, server.name)),
    );
    Ok(known)
}

/// Another id that is meant, if one is.
fn pick_server(given: &str, known: &BTreeMap<String, String>) -> Result<Option<String>, Failure> {
    if known.contains_key(given) {
        return Ok(None);
    }
    let named: Vec<_> = known.iter().filter(|(_, name)| *name == given).collect();
    let begun = || known.iter().filter(|(id, _)| begins(id, given)).collect();
    let meant: Vec<_> = if named.is_empty() { begun() } else { named };
    match meant.as_slice() {
        [] => Ok(None),
        [(id, _)] => Ok(Some((*id).clone())),
        several => {
            let ids: Vec<_> = several.iter().map(|(id, _)| id.as_str()).collect();
            let text = format!("several servers are meant by {given:?}: {}", ids.join(", "));
            Err(Failure::Usage(text))
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
    fn item_11_a_server_is_meant_by_its_name_or_the_beginning_of_its_id() {
        let known = [("ab12-1", "db"), ("ab12-2", "web"), ("db34-5", ""), ("c", "web")];
        let known = known.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        let meant = |given: &str| pick_server(given, &known).map_err(|failure| failure.to_string());
        assert_eq!(meant("db"), Ok(Some("ab12-1".to_owned())), "names come before beginnings");
        assert_eq!(meant("db34"), Ok(Some("db34-5".to_owned())));
        assert_eq!(meant("c"), Ok(None), "an id is an id");
        assert_eq!(meant("unheard"), Ok(None));
        for several in ["ab12", "web"] {
            assert!(meant(several).unwrap_err().contains("ab12-2"), "{several}");
        }
    }

    #[test]
    fn one_that_is_not_names_the_candidates() {
        let failure = picked("0193a").unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        assert!(failure.to_string().ends_with("0193a-1, 0193a-2"), "{failure}");
        assert_eq!(picked("ffff").unwrap_err().exit(), Exit::NotFound);
    }
}
