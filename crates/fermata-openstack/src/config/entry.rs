//! What the settings of a cloud mean: where Keystone is, how to sign in, what for, and which endpoints to use.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::ConfigError;
use super::keys::{self, AUTH};
use super::method::{Method, Scope, Secrets};
use super::node::Node;
use crate::endpoints::Service;

/// One cloud, as it is configured.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) auth_url: Url,
    pub(crate) method: Method,
    pub(crate) scope: Scope,
    pub(crate) tls: Tls,
    /// How long a request may take, by the cloud's own setting.
    pub(crate) api_timeout: Option<Duration>,
    /// Whether Keystone's discovery document is not to be asked for.
    pub(crate) skip_discovery: bool,
    pub(crate) keystone: ServiceEntry,
    pub(crate) nova: ServiceEntry,
    pub(crate) placement: ServiceEntry,
    /// Settings that nobody knows, perhaps mistyped.
    pub(crate) unknown: Vec<String>,
}

/// Where one service is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServiceEntry {
    /// Which endpoints of the catalog may be used, the best first.
    pub(crate) interfaces: Vec<String>,
    pub(crate) region: Option<String>,
    /// Used instead of the catalog's.
    pub(crate) endpoint: Option<Url>,
    /// What the catalog calls it.
    pub(crate) kind: String,
    /// Its name in the catalog, where there are several of a kind.
    pub(crate) name: Option<String>,
    /// How many calls a second.
    pub(crate) rate: Option<f64>,
    /// How many calls at once.
    pub(crate) concurrency: Option<usize>,
}

/// How servers are trusted, and as whom connections are made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tls {
    pub(crate) trust: Trust,
    /// Certificate and key in PEM; one file may hold both.
    pub(crate) identity: Option<(PathBuf, Option<PathBuf>)>,
}

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trust {
    System,
    /// Those that the CAs of a file signed.
    File(PathBuf),
    Everybody,
}

impl Entry {
    pub(crate) fn service(&self, service: Service) -> &ServiceEntry {
        match service {
            Service::Keystone => &self.keystone,
            Service::Nova => &self.nova,
            Service::Placement => &self.placement,
        }
    }

    /// Reads the settings of a cloud.
    pub(crate) fn read(cloud: Node) -> Result<Self, ConfigError> {
        let cloud = in_region(cloud);
        let cloud = &cloud;
        let secrets = Secrets::new(auth(cloud));
        let auth_url = secrets.get("auth_url").ok_or(ConfigError::NoAuthUrl)?;
        let auth_url = url("auth_url", auth_url)?;
        let kind = text(cloud, "auth_type").or_else(|| text(cloud, "auth_plugin"));
        let version = text(cloud, "identity_api_version").unwrap_or("3");
        if !version.trim_start_matches('v').starts_with('3') {
            return Err(ConfigError::Unsupported {
                setting: "identity_api_version".to_owned(),
                value: version.to_owned(),
                instead: "Keystone's version 3 is the only one that is left",
            });
        }
        let method = Method::read(kind, &secrets)?;
        let scope = Scope::read(&secrets)?;
        Ok(Self {
            auth_url,
            method,
            scope,
            tls: tls(cloud)?,
            api_timeout: api_timeout(cloud)?,
            skip_discovery: is_set(cloud, "identity_skip_discovery")?.unwrap_or(false),
            keystone: service(cloud, "identity", "identity")?,
            nova: service(cloud, "compute", "compute")?,
            placement: service(cloud, "placement", "placement")?,
            unknown: unknown(cloud),
        })
    }
}

/// The settings with those of their region laid over: `regions` may give each its own.
fn in_region(cloud: Node) -> Node {
    let wanted = text(&cloud, "region_name").map(str::to_owned);
    let regions = match cloud.get("regions") {
        Some(Node::List(regions)) => regions.clone(),
        Some(Node::Null | Node::Text(_) | Node::Map(_)) | None => return cloud,
    };
    let name = |region: &Node| region.text().or_else(|| text(region, "name")).map(str::to_owned);
    let chosen = match &wanted {
        Some(wanted) => regions.iter().find(|region| name(region).as_ref() == Some(wanted)),
        None => regions.first(),
    };
    let Some(chosen) = chosen else { return cloud };
    let values = chosen.get("values").cloned().unwrap_or(Node::Null);
    let region = name(chosen).map_or(Node::Null, Node::Text);
    let over = Node::Map([("region_name".to_owned(), region)].into());
    cloud.overlaid(values).overlaid(over)
}

/// `auth`, and what stands beside it although it belongs there.
fn auth(cloud: &Node) -> Node {
    let beside = AUTH.iter().filter_map(|key| Some(((*key).to_owned(), cloud.get(key)?.clone())));
    Node::Map(beside.collect()).overlaid(cloud.get("auth").cloned().unwrap_or(Node::Null))
}

