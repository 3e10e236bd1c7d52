"""The simulated cloud, and what others than Fermata do in it."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fermata.testing.process import Line, Process
from fermata.testing.waiting import PATIENCE

__all__ = ["CloudRefused", "SimulatedCloud"]


class CloudRefused(Exception):
    """The simulated cloud refuses what was asked."""


class SimulatedCloud:
    """A simulated cloud in a process of its own (`fermata simulated-cloud`), which several servers may share.

    The methods do what owners, other operators and fate do. They block for milliseconds.
    """

    def __init__(self, program: str, topology: Path) -> None:
        command = [
            program,
            "--output",
            "json",
            "simulated-cloud",
            "--listen",
            "127.0.0.1:0",
            "--topology",
            str(topology),
        ]
        self._process = Process(command, lambda line: "listen" in line)
        self.address: str = next(line["listen"] for line in self._process.log if "listen" in line)
        """Where it listens, for `fermata serve --simulated-at`."""

    def hosts(self) -> list[Line]:
        """The compute hosts, as the cloud shows them to Fermata."""
        hosts: list[Line] = self._ask("hosts")
        return hosts

    def servers_on(self, host: str) -> list[Line]:
        """The servers on a host, as the cloud shows them to Fermata."""
        servers: list[Line] = self._ask("servers_on", host=host)
        return servers

    def create_server(
        self,
        name: str,
        project_id: str,
        host: str,
        *,
        vcpus: int = 1,
        memory_mib: int = 1024,
        disk_gib: int = 10,
        group: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> str:
        """An owner creates a server on this host, and lets it join a server group. Returns its id."""
        size = {"vcpus": vcpus, "memory_mib": memory_mib, "disk_gib": disk_gib}
        made: str = self._ask(
            "create_server", name=name, project=project_id, host=host, size=size, group=group, metadata=metadata or {}
        )
        return made

    def delete_server(self, server_id: str) -> None:
        """An owner deletes a server."""
        self._ask("delete_server", server=server_id)

    def move_server(self, server_id: str, host: str) -> None:
        """An owner moves a server itself."""
        self._ask("move_server", server=server_id, host=host)

    def host_goes_down(self, host: str) -> None:
        """The compute service of a host does not report any more."""
        self._ask("host_goes_down", host=host)

    def host_comes_up(self, host: str) -> None:
        """The compute service of a host reports again."""
        self._ask("host_comes_up", host=host)

    def fail(
        self,
        operation: str,
        kind: str = "fails",
        *,
        server_id: str | None = None,
        host: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Lets calls go wrong: the next `times` calls of `operation` (None: all, until `heal`).

        Operations are `live_migrate`, `migrate`, `confirm_migration`, `stop`, `start`, `set_scheduling` and others; kinds are
        `fails`, `rejects`, `unavailable`, `lost_answer`, `unknown_not_done`.
        """
        fault = {"operation": operation, "server": server_id, "host": host, "times": times, "kind": kind}
        self._ask("inject", fault=fault)

    def heal(self) -> None:
        """Calls go right again."""
        self._ask("clear_faults")

    def journal(self, since: int = 0) -> Sequence[Line]:
        """What was called and what happened, from the entry with this number."""
        entries: list[Line] = self._ask("journal", **{"from": since})
        return entries

    def close(self) -> None:
        """Ends it."""
        self._process.end(signal.SIGKILL)

    def _ask(self, operation: str, **fields: Any) -> Any:
        host, _, port = self.address.rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as stream, stream.makefile("rwb") as lines:
            lines.write(json.dumps({"operation": operation, **fields}).encode() + b"\n")
            lines.flush()
            answer = json.loads(lines.readline())
        if "ok" not in answer:
            raise CloudRefused(f"{operation}: {answer['error']['detail']}")
        return answer["ok"]
