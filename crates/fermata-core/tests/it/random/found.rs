//! Cases that found something once.

use fermata_core::machine::{Command, HostCommand};
use fermata_core::policy::ServerPolicy;
use fermata_core::spec::{Action, OnFailure, OnObjection, OnSilence};

use super::case::{Case, Happening, Said, Says, Spec};

/// Nova accepts a confirmation and does nothing; the session gives the server up, in VERIFY_RESIZE. It counted for well, and
/// two more of its group were moved beside it.
#[test]
fn a_move_that_nobody_has_confirmed_takes_room_in_its_group() {
    let case = Case {
        hosts: vec![false; 3],
        spare: 0,
        servers: vec![
            (1, 1, false),
            (1, 0, false),
            (1, 1, false),
            (4, 0, false),
            (3, 0, false),
            (2, 0, false),
        ],
        spec: Spec {
            retires: false,
            one_differs: false,
            announce_secs: 16,
            drain_secs: 0,
            lead_secs: 0,
            on_silence: OnSilence::Proceed,
            on_objection: OnObjection::Hold,
            default_action: Action::LiveMigrate,
            on_failure: OnFailure::Stop,
            manual: false,
            parallel_hosts: 2,
            parallel_actions: 4,
            drain_timeout_secs: 700,
            action_timeout_secs: 40,
            attempts: 1,
            window_mins: 20,
        },
        owners: vec![
            (Says::Later(813, Action::Migrate), false),
            (Says::Nothing, false),
            (Says::Nothing, false),
        ],
        policies: vec![None; 12],
        group: Some((ServerPolicy::default(), 2, 0, None)),
        room: None,
        faults: 83,
        latency_millis: 1224,
        jitter_secs: 2,
        outages: vec![],
        crashes: vec![],
        happenings: vec![
            (28, Happening::Host(3, HostCommand::Skip)),
            (
                230,
                Happening::Reply {
                    notification: 0,
                    older_by: 0,
                    answer: Said::All(Action::LiveMigrate),
                },
            ),
            (246, Happening::Command(Command::Resume)),
            (91, Happening::HostUp(0, true)),
            (237, Happening::LaterEnd(10)),
            (36, Happening::NewServer(0, 0)),
        ],
        seed: 10_042_029_834_629_365_886,
    };
    case.run();
}

/// A server is stopped for the work, and somebody moves it to another host of the session before it is started: it stays stopped
/// for the session's sake, is started when that host comes back, and takes room in its group until then.
#[test]
fn a_server_that_was_stopped_for_the_work_and_moved_is_still_stopped_for_it() {
    let case = Case {
        hosts: vec![false; 5],
        spare: 0,
        servers: vec![(1, 1, false), (0, 0, false), (1, 0, false), (1, 0, false), (1, 0, false)],
        spec: Spec {
            retires: false,
            one_differs: false,
            announce_secs: 16,
            drain_secs: 87,
            lead_secs: 0,
            on_silence: OnSilence::Proceed,
            on_objection: OnObjection::Hold,
            default_action: Action::LiveMigrate,
            on_failure: OnFailure::Stop,
            manual: false,
            parallel_hosts: 1,
            parallel_actions: 1,
            drain_timeout_secs: 700,
            action_timeout_secs: 40,
            attempts: 1,
            window_mins: 32,
        },
        owners: vec![
            (Says::HalfFirst(Action::Keep), false),
            (Says::HalfFirst(Action::LiveMigrate), false),
            (Says::Nothing, false),
        ],
        policies: vec![None; 12],
        group: Some((ServerPolicy::default(), 1, 0, Some(0))),
        room: None,
        faults: 0,
        latency_millis: 0,
        jitter_secs: 0,
        outages: vec![],
        crashes: vec![],
        happenings: vec![(45, Happening::MoveServer(7, 1)), (0, Happening::MoveServer(15, 2))],
        seed: 1_645_065_487_276_454_051,
    };
    case.run();
}
