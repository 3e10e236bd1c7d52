"""`openstack maintenance host …`."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

import fermata
from fermata.v1 import session_pb2
from fermata.v1.host_service_pb2 import GetHostRequest, ListHostsRequest
from fermata.v1.session_pb2 import Session, SessionHost
from fermata.v1.session_service_pb2 import (
    CompleteHostRequest,
    FailHostRequest,
    ListSessionHostsRequest,
    ListSessionsRequest,
    RetryHostRequest,
    SkipHostRequest,
)
from osc_lib import exceptions
from osc_lib.command import command

from fermataclient.osc import columns, waiting
from fermataclient.osc.arguments import add_limit, add_words, every
from fermataclient.osc.session import Shown, get, shown

_ACTIVE = (
    session_pb2.SESSION_STATE_SCHEDULED,
    session_pb2.SESSION_STATE_RUNNING,
    session_pb2.SESSION_STATE_PAUSED,
    session_pb2.SESSION_STATE_CANCELLING,
    session_pb2.SESSION_STATE_FAILED,
)


class ListHost(command.Lister):
    """List compute hosts and where they stand, or the hosts of a maintenance session in the order of its plan"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("--session", metavar="<session>", help="The hosts of this session (ID)")
        add_words(parser, "--state", columns.HOST_STATE, "Only in this state", many=True, default=[])
        parser.add_argument("--zone", metavar="<name>", default="", help="Only in this availability zone")
        parser.add_argument("--aggregate", metavar="<name>", default="", help="Only in this host aggregate")
        add_limit(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        run = self.app.client_manager.maintenance.run
        if parsed_args.session:
            of_session = ListSessionHostsRequest(session_id=parsed_args.session)

            async def hosts_of_session(connection: fermata.Connection) -> Any:
                return await every(connection.sessions.ListSessionHosts, of_session, "hosts", parsed_args.limit)

            titles = {"host": "Host", "state": "State", "reason": "Reason", "servers": "Servers Done", "wave": "Wave"}
            return columns.table(titles, [_of_session(host) for host in run(hosts_of_session)])
        request = ListHostsRequest()
        request.filter.states.extend(parsed_args.state)
        request.filter.zone, request.filter.aggregate = parsed_args.zone, parsed_args.aggregate

        async def hosts(connection: fermata.Connection) -> Any:
            return await every(connection.hosts.ListHosts, request, "hosts", parsed_args.limit)

        titles = {"name": "Name", "state": "State", "zone": "Zone", "servers": "Servers", "session_id": "Session"}
        return columns.table(titles, [columns.host(host) for host in run(hosts)])


def _of_session(host: SessionHost) -> dict[str, Any]:
    return {
        "host": host.host,
        "state": columns.SESSION_HOST_STATE.name(host.state),
        "reason": host.state_reason,
        "servers": f"{host.servers_done}/{host.servers_total}",
        "wave": host.wave,
    }


class ShowHost(command.ShowOne):
    """Show a compute host: where it stands, and which maintenance session holds it"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("host", metavar="<host>", help="Compute host (name)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        async def found(connection: fermata.Connection) -> Any:
            return (await connection.hosts.GetHost(GetHostRequest(host=parsed_args.host))).host

        return columns.show(columns.host(self.app.client_manager.maintenance.run(found)))


class _ChangeHost(command.ShowOne):
    """A command about a host of a session."""

    wait_until = ""
    wanted: frozenset[int] = frozenset()

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("host", metavar="<host>", help="Compute host (name)")
        parser.add_argument(
            "--session", metavar="<session>", help="Its session (default: the active one that has the host)"
        )
        parser.add_argument(
            "--reason", metavar="<text>", default="", help="Why, for people; shown as the state's reason"
        )
        waiting.add_wait(parser, self.wait_until)
        return parser

    def call(
        self, connection: fermata.Connection, options: argparse.Namespace
    ) -> tuple[Any, Callable[[Any], Awaitable[Any]]]:
        """The request without session, host and reason, and the method that takes it."""
        raise NotImplementedError

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        async def change(connection: fermata.Connection) -> Session:
            session_id = parsed_args.session or await _session_of(connection, parsed_args.host)
            request, method = self.call(connection, parsed_args)
            request.session_id, request.host, request.reason = session_id, parsed_args.host, parsed_args.reason
            session: Session = (await method(request)).session
            if parsed_args.wait:
                await waiting.for_host(connection, session_id, parsed_args.host, self.wanted)
                session = await get(connection, session_id)
            return session

        return shown(self.app.client_manager.maintenance, change)


async def _session_of(connection: fermata.Connection, host: str) -> str:
    """The active session that has a host. There is one at most."""
    request = ListSessionsRequest()
    request.filter.states.extend(_ACTIVE)
    request.filter.host = host
    sessions = (await connection.sessions.ListSessions(request)).sessions
    if not sessions:
        raise exceptions.CommandError(f"no active session has the host {host}; name one by --session")
    return sessions[0].id


class CompleteHost(_ChangeHost):
    """Report that the work on a host is done: it goes back to service, or is retired"""

    wait_until = "until the host is back in service, or retired"
    wanted = frozenset({session_pb2.SESSION_HOST_STATE_MAINTAINED, session_pb2.SESSION_HOST_STATE_RETIRED})

    def call(
        self, connection: fermata.Connection, options: argparse.Namespace
    ) -> tuple[Any, Callable[[Any], Awaitable[Any]]]:
        return CompleteHostRequest(), connection.sessions.CompleteHost


class FailHost(_ChangeHost):
    """Report that the work on a host failed, or give up its drain"""

    wait_until = "until the host has failed"
    wanted = frozenset({session_pb2.SESSION_HOST_STATE_MAINTENANCE_FAILED, session_pb2.SESSION_HOST_STATE_DRAIN_FAILED})

    def call(
        self, connection: fermata.Connection, options: argparse.Namespace
    ) -> tuple[Any, Callable[[Any], Awaitable[Any]]]:
        return FailHostRequest(), connection.sessions.FailHost


class SkipHost(_ChangeHost):
    """Leave a host out of its maintenance session"""

    wait_until = "until the host is skipped"
    wanted = frozenset({session_pb2.SESSION_HOST_STATE_SKIPPED})

    def call(
        self, connection: fermata.Connection, options: argparse.Namespace
    ) -> tuple[Any, Callable[[Any], Awaitable[Any]]]:
        return SkipHostRequest(), connection.sessions.SkipHost


class RetryHost(_ChangeHost):
    """Try a failed or skipped host again, or go on with a drain that is held for you"""

    wait_until = "until the host is empty and held"
    wanted = frozenset({session_pb2.SESSION_HOST_STATE_IN_MAINTENANCE})

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--override-owners",
            action="store_true",
            help="Go on although owners objected or were silent; they are told, and it needs a reason",
        )
        return parser

    def call(
        self, connection: fermata.Connection, options: argparse.Namespace
    ) -> tuple[Any, Callable[[Any], Awaitable[Any]]]:
        return RetryHostRequest(override_owners=options.override_owners), connection.sessions.RetryHost
