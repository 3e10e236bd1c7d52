//! Certificates of clients: the names in them, until when they hold, and patterns of names. Whether a certificate is good at
//! all was decided when the connection was made.

use std::fmt;

use fermata_core::Time;
use serde::{Deserialize, Deserializer, de::Error as _};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// The names in a certificate, each with its kind: `uri:spiffe://example.org/vnfm`, `dns:vnfm.example.org`,
/// `email:vnfm@example.org`, `cn:vnfm`; and until when it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    names: Vec<String>,
    until: Option<Time>,
}

impl Names {
    #[cfg(test)]
    pub(super) fn from_list(names: &[&str]) -> Self {
        Self { names: names.iter().map(|name| (*name).to_owned()).collect(), until: None }
    }

    /// Those of a certificate in DER. One that cannot be read has none.
    pub fn of(der: &[u8]) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Self::default() };
        let mut names = Vec::new();
        if let Ok(Some(extension)) = certificate.subject_alternative_name() {
            names.extend(extension.value.general_names.iter().filter_map(|name| match name {
                GeneralName::URI(uri) => Some(format!("uri:{uri}")),
                GeneralName::DNSName(name) => Some(format!("dns:{}", name.to_ascii_lowercase())),
                GeneralName::RFC822Name(address) => Some(format!("email:{address}")),
                GeneralName::OtherName(..)
                | GeneralName::X400Address(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EDIPartyName(_)
                | GeneralName::IPAddress(_)
                | GeneralName::RegisteredID(_)
                | GeneralName::Invalid(..) => None,
            }));
        }
        let common = certificate.subject().iter_common_name();
        names.extend(common.filter_map(|name| Some(format!("cn:{}", name.as_str().ok()?))));
        // One that is valid for longer than can be said holds for ever.
        let until = Time::from_unix_timestamp(certificate.validity().not_after.timestamp()).ok();
        Self { names, until }
    }

    /// Until when the certificate holds; `None`: for ever.
    pub(super) fn until(&self) -> Option<Time> {
        self.until
    }
}

/// A name, or how names begin: `uri:spiffe://example.org/vnfm/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    /// Whether one of the names is meant.
    pub(super) fn fits(&self, names: &Names) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => names.names.iter().any(|name| name.starts_with(beginning)),
            None => names.names.contains(&self.0),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = |why: &str| D::Error::custom(format!("the certificate name '{text}' {why}"));
        let kinds = ["uri:", "dns:", "email:", "cn:"];
        let Some(name) = kinds.iter().find_map(|kind| text.strip_prefix(kind)) else {
            return Err(wrong("must begin with uri:, dns:, email: or cn:"));
        };
        let stars = name.matches('*').count();
        if name.is_empty() || stars > 1 || (stars == 1 && !name.ends_with('*')) {
            return Err(wrong("must be a name, or the beginning of one followed by a single *"));
        }
        // `spiffe://example.org*` would also mean example.org.evil.example.
        if stars == 1 && !name.ends_with("/*") {
            return Err(wrong("may have its * only after a /"));
        }
        Ok(Self(text))
    }
}
