"""A server for the checks of deploy/: the program that FERMATA_BIN names, with the simulated cloud, on free ports, and a
maintenance that goes through on it."""

import json
import os
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("FERMATA_BIN", "fermata")
# Generous: the machine may be busy.
LIMIT = 60
# A host of the simulated cloud's site, and the owner of all servers on it.
HOST = "compute-a2"
PROJECT = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"
FOREIGN = ("FERMATA_", "OTEL_", "OS_", "XDG_", "NOTIFY_", "CREDENTIALS_")
# Nothing here leaves the machine, so no proxy may stand in between.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def environment(home: Path) -> dict[str, str]:
    """What is around, without what would configure Fermata."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"HOME": str(home), "FERMATA_COLOR": "never"}


def wait(condition: Callable[[], object], otherwise: Callable[[], str]) -> object:
    """What the condition gives once it is true."""
    end = time.monotonic() + LIMIT
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {LIMIT} s: {otherwise()}")
        time.sleep(0.1)
    return found


def get(address: str, path: str) -> tuple[int, str]:
    """Status and body of an HTTP page of this machine; status 0 if nobody answers."""
    try:
        with DIRECT.open(f"http://{address}{path}", timeout=LIMIT) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


class Server:
    """`fermata serve` with a new SQLite database, as a context manager."""

    def __init__(self, command: list[str] | None = None) -> None:
        """A command starts the program elsewhere, for example in another root."""
        self.folder = tempfile.TemporaryDirectory(prefix="fermata-deploy-")
        self.home = Path(self.folder.name)
        self.command = command or [PROGRAM, "serve", "--database-url", f"sqlite://{self.home}/fermata.db?mode=rwc"]
        self.log = self.home / "log"

    def __enter__(self) -> "Server":
        options = ["--cloud", "simulated", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--log-format", "json"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.command, *options, "--poll-interval", "200ms"], env=environment(self.home), stdout=log, stderr=log
            )
        try:
            wait(lambda: self.process.poll() is not None or '"message":"ready"' in self.log.read_text(), self.log.read_text)
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended: {self.log.read_text()}")
        except BaseException:
            self.__exit__()
            raise
        listening = next(line for line in map(json.loads, self.log.read_text().splitlines()) if line["message"] == "listening")
        self.grpc, self.http = listening["grpc"], listening["http"]
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def run(self, *words: str) -> str:
        """What `fermata` prints in JSON."""
        command = [PROGRAM, "--server", f"http://{self.grpc}", "--output", "json", *words]
        done = subprocess.run(command, env=environment(self.home), capture_output=True, text=True, timeout=LIMIT)
        if done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def maintain(self) -> None:
        """A whole maintenance: an owner watches and replies, its servers are moved, the host is held and given back."""
        watch = subprocess.Popen(
            [PROGRAM, "--server", f"http://{self.grpc}", "owner", "watch", "--project", PROJECT],
            env=environment(self.home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait(lambda: self.value('fermata_streams_open{kind="notifications"}') == 1, lambda: "the owner does not watch")
            more = ["--for", "12h", "--announce-reply-period", "1h", "--drain-reply-period", "0s", "--reason", "new firmware"]
            session = json.loads(self.run("session", "create", "--host", HOST, *more))["id"]
            asked = ["owner", "list", "--project", PROJECT, "--session", session]
            wait(lambda: json.loads(self.run(*asked)).get("notifications"), lambda: "the owner is not asked")
            question = json.loads(self.run(*asked))["notifications"][0]["id"]
            self.run("owner", "reply", "--project", PROJECT, question, "--accept", "live-migrate")
            self.run("session", "wait", session, "--for", "in-maintenance", "--within", "55s")
            self.run("session", "complete-host", session, HOST)
            self.run("session", "wait", session, "--for", "completed", "--within", "55s")
            wait(lambda: self.value('fermata_sessions{state="completed"}') == 1, lambda: "the session is not counted")
        finally:
            watch.terminate()
            watch.wait(LIMIT)

    def metrics(self) -> str:
        status, body = get(self.http, "/metrics")
        if status != 200:
            raise AssertionError(f"/metrics: {status} {body}")
        return body

    def value(self, series: str) -> float | None:
        for line in self.metrics().splitlines():
            if line.startswith(f"{series} "):
                return float(line.rsplit(" ", 1)[1])
        return None


class Check(unittest.TestCase):
    """A check of deploy/."""

    maxDiff = None

    def program(self, *command: str | Path, **more: object) -> str:
        """What a program prints; it has to succeed."""
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, **more)
        self.assertEqual(done.returncode, 0, f"{command}:\n{done.stdout[-5000:]}{done.stderr[-5000:]}")
        return done.stdout

    def isolated(self, folder: Path, *command: str | Path) -> str:
        """What a program prints that runs as root with mounts, a network and processes of its own. What it leaves in the folder
        becomes ours."""
        here = os.geteuid() == 0
        as_root = [] if here else ["sudo", "env", f"PATH={os.environ['PATH']}", f"FERMATA_BIN={PROGRAM}"]
        try:
            return self.program(*as_root, "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *command)
        finally:
            if not here:
                self.program("sudo", "chown", "--recursive", str(os.getuid()), folder)
