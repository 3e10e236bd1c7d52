//! A cloud that outlives its process: the whole state in one JSON file, replaced as a whole.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::state::Sim;

/// Rises when older files cannot be read any more.
const FORMAT: u32 = 2;

/// Why a state file cannot be used.
#[derive(Debug, Error)]
pub enum StateFileError {
    /// It cannot be read.
    #[error("cannot read the state of the simulated cloud from {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the state of the simulated cloud to {path}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a state of a simulated cloud.
    #[error("{path} holds no state of a simulated cloud")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It is of another version of this program.
    #[error("{path} has format {found}, this program reads {FORMAT}; remove it to start anew")]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
}

#[derive(Deserialize)]
struct Header {
    format: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved<S> {
    format: u32,
    sim: S,
}

/// Reads a state; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Sim>, StateFileError> {
    let path_of = || path.to_owned();
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let path = path_of();
            return Err(StateFileError::Read { path, source });
        }
    };
    let content = |source| StateFileError::Content { path: path_of(), source };
    let header: Header = serde_json::from_slice(&text).map_err(content)?;
    if header.format != FORMAT {
        return Err(StateFileError::Format { path: path_of(), found: header.format });
    }
    let saved: Saved<Sim> = serde_json::from_slice(&text).map_err(content)?;
    Ok(Some(saved.sim))
}

/// Writes a state. A reader finds the old file or the new one, also when this process is killed
/// meanwhile; it is not synced to disk, so a crash of the machine may lose the last changes.
pub(crate) fn write(path: &Path, sim: &Sim) -> Result<(), StateFileError> {
    let saved = Saved { format: FORMAT, sim };
    let text = serde_json::to_vec(&saved)
        .map_err(|source| StateFileError::Content { path: path.to_owned(), source })?;
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, path))
        .map_err(|source| StateFileError::Write { path: path.to_owned(), source })
}
