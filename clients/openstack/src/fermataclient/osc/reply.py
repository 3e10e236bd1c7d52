"""`openstack maintenance notification reply`."""

from __future__ import annotations

import argparse
import uuid

import fermata
from fermata.answers import Answer, reply_request
from fermata.v1.notification_pb2 import Notification
from osc_lib import exceptions
from osc_lib.command import command

from fermataclient.osc import columns, notification
from fermataclient.osc.arguments import TIME, add_project, moment, pair
from fermataclient.osc.session import Shown

# `--accept` without an action.
_DEFAULTS = "defaults"


class ReplyNotification(command.ShowOne):
    """Answer a notification. Servers are named by their names or IDs"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("notification", metavar="<notification>", help="Notification (ID)")
        add_project(parser)
        answer = parser.add_mutually_exclusive_group(required=True)
        answer.add_argument(
            "--accept",
            metavar="<action>",
            nargs="?",
            const=_DEFAULTS,
            help=f"Go on with this action for all servers ({', '.join(columns.ACTION)}; default: that of each server)",
        )
        answer.add_argument("--reject", metavar="<reason>", help="Object, for this reason")
        answer.add_argument("--not-before", metavar="<time>", type=moment, help=f"Offer to begin later: {TIME}")
        answer.add_argument(
            "--after", metavar="<server>", action="append", help="Offer to begin after this server; may be repeated"
        )
        answer.add_argument("--own-action-done", action="store_true", help="Report that you have done your own action")
        parser.add_argument(
            "--decision",
            metavar="<server>=<action>",
            type=pair(columns.ACTION.value),
            action="append",
            default=[],
            help="With --accept: another action for this server; may be repeated",
        )
        parser.add_argument(
            "--server",
            metavar="<server>",
            action="append",
            default=[],
            help="With an offer or --own-action-done: only this server; may be repeated",
        )
        parser.add_argument("--comment", metavar="<text>", default="", help="For the operator to read")
        parser.add_argument(
            "--plan-revision", metavar="<number>", type=int, help="Answer only this plan (default: the current one)"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        client = self.app.client_manager.maintenance
        project_id = client.owner_project(parsed_args.project)

        async def reply(connection: fermata.Connection) -> Notification:
            asked = await notification.get(connection, project_id, parsed_args.notification)
            request = reply_request(_answer(parsed_args, asked), asked, str(uuid.uuid4()))
            if parsed_args.plan_revision is not None:
                request.plan_revision = parsed_args.plan_revision
            await connection.notifications.Reply(request)
            return await notification.get(connection, project_id, parsed_args.notification)

        return notification.show(client.run(reply, lambda _: [project_id]), client.names)


def _answer(options: argparse.Namespace, asked: Notification) -> Answer:
    def ids(named: list[str]) -> list[str]:
        return [_server_id(asked, server) for server in named]

    if options.decision and options.accept is None:
        raise exceptions.CommandError("--decision needs --accept")
    if options.reject is not None:
        return fermata.reject(options.reject, comment=options.comment)
    if options.own_action_done:
        return fermata.own_action_done(ids(options.server), comment=options.comment)
    if options.not_before or options.after:
        return fermata.counter_offer(
            server_ids=ids(options.server),
            not_before=options.not_before,
            after_server_ids=ids(options.after or []),
            comment=options.comment,
        )
    decisions = {_server_id(asked, server): action for server, action in options.decision}
    if options.accept == _DEFAULTS:
        return fermata.accept(decisions or None, comment=options.comment)
    try:
        rest = columns.ACTION.value(options.accept)
    except argparse.ArgumentTypeError as error:
        raise exceptions.CommandError(f"--accept: {error}") from error
    if not decisions:
        return fermata.accept(rest, comment=options.comment)
    return fermata.accept({s.server_id: rest for s in asked.servers} | decisions, comment=options.comment)


def _server_id(asked: Notification, named: str) -> str:
    """The id of a server that is named by its name. An id stays what it is: Fermata knows whether it is one."""
    found = [server.server_id for server in asked.servers if server.name == named]
    if len(found) > 1:
        raise exceptions.CommandError(f"several servers are called {named!r}; name the one you mean by its ID")
    return found[0] if found else named
