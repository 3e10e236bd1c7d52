"""`openstack maintenance session …`, but for what has a file of its own."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

import fermata
from fermata.v1 import session_pb2
from fermata.v1.session_pb2 import Session
from fermata.v1.session_service_pb2 import (
    CancelSessionRequest,
    DeleteSessionRequest,
    GetSessionRequest,
    ListSessionsRequest,
    PauseSessionRequest,
    ResumeSessionRequest,
    StartSessionRequest,
)
from osc_lib import exceptions
from osc_lib.command import command

from fermataclient.osc import columns, names, spec, waiting
from fermataclient.osc.arguments import TIME, add_limit, add_words, every, moment
from fermataclient.osc.client import Client

Shown = tuple[tuple[str, ...], tuple[Any, ...]]


def add_session(parser: argparse.ArgumentParser) -> None:
    """The argument that names a session."""
    parser.add_argument("session", metavar="<session>", help="Session (ID)")


def shown(client: Client, work: Callable[[fermata.Connection], Awaitable[Session]]) -> Shown:
    """Does the work, and shows the session that comes of it."""
    session = client.run(work, names.of_session)
    return columns.show(columns.session(session, client.names))


async def get(connection: fermata.Connection, session_id: str) -> Session:
    """A session as it stands."""
    return (await connection.sessions.GetSession(GetSessionRequest(session_id=session_id))).session


class CreateSession(command.ShowOne):
    """Create a maintenance session, and announce it to every owner that it affects"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--reason", metavar="<text>", required=True, help="Why, for people; shown to owners (required)"
        )
        spec.add(parser)
        parser.add_argument(
            "--request-id", metavar="<id>", help="Given again, it names the same session, and creates no second one"
        )
        waiting.add_wait(parser, "until the session has ended; exit with an error if it is not COMPLETED")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        async def create(connection: fermata.Connection) -> Session:
            operator = fermata.Operator(connection)
            session = await operator.create(spec.read(parsed_args), request_id=parsed_args.request_id)
            if parsed_args.wait:
                await waiting.for_session(connection, session.id, {waiting.COMPLETED})
                return await get(connection, session.id)
            return session

        return shown(self.app.client_manager.maintenance, create)


class ListSession(command.Lister):
    """List maintenance sessions, the newest first"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_words(parser, "--state", columns.SESSION_STATE, "Only in this state", many=True, default=[])
        parser.add_argument("--host", metavar="<host>", default="", help="Only with this host")
        parser.add_argument(
            "--ends-after", metavar="<time>", type=moment, help=f"Only with a window that ends later: {TIME}"
        )
        parser.add_argument("--long", action="store_true", help="Show more columns")
        add_limit(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        request = ListSessionsRequest()
        request.filter.states.extend(parsed_args.state)
        request.filter.host = parsed_args.host
        if parsed_args.ends_after:
            request.filter.ends_after_time.FromDatetime(parsed_args.ends_after)

        async def found(connection: fermata.Connection) -> Any:
            return await every(connection.sessions.ListSessions, request, "sessions", parsed_args.limit)

        titles = {
            "id": "ID",
            "state": "State",
            "reason": "Reason",
            "hosts_done": "Hosts Done",
            "hosts_skipped": "Hosts Skipped",
            "window_end": "Window End",
        }
        if parsed_args.long:
            titles |= {"state_reason": "State Reason", "servers_done": "Servers Done", "created_at": "Created At"}
        client = self.app.client_manager.maintenance
        return columns.table(titles, [columns.session(session, client.names) for session in client.run(found)])


class ShowSession(command.ShowOne):
    """Show a maintenance session"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_session(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        async def found(connection: fermata.Connection) -> Session:
            return await get(connection, parsed_args.session)

        return shown(self.app.client_manager.maintenance, found)


class _ChangeSession(command.ShowOne):
    """A command that brings a session into another state."""

    wait_until = ""
    wanted: frozenset[int] = frozenset()

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_session(parser)
        parser.add_argument(
            "--reason", metavar="<text>", default="", help="Why, for people; shown as the state's reason"
        )
        parser.add_argument("--etag", metavar="<etag>", default="", help="Only if the session still has this etag")
        waiting.add_wait(parser, self.wait_until)
        return parser

    def call(self, connection: fermata.Connection) -> tuple[type[Any], Callable[[Any], Awaitable[Any]]]:
        """The request, and the method that takes it."""
        raise NotImplementedError

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        async def change(connection: fermata.Connection) -> Session:
            request, method = self.call(connection)
            session_id = parsed_args.session
            answer = await method(request(session_id=session_id, reason=parsed_args.reason, etag=parsed_args.etag))
            if parsed_args.wait:
                await waiting.for_session(connection, session_id, self.wanted)
                return await get(connection, session_id)
            session: Session = answer.session
            return session

        return shown(self.app.client_manager.maintenance, change)


class StartSession(_ChangeSession):
    """Start a scheduled maintenance session now, without waiting for replies to its announcement"""

    wait_until = "until the session runs"
    wanted = frozenset({session_pb2.SESSION_STATE_RUNNING, session_pb2.SESSION_STATE_COMPLETED})

    def call(self, connection: fermata.Connection) -> tuple[type[Any], Callable[[Any], Awaitable[Any]]]:
        return StartSessionRequest, connection.sessions.StartSession


class PauseSession(_ChangeSession):
    """Pause a maintenance session: nothing new starts, and actions that have begun are finished"""

    wait_until = "until the session is paused"
    wanted = frozenset({session_pb2.SESSION_STATE_PAUSED})

    def call(self, connection: fermata.Connection) -> tuple[type[Any], Callable[[Any], Awaitable[Any]]]:
        return PauseSessionRequest, connection.sessions.PauseSession


class ResumeSession(_ChangeSession):
    """Resume a paused maintenance session, or try the failed hosts of a failed one again"""

    wait_until = "until the session runs"
    wanted = frozenset({session_pb2.SESSION_STATE_RUNNING, session_pb2.SESSION_STATE_COMPLETED})

    def call(self, connection: fermata.Connection) -> tuple[type[Any], Callable[[Any], Awaitable[Any]]]:
        return ResumeSessionRequest, connection.sessions.ResumeSession


class CancelSession(_ChangeSession):
    """Cancel a maintenance session: its hosts are given back"""

    wait_until = "until the session is cancelled"
    wanted = frozenset({session_pb2.SESSION_STATE_CANCELLED})

    def call(self, connection: fermata.Connection) -> tuple[type[Any], Callable[[Any], Awaitable[Any]]]:
        return CancelSessionRequest, connection.sessions.CancelSession


class DeleteSession(command.Command):
    """Delete maintenance session(s) that have ended, with their reports"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("sessions", metavar="<session>", nargs="+", help="Session(s) to delete (ID)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        async def delete(connection: fermata.Connection) -> list[str]:
            failed = []
            for session_id in parsed_args.sessions:
                try:
                    await connection.sessions.DeleteSession(DeleteSessionRequest(session_id=session_id))
                except fermata.FermataError as error:
                    failed.append(f"{session_id}: {error}")
            return failed

        if failed := self.app.client_manager.maintenance.run(delete):
            raise exceptions.CommandError("\n".join(failed))
