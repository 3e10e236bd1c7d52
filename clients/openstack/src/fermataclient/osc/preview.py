"""`openstack maintenance session preview`."""

from __future__ import annotations

import argparse
from typing import Any

import fermata
from fermata.v1.plan_pb2 import Plan, PlanConflict, PlanOptions
from osc_lib import exceptions
from osc_lib.command import command

from fermataclient.osc import columns, spec
from fermataclient.osc.names import ProjectNames


class PreviewSession(command.Lister):
    """Show the plan of such a maintenance session, host by host, or why there is none; creates nothing and tells nobody"""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("--reason", metavar="<text>", default="preview", help="Why, for people; nobody is told")
        spec.add(parser)
        plan = parser.add_argument_group("the planner")
        plan.add_argument("--max-stages", metavar="<number>", type=int, default=0, help="The most stages of a wave")
        plan.add_argument(
            "--second-moves", metavar="<number>", type=int, default=0, help="Moves beyond the fewest possible"
        )
        plan.add_argument(
            "--seed", metavar="<number>", type=int, default=0, help="Another seed, another plan of the same quality"
        )
        parser.add_argument("--moves", action="store_true", help="Show every move of a server")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Any:
        options = PlanOptions(
            max_stages=parsed_args.max_stages, second_moves=parsed_args.second_moves, seed=parsed_args.seed
        )

        async def preview(connection: fermata.Connection) -> Plan | PlanConflict:
            return await fermata.Operator(connection).preview(spec.read(parsed_args), options)

        client = self.app.client_manager.maintenance
        plan = client.run(preview, _projects if parsed_args.moves else lambda _: ())
        if isinstance(plan, PlanConflict):
            raise exceptions.CommandError(_why(plan))
        return _moves(plan, client.names) if parsed_args.moves else _hosts(plan)


def _why(conflict: PlanConflict) -> str:
    constraints = "\n".join(f"- {c.description}" for c in conflict.constraints) or "- there is no other host"
    relaxations = "\n".join(f"- {r.description}" for r in conflict.relaxations) or "- nothing is known"
    return f"there is no plan, because of:\n{constraints}\nWhat would help, each on its own:\n{relaxations}"


def _hosts(plan: Plan) -> Any:
    rows = [
        {
            "wave": wave.number,
            "host": host.host,
            "start": columns.time(host, "start_time"),
            "empty": columns.time(host, "empty_time"),
            "end": columns.time(host, "end_time"),
            "moves": len(host.moves),
            "stays": len(host.stays),
        }
        for wave in plan.waves
        for host in wave.hosts
    ]
    titles = ("Wave", "Host", "Start", "Empty", "End", "Moves", "Stays")
    return columns.table(
        dict(zip(("wave", "host", "start", "empty", "end", "moves", "stays"), titles, strict=True)), rows
    )


def _projects(plan: Plan | PlanConflict) -> set[str]:
    if isinstance(plan, PlanConflict):
        return set()
    hosts = [host for wave in plan.waves for host in wave.hosts]
    moved = {move.project_id for host in hosts for move in host.moves}
    return moved | {stay.project_id for host in hosts for stay in host.stays}


def _moves(plan: Plan, names: ProjectNames) -> Any:
    rows: list[dict[str, Any]] = []
    for wave in plan.waves:
        for host in wave.hosts:
            shared = {"wave": wave.number, "host": host.host}
            for move in host.moves:
                action, to = columns.ACTION.name(move.action), move.destination_host
                rows.append(shared | _server(move, names) | {"action": action, "destination": to})
            for stay in host.stays:
                rows.append(shared | _server(stay, names) | {"action": "KEEP", "destination": ""})
    keys = ("wave", "host", "server", "name", "project", "project_name", "action", "destination", "start", "end")
    return columns.table({key: key.replace("_", " ").title() for key in keys}, rows)


def _server(step: Any, names: ProjectNames) -> dict[str, Any]:
    return {
        "server": step.server_id,
        "name": step.name,
        "project": step.project_id,
        "project_name": names.name(step.project_id),
        "start": columns.time(step, "start_time"),
        "end": columns.time(step, "end_time"),
    }