fn service(cloud: &Node, prefix: &str, kind: &str) -> Result<ServiceEntry, ConfigError> {
    let own = |ending: &str| cloud.get(&format!("{prefix}_{ending}"));
    let own_text = |ending: &str| own(ending).and_then(Node::text);
    let interfaces = own("interface")
        .or_else(|| own("endpoint_type"))
        .or_else(|| cloud.get("interface"))
        .or_else(|| cloud.get("endpoint_type"))
        .map(|interfaces| interfaces.texts().into_iter().map(interface).collect())
        .transpose_list()?;
    let endpoint = own_text("endpoint_override").or_else(|| own_text("endpoint"));
    let endpoint =
        endpoint.map(|at| url(&format!("{prefix}_endpoint_override"), at)).transpose()?;
    let region = own_text("region_name").or_else(|| text(cloud, "region_name"));
    Ok(ServiceEntry {
        interfaces,
        region: region.map(str::to_owned),
        endpoint,
        kind: own_text("service_type").unwrap_or(kind).to_owned(),
        name: own_text("service_name").map(str::to_owned),
        rate: number(own("rate_limit"), &format!("{prefix}_rate_limit"))?,
        concurrency: number(own("concurrency"), &format!("{prefix}_concurrency"))?
            .map(|at_once| at_once as usize),
    })
}

/// A list of results as the result of a list; nothing configured means the public endpoints.
trait TransposeList {
    fn transpose_list(self) -> Result<Vec<String>, ConfigError>;
}

impl TransposeList for Option<Vec<Result<String, ConfigError>>> {
    fn transpose_list(self) -> Result<Vec<String>, ConfigError> {
        let named = self.unwrap_or_default().into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(if named.is_empty() { vec!["public".to_owned()] } else { named })
    }
}

/// `internal` and, as in Keystone's version 2, `internalURL`.
fn interface(name: &str) -> Result<String, ConfigError> {
    let plain = name.strip_suffix("URL").unwrap_or(name).to_lowercase();
    if ["public", "internal", "admin"].contains(&plain.as_str()) {
        return Ok(plain);
    }
    Err(ConfigError::Unsupported {
        setting: "interface".to_owned(),
        value: name.to_owned(),
        instead: "an endpoint is public, internal or admin",
    })
}

fn tls(cloud: &Node) -> Result<Tls, ConfigError> {
    let insecure = is_set(cloud, "insecure")?.unwrap_or(false);
    // Requests reads a path here as well, and so do people.
    let verify = text(cloud, "verify");
    let path = |text: &str| text.contains('/').then(|| PathBuf::from(text));
    let verifies = match verify {
        Some(text) if path(text).is_some() => true,
        Some(_) => is_set(cloud, "verify")?.unwrap_or(true),
        None => true,
    };
    let file = text(cloud, "cacert").map(PathBuf::from).or_else(|| verify.and_then(path));
    let trust = match file {
        _ if insecure || !verifies => Trust::Everybody,
        Some(file) => Trust::File(file),
        None => Trust::System,
    };
    let key = text(cloud, "key").map(PathBuf::from);
    let identity = text(cloud, "cert").map(|cert| (PathBuf::from(cert), key));
    Ok(Tls { trust, identity })
}

fn api_timeout(cloud: &Node) -> Result<Option<Duration>, ConfigError> {
    let seconds = number(cloud.get("api_timeout"), "api_timeout")?;
    Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

fn number(value: Option<&Node>, setting: &str) -> Result<Option<f64>, ConfigError> {
    let Some(text) = value.and_then(Node::text) else { return Ok(None) };
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(Some(number)),
        Ok(_) | Err(_) => Err(ConfigError::Unsupported {
            setting: setting.to_owned(),
            value: text.to_owned(),
            instead: "it is a number above 0",
        }),
    }
}

fn is_set(cloud: &Node, setting: &str) -> Result<Option<bool>, ConfigError> {
    let Some(value) = text(cloud, setting) else { return Ok(None) };
    match value.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "y" | "t" => Ok(Some(true)),
        "0" | "false" | "no" | "off" | "n" | "f" => Ok(Some(false)),
        _ => Err(ConfigError::Unsupported {
            setting: setting.to_owned(),
            value: value.to_owned(),
            instead: "it is true or false",
        }),
    }
}

fn unknown(cloud: &Node) -> Vec<String> {
    let keys = |node: &Node| match node {
        Node::Map(entries) => entries.keys().cloned().collect(),
        Node::Null | Node::Text(_) | Node::List(_) => Vec::new(),
    };
    let mut unknown: Vec<String> =
        keys(cloud).into_iter().filter(|key| !keys::is_known(key)).collect();
    let auth = cloud.get("auth").map(keys).unwrap_or_default();
    let strange = auth.into_iter().filter(|key| !AUTH.contains(&key.as_str()));
    unknown.extend(strange.map(|key| format!("auth.{key}")));
    unknown
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::text)
}

/// An address of HTTP.
pub(super) fn url(setting: &str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| ConfigError::Unsupported {
        setting: setting.to_owned(),
        value: text.to_owned(),
        instead: "it is an address that begins with http:// or https://",
    })
}
