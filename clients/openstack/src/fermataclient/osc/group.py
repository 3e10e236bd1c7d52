"""`openstack maintenance policy group …`."""

from __future__ import annotations

import argparse
from typing import Any

import fermata
from fermata.v1.policy_pb2 import MaxImpacted, MinPreserved, ServerGroup
from fermata.v1.policy_service_pb2 import (
    DeleteServerGroupRequest,
    GetServerGroupRequest,
    ListServerGroupsRequest,
    PutServerGroupRequest,
    PutServerGroupResponse,
)
from osc_lib.command import command

from fermataclient.osc import columns
from fermataclient.osc.arguments import SPAN, add_limit, add_project, every, span
from fermataclient.osc.policy import add_policy, read_policy
from fermataclient.osc.session import Shown
from fermataclient.osc.warned import warn


def _sized(text: str) -> tuple[int, int]:
    """Reads `2` (for any size) and `2:5` (for groups of 5 and more)."""
    number, colon, size = text.partition(":")
    try:
        return int(number), int(size) if colon else 0
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not <number> or <number>:<group size>") from None


class ListGroup(command.Lister):
    """List the groups of servers that have a policy"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_project(parser)
        add_limit(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        client = self.app.client_manager.maintenance
        request = ListServerGroupsRequest(project_id=parsed_args.project or client.project_id or "")

        async def found(connection: fermata.Connection) -> Any:
            return await every(connection.policies.ListServerGroups, request, "server_groups", parsed_args.limit)

        titles = {
            "id": "ID",
            "name": "Name",
            "project_id": "Project",
            "project_name": "Project Name",
            "members": "Members",
            "max_impacted": "Max Impacted",
            "min_size_for_scale_in": "Min Size For Scale In",
        }
        groups = client.run(found, lambda groups: {group.project_id for group in groups})
        return columns.table(titles, [columns.group(group, client.names) for group in groups])


class ShowGroup(command.ShowOne):
    """Show a group of servers and its policy"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="<group>", help="Group (ID)")
        add_project(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        client = self.app.client_manager.maintenance
        project_id = client.owner_project(parsed_args.project)

        async def found(connection: fermata.Connection) -> ServerGroup:
            request = GetServerGroupRequest(project_id=project_id, server_group_id=parsed_args.group)
            return (await connection.policies.GetServerGroup(request)).server_group

        return columns.show(columns.group(client.run(found, lambda group: [group.project_id]), client.names))


class SetGroup(command.ShowOne):
    """Store a group of servers and its policy, as a whole: what is not given is unset"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="<group>", help="Group (ID of your choice)")
        add_project(parser)
        parser.add_argument("--name", metavar="<name>", default="", help="A name for people")
        parser.add_argument(
            "--member", metavar="<server>", action="append", default=[], help="A server (ID); may be repeated"
        )
        parser.add_argument(
            "--nova-server-group", metavar="<id>", default="", help="Members are those of this server group of Nova"
        )
        sized = "<number>[:<group size>]"
        parser.add_argument(
            "--max-impacted",
            metavar=sized,
            type=_sized,
            action="append",
            default=[],
            help="How many members may be impacted at once, from a size of the group on; may be repeated",
        )
        parser.add_argument(
            "--min-preserved",
            metavar=sized,
            type=_sized,
            action="append",
            default=[],
            help="How many members must be left alone, from a size of the group on; may be repeated",
        )
        parser.add_argument(
            "--recovery-time", metavar="<span>", type=span, help=f"Least time between two impacts: {SPAN}"
        )
        parser.add_argument("--anti-affinity", action="store_true", help="No two members on one host")
        parser.add_argument("--max-per-host", metavar="<number>", type=int, help="So many members on one host at most")
        parser.add_argument(
            "--min-size-for-scale-in",
            metavar="<number>",
            type=int,
            help="You may be asked to scale in down to this size",
        )
        add_policy(parser, "member_")
        parser.add_argument("--etag", metavar="<etag>", default="", help="Only if the stored group still has this etag")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        client = self.app.client_manager.maintenance
        group = ServerGroup(
            project_id=client.owner_project(parsed_args.project),
            id=parsed_args.group,
            display_name=parsed_args.name,
            member_ids=parsed_args.member,
            nova_server_group_id=parsed_args.nova_server_group,
            max_impacted=[MaxImpacted(max=number, group_size=size) for number, size in parsed_args.max_impacted],
            min_preserved=[MinPreserved(min=number, group_size=size) for number, size in parsed_args.min_preserved],
            anti_affinity=parsed_args.anti_affinity,
            max_per_host=parsed_args.max_per_host,
            min_size_for_scale_in=parsed_args.min_size_for_scale_in,
            etag=parsed_args.etag,
        )
        if parsed_args.recovery_time is not None:
            group.recovery_time.FromTimedelta(parsed_args.recovery_time)
        member = read_policy(parsed_args, "member_")
        if member.ByteSize():
            group.member_policy.CopyFrom(member)

        async def put(connection: fermata.Connection) -> PutServerGroupResponse:
            return await connection.policies.PutServerGroup(PutServerGroupRequest(server_group=group))

        answer = client.run(put, lambda answer: [answer.server_group.project_id])
        warn(self, answer.warnings)
        return columns.show(columns.group(answer.server_group, client.names))


class DeleteGroup(command.Command):
    """Delete the policy of a group; its servers stay"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="<group>", help="Group (ID)")
        add_project(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        client = self.app.client_manager.maintenance
        project_id = client.owner_project(parsed_args.project)

        async def delete(connection: fermata.Connection) -> None:
            request = DeleteServerGroupRequest(project_id=project_id, server_group_id=parsed_args.group)
            await connection.policies.DeleteServerGroup(request)

        client.run(delete)
