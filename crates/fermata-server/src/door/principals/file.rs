//! What the file of principals says.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use fermata_core::Time;
use fermata_core::access::{Projects, Rights};
use fermata_core::actor::{Principal, Role};
use fermata_core::id::ProjectId;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;

use super::PrincipalsError;
use super::certificate::Pattern;
use super::token::Digest;
use crate::config::wrong_toml;

/// Longest name of a principal, in characters.
const LONGEST_NAME: usize = 128;

/// One principal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its name, which logs and the audit trail carry.
    pub name: String,
    /// What it may be.
    pub roles: BTreeSet<Role>,
    /// The projects of which it is the owner.
    #[serde(default)]
    pub projects: ProjectsOf,
    /// The digests of its tokens: two while one is replaced.
    #[serde(default)]
    pub tokens: Vec<Digest>,
    /// Names in its certificates.
    #[serde(default)]
    pub(super) certificates: Vec<Pattern>,
    /// As whom issuers of OpenID Connect know it.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// When none of that holds any more; unset: never.
    #[serde(default, deserialize_with = "moment")]
    pub expires: Option<Time>,
}

/// Whom an issuer means by the claim `sub`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    /// Its URL, exactly as its tokens have it in `iss`.
    pub issuer: String,
    /// Exactly as its tokens have it in `sub`.
    pub subject: String,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.subject.escape_debug(), self.issuer.escape_debug())
    }
}

/// Projects, as the file has them: `["core", "ran"]`, or `["*"]` for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct ProjectsOf(BTreeSet<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    principal: Vec<Entry>,
}

impl Entry {
    pub(super) fn principal(&self) -> Principal {
        Principal::new(&self.name)
    }

    pub(super) fn rights(&self) -> Rights {
        let projects = if self.projects.0.contains("*") {
            Projects::All
        } else {
            Projects::Of(self.projects.0.iter().map(|id| ProjectId::from(id.as_str())).collect())
        };
        Rights { roles: self.roles.clone(), projects }
    }

    /// What is wrong with it by itself.
    fn problem(&self) -> Option<&'static str> {
        let name = &self.name;
        let is_owner = self.roles.contains(&Role::Owner);
        if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
        {
            Some("must have a name of 1 to 128 characters without control characters")
        } else if self.roles.is_empty() {
            Some("has no roles")
        } else if is_owner && self.projects.0.is_empty() {
            Some("is an owner and has no projects; [\"*\"] stands for all")
        } else if !is_owner && !self.projects.0.is_empty() {
            Some("has projects, but is no owner")
        } else if self.projects.0.iter().any(|id| id.is_empty() || id.chars().any(char::is_control))
        {
            Some("has a project without a proper id")
        } else if self.subjects.iter().any(|of| of.issuer.is_empty() || of.subject.is_empty()) {
            Some("has a subject without an issuer or without a name")
        } else if self.tokens.is_empty() && self.certificates.is_empty() && self.subjects.is_empty()
        {
            Some("has neither tokens nor certificates nor subjects")
        } else {
            None
        }
    }
}

/// The principals in a text.
pub(super) fn entries(file: &Path, text: &str) -> Result<Vec<Entry>, PrincipalsError> {
    let parsed: File = toml::from_str(text).map_err(|error| {
        let problem = wrong_toml(&error, text);
        PrincipalsError::Parse { file: file.to_owned(), problem }
    })?;
    let wrong = |entry: &Entry, problem: String| PrincipalsError::Entry {
        file: file.to_owned(),
        principal: entry.name.escape_debug().to_string(),
        problem,
    };
    for (i, entry) in parsed.principal.iter().enumerate() {
        if let Some(problem) = entry.problem() {
            return Err(wrong(entry, problem.to_owned()));
        }
        for other in &parsed.principal[..i] {
            if other.name == entry.name {
                return Err(wrong(entry, "is there twice".to_owned()));
            }
            if entry.tokens.iter().any(|token| other.tokens.contains(token)) {
                return Err(wrong(entry, format!("has a token of principal '{}'", other.name)));
            }
            if let Some(name) = entry.certificates.iter().find(|c| other.certificates.contains(c)) {
                return Err(wrong(
                    entry,
                    format!("has '{name}', as principal '{}' has", other.name),
                ));
            }
            if let Some(of) = entry.subjects.iter().find(|of| other.subjects.contains(of)) {
                return Err(wrong(
                    entry,
                    format!("has the subject {of}, as principal '{}' has", other.name),
                ));
            }
        }
    }
    Ok(parsed.principal)
}

fn moment<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    use serde::de::Error as _;
    let text = String::deserialize(deserializer)?;
    let at = Time::parse(&text, &Rfc3339).map_err(|_| {
        D::Error::custom(format!("'{text}' is no time; write it as \"2027-01-31T12:00:00Z\""))
    })?;
    Ok(Some(at))
}
