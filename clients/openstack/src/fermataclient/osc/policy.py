"""`openstack maintenance policy list`, `show`, `set` and `delete`."""

from __future__ import annotations

import argparse
from typing import Any

import fermata
from fermata.v1.policy_pb2 import Policy, ServerPolicy
from fermata.v1.policy_service_pb2 import (
    DeleteServerPolicyRequest,
    GetServerPolicyRequest,
    GetServerPolicyResponse,
    ListServerPoliciesRequest,
    PutServerPolicyRequest,
    PutServerPolicyResponse,
)
from osc_lib.command import command

from fermataclient.osc import columns
from fermataclient.osc.arguments import SPAN, add_limit, add_project, add_words, every, span
from fermataclient.osc.names import ProjectNames
from fermataclient.osc.session import Shown
from fermataclient.osc.warned import warn

_WORDS = {
    "controlled_temporary": (columns.ACTION, "The action without a reply when the host is maintained and comes back"),
    "controlled_permanent": (columns.ACTION, "The action without a reply when the host leaves for good"),
    "unexpected_temporary": (columns.UNEXPECTED_ACTION, "The action when the host fails and is expected to come back"),
    "unexpected_permanent": (columns.UNEXPECTED_ACTION, "The action when the host fails for good"),
}
_SPANS = {
    "lead_time": "Least time between telling you and touching the server",
    "max_interruption": "Longest interruption by a live migration that is not noticed",
}


def add_policy(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """The options that make a policy."""
    for name, (words, text) in _WORDS.items():
        add_words(parser, _flag(prefix + name), words, text)
    for name, text in _SPANS.items():
        parser.add_argument(_flag(prefix + name), metavar="<span>", type=span, help=f"{text}: {SPAN}")
    flag = _flag(prefix + "migration_type")
    add_words(
        parser,
        flag,
        columns.MIGRATION_TYPE,
        "How a server may be moved, the most preferred first",
        many=True,
        default=[],
    )


def read_policy(options: argparse.Namespace, prefix: str = "") -> Policy:
    """The policy that was asked for."""
    policy = Policy(migration_types=getattr(options, prefix + "migration_type"))
    for name in _WORDS:
        if getattr(options, prefix + name) is not None:
            setattr(policy, name, getattr(options, prefix + name))
    for name in _SPANS:
        if getattr(options, prefix + name) is not None:
            getattr(policy, name).FromTimedelta(getattr(options, prefix + name))
    return policy


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _stored(policy: ServerPolicy, names: ProjectNames) -> dict[str, Any]:
    project = {"project_id": policy.project_id, "project_name": names.name(policy.project_id)}
    head = project | {"server_id": policy.server_id}
    return (
        head | columns.policy(policy.policy) | {"updated_at": columns.time(policy, "update_time"), "etag": policy.etag}
    )


class ListPolicy(command.Lister):
    """List the policies of servers"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_project(parser)
        add_limit(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        client = self.app.client_manager.maintenance
        # Without a project: of all that the caller may see.
        request = ListServerPoliciesRequest(project_id=parsed_args.project or client.project_id or "")

        async def found(connection: fermata.Connection) -> Any:
            return await every(connection.policies.ListServerPolicies, request, "server_policies", parsed_args.limit)

        titles = {
            "server_id": "Server",
            "project_id": "Project",
            "project_name": "Project Name",
            "controlled_temporary": "Controlled Temporary",
            "controlled_permanent": "Controlled Permanent",
            "lead_time_seconds": "Lead Time (s)",
            "migration_types": "Migration Types",
        }
        policies = client.run(found, lambda policies: {policy.project_id for policy in policies})
        return columns.table(titles, [_stored(policy, client.names) for policy in policies])


class ShowPolicy(command.ShowOne):
    """Show the policy that applies to a server, and where each part of it comes from"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("server", metavar="<server>", help="Server (ID)")
        add_project(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        client = self.app.client_manager.maintenance
        request = GetServerPolicyRequest(
            project_id=client.owner_project(parsed_args.project), server_id=parsed_args.server
        )

        async def found(connection: fermata.Connection) -> GetServerPolicyResponse:
            return await connection.policies.GetServerPolicy(request)

        answer = client.run(found)
        sources = [
            f"{s.field}: {columns.POLICY_SOURCE.name(s.source)} {s.group_id}".strip() for s in answer.effective.sources
        ]
        invalid = [f"{value.key}: {value.message}" for value in answer.effective.invalid_values]
        return columns.show(
            {"server_id": parsed_args.server}
            | columns.policy(answer.effective.policy)
            | {"sources": columns.Lines(sources), "invalid_values": columns.Lines(invalid)}
            | {"etag": answer.server_policy.etag}
        )


class SetPolicy(command.ShowOne):
    """Store the policy of a server, as a whole: what is not given is unset"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("server", metavar="<server>", help="Server (ID)")
        add_project(parser)
        add_policy(parser)
        wanted = parser.add_mutually_exclusive_group()
        wanted.add_argument(
            "--mitigation-requested", action="store_true", default=None, help="An equivalent resource is wanted"
        )
        wanted.add_argument(
            "--no-mitigation-requested", dest="mitigation_requested", action="store_false", help="None is wanted"
        )
        parser.add_argument(
            "--etag", metavar="<etag>", default="", help="Only if the stored policy still has this etag"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Shown:
        client = self.app.client_manager.maintenance
        policy = read_policy(parsed_args)
        if parsed_args.mitigation_requested is not None:
            policy.mitigation_requested = parsed_args.mitigation_requested
        stored = ServerPolicy(
            project_id=client.owner_project(parsed_args.project),
            server_id=parsed_args.server,
            policy=policy,
            etag=parsed_args.etag,
        )

        async def put(connection: fermata.Connection) -> PutServerPolicyResponse:
            return await connection.policies.PutServerPolicy(PutServerPolicyRequest(server_policy=stored))

        answer = client.run(put, lambda answer: [answer.server_policy.project_id])
        warn(self, answer.warnings)
        return columns.show(_stored(answer.server_policy, client.names))


class DeletePolicy(command.Command):
    """Delete the policy of a server"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("server", metavar="<server>", help="Server (ID)")
        add_project(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        client = self.app.client_manager.maintenance
        project_id = client.owner_project(parsed_args.project)

        async def delete(connection: fermata.Connection) -> None:
            request = DeleteServerPolicyRequest(project_id=project_id, server_id=parsed_args.server)
            await connection.policies.DeleteServerPolicy(request)

        client.run(delete)
