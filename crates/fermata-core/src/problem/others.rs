//! What other sessions are about to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{HostName, ServerId};
use crate::solver::Problem;

/// What other sessions are about to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Others {
    /// Where they are about to move servers to: those count there.
    pub promised: BTreeMap<ServerId, HostName>,
    /// Hosts that they are yet to do: servers go there only if some cannot leave otherwise.
    pub hosts: BTreeSet<HostName>,
}

impl Others {
    /// The same problem, where nobody goes where another session would send it on. `None`: it is no different.
    pub(crate) fn avoided(&self, problem: &Problem) -> Option<Problem> {
        let mut avoided = problem.clone();
        let hosts = avoided.hosts.iter_mut().filter(|h| self.hosts.contains(&h.name));
        hosts.for_each(|host| host.takes = false);
        (avoided != *problem).then_some(avoided)
    }
}
