//! Static tokens. What is stored is their SHA-256: a token has 256 random bits, so nobody finds it from there, and no salt is
//! needed.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use sha2::{Digest as _, Sha256};

/// How a token begins, so that scanners of repositories and logs find one that leaked.
pub(super) const PREFIX: &str = "fermata_";
/// How a digest begins in a file.
const SCHEME: &str = "sha256:";

/// A token that was just made. Its text is shown once.
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn new() -> Self {
        let bits: [u8; 32] = rand::random();
        Self(format!("{PREFIX}{}", hex(&bits)))
    }

    /// What its holder sends.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What the server knows of it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of this token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:…")
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The text is not repeated: it may be a token that somebody put here in the place of its digest.
        let wrong = || {
            D::Error::custom(
                "a token must be given as sha256: and 64 hexadecimal digits; `fermata token create` makes both",
            )
        };
        let digits = text.strip_prefix(SCHEME).ok_or_else(wrong)?;
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
