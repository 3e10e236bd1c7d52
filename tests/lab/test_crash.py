"""Fermata ends in the middle of a drain and is started again: nothing is lost, nothing is done twice."""

import signal
from collections import Counter
from collections.abc import Callable

import pytest
from fermata.v1.notification_pb2 import NOTIFICATION_STATE_PENDING
from fermata.v1.types_pb2 import ACTION_LIVE_MIGRATE, ACTION_MIGRATE

from client import Operator, Owner
from nova import Nova
from proxy import NovaProxy
from service import Fermata
from waiting import until


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["sigterm", "sigkill"])
def test_restart_during_a_drain(
    nova: Nova, fermata: Fermata, operator: Operator, new_owner: Callable[..., Owner], how: signal.Signals
) -> None:
    """A live migration of minutes is under way when Fermata ends. The next process takes the session up, waits for
    the same migration, and ends the drain; nobody is asked twice and no server moves twice."""
    ids = nova.boot({"alpha-1": "compute01", "alpha-2": "compute01", "bravo-1": "compute01"})
    nova.fault("compute01", live_migration={"delay": 600})
    owner = new_owner("alpha", lambda notification: ACTION_LIVE_MIGRATE).take_part()
    session = operator.create_session("compute01", default_action=ACTION_MIGRATE)
    alphas = [ids["alpha-1"], ids["alpha-2"]]

    def under_way() -> bool:
        # A compute service makes one live migration at a time; Nova has the other in its queue.
        return sorted(status for i in alphas for status in nova.migration_statuses(i)) == ["queued", "running"]

    until("the live migrations to be under way", under_way, seconds=40)

    if how == signal.SIGTERM:
        assert fermata.terminate() == 0
    else:
        fermata.kill()
    assert under_way(), "ending Fermata ends no migration"
    nova.assert_disabled_for("compute01", session)
    fermata.start_and_wait()
    until("the owner to be connected again", lambda: owner.connections == 2, seconds=15)
    nova.end_fault("compute01")

    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")
    assert nova.servers_on("compute01") == set()
    assert set(nova.statuses().values()) == {"ACTIVE"}
    assert [nova.migration_types(i) for i in ids.values()] == [["live-migration"], ["live-migration"], ["migration"]]
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")
    nova.assert_in_service("compute01")
    assert_asked_once(owner)


def assert_asked_once(owner: Owner) -> None:
    """No question came twice, and the stream has neither gap nor repetition over the restart."""
    asked = Counter((n.id, n.plan_revision) for n in owner.notifications() if n.state == NOTIFICATION_STATE_PENDING)
    assert asked and set(asked.values()) == {1}, asked
    sequences = [m.sequence for m in owner.events()]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


@pytest.mark.parametrize(
    ("decision", "action", "moves"),
    [(ACTION_LIVE_MIGRATE, "os-migrateLive", ["live-migration"]), (ACTION_MIGRATE, "migrate", ["migration"])],
    ids=["live", "cold"],
)
def test_killed_before_novas_answer(
    nova: Nova, proxy: NovaProxy, proxied: Fermata, decision: int, action: str, moves: list[str]
) -> None:
    """Nova begins to move a server, and Fermata is killed before it learns so. The next process reads what became
    of the call before it does anything: Nova is asked once, and the server moves once."""
    ids = nova.boot({"bravo-1": "compute01"})
    server = ids["bravo-1"]
    proxy.lose_answer_of = lambda call: call.is_action(action, server)
    with proxied.channel() as channel:
        operator = Operator(channel)
        session = operator.create_session("compute01", default_action=decision)
        assert proxy.lost.wait(40), "Nova was not asked to move the server"
        proxied.kill()
        proxied.start_and_wait()
        operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")
        operator.complete_host(session, "compute01")
        operator.wait_for_session(session, "COMPLETED")
    assert sum(call.is_action(action, server) for call in proxy.calls) == 1
    assert nova.migration_types(server) == moves
    assert nova.server(server).status == "ACTIVE"
