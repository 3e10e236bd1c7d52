//! The file of profiles: `$XDG_CONFIG_HOME/fermata/config.toml`, else `~/.config/fermata/config.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fermata_server::config::{environment, nearest};

use super::{Holds, KEYS};
use crate::failure::Failure;

/// The only table of the file.
const PROFILE: &str = "profile";

/// A profile: its keys and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile(BTreeMap<&'static str, String>);

impl Profile {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// Where the file is, whether there is one or not.
///
/// # Errors
/// The environment names no folder for it.
pub(crate) fn config_file() -> Result<PathBuf, Failure> {
    let environment = environment();
    // A relative folder is to be ignored, says XDG.
    let folder = |name| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    config.map(|config| config.join("fermata/config.toml")).ok_or_else(|| {
        Failure::Usage("neither XDG_CONFIG_HOME nor HOME names a folder for profiles".to_owned())
    })
}

/// The profiles of a file, by name; none if there is no file.
///
/// # Errors
/// The file cannot be read, or is wrong.
pub(super) fn profiles(file: &Path) -> Result<BTreeMap<String, Profile>, Failure> {
    let wrong = |problem: String| {
        Failure::Usage(format!("the configuration file {} {problem}", file.display()))
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
    };
    let home = environment().get("HOME").map(PathBuf::from);
    parse(&text, file.parent().unwrap_or(Path::new("")), home.as_deref()).map_err(wrong)
}

fn parse(
    text: &str,
    folder: &Path,
    home: Option<&Path>,
) -> Result<BTreeMap<String, Profile>, String> {
    let file: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let mut error = error;
        // Its picture of the line may show a secret that somebody put there.
        error.set_input(None);
        format!("is wrong: {error}")
    })?;
    let mut found = BTreeMap::new();
    for (key, value) in file {
        if key != PROFILE {
            return Err(unknown("", &key, &[PROFILE]));
        }
        let toml::Value::Table(profiles) = value else {
            return Err(format!("is wrong: profiles are tables, such as [{PROFILE}.prod]"));
        };
        for (name, keys) in profiles {
            let toml::Value::Table(keys) = keys else {
                return Err(format!("is wrong: '{name}' is no table; write [{PROFILE}.{name}]"));
            };
            found.insert(name.clone(), profile(&name, keys, folder, home)?);
        }
    }
    Ok(found)
}

fn profile(
    name: &str,
    keys: toml::Table,
    folder: &Path,
    home: Option<&Path>,
) -> Result<Profile, String> {
    let mut profile = Profile::default();
    for (key, value) in keys {
        let place = format!(" in the profile '{name}'");
        let Some(known) = KEYS.iter().find(|known| known.name == key) else {
            return Err(unknown(&place, &key, &KEYS.map(|known| known.name)));
        };
        let toml::Value::String(text) = value else {
            return Err(format!("is wrong: '{key}'{place} must be a text in quotes"));
        };
        let text = match (known.holds, text.strip_prefix("~/"), home) {
            (Holds::Text, ..) => text,
            (Holds::File, Some(rest), Some(home)) => home.join(rest).display().to_string(),
            (Holds::File, ..) => folder.join(text).display().to_string(),
        };
        profile.0.insert(known.name, text);
    }
    Ok(profile)
}

/// A key that is none, without its value, which may be a secret.
fn unknown(place: &str, key: &str, known: &[&str]) -> String {
    let meant = nearest(key, known.iter().copied());
    let meant = meant.map(|meant| format!("; did you mean '{meant}'?"));
    let known = || format!("; known are {}", known.join(", "));
    format!("has a key '{key}'{place}, which Fermata does not know{}", meant.unwrap_or_else(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, Profile>, String> {
        parse(text, Path::new("/etc/fermata"), Some(Path::new("/home/kim")))
    }

    #[test]
    fn files_are_relative_to_the_file_of_profiles() {
        let text = "[profile.prod]\nserver = \"fermata:7400\"\ntls_ca = \"ca.pem\"\n\
                    token_file = \"~/token\"\ntls_key = \"/keys/me.pem\"\n";
        let prod = &read(text).unwrap()["prod"];
        assert_eq!(prod.get("server"), Some("fermata:7400"));
        assert_eq!(prod.get("tls_ca"), Some("/etc/fermata/ca.pem"));
        assert_eq!(prod.get("token_file"), Some("/home/kim/token"));
        assert_eq!(prod.get("tls_key"), Some("/keys/me.pem"));
        assert_eq!(prod.get("project"), None);
    }

    #[test]
    fn what_is_wrong_is_told_without_its_value() {
        let secret = "fermata_5ec2e7";
        for (text, wanted) in [
            (format!("[profile.prod]\ntoken = \"{secret}\"\n"), "did you mean 'token_file'?"),
            ("[profile.prod]\nsever = \"x\"\n".to_owned(), "did you mean 'server'?"),
            ("[profile.prod]\nzzz = \"x\"\n".to_owned(), "known are server, tls_ca"),
            ("[profil.prod]\n".to_owned(), "did you mean 'profile'?"),
            ("profile = 1\n".to_owned(), "profiles are tables"),
            ("[profile]\nserver = \"x\"\n".to_owned(), "'server' is no table"),
            ("[profile.prod]\nserver = 7400\n".to_owned(), "must be a text"),
            (format!("[profile.prod]\ntoken = {secret}\n"), "is wrong"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(wanted), "{error}");
            assert!(!error.contains(secret), "{error}");
        }
    }
}
