"""Whole sessions on a real Nova, checked by what Nova shows."""

from collections.abc import Callable

import grpc
from fermata.v1.host_pb2 import HOST_STATE_RETIRED
from fermata.v1.host_service_pb2 import GetHostRequest
from fermata.v1.host_service_pb2_grpc import HostServiceStub
from fermata.v1.notification_pb2 import OWNER_SESSION_CHANGE_COMPLETED, Notification
from fermata.v1.types_pb2 import (
    ACTION_KEEP,
    ACTION_LIVE_MIGRATE,
    ACTION_MIGRATE,
    DECISION_SOURCE_OWNER,
    DECISION_SOURCE_SESSION_DEFAULT,
    MAINTENANCE_KIND_RETIREMENT,
)

from client import Operator, Owner
from nova import Nova
from waiting import until


def test_four_hosts_in_two_sessions(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """Two hosts at once are emptied, an owner's word counts, silence means the session's default; both come
    back; and then the other two, which took all servers in, are done the same way."""
    first_hosts, second_hosts = ("compute01", "compute02"), ("compute03", "compute04")
    ids = nova.boot({
        "alpha-1": "compute01", "alpha-2": "compute01", "bravo-1": "compute01", "bravo-2": "compute01",
        "alpha-3": "compute02", "alpha-4": "compute02", "bravo-3": "compute02", "bravo-4": "compute02",
    })  # fmt: skip
    owner = new_owner("alpha", lambda notification: ACTION_LIVE_MIGRATE).take_part()

    def one_session(*hosts: str) -> str:
        session = operator.create_session(
            *hosts, max_parallel_hosts=2, max_parallel_actions=8, default_action=ACTION_MIGRATE
        )
        operator.wait_for_hosts(session, **dict.fromkeys(hosts, "IN_MAINTENANCE"), seconds=150)
        for host in hosts:
            assert nova.servers_on(host) == set()
            nova.assert_disabled_for(host, session)
        assert set(nova.statuses().values()) == {"ACTIVE"}, "a cold migration that is not confirmed is not done"
        for host in hosts:
            operator.complete_host(session, host)
        operator.wait_for_session(session, "COMPLETED")
        assert operator.host_states(session) == dict.fromkeys(hosts, "MAINTAINED")
        for host in hosts:
            nova.assert_in_service(host)
        return session

    first = one_session(*first_hosts)
    for name, server_id in ids.items():
        alpha = name.startswith("alpha")
        assert nova.migration_types(server_id) == ["live-migration" if alpha else "migration"], name
    report = operator.report(first)
    assert {(r.decision_source, r.action) for n, r in report.items() if n.startswith("alpha")} == {
        (DECISION_SOURCE_OWNER, ACTION_LIVE_MIGRATE)
    }
    assert {(r.decision_source, r.action) for n, r in report.items() if n.startswith("bravo")} == {
        (DECISION_SOURCE_SESSION_DEFAULT, ACTION_MIGRATE)
    }
    assert all(r.destination_host == nova.host_of(ids[n]) for n, r in report.items())

    second = one_session(*second_hosts)
    assert nova.statuses().keys() == ids.keys()
    assert all(len(nova.migration_types(i)) == 2 for i in ids.values()), "each moved once more, none twice"
    for session in (first, second):
        until(
            "the owner to hear of the end",
            lambda session=session: owner.session_changes(session)[-1:] == [OWNER_SESSION_CHANGE_COMPLETED],
            seconds=5,
        )


def test_retirement(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """A host that leaves for good ends empty and disabled; keeping a server on it is not offered."""
    nova.boot({"alpha-1": "compute01", "bravo-1": "compute01"})
    offered: list[set[int]] = []

    def decide(notification: Notification) -> int:
        offered.extend(set(s.allowed_actions) for s in notification.servers)
        return ACTION_LIVE_MIGRATE

    owner = new_owner("alpha", decide).take_part()
    session = operator.create_session("compute01", kind=MAINTENANCE_KIND_RETIREMENT)
    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")

    assert operator.host_states(session) == {"compute01": "RETIRED"}
    assert nova.servers_on("compute01") == set()
    nova.assert_disabled_for("compute01", session)
    assert set(nova.statuses().values()) == {"ACTIVE"}
    assert offered and all(ACTION_KEEP not in actions for actions in offered)
    assert {n.maintenance_kind for n in owner.notifications()} == {MAINTENANCE_KIND_RETIREMENT}


def test_retired_host_is_shown_as_such(nova: Nova, operator: Operator, channel: grpc.Channel) -> None:
    """After a retirement the host service says RETIRED, not merely disabled."""
    session = operator.create_session("compute02", kind=MAINTENANCE_KIND_RETIREMENT)
    operator.wait_for_hosts(session, compute02="IN_MAINTENANCE")
    operator.complete_host(session, "compute02")
    operator.wait_for_session(session, "COMPLETED")
    host = HostServiceStub(channel).GetHost(GetHostRequest(host="compute02"), timeout=10).host
    assert host.state == HOST_STATE_RETIRED
    assert session in host.disabled_reason


def test_kept_server(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """A server that its owner keeps is stopped on its host for the work and runs there again afterwards, while
    its neighbour moves."""
    ids = nova.boot({"alpha-kept": "compute01", "alpha-moved": "compute01"})
    decisions = {ids["alpha-kept"]: ACTION_KEEP, ids["alpha-moved"]: ACTION_LIVE_MIGRATE}
    new_owner("alpha", lambda notification: decisions).take_part()
    session = operator.create_session("compute01")
    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")

    kept = nova.server(ids["alpha-kept"])
    assert (kept.status, kept.compute_host) == ("SHUTOFF", "compute01")
    assert nova.servers_on("compute01") == {"alpha-kept"}

    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")
    kept = nova.server(ids["alpha-kept"])
    assert (kept.status, kept.compute_host) == ("ACTIVE", "compute01")
    assert nova.migrations(ids["alpha-kept"]) == []
    nova.assert_in_service("compute01")
