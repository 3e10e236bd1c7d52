//! Reads a list of Nova's to its end
//! (<https://docs.openstack.org/api-guide/compute/paginated_collections.html>).

use fermata_core::cloud::{CloudError, OutageKind};
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::endpoints::Call;
use crate::model::record::Record;

/// One page of a list.
pub(crate) trait Page: DeserializeOwned {
    /// What is listed.
    type Entry: Record;
    /// Where the list ends.
    const END: End;

    /// Whether Nova points to a next page.
    fn has_next(&self) -> bool;
    /// The entries of this page.
    fn into_entries(self) -> Vec<Self::Entry>;
}

/// How the end of a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// On a page that points to no next one.
    NoNextLink,
    /// On an empty page. Nova drops entries of this list after it cut the page, and then points to
    /// no next page although there is one.
    EmptyPage,
}

/// Every entry of a list, in Nova's order.
pub(crate) async fn read_all<P: Page>(
    client: &Client,
    first: Call,
) -> Result<Vec<P::Entry>, CloudError> {
    let mut all = Vec::new();
    let mut call = first.clone();
    let mut marker = None;
    loop {
        let page: P = client.read(&call).await?;
        let has_next = page.has_next();
        let entries = page.into_entries();
        if entries.is_empty() {
            return Ok(all);
        }
        entries.iter().for_each(|entry| client.remark(entry));
        let last = entries.iter().rev().map(Record::id).find(|id| !id.is_empty());
        let Some(next) = last.map(str::to_owned) else {
            return Err(CloudError::Unavailable {
                kind: OutageKind::BadAnswer,
                detail: format!("{}: no entry of a page has an id", call.operation),
            });
        };
        if marker.as_ref() == Some(&next) {
            return Err(CloudError::Unavailable {
                kind: OutageKind::BadAnswer,
                detail: format!("{}: the list does not go on after {next}", call.operation),
            });
        }
        all.extend(entries);
        if !has_next && P::END == End::NoNextLink {
            return Ok(all);
        }
        call = first.after(&next);
        marker = Some(next);
    }
}
