//! The principals that a file names: what they may do, and by which tokens, certificates and subjects of issuers they are known. The file is read
//! again when it changes; who is taken out of it, or may do something else from now on, is out at once, streams too.

mod add;
mod certificate;
mod file;
mod kinds;
mod token;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fermata_core::Time;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

pub use add::{NewPrincipal, add_principal};
pub use certificate::Names;
use file::{Entry, Subject};
pub use kinds::{Certificates, Tokens};
pub use token::{Digest, Token};

use self::certificate::Pattern;
use super::caller::{Caller, Credential};
use crate::tasks::Turns;

/// Pause between two looks at the file.
const EVERY: Duration = Duration::from_secs(2);

/// Why the file of principals cannot be used.
#[derive(Debug, Error)]
pub enum PrincipalsError {
    /// It cannot be read.
    #[error("the principals file {} cannot be used: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or has other keys than it should.
    #[error("the principals file {} is wrong: {problem}", file.display())]
    Parse {
        /// Which.
        file: PathBuf,
        /// Why.
        problem: String,
    },
    /// What it says cannot be.
    #[error("the principals file {} is wrong: principal '{principal}' {problem}", file.display())]
    Entry {
        /// Which file.
        file: PathBuf,
        /// Which principal.
        principal: String,
        /// What is wrong.
        problem: String,
    },
}

/// A principal of the file.
#[derive(Debug)]
struct Known {
    entry: Entry,
    caller: Caller,
}

/// Who is known by what.
#[derive(Debug, Default)]
struct Table {
    text: String,
    by_token: HashMap<Digest, Arc<Known>>,
    by_certificate: Vec<(Pattern, Arc<Known>)>,
    by_subject: BTreeMap<Subject, Arc<Known>>,
    all: Vec<Arc<Known>>,
}

/// The principals that a file names. Clones share them.
#[derive(Debug, Clone)]
pub struct Principals {
    file: Arc<Path>,
    table: Arc<RwLock<Arc<Table>>>,
}

impl Principals {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or is wrong.
    pub fn load(file: &Path) -> Result<Self, PrincipalsError> {
        let table = Table::of(file, read(file)?, &Table::default())?;
        Ok(Self { file: file.into(), table: Arc::new(RwLock::new(Arc::new(table))) })
    }

    /// Reads the file again whenever it has changed. What is wrong with it is told; what was known before holds until it
    /// is mended.
    pub async fn follow(self, stop: CancellationToken, turns: Turns) {
        loop {
            let again = async { self.read_again() };
            turns
                .turn("the principals file cannot be used, what it said before holds", again)
                .await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Reads the file again, and says what came of it.
    fn read_again(&self) -> Result<&'static str, PrincipalsError> {
        let text = read(&self.file)?;
        let old = self.table();
        if old.text == text {
            return Ok("unchanged");
        }
        let new = Arc::new(Table::of(&self.file, text, &old)?);
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&new);
        // Only now: whoever comes back with the same credential must not be let in by the old table.
        for known in &old.all {
            if !new.all.iter().any(|kept| Arc::ptr_eq(kept, known)) {
                known.caller.credential.revoked.cancel();
            }
        }
        tracing::info!(file = %self.file.display(), principals = new.all.len(), "principals read again");
        Ok("read again")
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whoever has this token.
    fn by_token(&self, token: &str) -> Option<Caller> {
        let table = self.table();
        table.by_token.get(&Digest::of(token)).map(|known| known.caller.clone())
    }

    /// Whoever a certificate with these names belongs to; the first in the file.
    fn by_names(&self, names: &Names) -> Option<Caller> {
        let table = self.table();
        let mut patterns = table.by_certificate.iter();
        let found = patterns.find(|(pattern, _)| pattern.fits(names));
        found.map(|(_, known)| known.caller.clone())
    }

    /// Whom an issuer means by this subject.
    pub(super) fn by_subject(&self, issuer: &str, subject: &str) -> Option<Caller> {
        let subject = Subject { issuer: issuer.to_owned(), subject: subject.to_owned() };
        self.table().by_subject.get(&subject).map(|known| known.caller.clone())
    }

    /// The issuers whose subjects are named.
    pub fn issuers(&self) -> BTreeSet<String> {
        self.table().by_subject.keys().map(|subject| subject.issuer.clone()).collect()
    }
}

impl Table {
    /// `old`: principals of it that are still the same stay what they are, with their streams.
    fn of(file: &Path, text: String, old: &Self) -> Result<Self, PrincipalsError> {
        let entries = file::entries(file, &text)?;
        let mut table = Self { text, ..Self::default() };
        for entry in entries {
            let kept = old.all.iter().find(|known| known.entry == entry);
            let known = kept.map_or_else(|| Arc::new(Known::new(entry)), Arc::clone);
            for digest in &known.entry.tokens {
                table.by_token.insert(*digest, Arc::clone(&known));
            }
            for pattern in &known.entry.certificates {
                table.by_certificate.push((pattern.clone(), Arc::clone(&known)));
            }
            for subject in &known.entry.subjects {
                table.by_subject.insert(subject.clone(), Arc::clone(&known));
            }
            table.all.push(known);
        }
        Ok(table)
    }
}

impl Known {
    fn new(entry: Entry) -> Self {
        let expires_at: Option<Time> = entry.expires;
        let credential = Credential { expires_at, ..Credential::default() };
        let caller = Caller { principal: entry.principal(), rights: entry.rights(), credential };
        Self { entry, caller }
    }
}

fn read(file: &Path) -> Result<String, PrincipalsError> {
    std::fs::read_to_string(file)
        .map_err(|source| PrincipalsError::Read { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests;
