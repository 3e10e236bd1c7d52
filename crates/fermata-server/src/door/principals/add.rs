//! A new principal in the file.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::token::Digest;
use super::{PrincipalsError, file};

/// A principal with one token.
#[derive(Debug)]
pub struct NewPrincipal {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub roles: Vec<String>,
    /// The projects of an owner.
    pub projects: Vec<String>,
    /// When it expires, in RFC 3339.
    pub expires: Option<String>,
    /// The digest of its token.
    pub digest: Digest,
}

impl NewPrincipal {
    fn text(&self) -> String {
        let list = |words: &[String]| toml::Value::from(words.to_vec()).to_string();
        let mut text = format!(
            "[[principal]]\nname = {}\nroles = {}\n",
            toml::Value::from(self.name.as_str()),
            list(&self.roles)
        );
        if !self.projects.is_empty() {
            text.push_str(&format!("projects = {}\n", list(&self.projects)));
        }
        text.push_str(&format!("tokens = [\"{}\"]\n", self.digest));
        if let Some(expires) = &self.expires {
            text.push_str(&format!("expires = {}\n", toml::Value::from(expires.as_str())));
        }
        text
    }
}

/// Adds a principal to the file, if the file is right afterwards. A new file is its owner's alone.
///
/// # Errors
/// The file cannot be read or written, or would be wrong.
pub fn add_principal(path: &Path, principal: &NewPrincipal) -> Result<(), PrincipalsError> {
    let failed = |source| PrincipalsError::Read { file: path.to_owned(), source };
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let gap = match before.as_str() {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let added = format!("{gap}{}", principal.text());
    file::entries(path, &format!("{before}{added}"))?;
    let mut opened =
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(failed)?;
    // One write: a server that reads in between sees a file without it, or with all of it.
    opened.write_all(added.as_bytes()).map_err(failed)
}
