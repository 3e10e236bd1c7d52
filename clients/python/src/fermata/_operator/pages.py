"""Puts plans and reports together, which come in pieces."""

from __future__ import annotations

from fermata.v1.plan_pb2 import Plan
from fermata.v1.session_pb2 import SessionReport


def merge_plan(plan: Plan, piece: Plan) -> None:
    """Adds a piece. A wave or a host that did not fit into one piece goes on in the next one."""
    waves = list(piece.waves)
    rest = Plan()
    rest.CopyFrom(piece)
    del rest.waves[:]
    # The first piece has all figures, the others have none; lists grow.
    plan.MergeFrom(rest)
    for wave in waves:
        if not plan.waves or plan.waves[-1].number != wave.number:
            plan.waves.append(wave)
            continue
        last = plan.waves[-1]
        for host in wave.hosts:
            if last.hosts and last.hosts[-1].host == host.host:
                last.hosts[-1].moves.extend(host.moves)
                last.hosts[-1].stays.extend(host.stays)
            else:
                last.hosts.append(host)


def merge_report(report: SessionReport, page: SessionReport) -> None:
    """Adds a page. A host whose servers did not fit comes again with the rest of them."""
    report.session.CopyFrom(page.session)
    report.duration.CopyFrom(page.duration)
    for host in page.hosts:
        if report.hosts and report.hosts[-1].host.host == host.host.host:
            report.hosts[-1].servers.extend(host.servers)
        else:
            report.hosts.append(host)
    report.notifications.extend(page.notifications)
