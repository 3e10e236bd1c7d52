"""`openstack maintenance session report`."""

from __future__ import annotations

import argparse
from typing import Any

import fermata
from fermata.v1.session_pb2 import HostReport, SessionNotification, SessionReport
from osc_lib.command import command

from fermataclient.osc import columns
from fermataclient.osc.names import ProjectNames
from fermataclient.osc.session import add_session

_SERVERS = {
    "host": "Host",
    "name": "Server",
    "server": "Server ID",
    "project": "Project",
    "project_name": "Project Name",
    "state": "Result",
    "action": "Action",
    "decided_by": "Decided By",
    "began": "Began",
    "ended": "Ended",
    "attempts": "Attempts",
    "destination": "Went To",
    "error": "Error",
}
_HOSTS = {
    "host": "Host",
    "state": "Result",
    "reason": "Reason",
    "drained": "Drained In (s)",
    "worked": "Worked On For (s)",
    "servers": "Servers",
}
_ANSWERS = {
    "project": "Project",
    "project_name": "Project Name",
    "kind": "Question",
    "host": "Host",
    "time": "Time",
    "what": "What",
    "objection": "Objection",
    "comment": "Comment",
    "principal": "Operator",
    "reason": "Reason",
}


class ReportSession(command.Lister):
    """Show what a maintenance session did to every server"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_session(parser)
        shown = parser.add_mutually_exclusive_group()
        shown.add_argument("--hosts", action="store_true", help="Show what it did to every host instead")
        shown.add_argument(
            "--owners", action="store_true", help="Show what owners replied, and what the operator overrode, instead"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        async def report(connection: fermata.Connection) -> SessionReport:
            return await fermata.Operator(connection).report(parsed_args.session)

        client = self.app.client_manager.maintenance
        found = client.run(report, _projects)
        if parsed_args.hosts:
            return columns.table(_HOSTS, [_host(host) for host in found.hosts])
        if parsed_args.owners:
            return columns.table(
                _ANSWERS, [row for asked in found.notifications for row in _answers(asked, client.names)]
            )
        return columns.table(_SERVERS, [row for host in found.hosts for row in _servers(host, client.names)])


def _projects(report: SessionReport) -> set[str]:
    servers = {server.project_id for host in report.hosts for server in host.servers}
    return servers | {asked.project_id for asked in report.notifications}


def _host(host: HostReport) -> dict[str, Any]:
    return {
        "host": host.host.host,
        "state": columns.SESSION_HOST_STATE.name(host.host.state),
        "reason": host.host.state_reason,
        "drained": columns.seconds(host, "drain_duration"),
        "worked": columns.seconds(host, "work_duration"),
        "servers": len(host.servers),
    }


def _servers(host: HostReport, names: ProjectNames) -> list[dict[str, Any]]:
    return [
        {
            "host": host.host.host,
            "name": server.name,
            "server": server.server_id,
            "project": server.project_id,
            "project_name": names.name(server.project_id),
            "state": columns.SERVER_STATE.name(server.state),
            "action": columns.ACTION.name(server.action),
            "decided_by": columns.DECISION_SOURCE.name(server.decision_source),
            "began": columns.time(server, "action_start_time"),
            "ended": columns.time(server, "action_end_time"),
            "attempts": server.attempts,
            "destination": server.destination_host,
            "error": server.error,
        }
        for server in host.servers
    ]


def _answers(asked: SessionNotification, names: ProjectNames) -> list[dict[str, Any]]:
    return [
        {
            "project": asked.project_id,
            "project_name": names.name(asked.project_id),
            "kind": columns.NOTIFICATION_KIND.name(asked.kind),
            "host": asked.host,
            "time": columns.time(answer, "time"),
            "what": columns.ANSWER_KIND.name(answer.kind),
            "objection": answer.objection,
            "comment": answer.comment,
            "principal": answer.principal,
            "reason": answer.reason,
        }
        for answer in asked.history
    ]
