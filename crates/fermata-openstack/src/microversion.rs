//! Microversions of the APIs of Nova and Placement: the one each call is pinned to, and the least a Nova must offer.
//!
//! Pinned, so that an upgrade changes no answer under us. Source of each: "REST API Version History", of Nova
//! (<https://docs.openstack.org/nova/latest/reference/api-microversion-history.html>) and of Placement
//! (<https://docs.openstack.org/placement/latest/placement-api-microversion-history.html>).

use std::fmt;

/// A version of an API, for example `2.69`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Microversion {
    /// 2 with Nova, 1 with Placement.
    pub major: u8,
    /// Counts up with every change of the API.
    pub minor: u8,
}

const fn v2(minor: u8) -> Microversion {
    Microversion { major: 2, minor }
}

/// `GET /os-services`: 2.69 lists the services of a cell that cannot be reached, as `UNKNOWN`;
/// before, they were left out without a word.
pub const LIST_SERVICES: Microversion = v2(69);
/// `PUT /os-services/{uuid}`: since 2.53 one service is addressed by its id.
pub const UPDATE_SERVICE: Microversion = v2(53);
/// `GET /os-hypervisors/detail`: 2.53 can name the servers on each. Not 2.88 or later, which drop
/// `vcpus`, `memory_mb` and `local_gb`.
pub const LIST_HYPERVISORS: Microversion = v2(53);
/// `GET /os-aggregates`: unchanged in what is read here since the beginning.
pub const LIST_AGGREGATES: Microversion = v2(1);
/// `GET /os-server-groups`: 2.64 tells a group's policy and its rules as they are, 2.13 its project.
pub const LIST_SERVER_GROUPS: Microversion = v2(64);
/// `GET /servers/detail`. The flavor is a part of the server since 2.47.
pub const LIST_SERVERS: Microversion = v2(69);
/// `GET /servers/{id}`: 2.69 shows a server whose cell cannot be reached as `UNKNOWN`; before, it
/// answered 500.
pub const SHOW_SERVER: Microversion = v2(69);
/// Both lists and single servers, where Nova offers it: 2.96 (Nova 29, Caracal, April 2024) tells the availability
/// zone that a server is bound to. An older Nova does not tell, and a server counts as bound to none: the zone it is in
/// does not say whether it must stay there.
pub const PINNED_ZONE: Microversion = v2(96);
/// Placement: 1.14 (Nova 18, Rocky) tells which provider is part of which; 1.6 brought traits.
pub const PLACEMENT: Microversion = Microversion { major: 1, minor: 14 };
/// `GET /os-migrations`: 2.59 brought `changes-since` and paging.
pub const LIST_MIGRATIONS: Microversion = v2(59);
/// `os-migrateLive`: 2.30 lets the scheduler check a named target, 2.34 answers before the checks
/// are done, 2.68 can no longer be forced past them.
pub const LIVE_MIGRATE: Microversion = v2(68);
/// `migrate`: 2.56 takes a target.
pub const MIGRATE: Microversion = v2(56);
/// `DELETE /servers/{id}/migrations/{id}`: 2.65 also aborts what is still queued.
pub const ABORT_MIGRATION: Microversion = v2(65);
/// `confirmResize`, `os-stop` and `os-start`: unchanged since the beginning.
pub const SERVER_ACTION: Microversion = v2(1);

/// Keystone has no microversions, only its version 3 (<https://docs.openstack.org/api-ref/identity/v3/>).
pub const KEYSTONE: Microversion = Microversion { major: 3, minor: 0 };

/// The least a Nova must offer: the highest pin. Nova answers 406 to a call pinned higher than it
/// offers, and names what it does offer.
pub const MINIMUM: Microversion = v2(69);
/// The first release of OpenStack whose Nova offers [`MINIMUM`] (Nova 19, April 2019).
pub const MINIMUM_RELEASE: &str = "Stein";

impl fmt::Display for Microversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_is_the_highest_pin() {
        let pinned = [
            LIST_SERVICES,
            UPDATE_SERVICE,
            LIST_HYPERVISORS,
            LIST_AGGREGATES,
            LIST_SERVER_GROUPS,
            LIST_SERVERS,
            SHOW_SERVER,
            LIST_MIGRATIONS,
            LIVE_MIGRATE,
            MIGRATE,
            ABORT_MIGRATION,
            SERVER_ACTION,
        ];
        assert_eq!(pinned.iter().max(), Some(&MINIMUM));
        assert_eq!(LIST_SERVICES, MINIMUM, "what the check of a cloud asks for");
    }
}
