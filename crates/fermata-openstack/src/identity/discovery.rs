//! Where Keystone's version 3 is, seen from `auth_url`.
//!
//! Of what a discovery document says only the path counts, as for keystoneauth (`_combine_relative_url` in
//! `keystoneauth1/discover.py`): behind a proxy a Keystone knows neither its port nor that it speaks TLS, and often not the
//! prefix of its path. A document that cannot be had is done without.

use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use url::Url;

use crate::config::Entry;
use crate::transport::{Message, Transport};

const V3: &str = "v3";

/// Where tokens may be asked for, the likeliest first.
pub(super) async fn keystones(transport: &Transport, entry: &Entry) -> Vec<Url> {
    if let Some(endpoint) = &entry.keystone.endpoint {
        return vec![versioned(endpoint)];
    }
    let auth_url = without_version(&entry.auth_url, "v2.0");
    if last_segment(&auth_url) == Some(V3) || entry.skip_discovery {
        return vec![versioned(&auth_url)];
    }
    let headers =
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))]);
    let message = Message { method: Method::GET, url: auth_url.clone(), headers, body: Vec::new() };
    let below = versioned(&auth_url);
    let document = match transport.send(&message).await {
        Ok(answer) => serde_json::from_slice::<Value>(&answer.body).unwrap_or_default(),
        // Asking for the token tells what is wrong.
        Err(_) => Value::Null,
    };
    let Some(path) = path_of_v3(&document) else { return vec![below] };
    let mut linked = auth_url.clone();
    linked.set_path(path.trim_end_matches('/'));
    linked.set_query(None);
    if linked.path() == below.path() {
        return vec![below];
    }
    let prefix = auth_url.path().trim_end_matches('/');
    if linked.path().starts_with(prefix) { vec![linked, below] } else { vec![below, linked] }
}

/// The path of the link to version 3 in a discovery document
/// (<https://docs.openstack.org/api-ref/identity/v3/#api-versions>).
fn path_of_v3(document: &Value) -> Option<String> {
    let one = document.get("version").map(std::slice::from_ref);
    let many = document.pointer("/versions/values").or_else(|| document.get("versions"));
    let versions = one.or_else(|| many.and_then(Value::as_array).map(Vec::as_slice))?;
    let is_v3 = |version: &&Value| {
        version.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with(V3))
    };
    let links = versions.iter().find(is_v3)?.get("links")?.as_array()?;
    let own = links.iter().find(|link| link.get("rel").is_some_and(|rel| rel == "self"))?;
    let href = own.get("href")?.as_str()?;
    // Some are only a path.
    let base = Url::parse("http://keystone.invalid/").ok()?;
    Some(base.join(href).ok()?.path().to_owned())
}

/// The address with `v3` at its end.
fn versioned(at: &Url) -> Url {
    if last_segment(at) == Some(V3) {
        return without_version(at, "");
    }
    below(at, V3)
}

/// An address below another one.
pub(super) fn below(at: &Url, path: &str) -> Url {
    let mut url = at.clone();
    url.set_path(&format!("{}/{path}", at.path().trim_end_matches('/')));
    url.set_query(None);
    url
}

fn without_version(at: &Url, version: &str) -> Url {
    let mut url = at.clone();
    let path = at.path().trim_end_matches('/');
    let path = path.strip_suffix(version).unwrap_or(path).trim_end_matches('/').to_owned();
    url.set_path(&path);
    url.set_query(None);
    url
}

fn last_segment(at: &Url) -> Option<&str> {
    at.path().trim_end_matches('/').rsplit('/').next()
}
