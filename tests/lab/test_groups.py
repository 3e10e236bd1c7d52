"""Groups of servers on a real Nova: their limits and their spread over hosts, checked by Nova's own records."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from fermata.v1.policy_pb2 import MaxImpacted
from google.protobuf.duration_pb2 import Duration

from client import Operator, Owner
from nova import Done, Nova
from waiting import until

DRAINED = ("compute01", "compute02")
SPARE = {"compute03", "compute04"}


def assert_one_at_a_time(moves: list[Done], gap: timedelta) -> None:
    """No move begins before the gap after the last one is over. Nova cuts times to whole seconds, which never makes
    a gap of whole seconds look shorter; one that looks just long enough may have been less than a second shorter."""
    moves = sorted(moves, key=lambda move: move.began)
    assert all(later.began - earlier.ended >= gap for earlier, later in pairwise(moves)), moves


def maintain(operator: Operator, nova: Nova, session: str, *hosts: str, seconds: float = 60) -> None:
    """Waits for each host to be held, empty, and gives it back at once; then the session ends."""
    left = set(hosts)

    def all_given_back() -> bool:
        for host in [h for h, state in operator.host_states(session).items() if state == "IN_MAINTENANCE"]:
            if host in left:
                assert nova.servers_on(host) == set()
                nova.assert_disabled_for(host, session)
                operator.complete_host(session, host)
                left.remove(host)
        return not left

    until(f"{hosts} to be held and given back", all_given_back, seconds, pause=0.2)
    operator.wait_for_session(session, "COMPLETED")
    for host in hosts:
        nova.assert_in_service(host)


def test_a_group_is_moved_one_member_at_a_time(
    nova: Nova, operator: Operator, new_owner: Callable[..., Owner]
) -> None:
    """Three members on two hosts, of which one at a time may be impacted, with room for more hosts and more actions: each
    moves once, and there are 20 s between the end of a move and the next, on one host as from host to host. A server that
    is in no group does not wait for that."""
    hosts = {"alpha-1": "compute01", "alpha-2": "compute01", "alpha-3": "compute02", "bravo-1": "compute01"}
    ids = nova.boot(hosts)
    members = [ids[name] for name in ids if name != "bravo-1"]
    limit = {"max_impacted": [MaxImpacted(max=1)], "recovery_time": Duration(seconds=20)}
    new_owner("alpha").put_group(*members, **limit)
    session = operator.create_session(*DRAINED, max_parallel_hosts=2, max_parallel_actions=8)
    maintain(operator, nova, session, *DRAINED, seconds=180)

    for name, server in ids.items():
        [migration] = nova.migrations(server)
        assert migration.status == "completed" and migration.source_compute == hosts[name]
    assert set(nova.statuses().values()) == {"ACTIVE"}
    assert_one_at_a_time([move for server in members for move in nova.moves(server)], timedelta(seconds=20))
    [other] = nova.moves(ids["bravo-1"])
    assert other.began < max(nova.moves(ids[name])[0].began for name in ("alpha-1", "alpha-2"))


def test_a_groups_limit_holds_over_sessions(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """Two sessions drain a member's host each, at the same time: the group still has one member impacted at a time, and
    5 s to recover. A move that Nova refuses, because its target is the host that the other session drains, counts."""
    ids = nova.boot({"alpha-1": "compute01", "alpha-2": "compute02"})
    limit = {"max_impacted": [MaxImpacted(max=1)], "recovery_time": Duration(seconds=5)}
    new_owner("alpha").put_group(*ids.values(), **limit)
    sessions = {host: operator.create_session(host) for host in DRAINED}

    def both_drain() -> bool:
        return all(operator.host_states(session)[host] != "WAITING" for host, session in sessions.items())

    until("both hosts to be drained", both_drain)
    for host, session in sessions.items():
        maintain(operator, nova, session, host)

    assert [nova.migration_statuses(server)[-1] for server in ids.values()] == ["completed", "completed"]
    assert_one_at_a_time([move for server in ids.values() for move in nova.moves(server)], timedelta(seconds=5))


@pytest.mark.parametrize("known_to", ["fermata", "nova"])
def test_anti_affinity(nova: Nova, operator: Operator, new_owner: Callable[..., Owner], known_to: str) -> None:
    """Two members on two hosts that are drained at once never meet: neither if only Fermata knows of it, by its owner's
    policy, nor if Nova does, by a server group; and then Nova refuses none of the targets."""
    server_group = nova.anti_affinity_group("alpha") if known_to == "nova" else None
    ids = nova.boot({"alpha-1": "compute01", "alpha-2": "compute02"}, server_group=server_group)
    if known_to == "fermata":
        new_owner("alpha").put_group(*ids.values(), anti_affinity=True)
    session = operator.create_session(*DRAINED, max_parallel_hosts=2, max_parallel_actions=8)

    def held_and_never_together() -> bool:
        hosts = nova.hosts_of()
        assert len(set(hosts.values())) == 2, hosts
        return set(operator.host_states(session).values()) == {"IN_MAINTENANCE"}

    until("both hosts to be held", held_and_never_together)
    maintain(operator, nova, session, *DRAINED)

    migrations = [m for i in ids.values() for m in nova.migrations(i)]
    assert [m.status for m in migrations] == ["completed", "completed"]
    assert {m.dest_compute for m in migrations} == SPARE, "each went where the other was not, at no time"
    assert set(nova.hosts_of().values()) == SPARE
