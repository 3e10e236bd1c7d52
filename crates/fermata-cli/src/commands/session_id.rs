//! Session ids as people type them: the first characters are enough while no other session shares
//! them.

use fermata_client::v1::ListSessionsRequest;
use uuid::Uuid;

use super::context::{Context, pages};
use crate::failure::Failure;

/// The full id of the session that `given` means.
pub(super) async fn resolve(context: &Context<'_>, given: &str) -> Result<String, Failure> {
    if Uuid::try_parse(given).is_ok() {
        return Ok(given.to_owned());
    }
    let mut sessions = context.sessions().await?;
    let ids = pages(usize::MAX, async |page_size, page_token| {
        let request = ListSessionsRequest { page_size, page_token, ..Default::default() };
        let page = context.ask(sessions.list_sessions(request)).await?;
        let ids = page.sessions.into_iter().map(|session| session.id).collect();
        Ok((ids, page.next_page_token))
    })
    .await?;
    pick(given, ids)
}

fn pick(given: &str, ids: Vec<String>) -> Result<String, Failure> {
    let mut matching: Vec<String> =
        ids.into_iter().filter(|id| id.starts_with(&given.to_lowercase())).collect();
    match matching.len() {
        0 => Err(Failure::NotFound(format!("no session's id begins with {given:?}"))),
        1 => Ok(matching.remove(0)),
        _ => Err(Failure::Usage(format!(
            "several sessions begin with {given:?}: {}",
            matching.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn ids() -> Vec<String> {
        ["0193a-1", "0193a-2", "0193b"].map(str::to_owned).into()
    }

    #[test]
    fn a_prefix_that_is_unique_is_enough() {
        assert_eq!(pick("0193b", ids()).unwrap(), "0193b");
        assert_eq!(pick("0193A-2", ids()).unwrap(), "0193a-2");
    }

    #[test]
    fn one_that_is_not_names_the_candidates() {
        let failure = pick("0193a", ids()).unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        assert!(failure.to_string().ends_with("0193a-1, 0193a-2"), "{failure}");
        assert_eq!(pick("ffff", ids()).unwrap_err().exit(), Exit::NotFound);
    }
}
