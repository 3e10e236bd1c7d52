"""Counter-offers and scale-in on a real Nova, checked by Nova's own records."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fermata.v1.notification_pb2 import (
    COUNTER_OFFER_STATE_ACCEPTED,
    COUNTER_OFFER_STATE_PLANNING,
    NOTIFICATION_KIND_PLANNED,
    NOTIFICATION_KIND_SCALE_IN,
    OWNER_SESSION_CHANGE_COMPLETED,
    CounterOffer,
    Notification,
)
from fermata.v1.notification_service_pb2 import OwnActionDone
from fermata.v1.session_pb2 import START_MODE_MANUAL
from fermata.v1.types_pb2 import ACTION_LIVE_MIGRATE
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from client import Operator, Owner
from nova import Nova
from waiting import until


def latest(owner: Owner, **wanted: Any) -> Notification | None:
    """The last notification that the owner heard of with these values."""
    found = [n for n in owner.notifications() if all(getattr(n, k) == v for k, v in wanted.items())]
    return found[-1] if found else None


def test_not_before_a_time_and_one_after_the_other(
    nova: Nova, operator: Operator, new_owner: Callable[..., Owner]
) -> None:
    """An owner that is asked about two servers on a host offers the second one after the first, and not before a time: it is
    asked again, and so it happens, although both could go at once."""
    ids = nova.boot({"alpha-1": "compute01", "alpha-2": "compute01"})
    owner = new_owner("alpha").take_part()
    session = operator.create_session(
        "compute01",
        start_mode=START_MODE_MANUAL,
        announce_reply_period=Duration(seconds=60),
        max_parallel_actions=8,
    )
    until("the announcement", lambda: latest(owner, kind=NOTIFICATION_KIND_PLANNED))
    asked = latest(owner, kind=NOTIFICATION_KIND_PLANNED)
    assert asked
    at = datetime.fromtimestamp(int(time.time()) + 25, UTC)
    not_before = Timestamp()
    not_before.FromDatetime(at)
    offer = CounterOffer(server_ids=[ids["alpha-2"]], not_before_time=not_before, after_server_ids=[ids["alpha-1"]])
    owner.reply(asked, counter_offer=offer)

    def judged() -> bool:
        notification = latest(owner, id=asked.id)
        return bool(notification) and notification.counter_offer.state not in (0, COUNTER_OFFER_STATE_PLANNING)

    until("the verdict", judged)
    again = latest(owner, id=asked.id)
    assert again and again.counter_offer.state == COUNTER_OFFER_STATE_ACCEPTED, again
    assert again.plan_revision > asked.plan_revision
    owner.accept(again, ACTION_LIVE_MIGRATE)
    operator.start(session)
    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE", seconds=120)
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")

    [first] = nova.moves(ids["alpha-1"])
    [second] = nova.moves(ids["alpha-2"])
    assert second.began >= first.ended, (first, second)
    assert at <= second.began < at + timedelta(seconds=30), (at, second)


def test_an_owner_scales_in(nova: Nova, operator: Operator, new_owner: Callable[..., Owner]) -> None:
    """No other host takes a server. Its owner, who allows it, is asked for one less, deletes it, and the host is empty."""
    ids = nova.boot({"alpha-1": "compute01", "alpha-2": "compute02"})
    for host in ("compute02", "compute03", "compute04"):
        nova.compute.disable_service(nova.service(host), host, "nova-compute", "full")
    owner = new_owner("alpha").take_part()
    owner.put_group(*ids.values(), min_size_for_scale_in=1)
    # Nova may take a while to delete a server.
    session = operator.create_session("compute01", announce_reply_period=Duration(seconds=60))
    until("the announcement", lambda: latest(owner, kind=NOTIFICATION_KIND_PLANNED))
    announced = latest(owner, kind=NOTIFICATION_KIND_PLANNED)
    assert announced
    owner.accept(announced, ACTION_LIVE_MIGRATE)
    until("the request", lambda: latest(owner, kind=NOTIFICATION_KIND_SCALE_IN))
    asked = latest(owner, kind=NOTIFICATION_KIND_SCALE_IN)
    assert asked
    scale_in = asked.scale_in
    assert (scale_in.server_count, scale_in.group_size, list(scale_in.suggested_server_ids)) == (1, 2, [ids["alpha-1"]])
    assert scale_in.resources["VCPU"] == 1
    assert nova.service("compute01").status == "enabled", "it stays in service meanwhile"

    server = scale_in.suggested_server_ids[0]
    nova.inside["alpha"].compute.delete_server(server)
    until("it to be gone", lambda: "alpha-1" not in nova.statuses())
    owner.reply(asked, own_action_done=OwnActionDone())
    operator.wait_for_hosts(session, compute01="IN_MAINTENANCE", seconds=60)
    assert nova.servers_on("compute01") == set()
    operator.complete_host(session, "compute01")
    operator.wait_for_session(session, "COMPLETED")
    until("the owner to hear it", lambda: OWNER_SESSION_CHANGE_COMPLETED in owner.session_changes(session))
    assert set(nova.statuses()) == {"alpha-2"}
