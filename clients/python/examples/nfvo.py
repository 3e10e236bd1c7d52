"""An NFVO that maintains hosts: looks whether it is possible, does it, and writes the report.

python nfvo.py compute-a1 compute-a2 --reason "new firmware" --hours 4 --report report.json
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from google.protobuf.json_format import MessageToJson

import fermata
from fermata.v1.plan_pb2 import PlanConflict


def show(event: fermata.SessionEvent) -> None:
    """Tells what happens."""
    what = event.WhichOneof("event")
    if what == "host":
        print(f"{event.host.host}: {fermata.SessionHostState.Name(event.host.state)} {event.host.reason}")
    elif what == "session":
        print(f"session: {fermata.SessionState.Name(event.session.state)} {event.session.reason}")


async def work(host: fermata.SessionHost) -> None:
    """The host is empty and held: whatever has to be done is done here. Raising means that it failed."""
    print(f"{host.host} is empty: working on it")


async def maintain(connection: fermata.Connection, spec: fermata.SessionSpec) -> fermata.SessionReport:
    """Maintains the hosts of the spec. RuntimeError if no plan allows it."""
    operator = fermata.Operator(connection)
    plan = await operator.preview(spec)
    if isinstance(plan, PlanConflict):
        reasons = "\n".join(f"- {constraint.description}" for constraint in plan.constraints)
        helps = "\n".join(f"- {relaxation.description}" for relaxation in plan.relaxations)
        raise RuntimeError(
            f"these hosts cannot be maintained like that:\n{reasons}\nwhat would help:\n{helps or '- nothing known'}"
        )
    end = plan.expected_end_time.ToDatetime()
    print(f"{len(plan.waves)} waves, {plan.move_count} moves, expected to end at {end:%Y-%m-%d %H:%M} UTC")
    session = await operator.create(spec)
    print(f"session {session.id}")
    return await operator.follow(session.id, on_host_ready=work, on_event=show)


def spec_of(options: argparse.Namespace) -> fermata.SessionSpec:
    """What was asked for."""
    spec = fermata.SessionSpec(reason=options.reason, max_parallel_hosts=options.parallel)
    spec.hosts.names.extend(options.hosts)
    spec.window.end_time.FromDatetime(datetime.now(timezone.utc) + timedelta(hours=options.hours))
    for period in (spec.announce_reply_period, spec.drain_reply_period):
        period.FromTimedelta(timedelta(seconds=options.reply_seconds))
    return spec


async def main() -> int:
    """Until the session has ended."""
    parser = argparse.ArgumentParser(description="an example of an NFVO")
    parser.add_argument("hosts", nargs="+", metavar="HOST")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--reply-seconds", type=float, default=600.0)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    async with fermata.connect() as connection:
        try:
            report = await maintain(connection, spec_of(options))
        except (fermata.FermataError, RuntimeError) as error:
            print(error, file=sys.stderr)
            return 1
    options.report.write_text(MessageToJson(report, preserving_proto_field_name=True))
    completed = report.session.status.state == fermata.SessionState.Value("SESSION_STATE_COMPLETED")
    return 0 if completed else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
