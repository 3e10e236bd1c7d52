#!/usr/bin/env python3
"""Runs what the documents tell people to run, as it stands there, in a clean clone of the last commit.

usage: docs.py --fermata FERMATA [--grpcurl GRPCURL] [FILE…]       FILE: only these documents
       docs.py --list                                               only the decisions, nothing is run

The fence of every block of commands says what becomes of it:

    ```sh run                  run by bash in the clone's root; each command must succeed
    ```sh run server           the same, while `fermata serve --cloud simulated` runs on its default ports; variables hold
                               PROJECT (core-network) and each server's id under its name: AMF_1, MME_DB_1, …
    ```sh run asked            the same, PROJECT has the subscription my-vnfm, and a session over compute-a2 and
                               compute-b2 was announced: SESSION, NOTIFICATION
    ```sh run held             the same, and HOST is empty and held in SESSION
    ```sh run paused           the same, and the session is paused
    ```sh run failed           the same as held, and then the work on HOST failed
    ```sh run stopped          a server ran, and was stopped
    ```sh run postgres         FERMATA_DATABASE_URL names an empty PostgreSQL database, which `server` then uses
    ```sh run … then           goes on where the block before it ended: same home, variables, database
    ```sh run … until="TEXT"   runs until TEXT was written, and is then told to end (Ctrl-C)
    ```sh run … exit=8         ends with this exit code
    ```sh shown: WHY           is not run, for this reason

Output, plans and pictures are ```text. Other languages (promql, mermaid, json, …) are not commands. A block of shell
commands without a decision is a fault, and so is a document's command that leaves something behind in the clone.
`fermata` and `grpcurl` are the given programs; HOME is an empty folder.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 900
SHELLS = {"", "sh", "bash", "shell", "console"}
WITH_SERVER = {"server", "asked", "held", "paused", "failed"}
FIXTURES = {*WITH_SERVER, "stopped", "postgres", "then"}
# What console/build makes in a clone, where it is ignored on purpose.
BUILT = {f"{folder}/{name}/" for folder in ("clients/typescript", "console") for name in ("dist", "node_modules")}
PROJECT = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"
INDENTED, LISTED = re.compile(r"^ {4}"), re.compile(r"^ *([-*]|\d+\.) |^ {2,}")
FENCE = re.compile(r"^( *)(`{3,}|~{3,})([^`]*)$")


class Fault(Exception):
    """What is wrong with a document."""


@dataclass
class Block:
    """A block of commands, and what its fence decides."""

    place: str
    text: str
    fixtures: frozenset[str] = frozenset()
    until: str = ""
    code: int = 0
    shown: str = ""


def blocks(document: Path) -> list[Block]:
    """The blocks of commands of a document, in their order."""
    found, faults = [], []
    opened: tuple[str, str, int, str] | None = None
    lines: list[str] = []
    before = paragraph = ""
    for number, line in enumerate(document.read_text().splitlines(), 1):
        match = FENCE.match(line)
        if opened is None:
            if INDENTED.match(line) and not before.strip() and not LISTED.match(paragraph):
                faults.append(f"{document.relative_to(ROOT)}:{number}: put this block in a fence that says what it is")
            before, paragraph = line, line if line.strip() else paragraph
            if match:
                opened, lines = (match[1], match[2], number, match[3].strip()), []
        elif match and match[2].startswith(opened[1]) and not match[3].strip():
            indent, _, first, info = opened
            opened = None
            text = "\n".join(line.removeprefix(indent) for line in lines)
            try:
                block = decide(f"{document.relative_to(ROOT)}:{first}", info, text)
            except Fault as fault:
                faults.append(str(fault))
                continue
            if block:
                found.append(block)
        else:
            lines.append(line)
    if opened:
        faults.append(f"{document.relative_to(ROOT)}:{opened[2]}: the block has no end")
    if faults:
        raise Fault("\n".join(faults))
    return found


def decide(place: str, info: str, text: str) -> Block | None:
    """Reads the fence of a block; None for what is no command."""
    language, _, rest = info.partition(" ")
    rest = rest.strip()
    if language not in SHELLS:
        return None
    if language == "sh" and rest.startswith("shown:") and rest.removeprefix("shown:").strip():
        return Block(place, text, shown=rest.removeprefix("shown:").strip())
    words = shlex.split(rest)
    if language != "sh" or not words or words[0] != "run":
        raise Fault(f"{place}: ```{info} does not say whether it is run: write ```sh run, ```sh shown: WHY, or ```text")
    block = Block(place, text)
    for word in words[1:]:
        name, _, value = word.partition("=")
        if word in FIXTURES:
            block.fixtures |= {word}
        elif name == "until" and value:
            block.until = value
        elif name == "exit" and value.isdigit():
            block.code = int(value)
        else:
            raise Fault(f"{place}: nothing is called {word} in ```{info}")
    return block


def clean_clone(folder: Path) -> Path:
    """The last commit as a visitor gets it. Files that are the same as here keep their time, as do folders, so that cargo
    builds only what it would build here."""
    clone = folder / "fermata"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=clone, check=True, capture_output=True).stdout.split(b"\0")
    files = [Path(os.fsdecode(name)) for name in names if name]
    folders = {parent for file in files for parent in file.parents}
    same = [f for f in files if (ROOT / f).is_file() and (ROOT / f).read_bytes() == (clone / f).read_bytes()]
    for name in (*same, *(f for f in folders if (ROOT / f).is_dir())):
        stat = (ROOT / name).stat()
        os.utime(clone / name, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return clone


class Place:
    """Where blocks run: a home, variables, and perhaps a server and a database."""

    def __init__(self, clone: Path, programs: Path) -> None:
        self.clone = clone
        self.home = Path(tempfile.mkdtemp(prefix="home-", dir=programs.parent))
        foreign = ("FERMATA_", "OTEL_", "OS_", "XDG_", "PG", "DATABASE_URL")
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        home = Path.home()
        self.variables |= {
            "CARGO_HOME": os.environ.get("CARGO_HOME", str(home / ".cargo")),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(home / ".rustup")),
            "CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target")),
            "CARGO_INSTALL_ROOT": str(self.home / ".local"),
            "HOME": str(self.home),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "FERMATA_COLOR": "never",
            "COLUMNS": "120",
            # What was fetched before is not fetched again.
            "GOMODCACHE": os.environ.get("GOMODCACHE", str(home / "go/pkg/mod")),
            "GOCACHE": os.environ.get("GOCACHE", str(home / ".cache/go-build")),
            "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(home / ".cache/pip")),
            "npm_config_cache": os.environ.get("npm_config_cache", str(home / ".npm")),
            # Where packages come from is a matter of the machine.
            "npm_config_userconfig": os.environ.get("npm_config_userconfig", str(home / ".npmrc")),
        }
        self.server: subprocess.Popen[bytes] | None = None
        self.database = ""

    def ask(self, *words: str) -> dict:
        """What `fermata` answers."""
        command = ["fermata", "--output", "json", *words]
        done = subprocess.run(command, env=self.variables, cwd=self.home, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise Fault(f"{shlex.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    def make_database(self) -> None:
        server = os.environ.get("DATABASE_URL")
        if not server:
            raise Fault("DATABASE_URL must name a PostgreSQL server, for example that of tests/postgres/up")
        name = f"fermata_docs_{os.getpid()}_{time.monotonic_ns()}"
        subprocess.run(["psql", "--quiet", "--command", f"CREATE DATABASE {name}", server], check=True)
        self.database = f"{server.rsplit('/', 1)[0]}/{name}"
        self.variables["FERMATA_DATABASE_URL"] = self.database

    def start_server(self) -> None:
        for port in (7400, 7401):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    raise Fault(f"something listens on port {port}, which the documents' server needs: stop it first")
        log = self.home / "server.log"
        with log.open("wb") as output:
            command = ["fermata", "serve", "--cloud", "simulated", "--poll-interval", "200ms"]
            self.server = subprocess.Popen(command, env=self.variables, cwd=self.home, stdout=output, stderr=output)
        wait(lambda: " ready" in log.read_text(), lambda: log.read_text(), self.server)
        self.variables["PROJECT"] = PROJECT
        plan = json.dumps(self.ask("session", "preview", "--all-hosts", "--for", "12h"))
        for found in re.finditer(r'\{[^{}]*"server_id": "([^"]+)"[^{}]*\}', plan):
            name = json.loads(found[0]).get("server_name") or json.loads(found[0]).get("name")
            if name:
                self.variables[name.upper().replace("-", "_")] = found[1]
        if "AMF_1" not in self.variables:
            raise Fault(f"the preview names no servers: {plan[:2000]}")

    def announce(self) -> None:
        """A session that has asked the project."""
        self.ask("owner", "subscribe", "--project", PROJECT, "my-vnfm", "--name", "a VNFM")
        hosts = ["--host", "compute-a2", "--host", "compute-b2"]
        more = ["--for", "12h", "--announce-reply-period", "1h", "--reason", "new firmware"]
        self.variables["SESSION"] = self.ask("session", "create", *hosts, *more)["id"]

        def asked() -> bool:
            found = self.ask("owner", "list", "--project", PROJECT).get("notifications", [])
            if found:
                self.variables["NOTIFICATION"] = found[0]["id"]
            return bool(found)

        wait(asked, lambda: "nobody was asked")

    def hold(self) -> None:
        """A session that holds an empty host."""
        self.variables["HOST"] = "compute-b3"
        more = ["--for", "12h", "--announce-reply-period", "0s", "--reason", "new firmware"]
        self.variables["SESSION"] = session = self.ask("session", "create", "--host", "compute-b3", *more)["id"]
        self.ask("session", "wait", session, "--for", "in-maintenance", "--within", "50s")

    def stop_server(self) -> None:
        if self.server:
            self.server.terminate()
            self.server.wait(60)
            self.server = None

    def leave(self) -> None:
        self.stop_server()
        if self.database:
            drop = f"DROP DATABASE {self.database.rsplit('/', 1)[1]} WITH (FORCE)"
            subprocess.run(["psql", "--quiet", "--command", drop, os.environ["DATABASE_URL"]], check=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def prepare(self, fixtures: frozenset[str]) -> None:
        if "postgres" in fixtures and not self.database:
            self.make_database()
        if fixtures & {*WITH_SERVER, "stopped"}:
            if not self.server:
                self.start_server()
        else:
            self.stop_server()
        if "asked" in fixtures:
            self.announce()
        if fixtures & {"held", "paused", "failed"}:
            self.hold()
        if "paused" in fixtures:
            self.ask("session", "pause", self.variables["SESSION"])
        if "failed" in fixtures:
            self.ask("session", "fail-host", self.variables["SESSION"], self.variables["HOST"], "--reason", "a broken fan")
        if "stopped" in fixtures:
            self.stop_server()

    def run(self, block: Block) -> None:
        """Runs a block, and keeps its variables for the next one."""
        self.prepare(block.fixtures)
        kept = self.home / "variables"
        script = f"set -euo pipefail\nset -a\n{block.text}\nset +a\nenv -0 >{shlex.quote(str(kept))}\n"
        output = self.home / "output"
        with output.open("wb") as to:
            process = subprocess.Popen(
                ["bash", "-c", script],
                env=self.variables, cwd=self.clone, stdin=subprocess.DEVNULL, stdout=to, stderr=to, start_new_session=True,
            )  # fmt: skip
        text = lambda: output.read_text(errors="replace")
        try:
            if block.until:
                wait(lambda: block.until in text(), lambda: f"it never says {block.until!r}:\n{text()}", process)
                os.killpg(process.pid, signal.SIGINT)
                process.wait(60)
                return
            code = process.wait(LIMIT)
            if code != block.code:
                raise Fault(f"ended with {code}:\n{block.text}\n{text()}")
        except subprocess.TimeoutExpired as expired:
            raise Fault(f"did not end:\n{block.text}\n{text()}") from expired
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code == 0:
            pairs = (pair.split("=", 1) for pair in kept.read_text().split("\0") if "=" in pair)
            self.variables = {name: value for name, value in pairs if name not in {"_", "SHLVL", "PWD", "OLDPWD"}}


def wait(condition, otherwise, process: subprocess.Popen[bytes] | None = None) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + LIMIT
    while not condition():
        ended = process and process.poll() is not None and not condition()
        if ended or time.monotonic() > end:
            raise Fault(("it ended: " if ended else "") + otherwise())
        time.sleep(0.1)


def left_behind(clone: Path) -> str:
    """What is in the clone that was not there, but for what was built."""
    command = ["git", "status", "--porcelain", "--ignored"]
    found = subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True).stdout.splitlines()
    return "\n".join(line for line in found if line.removeprefix("!! ") not in BUILT)


def run_document(found: list[Block], clone: Path, programs: Path, faults: list[str]) -> int:
    """Runs the blocks of a document; how many were run. One that goes on where a faulty one ended is not."""
    place, ran, well = None, 0, True
    try:
        for block in found:
            if block.shown or ("then" in block.fixtures and not well):
                continue
            began = time.monotonic()
            if place is None or "then" not in block.fixtures:
                if place:
                    place.leave()
                place = Place(clone, programs)
            try:
                place.run(block)
                if left := left_behind(clone):
                    subprocess.run(["git", "clean", "-fdqx"], cwd=clone, check=True)
                    subprocess.run(["git", "checkout", "-q", "."], cwd=clone, check=True)
                    raise Fault(f"leaves in the clone:\n{left}")
                well, ran = True, ran + 1
                print(f"{block.place}: ran in {time.monotonic() - began:.1f} s", flush=True)
            except Fault as fault:
                well = False
                faults.append(f"{block.place}: {fault}")
    finally:
        if place:
            place.leave()
    return ran


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fermata", type=Path)
    parser.add_argument("--grpcurl", type=Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    tracked = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    documents = [file.resolve() for file in options.files] or [ROOT / name for name in tracked]
    faults, decided = [], {}
    for document in documents:
        try:
            decided[document] = blocks(document)
        except Fault as fault:
            faults.append(str(fault))
    if faults or options.list:
        print("\n".join(faults))
        for block in (block for found in decided.values() for block in found):
            print(f"{block.place}: {'shown, ' + block.shown if block.shown else 'run ' + ' '.join(sorted(block.fixtures))}")
        return 1 if faults else 0
    ran = 0
    with tempfile.TemporaryDirectory(prefix="fermata-docs-") as folder:
        programs = Path(folder) / "bin"
        programs.mkdir()
        for name, program in (("fermata", options.fermata), ("grpcurl", options.grpcurl)):
            if program:
                (programs / name).symlink_to(program.resolve())
        clone = clean_clone(Path(folder))
        for document, found in decided.items():
            name = str(document.relative_to(ROOT))
            committed = subprocess.run(["git", "show", f"HEAD:{name}"], cwd=ROOT, capture_output=True).stdout
            if committed != document.read_bytes():
                print(f"{name} differs from the last commit; the clone has what was committed")
            ran += run_document(found, clone, programs, faults)
    for fault in faults:
        print(f"\n{fault}")
    print(f"documents: {ran} blocks ran, {len(faults)} did not pass")
    return 1 if faults else 0


if __name__ == "__main__":
    # Streams of the documents are ended by Ctrl-C, also where whoever started this ignores it, as shells do for what runs in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
