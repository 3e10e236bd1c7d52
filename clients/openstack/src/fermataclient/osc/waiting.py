"""Waits for a session or one of its hosts (`--wait`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import fermata
from fermata.v1 import session_pb2
from fermata.v1.session_pb2 import Session, SessionHost
from fermata.v1.session_service_pb2 import WatchSessionRequest
from osc_lib import exceptions

from fermataclient.osc import columns

COMPLETED = session_pb2.SESSION_STATE_COMPLETED
CANCELLED = session_pb2.SESSION_STATE_CANCELLED
FAILED = session_pb2.SESSION_STATE_FAILED
ENDED = (COMPLETED, CANCELLED)


def add_wait(parser: Any, until: str) -> None:
    """The option."""
    parser.add_argument("--wait", action="store_true", help=f"Wait {until}")


async def for_session(connection: fermata.Connection, session_id: str, wanted: Collection[int]) -> Session:
    """The session once it is in a wanted state. CommandError if it ends or fails in another one."""

    def done(session: Session, hosts: dict[str, SessionHost]) -> bool:
        state = session.status.state
        if state in wanted:
            return True
        if state in (*ENDED, FAILED):
            name = columns.SESSION_STATE.name(state)
            raise exceptions.CommandError(f"session {session_id} is {name}: {session.status.state_reason}")
        return False

    return await _until(connection, session_id, done)


async def for_host(connection: fermata.Connection, session_id: str, host: str, wanted: Collection[int]) -> Session:
    """The session once one of its hosts is in a wanted state. CommandError if it ends or fails in another one."""
    ended = (
        session_pb2.SESSION_HOST_STATE_MAINTAINED,
        session_pb2.SESSION_HOST_STATE_RETIRED,
        session_pb2.SESSION_HOST_STATE_DRAIN_FAILED,
        session_pb2.SESSION_HOST_STATE_MAINTENANCE_FAILED,
        session_pb2.SESSION_HOST_STATE_SKIPPED,
        session_pb2.SESSION_HOST_STATE_CANCELLED,
    )

    def done(session: Session, hosts: dict[str, SessionHost]) -> bool:
        found = hosts[host]
        if found.state in wanted:
            return True
        if found.state in ended:
            name = columns.SESSION_HOST_STATE.name(found.state)
            raise exceptions.CommandError(f"{host} is {name}: {found.state_reason}")
        return False

    return await _until(connection, session_id, done)


async def _until(
    connection: fermata.Connection, session_id: str, done: Callable[[Session, dict[str, SessionHost]], bool]
) -> Session:
    session = Session()
    hosts: dict[str, SessionHost] = {}
    async with fermata.watch(connection, WatchSessionRequest(session_id=session_id)) as items:
        async for item in items:
            if isinstance(item, fermata.Snapshot):
                session = item.state.session
                hosts = {host.host: host for host in item.state.hosts}
            elif isinstance(item, fermata.Event):
                event = item.event
                kind = event.WhichOneof("event")
                if kind == "session":
                    session.status.state, session.status.state_reason = event.session.state, event.session.reason
                elif kind == "host":
                    host = hosts.setdefault(event.host.host, SessionHost(host=event.host.host))
                    host.state, host.state_reason = event.host.state, event.host.reason
            else:
                continue
            if done(session, hosts):
                break
    return session
