//! The database that is used when none is named.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ConfigError, environment, read};

/// The database that a server with this URL and this configuration file uses, to be used as it is: it must be there.
///
/// # Errors
/// The file cannot be used, or the environment names no folder for the database that is used when none is named.
pub fn existing_database(
    database_url: Option<&str>,
    config: Option<&Path>,
) -> Result<String, ConfigError> {
    let named = match database_url {
        Some(url) => Some(url.to_owned()),
        None => config.map(read).transpose()?.and_then(|file| file.database_url),
    };
    match named {
        Some(url) => Ok(url.replace("mode=rwc", "mode=rw")),
        None => self::database_url(&environment(), "rw"),
    }
}

/// The default database: a SQLite file where the XDG base directories say that state belongs.
pub(super) fn database_url(
    environment: &BTreeMap<String, String>,
    mode: &str,
) -> Result<String, ConfigError> {
    // A relative folder is to be ignored, says XDG.
    let folder = |name| environment.get(name).map(Path::new).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME")
        .map(Path::to_owned)
        .or_else(|| folder("HOME").map(|home| home.join(".local/state")))
        .ok_or(ConfigError::NoStateFolder)?;
    Ok(sqlite_url(&state.join("fermata/fermata.db"), mode))
}

/// The URL of a SQLite file; what has a meaning of its own in a URL is encoded.
pub(super) fn sqlite_url(file: &Path, mode: &str) -> String {
    let path = file.display().to_string().replace('%', "%25").replace('?', "%3F");
    format!("sqlite://{path}?mode={mode}")
}
