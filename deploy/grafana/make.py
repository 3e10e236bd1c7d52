#!/usr/bin/env python3
"""Writes the dashboards of this folder anew.   usage: make.py [FOLDER]

Grafana's own JSON is a hundred lines for a panel; what a panel shows and why is one here. Change a dashboard here, never in
the JSON: tests/checks/deploy_prometheus.py compares them, asks a Prometheus each query, and finds metrics that no panel shows.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Which deployments the page shows; a Prometheus may read several.
SITE = 'job=~"$job",namespace=~"$namespace"'
WIDTH = 24
OVER, OPEN = 'state=~"completed|cancelled"', 'state!~"completed|cancelled"'
HELD, OPERATOR = 'state="in_maintenance"', 'party="operator"'
LATE_WORK, LATE_WINDOW = 'what="work"', 'what="window"'
# Tasks that have something to do every few seconds.
TURNING = 'task=~"lease|runner|readiness|figures|hosts"'


@dataclass
class Panel:
    """A panel: title, queries by the legend of their series, unit of Grafana, what to think of it."""

    title: str
    queries: dict[str, str]
    unit: str
    description: str
    kind: str = "timeseries"
    width: int = 8
    height: int = 7
    # From which value on it is yellow, and red.
    warn: float | None = None
    bad: float | None = None
    stack: bool = False


@dataclass
class Row:
    """A row of panels under a heading."""

    title: str
    panels: list[Panel] = field(default_factory=list)


def of(metric: str, labels: str = "") -> str:
    """A metric of the chosen site."""
    return f"{metric}{{{SITE}{',' if labels else ''}{labels}}}"


def rate(metric: str, by: str, labels: str = "") -> str:
    return f"sum by ({by}) (rate({of(metric, labels)}[$__rate_interval]))"


def share(part: float, metric: str, labels: str = "", by: str = "") -> str:
    """What this part of the observations does not exceed."""
    return f"histogram_quantile({part}, sum by ({by + ', ' if by else ''}le) (rate({of(metric + '_bucket', labels)}[$__rate_interval])))"


def stat(title: str, query: str, description: str, warn: float | None = None, bad: float | None = None) -> Panel:
    return Panel(title, {"": query}, "short", description, "stat", 4, 4, warn, bad)


def spread(title: str, metric: str, description: str, labels: str = "", width: int = 8) -> Panel:
    return Panel(title, {"99 %": share(0.99, metric, labels), "50 %": share(0.5, metric, labels)}, "s", description, width=width)


def sessions(state: str) -> str:
    # Replicas of one store all report the whole store.
    chosen = of("fermata_sessions", f'state="{state}"')
    return f"max({chosen})"


MAINTENANCE = [
    Row("Now", [
        stat("Running", sessions("running"), "Sessions that drain or hold hosts."),
        stat("Scheduled", sessions("scheduled"), "Sessions whose owners are asked and whose start has not come."),
        stat("Failed", sessions("failed"), "Each waits for an operator: docs/runbook/session-failed.md", bad=1),
        stat("Paused", sessions("paused"), "Nothing new starts in them.", warn=1),
        stat("Wait for the cloud", f"sum({of('fermata_cloud_trouble')})", "Sessions that wait because the cloud does not answer.", bad=1),
        stat("Hosts held", f"sum({of('fermata_hosts', HELD)})", "Empty and safe to touch."),
        stat("Wait for the operator", f"sum({of('fermata_waits', OPERATOR)})", "Decisions and work: the row below says which."),
        stat("Servers on held hosts", f"sum({of('fermata_intruders')})", "docs/runbook/hold-broken.md", bad=1),
        stat("Work takes too long", f"sum({of('fermata_late', LATE_WORK)})", "docs/runbook/work-late.md", warn=1),
        stat("Window overrun", f"sum({of('fermata_late', LATE_WINDOW)})", "docs/runbook/work-late.md", warn=1),
        stat("Cannot be worked on", f"max({of('fermata_replica_sessions_stuck')})", "docs/runbook/session-stuck.md", bad=1),
    ]),
    Row("Sessions", [
        Panel("Sessions that are not over", {"{{state}}": f"max by (state) ({of('fermata_sessions', OPEN)})"},
              "short", "By state.", stack=True),
        Panel("Ended", {"{{state}}": f"max by (state) ({of('fermata_sessions', OVER)})"}, "short",
              "Sessions that are kept after their end; retention takes them away."),
        Panel("Steps", {"{{input}} {{outcome}}": rate("fermata_sessions_steps_total", "input, outcome")}, "ops",
              "What sessions were told or found out. Rejected ones were not possible in the state of the session."),
        spread("Begin of work after it was due", "fermata_runner_lag_seconds", "Above a second the replicas do not keep up."),
        Panel("Sessions of a replica", {"{{instance}}": of("fermata_replica_sessions")}, "short", "Each session belongs to one replica.", stack=True),
    ]),
    Row("Who waits for whom", [
        Panel("Hosts", {"{{state}}": f"sum by (state) ({of('fermata_hosts')})"}, "short", "Of open sessions, by their state within the session.",
              stack=True),
        Panel("Waits", {"{{party}}": f"sum by (party) ({of('fermata_waits')})"}, "short", "Whose move it is.", stack=True),
        Panel("What the operator is to do", {"{{wait}}": f"sum by (wait) ({of('fermata_waits', OPERATOR)})"}, "short",
              "host_work: the work on a host; held_drain, blocked_host, failed_hosts: a decision.", stack=True),
    ]),
    Row("Moves and other calls to the cloud", [
        Panel("Actions on servers", {"{{action}} {{outcome}}": rate("fermata_actions_total", "action, outcome")}, "ops",
              "given_up: failed for good.", stack=True),
        Panel("Duration of moves", {"{{action}} 95 %": share(0.95, "fermata_move_duration_seconds", by="action")}, "s",
              "Of moves that came through at the first try."),
        Panel("Calls", {"{{operation}}": rate("fermata_cloud_call_duration_seconds_count", "operation", 'operation!="hosts"')}, "ops",
              "Without the list of hosts, which is read all the time.", stack=True),
        Panel("Calls that did not succeed", {"{{operation}} {{outcome}}":
              rate("fermata_cloud_call_duration_seconds_count", "operation, outcome", 'outcome=~"rejected|conflict|unavailable|unknown"')},
              "ops", "unknown: no answer came, so it may have happened; Fermata looks before it calls again."),
        Panel("Duration, 95 %", {"{{operation}}": share(0.95, "fermata_cloud_call_duration_seconds", by="operation")}, "s",
              "From the call to the answer, not to the end of the move."),
    ]),
    Row("Owners", [
        Panel("Time until owners reply", {"{{reply}} 95 %": share(0.95, "fermata_owner_reply_seconds", by="reply")}, "s",
              "silent: until the deadline, after which the silence counts."),
        Panel("Replies", {"{{reply}}": rate("fermata_owner_reply_seconds_count", "reply")}, "ops", "How questions ended.", stack=True),
        Panel("Subscriptions", {"connected: {{connected}}": f"max by (connected) ({of('fermata_subscriptions')})",
              "most events behind": f"max({of('fermata_subscriptions_lag')})"}, "short", "Owners that take part, and how far the last one is behind."),
        Panel("Streams", {"{{kind}}": f"sum by (kind) ({of('fermata_streams_open')})"}, "short",
              "notifications: owners. A step down means that many lost their connection at once.", stack=True),
        Panel("Streams opened", {"{{kind}} {{start}}": rate("fermata_streams_started_total", "kind, start")}, "ops",
              "resume: clients that reconnect and go on where they were."),
        Panel("Readers that were cut off", {"{{kind}}": rate("fermata_streams_slow_readers_cut_total", "kind")}, "ops",
              "They do not read as fast as events come: docs/runbook/owner-late.md"),
        Panel("Delay of events", {"{{kind}} 99 %": share(0.99, "fermata_events_delivery_delay_seconds", by="kind")}, "s",
              "From the commit of an event until it is handed to a stream.", warn=0.5, bad=1),
        Panel("Events logged", {"{{topic}}": rate("fermata_events_appended_total", "topic")}, "ops", "By whom they are for."),
        Panel("Events sent", {"{{kind}}": rate("fermata_events_sent_total", "kind")}, "ops", "To all streams of a kind together."),
    ]),
]

SERVICE = [
    Row("Replicas", [
        stat("Replicas", f"sum(up{{{SITE}}})", "Replicas whose /metrics can be read."),
        stat("Leases lost in 1 h", f"sum(increase({of('fermata_replica_leases_lost_total')}[1h]))", "docs/runbook/replica-lost.md", warn=1),
        stat("Adoptions in 1 h", f"sum(increase({of('fermata_replica_adoptions_total')}[1h]))", "Sessions that another replica took over."),
        stat("Panics in 1 h", f"sum(increase({of('fermata_task_restarts_total')}[1h]))", "docs/runbook/task-stands-still.md", bad=1),
        stat("Connections", f"sum({of('fermata_connections_open')})", "Of callers, and of those who read metrics and health."),
        stat("Refused in 1 h", f"sum(increase({of('fermata_refused_total')}[1h]))", "docs/runbook/limits-reached.md", warn=1),
        Panel("Releases", {"{{version}}": f"count by (version) ({of('fermata_build_info')})"}, "short", "Two of them only during an upgrade.",
              stack=True, width=6),
        Panel("Memory", {"{{instance}}": of("process_resident_memory_bytes")}, "bytes", "Resident.", width=6),
        Panel("Processor", {"{{instance}}": rate("process_cpu_seconds_total", "instance")}, "short", "Cores in use.", width=6),
        Panel("File descriptors", {"{{instance}}": of("process_open_fds"), "{{instance}} at most": of("process_max_fds")}, "short",
              "Each connection takes one.", width=6),
        Panel("Ready", {"{{instance}} {{check}}": of("fermata_ready")}, "short", "0: docs/runbook/replica-not-ready.md", width=12),
        Panel("Until certificates end", {"{{instance}} {{certificate}}": f"{of('fermata_certificate_end_timestamp_seconds')} - time()"}, "s",
              "docs/runbook/certificate-ends.md; only with TLS", width=12),
        Panel("Age of the last turn of tasks", {"{{instance}} {{task}}": f"time() - {of('fermata_task_last_turn_timestamp_seconds', TURNING)}"},
              "s", "They turn every few seconds; of replicas only the oldest one reads hosts.", width=24),
    ]),
    Row("Calls", [
        Panel("Calls", {"{{method}}": rate("fermata_rpc_duration_seconds_count", "method")}, "reqps", "By method; streams count when they end.", stack=True),
        Panel("Calls by code", {"{{code}}": rate("fermata_rpc_duration_seconds_count", "code")}, "reqps",
              "INTERNAL, UNKNOWN and DATA_LOSS are faults of the server: docs/runbook/calls-fail.md", stack=True),
        Panel("Duration, 99 %", {"{{method}}": share(0.99, "fermata_rpc_duration_seconds", 'method!~".*/(Subscribe|Watch.*)"', "method")}, "s",
              "Without streams, which last as long as they are open."),
        Panel("Refused", {"{{limit}}": rate("fermata_refused_total", "limit")}, "ops", "By the limit that was reached: docs/security.md, Limits", width=12),
        Panel("Connections", {"{{instance}}": of("fermata_connections_open")}, "short", "Open now.", stack=True, width=12),
    ]),
    Row("Database", [
        Panel("Transactions", {"{{kind}}": rate("fermata_store_transaction_duration_seconds_count", "kind")}, "ops", "One observation for each try.", stack=True),
        spread("Duration of those that were committed", "fermata_store_transaction_duration_seconds", "A disk that syncs takes milliseconds.", 'outcome="committed"'),
        Panel("Those that failed", {"{{kind}} {{outcome}}": rate("fermata_store_transaction_duration_seconds_count", "kind, outcome", 'outcome=~"failed|conflict"')},
              "ops", "conflict: lost against another one and done again."),
        Panel("Conflicts", {"{{kind}}": rate("fermata_store_conflicts_total", "kind")}, "ops", "Transactions that had to be tried again."),
        Panel("Connections", {"{{instance}} {{state}}": of("fermata_store_connections"), "{{instance}} at most": of("fermata_store_connections_limit")},
              "short", "in_use at the limit: calls wait for the database."),
        Panel("Pages read for streams that are behind", {"{{topic}}": rate("fermata_events_pages_read_total", "topic")}, "ops",
              "Streams that keep up are served from memory."),
    ]),
]  # fmt: skip


def thresholds(panel: Panel) -> dict:
    steps: list[dict] = [{"color": "green" if panel.kind == "stat" else "text", "value": None}]
    steps += [{"color": color, "value": value} for color, value in (("yellow", panel.warn), ("red", panel.bad)) if value is not None]
    return {"mode": "absolute", "steps": steps}


def drawn(panel: Panel, number: int, x: int, y: int) -> dict:
    targets = [
        {"datasource": {"type": "prometheus", "uid": "$datasource"}, "editorMode": "code", "expr": query, "legendFormat": legend or "__auto",
         "range": panel.kind == "timeseries", "instant": panel.kind == "stat", "refId": chr(ord("A") + place)}
        for place, (legend, query) in enumerate(panel.queries.items())
    ]  # fmt: skip
    if panel.kind == "stat":
        custom, options = {}, {"colorMode": "value", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
    else:
        custom = {"fillOpacity": 20 if panel.stack else 5, "lineWidth": 1, "showPoints": "never",
                  "stacking": {"mode": "normal" if panel.stack else "none"},
                  "thresholdsStyle": {"mode": "line" if panel.warn or panel.bad else "off"}}  # fmt: skip
        options = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": {"type": "prometheus", "uid": "$datasource"},
        "gridPos": {"h": panel.height, "w": panel.width, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom, "thresholds": thresholds(panel)}, "overrides": []},
        "options": options,
        "targets": targets,
    }


def laid_out(rows: list[Row]) -> list[dict]:
    """Panels from left to right, in the next line where there is no room."""
    panels, y, number = [], 0, 0
    for row in rows:
        number += 1
        panels.append({"id": number, "type": "row", "title": row.title, "collapsed": False, "panels": [],
                       "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y}})  # fmt: skip
        x, y, height = 0, y + 1, 0
        for panel in row.panels:
            if x + panel.width > WIDTH:
                x, y, height = 0, y + height, 0
            number += 1
            panels.append(drawn(panel, number, x, y))
            x, height = x + panel.width, max(height, panel.height)
        y += height
    return panels


def variable(name: str, label: str) -> dict:
    return {"name": name, "label": label, "type": "query", "datasource": {"type": "prometheus", "uid": "$datasource"},
            "query": {"query": f"label_values(fermata_sessions, {name})", "refId": name}, "refresh": 2, "includeAll": True,
            "allValue": ".*", "multi": True, "current": {"text": "All", "value": "$__all"}}  # fmt: skip


def dashboard(uid: str, title: str, description: str, rows: list[Row]) -> dict:
    link = {"title": "Fermata", "type": "dashboards", "tags": ["fermata"], "asDropdown": False, "includeVars": True, "keepTime": True}
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["fermata"],
        "schemaVersion": 38,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "links": [link],
        "templating": {"list": [source, variable("namespace", "Namespace"), variable("job", "Job")]},
        "annotations": {"list": []},
        "panels": laid_out(rows),
    }


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for page in (
        dashboard("fermata-maintenance", "Fermata: maintenance", "Sessions, moves and owners: what operators look at.", MAINTENANCE),
        dashboard("fermata-service", "Fermata: service", "Replicas, calls and the database: for those who run Fermata.", SERVICE),
    ):
        (folder / f"{page['uid']}.json").write_text(json.dumps(page, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
