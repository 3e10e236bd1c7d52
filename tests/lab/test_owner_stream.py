"""What the owner of servers hears: all that concerns it, and nothing else."""

from collections.abc import Callable

from fermata.v1.notification_pb2 import (
    OWNER_SESSION_CHANGE_COMPLETED,
    SERVER_CHANGE_ACTION_DONE,
    SERVER_CHANGE_ACTION_FAILED,
    SERVER_CHANGE_ACTION_STARTED,
)
from fermata.v1.types_pb2 import ACTION_LIVE_MIGRATE

from client import Operator, Owner
from nova import Nova
from proxy import NovaProxy, fault
from service import Fermata
from waiting import until


def assert_names_nobody_else(owner: Owner, nova: Nova, others: dict[str, str]) -> None:
    """Nothing in the owner's messages tells of these servers of others ({name: id}) or of any host."""
    transcript = "\n".join(str(message) for message in owner.messages)
    foreign = [*others, *others.values(), nova.project["bravo"], "compute0"]
    assert [word for word in foreign if word in transcript] == []


def test_stream_of_one_project(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """Two projects share a host. The owner of one hears of its own servers only and of no host by name; a stream
    that is cut and resumed by its token lacks nothing and repeats nothing."""
    ids = nova.boot({"alpha-1": "compute01", "alpha-2": "compute01", "bravo-1": "compute01", "bravo-2": "compute01"})
    owner = new_owner("alpha", lambda notification: ACTION_LIVE_MIGRATE).take_part()
    witness = new_owner("alpha").listen()
    session = operator.create_session("compute01")
    until(
        "the owner to hear of the first move",
        lambda: any(SERVER_CHANGE_ACTION_STARTED in owner.server_changes(ids[n]) for n in ("alpha-1", "alpha-2")),
        seconds=30,
    )
    owner.leave()
    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE")
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")
    missed = owner.messages[-1].sequence
    owner.listen()
    for who in (owner, witness):
        until(
            "the stream to tell of the end",
            lambda who=who: OWNER_SESSION_CHANGE_COMPLETED in who.session_changes(session),
            seconds=10,
        )

    assert missed < witness.events()[-1].sequence, "nothing happened while the owner was away: the test shows nothing"
    heard, all_there_was = ([m.SerializeToString() for m in who.events()] for who in (owner, witness))
    assert heard == all_there_was
    sequences = [m.sequence for m in owner.events()]
    assert sequences == list(range(1, len(sequences) + 1))
    for name in ("alpha-1", "alpha-2"):
        assert owner.server_changes(ids[name]) == [SERVER_CHANGE_ACTION_STARTED, SERVER_CHANGE_ACTION_DONE]
    assert_names_nobody_else(owner, nova, {n: i for n, i in ids.items() if n.startswith("bravo")})
    novas_host_ids = {nova.inside["alpha"].compute.get_server(ids[n]).host_id for n in ("alpha-1", "alpha-2")}
    assert novas_host_ids <= {m.event.server.host_id for m in owner.events()}, "the owner's own view of where it is"


def test_words_of_the_cloud_stay_with_the_operator(nova: Nova, proxy: NovaProxy, proxied: Fermata) -> None:
    """Nova refuses a move with a message that names a host: the operator reads it, the owner does not."""
    ids = nova.boot({"alpha-1": "compute01"})
    message = "Compute service of compute01 is unavailable at this time."
    refused = fault(400, "badRequest", message)
    proxy.answer_itself = lambda call: refused if call.is_action("os-migrateLive", ids["alpha-1"]) else None
    with proxied.channel() as channel:
        operator, owner = Operator(channel), Owner(channel, nova.project["alpha"]).take_part()
        session = operator.create_session("compute01", action_attempts=2)
        operator.wait_for_session(session, "FAILED")
        until(
            "the owner to be told",
            lambda: owner.server_changes(ids["alpha-1"]).count(SERVER_CHANGE_ACTION_FAILED) == 2,
            seconds=5,
        )
        owner.leave()
        assert message in operator.report(session)["alpha-1"].error
    assert_names_nobody_else(owner, nova, others={})
    nova.assert_in_service("compute01")
