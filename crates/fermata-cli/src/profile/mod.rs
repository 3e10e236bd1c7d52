//! Profiles: options of a connection that are kept under a name, in `config.toml`. A flag counts before a variable, a
//! variable before the profile, the profile before what is usual.
//!
//! | file | job |
//! | --- | --- |
//! | `file` | the file and what is in it |
//! | `line` | the command line, with the profile under it |

mod file;
mod line;

use std::path::PathBuf;

pub(crate) use file::{Profile, config_file};
pub(crate) use line::{Line, Refused, of, read};

/// The profile that counts when none is named, if there is one.
pub(crate) const DEFAULT: &str = "default";

/// What a profile may hold: each is an option by the same name, and the variable of that option.
pub(crate) const KEYS: [Key; 8] = [
    Key { name: "server", holds: Holds::Text },
    Key { name: "tls_ca", holds: Holds::File },
    Key { name: "tls_cert", holds: Holds::File },
    Key { name: "tls_key", holds: Holds::File },
    Key { name: "token_file", holds: Holds::File },
    Key { name: "os_cloud", holds: Holds::Text },
    Key { name: "project", holds: Holds::Text },
    Key { name: "output", holds: Holds::Text },
];

/// A key of a profile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    holds: Holds,
}

impl Key {
    /// The variable of the option.
    pub(crate) fn variable(self) -> String {
        format!("FERMATA_{}", self.name.to_uppercase())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Text,
    /// Relative to the file of profiles, or to the home folder after `~/`.
    File,
}

/// The profile in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct InForce {
    /// Its name, and its file; `None`: no profile is in force.
    pub(crate) name: Option<(String, PathBuf)>,
    /// Each option that a profile may hold, with the value that counts and where it is from.
    pub(crate) settings: Vec<Setting>,
    /// Which option says who calls.
    pub(crate) who: Who,
}

/// The option that says who calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Who {
    /// None does.
    #[default]
    Nobody,
    /// `--token`
    Token,
    /// `--token-file`
    TokenFile,
    /// `--os-cloud`
    OsCloud,
}

/// An option that a profile may hold.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    /// `None`: unset.
    pub(crate) value: Option<String>,
    pub(crate) from: From,
}

/// Where a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Flag,
    Variable,
    Profile,
    /// What is usual.
    Default,
}

impl From {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Variable => "variable",
            Self::Profile => "profile",
            Self::Default => "default",
        }
    }
}
