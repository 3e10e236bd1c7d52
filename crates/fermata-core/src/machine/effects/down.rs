//! Hosts die while servers are moved from them or to them, and come up again.

use std::collections::BTreeSet;

use crate::id::HostName;
use crate::machine::Machine;
use crate::session::down::is_lost;

impl Machine<'_> {
    pub(in crate::machine) fn down(&mut self, down: &BTreeSet<HostName>) {
        let hosts: Vec<HostName> = self.s.drained().map(|host| host.host.clone()).collect();
        for host in hosts {
            let is_down = down.contains(&host);
            let changed = self.host(&host).is_some_and(|h| h.down != is_down);
            if changed {
                self.edit_host(&host, |h| h.down = is_down);
            }
            let turned = self.keys_of(&host, |s| s.target_down != is_lost(s, down));
            for key in &turned {
                self.edit_server(key, |s| s.target_down = is_lost(s, down));
            }
            if changed || !turned.is_empty() {
                // Others have to go elsewhere, and when it is over is another question.
                self.plan_again();
                self.moved = true;
            }
        }
    }
}
