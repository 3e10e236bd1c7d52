"""Each rule of the watch, against a server whose answers are scripted."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import grpc
import pytest

import fermata
import fermata.watching as watching
from fermata.testing import until
from fermata.v1.notification_pb2 import Notification
from fermata.v1.notification_service_pb2 import SubscribeRequest, SubscribeResponse
from fermata.v1.stream_pb2 import STREAM_POINT_NOW, STREAM_POINT_SNAPSHOT, StreamStart
from tests.scripted import Hang, Refuse, Scripted, Step, event, going_away, heartbeat, serving, snapshot

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FIRST_WAIT", 0.01)


def told(item: Any) -> str:
    if isinstance(item, fermata.Connected):
        return "connected"
    if isinstance(item, fermata.Interrupted):
        return item.cause.value
    return f"{'snapshot' if isinstance(item, fermata.Snapshot) else 'event'} {item.position.sequence}"


async def read(
    scripted: Scripted, count: int, request: SubscribeRequest | None = None, *, all: bool = False
) -> list[Any]:
    """The first items of a watch: `all`, or all but those that say that a stream is open."""
    items: list[Any] = []
    async with serving(scripted) as target, fermata.connect(target) as connection:
        async with fermata.watch(connection, request or SubscribeRequest(project_id="p")) as watch:
            async for item in watch:
                if all or not isinstance(item, fermata.Connected):
                    items.append(item)
                if len(items) == count:
                    break
        await until("the stream to be closed", lambda: not scripted.open_streams)
    return items


def starts(scripted: Scripted) -> list[bytes | int]:
    """Where each stream began."""
    begun = [request.start for request in scripted.subscribed]
    return [s.resume_token if s.WhichOneof("start") == "resume_token" else s.point for s in begun]


async def test_a_stream_that_ends_goes_on_after_its_last_message() -> None:
    scripted = Scripted([snapshot(1), event(2)], [event(3), Refuse(Code.UNAVAILABLE)], [event(4)])
    items = await read(scripted, 6)
    assert [told(i) for i in items] == ["snapshot 1", "event 2", "closed", "event 3", "failed", "event 4"]
    assert starts(scripted)[:3] == [STREAM_POINT_SNAPSHOT, b"s2", b"s3"]
    assert items[4].code is Code.UNAVAILABLE
    assert items[1].position.store_id == "s"


@pytest.mark.parametrize("headers", [(("date", "now"),), ()])
async def test_it_tells_once_for_each_stream_that_it_is_open(headers: tuple[tuple[str, str], ...]) -> None:
    scripted = Scripted([snapshot(3)], [Refuse(Code.UNAVAILABLE)], [heartbeat(3, 15), event(4)])
    scripted.headers_sent = headers
    items = [told(item) for item in await read(scripted, 8, all=True)]
    if headers and items[3:5] == ["connected", "failed"]:
        # This server opens the stream, and ends it at once: that may be seen together.
        del items[3]
    assert items[:7] == ["connected", "snapshot 3", "closed", "failed", "connected", "event 4", "closed"]


async def test_it_tells_that_it_is_open_though_nothing_happens() -> None:
    scripted = Scripted([snapshot(3)], [Hang()])
    items = [told(item) for item in await read(scripted, 4, all=True)]
    assert items == ["connected", "snapshot 3", "closed", "connected"]


@pytest.mark.parametrize(
    "code", [Code.CANCELLED, Code.UNKNOWN, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED, Code.ABORTED, Code.INTERNAL]
)
async def test_errors_that_may_pass(code: grpc.StatusCode) -> None:
    assert [told(i) for i in await read(Scripted([Refuse(code)], [snapshot(1)]), 2)] == ["failed", "snapshot 1"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Code.INVALID_ARGUMENT, "INVALID_FIELD"),
        (Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID"),
        (Code.NOT_FOUND, "SUBSCRIPTION_NOT_FOUND"),
        (Code.ALREADY_EXISTS, ""),
        (Code.PERMISSION_DENIED, "PROJECT_FOREIGN"),
        (Code.FAILED_PRECONDITION, ""),
        (Code.OUT_OF_RANGE, ""),
        (Code.UNIMPLEMENTED, ""),
        (Code.DATA_LOSS, ""),
        (Code.UNAUTHENTICATED, "CREDENTIALS_EXPIRED"),
        (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED"),
    ],
)
async def test_errors_that_end_it(code: grpc.StatusCode, reason: str) -> None:
    request = SubscribeRequest(project_id="p", start=StreamStart(resume_token=b"of the caller"))
    with pytest.raises(fermata.FermataError) as raised:
        await read(Scripted([Refuse(code, reason)]), 1, request)
    assert (raised.value.code, raised.value.reason_name) == (code, reason)


async def test_waits_double_and_begin_anew_after_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    refusals: list[list[Step]] = [[Refuse(Code.UNAVAILABLE)] for _ in range(3)]
    items = await read(Scripted(*refusals, [snapshot(1)]), 5)
    assert [i.retry_in for i in items if isinstance(i, fermata.Interrupted)] == [0.01, 0.02, 0.04, 0.01]


async def test_the_servers_wish_is_kept() -> None:
    items = await read(Scripted([Refuse(Code.RESOURCE_EXHAUSTED, "SLOW_READER", retry_after=0.3)], [snapshot(1)]), 2)
    assert items[0].retry_in == 0.3


async def test_going_away_waits_exactly_as_long_as_told() -> None:
    scripted = Scripted([snapshot(1), going_away(1, 0.02)], [event(2)])
    items = await read(scripted, 3)
    assert [told(i) for i in items] == ["snapshot 1", "going_away", "event 2"]
    assert items[1].retry_in == 0.02
    assert starts(scripted)[1] == b"away"


async def test_going_away_inside_a_snapshot_begins_where_this_stream_did() -> None:
    scripted = Scripted([snapshot(1, last=False), going_away(1, 0.0, token=b"")], [snapshot(4)])
    assert [told(i) for i in await read(scripted, 2)] == ["going_away", "snapshot 4"]
    assert starts(scripted) == [STREAM_POINT_SNAPSHOT, STREAM_POINT_SNAPSHOT]


async def test_three_heartbeats_that_do_not_come() -> None:
    scripted = Scripted([snapshot(1), heartbeat(1, 0.05), Hang()], [event(2), Hang()])
    items: list[str] = []
    async with serving(scripted) as target, fermata.connect(target) as connection:
        watch = fermata.watch(connection, SubscribeRequest(project_id="p"))
        while len(items) < 3:
            item = told(await watch.__anext__())
            if item != "connected":
                items.append(item)
            if item == "silent":
                # The second stream takes as long as it takes.
                watch._cursor.patience = 60.0
        await watch.aclose()
    assert items == ["snapshot 1", "silent", "event 2"]


async def test_the_requested_interval_counts_before_the_first_heartbeat() -> None:
    request = SubscribeRequest(project_id="p")
    request.heartbeat_interval.FromMilliseconds(300)
    assert [told(i) for i in await read(Scripted([snapshot(1), Hang()]), 2, request)][1] == "silent"


async def test_a_reader_that_takes_its_time_is_not_silence() -> None:
    scripted = Scripted([snapshot(1), heartbeat(1, 0.5), event(2), event(3), Hang()])
    items = []
    async with serving(scripted) as target, fermata.connect(target) as connection:
        async for item in fermata.watch(connection, SubscribeRequest(project_id="p")):
            if isinstance(item, fermata.Connected):
                continue
            items.append(told(item))
            if len(items) == 3:
                break
            # Longer than three heartbeats.
            await asyncio.sleep(1.6)
    assert items == ["snapshot 1", "event 2", "event 3"]


async def test_opening_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "OPEN_TIMEOUT", 0.1)
    scripted = Scripted([snapshot(1)])

    async def first_time_only() -> None:
        if len(scripted.subscribed) == 1:
            # The next time takes as long as it takes.
            monkeypatch.setattr(watching, "OPEN_TIMEOUT", 60.0)
            await asyncio.Event().wait()

    scripted.before_opening = first_time_only
    assert [told(i) for i in await read(scripted, 2)] == ["silent", "snapshot 1"]


async def test_a_token_that_expired_means_a_snapshot() -> None:
    scripted = Scripted(
        [snapshot(7), event(8)], [Refuse(Code.OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED")], [snapshot(20), event(21)]
    )
    items = await read(scripted, 6)
    assert [told(i) for i in items] == ["snapshot 7", "event 8", "closed", "missed", "snapshot 20", "event 21"]
    assert starts(scripted)[2] == STREAM_POINT_SNAPSHOT


async def test_an_own_token_that_is_invalid_means_another_database() -> None:
    lost = Refuse(Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID")
    scripted = Scripted([snapshot(7), event(8)], [lost], [snapshot(2, store="t"), event(3)])
    items = await read(scripted, 6)
    # Numbers that are lower count, too.
    assert [told(i) for i in items][3:] == ["missed", "snapshot 2", "event 3"]
    assert items[5].position.store_id == "t"


async def test_events_that_were_had_are_left_out() -> None:
    scripted = Scripted([snapshot(3), event(2), event(3), event(4), event(4)], [event(4), event(6)])
    assert [told(i) for i in await read(scripted, 4)] == ["snapshot 3", "event 4", "closed", "event 6"]


async def test_parts_become_one_snapshot() -> None:
    parts: list[Step] = [
        snapshot(5, Notification(id="a"), part=1, last=False),
        snapshot(5, Notification(id="b"), part=2, last=True),
    ]
    (item,) = await read(Scripted(parts), 1)
    assert [n.id for n in item.state.notifications] == ["a", "b"]
    assert item.position.resume_token == b"s5"


async def test_parts_of_a_cut_snapshot_are_dropped() -> None:
    scripted = Scripted([snapshot(5, Notification(id="a"), last=False)], [snapshot(6, Notification(id="b"))])
    items = await read(scripted, 2)
    assert [told(i) for i in items] == ["closed", "snapshot 6"]
    assert [n.id for n in items[1].state.notifications] == ["b"]


@pytest.mark.parametrize("number", [0, 2, 3])
async def test_parts_out_of_order_open_the_stream_again(number: int) -> None:
    scripted = Scripted([snapshot(5, part=number, last=False)], [snapshot(6)])
    assert [told(i) for i in await read(scripted, 2)] == ["failed", "snapshot 6"]


async def test_a_snapshot_that_is_too_large_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MAX_SNAPSHOT_BYTES", 1000)
    parts: list[Step] = [snapshot(5, Notification(reason="x" * 600), part=part, last=False) for part in (1, 2)]
    with pytest.raises(fermata.FermataError) as raised:
        await read(Scripted(parts), 1)
    assert raised.value.code is Code.RESOURCE_EXHAUSTED


async def test_a_kind_that_is_not_known_counts_as_read() -> None:
    unknown = SubscribeResponse(resume_token=b"unknown", sequence=9)
    scripted = Scripted([snapshot(1), unknown], [event(10)])
    assert [told(i) for i in await read(scripted, 3)] == ["snapshot 1", "closed", "event 10"]
    assert starts(scripted)[1] == b"unknown"


async def test_begins_where_the_caller_says() -> None:
    scripted = Scripted([heartbeat(4, 15), event(5)])
    request = SubscribeRequest(project_id="p", start=StreamStart(point=STREAM_POINT_NOW))
    assert [told(i) for i in await read(scripted, 1, request)] == ["event 5"]
    assert starts(scripted) == [STREAM_POINT_NOW]


async def test_an_expired_token_file_is_read_again(tmp_path: Any) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    scripted = Scripted([snapshot(1), Refuse(Code.UNAUTHENTICATED, "CREDENTIALS_EXPIRED")], [event(2)])
    async with serving(scripted) as target, fermata.connect(target, credentials=fermata.TokenFile(file)) as connection:
        watch = fermata.watch(connection, SubscribeRequest(project_id="p"))
        items = [await watch.__anext__(), await watch.__anext__()]
        file.write_text("new\n")
        items += [await watch.__anext__(), await watch.__anext__(), await watch.__anext__()]
    assert [told(i) for i in items] == ["connected", "snapshot 1", "failed", "connected", "event 2"]
    assert [headers["authorization"] for headers in scripted.headers] == ["Bearer old", "Bearer new"]
    assert scripted.headers[0]["user-agent"].startswith(f"fermata-python/{fermata.__version__} ")


@pytest.mark.parametrize("how", ["cancelled", "closed", "dropped"])
async def test_the_call_ends_when_the_reader_leaves(how: str) -> None:
    scripted = Scripted([snapshot(1), Hang()])
    async with serving(scripted) as target, fermata.connect(target) as connection:
        watch = fermata.watch(connection, SubscribeRequest(project_id="p"))
        assert isinstance(await watch.__anext__(), fermata.Connected)
        await watch.__anext__()
        assert scripted.open_streams == 1
        if how == "cancelled":
            waiting = asyncio.ensure_future(watch.__anext__())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        elif how == "closed":
            await watch.aclose()
            assert [item async for item in watch] == []
        else:
            del watch
            gc.collect()
        await until("the stream to be closed", lambda: not scripted.open_streams)
