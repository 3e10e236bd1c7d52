//! Whether the demo went as it should, by its report.

use fermata_client::v1::{
    Action, DecisionSource, ServerState, SessionHostState, SessionReport, SessionServer,
};

use super::operator::HOSTS;
use super::owner::OWNERS;
use crate::failure::Failure;
use crate::words::Word;

/// So many servers run on the two hosts in use.
const SERVERS: usize = 6;

pub(super) fn check(report: &SessionReport) -> Result<(), Failure> {
    let faults = faults(report);
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::Local(format!("the demo did not go as it should: {}", faults.join("; "))))
}

fn faults(report: &SessionReport) -> Vec<String> {
    let mut faults = Vec::new();
    for name in HOSTS {
        let state = report
            .hosts
            .iter()
            .filter_map(|host| host.host.as_ref())
            .find(|host| host.host == name)
            .map_or(SessionHostState::Unspecified, |host| host.state());
        if state != SessionHostState::Maintained {
            faults.push(format!("{name} is {}", state.name()));
        }
    }
    let servers: Vec<_> = report.hosts.iter().flat_map(|host| &host.servers).collect();
    if servers.len() != SERVERS {
        faults.push(format!("{} servers were affected, not {SERVERS}", servers.len()));
    }
    faults.extend(servers.into_iter().filter_map(fault));
    faults
}

fn fault(server: &SessionServer) -> Option<String> {
    let Some(owner) = OWNERS.iter().find(|owner| owner.project_id == server.project_id) else {
        return Some(format!("{} is nobody's", server.name));
    };
    let action = (owner.decide)(&server.name);
    let state = match action {
        Action::Keep => ServerState::Restored,
        Action::Unspecified | Action::LiveMigrate | Action::Migrate | Action::OwnAction => {
            ServerState::Moved
        }
    };
    let expected = (action, state, DecisionSource::Owner);
    let reported = (server.action(), server.state(), server.decision_source());
    (reported != expected).then(|| {
        let words = |(action, state, source): (Action, ServerState, DecisionSource)| {
            format!("{} {} by {}", action.name(), state.name(), source.name())
        };
        format!("{} is {}, not {}", server.name, words(reported), words(expected))
    })
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{HostReport, SessionHost};

    use super::*;

    fn good() -> SessionReport {
        let [core, ims] = OWNERS.map(|owner| owner.project_id);
        let server =
            |name: &str, project: &str, action: Action, state: ServerState| SessionServer {
                name: name.to_owned(),
                project_id: project.to_owned(),
                action: action.into(),
                state: state.into(),
                decision_source: DecisionSource::Owner.into(),
                ..Default::default()
            };
        let host = |name: &str, servers| HostReport {
            host: Some(SessionHost {
                host: name.to_owned(),
                state: SessionHostState::Maintained.into(),
                ..Default::default()
            }),
            servers,
            ..Default::default()
        };
        let hosts = vec![
            host(HOSTS[0], vec![]),
            host(
                HOSTS[1],
                vec![
                    server("amf-1", core, Action::LiveMigrate, ServerState::Moved),
                    server("upf-1", core, Action::LiveMigrate, ServerState::Moved),
                    server("pcscf-1", ims, Action::Keep, ServerState::Restored),
                ],
            ),
            host(
                HOSTS[2],
                vec![
                    server("smf-2", core, Action::Migrate, ServerState::Moved),
                    server("mme-db-3", core, Action::Migrate, ServerState::Moved),
                    server("cscf-2", ims, Action::Keep, ServerState::Restored),
                ],
            ),
        ];
        SessionReport { hosts, ..Default::default() }
    }

    #[test]
    fn what_should_happen_passes() {
        assert_eq!(faults(&good()), Vec::<String>::new());
    }

    #[test]
    fn every_deviation_is_named() {
        let mut report = good();
        report.hosts[1].servers[0].decision_source = DecisionSource::SessionDefault.into();
        report.hosts[2].servers.pop();
        report.hosts.remove(0);
        assert_eq!(
            faults(&report),
            [
                "compute-b3 is –",
                "5 servers were affected, not 6",
                "amf-1 is LIVE_MIGRATE MOVED by SESSION_DEFAULT, not LIVE_MIGRATE MOVED by OWNER",
            ]
        );
    }
}
