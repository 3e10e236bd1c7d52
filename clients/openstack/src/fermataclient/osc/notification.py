"""`openstack maintenance notification list` and `show`."""

from __future__ import annotations

import argparse
from typing import Any

import fermata
from fermata.v1.notification_pb2 import Notification
from fermata.v1.notification_service_pb2 import (
    GetNotificationRequest,
    ListNotificationServersRequest,
    ListNotificationsRequest,
)
from osc_lib.command import command

from fermataclient.osc import columns
from fermataclient.osc.arguments import add_limit, add_project, add_words, every
from fermataclient.osc.names import ProjectNames
from fermataclient.osc.session import Shown


async def get(connection: fermata.Connection, project_id: str, notification_id: str) -> Notification:
    """A notification with all its servers."""
    request = GetNotificationRequest(project_id=project_id, notification_id=notification_id)
    found = (await connection.notifications.GetNotification(request)).notification
    if found.servers_omitted:
        servers = ListNotificationServersRequest(project_id=project_id, notification_id=notification_id)
        found.servers.extend(await every(connection.notifications.ListNotificationServers, servers, "servers"))
    return found


def show(notification: Notification, names: ProjectNames) -> Shown:
    """As `ShowOne` wants it."""
    servers = columns.Lines([columns.affected(server) for server in notification.servers])
    return columns.show(columns.notification(notification, names) | {"servers": servers})


class ListNotification(command.Lister):
    """List what Fermata asks the owner of a project, the newest first"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_project(parser)
        parser.add_argument("--session", metavar="<session>", default="", help="Only of this session (ID)")
        add_words(parser, "--state", columns.NOTIFICATION_STATE, "Only in this state", many=True, default=[])
        add_limit(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        client = self.app.client_manager.maintenance
        request = ListNotificationsRequest(project_id=client.owner_project(parsed_args.project))
        request.filter.session_id = parsed_args.session
        request.filter.states.extend(parsed_args.state)

        async def found(connection: fermata.Connection) -> Any:
            return await every(connection.notifications.ListNotifications, request, "notifications", parsed_args.limit)

        titles = {
            "id": "ID",
            "kind": "Kind",
            "state": "State",
            "server_count": "Servers",
            "reply_deadline": "Reply Deadline",
            "reason": "Reason",
            "session_id": "Session",
        }
        # Its project is the one that was asked for, so no column has it.
        return columns.table(titles, [columns.notification(shown, client.names) for shown in client.run(found)])


class ShowNotification(command.ShowOne):
    """Show what Fermata asks the owner of a project, with the servers that are affected"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("notification", metavar="<notification>", help="Notification (ID)")
        add_project(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        client = self.app.client_manager.maintenance
        project_id = client.owner_project(parsed_args.project)

        async def found(connection: fermata.Connection) -> Notification:
            return await get(connection, project_id, parsed_args.notification)

        return show(client.run(found, lambda _: [project_id]), client.names)
