"""`openstack maintenance session watch`."""

from __future__ import annotations

import argparse
import json
from typing import Any

import fermata
from fermata.v1.event_pb2 import SessionEvent
from fermata.v1.session_service_pb2 import WatchSessionRequest
from google.protobuf.json_format import MessageToDict
from osc_lib import exceptions
from osc_lib.command import command

from fermataclient.osc import columns, waiting
from fermataclient.osc.names import ProjectNames
from fermataclient.osc.session import add_session


class WatchSession(command.Command):
    """Follow a maintenance session to its end, a line for each event; exit with an error if it is not COMPLETED"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_session(parser)
        parser.add_argument("--json", action="store_true", help="Write each event as a line of JSON")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        state = self.app.client_manager.maintenance.run(lambda c: self._follow(c, parsed_args))
        if state != waiting.COMPLETED:
            raise exceptions.CommandError(f"the session is {columns.SESSION_STATE.name(state)}")

    async def _follow(self, connection: fermata.Connection, options: argparse.Namespace) -> int:
        state = 0
        names = ProjectNames()
        async with fermata.watch(connection, WatchSessionRequest(session_id=options.session)) as items:
            async for item in items:
                if isinstance(item, fermata.Snapshot):
                    status = item.state.session.status
                    state = status.state
                    self._line(
                        item, f"session {columns.SESSION_STATE.name(state)}: {status.state_reason}", options.json
                    )
                elif isinstance(item, fermata.Event):
                    if item.event.WhichOneof("event") == "session":
                        state = item.event.session.state
                    if not options.json:
                        await names.learn(connection, _projects(item.event))
                    self._line(item, _text(item.event, names), options.json)
                elif isinstance(item, fermata.Interrupted):
                    self.app.stderr.write(f"interrupted ({item.cause.value}), again in {item.retry_in:.1f} s\n")
                # A failed session waits for its operator, who would wait for it here.
                if state in (*waiting.ENDED, waiting.FAILED):
                    return state
        return state

    def _line(self, item: Any, text: str, as_json: bool) -> None:
        if as_json:
            message = item.event if isinstance(item, fermata.Event) else item.state
            text = json.dumps(MessageToDict(message, preserving_proto_field_name=True))
        else:
            text = f"{item.position.time:%H:%M:%S} {text}"
        self.app.stdout.write(text + "\n")
        self.app.stdout.flush()


def _projects(event: SessionEvent) -> list[str]:
    """The project that an event is about, if it is about one."""
    kind = event.WhichOneof("event")
    about: Any = getattr(event, kind) if kind else None
    return [about.project_id] if hasattr(about, "project_id") else []


def _text(event: SessionEvent, names: ProjectNames) -> str:
    kind = event.WhichOneof("event")
    if kind == "session":
        return f"session {columns.SESSION_STATE.name(event.session.state)}: {event.session.reason}"
    if kind == "host":
        host = event.host
        return f"host {host.host} {columns.SESSION_HOST_STATE.name(host.state)}: {host.reason}"
    if kind == "server":
        server = event.server
        to = f" to {server.destination_host}" if server.destination_host else ""
        what = f"{columns.ACTION.name(server.action)} {columns.SERVER_STATE.name(server.state)}{to}"
        return f"server {server.name} on {server.host} {what} {server.detail}".rstrip()
    if kind == "owner_asked":
        asked = event.owner_asked
        owner, question = names.beside(asked.project_id), columns.NOTIFICATION_KIND.name(asked.kind)
        return f"owner {owner} asked about {asked.server_count} servers ({question})"
    if kind == "owner_replied":
        replied = event.owner_replied
        return f"owner {names.beside(replied.project_id)} replied {replied.comment}".rstrip()
    if kind == "hold_broken":
        return f"ALARM: servers on {event.hold_broken.host}, which is held empty: {', '.join(event.hold_broken.server_ids)}"
    if kind == "counter_offer_judged":
        judged = event.counter_offer_judged
        owner, state = names.beside(judged.project_id), columns.OFFER_STATE.name(judged.state)
        return f"counter-offer of {owner} {state} {judged.reason}".rstrip()
    return "something that this version does not know"
