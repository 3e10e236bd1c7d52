//! Stands for the network function. Its state is in a file, as that of a real one is in the function itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use serde::{Deserialize, Serialize};

/// A pair of servers.
pub(crate) struct Vnf {
    file: PathBuf,
    members: [String; 2],
    state: Mutex<State>,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// The member that has the traffic.
    active: String,
    /// Servers that were deleted to make room, by session.
    removed: BTreeMap<String, Vec<String>>,
}

impl Vnf {
    pub(crate) fn open(file: PathBuf, members: [String; 2]) -> io::Result<Self> {
        let state = match fs::read(&file) {
            Ok(content) => serde_json::from_slice(&content)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                State { active: members[0].clone(), removed: BTreeMap::new() }
            }
            Err(error) => return Err(error),
        };
        Ok(Self { file, members, state: Mutex::new(state) })
    }

    pub(crate) fn is_member(&self, name: &str) -> bool {
        self.members.iter().any(|member| member == name)
    }

    /// Moves the traffic away from a member, and returns whether it had to.
    pub(crate) fn stand_by(&self, name: &str) -> io::Result<bool> {
        let mut state = self.lock();
        if state.active != name {
            return Ok(false);
        }
        let [one, other] = &self.members;
        state.active.clone_from(if one == name { other } else { one });
        self.save(&state)?;
        Ok(true)
    }

    pub(crate) fn scale_in(&self, session_id: &str, servers: &[String]) -> io::Result<()> {
        let mut state = self.lock();
        state.removed.insert(session_id.to_owned(), servers.to_vec());
        self.save(&state)
    }

    /// Returns how many servers came back.
    pub(crate) fn scale_out(&self, session_id: &str) -> io::Result<usize> {
        let mut state = self.lock();
        let Some(removed) = state.removed.remove(session_id) else { return Ok(0) };
        self.save(&state)?;
        Ok(removed.len())
    }

    #[cfg(test)]
    pub(crate) fn active(&self) -> String {
        self.lock().active.clone()
    }

    /// Writes the state so that a kill leaves the old or the new one.
    fn save(&self, state: &State) -> io::Result<()> {
        let new = self.file.with_extension("new");
        fs::write(&new, serde_json::to_vec(state)?)?;
        fs::rename(new, &self.file)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_state_outlives_it() {
        let folder = tempfile::tempdir().unwrap();
        let open =
            || Vnf::open(folder.path().join("state"), ["a", "b"].map(str::to_owned)).unwrap();
        let vnf = open();
        assert!(vnf.stand_by("a").unwrap());
        assert!(!vnf.stand_by("a").unwrap());
        assert_eq!(open().active(), "b");
    }
}
