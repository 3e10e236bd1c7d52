"""Runs the examples of docs/reference for grpcurl: the commands are taken from the pages and run as they stand, but for the address
and the ids that a server gives. Each one must succeed. They run in an order in which they can: a session is made before it is read.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from debugger import LIMIT, Grpcurl, Server

SITE = Path(__file__).with_name("reference_site.toml")
BLOCK = re.compile(r"^```sh shown: tests/checks/reference\.py runs it\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
SESSION, NOTIFICATION = "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13"
HOST = "compute-1"
SPEC = {"hosts": {"names": [HOST]}, "window": {"end_time": "2099-01-01T00:00:00Z"}, "reason": "firmware", "start_mode": "START_MODE_MANUAL"}


class Examples:
    """The examples that have not run yet, and the ids that stand in for those of the pages."""

    def __init__(self, pages: Path, curl: Grpcurl) -> None:
        found = [command for page in sorted(pages.glob("*_service.md")) for command in BLOCK.findall(page.read_text())]
        self.commands = {command.split()[-1].removeprefix("fermata.v1."): command for command in found}
        if not found or len(self.commands) != len(found):
            sys.exit(f"{len(found)} examples of {len(self.commands)} methods in {pages}")
        self.curl = curl
        self.ids: dict[str, str] = {}

    def run(self, *methods: str) -> dict:
        """Runs the examples of these methods, in this order. What the last one answered, of a stream its first message."""
        answer = {}
        for method in methods:
            command = self.commands.pop(method)
            for shown, real in {**self.ids, "localhost:7400": self.curl.address}.items():
                command = command.replace(shown, real)
            answer = self._answer(method, command)
        return answer

    def _answer(self, method: str, command: str) -> dict:
        environment = os.environ | {"PATH": f"{Path(self.curl.command[0]).resolve().parent}:{os.environ['PATH']}"}
        message: list[str] = []
        with subprocess.Popen(
            ["bash", "-c", f"exec {command}"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                # A stream goes on, so reading ends with its first message.
                for line in process.stdout:
                    message.append(line)
                    if line in ("}\n", "{}\n"):
                        return json.loads("".join(message))
                sys.exit(f"the example of {method} does not work:\n{command}\n{''.join(message)}")
            finally:
                process.kill()

    def until(self, host_state: str) -> None:
        """Waits until the host is in a state of the session."""
        end = time.monotonic() + LIMIT
        asked = {"session_id": self.ids[SESSION]}
        while time.monotonic() < end:
            hosts = self.curl.call("SessionService/ListSessionHosts", asked)["hosts"]
            if hosts[0]["state"] == f"SESSION_HOST_STATE_{host_state}":
                return
            time.sleep(0.1)
        sys.exit(f"{HOST} is not {host_state}: {json.dumps(hosts, indent=1)}")

    def session_until(self, state: str) -> None:
        """Waits until the session is in a state."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            session = self.curl.call("SessionService/GetSession", {"session_id": self.ids[SESSION]})["session"]
            if session["status"]["state"] == f"SESSION_STATE_{state}":
                return
            time.sleep(0.1)
        sys.exit(f"the session is not {state}: {json.dumps(session, indent=1)}")

    def session(self) -> None:
        """A session for the next examples, which waits for its start."""
        self.ids[SESSION] = self.curl.call("SessionService/CreateSession", {"spec": SPEC})["session"]["id"]


def reads(examples: Examples) -> None:
    """What needs no session."""
    examples.run("ServerService/GetServerInfo", "ServerService/ListProjects", "HostService/ListHosts", "HostService/GetHost", "HostService/ListHostServers")
    examples.run("HostService/WatchHosts")
    examples.run("NotificationService/PutSubscription", "NotificationService/GetSubscription", "NotificationService/ListSubscriptions")
    for kind, many in (("ServerPolicy", "ServerPolicies"), ("ServerGroup", "ServerGroups")):
        examples.run(*(f"PolicyService/{verb}" for verb in (f"Put{kind}", f"Get{kind}", f"List{many}", f"Delete{kind}")))
    examples.run("SessionService/PreviewSession")


def first_session(examples: Examples) -> None:
    """Asked and answered; paused; the work fails, is tried again, fails again; the host is left out."""
    examples.ids[SESSION] = examples.run("SessionService/CreateSession")["session"]["id"]
    examples.run("NotificationService/ListNotifications")
    asked = examples.curl.call("NotificationService/ListNotifications", {"project_id": "core"})
    examples.ids[NOTIFICATION] = asked["notifications"][0]["id"]
    examples.run("NotificationService/GetNotification", "NotificationService/ListNotificationServers", "NotificationService/Subscribe")
    examples.run("SessionService/GetSession", "SessionService/ListSessionHosts", "SessionService/ListSessionServers", "SessionService/ListSessionNotifications")
    examples.run("NotificationService/Reply")
    examples.session_until("RUNNING")
    examples.run("SessionService/ListSessions", "SessionService/WatchSession")
    examples.until("IN_MAINTENANCE")
    examples.run("SessionService/PauseSession", "SessionService/ResumeSession", "SessionService/FailHost")
    examples.until("MAINTENANCE_FAILED")
    examples.run("SessionService/RetryHost")
    examples.until("IN_MAINTENANCE")
    examples.curl.call("SessionService/FailHost", {"session_id": examples.ids[SESSION], "host": HOST, "reason": "still broken"})
    examples.run("SessionService/SkipHost")
    examples.session_until("COMPLETED")
    examples.run("SessionService/GetSessionReport", "SessionService/DeleteSession")


def more_sessions(examples: Examples) -> None:
    """One that is started and completed, one that is changed and cancelled, one for a single host."""
    examples.session()
    examples.run("SessionService/StartSession")
    examples.until("IN_MAINTENANCE")
    examples.run("SessionService/CompleteHost")
    examples.session_until("COMPLETED")
    examples.session()
    examples.run("SessionService/UpdateSession", "SessionService/CancelSession")
    examples.session_until("CANCELLED")
    examples.ids[SESSION] = examples.run("HostService/RequestHostMaintenance")["session"]["id"]
    examples.until("IN_MAINTENANCE")
    examples.run("HostService/ReleaseHost")
    examples.session_until("COMPLETED")
    examples.run("HostService/SetHostScheduling")


def run_examples(pages: Path, fermata: str, grpcurl: str, log: Path | None = None) -> int:
    """Runs every example of the pages; how many there are. `log` gets what the server logs."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(fermata, folder, "--topology", str(SITE), log=log)
        try:
            curl = Grpcurl(grpcurl, server.address)
            curl.ready(server)
            examples = Examples(pages, curl)
            count = len(examples.commands)
            reads(examples)
            first_session(examples)
            more_sessions(examples)
            examples.run("AuditService/ListAuditRecords", "NotificationService/AcknowledgePosition", "NotificationService/DeleteSubscription")
        finally:
            server.stop()
    if examples.commands:
        sys.exit(f"examples that did not run: {', '.join(sorted(examples.commands))}")
    return count
