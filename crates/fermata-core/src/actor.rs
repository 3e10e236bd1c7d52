//! Who asks for something: a principal, in a role. What is asked for is apart from it ([`crate::machine::Ask`]).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text;

/// What a caller may be. A caller has any number of roles, and asks in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs hosts: creates sessions and decides about them.
    Operator,
    /// Owns the servers of its projects: is asked, replies, stores policies and subscriptions.
    Owner,
    /// Watches the infrastructure.
    Monitor,
    /// Reads what happened, and changes nothing.
    Auditor,
    /// Runs Fermata itself.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Operator, Self::Owner, Self::Monitor, Self::Auditor, Self::Administrator];

    /// Its word, as errors, the configuration and the database have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Owner => "owner",
            Self::Monitor => "monitor",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(word: &str) -> Result<Self, NoSuchRole> {
        let named = Self::ALL.into_iter().find(|role| role.name() == word);
        named.ok_or_else(|| NoSuchRole(word.to_owned()))
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no role '{0}'; the roles are operator, owner, monitor, auditor and administrator"
)]
pub struct NoSuchRole(pub String);

/// The name of whoever holds a credential: one line, as the issuer of the credential gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Principal(String);

impl Principal {
    /// A principal of this name. Characters that must not reach a terminal, and line breaks, become `?`: a name is a key of
    /// what belongs to the principal, and is shown to people.
    pub fn new(name: &str) -> Self {
        Self(name.chars().map(|c| if text::is_unsafe(c) { '?' } else { c }).collect())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who asks for one thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Who {
    /// The principal.
    pub principal: Principal,
    /// The role in which it asks.
    pub role: Role,
}

impl Who {
    /// A principal in a role.
    pub fn new(principal: &str, role: Role) -> Self {
        Self { principal: Principal::new(principal), role }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.role, self.principal)
    }
}

/// Reads what [`Who`] is shown as. A role alone is a principal of the same name: earlier versions knew no other.
impl FromStr for Who {
    type Err = NoSuchRole;

    fn from_str(text: &str) -> Result<Self, NoSuchRole> {
        let (role, principal) = text.split_once('/').unwrap_or((text, text));
        Ok(Self::new(principal, role.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_as_it_is_shown() {
        for role in Role::ALL {
            for name in ["a", "spiffe://site/vnfm", "", "ä b"] {
                let who = Who::new(name, role);
                assert_eq!(who.to_string().parse(), Ok(who));
            }
        }
        assert_eq!("operator".parse(), Ok(Who::new("operator", Role::Operator)));
        assert_eq!("owner/p/q".parse(), Ok(Who::new("p/q", Role::Owner)));
        assert_eq!("king/a".parse::<Who>(), Err(NoSuchRole("king".to_owned())));
    }

    #[test]
    fn a_principal_is_one_line() {
        assert_eq!(Principal::new("a\nb\u{202E}c").as_str(), "a?b?c");
    }
}
