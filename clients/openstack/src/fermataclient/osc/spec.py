"""The options that say what a session shall be."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from fermata.v1.session_pb2 import HostOverride, SessionSpec

from fermataclient.osc import columns
from fermataclient.osc.arguments import SPAN, TIME, add_words, moment, pair, span

_SPANS = {
    "announce_reply_period": "How long owners may answer the announcement",
    "drain_reply_period": "How long owners may answer when a host of theirs is about to be drained",
    "lead_time": "Least time between telling an owner and touching its server",
    "drain_timeout": "How long a host may take to become empty",
    "work_timeout": "How long the work on a host is expected to take",
    "action_timeout": "How long one move, stop or start may take",
}
_NUMBERS = {
    "max_parallel_hosts": "How many hosts may be out of service at once",
    "max_parallel_actions": "How many servers may be moved, stopped or started at once",
    "action_attempts": "How often a move, stop or start is tried",
}
_WORDS = {
    "kind": (columns.KIND, "Whether the hosts come back"),
    "on_silence": (columns.ON_SILENCE, "What an owner's silence means"),
    "on_objection": (columns.ON_OBJECTION, "What an owner's objection means"),
    "on_failure": (columns.ON_FAILURE, "What a failed host means for the others"),
    "default_action": (columns.ACTION, "What happens to a server whose owner is silent"),
    "start_mode": (columns.START_MODE, "Whether the session starts without a command"),
}


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    hosts = parser.add_argument_group("which hosts", "all that any of these names")
    hosts.add_argument("--host", metavar="<host>", action="append", default=[], help="A compute host; may be repeated")
    hosts.add_argument(
        "--aggregate", metavar="<name>", action="append", default=[], help="A host aggregate; may be repeated"
    )
    hosts.add_argument(
        "--zone", metavar="<name>", action="append", default=[], help="An availability zone; may be repeated"
    )
    hosts.add_argument("--all-hosts", action="store_true", help="Every compute host of the cloud")
    window = parser.add_argument_group("when")
    window.add_argument(
        "--start", metavar="<time>", type=moment, help=f"No host is drained before: {TIME} (default: now)"
    )
    end = window.add_mutually_exclusive_group(required=True)
    end.add_argument("--end", metavar="<time>", type=moment, help=f"No host is begun after: {TIME}")
    end.add_argument(
        "--for", metavar="<span>", type=span, dest="length", help=f"The same, counted from the start: {SPAN}"
    )
    how = parser.add_argument_group("how", "what is not given takes the server's default")
    for name, (words, text) in _WORDS.items():
        add_words(how, _flag(name), words, text)
    for name, text in _SPANS.items():
        how.add_argument(_flag(name), metavar="<span>", type=span, help=f"{text}: {SPAN}")
    for name, text in _NUMBERS.items():
        how.add_argument(_flag(name), metavar="<number>", type=int, help=text)
    how.add_argument(
        "--host-kind",
        metavar="<host>=<kind>",
        type=pair(columns.KIND.value),
        action="append",
        default=[],
        help="Another kind for one host; may be repeated",
    )
    how.add_argument(
        "--property",
        metavar="<key>=<value>",
        type=pair(str),
        action="append",
        default=[],
        help="What the hosts will offer afterwards, for owners to read; may be repeated",
    )


def read(options: argparse.Namespace) -> SessionSpec:
    """The spec that was asked for."""
    spec = SessionSpec(reason=options.reason)
    spec.hosts.names.extend(options.host)
    spec.hosts.aggregates.extend(options.aggregate)
    spec.hosts.zones.extend(options.zone)
    spec.hosts.all = options.all_hosts
    if options.start:
        spec.window.start_time.FromDatetime(options.start)
    spec.window.end_time.FromDatetime(options.end or (options.start or datetime.now(timezone.utc)) + options.length)
    for name in (*_WORDS, *_NUMBERS):
        if getattr(options, name) is not None:
            setattr(spec, name, getattr(options, name))
    for name in _SPANS:
        if getattr(options, name) is not None:
            getattr(spec, name).FromTimedelta(getattr(options, name))
    spec.host_overrides.extend(HostOverride(host=host, kind=kind) for host, kind in options.host_kind)
    spec.metadata.update(options.property)
    return spec


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
