//! `clouds.yaml` with what belongs to it: `secure.yaml` laid over it, `clouds-public.yaml` under it
//! (<https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::node::Node;

const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The settings of a cloud. `file`: its `clouds.yaml`, with the others beside it; `None`: the first of each in the places
/// where OpenStack's own clients look.
pub(super) fn read(cloud: &str, file: Option<&Path>) -> Result<Node, ConfigError> {
    let (clouds, places) = match file {
        Some(file) => {
            let beside = file.parent().unwrap_or(Path::new(".")).to_owned();
            (Some(file.to_owned()), vec![beside])
        }
        None => {
            let places = standard_places();
            (find("clouds", &places), places)
        }
    };
    let Some(clouds) = clouds else {
        return Err(ConfigError::NoCloudsFile { places });
    };
    let main = parse(&clouds)?;
    let named = main.get("clouds").cloned().unwrap_or(Node::Null);
    let Some(settings) = named.get(cloud) else {
        let known = match named {
            Node::Map(entries) => entries.into_keys().collect(),
            Node::Null | Node::Text(_) | Node::List(_) => Vec::new(),
        };
        return Err(ConfigError::NoSuchCloud { cloud: cloud.to_owned(), known });
    };
    let mut settings = settings.clone();
    if let Some(secure) = find("secure", &places) {
        let secure = parse(&secure)?;
        let secrets = secure.get("clouds").and_then(|clouds| clouds.get(cloud)).cloned();
        settings = settings.overlaid(secrets.unwrap_or(Node::Null));
    }
    over_profile(cloud, settings, &places)
}

/// The settings laid over those of the vendor that `profile` (formerly `cloud`) names.
fn over_profile(cloud: &str, settings: Node, places: &[PathBuf]) -> Result<Node, ConfigError> {
    let profile = settings.get("profile").or_else(|| settings.get("cloud")).and_then(Node::text);
    let Some(profile) = profile else { return Ok(settings) };
    let file = find("clouds-public", places);
    let public = file.as_deref().map(parse).transpose()?.unwrap_or(Node::Null);
    let vendor = public.get("public-clouds").and_then(|clouds| clouds.get(profile)).cloned();
    match vendor {
        Some(vendor) => Ok(vendor.overlaid(settings)),
        // With all that is needed it may be a name for people.
        None if settings.get("auth").and_then(|auth| auth.get("auth_url")).is_some() => {
            Ok(settings)
        }
        None => {
            Err(ConfigError::NoSuchProfile { cloud: cloud.to_owned(), profile: profile.to_owned() })
        }
    }
}

fn standard_places() -> Vec<PathBuf> {
    let user = dirs::config_dir().map(|dir| dir.join("openstack"));
    [Some(PathBuf::from(".")), user, Some(PathBuf::from("/etc/openstack"))]
        .into_iter()
        .flatten()
        .collect()
}

fn find(name: &str, places: &[PathBuf]) -> Option<PathBuf> {
    let files = places
        .iter()
        .flat_map(|place| ENDINGS.map(|ending| place.join(format!("{name}.{ending}"))));
    files.into_iter().find(|file| file.is_file())
}

fn parse(file: &Path) -> Result<Node, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| ConfigError::File { file: file.to_owned(), source })?;
    if text.trim().is_empty() {
        return Ok(Node::Map(BTreeMap::new()));
    }
    serde_saphyr::from_str(&text).map_err(|error| ConfigError::NotYaml {
        file: file.to_owned(),
        // The parser shows the lines around, and they may hold a secret.
        place: error.location().map(|at| (at.line(), at.column())),
    })
}
