#!/usr/bin/env python3
"""Backs up and restores as docs/operations.md says, on SQLite and on PostgreSQL: what was in the back-up is there and
goes on, what came after is not, and the database is another store.

usage: backup.py FERMATA    (DATABASE_URL: a PostgreSQL on which databases can be made)
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FERMATA = str(Path(sys.argv[1]).resolve())
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("FERMATA_", "OTEL_", "OS_"))}
LIMIT = 60


def run(*command: str, ok: bool = True) -> str:
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=LIMIT)
    assert not ok or done.returncode == 0, f"{command}: {done.stderr}"
    assert ok or done.returncode != 0, f"{command} should have been refused: {done.stdout}"
    return done.stdout if ok else done.stderr


class Server:
    """A server on this database, on ports of its own."""

    def __init__(self, url: str, directory: Path) -> None:
        self.log = directory / "server.log"
        command = [FERMATA, "serve", "--cloud", "simulated", "--listen", "127.0.0.1:0", "--http-listen", "off", "--log-format", "json"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, "--database-url", url], env=ENVIRONMENT, stderr=log, cwd=directory)
        self.address = self.wait_for("listening")["grpc"]
        self.wait_for("ready")

    def wait_for(self, message: str) -> dict:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            for line in self.log.read_text().splitlines():
                event = json.loads(line)
                if event.get("message") == message or event.get("fields", {}).get("message") == message:
                    return event | event.get("fields", {})
            time.sleep(0.05)
        raise AssertionError(f"no '{message}' in\n{self.log.read_text()}")

    def call(self, *arguments: str) -> dict:
        return json.loads(run(FERMATA, "--server", f"http://{self.address}", "--output", "json", *arguments))

    def create(self, host: str) -> str:
        return self.call("session", "create", "--host", host, "--for", "4h", "--reason", "new firmware")["id"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def check(url: str, directory: Path, back_up, restore) -> None:
    server = Server(url, directory)
    kept = server.create("compute-a1")
    back_up()
    lost = server.create("compute-a2")
    refused = run(FERMATA, "database", "restored", "--database-url", url, ok=False)
    assert "stop all replicas" in refused, refused
    server.kill()
    restore()
    store = json.loads(run(FERMATA, "--output", "json", "database", "restored", "--database-url", url))["store_id"]
    again = json.loads(run(FERMATA, "--output", "json", "database", "restored", "--database-url", url))["store_id"]
    assert store != again
    server = Server(url, directory)
    try:
        sessions = [session["id"] for session in server.call("session", "list")["sessions"]]
        assert sessions == [kept], (sessions, kept, lost)
        server.call("session", "cancel", kept, "--reason", "enough")
        end = time.monotonic() + LIMIT
        while server.call("session", "get", kept)["status"]["state"] != "SESSION_STATE_CANCELLED":
            assert time.monotonic() < end, "the restored session does not go on"
            time.sleep(0.1)
    finally:
        server.kill()


def sqlite(directory: Path) -> None:
    database, copy = directory / "fermata.db", directory / "backup.db"

    def restore() -> None:
        for rest in ("-wal", "-shm"):
            Path(f"{database}{rest}").unlink(missing_ok=True)
        shutil.copy(copy, database)

    check(f"sqlite://{database}?mode=rwc", directory, lambda: run("sqlite3", str(database), f".backup '{copy}'"), restore)


def postgres(server: str, directory: Path) -> None:
    name, dump = f"fermata_backup_{os.getpid()}", directory / "fermata.dump"
    url = f"{server.rsplit('/', 1)[0]}/{name}"
    run("psql", "-q", "-c", f"CREATE DATABASE {name}", server)

    def restore() -> None:
        run("pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={url}", str(dump))
        # The killed server's lease in the back-up is out by now, or will be.
        time.sleep(6)

    try:
        check(url, directory, lambda: run("pg_dump", "--format=custom", f"--file={dump}", url), restore)
    finally:
        run("psql", "-q", "-c", f"DROP DATABASE {name} WITH (FORCE)", server)


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        sqlite(Path(directory))
    print("SQLite: backed up, restored, went on")
    with tempfile.TemporaryDirectory() as directory:
        postgres(os.environ["DATABASE_URL"], Path(directory))
    print("PostgreSQL: backed up, restored, went on")


main()
