"""Moves that fail on a real Nova: retried, given up, or left to the operator, and told to the owner."""

from collections.abc import Callable

from fermata.v1.notification_pb2 import (
    OWNER_SESSION_CHANGE_DRAIN_GIVEN_UP,
    SERVER_CHANGE_ACTION_DONE,
    SERVER_CHANGE_ACTION_FAILED,
    SERVER_CHANGE_ACTION_STARTED,
)
from fermata.v1.reason_pb2 import SESSION_HOST_STATE_CAUSE_COMPUTE_SERVICE_DOWN
from fermata.v1.types_pb2 import ACTION_LIVE_MIGRATE, ACTION_MIGRATE

from client import Operator, Owner
from nova import Nova
from test_owner_stream import assert_names_nobody_else
from waiting import until

STARTED, DONE, FAILED = SERVER_CHANGE_ACTION_STARTED, SERVER_CHANGE_ACTION_DONE, SERVER_CHANGE_ACTION_FAILED


def test_a_failed_live_migration_is_tried_again(
    nova: Nova, operator: Operator, new_owner: Callable[..., Owner]
) -> None:
    """The copy breaks off, Nova rolls back; the next try comes through and the drain goes on."""
    ids = nova.boot({"alpha-1": "compute01"})
    server = ids["alpha-1"]
    nova.fault("compute01", live_migration={"fail": "copy stalled"})
    owner = new_owner("alpha", lambda notification: ACTION_LIVE_MIGRATE).take_part()
    session = operator.create_session("compute01", action_attempts=5)
    until("a failed migration", lambda: nova.migration_statuses(server)[:1] == ["failed"], seconds=40)
    nova.end_fault("compute01")

    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")
    assert nova.servers_on("compute01") == set()
    statuses = nova.migration_statuses(server)
    assert statuses.count("completed") == 1 and statuses[-1] == "completed", statuses
    failures = len(statuses) - 1
    assert owner.server_changes(server) == [STARTED, *[FAILED, STARTED] * failures, DONE]
    assert operator.report(session)["alpha-1"].attempts == len(statuses)
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")


def test_a_drain_is_given_up(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """A server that cannot be moved ends the drain after the agreed number of tries. The host is back in service,
    the server runs where it was, and its owner is told; the session waits for the operator."""
    ids = nova.boot({"alpha-1": "compute01"})
    server = ids["alpha-1"]
    nova.fault("compute01", live_migration={"fail": "copy stalled"})
    owner = new_owner("alpha", lambda notification: ACTION_LIVE_MIGRATE).take_part()
    session = operator.create_session("compute01", action_attempts=2)
    operator.wait_for_session(session, "FAILED")

    assert operator.host_states(session) == {"compute01": "DRAIN_FAILED"}
    nova.assert_in_service("compute01")
    assert (nova.server(server).status, nova.host_of(server)) == ("ACTIVE", "compute01")
    assert nova.migration_statuses(server) == ["failed", "failed"]
    until(
        "the owner to be told",
        lambda: OWNER_SESSION_CHANGE_DRAIN_GIVEN_UP in owner.session_changes(session),
        seconds=5,
    )
    assert owner.server_changes(server).count(FAILED) == 2
    given_up = [
        m.event.session for m in owner.events() if m.event.session.change == OWNER_SESSION_CHANGE_DRAIN_GIVEN_UP
    ]
    assert [list(event.server_ids) for event in given_up] == [[server]]
    assert_names_nobody_else(owner, nova, others={})


def test_a_server_in_error_waits_for_the_operator(nova: Nova, operator: Operator) -> None:
    """A cold migration breaks at its destination and Nova leaves the server in ERROR: that is not moved, and no
    further try is made; the drain is held for the operator, who sees which server it is."""
    ids = nova.boot({"bravo-1": "compute01"})
    for host in ("compute02", "compute03", "compute04"):
        nova.fault(host, finish_migration={"fail": "disk lost"})
    session = operator.create_session("compute01", default_action=ACTION_MIGRATE)
    until("the server to be in ERROR", lambda: nova.statuses() == {"bravo-1": "ERROR"}, seconds=40)

    def held() -> str:
        host = operator.hosts(session)[0]
        return host.state_reason if ids["bravo-1"] in host.state_reason else ""

    reason = until("the host to be held", held, seconds=20)
    assert "ERROR" in reason
    assert operator.host_states(session) == {"compute01": "DRAINING"}
    assert nova.migration_types(ids["bravo-1"]) == ["migration"]
    nova.assert_disabled_for("compute01", session)


def test_a_compute_service_that_goes_down_during_a_drain(
    nova: Nova, operator: Operator, new_owner: Callable[..., Owner]
) -> None:
    """The host's compute service goes down while its owner is asked: nothing can be moved from there, and the session says so.
    When the service is back the drain goes on."""
    ids = nova.boot({"alpha-1": "compute01"})
    server = ids["alpha-1"]
    owner = new_owner("alpha").take_part()
    session = operator.create_session("compute01", action_attempts=8)
    until("scheduling to be disabled", lambda: nova.service("compute01").status == "disabled", seconds=20)
    nova.force_down("compute01", True)

    def is_told() -> bool:
        # A move that had begun fails; none begins once it is seen.
        down = any(host.state_cause == SESSION_HOST_STATE_CAUSE_COMPUTE_SERVICE_DOWN for host in operator.hosts(session))
        return down or FAILED in owner.server_changes(server)

    until("the session to say that the host is down", is_told, seconds=60)
    nova.force_down("compute01", False)

    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")
    statuses = nova.migration_statuses(server)
    assert (statuses[-1], statuses.count("completed")) == ("completed", 1), statuses
    assert_names_nobody_else(owner, nova, others={})
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")
