"""Policies in servers' metadata on a real Nova: what a session does with each server, by Nova's own records."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from client import Operator, Owner
from nova import Nova
from test_groups import assert_one_at_a_time

GROUP = {"fermata:group": "db", "fermata:group_max_impacted": "1", "fermata:group_recovery_time": "5s"}
METADATA = {
    "alpha-kept": {"fermata:controlled_temporary": "keep"},
    "alpha-cold": {"fermata:controlled_temporary": "migrate"},
    "alpha-offline": {"fermata:migration_types": "offline"},
    "alpha-db-1": GROUP,
    "alpha-db-2": GROUP,
    "alpha-late": {"fermata:lead_time": "30s"},
}


def test_policies_in_metadata(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """An owner that says everything in metadata, and never replies, gets what it said."""
    ids = nova.boot(dict.fromkeys(METADATA, "compute01"), METADATA)
    owner = new_owner("alpha").take_part()
    before = datetime.now(UTC)
    session = operator.create_session("compute01", max_parallel_actions=8)
    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE", seconds=150)
    assert nova.servers_on("compute01") == {"alpha-kept"}
    assert nova.statuses() == dict.fromkeys(ids, "ACTIVE") | {"alpha-kept": "SHUTOFF"}
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")

    assert nova.statuses() == dict.fromkeys(ids, "ACTIVE")
    done = {name: [action.what for action in nova.actions(i)] for name, i in ids.items()}
    live, cold = ["live-migration"], ["migrate", "confirmResize"]
    assert done == dict.fromkeys(ids, live) | {
        "alpha-kept": ["stop", "start"],
        "alpha-cold": cold,
        "alpha-offline": cold,
    }
    assert_one_at_a_time(nova.moves(ids["alpha-db-1"]) + nova.moves(ids["alpha-db-2"]), timedelta(seconds=5))
    assert_lead_time(nova, owner, ids["alpha-late"], before)


def assert_lead_time(nova: Nova, owner: Owner, server: str, before: datetime) -> None:
    """Nova was not asked to touch it before 30 s after its owner was first told."""
    asked = [n for n in owner.notifications() if any(s.server_id == server for s in n.servers)]
    told = min(n.create_time.ToDatetime(UTC) for n in asked)
    assert told >= before
    [move] = nova.moves(server)
    # Nova cuts times to whole seconds.
    assert move.began > told + timedelta(seconds=30 - 1), (told, move)
